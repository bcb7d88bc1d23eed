//! One call: its legs, its hold, help and transfer states, and what may change them.
//!
//! [`CallState::decide`] turns a command into what happens ([`Event`]) or says why nothing does
//! ([`Refusal`]); [`CallState::evolve`] makes an event true. What holds:
//!
//! 1. A refusal changes nothing, and [`decide`](CallState::decide) never does.
//! 2. The state is made of its events alone: read in order, they make the same call again.
//! 3. The revision counts events.
//! 4. A user has one leg; a call has one caller, somebody outside beside them at most, and one request to hand
//!    over at a time.
//! 5. A supervisor begins in Listen and holds no mode without its right; one at most takes over, out of
//!    Barge or with an explicit word, and the call is not on hold then.
//! 6. Every fault (media lost, rights revoked, the coached agent gone) takes supervision towards
//!    silence, never back.
//! 7. No supervisor is on a call that has no caller or is over.
//!
//! ```
//! use interaction::{Actor, CallId, CallState, Command, Event, Policy, UnixMs, UserId};
//!
//! let mut call = CallState::new(CallId(1), Policy::default());
//! let join = Command::JoinCaller { user: UserId(7) };
//! let events = call.decide(UnixMs(0), Actor::System, join)?;
//! assert!(call.caller().is_none(), "decided, but not true yet");
//! // The shell keeps the events here; what could not be kept did not happen.
//! events.iter().for_each(|event| call.evolve(event));
//! assert_eq!(call.caller().map(|leg| leg.user), Some(UserId(7)));
//! assert!(matches!(events[..], [Event::LegJoined(_)]));
//! # Ok::<(), interaction::Refusal>(())
//! ```

mod command;
mod handing;
mod parties;
pub mod route;
mod supervision;

pub use command::{Applied, Command, Cue, Event, Refusal};

use crate::actor::Actor;
use crate::handover::{Handover, HandoverKind};
use crate::help::{Help, HelpDesk};
use crate::{
    CallId, LEGS_MAX, LeaveReason, Leg, LegId, Mode, Party, Policy, Revision, Role, Slot, UnixMs,
    UserId,
};
use supervision::Wish;

/// One call. Cloning it gives a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallState {
    id: CallId,
    revision: Revision,
    policy: Policy,
    legs: Vec<Leg>,
    next_leg: u64,
    /// For each slot, which departure freed it last; 0: it was never taken.
    freed_by: [u64; LEGS_MAX],
    departures: u64,
    held: bool,
    answered_at: Option<UnixMs>,
    help: HelpDesk,
    handover: Option<Handover>,
    handovers_made: u64,
    ended: bool,
}

impl CallState {
    /// A call without legs.
    pub fn new(id: CallId, policy: Policy) -> Self {
        Self {
            id,
            revision: Revision::default(),
            policy,
            legs: Vec::with_capacity(LEGS_MAX),
            next_leg: 1,
            freed_by: [0; LEGS_MAX],
            departures: 0,
            held: false,
            answered_at: None,
            help: HelpDesk::default(),
            handover: None,
            handovers_made: 0,
            ended: false,
        }
    }

    /// What a command would make happen, in order; nothing has changed yet. No events: the call is
    /// as asked already. The change is worked out on a copy of the call, which is small: at most
    /// [`LEGS_MAX`] legs and one request.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn decide(&self, at: UnixMs, by: Actor, command: Command) -> Result<Vec<Event>, Refusal> {
        if self.ended {
            return Err(Refusal::Ended);
        }
        let mut change = Change { at, events: Vec::new() };
        self.clone().carry_out(by, command, &mut change)?;
        Ok(change.events)
    }

    /// Makes an event true, at once or when it is read again. The only place that changes a call.
    pub fn evolve(&mut self, event: &Event) {
        self.revision.0 += 1;
        match event {
            Event::LegJoined(leg) | Event::SupervisionStarted(leg) => {
                self.next_leg = self.next_leg.max(leg.id.0 + 1);
                self.legs.push(leg.clone());
                if self.caller().is_some() && self.agents().next().is_some() {
                    self.answered_at.get_or_insert(leg.joined_at);
                }
            }
            Event::LegLeft(leg, _) | Event::SupervisionEnded(leg, _) => {
                self.legs.retain(|it| it.id != leg.id);
                self.departures += 1;
                self.freed_by[leg.slot.index()] = self.departures;
            }
            Event::ModeChanged { leg, .. }
            | Event::RightsChanged(leg)
            | Event::MuteChanged(leg)
            | Event::MediaLostChanged(leg)
            | Event::EchoChanged(leg)
            | Event::Admitted(leg) => {
                if let Some(place) = self.legs.iter_mut().find(|it| it.id == leg.id) {
                    *place = leg.clone();
                }
            }
            Event::HeldChanged(held) => self.held = *held,
            Event::HelpChanged(help) => self.help.set(help),
            Event::HandoverRequested(handover) => {
                self.handovers_made = self.handovers_made.max(handover.id.0);
                self.handover = Some(handover.clone());
            }
            Event::HandoverEnded(..) => self.handover = None,
            Event::Ended => self.ended = true,
        }
    }

    /// Decides and makes it true at once, with what the media need to know besides. On a refusal
    /// nothing has changed.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn apply(&mut self, at: UnixMs, by: Actor, command: Command) -> Result<Applied, Refusal> {
        let moved = if let Command::MoveLeg { leg } = command { Some(leg) } else { None };
        let events = self.decide(at, by, command)?;
        let mut cues = Vec::new();
        for event in &events {
            self.evolve(event);
            cues.extend(self.cue(event));
        }
        let joined = events.iter().find_map(Event::joined);
        Ok(Applied { events, cues, joined, moved })
    }

    /// The call's id.
    pub fn id(&self) -> CallId {
        self.id
    }

    /// How many times the call has changed.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The centre's choices that hold for this call.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The legs on the call, in the order in which they joined.
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    /// The leg with this id, if it is on the call.
    pub fn leg(&self, id: LegId) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.id == id)
    }

    /// The user's leg, if the user is on the call.
    pub fn leg_of(&self, user: UserId) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.user == user)
    }

    /// The agents' legs, the one who answered first at the front.
    pub fn agents(&self) -> impl Iterator<Item = &Leg> {
        self.legs.iter().filter(|leg| leg.role() == Role::Agent)
    }

    /// The agents who talk with the caller: all but a consulted one.
    pub fn talking_agents(&self) -> impl Iterator<Item = &Leg> {
        self.agents().filter(|leg| leg.consulted_by().is_none())
    }

    /// The leg of somebody outside whom an agent has brought to the caller.
    pub fn outside(&self) -> Option<&Leg> {
        self.legs.iter().filter(|leg| leg.role() == Role::Caller).nth(1)
    }

    /// The caller's leg.
    pub fn caller(&self) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.role() == Role::Caller)
    }

    /// The supervisors who whisper to this agent's leg.
    pub fn coaches_of(&self, agent: LegId) -> impl Iterator<Item = &Leg> {
        self.legs.iter().filter(move |leg| leg.mode() == Some(Mode::Whisper { coached: agent }))
    }

    /// Whether the caller hears a supervisor: one who has barged or taken over.
    pub fn anybody_is_open(&self) -> bool {
        self.legs.iter().filter_map(Leg::mode).any(|mode| mode.kind().is_open())
    }

    /// The leg of the supervisor who has taken the call over.
    pub fn taken_over_by(&self) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.mode() == Some(Mode::TakeOver))
    }

    /// Whether caller and agents are parted.
    pub fn held(&self) -> bool {
        self.held
    }

    /// Whether the caller waits because of a transfer: for the next agent, or on hold while one is
    /// consulted.
    pub fn transferring(&self) -> bool {
        let consults = self.consulted().is_some()
            || self.handover.as_ref().is_some_and(|it| it.kind == HandoverKind::Consultation);
        self.parked() || (self.held && consults)
    }

    /// When caller and agent first were on it together: the first agent answered or, of a call that an
    /// agent makes, whoever was called did.
    pub fn answered_at(&self) -> Option<UnixMs> {
        self.answered_at
    }

    /// The open help request.
    pub fn help(&self) -> Option<&Help> {
        self.help.live()
    }

    /// The transfer, consultation or invitation that waits for an agent.
    pub fn handover(&self) -> Option<&Handover> {
        self.handover.as_ref()
    }

    /// The leg of an agent who is consulted and does not talk with the caller yet.
    pub fn consulted(&self) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.consulted_by().is_some())
    }

    /// Whether the caller waits for the next agent after a blind transfer.
    pub fn parked(&self) -> bool {
        self.talking_agents().next().is_none()
            && self.handover.as_ref().is_some_and(|it| it.kind == HandoverKind::Transfer)
    }

    /// Whether the call is over.
    pub fn ended(&self) -> bool {
        self.ended
    }

    fn carry_out(&mut self, by: Actor, command: Command, out: &mut Change) -> Result<(), Refusal> {
        match command {
            Command::JoinCaller { user } => self.join_caller(user, out),
            Command::JoinOutside { user, by, transfer } => {
                self.join_outside(user, by, transfer, out)
            }
            Command::JoinAgent { user } => self.join_agent(user, out),
            Command::AcceptHandover { user, handover } => self.accept_handover(user, handover, out),
            Command::Supervise { user, rights } => self.supervise(user, rights, out),
            Command::SetMode { leg, mode, coach, announce, expected } => {
                let wish = Wish { mode, coach, announce, expected };
                self.choose_mode(by, leg, wish, out)
            }
            Command::SetMuted { leg, muted } => self.set_muted(by, leg, muted, out),
            Command::SetHeld { held } => self.set_held(by, held, out),
            Command::Leave { leg, reason } => {
                self.own_leg(by, leg)?;
                self.leave(leg, reason, out);
                Ok(())
            }
            Command::SetMediaLost { leg, lost } => self.set_media_lost(leg, lost, out),
            Command::SetEcho { leg, echo } => self.set_echo(by, leg, echo, out),
            Command::MoveLeg { leg } => self.move_leg(by, leg, out),
            Command::SetRights { user, rights } => {
                self.set_rights(user, rights, out);
                Ok(())
            }
            Command::RequestHelp { leg, reason } => {
                self.own_leg(by, leg)?;
                self.request_help(leg, reason, out)
            }
            Command::TakeHelp { user } => self.take_help(user, out),
            Command::ReleaseHelp { user } => {
                self.release_help(user, out);
                Ok(())
            }
            Command::CloseHelp => self.close_help(by, out),
            Command::Transfer { leg, to, note } => {
                self.request(by, leg, HandoverKind::Transfer, to, note, out)
            }
            Command::Consult { leg, to, note } => {
                self.request(by, leg, HandoverKind::Consultation, to, note, out)
            }
            Command::Invite { leg, to, note } => {
                self.request(by, leg, HandoverKind::Conference, to, note, out)
            }
            Command::EndHandover { handover, outcome } => {
                self.end_handover(by, handover, outcome, out)
            }
            Command::CompleteTransfer { leg } => self.complete_transfer(by, leg, out),
            Command::MergeConsultation { leg } => self.admit(by, leg, out),
            Command::CancelConsultation { leg } => self.cancel_consultation(by, leg, out),
            Command::Hangup => {
                self.end(LeaveReason::CallEnded, out);
                Ok(())
            }
        }
    }

    fn set_muted(
        &mut self,
        by: Actor,
        id: LegId,
        wanted: bool,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        let mut leg = self.own_leg(by, id)?.clone();
        let (Party::Caller { muted } | Party::Agent { muted, .. }) = &mut leg.party else {
            return Err(Refusal::WrongRole);
        };
        if std::mem::replace(muted, wanted) != wanted {
            self.emit(Event::MuteChanged(leg), out);
        }
        Ok(())
    }

    fn set_media_lost(&mut self, id: LegId, lost: bool, out: &mut Change) -> Result<(), Refusal> {
        let leg = self.leg(id).ok_or(Refusal::NoSuchLeg)?;
        if leg.media_lost != lost {
            self.emit(Event::MediaLostChanged(Leg { media_lost: lost, ..leg.clone() }), out);
        }
        if lost {
            self.retreat(id, out);
        }
        Ok(())
    }

    fn set_echo(
        &mut self,
        by: Actor,
        id: LegId,
        echo: bool,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        let leg = self.own_leg(by, id)?;
        if leg.role() != Role::Agent {
            return Err(Refusal::WrongRole);
        }
        if leg.echo != echo {
            self.emit(Event::EchoChanged(Leg { echo, ..leg.clone() }), out);
        }
        Ok(())
    }

    fn move_leg(&mut self, by: Actor, id: LegId, out: &mut Change) -> Result<(), Refusal> {
        match self.own_leg(by, id)?.role() {
            Role::Caller | Role::Agent => self.set_media_lost(id, false, out),
            Role::Supervisor => Err(Refusal::WrongRole),
        }
    }

    /// A leg that may be attached: of a user who has none, in the first free place.
    fn fresh_leg(&self, user: UserId, party: Party, out: &Change) -> Result<Leg, Refusal> {
        if self.leg_of(user).is_some() {
            return Err(Refusal::AlreadyParty);
        }
        let is_free = |slot: &Slot| self.legs.iter().all(|leg| leg.slot != *slot);
        // The one that has been free the longest: the last words of who left it may still fade out.
        let freed_by = |slot: &Slot| self.freed_by[slot.index()];
        let slot = match party {
            Party::Caller { .. } | Party::Agent { .. } => {
                Slot::parties().filter(is_free).min_by_key(freed_by)
            }
            Party::Supervisor { .. } => Slot::supervisors().filter(is_free).min_by_key(freed_by),
        };
        let slot = slot.ok_or(Refusal::Full)?;
        let id = LegId(self.next_leg);
        Ok(Leg { id, slot, user, party, media_lost: false, echo: false, joined_at: out.at })
    }

    fn detach(&mut self, id: LegId, reason: LeaveReason, out: &mut Change) {
        let Some(leg) = self.leg(id).cloned() else { return };
        let event = match leg.role() {
            Role::Supervisor => Event::SupervisionEnded(leg, reason),
            Role::Caller | Role::Agent => Event::LegLeft(leg, reason),
        };
        self.emit(event, out);
    }

    fn own_leg(&self, by: Actor, id: LegId) -> Result<&Leg, Refusal> {
        let leg = self.leg(id).ok_or(Refusal::NoSuchLeg)?;
        match by {
            Actor::System => Ok(leg),
            Actor::User(user) if user == leg.user => Ok(leg),
            Actor::User(_) => Err(Refusal::NotYours),
        }
    }

    fn emit(&mut self, event: Event, out: &mut Change) {
        self.evolve(&event);
        out.events.push(event);
    }
}

/// Events in the making.
struct Change {
    at: UnixMs,
    events: Vec<Event>,
}
