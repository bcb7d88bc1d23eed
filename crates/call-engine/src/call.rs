//! The call itself: what happens at a command, at a packet, and at the tick.

use std::sync::Arc;
use std::time::{Duration, Instant};

use codec::{OPUS_PACKET_BYTES_MAX, OpusEncoderConfig};
use interaction::source::AUDIENCES_MAX;
use interaction::{
    Actor, Applied, Audience, CallId, CallState, Command, Delivery, Event, LEGS_MAX, LegId,
    LegSound, Mode, ModeKind, Policy, Refusal, RoutePlan, Slot, Source, SourceSet, UnixMs, UserId,
};
use jitter::JitterConfig;
use mixer::{ConfigError, EgressGuard, Mixer, MixerConfig};

use crate::arrivals::Arrivals;
use crate::clips::ToneClips;
use crate::decoding::Decoding;
use crate::egress::{MixFrame, Numbers, RtpPosition};
use crate::encoding::Encoding;
use crate::numbering::Numbering;
use crate::packet::RtpPacket;
use crate::playout::{Arrived, Playout};
use crate::reception::Reception;
use crate::tracks::{Outlet, Track, TrackPositions};

mod changes;
mod mixing;
mod tracks;
mod upkeep;

/// A supervisor whose packets stop for this long in another mode goes back to Listen: what
/// comes after a gap may be another room. With Opus DTX a packet comes every 400 ms.
const SUPERVISOR_GAP_MAX: Duration = Duration::from_millis(1_500);

/// What a call needs to know besides its policy.
#[derive(Clone, Debug, Default)]
pub struct CallConfig {
    /// Tones, ramps and limiter.
    pub mixer: MixerConfig,
    /// The encoder of each mix.
    pub encoder: OpusEncoderConfig,
    /// The playout buffer of each source that is mixed.
    pub jitter: JitterConfig,
    /// The tones of `mixer` as packets. `None`: rows with tones are mixed, however many tracks there are.
    pub clips: Option<Arc<ToneClips>>,
    /// Whether a mix is encoded also while one of its sources talks alone, whose packets would do.
    pub mixes_always: bool,
}

/// One RTP packet to be sent to a leg's station, now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgoing<'a> {
    /// The listener.
    pub leg: LegId,
    /// Which track of the listener's station.
    pub track: Track,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp, in samples of 48 kHz.
    pub timestamp: u32,
    /// First packet of a talk spurt.
    pub marker: bool,
    /// One Opus packet.
    pub payload: &'a [u8],
}

/// What went through a call, and what did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Packets dropped on arrival because nobody may hear their source.
    pub gated: u64,
    /// Packets dropped because they hold no valid Opus packet.
    pub malformed: u64,
    /// Packets passed on without a decoder.
    pub forwarded: u64,
    /// Packets passed on in the place of a mix, while their source talked alone.
    pub stood_in: u64,
    /// Frames encoded.
    pub encoded: u64,
    /// Mixes and packets that the egress guard dropped. Anything but 0 is a bug of ours.
    pub guarded: u64,
    /// How the sources of mixes arrived, as of the last [`Call::levels`].
    pub playout: Playout,
    /// How the parties' sound came, mixed or not, as of the last [`Call::levels`].
    pub arrived: Arrived,
}

/// One moment on both clocks: the media's and people's.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Monotonic, for media.
    pub now: Instant,
    /// For events and records.
    pub unix: UnixMs,
}

/// One leg's level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegLevel {
    /// The leg.
    pub leg: LegId,
    /// dBFS, −127 … 0.
    pub dbfs: i8,
    /// Whether the leg speaks.
    pub speaking: bool,
}

/// One call: its state, and the sound of it.
pub struct Call {
    state: CallState,
    config: CallConfig,
    plan: RoutePlan,
    /// Sources that somebody may hear; all others are dropped on arrival.
    heard: SourceSet,
    mixer: Mixer,
    guard: EgressGuard,
    media: [Option<LegMedia>; LEGS_MAX],
    /// By audience.
    decoding: [Decoding; AUDIENCES_MAX],
    /// Some of them may hold packets.
    has_queued: bool,
    ticks: u64,
    /// A command came since the last tick.
    commanded: bool,
    /// Supervisors' mixes are made with the least effort.
    is_eased: bool,
    counters: Counters,
    /// How the sound of those came who have left, until somebody asks. No more than there were legs.
    departed: Vec<(LegId, LegSound)>,
    changes: changes::Changes,
}

/// The sound of one leg.
struct LegMedia {
    leg: LegId,
    /// When the last packet came that somebody may hear.
    last_arrival: Option<Instant>,
    /// How its sound comes; `None`: a supervisor's, of which there is no record.
    arrivals: Option<Box<Arrivals>>,
    /// The numbers of its packets, without those that hold no sound.
    numbering: Numbering,
    outlet: Outlet,
    /// How what is sent to it arrives.
    reception: Reception,
    /// The encoder of the mixes that this leg leads.
    encoding: Option<Box<Encoding>>,
}

impl Call {
    /// A call without legs.
    ///
    /// # Errors
    /// A choice of `config` is out of its limits.
    pub fn new(id: CallId, policy: Policy, config: CallConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            state: CallState::new(id, policy),
            plan: RoutePlan::silent(),
            heard: SourceSet::EMPTY,
            mixer: Mixer::new(&config.mixer)?,
            guard: EgressGuard::new(),
            media: [const { None }; LEGS_MAX],
            decoding: std::array::from_fn(|_| Decoding::default()),
            has_queued: false,
            ticks: 0,
            commanded: false,
            is_eased: false,
            counters: Counters::default(),
            departed: Vec::new(),
            changes: changes::Changes::default(),
            config,
        })
    }

    /// The call's state.
    pub fn state(&self) -> &CallState {
        &self.state
    }

    /// Who hears whom at this moment.
    pub fn plan(&self) -> &RoutePlan {
        &self.plan
    }

    /// What went through so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Applies a command and puts the new plan into force. `from` is where the outgoing RTP of the
    /// station stands that carries a joining or moved leg.
    ///
    /// What a removed route lets through after this is at most the ramp in the next tick's frame:
    /// answer a command, and tell of it, only once [`Call::settled`].
    ///
    /// # Errors
    /// Why the call's rules forbid it; nothing has changed then.
    pub fn handle_command(
        &mut self,
        moment: Moment,
        by: Actor,
        command: Command,
        from: Option<TrackPositions>,
    ) -> Result<Applied, Refusal> {
        self.commanded = true;
        let applied = self.state.apply(moment.unix, by, command)?;
        if !applied.events.is_empty() {
            let fresh = RtpPosition::start(0, 0, moment.now);
            self.put_in_force(moment.now, from.unwrap_or(fresh.into()));
        }
        if let (Some(leg), Some(from)) = (applied.moved, from) {
            self.move_leg(moment.now, leg, from);
        }
        for cue in &applied.cues {
            self.mixer.cue(cue);
        }
        Ok(applied)
    }

    /// Whether a tick has passed since the last command: every route that it removed is silent. Some
    /// are silent sooner, but which depends on who else listens: so it is the tick for every command.
    pub fn settled(&self) -> bool {
        !self.commanded
    }

    /// Takes one packet of a leg; what is forwarded goes out through `send` before this returns.
    pub fn handle_rtp(
        &mut self,
        now: Instant,
        leg: LegId,
        packet: RtpPacket<'_>,
        mut send: impl FnMut(Outgoing<'_>),
    ) {
        let Some(slot) = self.slot_of(leg) else { return };
        // Before anything that depends on who listens.
        if let Some(arrivals) =
            self.media[slot.index()].as_mut().and_then(|it| it.arrivals.as_mut())
        {
            arrivals.take(now, &packet);
        }
        let source = Source::Leg(slot);
        if !self.heard.contains(source) {
            self.counters.gated += 1;
            return;
        }
        let Some(media) = &mut self.media[slot.index()] else { return };
        if packet.payload.len() > OPUS_PACKET_BYTES_MAX || !codec::packet::is_valid(packet.payload)
        {
            media.numbering.take_out(packet.sequence);
            self.counters.malformed += 1;
            return;
        }
        let packet = RtpPacket { sequence: media.numbering.of(packet.sequence), ..packet };
        let mut mixed_by = [false; AUDIENCES_MAX];
        for listener in self.mixer.seated().iter() {
            match self.delivery_to(listener, now, slot, packet.payload) {
                Delivery::Forward(from) if from == slot => {
                    self.forward(now, slot, listener, &packet, &mut send);
                }
                Delivery::Tracks => self.forward(now, slot, listener, &packet, &mut send),
                Delivery::Mix => {
                    let is_mixed = self.plan.row(listener).gain(source).is_some();
                    mixed_by[Audience::of(listener).index()] |= is_mixed;
                }
                Delivery::Forward(_) | Delivery::Silent => {}
            }
        }
        for (decoding, is_mixed) in self.decoding.iter_mut().zip(mixed_by) {
            if is_mixed {
                decoding.queue(now, slot, &packet);
                self.has_queued = true;
            }
        }
        let Some(media) = &mut self.media[slot.index()] else { return };
        media.last_arrival = Some(now);
        if let Some(level_dbov) = packet.level_dbov {
            self.mixer.report_level(slot, -level_dbov.min(127).cast_signed());
        }
    }

    /// Mixes and encodes one frame of [`crate::TICK_MS`]; what comes of it goes out through `send`.
    /// Returns what happened by itself, as facts; on nearly every tick that is nothing.
    pub fn handle_tick(
        &mut self,
        moment: Moment,
        mut send: impl FnMut(Outgoing<'_>),
    ) -> Vec<Event> {
        let events = self.close_gaps(moment);
        self.begin_mixes_of_tones(moment.now);
        self.ticks += 1;
        self.play_tones(moment.now, &mut send);
        let mixed = self.mixed();
        self.mix(moment.now, &mut send);
        self.lead_out_of_mixes(moment.now, mixed, &mut send);
        debug_assert!(self.mixer.settled(), "a ramp is shorter than a frame");
        self.commanded = false;
        for slot in self.mixer.seated().iter() {
            if !self.heard.contains(Source::Leg(slot))
                && let Some(media) = &mut self.media[slot.index()]
            {
                media.last_arrival = None;
            }
        }
        if self.has_queued {
            self.forget_unmixed();
        }
        events
    }

    /// Forgets what was queued for mixes that are none any more.
    fn forget_unmixed(&mut self) {
        for audience in Audience::all() {
            if !self.decoding[audience.index()].is_unused() {
                let mixed = self.mixed_by(audience);
                self.decoding[audience.index()].forget_all_but(mixed);
            }
        }
        self.has_queued = !self.decoding.iter().all(Decoding::is_unused);
    }

    /// The legs that `audience` mixes: their packets are queued for it.
    fn mixed_by(&self, audience: Audience) -> SourceSet {
        self.plan
            .slots()
            .filter(|slot| Audience::of(*slot) == audience)
            .filter(|slot| self.mixer.delivery(*slot) == Delivery::Mix)
            .fold(SourceSet::EMPTY, |set, slot| set.union(self.plan.row(slot).voices()))
    }

    /// Another station carries the leg: what it gets goes on after `from`, and what it sends has
    /// other numbers from now on.
    fn move_leg(&mut self, now: Instant, leg: LegId, from: TrackPositions) {
        for (slot, media) in Slot::all().zip(&mut self.media) {
            let Some(media) = media else { continue };
            if media.leg == leg {
                media.outlet = Outlet::new(from);
                media.reception = Reception::new(self.config.encoder.expected_loss_percent);
                media.last_arrival = None;
                media.numbering = Numbering::default();
                media.arrivals.iter_mut().for_each(|it| it.interrupt());
                self.decoding.iter_mut().for_each(|it| it.part(slot));
            } else {
                media.outlet.interrupt_from(leg);
            }
        }
        self.deliver(now);
    }

    /// Supervisors whose packets have stopped go back to Listen: all in the same tick, and in the order
    /// of their names, for the order of their legs tells who began to listen first.
    fn close_gaps(&mut self, moment: Moment) -> Vec<Event> {
        let stopped = self.state.legs().iter().filter(|leg| {
            let open = leg.mode().is_some_and(|mode| mode != Mode::Listen);
            let last = self.media[leg.slot.index()].as_ref().and_then(|it| it.last_arrival);
            let gap = last.map(|at| moment.now.saturating_duration_since(at));
            open && gap > Some(SUPERVISOR_GAP_MAX)
        });
        let mut stopped: Vec<(UserId, LegId)> = stopped.map(|leg| (leg.user, leg.id)).collect();
        stopped.sort_unstable();
        let mut events = Vec::new();
        for (_, leg) in stopped {
            let mode = ModeKind::Listen;
            let listen =
                Command::SetMode { leg, mode, coach: None, announce: false, expected: None };
            let applied = self.handle_command(moment, Actor::System, listen, None);
            events.extend(applied.into_iter().flat_map(|applied| applied.events));
        }
        events
    }

    /// Derives the plan from the state and gives it to everything that obeys it. A leg that is new
    /// goes on in its outgoing RTP after `from`.
    fn put_in_force(&mut self, now: Instant, from: TrackPositions) {
        self.plan = RoutePlan::derive(&self.state);
        self.heard = Slot::all()
            .map(Source::Leg)
            .filter(|source| self.plan.is_heard(*source))
            .fold(SourceSet::EMPTY, SourceSet::with);
        let mut replaced = SourceSet::EMPTY;
        for (slot, media) in Slot::all().zip(&mut self.media) {
            let leg = self.plan.listener(slot);
            if media.as_ref().map(|media| media.leg) == leg {
                continue;
            }
            let counts = Audience::of(slot) != Audience::SUPERVISORS;
            let config = self.config.jitter;
            let reception = Reception::new(self.config.encoder.expected_loss_percent);
            let fresh =
                leg.map(|leg| LegMedia::new(leg, from, reception, counts.then_some(config)));
            if let Some(LegMedia { leg, arrivals, encoding, .. }) = std::mem::replace(media, fresh)
            {
                match arrivals {
                    Some(arrivals) => self.departed.push((leg, arrivals.sound())),
                    None => self.changes.parted = encoding.map(|it| (leg, it)),
                }
            }
            // What a leg said that has left fades out as it does when a route is removed: whether a
            // supervisor has left or listens on does not show.
            if leg.is_some() {
                self.decoding.iter_mut().for_each(|it| it.forget(Source::Leg(slot)));
                replaced = replaced.with(Source::Leg(slot));
            }
            if Audience::of(slot) != Audience::SUPERVISORS {
                self.decoding[Audience::of(slot).index()].forget_all_but(SourceSet::EMPTY);
            }
        }
        for encoding in self.media.iter_mut().flatten().filter_map(|it| it.encoding.as_mut()) {
            encoding.forget_if_pending(replaced);
        }
        self.deliver(now);
    }

    /// Says how each row of the plan reaches its listener.
    fn deliver(&mut self, now: Instant) {
        let before = self.changes.deliveries(&self.mixer);
        let by_tracks = self.seat_tracks();
        self.mixer.set_plan(&self.plan, by_tracks);
        self.guard.set_plan(&self.plan);
        self.provide_codecs();
        self.change_over(now, before);
    }

    /// Makes the decoders and encoders that the plan may need, so that the tick need not. A row that will be
    /// forwarded needs them, too, as long as it is mixed because something fades.
    fn provide_codecs(&mut self) {
        // The configuration was checked at the start, so these fail only for want of memory: then
        // somebody hears less, and the call goes on.
        for audience in Audience::all() {
            let legs = self.may_be_mixed_by(audience).union(self.mixer.needed(audience));
            let may_forward = self.may_forward_talker(audience);
            let decoding = &mut self.decoding[audience.index()];
            let _ = decoding.provide(legs, self.config.jitter);
            decoding.keep_packets(may_forward);
        }
        for (slot, media) in Slot::all().zip(&mut self.media) {
            if let Some(media) = media
                && (self.mixer.may_mix(slot) || self.mixer.delivery(slot) == Delivery::Mix)
                && media.encoding.is_none()
            {
                let complexity = upkeep::complexity(&self.config, self.is_eased, slot);
                let expected_loss_percent = media.reception.expected_percent();
                let encoder =
                    OpusEncoderConfig { complexity, expected_loss_percent, ..self.config.encoder };
                media.encoding = Encoding::new(encoder).ok().map(Box::new);
            }
        }
    }

    /// The legs that some row of this audience mixes, or may with a tone.
    fn may_be_mixed_by(&self, audience: Audience) -> SourceSet {
        self.plan
            .slots()
            .filter(|slot| Audience::of(*slot) == audience && self.mixer.may_mix(*slot))
            .fold(SourceSet::EMPTY, |set, slot| set.union(self.plan.row(slot).voices()))
    }

    fn slot_of(&self, leg: LegId) -> Option<Slot> {
        Slot::all()
            .find(|slot| self.media[slot.index()].as_ref().is_some_and(|media| media.leg == leg))
    }
}

impl LegMedia {
    fn new(
        leg: LegId,
        from: TrackPositions,
        reception: Reception,
        counted: Option<JitterConfig>,
    ) -> Self {
        let (numbering, outlet) = (Numbering::default(), Outlet::new(from));
        let arrivals = counted.map(|config| Box::new(Arrivals::new(config)));
        Self { leg, last_arrival: None, arrivals, numbering, outlet, reception, encoding: None }
    }

    /// The last frame of the mixes that this leg leads of which there was a packet; `None` without an encoder.
    fn last_frame(&self) -> Option<MixFrame> {
        let tick = self.encoding.as_ref()?.sent_tick();
        Some(MixFrame { leader: self.leg, tick })
    }
}

fn outgoing(leg: LegId, track: Track, numbers: Numbers, payload: &[u8]) -> Outgoing<'_> {
    let Numbers { sequence, timestamp, marker } = numbers;
    Outgoing { leg, track, sequence, timestamp, marker, payload }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod track_tests;
