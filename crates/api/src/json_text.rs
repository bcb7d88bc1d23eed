//! JSON as programs write it: what is plainly meant is read as it is meant.

use std::borrow::Cow;

/// What some programs write before a text in UTF-8; a reader may ignore it (RFC 8259, section 8.1).
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The body as it is meant: without a byte order mark, and with U+FFFD for each half of a surrogate
/// pair that stands alone.
pub fn meant(body: &[u8]) -> Cow<'_, [u8]> {
    without_lone_surrogates(body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body))
}

/// The body, with U+FFFD for each half of a surrogate pair that stands alone: apps cut texts in the
/// middle of an emoji, and JSON has no other letter for the half (RFC 8259, section 8.2).
fn without_lone_surrogates(body: &[u8]) -> Cow<'_, [u8]> {
    const SUBSTITUTE: &[u8] = b"\\ufffd";
    let mut mended: Vec<u8> = Vec::new();
    let (mut copied, mut place) = (0, 0);
    while place < body.len() {
        if body[place] != b'\\' {
            place += 1;
            continue;
        }
        let unit = escaped_unit(body, place);
        let length = match unit {
            Some(0xd800..=0xdbff) if is_low(escaped_unit(body, place + 6)) => 12,
            Some(0xd800..=0xdfff) => {
                mended.extend_from_slice(&body[copied..place]);
                mended.extend_from_slice(SUBSTITUTE);
                copied = place + 6;
                6
            }
            Some(_) => 6,
            None => 2,
        };
        place += length;
    }
    if copied == 0 {
        return Cow::Borrowed(body);
    }
    mended.extend_from_slice(&body[copied..]);
    Cow::Owned(mended)
}

/// The UTF-16 unit of the `\uXXXX` that stands here.
fn escaped_unit(body: &[u8], place: usize) -> Option<u16> {
    let digits = body.get(place..place + 6)?.strip_prefix(b"\\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn is_low(unit: Option<u16>) -> bool {
    unit.is_some_and(|unit| (0xdc00..=0xdfff).contains(&unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: &str) -> String {
        serde_json::from_slice(&meant(json.as_bytes())).unwrap()
    }

    #[test]
    fn half_an_emoji_becomes_a_substitute_and_a_whole_one_stays() {
        let cases = [
            (r"cut \ud83d", "cut \u{fffd}"),
            (r"\ude00\ud83dx", "\u{fffd}\u{fffd}x"),
            (r"\ud83d\ude00", "😀"),
            (r"\\ud83d \n\u00fc", "\\ud83d \nü"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
        ];
        for (json, text) in cases {
            assert_eq!(said(&format!("\"{json}\"")), text, "{json}");
        }
        assert!(matches!(meant(b"{\"a\":\"\\u12"), Cow::Borrowed(_)), "cut off");
        assert_eq!(said("\u{feff}\"x\""), "x");
    }
}
