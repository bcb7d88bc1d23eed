//! The packets of the mixes that one leg leads: encoded, or a talker's own in their place.
//!
//! Opus predicts each frame of speech from the signal before it, as the decoder has it. To a decoder
//! that was fed from elsewhere until now (a forwarded voice, another mix, another call), such frames
//! mean something else: tones have been seen to grow to full scale and stay there for a second. So a
//! stream begins with one frame of Opus's other layer, CELT, after which a decoder starts the speech
//! layer anew (RFC 6716 §4.5.2): just as the encoder does.
//!
//! Where the decoder was fed with the same sound that is not needed: the encoder catches up on the last frames, whose
//! packets nobody gets, and goes on where the others end. That is so between a mix and its only talker's packets (see
//! `talker`), between two leaders of one mix, and where a voice was passed on until now that is mixed from now on. For the
//! talker the encoder is given the mix ahead of time by its own look-ahead, which takes the frame after the one that is
//! sent: such a mix is later by the rest of that frame, 13.5 ms. After a voice that was passed on it is later by as much as
//! fits the voice (see `joint`), until there is a pause.

use codec::{CodecError, FRAME_SAMPLES, OpusApplication, OpusEncoder, OpusEncoderConfig};
use interaction::{Slot, Source, SourceSet, Tone};
use mixer::{Mix, SlotSet};

use crate::joint;
use crate::past::Past;
use crate::talker::{Talker, Voice};

/// Silent frames that are still encoded, so that the far decoder fades out instead of concealing.
pub(crate) const SILENT_FRAMES_SENT: u32 = 5;
/// Frames that the encoder catches up on where it takes over from a talker's packets.
const CATCH_UP_FRAMES: usize = 3;
/// Where the mix is quieter than this (−50 dBFS), 13.5 ms of it may come twice, or not at all.
pub(crate) const QUIET_AMPLITUDE: f32 = 0.003;

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
    /// How much of the mix there is after what is in a packet, samples: 0, or the rest of a frame after the encoder's
    /// look-ahead, so that packets keep time with their sources'; after a joint anything between.
    behind: usize,
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
    /// A packet with the same sound, by another encoder.
    Alike,
    /// Voices that were passed on, as they are in the past, and what the next frame begins with.
    PassedOn,
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
            behind: 0,
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
        (self.state, self.behind, self.lasting) = (State::Cold, 0, SourceSet::EMPTY);
        self.past.clear();
        self.talker.mix();
    }

    /// Goes on after voices that were passed on until the tick of `tick`, as they are in `past`, and are in the coming mix:
    /// these `sources`. `is_alike`: the listener's decoder was fed with that sound and no other, in packets of speech.
    pub fn follow(&mut self, tick: u64, past: Past, sources: SourceSet, is_alike: bool) {
        (self.tick, self.sent_tick, self.past, self.lasting) = (tick, tick, past, sources);
        self.state = if is_alike { State::PassedOn } else { State::Cold };
        (self.behind, self.was_steady, self.silent_frames) = (0, false, 0);
        self.talker.mix();
    }

    /// Leaves out the frame of `tick`, before the first one: the next one follows what was passed on. Returns for which
    /// tick the last of that counted; `None`: this is no beginning.
    pub fn hold(&mut self, tick: u64) -> Option<u64> {
        let begins = matches!(self.state, State::PassedOn | State::Cold) && self.is_running(tick);
        let before = self.sent_tick;
        if begins {
            (self.tick, self.sent_tick) = (tick, tick);
        }
        begins.then_some(before)
    }

    /// Whether the mix of `tick` may go on from what this encoder did before.
    pub fn is_running(&self, tick: u64) -> bool {
        self.tick + 1 == tick && self.past.frames() > 0
    }

    /// Whether most of the last frame is in no packet yet.
    pub fn is_frame_pending(&self) -> bool {
        self.behind + self.speech.lookahead_samples() > FRAME_SAMPLES / 2
    }

    /// Goes on where another encoder left off, whose listeners this one has from now on.
    pub fn take_over(&mut self, from: &Self) {
        (self.tick, self.sent_tick) = (from.tick, from.sent_tick);
        (self.past, self.behind, self.lasting) = (from.past.clone(), from.behind, from.lasting);
        (self.was_steady, self.silent_frames) = (from.was_steady, from.silent_frames);
        self.state = match from.state {
            State::Cold => State::Cold,
            State::PassedOn => State::PassedOn,
            State::Encoded | State::Alike | State::Forwarded { .. } => State::Alike,
        };
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
        let begins = self.past.frames() == 0;
        self.tick = tick;
        self.past.push(mix.samples);
        self.lasting = mix.lasting;
        self.silent_frames = if mix.is_silent() { self.silent_frames.saturating_add(1) } else { 0 };
        if opens {
            self.state = State::Cold;
        }
        let in_time = rest(&self.speech);
        let wanted = if may_forward { in_time } else { 0 };
        if self.behind != wanted && (begins || self.past.is_below(QUIET_AMPLITUDE)) {
            self.behind = wanted;
        }
        let is_steady = mix.is_steady && self.was_steady;
        self.was_steady = mix.is_steady;
        let goes_on = !matches!(self.state, State::Cold | State::PassedOn);
        let from = if !goes_on || !is_steady || self.behind != in_time || !may_forward {
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
            State::Forwarded { .. }
            | State::Cold
            | State::Encoded
            | State::Alike
            | State::PassedOn => 0,
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
                // Its look-ahead is shorter, so that it is given less of what comes.
                let less = rest(&self.opening) - rest(&self.speech);
                self.opening.encode_into(&self.past.until(self.behind + less), out)
            }
            State::PassedOn => {
                // What was passed on ends in a decoder where the encoder's look-ahead begins.
                let behind = rest(&self.speech);
                self.catch_up(behind, out);
                let (sound, ahead) = (self.past.until(0), FRAME_SAMPLES - behind);
                let (frame, back) = joint::join(&sound, ahead);
                self.behind = back - ahead;
                self.speech.encode_into(&frame, out)
            }
            State::Alike | State::Forwarded { .. } => {
                self.catch_up(self.behind, out);
                self.speech.encode_into(&self.past.until(self.behind), out)
            }
            State::Encoded => self.speech.encode_into(&self.past.until(self.behind), out),
        };
        self.state = State::Encoded;
        let length = encoded.ok().filter(|length| *length > 0)?;
        Some(Made { length, from: None, lost: 0 })
    }

    /// Brings the encoder to where a decoder is that was fed with the sound until the last frame, which is `behind`.
    fn catch_up(&mut self, behind: usize, out: &mut [u8]) {
        self.speech.reset();
        for back in (1..=CATCH_UP_FRAMES.min(self.past.frames())).rev() {
            let frame = self.past.until(behind + back * FRAME_SAMPLES);
            let _ = self.speech.encode_into(&frame, out);
        }
    }
}

/// What is left of a frame after an encoder's look-ahead, samples.
fn rest(encoder: &OpusEncoder) -> usize {
    FRAME_SAMPLES.saturating_sub(encoder.lookahead_samples())
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
