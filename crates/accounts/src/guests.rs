//! Guests: who is in, from where, and who has used their one call.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use budget::{Client, Networks, Rate, Rates};
use interaction::{UnixMs, UserId};

use super::{Error, GUEST_TOKEN_LIFE};

/// Guests at the same time.
pub const GUESTS_MAX: usize = 10_000;
/// Clients whose guests are counted; beyond, those that made fewest are forgotten.
const CLIENTS_MAX: usize = 20_000;
/// Until one who has too many guests may try again: some of them will have gone.
const FULL_RETRY: Duration = Duration::from_secs(60);
/// What a guest has left once the call is over, to read how it ended.
const AFTER_CALL: Duration = Duration::from_secs(5 * 60);

/// How many guests one client may make: nobody takes all the places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestBudget {
    /// Who are in at the same time.
    pub at_once: usize,
    /// In a minute; so many may also come in one moment.
    pub per_minute: u32,
    /// Clients that are not counted.
    pub unlimited: Networks,
}

impl Default for GuestBudget {
    fn default() -> Self {
        Self { at_once: 200, per_minute: 60, unlimited: Networks::default() }
    }
}

/// The guests, by id. The others' rules are the store's.
#[derive(Debug)]
pub(super) struct Guests {
    at_once: usize,
    unlimited: Networks,
    made: Rates<Client>,
    live: HashMap<UserId, Guest>,
    /// Who signed out before the server began; they are not let in again.
    signed_out: HashSet<UserId>,
}

#[derive(Debug)]
struct Guest {
    /// `None`: it is not counted, or the guest came before the server began.
    client: Option<Client>,
    expires_at: UnixMs,
    has_called: bool,
}

impl Guests {
    /// Nobody is in.
    pub(super) fn new(budget: GuestBudget) -> Self {
        let GuestBudget { at_once, per_minute, unlimited } = budget;
        let rate = Rate::new(per_minute, Duration::from_secs(60) / per_minute.max(1));
        let made = Rates::new(rate, CLIENTS_MAX);
        Self { at_once, unlimited, made, live: HashMap::new(), signed_out: HashSet::new() }
    }

    /// Lets one more in.
    pub(super) fn admit(
        &mut self,
        client: Client,
        (instant, now): (Instant, UnixMs),
    ) -> Result<UserId, Error> {
        self.live.retain(|_, guest| guest.expires_at > now);
        let counted = Some(client).filter(|client| !self.unlimited.has(*client));
        let own = self.live.values().filter(|guest| guest.client == Some(client)).count();
        if counted.is_some() && own >= self.at_once {
            return Err(Error::ClientHasGuests { retry_after: FULL_RETRY });
        }
        if self.live.len() >= GUESTS_MAX {
            return Err(Error::TooManyGuests);
        }
        let taken = counted.map_or(Ok(()), |client| self.made.take(instant, client));
        taken.map_err(|retry_after| Error::ClientHasGuests { retry_after })?;
        let id = UserId::guest(rand::random());
        let expires_at = later(now, GUEST_TOKEN_LIFE);
        self.live.insert(id, Guest { client: counted, expires_at, has_called: false });
        Ok(id)
    }

    /// Lets one in who counts for no client, for so long.
    pub(super) fn admit_uncounted(&mut self, now: UnixMs, life: Duration) -> Result<UserId, Error> {
        self.live.retain(|_, guest| guest.expires_at > now);
        if self.live.len() >= GUESTS_MAX {
            return Err(Error::TooManyGuests);
        }
        let id = UserId::guest(rand::random());
        let expires_at = later(now, life);
        self.live.insert(id, Guest { client: None, expires_at, has_called: true });
        Ok(id)
    }

    /// From where the guest comes, if they are in and that is known.
    pub(super) fn client(&self, id: UserId) -> Option<Client> {
        self.live.get(&id)?.client
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
        self.live.insert(id, Guest { client: None, expires_at, has_called: true });
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

    fn here() -> Client {
        Client::of(std::net::Ipv4Addr::LOCALHOST.into())
    }

    fn there() -> Client {
        Client::of(std::net::Ipv6Addr::LOCALHOST.into())
    }

    fn admit(guests: &mut Guests, client: Client, now: UnixMs) -> Result<UserId, Error> {
        guests.admit(client, (Instant::now(), now))
    }

    fn guests() -> Guests {
        Guests::new(GuestBudget { at_once: 5, per_minute: 10, ..GuestBudget::default() })
    }

    const NOW: UnixMs = UnixMs(1_000_000);

    #[test]
    fn a_guest_has_one_call() {
        let mut guests = guests();
        let id = admit(&mut guests, here(), NOW).unwrap();
        assert!(guests.take_call(id));
        assert!(!guests.take_call(id));
        guests.return_call(id);
        assert!(guests.take_call(id), "a call that could not be placed does not count");
        assert!(!guests.take_call(UserId(1)), "nobody has no call");
    }

    #[test]
    fn a_guest_ends() {
        let mut guests = guests();
        let by_time = admit(&mut guests, here(), NOW).unwrap();
        let by_call = admit(&mut guests, here(), NOW).unwrap();
        let by_choice = admit(&mut guests, here(), NOW).unwrap();
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
        let mut guests = guests();
        let (stayed, went) = (UserId::guest(1), UserId::guest(2));
        guests.was_signed_out(went);
        guests.readmit(stayed, NOW);
        guests.readmit(went, NOW);
        assert!(guests.is_live(stayed, NOW));
        assert!(!guests.is_live(went, NOW));
        assert!(guests.end(stayed), "their conversation goes on");
        let idle = admit(&mut guests, here(), NOW).unwrap();
        assert!(!guests.end(idle));
    }

    #[test]
    fn one_client_does_not_take_every_place() {
        let mut guests = guests();
        let now = Instant::now();
        let first = guests.admit(here(), (now, NOW)).unwrap();
        for _ in 1..5 {
            guests.admit(here(), (now, NOW)).unwrap();
        }
        assert!(guests.take_call(first), "who has called counts as well");
        let full = guests.admit(here(), (now, NOW));
        assert!(matches!(full, Err(Error::ClientHasGuests { .. })));
        guests.admit(there(), (now, NOW)).expect("from elsewhere");
        // Time frees the places, and so does leaving; but not how many are made in a minute.
        let hours_later = later(NOW, GUEST_TOKEN_LIFE);
        for _ in 5..10 {
            let guest = guests.admit(here(), (now, hours_later)).unwrap();
            guests.end(guest);
        }
        assert!(guests.live.is_empty());
        let fast = guests.admit(here(), (now, hours_later));
        assert!(matches!(fast, Err(Error::ClientHasGuests { .. })));
        let rested = now + Duration::from_secs(6);
        guests.admit(here(), (rested, hours_later)).expect("ten a minute");
    }
}
