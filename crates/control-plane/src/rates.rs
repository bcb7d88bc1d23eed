//! How much one user may write. It is told the time.

use std::time::{Duration, Instant};

use budget::Rate;
use interaction::UserId;

/// Messages that somebody may send at once.
pub const MESSAGES_BURST: u32 = 20;
/// Messages that one person may send in a minute, until administrators choose: two a second for a
/// while is as fast as anybody writes.
pub const MESSAGES_PER_MINUTE: u32 = 120;
/// Signs (typing, marks) at once; they are cheap, and many.
pub const SIGNS_BURST: u32 = 60;
/// How long until one more sign may be sent.
pub const SIGN_INTERVAL: Duration = Duration::from_millis(100);
/// Users remembered; beyond, those who wrote least are forgotten.
const USERS_MAX: usize = 4_096;

/// The budgets of those who write.
#[derive(Debug)]
pub struct Rates {
    messages: budget::Rates<UserId>,
    signs: budget::Rates<UserId>,
}

impl Default for Rates {
    fn default() -> Self {
        let signs = Rate::new(SIGNS_BURST, SIGN_INTERVAL);
        Self {
            messages: budget::Rates::new(messages(MESSAGES_PER_MINUTE), USERS_MAX),
            signs: budget::Rates::new(signs, USERS_MAX),
        }
    }
}

impl Rates {
    /// So many messages may be sent in a minute from now on.
    pub fn configure(&mut self, messages_per_minute: u32) {
        self.messages.configure(messages(messages_per_minute));
    }

    /// One more message of the user's; `Err`: how long they should wait.
    pub fn message(&mut self, now: Instant, user: UserId) -> Result<(), Duration> {
        self.messages.take(now, user)
    }

    /// One more sign of the user's; `Err`: how long they should wait.
    pub fn sign(&mut self, now: Instant, user: UserId) -> Result<(), Duration> {
        self.signs.take(now, user)
    }
}

fn messages(per_minute: u32) -> Rate {
    Rate::new(MESSAGES_BURST, Duration::from_secs(60) / per_minute.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(60_000 / MESSAGES_PER_MINUTE as u64);

    #[test]
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn a_burst_passes_and_then_one_an_interval() {
        let mut rates = Rates::default();
        let start = Instant::now();
        for _ in 0..MESSAGES_BURST {
            rates.message(start, UserId(1)).unwrap();
        }
        assert_eq!(rates.message(start, UserId(1)), Err(INTERVAL));
        assert_eq!(rates.message(start, UserId(2)), Ok(()), "each has their own");
        assert_eq!(rates.sign(start, UserId(1)), Ok(()), "signs are counted apart");
        let later = start + INTERVAL;
        assert_eq!(rates.message(later, UserId(1)), Ok(()));
        assert!(rates.message(later, UserId(1)).is_err());
        let rested = later + INTERVAL * MESSAGES_BURST;
        for _ in 0..MESSAGES_BURST {
            rates.message(rested, UserId(1)).unwrap();
        }
    }
}
