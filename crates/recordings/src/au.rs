//! Sun's and NeXT's AU (`.snd`), which telephone systems write G.711 into.

use std::io::{Read, Seek, SeekFrom};

use crate::foreign::Foreign;
use crate::pcm::{Encoding, Length, Order, Pcm};
use crate::sound::{Sound, SoundError};

/// How an AU file begins.
pub(crate) const AU_MAGIC: &[u8] = b".snd";
/// The header without its annotation.
const HEADER_BYTES: usize = 24;
/// The length of a file whose writer did not know it.
const LENGTH_UNKNOWN: u32 = u32::MAX;

/// Reads a file.
///
/// # Errors
/// [`SoundError`].
pub(crate) fn read(mut file: impl Read + Seek) -> Result<Sound, SoundError> {
    let mut header = [0; HEADER_BYTES];
    if crate::pcm::fill(&mut file, &mut header)? < HEADER_BYTES {
        return Err(SoundError::Format("its AU header is cut off"));
    }
    let (fields, _) = header.as_chunks::<4>();
    let field = |n: usize| u32::from_be_bytes(fields[n]);
    let (begin, length, code, rate_hz, channels) =
        (u64::from(field(1)), field(2), field(3), field(4), field(5) as usize);
    let encoding = match code {
        1 => Encoding::MuLaw,
        2 => Encoding::S8,
        3..=5 => Encoding::Integer { bytes: code as usize - 1 },
        6 => Encoding::Float { bytes: 4 },
        7 => Encoding::Float { bytes: 8 },
        27 => Encoding::ALaw,
        other => {
            return Err(SoundError::Foreign(Foreign::new(format!("AU with encoding {other}"))));
        }
    };
    let end = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(begin))?;
    let there = end.saturating_sub(begin);
    let announced = match length {
        LENGTH_UNKNOWN => Length::Open,
        0 if there > 0 => Length::Unfinished,
        bytes => Length::Bytes(bytes.into()),
    };
    Pcm { encoding, order: Order::Big, rate_hz, channels }.read(file, there, announced)
}
