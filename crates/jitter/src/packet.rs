//! What goes in, and what comes out.

use crate::{GRAIN_SAMPLES, PACKET_SAMPLES_MAX};

/// One received RTP packet.
#[derive(Debug, Clone, Copy)]
pub struct PacketRef<'a> {
    /// RTP sequence number.
    pub sequence: u16,
    /// RTP timestamp of the first sample, 48 kHz.
    pub timestamp: u32,
    /// RTP marker: the first packet after a silence (RFC 7587 §4.1).
    pub marker: bool,
    /// How long the payload plays, samples; the codec's framing tells.
    pub duration_samples: usize,
    /// The payload.
    pub payload: &'a [u8],
}

impl PacketRef<'_> {
    pub(crate) fn is_valid(&self) -> bool {
        !self.payload.is_empty()
            && (GRAIN_SAMPLES..=PACKET_SAMPLES_MAX).contains(&self.duration_samples)
            && self.duration_samples.is_multiple_of(GRAIN_SAMPLES)
    }
}

/// What became of an inserted packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// It waits for its turn.
    Queued,
    /// It waits for its turn; older ones had to make room, up to [`crate::PACKETS_MAX`].
    Overflow,
    /// It waits for its turn as the first of a stream that began anew: numbering or clock jumped. What was stored is
    /// gone; the decoder's state belongs to the old stream.
    Restarted,
    /// Dropped: the same packet was here before.
    Duplicate,
    /// Dropped: its turn has passed.
    Late,
    /// Dropped: its numbering fits nothing. If the next packet goes on from there, the stream restarts (RFC 3550 A.1).
    Stray,
    /// Dropped: the payload is longer than [`crate::PAYLOAD_BYTES_MAX`].
    TooLarge,
    /// Dropped: no payload, or a duration that is not a multiple of 2.5 ms within 120 ms.
    Invalid,
}

/// What to play next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Playout<'a> {
    /// Decode this.
    Packet {
        /// The Opus packet.
        payload: &'a [u8],
        /// How long it plays, samples.
        duration_samples: usize,
    },
    /// A packet is missing, but the one after it is here and may carry a copy of it (RFC 6716 §2.1.7): decode
    /// `missing_samples` from in-band FEC. The packet itself comes with the next `pop`.
    Fec {
        /// The packet after the missing one.
        next_payload: &'a [u8],
        /// How much is missing, samples.
        missing_samples: usize,
    },
    /// Nothing is here: make up this much sound.
    Conceal {
        /// How much, samples.
        samples: usize,
    },
    /// The source is silent: play zeros, leave the decoder alone.
    Silence {
        /// How much, samples.
        samples: usize,
    },
    /// The tick has all its samples. The next `pop` belongs to the next tick.
    Covered,
}
