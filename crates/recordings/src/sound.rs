//! What is in a sound file, at its own rate and at 48 kHz; and why a file is of no use.

use std::io;
use std::time::Duration;

use codec::{CodecError, SAMPLE_RATE_HZ};
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};

/// The longest recording kept, of each party; the rest of a longer one is cut off.
pub const PARTY_DURATION_MAX: Duration = Duration::from_mins(10);
/// The lowest and the highest sampling rate read, Hz.
pub const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=48_000;
/// Samples that the resampler takes at a time, about.
const RESAMPLER_CHUNK_SAMPLES: usize = 1024;

/// What is in a file.
#[derive(Debug)]
pub(crate) struct Sound {
    /// One or two channels of equal length, −1.0 … 1.0.
    pub channels: Vec<Vec<f32>>,
    /// Sampling rate.
    pub rate_hz: u32,
    /// Whether the file goes on after [`PARTY_DURATION_MAX`].
    pub is_cut: bool,
}

/// Why a file is of no use. The text ends a sentence that begins with the file's name.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    /// It can't be read at all.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// It is something else.
    #[error("not a WAV, FLAC or Ogg Opus file ({0})")]
    Unknown(String),
    /// It breaks off, or contradicts its format.
    #[error("broken after {0:.1} s: {1}")]
    Broken(f64, String),
    /// Opus in a form that is not read.
    #[error("{0}")]
    Opus(&'static str),
    /// libopus refuses a packet.
    #[error("broken after {0:.1} s: {1}")]
    Packet(f64, CodecError),
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
    pub fn empty(rate_hz: u32, channels: usize) -> Self {
        Self { channels: vec![Vec::new(); channels], rate_hz, is_cut: false }
    }

    /// Adds interleaved samples; whether it is full.
    pub fn take(&mut self, interleaved: &[f32]) -> bool {
        let samples_max = PARTY_DURATION_MAX.as_secs() as usize * self.rate_hz as usize;
        let count = self.channels.len();
        for (n, channel) in self.channels.iter_mut().enumerate() {
            channel.extend(interleaved.iter().skip(n).step_by(count));
            self.is_cut |= channel.len() > samples_max;
            channel.truncate(samples_max);
        }
        self.is_cut
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
