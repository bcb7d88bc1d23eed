//! Measuring what was heard: tones and levels in a mono signal at 48 kHz.
//!
//! Pure functions. Levels are in dBFS; a full-scale sine has a tone level of 0 dBFS and an RMS of
//! −3 dBFS.

use std::f64::consts::TAU;

use crate::media::SAMPLE_RATE_HZ;

/// What is returned instead of −∞.
pub const SILENCE_DBFS: f32 = -150.0;

/// The level of a sine of `frequency_hz` in the signal, by a Hann-windowed Goertzel filter.
///
/// It tells tones apart that are some 4 / (signal length in s) Hz from each other: 20 Hz on a
/// fifth of a second.
pub fn tone_dbfs(signal: &[f32], frequency_hz: f32) -> f32 {
    if signal.len() < 2 {
        return SILENCE_DBFS;
    }
    let omega = TAU * f64::from(frequency_hz) / f64::from(SAMPLE_RATE_HZ);
    let coefficient = 2.0 * omega.cos();
    let window_step = TAU / signal.len() as f64;
    let (mut previous, mut before) = (0.0, 0.0);
    for (n, &sample) in signal.iter().enumerate() {
        let window = 0.5 - 0.5 * (window_step * n as f64).cos();
        let state = f64::from(sample) * window + coefficient * previous - before;
        before = previous;
        previous = state;
    }
    let power = previous * previous + before * before - coefficient * previous * before;
    // A Hann window passes half of the amplitude, a bin holds half of a real tone's.
    let amplitude = power.max(0.0).sqrt() * 4.0 / signal.len() as f64;
    to_db(amplitude)
}

/// The tone's level in one window after another: `levels[i]` is that of the samples from
/// `i * window_samples` on.
pub fn tone_track_dbfs(signal: &[f32], frequency_hz: f32, window_samples: usize) -> Vec<f32> {
    signal
        .chunks_exact(window_samples.max(1))
        .map(|window| tone_dbfs(window, frequency_hz))
        .collect()
}

/// The root mean square of the signal.
pub fn rms_dbfs(signal: &[f32]) -> f32 {
    if signal.is_empty() {
        return SILENCE_DBFS;
    }
    let power: f64 = signal.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    to_db((power / signal.len() as f64).sqrt())
}

/// The level of a frame as RFC 6464 carries it: 0 (full scale) to 127 (silence), in −dBov.
pub fn level_dbov(signal: &[f32]) -> u8 {
    // The clamp keeps it within 0..=127.
    (-rms_dbfs(signal)).round().clamp(0.0, 127.0) as u8
}

/// A sine at a tone level of `level_dbfs`, starting at phase 0.
pub fn sine(frequency_hz: f32, level_dbfs: f32, samples: usize) -> Vec<f32> {
    let amplitude = 10_f64.powf(f64::from(level_dbfs) / 20.0);
    let omega = TAU * f64::from(frequency_hz) / f64::from(SAMPLE_RATE_HZ);
    (0..samples).map(|n| (amplitude * (omega * n as f64).sin()) as f32).collect()
}

fn to_db(amplitude: f64) -> f32 {
    ((20.0 * amplitude.log10()) as f32).max(SILENCE_DBFS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_measured_and_its_neighbours_are_not() {
        let mut signal = sine(1000.0, -20.0, 9600);
        for (sample, other) in signal.iter_mut().zip(sine(1060.0, -40.0, 9600)) {
            *sample += other;
        }
        assert!((tone_dbfs(&signal, 1000.0) + 20.0).abs() < 0.1);
        assert!((tone_dbfs(&signal, 1060.0) + 40.0).abs() < 0.3);
        assert!(tone_dbfs(&signal, 1500.0) < -90.0);
        assert!(tone_dbfs(&signal, 300.0) < -90.0);
    }

    #[test]
    fn a_tone_that_begins_late_shows_in_the_track() {
        let mut signal = vec![0.0; 4800];
        signal.extend(sine(700.0, -10.0, 4800));
        let track = tone_track_dbfs(&signal, 700.0, 960);
        assert_eq!(track.len(), 10);
        assert!(track[..5].iter().all(|&level| level == SILENCE_DBFS));
        assert!(track[5..].iter().all(|level| (level + 10.0).abs() < 1.0));
    }

    #[test]
    fn levels_follow_rfc_6464() {
        assert_eq!(level_dbov(&[0.0; 960]), 127);
        assert_eq!(level_dbov(&[1.0; 960]), 0);
        assert_eq!(level_dbov(&sine(1000.0, -20.0, 960)), 23);
        assert_eq!(level_dbov(&[]), 127);
        assert_eq!(tone_dbfs(&[], 100.0), SILENCE_DBFS);
    }
}
