//! Via: the way that a response takes back (RFC 3261 §18.2, §20.42; RFC 3581).

use std::net::SocketAddr;

use super::address::{is_token, parameters};
use super::headers::separator;
use super::uri::host_and_port;

/// What every branch of this RFC's transactions begins with (RFC 3261 §8.1.1.7).
const MAGIC_COOKIE: &str = "z9hG4bK";

/// One element of a Via header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// The version of SIP: `2.0`.
    version: String,
    /// `UDP`, `TCP`, `TLS`, …, in capitals.
    pub transport: String,
    /// Where its sender wants responses: a name or an address.
    pub host: String,
    /// And the port.
    pub port: Option<u16>,
    parameters: Vec<(String, Option<String>)>,
}

impl Via {
    /// Reads one element, as far as an answer needs it: of any version, and with parameters left out between
    /// semicolons. `None`: it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut protocol = text.splitn(3, '/');
        let (name, version) = (protocol.next()?.trim(), protocol.next()?.trim());
        let is_number = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        if !name.eq_ignore_ascii_case("SIP") || !version.bytes().all(is_number) {
            return None;
        }
        let rest = protocol.next()?.trim_start();
        let (transport, rest) = rest.split_once(|letter: char| letter.is_ascii_whitespace())?;
        if transport.is_empty() || !transport.bytes().all(is_token) {
            return None;
        }
        let end = separator(rest, b';').unwrap_or(rest.len());
        let (host, port) = host_and_port(&rest[..end])?;
        let parameters = parameters(&rest[end..])?;
        let (version, transport) = (version.to_owned(), transport.to_ascii_uppercase());
        Some(Self { version, transport, host, port, parameters })
    }

    /// The same as RFC 3261 has it, with nothing left out.
    pub(super) fn parse_strictly(text: &str) -> Option<Self> {
        let via = Self::parse(text).filter(|it| it.version == "2.0")?;
        (!has_empty_parameter(text)).then_some(via)
    }

    /// The value of a parameter; `Some("")`: it is there, without one.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_deref().unwrap_or_default())
    }

    /// The transaction's name, if its sender knows RFC 3261.
    pub fn branch(&self) -> Option<&str> {
        let branch = self.parameter("branch")?;
        let (cookie, rest) = branch.split_at_checked(MAGIC_COOKIE.len())?;
        // With nothing behind the cookie it names no transaction (RFC 4475 §3.2.1).
        (cookie.eq_ignore_ascii_case(MAGIC_COOKIE) && !rest.is_empty()).then_some(branch)
    }

    /// Notes where the message really came from: `received` always, so that no name has to be looked
    /// up, and `rport` if it was asked for.
    #[must_use]
    pub fn received_from(mut self, source: SocketAddr) -> Self {
        self.parameters.retain(|(name, _)| !name.eq_ignore_ascii_case("received"));
        if let Some((_, port)) =
            self.parameters.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("rport"))
        {
            *port = Some(source.port().to_string());
        }
        self.parameters.push(("received".to_owned(), Some(source.ip().to_string())));
        self
    }

    /// Where a response goes over UDP (RFC 3261 §18.2.2, RFC 3581 §4): always back to the address
    /// that the request came from, never to one that it only names.
    pub fn response_address(&self, source: SocketAddr) -> SocketAddr {
        match self.parameter("rport") {
            Some(_) => source,
            None => SocketAddr::new(source.ip(), self.port.unwrap_or(5060)),
        }
    }
}

/// Whether there is nothing behind a semicolon.
fn has_empty_parameter(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = separator(rest, b';') {
        rest = rest[at + 1..].trim_start();
        if rest.is_empty() || rest.starts_with(';') {
            return true;
        }
    }
    false
}

impl std::fmt::Display for Via {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SIP/{}/{} ", self.version, self.transport)?;
        match self.host.contains(':') {
            true => write!(f, "[{}]", self.host)?,
            false => f.write_str(&self.host)?,
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        for (name, value) in &self.parameters {
            match value {
                Some(value) => write!(f, ";{name}={value}")?,
                None => write!(f, ";{name}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back() {
        let via = Via::parse("SIP / 2.0 / udp\t10.0.0.9 : 5070 ;branch=z9hG4bKx ; rport").unwrap();
        let source: SocketAddr = "192.0.2.4:40000".parse().unwrap();
        assert_eq!(via.branch(), Some("z9hG4bKx"));
        assert_eq!(via.response_address(source), source);
        let written = via.received_from(source).to_string();
        assert_eq!(
            written,
            "SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bKx;rport=40000;received=192.0.2.4"
        );
        for sloppy in ["SIP/2.0/UDP a;", "SIP/2.0/UDP a;;b", "SIP/7.0/UDP a", "SIP/2.0/UDP"] {
            assert_eq!(Via::parse_strictly(sloppy), None, "{sloppy}");
        }
        assert_eq!(Via::parse("SIP/2.0/UDP a;branch=z9hG4bK").unwrap().branch(), None);
        let plain = Via::parse("SIP/2.0/UDP pbx.example").unwrap();
        assert_eq!(plain.branch(), None);
        assert_eq!(plain.response_address(source).to_string(), "192.0.2.4:5060");
    }
}
