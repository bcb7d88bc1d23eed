//! What becomes of a packet on one direction of a path: pure, by seed.
//!
//! - **Loss** follows Gilbert and Elliott's model: a chain of two states, good and bad, moves on
//!   with every packet; in the good state packets are lost with one probability ([`Impairment::
//!   loss`]), in the bad one with another ([`Burst::loss`]). Without bursts it is always good.
//! - **Delay** is a constant, plus **jitter**: a part drawn uniformly from 0 to the jitter. A packet
//!   never overtakes an earlier one by it, as in a router's queue: it waits.
//! - **Reordered** packets are held back by [`REORDER_HOLD`] longer, and the later ones don't wait.
//! - **Duplicates** come out twice, the second time with a jitter of its own.
//!
//! Every packet takes the same number of values from the generator, whatever the impairment: with
//! the same seed, the same packets are lost at 1 % and, with some more, at 2 %.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::units::Share;

/// How much longer a reordered packet takes: more than one packet of 20 ms, less than two.
pub const REORDER_HOLD: Duration = Duration::from_millis(30);
/// The longest mean of a burst, packets.
pub const BURST_PACKETS_MAX: f64 = 1000.0;

/// What one direction does to packets. The default does nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Impairment {
    /// Independent loss: the probability in the good state.
    pub loss: Share,
    /// Loss in bursts.
    pub burst: Option<Burst>,
    /// What every packet takes longer.
    pub delay: Duration,
    /// What it takes longer beyond that, at most.
    pub jitter: Duration,
    /// Packets held back by [`REORDER_HOLD`].
    pub reorder: Share,
    /// Packets that come twice.
    pub duplicate: Share,
}

/// The bad state of Gilbert and Elliott's model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burst {
    /// The packets that meet it, in the long run.
    pub share: Share,
    /// How many in a row, in the mean, 1 or more.
    pub packets: f64,
    /// The probability of loss in it.
    pub loss: Share,
}

impl Impairment {
    /// The share of packets that is lost in the long run.
    pub fn mean_loss(&self) -> f64 {
        let (bad, loss) = self.burst.map_or((0.0, 0.0), |b| (b.share.get(), b.loss.get()));
        self.loss.get() * (1.0 - bad) + loss * bad
    }
}

/// One direction of one leg's path.
#[derive(Debug)]
pub struct Path {
    impairment: Impairment,
    random: StdRng,
    is_bad: bool,
    /// When the last packet comes out that the next must not overtake.
    latest: Option<Instant>,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// When it comes out; `None` if it is lost.
    pub out: Option<Instant>,
    /// When it comes out again.
    pub again: Option<Instant>,
    /// Whether it was held back.
    pub is_reordered: bool,
}

impl Path {
    /// The path that `seed` stands for.
    pub fn new(impairment: Impairment, seed: u64) -> Self {
        let random = StdRng::seed_from_u64(seed);
        Self { impairment, random, is_bad: false, latest: None }
    }

    /// The fate of a packet that comes in at `now`.
    pub fn pass(&mut self, now: Instant) -> Fate {
        let Self { impairment, random, .. } = self;
        let is_lost = match impairment.burst {
            Some(burst) => {
                let turn = random.random::<f64>();
                self.is_bad =
                    if self.is_bad { turn >= burst.recovery() } else { turn < burst.onset() };
                if self.is_bad { burst.loss } else { impairment.loss }
            }
            None => {
                random.random::<f64>();
                impairment.loss
            }
        }
        .draw(random);
        let is_reordered = impairment.reorder.draw(random);
        let is_duplicated = impairment.duplicate.draw(random);
        let mut due = |jitter: f64| {
            let due = now + impairment.delay + impairment.jitter.mul_f64(jitter);
            if is_reordered {
                return due + REORDER_HOLD;
            }
            let due = self.latest.map_or(due, |latest| due.max(latest));
            self.latest = Some(due);
            due
        };
        let jitters: [f64; 2] = [random.random(), random.random()];
        let out = (!is_lost).then(|| due(jitters[0]));
        let again = (!is_lost && is_duplicated).then(|| due(jitters[1]));
        Fate { out, again, is_reordered: is_reordered && !is_lost }
    }
}

impl Burst {
    /// The probability to leave the bad state: bursts last its inverse in the mean.
    fn recovery(self) -> f64 {
        1.0 / self.packets.max(1.0)
    }

    /// The probability to enter it: in balance, the share that is bad is the one asked for.
    fn onset(self) -> f64 {
        let bad = self.share.get();
        if bad >= 1.0 { 1.0 } else { self.recovery() * bad / (1.0 - bad) }
    }
}

/// A seed for one leg, from the run's: legs don't have each other's luck.
pub fn leg_seed(seed: u64, leg: u64) -> u64 {
    // SplitMix64 (Steele, Lea, Flood 2014): neighbouring numbers give unrelated seeds.
    let mut mixed = seed.wrapping_add(leg.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKETS: usize = 200_000;
    const FRAME: Duration = Duration::from_millis(20);

    fn share(share: f64) -> Share {
        Share::new(share).unwrap()
    }

    /// (in, fate) of a packet every 20 ms.
    fn pass(impairment: Impairment, seed: u64, packets: usize) -> Vec<(Instant, Fate)> {
        let mut path = Path::new(impairment, seed);
        let start = Instant::now();
        (0..packets)
            .map(|n| {
                let now = start + FRAME * n as u32;
                (now, path.pass(now))
            })
            .collect()
    }

    fn part(fates: &[(Instant, Fate)], is: impl Fn(&Fate) -> bool) -> f64 {
        fates.iter().filter(|(_, fate)| is(fate)).count() as f64 / fates.len() as f64
    }

    #[test]
    fn nothing_happens_by_default() {
        for (now, fate) in pass(Impairment::default(), 1, 1000) {
            assert_eq!(fate, Fate { out: Some(now), again: None, is_reordered: false });
        }
    }

    #[test]
    fn independent_loss_has_its_rate_and_no_memory() {
        for loss in [0.005, 0.02, 0.3] {
            let fates = pass(Impairment { loss: share(loss), ..Impairment::default() }, 3, PACKETS);
            let lost = part(&fates, |fate| fate.out.is_none());
            // Four standard deviations.
            let spread = 4.0 * (loss * (1.0 - loss) / PACKETS as f64).sqrt();
            assert!((lost - loss).abs() < spread, "{lost} of {loss}");
            let pairs = fates
                .windows(2)
                .filter(|pair| pair.iter().all(|(_, fate)| fate.out.is_none()))
                .count();
            let twice = pairs as f64 / PACKETS as f64;
            assert!((twice - loss * loss).abs() < spread, "{twice} of {}", loss * loss);
        }
        let everything = pass(Impairment { loss: Share::ALL, ..Impairment::default() }, 3, 100);
        assert!(everything.iter().all(|(_, fate)| fate.out.is_none()));
    }

    /// Lengths of runs of lost packets.
    fn bursts(fates: &[(Instant, Fate)]) -> Vec<usize> {
        fates
            .chunk_by(|(_, a), (_, b)| a.out.is_none() == b.out.is_none())
            .filter(|run| run[0].1.out.is_none())
            .map(<[_]>::len)
            .collect()
    }

    #[test]
    fn bursts_have_their_share_and_length() {
        for (bad, packets) in [(0.02, 5.0), (0.1, 10.0), (0.3, 2.0)] {
            let burst = Burst { share: share(bad), packets, loss: Share::ALL };
            let impairment = Impairment { burst: Some(burst), ..Impairment::default() };
            // Four thousand bursts and more: some 2 % of standard deviation.
            let fates = pass(impairment, 5, 5 * PACKETS);
            let lost = part(&fates, |fate| fate.out.is_none());
            println!("{lost} of {bad}");
            assert!((lost / bad - 1.0).abs() < 0.07, "{lost} of {bad}");
            assert!((impairment.mean_loss() - bad).abs() < 1e-9);
            let bursts = bursts(&fates);
            let mean = bursts.iter().sum::<usize>() as f64 / bursts.len() as f64;
            assert!((mean / packets - 1.0).abs() < 0.07, "{mean} of {packets}");
            // Geometric: of the bursts, this part is over after one packet.
            let single = bursts.iter().filter(|&&length| length == 1).count() as f64;
            let single = single / bursts.len() as f64;
            assert!((single - 1.0 / packets).abs() < 0.03, "{single}");
        }
    }

    #[test]
    fn both_states_lose_as_they_are_told() {
        let burst = Burst { share: share(0.2), packets: 10.0, loss: share(0.5) };
        let impairment =
            Impairment { loss: share(0.01), burst: Some(burst), ..Impairment::default() };
        let lost = part(&pass(impairment, 9, PACKETS), |fate| fate.out.is_none());
        assert!((lost - 0.108).abs() < 0.006, "{lost}");
        assert!((impairment.mean_loss() - 0.108).abs() < 1e-9);
    }

    #[test]
    fn delay_is_exact_and_jitter_keeps_the_order() {
        let delay = Duration::from_millis(80);
        let constant = Impairment { delay, ..Impairment::default() };
        assert!(pass(constant, 1, 1000).iter().all(|(now, fate)| fate.out == Some(*now + delay)));

        let jitter = Duration::from_millis(15);
        let fates = pass(Impairment { delay, jitter, ..Impairment::default() }, 2, PACKETS);
        let extra: Vec<f64> = fates
            .iter()
            .map(|(now, fate)| (fate.out.unwrap() - *now - delay).as_secs_f64() * 1e3)
            .collect();
        assert!(extra.iter().all(|ms| (0.0..=15.0).contains(ms)));
        let mean = extra.iter().sum::<f64>() / extra.len() as f64;
        assert!((mean - 7.5).abs() < 0.05, "{mean}");

        let jitter = Duration::from_millis(100);
        let fates = pass(Impairment { jitter, ..Impairment::default() }, 2, 10_000);
        assert!(fates.windows(2).all(|pair| pair[0].1.out <= pair[1].1.out));
    }

    #[test]
    fn reordered_packets_come_after_the_next() {
        let fates = pass(Impairment { reorder: share(0.05), ..Impairment::default() }, 4, PACKETS);
        let reordered = part(&fates, |fate| fate.is_reordered);
        assert!((reordered - 0.05).abs() < 0.003, "{reordered}");
        for pair in fates.windows(2).filter(|pair| pair[0].1.is_reordered) {
            assert_eq!(pair[0].1.out, Some(pair[0].0 + REORDER_HOLD));
            assert!(pair[1].1.is_reordered || pair[1].1.out < pair[0].1.out);
        }
    }

    #[test]
    fn duplicates_come_twice() {
        let impairment = Impairment { duplicate: share(0.03), ..Impairment::default() };
        let fates = pass(impairment, 4, PACKETS);
        let twice = part(&fates, |fate| fate.again.is_some());
        assert!((twice - 0.03).abs() < 0.003, "{twice}");
        assert!(fates.iter().all(|(_, fate)| fate.again.is_none() || fate.again >= fate.out));
    }

    #[test]
    fn the_same_seed_has_the_same_fate() {
        let impairment = Impairment {
            loss: share(0.02),
            burst: Some(Burst { share: share(0.02), packets: 4.0, loss: share(0.9) }),
            delay: Duration::from_millis(20),
            jitter: Duration::from_millis(10),
            reorder: share(0.01),
            duplicate: share(0.01),
        };
        let relative = |seed| -> Vec<_> {
            pass(impairment, seed, 5000)
                .into_iter()
                .map(|(now, fate)| (fate.out.map(|at| at - now), fate.again.map(|at| at - now)))
                .collect()
        };
        assert_eq!(relative(1), relative(1));
        assert_ne!(relative(1), relative(2));
        // More loss loses what was lost before, and more.
        let lost = |loss: f64| -> Vec<bool> {
            pass(Impairment { loss: share(loss), ..impairment }, 1, 5000)
                .iter()
                .map(|(_, fate)| fate.out.is_none())
                .collect()
        };
        let (few, many) = (lost(0.01), lost(0.1));
        assert!(few.iter().zip(&many).all(|(few, many)| !few || *many));
    }

    #[test]
    fn legs_have_seeds_of_their_own() {
        let seeds: std::collections::HashSet<_> =
            (0..100).flat_map(|seed| (0..100).map(move |leg| leg_seed(seed, leg))).collect();
        assert_eq!(seeds.len(), 10_000);
    }
}
