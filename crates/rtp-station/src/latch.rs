//! From where the peer's media come, and where ours go (symmetric RTP, RFC 4961).
//!
//! Media are taken from the address in the peer's SDP and from where its SIP messages come (it may be behind
//! a NAT), and from nowhere else: a stranger who sends to an open port is never heard, nor sent anything
//! ("RTP bleed"). The signalled address itself is always preferred. Whoever was heard first stays, and
//! another port of the same hosts follows only once it has been silent.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// Another port may follow after so long without a packet: a NAT that gave its mapping away.
const SILENT: Duration = Duration::from_secs(2);

/// One flow: RTP, or RTCP on a port of its own.
#[derive(Debug)]
pub(crate) struct Latch {
    /// As signalled; `None`: it is not to be sent anything.
    signalled: Option<SocketAddr>,
    /// Where the peer's SIP messages come from.
    peer: IpAddr,
    /// Who was heard, and when last.
    locked: Option<(SocketAddr, Instant)>,
}

impl Latch {
    pub fn new(peer: IpAddr) -> Self {
        Self { signalled: None, peer, locked: None }
    }

    /// The peer's SDP says where it receives. Another address than before: whoever was heard before is the
    /// peer no longer.
    pub fn signal(&mut self, address: Option<SocketAddr>) {
        if let Some(address) = address
            && self.signalled != Some(address)
        {
            self.signalled = Some(address);
            self.locked = None;
        }
    }

    /// Whether a datagram from there may be the peer's.
    pub fn admits(&self, from: SocketAddr, now: Instant) -> bool {
        let Some(signalled) = self.signalled else { return false };
        if from == signalled {
            return true;
        }
        if from.ip() != signalled.ip() && from.ip() != self.peer {
            return false;
        }
        self.locked.is_none_or(|(locked, at)| {
            locked == from || now.saturating_duration_since(at) >= SILENT
        })
    }

    /// A datagram from there turned out to be good.
    pub fn confirm(&mut self, from: SocketAddr, now: Instant) {
        self.locked = Some((from, now));
    }

    /// Where media go.
    pub fn target(&self) -> Option<SocketAddr> {
        self.locked.map(|(address, _)| address).or(self.signalled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    fn a_stranger_is_never_taken_and_the_peer_is_kept() {
        let (start, s) = (Instant::now(), Duration::from_secs);
        let mut latch = Latch::new("203.0.113.9".parse().unwrap());
        assert!(!latch.admits(at("192.0.2.1:4000"), start), "nothing is signalled yet");
        latch.signal(Some(at("192.0.2.1:4000")));
        assert_eq!(latch.target(), Some(at("192.0.2.1:4000")));
        assert!(!latch.admits(at("198.51.100.7:4000"), start));
        // Behind a NAT: the signalled address is private, the SIP messages' is not.
        assert!(latch.admits(at("203.0.113.9:61000"), start));
        latch.confirm(at("203.0.113.9:61000"), start);
        assert_eq!(latch.target(), Some(at("203.0.113.9:61000")));
        assert!(!latch.admits(at("203.0.113.9:61001"), start + s(1)), "locked");
        assert!(!latch.admits(at("192.0.2.1:4001"), start + s(1)), "locked");
        assert!(latch.admits(at("203.0.113.9:61001"), start + s(3)), "the NAT moved it");
        assert!(!latch.admits(at("198.51.100.7:4000"), start + s(60)), "never a stranger");
        // The signalled address itself is always the peer's.
        assert!(latch.admits(at("192.0.2.1:4000"), start + s(1)));
        latch.signal(Some(at("192.0.2.1:4000")));
        assert_eq!(latch.target(), Some(at("203.0.113.9:61000")), "said again, it changes nothing");
        latch.signal(Some(at("192.0.2.8:5000")));
        assert_eq!(latch.target(), Some(at("192.0.2.8:5000")), "media were moved");
        assert!(!latch.admits(at("192.0.2.1:4000"), start + s(60)));
    }
}
