//! Budgets that refill with time: a bucket for each key, and no more keys than fit.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// How much may be done at once, and how soon again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How often in one moment; at least once.
    pub burst: u32,
    /// How long until one more fits.
    pub interval: Duration,
}

/// A bucket for each key (the generic cell rate algorithm, ITU-T I.371). One that is full is not
/// remembered; of more than `keys_max` that are not, those that are nearly full are forgiven.
#[derive(Clone, Debug)]
pub struct Rates<K> {
    rate: Rate,
    keys_max: usize,
    /// When each bucket is full again; each use moves that on by an interval.
    full_at: HashMap<K, Instant>,
}

impl Rate {
    /// So many in a moment, and one more each `interval`.
    pub const fn new(burst: u32, interval: Duration) -> Self {
        Self { burst, interval }
    }
}

impl<K: Eq + Hash> Rates<K> {
    /// Full buckets.
    pub fn new(rate: Rate, keys_max: usize) -> Self {
        Self { rate, keys_max, full_at: HashMap::new() }
    }

    /// Another rate from now on.
    pub fn configure(&mut self, rate: Rate) {
        self.rate = rate;
    }

    /// Takes one out of a bucket.
    ///
    /// # Errors
    /// Nothing was taken: how long until there is one.
    pub fn take(&mut self, now: Instant, key: K) -> Result<(), Duration> {
        self.check(now, &key)?;
        if self.full_at.len() >= self.keys_max && !self.full_at.contains_key(&key) {
            self.make_room(now);
        }
        let full_at = self.full_at.entry(key).or_insert(now);
        *full_at = (*full_at).max(now) + self.rate.interval;
        Ok(())
    }

    /// Whether there is one to take.
    ///
    /// # Errors
    /// How long until there is one.
    pub fn check(&self, now: Instant, key: &K) -> Result<(), Duration> {
        let Some(full_at) = self.full_at.get(key) else { return Ok(()) };
        let full_at = (*full_at).max(now) + self.rate.interval;
        let early = full_at.saturating_duration_since(now + self.rate.interval * self.rate.burst);
        if early.is_zero() { Ok(()) } else { Err(early) }
    }

    /// Puts back what was taken: it was not used.
    pub fn give_back(&mut self, now: Instant, key: &K) {
        let Some(full_at) = self.full_at.get_mut(key) else { return };
        match full_at.checked_sub(self.rate.interval).filter(|full_at| *full_at > now) {
            Some(earlier) => *full_at = earlier,
            None => drop(self.full_at.remove(key)),
        }
    }

    fn make_room(&mut self, now: Instant) {
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() < self.keys_max {
            return;
        }
        let mut times: Vec<Instant> = self.full_at.values().copied().collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        self.full_at.retain(|_, full_at| *full_at > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(2);
    const RATE: Rate = Rate::new(3, INTERVAL);

    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn a_burst_passes_and_then_one_an_interval() {
        let mut rates = Rates::new(RATE, 10);
        let now = start();
        for _ in 0..3 {
            rates.take(now, "ana").unwrap();
        }
        assert_eq!(rates.take(now, "ana"), Err(INTERVAL));
        assert_eq!(rates.take(now, "sam"), Ok(()), "each has a bucket of its own");
        assert_eq!(rates.take(now + INTERVAL, "ana"), Ok(()));
        assert!(rates.take(now + INTERVAL, "ana").is_err());
        for _ in 0..3 {
            rates.take(now + INTERVAL * 5, "ana").unwrap();
        }
    }

    #[test]
    fn a_full_table_forgets_nobody_for_one_who_is_in_it() {
        let mut rates = Rates::new(RATE, 1);
        let now = start();
        for _ in 0..3 {
            rates.take(now, "ana").unwrap();
        }
        assert_eq!(rates.take(now, "ana"), Err(INTERVAL));
    }

    #[test]
    fn what_was_not_used_is_given_back() {
        let mut rates = Rates::new(RATE, 10);
        let now = start();
        for _ in 0..10 {
            rates.take(now, "ana").unwrap();
            rates.give_back(now, &"ana");
        }
        assert!(rates.full_at.is_empty());
        rates.give_back(now, &"nobody");
    }

    #[test]
    fn the_memory_is_bounded_and_forgives_those_who_are_nearly_full() {
        let mut rates = Rates::new(RATE, 100);
        let now = start();
        for _ in 0..3 {
            rates.take(now, u32::MAX).unwrap();
        }
        for key in 0..1_000 {
            rates.take(now, key).unwrap();
            assert!(rates.full_at.len() <= 100);
        }
        assert!(rates.take(now, u32::MAX).is_err(), "who used most is remembered");
        rates.take(now + INTERVAL * 3, 5_000).unwrap();
        for key in 0..99 {
            rates.take(now + INTERVAL * 3, key).unwrap();
        }
        assert!(rates.full_at.len() <= 100);
    }
}
