//! How speech sounds after a lossy network, through a real call: in-band FEC, redundancy (RFC 2198), concealment. A
//! short gate for every run of the tests; `make quality` has PESQ on recordings of people.
//!
//! The measure is a log-spectral distance to what would have been heard without loss: the mean difference of the levels
//! in twenty bands of a fifth of an octave and more, dB, over frames with speech. 0 is the same; 1 is hardly heard; a
//! frame that is silent instead of loud counts [`DISTANCE_MAX_DB`].

use std::f32::consts::TAU;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use call_engine::{Call, CallConfig, Moment, Outgoing, RtpPacket, TICK_MS};
use codec::{FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusEncoder, OpusEncoderConfig};
use interaction::{Actor, CallId, Command, LeaveReason, LegSound, Policy, UnixMs, UserId};
use jitter::{JitterConfig, Receiver};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use recordings::Recording;
use rtp::red::{Blocks, Restorer};

/// The payload type of Opus, in the blocks of redundant payloads.
const OPUS: u8 = 111;
const SPEECH_FRAMES: usize = 750;
const SEEDS: u64 = 3;

/// How a sender prepares for loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Not at all: what is lost is concealed.
    Plain,
    /// In-band FEC.
    Fec,
    /// Each packet carries a copy of the one before it, as browsers send it, and in-band FEC.
    Red,
}

/// A packet as the agent gets it.
struct Received {
    at_us: u64,
    sequence: u16,
    timestamp: u32,
    marker: bool,
    payload: Vec<u8>,
}

/// Fifteen seconds of speech.
static SPEECH: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let calls = Recording::demo_calls().expect("they are in the program");
    let agent = recordings::decode(&calls[0].agent).expect("Opus");
    let is_loud = |it: &[f32]| it.iter().any(|sample| sample.abs() > 0.05);
    let start = agent.chunks(FRAME_SAMPLES).position(is_loud).expect("somebody speaks");
    agent[start * FRAME_SAMPLES..][..SPEECH_FRAMES * FRAME_SAMPLES].to_vec()
});

fn encoded(way: Way, percent: u8) -> Vec<Vec<u8>> {
    let mut encoder = OpusEncoder::new(OpusEncoderConfig {
        bitrate_bps: 32_000,
        inband_fec: way != Way::Plain,
        expected_loss_percent: percent.max(10),
        ..Default::default()
    })
    .expect("a configuration within the limits");
    let mut out = [0; OPUS_PACKET_BYTES_MAX];
    let (frames, _) = SPEECH.as_chunks::<FRAME_SAMPLES>();
    let packet = |frame| {
        let length = encoder.encode_into(frame, &mut out).expect("a whole frame encodes");
        out[..length].to_vec()
    };
    frames.iter().map(packet).collect()
}

/// A redundant payload: a copy of the packet before, and the packet.
fn redundant(before: &[u8], packet: &[u8]) -> Vec<u8> {
    let header = (FRAME_SAMPLES as u32) << 10 | before.len() as u32;
    let [_, high, middle, low] = header.to_be_bytes();
    [&[0x80 | OPUS, high, middle, low, OPUS][..], before, packet].concat()
}

/// What the server takes of a packet that came: lost ones before it that it brings, and its own sound.
fn unpacked(restorer: &mut Restorer, n: usize, payload: &[u8]) -> Vec<(usize, Vec<u8>, bool)> {
    let timestamp = (n * FRAME_SAMPLES) as u32;
    let blocks = Blocks::parse(payload, OPUS).expect("as it was written");
    assert!(restorer.take(n as u16, timestamp));
    let restored = restorer.restore(n as u16, timestamp, &blocks);
    let restored = restored.iter().flatten();
    let lost =
        restored.map(|it| (it.sequence as usize, payload[it.payload.clone()].to_vec(), true));
    lost.chain([(n, payload[blocks.primary.clone()].to_vec(), false)]).collect()
}

/// What an agent hears of a caller who sends these packets, of which so many get lost on their way to the server, and what
/// the call says of it.
fn carried(way: Way, packets: &[Vec<u8>], percent: u8, seed: u64) -> (Vec<f32>, LegSound) {
    let mut random = StdRng::seed_from_u64(seed * 100 + u64::from(percent));
    let mut call = Call::new(CallId(1), Policy::default(), CallConfig::default()).unwrap();
    let epoch = Instant::now();
    let moment =
        |us: u64| Moment { now: epoch + Duration::from_micros(us), unix: UnixMs(us / 1_000) };
    let mut join = |command| {
        let applied = call.handle_command(moment(0), Actor::System, command, None);
        applied.unwrap().joined.unwrap()
    };
    let caller = join(Command::JoinCaller { user: UserId(1) });
    let agent = join(Command::JoinAgent { user: UserId(2) });
    let (mut restorer, mut received) = (Restorer::default(), Vec::new());
    for (n, packet) in packets.iter().enumerate() {
        let at_us = n as u64 * TICK_MS * 1_000 + 3_000;
        let is_lost = n > 0 && random.random_bool(f64::from(percent) / 100.0);
        let came = match way {
            _ if is_lost => Vec::new(),
            Way::Red if n > 0 => unpacked(&mut restorer, n, &redundant(&packets[n - 1], packet)),
            Way::Red | Way::Plain | Way::Fec => {
                restorer.take(n as u16, (n * FRAME_SAMPLES) as u32);
                vec![(n, packet.clone(), false)]
            }
        };
        for (n, payload, is_restored) in &came {
            let packet = RtpPacket {
                sequence: *n as u16,
                timestamp: (n * FRAME_SAMPLES) as u32,
                marker: false,
                payload,
                level_dbov: None,
                is_restored: *is_restored,
            };
            call.handle_rtp(moment(at_us).now, caller, packet, |out| {
                assert_eq!(out.leg, agent);
                let Outgoing { sequence, timestamp, marker, payload, .. } = out;
                let payload = payload.to_vec();
                received.push(Received { at_us, sequence, timestamp, marker, payload });
            });
        }
        call.handle_tick(moment((n as u64 + 1) * TICK_MS * 1_000), |_| {});
    }
    let leave = Command::Leave { leg: caller, reason: LeaveReason::HungUp };
    call.handle_command(moment(20_000_000), Actor::System, leave, None).unwrap();
    let departed = call.take_departed();
    let (_, sound) = departed.iter().find(|(leg, _)| *leg == caller).expect("it has left");
    (heard(&received, epoch), *sound)
}

/// What comes out of the agent's receiver.
fn heard(received: &[Received], epoch: Instant) -> Vec<f32> {
    let mut receiver = Receiver::new(JitterConfig::default()).expect("libopus has memory");
    let at = |us: u64| epoch + Duration::from_micros(us);
    let mut waiting = received.iter().peekable();
    let mut heard = Vec::new();
    for tick_us in (10_000..SPEECH_FRAMES as u64 * 20_000).step_by(20_000) {
        while let Some(packet) = waiting.next_if(|packet| packet.at_us <= tick_us) {
            let Received { at_us, sequence, timestamp, marker, payload, .. } = packet;
            receiver.insert(at(*at_us), *sequence, *timestamp, *marker, payload);
        }
        heard.extend_from_slice(receiver.tick(at(tick_us)).unwrap_or(&[0.0; FRAME_SAMPLES]));
    }
    heard
}

const DISTANCE_MAX_DB: f32 = 30.0;
/// Rate of what is compared, a third of what is heard; samples in a piece that is looked at, and from one to the next.
const RATE_HZ: f32 = 16_000.0;
const PIECE: usize = 512;
const STEP: usize = 320;
const BANDS: usize = 20;
/// Levels are told apart above this, full scale squared: −70 dBFS, below which there is noise.
const FLOOR: f32 = 1e-7;

fn decimated(sound: &[f32], by: usize) -> Vec<f32> {
    sound.chunks_exact(by).map(|it| it.iter().sum::<f32>() / by as f32).collect()
}

/// A wave's cosine and sine under a window.
type Wave = Vec<(f32, f32)>;

/// The levels of a piece by band, dB, 100 to 6,000 Hz.
fn levels(piece: &[f32]) -> [f32; BANDS] {
    static WAVES: LazyLock<Vec<[Wave; 3]>> = LazyLock::new(|| {
        let wave = |hz: f32| {
            (0..PIECE)
                .map(|n| {
                    let window = 0.5 - 0.5 * (TAU * n as f32 / PIECE as f32).cos();
                    let phase = TAU * hz * n as f32 / RATE_HZ;
                    (window * phase.cos(), window * phase.sin())
                })
                .collect()
        };
        let edge = |band: f32| 100.0 * 60.0_f32.powf(band / BANDS as f32);
        (0..BANDS).map(|band| [0.2, 0.5, 0.8].map(|at| wave(edge(band as f32 + at)))).collect()
    });
    std::array::from_fn(|band| {
        let power = |wave: &Wave| {
            let sum = piece.iter().zip(wave).fold((0.0, 0.0), |(re, im), (sample, (cos, sin))| {
                (re + sample * cos, im + sample * sin)
            });
            (sum.0 * sum.0 + sum.1 * sum.1) / (PIECE * PIECE) as f32
        };
        10.0 * (WAVES[band].iter().map(power).sum::<f32>() + FLOOR).log10()
    })
}

/// By how many samples of 16 kHz `heard` is later around `at`, of those between `least` and `most`.
fn lag(said: &[f32], heard: &[f32], at: usize, least: usize, most: usize) -> usize {
    let from = at.saturating_sub(1_600);
    let correlation = |lag: &usize| {
        let pairs = said[from..].iter().zip(heard.get(from + lag..).unwrap_or(&[])).take(3_200);
        pairs.step_by(2).map(|(a, b)| a * b).sum::<f32>()
    };
    let lags = (least..=most).step_by(16);
    lags.max_by(|a, b| correlation(a).total_cmp(&correlation(b))).unwrap_or(least)
}

/// How far what was heard is from what would have been without loss, dB.
fn distance_db(clean: &[f32], heard: &[f32]) -> f32 {
    let [clean, heard] = [clean, heard].map(|it| decimated(it, 3));
    let (mut sum, mut count) = (0.0, 0_u32);
    for at in (0..clean.len() - PIECE).step_by(STEP) {
        let piece = &clean[at..at + PIECE];
        if piece.iter().map(|it| it * it).sum::<f32>() / (PIECE as f32) < 1e-5 {
            continue;
        }
        // A playout buffer that waits for FEC is some packets later; one that stretches is on its way there.
        let lag = lag(&clean, &heard, at, 0, 1_280);
        let Some(other) = heard.get(at + lag..at + lag + PIECE) else { continue };
        let difference = levels(piece).into_iter().zip(levels(other)).map(|(a, b)| (a - b).abs());
        sum += (difference.sum::<f32>() / BANDS as f32).min(DISTANCE_MAX_DB);
        count += 1;
    }
    sum / count as f32
}

/// The mean over some draws of what is lost; the last draw's counters.
fn measured(way: Way, percent: u8) -> (f32, LegSound) {
    let packets = encoded(way, percent);
    let (clean, _) = carried(way, &packets, 0, 0);
    let runs: Vec<_> = (0..SEEDS).map(|seed| carried(way, &packets, percent, seed)).collect();
    let sum = runs.iter().map(|(heard, _)| distance_db(&clean, heard)).sum::<f32>();
    (sum / SEEDS as f32, runs[0].1)
}

/// For `Plain`, `Fec`, `Red`. When this was written it was 0.01 of each without loss, 1.16, 1.07, 0.06 at 5 %,
/// 1.22, 0.83, 0.13 at 10 %, and 1.67, 0.88, 0.69 at 20 %.
const BOUNDS_DB: [(u8, [f32; 3]); 4] =
    [(0, [0.1, 0.1, 0.1]), (5, [1.5, 1.4, 0.15]), (10, [1.6, 1.1, 0.3]), (20, [2.2, 1.2, 1.0])];

#[test]
fn speech_stays_near_what_was_said_under_loss() {
    for (percent, bounds_db) in BOUNDS_DB {
        let ways = [Way::Plain, Way::Fec, Way::Red];
        let found = ways.map(|way| measured(way, percent));
        println!("{percent} %: {:?}", found.map(|(distance, _)| distance));
        for (way, ((distance, sound), bound)) in
            ways.into_iter().zip(found.into_iter().zip(bounds_db))
        {
            assert!(
                distance <= bound,
                "{way:?} at {percent} %: {distance} dB of {bound}, {sound:?}"
            );
        }
        if percent > 0 {
            let [plain, fec, red] = found.map(|(distance, _)| distance);
            assert!(red < 0.9 * fec && fec < plain, "{percent} %: {plain} {fec} {red}");
        }
    }
}

#[test]
fn the_call_says_what_was_lost_and_what_brought_it_back() {
    let sent = SPEECH_FRAMES as u64;
    for percent in [0, 5, 20] {
        let [plain, fec, red] = [Way::Plain, Way::Fec, Way::Red]
            .map(|way| carried(way, &encoded(way, percent), percent, 1).1);
        println!("{percent} %: {plain:?} {fec:?} {red:?}");
        for sound in [plain, fec, red] {
            let all = sound.received_packets + sound.restored_packets + sound.lost_packets;
            assert!(sent - all <= 3, "the last ones nobody misses: {sound:?}");
            assert_eq!(sound.late_packets, 0, "{sound:?}");
            let made_up = (sound.fec_ms + sound.concealed_ms) / TICK_MS;
            assert_eq!(made_up, sound.lost_packets, "{sound:?}");
        }
        assert_eq!((plain.fec_ms, plain.restored_packets, fec.restored_packets), (0, 0, 0));
        if percent > 0 {
            assert!(fec.concealed_ms < plain.concealed_ms && fec.fec_ms > 0, "{plain:?} {fec:?}");
            assert!(red.lost_packets * 2 < plain.lost_packets, "{plain:?} {red:?}");
        }
    }
}
