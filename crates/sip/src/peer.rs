//! Who is at the other end, and how messages get there.

use std::net::SocketAddr;

/// How messages get there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// Datagrams: what is lost is sent again.
    Udp,
    /// A stream.
    Tcp,
    /// A stream that is encrypted.
    Tls,
}

impl Transport {
    /// Whether what is sent arrives, or the connection ends.
    pub fn is_reliable(self) -> bool {
        match self {
            Self::Udp => false,
            Self::Tcp | Self::Tls => true,
        }
    }

    /// As Via names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }
}

/// The other end of a hop: where a message came from, or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Peer {
    /// How.
    pub transport: Transport,
    /// Where.
    pub address: SocketAddr,
    /// The stream's number at whoever holds it; 0 for datagrams.
    pub connection: u64,
}

impl Peer {
    /// Whoever is reached by datagrams at this address.
    pub fn udp(address: SocketAddr) -> Self {
        Self { transport: Transport::Udp, address, connection: 0 }
    }
}
