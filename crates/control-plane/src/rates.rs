//! How much one user may write: a token bucket each. It is told the time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

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
/// Users remembered; beyond it those who have rested are forgotten.
const USERS_MAX: usize = 4_096;

/// The buckets.
#[derive(Debug)]
pub struct Rates {
    /// How long until one more message may be sent.
    message_interval: Duration,
    messages: BTreeMap<UserId, Bucket>,
    signs: BTreeMap<UserId, Bucket>,
}

/// Full at `full_at`; each use moves that on by an interval (the generic cell rate algorithm,
/// ITU-T I.371).
#[derive(Clone, Copy, Debug)]
struct Bucket {
    full_at: Instant,
}

impl Default for Rates {
    fn default() -> Self {
        let mut rates = Self {
            message_interval: Duration::ZERO,
            messages: BTreeMap::new(),
            signs: BTreeMap::new(),
        };
        rates.configure(MESSAGES_PER_MINUTE);
        rates
    }
}

impl Rates {
    /// So many messages may be sent in a minute from now on.
    pub fn configure(&mut self, messages_per_minute: u32) {
        self.message_interval = Duration::from_secs(60) / messages_per_minute.max(1);
    }

    /// One more message of the user's; `Err`: how long they should wait.
    pub fn message(&mut self, now: Instant, user: UserId) -> Result<(), Duration> {
        take(&mut self.messages, now, user, MESSAGES_BURST, self.message_interval)
    }

    /// One more sign of the user's; `Err`: how long they should wait.
    pub fn sign(&mut self, now: Instant, user: UserId) -> Result<(), Duration> {
        take(&mut self.signs, now, user, SIGNS_BURST, SIGN_INTERVAL)
    }
}

fn take(
    buckets: &mut BTreeMap<UserId, Bucket>,
    now: Instant,
    user: UserId,
    burst: u32,
    interval: Duration,
) -> Result<(), Duration> {
    if buckets.len() >= USERS_MAX {
        buckets.retain(|_, bucket| bucket.full_at > now);
    }
    let bucket = buckets.entry(user).or_insert(Bucket { full_at: now });
    let full_at = bucket.full_at.max(now) + interval;
    match full_at.checked_duration_since(now + interval * burst) {
        Some(early) if !early.is_zero() => Err(early),
        _ => {
            bucket.full_at = full_at;
            Ok(())
        }
    }
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

    #[test]
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn who_has_rested_is_forgotten() {
        let mut rates = Rates::default();
        let start = Instant::now();
        for user in 0..USERS_MAX as u64 {
            rates.message(start, UserId(user)).unwrap();
        }
        rates.message(start + Duration::from_secs(60), UserId(1)).unwrap();
        assert_eq!(rates.messages.len(), 1);
    }
}
