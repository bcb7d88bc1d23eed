//! What a connector sends as the text that is kept: nothing that a customer did at a channel is lost
//! for its form.

use std::borrow::Cow;
use std::fmt::Write as _;

use interaction::text::{display_name, is_blank};
use wire::{ChannelAttachment, ChannelMessage};

/// Attachments that are described one by one.
const DESCRIBED_MAX: usize = 20;
/// Characters of each thing that is said of an attachment.
const DETAIL_CHARS_MAX: usize = 1_000;
/// What stands for a message in which there is nothing.
const NOTHING: &str = "[a message without text]";

/// The text, and behind it a line for each attachment: their bytes stay with the channel.
pub fn spoken(message: &ChannelMessage) -> String {
    // No database keeps a NUL in a text.
    let mut text = message.text.as_deref().unwrap_or_default().replace('\0', "");
    if is_blank(&text) {
        text.clear();
    }
    let attachments = message.attachments.as_deref().unwrap_or_default();
    for attachment in attachments.iter().take(DESCRIBED_MAX) {
        line(&mut text, &described(attachment));
    }
    if let Some(more) = attachments.len().checked_sub(DESCRIBED_MAX).filter(|more| *more > 0) {
        line(&mut text, &format!("[and {more} more]"));
    }
    if text.is_empty() { NOTHING.to_owned() } else { text }
}

/// The body, with U+FFFD for each half of a surrogate pair that stands alone: apps cut texts in the
/// middle of an emoji, and JSON has no other letter for the half (RFC 8259, section 8.2).
pub fn without_lone_surrogates(body: &[u8]) -> Cow<'_, [u8]> {
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

fn line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

fn described(attachment: &ChannelAttachment) -> String {
    let ChannelAttachment { kind, name, text, url, latitude, longitude } = attachment;
    let said = |text: &Option<String>| display_name(text.as_deref()?, DETAIL_CHARS_MAX);
    let kind = said(kind);
    let is_place = latitude.is_some() && longitude.is_some();
    let mut line = format!("[{}", noun(kind.as_deref(), is_place));
    let place = latitude.zip(*longitude).map(|(north, east)| format!("{north:.5}, {east:.5}"));
    let media_type = kind.clone().filter(|kind| kind.contains('/'));
    let details = [said(name), media_type, place, said(text), said(url)].into_iter().flatten();
    for (number, detail) in details.enumerate() {
        let between = if number == 0 { ": " } else { ", " };
        // Writing into a String cannot fail.
        let _ = write!(line, "{between}{detail}");
    }
    line.push(']');
    line
}

/// What it is, in the words of staff.
fn noun(kind: Option<&str>, is_place: bool) -> Cow<'_, str> {
    let general = kind.map(|kind| kind.split('/').next().unwrap_or(kind).to_ascii_lowercase());
    Cow::Borrowed(match general.as_deref() {
        Some("image" | "picture" | "photo") => "picture",
        Some("audio") => "audio",
        Some("voice" | "ptt") => "voice note",
        Some("video") => "video",
        Some("location") => "place",
        Some("application" | "text" | "document") => "document",
        Some(_) => return Cow::Owned(kind.unwrap_or("file").to_owned()),
        None if is_place => "place",
        None => "file",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(json: &str) -> ChannelMessage {
        serde_json::from_slice(&without_lone_surrogates(json.as_bytes())).unwrap()
    }

    fn said(rest: &str) -> String {
        spoken(&message(&format!(r#"{{"external_id":"x","message_id":"m"{rest}}}"#)))
    }

    #[test]
    fn nothing_is_lost_for_its_form() {
        let cases = [
            (r#","text":"Hello","profile_url":"x""#, "Hello"),
            (r#","text":"a\u0000b""#, "ab"),
            ("", NOTHING),
            (r#","text":null,"attachments":null,"name":null"#, NOTHING),
            (r#","text":"\u200b""#, NOTHING),
            (
                r#","attachments":[{"url":"https://a.example/p.jpg","type":"image/jpeg"}]"#,
                "[picture: image/jpeg, https://a.example/p.jpg]",
            ),
            (r#","text":"Look","attachments":[{"type":"voice"},{}]"#, "Look\n[voice note]\n[file]"),
            (
                r#","attachments":[{"latitude":52.52,"longitude":13.405,"name":"A\nB"}]"#,
                "[place: A B, 52.52000, 13.40500]",
            ),
            (r#","attachments":[{"type":"sticker","x":1}]"#, "[sticker]"),
        ];
        for (rest, text) in cases {
            assert_eq!(said(rest), text, "{rest}");
        }
        let many = format!(r#","attachments":[{}]"#, vec!["{}"; 22].join(","));
        assert!(said(&many).ends_with("[file]\n[and 2 more]"));
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
            assert_eq!(said(&format!(r#","text":"{json}""#)), text, "{json}");
        }
        assert!(matches!(without_lone_surrogates(b"{\"a\":\"\\u12"), Cow::Borrowed(_)), "cut off");
    }
}
