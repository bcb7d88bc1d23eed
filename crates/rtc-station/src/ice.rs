//! The ICE side of a station: credentials, which addresses have proved themselves, and which of
//! them media goes to.
//!
//! The agent of `is` answers the checks. Who may deliver DTLS and SRTP, and where packets go, is decided
//! here: the agent keeps to a path it once chose for up to 15 s after a NAT has moved the
//! client, because both paths have the same priority. A peer that sends its media from another address,
//! or checks from one while the current one is silent, is followed at once; one that nominates another
//! path while the current one is alive, once it has answered a check of ours there. To an address from
//! which nobody has answered goes little, because a source can be forged.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use is::IceCreds;
use rand::Rng;

use crate::probe::Transaction;

/// Remote addresses a station accepts checks from in its whole life. The agent keeps an entry for
/// each for good, so a peer with credentials and forged sources could otherwise fill memory.
pub const REMOTE_ADDRESSES_MAX: usize = 256;

/// An address may deliver DTLS and SRTP for this long after its last check (RFC 7675 §5.1).
const CHECK_VALID: Duration = Duration::from_secs(30);
/// A path without any authentic datagram for this long loses to one that has just been checked.
/// Longer than the 2.5 s between a browser's checks on an idle path.
const PATH_SILENT: Duration = Duration::from_secs(4);

/// Media has moved when it comes from an address that was checked last, and nothing has come from the
/// current one for so long: ten packets. Without media (muted, say) it takes [`PATH_SILENT`].
const MEDIA_MOVED: Duration = Duration::from_millis(200);

/// An address is one station's alone until it has been silent for so long: three of the checks that
/// clients send (RFC 7675 §5.1: every 5 s).
const ADDRESS_HELD: Duration = Duration::from_secs(15);
/// What may be sent to an address of which only the source of datagrams is known, as a multiple of what
/// came from there (RFC 9000 §8.1).
const AMPLIFICATION_MAX: u64 = 3;
/// Between two checks of ours to one address.
const PROBE_INTERVAL: Duration = Duration::from_millis(250);

/// RFC 8445 §5.3: at least 24 bits of randomness in the fragment, 128 in the password; 6 a character.
const UFRAG_CHARS: usize = 8;
const PASSWORD_CHARS: usize = 24;

/// `ice-char` of RFC 8839 §5.4: 64 characters, so 6 random bits pick one without bias.
const ICE_CHARS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Fresh credentials. The agent's own come from a generator that is not cryptographic.
pub(crate) fn fresh_credentials(rng: &mut impl Rng) -> IceCreds {
    IceCreds { ufrag: ice_string(rng, UFRAG_CHARS), pass: ice_string(rng, PASSWORD_CHARS) }
}

pub(crate) fn ice_string(rng: &mut impl Rng, length: usize) -> String {
    (0..length).map(|_| char::from(ICE_CHARS[(rng.next_u32() & 63) as usize])).collect()
}

/// Where packets go: from one of our addresses to one of the peer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
}

#[derive(Debug)]
struct Peer {
    address: SocketAddr,
    checked_at: Instant,
    heard_at: Instant,
    /// Bytes that came from there, and that went there.
    received: u64,
    sent: u64,
    /// Somebody at this address answered: what we send there is asked for.
    answers: bool,
    /// A check of ours that waits for its answer, and when it was sent.
    probe: Option<(Transaction, Instant)>,
}

/// The peer's addresses that passed a check, and the path in use.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    peers: Vec<Peer>,
    path: Option<Path>,
    /// Nominated while the present path is alive: used once somebody answers there.
    wanted: Option<Path>,
}

impl Peers {
    /// Whether a check from `address` may be taken at all.
    pub(crate) fn has_room_for(&self, address: SocketAddr) -> bool {
        self.peers.len() < REMOTE_ADDRESSES_MAX || self.peers.iter().any(|p| p.address == address)
    }

    /// Whether no check from `address` was taken yet.
    pub(crate) fn is_new(&self, address: SocketAddr) -> bool {
        self.peers.iter().all(|peer| peer.address != address)
    }

    /// Whether no check ever came.
    pub(crate) fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    /// Whether `address` passed a check recently enough to deliver DTLS and SRTP.
    pub(crate) fn is_valid(&self, address: SocketAddr, now: Instant) -> bool {
        self.peers.iter().any(|peer| {
            peer.address == address && now.saturating_duration_since(peer.checked_at) < CHECK_VALID
        })
    }

    /// Whether something authentic came from `address` so lately that it is this station's alone.
    pub(crate) fn hold(&self, address: SocketAddr, now: Instant) -> bool {
        self.peers.iter().any(|peer| {
            peer.address == address && now.saturating_duration_since(peer.heard_at) < ADDRESS_HELD
        })
    }

    /// Counts what came from `address`, which passed a check.
    pub(crate) fn received(&mut self, address: SocketAddr, bytes: usize) {
        if let Some(peer) = self.peer(address) {
            peer.received += bytes as u64;
        }
    }

    /// Counts a reply to a check of somebody's at `address`.
    pub(crate) fn replied(&mut self, address: SocketAddr, bytes: usize) {
        if let Some(peer) = self.peer(address) {
            peer.sent += bytes as u64;
        }
    }

    /// Whether so much may be sent to `address` now; it counts as sent then. As long as nobody has
    /// answered from there, no more than [`AMPLIFICATION_MAX`] times what came from there.
    pub(crate) fn may_send(&mut self, address: SocketAddr, bytes: usize) -> bool {
        let Some(peer) = self.peer(address) else { return false };
        let sent = peer.sent + bytes as u64;
        let is_allowed = peer.answers || sent <= AMPLIFICATION_MAX * peer.received;
        if is_allowed {
            peer.sent = sent;
        }
        is_allowed
    }

    /// The handshake is through: whoever is at the other end of the path has answered.
    pub(crate) fn connected(&mut self) {
        if let Some(path) = self.path
            && let Some(peer) = self.peer(path.remote)
        {
            peer.answers = true;
        }
    }

    /// Notes an authentic packet of media over `path`; returns the path it replaced, if ours moves
    /// to it: the peer has another address, as after a NAT rebinding, and nominates once only
    /// (RFC 8445 §8.1.1).
    pub(crate) fn heard(&mut self, path: Path, now: Instant) -> Option<Path> {
        let peer = self.peer(path.remote)?;
        peer.heard_at = now;
        let checked_at = peer.checked_at;
        let current = self.path.filter(|current| *current != path)?;
        let old = self.peers.iter().find(|p| p.address == current.remote);
        let has_moved = old.is_none_or(|old| {
            checked_at > old.checked_at
                && now.saturating_duration_since(old.heard_at) >= MEDIA_MOVED
        });
        has_moved.then(|| self.move_to(path, current))
    }

    /// Notes an authentic check over `path`; returns the path it replaced, if media moves to it. A
    /// path that is nominated while the present one is alive has to answer first.
    pub(crate) fn checked(&mut self, path: Path, nominated: bool, now: Instant) -> Option<Path> {
        match self.peer(path.remote) {
            Some(peer) => {
                peer.checked_at = now;
                peer.heard_at = now;
            }
            None => self.peers.push(Peer {
                address: path.remote,
                checked_at: now,
                heard_at: now,
                received: 0,
                sent: 0,
                answers: false,
                probe: None,
            }),
        }
        let Some(current) = self.path else {
            // The first path is the first nominated one: before that nothing may be sent.
            self.path = nominated.then_some(path);
            return None;
        };
        if current == path {
            // Still nominated: whatever else was wanted meanwhile is not, any more.
            self.wanted = self.wanted.filter(|_| !nominated);
            return None;
        }
        if self.is_silent(current.remote, now) {
            return Some(self.move_to(path, current));
        }
        if nominated {
            self.wanted = Some(path);
        }
        let answers = self.peer(path.remote).is_some_and(|peer| peer.answers);
        (nominated && answers).then(|| self.move_to(path, current))
    }

    /// Where a check of ours is due, to be sent as this transaction: to an address that media go to,
    /// or are to go to, and from which nobody has answered.
    pub(crate) fn probe(&mut self, now: Instant, transaction: Transaction) -> Option<Path> {
        let path = self.wanted.or(self.path)?;
        let peer = self.peer(path.remote)?;
        let is_recent =
            |(_, at): (Transaction, Instant)| now.saturating_duration_since(at) < PROBE_INTERVAL;
        if peer.answers || peer.probe.is_some_and(is_recent) {
            return None;
        }
        peer.probe = Some((transaction, now));
        Some(path)
    }

    /// Somebody at `address` answered this check. `None`: it is none of ours. Otherwise the path that
    /// was replaced, if media moves.
    pub(crate) fn answered(
        &mut self,
        address: SocketAddr,
        transaction: Transaction,
    ) -> Option<Option<Path>> {
        let peer = self.peer(address)?;
        peer.probe.take_if(|(sent, _)| *sent == transaction)?;
        peer.answers = true;
        let wanted = self.wanted.filter(|path| path.remote == address);
        Some(wanted.zip(self.path).map(|(path, current)| self.move_to(path, current)))
    }

    /// The path media goes over, once the peer nominated one.
    pub(crate) fn path(&self) -> Option<Path> {
        self.path
    }

    fn move_to(&mut self, path: Path, current: Path) -> Path {
        (self.path, self.wanted) = (Some(path), None);
        current
    }

    fn peer(&mut self, address: SocketAddr) -> Option<&mut Peer> {
        self.peers.iter_mut().find(|peer| peer.address == address)
    }

    fn is_silent(&self, address: SocketAddr, now: Instant) -> bool {
        self.peers
            .iter()
            .find(|peer| peer.address == address)
            .is_none_or(|peer| now.saturating_duration_since(peer.heard_at) >= PATH_SILENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn path(last: u8) -> Path {
        Path {
            local: SocketAddr::from(([198, 51, 100, 1], 40_000)),
            remote: SocketAddr::from(([203, 0, 113, last], 50_000)),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn the_first_nominated_path_is_used() {
        let (mut peers, now) = (Peers::default(), start());
        assert_eq!(peers.checked(path(1), false, now), None);
        assert_eq!(peers.path(), None);
        assert!(peers.is_valid(path(1).remote, now));
        assert_eq!(peers.checked(path(2), true, now), None);
        assert_eq!(peers.path(), Some(path(2)));
    }

    #[test]
    fn a_new_nomination_is_followed_once_it_answers_and_a_mere_check_is_not() {
        let (mut peers, now) = (Peers::default(), start());
        peers.checked(path(1), true, now);
        peers.connected();
        assert_eq!(peers.checked(path(2), false, now), None);
        assert_eq!(peers.probe(now, [1; 12]), None, "nobody wants it");
        assert_eq!(peers.checked(path(3), true, now), None);
        assert_eq!(peers.probe(now, [2; 12]), Some(path(3)));
        assert_eq!(peers.probe(now, [3; 12]), None, "not again so soon");
        assert_eq!(peers.answered(path(3).remote, [3; 12]), None);
        assert_eq!(peers.answered(path(2).remote, [2; 12]), None);
        assert_eq!(peers.path(), Some(path(1)));
        assert_eq!(peers.answered(path(3).remote, [2; 12]), Some(Some(path(1))));
        assert_eq!(peers.path(), Some(path(3)));
        assert_eq!(peers.checked(path(1), true, now), Some(path(3)), "it has answered before");
    }

    #[test]
    fn to_an_address_that_has_not_answered_goes_three_times_what_came() {
        let (mut peers, now) = (Peers::default(), start());
        let victim = path(2).remote;
        assert!(!peers.may_send(victim, 1));
        peers.checked(path(2), true, now);
        peers.received(victim, 100);
        assert!(peers.may_send(victim, 200));
        assert!(!peers.may_send(victim, 101));
        assert!(peers.may_send(victim, 100));
        peers.received(victim, 100);
        assert!(peers.may_send(victim, 300));
        assert_eq!(peers.probe(now, [1; 12]), Some(path(2)));
        assert_eq!(peers.answered(victim, [1; 12]), Some(None));
        assert!(peers.may_send(victim, 100_000));
    }

    #[test]
    fn an_address_is_held_until_it_has_been_silent() {
        let (mut peers, now) = (Peers::default(), start());
        peers.checked(path(1), true, now);
        let address = path(1).remote;
        assert!(peers.hold(address, now + Duration::from_secs(14)));
        assert!(!peers.hold(address, now + ADDRESS_HELD));
        assert!(!peers.hold(path(2).remote, now));
    }

    #[test]
    fn a_silent_path_loses_to_a_mere_check() {
        // A NAT rebinding under a client that nominates once only (RFC 8445 §8.1.1).
        let (mut peers, now) = (Peers::default(), start());
        peers.checked(path(1), true, now);
        peers.heard(path(1), now + Duration::from_secs(1));
        let soon = now + Duration::from_secs(4);
        assert_eq!(peers.checked(path(2), false, soon), None);
        let later = now + Duration::from_secs(5);
        assert_eq!(peers.checked(path(2), false, later), Some(path(1)));
        assert_eq!(peers.path(), Some(path(2)));
    }

    #[test]
    fn media_that_comes_from_a_checked_address_instead_of_the_old_one_is_followed() {
        let ms = Duration::from_millis;
        let (mut peers, now) = (Peers::default(), start());
        peers.checked(path(1), true, now);
        peers.heard(path(1), now + ms(1_000));
        let stranger = peers.heard(path(2), now + ms(1_500));
        assert_eq!((stranger, peers.path()), (None, Some(path(1))), "it was never checked");
        assert_eq!(peers.checked(path(2), false, now + ms(1_020)), None);
        assert_eq!(peers.heard(path(2), now + ms(1_040)), None, "the old one may only be late");
        assert_eq!(peers.heard(path(2), now + ms(1_200)), Some(path(1)));
        assert_eq!(peers.path(), Some(path(2)));
        // A straggler from before changes nothing.
        assert_eq!(peers.heard(path(1), now + ms(1_900)), None);
        assert_eq!(peers.path(), Some(path(2)));
    }

    #[test]
    fn an_address_lapses_30_s_after_its_last_check() {
        let (mut peers, now) = (Peers::default(), start());
        peers.checked(path(1), true, now);
        let address = path(1).remote;
        peers.heard(path(1), now + Duration::from_secs(20));
        assert!(peers.is_valid(address, now + Duration::from_millis(29_999)));
        assert!(!peers.is_valid(address, now + Duration::from_secs(30)));
        assert!(!peers.is_valid(path(2).remote, now));
    }

    #[test]
    fn addresses_are_bounded() {
        let (mut peers, now) = (Peers::default(), start());
        for last in 0..=255 {
            assert!(peers.has_room_for(path(last).remote));
            peers.checked(path(last), false, now);
        }
        let stranger = SocketAddr::from(([192, 0, 2, 1], 1));
        assert!(!peers.has_room_for(stranger));
        assert!(peers.has_room_for(path(9).remote), "a known one may check again");
    }

    #[test]
    fn credentials_are_long_enough_and_differ() {
        let mut rng = rand::rngs::StdRng::from_seed([1; 32]);
        let (a, b) = (fresh_credentials(&mut rng), fresh_credentials(&mut rng));
        assert_eq!((a.ufrag.len(), a.pass.len()), (8, 24));
        assert_ne!((a.ufrag, a.pass), (b.ufrag, b.pass));
    }
}
