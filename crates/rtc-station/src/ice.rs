//! The ICE side of a station: credentials, which addresses have proved themselves, and which of
//! them media goes to.
//!
//! `str0m` answers the checks. Who may deliver DTLS and SRTP, and where packets go, is decided
//! here: `str0m` keeps sending to a path it once chose for up to 15 s after a NAT has moved the
//! client, because both paths have the same priority. A peer that nominates another path, sends its
//! media from another address, or checks from one while the current one is silent, is followed at
//! once.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rand::Rng;
use str0m::IceCreds;

/// Remote addresses a station accepts checks from in its whole life. `str0m` keeps an entry for
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

/// RFC 8445 §5.3: at least 24 bits of randomness in the fragment, 128 in the password; 6 a character.
const UFRAG_CHARS: usize = 8;
const PASSWORD_CHARS: usize = 24;

/// `ice-char` of RFC 8839 §5.4: 64 characters, so 6 random bits pick one without bias.
const ICE_CHARS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Fresh credentials. `str0m`'s own come from a generator that is not cryptographic.
pub(crate) fn fresh_credentials(rng: &mut impl Rng) -> IceCreds {
    IceCreds { ufrag: ice_string(rng, UFRAG_CHARS), pass: ice_string(rng, PASSWORD_CHARS) }
}

fn ice_string(rng: &mut impl Rng, length: usize) -> String {
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
}

/// The peer's addresses that passed a check, and the path in use.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    peers: Vec<Peer>,
    path: Option<Path>,
}

impl Peers {
    /// Whether a check from `address` may be taken at all.
    pub(crate) fn has_room_for(&self, address: SocketAddr) -> bool {
        self.peers.len() < REMOTE_ADDRESSES_MAX || self.peers.iter().any(|p| p.address == address)
    }

    /// Whether `address` passed a check recently enough to deliver DTLS and SRTP.
    pub(crate) fn is_valid(&self, address: SocketAddr, now: Instant) -> bool {
        self.peers.iter().any(|peer| {
            peer.address == address && now.saturating_duration_since(peer.checked_at) < CHECK_VALID
        })
    }

    /// Notes an authentic packet of media over `path`; returns the path it replaced, if ours moves
    /// to it: the peer has another address, as after a NAT rebinding, and nominates once only
    /// (RFC 8445 §8.1.1).
    pub(crate) fn heard(&mut self, path: Path, now: Instant) -> Option<Path> {
        let peer = self.peers.iter_mut().find(|p| p.address == path.remote)?;
        peer.heard_at = now;
        let checked_at = peer.checked_at;
        let current = self.path.filter(|current| *current != path)?;
        let old = self.peers.iter().find(|p| p.address == current.remote);
        let has_moved = old.is_none_or(|old| {
            checked_at > old.checked_at
                && now.saturating_duration_since(old.heard_at) >= MEDIA_MOVED
        });
        has_moved.then(|| {
            self.path = Some(path);
            current
        })
    }

    /// Notes an authentic check over `path`; returns the path it replaced, if media moves to it.
    pub(crate) fn checked(&mut self, path: Path, nominated: bool, now: Instant) -> Option<Path> {
        match self.peers.iter_mut().find(|p| p.address == path.remote) {
            Some(peer) => {
                peer.checked_at = now;
                peer.heard_at = now;
            }
            None => self.peers.push(Peer { address: path.remote, checked_at: now, heard_at: now }),
        }
        let Some(current) = self.path else {
            // The first path is the first nominated one: before that nothing may be sent.
            self.path = nominated.then_some(path);
            return None;
        };
        if current == path || !(nominated || self.is_silent(current.remote, now)) {
            return None;
        }
        self.path = Some(path);
        Some(current)
    }

    /// Whether no check ever came.
    pub(crate) fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    /// The path media goes over, once the peer nominated one.
    pub(crate) fn path(&self) -> Option<Path> {
        self.path
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
    fn a_new_nomination_is_followed_at_once_and_a_mere_check_is_not() {
        let (mut peers, now) = (Peers::default(), start());
        peers.checked(path(1), true, now);
        assert_eq!(peers.checked(path(2), false, now), None);
        assert_eq!(peers.path(), Some(path(1)));
        assert_eq!(peers.checked(path(3), true, now), Some(path(1)));
        assert_eq!(peers.path(), Some(path(3)));
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
