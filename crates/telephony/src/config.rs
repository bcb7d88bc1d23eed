//! Where SIP is spoken, with whom, and which queue a number means.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use budget::Networks;
use media_workers::{PlainCodec, PlainConfig, Srtp};
use sip::admission::{TrunkId, TrunkLogin, TrunkPeers};
use sip::digest::{Algorithm, Secret};
use sip::{Login, Peer, RegistrarConfig, Transport};

use crate::key_code::KeyCode;
use crate::tls_trust::TlsTrust;

/// The telephone side of a server.
#[derive(Clone, Debug)]
pub struct TelephonyConfig {
    /// Where SIP is spoken, by UDP and by TCP.
    pub bind: SocketAddr,
    /// Where it is spoken through TLS.
    pub bind_tls: Option<SocketAddr>,
    /// The address that peers reach it at, when it is not the one bound to.
    pub public_address: Option<IpAddr>,
    /// Who is asked where named servers are; `None`: the machine's own name server.
    pub dns: Option<SocketAddr>,
    /// Who calls.
    pub trunks: Vec<TrunkConfig>,
    /// Extensions of PBXs' that are registered there.
    pub lines: Vec<LineConfig>,
    /// Agents' telephones; `None`: none may register.
    pub phones: Option<PhonesConfig>,
    /// A codec, a transport or a version that others see: `User-Agent` and `Server`.
    pub product: String,
}

/// Where somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Servers {
    /// At these addresses, the most wanted first.
    At(Vec<Peer>),
    /// Where DNS says.
    Named(NamedServer),
}

/// A server that is named by a host's name (RFC 3263).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedServer {
    /// The name.
    pub host: String,
    /// Its port; `None`: SRV records say it.
    pub port: Option<u16>,
    /// How it is reached.
    pub transport: Transport,
}

impl Servers {
    /// Those that are known without asking anybody.
    pub(crate) fn known(&self) -> Vec<Peer> {
        match self {
            Self::At(servers) => servers.clone(),
            Self::Named(_) => Vec::new(),
        }
    }

    /// Its name, if it has one.
    pub(crate) fn named(&self) -> Option<&NamedServer> {
        match self {
            Self::At(_) => None,
            Self::Named(server) => Some(server),
        }
    }

    /// As the host part of an address there.
    pub(crate) fn host(&self) -> (String, Option<u16>) {
        match self {
            Self::At(servers) => match servers.first() {
                Some(it) => (it.address.ip().to_string(), Some(it.address.port())),
                None => (String::new(), None),
            },
            Self::Named(server) => (server.host.clone(), server.port),
        }
    }
}

/// An extension of a PBX's that is registered there in an agent's place: who calls it, calls the agent.
#[derive(Clone, Debug)]
pub struct LineConfig {
    /// The trunk whose peers call it; its servers are among them.
    pub trunk: TrunkId,
    /// Where it is registered; the first one that answers has it.
    pub servers: Servers,
    /// The host part of its address there.
    pub domain: String,
    /// The extension.
    pub extension: String,
    /// Who it is there.
    pub login: Login,
    /// The account of the agent.
    pub username: String,
}

/// For how long a line is registered each time, unless the PBX wants otherwise, s.
const LINE_EXPIRES_S: u32 = 300;

impl LineConfig {
    pub(crate) fn registration(&self) -> sip::LineConfig {
        sip::LineConfig {
            servers: self.servers.known(),
            domain: self.domain.clone(),
            user: self.extension.clone(),
            login: self.login.clone(),
            expires_s: LINE_EXPIRES_S,
        }
    }
}

/// Agents' telephones, which register here.
#[derive(Clone, Debug)]
pub struct PhonesConfig {
    /// Networks that they are in; whoever else registers is not answered.
    pub networks: Networks,
    /// What their secrets are for, as digest names it.
    pub realm: String,
    /// How secrets are proved, the better one first.
    pub algorithms: Vec<Algorithm>,
    /// What is offered to them.
    pub media: MediaTerms,
    /// What an agent presses during a call to ask for help; `None`: nothing does.
    pub help_code: Option<KeyCode>,
    /// Whether an agent may have a call transferred by the telephone's own key (REFER).
    pub refer: bool,
    /// For how long an agent who has no page is not ready after they have missed a call.
    pub missed_pause: Duration,
    /// The telephones.
    pub phones: Vec<PhoneConfig>,
}

/// One agent's extension: one telephone, or a few.
#[derive(Clone, Debug)]
pub struct PhoneConfig {
    /// The number, and the name that it registers by.
    pub extension: String,
    /// The account of the agent.
    pub username: String,
    /// What the telephone knows.
    pub secret: Secret,
    /// An agent who comes by this telephone, and has no page open, is ready for calls at once.
    pub ready: bool,
}

/// How media are talked about.
#[derive(Clone, Debug)]
pub struct MediaTerms {
    /// Codecs, the most wanted first.
    pub codecs: Vec<PlainCodec>,
    /// Sound in a packet that we send, ms.
    pub ptime_ms: u8,
    /// Encryption of the media.
    pub srtp: Srtp,
    /// Silence on a call after which it is over.
    pub media_timeout: Duration,
}

impl Default for MediaTerms {
    fn default() -> Self {
        Self {
            codecs: vec![PlainCodec::Opus, PlainCodec::G722, PlainCodec::Pcma, PlainCodec::Pcmu],
            ptime_ms: 20,
            srtp: Srtp::Optional,
            media_timeout: Duration::from_secs(30),
        }
    }
}

impl MediaTerms {
    pub(crate) fn station(&self, signalled_from: IpAddr) -> PlainConfig {
        PlainConfig {
            codecs: self.codecs.clone(),
            ptime_ms: self.ptime_ms,
            srtp: self.srtp,
            media_timeout: self.media_timeout,
            signalled_from,
        }
    }
}

impl PhonesConfig {
    /// These telephones, in these networks.
    pub fn new(networks: Networks, phones: Vec<PhoneConfig>) -> Self {
        Self {
            networks,
            realm: "sotto".to_owned(),
            algorithms: vec![Algorithm::Sha256, Algorithm::Md5],
            media: MediaTerms::default(),
            help_code: None,
            refer: false,
            missed_pause: Duration::from_secs(60),
            phones,
        }
    }

    pub(crate) fn registrar(&self) -> RegistrarConfig {
        let login = |it: &PhoneConfig| (it.extension.clone(), it.secret.clone());
        RegistrarConfig {
            realm: self.realm.clone(),
            algorithms: self.algorithms.clone(),
            networks: self.networks.clone(),
            phones: self.phones.iter().map(login).collect(),
        }
    }
}

/// A trunk: a PBX, a session border controller, a carrier.
#[derive(Clone, Debug)]
pub struct TrunkConfig {
    /// Its name, in logs and metrics.
    pub name: String,
    /// The addresses that are trusted to be it. Whoever is at none of a trunk's addresses is not answered.
    pub peers: Networks,
    /// Calls that one peer may begin in a second.
    pub calls_per_second: u32,
    /// Calls at the same time.
    pub calls_max: usize,
    /// Of them, those of one peer's address.
    pub calls_per_peer: usize,
    /// What whoever calls has to prove by digest; `None`: to be at one of its addresses is enough.
    pub login: Option<TrunkLogin>,
    /// How media are talked about.
    pub media: MediaTerms,
    /// Queues, by the number that was called. A user part that is none of them is a queue's key.
    pub numbers: BTreeMap<String, String>,
    /// The queue for whatever else is called; `None`: 404.
    pub default_queue: Option<String>,
    /// Which numbers agents may call by it, and how; `None`: none.
    pub outbound: Option<OutboundConfig>,
    /// How its certificate is checked when a stream to it is opened through TLS; `None`: none is opened.
    pub tls: Option<TlsTrust>,
}

/// Calls to numbers, which agents make by a trunk.
#[derive(Clone, Debug)]
pub struct OutboundConfig {
    /// Where they go: some of the trunk's peers. The next one is tried when one does not answer, or is not well.
    pub servers: Servers,
    /// The host part of whom they are for; `None`: the first server's address, or its name.
    pub domain: Option<String>,
    /// How a number has to begin; none: no number may be called.
    pub prefixes: Vec<String>,
    /// The number that is shown where it rings; `None`: none is.
    pub caller: Option<String>,
    /// Who we are, if the trunk asks.
    pub login: Option<Login>,
    /// Calls at the same time.
    pub calls_max: usize,
    /// Calls that may begin in a minute, and in one moment.
    pub calls_per_minute: u32,
    /// How long it may ring.
    pub ring_timeout: Duration,
}

impl OutboundConfig {
    /// Calls of numbers that begin like this, by this server, with bounds for an office.
    pub fn new(server: Peer, prefixes: Vec<String>) -> Self {
        Self {
            servers: Servers::At(vec![server]),
            domain: None,
            prefixes,
            caller: None,
            login: None,
            calls_max: 10,
            calls_per_minute: 10,
            ring_timeout: Duration::from_secs(60),
        }
    }
}

impl TrunkConfig {
    /// A trunk of this name and these peers, with every codec and bounds for an office.
    pub fn new(name: &str, peers: Networks) -> Self {
        Self {
            name: name.to_owned(),
            peers,
            calls_per_second: 10,
            calls_max: 200,
            calls_per_peer: 200,
            login: None,
            media: MediaTerms::default(),
            numbers: BTreeMap::new(),
            default_queue: None,
            outbound: None,
            tls: None,
        }
    }

    /// The key of the queue that was called.
    pub fn queue_of<'a>(&'a self, called: &'a str) -> &'a str {
        self.numbers.get(called).map_or(called, String::as_str)
    }

    pub(crate) fn admission(&self) -> TrunkPeers {
        TrunkPeers {
            peers: self.peers.clone(),
            calls_per_second: self.calls_per_second,
            calls_max: self.calls_max,
            calls_per_peer: self.calls_per_peer,
            login: self.login.clone(),
        }
    }
}
