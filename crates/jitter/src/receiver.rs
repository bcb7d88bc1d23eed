//! The whole receiving end of one source: buffer, decoder, and the frame that a tick plays.

use std::time::Instant;

use codec::{CodecError, OpusDecoder};

use crate::{
    Inserted, JitterBuffer, JitterConfig, JitterStats, PacketRef, Playout, QUEUE_SAMPLES_MAX,
    TICK_SAMPLES,
};

/// Below this (−50 dBFS) a frame counts as quiet: excess delay may be cut unheard.
const QUIET_AMPLITUDE: f32 = 0.003;

/// Packets in, one frame of 20 ms out at each tick. Allocates nothing after [`Receiver::new`].
#[derive(Debug)]
pub struct Receiver {
    jitter: JitterBuffer,
    opus: OpusDecoder,
    /// Decoded samples that wait for their tick: `queue[..queued]`.
    queue: [f32; QUEUE_SAMPLES_MAX],
    queued: usize,
    frame: [f32; TICK_SAMPLES],
    has_sound: bool,
}

impl Receiver {
    /// An empty receiver.
    ///
    /// # Errors
    /// libopus has no memory for a decoder.
    pub fn new(config: JitterConfig) -> Result<Self, CodecError> {
        Ok(Self {
            jitter: JitterBuffer::new(config),
            opus: OpusDecoder::new()?,
            queue: [0.0; QUEUE_SAMPLES_MAX],
            queued: 0,
            frame: [0.0; TICK_SAMPLES],
            has_sound: false,
        })
    }

    /// Takes a packet that arrived at `now`, in any order. Its duration is found in its payload.
    pub fn insert(
        &mut self,
        now: Instant,
        sequence: u16,
        timestamp: u32,
        marker: bool,
        payload: &[u8],
    ) -> Inserted {
        let duration_samples = codec::packet::duration_samples(payload).unwrap_or(0);
        let packet = PacketRef { sequence, timestamp, marker, duration_samples, payload };
        let inserted = self.jitter.insert(now, packet);
        if inserted == Inserted::Restarted {
            self.opus.reset();
        }
        inserted
    }

    /// Decodes the frame that the tick at `now` plays; `None`: silence.
    pub fn tick(&mut self, now: Instant) -> Option<&[f32; TICK_SAMPLES]> {
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
        self.frame()
    }

    /// The frame of the last tick; `None`: silence.
    pub fn frame(&self) -> Option<&[f32; TICK_SAMPLES]> {
        self.has_sound.then_some(&self.frame)
    }

    /// Forgets everything that was received: for another source, or one that is heard again after
    /// a pause.
    pub fn reset(&mut self) {
        self.jitter.reset();
        self.opus.reset();
        self.queued = 0;
        self.has_sound = false;
    }

    /// What the buffer has seen and done.
    pub fn stats(&self) -> JitterStats {
        self.jitter.stats()
    }

    fn take_frame(&mut self) {
        let taken = self.queued.min(TICK_SAMPLES);
        self.frame[..taken].copy_from_slice(&self.queue[..taken]);
        self.frame[taken..].fill(0.0);
        self.queue.copy_within(taken..self.queued, 0);
        self.queued -= taken;
        self.jitter.set_quiet(self.frame.iter().all(|sample| sample.abs() < QUIET_AMPLITUDE));
    }
}
