//! Lines: extensions of a PBX's that are registered there in agents' places.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use telephony::digest::Secret;
use telephony::{LineConfig, Login, Peer, TrunkConfig, TrunkId};

use super::ConfigError;
use super::check::{value, within};
use super::secret_file::read_secret;

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
    /// Where it is registered, by datagrams; the first one that answers has it.
    pub servers: Vec<SocketAddr>,
    /// The host part of its address; the first server's address unless it is named.
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
        let stranger = self.servers.iter().find(|it| !trunks[trunk].peers.contains(it.ip()));
        if let Some(stranger) = stranger {
            let allowed = "addresses among the trunk's peers: whoever is not is not heard";
            return Err(value(&self.key("servers"), stranger, allowed));
        }
        let secret =
            read_secret(&self.key("secret_file"), &self.secret_file, 1..=SECRET_BYTES_MAX)?;
        Ok(LineConfig {
            trunk: TrunkId(trunk),
            servers: self.servers.iter().map(|it| Peer::udp(*it)).collect(),
            domain: self.domain.clone().unwrap_or_else(|| self.servers[0].ip().to_string()),
            extension: self.extension.clone(),
            login: Login {
                username: self.login.clone().unwrap_or_else(|| self.extension.clone()),
                secret: Secret::new(secret),
            },
            username: self.user.clone(),
        })
    }
}
