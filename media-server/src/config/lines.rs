//! Lines: extensions of a PBX's that are registered there in agents' places.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

use budget::Networks;
use serde::{Deserialize, Serialize};
use telephony::digest::Secret;
use telephony::{LineConfig, Login, NamedServer, Peer, Servers, Transport, TrunkConfig, TrunkId};

use super::ConfigError;
use super::check::{value, within};
use super::secret_file::read_secret;
use super::server_name::{ServerName, server};

/// Lines at most.
pub(super) const LINES_MAX: usize = 10_000;
/// Servers of one line at most.
const SERVERS_MAX: usize = 4;
/// Bytes that a line's secret may have; how long it must be is the PBX's affair.
const SECRET_BYTES_MAX: usize = 256;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineSettings {
    /// The name of the trunk by which it is called.
    pub trunk: String,
    /// Where it is registered, by datagrams: addresses, of which the first one that answers has it, or one name.
    pub servers: Vec<String>,
    /// The host part of its address; the first server's address, or its name, unless it is named.
    #[serde(default)]
    pub domain: Option<String>,
    /// The extension.
    pub extension: String,
    /// The name that it proves, if that is not the extension.
    #[serde(default)]
    pub login: Option<String>,
    /// The file that holds its secret, and nothing else.
    pub secret_file: PathBuf,
    /// The user name of its agent.
    pub user: String,
}

/// The lines, for these trunks.
///
/// # Errors
/// The first value that is not possible, with what is.
pub(super) fn lines(
    settings: &[LineSettings],
    trunks: &[TrunkConfig],
) -> Result<Vec<LineConfig>, ConfigError> {
    within("telephony.lines", settings.len(), 0..=LINES_MAX)?;
    let mut called = BTreeSet::new();
    settings
        .iter()
        .map(|line| {
            if !called.insert((&line.trunk, &line.extension)) {
                let allowed = "an extension, each once by one trunk";
                return Err(value("telephony.lines.extension", &line.extension, allowed));
            }
            line.line(trunks)
        })
        .collect()
}

impl LineSettings {
    fn key(&self, field: &str) -> String {
        format!("telephony.lines.{}.{field}", self.extension)
    }

    fn line(&self, trunks: &[TrunkConfig]) -> Result<LineConfig, ConfigError> {
        let is_word = |text: &str| {
            let is_its = |letter: char| letter.is_ascii_alphanumeric() || "+-._".contains(letter);
            (1..=80).contains(&text.len()) && text.chars().all(is_its)
        };
        if !is_word(&self.extension) {
            let allowed = "1 to 80 of a to z, A to Z, 0 to 9, +, -, . and _";
            return Err(value("telephony.lines.extension", &self.extension, allowed));
        }
        if self.domain.as_deref().is_some_and(|domain| !is_word(domain)) {
            let domain = self.domain.as_deref().unwrap_or_default();
            return Err(value(&self.key("domain"), domain, "a name or an address, without a port"));
        }
        if self.user.trim().is_empty() {
            return Err(value(&self.key("user"), "empty", "the user name of an agent"));
        }
        within(&self.key("servers"), self.servers.len(), 1..=SERVERS_MAX)?;
        let trunk = trunks.iter().position(|trunk| trunk.name == self.trunk);
        let trunk = trunk.ok_or_else(|| {
            value(&self.key("trunk"), &self.trunk, "the name of one of telephony.trunks")
        })?;
        let (servers, host) = self.servers(&trunks[trunk].peers)?;
        let secret =
            read_secret(&self.key("secret_file"), &self.secret_file, 1..=SECRET_BYTES_MAX)?;
        Ok(LineConfig {
            trunk: TrunkId(trunk),
            servers,
            domain: self.domain.clone().unwrap_or(host),
            extension: self.extension.clone(),
            login: Login {
                username: self.login.clone().unwrap_or_else(|| self.extension.clone()),
                secret: Secret::new(secret),
            },
            username: self.user.clone(),
        })
    }

    /// Where it is, and the host part of an address there.
    fn servers(&self, peers: &Networks) -> Result<(Servers, String), ConfigError> {
        let read: Option<Vec<ServerName>> = self.servers.iter().map(|it| server(it)).collect();
        let servers = match read.as_deref() {
            Some([ServerName::Host { host, port }]) => {
                let named =
                    NamedServer { host: host.clone(), port: *port, transport: Transport::Udp };
                return Ok((Servers::Named(named), host.clone()));
            }
            Some(servers) => servers.iter().map(|it| match it {
                ServerName::At(at) if peers.contains(at.ip()) => Some(*at),
                ServerName::At(_) | ServerName::Host { .. } => None,
            }),
            None => return Err(self.odd_servers()),
        };
        let servers: Option<Vec<SocketAddr>> = servers.collect();
        let servers = servers.ok_or_else(|| self.odd_servers())?;
        let host = servers.first().map(|it| it.ip().to_string()).unwrap_or_default();
        Ok((Servers::At(servers.into_iter().map(Peer::udp).collect()), host))
    }

    fn odd_servers(&self) -> ConfigError {
        let allowed = "addresses with ports, among the trunk's peers: whoever is not is not heard; or one name, as \
                       pbx.example";
        value(&self.key("servers"), self.servers.join(", "), allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(names: &[&str]) -> Result<(Servers, String), ConfigError> {
        let line = LineSettings {
            trunk: "pbx".to_owned(),
            servers: names.iter().map(|it| (*it).to_owned()).collect(),
            domain: None,
            extension: "200".to_owned(),
            login: None,
            secret_file: PathBuf::new(),
            user: "ana".to_owned(),
        };
        line.servers(&Networks::parse(["192.0.2.0/24"]).unwrap())
    }

    #[test]
    fn a_line_is_at_addresses_or_behind_one_name() {
        let peer = |text: &str| Peer::udp(text.parse().unwrap());
        let at = Servers::At(vec![peer("192.0.2.10:5060"), peer("192.0.2.11:5060")]);
        let two = servers(&["192.0.2.10:5060", "192.0.2.11:5060"]).unwrap();
        assert_eq!(two, (at, "192.0.2.10".to_owned()));
        let (host, transport) = ("pbx.example".to_owned(), Transport::Udp);
        let named = Servers::Named(NamedServer { host: host.clone(), port: None, transport });
        assert_eq!(servers(&["pbx.example"]).unwrap(), (named, host));
        for odd in [
            &["192.0.2.10"][..],
            &["198.51.100.1:5060"],
            &["pbx.example", "192.0.2.10:5060"],
            &["a.example", "b.example"],
        ] {
            let error = servers(odd).unwrap_err().to_string();
            assert!(error.contains("telephony.lines.200.servers"), "{error}");
        }
    }
}
