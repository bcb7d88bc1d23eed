//! The encoder of the mixes that one leg leads.
//!
//! Opus predicts each frame of speech from the signal before it, as the decoder has it. To a decoder
//! that was fed from elsewhere until now (a forwarded voice, another mix, another call), such frames
//! mean something else: tones have been seen to grow to full scale and stay there for a second. So a
//! stream begins with one frame of Opus's other layer, CELT, after which a decoder starts the speech
//! layer anew (RFC 6716 §4.5.2): just as the encoder does.

use codec::{CodecError, FRAME_SAMPLES, OpusApplication, OpusEncoder, OpusEncoderConfig};

/// Silent frames that are still encoded, so that the far decoder fades out instead of concealing.
pub(crate) const SILENT_FRAMES_SENT: u32 = 5;

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

#[cfg(test)]
mod tests {
    use codec::{OPUS_PACKET_BYTES_MAX, OPUS_PACKET_SAMPLES_MAX, OpusDecoder};

    use super::*;

    const FRAMES: usize = 40;

    /// Two tones, each of −20 dBFS, as on a keypad: what the speech layer predicts best.
    fn two_tones(hz: [usize; 2], frame: usize) -> [f32; FRAME_SAMPLES] {
        let sine = |hz: usize, n: usize| {
            let turns = (hz * (frame * FRAME_SAMPLES + n)) as f64 / 48_000.0;
            0.1 * (std::f64::consts::TAU * turns.fract()).sin() as f32
        };
        std::array::from_fn(|n| sine(hz[0], n) + sine(hz[1], n))
    }

    /// The packets of a stream from an encoder of its own.
    fn stream(hz: [usize; 2]) -> Vec<Vec<u8>> {
        let mut encoding = Encoding::new(OpusEncoderConfig::default()).unwrap();
        (0..FRAMES)
            .map(|frame| {
                let mut packet = vec![0; OPUS_PACKET_BYTES_MAX];
                let (tick, samples) = (frame as u64 + 1, two_tones(hz, frame));
                let length = encoding.encode(tick, &samples, false, frame == 0, &mut packet);
                packet.truncate(length.unwrap());
                packet
            })
            .collect()
    }

    fn decode(decoder: &mut OpusDecoder, packets: &[Vec<u8>]) -> Vec<f32> {
        let mut room = [0.0; OPUS_PACKET_SAMPLES_MAX];
        let mut signal = Vec::new();
        for packet in packets {
            let samples = decoder.decode_into(packet, &mut room).unwrap();
            signal.extend_from_slice(&room[..samples]);
        }
        signal
    }

    #[test]
    fn a_stream_sounds_the_same_in_a_decoder_with_a_history() {
        let hz = |n: usize| 1_000 + 97 * (n % 23);
        for n in 0..20 {
            let before = stream([hz(n), hz(n * 5 + 3)]);
            let after = stream([hz(n * 7 + 1), hz(n * 11 + 2)]);
            let mut with_history = OpusDecoder::new().unwrap();
            decode(&mut with_history, &before[..20 + n]);
            let heard = decode(&mut with_history, &after);
            let wanted = decode(&mut OpusDecoder::new().unwrap(), &after);
            // The two frames in which one layer takes over from the other are faded.
            let pairs = heard.iter().zip(&wanted).skip(2 * FRAME_SAMPLES);
            let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 0.001, "trial {n}: it differs by {worst}");
        }
    }
}
