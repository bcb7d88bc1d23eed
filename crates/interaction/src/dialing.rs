//! Numbers that an agent calls: what is one, and which of them a list of prefixes allows.

use std::fmt;

/// Digits that an international number may have (ITU-T E.164 §6).
const DIGITS_MAX: usize = 15;
/// Digits that it has at least: a country's code, and somebody in it.
const DIGITS_MIN: usize = 5;
/// Keys that a service code (`*123#`) may have behind its first star.
const CODE_KEYS_MAX: usize = 20;
/// What people write between digits so that they can be read (RFC 3966 §5.1.1), and spaces.
const SEPARATORS: [char; 5] = [' ', '-', '.', '(', ')'];

/// A number to be called: an international one (`+4930123456`, ITU-T E.164), or a service code that
/// begins with a star (`*21`, `*21#`). Without separators.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DialedNumber(String);

/// Why a text is no number to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// It begins neither with a plus nor with a star.
    #[error(
        "a number begins with + and the country's code, as in +49 30 123456; a service code begins with *"
    )]
    NotInternational,
    /// It has something else than digits.
    #[error(
        "a number has nothing but digits behind its +, a service code nothing but digits, * and #"
    )]
    NotDigits,
    /// Too few or too many digits.
    #[error(
        "a number has {DIGITS_MIN} to {DIGITS_MAX} digits, a service code 1 to {CODE_KEYS_MAX} keys"
    )]
    Length,
}

impl DialedNumber {
    /// Reads what somebody has typed.
    ///
    /// # Errors
    /// See [`NumberError`].
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let plain: String = text.trim().chars().filter(|it| !SEPARATORS.contains(it)).collect();
        if let Some(digits) = plain.strip_prefix('+') {
            let is_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
            // No country's code begins with a zero (ITU-T E.164 Annex D).
            if !is_digits || digits.starts_with('0') {
                return Err(NumberError::NotDigits);
            }
            let fits = (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len());
            return if fits { Ok(Self(plain)) } else { Err(NumberError::Length) };
        }
        let keys = plain.strip_prefix('*').ok_or(NumberError::NotInternational)?;
        if !keys.bytes().all(|byte| byte.is_ascii_digit() || b"*#".contains(&byte)) {
            return Err(NumberError::NotDigits);
        }
        let fits = (1..=CODE_KEYS_MAX).contains(&keys.len());
        if fits { Ok(Self(plain)) } else { Err(NumberError::Length) }
    }

    /// As it is dialed: digits behind a plus, or keys behind a star.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How much of the number one of these prefixes names, in characters; `None`: none of them does, so
    /// that it may not be called. An empty prefix names nothing.
    pub fn allowed_by(&self, prefixes: &[String]) -> Option<usize> {
        let is_its = |prefix: &&String| !prefix.is_empty() && self.0.starts_with(prefix.as_str());
        prefixes.iter().filter(is_its).map(String::len).max()
    }
}

impl fmt::Display for DialedNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, NumberError> {
        DialedNumber::parse(text).map(|number| number.to_string())
    }

    #[test]
    fn numbers_are_international_or_codes() {
        assert_eq!(read(" +49 (30) 123-456.7 "), Ok("+49301234567".to_owned()));
        assert_eq!(read("*21*5#"), Ok("*21*5#".to_owned()));
        for national in ["030 123456", "0049 30 123456", "", "sip:a@b", "112", "#21#"] {
            assert_eq!(read(national), Err(NumberError::NotInternational), "{national}");
        }
        for odd in
            ["+49 30 CALLME", "+049301234", "*12a", "+49;ext=1", "+4930@evil.example", "++4930123"]
        {
            assert_eq!(read(odd), Err(NumberError::NotDigits), "{odd}");
        }
        for length in ["+", "+4930", "+1234567890123456", "*", &format!("*{}", "1".repeat(21))] {
            assert!(matches!(read(length), Err(NumberError::Length)), "{length}");
        }
    }

    #[test]
    fn nothing_may_be_called_unless_a_prefix_names_it() {
        let number = DialedNumber::parse("+4930123456").unwrap();
        let list =
            |prefixes: &[&str]| prefixes.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        assert_eq!(number.allowed_by(&[]), None);
        assert_eq!(number.allowed_by(&list(&["", "+44", "*"])), None);
        assert_eq!(number.allowed_by(&list(&["+49", "+4930", "+"])), Some(5));
    }
}
