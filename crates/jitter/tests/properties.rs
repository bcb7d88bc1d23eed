//! What holds whatever comes.

mod common;

use std::time::Duration;

use common::{Listener, Random, origin, steady, ticks};
use jitter::{JitterBuffer, JitterConfig, PACKETS_MAX, PacketRef, Playout, TICK_SAMPLES};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Operation {
    Insert {
        sequence: u16,
        timestamp: u32,
        marker: bool,
        duration: usize,
        bytes: usize,
    },
    /// Goes on from the packet before, so that streams arise at all.
    InsertNext {
        skipped: u16,
        pause_samples: u32,
    },
    Tick,
    Wait {
        us: u64,
    },
    Quiet(bool),
    Reset,
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        2 => (any::<u16>(), any::<u32>(), any::<bool>(), 0_usize..60, 0_usize..1_400).prop_map(
            |(sequence, timestamp, marker, grains, bytes)| Operation::Insert {
                sequence, timestamp, marker, duration: grains * 120, bytes,
            }),
        12 => (prop_oneof![9 => Just(0_u16), 1 => 0..40_u16], prop_oneof![9 => Just(0_u32), 1 => 0..50_000_u32])
            .prop_map(|(skipped, pause_samples)| Operation::InsertNext { skipped, pause_samples }),
        12 => Just(Operation::Tick),
        8 => (0_u64..40_000).prop_map(|us| Operation::Wait { us }),
        1 => (0_u64..5_000_000).prop_map(|us| Operation::Wait { us }),
        1 => any::<bool>().prop_map(Operation::Quiet),
        1 => Just(Operation::Reset),
    ]
}

fn config() -> impl Strategy<Value = JitterConfig> {
    (any::<u32>(), 0_u32..400)
        .prop_map(|(min, delay_max_ms)| JitterConfig { delay_min_ms: min % 300, delay_max_ms })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn nothing_brings_it_down(config in config(), operations in prop::collection::vec(operation(), 1..400)) {
        let mut buffer = JitterBuffer::new(config);
        let mut now = origin();
        let (mut sequence, mut timestamp) = (0_u16, 0_u32);
        let mut queued = 0;
        for operation in operations {
            match operation {
                Operation::Insert { sequence: s, timestamp: t, marker, duration, bytes } => {
                    (sequence, timestamp) = (s, t);
                    let payload = vec![0; bytes];
                    buffer.insert(now, PacketRef { sequence, timestamp, marker, duration_samples: duration, payload: &payload });
                }
                Operation::InsertNext { skipped, pause_samples } => {
                    sequence = sequence.wrapping_add(1 + skipped);
                    timestamp = timestamp.wrapping_add(960 * (1 + u32::from(skipped)) + pause_samples);
                    let marker = pause_samples > 0;
                    buffer.insert(now, PacketRef { sequence, timestamp, marker, duration_samples: 960, payload: &[0; 40] });
                }
                Operation::Tick => {
                    let mut answers = 0;
                    loop {
                        queued += match buffer.pop(now) {
                            Playout::Packet { duration_samples, .. } => duration_samples,
                            Playout::Fec { missing_samples, .. } => missing_samples,
                            Playout::Conceal { samples } | Playout::Silence { samples } => samples,
                            Playout::Covered => break,
                        };
                        answers += 1;
                        prop_assert!(answers <= TICK_SAMPLES / 120, "a tick ends");
                    }
                    prop_assert!((TICK_SAMPLES..=jitter::QUEUE_SAMPLES_MAX).contains(&queued));
                    queued -= TICK_SAMPLES;
                    now += Duration::from_millis(20);
                }
                Operation::Wait { us } => now += Duration::from_micros(us),
                Operation::Quiet(is_quiet) => buffer.set_quiet(is_quiet),
                Operation::Reset => {
                    buffer.reset();
                    queued = 0;
                }
            }
            let target_ms = buffer.stats().target_ms;
            prop_assert!((20..=JitterConfig::DELAY_MAX_LIMIT_MS).contains(&target_ms), "{target_ms}");
        }
    }

    /// Any jitter, loss, duplication and order of a real stream: what is played is in order, played once, and nothing
    /// waits longer than the bound.
    #[test]
    fn play_is_ordered_and_bounded(
        seed in any::<u64>(),
        spread_us in 0_i64..400_000,
        loss in 0.0..0.4_f64,
        duplication in 0.0..0.3_f64,
        packet_samples in prop::sample::select(vec![480_usize, 960, 1920, 2880]),
        phase_us in 0_i64..20_000,
    ) {
        let mut random = Random(seed);
        let all = steady(400, packet_samples);
        let mut arriving = Vec::new();
        for sent in &all {
            let mut sent = *sent;
            sent.arrival_us += (random.unit() * spread_us as f64) as i64;
            if random.unit() >= loss {
                arriving.push(sent);
            }
            if random.unit() < duplication {
                sent.arrival_us += (random.unit() * 100_000.0) as i64;
                arriving.push(sent);
            }
        }
        let config = JitterConfig::default();
        let mut listener = Listener::new(config);
        listener.play(&arriving, &all, ticks(&all, phase_us));
        prop_assert!(listener.played_indices().is_sorted_by(|a, b| a < b));
        let packet_us = packet_samples as i64 * 125 / 6;
        for (index, at_us, _) in listener.played() {
            let arrivals = arriving.iter().filter(|sent| sent.index == index);
            let arrival_us = arrivals.map(|sent| sent.arrival_us).min().expect("it was sent");
            let waited_us = at_us - arrival_us;
            let bound_us = i64::from(config.delay_max_ms) * 1_000 + 2 * packet_us + 20_000;
            prop_assert!(waited_us <= bound_us, "packet {index} waited {waited_us} µs");
        }
        let stats = listener.buffer.stats();
        let kept = stats.received_packets - stats.late_packets - stats.duplicate_packets - stats.refused_packets;
        let left = kept - listener.played().count() as u64 - stats.discarded_packets;
        prop_assert!(left <= PACKETS_MAX as u64, "every packet has one fate: {stats:?}");
    }
}
