//! Supervision on a call: coming in, modes, rights.

use super::{CallState, Change, Cue, Event, Refusal};
use crate::actor::Actor;
use crate::roster::Supervising;
use crate::{
    LeaveReason, Leg, LegId, Mode, ModeKind, Party, Revision, Rights, Role, RoutePlan, Source,
    SourceSet, Tone, UserId,
};

/// A supervisor's wish for a mode.
pub(super) struct Wish {
    pub mode: ModeKind,
    pub coach: Option<LegId>,
    pub announce: bool,
    pub expected: Option<Revision>,
}

impl CallState {
    pub(super) fn supervise(
        &mut self,
        user: UserId,
        rights: Rights,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        if self.caller().is_none() {
            return Err(Refusal::NoCaller);
        }
        if self.talking_agents().next().is_none() {
            return Err(Refusal::NoAgent);
        }
        match self.leg_of(user).map(|leg| (leg.id, leg.role())) {
            Some((old, Role::Supervisor)) => self.detach(old, LeaveReason::Replaced, out),
            Some((_, Role::Caller | Role::Agent)) => return Err(Refusal::AlreadyParty),
            None => {}
        }
        let (mode, mode_since) = (Mode::Listen, out.at);
        let leg = self.fresh_leg(user, Party::Supervisor { mode, mode_since, rights }, out)?;
        self.emit(Event::SupervisionStarted(leg), out);
        Ok(())
    }

    pub(super) fn choose_mode(
        &mut self,
        by: Actor,
        id: LegId,
        wish: Wish,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        let Wish { mode: wanted, coach, announce, expected } = wish;
        let leg = self.own_leg(by, id)?;
        let Party::Supervisor { rights, mode: present, .. } = leg.party else {
            return Err(Refusal::WrongRole);
        };
        Supervising { mode: present.kind(), rights }.check(wanted, expected, self.revision)?;
        if leg.media_lost && wanted != ModeKind::Listen {
            return Err(Refusal::MediaLost);
        }
        let mode = match wanted {
            // The way to silence stays open, even where it ends the call.
            ModeKind::Listen => Mode::Listen,
            ModeKind::Barge => self.check_company(present)?,
            ModeKind::Whisper => self.check_coach(coach, present)?,
            ModeKind::TakeOver => self.check_take_over(present, announce)?,
        };
        self.set_mode(id, mode, out);
        if mode == Mode::TakeOver {
            // Whoever speaks with the caller now has put nobody on hold.
            self.change_held(false, out);
        }
        self.end_if_left_alone(out);
        Ok(())
    }

    /// Back to Listen because of a fault or a lost right.
    pub(super) fn retreat(&mut self, id: LegId, out: &mut Change) {
        self.set_mode(id, Mode::Listen, out);
        self.end_if_left_alone(out);
    }

    pub(super) fn set_mode(&mut self, id: LegId, wanted: Mode, out: &mut Change) {
        let Some(mut leg) = self.leg(id).cloned() else { return };
        let Party::Supervisor { mode, mode_since, .. } = &mut leg.party else { return };
        if *mode == wanted {
            return;
        }
        let from = std::mem::replace(mode, wanted);
        *mode_since = out.at;
        self.emit(Event::ModeChanged { leg, from }, out);
    }

    pub(super) fn set_rights(&mut self, user: UserId, wanted: Option<Rights>, out: &mut Change) {
        let Some(mut leg) = self.leg_of(user).cloned() else { return };
        let Party::Supervisor { rights, mode, .. } = &mut leg.party else { return };
        let id = leg.id;
        let Some(wanted) = wanted else {
            self.detach(id, LeaveReason::Revoked, out);
            self.end_if_left_alone(out);
            return;
        };
        let left = Supervising { mode: mode.kind(), rights: *rights }.under(wanted);
        let ends = left != mode.kind();
        if *rights != wanted {
            *rights = wanted;
            self.emit(Event::RightsChanged(leg), out);
        }
        if ends {
            self.retreat(id, out);
        }
    }

    /// The tone of an entry into a mode, once the event is true. The route plan says once more who
    /// may hear it. Between Barge and take-over it is for the agents, who fall silent or are heard
    /// again; to the caller the supervisor has been announced.
    pub fn cue(&self, event: &Event) -> Option<Cue> {
        let Event::ModeChanged { leg, from } = event else { return None };
        let announced = from.kind().is_open();
        let (tone, wanted): (Tone, &dyn Fn(&Leg) -> bool) = match leg.mode()? {
            Mode::Listen => return None,
            Mode::Whisper { coached } => (Tone::WhisperBeep, &move |leg| leg.id == coached),
            Mode::Barge | Mode::TakeOver => (Tone::Barge, &move |leg| match leg.role() {
                Role::Caller => !announced,
                Role::Agent => true,
                Role::Supervisor => false,
            }),
        };
        let plan = RoutePlan::derive(self);
        let listeners = self
            .legs
            .iter()
            .filter(|leg| wanted(leg) && plan.row(leg.slot).gain(Source::Tone(tone)).is_some())
            .fold(SourceSet::EMPTY, |set, leg| set.with(Source::Leg(leg.slot)));
        (!listeners.is_empty()).then_some(Cue { tone, listeners })
    }

    fn check_coach(&self, coach: Option<LegId>, present: Mode) -> Result<Mode, Refusal> {
        let coached = match (coach, present) {
            (Some(id), _) => {
                let leg = self.leg(id).ok_or(Refusal::NoSuchLeg)?;
                if leg.role() != Role::Agent {
                    return Err(Refusal::NotAnAgent);
                }
                id
            }
            (None, Mode::Whisper { coached }) => coached,
            (None, Mode::Listen | Mode::Barge | Mode::TakeOver) => {
                self.talking_agents().next().ok_or(Refusal::NoAgent)?.id
            }
        };
        Ok(Mode::Whisper { coached })
    }

    /// A call that was taken over is handed back to somebody.
    fn check_company(&self, present: Mode) -> Result<Mode, Refusal> {
        let alone = present == Mode::TakeOver && !self.has_company();
        if alone { Err(Refusal::NoAgent) } else { Ok(Mode::Barge) }
    }

    fn check_take_over(&self, present: Mode, announce: bool) -> Result<Mode, Refusal> {
        if present == Mode::TakeOver {
            return Ok(present);
        }
        self.not_taken_over()?;
        if self.talking_agents().next().is_none() {
            return Err(Refusal::NoAgent);
        }
        if present != Mode::Barge && !announce {
            return Err(Refusal::AnnounceFirst);
        }
        Ok(Mode::TakeOver)
    }

    /// While a supervisor speaks with the caller in the agents' stead, nobody else directs the call.
    pub(super) fn not_taken_over(&self) -> Result<(), Refusal> {
        if self.taken_over_by().is_some() { Err(Refusal::TakenOver) } else { Ok(()) }
    }
}
