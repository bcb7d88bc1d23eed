//! Sound files: what is in a WAV, FLAC, Ogg Opus or AU file, or in a raw one of a telephone system.
//!
//! A format is known by its content, not by the file's ending; only sound without any header is told
//! by it. Reading stops at [`PARTY_DURATION_MAX`](crate::PARTY_DURATION_MAX): what comes after is not
//! even decoded.

use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::path::Path;

use crate::foreign::{self, Foreign};
use crate::pcm::{HEAD_BYTES, Length, Pcm, fill};
use crate::sound::{Sound, SoundError};
use crate::{au, flac, ogg_opus, riff};

/// How an Ogg page begins (RFC 3533 §6).
const OGG_MAGIC: &[u8] = b"OggS";
/// Endings of files that are read, besides those of [`Pcm::by_ending`].
pub(crate) const ENDINGS: [&str; 7] = ["wav", "wave", "flac", "opus", "ogg", "oga", "au"];
/// ID3v2 tags before the sound, at most; taggers of MP3 put them before anything.
const TAGS_MAX: usize = 8;

/// What a file is, by its beginning.
#[derive(Debug, PartialEq)]
pub(crate) enum Kind {
    Riff,
    Flac,
    Ogg,
    Au,
    Foreign(Foreign),
    /// Nothing that is known.
    Unknown,
}

impl Kind {
    /// What a file is that begins like this.
    pub fn of(head: &[u8]) -> Self {
        match head {
            _ if riff::RIFF_MAGICS.iter().any(|magic| head.starts_with(magic)) => Self::Riff,
            _ if head.starts_with(flac::FLAC_MAGIC) => Self::Flac,
            _ if head.starts_with(OGG_MAGIC) => Self::Ogg,
            _ if head.starts_with(au::AU_MAGIC) => Self::Au,
            _ => foreign::by_content(head).map_or(Self::Unknown, Self::Foreign),
        }
    }
}

/// Reads a file.
///
/// # Errors
/// [`SoundError`].
pub(crate) fn read(path: &Path) -> Result<Sound, SoundError> {
    let mut file = File::open(path)?;
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let (begin, head) = behind_tags(&mut file)?;
    if begin == 0 && head.is_empty() {
        return Err(SoundError::Empty);
    }
    let end = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    let sound = match Kind::of(&head) {
        // Their chunks are counted from the file's beginning; nobody puts a tag before one.
        Kind::Riff if begin == 0 => riff::read(BufReader::new(file))?,
        Kind::Au if begin == 0 => au::read(BufReader::new(file))?,
        Kind::Ogg => match (ogg_opus::read(BufReader::new(file)), foreign::by_ending(&ending)) {
            (Err(_), Some(foreign)) => return Err(SoundError::Foreign(foreign)),
            (read, _) => read?,
        },
        Kind::Flac => flac::read(file, begin)?,
        Kind::Riff | Kind::Au => return Err(SoundError::Unknown),
        kind => match (Pcm::by_ending(&ending), foreign::by_ending(&ending), kind) {
            (Some(raw), _, _) => raw.read(BufReader::new(file), end, Length::Open)?,
            (None, _, Kind::Foreign(foreign)) | (None, Some(foreign), _) => {
                return Err(SoundError::Foreign(foreign));
            }
            (None, None, _) if ENDINGS.contains(&ending.as_str()) => {
                return Err(SoundError::Unknown);
            }
            (None, None, _) => return Err(SoundError::Foreign(foreign::unknown())),
        },
    };
    sound.clipped()
}

/// Where the file begins behind its ID3v2 tags, and how; a file of tags alone keeps the first, which
/// names it as MP3.
fn behind_tags(file: &mut File) -> Result<(u64, Vec<u8>), SoundError> {
    let mut begin = 0;
    let mut first = None;
    for _ in 0..TAGS_MAX {
        let mut head = vec![0; HEAD_BYTES];
        file.seek(SeekFrom::Start(begin))?;
        let filled = fill(file, &mut head)?;
        head.truncate(filled);
        // ID3v2.4 §3.1: `ID3`, version, flags, a length in four times seven bits.
        let [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] = head[..] else {
            return Ok(match (Kind::of(&head), first) {
                (Kind::Unknown, Some(tag)) => (0, tag),
                _ => (begin, head),
            });
        };
        let length = [a, b, c, d].iter().fold(0, |sum, &byte| sum << 7 | u64::from(byte & 0x7F));
        let footer = if flags & 0x10 == 0 { 0 } else { 10 };
        begin += 10 + length + footer;
        first.get_or_insert(head);
    }
    Ok((0, first.unwrap_or_default()))
}
