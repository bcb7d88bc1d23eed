//! Failed sign-ins: how many are allowed, per username and address, and per address. Ours, because
//! only failures count: `tower_governor` limits requests, and a shift signs in at once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::Error;

/// Failures within [`WINDOW`] for one username from one address.
pub const FAILURES_PER_USER_MAX: u32 = 10;
/// Failures within [`WINDOW`] from one address, whatever the usernames.
pub const FAILURES_PER_ADDRESS_MAX: u32 = 100;
/// From the first failure on, failures are counted for so long.
const WINDOW: Duration = Duration::from_secs(60);
/// Counters kept; beyond, those whose window began first are given up.
const COUNTERS_MAX: usize = 20_000;

/// Counts sign-ins that failed. Successes are free: a shift signs in at once, behind one address.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    counters: HashMap<Key, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    User(IpAddr, String),
    Address(IpAddr),
}

#[derive(Clone, Copy, Debug)]
struct Counter {
    since: Instant,
    failures: u32,
}

impl Throttle {
    /// [`Error::TooManyAttempts`] when there were too many failures.
    pub(super) fn check(&self, username: &str, address: IpAddr) -> Result<(), Error> {
        self.check_at(Instant::now(), username, address)
    }

    /// Counts a failure.
    pub(super) fn failed(&mut self, username: &str, address: IpAddr) {
        self.failed_at(Instant::now(), username, address);
    }

    /// Forgives the user's failures: it was the right one in the end.
    pub(super) fn succeeded(&mut self, username: &str, address: IpAddr) {
        self.counters.remove(&user_key(username, address));
    }

    fn check_at(&self, now: Instant, username: &str, address: IpAddr) -> Result<(), Error> {
        for (key, max) in limits(username, address) {
            let Some(counter) = self.counters.get(&key) else { continue };
            let left = WINDOW.saturating_sub(now.duration_since(counter.since));
            if counter.failures >= max && !left.is_zero() {
                return Err(Error::TooManyAttempts { retry_after: left });
            }
        }
        Ok(())
    }

    fn failed_at(&mut self, now: Instant, username: &str, address: IpAddr) {
        self.make_room(now);
        for (key, _) in limits(username, address) {
            let counter = self.counters.entry(key).or_insert(Counter { since: now, failures: 0 });
            if now.duration_since(counter.since) >= WINDOW {
                *counter = Counter { since: now, failures: 0 };
            }
            counter.failures += 1;
        }
    }

    fn make_room(&mut self, now: Instant) {
        if self.counters.len() < COUNTERS_MAX {
            return;
        }
        self.counters.retain(|_, counter| now.duration_since(counter.since) < WINDOW);
        if self.counters.len() >= COUNTERS_MAX {
            let mut begins: Vec<Instant> =
                self.counters.values().map(|counter| counter.since).collect();
            let middle = begins.len() / 2;
            let (_, median, _) = begins.select_nth_unstable(middle);
            let median = *median;
            self.counters.retain(|_, counter| counter.since > median);
        }
    }
}

fn limits(username: &str, address: IpAddr) -> [(Key, u32); 2] {
    [
        (user_key(username, address), FAILURES_PER_USER_MAX),
        (Key::Address(address), FAILURES_PER_ADDRESS_MAX),
    ]
}

fn user_key(username: &str, address: IpAddr) -> Key {
    Key::User(address, username.to_owned())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn the_eleventh_attempt_waits() {
        let start = Instant::now();
        let mut throttle = Throttle::default();
        for _ in 0..FAILURES_PER_USER_MAX {
            throttle.check_at(start, "ana", HERE).unwrap();
            throttle.failed_at(start, "ana", HERE);
        }
        let refused = throttle.check_at(start, "ana", HERE);
        assert!(matches!(refused, Err(Error::TooManyAttempts { .. })));
        throttle.check_at(start, "ana", THERE).unwrap();
        throttle.check_at(start, "sam", HERE).unwrap();
        throttle.check_at(start + WINDOW, "ana", HERE).unwrap();
        throttle.failed_at(start + WINDOW, "ana", HERE);
        throttle.check_at(start + WINDOW, "ana", HERE).expect("a new window has begun");
    }

    #[test]
    fn a_success_forgives() {
        let start = Instant::now();
        let mut throttle = Throttle::default();
        for _ in 1..FAILURES_PER_USER_MAX {
            throttle.failed_at(start, "ana", HERE);
        }
        throttle.succeeded("ana", HERE);
        throttle.failed_at(start, "ana", HERE);
        throttle.check_at(start, "ana", HERE).unwrap();
    }

    #[test]
    fn one_password_tried_on_everybody_is_noticed() {
        let start = Instant::now();
        let mut throttle = Throttle::default();
        for user in 0..FAILURES_PER_ADDRESS_MAX {
            throttle.check_at(start, &user.to_string(), HERE).unwrap();
            throttle.failed_at(start, &user.to_string(), HERE);
        }
        // A success of the attacker's own account does not wipe it out.
        throttle.succeeded("mallory", HERE);
        assert!(throttle.check_at(start, "ana", HERE).is_err());
        throttle.check_at(start, "ana", THERE).unwrap();
    }

    #[test]
    fn the_memory_is_bounded() {
        let start = Instant::now();
        let mut throttle = Throttle::default();
        for i in 0..COUNTERS_MAX as u32 * 2 {
            let address = IpAddr::V4(Ipv4Addr::from(i));
            throttle.failed_at(start + Duration::from_nanos(i.into()), "ana", address);
            assert!(throttle.counters.len() <= COUNTERS_MAX + 1);
        }
    }
}
