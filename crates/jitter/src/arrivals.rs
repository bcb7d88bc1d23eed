//! How a source's sound came, told from the arrival of its packets alone: what a listener must make up of it.
//!
//! Most sources are only passed on, so that no playout buffer on this side ever holds their packets. Nor may it make a
//! difference to a count whether somebody mixes a source. So this counts what comes in, always in the same way, and
//! compares each packet with the delay that a [`JitterBuffer`](crate::JitterBuffer) would have at that moment.

use std::time::Instant;

use crate::estimator::DelayEstimator;
use crate::timeline::{Place, Placement, Timeline};
use crate::{JitterConfig, micros};

/// Packets that may still come in time, the newest among them: 1.28 s of 20 ms packets.
const WINDOW: u32 = u64::BITS;

/// One packet that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// RTP sequence number.
    pub sequence: u16,
    /// RTP timestamp of the first sample, 48 kHz.
    pub timestamp: u32,
    /// How long it plays, samples; 0: it holds no sound, and fills a number all the same.
    pub duration_samples: usize,
    /// Whether it carries a copy of the packet before it (in-band FEC).
    pub carries_copy: bool,
    /// It was lost, and taken from the redundancy of a later one (RFC 2198).
    pub is_restored: bool,
}

/// What came of a source and what did not, and the present delay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ArrivalStats {
    /// Packets that came by themselves, each once.
    pub received_packets: u64,
    /// Packets that were lost and restored from another one's redundancy (RFC 2198).
    pub restored_packets: u64,
    /// Packets that never came.
    pub lost_packets: u64,
    /// Packets that came after their turn.
    pub late_packets: u64,
    /// Sound that in-band FEC restores, samples.
    pub fec_samples: u64,
    /// Sound that neither came in time nor can be restored: to be made up, samples.
    pub concealed_samples: u64,
    /// The delay that nearly all packets need at present, ms.
    pub target_ms: u32,
}

/// Counts what came of one source. Allocates nothing.
#[derive(Debug)]
pub struct ArrivalMeter {
    timeline: Timeline,
    estimator: DelayEstimator,
    /// The newest packet's number.
    newest: i64,
    /// Packets by their distance from the newest: whether they came in time, came at all, and carry a copy.
    in_time: u64,
    came: u64,
    copies: u64,
    /// How many of these there are since the stream began.
    known: u32,
    /// How long packets play.
    duration_samples: u64,
    stats: ArrivalStats,
    epoch: Option<Instant>,
}

impl ArrivalMeter {
    /// Counts as for a playout buffer with these bounds.
    pub fn new(config: JitterConfig) -> Self {
        Self {
            timeline: Timeline::default(),
            estimator: DelayEstimator::new(config),
            newest: 0,
            in_time: 0,
            came: 0,
            copies: 0,
            known: 0,
            duration_samples: crate::TICK_SAMPLES as u64,
            stats: ArrivalStats::default(),
            epoch: None,
        }
    }

    /// Takes a packet that came at `now`, in any order.
    pub fn take(&mut self, now: Instant, arrival: Arrival) {
        let epoch = *self.epoch.get_or_insert(now);
        let now_us = now.saturating_duration_since(epoch).as_micros();
        let now_us = i64::try_from(now_us).unwrap_or(i64::MAX / 4);
        match self.timeline.place(arrival.sequence, arrival.timestamp) {
            Placement::Newest(place) => {
                if self.estimator.is_jump(now_us, end_us(place, &arrival)) {
                    return self.restart(now_us, arrival);
                }
                self.timeline.advance(place);
                let steps = if self.known == 0 { 1 } else { place.sequence - self.newest };
                self.advance(steps.unsigned_abs());
                self.newest = place.sequence;
                self.note(now_us, place, arrival);
            }
            Placement::Older(place) => self.note(now_us, place, arrival),
            Placement::Restart => self.restart(now_us, arrival),
            Placement::Stray => {}
        }
    }

    /// What comes from now on has other numbers: another station sends it.
    pub fn interrupt(&mut self) {
        self.settle_all();
        self.timeline = Timeline::default();
        self.estimator.restart();
    }

    /// The counters, without the packets that may still come: these never fall.
    pub fn settled(&self) -> ArrivalStats {
        self.stats
    }

    /// The counters, with what is missing at this moment.
    pub fn stats(&self) -> ArrivalStats {
        let mut stats = self.stats;
        (0..self.known).for_each(|back| self.count_missing(back, &mut stats));
        let target_ms = self.estimator.target_us() / 1_000;
        ArrivalStats { target_ms: u32::try_from(target_ms).unwrap_or(u32::MAX), ..stats }
    }

    fn restart(&mut self, now_us: i64, arrival: Arrival) {
        self.settle_all();
        self.estimator.restart();
        let place = self.timeline.restart(arrival.sequence, arrival.timestamp);
        self.advance(1);
        self.newest = place.sequence;
        self.note(now_us, place, arrival);
    }

    /// The newest packet is so many numbers further; what falls out of the window is settled.
    fn advance(&mut self, steps: u64) {
        let window = u64::from(WINDOW);
        for _ in 0..steps.min(window) {
            if self.known == WINDOW {
                self.settle(WINDOW - 1);
            }
            self.known = (self.known + 1).min(WINDOW);
            (self.in_time, self.came, self.copies) =
                (self.in_time << 1, self.came << 1, self.copies << 1);
        }
        let beyond = steps.saturating_sub(window);
        self.stats.lost_packets += beyond;
        self.stats.concealed_samples += beyond * self.duration_samples;
    }

    fn settle_all(&mut self) {
        (0..self.known).rev().for_each(|back| self.settle(back));
        (self.in_time, self.came, self.copies, self.known) = (0, 0, 0, 0);
    }

    /// The packet so far back has come by now or never will.
    fn settle(&mut self, back: u32) {
        let mut stats = self.stats;
        self.count_missing(back, &mut stats);
        self.estimator.observe_turn(stats.lost_packets - self.stats.lost_packets);
        self.stats = stats;
    }

    fn count_missing(&self, back: u32, stats: &mut ArrivalStats) {
        let is = |packets: u64, back: u32| packets >> back & 1 == 1;
        if is(self.in_time, back) {
            return;
        }
        stats.lost_packets += u64::from(!is(self.came, back));
        let has_copy = back > 0 && is(self.in_time & self.copies, back - 1);
        match has_copy {
            true => stats.fec_samples += self.duration_samples,
            false => stats.concealed_samples += self.duration_samples,
        }
    }

    fn note(&mut self, now_us: i64, place: Place, arrival: Arrival) {
        let back = self.newest - place.sequence;
        if back >= i64::from(self.known) {
            self.stats.late_packets += 1;
            return;
        }
        let bit = 1 << back;
        if self.came & bit != 0 {
            return;
        }
        let end_us = end_us(place, &arrival);
        let is_in_time = self.estimator.delay_us(now_us, end_us) <= self.estimator.target_us();
        self.came |= bit;
        self.in_time |= if is_in_time { bit } else { 0 };
        self.copies |= if arrival.carries_copy { bit } else { 0 };
        self.stats.received_packets += u64::from(!arrival.is_restored);
        self.stats.restored_packets += u64::from(arrival.is_restored);
        self.stats.late_packets += u64::from(!is_in_time);
        if arrival.duration_samples > 0 {
            self.duration_samples = arrival.duration_samples as u64;
            let duration_us = micros(arrival.duration_samples as i64);
            self.estimator.observe(now_us, end_us, duration_us);
        }
    }
}

/// When the packet ends on the sender's clock, µs.
fn end_us(place: Place, arrival: &Arrival) -> i64 {
    micros(place.timestamp + arrival.duration_samples as i64)
}
