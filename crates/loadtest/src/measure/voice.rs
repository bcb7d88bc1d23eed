//! What the parties say: one voice for many, each at a place of its own in it.
//!
//! A voice is encoded once. Every party that uses it begins elsewhere, so that no two of them say
//! the same within the delays that are looked at: a voice and a delay together tell the party.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use client::media::OpusFrame;
use client::probe::level_dbov;
use codec::g722::G722Encoder;
use codec::{
    CodecError, FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OPUS_PACKET_SAMPLES_MAX, OpusDecoder,
    OpusEncoder, OpusEncoderConfig, g711,
};

use super::narrow::{LOBES, NARROW_RATE_HZ, Narrow};
use super::tag::Tag;
use crate::telephone::TelephoneCodec;

/// The pace of everything.
pub const FRAME: Duration = Duration::from_millis(20);
/// Samples of a frame at the rate at which voices are recognised.
pub const NARROW_FRAME: usize = NARROW_RATE_HZ / 50;
/// Quieter frames are pauses, −dBov: cut from voices that are to be heard at any moment.
const PAUSE_DBOV: u8 = 45;

/// With less to say than this a voice keeps its pauses: a click or two are nobody's.
const SPOKEN_MIN: Duration = Duration::from_millis(500);
/// On each side of a cut, samples: 5 ms.
const CUT_FADE: usize = FRAME_SAMPLES / 4;

/// Something to say, over and over.
#[derive(Debug)]
pub struct Voice {
    /// For the report.
    pub name: String,
    frames: Vec<OpusFrame>,
    /// The voice as a listener decodes it, at [`NARROW_RATE_HZ`]: what is looked for.
    narrow: Vec<f32>,
    /// The voice before it was encoded, 48 kHz, if it is to be compared with.
    sound: Option<Arc<[f32]>>,
    /// The same frames as telephones send them.
    telephone: Vec<(TelephoneCodec, Vec<Bytes>)>,
}

/// Fades out before a place and in after it.
fn fade_around(signal: &mut [f32], place: usize) {
    for n in 0..CUT_FADE.min(place).min(signal.len() - place) {
        let gain = n as f32 / CUT_FADE as f32;
        signal[place - 1 - n] *= gain;
        signal[place + n] *= gain;
    }
}

/// A signal at 48 kHz in frames of 20 ms of a telephone's codec. Not of Opus, which needs no other rate: of that
/// there are none.
pub(super) fn telephone_frames(signal: &[f32], codec: TelephoneCodec) -> Vec<Bytes> {
    let factor = match codec {
        TelephoneCodec::Pcma | TelephoneCodec::Pcmu => 48_000 / NARROW_RATE_HZ,
        TelephoneCodec::G722 => 3,
        TelephoneCodec::Opus => return Vec::new(),
    };
    let mut narrow = Narrow::by(factor);
    let mut samples = narrow.pass(signal);
    // The filter is late, and a telephone's caller is not.
    samples.extend(narrow.pass(&vec![0.0; LOBES * factor]));
    let samples: Vec<i16> = samples[LOBES..].iter().map(|it| (it * 32_768.0) as i16).collect();
    let mut g722 = G722Encoder::default();
    let frame = |piece: &[i16]| {
        let mut bytes = [0; NARROW_FRAME];
        let length = match codec {
            TelephoneCodec::Pcma => g711::encode_alaw_into(piece, &mut bytes),
            TelephoneCodec::Pcmu => g711::encode_ulaw_into(piece, &mut bytes),
            // Half as many bytes as samples: there is room.
            TelephoneCodec::G722 | TelephoneCodec::Opus => {
                g722.encode_into(piece, &mut bytes).unwrap_or(0)
            }
        };
        Bytes::copy_from_slice(&bytes[..length])
    };
    samples.chunks_exact(FRAME_SAMPLES / factor).map(frame).collect()
}

/// One party's use of a voice: `offset_frames` into it at `began`, and on from there.
#[derive(Debug, Clone)]
pub struct Speaker {
    /// The party's number.
    pub party: u16,
    /// The voice.
    pub voice: Arc<Voice>,
    /// When frame 0 was sent.
    pub began: Instant,
    /// Where in the voice frame 0 is.
    pub offset_frames: usize,
}

impl Voice {
    /// Encodes a mono signal at 48 kHz, an incomplete last frame left out.
    ///
    /// # Errors
    /// [`CodecError`], for want of memory.
    ///
    /// # Panics
    /// The signal is shorter than a frame.
    pub fn new(name: &str, signal: &[f32], config: OpusEncoderConfig) -> Result<Self, CodecError> {
        assert!(signal.len() >= FRAME_SAMPLES, "a voice has something to say");
        let mut encoder = OpusEncoder::new(config)?;
        let mut decoder = OpusDecoder::new()?;
        let mut packet = [0; OPUS_PACKET_BYTES_MAX];
        let mut room = [0.0; OPUS_PACKET_SAMPLES_MAX];
        let (pieces, _) = signal.as_chunks::<FRAME_SAMPLES>();
        let mut frames = Vec::with_capacity(pieces.len());
        let mut decoded = Vec::with_capacity(signal.len());
        for piece in pieces {
            let length = encoder.encode_into(piece, &mut packet)?;
            let samples = decoder.decode_into(&packet[..length], &mut room)?;
            decoded.extend_from_slice(&room[..samples]);
            frames.push(OpusFrame::new(packet[..length].to_vec(), level_dbov(piece)));
        }
        let narrow = Narrow::default().pass(&decoded);
        Ok(Self { name: name.to_owned(), frames, narrow, sound: None, telephone: Vec::new() })
    }

    /// Keeps what was encoded, too. At least as long as that.
    pub fn with_sound(self, sound: Arc<[f32]>) -> Self {
        Self { sound: Some(sound), ..self }
    }

    /// Can be said by telephone, too, in these codecs. The signal is the one that was encoded.
    pub fn with_telephone(self, signal: &[f32], codecs: &[TelephoneCodec]) -> Self {
        let signal = &signal[..self.len() * FRAME_SAMPLES];
        let own = codecs.iter().filter(|codec| **codec != TelephoneCodec::Opus);
        let telephone = own.map(|codec| (*codec, telephone_frames(signal, *codec))).collect();
        Self { telephone, ..self }
    }

    /// The signal without its pauses; each cut is faded, so that it does not click. Where hardly
    /// anything would be left, in a quiet recording, it stays as it is.
    pub fn without_pauses(signal: &[f32]) -> Vec<f32> {
        let mut spoken: Vec<f32> = Vec::with_capacity(signal.len());
        let mut was_pause = false;
        for frame in signal.chunks_exact(FRAME_SAMPLES) {
            let is_pause = level_dbov(frame) >= PAUSE_DBOV;
            if !is_pause {
                let cut = spoken.len();
                spoken.extend_from_slice(frame);
                if was_pause {
                    fade_around(&mut spoken, cut);
                }
            }
            was_pause = is_pause;
        }
        let spoken_min = FRAME_SAMPLES * (SPOKEN_MIN.as_millis() / FRAME.as_millis()) as usize;
        if spoken.len() < spoken_min { signal.to_vec() } else { spoken }
    }

    /// Frames until it begins again.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// A voice is never empty.
    pub fn is_empty(&self) -> bool {
        false
    }
}

impl Speaker {
    /// When frame `n` is to be sent.
    pub fn due(&self, n: u32) -> Instant {
        self.began + FRAME * n
    }

    /// Frame `n` with its mark.
    pub fn frame(&self, n: u32) -> OpusFrame {
        let plain = &self.voice.frames[self.place(n)];
        let tag = Tag { party: self.party, frame: n };
        match tag.put_on(&plain.payload) {
            Some(marked) => OpusFrame { payload: Bytes::from(marked), ..plain.clone() },
            None => plain.clone(),
        }
    }

    /// Frame `n` as a telephone sends it: of Opus with its mark. `None`: the voice was not made for that codec.
    pub fn telephone_frame(&self, codec: TelephoneCodec, n: u32) -> Option<Bytes> {
        if codec == TelephoneCodec::Opus {
            return Some(self.frame(n).payload);
        }
        let (_, frames) = self.voice.telephone.iter().find(|(of, _)| *of == codec)?;
        Some(frames[self.place(n)].clone())
    }

    /// When the first sample of frame `n` was spoken: a frame is sent once its last one was.
    pub fn spoken_at(&self, n: u32) -> Instant {
        // A clock that is younger than a frame does not happen: `began` comes after the set-up.
        let due = self.due(n);
        due.checked_sub(FRAME).unwrap_or(due)
    }

    /// What was said from `from` on, `samples` at [`NARROW_RATE_HZ`]; before the party began, silence.
    pub fn said(&self, from: Instant, samples: usize) -> Vec<f32> {
        self.from(&self.voice.narrow, NARROW_FRAME, from, samples)
    }

    /// The same at 48 kHz, before it was encoded; `None` if that was not kept.
    pub fn sound(&self, from: Instant, samples: usize) -> Option<Vec<f32>> {
        let sound = self.voice.sound.as_ref()?.get(..self.voice.len() * FRAME_SAMPLES)?;
        Some(self.from(sound, FRAME_SAMPLES, from, samples))
    }

    /// From a signal of so many samples a frame, that is said over and over.
    fn from(&self, signal: &[f32], frame: usize, from: Instant, samples: usize) -> Vec<f32> {
        let start = self.spoken_at(0);
        let rate = frame as f64 / FRAME.as_secs_f64();
        let at = match from.checked_duration_since(start) {
            Some(after) => (after.as_secs_f64() * rate).round() as i64,
            None => -((start - from).as_secs_f64() * rate).round() as i64,
        };
        let offset = (self.offset_frames * frame) as i64;
        (at..at + samples as i64)
            .map(|n| match usize::try_from(n) {
                Ok(_) => signal[(n + offset) as usize % signal.len()],
                Err(_) => 0.0,
            })
            .collect()
    }

    /// How far two parties are from each other in the same voice; `None`: they have different ones.
    pub fn distance(&self, other: &Self) -> Option<Duration> {
        if !Arc::ptr_eq(&self.voice, &other.voice) {
            return None;
        }
        let (early, late) = if self.began <= other.began { (self, other) } else { (other, self) };
        let length = FRAME.as_nanos() * self.voice.len() as u128;
        let place = |it: &Self| FRAME.as_nanos() * it.offset_frames as u128;
        let moved = (late.began - early.began).as_nanos();
        let apart = (place(early) + moved + length - place(late) % length) % length;
        let nanos = apart.min(length - apart);
        Some(Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
    }

    fn place(&self, n: u32) -> usize {
        (self.offset_frames + n as usize) % self.voice.len()
    }
}
