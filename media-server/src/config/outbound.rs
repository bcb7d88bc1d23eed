//! Calls to numbers: by which server of a trunk's, and which numbers.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use budget::Networks;
use interaction::DialedNumber;
use serde::{Deserialize, Serialize};
use telephony::digest::Secret;
use telephony::{Login, NamedServer, OutboundConfig, Peer, Servers, Transport};

use super::ConfigError;
use super::check::{value, within};
use super::secret_file::read_secret;
use super::server_name::{ServerName, server};

/// Prefixes of one trunk at most.
const PREFIXES_MAX: usize = 500;
/// Characters of one at most: a whole number.
const PREFIX_CHARS_MAX: usize = 16;
/// Bytes that a secret may have; how long it must be is the trunk's affair.
const SECRET_BYTES_MAX: usize = 256;

/// Which numbers agents may call by a trunk, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboundSettings {
    /// Where calls go: one of the trunk's peers, or a name behind which they are.
    pub server: String,
    /// By which transport.
    #[serde(default)]
    pub transport: OutboundTransport,
    /// The host part of whom they are for; the server's address, or its name, unless it is named.
    #[serde(default)]
    pub domain: Option<String>,
    /// How a number has to begin: `+49`, `*`. Nothing may be called that none of them names.
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// The number that is shown where it rings.
    #[serde(default)]
    pub caller: Option<String>,
    /// The name that is proved if the trunk asks; the trunk's own unless it is named.
    #[serde(default)]
    pub login: Option<String>,
    /// The file that holds the secret, and nothing else.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// Calls at the same time.
    #[serde(default = "calls_max")]
    pub calls_max: usize,
    /// Calls that may begin in a minute.
    #[serde(default = "calls_per_minute")]
    pub calls_per_minute: u32,
    /// How long it may ring, s.
    #[serde(default = "ring_timeout_s")]
    pub ring_timeout_s: u64,
}

/// How calls to numbers are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboundTransport {
    /// Datagrams.
    #[default]
    Udp,
    /// A stream.
    Tcp,
    /// A stream that is encrypted; the trunk's certificate is checked.
    Tls,
}

fn calls_max() -> usize {
    10
}

fn calls_per_minute() -> u32 {
    10
}

fn ring_timeout_s() -> u64 {
    60
}

impl OutboundSettings {
    /// How numbers are called by the trunk of this name, at these addresses, which proves this itself.
    ///
    /// # Errors
    /// The first value that is not possible, with what is.
    pub(super) fn outbound(
        &self,
        trunk: &str,
        (peers, own): (&Networks, Option<&Login>),
    ) -> Result<OutboundConfig, ConfigError> {
        let key = |field: &str| format!("telephony.trunks.{trunk}.outbound.{field}");
        let is_peer = |at: &SocketAddr| peers.contains(at.ip());
        let server = match server(&self.server) {
            Some(ServerName::At(at)) if is_peer(&at) => Some(ServerName::At(at)),
            Some(ServerName::At(_)) | None => None,
            named => named,
        };
        let server = server.ok_or_else(|| {
            let allowed = "an address among the trunk's peers, with a port: whoever is not is not heard; or a \
                           name, as sip.carrier.example";
            value(&key("server"), &self.server, allowed)
        })?;
        within(&key("prefixes"), self.prefixes.len(), 0..=PREFIXES_MAX)?;
        if let Some(odd) = self.prefixes.iter().find(|it| !is_prefix(it)) {
            let allowed =
                "the beginning of a number, as +49 or +4930, or of a service code, as *21";
            return Err(value(&key("prefixes"), odd, allowed));
        }
        let is_host = |text: &str| {
            let is_its = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
            (1..=253).contains(&text.len()) && text.chars().all(is_its)
        };
        if let Some(odd) = self.domain.as_deref().filter(|it| !is_host(it)) {
            return Err(value(&key("domain"), odd, "a name or an address, without a port"));
        }
        let shown = |text: &str| DialedNumber::parse(text).is_ok_and(|it| it.as_str() == text);
        if let Some(odd) = self.caller.as_deref().filter(|it| !shown(it)) {
            return Err(value(&key("caller"), odd, "an international number, as +4930123456"));
        }
        within(&key("calls_max"), self.calls_max, 1..=10_000)?;
        within(&key("calls_per_minute"), self.calls_per_minute, 1..=6_000)?;
        within(&key("ring_timeout_s"), self.ring_timeout_s, 5..=180)?;
        let transport = match self.transport {
            OutboundTransport::Udp => Transport::Udp,
            OutboundTransport::Tcp => Transport::Tcp,
            OutboundTransport::Tls => Transport::Tls,
        };
        Ok(OutboundConfig {
            servers: match server {
                ServerName::At(at) => Servers::At(vec![Peer { transport, ..Peer::udp(at) }]),
                ServerName::Host { host, port } => {
                    Servers::Named(NamedServer { host, port, transport })
                }
            },
            domain: self.domain.clone(),
            prefixes: self.prefixes.clone(),
            caller: self.caller.clone(),
            login: self.login(&key)?.or_else(|| own.cloned()),
            calls_max: self.calls_max,
            calls_per_minute: self.calls_per_minute,
            ring_timeout: Duration::from_secs(self.ring_timeout_s),
        })
    }

    fn login(&self, key: &impl Fn(&str) -> String) -> Result<Option<Login>, ConfigError> {
        match (&self.login, &self.secret_file) {
            (None, None) => Ok(None),
            (Some(name), Some(file)) => {
                let secret = read_secret(&key("secret_file"), file, 1..=SECRET_BYTES_MAX)?;
                Ok(Some(Login { username: name.clone(), secret: Secret::new(secret) }))
            }
            (Some(_), None) | (None, Some(_)) => {
                Err(value(&key("login"), "half", "login and secret_file together, or neither"))
            }
        }
    }
}

fn is_prefix(text: &str) -> bool {
    let (digits, more): (_, &[u8]) = match text.strip_prefix('+') {
        Some(digits) => (digits, b""),
        None => match text.strip_prefix('*') {
            Some(keys) => (keys, b"*#"),
            None => return false,
        },
    };
    text.len() <= PREFIX_CHARS_MAX
        && digits.bytes().all(|byte| byte.is_ascii_digit() || more.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(more: &str) -> OutboundSettings {
        toml::from_str(&format!("server = \"192.0.2.10:5060\"\n{more}")).unwrap()
    }

    fn read(more: &str) -> Result<OutboundConfig, ConfigError> {
        let peers = Networks::parse(["192.0.2.10"]).unwrap();
        settings(more).outbound("pbx", (&peers, None))
    }

    #[test]
    fn nothing_may_be_called_unless_it_is_named() {
        assert!(read("").unwrap().prefixes.is_empty());
        let named = read("prefixes = [\"+49\", \"*21\"]\ntransport = \"tcp\"").unwrap();
        assert_eq!(named.prefixes, ["+49", "*21"]);
        let at = Peer::udp("192.0.2.10:5060".parse().unwrap());
        assert_eq!(named.servers, Servers::At(vec![Peer { transport: Transport::Tcp, ..at }]));
    }

    #[test]
    fn a_server_may_be_named() {
        let peers = Networks::parse(["192.0.2.10"]).unwrap();
        let settings: OutboundSettings =
            toml::from_str("server = \"sip.carrier.example\"\ntransport = \"tls\"").unwrap();
        let (host, transport) = ("sip.carrier.example".to_owned(), Transport::Tls);
        let named = Servers::Named(NamedServer { host, port: None, transport });
        assert_eq!(settings.outbound("pbx", (&peers, None)).unwrap().servers, named);
        let odd: OutboundSettings = toml::from_str("server = \"192.0.2.10\"").unwrap();
        let error = odd.outbound("pbx", (&peers, None)).unwrap_err().to_string();
        assert!(error.contains("outbound.server"), "{error}");
    }

    #[test]
    fn what_is_not_possible_is_named() {
        for (odd, key) in [
            ("prefixes = [\"49\"]", "prefixes"),
            ("prefixes = [\"\"]", "prefixes"),
            ("prefixes = [\"+49a\"]", "prefixes"),
            ("caller = \"Sotto\"", "caller"),
            ("domain = \"a:5060\"", "domain"),
            ("calls_max = 0", "calls_max"),
            ("calls_per_minute = 0", "calls_per_minute"),
            ("ring_timeout_s = 1", "ring_timeout_s"),
            ("login = \"half\"", "login"),
        ] {
            let error = read(odd).unwrap_err().to_string();
            assert!(error.contains(&format!("telephony.trunks.pbx.outbound.{key}")), "{error}");
        }
        let elsewhere = Networks::parse(["192.0.2.11"]).unwrap();
        let error = settings("").outbound("pbx", (&elsewhere, None)).unwrap_err().to_string();
        assert!(error.contains("outbound.server"), "{error}");
    }
}
