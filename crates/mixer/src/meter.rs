//! How loud a source is, and whether somebody speaks.

use crate::{FRAME_SAMPLES, Frame};

/// The lowest level that a meter shows: silence.
pub const LEVEL_DBFS_MIN: i8 = -127;

/// Decoders may overshoot full scale a little; beyond +12 dBFS it is a fault, not sound.
const SAMPLE_MAGNITUDE_MAX: f32 = 4.0;
/// −120 dBFS: a frame that stays below is silence, which also keeps denormals out of the sums.
const AUDIBLE: f32 = 1e-6;

/// 2 dB a frame: a meter that falls 100 dB in a second.
const RELEASE_PER_FRAME: f32 = 0.630_957_3;
/// −45 dBov, as a power.
const SPEECH_BEGINS: f32 = 3.162_277_7e-5;
/// −50 dBov, as a power.
const SPEECH_LASTS: f32 = 1e-5;
/// Shorter sounds are clicks, not speech.
const SPEECH_FRAMES_MIN: u8 = 2;
/// 300 ms: a pause between words.
const HANGOVER_FRAMES: u8 = 15;

/// What a meter shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Root mean square of 20 ms against full scale, −127 to 0 (the dBov of RFC 6464: a sine
    /// whose peaks touch full scale has −3). Rises at once and falls by 100 dB/s.
    pub dbfs: i8,
    /// Somebody speaks: from two frames above −45 on until 300 ms below −50 have passed.
    pub speaking: bool,
}

/// One frame, measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Measured {
    /// Not a number, infinite, or far beyond full scale: a decoder's fault.
    Unusable,
    /// Below −120 dBFS throughout.
    Silence,
    /// The mean square.
    Sound(f32),
}

/// Follows the level of one source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Meter {
    power: f32,
    loud_frames: u8,
    hangover_frames: u8,
}

impl Meter {
    /// Takes the mean square of the frame that was just played.
    pub fn update(&mut self, power: f32) {
        self.power = power.max(self.power * RELEASE_PER_FRAME);
        if self.power < AUDIBLE * AUDIBLE {
            self.power = 0.0;
        }
        let is_loud = power >= SPEECH_BEGINS;
        self.loud_frames = if is_loud { self.loud_frames.saturating_add(1) } else { 0 };
        let begins = self.loud_frames >= SPEECH_FRAMES_MIN;
        if begins || (self.hangover_frames > 0 && power >= SPEECH_LASTS) {
            self.hangover_frames = HANGOVER_FRAMES;
        } else {
            self.hangover_frames = self.hangover_frames.saturating_sub(1);
        }
    }

    /// What the meter shows now.
    pub fn level(&self) -> Level {
        let dbfs = 10.0 * self.power.log10();
        let dbfs = dbfs.round().clamp(f32::from(LEVEL_DBFS_MIN), 0.0) as i8;
        Level { dbfs, speaking: self.hangover_frames > 0 }
    }
}

/// Measures a frame, in lanes of their own so that the compiler can use vector instructions.
pub(crate) fn measure(frame: &Frame) -> Measured {
    let mut peaks = [0.0f32; 8];
    let mut squares = [0.0f32; 8];
    for chunk in frame.chunks_exact(peaks.len()) {
        for ((peak, square), sample) in peaks.iter_mut().zip(&mut squares).zip(chunk) {
            *peak = peak.max(sample.abs());
            *square += sample * sample;
        }
    }
    // `max` passes over a NaN, the sum does not.
    let peak = peaks.into_iter().fold(0.0, f32::max);
    let square: f32 = squares.iter().sum();
    if !square.is_finite() || peak > SAMPLE_MAGNITUDE_MAX {
        Measured::Unusable
    } else if peak < AUDIBLE {
        Measured::Silence
    } else {
        Measured::Sound(square / FRAME_SAMPLES as f32)
    }
}

/// The mean square that shows as `dbfs`.
pub(crate) fn power_of(dbfs: i8) -> f32 {
    if dbfs <= LEVEL_DBFS_MIN { 0.0 } else { 10f32.powf(f32::from(dbfs.min(0)) / 10.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(power: f32) -> i8 {
        let mut meter = Meter::default();
        meter.update(power);
        meter.level().dbfs
    }

    #[test]
    fn levels_are_rms_against_full_scale() {
        let sine: Frame =
            std::array::from_fn(|index| (std::f32::consts::TAU * index as f32 / 48.0).sin());
        let Measured::Sound(power) = measure(&sine) else { panic!("a sine is sound") };
        assert_eq!(shown(power), -3);
        assert_eq!(shown(1.0), 0);
        assert_eq!(shown(0.0), LEVEL_DBFS_MIN);
        assert!((-126..=0).all(|dbfs| shown(power_of(dbfs)) == dbfs.max(-120) || dbfs < -120));
    }

    #[test]
    fn faults_and_silence_are_told_apart() {
        let with = |sample| {
            let mut frame = [0.1; FRAME_SAMPLES];
            frame[777] = sample;
            measure(&frame)
        };
        for fault in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -4.1, f32::MAX] {
            assert_eq!(with(fault), Measured::Unusable);
        }
        assert!(matches!(with(-4.0), Measured::Sound(_)));
        assert_eq!(measure(&[1e-40; FRAME_SAMPLES]), Measured::Silence);
        assert_eq!(measure(&[0.0; FRAME_SAMPLES]), Measured::Silence);
    }

    #[test]
    fn a_meter_falls_by_100_db_a_second() {
        let mut meter = Meter::default();
        meter.update(power_of(-10));
        (0..25).for_each(|_| meter.update(0.0));
        assert_eq!(meter.level().dbfs, -60);
        (0..100).for_each(|_| meter.update(0.0));
        assert_eq!(meter.level().dbfs, LEVEL_DBFS_MIN);
    }

    #[test]
    fn speaking_begins_late_and_ends_late() {
        let mut meter = Meter::default();
        meter.update(power_of(-20));
        assert!(!meter.level().speaking, "a click is not speech");
        meter.update(power_of(-20));
        assert!(meter.level().speaking);
        // Between the thresholds speech lasts, for ever.
        (0..100).for_each(|_| meter.update(power_of(-48)));
        assert!(meter.level().speaking);
        (0..HANGOVER_FRAMES - 1).for_each(|_| meter.update(0.0));
        assert!(meter.level().speaking);
        meter.update(0.0);
        assert!(!meter.level().speaking);
        (0..100).for_each(|_| meter.update(power_of(-48)));
        assert!(!meter.level().speaking, "and does not begin there");
    }
}
