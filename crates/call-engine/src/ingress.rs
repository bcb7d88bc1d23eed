//! The incoming side of one leg: when its packets came, and, while it is part of a mix, its receiver.

use std::time::{Duration, Instant};

use codec::{CodecError, FRAME_SAMPLES};
use jitter::{JitterConfig, Receiver};

use crate::RtpPacket;

/// The incoming side of one leg. Without a receiver it costs nothing: a leg whose packets are only
/// forwarded never has one.
#[derive(Default)]
pub(crate) struct Ingress {
    last_arrival: Option<Instant>,
    receiver: Option<Box<Receiver>>,
}

impl Ingress {
    /// Notes that an audible packet came.
    pub fn arrived(&mut self, now: Instant) {
        self.last_arrival = Some(now);
    }

    /// How long no packet has come; `None` before the first one.
    pub fn gap(&self, now: Instant) -> Option<Duration> {
        self.last_arrival.map(|at| now.saturating_duration_since(at))
    }

    /// Makes the playout buffer and the decoder, if they are not there. Allocates.
    pub fn provide_decoder(&mut self, config: JitterConfig) -> Result<(), CodecError> {
        if self.receiver.is_none() {
            self.receiver = Some(Box::new(Receiver::new(config)?));
        }
        Ok(())
    }

    /// Gives the playout buffer and the decoder back.
    pub fn release_decoder(&mut self) {
        self.receiver = None;
    }

    /// Queues a packet for the mix.
    pub fn queue(&mut self, now: Instant, packet: &RtpPacket<'_>) {
        let Some(receiver) = &mut self.receiver else { return };
        let RtpPacket { sequence, timestamp, marker, payload, .. } = *packet;
        receiver.insert(now, sequence, timestamp, marker, payload);
    }

    /// Decodes what the coming tick plays.
    pub fn decode_frame(&mut self, now: Instant) {
        if let Some(receiver) = &mut self.receiver {
            receiver.tick(now);
        }
    }

    /// The frame that the coming tick plays; `None`: silence.
    pub fn frame(&self) -> Option<&[f32; FRAME_SAMPLES]> {
        self.receiver.as_ref()?.frame()
    }

    /// Forgets everything that was queued: nobody hears this leg any more, and when somebody does
    /// again, it is not to begin with old words.
    pub fn flush(&mut self) {
        self.last_arrival = None;
        if let Some(receiver) = &mut self.receiver {
            receiver.reset();
        }
    }
}
