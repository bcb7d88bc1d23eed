//! How much delay the network makes necessary.
//!
//! After WebRTC's NetEQ: every packet's transit time is compared with the fastest of the last seconds, the differences
//! fill a histogram that forgets exponentially, and a high quantile of it is what playout has to wait. Comparing with
//! the fastest *recent* packet makes clock drift and changes of route come out by themselves.

use crate::{JitterConfig, TICK_SAMPLES, micros};

/// The fastest packet is sought in this many buckets of [`BUCKET_US`] each: the last 3 to 4 s.
const BUCKETS: usize = 4;
const BUCKET_US: i64 = 1_000_000;

const BINS: usize = 128;
const BIN_US: i64 = 2_000;
const _: () = assert!(BINS as i64 * BIN_US > JitterConfig::DELAY_MAX_LIMIT_MS as i64 * 1_000);

/// Share of packets that shall come in time.
const IN_TIME_SHARE: f32 = 0.99;

/// Weight of one packet in the histogram: a memory of about 200 packets, 4 s of 20 ms packets.
const PACKET_WEIGHT: f32 = 0.005;

/// Weight of one packet in the mean loss: a memory of about 5 s.
const LOSS_WEIGHT: f32 = 1.0 / 256.0;
/// Above this loss it pays to wait one packet longer, so that in-band FEC can restore a lost one.
const LOSSY_ABOVE: f32 = 0.02;
/// Below this loss it no longer does.
const LOSSY_BELOW: f32 = 0.01;

/// A transit time this far from the fastest is not jitter: the sender's clock jumped, or the network stood still.
const JUMP_US: i64 = 2_000_000;

/// All times in microseconds: `now` since the buffer's epoch, `end` a packet's last timestamp on the sender's clock.
#[derive(Debug)]
pub(crate) struct DelayEstimator {
    delay_min_us: i64,
    delay_max_us: i64,
    fastest: WindowedMinimum,
    histogram: DelayHistogram,
    loss: f32,
    is_lossy: bool,
    target_us: i64,
}

impl DelayEstimator {
    pub(crate) fn new(config: JitterConfig) -> Self {
        let limit_us = i64::from(JitterConfig::DELAY_MAX_LIMIT_MS) * 1_000;
        let delay_min_us = (i64::from(config.delay_min_ms) * 1_000).clamp(tick_us(), limit_us);
        Self {
            delay_min_us,
            delay_max_us: (i64::from(config.delay_max_ms) * 1_000).clamp(delay_min_us, limit_us),
            fastest: WindowedMinimum::default(),
            histogram: DelayHistogram::default(),
            loss: 0.0,
            is_lossy: false,
            target_us: delay_min_us,
        }
    }

    /// Forgets everything: another source.
    pub(crate) fn reset(&mut self) {
        *self = Self {
            fastest: WindowedMinimum::default(),
            histogram: DelayHistogram::default(),
            loss: 0.0,
            is_lossy: false,
            target_us: self.delay_min_us,
            ..*self
        };
    }

    /// Forgets the sender's clock, not the network's ways.
    pub(crate) fn restart(&mut self) {
        self.fastest = WindowedMinimum::default();
    }

    /// Whether a packet that arrives now and ends at `end_us` would not fit the clock known so far.
    pub(crate) fn is_jump(&self, now_us: i64, end_us: i64) -> bool {
        self.fastest.get().is_some_and(|fastest| (now_us - end_us - fastest).abs() > JUMP_US)
    }

    /// Takes note of an arrival.
    pub(crate) fn observe(&mut self, now_us: i64, end_us: i64, duration_us: i64) {
        let transit_us = now_us - end_us;
        let fastest_us = self.fastest.update(now_us, transit_us);
        self.histogram.add(transit_us - fastest_us);
        let fec_wait_us = if self.is_lossy { duration_us } else { 0 };
        self.target_us = (self.histogram.quantile_us() + fec_wait_us + tick_us())
            .clamp(self.delay_min_us, self.delay_max_us);
    }

    /// Takes note of packets that were there, or not, when their turn came.
    pub(crate) fn observe_turn(&mut self, lost_packets: u64) {
        self.loss *= 1.0 - LOSS_WEIGHT;
        for _ in 0..lost_packets.min(crate::PACKETS_MAX as u64) {
            self.loss += LOSS_WEIGHT * (1.0 - self.loss);
        }
        self.is_lossy = self.loss > if self.is_lossy { LOSSY_BELOW } else { LOSSY_ABOVE };
    }

    /// The delay of a packet that ends at `end_us`, if it is played now.
    pub(crate) fn delay_us(&self, now_us: i64, end_us: i64) -> i64 {
        // Without an arrival there is no packet to ask about.
        now_us - end_us - self.fastest.get().unwrap_or(now_us - end_us)
    }

    /// The longest delay wanted.
    pub(crate) fn target_us(&self) -> i64 {
        self.target_us
    }

    /// The shortest delay wanted.
    pub(crate) fn required_us(&self) -> i64 {
        self.target_us - tick_us()
    }

    /// The upper bound of the target.
    pub(crate) fn delay_max_us(&self) -> i64 {
        self.delay_max_us
    }
}

fn tick_us() -> i64 {
    micros(TICK_SAMPLES as i64)
}

/// The least of the values of the last seconds.
#[derive(Debug, Clone, Copy)]
struct WindowedMinimum {
    buckets: [i64; BUCKETS],
    current: usize,
    current_since_us: i64,
}

/// An empty bucket.
const EMPTY: i64 = i64::MAX;

impl Default for WindowedMinimum {
    fn default() -> Self {
        Self { buckets: [EMPTY; BUCKETS], current: 0, current_since_us: 0 }
    }
}

impl WindowedMinimum {
    /// Adds a value and returns the minimum.
    fn update(&mut self, now_us: i64, value: i64) -> i64 {
        let passed = (now_us - self.current_since_us) / BUCKET_US;
        for _ in 0..passed.min(BUCKETS as i64) {
            self.current = (self.current + 1) % BUCKETS;
            self.buckets[self.current] = EMPTY;
        }
        self.current_since_us += passed.max(0) * BUCKET_US;
        self.buckets[self.current] = value.min(self.buckets[self.current]);
        self.get().unwrap_or(value)
    }

    fn get(&self) -> Option<i64> {
        self.buckets.iter().copied().min().filter(|&value| value != EMPTY)
    }
}

/// Shares of packets by their delay behind the fastest.
#[derive(Debug, Clone, Copy)]
struct DelayHistogram {
    shares: [f32; BINS],
    /// Packets so far, as far as they matter.
    packets: f32,
}

impl Default for DelayHistogram {
    fn default() -> Self {
        Self { shares: [0.0; BINS], packets: 0.0 }
    }
}

impl DelayHistogram {
    fn add(&mut self, delay_us: i64) {
        self.packets = (self.packets + 1.0).min(1.0 / PACKET_WEIGHT);
        // A plain mean at first, then an exponential one.
        let weight = 1.0 / self.packets;
        for share in &mut self.shares {
            *share *= 1.0 - weight;
        }
        let bin = usize::try_from(delay_us / BIN_US).unwrap_or(0).min(BINS - 1);
        self.shares[bin] += weight;
    }

    /// The delay within which [`IN_TIME_SHARE`] of the packets came: the upper edge of its bin.
    fn quantile_us(&self) -> i64 {
        let mut late = 1.0 - IN_TIME_SHARE;
        // From the top, where rounding errors are small against what is sought.
        let bin = self.shares.iter().rposition(|share| {
            late -= share;
            late < 0.0
        });
        (bin.unwrap_or(0) as i64 + 1) * BIN_US
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET_US: i64 = 20_000;

    /// Feeds one packet every 20 ms, each `late_us` later than the fastest way.
    fn feed(estimator: &mut DelayEstimator, from: i64, late_us: &[i64]) -> i64 {
        for (index, late_us) in (from..).zip(late_us) {
            estimator.observe(index * PACKET_US + late_us, index * PACKET_US, PACKET_US);
        }
        from + late_us.len() as i64
    }

    #[test]
    fn a_steady_network_needs_hardly_more_than_a_tick() {
        let mut estimator = DelayEstimator::new(JitterConfig::default());
        feed(&mut estimator, 0, &[0; 100]);
        assert_eq!((estimator.required_us(), estimator.target_us()), (2_000, 22_000));
    }

    #[test]
    fn the_target_covers_the_jitter_and_forgets_it() {
        let mut estimator = DelayEstimator::new(JitterConfig::default());
        let jittery: Vec<i64> = (0..400).map(|index| index * 7_919 % 60_000).collect();
        let next = feed(&mut estimator, 0, &jittery);
        assert!(
            (58_000..=62_000).contains(&estimator.required_us()),
            "{}",
            estimator.required_us()
        );
        feed(&mut estimator, next, &[0; 1_000]);
        assert_eq!(estimator.required_us(), 2_000);
    }

    #[test]
    fn the_target_keeps_to_its_bounds() {
        let config = JitterConfig { delay_min_ms: 60, delay_max_ms: 100 };
        let mut estimator = DelayEstimator::new(config);
        let next = feed(&mut estimator, 0, &[0; 10]);
        assert_eq!(estimator.target_us(), 60_000);
        let stalls: Vec<i64> = (0..100).map(|index| index % 5 * 90_000).collect();
        feed(&mut estimator, next, &stalls);
        assert_eq!(estimator.target_us(), 100_000);
    }

    #[test]
    fn a_slower_route_counts_as_jitter_only_for_seconds() {
        let mut estimator = DelayEstimator::new(JitterConfig::default());
        let next = feed(&mut estimator, 0, &[0; 200]);
        let next = feed(&mut estimator, next, &[40_000; 100]);
        assert_eq!(estimator.required_us(), 42_000);
        let next = feed(&mut estimator, next, &[40_000; 1_000]);
        assert_eq!(estimator.required_us(), 2_000);
        assert_eq!(estimator.delay_us(next * PACKET_US + 45_000, next * PACKET_US), 5_000);
    }

    #[test]
    fn loss_makes_it_wait_for_fec() {
        let mut estimator = DelayEstimator::new(JitterConfig::default());
        for turn in 0..500 {
            estimator.observe_turn(u64::from(turn % 20 == 0));
        }
        feed(&mut estimator, 0, &[0; 10]);
        assert_eq!(estimator.required_us(), 22_000);
        for turn in 0..1_000 {
            estimator.observe_turn(u64::from(turn % 65 == 0));
        }
        feed(&mut estimator, 10, &[0; 10]);
        assert_eq!(estimator.required_us(), 22_000, "1.5 % would not begin it, but keep it up");
        for _ in 0..1_000 {
            estimator.observe_turn(0);
        }
        feed(&mut estimator, 20, &[0; 10]);
        assert_eq!(estimator.required_us(), 2_000);
    }
}
