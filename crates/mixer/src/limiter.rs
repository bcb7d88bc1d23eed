//! Keeps a mix below its ceiling without distorting it.
//!
//! A gain, not a wave shaper: the frame is looked at in blocks of 2.5 ms, each block's peak says
//! which gain it can bear, and the gain moves in straight lines between the blocks, so an attack
//! has begun before its peak arrives and no sample waits for it. Only a peak in the first block of
//! a frame comes unforeseen; there the line ends at the first sample that would pass the ceiling.
//!
//! Peaks up to −6 dBFS need no gain change: a quiet mix passes bit by bit.

use crate::{FRAME_SAMPLES, Frame, SAMPLES_PER_MS};

/// −6.02 dBFS: up to here the limiter does nothing.
const KNEE: f32 = 0.5;
const BLOCK_SAMPLES: usize = FRAME_SAMPLES / BLOCKS;
const BLOCKS: usize = 8;
/// Time in which the gain would rise from 0 to 1: long enough not to follow a voice's pitch.
const RELEASE_MS: u32 = 200;
const RELEASE_PER_BLOCK: f32 = BLOCK_SAMPLES as f32 / (RELEASE_MS * SAMPLES_PER_MS) as f32;

/// The state of one mix's limiter. Equal states and equal sound stay equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limiter {
    gain: f32,
}

impl Limiter {
    /// Not limiting.
    pub const OPEN: Self = Self { gain: 1.0 };

    /// Limits one frame to ±`ceiling`, an amplitude above −6 dBFS.
    pub fn process(&mut self, ceiling: f32, frame: &mut Frame) {
        let bearable = bearable_gains(ceiling, frame);
        if self.gain == 1.0 && bearable == [1.0; BLOCKS] {
            return;
        }
        for (index, block) in frame.chunks_exact_mut(BLOCK_SAMPLES).enumerate() {
            let here = bearable[index];
            let next = bearable.get(index + 1).copied().unwrap_or(1.0);
            let end = (self.gain + RELEASE_PER_BLOCK).min(here).min(next);
            let way = if self.gain > here { first_over(ceiling, self.gain, block) } else { None };
            glide(self.gain, end, way.map_or(BLOCK_SAMPLES, |index| index + 1), ceiling, block);
            self.gain = end;
        }
    }

    /// A frame of silence passed.
    pub fn rest(&mut self) {
        self.gain = (self.gain + RELEASE_PER_BLOCK * BLOCKS as f32).min(1.0);
    }
}

/// For each block the gain that brings its peak down to the curve.
fn bearable_gains(ceiling: f32, frame: &Frame) -> [f32; BLOCKS] {
    let mut gains = [1.0; BLOCKS];
    for (gain, block) in gains.iter_mut().zip(frame.chunks_exact(BLOCK_SAMPLES)) {
        let peak = peak(block);
        if peak > KNEE {
            let room = ceiling - KNEE;
            *gain = (KNEE + room * ((peak - KNEE) / room).tanh()) / peak;
        }
    }
    gains
}

/// Largest magnitude, in lanes of their own so that the compiler can use vector instructions.
fn peak(block: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    for chunk in block.chunks_exact(lanes.len()) {
        for (lane, sample) in lanes.iter_mut().zip(chunk) {
            *lane = lane.max(sample.abs());
        }
    }
    lanes.into_iter().fold(0.0, f32::max)
}

/// The first sample that `gain` would leave above the ceiling.
fn first_over(ceiling: f32, gain: f32, block: &[f32]) -> Option<usize> {
    block.iter().position(|sample| sample.abs() * gain > ceiling)
}

/// Moves the gain from `from` to `to` over `samples`; the clamp is against rounding alone.
fn glide(from: f32, to: f32, samples: usize, ceiling: f32, block: &mut [f32]) {
    for (index, sample) in block.iter_mut().enumerate() {
        let way = ((index + 1) as f32 / samples as f32).min(1.0);
        *sample = (*sample * (from + (to - from) * way)).clamp(-ceiling, ceiling);
    }
}

const _: () = assert!(BLOCK_SAMPLES * BLOCKS == FRAME_SAMPLES && BLOCK_SAMPLES.is_multiple_of(8));

#[cfg(test)]
mod tests {
    use super::*;

    const CEILING: f32 = 0.891_250_9; // −1 dBFS

    fn sine(amplitude: f32, frequency_hz: f32, begin: usize) -> Frame {
        std::array::from_fn(|index| {
            let turns = frequency_hz * (begin + index) as f32 / 48_000.0;
            amplitude * (turns * std::f32::consts::TAU).sin()
        })
    }

    #[test]
    fn quiet_frames_pass_bit_by_bit() {
        let mut limiter = Limiter::OPEN;
        let mut frame = sine(KNEE, 997.0, 0);
        let before = frame;
        limiter.process(CEILING, &mut frame);
        assert_eq!(frame, before);
        assert_eq!(limiter, Limiter::OPEN);
    }

    #[test]
    fn nothing_passes_the_ceiling_wherever_the_attack_falls() {
        for onset in [0, 1, 7, 119, 120, 121, 500, 959] {
            for amplitude in [0.6, 1.0, 3.0, 40.0] {
                let mut limiter = Limiter::OPEN;
                let mut frame = [0.3; FRAME_SAMPLES];
                frame[onset..].fill(-amplitude);
                for _ in 0..3 {
                    let mut out = frame;
                    limiter.process(CEILING, &mut out);
                    assert!(out.iter().all(|sample| sample.abs() <= CEILING), "{onset}");
                }
            }
        }
    }

    #[test]
    fn the_clamp_is_only_for_rounding() {
        for onset in 0..FRAME_SAMPLES {
            let mut frame = [0.3; FRAME_SAMPLES];
            frame[onset] = 2.5;
            let mut limiter = Limiter::OPEN;
            limiter.process(CEILING, &mut frame);
            // A clamped peak would sit at the ceiling exactly; a limited one sits below it.
            assert!(frame[onset] < CEILING, "onset {onset}");
        }
    }

    #[test]
    fn a_loud_sine_stays_a_sine() {
        let mut limiter = Limiter::OPEN;
        let mut energy = 0.0f64;
        let mut in_band = (0.0f64, 0.0f64);
        for index in 0..50 {
            let mut frame = sine(1.6, 1_000.0, index * FRAME_SAMPLES);
            limiter.process(CEILING, &mut frame);
            if index < 10 {
                continue;
            }
            for (n, sample) in frame.iter().enumerate() {
                let angle = std::f64::consts::TAU * (index * FRAME_SAMPLES + n) as f64 / 48.0;
                let sample = f64::from(*sample);
                energy += sample * sample;
                in_band.0 += sample * angle.sin();
                in_band.1 += sample * angle.cos();
            }
        }
        let samples = (40 * FRAME_SAMPLES) as f64;
        let fundamental = (in_band.0.powi(2) + in_band.1.powi(2)) * 2.0 / samples;
        let distortion_db = 10.0 * ((energy - fundamental) / energy).log10();
        assert!(distortion_db < -40.0, "{distortion_db} dB");
    }

    #[test]
    fn the_gain_comes_back_wholly_and_not_at_once() {
        let mut limiter = Limiter::OPEN;
        limiter.process(CEILING, &mut [3.0; FRAME_SAMPLES]);
        let low = limiter.gain;
        limiter.process(CEILING, &mut sine(0.1, 300.0, 0));
        assert!(limiter.gain - low < 0.11, "20 ms of 200 ms");
        (0..10).for_each(|_| limiter.rest());
        assert_eq!(limiter, Limiter::OPEN);
    }

    #[test]
    fn a_foreseen_peak_is_met_by_a_smooth_gain() {
        let mut limiter = Limiter::OPEN;
        let mut frame = [0.25; FRAME_SAMPLES];
        frame[650] = 2.0;
        limiter.process(CEILING, &mut frame);
        frame[650] = frame[649];
        let step_max = frame.windows(2).map(|it| (it[1] - it[0]).abs() / 0.25).fold(0.0, f32::max);
        assert!(step_max < 0.007, "{step_max}");
    }
}
