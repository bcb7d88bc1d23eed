//! Where SIP is spoken, with whom, and which queue a number means.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use budget::Networks;
use media_workers::{PlainCodec, Srtp};
use sip::admission::TrunkPeers;

/// The telephone side of a server.
#[derive(Clone, Debug)]
pub struct TelephonyConfig {
    /// Where SIP is spoken, by UDP and by TCP.
    pub bind: SocketAddr,
    /// Where it is spoken through TLS.
    pub bind_tls: Option<SocketAddr>,
    /// The address that peers reach it at, when it is not the one bound to.
    pub public_address: Option<IpAddr>,
    /// Who calls.
    pub trunks: Vec<TrunkConfig>,
    /// A codec, a transport or a version that others see: `User-Agent` and `Server`.
    pub product: String,
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
    /// Codecs, the most wanted first.
    pub codecs: Vec<PlainCodec>,
    /// Sound in a packet that we send, ms.
    pub ptime_ms: u8,
    /// Encryption of the media.
    pub srtp: Srtp,
    /// Silence on a call after which it is over.
    pub media_timeout: Duration,
    /// Queues, by the number that was called. A user part that is none of them is a queue's key.
    pub numbers: BTreeMap<String, String>,
    /// The queue for whatever else is called; `None`: 404.
    pub default_queue: Option<String>,
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
            codecs: vec![PlainCodec::Opus, PlainCodec::G722, PlainCodec::Pcma, PlainCodec::Pcmu],
            ptime_ms: 20,
            srtp: Srtp::Optional,
            media_timeout: Duration::from_secs(30),
            numbers: BTreeMap::new(),
            default_queue: None,
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
        }
    }
}
