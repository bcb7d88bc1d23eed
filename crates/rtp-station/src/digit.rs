//! Keys of a telephone, as RFC 4733 numbers them.

/// A key: `0`–`9`, `*`, `#`, `A`–`D`. Its number is the event of RFC 4733 §3.2.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digit(u8);

const KEYS: [char; 16] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

impl Digit {
    /// The key with this character; letters in either case.
    pub fn from_char(key: char) -> Option<Self> {
        let key = key.to_ascii_uppercase();
        KEYS.iter().position(|it| *it == key).map(|event| Self(event as u8))
    }

    /// The key with this event number; `None` for events that are no keys.
    pub fn from_event(event: u8) -> Option<Self> {
        (usize::from(event) < KEYS.len()).then_some(Self(event))
    }

    /// Its event number, 0 to 15.
    pub fn event(self) -> u8 {
        self.0
    }

    /// Its character, letters in upper case.
    pub fn as_char(self) -> char {
        KEYS[usize::from(self.0)]
    }
}

impl std::fmt::Debug for Digit {
    /// Without the key: digits are often PINs and card numbers, and must not reach a log by accident.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Digit(_)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_numbered_as_in_rfc_4733() {
        for (key, event) in [('0', 0), ('9', 9), ('*', 10), ('#', 11), ('a', 12), ('D', 15)] {
            let digit = Digit::from_char(key).unwrap();
            assert_eq!(digit.event(), event);
            assert_eq!(Digit::from_event(event), Some(digit));
            assert_eq!(digit.as_char(), key.to_ascii_uppercase());
        }
        assert_eq!(Digit::from_char('x'), None);
        assert_eq!(Digit::from_event(16), None, "a hook flash is no key");
        assert_eq!(format!("{:?}", Digit::from_char('7')), "Some(Digit(_))");
    }
}
