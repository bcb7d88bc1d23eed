//! A party's ear: packets of the codec that it was sent, as sound at [`NARROW_RATE_HZ`].
//!
//! All codecs' sound is late by the same filter ([`Narrow`]), so that delays compare.

use std::collections::VecDeque;

use codec::g722::G722Decoder;
use codec::{CodecError, OPUS_PACKET_SAMPLES_MAX, OpusDecoder, g711};

use super::narrow::{LOBES, NARROW_RATE_HZ, Narrow};
use super::tag::Tag;
use super::voice::NARROW_FRAME;
use crate::telephone::{Connection, TelephoneCodec};

/// The longest packet of a telephone's that is decoded, samples of the wide band: 120 ms.
const WIDE_SAMPLES_MAX: usize = 1_920;
/// Sound that waits to be played, at most: 140 ms (see crate `jitter`).
const READY_MAX: usize = 7 * NARROW_FRAME;
const OPUS_FACTOR: usize = 48_000 / NARROW_RATE_HZ;
const WIDE_FACTOR: usize = 16_000 / NARROW_RATE_HZ;

/// An ear for one track.
pub(super) struct Hearing {
    decoder: Decoder,
    /// Decoded, and not played yet.
    ready: VecDeque<f32>,
}

enum Decoder {
    Opus { opus: OpusDecoder, room: Vec<f32>, narrow: Narrow },
    Alaw,
    Ulaw,
    G722 { g722: Box<G722Decoder>, narrow: Narrow },
}

impl Hearing {
    /// # Errors
    /// libopus has no memory.
    pub fn new(connection: Connection) -> Result<Self, CodecError> {
        let decoder = match connection {
            Connection::Station { .. } | Connection::Telephone(TelephoneCodec::Opus) => {
                let room = vec![0.0; OPUS_PACKET_SAMPLES_MAX];
                Decoder::Opus { opus: OpusDecoder::new()?, room, narrow: Narrow::default() }
            }
            Connection::Telephone(TelephoneCodec::Pcma) => Decoder::Alaw,
            Connection::Telephone(TelephoneCodec::Pcmu) => Decoder::Ulaw,
            Connection::Telephone(TelephoneCodec::G722) => {
                Decoder::G722 { g722: Box::default(), narrow: Narrow::by(WIDE_FACTOR) }
            }
        };
        let mut hearing = Self { decoder, ready: VecDeque::new() };
        hearing.restart();
        Ok(hearing)
    }

    /// The mark on a packet that was passed on.
    pub fn mark(&self, payload: &[u8]) -> Option<Tag> {
        match self.decoder {
            Decoder::Opus { .. } => Tag::of(payload),
            Decoder::Alaw | Decoder::Ulaw | Decoder::G722 { .. } => None,
        }
    }

    /// How long a packet lasts, samples of 48 kHz; 0: it can't be played.
    pub fn duration_samples(&self, payload: &[u8]) -> usize {
        match self.decoder {
            Decoder::Opus { .. } => codec::packet::duration_samples(payload).unwrap_or(0),
            // A byte is a tick of 8 kHz in all of them.
            Decoder::Alaw | Decoder::Ulaw | Decoder::G722 { .. } => payload.len() * OPUS_FACTOR,
        }
    }

    /// What comes has nothing to do with what came before.
    pub fn restart(&mut self) {
        self.ready.clear();
        match &mut self.decoder {
            Decoder::Opus { opus, .. } => opus.reset(),
            // As late as the others' filter makes theirs.
            Decoder::Alaw | Decoder::Ulaw => self.ready.extend([0.0; LOBES]),
            Decoder::G722 { g722, .. } => **g722 = G722Decoder::default(),
        }
    }

    /// Hears a packet.
    pub fn hear(&mut self, payload: &[u8]) {
        let mut samples = [0; WIDE_SAMPLES_MAX];
        match &mut self.decoder {
            Decoder::Opus { opus, room, narrow } => {
                let decoded = opus.decode_into(payload, room).unwrap_or(0);
                self.ready.extend(narrow.pass(&room[..decoded]));
            }
            Decoder::Alaw => {
                let decoded = g711::decode_alaw_into(payload, &mut samples);
                self.ready.extend(samples[..decoded].iter().map(as_float));
            }
            Decoder::Ulaw => {
                let decoded = g711::decode_ulaw_into(payload, &mut samples);
                self.ready.extend(samples[..decoded].iter().map(as_float));
            }
            Decoder::G722 { g722, narrow } => {
                let payload = &payload[..payload.len().min(WIDE_SAMPLES_MAX / 2)];
                let decoded = g722.decode_into(payload, &mut samples).unwrap_or(0);
                let wide: Vec<f32> = samples[..decoded].iter().map(as_float).collect();
                self.ready.extend(narrow.pass(&wide));
            }
        }
        self.bound();
    }

    /// Makes up for `samples` of 48 kHz that are missing, if it can by what comes next.
    pub fn make_up(&mut self, samples: usize, next_payload: Option<&[u8]>) {
        match &mut self.decoder {
            Decoder::Opus { opus, room, narrow } => {
                let decoded = match next_payload {
                    Some(next) => opus.decode_fec_into(next, samples, room),
                    None => opus.conceal_into(samples, room),
                };
                self.ready.extend(narrow.pass(&room[..decoded.unwrap_or(0)]));
            }
            Decoder::Alaw | Decoder::Ulaw | Decoder::G722 { .. } => {
                let silence = std::iter::repeat_n(0.0, samples / OPUS_FACTOR);
                self.ready.extend(silence);
            }
        }
        self.bound();
    }

    /// The next 20 ms of what was heard; `None`: there is nothing.
    pub fn play(&mut self) -> Option<[f32; NARROW_FRAME]> {
        // What is less than a frame is the filter's own lateness, or the end of a packet of another length.
        (self.ready.len() >= NARROW_FRAME).then(|| {
            let mut frame = [0.0; NARROW_FRAME];
            frame.iter_mut().zip(self.ready.drain(..NARROW_FRAME)).for_each(|(to, it)| *to = it);
            frame
        })
    }

    fn bound(&mut self) {
        let over = self.ready.len().saturating_sub(READY_MAX);
        self.ready.drain(..over);
    }
}

fn as_float(sample: &i16) -> f32 {
    f32::from(*sample) / 32_768.0
}

#[cfg(test)]
mod tests {
    use client::probe::sine;

    use super::super::voice::telephone_frames;
    use super::*;

    /// The delay at which two signals are most alike, samples, from `0` on.
    fn late(said: &[f32], heard: &[f32]) -> usize {
        let likeness =
            |lag: &usize| -> f32 { said.iter().zip(&heard[*lag..]).map(|(a, b)| a * b).sum() };
        (0..80).max_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap()
    }

    #[test]
    fn every_codec_is_heard_as_it_was_said_and_equally_late() {
        // A sweep is like itself at one delay alone.
        let sweep: Vec<f32> = (0..48_000)
            .map(|n| {
                let t = n as f32 / 48_000.0;
                0.3 * (std::f32::consts::TAU * (300.0 * t + 1_200.0 * t * t)).sin()
            })
            .collect();
        let plain = Narrow::default().pass(&sweep);
        for codec in [TelephoneCodec::Pcma, TelephoneCodec::Pcmu, TelephoneCodec::G722] {
            let mut hearing = Hearing::new(Connection::Telephone(codec)).unwrap();
            let mut heard = Vec::new();
            for frame in telephone_frames(&sweep, codec) {
                assert_eq!(hearing.duration_samples(&frame), 960, "{codec}");
                hearing.hear(&frame);
                heard.extend(hearing.play().unwrap());
            }
            heard.extend([0.0; 80]);
            let (said, whole) = (&plain[400..7_000], &heard[400..]);
            let late = late(said, whole);
            // G.722's own filters are late by some 1.4 ms at each end.
            let most = if codec == TelephoneCodec::G722 { 24 } else { 1 };
            assert!(late <= most, "{codec}: {late}");
            let power = |signal: &[f32]| signal.iter().map(|it| it * it).sum::<f32>();
            let apart: Vec<f32> = said.iter().zip(&whole[late..]).map(|(a, b)| a - b).collect();
            let share = power(&apart) / power(said);
            assert!(share < 0.05, "{codec}: {share}");
        }
    }

    #[test]
    fn long_packets_are_played_piece_by_piece_and_lost_ones_are_silence() {
        let codec = TelephoneCodec::Pcma;
        let mut hearing = Hearing::new(Connection::Telephone(codec)).unwrap();
        let frames = telephone_frames(&sine(500.0, -10.0, 3 * 960), codec);
        hearing.hear(&frames.concat());
        assert_eq!(std::iter::from_fn(|| hearing.play()).count(), 3);
        hearing.make_up(960, None);
        let silent = hearing.play().unwrap();
        assert!(silent[LOBES..].iter().all(|sample| *sample == 0.0));
        for _ in 0..50 {
            hearing.hear(&frames[0]);
        }
        assert_eq!(std::iter::from_fn(|| hearing.play()).count(), READY_MAX / NARROW_FRAME);
    }
}
