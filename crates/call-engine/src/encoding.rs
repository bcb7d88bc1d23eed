//! The encoder of the mixes that one leg leads.

use codec::{CodecError, FRAME_SAMPLES, OpusEncoder, OpusEncoderConfig};

/// Silent frames that are still encoded, so that the far decoder fades out instead of concealing.
const SILENT_FRAMES_SENT: u32 = 5;

/// An encoder, and whether its history still fits what it is given next.
pub(crate) struct Encoding {
    opus: OpusEncoder,
    last_tick: u64,
    silent_frames: u32,
}

impl Encoding {
    /// Makes an encoder. Allocates.
    pub fn new(config: OpusEncoderConfig) -> Result<Self, CodecError> {
        Ok(Self { opus: OpusEncoder::new(config)?, last_tick: 0, silent_frames: 0 })
    }

    /// Encodes the frame of `tick` into `out`; `None` when nothing need be sent: it has been
    /// silent for a while.
    pub fn encode(
        &mut self,
        tick: u64,
        frame: &[f32; FRAME_SAMPLES],
        is_silent: bool,
        out: &mut [u8],
    ) -> Option<usize> {
        self.silent_frames = if is_silent { self.silent_frames.saturating_add(1) } else { 0 };
        if self.silent_frames > SILENT_FRAMES_SENT {
            return None;
        }
        if self.last_tick + 1 != tick {
            self.opus.reset();
        }
        self.last_tick = tick;
        // The buffer is large enough and the frame whole, so libopus has nothing to object to.
        self.opus.encode_into(frame, out).ok().filter(|length| *length > 0)
    }
}
