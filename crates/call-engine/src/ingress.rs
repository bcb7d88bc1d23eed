//! The incoming side of one leg: when its packets came, and, while it is part of a mix, its
//! playout buffer and decoder.

use std::time::{Duration, Instant};

use codec::{CodecError, FRAME_SAMPLES, OpusDecoder};
use jitter::{Inserted, JitterBuffer, JitterConfig, PacketRef, Playout, QUEUE_SAMPLES_MAX};

use crate::RtpPacket;

/// The incoming side of one leg. Without a decoder it costs nothing: a leg whose packets are only
/// forwarded never has one.
#[derive(Default)]
pub(crate) struct Ingress {
    last_arrival: Option<Instant>,
    decoding: Option<Box<Decoding>>,
}

struct Decoding {
    jitter: JitterBuffer,
    opus: OpusDecoder,
    /// Decoded samples that wait for their tick: `queue[..queued]`.
    queue: [f32; QUEUE_SAMPLES_MAX],
    queued: usize,
    frame: [f32; FRAME_SAMPLES],
    has_sound: bool,
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
        if self.decoding.is_none() {
            self.decoding = Some(Box::new(Decoding {
                jitter: JitterBuffer::new(config),
                opus: OpusDecoder::new()?,
                queue: [0.0; QUEUE_SAMPLES_MAX],
                queued: 0,
                frame: [0.0; FRAME_SAMPLES],
                has_sound: false,
            }));
        }
        Ok(())
    }

    /// Gives the playout buffer and the decoder back.
    pub fn release_decoder(&mut self) {
        self.decoding = None;
    }

    /// Queues a packet for the mix.
    pub fn queue(&mut self, now: Instant, packet: &RtpPacket<'_>) {
        let Some(decoding) = &mut self.decoding else { return };
        let duration_samples = codec::packet::duration_samples(packet.payload).unwrap_or(0);
        let inserted = decoding.jitter.insert(
            now,
            PacketRef {
                sequence: packet.sequence,
                timestamp: packet.timestamp,
                marker: packet.marker,
                duration_samples,
                payload: packet.payload,
            },
        );
        if inserted == Inserted::Restarted {
            decoding.opus.reset();
        }
    }

    /// Decodes what the coming tick plays.
    pub fn decode_frame(&mut self, now: Instant) {
        if let Some(decoding) = &mut self.decoding {
            decoding.decode_frame(now);
        }
    }

    /// The frame that the coming tick plays; `None`: silence.
    pub fn frame(&self) -> Option<&[f32; FRAME_SAMPLES]> {
        self.decoding.as_ref().filter(|it| it.has_sound).map(|it| &it.frame)
    }

    /// Forgets everything that was queued: nobody hears this leg any more, and when somebody does
    /// again, it is not to begin with old words.
    pub fn flush(&mut self) {
        self.last_arrival = None;
        if let Some(decoding) = &mut self.decoding {
            decoding.flush();
        }
    }
}

impl Decoding {
    fn decode_frame(&mut self, now: Instant) {
        let mut has_sound = self.queued > 0;
        loop {
            let free = &mut self.queue[self.queued..];
            // A packet that does not decode sounds like a lost one would at its worst: silence.
            let (wanted, decoded) = match self.jitter.pop(now) {
                Playout::Covered => break,
                Playout::Packet { payload, duration_samples } => {
                    (duration_samples, self.opus.decode_into(payload, free))
                }
                Playout::Fec { next_payload, missing_samples } => {
                    let decoded = self.opus.decode_fec_into(next_payload, missing_samples, free);
                    (missing_samples, decoded)
                }
                Playout::Conceal { samples } => (samples, self.opus.conceal_into(samples, free)),
                Playout::Silence { samples } => {
                    let end = samples.min(free.len());
                    free[..end].fill(0.0);
                    self.queued += end;
                    continue;
                }
            };
            has_sound = true;
            let end = wanted.min(free.len());
            match decoded {
                Ok(samples) if samples < end => free[samples..end].fill(0.0),
                Ok(_) => {}
                Err(_) => free[..end].fill(0.0),
            }
            self.queued += end;
        }
        self.has_sound = has_sound;
        self.take_frame();
    }

    fn take_frame(&mut self) {
        let taken = self.queued.min(FRAME_SAMPLES);
        self.frame[..taken].copy_from_slice(&self.queue[..taken]);
        self.frame[taken..].fill(0.0);
        self.queue.copy_within(taken..self.queued, 0);
        self.queued -= taken;
        self.jitter.set_quiet(self.frame.iter().all(|sample| sample.abs() < QUIET_AMPLITUDE));
    }

    fn flush(&mut self) {
        self.jitter.reset();
        self.opus.reset();
        self.queued = 0;
        self.has_sound = false;
    }
}

/// Below this (−50 dBFS) a frame counts as quiet: excess delay may be cut unheard.
const QUIET_AMPLITUDE: f32 = 0.003;
