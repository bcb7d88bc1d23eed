//! A SIP server as it is named: an address, or a host's name that DNS knows (RFC 3263).

use std::net::{IpAddr, SocketAddr};

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ServerName {
    /// At this address.
    At(SocketAddr),
    /// Where DNS says: by SRV records, unless there is a port.
    Host {
        /// The name.
        host: String,
        /// The port.
        port: Option<u16>,
    },
}

/// Characters that a name may have (RFC 1035 §2.3.4), and one of its labels.
const NAME_CHARS_MAX: usize = 253;
const LABEL_CHARS_MAX: usize = 63;

/// Reads `192.0.2.10:5060`, `[2001:db8::1]:5060`, `pbx.example` or `pbx.example:5070`; `None`: it is none of them. An
/// address without a port is none: nobody looks its port up.
pub(super) fn server(text: &str) -> Option<ServerName> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return (address.port() != 0).then_some(ServerName::At(address));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok().filter(|it| *it != 0)?)),
        None => (text, None),
    };
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    let is_label =
        |label: &str| (1..=LABEL_CHARS_MAX).contains(&label.len()) && label.chars().all(is_letter);
    // The last label of a name is no number (RFC 3696 §2): what has one is an address that is spelled wrongly.
    let is_number = |label: &str| label.bytes().all(|it| it.is_ascii_digit());
    let is_name = host.len() <= NAME_CHARS_MAX
        && host.split('.').all(is_label)
        && !host.split('.').next_back().is_some_and(is_number)
        && host.parse::<IpAddr>().is_err();
    is_name.then(|| ServerName::Host { host: host.to_ascii_lowercase(), port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names() {
        let at = |text: &str| Some(ServerName::At(text.parse().unwrap()));
        let named = |host: &str, port| Some(ServerName::Host { host: host.to_owned(), port });
        assert_eq!(server("192.0.2.10:5060"), at("192.0.2.10:5060"));
        assert_eq!(server("[2001:db8::1]:5060"), at("[2001:db8::1]:5060"));
        assert_eq!(server("Pbx.Example"), named("pbx.example", None));
        assert_eq!(server("pbx"), named("pbx", None));
        assert_eq!(server("sip-1.pbx.example:5070"), named("sip-1.pbx.example", Some(5_070)));
    }

    #[test]
    fn what_is_neither() {
        let long = "a".repeat(64);
        for odd in [
            "",
            "192.0.2.10",
            "192.0.2.10:0",
            "192.0.2.300:5060",
            "2001:db8::1",
            "pbx.example:0",
            "pbx.example:99999",
            "pbx..example",
            "pbx.example.",
            "sip:pbx.example",
            "p bx",
            &long,
        ] {
            assert_eq!(server(odd), None, "{odd}");
        }
    }
}
