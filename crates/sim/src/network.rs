//! A network path by seed: delay, jitter, loss, doubling; reordering comes of the jitter.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// What one path does to packets.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NetworkConfig {
    /// Least delay, µs.
    pub delay_us: u64,
    /// Further delay, uniformly up to this, µs. Beyond 20 ms it reorders.
    pub jitter_us: u64,
    /// Share of packets that are lost, 0 … 1.
    pub loss: f64,
    /// Share of packets that come twice, 0 … 1.
    pub duplicate: f64,
}

/// One path; each party has its own, so that one more party changes nothing for the others.
#[derive(Debug)]
pub struct Network {
    config: NetworkConfig,
    random: StdRng,
}

impl Network {
    /// The path that `seed` stands for.
    pub fn new(config: NetworkConfig, seed: u64) -> Self {
        Self { config, random: StdRng::seed_from_u64(seed) }
    }

    /// When copies of a packet sent at `now_us` arrive: none, one, or two times.
    pub fn arrivals_us(&mut self, now_us: u64) -> impl Iterator<Item = u64> + use<> {
        let copies = if self.random.random_bool(self.config.loss) {
            0
        } else if self.random.random_bool(self.config.duplicate) {
            2
        } else {
            1
        };
        let mut times = [0u64; 2];
        for time in &mut times {
            let jitter = self.random.random_range(0..=self.config.jitter_us);
            *time = now_us + self.config.delay_us + jitter;
        }
        times.into_iter().take(copies)
    }
}
