//! What is allowed in a change; a refusal names the field.

use std::ops::RangeInclusive;

use crate::{Kind, Problem};
use accounts::{KEY_CHARS_MAX, PASSWORD_BYTES_MIN};
use accounts::{NAME_CHARS_MAX, PASSWORD_BYTES_MAX};

/// Characters that a canned reply's text may have: those of a message.
pub const REPLY_CHARS_MAX: usize = interaction::conversation::TEXT_CHARS_MAX;

/// A name that others see or that one signs in with, without spaces around it.
pub fn name(field: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let length = text.chars().count();
    if !(1..=NAME_CHARS_MAX).contains(&length) || text.chars().any(char::is_control) {
        let allowed = format!("1 to {NAME_CHARS_MAX} printable characters");
        return Err(bad(field, &allowed));
    }
    Ok(text.to_owned())
}

/// A queue's key.
pub fn key(text: &str) -> Result<(), Problem> {
    let is_allowed = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_')
    };
    if (1..=KEY_CHARS_MAX).contains(&text.len()) && text.chars().all(is_allowed) {
        return Ok(());
    }
    Err(bad("key", &format!("1 to {KEY_CHARS_MAX} of a to z, 0 to 9, - and _")))
}

/// A new password.
pub fn password(field: &str, text: &str) -> Result<(), Problem> {
    let fits = (PASSWORD_BYTES_MIN..=PASSWORD_BYTES_MAX).contains(&text.len());
    if fits && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(bad(field, &format!("{PASSWORD_BYTES_MIN} to {PASSWORD_BYTES_MAX} bytes")))
}

/// A canned reply's text: lines are fine, other control characters are not.
pub fn text(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let length = text.chars().count();
    let is_odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    if !(1..=REPLY_CHARS_MAX).contains(&length) || text.chars().any(is_odd) {
        return Err(bad("text", &format!("1 to {REPLY_CHARS_MAX} printable characters")));
    }
    Ok(text.to_owned())
}

/// A number within its limits.
pub fn number<T: PartialOrd + std::fmt::Display>(
    field: &str,
    is: T,
    allowed: RangeInclusive<T>,
) -> Result<(), Problem> {
    if allowed.contains(&is) {
        return Ok(());
    }
    Err(bad(field, &format!("{} to {}", allowed.start(), allowed.end())))
}

/// The revision that a change was made on.
pub fn revision(revision: Option<u64>) -> Result<u64, Problem> {
    revision.ok_or_else(|| {
        Problem::new(Kind::BadInput, "`revision` is missing: send the one that you changed.")
    })
}

/// An id in a request names nothing that there is.
pub fn missing(field: &str) -> Problem {
    Problem::new(
        Kind::BadInput,
        format!("`{field}` names something that no longer exists. Reload and try again."),
    )
}

/// A value is not allowed.
pub fn bad(field: &str, allowed: &str) -> Problem {
    Problem::new(Kind::BadInput, format!("`{field}` is not allowed; allowed: {allowed}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keys_and_passwords_have_limits() {
        assert_eq!(name("name", "  Ana Duarte ").unwrap(), "Ana Duarte");
        for wrong in ["", "   ", "a\nb", &"x".repeat(NAME_CHARS_MAX + 1)] {
            assert!(name("name", wrong).unwrap_err().detail().contains("`name`"), "{wrong:?}");
        }
        assert!(key("support-2_b").is_ok());
        for wrong in ["", "Support", "a b", "é", &"x".repeat(KEY_CHARS_MAX + 1)] {
            assert!(key(wrong).is_err(), "{wrong:?}");
        }
        assert!(password("new", "sotto-demo").is_ok());
        for wrong in ["", "1234567", "tab\tinside", &"x".repeat(PASSWORD_BYTES_MAX + 1)] {
            assert!(password("new", wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(text(" two\nlines ").unwrap(), "two\nlines");
        assert!(text("\u{7}").is_err() && text("").is_err());
        assert!(text(&"x".repeat(REPLY_CHARS_MAX + 1)).is_err());
        assert!(number("duck_db", -30, -30..=0).is_ok());
        assert!(number("duck_db", 1, -30..=0).unwrap_err().detail().contains("-30 to 0"));
    }
}
