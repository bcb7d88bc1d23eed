//! From 48 kHz to 8 kHz: voices are recognised by what a telephone carries of them.

use std::f64::consts::PI;

/// The rate at which voices are recognised, Hz.
pub const NARROW_RATE_HZ: usize = 8_000;
/// Lobes of the sinc on each side; so many samples of the new rate it is late.
pub const LOBES: usize = 6;
/// What passes, as a share of the new rate: the half, less room for the filter's slope.
const PASSED: f64 = 3_500.0 / 8_000.0;

/// A decimator by a whole factor: a windowed sinc (Hann).
#[derive(Debug)]
pub struct Narrow {
    factor: usize,
    kernel: Vec<f32>,
    history: Vec<f32>,
}

/// From 48 kHz to [`NARROW_RATE_HZ`].
impl Default for Narrow {
    fn default() -> Self {
        Self::by(48_000 / NARROW_RATE_HZ)
    }
}

impl Narrow {
    /// To a rate that is lower by this factor.
    pub fn by(factor: usize) -> Self {
        let kernel = kernel(factor);
        let history = vec![0.0; kernel.len() - 1];
        Self { factor, kernel, history }
    }

    /// The next part of the signal at the new rate, late by [`LOBES`] of its samples. Takes whole multiples of
    /// the factor; what is over is left out.
    pub fn pass(&mut self, signal: &[f32]) -> Vec<f32> {
        let whole = signal.len() / self.factor * self.factor;
        let mut all = Vec::with_capacity(self.history.len() + whole);
        all.extend_from_slice(&self.history);
        all.extend_from_slice(&signal[..whole]);
        let narrow = (0..whole / self.factor)
            .map(|n| {
                let window = &all[n * self.factor..][..self.kernel.len()];
                window.iter().zip(&self.kernel).map(|(a, b)| a * b).sum()
            })
            .collect();
        let kept = all.len() - self.history.len();
        self.history.copy_from_slice(&all[kept..]);
        narrow
    }
}

fn kernel(factor: usize) -> Vec<f32> {
    let taps = 2 * LOBES * factor + 1;
    let middle = (taps / 2) as f64;
    let cutoff = 2.0 * PASSED / factor as f64;
    let tap = |n: usize| {
        let x = n as f64 - middle;
        let sinc = if x == 0.0 { 1.0 } else { (PI * cutoff * x).sin() / (PI * cutoff * x) };
        let window = 0.5 + 0.5 * (PI * x / (middle + 1.0)).cos();
        (cutoff * sinc * window) as f32
    };
    (0..taps).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use client::probe::{rms_dbfs, sine};

    use super::*;

    #[test]
    fn what_a_telephone_carries_passes_and_the_rest_does_not() {
        let level = |hz| rms_dbfs(&Narrow::default().pass(&sine(hz, -20.0, 48_000))[1_000..]);
        assert!((level(1_000.0) + 23.0).abs() < 0.2, "{}", level(1_000.0));
        assert!((level(3_000.0) + 23.0).abs() < 2.0, "{}", level(3_000.0));
        assert!(level(5_000.0) < -60.0, "{}", level(5_000.0));
        assert!(level(9_000.0) < -70.0, "{}", level(9_000.0));
        let wide = |hz| rms_dbfs(&Narrow::by(3).pass(&sine(hz, -20.0, 48_000))[1_000..]);
        assert!((wide(6_000.0) + 23.0).abs() < 2.0, "{}", wide(6_000.0));
        assert!(wide(10_000.0) < -60.0, "{}", wide(10_000.0));
    }

    #[test]
    fn pieces_give_the_same_as_the_whole() {
        let signal = sine(700.0, -10.0, 9_600);
        let whole = Narrow::default().pass(&signal);
        let mut narrow = Narrow::default();
        let pieces: Vec<f32> = signal.chunks(960).flat_map(|piece| narrow.pass(piece)).collect();
        assert_eq!(whole, pieces);
        assert_eq!(whole.len(), 1_600);
    }
}
