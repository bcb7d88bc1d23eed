//! What one audience needs to hear the legs that it mixes: for each its playout buffer and decoder.
//!
//! They are one audience's own: an audience that begins to mix a leg begins with an empty buffer and a
//! fresh decoder, or after the packets that it was passed on of that leg itself (see `kept`), whoever else
//! has been mixing that leg for how long. So the first frames that a party gets of a mix sound the same
//! whether a supervisor has been listening or not. That costs a decoder for each audience instead of one
//! for all: some 18 µs a frame, in Whisper, Barge and conferences; in Listen nothing, for there the
//! supervisors alone get a mix.

use std::time::Instant;

use codec::{CodecError, FRAME_SAMPLES};
use interaction::{LEGS_MAX, Slot, Source, SourceSet};
use jitter::{JitterConfig, JitterStats, PacketRef, Receiver};

use crate::kept::KeptPacket;
use crate::packet::RtpPacket;
use crate::past::Past;
use crate::playout::Playout;
use crate::talk::Talk;
use crate::talker::Voice;

/// The receivers of one audience, by the slot of the leg that they receive. Without receivers it costs
/// nothing: what is only forwarded never has one.
#[derive(Default)]
pub(crate) struct Decoding {
    receivers: [Option<Box<Receiver>>; LEGS_MAX],
    /// Who of them talks.
    talk: [Talk; LEGS_MAX],
    /// Receivers that hold anything of their leg.
    used: SourceSet,
    /// What the receivers had counted when they were asked last.
    counted: [JitterStats; LEGS_MAX],
}

impl Decoding {
    /// Makes the receivers of these legs, as far as they are not there. Allocates.
    pub fn provide(&mut self, legs: SourceSet, config: JitterConfig) -> Result<(), CodecError> {
        for (slot, receiver) in Slot::all().zip(&mut self.receivers) {
            if legs.contains(Source::Leg(slot)) && receiver.is_none() {
                *receiver = Some(Box::new(Receiver::new(config)?));
                self.counted[slot.index()] = JitterStats::default();
            }
        }
        Ok(())
    }

    /// What the receivers have counted since they were asked last; before any is given back.
    pub fn count_into(&mut self, playout: &mut Playout) {
        for (receiver, counted) in self.receivers.iter().zip(&mut self.counted) {
            if let Some(receiver) = receiver {
                let now = receiver.stats();
                playout.add(&now, counted);
                *counted = now;
            }
        }
    }

    /// Whether the packets of these legs may be passed on in the place of their sound: play keeps to whole ones then.
    pub fn keep_packets(&mut self, may_forward: bool) {
        self.receivers.iter_mut().flatten().for_each(|it| it.keep_packets(may_forward));
    }

    /// Gives back all receivers but those of these legs.
    pub fn release_all_but(&mut self, legs: SourceSet) {
        for (slot, receiver) in Slot::all().zip(&mut self.receivers) {
            if !legs.contains(Source::Leg(slot)) {
                *receiver = None;
                self.used = self.used.without(Source::Leg(slot));
            }
        }
    }

    /// Queues a packet of the leg in `slot` for the mix.
    pub fn queue(&mut self, now: Instant, slot: Slot, packet: &RtpPacket<'_>) {
        let Some(receiver) = &mut self.receivers[slot.index()] else { return };
        let RtpPacket { sequence, timestamp, marker, payload, .. } = *packet;
        receiver.insert(now, sequence, timestamp, marker, payload);
        self.used = self.used.with(Source::Leg(slot));
    }

    /// Goes on after packets of the leg in `slot` that a listener of this audience was passed on until now, of which
    /// nothing is to be played again: how they sounded. `None` where the leg is mixed already, or can't be.
    pub fn follow<'a>(
        &mut self,
        slot: Slot,
        packets: impl Iterator<Item = &'a KeptPacket>,
    ) -> Option<Past> {
        let receiver = self.receivers[slot.index()].as_mut()?;
        if self.used.contains(Source::Leg(slot)) {
            return None;
        }
        receiver.reset();
        let mut past = Past::EMPTY;
        for packet in packets {
            let KeptPacket { at, sequence, timestamp, .. } = *packet;
            past.push(receiver.follow(at, sequence, timestamp, packet.payload()));
        }
        self.used = self.used.with(Source::Leg(slot));
        Some(past)
    }

    /// The packets of the leg in `slot` that are queued and not played, in order; before them the one that was played last
    /// if it `is_pending`, and was whole.
    pub fn waiting(&self, slot: Slot, is_pending: bool) -> impl Iterator<Item = PacketRef<'_>> {
        let receiver = self.receivers[slot.index()].as_deref();
        let pending = receiver.filter(|_| is_pending).and_then(Receiver::played_packet);
        pending.into_iter().chain(receiver.into_iter().flat_map(Receiver::waiting))
    }

    /// Decodes what the coming tick plays of these legs.
    pub fn decode(&mut self, now: Instant, legs: SourceSet) {
        let receivers = self.receivers.iter_mut().zip(&mut self.talk);
        for (slot, (receiver, talk)) in Slot::all().zip(receivers) {
            if legs.contains(Source::Leg(slot))
                && let Some(receiver) = receiver
            {
                receiver.tick(now);
                talk.hear(receiver.played(), receiver.frame());
            }
        }
    }

    /// The frame of one leg that the coming tick plays; `None`: silence.
    pub fn frame(&self, slot: Slot) -> Option<&[f32; FRAME_SAMPLES]> {
        self.receivers[slot.index()].as_ref()?.frame()
    }

    /// These legs, as the coming tick plays them, for whoever looks for the only one that talks.
    pub fn voices(&self, legs: SourceSet) -> impl Iterator<Item = Voice<'_>> + Clone {
        let receivers = Slot::all().zip(self.receivers.iter().zip(&self.talk));
        receivers.filter(move |(slot, _)| legs.contains(Source::Leg(*slot))).filter_map(
            |(slot, (receiver, talk))| {
                let receiver = receiver.as_ref()?;
                let (played, played_before) = (receiver.played(), receiver.played_before());
                Some(Voice { slot, talk, played, played_before })
            },
        )
    }

    /// Whether nothing is queued of any leg.
    pub fn is_unused(&self) -> bool {
        self.used.is_empty()
    }

    /// Forgets everything that was queued of all legs but these: the audience does not mix them any
    /// more, and when it does again, it is not to begin with old words.
    pub fn forget_all_but(&mut self, legs: SourceSet) {
        for source in self.used.iter().filter(|source| !legs.contains(*source)) {
            self.forget(source);
        }
    }

    /// The leg in `slot` is heard from another station from now on: what sounds of it at this moment fades out.
    pub fn part(&mut self, slot: Slot) {
        if let Some(receiver) = &mut self.receivers[slot.index()] {
            receiver.part();
            self.talk[slot.index()] = Talk::default();
        }
    }

    /// Forgets everything that was queued of one leg.
    pub fn forget(&mut self, source: Source) {
        self.used = self.used.without(source);
        if let Source::Leg(slot) = source
            && let Some(receiver) = &mut self.receivers[slot.index()]
        {
            receiver.reset();
            self.talk[slot.index()] = Talk::default();
        }
    }
}
