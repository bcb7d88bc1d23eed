//! URIs: `sip:`, `sips:` and `tel:` (RFC 3261 §19.1, RFC 3966).

use std::fmt;
use std::net::IpAddr;

/// Bytes that a URI may have: more than any phone's number or address.
const URI_BYTES_MAX: usize = 2_048;

/// Which kind of URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`, which wants TLS on each hop.
    Sips,
    /// `tel:`, a number alone.
    Tel,
    /// Another one.
    Other,
}

/// A URI, read as far as it is needed here.
#[derive(Clone, PartialEq, Eq)]
pub struct Uri {
    /// Its scheme.
    pub scheme: Scheme,
    /// The user part without its escapes; of `tel:` the number.
    pub user: Option<String>,
    /// Name or address; of `tel:` and other schemes it is empty.
    pub host: String,
    /// The port, if one is named.
    pub port: Option<u16>,
    parameters: Vec<(String, Option<String>)>,
    text: String,
}

impl Uri {
    /// Reads one; `None`: it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_plain = |byte: u8| byte > b' ' && byte != b'<' && byte != b'>' && byte != 0x7F;
        if text.len() > URI_BYTES_MAX || !text.bytes().all(is_plain) {
            return None;
        }
        let (scheme, rest) = text.split_once(':')?;
        let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        let begins = scheme.bytes().next()?.is_ascii_alphabetic();
        if !begins || !scheme.bytes().all(is_scheme) || rest.is_empty() {
            return None;
        }
        match scheme.to_ascii_lowercase().as_str() {
            "sip" => Self::parse_sip(Scheme::Sip, rest, text),
            "sips" => Self::parse_sip(Scheme::Sips, rest, text),
            "tel" => {
                let number = rest.split(';').next().unwrap_or_default();
                let is_number = |byte: u8| byte.is_ascii_hexdigit() || b"+-.()*#".contains(&byte);
                let fits = !number.is_empty() && number.bytes().all(is_number);
                fits.then(|| Self::of(Scheme::Tel, Some(number.to_owned()), text))
            }
            _other => Some(Self::of(Scheme::Other, None, text)),
        }
    }

    /// `sip:user@host:port` or without a user.
    pub fn sip(user: Option<&str>, host: &str, port: Option<u16>) -> Self {
        let host_text = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let user_text = user.map(|user| format!("{}@", escape(user))).unwrap_or_default();
        let port_text = port.map(|port| format!(":{port}")).unwrap_or_default();
        Self {
            scheme: Scheme::Sip,
            user: user.map(str::to_owned),
            host: host.to_owned(),
            port,
            parameters: Vec::new(),
            text: format!("sip:{user_text}{host_text}{port_text}"),
        }
    }

    /// The value of a parameter; `Some("")`: it is there, without one.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_deref().unwrap_or_default())
    }

    /// The host, if it is an address and no name.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// Whether it leads to the same user at the same host and port (RFC 3261 §19.1.4, without parameters).
    pub fn is_same_target(&self, other: &Self) -> bool {
        let port = |it: &Self| match (it.port, it.scheme) {
            (Some(port), _) => port,
            (None, Scheme::Sips) => 5061,
            (None, Scheme::Sip | Scheme::Tel | Scheme::Other) => 5060,
        };
        let is_readable = |it: &Self| it.scheme != Scheme::Other;
        is_readable(self)
            && self.scheme == other.scheme
            && self.user == other.user
            && self.host.eq_ignore_ascii_case(&other.host)
            && port(self) == port(other)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn of(scheme: Scheme, user: Option<String>, text: &str) -> Self {
        let (host, text) = (String::new(), text.to_owned());
        Self { scheme, user, host, port: None, parameters: Vec::new(), text }
    }

    fn parse_sip(scheme: Scheme, rest: &str, text: &str) -> Option<Self> {
        // Everything behind the question mark are headers, which nobody here heeds.
        let (user, rest) = match rest.rsplit_once('@') {
            Some((user, rest)) if !user.is_empty() => (Some(user), rest),
            Some(_) => return None,
            None => (None, rest),
        };
        let rest = rest.split('?').next().unwrap_or_default();
        let mut parts = rest.split(';');
        let (host, port) = host_and_port(parts.next().unwrap_or_default())?;
        let parameters = parts
            .filter(|part| !part.is_empty())
            .map(|part| match part.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (part.to_owned(), None),
            })
            .collect();
        // Without its password, which nobody should send (RFC 3261 §19.1.1).
        let user = user.map(|user| unescape(user.split(':').next().unwrap_or_default()));
        let user = match user {
            Some(None) => return None,
            Some(Some(user)) => Some(user),
            None => None,
        };
        Some(Self { scheme, user, host, port, parameters, text: text.to_owned() })
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A host (an IPv6 address in brackets, which are taken off) and a port.
pub(super) fn host_and_port(text: &str) -> Option<(String, Option<u16>)> {
    let text = text.trim();
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, port.trim_start())
        }
        None => match text.find(':') {
            Some(at) => (text[..at].trim_end(), &text[at..]),
            None => (text, ""),
        },
    };
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:%".contains(&byte);
    if host.is_empty() || !host.bytes().all(is_host) {
        return None;
    }
    let port = match port.strip_prefix(':') {
        Some(port) => Some(port.trim().parse().ok().filter(|port| *port != 0)?),
        None if port.is_empty() => None,
        None => return None,
    };
    Some((host.to_owned(), port))
}

/// Takes percent escapes out; `None`: one is broken, or what comes out is no text.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| (byte? as char).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push((high * 16 + low) as u8);
    }
    String::from_utf8(bytes).ok()
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&byte) {
            escaped.push(byte as char);
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_uri() {
        let uri = Uri::parse("sip:sales%20desk:secret@[2001:db8::1]:5070;transport=TCP;lr?x=y");
        let uri = uri.unwrap();
        assert_eq!(uri.user.as_deref(), Some("sales desk"));
        assert_eq!((uri.host.as_str(), uri.port), ("2001:db8::1", Some(5070)));
        assert_eq!(uri.parameter("transport"), Some("TCP"));
        assert_eq!(uri.parameter("lr"), Some(""));
        assert_eq!(Uri::parse("tel:+49-30-1234").unwrap().user.as_deref(), Some("+49-30-1234"));
        assert_eq!(Uri::parse("mailto:a@b").unwrap().scheme, Scheme::Other);
    }

    #[test]
    fn the_same_target_may_be_written_otherwise() {
        let same = |one: &str, other: &str| {
            Uri::parse(one).unwrap().is_same_target(&Uri::parse(other).unwrap())
        };
        assert!(same("sip:a@PBX.example", "sip:a@pbx.example:5060;transport=tcp"));
        assert!(same("sips:a%20b@[::1]:5061", "sips:a b@[::1]".replace(' ', "%20").as_str()));
        for other in
            ["sip:b@pbx", "sip:A@pbx", "sip:pbx", "sip:a@pbx2", "sip:a@pbx:5062", "sips:a@pbx"]
        {
            assert!(!same("sip:a@pbx", other), "{other}");
        }
        assert!(!same("mailto:a@b", "mailto:c@d"), "what is not read is the same as nothing");
    }

    #[test]
    fn what_is_no_uri() {
        for text in [
            "",
            "sip:",
            "sip:@a",
            "sip:a@",
            "sip:a@b:x",
            "sip:a@b:0",
            "sip:%zz@b",
            "a b:c",
            "<sip:a@b>",
        ] {
            assert_eq!(Uri::parse(text), None, "{text}");
        }
    }

    #[test]
    fn written_as_it_is_read() {
        let uri = Uri::sip(Some("a b@c"), "::1", Some(5060));
        assert_eq!(uri.as_str(), "sip:a%20b%40c@[::1]:5060");
        assert_eq!(Uri::parse(uri.as_str()), Some(uri));
    }
}
