//! What a receiver plays of real Opus, in virtual time.

mod common;

use std::time::{Duration, Instant};

use codec::{FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusEncoder, OpusEncoderConfig};
use common::{Random, origin};
use jitter::{JitterConfig, JitterStats, Receiver};

const PACKET_US: i64 = 20_000;
const SECOND_US: i64 = 1_000_000;

/// Two seconds of a voice, to be said over and over: a pitch that wanders, syllables, and a pause.
fn voice() -> Vec<Vec<u8>> {
    let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
    let mut phase = 0.0_f32;
    let mut packet = [0; OPUS_PACKET_BYTES_MAX];
    let mut said = |n: usize| {
        let t = n as f32 / 48_000.0;
        phase += std::f32::consts::TAU * (130.0 + 30.0 * (3.0 * t).sin()) / 48_000.0;
        let syllable = if t > 1.8 { 0.0 } else { 0.5 + 0.5 * (25.0 * t).sin() };
        (1..=8).map(|k| (phase * k as f32).sin() / k as f32).sum::<f32>() * 0.15 * syllable
    };
    (0..100)
        .map(|frame| {
            let frame: [f32; FRAME_SAMPLES] =
                std::array::from_fn(|n| said(frame * FRAME_SAMPLES + n));
            let length = encoder.encode_into(&frame, &mut packet).unwrap();
            packet[..length].to_vec()
        })
        .collect()
}

/// One listener.
struct Ear {
    receiver: Receiver,
    voice: Vec<Vec<u8>>,
    origin: Instant,
    heard: Vec<f32>,
    /// The delay at each tick, ms.
    delays_ms: Vec<u32>,
    /// The sound made up so far at each tick, samples.
    concealed: Vec<u64>,
    /// The packet that each tick played whole, counted from the first.
    whole: Vec<Option<i64>>,
}

impl Ear {
    fn new() -> Self {
        let receiver = Receiver::new(JitterConfig::default()).unwrap();
        let (heard, delays_ms, concealed) = (Vec::new(), Vec::new(), Vec::new());
        let (voice, origin, whole) = (voice(), origin(), Vec::new());
        Self { receiver, voice, origin, heard, delays_ms, concealed, whole }
    }

    /// Plays packets `0..count`, of which `arrives` says when each comes, µs; `None`: never.
    fn play(&mut self, count: u32, arrives: impl Fn(i64) -> Option<i64>) -> JitterStats {
        let mut arriving: Vec<(i64, u32)> =
            (0..count).filter_map(|n| Some((arrives(i64::from(n) * PACKET_US)?, n))).collect();
        arriving.sort_unstable();
        let mut arriving = arriving.into_iter().peekable();
        let at = |us: i64| self.origin + Duration::from_micros(us as u64);
        for tick in 0..i64::from(count) {
            let tick_us = tick * PACKET_US + 7_000;
            while let Some((us, n)) = arriving.next_if(|(us, _)| *us <= tick_us) {
                let payload = &self.voice[n as usize % self.voice.len()];
                self.receiver.insert(at(us), n as u16, n.wrapping_mul(960), false, payload);
            }
            match self.receiver.tick(at(tick_us)) {
                Some(frame) => self.heard.extend_from_slice(frame),
                None => self.heard.extend([0.0; FRAME_SAMPLES]),
            }
            let whole = self.receiver.played().whole();
            self.whole.push(whole.map(|packet| packet.sequence));
            self.delays_ms.push(self.receiver.stats().delay_ms);
            self.concealed.push(self.receiver.stats().concealed_samples);
        }
        self.receiver.stats()
    }

    /// The longest delay from a moment on, ms.
    fn delay_max_ms(&self, from_us: i64) -> u32 {
        *self.delays_ms[(from_us / PACKET_US) as usize..].iter().max().unwrap()
    }
}

#[test]
fn after_a_stall_the_delay_goes_back_in_ten_seconds_and_no_word_is_lost() {
    let mut ear = Ear::new();
    let stall = 10 * SECOND_US..10 * SECOND_US + 180_000;
    let stats = ear.play(1_500, |us| Some(if stall.contains(&us) { stall.end } else { us }));
    println!("{stats:?}");
    assert!(ear.delay_max_ms(0) > 150, "speech is kept rather than dropped");
    assert_eq!((stats.discarded_packets, stats.lost_packets), (0, 0), "{stats:?}");
    assert!(stats.stretched_samples > 48 * 100, "{stats:?}");
    assert!(ear.delay_max_ms(stall.end + 15 * SECOND_US) <= 25, "{}", ear.delay_max_ms(stall.end));
    let share = stats.concealed_samples as f64 / (1_500 * FRAME_SAMPLES) as f64;
    assert!(share < 0.02, "{share}");
}

#[test]
fn jitter_of_200_ms_hides_little_and_the_floor_comes_back() {
    let mut ear = Ear::new();
    let mut random = Random(7);
    let late: Vec<i64> = (0..1_500).map(|_| (random.unit() * 200_000.0) as i64).collect();
    let stats = ear.play(3_000, |us| {
        let n = (us / PACKET_US) as usize;
        Some(us + late.get(n).copied().unwrap_or(0))
    });
    println!("{stats:?}");
    // Once the jitter is known, after two seconds.
    let made_up = ear.concealed[1_499] - ear.concealed[99];
    let share = made_up as f64 / (1_400 * FRAME_SAMPLES) as f64;
    assert!(share < 0.02, "{share}: {stats:?}");
    assert!(ear.delay_max_ms(0) <= 245, "{}", ear.delay_max_ms(0));
    assert!(ear.delay_max_ms(51 * SECOND_US) <= 25, "{}", ear.delay_max_ms(51 * SECOND_US));
}

#[test]
fn drifting_clocks_are_followed_without_a_drop() {
    for ppm in [-200, 200] {
        let mut ear = Ear::new();
        let stats = ear.play(15_000, |us| Some(us + us * ppm / 1_000_000));
        println!("{ppm} ppm: {stats:?}");
        assert_eq!((stats.discarded_packets, stats.lost_packets), (0, 0), "{ppm} ppm: {stats:?}");
        assert!(ear.delay_max_ms(SECOND_US) <= 45, "{ppm} ppm: {}", ear.delay_max_ms(SECOND_US));
    }
}

#[test]
fn what_is_made_up_fades_and_has_no_hard_end() {
    let mut ear = Ear::new();
    // The voice breaks off in the middle of a syllable.
    let end_us = 4 * SECOND_US + 100_000;
    ear.play(250, |us| (us < end_us).then_some(us));
    let stats = ear.receiver.stats();
    assert!(stats.concealed_samples > 3_840, "{stats:?}");
    let last = ear.heard.iter().rposition(|sample| sample.abs() > 1e-6).unwrap();
    let power = |signal: &[f32]| signal.iter().map(|it| it * it).sum::<f32>() / signal.len() as f32;
    let before = power(&ear.heard[last - 7_680..last - 4_800]);
    let tail = power(&ear.heard[last - 240..=last]);
    assert!(before > 1e-5 && tail < before * 0.01, "{tail} after {before}");
    // And silence from then on.
    assert!(ear.heard[last + 1..].len() > 20_000);
}

/// A receiver that keeps packets whole, and the numbers of those that its ticks played.
fn whole(packets: u32, arrives: impl Fn(i64) -> i64) -> (Ear, Vec<Option<i64>>, JitterStats) {
    let mut ear = Ear::new();
    ear.receiver.keep_packets(true);
    let stats = ear.play(packets, |us| Some(arrives(us)));
    let played = std::mem::take(&mut ear.whole);
    (ear, played, stats)
}

#[test]
fn whole_packets_are_played_one_a_tick_in_their_order() {
    let (ear, played, stats) = whole(500, |us| us + 3_000);
    let numbers: Vec<i64> = played.iter().flatten().copied().collect();
    assert_eq!(numbers, (0..500).collect::<Vec<_>>(), "{stats:?}");
    assert_eq!((stats.stretched_samples, stats.discarded_packets), (0, 0), "{stats:?}");
    assert!(ear.delays_ms.iter().all(|delay_ms| *delay_ms <= 22));
}

#[test]
fn with_whole_packets_the_delay_shrinks_in_pauses_alone() {
    // A stall of 150 ms at 10 s.
    let stall = 10 * SECOND_US..10 * SECOND_US + 150_000;
    let (ear, played, stats) = whole(1_500, |us| if stall.contains(&us) { stall.end } else { us });
    assert!((2..=8).contains(&stats.discarded_packets), "{stats:?}");
    // The voice has its pauses at the end of every second second.
    let numbers: Vec<i64> = played.iter().flatten().copied().collect();
    for pair in numbers.windows(2).filter(|pair| pair[1] != pair[0] + 1) {
        assert!((88..100).contains(&(pair[0] % 100)), "{pair:?}: in mid-speech");
    }
    assert!(ear.delay_max_ms(25 * SECOND_US) <= 42, "{stats:?}");
}

#[test]
fn with_whole_packets_drifting_clocks_are_followed_in_pauses() {
    for ppm in [-200, 200] {
        let (ear, played, stats) = whole(15_000, |us| us + us * ppm / 1_000_000);
        let count = played.iter().flatten().count();
        assert!(count > 14_900, "{ppm} ppm: {count} whole, {stats:?}");
        assert!(stats.concealed_samples <= 4_800 + 2 * 960, "{ppm} ppm: {stats:?}");
        assert!(ear.delay_max_ms(0) <= 62, "{ppm} ppm: {stats:?}");
    }
}

/// A voice detector takes steady music or a tone for noise. It is no pause: a packet more or less of it is a click.
#[test]
fn a_steady_tone_is_no_pause() {
    let mut ear = Ear::new();
    let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
    let mut packet = [0; OPUS_PACKET_BYTES_MAX];
    let step = std::f32::consts::TAU * 500.0 / 48_000.0;
    let tone = |n: usize| 0.2 * (step * n as f32).sin();
    let packets = (0..100).map(|frame| {
        let frame: [f32; FRAME_SAMPLES] =
            std::array::from_fn(|n| tone((frame * FRAME_SAMPLES + n) % 48_000));
        let length = encoder.encode_into(&frame, &mut packet).unwrap();
        packet[..length].to_vec()
    });
    ear.voice = packets.collect();
    let flags = ear.voice.iter().map(|it| codec::packet::speech_flag(it));
    assert!(
        flags.skip(50).filter(|flag| *flag == Some(false)).count() > 10,
        "no detector is misled"
    );
    ear.receiver.keep_packets(true);
    let stall = 2 * SECOND_US..2 * SECOND_US + 100_000;
    let stats = ear.play(500, |us| Some(if stall.contains(&us) { stall.end } else { us }));
    assert_eq!((stats.discarded_packets, stats.stretched_samples), (0, 0), "{stats:?}");
}
