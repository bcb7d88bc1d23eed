//! `Digest name=value, name="value"`: the form of challenges and credentials (RFC 7616 §3.3, §3.4).

use crate::message::split_list;

/// Parameters that one header may have; more is no header of a telephone's.
const PARAMETERS_MAX: usize = 20;

/// The parameters of a header value whose scheme is Digest; `None`: it is of another scheme, or broken.
pub(super) fn parameters(value: &str) -> Option<Vec<(String, String)>> {
    let (scheme, rest) = value.trim().split_once(|letter: char| letter.is_ascii_whitespace())?;
    if !scheme.eq_ignore_ascii_case("Digest") {
        return None;
    }
    let mut found: Vec<(String, String)> = Vec::new();
    for part in split_list(rest).filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=')?;
        let name = name.trim().to_ascii_lowercase();
        // Of two of one name nobody knows which one is meant.
        if found.len() >= PARAMETERS_MAX || found.iter().any(|(known, _)| *known == name) {
            return None;
        }
        found.push((name, unquote(value.trim())?));
    }
    Some(found)
}

/// The value of this name.
pub(super) fn get<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// A value as it goes between quotes.
pub(super) fn quote(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

fn unquote(value: &str) -> Option<String> {
    let Some(inner) = value.strip_prefix('"') else { return Some(value.to_owned()) };
    let inner = inner.strip_suffix('"')?;
    let (mut text, mut escaped) = (String::with_capacity(inner.len()), false);
    for letter in inner.chars() {
        match letter {
            _ if escaped => {
                text.push(letter);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return None,
            letter => text.push(letter),
        }
    }
    (!escaped).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_and_plain_values() {
        let found = parameters(r#"Digest Username="a\"b", realm="x, y",nc=00000001 , qop = auth"#);
        let found = found.unwrap();
        let value = |name| get(&found, name);
        assert_eq!(value("username"), Some("a\"b"));
        assert_eq!(value("realm"), Some("x, y"));
        assert_eq!((value("nc"), value("qop")), (Some("00000001"), Some("auth")));
        assert_eq!(value("opaque"), None);
        assert_eq!(quote("a\"b\\"), r#""a\"b\\""#);
    }

    #[test]
    fn what_is_none() {
        for text in ["", "Digest", "Basic YTpi", "Digest a", "Digest a=\"b", "Digest a=1, A=2"] {
            assert_eq!(parameters(text), None, "{text}");
        }
        let many: Vec<String> = (0..=PARAMETERS_MAX).map(|n| format!("p{n}=1")).collect();
        assert_eq!(parameters(&format!("Digest {}", many.join(","))), None);
    }
}
