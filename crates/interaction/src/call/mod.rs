//! One call: its legs, its hold, help and transfer states, and what may change them.
//!
//! [`CallState::apply`] is the only way to change a call. It either changes it and says what
//! happened ([`Applied`]), or changes nothing and says why not ([`Refusal`]). Every fault (media
//! lost, rights revoked, the coached agent gone) takes supervision towards silence, never back.

mod command;
mod handing;
mod parties;
mod supervision;

pub use command::{Actor, Applied, Command, Cue, Event, Refusal};

use crate::handover::{Handover, HandoverKind};
use crate::help::{Help, HelpDesk};
use crate::{
    CallId, LEGS_MAX, LeaveReason, Leg, LegId, Mode, Party, Policy, Revision, Role, Slot, UnixMs,
    UserId,
};

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

    /// Applies one command. On a refusal nothing has changed.
    pub fn apply(&mut self, at: UnixMs, by: Actor, command: Command) -> Result<Applied, Refusal> {
        if self.ended {
            return Err(Refusal::Ended);
        }
        let mut applied = Applied::default();
        match command {
            Command::JoinCaller { user } => self.join_caller(at, user, &mut applied)?,
            Command::JoinAgent { user } => self.join_agent(at, user, &mut applied)?,
            Command::AcceptHandover { user, handover } => {
                if self.handover.as_ref().is_none_or(|it| it.id != handover) {
                    return Err(Refusal::NoHandover);
                }
                self.join_agent(at, user, &mut applied)?;
            }
            Command::Supervise { user, rights } => {
                self.supervise(at, user, rights, &mut applied)?
            }
            Command::SetMode { leg, mode, coach, expected } => {
                self.own_leg(by, leg)?;
                let mode = self.check_mode(leg, mode, coach, expected)?;
                self.set_mode(at, leg, mode, &mut applied);
            }
            Command::SetMuted { leg, muted } => {
                self.own_leg(by, leg)?;
                self.set_muted(leg, muted, &mut applied)?;
            }
            Command::SetHeld { held } => self.set_held(by, held, &mut applied)?,
            Command::Leave { leg, reason } => {
                self.own_leg(by, leg)?;
                self.leave(at, leg, reason, &mut applied);
            }
            Command::SetMediaLost { leg, lost } => {
                self.set_media_lost(at, leg, lost, &mut applied)?
            }
            Command::SetEcho { leg, echo } => {
                self.own_leg(by, leg)?;
                self.set_echo(leg, echo, &mut applied)?;
            }
            Command::MoveLeg { leg } => {
                self.own_leg(by, leg)?;
                self.move_leg(at, leg, &mut applied)?;
            }
            Command::SetRights { user, rights } => self.set_rights(at, user, rights, &mut applied),
            Command::RequestHelp { leg, reason } => {
                self.own_leg(by, leg)?;
                self.request_help(at, leg, reason, &mut applied)?;
            }
            Command::TakeHelp { user } => self.take_help(at, user, &mut applied)?,
            Command::CloseHelp => self.close_help(at, by, &mut applied)?,
            Command::Transfer { .. }
            | Command::Consult { .. }
            | Command::Invite { .. }
            | Command::EndHandover { .. }
            | Command::CompleteTransfer { .. }
            | Command::MergeConsultation { .. }
            | Command::CancelConsultation { .. } => self.hand(at, by, command, &mut applied)?,
            Command::Hangup => self.end(at, LeaveReason::CallEnded, &mut applied),
        }
        if !applied.events.is_empty() {
            self.revision.0 += 1;
        }
        Ok(applied)
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

    /// The caller's leg.
    pub fn caller(&self) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.role() == Role::Caller)
    }

    /// The supervisors who whisper to this agent's leg.
    pub fn coaches_of(&self, agent: LegId) -> impl Iterator<Item = &Leg> {
        self.legs.iter().filter(move |leg| leg.mode() == Some(Mode::Whisper { coached: agent }))
    }

    /// Whether a supervisor has barged.
    pub fn anybody_barges(&self) -> bool {
        self.legs.iter().any(|leg| leg.mode() == Some(Mode::Barge))
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

    /// When the first agent answered.
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

    fn set_muted(&mut self, id: LegId, wanted: bool, out: &mut Applied) -> Result<(), Refusal> {
        let leg = self.leg_mut(id)?;
        let (Party::Caller { muted } | Party::Agent { muted, .. }) = &mut leg.party else {
            return Err(Refusal::WrongRole);
        };
        if *muted != wanted {
            *muted = wanted;
            out.events.push(Event::MuteChanged(leg.clone()));
        }
        Ok(())
    }

    fn set_media_lost(
        &mut self,
        at: UnixMs,
        id: LegId,
        lost: bool,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        let leg = self.leg_mut(id)?;
        if leg.media_lost != lost {
            leg.media_lost = lost;
            out.events.push(Event::MediaLostChanged(leg.clone()));
        }
        if lost {
            self.set_mode(at, id, Mode::Listen, out);
        }
        Ok(())
    }

    fn set_echo(&mut self, id: LegId, echo: bool, out: &mut Applied) -> Result<(), Refusal> {
        let leg = self.leg_mut(id)?;
        if leg.role() != Role::Agent {
            return Err(Refusal::WrongRole);
        }
        if leg.echo != echo {
            leg.echo = echo;
            out.events.push(Event::EchoChanged(leg.clone()));
        }
        Ok(())
    }

    fn move_leg(&mut self, at: UnixMs, id: LegId, out: &mut Applied) -> Result<(), Refusal> {
        if self.leg_mut(id)?.role() == Role::Supervisor {
            return Err(Refusal::WrongRole);
        }
        out.moved = Some(id);
        self.set_media_lost(at, id, false, out)
    }

    fn attach(&mut self, at: UnixMs, user: UserId, party: Party) -> Result<Leg, Refusal> {
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
        self.next_leg += 1;
        let leg = Leg { id, slot, user, party, media_lost: false, echo: false, joined_at: at };
        self.legs.push(leg.clone());
        Ok(leg)
    }

    fn detach(&mut self, id: LegId, reason: LeaveReason, out: &mut Applied) {
        let Some(index) = self.legs.iter().position(|leg| leg.id == id) else { return };
        let leg = self.legs.remove(index);
        self.departures += 1;
        self.freed_by[leg.slot.index()] = self.departures;
        out.events.push(match leg.role() {
            Role::Supervisor => Event::SupervisionEnded(leg, reason),
            Role::Caller | Role::Agent => Event::LegLeft(leg, reason),
        });
    }

    fn own_leg(&self, by: Actor, id: LegId) -> Result<(), Refusal> {
        let leg = self.leg(id).ok_or(Refusal::NoSuchLeg)?;
        match by {
            Actor::System => Ok(()),
            Actor::User(user) if user == leg.user => Ok(()),
            Actor::User(_) => Err(Refusal::NotYours),
        }
    }

    fn leg_mut(&mut self, id: LegId) -> Result<&mut Leg, Refusal> {
        self.legs.iter_mut().find(|leg| leg.id == id).ok_or(Refusal::NoSuchLeg)
    }
}
