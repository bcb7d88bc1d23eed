//! What a telephone itself has sent, kept until the Opus that was made of it goes out.
//!
//! The sound of an Opus packet is late by the encoder's look-ahead, and so are the bytes that stand beside it. Those
//! of G.722 are late by as much more as the two filter banks would be that stand between its encoder and its decoder:
//! what is coded anew goes through them, and what is passed on does not.

use crate::original::{Coding, FRAME_BYTES, Original};

/// The look-ahead of the Opus encoder: 6.5 ms, in bytes.
const LOOK_AHEAD: usize = 52;
/// The filter banks of G.722 (ITU-T G.722 §3.1, §4.4): 22 samples of 16 kHz, in bytes.
const FILTER_BANKS: usize = 11;
/// The larger one of both codecs.
const LATE_MAX: usize = LOOK_AHEAD + FILTER_BANKS;

/// The bytes of the frame that is being filled, after the last ones of the frame before.
pub(crate) struct OwnBytes {
    coding: Coding,
    bytes: [u8; LATE_MAX + FRAME_BYTES],
    /// How many of the last ones follow each other without a hole.
    run: usize,
}

impl OwnBytes {
    /// Silence, of what has a byte for it.
    pub fn new(coding: Coding) -> Self {
        let silence = match coding {
            Coding::G711(law) => law.silence(),
            Coding::G722 => 0,
        };
        Self { coding, bytes: [silence; LATE_MAX + FRAME_BYTES], run: 0 }
    }

    /// These come at this place of the frame. Both end within it.
    pub fn push(&mut self, at: usize, bytes: &[u8]) {
        let late = self.late();
        self.bytes[late + at..][..bytes.len()].copy_from_slice(bytes);
        self.run = (self.run + bytes.len()).min(self.bytes.len());
    }

    /// Between these places of the frame there is silence.
    pub fn leave_silent(&mut self, from: usize, to: usize) {
        let late = self.late();
        if let Coding::G711(law) = self.coding {
            self.bytes[late + from..late + to].fill(law.silence());
        }
        self.run = 0;
    }

    /// What comes next does not follow what came before.
    pub fn interrupt(&mut self) {
        self.run = 0;
    }

    /// The frame is whole: what stands beside its Opus, unless it has a hole that its codec has no byte for.
    pub fn frame(&self, position: u32) -> Option<Original<'_>> {
        let is_whole = match self.coding {
            Coding::G711(_) => true,
            Coding::G722 => self.run >= self.late() + FRAME_BYTES,
        };
        let bytes = self.bytes.first_chunk().filter(|_| is_whole)?;
        Some(Original { coding: self.coding, position, bytes })
    }

    /// The next frame begins.
    pub fn next_frame(&mut self) {
        self.bytes.copy_within(FRAME_BYTES.., 0);
    }

    fn late(&self) -> usize {
        match self.coding {
            Coding::G711(_) => LOOK_AHEAD,
            Coding::G722 => LATE_MAX,
        }
    }
}
