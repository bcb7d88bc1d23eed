//! FLAC (RFC 9639), decoded by symphonia, with what it does not forgive mended in front of it.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

use symphonia::core::errors::Error as DecodeError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, ReadOnlySource};

use crate::pcm::fill;
use crate::sound::{Note, Sound, SoundError};

/// How a FLAC stream begins.
pub(crate) const FLAC_MAGIC: &[u8] = b"fLaC";
/// The stream's mark, a block's header and the block STREAMINFO (RFC 9639 §8.2).
const HEAD_BYTES: usize = 4 + 4 + 34;
/// Where STREAMINFO begins in it.
const INFO: usize = 8;
/// The smallest block allowed.
const BLOCK_MIN: u16 = 16;
/// An ID3v1 tag at the end of a file.
const ID3V1_BYTES: u64 = 128;

/// Reads the stream that begins at `begin`.
///
/// # Errors
/// [`SoundError`].
pub(crate) fn read(mut file: File, begin: u64) -> Result<Sound, SoundError> {
    let end = without_id3v1(&mut file)?;
    file.seek(SeekFrom::Start(begin))?;
    let mut head = [0; HEAD_BYTES];
    let filled = fill(&mut file, &mut head)?;
    let announced = if filled == HEAD_BYTES { mend(&mut head) } else { None };
    let rest = file.take(end.saturating_sub(begin + filled as u64));
    let mended = Cursor::new(head[..filled].to_vec()).chain(rest);
    let stream = MediaSourceStream::new(Box::new(ReadOnlySource::new(mended)), Default::default());
    let unreadable = |error: DecodeError| match error {
        DecodeError::IoError(error) if error.kind() != io::ErrorKind::UnexpectedEof => error.into(),
        error => SoundError::Broken(0.0, error.to_string()),
    };
    let format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, Default::default(), Default::default())
        .map_err(unreadable)?;
    let mut sound = decode(format, unreadable)?;
    if let Some(announced) = announced
        && !sound.is_cut
        && sound.notes.is_empty()
        && sound.len() < announced
    {
        let (there_s, announced_s) = (sound.duration_s(), sound.seconds(announced));
        sound.notes.push(Note::CutOff { there_s, announced_s });
    }
    Ok(sound)
}

/// Where the sound ends: before an ID3v1 tag, which taggers of MP3 append to any file.
fn without_id3v1(file: &mut File) -> Result<u64, SoundError> {
    let end = file.seek(SeekFrom::End(0))?;
    let Some(tag) = end.checked_sub(ID3V1_BYTES) else { return Ok(end) };
    let mut magic = [0; 3];
    file.seek(SeekFrom::Start(tag))?;
    Ok(if fill(file, &mut magic)? == 3 && &magic == b"TAG" { tag } else { end })
}

/// Takes out of STREAMINFO what streaming encoders leave unwritten and decoders stumble over: a
/// smallest block of 0, a total that is wrong. Returns the total, in samples, if one is named.
fn mend(head: &mut [u8; HEAD_BYTES]) -> Option<usize> {
    if head[4] & 0x7F != 0 || head[5..INFO] != [0, 0, 34] {
        return None;
    }
    let largest = u16::from_be_bytes([head[INFO + 2], head[INFO + 3]]);
    if u16::from_be_bytes([head[INFO], head[INFO + 1]]) < BLOCK_MIN {
        head.copy_within(INFO + 2..INFO + 4, INFO);
    }
    if largest < BLOCK_MIN {
        head[INFO..INFO + 4].copy_from_slice(&[0x00, 0x10, 0xFF, 0xFF]);
    }
    // 36 bits from the lower half of byte 13 on; 0 is "unknown".
    let total = &mut head[INFO + 13..INFO + 18];
    let announced =
        total.iter().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte)) & 0xF_FFFF_FFFF;
    total[0] &= 0xF0;
    total[1..].fill(0);
    usize::try_from(announced).ok().filter(|&announced| announced > 0)
}

fn decode(
    mut format: Box<dyn FormatReader + '_>,
    unreadable: impl Fn(DecodeError) -> SoundError,
) -> Result<Sound, SoundError> {
    let track = format.default_track(TrackType::Audio);
    let parameters = track.and_then(|track| track.codec_params.as_ref()?.audio());
    let parameters = parameters.ok_or(SoundError::Format("a FLAC without a sound track"))?;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &Default::default())
        .map_err(&unreadable)?;
    let mut sound: Option<Sound> = None;
    let mut interleaved: Vec<f32> = Vec::new();
    // Of frames that could not be decoded: silent if another one follows.
    let (mut lost, mut lost_before_s) = (0_usize, 0.0);
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(error) => {
                let Some(sound) = &mut sound else { return Err(unreadable(error)) };
                sound.notes.push(Note::Broken(sound.duration_s(), error.to_string()));
                break;
            }
        };
        let Ok(decoded) = decoder.decode(&packet) else {
            lost += usize::try_from(packet.dur.get()).unwrap_or(usize::MAX);
            continue;
        };
        let (rate_hz, count) = (decoded.spec().rate(), decoded.spec().channels().count());
        let sound = match &mut sound {
            Some(sound) => sound,
            empty => empty.insert(Sound::new(rate_hz, count)?),
        };
        if (sound.rate_hz, sound.channels.len()) != (rate_hz, count) {
            let why = "its rate or channels change".to_owned();
            sound.notes.push(Note::Broken(sound.duration_s(), why));
            break;
        }
        if lost > 0 {
            lost_before_s += sound.seconds(lost);
            sound.take_silence(std::mem::take(&mut lost));
        }
        decoded.copy_to_vec_interleaved(&mut interleaved);
        if sound.take(&interleaved) {
            break;
        }
    }
    let mut sound = sound.ok_or(SoundError::Empty)?;
    if lost_before_s > 0.0 {
        sound.notes.push(Note::Gap(lost_before_s));
    }
    if lost > 0 && !sound.is_cut {
        sound.notes.push(Note::Broken(sound.duration_s(), "the last frame is damaged".to_owned()));
    }
    Ok(sound)
}
