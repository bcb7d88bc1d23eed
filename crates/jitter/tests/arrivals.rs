//! What a source's arrivals say of its sound, against what a playout buffer makes of the same packets.

use std::time::{Duration, Instant};

use jitter::{Arrival, ArrivalMeter, ArrivalStats, JitterConfig};
use proptest::prelude::*;

const SAMPLES: usize = 960;

#[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
fn start() -> Instant {
    Instant::now()
}

fn packet(sequence: u64, carries_copy: bool) -> Arrival {
    Arrival {
        sequence: sequence as u16,
        timestamp: (sequence as u32).wrapping_mul(SAMPLES as u32),
        duration_samples: SAMPLES,
        carries_copy,
        is_restored: false,
    }
}

/// Packets sent every 20 ms from `first` on, as far as `way` says when they come, ms later.
fn counted(
    first: u64,
    count: u64,
    carries_copy: bool,
    way: impl Fn(u64) -> Option<u64>,
) -> ArrivalStats {
    let start = start();
    let mut sent: Vec<(u64, Arrival)> = (0..count)
        .filter_map(|n| Some((n * 20 + way(n)?, packet(first + n, carries_copy))))
        .collect();
    sent.sort_by_key(|(at, _)| *at);
    let mut meter = ArrivalMeter::new(JitterConfig::default());
    for (at, arrival) in sent {
        meter.take(start + Duration::from_millis(at), arrival);
    }
    meter.stats()
}

#[test]
fn a_clean_network_leaves_nothing_to_make_up() {
    // Numbers and timestamps wrap on the way.
    let stats = counted(65_000, 5_000, true, |_| Some(30));
    let clean = ArrivalStats { received_packets: 5_000, target_ms: 22, ..Default::default() };
    assert_eq!(stats, clean);
}

#[test]
fn a_lost_packet_is_restored_from_the_next_ones_copy_or_made_up() {
    let lost = |n: u64| n % 10 == 3;
    let way = |n: u64| (!lost(n)).then_some(30);
    let with = counted(0, 1_000, true, way);
    assert_eq!((with.received_packets, with.lost_packets), (900, 100));
    assert_eq!((with.fec_samples, with.concealed_samples), (100 * SAMPLES as u64, 0));
    let without = counted(0, 1_000, false, way);
    assert_eq!((without.fec_samples, without.concealed_samples), (0, 100 * SAMPLES as u64));
    // Of two in a row, one copy restores the second.
    let pairs = counted(0, 1_000, true, |n| (n % 10 != 3 && n % 10 != 4).then_some(30));
    assert_eq!((pairs.fec_samples, pairs.concealed_samples), (100 * 960, 100 * 960));
}

#[test]
fn what_comes_after_its_turn_is_late_and_made_up() {
    let stats = counted(0, 1_000, false, |n| Some(if n % 100 == 50 { 330 } else { 30 }));
    assert_eq!((stats.received_packets, stats.lost_packets, stats.late_packets), (1_000, 0, 10));
    assert_eq!(stats.concealed_samples, 10 * SAMPLES as u64);
    // Two that changed places are not late.
    let swapped = counted(0, 1_000, false, |n| Some(if n % 50 == 7 { 45 } else { 30 }));
    assert!(swapped.late_packets <= 1 && swapped.concealed_samples <= 960, "{swapped:?}");
}

#[test]
fn what_redundancy_brought_back_is_no_loss() {
    let start = start();
    let mut meter = ArrivalMeter::new(JitterConfig::default());
    for n in 0..1_000_u64 {
        let at = start + Duration::from_millis(n * 20);
        match n % 10 {
            3 => {}
            4 => {
                meter.take(at, Arrival { is_restored: true, ..packet(n - 1, false) });
                meter.take(at, packet(n, false));
            }
            _ => meter.take(at, packet(n, false)),
        }
    }
    let stats = meter.stats();
    assert_eq!((stats.received_packets, stats.restored_packets), (900, 100));
    assert_eq!((stats.lost_packets, stats.late_packets, stats.concealed_samples), (0, 0, 0));
}

#[test]
fn a_pause_and_another_station_are_no_loss() {
    let start = start();
    let mut meter = ArrivalMeter::new(JitterConfig::default());
    let at = |ms: u64| start + Duration::from_millis(ms);
    (0..100).for_each(|n| meter.take(at(n * 20), packet(n, false)));
    // Silence of a minute, in which nothing was sent (RFC 7587 §3.1.3).
    for n in 100..200 {
        let timestamp = packet(n + 2_900, false).timestamp;
        meter.take(at(58_000 + n * 20), Arrival { timestamp, ..packet(n, false) });
    }
    meter.interrupt();
    (0..100).for_each(|n| meter.take(at(70_000 + n * 20), packet(n + 40_000, false)));
    let stats = meter.stats();
    assert_eq!((stats.received_packets, stats.lost_packets), (300, 0));
    assert_eq!(stats.concealed_samples, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every packet is counted once, and counters never fall.
    #[test]
    fn each_packet_is_counted_once(
        ways in prop::collection::vec(prop::option::weighted(0.8, 0_u64..400), 200..600),
    ) {
        let start = start();
        let mut sent: Vec<(u64, u64)> =
            (0..).zip(&ways).filter_map(|(n, way)| Some((n * 20 + (*way)?, n))).collect();
        sent.sort_unstable();
        let mut meter = ArrivalMeter::new(JitterConfig::default());
        let mut settled = 0;
        for &(at, n) in &sent {
            meter.take(start + Duration::from_millis(at), packet(n, n % 3 == 0));
            let stats = meter.stats();
            prop_assert!(stats.received_packets >= settled);
            settled = stats.received_packets;
        }
        let stats = meter.stats();
        let newest = sent.iter().map(|(_, n)| *n).max().unwrap_or(0);
        let first = sent.first().map_or(0, |(_, n)| *n);
        let all = stats.received_packets + stats.lost_packets;
        // What came before the first one is not known of.
        prop_assert!(all <= newest + 1 && all >= newest - first, "{stats:?} {first} {newest}");
        let made_up = (stats.fec_samples + stats.concealed_samples) / SAMPLES as u64;
        prop_assert!(made_up <= stats.lost_packets + stats.late_packets, "{stats:?}");
    }
}

/// Loss and delay as a playout buffer meets them: what it makes up and restores is what was said of the arrivals.
#[test]
fn a_playout_buffer_makes_up_what_was_said() {
    for percent in [0, 2, 5, 10, 20] {
        let mut random = 7_u32;
        let mut draw = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) % 1_000
        };
        let ways: Vec<Option<u64>> = (0..6_000)
            .map(|_| {
                let (lost, jitter) = (draw() < percent * 10, u64::from(draw() % 30));
                (!lost).then_some(30 + jitter)
            })
            .collect();
        let mut encoder = codec::OpusEncoder::new(codec::OpusEncoderConfig {
            expected_loss_percent: 20,
            ..Default::default()
        })
        .unwrap();
        let mut payload = [0; codec::OPUS_PACKET_BYTES_MAX];
        let (start, ms) = (start(), Duration::from_millis);
        let mut coming: Vec<(u64, u64, Vec<u8>)> = Vec::new();
        for (n, way) in (0..).zip(&ways) {
            let frame = std::array::from_fn(|i| {
                let at = (n as usize * SAMPLES + i) as f32 / 48_000.0;
                0.05 * (1..12).map(|k| (at * 140.0 * k as f32).fract() - 0.5).sum::<f32>()
            });
            let length = encoder.encode_into(&frame, &mut payload).unwrap();
            coming.extend(way.map(|way| (n * 20 + way, n, payload[..length].to_vec())));
        }
        coming.sort_by_key(|(at, ..)| *at);
        let mut receiver = jitter::Receiver::new(JitterConfig::default()).unwrap();
        let mut meter = ArrivalMeter::new(JitterConfig::default());
        let mut coming = coming.iter().peekable();
        for tick in 0..6_000_u64 {
            while let Some((at, n, payload)) = coming.next_if(|(at, ..)| *at <= tick * 20) {
                let carries_copy = codec::packet::redundancy_flag(payload) == Some(true);
                let arrival = packet(*n, carries_copy);
                meter.take(start + ms(*at), arrival);
                let Arrival { sequence, timestamp, .. } = arrival;
                receiver.insert(start + ms(*at), sequence, timestamp, false, payload);
            }
            receiver.tick(start + ms(tick * 20));
        }
        let (said, done) = (meter.stats(), receiver.stats());
        println!("{percent} %: said {said:?}, done {done:?}");
        let missing = |concealed: u64, fec: u64| (concealed + fec) as f32 / (6_000.0 * 960.0);
        let said_share = missing(said.concealed_samples, said.fec_samples);
        let done_share = missing(done.concealed_samples, done.fec_samples);
        assert!((said_share - done_share).abs() < 0.015, "{percent} %: {said_share} {done_share}");
        assert!((said_share - percent as f32 / 100.0).abs() < 0.015, "{percent} %: {said_share}");
    }
}
