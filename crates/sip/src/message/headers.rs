//! Header fields, in order, by their long names.

use std::fmt;

/// Compact names (RFC 3261 §7.3.3 and the registry), and the long ones.
const COMPACT: [(&str, &str); 14] = [
    ("a", "Accept-Contact"),
    ("c", "Content-Type"),
    ("e", "Content-Encoding"),
    ("f", "From"),
    ("i", "Call-ID"),
    ("k", "Supported"),
    ("l", "Content-Length"),
    ("m", "Contact"),
    ("o", "Event"),
    ("r", "Refer-To"),
    ("s", "Subject"),
    ("t", "To"),
    ("v", "Via"),
    ("x", "Session-Expires"),
];
/// Fields whose values are nobody's business, in no log.
const SECRET: [&str; 2] = ["Authorization", "Proxy-Authorization"];

/// Header fields. Names are compared without case; compact ones are made long when they are added.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    fields: Vec<(String, String)>,
}

impl Headers {
    /// Adds one at the end.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        let long = COMPACT.iter().find(|(compact, _)| compact.eq_ignore_ascii_case(name));
        let name = long.map_or(name, |(_, long)| long);
        self.fields.push((name.to_owned(), value.into()));
    }

    /// Takes all of this name out.
    pub fn remove(&mut self, name: &str) {
        self.fields.retain(|(field, _)| !field.eq_ignore_ascii_case(name));
    }

    /// The first one of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let named = |field: &&(String, String)| field.0.eq_ignore_ascii_case(name);
        self.fields.iter().find(named).map(|(_, value)| value.as_str())
    }

    /// All of this name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = move |field: &&(String, String)| field.0.eq_ignore_ascii_case(name);
        self.fields.iter().filter(named).map(|(_, value)| value.as_str())
    }

    /// The elements of a list that may be spread over several fields (RFC 3261 §7.3.1).
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name).flat_map(split_list).filter(|element| !element.is_empty())
    }

    /// How many there are of this name.
    pub fn count(&self, name: &str) -> usize {
        self.all(name).count()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Name and value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Goes on with the last value, as a folded line does.
    pub(super) fn fold(&mut self, line: &str) -> bool {
        let Some((_, value)) = self.fields.last_mut() else { return false };
        value.push(' ');
        value.push_str(line.trim());
        true
    }
}

/// Secrets are left out: whatever logs a message logs none.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_secret = |name: &str| SECRET.iter().any(|it| it.eq_ignore_ascii_case(name));
        let shown = self.iter().map(|(name, value)| match is_secret(name) {
            true => (name, "…"),
            false => (name, value),
        });
        f.debug_map().entries(shown).finish()
    }
}

/// Splits at the commas that are neither quoted nor within angle brackets.
pub fn split_list(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = separator(text, b',');
        rest = end.map(|at| &text[at + 1..]);
        Some(text[..end.unwrap_or(text.len())].trim())
    })
}

/// Where `wanted` is outside of quotes and angle brackets.
pub(super) fn separator(text: &str, wanted: u8) -> Option<usize> {
    let (mut quoted, mut escaped, mut bracketed) = (false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'<' => bracketed = true,
            b'>' => bracketed = false,
            _ if byte == wanted && !bracketed => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_where_they_are_lists() {
        let list = r#""Mueller, Ana \"x\"" <sip:a@b;x=1,2>, <sip:c@d>,sip:e@f"#;
        let parts: Vec<&str> = split_list(list).collect();
        assert_eq!(parts, [r#""Mueller, Ana \"x\"" <sip:a@b;x=1,2>"#, "<sip:c@d>", "sip:e@f"]);
    }

    #[test]
    fn compact_names_are_long_ones_and_secrets_are_not_shown() {
        let mut headers = Headers::default();
        headers.push("i", "abc");
        headers.push("authorization", "Digest response=\"secret\"");
        assert_eq!(headers.get("call-id"), Some("abc"));
        assert!(!format!("{headers:?}").contains("secret"));
    }
}
