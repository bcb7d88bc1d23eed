//! The tick's mixes, and what is sent of them.

use super::changes::take_over;
use super::*;
use crate::encoding::{Frame, Made};
use crate::talker;

impl Call {
    /// Decodes, mixes, and sends one packet of each mix to its listeners.
    pub(super) fn mix(&mut self, now: Instant, send: &mut impl FnMut(Outgoing<'_>)) {
        if !self.mixer.is_mixing() {
            // Nobody needs a decoder: most calls, most of the time.
            self.mixer.pass();
            self.guard.advance();
            return;
        }
        self.hold_back(now);
        self.decode(now);
        let Self { mixer, media, guard, plan, decoding, config, counters, ticks, changes, .. } =
            self;
        let mut inputs: mixer::Inputs<'_> = [[None; LEGS_MAX]; AUDIENCES_MAX];
        for (audience, decoding) in Audience::all().zip(decoding.iter()) {
            let needed = mixer.needed(audience);
            for slot in Slot::all().filter(|slot| needed.contains(Source::Leg(*slot))) {
                inputs[audience.index()][slot.index()] = decoding.frame(slot);
            }
        }
        let mut payload = [0u8; OPUS_PACKET_BYTES_MAX];
        let mixes = mixer.tick(&inputs);
        for mix in mixes.clone() {
            take_over(media, changes.parted.as_ref(), &mix, *ticks);
        }
        for mix in mixes {
            let Some(leader) = mix.leader() else { continue };
            let Some(encoding) = encoding_of(media, leader) else { continue };
            // The last step before the encoder: a bug of ours must become silence, never a leak.
            let heard = mix.contains.union(encoding.pending(*ticks));
            if !guard.allows(&mixer::Mix { contains: heard, ..mix }) {
                encoding.forget();
                counters.guarded += 1;
                continue;
            }
            let row = plan.row(leader);
            let may_forward = !config.mixes_always && talker::may_forward(row);
            let Some(last) = media[leader.index()].as_ref().and_then(LegMedia::last_frame) else {
                continue;
            };
            let mut listeners = mix.listeners.iter().filter_map(|it| media[it.index()].as_ref());
            let opens = !listeners.all(|listener| listener.outlet.mixes().follows(last));
            let frame = Frame { tick: *ticks, mix: &mix, opens, may_forward };
            let voices = decoding[Audience::of(leader).index()].voices(row.voices());
            let Some(encoding) = encoding_of(media, leader) else { continue };
            let Some(made) = encoding.make(frame, voices, &mut payload) else { continue };
            // And the last step before the socket.
            let passes = |from| mix.listeners.iter().all(|slot| guard.allows_forward(from, slot));
            if !made.from.is_none_or(passes) {
                encoding.forget();
                counters.guarded += 1;
                continue;
            }
            counters.count(made, mix.listeners.len());
            for slot in mix.listeners.iter() {
                let Some(media) = &mut media[slot.index()] else { continue };
                let frame = MixFrame { tick: *ticks, ..last };
                let numbers = media.outlet.first().mixed(now, frame, made.lost);
                send(outgoing(media.leg, Track::FIRST, numbers, &payload[..made.length]));
            }
        }
        self.guard.advance();
    }

    /// Whether packets of a source may stand for a mix of this audience's, by the plan.
    pub(super) fn may_forward_talker(&self, audience: Audience) -> bool {
        let mut slots = self.plan.slots().filter(|slot| Audience::of(*slot) == audience);
        !self.config.mixes_always && slots.any(|slot| talker::may_forward(self.plan.row(slot)))
    }
}

impl Counters {
    fn count(&mut self, made: Made, listeners: usize) {
        match made.from {
            Some(_) => self.stood_in += listeners as u64,
            None => self.encoded += 1,
        }
    }
}

fn encoding_of(media: &mut [Option<LegMedia>; LEGS_MAX], slot: Slot) -> Option<&mut Encoding> {
    media[slot.index()].as_mut()?.encoding.as_deref_mut()
}
