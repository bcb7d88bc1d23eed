//! The packets of the mixes that one leg leads: encoded, or a talker's own in their place.
//!
//! Opus predicts each frame of speech from the signal before it, as the decoder has it. To a decoder
//! that was fed from elsewhere until now (a forwarded voice, another mix, another call), such frames
//! mean something else: tones have been seen to grow to full scale and stay there for a second. So a
//! stream begins with one frame of Opus's other layer, CELT, after which a decoder starts the speech
//! layer anew (RFC 6716 §4.5.2): just as the encoder does.
//!
//! Between a mix and its only talker's packets (see `talker`) that is not needed, because the decoder
//! was fed with the same sound: the encoder catches up on the last frames, whose packets nobody gets, and goes on where
//! the talker's packets end. For that the encoder is given the mix ahead of time by its own look-ahead, which takes the
//! frame after the one that is sent: such a mix is later by the rest of that frame, 13.5 ms.

use codec::{CodecError, FRAME_SAMPLES, OpusApplication, OpusEncoder, OpusEncoderConfig};
use interaction::{Slot, Source, SourceSet, Tone};
use mixer::{Mix, SlotSet};

use crate::past::Past;
use crate::talker::{Talker, Voice};

/// Silent frames that are still encoded, so that the far decoder fades out instead of concealing.
pub(crate) const SILENT_FRAMES_SENT: u32 = 5;
/// Frames that the encoder catches up on where it takes over from a talker's packets.
const CATCH_UP_FRAMES: usize = 3;
/// Where the mix is quieter than this (−50 dBFS), 13.5 ms of it may come twice.
const QUIET_AMPLITUDE: f32 = 0.003;

/// An encoder, and whether its history still fits what it is given next.
pub(crate) struct Encoding {
    speech: OpusEncoder,
    /// Makes the first frame of a stream.
    opening: OpusEncoder,
    /// The tick of the last frame.
    tick: u64,
    /// The tick of the last frame of which there was a packet; 0: none.
    sent_tick: u64,
    state: State,
    past: Past,
    /// Whether packets are ahead of the mix by the encoder's look-ahead.
    is_ahead: bool,
    was_steady: bool,
    /// What was in the last frame when it ended.
    lasting: SourceSet,
    silent_frames: u32,
    talker: Talker,
}

/// What the last frame became.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing that the next one could go on from.
    Cold,
    Encoded,
    /// A talker's packet: this source's, with this number, of this tick.
    Forwarded {
        from: Slot,
        sequence: i64,
        tick: u64,
    },
}

/// One frame to be made a packet of.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// The call's tick.
    pub tick: u64,
    pub mix: &'a Mix<'a>,
    /// A listener's decoder has another history than this encoder.
    pub opens: bool,
    /// Whether the row lets a source's own packets stand for it.
    pub may_forward: bool,
}

/// The packet that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    /// Bytes.
    pub length: usize,
    /// Whose packet it is; `None`: it was encoded.
    pub from: Option<Slot>,
    /// Packets of that source that were lost since its last one.
    pub lost: u16,
}

impl Encoding {
    /// Makes an encoder. Allocates.
    pub fn new(config: OpusEncoderConfig) -> Result<Self, CodecError> {
        let opening = OpusEncoderConfig { application: OpusApplication::LowDelay, ..config };
        Ok(Self {
            speech: OpusEncoder::new(config)?,
            opening: OpusEncoder::new(opening)?,
            tick: 0,
            sent_tick: 0,
            state: State::Cold,
            past: Past::EMPTY,
            is_ahead: false,
            was_steady: false,
            lasting: SourceSet::EMPTY,
            silent_frames: 0,
            talker: Talker::default(),
        })
    }

    /// Encodes with this effort from the next frame on, as far as libopus takes it.
    pub fn set_complexity(&mut self, complexity: u8) {
        // The configuration was checked at the start.
        let _ = self.speech.set_complexity(complexity);
    }

    /// Prepares for so much loss from the next frame on, percent; for none, no bit is spent.
    pub fn set_expected_loss_percent(&mut self, percent: u8) {
        for encoder in [&mut self.speech, &mut self.opening] {
            let _ = encoder.set_expected_loss_percent(percent.min(100));
        }
    }

    /// The tick of the last frame of which there was a packet; 0: none.
    pub fn sent_tick(&self) -> u64 {
        self.sent_tick
    }

    /// What may be heard in the packet of the frame of `tick` besides that frame: the end of the one before.
    pub fn pending(&self, tick: u64) -> SourceSet {
        if self.tick + 1 == tick { self.lasting } else { SourceSet::EMPTY }
    }

    /// Forgets the frames so far if any of these sources may be heard in the packet of the coming frame.
    pub fn forget_if_pending(&mut self, sources: SourceSet) {
        if self.lasting.iter().any(|source| sources.contains(source)) {
            self.forget();
        }
    }

    /// Forgets the frames so far: they must not be heard.
    pub fn forget(&mut self) {
        (self.state, self.is_ahead, self.lasting) = (State::Cold, false, SourceSet::EMPTY);
        self.past.clear();
        self.talker.mix();
    }

    /// Makes the packet of the next frame into `out`; `None` when nothing need be sent: it has been
    /// silent for a while, or the packet that would be passed on is missing. A stream opens where the last one did not go
    /// on to, and whenever the frame says so. `voices`: the sources of the row.
    pub fn make<'a>(
        &mut self,
        frame: Frame<'_>,
        voices: impl Iterator<Item = Voice<'a>> + Clone,
        out: &mut [u8],
    ) -> Option<Made> {
        let Frame { tick, mix, opens, may_forward } = frame;
        if self.tick + 1 != tick {
            self.forget();
        }
        self.tick = tick;
        self.past.push(mix.samples);
        self.lasting = mix.lasting;
        self.silent_frames = if mix.is_silent() { self.silent_frames.saturating_add(1) } else { 0 };
        if opens {
            self.state = State::Cold;
        }
        let is_cold = self.state == State::Cold;
        if is_cold {
            self.is_ahead = may_forward;
        } else if may_forward && self.past.is_below(QUIET_AMPLITUDE) {
            self.is_ahead = true;
        }
        let is_steady = mix.is_steady && self.was_steady;
        self.was_steady = mix.is_steady;
        let from = if is_cold || !is_steady || !self.is_ahead || !may_forward {
            self.talker.mix();
            None
        } else {
            self.talker.choose(voices.clone())
        };
        let made = match voices.clone().find(|voice| Some(voice.slot) == from) {
            Some(talker) => self.pass_on(talker, out),
            None => self.encode_mix(out),
        };
        if made.is_some() {
            self.sent_tick = tick;
        }
        made
    }

    /// Encodes a frame that is nobody's row: of one tone alone.
    pub fn encode_tone(
        &mut self,
        tick: u64,
        tone: Tone,
        samples: &[f32; FRAME_SAMPLES],
        out: &mut [u8],
    ) -> Option<usize> {
        let contains = SourceSet::EMPTY.with(Source::Tone(tone));
        let (listeners, lasting, is_steady) = (SlotSet::EMPTY, contains, false);
        let mix = Mix { listeners, samples, contains, lasting, is_steady };
        let frame = Frame { tick, mix: &mix, opens: false, may_forward: false };
        self.make(frame, std::iter::empty(), out).map(|made| made.length)
    }

    /// The packet that the talker's source sent for the frame before the present one.
    fn pass_on(&mut self, talker: Voice<'_>, out: &mut [u8]) -> Option<Made> {
        let (from, tick) = (talker.slot, self.tick);
        let Some(packet) = talker.played_before.whole() else {
            if !matches!(self.state, State::Forwarded { .. }) {
                self.state = State::Forwarded { from, sequence: 0, tick: 0 };
            }
            return None;
        };
        let sequence = packet.sequence;
        let lost = match self.state {
            State::Forwarded { from: last, sequence: before, tick: at }
                if last == from && at > 0 =>
            {
                // Where sound was made up without a loss, or left out, the numbers go on.
                let (passed, missed) = (tick.saturating_sub(at + 1), sequence - before - 1);
                missed.clamp(0, i64::try_from(passed).unwrap_or(0)).try_into().unwrap_or(0)
            }
            State::Forwarded { .. } | State::Cold | State::Encoded => 0,
        };
        self.state = State::Forwarded { from, sequence, tick };
        let length = packet.payload.len();
        out.get_mut(..length)?.copy_from_slice(packet.payload);
        Some(Made { length, from: Some(from), lost })
    }

    fn encode_mix(&mut self, out: &mut [u8]) -> Option<Made> {
        if self.silent_frames > SILENT_FRAMES_SENT {
            self.state = State::Cold;
            return None;
        }
        // The buffer is large enough and the frame whole, so libopus has nothing to object to.
        let encoded = match self.state {
            State::Cold => {
                self.speech.reset();
                self.opening.reset();
                let frame = self.past.until(0, self.end(self.opening.lookahead_samples()));
                self.opening.encode_into(&frame, out)
            }
            State::Forwarded { .. } => {
                self.speech.reset();
                for back in (1..=CATCH_UP_FRAMES.min(self.past.count())).rev() {
                    let frame = self.past.until(back, self.end(self.speech.lookahead_samples()));
                    let _ = self.speech.encode_into(&frame, out);
                }
                self.encode_speech(out)
            }
            State::Encoded => self.encode_speech(out),
        };
        self.state = State::Encoded;
        let length = encoded.ok().filter(|length| *length > 0)?;
        Some(Made { length, from: None, lost: 0 })
    }

    fn encode_speech(&mut self, out: &mut [u8]) -> Result<usize, CodecError> {
        let frame = self.past.until(0, self.end(self.speech.lookahead_samples()));
        self.speech.encode_into(&frame, out)
    }

    /// Where in the present frame the sound ends of which a packet is made.
    fn end(&self, lookahead_samples: usize) -> usize {
        if self.is_ahead { lookahead_samples.min(FRAME_SAMPLES) } else { FRAME_SAMPLES }
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
                let length = encoding.encode_tone(tick, Tone::Barge, &samples, &mut packet);
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
