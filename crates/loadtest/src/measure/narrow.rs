//! From 48 kHz to 8 kHz: voices are recognised by what a telephone carries of them.

use std::f64::consts::PI;
use std::sync::LazyLock;

/// The rate at which voices are recognised, Hz.
pub const NARROW_RATE_HZ: usize = 8_000;
const FACTOR: usize = 48_000 / NARROW_RATE_HZ;
/// Six lobes of the sinc on each side.
const TAPS: usize = 12 * FACTOR + 1;
/// Below the new half rate, with room for the filter's slope, Hz.
const CUTOFF_HZ: f64 = 3_500.0;

/// A decimator by six: a windowed sinc (Hann).
#[derive(Debug)]
pub struct Narrow {
    history: [f32; TAPS - 1],
}

impl Default for Narrow {
    fn default() -> Self {
        Self { history: [0.0; TAPS - 1] }
    }
}

impl Narrow {
    /// The next part of the signal at the new rate, late by half the filter's taps. Takes whole multiples of
    /// six samples; what is over is left out.
    pub fn pass(&mut self, signal: &[f32]) -> Vec<f32> {
        static KERNEL: LazyLock<[f32; TAPS]> = LazyLock::new(kernel);
        let whole = signal.len() / FACTOR * FACTOR;
        let mut all = Vec::with_capacity(self.history.len() + whole);
        all.extend_from_slice(&self.history);
        all.extend_from_slice(&signal[..whole]);
        let narrow = (0..whole / FACTOR)
            .map(|n| {
                let window = &all[n * FACTOR..n * FACTOR + TAPS];
                window.iter().zip(&*KERNEL).map(|(a, b)| a * b).sum()
            })
            .collect();
        let kept = all.len() - self.history.len();
        self.history.copy_from_slice(&all[kept..]);
        narrow
    }
}

fn kernel() -> [f32; TAPS] {
    let middle = (TAPS / 2) as f64;
    let cutoff = 2.0 * CUTOFF_HZ / 48_000.0;
    std::array::from_fn(|n| {
        let x = n as f64 - middle;
        let sinc = if x == 0.0 { 1.0 } else { (PI * cutoff * x).sin() / (PI * cutoff * x) };
        let window = 0.5 + 0.5 * (PI * x / (middle + 1.0)).cos();
        (cutoff * sinc * window) as f32
    })
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
