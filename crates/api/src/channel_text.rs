//! What a connector sends as the text that is kept: nothing that a customer did at a channel is lost
//! for its form.

use std::borrow::Cow;
use std::fmt::Write as _;

use interaction::text::{display_name, is_blank};
use serde_json::{Map, Value};
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

/// The message with its optional fields in the forms that [`ChannelMessage`] has: a connector passes
/// on what an app makes of a name or a place, and no customer's message is lost for that.
pub fn mended(mut message: Value) -> Value {
    if let Some(fields) = message.as_object_mut() {
        mend_texts(fields, &["name"], false);
        mend_texts(fields, &["text"], true);
        if let Some(attachments) = fields.remove("attachments") {
            let list = match attachments {
                Value::Array(list) => list,
                one @ (Value::Object(_) | Value::String(_)) => vec![one],
                Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
            };
            let list = list.into_iter().map(mended_attachment).collect();
            fields.insert("attachments".to_owned(), Value::Array(list));
        }
    }
    message
}

fn mended_attachment(attachment: Value) -> Value {
    let mut fields = match attachment {
        Value::Object(fields) => fields,
        Value::String(url) => Map::from_iter([("url".to_owned(), Value::String(url))]),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => Map::new(),
    };
    mend_texts(&mut fields, &["type", "name", "text", "url"], false);
    for key in ["latitude", "longitude"] {
        let degrees = match fields.get(key) {
            Some(Value::String(text)) => text.trim().parse().ok().filter(|it: &f64| it.is_finite()),
            Some(Value::Number(number)) => number.as_f64(),
            None | Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => None,
        };
        fields.insert(key.to_owned(), degrees.map_or(Value::Null, Value::from));
    }
    Value::Object(fields)
}

/// Makes texts of numbers and the like; of what has parts only if those are `kept`, as JSON.
fn mend_texts(fields: &mut Map<String, Value>, keys: &[&str], kept: bool) {
    for key in keys {
        let Some(value) = fields.get_mut(*key) else { continue };
        *value = match value.take() {
            text @ (Value::String(_) | Value::Null) => text,
            plain @ (Value::Bool(_) | Value::Number(_)) => Value::String(plain.to_string()),
            parts @ (Value::Array(_) | Value::Object(_)) if kept => {
                Value::String(parts.to_string())
            }
            Value::Array(_) | Value::Object(_) => Value::Null,
        };
    }
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
        serde_json::from_value(mended(serde_json::from_str(json).unwrap())).unwrap()
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
            (r#","attachments":{"type":"voice","name":7}"#, "[voice note: 7]"),
            (
                r#","attachments":["https://a.example/x",null,[1]]"#,
                "[file: https://a.example/x]\n[file]\n[file]",
            ),
            (
                r#","attachments":[{"latitude":"52.5","longitude":" 13"}]"#,
                "[place: 52.50000, 13.00000]",
            ),
            (r#","attachments":[{"latitude":"north","longitude":{}}]"#, "[file]"),
            (r#","attachments":false,"text":4711"#, "4711"),
            (r#","text":{"body":"x"}"#, r#"{"body":"x"}"#),
        ];
        for (rest, text) in cases {
            assert_eq!(said(rest), text, "{rest}");
        }
        let many = format!(r#","attachments":[{}]"#, vec!["{}"; 22].join(","));
        assert!(said(&many).ends_with("[file]\n[and 2 more]"));
    }
}
