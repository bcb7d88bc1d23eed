//! The matched filter: is a voice in what a probe heard, how late, and how loud?
//!
//! Both are whitened before they are compared (the voice wholly, as in GCC-PHAT; what was heard by
//! its envelope), because speech is narrow and repeats itself: unwhitened, every vowel looks like
//! every other.

use std::ops::Range;
use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::narrow::NARROW_RATE_HZ;

/// What is compared at a time: two seconds.
pub const WINDOW: usize = 2 * NARROW_RATE_HZ;
/// The longest delay that is looked at: 0.8 s.
pub const LAG_MAX: usize = NARROW_RATE_HZ * 8 / 10;
/// A window and all the delays, and no more: what wraps around are delays that nobody looks at.
const FFT: usize = WINDOW + LAG_MAX;
/// The band of speech in which voices are compared, Hz.
const BAND_HZ: Range<usize> = 200..3_400;
/// Bins on each side over which an envelope is smoothed: 50 Hz.
const SMOOTH_BINS: usize = 50 * FFT / NARROW_RATE_HZ;
/// Above this a voice is in a window. Without it the peak stays below 10 in nearly all windows (3,372
/// of four recordings); at a tenth of the others' power it is above in 98 of 100.
pub const SURE: f64 = 12.0;
/// Above this it is in the window whatever else is: 18.4 is the highest that was seen without it, in
/// some hundred thousand windows of a busy machine's calls. A voice at full level has 30 to 100.
pub const BEYOND_DOUBT: f64 = 25.0;
/// Above this in two windows at one delay a voice is there, too: it takes two chances in a thousand.
pub const LIKELY: f64 = 8.0;
/// The share of a window in which a voice must speak to be looked for: fewer words look like others.
pub const ACTIVE: f64 = 0.4;
/// The mean power above which 20 ms count as speech: −45 dBFS.
const SPEECH_POWER: f32 = 3e-5;
/// The width of a peak, samples: left out when its surroundings are measured.
const PEAK_WIDTH: usize = 24;

/// The spectrum of a window or of a voice, whitened.
pub struct Spectrum(Vec<Complex32>);

/// What the filter found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// The peak over the filter's spread elsewhere. Without the voice in it, 4 to 6.
    pub sigma: f64,
    /// The delay at the peak, samples at [`NARROW_RATE_HZ`].
    pub lag: usize,
}

/// The filter with its buffers.
pub struct Matcher {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    time: Vec<f32>,
    product: Vec<Complex32>,
}

impl Matcher {
    /// Plans the transforms.
    pub fn new() -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(FFT);
        let inverse = planner.plan_fft_inverse(FFT);
        let product = forward.make_output_vec();
        Self { time: vec![0.0; FFT], forward, inverse, product }
    }

    /// The spectrum of what was heard in [`WINDOW`] samples.
    pub fn heard(&mut self, window: &[f32]) -> Spectrum {
        let mut spectrum = self.transform(window);
        let power: Vec<f32> = spectrum.iter().map(Complex32::norm_sqr).collect();
        let smooth = smoothed(&power);
        for (bin, power) in spectrum.iter_mut().zip(smooth) {
            *bin /= power.sqrt().max(f32::MIN_POSITIVE.sqrt());
        }
        band(&mut spectrum);
        Spectrum(spectrum)
    }

    /// The spectrum of what a voice said from [`LAG_MAX`] samples before the window to its end.
    pub fn said(&mut self, signal: &[f32]) -> Spectrum {
        let mut spectrum = self.transform(signal);
        for bin in &mut spectrum {
            *bin /= bin.norm().max(f32::MIN_POSITIVE.sqrt());
        }
        band(&mut spectrum);
        Spectrum(spectrum)
    }

    /// Looks for the voice in what was heard.
    pub fn find(&mut self, heard: &Spectrum, said: &Spectrum) -> Match {
        for (product, (heard, said)) in self.product.iter_mut().zip(heard.0.iter().zip(&said.0)) {
            *product = heard.conj() * said;
        }
        // A real signal's spectrum is real at both ends; the band leaves them 0.
        if self.inverse.process(&mut self.product, &mut self.time).is_err() {
            return Match { sigma: 0.0, lag: 0 };
        }
        let output = &self.time[..=LAG_MAX];
        let peak = (0..=LAG_MAX).max_by(|a, b| output[*a].total_cmp(&output[*b])).unwrap_or(0);
        let elsewhere = output.iter().enumerate().filter(|(n, _)| n.abs_diff(peak) > PEAK_WIDTH);
        let (sum, count) = elsewhere
            .fold((0.0, 0), |(sum, count), (_, v)| (sum + f64::from(*v).powi(2), count + 1));
        let spread = (sum / f64::from(count.max(1))).sqrt();
        let sigma = if spread > 0.0 { f64::from(output[peak]) / spread } else { 0.0 };
        Match { sigma, lag: LAG_MAX - peak }
    }

    fn transform(&mut self, signal: &[f32]) -> Vec<Complex32> {
        let length = signal.len().min(FFT);
        self.time[..length].copy_from_slice(&signal[..length]);
        self.time[length..].fill(0.0);
        let mut spectrum = self.forward.make_output_vec();
        // The lengths are those of the plan, so there is nothing to object to.
        drop(self.forward.process(&mut self.time, &mut spectrum));
        spectrum
    }
}

impl Default for Matcher {
    fn default() -> Self {
        Self::new()
    }
}

/// The voice's gain in what was heard, where the voice speaks: a regression on the aligned signals.
pub fn gain(heard: &[f32], said: &[f32]) -> f32 {
    let (dot, power) = heard
        .iter()
        .zip(said)
        .fold((0.0, 0.0), |(dot, power), (h, s)| (dot + h * s, power + s * s));
    if power > 1e-9 { dot / power } else { 0.0 }
}

/// The share of a signal that is speech.
pub fn activity(signal: &[f32]) -> f64 {
    let frames = signal.chunks_exact(NARROW_RATE_HZ / 50);
    let count = frames.len().max(1);
    let is_speech = |frame: &&[f32]| {
        frame.iter().map(|s| s * s).sum::<f32>() > SPEECH_POWER * frame.len() as f32
    };
    frames.filter(is_speech).count() as f64 / count as f64
}

fn band(spectrum: &mut [Complex32]) {
    let bin = |hz: usize| hz * FFT / NARROW_RATE_HZ;
    let (low, high) = (bin(BAND_HZ.start), bin(BAND_HZ.end));
    spectrum[..low].fill(Complex32::ZERO);
    spectrum[high..].fill(Complex32::ZERO);
}

/// The mean over [`SMOOTH_BINS`] on each side.
fn smoothed(power: &[f32]) -> Vec<f32> {
    let mut sums = Vec::with_capacity(power.len() + 1);
    sums.push(0.0_f64);
    for value in power {
        sums.push(sums[sums.len() - 1] + f64::from(*value));
    }
    (0..power.len())
        .map(|n| {
            let (from, to) =
                (n.saturating_sub(SMOOTH_BINS), (n + SMOOTH_BINS + 1).min(power.len()));
            ((sums[to] - sums[from]) / (to - from) as f64) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use codec::{
        OPUS_PACKET_BYTES_MAX, OPUS_PACKET_SAMPLES_MAX, OpusDecoder, OpusEncoder, OpusEncoderConfig,
    };

    use super::super::narrow::Narrow;
    use super::*;
    use recordings::Recording;

    /// Both sides of a demo call, at 48 kHz.
    fn sides(call: usize) -> [Vec<f32>; 2] {
        let recording = &Recording::demo_calls().unwrap()[call];
        [&recording.caller, &recording.agent].map(|side| recordings::decode(side).unwrap())
    }

    /// As a listener of a mix hears it, at the narrow rate.
    fn through_the_codec(signal: &[f32]) -> Vec<f32> {
        let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
        let mut decoder = OpusDecoder::new().unwrap();
        let (mut packet, mut room) = ([0; OPUS_PACKET_BYTES_MAX], [0.0; OPUS_PACKET_SAMPLES_MAX]);
        let mut heard = Vec::new();
        for frame in signal.as_chunks().0 {
            let length = encoder.encode_into(frame, &mut packet).unwrap();
            let samples = decoder.decode_into(&packet[..length], &mut room).unwrap();
            heard.extend_from_slice(&room[..samples]);
        }
        Narrow::default().pass(&heard)
    }

    /// Everybody's signal at the narrow rate, and mixes of two calls' voices with one of a third,
    /// whose gain is given, as a listener hears them 60 ms later.
    #[test]
    fn a_voice_is_found_in_a_mix_and_no_other_is() {
        const LATE: usize = 60 * NARROW_RATE_HZ / 1_000;
        let codec = (6.5 * NARROW_RATE_HZ as f64 / 1_000.0) as usize;
        let all: Vec<[Vec<f32>; 2]> = (0..3).map(sides).collect();
        let narrow = |signal: &Vec<f32>| Narrow::default().pass(signal);
        let said: Vec<Vec<f32>> = all.iter().flatten().map(narrow).collect();
        let mut matcher = Matcher::new();
        for gain in [1.0, 0.3] {
            let (supervisor, late) = (&all[1][1], 6 * LATE);
            let mix = |n: usize| all[0][0][n] + all[0][1][n] + gain * supervisor[n];
            let length = all.iter().map(|sides| sides[0].len()).min().unwrap() - late;
            let heard = through_the_codec(&(0..length).map(mix).collect::<Vec<f32>>());
            let (mut looked, mut found, mut highest) = (0, 0, 0.0_f64);
            for at in (LAG_MAX..heard.len() - WINDOW).step_by(2 * NARROW_RATE_HZ) {
                let spectrum = matcher.heard(&heard[at..at + WINDOW]);
                // The window is played `LATE` after it was said.
                let mut look = |voice: &Vec<f32>| {
                    let part = voice.get(at + LATE - LAG_MAX..at + LATE + WINDOW)?;
                    let whitened = matcher.said(part);
                    (activity(&part[LAG_MAX..]) >= ACTIVE)
                        .then(|| matcher.find(&spectrum, &whitened))
                };
                if let Some(it) = look(&said[3]) {
                    looked += 1;
                    found += usize::from(it.sigma > SURE && it.lag.abs_diff(LATE + codec) < 4);
                }
                for other in [&said[2], &said[4], &said[5]] {
                    highest = look(other).map_or(highest, |it| highest.max(it.sigma));
                }
            }
            assert!(looked > 15 && found * 10 >= looked * 9, "{found} of {looked} at {gain}");
            assert!(highest < SURE, "another voice at {highest}");
        }
    }
}
