//! What one tick of a [`Receiver`](crate::Receiver) played, for whoever passes packets on instead of their sound.

use crate::{PAYLOAD_BYTES_MAX, TICK_SAMPLES};

/// What a tick played of a source.
#[derive(Debug, Clone)]
pub struct Played {
    kind: Kind,
    sequence: i64,
    payload_bytes: usize,
    payload: [u8; PAYLOAD_BYTES_MAX],
}

/// A packet that a tick played from its first sample to its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WholePacket<'a> {
    /// Its sequence number, unwrapped: what is missing between two packets was lost.
    pub sequence: i64,
    /// The Opus packet, of 20 ms.
    pub payload: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing yet, at the beginning of a packet.
    Begun,
    Silence,
    Missing,
    Whole,
    /// Anything else: a part of a packet, or several of them.
    Pieces,
}

impl Played {
    pub(crate) const SILENCE: Self = Self {
        kind: Kind::Silence,
        sequence: 0,
        payload_bytes: 0,
        payload: [0; PAYLOAD_BYTES_MAX],
    };

    /// The packet of 20 ms that was played, and nothing else.
    pub fn whole(&self) -> Option<WholePacket<'_>> {
        let payload = &self.payload[..self.payload_bytes];
        (self.kind == Kind::Whole).then_some(WholePacket { sequence: self.sequence, payload })
    }

    /// Whether a packet of 20 ms was missing, made up or restored: it may be lost, or late.
    pub fn is_missing(&self) -> bool {
        self.kind == Kind::Missing
    }

    /// Whether nothing was played: the source is silent.
    pub fn is_silence(&self) -> bool {
        self.kind == Kind::Silence
    }

    pub(crate) fn begin(&mut self, is_aligned: bool) {
        self.kind = if is_aligned { Kind::Begun } else { Kind::Pieces };
    }

    pub(crate) fn packet(&mut self, payload: &[u8], samples: usize) {
        self.note(Kind::Whole, samples);
        self.payload_bytes = payload.len();
        self.payload[..payload.len()].copy_from_slice(payload);
    }

    pub(crate) fn missing(&mut self, samples: usize) {
        self.note(Kind::Missing, samples);
    }

    pub(crate) fn silence(&mut self, samples: usize) {
        self.note(Kind::Silence, samples);
    }

    pub(crate) fn end(&mut self, is_aligned: bool, sequence: i64) {
        self.sequence = sequence;
        if self.kind == Kind::Begun || !is_aligned {
            self.kind = Kind::Pieces;
        }
    }

    fn note(&mut self, kind: Kind, samples: usize) {
        let is_all = self.kind == Kind::Begun && samples == TICK_SAMPLES;
        self.kind = if is_all { kind } else { Kind::Pieces };
    }
}
