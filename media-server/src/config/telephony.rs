//! The telephone side: where SIP is spoken, and with whom.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use budget::Networks;
use media_workers::PlainPorts;
use serde::{Deserialize, Serialize};
use telephony::digest::Secret;
use telephony::{Login, MediaTerms, TelephonyConfig, TrunkConfig, TrunkLogin};

use super::check::{networks, value, within};
use super::lines::{LineSettings, lines};
use super::outbound::{OutboundSettings, OutboundTransport};
use super::phones::{DigestName, PhonesSettings, algorithms, digest};
use super::secret_file::read_secret;
use super::server_name::{ServerName, server};
use super::sip_media::{CodecName, SrtpChoice, check_codecs, codecs};
use super::trunk_tls::TrunkTlsSettings;
use super::{Config, ConfigError};

/// Trunks at most.
const TRUNKS_MAX: usize = 50;
/// Numbers of one trunk at most.
const NUMBERS_MAX: usize = 10_000;
/// Bytes that a trunk's secret may have.
const SECRET_BYTES_MAX: usize = 256;
/// What SIP says we are.
const PRODUCT: &str = concat!("Sotto/", env!("CARGO_PKG_VERSION"));

/// Calls from the telephone network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelephonySettings {
    /// The first UDP port of calls' media; even, for RTP is on even ports (RFC 3550 §11).
    pub rtp_port_first: u16,
    /// The last one.
    pub rtp_port_last: u16,
    /// Who is asked where servers are that are named; the machine's own name server unless it is named.
    pub dns: Option<SocketAddr>,
    /// Who calls.
    pub trunks: Vec<TrunkSettings>,
    /// Extensions of PBXs' that are registered there.
    pub lines: Vec<LineSettings>,
    /// Agents' telephones.
    pub phones: PhonesSettings,
}

impl Default for TelephonySettings {
    fn default() -> Self {
        // Below the ports that Linux gives to outgoing connections, above those of the media workers.
        Self {
            rtp_port_first: 20_000,
            rtp_port_last: 20_999,
            dns: None,
            trunks: Vec::new(),
            lines: Vec::new(),
            phones: PhonesSettings::default(),
        }
    }
}

/// A PBX, a session border controller or a carrier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkSettings {
    /// Its name.
    pub name: String,
    /// Its addresses and networks.
    pub peers: Vec<String>,
    /// The name that it proves by digest, if there is a secret.
    #[serde(default)]
    pub login: Option<String>,
    /// The file that holds its secret, and nothing else.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// How it proves it, the better way first.
    #[serde(default = "digest")]
    pub digest: Vec<DigestName>,
    /// Calls that one peer may begin in a second.
    #[serde(default = "calls_per_second")]
    pub calls_per_second: u32,
    /// Calls at the same time.
    #[serde(default = "calls_max")]
    pub calls_max: usize,
    /// Of them, those of one address.
    #[serde(default = "calls_max")]
    pub calls_per_peer: usize,
    /// Codecs, the most wanted first.
    #[serde(default = "codecs")]
    pub codecs: Vec<CodecName>,
    /// Sound in a packet, ms.
    #[serde(default = "ptime_ms")]
    pub ptime_ms: u8,
    /// Encryption of the media by keys within SIP (RFC 4568).
    #[serde(default)]
    pub srtp: SrtpChoice,
    /// Silence after which a call is over, s.
    #[serde(default = "media_timeout_s")]
    pub media_timeout_s: u64,
    /// Queues, by the number that was called.
    #[serde(default)]
    pub numbers: BTreeMap<String, String>,
    /// The queue for any other number.
    #[serde(default)]
    pub default_queue: Option<String>,
    /// Which numbers agents may call by it, and how; none unless it is said.
    #[serde(default)]
    pub outbound: Option<OutboundSettings>,
    /// Its certificate, when we open a stream to it through TLS.
    #[serde(default)]
    pub tls: TrunkTlsSettings,
}

fn calls_per_second() -> u32 {
    10
}

fn calls_max() -> usize {
    200
}

fn ptime_ms() -> u8 {
    20
}

fn media_timeout_s() -> u64 {
    30
}

impl Config {
    /// The telephone side, if there is one.
    ///
    /// # Errors
    /// A trunk's peer is no address and no network.
    pub fn telephony(&self) -> Result<Option<TelephonyConfig>, ConfigError> {
        let Some(bind) = self.sip else { return Ok(None) };
        let trunks = self.trunks();
        let mut trunks = trunks?;
        if self.demo.is_some() && trunks.is_empty() {
            trunks.push(demo_trunk()?);
        }
        let lines = lines(&self.telephony.lines, &trunks)?;
        Ok(Some(TelephonyConfig {
            bind,
            bind_tls: self.sip_tls,
            public_address: self.public_address,
            dns: self.telephony.dns,
            trunks,
            lines,
            phones: self.telephony.phones.phones()?,
            product: PRODUCT.to_owned(),
        }))
    }

    fn check_sip_tls(&self) -> Result<(), ConfigError> {
        if self.sip_tls.is_some() && self.sip.is_none() {
            return Err(ConfigError::Conflict(
                "`sip_tls` is besides `sip`: name an address for that, too".to_owned(),
            ));
        }
        if self.sip_tls.is_some() && self.tls_source().is_none() {
            return Err(ConfigError::Conflict(
                "`sip_tls` needs a certificate: --tls-cert and --tls-key, --tls acme, or --tls \
                 self-signed to try it out"
                    .to_owned(),
            ));
        }
        let calls_by_tls = |it: &TrunkSettings| {
            it.outbound.as_ref().is_some_and(|it| it.transport == OutboundTransport::Tls)
        };
        if self.sip_tls.is_none()
            && let Some(trunk) = self.telephony.trunks.iter().find(|it| calls_by_tls(it))
        {
            return Err(ConfigError::Conflict(format!(
                "`telephony.trunks.{}.outbound.transport` is tls: name an address by `sip_tls`, too, at which the \
                 trunk reaches us during a call",
                trunk.name
            )));
        }
        Ok(())
    }

    fn trunks(&self) -> Result<Vec<TrunkConfig>, ConfigError> {
        self.telephony.trunks.iter().map(|it| it.trunk(self.sip_tls.is_some())).collect()
    }

    /// The ports of calls' media, if there is a telephone side.
    pub(super) fn plain_ports(&self) -> Option<PlainPorts> {
        let settings = &self.telephony;
        self.sip.map(|sip| PlainPorts {
            bind: sip.ip(),
            public_address: self.public_address,
            ports: settings.rtp_port_first..=settings.rtp_port_last,
        })
    }

    pub(super) fn check_telephony(&self) -> Result<(), ConfigError> {
        let settings = &self.telephony;
        let (first, last) = (settings.rtp_port_first, settings.rtp_port_last);
        if first % 2 != 0 || first < 1_024 {
            let allowed = "an even port from 1024 on";
            return Err(value("telephony.rtp_port_first", first, allowed));
        }
        if last <= first {
            let allowed = "a port above telephony.rtp_port_first: a call has two";
            return Err(value("telephony.rtp_port_last", last, allowed));
        }
        within("telephony.trunks", settings.trunks.len(), 0..=TRUNKS_MAX)?;
        let mut names = BTreeSet::new();
        for trunk in &settings.trunks {
            if trunk.name.trim().is_empty() || !names.insert(&trunk.name) {
                return Err(value("telephony.trunks.name", &trunk.name, "a name, each once"));
            }
            trunk.check()?;
        }
        settings.phones.check()?;
        lines(&settings.lines, &self.trunks()?)?;
        self.check_sip_tls()?;
        let Some(sip) = self.sip else { return Ok(()) };
        if sip.ip().is_unspecified() && self.public_address.is_none() {
            return Err(ConfigError::Conflict(format!(
                "`sip` is {sip}, which no peer can send to: name one of this machine's addresses, \
                 or tell the peers one with `public_address`"
            )));
        }
        let has_phones = !settings.phones.extensions.is_empty();
        if settings.trunks.is_empty() && !has_phones && self.demo.is_none() {
            return Err(ConfigError::Conflict(
                "`sip` without `telephony.trunks` and `telephony.phones` would answer nobody: name who \
                 calls, as in [[telephony.trunks]] name = \"pbx\" peers = [\"192.0.2.10\"]"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

/// In demo mode whoever is on this machine is trusted.
fn demo_trunk() -> Result<TrunkConfig, ConfigError> {
    let loopback = ["127.0.0.0/8".to_owned(), "::1".to_owned()];
    Ok(TrunkConfig {
        calls_per_second: 50,
        ..TrunkConfig::new("demo", networks("telephony.trunks.demo.peers", &loopback)?)
    })
}

impl TrunkSettings {
    fn key(&self, field: &str) -> String {
        format!("telephony.trunks.{}.{field}", self.name)
    }

    fn peers(&self) -> Result<Networks, ConfigError> {
        networks(&self.key("peers"), &self.peers)
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.peers()?;
        if self.peers.is_empty() {
            return Err(value(&self.key("peers"), "empty", "the addresses that calls come from"));
        }
        within(&self.key("calls_per_second"), self.calls_per_second, 1..=1_000)?;
        within(&self.key("calls_max"), self.calls_max, 1..=50_000)?;
        within(&self.key("calls_per_peer"), self.calls_per_peer, 1..=50_000)?;
        within(&self.key("media_timeout_s"), self.media_timeout_s, 5..=3_600)?;
        within(&self.key("numbers"), self.numbers.len(), 0..=NUMBERS_MAX)?;
        if !self.ptime_ms.is_multiple_of(10) || !(10..=60).contains(&self.ptime_ms) {
            return Err(value(&self.key("ptime_ms"), self.ptime_ms, "10, 20, 30, 40, 50 or 60"));
        }
        check_codecs(&self.key("codecs"), &self.codecs)?;
        let queues = self.numbers.values().chain(&self.default_queue);
        if queues.into_iter().any(String::is_empty) {
            return Err(value(&self.key("numbers"), "empty", "the keys of queues"));
        }
        Ok(())
    }

    /// The name of its server, if that has one: its certificate is made out to it.
    fn host(&self) -> Option<String> {
        match server(&self.outbound.as_ref()?.server)? {
            ServerName::Host { host, .. } => Some(host),
            ServerName::At(_) => None,
        }
    }

    fn login(&self) -> Result<Option<TrunkLogin>, ConfigError> {
        match (&self.login, &self.secret_file) {
            (None, None) => Ok(None),
            (Some(name), Some(file)) => {
                let key = self.key("secret_file");
                let secret = Secret::new(read_secret(&key, file, 1..=SECRET_BYTES_MAX)?);
                let login = Login { username: name.clone(), secret };
                let algorithms = algorithms(&self.key("digest"), &self.digest)?;
                Ok(Some(TrunkLogin { login, algorithms }))
            }
            (Some(_), None) | (None, Some(_)) => {
                let allowed = "login and secret_file together, or neither";
                Err(value(&self.key("login"), "half", allowed))
            }
        }
    }

    /// `has_tls`: we speak TLS ourselves.
    fn trunk(&self, has_tls: bool) -> Result<TrunkConfig, ConfigError> {
        let (peers, login) = (self.peers()?, self.login()?);
        let own = login.as_ref().map(|it| &it.login);
        let outbound = self.outbound.as_ref().map(|it| it.outbound(&self.name, (&peers, own)));
        Ok(TrunkConfig {
            outbound: outbound.transpose()?,
            // Only who has an address for TLS opens streams through it.
            tls: has_tls.then(|| self.tls.trust(&self.name, self.host().as_deref())).transpose()?,
            name: self.name.clone(),
            peers,
            calls_per_second: self.calls_per_second,
            calls_max: self.calls_max,
            calls_per_peer: self.calls_per_peer,
            login,
            media: MediaTerms {
                codecs: self.codecs.iter().map(|codec| codec.codec()).collect(),
                ptime_ms: self.ptime_ms,
                srtp: self.srtp.srtp(),
                media_timeout: Duration::from_secs(self.media_timeout_s),
            },
            numbers: self.numbers.clone(),
            default_queue: self.default_queue.clone(),
        })
    }
}
