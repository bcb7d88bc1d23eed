//! Transfer, blind and with consultation, and conference.
//!
//! One request waits at a time. Whoever joins meanwhile accepts it. A consulted agent is on the
//! call but hears the consulting agent alone until admitted; the caller does not know of them.

use super::{Actor, Applied, CallState, Command, Event, Refusal};
use crate::dispatch::Target;
use crate::handover::{Handover, HandoverId, HandoverKind, HandoverOutcome, NOTE_CHARS_MAX};
use crate::help::HelpCancel;
use crate::{LeaveReason, Leg, LegId, Party, Role, UnixMs, UserId};

/// A request in the making.
struct Request {
    leg: LegId,
    kind: HandoverKind,
    to: Target,
    note: Option<String>,
}

impl CallState {
    /// The commands of this module.
    pub(super) fn hand(
        &mut self,
        at: UnixMs,
        by: Actor,
        command: Command,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        match command {
            Command::Transfer { leg, to, note } => {
                let kind = HandoverKind::Transfer;
                self.request(at, by, Request { leg, kind, to, note }, out)?;
                self.cancel_help(at, HelpCancel::Transferred, out);
                self.leave(at, leg, LeaveReason::Transferred, out);
            }
            Command::Consult { leg, to, note } => {
                let kind = HandoverKind::Consultation;
                self.request(at, by, Request { leg, kind, to, note }, out)?;
                self.change_held(true, out);
            }
            Command::Invite { leg, to, note } => {
                let kind = HandoverKind::Conference;
                self.request(at, by, Request { leg, kind, to, note }, out)?;
            }
            Command::EndHandover { handover, outcome } => {
                self.end_handover(at, by, (handover, outcome), out)?;
            }
            Command::CompleteTransfer { leg } => {
                self.admit(at, by, leg, out)?;
                self.cancel_help(at, HelpCancel::Transferred, out);
                self.leave(at, leg, LeaveReason::Transferred, out);
            }
            Command::MergeConsultation { leg } => self.admit(at, by, leg, out)?,
            Command::CancelConsultation { leg } => self.cancel_consultation(at, by, leg, out)?,
            _ => {}
        }
        Ok(())
    }

    /// Ends the request that waits, if one does.
    pub(super) fn end_handover_with(&mut self, outcome: HandoverOutcome, out: &mut Applied) {
        if let Some(handover) = self.handover.take() {
            out.events.push(Event::HandoverEnded(handover, outcome));
        }
    }

    fn request(
        &mut self,
        at: UnixMs,
        by: Actor,
        request: Request,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        let Request { leg, kind, to, note } = request;
        self.own_leg(by, leg)?;
        let from = self.talking(leg)?;
        if self.handover.is_some() || self.consulted().is_some() {
            return Err(Refusal::HandoverPending);
        }
        if note.as_ref().is_some_and(|text| text.chars().count() > NOTE_CHARS_MAX) {
            return Err(Refusal::NoteTooLong);
        }
        if let Target::Agent(user) = to
            && self.leg_of(user).is_some_and(|leg| leg.role() != Role::Supervisor)
        {
            return Err(Refusal::TargetPresent);
        }
        self.handovers_made += 1;
        let id = HandoverId(self.handovers_made);
        let handover = Handover { id, kind, from, to, note, requested_at: at };
        self.handover = Some(handover.clone());
        out.events.push(Event::HandoverRequested(handover));
        Ok(())
    }

    fn end_handover(
        &mut self,
        at: UnixMs,
        by: Actor,
        (id, outcome): (HandoverId, HandoverOutcome),
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        let waits = self.handover.as_ref().filter(|it| it.id == id);
        let handover = waits.ok_or(Refusal::NoHandover)?;
        if matches!(outcome, HandoverOutcome::Accepted(_)) {
            // Accepting is joining.
            return Err(Refusal::WrongRole);
        }
        if let Actor::User(user) = by
            && (handover.from != user
                || outcome != HandoverOutcome::Cancelled
                || self.leg_of(user).is_none())
        {
            return Err(Refusal::NotYours);
        }
        self.end_handover_with(outcome, out);
        if self.talking_agents().next().is_none() {
            self.end(at, LeaveReason::CallEnded, out);
        }
        Ok(())
    }

    /// Lets the agent whom this leg consults talk with the caller, who is not to tell from any time
    /// that they were there before.
    fn admit(
        &mut self,
        at: UnixMs,
        by: Actor,
        leg: LegId,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        self.own_leg(by, leg)?;
        self.talking(leg)?;
        let own = |it: &&mut Leg| it.consulted_by() == Some(leg);
        let consulted = self.legs.iter_mut().find(own).ok_or(Refusal::NoHandover)?;
        if let Party::Agent { consulted_by, .. } = &mut consulted.party {
            *consulted_by = None;
        }
        consulted.joined_at = at;
        out.events.push(Event::Admitted(consulted.clone()));
        self.change_held(false, out);
        Ok(())
    }

    fn cancel_consultation(
        &mut self,
        at: UnixMs,
        by: Actor,
        leg: LegId,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        self.own_leg(by, leg)?;
        let user = self.talking(leg)?;
        let consulted = self.consulted().filter(|it| it.consulted_by() == Some(leg));
        if let Some(consulted) = consulted.map(|it| it.id) {
            self.leave(at, consulted, LeaveReason::CallEnded, out);
            return Ok(());
        }
        let asks = |it: &Handover| it.kind == HandoverKind::Consultation && it.from == user;
        if !self.handover.as_ref().is_some_and(asks) {
            return Err(Refusal::NoHandover);
        }
        self.end_handover_with(HandoverOutcome::Cancelled, out);
        Ok(())
    }

    /// The user of an agent's leg that talks with the caller.
    fn talking(&self, id: LegId) -> Result<UserId, Refusal> {
        let leg = self.leg(id).ok_or(Refusal::NoSuchLeg)?;
        match leg.party {
            Party::Agent { consulted_by: None, .. } => Ok(leg.user),
            _ => Err(Refusal::WrongRole),
        }
    }
}
