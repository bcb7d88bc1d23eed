//! Adding a source to a mix while its gain changes.

use crate::{FRAME_SAMPLES, Frame};

/// How the gain of a source moves within one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ramp {
    /// The amplitude before the frame's first sample.
    pub from: f32,
    /// The amplitude from sample `samples - 1` on.
    pub to: f32,
    /// Length of the way from one to the other; at most a frame.
    pub samples: usize,
}

/// A frame that is being summed.
///
/// Every summand is rounded to a multiple of 2⁻⁴⁶ first, so that the sum of all legs' samples is exact:
/// in which order voices are summed, and so in which order their legs joined, is in no bit of it.
pub(crate) type Sum = [f64; FRAME_SAMPLES];

/// In `64.0..128.0` a double counts in steps of 2⁻⁴⁶.
const GRID: f64 = 96.0;

fn summand(sample: f32) -> f64 {
    (f64::from(sample) + GRID) - GRID
}

impl Ramp {
    /// Adds `input` to `out`.
    pub fn add(self, input: &Frame, out: &mut Sum) {
        let ramped = if self.from == self.to { 0 } else { self.samples.min(FRAME_SAMPLES) };
        let (head, tail) = out.split_at_mut(ramped);
        let (head_in, tail_in) = input.split_at(ramped);
        let length = self.samples as f32;
        for (index, (sum, sample)) in head.iter_mut().zip(head_in).enumerate() {
            let way = (index + 1) as f32 / length;
            *sum += summand(sample * (self.from + (self.to - self.from) * way));
        }
        if self.to == 1.0 {
            tail.iter_mut().zip(tail_in).for_each(|(sum, sample)| *sum += summand(*sample));
        } else if self.to != 0.0 {
            let scaled = tail_in.iter().map(|sample| summand(sample * self.to));
            tail.iter_mut().zip(scaled).for_each(|(sum, sample)| *sum += sample);
        }
    }

    /// Whether anything of the source gets through.
    pub fn is_open(self) -> bool {
        self.from != 0.0 || self.to != 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(from: f32, to: f32, samples: usize) -> Frame {
        let mut out = [0.0; FRAME_SAMPLES];
        Ramp { from, to, samples }.add(&[1.0; FRAME_SAMPLES], &mut out);
        out.map(|sample| sample as f32)
    }

    #[test]
    fn a_sum_is_the_same_in_any_order() {
        let voices: [Frame; 5] = std::array::from_fn(|voice| {
            std::array::from_fn(|n| {
                ((n * 7 + voice * 131) as f32).sin() * 1e-4f32.powi(voice as i32)
            })
        });
        let sum = |order: [usize; 5]| {
            let mut sum = [0.0; FRAME_SAMPLES];
            for voice in order {
                Ramp { from: 1.0, to: 1.0, samples: 240 }.add(&voices[voice], &mut sum);
            }
            sum
        };
        let first = sum([0, 1, 2, 3, 4]);
        assert_eq!(first, sum([4, 3, 2, 1, 0]));
        assert_eq!(first, sum([2, 0, 4, 1, 3]));
    }

    #[test]
    fn a_removal_is_exactly_silent_after_the_ramp() {
        let out = applied(0.7, 0.0, 240);
        assert!(out[238] > 0.0);
        assert!(out[239..].iter().all(|gain| *gain == 0.0));
    }

    #[test]
    fn an_opening_is_at_its_gain_after_the_ramp_and_rises_evenly() {
        let out = applied(0.0, 1.0, 480);
        assert!(out[479..].iter().all(|gain| *gain == 1.0));
        assert!(out[..480].windows(2).all(|it| (it[1] - it[0] - 1.0 / 480.0).abs() < 1e-6));
        assert!(out[0] <= 1.0 / 480.0 + 1e-9);
    }

    #[test]
    fn a_settled_gain_is_constant() {
        assert_eq!(applied(0.5, 0.5, 240), [0.5; FRAME_SAMPLES]);
        assert_eq!(applied(0.0, 0.0, 240), [0.0; FRAME_SAMPLES]);
    }
}
