//! How often somebody may try to sign in.
//!
//! What fails slows down the pair of client and account, and nobody else: a person is never locked out
//! from elsewhere. One password tried on every account is noticed at the client; there too, whoever has
//! signed in from it before goes on. What succeeds has a budget as well: each costs a hash.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use budget::{Client, Rate, Rates};

use super::Error;

/// Wrong passwords for one account from one client: ten, and then one in ten seconds.
pub const FAILURES_PER_PAIR: Rate = Rate::new(10, Duration::from_secs(10));
/// Wrong passwords from one client for accounts that have never signed in from it.
pub const FAILURES_PER_CLIENT: Rate = Rate::new(100, Duration::from_secs(1));
/// Sign-ins of one account from one client.
pub const SIGN_INS_PER_PAIR: Rate = Rate::new(30, Duration::from_secs(2));
/// Sign-ins of one client that are looked at or wait for it: a quarter of the line.
pub const AT_ONCE_PER_CLIENT_MAX: usize = 64;
/// Until one of those may be done.
const MOMENT: Duration = Duration::from_secs(1);
/// Pairs of client and account that are remembered; beyond, those that have used least are forgotten.
const PAIRS_MAX: usize = 20_000;
/// Clients that are remembered.
const CLIENTS_MAX: usize = 20_000;

type Pair = (Client, String);

/// The budgets of all who try.
#[derive(Debug)]
pub(super) struct Throttle {
    failures: Rates<Pair>,
    of_clients: Rates<Client>,
    sign_ins: Rates<Pair>,
    /// Who has signed in from where, and when last.
    known: HashMap<Pair, Instant>,
    /// One more reference for each attempt that goes on.
    going_on: HashMap<Client, Arc<()>>,
}

/// An attempt that is being looked at; it has been counted as one that fails.
#[derive(Debug)]
pub(super) struct Attempt {
    pair: Pair,
    is_known: bool,
    _going_on: Arc<()>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            failures: Rates::new(FAILURES_PER_PAIR, PAIRS_MAX),
            of_clients: Rates::new(FAILURES_PER_CLIENT, CLIENTS_MAX),
            sign_ins: Rates::new(SIGN_INS_PER_PAIR, PAIRS_MAX),
            known: HashMap::new(),
            going_on: HashMap::new(),
        }
    }
}

impl Throttle {
    /// Somebody is about to try. It counts from now on, so that a burst can't outrun its failures.
    ///
    /// # Errors
    /// [`Error::TooManyAttempts`].
    pub(super) fn begin(
        &mut self,
        now: Instant,
        username: &str,
        client: Client,
    ) -> Result<Attempt, Error> {
        let pair = (client, username.to_lowercase());
        let is_known = self.known.contains_key(&pair);
        let wait = |retry_after| Error::TooManyAttempts { retry_after };
        let going_on = self.begin_at(client).ok_or(wait(MOMENT))?;
        self.sign_ins.check(now, &pair).map_err(wait)?;
        if !is_known {
            self.of_clients.check(now, &client).map_err(wait)?;
        }
        self.failures.take(now, pair.clone()).map_err(wait)?;
        if !is_known {
            // Checked just above.
            let _ = self.of_clients.take(now, client);
        }
        Ok(Attempt { pair, is_known, _going_on: going_on })
    }

    /// The password was the right one.
    pub(super) fn succeeded(&mut self, now: Instant, attempt: Attempt) {
        self.forgive(now, &attempt);
        // One too many at the same time is let in, and pays later.
        let _ = self.sign_ins.take(now, attempt.pair.clone());
        if self.known.len() >= PAIRS_MAX {
            self.forget_older_half();
        }
        self.known.insert(attempt.pair, now);
    }

    /// It was not looked at.
    pub(super) fn not_tried(&mut self, now: Instant, attempt: &Attempt) {
        self.forgive(now, attempt);
    }

    fn forgive(&mut self, now: Instant, attempt: &Attempt) {
        self.failures.give_back(now, &attempt.pair);
        if !attempt.is_known {
            self.of_clients.give_back(now, &attempt.pair.0);
        }
    }

    /// `None`: so many go on already.
    fn begin_at(&mut self, client: Client) -> Option<Arc<()>> {
        if self.going_on.len() >= CLIENTS_MAX {
            self.going_on.retain(|_, it| Arc::strong_count(it) > 1);
        }
        let going_on = self.going_on.entry(client).or_default();
        // The map has one reference of its own.
        (Arc::strong_count(going_on) <= AT_ONCE_PER_CLIENT_MAX).then(|| going_on.clone())
    }

    fn forget_older_half(&mut self) {
        let mut times: Vec<Instant> = self.known.values().copied().collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        self.known.retain(|_, at| *at > median);
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn client(last: u8) -> Client {
        Client::of(IpAddr::from([192, 0, 2, last]))
    }

    fn fail(throttle: &mut Throttle, now: Instant, username: &str, client: Client) {
        let _ = throttle.begin(now, username, client).expect("a wrong password that is looked at");
    }

    #[test]
    fn wrong_passwords_slow_down_the_pair_and_nobody_else() {
        let now = Instant::now();
        let mut throttle = Throttle::default();
        for _ in 0..FAILURES_PER_PAIR.burst {
            fail(&mut throttle, now, "ana", client(1));
        }
        let refused = throttle.begin(now, "Ana", client(1));
        assert!(matches!(refused, Err(Error::TooManyAttempts { .. })), "however it is written");
        throttle.begin(now, "ana", client(2)).expect("the same person elsewhere");
        throttle.begin(now, "sam", client(1)).expect("somebody else here");
        let later = now + FAILURES_PER_PAIR.interval;
        fail(&mut throttle, later, "ana", client(1));
        assert!(throttle.begin(later, "ana", client(1)).is_err(), "one at a time");
    }

    #[test]
    fn one_password_tried_on_everybody_locks_nobody_out_who_belongs_there() {
        let now = Instant::now();
        let mut throttle = Throttle::default();
        let attempt = throttle.begin(now, "ana", client(1)).unwrap();
        throttle.succeeded(now, attempt);
        for user in 0..FAILURES_PER_CLIENT.burst {
            fail(&mut throttle, now, &user.to_string(), client(1));
        }
        assert!(throttle.begin(now, "sam", client(1)).is_err());
        throttle.begin(now, "ana", client(1)).expect("has signed in from here before");
        throttle.begin(now, "sam", client(2)).expect("from elsewhere");
    }

    #[test]
    fn a_success_costs_no_failure_but_one_of_its_own() {
        let now = Instant::now();
        let mut throttle = Throttle::default();
        for _ in 0..SIGN_INS_PER_PAIR.burst {
            let attempt = throttle.begin(now, "ana", client(1)).unwrap();
            throttle.succeeded(now, attempt);
        }
        assert!(throttle.begin(now, "ana", client(1)).is_err(), "a sign-in costs a hash");
        let later = now + SIGN_INS_PER_PAIR.interval;
        let attempt = throttle.begin(later, "ana", client(1)).unwrap();
        throttle.not_tried(later, &attempt);
        for _ in 0..FAILURES_PER_PAIR.burst {
            fail(&mut throttle, later, "ana", client(1));
        }
    }

    #[test]
    fn one_client_does_not_fill_the_line() {
        let now = Instant::now();
        let mut throttle = Throttle::default();
        let mut waiting: Vec<Attempt> = (0..AT_ONCE_PER_CLIENT_MAX)
            .map(|user| throttle.begin(now, &user.to_string(), client(1)).unwrap())
            .collect();
        assert!(throttle.begin(now, "one more", client(1)).is_err());
        throttle.begin(now, "one more", client(2)).expect("from elsewhere");
        waiting.pop();
        throttle.begin(now, "one more", client(1)).expect("one is done, or was given up");
    }

    #[test]
    fn the_memory_is_bounded() {
        let start = Instant::now();
        let mut throttle = Throttle::default();
        for i in 0..PAIRS_MAX as u32 * 2 {
            let (now, client) =
                (start + Duration::from_nanos(i.into()), Client::of(IpAddr::from(i.to_be_bytes())));
            let attempt = throttle.begin(now, "ana", client).unwrap();
            throttle.succeeded(now, attempt);
            assert!(throttle.known.len() <= PAIRS_MAX);
        }
    }
}
