//! A code of keys that an agent presses on a telephone, found among whatever else is pressed.

use std::time::{Duration, Instant};

use media_workers::Digit;

/// Keys that a code may have.
pub const CODE_KEYS_MAX: usize = 8;
/// The longest pause between two keys of a code.
const PAUSE_MAX: Duration = Duration::from_secs(3);

/// A code of 2 to [`CODE_KEYS_MAX`] keys. It is not shown: it is no secret, and what is pressed might be one.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyCode(Vec<Digit>);

impl KeyCode {
    /// Reads `*4` and the like; `None`: too short, too long, or no keys.
    pub fn parse(text: &str) -> Option<Self> {
        let keys: Vec<Digit> = text.chars().map(Digit::from_char).collect::<Option<_>>()?;
        (2..=CODE_KEYS_MAX).contains(&keys.len()).then_some(Self(keys))
    }
}

impl std::fmt::Debug for KeyCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyCode({} keys)", self.0.len())
    }
}

/// Hears what is pressed, and remembers no more of it than the code's length.
#[derive(Debug)]
pub(crate) struct CodeListener {
    code: KeyCode,
    heard: Vec<Digit>,
    last: Option<Instant>,
}

impl CodeListener {
    pub(crate) fn new(code: KeyCode) -> Self {
        Self { code, heard: Vec::new(), last: None }
    }

    /// A key was pressed; `true`: it completes the code.
    pub(crate) fn handle_key(&mut self, now: Instant, key: Digit) -> bool {
        let KeyCode(code) = &self.code;
        let is_late = self.last.is_some_and(|last| now.duration_since(last) > PAUSE_MAX);
        self.last = Some(now);
        if is_late {
            self.heard.clear();
        }
        if self.heard.len() == code.len() {
            self.heard.remove(0);
        }
        self.heard.push(key);
        let is_it = self.heard == *code;
        if is_it {
            self.heard.clear();
        }
        is_it
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener() -> CodeListener {
        CodeListener::new(KeyCode::parse("*4").unwrap())
    }

    fn pressed(listener: &mut CodeListener, now: Instant, keys: &str) -> Vec<bool> {
        let keys = keys.chars().map(|key| Digit::from_char(key).unwrap());
        keys.map(|key| listener.handle_key(now, key)).collect()
    }

    #[test]
    fn the_code_is_found_among_other_keys_and_once() {
        let (mut it, now) = (listener(), Instant::now());
        assert_eq!(pressed(&mut it, now, "12*4"), [false, false, false, true]);
        assert_eq!(pressed(&mut it, now, "4"), [false]);
        assert_eq!(pressed(&mut it, now, "**4"), [false, false, true]);
    }

    #[test]
    fn keys_that_are_far_apart_are_no_code() {
        let (mut it, now) = (listener(), Instant::now());
        pressed(&mut it, now, "*");
        assert_eq!(pressed(&mut it, now + PAUSE_MAX * 2, "4"), [false]);
    }

    #[test]
    fn what_is_no_code() {
        for text in ["", "*", "*x", "123456789"] {
            assert_eq!(KeyCode::parse(text), None, "{text}");
        }
    }
}
