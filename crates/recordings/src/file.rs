//! Sound files: what is in a WAV, FLAC or Ogg Opus file.
//!
//! A format is known by its content, not by the file's ending. Reading stops at
//! [`PARTY_DURATION_MAX`](crate::PARTY_DURATION_MAX): what comes after is not even decoded.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as DecodeError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;

use crate::ogg_opus;
use crate::sound::{RATES_HZ, Sound, SoundError};

/// How an Ogg page begins (RFC 3533 §6).
const OGG_MAGIC: &[u8] = b"OggS";

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Sound, SoundError> {
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
    let mut sound = Sound::empty(0, 0);
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
            sound = Sound::empty(rate_hz, count);
        } else if (sound.rate_hz, sound.channels.len()) != (rate_hz, count) {
            return Err(SoundError::Broken(at_s, "its rate or channels change".to_owned()));
        }
        decoded.copy_to_vec_interleaved(&mut interleaved);
        if sound.take(&interleaved) {
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
