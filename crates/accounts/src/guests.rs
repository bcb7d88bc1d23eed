//! Guests: who is in, from where, and who has used their one call.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::time::Duration;

use interaction::{UnixMs, UserId};

use super::{Error, GUEST_TOKEN_LIFE};

/// Guests at the same time.
pub const GUESTS_MAX: usize = 10_000;
/// Of them, guests from one address who have not called yet: nobody takes all the places.
pub const IDLE_GUESTS_PER_ADDRESS_MAX: usize = 500;
/// What a guest has left once the call is over, to read how it ended.
const AFTER_CALL: Duration = Duration::from_secs(5 * 60);

/// The guests, by id. The others' rules are the store's.
#[derive(Debug, Default)]
pub(super) struct Guests {
    live: HashMap<UserId, Guest>,
    /// Who signed out before the server began; they are not let in again.
    signed_out: HashSet<UserId>,
}

#[derive(Debug)]
struct Guest {
    address: IpAddr,
    expires_at: UnixMs,
    has_called: bool,
}

impl Guests {
    /// Lets one more in.
    pub(super) fn admit(&mut self, address: IpAddr, now: UnixMs) -> Result<UserId, Error> {
        self.live.retain(|_, guest| guest.expires_at > now);
        let idle = self
            .live
            .values()
            .filter(|guest| guest.address == address && !guest.has_called)
            .count();
        if self.live.len() >= GUESTS_MAX || idle >= IDLE_GUESTS_PER_ADDRESS_MAX {
            return Err(Error::TooManyGuests);
        }
        let id = UserId::guest(rand::random());
        let expires_at = later(now, GUEST_TOKEN_LIFE);
        self.live.insert(id, Guest { address, expires_at, has_called: false });
        Ok(id)
    }

    /// One signed out before the server began.
    pub(super) fn was_signed_out(&mut self, id: UserId) {
        self.signed_out.insert(id);
    }

    /// Lets one in again whose conversation went on while the server was away, unless they had
    /// signed out.
    pub(super) fn readmit(&mut self, id: UserId, now: UnixMs) {
        if self.signed_out.contains(&id) {
            return;
        }
        let expires_at = later(now, GUEST_TOKEN_LIFE);
        let address = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
        self.live.insert(id, Guest { address, expires_at, has_called: true });
    }

    pub(super) fn is_live(&self, id: UserId, now: UnixMs) -> bool {
        self.live.get(&id).is_some_and(|guest| guest.expires_at > now)
    }

    /// Takes the guest's one call; `false` when it was taken before.
    pub(super) fn take_call(&mut self, id: UserId) -> bool {
        self.live.get_mut(&id).is_some_and(|guest| !std::mem::replace(&mut guest.has_called, true))
    }

    pub(super) fn return_call(&mut self, id: UserId) {
        if let Some(guest) = self.live.get_mut(&id) {
            guest.has_called = false;
        }
    }

    pub(super) fn call_ended(&mut self, id: UserId, now: UnixMs) {
        if let Some(guest) = self.live.get_mut(&id) {
            guest.expires_at = guest.expires_at.min(later(now, AFTER_CALL));
        }
    }

    /// Whether something of the guest's could go on after a restart, and with it the sign-in.
    pub(super) fn end(&mut self, id: UserId) -> bool {
        self.live.remove(&id).is_some_and(|guest| guest.has_called)
    }
}

fn later(now: UnixMs, by: Duration) -> UnixMs {
    UnixMs(now.0 + by.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V6(std::net::Ipv6Addr::LOCALHOST);
    const NOW: UnixMs = UnixMs(1_000_000);

    #[test]
    fn a_guest_has_one_call() {
        let mut guests = Guests::default();
        let id = guests.admit(HERE, NOW).unwrap();
        assert!(guests.take_call(id));
        assert!(!guests.take_call(id));
        guests.return_call(id);
        assert!(guests.take_call(id), "a call that could not be placed does not count");
        assert!(!guests.take_call(UserId(1)), "nobody has no call");
    }

    #[test]
    fn a_guest_ends() {
        let mut guests = Guests::default();
        let by_time = guests.admit(HERE, NOW).unwrap();
        let by_call = guests.admit(HERE, NOW).unwrap();
        let by_choice = guests.admit(HERE, NOW).unwrap();
        guests.call_ended(by_call, NOW);
        guests.end(by_choice);
        assert!(!guests.is_live(by_choice, NOW));
        assert!(guests.is_live(by_call, NOW));
        assert!(!guests.is_live(by_call, later(NOW, AFTER_CALL)));
        assert!(guests.is_live(by_time, later(NOW, AFTER_CALL)));
        assert!(!guests.is_live(by_time, later(NOW, GUEST_TOKEN_LIFE)));
    }

    #[test]
    fn who_signed_out_is_not_let_in_again() {
        let mut guests = Guests::default();
        let (stayed, went) = (UserId::guest(1), UserId::guest(2));
        guests.was_signed_out(went);
        guests.readmit(stayed, NOW);
        guests.readmit(went, NOW);
        assert!(guests.is_live(stayed, NOW));
        assert!(!guests.is_live(went, NOW));
        assert!(guests.end(stayed), "their conversation goes on");
        let idle = guests.admit(HERE, NOW).unwrap();
        assert!(!guests.end(idle));
    }

    #[test]
    fn one_address_does_not_take_every_place() {
        let mut guests = Guests::default();
        let first = guests.admit(HERE, NOW).unwrap();
        for _ in 1..IDLE_GUESTS_PER_ADDRESS_MAX {
            guests.admit(HERE, NOW).unwrap();
        }
        assert!(matches!(guests.admit(HERE, NOW), Err(Error::TooManyGuests)));
        guests.admit(THERE, NOW).unwrap();
        assert!(guests.take_call(first));
        guests.admit(HERE, NOW).unwrap();
        // Time frees the places.
        guests.admit(HERE, later(NOW, GUEST_TOKEN_LIFE)).unwrap();
        assert_eq!(guests.live.len(), 1);
    }
}
