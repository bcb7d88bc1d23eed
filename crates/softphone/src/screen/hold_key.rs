//! A key that is held. Terminals that tell of releases make it easy; others only repeat a key that is down, so silence
//! is the release. Pure.

use std::time::{Duration, Instant};

/// Until a terminal repeats a key for the first time (usually after 250–660 ms).
const FIRST_REPEAT: Duration = Duration::from_millis(750);
/// Between two repeats, with room for a busy terminal.
const NEXT_REPEAT: Duration = Duration::from_millis(250);

/// What is known of the key.
#[derive(Debug, Default)]
pub struct HoldKey {
    /// When it counts as let go, unless it repeats; `None`: it is not held.
    until: Option<Instant>,
    /// The terminal tells of releases.
    has_releases: bool,
}

impl HoldKey {
    /// For a terminal that does or does not tell of releases.
    pub fn new(has_releases: bool) -> Self {
        Self { until: None, has_releases }
    }

    /// The key is down, again or for the first time; true: it was not held before.
    pub fn down(&mut self, now: Instant) -> bool {
        let is_new = self.until.is_none();
        self.until = Some(now + if is_new { FIRST_REPEAT } else { NEXT_REPEAT });
        is_new
    }

    /// The key is up, or the window no longer has the keyboard; true: it was held.
    pub fn up(&mut self) -> bool {
        self.until.take().is_some()
    }

    /// Time passes; true: it was let go.
    pub fn passed(&mut self, now: Instant) -> bool {
        !self.has_releases && self.until.is_some_and(|until| now > until) && self.up()
    }

    /// Whether it is held.
    pub fn is_held(&self) -> bool {
        self.until.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_hold_it_and_silence_lets_go() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut key = HoldKey::new(false);
        assert!(key.down(start));
        assert!(!key.passed(at(700)), "the first repeat takes its time");
        for ms in (700..2_000).step_by(33) {
            assert!(!key.down(at(ms)), "held is held");
            assert!(!key.passed(at(ms + 32)));
        }
        assert!(key.is_held() && key.passed(at(2_300)) && !key.is_held());
        assert!(!key.passed(at(9_000)), "once");
    }

    #[test]
    fn with_releases_time_does_not_matter() {
        let start = Instant::now();
        let mut key = HoldKey::new(true);
        assert!(key.down(start));
        assert!(!key.passed(start + Duration::from_secs(60)));
        assert!(key.up());
        assert!(!key.up());
    }
}
