//! WAV, RF64, BW64 and RIFX: the walk through their chunks, up to the sound.
//!
//! Symphonia's reader takes a header at its word: a length that was never written, a chunk of another
//! size than usual or a file that was cut off make it refuse all of it. Here the data is believed more
//! than the header; the samples themselves are decoded by symphonia ([`crate::pcm`]).

use std::io::{self, Read, Seek, SeekFrom};

use crate::foreign::{Foreign, wav_codec};
use crate::pcm::{Encoding, Length, Order, Pcm, fill};
use crate::sound::{Sound, SoundError};

/// How such files begin: `RIFX` has its bytes in the other order; RF64 and BW64 (EBU Tech 3306, ITU-R
/// BS.2088) have lengths of 64 bits in a chunk `ds64`.
pub(crate) const RIFF_MAGICS: [&[u8]; 4] = [b"RIFF", b"RIFX", b"RF64", b"BW64"];

/// Lengths from here on are what writers put who did not know better: 0x7FFFFFFF, SoX's 0x7FFFF000,
/// ffmpeg's 0xFFFFFFFF.
const LENGTH_UNKNOWN_MIN: u32 = 0x7FFF_0000;
/// How far sound or its format is looked for where a chunk should begin and none does.
const SEARCHED_BYTES_MAX: usize = 1 << 20;
/// A chunk's name and length.
const CHUNK_HEADER_BYTES: u64 = 8;
/// As much of a format chunk as is of interest: WAVE_FORMAT_EXTENSIBLE's.
const FORMAT_BYTES_MAX: usize = 40;
/// Chunks that are known, to tell a missing pad byte.
const KNOWN: [&[u8; 4]; 14] = [
    b"fmt ", b"data", b"LIST", b"fact", b"ds64", b"bext", b"JUNK", b"junk", b"PAD ", b"id3 ",
    b"ID3 ", b"cue ", b"PEAK", b"iXML",
];

/// Reads a file.
///
/// # Errors
/// [`SoundError`].
pub(crate) fn read(mut file: impl Read + Seek) -> Result<Sound, SoundError> {
    let file_end = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut header = [0; 12];
    if fill(&mut file, &mut header)? < header.len() {
        return Err(SoundError::Format("its WAV header is cut off"));
    }
    if &header[8..] != b"WAVE" {
        return Err(SoundError::Foreign(Foreign::new("RIFF without WAVE")));
    }
    let order = if header.starts_with(b"RIFX") { Order::Big } else { Order::Little };
    let riff_end =
        CHUNK_HEADER_BYTES + u64::from(order.u32([header[4], header[5], header[6], header[7]]));
    let mut walk =
        Walk { file, order, at: header.len() as u64, from: header.len() as u64, file_end };
    let (mut format, mut data, mut long) = (None, None, None);
    while format.is_none() || data.is_none() {
        let Some(chunk) = walk.next()? else { break };
        match &chunk.id {
            b"fmt " if format.is_none() => format = Some(walk.format(chunk)?),
            b"data" if data.is_none() => data = Some(chunk),
            b"ds64" => long = walk.long_length(chunk)?,
            _ => {}
        }
    }
    let pcm = format.ok_or(SoundError::Format("a WAV without a format"))?;
    let data = data.ok_or(SoundError::Format("a WAV without sound: its data chunk is missing"))?;
    let there = file_end.saturating_sub(data.body);
    let announced = match (data.length, long) {
        (u32::MAX, Some(long)) if long > 0 => Length::Bytes(long),
        (length, _) if length >= LENGTH_UNKNOWN_MIN && u64::from(length) > there => Length::Open,
        // Behind the data of a finished file that has none may be other chunks.
        (0, _) if there > 0 && riff_end != file_end => Length::Unfinished,
        (length, _) => Length::Bytes(length.into()),
    };
    let Walk { mut file, .. } = walk;
    file.seek(SeekFrom::Start(data.body))?;
    pcm.read(file, there, announced)
}

/// A chunk: its name, where what it holds begins, and how long it says that this is.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    id: [u8; 4],
    body: u64,
    length: u32,
}

struct Walk<F> {
    file: F,
    order: Order,
    /// Where the next chunk should begin.
    at: u64,
    /// Where to look for it if it doesn't.
    from: u64,
    file_end: u64,
}

impl<F: Read + Seek> Walk<F> {
    /// The next chunk, also behind one that lies about its length or has no pad byte.
    fn next(&mut self) -> Result<Option<Chunk>, io::Error> {
        let unpadded = self.at.checked_sub(1).filter(|&at| at > self.from);
        let candidates = [Some(self.at), unpadded];
        let mut found = None;
        for at in candidates.into_iter().flatten() {
            let Some(chunk) = self.chunk(at)? else { continue };
            if KNOWN.contains(&&chunk.id) {
                found = Some(chunk);
                break;
            }
            let is_name = chunk.id.iter().all(|byte| (b' '..=b'~').contains(byte));
            if found.is_none() && is_name && chunk.end() <= self.file_end {
                found = Some(chunk);
            }
        }
        let found = match found {
            Some(chunk) => Some(chunk),
            None => self.search()?,
        };
        if let Some(chunk) = found {
            self.from = chunk.body;
            self.at = chunk.end() + chunk.end() % 2;
        }
        Ok(found)
    }

    fn chunk(&mut self, at: u64) -> Result<Option<Chunk>, io::Error> {
        let mut header = [0; CHUNK_HEADER_BYTES as usize];
        self.file.seek(SeekFrom::Start(at))?;
        if fill(&mut self.file, &mut header)? < header.len() {
            return Ok(None);
        }
        let [a, b, c, d, length @ ..] = header;
        let (id, length) = ([a, b, c, d], self.order.u32(length));
        Ok(Some(Chunk { id, body: at + CHUNK_HEADER_BYTES, length }))
    }

    /// The next format or sound after the last chunk's beginning, wherever it is.
    fn search(&mut self) -> Result<Option<Chunk>, io::Error> {
        let mut window = Vec::new();
        self.file.seek(SeekFrom::Start(self.from))?;
        self.file.by_ref().take(SEARCHED_BYTES_MAX as u64).read_to_end(&mut window)?;
        let place = window.windows(4).position(|four| four == b"fmt " || four == b"data");
        match place {
            Some(place) => self.chunk(self.from + place as u64),
            None => Ok(None),
        }
    }

    /// The length of the data in a chunk `ds64`, EBU Tech 3306 §4.
    fn long_length(&mut self, chunk: Chunk) -> Result<Option<u64>, io::Error> {
        let mut body = [0; 16];
        self.file.seek(SeekFrom::Start(chunk.body))?;
        let filled = fill(&mut self.file, &mut body)?;
        let [.., a, b, c, d, e, f, g, h] = body;
        Ok((filled == body.len()).then(|| u64::from_le_bytes([a, b, c, d, e, f, g, h])))
    }

    fn format(&mut self, chunk: Chunk) -> Result<Pcm, SoundError> {
        let mut body = [0; FORMAT_BYTES_MAX];
        let length = (chunk.length as usize).min(FORMAT_BYTES_MAX);
        self.file.seek(SeekFrom::Start(chunk.body))?;
        if length < 14 || fill(&mut self.file, &mut body[..length])? < length {
            return Err(SoundError::Format("its WAV format is cut off"));
        }
        let short = |at: usize| self.order.u16([body[at], body[at + 1]]);
        let rate_hz = self.order.u32([body[4], body[5], body[6], body[7]]);
        let (tag, channels, block, bits) =
            (short(0), usize::from(short(2)), usize::from(short(12)), usize::from(short(14)));
        let encoding = match (tag, length) {
            // WAVE_FORMAT_EXTENSIBLE: the first two bytes of its GUID are the tag; if it was left
            // out, PCM is what such files hold.
            (0xFFFE, 26..) => encoding(short(24), channels, block, bits)?,
            (0xFFFE, _) => encoding(1, channels, block, bits)?,
            (tag, _) => encoding(tag, channels, block, bits)?,
        };
        Ok(Pcm { encoding, order: self.order, rate_hz, channels })
    }
}

impl Chunk {
    /// Where it ends, by its own word.
    fn end(&self) -> u64 {
        self.body + u64::from(self.length)
    }
}

/// What a format tag means. A sample may fill less than its bytes (20 bits in 24): how many bytes it
/// has, a block's length tells.
fn encoding(tag: u16, channels: usize, block: usize, bits: usize) -> Result<Encoding, SoundError> {
    let by_block =
        (channels > 0 && block.is_multiple_of(channels)).then(|| block / channels.max(1));
    let bytes =
        by_block.filter(|&bytes| bytes > 0 && 8 * bytes >= bits).unwrap_or(bits.div_ceil(8));
    match tag {
        1 if bytes == 1 => Ok(Encoding::U8),
        1 => Ok(Encoding::Integer { bytes }),
        3 => Ok(Encoding::Float { bytes }),
        6 | 0x0102 => Ok(Encoding::ALaw),
        7 | 0x0101 => Ok(Encoding::MuLaw),
        other => Err(SoundError::Foreign(wav_codec(other))),
    }
}
