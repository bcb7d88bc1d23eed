//! Whether a change of delivery can be heard: what a listener's client plays, and three measures of a seam in it.
//!
//! - **A click** is a jump of the waveform that its surroundings do not explain. The second difference of the sound (how
//!   far a sample is from the line through its two neighbours) is compared with the largest one within 10 ms before and
//!   after, but for the millisecond around: in speech it is rarely twice that, at a cut in a voice ten times and more. What
//!   is 50 dB below full scale counts for nothing.
//! - **Lost or repeated sound** shows as another delay of a voice after the seam than before: less is lost, more repeated.
//!   The delay is where what was said correlates best with what was heard.
//! - **A hole** is a stretch in which much less is heard of a voice than it says, however that is lost.

use codec::{FRAME_SAMPLES, SAMPLE_RATE_HZ};
use jitter::{JitterConfig, Receiver};
use std::time::{Duration, Instant};

use crate::Received;

const SAMPLES_PER_MS: usize = SAMPLE_RATE_HZ as usize / 1_000;
/// A client takes a frame to play this long after a multiple of 20 ms.
const PLAY_PHASE_US: u64 = 7_000;

/// What the client of a leg plays of its tracks, through playout buffers of its own, to `end_ms` of virtual time. Sample
/// `i` is played at `i / 48` ms.
///
/// # Panics
/// libopus has no memory.
pub fn played(received: &[Received], end_ms: u64) -> Vec<f32> {
    let tracks = received.iter().map(|packet| packet.track + 1).max().unwrap_or(0);
    let mut sum = vec![0.0; end_ms as usize * SAMPLES_PER_MS];
    for track in 0..tracks {
        let packets = received.iter().filter(|packet| packet.track == track);
        for (sum, sample) in sum.iter_mut().zip(played_on(packets, end_ms)) {
            *sum += sample;
        }
    }
    sum
}

fn played_on<'a>(packets: impl Iterator<Item = &'a Received>, end_ms: u64) -> Vec<f32> {
    let mut receiver = Receiver::new(JitterConfig::default()).expect("libopus has memory");
    let epoch = Instant::now();
    let at = |us: u64| epoch + Duration::from_micros(us);
    let mut waiting = packets.peekable();
    let mut sound = vec![0.0; PLAY_PHASE_US as usize * SAMPLES_PER_MS / 1_000];
    for tick_us in (PLAY_PHASE_US..end_ms * 1_000).step_by(20_000) {
        while let Some(packet) = waiting.next_if(|packet| packet.at_us <= tick_us) {
            let Received { at_us, sequence, timestamp, marker, payload, .. } = packet;
            receiver.insert(at(*at_us), *sequence, *timestamp, *marker, payload);
        }
        sound.extend_from_slice(receiver.tick(at(tick_us)).unwrap_or(&[0.0; FRAME_SAMPLES]));
    }
    sound
}

/// Second differences below this are not heard, full scale.
const CLICK_MIN: f32 = 0.003;
/// How far around a sample its surroundings reach, and how much of that is the sample's own.
const SURROUNDINGS: usize = 10 * SAMPLES_PER_MS;
const OWN: usize = SAMPLES_PER_MS;

/// The worst jump in this part of a sound: how many times as large as what is around it, and where, ms.
pub fn worst_jump(sound: &[f32], from_ms: u64, to_ms: u64) -> (f32, f32) {
    let bends: Vec<f32> = sound.windows(3).map(|it| (it[0] - 2.0 * it[1] + it[2]).abs()).collect();
    let range = from_ms as usize * SAMPLES_PER_MS..to_ms as usize * SAMPLES_PER_MS;
    let largest = |part: &[f32]| part.iter().fold(0.0_f32, |most, bend| most.max(*bend));
    let mut worst = (0.0, 0.0);
    for at in range.start.max(SURROUNDINGS)..range.end.min(bends.len().saturating_sub(SURROUNDINGS))
    {
        let bend = bends[at];
        // What is not the largest of its own is no peak.
        if bend < CLICK_MIN
            || bend < worst.0 * CLICK_MIN
            || bend < largest(&bends[at - OWN..=at + OWN])
        {
            continue;
        }
        let before = largest(&bends[at - SURROUNDINGS..at - OWN]);
        let after = largest(&bends[at + OWN + 1..=at + SURROUNDINGS]);
        let ratio = bend / before.max(after).max(CLICK_MIN);
        if ratio > worst.0 {
            worst = (ratio, at as f32 / SAMPLES_PER_MS as f32);
        }
    }
    worst
}

/// Lags are looked for at 8 kHz.
const COARSE: usize = 6;

/// By how many ms `heard` is later than `said` around these times of `said`, up to `lag_max_ms`; and how well the two agree there, 0 to 1.
pub fn lag_ms(
    said: &[f32],
    heard: &[f32],
    from_ms: u64,
    to_ms: u64,
    lag_max_ms: u64,
) -> (f32, f32) {
    let samples = |ms: u64| ms as usize * SAMPLES_PER_MS;
    let coarse = |sound: &[f32], from: usize, to: usize| -> Vec<f32> {
        let part = &sound[from.min(sound.len())..to.min(sound.len())];
        part.chunks_exact(COARSE).map(|it| it.iter().sum::<f32>()).collect()
    };
    let said = coarse(said, samples(from_ms), samples(to_ms));
    let heard = coarse(heard, samples(from_ms), samples(to_ms + lag_max_ms));
    let power = |sound: &[f32]| sound.iter().map(|it| it * it).sum::<f32>();
    let said_power = power(&said);
    let mut best = (0, 0.0);
    for lag in 0..heard.len().saturating_sub(said.len()) {
        let part = &heard[lag..lag + said.len()];
        let product: f32 = said.iter().zip(part).map(|(a, b)| a * b).sum();
        let alike = product / (said_power * power(part)).sqrt().max(f32::MIN_POSITIVE);
        if alike > best.1 {
            best = (lag, alike);
        }
    }
    ((best.0 * COARSE) as f32 / SAMPLES_PER_MS as f32, best.1)
}

/// Pieces that are compared for holes: 10 ms.
const PIECE: usize = 10 * SAMPLES_PER_MS;
/// Less is heard by so much than is said, dB: that is a hole.
const HOLE_DB: f32 = 20.0;
/// Pieces that are quieter than this (−45 dBov) say nothing.
const SAID_POWER_MIN: f32 = 3.16e-5;

/// The longest hole in a voice around these times of `said`, ms, if it is heard later by either of these lags.
pub fn hole_ms(said: &[f32], heard: &[f32], from_ms: u64, to_ms: u64, lags_ms: [f32; 2]) -> u64 {
    let power = |sound: &[f32], at: usize| {
        let part = sound.get(at..at + PIECE).unwrap_or(&[]);
        part.iter().map(|it| it * it).sum::<f32>() / PIECE as f32
    };
    let (mut longest, mut present) = (0, 0);
    for at in (from_ms as usize * SAMPLES_PER_MS..to_ms as usize * SAMPLES_PER_MS).step_by(PIECE) {
        let said = power(said, at);
        let heard = lags_ms
            .map(|lag| power(heard, at + (lag * SAMPLES_PER_MS as f32) as usize))
            .into_iter()
            .fold(0.0, f32::max);
        let is_hole = said > SAID_POWER_MIN && heard < said * 10f32.powf(-HOLE_DB / 10.0);
        present = if is_hole { present + 1 } else { 0 };
        longest = longest.max(present);
    }
    longest * 10
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A voice: a pitch that wanders, its harmonics, syllables.
    fn voice(n: usize) -> f32 {
        let t = n as f32 / SAMPLE_RATE_HZ as f32;
        let phase = 140.0 * t + 3.0 * (1.7 * t).sin();
        let tones: f32 =
            (1..20).map(|k| (std::f32::consts::TAU * phase * k as f32).sin() / k as f32).sum();
        0.1 * tones * (0.6 + 0.4 * (std::f32::consts::TAU * 3.0 * t).sin())
    }

    fn sound() -> Vec<f32> {
        (0..48_000).map(voice).collect()
    }

    #[test]
    fn a_cut_is_a_click_and_speech_is_none() {
        let whole = sound();
        let (ratio, _) = worst_jump(&whole, 0, 1_000);
        assert!(ratio < 2.0, "{ratio}");
        let mut clicks = 0;
        for cut in 0..20 {
            let at = 20_000 + cut * 307;
            let mut sound = whole[..at].to_vec();
            sound.extend_from_slice(&whole[at + 2_000..]);
            let (ratio, where_ms) = worst_jump(&sound, 300, 700);
            if ratio > 3.0 {
                clicks += 1;
                assert!((where_ms - at as f32 / 48.0).abs() < 1.0, "{where_ms} ms");
            }
        }
        assert!(clicks >= 12, "{clicks} of 20 cuts, of which some fall where the voice fits");
    }

    #[test]
    fn lost_sound_shows_in_the_lag_and_a_hole_as_long_as_it_is() {
        let said = sound();
        let mut heard = vec![0.0; 20 * SAMPLES_PER_MS];
        heard.extend_from_slice(&said[..24_000]);
        heard.extend_from_slice(&said[24_000 + 30 * SAMPLES_PER_MS..]);
        let lags = [lag_ms(&said, &heard, 200, 450, 100), lag_ms(&said, &heard, 600, 800, 100)];
        assert!((lags[0].0 - 20.0).abs() < 0.2 && lags[0].1 > 0.99, "{lags:?}");
        let mut later = vec![0.0; 50 * SAMPLES_PER_MS];
        later.extend_from_slice(&heard);
        let lag = lag_ms(&said, &later, 600, 800, 100);
        assert!((lag.0 - 40.0).abs() < 0.2, "30 ms were lost: {lag:?}");
        let mut holed = said.clone();
        holed[20_000..20_000 + 45 * SAMPLES_PER_MS].fill(0.0);
        assert!((30..=50).contains(&hole_ms(&said, &holed, 300, 700, [0.0, 0.0])));
        assert_eq!(hole_ms(&said, &said, 0, 900, [0.0, 0.0]), 0);
    }
}
