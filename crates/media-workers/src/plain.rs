//! Plain stations: their ports, their sockets, and which socket leads to which station.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use call_engine::OpusEncoderConfig;
use interaction::StationId;
use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use rand::{Rng, RngExt};
use rtp_station::{Channel, PlainConfig, Station, StationConfig};

use crate::table::Table;
use crate::{PlainPorts, StationError, socket};

/// The first token of plain stations' sockets, after those that wake a worker and tell of its own socket: of
/// each station the one for RTP, and then the one for RTCP.
const FIRST_TOKEN: usize = 2;

/// The ports of plain stations. Which one a station gets is drawn at random: in their order they would
/// tell one peer how many others came since.
#[derive(Debug)]
pub(crate) struct PortPool {
    ports: PlainPorts,
    /// Even ports that can be had: the one after each is in the range, too.
    pairs: Vec<u16>,
    /// Those in use. Locked when a station opens and when it is gone, not on a packet's way.
    used: Mutex<HashSet<u16>>,
}

/// A pair of ports that is given back when this is dropped.
#[derive(Debug)]
struct Lease {
    pool: Arc<PortPool>,
    port: u16,
}

/// A plain station and its sockets.
pub(crate) struct Plain {
    pub station: Station,
    rtp: UdpSocket,
    rtcp: UdpSocket,
    /// The token of the one for RTP; 0: not registered yet.
    token: usize,
    /// After the sockets: by the time the ports are given back they are closed.
    _lease: Lease,
}

/// Which plain stations there are on a worker, by their sockets.
pub(crate) struct PlainSet {
    registry: Registry,
    by_token: Table<usize, StationId>,
    next_token: usize,
    /// Sockets that may have something to read; each at most once.
    pub ready: Vec<usize>,
}

impl PortPool {
    /// The pool of a range.
    ///
    /// # Errors
    /// There is no pair of ports in it.
    pub fn new(ports: PlainPorts) -> io::Result<Self> {
        let (first, last) = (*ports.ports.start(), *ports.ports.end());
        let pairs: Vec<u16> =
            (first..last).filter(|port| *port != 0 && port.is_multiple_of(2)).collect();
        if pairs.is_empty() {
            return Err(io::Error::other(
                "the range of UDP ports for telephone calls holds no even port with the one after it",
            ));
        }
        Ok(Self { ports, pairs, used: Mutex::default() })
    }

    /// Takes a free pair, binds it, and says where it is reached.
    fn open(self: &Arc<Self>) -> Result<(UdpSocket, UdpSocket, Lease, SocketAddr), StationError> {
        let start = rand::rng().random_range(0..self.pairs.len());
        let (before, from) = self.pairs.split_at(start);
        for port in from.iter().chain(before) {
            let Some(lease) = self.lease(*port) else { continue };
            let bind = |port| {
                let address = SocketAddr::new(self.ports.bind, port);
                socket::bind(address, socket::PLAIN_BUFFER_BYTES)
            };
            let (rtp, rtcp) = match bind(*port).and_then(|rtp| Ok((rtp, bind(*port + 1)?))) {
                Ok(sockets) => sockets,
                // Somebody else on this machine has it.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => continue,
                Err(error) => return Err(StationError::NoSocket(Arc::new(error))),
            };
            let ip = self.ports.public_address.unwrap_or(self.ports.bind);
            return Ok((rtp, rtcp, lease, SocketAddr::new(ip, *port)));
        }
        Err(StationError::PortsExhausted)
    }

    fn lease(self: &Arc<Self>, port: u16) -> Option<Lease> {
        let is_free = self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(port);
        is_free.then(|| Lease { pool: self.clone(), port })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.used.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.port);
    }
}

impl Plain {
    /// Sets a station up on ports of its own; our answer, or our offer if there was none.
    pub fn open(
        pool: &Arc<PortPool>,
        offer: Option<&str>,
        config: PlainConfig,
        encoder: OpusEncoderConfig,
    ) -> Result<(Self, String), StationError> {
        let (rtp, rtcp, lease, local) = pool.open()?;
        let mut seed = [0; 32];
        rand::rng().fill_bytes(&mut seed);
        let config = StationConfig { plain: config, local, encoder, seed };
        let now = Instant::now();
        let (station, sdp) = match offer {
            Some(offer) => {
                Station::accept_offer(config, offer, now).map_err(StationError::Plain)?
            }
            None => Station::make_offer(config, now),
        };
        Ok((Self { station, rtp, rtcp, token: 0, _lease: lease }, sdp))
    }

    /// Sends a datagram. A full socket buffer loses it, as a network does.
    pub fn transmit(&self, channel: Channel, to: SocketAddr, bytes: &[u8]) {
        let _ = self.socket(channel).send_to(bytes, to);
    }

    /// Reads one datagram; `None` when there is none.
    pub fn receive(&self, channel: Channel, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        socket::receive(self.socket(channel), buffer)
    }

    fn socket(&self, channel: Channel) -> &UdpSocket {
        match channel {
            Channel::Rtp => &self.rtp,
            Channel::Rtcp => &self.rtcp,
        }
    }
}

impl PlainSet {
    pub fn new(registry: Registry) -> Self {
        let (by_token, ready) = (Table::default(), Vec::new());
        Self { registry, by_token, next_token: FIRST_TOKEN, ready }
    }

    /// Whether there is no station.
    pub fn is_empty(&self) -> bool {
        self.by_token.is_empty()
    }

    /// Listens to a station's sockets from now on.
    pub fn register(&mut self, id: StationId, plain: &mut Plain) -> io::Result<()> {
        let token = self.next_token;
        self.registry.register(&mut plain.rtp, Token(token), Interest::READABLE)?;
        self.registry.register(&mut plain.rtcp, Token(token + 1), Interest::READABLE)?;
        self.next_token += 2;
        plain.token = token;
        self.by_token.extend([(token, id), (token + 1, id)]);
        // What came before this is told of by no edge.
        self.ready.extend([token, token + 1]);
        Ok(())
    }

    /// Closed sockets leave the poll by themselves.
    pub fn forget(&mut self, plain: &Plain) {
        for token in [plain.token, plain.token + 1] {
            self.by_token.remove(&token);
            self.ready.retain(|it| *it != token);
        }
    }

    /// The station and the socket of a token.
    pub fn find(&self, token: usize) -> Option<(StationId, Channel)> {
        let is_rtp = token.is_multiple_of(2) == FIRST_TOKEN.is_multiple_of(2);
        let channel = if is_rtp { Channel::Rtp } else { Channel::Rtcp };
        self.by_token.get(&token).map(|id| (*id, channel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(ports: std::ops::RangeInclusive<u16>) -> io::Result<Arc<PortPool>> {
        let bind = std::net::Ipv4Addr::LOCALHOST.into();
        PortPool::new(PlainPorts { bind, public_address: None, ports }).map(Arc::new)
    }

    #[test]
    fn a_range_that_is_used_up_is_a_clear_error_and_what_is_given_back_can_be_had_again() {
        let pool = pool(47_101..=47_106).unwrap();
        assert_eq!(pool.pairs, [47_102, 47_104], "47,106 has no partner");
        let first = pool.open().unwrap();
        let second = pool.open().unwrap();
        assert_ne!(first.3, second.3);
        assert!(matches!(pool.open(), Err(StationError::PortsExhausted)));
        let address = first.3;
        drop(first);
        assert_eq!(pool.open().unwrap().3, address);
    }

    #[test]
    fn a_port_that_somebody_else_has_is_passed_over() {
        let pool = pool(47_110..=47_113).unwrap();
        let taken = std::net::UdpSocket::bind("127.0.0.1:47111").unwrap();
        for _ in 0..8 {
            assert_eq!(pool.open().unwrap().3.port(), 47_112);
        }
        drop(taken);
    }

    #[test]
    fn a_socket_that_cannot_be_had_is_told_as_such() {
        let bind = "192.0.2.1".parse().unwrap();
        let ports = PlainPorts { bind, public_address: None, ports: 47_114..=47_117 };
        let pool = Arc::new(PortPool::new(ports).unwrap());
        let refused = pool.open().map(|_| ()).unwrap_err();
        let is_told = |error: &io::Error| error.kind() == io::ErrorKind::AddrNotAvailable;
        assert!(matches!(&refused, StationError::NoSocket(error) if is_told(error)), "{refused}");
        assert!(pool.used.lock().unwrap().is_empty(), "and its port is given back");
    }

    #[test]
    fn a_range_without_a_pair_is_refused_at_the_start() {
        assert!(pool(47_121..=47_122).is_err());
        #[expect(clippy::reversed_empty_ranges, reason = "a range the wrong way about")]
        let reversed = pool(47_130..=47_120);
        assert!(reversed.is_err());
    }
}
