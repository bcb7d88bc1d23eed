//! What can be chosen about ramps, limiter and tones, and the limits of each choice.

use std::ops::RangeInclusive;

/// Longest gain ramp, ms: a removed source is silent after it. Shorter than the look-ahead of Opus's encoder (6.5 ms), so
/// that it is over within the packet of its frame even where packets are ahead of the mix by that.
const RAMP_MS: RangeInclusive<u32> = 1..=6;
const CEILING_DBFS: RangeInclusive<f32> = -5.0..=-0.1;
const MATCH_DB_MAX: RangeInclusive<f32> = 0.0..=12.0;
const FREQUENCY_HZ: RangeInclusive<f32> = 100.0..=8_000.0;
const TONE_DBFS: RangeInclusive<f32> = -60.0..=-6.0;
const ON_MS: RangeInclusive<u32> = 20..=2_000;
const OFF_MS: RangeInclusive<u32> = 0..=2_000;
const BURSTS: RangeInclusive<u32> = 1..=8;
const HOLD_PERIOD_MS: RangeInclusive<u32> = 500..=60_000;
const WHISPER_BEEP_MS_MAX: u32 = 300;
const BARGE_TONE_MS_MAX: u32 = 2_000;

/// How a [`Mixer`](crate::Mixer) ramps, limits and sounds.
#[derive(Clone, Debug, PartialEq)]
pub struct MixerConfig {
    /// Duration of a gain change, ms, 1 to 6. Default 5.
    pub ramp_ms: u32,
    /// Peak that no mix exceeds, dBFS, −5 to −0.1. Default −1. Below −6 dBFS nothing is changed.
    pub ceiling_dbfs: f32,
    /// By how much a coach is raised or lowered at most to be as loud as the caller to the coached agent, dB, 0 to 12. Default
    /// 12; with 0 they are left as they are.
    pub match_db_max: f32,
    /// For the coached agent, at most 300 ms. Default: 880 Hz, 2 × 100 ms with 60 ms between.
    pub whisper_beep: ToneConfig,
    /// For those whom the policy names, at most 2 s. Default: 620 Hz, 300 ms.
    pub barge_tone: ToneConfig,
    /// For a caller on hold. Default: 440 Hz, −30 dBFS, 2 × 150 ms with 150 ms between.
    pub hold_tone: ToneConfig,
    /// From one beginning of the hold tone to the next, ms, 500 to 60000. Default 5000.
    pub hold_period_ms: u32,
}

/// A sine that is switched on and off with soft edges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneConfig {
    /// Frequency, Hz, 100 to 8000.
    pub frequency_hz: f32,
    /// Level of the sine, −60 to −6 dBFS; a sine whose peaks touch full scale has 0 (AES17).
    pub level_dbfs: f32,
    /// Duration of one burst, edges included, ms, 20 to 2000.
    pub on_ms: u32,
    /// Silence between two bursts, ms, 0 to 2000.
    pub off_ms: u32,
    /// Number of bursts, 1 to 8.
    pub bursts: u32,
}

/// Which choice is out of its limits.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// See [`MixerConfig::ramp_ms`].
    #[error("ramp_ms is {0}; allowed are 1 to 6")]
    Ramp(u32),
    /// See [`MixerConfig::ceiling_dbfs`].
    #[error("ceiling_dbfs is {0}; allowed are -5 to -0.1")]
    Ceiling(f32),
    /// See [`MixerConfig::match_db_max`].
    #[error("match_db_max is {0}; allowed are 0 to 12")]
    Match(f32),
    /// See [`ToneConfig::frequency_hz`].
    #[error("frequency_hz of a tone is {0}; allowed are 100 to 8000")]
    Frequency(f32),
    /// See [`ToneConfig::level_dbfs`].
    #[error("level_dbfs of a tone is {0}; allowed are -60 to -6")]
    ToneLevel(f32),
    /// See [`ToneConfig::on_ms`].
    #[error("on_ms of a tone is {0}; allowed are 20 to 2000")]
    On(u32),
    /// See [`ToneConfig::off_ms`].
    #[error("off_ms of a tone is {0}; allowed are 0 to 2000")]
    Off(u32),
    /// See [`ToneConfig::bursts`].
    #[error("bursts of a tone is {0}; allowed are 1 to 8")]
    Bursts(u32),
    /// A tone as a whole is too long for its purpose.
    #[error("the {tone} lasts {ms} ms; allowed are at most {ms_max}")]
    ToneTooLong {
        /// Which tone.
        tone: &'static str,
        /// How long it would be.
        ms: u32,
        /// How long it may be.
        ms_max: u32,
    },
    /// See [`MixerConfig::hold_period_ms`].
    #[error("hold_period_ms is {0}; allowed are 500 to 60000")]
    HoldPeriod(u32),
}

impl Default for MixerConfig {
    fn default() -> Self {
        Self {
            ramp_ms: 5,
            ceiling_dbfs: -1.0,
            match_db_max: 12.0,
            whisper_beep: ToneConfig {
                frequency_hz: 880.0,
                level_dbfs: -20.0,
                on_ms: 100,
                off_ms: 60,
                bursts: 2,
            },
            barge_tone: ToneConfig {
                frequency_hz: 620.0,
                level_dbfs: -20.0,
                on_ms: 300,
                off_ms: 0,
                bursts: 1,
            },
            hold_tone: ToneConfig {
                frequency_hz: 440.0,
                level_dbfs: -30.0,
                on_ms: 150,
                off_ms: 150,
                bursts: 2,
            },
            hold_period_ms: 5_000,
        }
    }
}

impl MixerConfig {
    /// Checks every choice against its limits.
    ///
    /// # Errors
    /// The first [`ConfigError`] found.
    pub fn check(&self) -> Result<(), ConfigError> {
        within(RAMP_MS, self.ramp_ms, ConfigError::Ramp)?;
        within(CEILING_DBFS, self.ceiling_dbfs, ConfigError::Ceiling)?;
        within(MATCH_DB_MAX, self.match_db_max, ConfigError::Match)?;
        within(HOLD_PERIOD_MS, self.hold_period_ms, ConfigError::HoldPeriod)?;
        self.whisper_beep.check("whisper beep", WHISPER_BEEP_MS_MAX)?;
        self.barge_tone.check("barge tone", BARGE_TONE_MS_MAX)?;
        self.hold_tone.check("hold tone", self.hold_period_ms)
    }
}

impl ToneConfig {
    /// From the beginning of the first burst to the end of the last, ms.
    pub fn duration_ms(&self) -> u32 {
        self.bursts * self.on_ms + self.bursts.saturating_sub(1) * self.off_ms
    }

    fn check(&self, tone: &'static str, ms_max: u32) -> Result<(), ConfigError> {
        within(FREQUENCY_HZ, self.frequency_hz, ConfigError::Frequency)?;
        within(TONE_DBFS, self.level_dbfs, ConfigError::ToneLevel)?;
        within(ON_MS, self.on_ms, ConfigError::On)?;
        within(OFF_MS, self.off_ms, ConfigError::Off)?;
        within(BURSTS, self.bursts, ConfigError::Bursts)?;
        // No overflow: every factor was checked just now.
        let ms = self.duration_ms();
        if ms > ms_max { Err(ConfigError::ToneTooLong { tone, ms, ms_max }) } else { Ok(()) }
    }
}

/// NaN is within nothing.
fn within<T: PartialOrd + Copy>(
    limits: RangeInclusive<T>,
    value: T,
    error: fn(T) -> ConfigError,
) -> Result<(), ConfigError> {
    if limits.contains(&value) { Ok(()) } else { Err(error(value)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl Fn(&mut MixerConfig)) -> Result<(), ConfigError> {
        let mut config = MixerConfig::default();
        change(&mut config);
        config.check()
    }

    #[test]
    fn the_default_is_valid_and_keeps_the_promise_of_the_beep() {
        assert_eq!(with(|_| ()), Ok(()));
        let beep = MixerConfig::default().whisper_beep;
        assert!(beep.duration_ms() <= 300 && beep.bursts == 2 && beep.level_dbfs == -20.0);
    }

    #[test]
    fn every_limit_is_named() {
        assert_eq!(with(|c| c.ramp_ms = 7), Err(ConfigError::Ramp(7)));
        assert_eq!(with(|c| c.ramp_ms = 0), Err(ConfigError::Ramp(0)));
        assert_eq!(with(|c| c.ceiling_dbfs = 0.0), Err(ConfigError::Ceiling(0.0)));
        assert!(matches!(with(|c| c.ceiling_dbfs = f32::NAN), Err(ConfigError::Ceiling(_))));
        assert_eq!(with(|c| c.match_db_max = 13.0), Err(ConfigError::Match(13.0)));
        assert_eq!(with(|c| c.hold_period_ms = 1), Err(ConfigError::HoldPeriod(1)));
        assert_eq!(with(|c| c.barge_tone.frequency_hz = 9e9), Err(ConfigError::Frequency(9e9)));
        assert_eq!(with(|c| c.hold_tone.level_dbfs = 0.0), Err(ConfigError::ToneLevel(0.0)));
        assert_eq!(with(|c| c.hold_tone.on_ms = u32::MAX), Err(ConfigError::On(u32::MAX)));
        assert_eq!(with(|c| c.hold_tone.off_ms = 9_999), Err(ConfigError::Off(9_999)));
        assert_eq!(with(|c| c.hold_tone.bursts = 0), Err(ConfigError::Bursts(0)));
        let too_long = ConfigError::ToneTooLong { tone: "whisper beep", ms: 301, ms_max: 300 };
        assert_eq!(with(|c| c.whisper_beep.off_ms = 101), Err(too_long));
    }
}
