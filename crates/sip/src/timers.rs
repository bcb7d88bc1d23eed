//! The times of RFC 3261 (§17, table 4), and a queue of what is due.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The round trip that is assumed.
pub const T1: Duration = Duration::from_millis(500);
/// The longest pause between two retransmissions.
pub const T2: Duration = Duration::from_secs(4);
/// How long a message may be on its way.
pub const T4: Duration = Duration::from_secs(5);
/// How long a transaction waits for its other end: 64 T1.
pub const GIVE_UP: Duration = Duration::from_secs(32);

/// What is due, and when. Whoever is called looks whether it still matters.
#[derive(Debug)]
pub struct Timers<T> {
    due: BTreeMap<TimerKey, T>,
    count: u64,
}

/// Something that was set, to be taken out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimerKey {
    /// When it is due.
    pub at: Instant,
    number: u64,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self { due: BTreeMap::new(), count: 0 }
    }
}

impl<T> Timers<T> {
    /// Calls `what` at this time.
    pub fn set(&mut self, at: Instant, what: T) -> TimerKey {
        self.count += 1;
        let key = TimerKey { at, number: self.count };
        self.due.insert(key, what);
        key
    }

    /// Does not call it any more.
    pub fn cancel(&mut self, key: TimerKey) {
        self.due.remove(&key);
    }

    /// When the first one is due.
    pub fn first(&self) -> Option<Instant> {
        self.due.first_key_value().map(|(key, _)| key.at)
    }

    /// Takes out one that is due.
    pub fn pop(&mut self, now: Instant) -> Option<T> {
        let entry = self.due.first_entry().filter(|entry| entry.key().at <= now)?;
        Some(entry.remove())
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.due.len()
    }
}
