//! Changes of delivery in the middle of a word: a voice that was passed on goes on in a mix, one that was mixed goes on in
//! its own packets, and a mix goes on with another leader.
//!
//! What is taken along is what the listener got, or what waited for the listener's own audience: never what came of others.

use mixer::{Mix, SlotSet};

use super::*;
use crate::encoding::QUIET_AMPLITUDE;
use crate::past::Past;
use crate::talker;

const TICK: Duration = Duration::from_millis(crate::TICK_MS);

/// What of changes is still to come.
#[derive(Default)]
pub(super) struct Changes {
    /// By the slots of listeners: what they are passed on for as long as nobody else speaks in their mix.
    deferred: [Option<Deferred>; LEGS_MAX],
    /// By the slots of listeners: the voice that they were passed on, and that their mix is to begin with.
    led: [Option<Led>; LEGS_MAX],
    /// The encoder of the supervisor who left last, for those who had the same mix.
    pub parted: Option<(LegId, Box<Encoding>)>,
}

/// A mix that has not begun: it would hold nothing but the voices that its listener gets as before.
#[derive(Clone, Copy, Debug)]
struct Deferred {
    /// How they get them.
    delivery: Delivery,
    voices: SourceSet,
}

/// A voice that a mix begins with.
#[derive(Clone, Copy, Debug)]
struct Led {
    voice: Slot,
    /// Its next packet is waited for until then.
    until: Instant,
}

impl Changes {
    /// How a listener gets packets at this moment.
    pub fn delivery(&self, mixer: &Mixer, listener: Slot) -> Delivery {
        let deferred = self.deferred[listener.index()];
        deferred.map_or_else(|| mixer.delivery(listener), |it| it.delivery)
    }

    /// The same for all, by their slots.
    pub fn deliveries(&self, mixer: &Mixer) -> [Delivery; LEGS_MAX] {
        let mut deliveries = [Delivery::Silent; LEGS_MAX];
        for slot in Slot::all() {
            deliveries[slot.index()] = self.delivery(mixer, slot);
        }
        deliveries
    }
}

impl Call {
    /// Those who get a mix.
    pub(super) fn mixed(&self) -> SlotSet {
        let seated = self.mixer.seated().iter();
        let mixed = seated.filter(|it| self.mixer.delivery(*it) == Delivery::Mix);
        mixed.fold(SlotSet::EMPTY, SlotSet::with)
    }

    /// How a packet of the leg in `source` reaches a listener. A mix that was deferred begins with it if that leg is not
    /// one of those whom its listener gets as before, and speaks.
    pub(super) fn delivery_to(
        &mut self,
        listener: Slot,
        now: Instant,
        source: Slot,
        payload: &[u8],
    ) -> Delivery {
        if let Some(Deferred { delivery, voices }) = self.changes.deferred[listener.index()] {
            if voices.contains(Source::Leg(source)) {
                return delivery;
            }
            let is_in = self.plan.row(listener).gain(Source::Leg(source)).is_some();
            if is_in && codec::packet::speech_flag(payload) != Some(false) {
                self.begin_mix(now, listener);
            }
        }
        self.mixer.delivery(listener)
    }

    /// Those who were passed on packets `before` and are to get a mix from now on get it once somebody else speaks in it, if
    /// it may be so, and else at once; it goes on after what they got. Decodes the last of that.
    pub(super) fn change_over(&mut self, now: Instant, before: [Delivery; LEGS_MAX]) {
        for (listener, before) in Slot::all().zip(before) {
            self.changes.deferred[listener.index()] = None;
            let is_begun = self.mixer.delivery(listener) == Delivery::Mix;
            if is_begun && matches!(before, Delivery::Forward(_) | Delivery::Tracks) {
                self.changes.deferred[listener.index()] = self.deferred(listener, before);
                if self.changes.deferred[listener.index()].is_none() {
                    self.lead_into_mix(now, listener);
                }
            }
            let delivery = self.changes.delivery(&self.mixer, listener);
            if let Some(media) = &mut self.media[listener.index()] {
                media.outlet.interrupt_all_but(delivery);
            }
        }
    }

    /// Whether a mix may wait until somebody else speaks in it than those whom its listener gets already. Its sources must be
    /// heard as they are, and nobody may come to a track in the middle of something.
    fn deferred(&self, listener: Slot, delivery: Delivery) -> Option<Deferred> {
        let (row, outlet) =
            (self.plan.row(listener), &self.media[listener.index()].as_ref()?.outlet);
        if self.config.mixes_always || !talker::may_forward(row) || !outlet.is_passing_on() {
            return None;
        }
        let is_had = |source: &Source| match delivery {
            Delivery::Forward(from) => *source == Source::Leg(from),
            Delivery::Tracks => outlet.track_of(*source).is_some(),
            Delivery::Silent | Delivery::Mix => false,
        };
        let voices = row.voices().iter().filter(is_had).fold(SourceSet::EMPTY, SourceSet::with);
        (!voices.is_empty()).then_some(Deferred { delivery, voices })
    }

    /// A mix that was deferred is deferred no longer.
    fn begin_mix(&mut self, now: Instant, listener: Slot) {
        self.changes.deferred[listener.index()] = None;
        self.lead_into_mix(now, listener);
        if let Some(media) = &mut self.media[listener.index()] {
            media.outlet.interrupt_all_but(Delivery::Mix);
        }
    }

    /// Deferred mixes begin in which a tone sounds. Before a tick.
    pub(super) fn begin_mixes_of_tones(&mut self, now: Instant) {
        for listener in Slot::all() {
            let is_deferred = self.changes.deferred[listener.index()].is_some();
            if is_deferred && !self.mixer.playing(listener).is_empty() {
                self.begin_mix(now, listener);
            }
        }
    }

    /// Decodes what the coming tick plays for whoever mixes it, and for those who wait until somebody speaks: what a sender
    /// says of that is not believed where it is loud, and noise that is heard is not to come and go.
    pub(super) fn decode(&mut self, now: Instant) {
        let mut legs = [SourceSet::EMPTY; AUDIENCES_MAX];
        for audience in Audience::all() {
            legs[audience.index()] = self.mixer.needed(audience);
        }
        for (listener, others) in self.waited_for() {
            let audience = Audience::of(listener).index();
            legs[audience] = legs[audience].union(others);
        }
        for (decoding, legs) in self.decoding.iter_mut().zip(legs) {
            decoding.decode(now, legs);
        }
        for listener in Slot::all() {
            let Some((_, others)) = self.waited_for().find(|(it, _)| *it == listener) else {
                continue;
            };
            let decoding = &self.decoding[Audience::of(listener).index()];
            let is_heard = |floor: Option<f32>| floor > Some(talker::FLOOR_AUDIBLE_DBOV);
            let speaks =
                decoding.voices(others).any(|it| it.talk.is_on() || is_heard(it.talk.floor_dbov()));
            if speaks {
                self.begin_mix(now, listener);
            }
        }
    }

    /// The listeners whose mixes are deferred, and whom they wait for.
    fn waited_for(&self) -> impl Iterator<Item = (Slot, SourceSet)> {
        Slot::all().zip(&self.changes.deferred).filter_map(move |(slot, deferred)| {
            let had = deferred.as_ref()?.voices;
            let row = self.plan.row(slot).voices();
            let others = row.iter().filter(|source| !had.contains(*source));
            Some((slot, others.fold(SourceSet::EMPTY, SourceSet::with)))
        })
    }

    fn lead_into_mix(&mut self, now: Instant, listener: Slot) {
        let Self { media, decoding, plan, has_queued, changes, ticks, .. } = self;
        let slot_of = |leg: LegId| {
            Slot::all().find(|it| media[it.index()].as_ref().is_some_and(|it| it.leg == leg))
        };
        let Some(outlet) = media[listener.index()].as_ref().map(|it| &it.outlet) else { return };
        let decoding = &mut decoding[Audience::of(listener).index()];
        let (mut past, mut sources, mut is_alike) = (Past::EMPTY, SourceSet::EMPTY, false);
        for (track, leg, packets) in outlet.running(now) {
            let Some(slot) = slot_of(leg) else { continue };
            if plan.row(listener).gain(Source::Leg(slot)).is_none() {
                continue;
            }
            let last = packets.clone().last();
            let is_speech = last.is_some_and(|it| talker::is_speech(it.payload()));
            // Others of the audience hear it in a mix already, which goes on as it is.
            let Some(voice) = decoding.follow(slot, packets) else { return };
            *has_queued = true;
            if let Some(last) = last.filter(|_| track == Track::FIRST) {
                changes.led[listener.index()] = Some(Led { voice: slot, until: last.end() + TICK });
            }
            sources = sources.with(Source::Leg(slot));
            // A mix comes on the first track, whose decoder knows nothing of the others.
            is_alike = match track {
                Track::FIRST => is_speech,
                _ => is_alike && voice.is_below(QUIET_AMPLITUDE),
            };
            past.add(&voice);
        }
        if sources.is_empty() {
            return;
        }
        let Some(LegMedia { leg, outlet, encoding: Some(encoding), .. }) =
            &mut media[listener.index()]
        else {
            return;
        };
        encoding.follow(*ticks, past, sources, is_alike);
        if is_alike {
            outlet.first().lead_into(MixFrame { leader: *leg, tick: *ticks });
        }
    }

    /// A mix begins a tick later where the next packet of the voice that it goes on with has not come yet: it is not late,
    /// for the last one was passed on at once.
    pub(super) fn hold_back(&mut self, now: Instant) {
        for listener in Slot::all().filter(|it| self.changes.deferred[it.index()].is_some()) {
            self.mixer.hold(listener);
        }
        let led = std::mem::replace(&mut self.changes.led, [None; LEGS_MAX]);
        for (listener, led) in Slot::all().zip(led) {
            let Some(Led { voice, .. }) = led.filter(|led| now < led.until) else { continue };
            let audience = Audience::of(listener);
            let is_alone =
                self.mixed().iter().all(|it| it == listener || Audience::of(it) != audience);
            let has_come = self.decoding[audience.index()].waiting(voice, false).next().is_some();
            let Some(media) = &mut self.media[listener.index()] else { continue };
            if has_come || !is_alone || self.mixer.delivery(listener) != Delivery::Mix {
                continue;
            }
            let Some(encoding) = &mut media.encoding else { continue };
            if let Some(before) = encoding.hold(self.ticks) {
                let before = MixFrame { leader: media.leg, tick: before };
                let now = MixFrame { tick: self.ticks, ..before };
                media.outlet.first().hand_on(before, now);
                self.mixer.hold(listener);
                self.changes.led[listener.index()] = led;
            }
        }
    }

    /// Those who were `mixed` until this tick, and are passed on packets from now on, are passed on first what waited of
    /// these voices to be mixed. Allocates nothing.
    pub(super) fn lead_out_of_mixes(
        &mut self,
        now: Instant,
        mixed: SlotSet,
        send: &mut impl FnMut(Outgoing<'_>),
    ) {
        for listener in mixed.iter() {
            let voices = match self.mixer.delivery(listener) {
                Delivery::Forward(from) => SourceSet::EMPTY.with(Source::Leg(from)),
                Delivery::Tracks => self.plan.row(listener).voices(),
                Delivery::Silent | Delivery::Mix => continue,
            };
            let is_pending = self.leads(listener).is_some_and(Encoding::is_frame_pending)
                && self.media[listener.index()].as_mut().is_some_and(|it| it.outlet.may_lead(now));
            let audience = Audience::of(listener).index();
            let decoding = std::mem::take(&mut self.decoding[audience]);
            for slot in Slot::all().filter(|it| voices.contains(Source::Leg(*it))) {
                for packet in decoding.waiting(slot, is_pending) {
                    let jitter::PacketRef { sequence, timestamp, marker, payload, .. } = packet;
                    let (level_dbov, is_restored) = (None, false);
                    let packet =
                        RtpPacket { sequence, timestamp, marker, payload, level_dbov, is_restored };
                    self.forward(now, slot, listener, &packet, send);
                }
            }
            self.decoding[audience] = decoding;
        }
    }

    /// The encoder of the mix that this listener got last.
    fn leads(&self, listener: Slot) -> Option<&Encoding> {
        let MixFrame { leader, .. } =
            self.media[listener.index()].as_ref()?.outlet.mixes().mix()?;
        let media = self.media.iter().flatten().find(|it| it.leg == leader)?;
        media.encoding.as_deref()
    }
}

/// A mix that another leg leads from now on goes on where the last one of its listeners ended: one of `media`, or of a leg
/// that has `parted` since.
pub(super) fn take_over(
    media: &mut [Option<LegMedia>; LEGS_MAX],
    parted: Option<&(LegId, Box<Encoding>)>,
    mix: &Mix<'_>,
    tick: u64,
) {
    let Some(leader) = mix.leader() else { return };
    let Some((leg, mut encoding)) =
        media[leader.index()].as_mut().and_then(|it| Some((it.leg, it.encoding.take()?)))
    else {
        return;
    };
    if !encoding.is_running(tick) {
        let of = |leader: LegId| {
            let seated = media.iter().flatten().find(|it| it.leg == leader);
            let seated = seated.and_then(|it| it.encoding.as_ref());
            seated.or_else(|| parted.filter(|(leg, _)| *leg == leader).map(|(_, it)| it))
        };
        let listeners = mix.listeners.iter().filter_map(|it| media[it.index()].as_ref());
        let mut before = listeners.filter_map(|it| it.outlet.mixes().mix());
        let last = before.find_map(|frame| {
            let from = of(frame.leader)?;
            (from.sent_tick() == frame.tick && from.is_running(tick)).then_some((frame, from))
        });
        if let Some((before, from)) = last {
            encoding.take_over(from);
            let after = MixFrame { leader: leg, ..before };
            for listener in mix.listeners.iter() {
                if let Some(listener) = &mut media[listener.index()] {
                    listener.outlet.first().hand_on(before, after);
                }
            }
        }
    }
    if let Some(media) = &mut media[leader.index()] {
        media.encoding = Some(encoding);
    }
}
