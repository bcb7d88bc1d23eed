//! Sound files: what is in a WAV, FLAC or Ogg Opus file, at its own rate and at 48 kHz.
//!
//! A format is known by its content, not by the file's ending. Reading stops at
//! [`PARTY_DURATION_MAX`]: what comes after is not even decoded.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::time::Duration;

use client::media::SAMPLE_RATE_HZ;
use codec::CodecError;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as DecodeError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;

use super::ogg_opus;

/// The longest recording kept, of each party; the rest of a longer one is cut off.
pub const PARTY_DURATION_MAX: Duration = Duration::from_mins(10);
/// The lowest and the highest sampling rate read, Hz.
pub const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=48_000;
/// How an Ogg page begins (RFC 3533 §6).
const OGG_MAGIC: &[u8] = b"OggS";
/// Samples that the resampler takes at a time, about.
const RESAMPLER_CHUNK_SAMPLES: usize = 1024;

/// What is in a file.
#[derive(Debug)]
pub(super) struct Sound {
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
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, SoundError> {
        let mut file = File::open(path)?;
        let mut magic = Vec::new();
        file.by_ref().take(OGG_MAGIC.len() as u64).read_to_end(&mut magic)?;
        file.rewind()?;
        let mut sound = match magic.as_slice() {
            [] => return Err(SoundError::Empty),
            OGG_MAGIC => ogg_opus::read(io::BufReader::new(file))?,
            _ => read_pcm(file)?,
        };
        if sound.channels.first().is_none_or(Vec::is_empty) {
            return Err(SoundError::Empty);
        }
        for sample in sound.channels.iter_mut().flatten() {
            if !sample.is_finite() {
                return Err(SoundError::NotNumbers);
            }
            *sample = sample.clamp(-1.0, 1.0);
        }
        Ok(sound)
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

/// The most samples of a channel that are read at this rate.
pub(super) fn samples_max(rate_hz: u32) -> usize {
    PARTY_DURATION_MAX.as_secs() as usize * rate_hz as usize
}

fn read_pcm(file: File) -> Result<Sound, SoundError> {
    let unknown = |error: DecodeError| match error {
        DecodeError::IoError(error) if error.kind() != io::ErrorKind::UnexpectedEof => error.into(),
        error => SoundError::Unknown(error.to_string()),
    };
    let stream = MediaSourceStream::new(Box::new(file), Default::default());
    let format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, Default::default(), Default::default())
        .map_err(unknown)?;
    let track = format
        .default_track(TrackType::Audio)
        .ok_or_else(|| SoundError::Unknown("no sound track".to_owned()))?;
    let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
    let parameters =
        parameters.ok_or_else(|| SoundError::Unknown("no known encoding".to_owned()))?;
    let decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(unknown)?;
    let track = track.id;
    decode(format, decoder, track)
}

fn decode(
    mut format: Box<dyn FormatReader + '_>,
    mut decoder: Box<dyn AudioDecoder>,
    track: u32,
) -> Result<Sound, SoundError> {
    let mut sound = Sound { channels: Vec::new(), rate_hz: 0, is_cut: false };
    let mut interleaved: Vec<f32> = Vec::new();
    loop {
        let at_s = sound.channels.first().map_or(0, Vec::len) as f64
            / f64::from(sound.rate_hz.max(*RATES_HZ.start()));
        let broken = |error: DecodeError| SoundError::Broken(at_s, error.to_string());
        let Some(packet) = format.next_packet().map_err(broken)? else {
            return Ok(sound);
        };
        if packet.track_id != track {
            continue;
        }
        let decoded = decoder.decode(&packet).map_err(broken)?;
        let (rate_hz, count) = (decoded.spec().rate(), decoded.spec().channels().count());
        if sound.channels.is_empty() {
            check(rate_hz, count)?;
            sound.rate_hz = rate_hz;
            sound.channels = vec![Vec::new(); count];
        } else if (sound.rate_hz, sound.channels.len()) != (rate_hz, count) {
            return Err(SoundError::Broken(at_s, "its rate or channels change".to_owned()));
        }
        decoded.copy_to_vec_interleaved(&mut interleaved);
        if take(&mut sound, &interleaved) {
            return Ok(sound);
        }
    }
}

fn check(rate_hz: u32, channels: usize) -> Result<(), SoundError> {
    if !RATES_HZ.contains(&rate_hz) {
        return Err(SoundError::Rate(rate_hz));
    }
    if !(1..=2).contains(&channels) {
        return Err(SoundError::Channels(channels));
    }
    Ok(())
}

/// Adds interleaved samples; whether it is full.
pub(super) fn take(sound: &mut Sound, interleaved: &[f32]) -> bool {
    let (count, samples_max) = (sound.channels.len(), samples_max(sound.rate_hz));
    for (n, channel) in sound.channels.iter_mut().enumerate() {
        channel.extend(interleaved.iter().skip(n).step_by(count));
        sound.is_cut |= channel.len() > samples_max;
        channel.truncate(samples_max);
    }
    sound.is_cut
}
