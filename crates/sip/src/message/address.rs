//! Names and addresses: From, To, Contact, Route (RFC 3261 §20.10, §25.1).

use super::headers::separator;
use super::uri::Uri;

/// A display name, a URI, and the header's parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAddr {
    /// The name to be shown, without quotes; `None`: there is none.
    pub name: Option<String>,
    /// The address.
    pub uri: Uri,
    /// Parameters of the header field, not of the URI.
    parameters: Vec<(String, Option<String>)>,
    text: String,
}

impl NameAddr {
    /// Reads one; `None`: it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (name, uri, rest) = match bracket(text) {
            Some(at) => {
                let end = at + text[at..].find('>')?;
                (display_name(&text[..at])?, &text[at + 1..end], text[end + 1..].trim())
            }
            // Without brackets every parameter is the header's (RFC 3261 §20).
            None => {
                let end = text.find(';').unwrap_or(text.len());
                (None, text[..end].trim(), &text[end..])
            }
        };
        let parameters = parameters(rest)?;
        Some(Self { name, uri: Uri::parse(uri)?, parameters, text: text.to_owned() })
    }

    /// The value of a parameter; `Some("")`: it is there, without one.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_deref().unwrap_or_default())
    }

    /// All parameters but this one, as they are written behind an address.
    pub fn parameters_but(&self, left_out: &str) -> String {
        let rest = self.parameters.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(left_out));
        let written = rest.map(|(name, value)| match value {
            Some(value) => format!(";{name}={value}"),
            None => format!(";{name}"),
        });
        written.collect()
    }

    /// The tag, which names an end of a dialog.
    pub fn tag(&self) -> Option<&str> {
        self.parameter("tag").filter(|tag| !tag.is_empty())
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Where the address begins, if it is in brackets.
fn bracket(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'<' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// Quoted or of plain words; `None`: it is neither.
fn display_name(text: &str) -> Option<Option<String>> {
    let text = text.trim();
    let Some(quoted) = text.strip_prefix('"') else {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~ \t".contains(&byte);
        let fits = text.bytes().all(|byte| is_word(byte) || !byte.is_ascii());
        return fits.then(|| (!text.is_empty()).then(|| text.to_owned()));
    };
    let quoted = quoted.strip_suffix('"')?;
    let (mut name, mut escaped) = (String::new(), false);
    for letter in quoted.chars() {
        match letter {
            _ if escaped => {
                name.push(letter);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return None,
            letter => name.push(letter),
        }
    }
    let name = name.trim();
    (!escaped).then(|| (!name.is_empty()).then(|| name.to_owned()))
}

/// `;name=value;name`; `None`: it is something else.
pub(super) fn parameters(text: &str) -> Option<Vec<(String, Option<String>)>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Vec::new());
    }
    let mut rest = text.strip_prefix(';')?;
    let mut found = Vec::new();
    loop {
        let end = separator(rest, b';');
        let part = rest[..end.unwrap_or(rest.len())].trim();
        if !part.is_empty() {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim().to_owned())),
                None => (part, None),
            };
            if name.is_empty() || !name.bytes().all(is_token) {
                return None;
            }
            found.push((name.to_owned(), value));
        }
        match end {
            Some(at) => rest = &rest[at + 1..],
            None => return Some(found),
        }
    }
}

/// Whether a token may have this byte (RFC 3261 §25.1).
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_tags() {
        let ana = NameAddr::parse(r#""Ana \"A\" <x>" <sip:ana@a.example;x=1>;tag=77;y"#).unwrap();
        assert_eq!(ana.name.as_deref(), Some(r#"Ana "A" <x>"#));
        assert_eq!(ana.tag(), Some("77"));
        assert_eq!(ana.uri.parameter("x"), Some("1"));
        assert_eq!(
            (ana.parameters_but("TAG"), ana.parameters_but("y")),
            (";y".into(), ";tag=77".into())
        );
        let bare = NameAddr::parse("sip:a@b;tag=5").unwrap();
        assert_eq!((bare.tag(), bare.uri.parameter("tag")), (Some("5"), None));
        assert_eq!(
            NameAddr::parse("Marek Novák <sip:m@n>").unwrap().name.as_deref(),
            Some("Marek Novák")
        );
    }

    #[test]
    fn what_is_none() {
        for text in [
            "",
            "<sip:a@b",
            r#""Ana <sip:a@b>"#,
            "<sip:a@b> x",
            "A, B <sip:a@b>",
            "\"a\"b\" <sip:a@b>",
        ] {
            assert_eq!(NameAddr::parse(text), None, "{text}");
        }
    }
}
