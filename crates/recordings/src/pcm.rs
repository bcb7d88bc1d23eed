//! Samples without a header of their own: PCM and G.711, as WAV and Sun's AU hold them and as
//! telephone systems write them raw. Decoded by symphonia.

use std::io::Read;

use symphonia::core::audio::Channels;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_PCM_ALAW, CODEC_ID_PCM_F32BE, CODEC_ID_PCM_F32LE, CODEC_ID_PCM_F64BE,
    CODEC_ID_PCM_F64LE, CODEC_ID_PCM_MULAW, CODEC_ID_PCM_S8, CODEC_ID_PCM_S16BE,
    CODEC_ID_PCM_S16LE, CODEC_ID_PCM_S24BE, CODEC_ID_PCM_S24LE, CODEC_ID_PCM_S32BE,
    CODEC_ID_PCM_S32LE, CODEC_ID_PCM_U8,
};
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters};
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

use crate::foreign::Foreign;
use crate::sound::{Note, Sound, SoundError};

/// As much of a file's beginning as tells what it is.
pub(crate) const HEAD_BYTES: usize = 32;
/// Frames (one sample of each channel) decoded at a time.
const FRAMES_AT_ONCE: usize = 4096;
/// The sampling rate of G.711 and of Asterisk's `.sln`, Hz.
const TELEPHONE_RATE_HZ: u32 = 8_000;

/// How a sample of one channel is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Of 8 bits, without a sign: WAV's.
    U8,
    /// Of 8 bits, with one: AU's.
    S8,
    /// Signed integers of 2 to 4 bytes.
    Integer { bytes: usize },
    /// Floating-point numbers of 4 or 8 bytes.
    Float { bytes: usize },
    /// ITU-T G.711, µ-law.
    MuLaw,
    /// ITU-T G.711, A-law.
    ALaw,
}

/// The order of bytes within a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Little,
    Big,
}

/// How sound is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pcm {
    pub encoding: Encoding,
    pub order: Order,
    pub rate_hz: u32,
    pub channels: usize,
}

/// What a header says about the length of what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// So many bytes.
    Bytes(u64),
    /// Whatever there is: it was written into a pipe.
    Open,
    /// Whatever there is, because nobody wrote the length.
    Unfinished,
}

impl Order {
    /// Four bytes as a number.
    pub fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    /// Two bytes as a number.
    pub fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }
}

impl Encoding {
    fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::S8 | Self::MuLaw | Self::ALaw => 1,
            Self::Integer { bytes } | Self::Float { bytes } => bytes,
        }
    }

    fn codec(self, order: Order) -> Result<AudioCodecId, SoundError> {
        use Order::{Big, Little};
        Ok(match (self, order) {
            (Self::U8, _) => CODEC_ID_PCM_U8,
            (Self::S8, _) => CODEC_ID_PCM_S8,
            (Self::MuLaw, _) => CODEC_ID_PCM_MULAW,
            (Self::ALaw, _) => CODEC_ID_PCM_ALAW,
            (Self::Integer { bytes: 2 }, Little) => CODEC_ID_PCM_S16LE,
            (Self::Integer { bytes: 2 }, Big) => CODEC_ID_PCM_S16BE,
            (Self::Integer { bytes: 3 }, Little) => CODEC_ID_PCM_S24LE,
            (Self::Integer { bytes: 3 }, Big) => CODEC_ID_PCM_S24BE,
            (Self::Integer { bytes: 4 }, Little) => CODEC_ID_PCM_S32LE,
            (Self::Integer { bytes: 4 }, Big) => CODEC_ID_PCM_S32BE,
            (Self::Float { bytes: 4 }, Little) => CODEC_ID_PCM_F32LE,
            (Self::Float { bytes: 4 }, Big) => CODEC_ID_PCM_F32BE,
            (Self::Float { bytes: 8 }, Little) => CODEC_ID_PCM_F64LE,
            (Self::Float { bytes: 8 }, Big) => CODEC_ID_PCM_F64BE,
            (Self::Integer { bytes } | Self::Float { bytes }, _) => {
                let what = format!("samples of {} bits", 8 * bytes);
                return Err(SoundError::Foreign(Foreign::new(what)));
            }
        })
    }
}

impl Pcm {
    /// What a telephone system writes without any header, told by the file's ending (lower case):
    /// Asterisk's `format_pcm.c` and `format_sln*.c`, and FreeSWITCH's `.PCMU` and `.PCMA`.
    pub fn by_ending(ending: &str) -> Option<Self> {
        let mono =
            |encoding, rate_hz| Self { encoding, order: Order::Little, rate_hz, channels: 1 };
        let linear = |rate_hz| mono(Encoding::Integer { bytes: 2 }, rate_hz);
        Some(match ending {
            "ulaw" | "ul" | "ulw" | "mu" | "mulaw" | "pcmu" => {
                mono(Encoding::MuLaw, TELEPHONE_RATE_HZ)
            }
            "alaw" | "al" | "alw" | "pcma" => mono(Encoding::ALaw, TELEPHONE_RATE_HZ),
            "sln" | "slin" | "sln8" => linear(TELEPHONE_RATE_HZ),
            "sln12" => linear(12_000),
            "sln16" => linear(16_000),
            "sln24" => linear(24_000),
            "sln32" => linear(32_000),
            "sln44" => linear(44_100),
            "sln48" => linear(48_000),
            "sln96" => linear(96_000),
            "sln192" => linear(192_000),
            _ => return None,
        })
    }

    /// Reads samples: as many as the header says, or as many as there are, with a note if that is
    /// not the same.
    ///
    /// # Errors
    /// [`SoundError`]; an encoding, rate or number of channels that can't be used.
    pub fn read(self, file: impl Read, there: u64, announced: Length) -> Result<Sound, SoundError> {
        let bytes = match announced {
            Length::Bytes(announced) => announced.min(there),
            Length::Open | Length::Unfinished => there,
        };
        let mut sound = self.decode(file.take(bytes))?;
        match announced {
            Length::Bytes(announced) if announced > there && !sound.is_cut => {
                let frame = (self.encoding.bytes() * self.channels) as f64;
                let announced_s = announced as f64 / frame / f64::from(self.rate_hz);
                let there_s = sound.duration_s();
                sound.notes.push(Note::CutOff { there_s, announced_s });
            }
            Length::Unfinished => sound.notes.push(Note::Unfinished),
            Length::Bytes(_) | Length::Open => {}
        }
        Ok(sound)
    }

    fn decode(self, mut file: impl Read) -> Result<Sound, SoundError> {
        let mut sound = Sound::new(self.rate_hz, self.channels)?;
        let broken = |at_s: f64, error: symphonia::core::errors::Error| {
            SoundError::Broken(at_s, error.to_string())
        };
        let mut parameters = AudioCodecParameters::new();
        parameters
            .for_codec(self.encoding.codec(self.order)?)
            .with_sample_rate(self.rate_hz)
            .with_channels(Channels::Discrete(self.channels as u16))
            .with_max_frames_per_packet(FRAMES_AT_ONCE as u64);
        let mut decoder = symphonia::default::get_codecs()
            .make_audio_decoder(&parameters, &Default::default())
            .map_err(|error| broken(0.0, error))?;
        let frame_bytes = self.encoding.bytes() * self.channels;
        let mut room = vec![0; FRAMES_AT_ONCE * frame_bytes];
        let mut interleaved: Vec<f32> = Vec::new();
        loop {
            let filled = fill(&mut file, &mut room)?;
            let frames = filled / frame_bytes;
            if frames == 0 {
                return Ok(sound);
            }
            let samples = &room[..frames * frame_bytes];
            let packet = Packet::new(0, Timestamp::ZERO, Duration::new(frames as u64), samples);
            let decoded =
                decoder.decode(&packet).map_err(|error| broken(sound.duration_s(), error))?;
            decoded.copy_to_vec_interleaved(&mut interleaved);
            if sound.take(&interleaved) {
                return Ok(sound);
            }
        }
    }
}

/// Reads until `room` is full or the file ends; how many bytes it was.
pub(crate) fn fill(file: &mut impl Read, room: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < room.len() {
        match file.read(&mut room[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
