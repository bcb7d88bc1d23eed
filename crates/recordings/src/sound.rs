//! What is in a sound file, at its own rate and at 48 kHz; and why a file is of no use.

use std::fmt;
use std::io;
use std::time::Duration;

use codec::{CodecError, SAMPLE_RATE_HZ};
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};

use crate::foreign::Foreign;

/// The longest recording kept, of each party; the rest of a longer one is cut off.
pub const PARTY_DURATION_MAX: Duration = Duration::from_mins(10);
/// The lowest and the highest sampling rate read, Hz.
pub const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=48_000;
/// Samples that the resampler takes at a time, about.
const RESAMPLER_CHUNK_SAMPLES: usize = 1024;
/// Above this share of samples beyond full scale it is said that they were clipped.
const CLIPPED_SHARE_TOLD: f64 = 0.001;

/// What is in a file.
#[derive(Debug)]
pub(crate) struct Sound {
    /// One or two channels of equal length, −1.0 … 1.0.
    pub channels: Vec<Vec<f32>>,
    /// Sampling rate.
    pub rate_hz: u32,
    /// Whether the file goes on after [`PARTY_DURATION_MAX`].
    pub is_cut: bool,
    /// What was wrong with the file, though its sound is used.
    pub notes: Vec<Note>,
}

/// What was wrong with a file that is used all the same. The text ends a sentence that begins with
/// the file's name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Note {
    /// The header says so many seconds, and so many are there.
    CutOff { there_s: f64, announced_s: f64 },
    /// A recorder that did not end properly left no length.
    Unfinished,
    /// What comes after so many seconds can't be read, for this reason.
    Broken(f64, String),
    /// So many seconds were lost within, and are silent now.
    Gap(f64),
    /// So many recordings one after the other in one file.
    Links(usize),
    /// This share of the samples is louder than full scale.
    Clipped(f64),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutOff { there_s, announced_s } => {
                write!(f, "cut off: {there_s:.1} s of {announced_s:.1} s are there, and used")
            }
            Self::Unfinished => f.write_str("its header was never finished: read to the end"),
            Self::Broken(at_s, why) => {
                write!(f, "broken after {at_s:.1} s ({why}): used up to there")
            }
            Self::Gap(lost_s) => {
                write!(f, "damaged: {lost_s:.2} s within can't be read and are silent")
            }
            Self::Links(count) => write!(f, "{count} recordings in one file, used one by one"),
            Self::Clipped(share) => {
                write!(f, "louder than full scale: {:.1} % of it is clipped", share * 100.0)
            }
        }
    }
}

/// Why a file is of no use. The text ends a sentence that begins with the file's name.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    /// It can't be read at all.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// It is something else.
    #[error("not a WAV, FLAC or Ogg Opus file")]
    Unknown,
    /// Sound of a kind that is not read.
    #[error("{0}")]
    Foreign(Foreign),
    /// It contradicts its format from the beginning on.
    #[error("{0}")]
    Format(&'static str),
    /// A decoder refuses it.
    #[error("broken after {0:.1} s: {1}")]
    Broken(f64, String),
    /// libopus refuses.
    #[error("broken: {0}")]
    Opus(#[from] CodecError),
    /// Outside [`RATES_HZ`].
    #[error("the sampling rate is {0} Hz; 8000 to 48000 Hz can be used")]
    Rate(u32),
    /// More than two channels, or none.
    #[error("it has {0} channels; one (of a pair) or two (left caller, right agent) can be used")]
    Channels(usize),
    /// Nothing in it.
    #[error("empty")]
    Empty,
    /// Values that are no numbers, in a floating-point file.
    #[error("it holds values that are not numbers")]
    NotNumbers,
    /// The resampler refuses.
    #[error("resampling: {0}")]
    Resampling(String),
}

impl Sound {
    /// Nothing yet, at this rate.
    ///
    /// # Errors
    /// A rate or a number of channels that can't be used.
    pub fn new(rate_hz: u32, channels: usize) -> Result<Self, SoundError> {
        if !(1..=2).contains(&channels) {
            return Err(SoundError::Channels(channels));
        }
        if !RATES_HZ.contains(&rate_hz) {
            return Err(SoundError::Rate(rate_hz));
        }
        let channels = vec![Vec::new(); channels];
        Ok(Self { channels, rate_hz, is_cut: false, notes: Vec::new() })
    }

    /// Samples of each channel so far.
    pub fn len(&self) -> usize {
        self.channels.first().map_or(0, Vec::len)
    }

    /// Seconds so far.
    pub fn duration_s(&self) -> f64 {
        self.seconds(self.len())
    }

    /// What so many samples of a channel last.
    pub fn seconds(&self, samples: usize) -> f64 {
        samples as f64 / f64::from(self.rate_hz)
    }

    fn samples_max(&self) -> usize {
        PARTY_DURATION_MAX.as_secs() as usize * self.rate_hz as usize
    }

    /// Adds interleaved samples; whether it is full.
    pub fn take(&mut self, interleaved: &[f32]) -> bool {
        let (samples_max, count) = (self.samples_max(), self.channels.len());
        for (n, channel) in self.channels.iter_mut().enumerate() {
            channel.extend(interleaved.iter().skip(n).step_by(count));
            self.is_cut |= channel.len() > samples_max;
            channel.truncate(samples_max);
        }
        self.is_cut
    }

    /// Adds silence in place of what was lost, as far as there is room.
    pub fn take_silence(&mut self, samples: usize) {
        let length = (self.len() + samples).min(self.samples_max());
        self.channels.iter_mut().for_each(|channel| channel.resize(length, 0.0));
    }

    /// Clips what is louder than full scale, and says so if it is more than a few peaks.
    ///
    /// # Errors
    /// Nothing in it, or values that are no numbers.
    pub fn clipped(mut self) -> Result<Self, SoundError> {
        if self.len() == 0 {
            return Err(SoundError::Empty);
        }
        let mut beyond = 0_usize;
        for sample in self.channels.iter_mut().flatten() {
            if !sample.is_finite() {
                return Err(SoundError::NotNumbers);
            }
            beyond += usize::from(sample.abs() > 1.0);
            *sample = sample.clamp(-1.0, 1.0);
        }
        let share = beyond as f64 / (self.len() * self.channels.len()) as f64;
        if share > CLIPPED_SHARE_TOLD {
            self.notes.push(Note::Clipped(share));
        }
        Ok(self)
    }

    /// The same at 48 kHz: band-limited, its beginning where it was.
    pub fn resampled(mut self) -> Result<Self, SoundError> {
        if self.rate_hz == SAMPLE_RATE_HZ {
            return Ok(self);
        }
        for channel in &mut self.channels {
            *channel = resample(channel, self.rate_hz)
                .map_err(|error| SoundError::Resampling(error.to_string()))?;
        }
        Ok(Self { rate_hz: SAMPLE_RATE_HZ, ..self })
    }
}

fn resample(
    signal: &[f32],
    rate_hz: u32,
) -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>> {
    let (from, to) = (rate_hz as usize, SAMPLE_RATE_HZ as usize);
    let mut resampler = Fft::<f32>::new(from, to, RESAMPLER_CHUNK_SAMPLES, 1, FixedSync::Both)?;
    let input = InterleavedSlice::new(signal, 1, signal.len())?;
    Ok(resampler.process_all(&input, signal.len(), None)?.take_data())
}
