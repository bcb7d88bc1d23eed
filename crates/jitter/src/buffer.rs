//! The buffer itself: what goes in. What comes out is decided in `playout`.

use std::time::Instant;

use crate::estimator::DelayEstimator;
use crate::ring::PacketRing;
use crate::timeline::{Place, Placement, Timeline};
use crate::{
    Inserted, JitterConfig, JitterStats, PACKETS_MAX, PAYLOAD_BYTES_MAX, PacketRef, TICK_SAMPLES,
    micros,
};

/// Whether sound is coming out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing was played of this stream: its first packets may still be put in order.
    Fresh,
    /// Silence: the next packet starts with whatever delay is right.
    Silent,
    /// Sound: every packet has its time.
    Playing,
}

/// How the delay is to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Whether the sound is to become shorter, or longer.
    pub(crate) shorter: bool,
    /// It has been waited for long enough: even where it may be heard.
    pub(crate) must: bool,
}

/// Where playout stands in the sender's stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Playhead {
    pub(crate) phase: Phase,
    /// The next packet. Stored packets lie in the [`PACKETS_MAX`] numbers from here.
    pub(crate) sequence: i64,
    /// The next sample.
    pub(crate) timestamp: i64,
    /// Sound made up with nothing in store, samples: a loss or a delay, the next packet will tell.
    pub(crate) stretched_samples: i64,
    /// Sound made up since the last packet, samples.
    pub(crate) concealed_samples: usize,
    /// How long the last packet was, samples.
    pub(crate) packet_samples: usize,
}

impl Playhead {
    fn before(place: Place) -> Self {
        Self {
            phase: Phase::Fresh,
            sequence: place.sequence,
            timestamp: place.timestamp,
            stretched_samples: 0,
            concealed_samples: 0,
            packet_samples: crate::GRAIN_SAMPLES,
        }
    }
}

/// Jitter buffer for one source: see the crate's documentation.
#[derive(Debug)]
pub struct JitterBuffer {
    pub(crate) ring: PacketRing,
    pub(crate) timeline: Timeline,
    pub(crate) estimator: DelayEstimator,
    pub(crate) playhead: Playhead,
    /// What this tick still lacks, samples; negative: what the next ones have already.
    pub(crate) owed_samples: i64,
    /// How long the delay has been too long without a break, samples played.
    pub(crate) excess_samples: usize,
    pub(crate) is_quiet: bool,
    /// Whether the caller changes the length of the sound rather than have packets left out.
    pub(crate) stretches: bool,
    /// What the caller is to do with the sound that it has, if it can.
    pub(crate) wish: Option<Wish>,
    pub(crate) stats: JitterStats,
    /// The first `now`: microseconds are counted from here.
    epoch: Option<Instant>,
}

impl JitterBuffer {
    /// Makes an empty buffer. All it will ever need (about 42 kB) is allocated here.
    pub fn new(config: JitterConfig) -> Self {
        Self {
            ring: PacketRing::new(),
            timeline: Timeline::default(),
            estimator: DelayEstimator::new(config),
            playhead: Playhead::before(Place { sequence: 0, timestamp: 0 }),
            owed_samples: TICK_SAMPLES as i64,
            excess_samples: 0,
            is_quiet: false,
            stretches: false,
            wish: None,
            stats: JitterStats::default(),
            epoch: None,
        }
    }

    /// Takes a packet that arrived at `now`, in any order.
    pub fn insert(&mut self, now: Instant, packet: PacketRef<'_>) -> Inserted {
        self.stats.received_packets += 1;
        let inserted = self.insert_counted(now, packet);
        match inserted {
            Inserted::Duplicate => self.stats.duplicate_packets += 1,
            Inserted::Late => self.stats.late_packets += 1,
            Inserted::Stray | Inserted::TooLarge | Inserted::Invalid => {
                self.stats.refused_packets += 1;
            }
            Inserted::Queued | Inserted::Overflow | Inserted::Restarted => {}
        }
        inserted
    }

    /// Begins anew, between two ticks, for another source (a new SSRC) or one that is heard again after a pause. The
    /// caller empties its queue of decoded samples as well: the next tick lacks them all. Counters stay.
    pub fn reset(&mut self) {
        self.stats.discarded_packets += self.ring.len() as u64;
        self.ring.clear();
        self.timeline = Timeline::default();
        self.estimator.reset();
        self.playhead = Playhead::before(Place { sequence: 0, timestamp: 0 });
        self.owed_samples = TICK_SAMPLES as i64;
        self.excess_samples = 0;
        self.wish = None;
    }

    /// A buffer whose caller changes the length of the decoded sound, as it is wished for.
    pub(crate) fn stretching(config: JitterConfig) -> Self {
        Self { stretches: true, ..Self::new(config) }
    }

    /// What the caller is to do with the sound of the packet that it was told to play last.
    pub(crate) fn take_wish(&mut self) -> Option<Wish> {
        self.wish.take()
    }

    /// The unwrapped sequence number of the packet that was to be played last.
    pub(crate) fn played_sequence(&self) -> i64 {
        self.playhead.sequence - 1
    }

    /// Where play has come to: the last packet's number, and the timestamp after its end.
    pub(crate) fn played_until(&self) -> (u16, u32) {
        (self.played_sequence() as u16, self.playhead.timestamp as u32)
    }

    /// What is stored, in order.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = PacketRef<'_>> {
        let numbers = self.playhead.sequence..self.playhead.sequence + PACKETS_MAX as i64;
        numbers.filter_map(move |number| self.ring.get(number)).map(move |header| PacketRef {
            sequence: header.sequence as u16,
            timestamp: header.timestamp as u32,
            marker: header.marker,
            duration_samples: header.duration_samples,
            payload: self.ring.payload(header.sequence),
        })
    }

    /// The caller has made its sound longer by so many samples, or shorter if negative.
    pub(crate) fn stretched(&mut self, samples: i64) {
        self.owed_samples -= samples;
        self.excess_samples = 0;
        self.stats.stretched_samples += samples.unsigned_abs();
    }

    /// Says whether the source is quiet at present (its decoded level tells): then excess delay is cut faster, as
    /// nobody will hear it.
    pub fn set_quiet(&mut self, is_quiet: bool) {
        self.is_quiet = is_quiet;
    }

    /// Counters, and the present delay.
    pub fn stats(&self) -> JitterStats {
        let target_ms = u32::try_from(self.estimator.target_us() / 1_000).unwrap_or(u32::MAX);
        JitterStats { target_ms, ..self.stats }
    }

    /// Microseconds from the first `now` ever seen; a clock that goes backwards stands still.
    pub(crate) fn since_epoch_us(&mut self, now: Instant) -> i64 {
        let epoch = *self.epoch.get_or_insert(now);
        i64::try_from(now.saturating_duration_since(epoch).as_micros()).unwrap_or(i64::MAX / 4)
    }

    fn insert_counted(&mut self, now: Instant, packet: PacketRef<'_>) -> Inserted {
        if packet.payload.len() > PAYLOAD_BYTES_MAX {
            return Inserted::TooLarge;
        }
        if !packet.is_valid() {
            return Inserted::Invalid;
        }
        let now_us = self.since_epoch_us(now);
        let is_first = self.timeline.newest_sequence().is_none();
        match self.timeline.place(packet.sequence, packet.timestamp) {
            Placement::Stray => Inserted::Stray,
            Placement::Older(place) if self.ring.has_seen(place.sequence) => Inserted::Duplicate,
            Placement::Older(place) => self.store(now_us, place, &packet),
            Placement::Newest(place) if !self.estimator.is_jump(now_us, end_us(place, &packet)) => {
                self.timeline.advance(place);
                if is_first {
                    self.playhead = Playhead::before(place);
                }
                self.store(now_us, place, &packet)
            }
            Placement::Newest(_) | Placement::Restart => {
                let place = self.restart(&packet);
                self.store(now_us, place, &packet);
                Inserted::Restarted
            }
        }
    }

    fn restart(&mut self, packet: &PacketRef<'_>) -> Place {
        self.stats.restarts += 1;
        self.stats.discarded_packets += self.ring.len() as u64;
        self.ring.clear();
        self.estimator.restart();
        let place = self.timeline.restart(packet.sequence, packet.timestamp);
        self.playhead = Playhead::before(place);
        place
    }

    fn store(&mut self, now_us: i64, place: Place, packet: &PacketRef<'_>) -> Inserted {
        // Whatever comes too late to be played tells all the more about the network.
        let duration_us = micros(packet.duration_samples as i64);
        self.estimator.observe(now_us, end_us(place, packet), duration_us);
        let window = PACKETS_MAX as i64;
        let newest = self.timeline.newest_sequence().unwrap_or(place.sequence);
        if self.playhead.phase == Phase::Fresh && place.sequence < self.playhead.sequence {
            if newest - place.sequence >= window {
                return Inserted::Late;
            }
            self.playhead = Playhead::before(place);
        }
        let end = place.timestamp + packet.duration_samples as i64;
        if place.sequence < self.playhead.sequence || end <= self.playhead.timestamp {
            return Inserted::Late;
        }
        let has_room = place.sequence < self.playhead.sequence + window;
        let discarded = if has_room { 0 } else { self.make_room(place.sequence - window + 1) };
        self.ring.insert(place.sequence, place.timestamp, packet);
        if discarded > 0 { Inserted::Overflow } else { Inserted::Queued }
    }

    /// Moves the playhead on to `sequence`; returns how many stored packets that cost.
    fn make_room(&mut self, sequence: i64) -> u64 {
        let passed = sequence - self.playhead.sequence;
        let discarded = (0..passed.min(PACKETS_MAX as i64))
            .filter(|ahead| self.ring.remove(self.playhead.sequence + ahead))
            .count() as u64;
        self.stats.discarded_packets += discarded;
        self.stats.lost_packets += passed.unsigned_abs() - discarded;
        self.playhead.sequence = sequence;
        discarded
    }
}

/// When the packet ends on the sender's clock, µs.
fn end_us(place: Place, packet: &PacketRef<'_>) -> i64 {
    micros(place.timestamp + packet.duration_samples as i64)
}
