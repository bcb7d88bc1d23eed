//! The encoder of the mixes that one leg leads.
//!
//! Opus predicts each frame of speech from the signal before it, as the decoder has it. To a decoder
//! that was fed from elsewhere until now (a forwarded voice, another mix, another call), such frames
//! mean something else: tones have been seen to grow to full scale and stay there for a second. So a
//! stream begins with one frame of Opus's other layer, CELT, after which a decoder starts the speech
//! layer anew (RFC 6716 §4.5.2): just as the encoder does.

use codec::{CodecError, FRAME_SAMPLES, OpusApplication, OpusEncoder, OpusEncoderConfig};

/// Silent frames that are still encoded, so that the far decoder fades out instead of concealing.
const SILENT_FRAMES_SENT: u32 = 5;

/// An encoder, and whether its history still fits what it is given next.
pub(crate) struct Encoding {
    speech: OpusEncoder,
    /// Makes the first frame of a stream.
    opening: OpusEncoder,
    last_tick: u64,
    silent_frames: u32,
}

impl Encoding {
    /// Makes an encoder. Allocates.
    pub fn new(config: OpusEncoderConfig) -> Result<Self, CodecError> {
        let opening = OpusEncoderConfig { application: OpusApplication::LowDelay, ..config };
        Ok(Self {
            speech: OpusEncoder::new(config)?,
            opening: OpusEncoder::new(opening)?,
            last_tick: 0,
            silent_frames: 0,
        })
    }

    /// The tick of the last frame that was encoded; 0: none.
    pub fn last_tick(&self) -> u64 {
        self.last_tick
    }

    /// Encodes the frame of `tick` into `out`; `None` when nothing need be sent: it has been
    /// silent for a while. A stream opens where the last one did not go on to, and whenever
    /// `opens` says so: a listener's decoder has another history than this encoder.
    pub fn encode(
        &mut self,
        tick: u64,
        frame: &[f32; FRAME_SAMPLES],
        is_silent: bool,
        opens: bool,
        out: &mut [u8],
    ) -> Option<usize> {
        self.silent_frames = if is_silent { self.silent_frames.saturating_add(1) } else { 0 };
        if self.silent_frames > SILENT_FRAMES_SENT {
            return None;
        }
        let opens = opens || self.last_tick + 1 != tick;
        self.last_tick = tick;
        // The buffer is large enough and the frame whole, so libopus has nothing to object to.
        let encoded = if opens {
            self.speech.reset();
            self.opening.reset();
            self.opening.encode_into(frame, out)
        } else {
            self.speech.encode_into(frame, out)
        };
        encoded.ok().filter(|length| *length > 0)
    }
}
