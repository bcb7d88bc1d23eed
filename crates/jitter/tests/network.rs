//! What a listener hears over networks of many kinds.

mod common;

use common::{Heard, Listener, Random, Sent, origin, steady, ticks};
use jitter::{
    CONCEAL_SAMPLES_MAX, Inserted, JitterBuffer, JitterConfig, JitterStats, PAYLOAD_BYTES_MAX,
    PacketRef, Playout,
};

const SECOND_US: i64 = 1_000_000;

fn lose(sent: &[Sent], is_lost: impl Fn(u32) -> bool) -> Vec<Sent> {
    sent.iter().filter(|sent| !is_lost(sent.index)).copied().collect()
}

/// Plays what arrives of `all` with a tick every 20 ms from `phase_us` on.
fn listen_to(arriving: &[Sent], all: &[Sent], phase_us: i64) -> Listener {
    let mut listener = Listener::new(JitterConfig::default());
    listener.play(arriving, all, ticks(all, phase_us));
    listener
}

fn listen(sent: &[Sent], phase_us: i64) -> Listener {
    listen_to(sent, sent, phase_us)
}

#[test]
fn a_clean_network_costs_a_tick_at_any_phase() {
    let sent = steady(500, 960);
    for phase_us in (0..20_000).step_by(500) {
        let listener = listen(&sent, phase_us);
        assert_eq!(listener.played_indices(), (0..500).collect::<Vec<_>>(), "phase {phase_us}");
        assert!(listener.delay_max_ms(0) <= 22.0, "phase {phase_us}: {}", listener.delay_max_ms(0));
        // After the last packet the sound fades, and nothing was made up before.
        assert_eq!(listener.buffer.stats().concealed_samples, CONCEAL_SAMPLES_MAX as u64);
        assert_eq!(listener.buffer.stats().target_ms, 22);
    }
}

#[test]
fn every_packet_duration_is_played_whole() {
    for duration_samples in [120, 240, 480, 960, 1440, 1920, 2880, 5760] {
        for phase_us in [0, 1_000, 7_000, 19_999] {
            let sent = steady(300, duration_samples);
            let listener = listen(&sent, phase_us);
            assert_eq!(listener.played_indices(), (0..300).collect::<Vec<_>>());
            let made_up = listener.buffer.stats().concealed_samples;
            assert!(made_up <= CONCEAL_SAMPLES_MAX as u64 + 960, "{duration_samples}: {made_up}");
            let limit_ms = 42.0 + duration_samples as f64 / 48.0;
            assert!(
                listener.delay_max_ms(0) <= limit_ms,
                "{duration_samples} samples, {phase_us} µs"
            );
        }
    }
}

#[test]
fn order_is_restored_and_duplicates_are_dropped() {
    let mut sent = steady(1_000, 960);
    let mut random = Random(1);
    for sent in &mut sent {
        sent.arrival_us += (random.unit() * 55_000.0) as i64;
    }
    let twice: Vec<Sent> = sent
        .iter()
        .flat_map(|sent| [*sent, Sent { arrival_us: sent.arrival_us + 3_000, ..*sent }])
        .collect();
    let listener = listen_to(&twice, &sent, 4_000);
    let stats = listener.buffer.stats();
    assert!(listener.played_indices().is_sorted_by(|a, b| a < b), "in order, each once");
    assert!(stats.duplicate_packets >= 985, "{stats:?}");
    assert!(listener.played().count() >= 985, "{stats:?}");
    assert!(listener.delay_max_ms(0) <= 85.0, "{}", listener.delay_max_ms(0));
}

#[test]
fn depth_follows_the_jitter_and_comes_back() {
    for spread_us in [20_000, 50_000, 100_000] {
        let mut sent = steady(3_000, 960);
        let mut random = Random(spread_us as u64);
        for sent in &mut sent[..1_500] {
            sent.arrival_us += (random.unit() * spread_us as f64) as i64;
        }
        let listener = listen(&sent, 11_000);
        let stats = listener.buffer.stats();
        println!(
            "jitter 0–{} ms: delay ≤ {:.0} ms, {} late, {} cut, {} samples made up",
            spread_us / 1_000,
            listener.delay_max_ms(0),
            stats.late_packets,
            stats.discarded_packets,
            stats.concealed_samples
        );
        assert!(stats.late_packets <= 15, "{stats:?}");
        let limit_ms = spread_us as f64 / 1_000.0 + 42.0;
        assert!(listener.delay_max_ms(0) <= limit_ms, "{}", listener.delay_max_ms(0));
        // 1 % of a memory of 200 packets is left after 920 of them, 18 s.
        assert!(listener.delay_max_ms(51 * SECOND_US) <= 25.0);
        assert!(listener.played().count() >= 2_970, "{stats:?}");
    }
}

#[test]
fn after_a_stall_the_delay_returns_to_the_minimum() {
    let mut sent = steady(1_500, 960);
    // From 10 s on nothing comes for 180 ms; then all at once.
    let stall_end_us = 10 * SECOND_US + 180_000;
    for sent in &mut sent {
        if (10 * SECOND_US..stall_end_us).contains(&sent.due_us) {
            sent.arrival_us = stall_end_us;
        }
    }
    let listener = listen(&sent, 3_000);
    let stats = listener.buffer.stats();
    assert!(listener.delay_max_ms(0) > 150.0, "speech is kept rather than dropped");
    let back_us = listener.played().rfind(|&(.., delay_ms)| delay_ms > 25.0).unwrap().1;
    println!("back {:.1} s after the stall, {stats:?}", (back_us - stall_end_us) as f64 / 1e6);
    assert!(back_us - stall_end_us < 15 * SECOND_US, "{}", back_us - stall_end_us);
    assert!(stats.discarded_packets <= 10, "{stats:?}");
    assert_eq!(stats.lost_packets, 0);
}

/// Plays a clean stream, but the caller makes no tick for `missed_us` from 5 s on.
fn miss_ticks(missed_us: i64, is_quiet: bool) -> Listener {
    let sent = steady(1_000, 960);
    let mut listener = Listener::new(JitterConfig::default());
    listener.buffer.set_quiet(is_quiet);
    let missed = 5 * SECOND_US..5 * SECOND_US + missed_us;
    listener.play(&sent, &sent, ticks(&sent, 4_000).filter(|at_us| !missed.contains(at_us)));
    listener
}

#[test]
fn unsteady_ticks_do_not_make_it_restless() {
    let sent = steady(3_000, 960);
    for phase_us in (0..20_000).step_by(1_000) {
        let mut random = Random(phase_us as u64);
        let wobble = |at_us| at_us + (random.unit() * 6_000.0) as i64;
        let mut listener = Listener::new(JitterConfig::default());
        listener.play(&sent, &sent, ticks(&sent, phase_us).map(wobble));
        let stats = listener.buffer.stats();
        assert_eq!(stats.discarded_packets + stats.lost_packets, 0, "phase {phase_us}: {stats:?}");
        assert!(
            stats.concealed_samples <= CONCEAL_SAMPLES_MAX as u64 + 960,
            "phase {phase_us}: {stats:?}"
        );
        assert!(listener.delay_max_ms(SECOND_US) <= 28.0, "{}", listener.delay_max_ms(SECOND_US));
    }
}

#[test]
fn a_caller_that_misses_ticks_catches_up() {
    let listener = miss_ticks(500_000, false);
    assert!(
        listener.delay_max_ms(0) <= 25.0,
        "500 ms are beyond the bound: {}",
        listener.delay_max_ms(0)
    );
    assert_eq!(listener.played_indices().last(), Some(&999));
}

#[test]
fn excess_delay_is_cut_one_packet_at_a_time_and_faster_when_quiet() {
    for (is_quiet, apart) in [(false, 20), (true, 5)] {
        let listener = miss_ticks(160_000, is_quiet);
        assert_eq!(listener.buffer.stats().discarded_packets, 8);
        let played = listener.played_indices();
        let cuts: Vec<u32> =
            played.windows(2).filter(|pair| pair[1] == pair[0] + 2).map(|pair| pair[0]).collect();
        assert_eq!(cuts.len(), 8, "never two in a row");
        assert!(cuts.windows(2).all(|pair| pair[1] - pair[0] >= apart), "{cuts:?}");
        let back_us = i64::from(apart) * 20_000 * 9;
        assert!(listener.delay_max_ms(5 * SECOND_US + 160_000 + back_us) <= 25.0);
    }
}

#[test]
fn lost_packets_are_restored_by_fec() {
    let sent = steady(3_000, 960);
    for phase_us in [0, 5_000, 15_000] {
        let mut random = Random(phase_us as u64 + 5);
        let lost: Vec<bool> = (0..3_000).map(|index| index > 0 && random.unit() < 0.05).collect();
        let listener = listen_to(&lose(&sent, |index| lost[index as usize]), &sent, phase_us);
        let stats = listener.buffer.stats();
        let restored =
            listener.heard.iter().filter(|heard| matches!(heard, Heard::Fec { .. })).count();
        println!("5 % loss at phase {phase_us} µs: {restored} restored, {stats:?}");
        assert!(restored as f64 > 0.85 * stats.lost_packets as f64, "{restored}: {stats:?}");
        assert!(
            listener.delay_max_ms(5 * SECOND_US) <= 45.0,
            "{}",
            listener.delay_max_ms(5 * SECOND_US)
        );
        assert_eq!(stats.discarded_packets, 0, "a delay that suits is left alone: {stats:?}");
    }
}

#[test]
fn a_burst_of_loss_keeps_time() {
    let sent = steady(200, 960);
    let listener = listen_to(&lose(&sent, |index| (100..104).contains(&index)), &sent, 5_000);
    let delays: Vec<f64> = listener.played().map(|(.., delay_ms)| delay_ms).collect();
    assert!(delays.windows(2).all(|pair| pair[0] == pair[1]), "no packet moves because of others");
    assert_eq!(listener.buffer.stats().lost_packets, 4);
}

/// `packets` of speech, then a pause of `pause_us`, again and again for 3000 packets; the sender's clock runs on.
fn talk_spurts(packets: u32, pause_us: i64, marker: bool) -> Vec<Sent> {
    let mut sent = steady(3_000, 960);
    for sent in &mut sent {
        let pauses = i64::from(sent.index / packets);
        sent.due_us += pauses * pause_us;
        sent.arrival_us = sent.due_us;
        sent.timestamp = sent.timestamp.wrapping_add((pauses * pause_us * 6 / 125) as u32);
        sent.marker = marker && sent.index % packets == 0;
    }
    sent
}

#[test]
fn a_talk_spurt_starts_with_the_delay_it_needs() {
    let mut sent = talk_spurts(50, 400_000, true);
    let mut random = Random(4);
    for sent in &mut sent {
        sent.arrival_us += (random.unit() * 50_000.0) as i64;
    }
    let listener = listen(&sent, 13_000);
    let within_spurt = |pair: &[Heard]| match pair {
        [Heard::Packet { index, .. }, Heard::Conceal { .. }] => *index > 500 && index % 50 != 49,
        _ => false,
    };
    let interruptions = listener.heard.windows(2).filter(|pair| within_spurt(pair)).count();
    assert!(interruptions <= 2, "{interruptions} of 50 spurts were interrupted");
}

#[test]
fn excess_delay_goes_in_a_marked_pause_without_a_cut() {
    let sent = talk_spurts(15, 100_000, true);
    let mut listener = Listener::new(JitterConfig::default());
    // A spurt and its pause take 400 ms; the 14th begins at 5.2 s.
    let missed = 5_220_000..5_320_000;
    listener.play(&sent, &sent, ticks(&sent, 4_000).filter(|at_us| !missed.contains(at_us)));
    assert!(listener.delay_max_ms(0) > 80.0);
    assert!(listener.delay_max_ms(6 * SECOND_US) <= 25.0);
    assert_eq!(listener.buffer.stats().discarded_packets, 0);
}

#[test]
fn pauses_become_silence_and_do_not_add_delay() {
    for (pause_us, marker) in
        [(60_000, false), (60_000, true), (400_000, true), (400_000, false), (3_000_000, false)]
    {
        let sent = talk_spurts(50, pause_us, marker);
        let listener = listen(&sent, 7_000);
        let stats = listener.buffer.stats();
        assert_eq!(listener.played().count(), 3_000, "{stats:?}");
        assert_eq!(stats.lost_packets, 0);
        assert!(listener.delay_max_ms(0) <= 25.0, "pause {pause_us}: {}", listener.delay_max_ms(0));
        assert!(stats.concealed_samples <= 60 * CONCEAL_SAMPLES_MAX as u64, "{stats:?}");
        let is_silence = |heard: &&Heard| matches!(heard, Heard::Silence { .. });
        assert_eq!(listener.heard.iter().filter(is_silence).count() > 60, pause_us > 100_000);
    }
}

#[test]
fn drifting_clocks_do_not_add_delay() {
    for parts_per_million in [-300, -50, 50, 300] {
        let mut sent = steady(30_000, 960); // 10 minutes
        for sent in &mut sent {
            sent.due_us += sent.due_us * parts_per_million / 1_000_000;
            sent.arrival_us = sent.due_us;
        }
        let listener = listen(&sent, 9_000);
        let stats = listener.buffer.stats();
        println!("{parts_per_million} ppm: delay ≤ {:.1} ms, {stats:?}", listener.delay_max_ms(0));
        assert!(listener.delay_max_ms(0) <= 30.0, "{}", listener.delay_max_ms(0));
        // 300 ppm of 10 minutes are 180 ms, nine packets.
        let cuts_max = parts_per_million.unsigned_abs() / 30 + 1;
        assert!(stats.discarded_packets <= cuts_max, "{stats:?}");
        assert!(
            stats.concealed_samples <= CONCEAL_SAMPLES_MAX as u64 + 960 * cuts_max,
            "{stats:?}"
        );
    }
}

#[test]
fn a_stream_may_begin_anew() {
    let mut sent = steady(600, 960);
    for sent in &mut sent[200..] {
        sent.sequence = sent.sequence.wrapping_add(20_000);
        sent.timestamp = 5_000 + sent.index * 960;
    }
    for sent in &mut sent[400..] {
        sent.timestamp = sent.timestamp.wrapping_sub(1 << 30); // the clock jumps, the numbers go on
    }
    let listener = listen(&sent, 2_500);
    assert_eq!(listener.inserted[200], Inserted::Stray);
    assert_eq!(listener.inserted[201], Inserted::Restarted);
    assert_eq!(listener.inserted[400], Inserted::Restarted);
    let expected: Vec<u32> = (0..600).filter(|&index| index != 200).collect();
    assert_eq!(listener.played_indices(), expected);
    assert!(listener.delay_max_ms(0) <= 25.0);
    assert_eq!(listener.buffer.stats().restarts, 2);
}

#[test]
fn a_sender_whose_clock_stood_still_is_no_late_sender() {
    let mut sent = steady(1_000, 960);
    for sent in &mut sent[500..] {
        sent.due_us += 10 * SECOND_US;
        sent.arrival_us = sent.due_us;
    }
    let listener = listen(&sent, 8_000);
    assert_eq!(listener.inserted[500], Inserted::Restarted);
    assert_eq!(listener.played_indices(), (0..1_000).collect::<Vec<_>>());
    assert!(listener.delay_max_ms(0) <= 25.0);
    assert_eq!(listener.buffer.stats().target_ms, 22);
}

#[test]
fn an_outage_ends_with_the_newest_sound() {
    let mut sent = steady(1_000, 960);
    for sent in &mut sent {
        if (5 * SECOND_US..8 * SECOND_US).contains(&sent.due_us) {
            sent.arrival_us = 8 * SECOND_US;
        }
    }
    let listener = listen(&sent, 6_000);
    assert!(listener.inserted.contains(&Inserted::Overflow));
    assert!(
        listener.delay_max_ms(8 * SECOND_US) <= 220.0,
        "{}",
        listener.delay_max_ms(8 * SECOND_US)
    );
    assert!(listener.delay_max_ms(18 * SECOND_US) <= 25.0);
    assert!(listener.played_indices().is_sorted_by(|a, b| a < b));
}

#[test]
fn nothing_is_heard_before_the_first_packet_and_after_reset() {
    let sent = steady(10, 960);
    let mut listener = Listener::new(JitterConfig::default());
    listener.tick(0, &sent);
    assert_eq!(listener.heard, [Heard::Silence { samples: 960 }]);
    for sent in &sent {
        listener.insert(sent);
    }
    listener.reset();
    listener.tick(220_000, &sent);
    assert_eq!(listener.heard[1], Heard::Silence { samples: 960 });
    assert_eq!(listener.buffer.stats().discarded_packets, 10);
    // The same numbers again are no duplicates: it is another source.
    for index in [1, 0] {
        listener.insert(&Sent { arrival_us: 230_000, ..sent[index] });
        assert_eq!(listener.inserted.last(), Some(&Inserted::Queued));
    }
}

#[test]
fn reset_takes_back_what_later_ticks_had() {
    let sent = steady(2, 2880);
    let mut listener = Listener::new(JitterConfig::default());
    listener.insert(&sent[0]);
    listener.tick(10_000, &sent);
    assert_eq!(listener.played_indices(), [0]);
    listener.reset();
    listener.tick(30_000, &sent);
    assert_eq!(listener.heard.last(), Some(&Heard::Silence { samples: 960 }));
}

#[test]
fn each_fate_of_a_packet_is_told_and_counted() {
    let sent = steady(100, 960);
    let mut listener = Listener::new(JitterConfig::default());
    for index in [1, 0, 1, 2] {
        listener.insert(&sent[index]);
    }
    for tick in 2..=4 {
        listener.tick(i64::from(tick) * 20_000, &sent);
    }
    assert_eq!(listener.played_indices(), [0, 1, 2], "the first packets may still be put in order");
    listener.insert(&sent[2]);
    listener.insert(&sent[5]);
    listener.tick(120_000, &sent);
    assert_eq!(listener.heard.last(), Some(&Heard::Conceal { samples: 960 }));
    listener.insert(&sent[3]); // its time has just been filled
    listener.tick(140_000, &sent);
    assert_eq!(listener.heard.last(), Some(&Heard::Fec { next: 5, samples: 960 }));
    listener.tick(160_000, &sent);
    listener.insert(&sent[4]); // its successor was played
    listener.insert(&Sent { duration_samples: 100, ..sent[6] });
    listener.insert(&Sent { duration_samples: 5_880, ..sent[6] });
    use Inserted::{Duplicate, Invalid, Late, Queued};
    let fates =
        [Queued, Queued, Duplicate, Queued, Duplicate, Queued, Late, Late, Invalid, Invalid];
    assert_eq!(listener.inserted, fates);
    let counted = JitterStats {
        received_packets: 10,
        duplicate_packets: 2,
        late_packets: 2,
        refused_packets: 2,
        lost_packets: 2,
        ..listener.buffer.stats()
    };
    assert_eq!(listener.buffer.stats(), counted);
}

#[test]
fn what_does_not_fit_is_refused() {
    let sent = steady(100, 960);
    let mut listener = Listener::new(JitterConfig::default());
    listener.insert(&sent[60]);
    listener.insert(&sent[20]);
    assert_eq!(listener.inserted, [Inserted::Queued, Inserted::Late], "too old even before play");
    let mut packet = PacketRef {
        sequence: sent[61].sequence,
        timestamp: sent[61].timestamp,
        marker: false,
        duration_samples: 960,
        payload: &[0; PAYLOAD_BYTES_MAX + 1],
    };
    assert_eq!(listener.buffer.insert(origin(), packet), Inserted::TooLarge);
    packet.payload = &[];
    assert_eq!(listener.buffer.insert(origin(), packet), Inserted::Invalid);
    packet.payload = &[0; PAYLOAD_BYTES_MAX];
    assert_eq!(listener.buffer.insert(origin(), packet), Inserted::Queued);
}

/// A shift of clocks that are 200 ppm apart: the delay stays where it is, and no more is left out or made
/// up than the clocks are apart.
#[test]
fn eight_hours_of_drift_add_nothing() {
    const PACKETS: i64 = 8 * 3_600 * 50;
    for parts_per_million in [-200, 200] {
        let mut buffer = JitterBuffer::new(JitterConfig::default());
        let begin = origin();
        let at = |us: i64| begin + std::time::Duration::from_micros(us as u64);
        let (mut sent, mut delay_max_ms) = (0_i64, 0);
        for tick in 0..PACKETS {
            let tick_us = tick * 20_000 + 9_000;
            loop {
                let due_us = sent * 20_000;
                let due_us = due_us + due_us * parts_per_million / 1_000_000;
                if due_us > tick_us {
                    break;
                }
                let (sequence, timestamp) = (sent as u16, (sent * 960) as u32);
                let (marker, duration_samples, payload) = (false, 960, &[1_u8; 8][..]);
                let packet = PacketRef { sequence, timestamp, marker, duration_samples, payload };
                assert_eq!(buffer.insert(at(due_us), packet), Inserted::Queued);
                sent += 1;
            }
            while buffer.pop(at(tick_us)) != Playout::Covered {}
            delay_max_ms = delay_max_ms.max(buffer.stats().delay_ms);
        }
        let stats = buffer.stats();
        println!("{parts_per_million} ppm: delay ≤ {delay_max_ms} ms, {stats:?}");
        assert!(delay_max_ms <= 45, "{delay_max_ms} ms, {stats:?}");
        // 200 ppm of eight hours are 5.76 s, 288 packets.
        assert!(stats.discarded_packets <= 300, "{stats:?}");
        assert!(stats.concealed_samples <= 300 * 960, "{stats:?}");
    }
}
