//! How much of something may come, by the generic cell rate algorithm (ITU-T I.371): one instant is
//! all that is kept.

use std::time::{Duration, Instant};

/// A rate and a burst, each as time: what comes costs some, and as much as the burst may be owed.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// When all that came is paid for.
    paid_at: Instant,
    burst: Duration,
}

impl Rate {
    /// Allows `burst` at once, and afterwards what costs a second in each second.
    pub fn new(now: Instant, burst: Duration) -> Self {
        Self { paid_at: now, burst }
    }

    /// Takes what costs so much, unless it is too much; `false`: it is, and nothing was taken.
    pub fn take(&mut self, now: Instant, cost: Duration) -> bool {
        let paid_at = self.paid_at.max(now) + cost;
        let is_allowed = paid_at.saturating_duration_since(now) <= self.burst;
        if is_allowed {
            self.paid_at = paid_at;
        }
        is_allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    fn a_burst_passes_at_once_and_then_the_rate() {
        let (start, cost) = (Instant::now(), Duration::from_millis(10));
        let mut rate = Rate::new(start, cost * 5);
        let passed = |rate: &mut Rate, now| (0..100).filter(|_| rate.take(now, cost)).count();
        assert_eq!(passed(&mut rate, start), 5);
        assert_eq!(passed(&mut rate, start + cost), 1);
        assert_eq!(passed(&mut rate, start + cost * 4), 3);
        assert_eq!(passed(&mut rate, start + cost * 1_000), 5, "no more than a burst is saved up");
    }
}
