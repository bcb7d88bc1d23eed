//! A virtual network and a caller with its tick: everything is a function of a seed.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::time::{Duration, Instant};

use jitter::{
    Inserted, JitterBuffer, JitterConfig, PacketRef, Playout, QUEUE_SAMPLES_MAX, TICK_SAMPLES,
};

/// SplitMix64: small, seeded, good enough for a network.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// In 0.0 … 1.0.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A packet on its way. Its payload is its index, so that the receiving end knows what it hears.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    pub index: u32,
    pub sequence: u16,
    pub timestamp: u32,
    pub marker: bool,
    pub duration_samples: usize,
    /// When it would come on a network without jitter, µs.
    pub due_us: i64,
    /// When it comes, µs.
    pub arrival_us: i64,
}

/// `count` packets in a row, with counters that begin near their wrap-around.
pub fn steady(count: u32, duration_samples: usize) -> Vec<Sent> {
    let packet_us = duration_samples as i64 * 125 / 6;
    (0..count)
        .map(|index| Sent {
            index,
            sequence: 65_500_u16.wrapping_add(index as u16),
            timestamp: (u32::MAX - 9_000).wrapping_add(index * duration_samples as u32),
            marker: index == 0,
            duration_samples,
            due_us: i64::from(index) * packet_us,
            arrival_us: i64::from(index) * packet_us,
        })
        .collect()
}

/// What the caller was told, in order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Heard {
    Packet { index: u32, at_us: i64, delay_ms: f64 },
    Fec { next: u32, samples: usize },
    Conceal { samples: usize },
    Silence { samples: usize },
}

/// A listener at the end of the network.
pub struct Listener {
    pub buffer: JitterBuffer,
    pub heard: Vec<Heard>,
    pub inserted: Vec<Inserted>,
    origin: Instant,
    queued_samples: usize,
}

impl Listener {
    pub fn new(config: JitterConfig) -> Self {
        Self {
            buffer: JitterBuffer::new(config),
            heard: Vec::new(),
            inserted: Vec::new(),
            origin: origin(),
            queued_samples: 0,
        }
    }

    pub fn insert(&mut self, sent: &Sent) {
        let payload = sent.index.to_be_bytes();
        let packet = PacketRef {
            sequence: sent.sequence,
            timestamp: sent.timestamp,
            marker: sent.marker,
            duration_samples: sent.duration_samples,
            payload: &payload,
        };
        let now = self.origin + Duration::from_micros(sent.arrival_us.max(0) as u64);
        self.inserted.push(self.buffer.insert(now, packet));
    }

    /// One tick, as a caller does it; keeps the promises of the protocol under watch.
    pub fn tick(&mut self, at_us: i64, sent: &[Sent]) {
        let now = self.origin + Duration::from_micros(at_us.max(0) as u64);
        loop {
            let (heard, samples) = match self.buffer.pop(now) {
                Playout::Packet { payload, duration_samples } => {
                    let index = index_of(payload);
                    let due_us = sent.get(index as usize).map_or(at_us, |sent| sent.due_us);
                    let delay_ms = (at_us - due_us) as f64 / 1_000.0;
                    (Heard::Packet { index, at_us, delay_ms }, duration_samples)
                }
                Playout::Fec { next_payload, missing_samples } => {
                    let next = index_of(next_payload);
                    (Heard::Fec { next, samples: missing_samples }, missing_samples)
                }
                Playout::Conceal { samples } => (Heard::Conceal { samples }, samples),
                Playout::Silence { samples } => (Heard::Silence { samples }, samples),
                Playout::Covered => break,
            };
            assert!(samples > 0 && samples.is_multiple_of(120), "{heard:?}");
            assert!(self.queued_samples < TICK_SAMPLES, "told to play more than the tick needs");
            self.queued_samples += samples;
            self.heard.push(heard);
        }
        assert!((TICK_SAMPLES..=QUEUE_SAMPLES_MAX).contains(&self.queued_samples));
        self.queued_samples -= TICK_SAMPLES;
    }

    pub fn reset(&mut self) {
        self.buffer.reset();
        self.queued_samples = 0;
    }

    /// Plays the packets that arrive, out of all that were sent, with a tick at each of `ticks_us`.
    pub fn play(&mut self, arriving: &[Sent], all: &[Sent], ticks_us: impl Iterator<Item = i64>) {
        let mut arriving = arriving.to_vec();
        arriving.sort_by_key(|sent| sent.arrival_us);
        let mut arriving = arriving.iter().peekable();
        for at_us in ticks_us {
            while let Some(sent) = arriving.next_if(|sent| sent.arrival_us <= at_us) {
                self.insert(sent);
            }
            self.tick(at_us, all);
        }
    }

    /// Index, time of play (µs) and delay (ms) of every packet that was played.
    pub fn played(&self) -> impl DoubleEndedIterator<Item = (u32, i64, f64)> {
        self.heard.iter().filter_map(|heard| match *heard {
            Heard::Packet { index, at_us, delay_ms } => Some((index, at_us, delay_ms)),
            _ => None,
        })
    }

    pub fn played_indices(&self) -> Vec<u32> {
        self.played().map(|(index, ..)| index).collect()
    }

    /// The longest delay among packets played at or after `from_us`, ms.
    pub fn delay_max_ms(&self, from_us: i64) -> f64 {
        let late = self.played().filter(|&(_, at_us, _)| at_us >= from_us);
        late.map(|(.., delay_ms)| delay_ms).fold(0.0, f64::max)
    }
}

/// A tick every 20 ms from `phase_us` until 1 s after the last of `sent` was due.
pub fn ticks(sent: &[Sent], phase_us: i64) -> impl Iterator<Item = i64> + use<> {
    let end_us = sent.last().map_or(0, |sent| sent.due_us) + 1_000_000;
    (phase_us..end_us).step_by(20_000)
}

/// Some instant: the buffer only ever sees differences.
#[expect(clippy::disallowed_methods, reason = "there is no other way to make an `Instant`")]
pub fn origin() -> Instant {
    Instant::now()
}

fn index_of(payload: &[u8]) -> u32 {
    u32::from_be_bytes(payload.try_into().expect("the payload of a test is four bytes"))
}
