//! Transfer, blind and with consultation, and conference.
//!
//! One request waits at a time. Whoever joins meanwhile accepts it. A consulted agent is on the
//! call but hears the consulting agent alone until admitted; the caller does not know of them.

use super::{CallState, Change, Event, Refusal};
use crate::Target;
use crate::actor::Actor;
use crate::handover::{Handover, HandoverId, HandoverKind, HandoverOutcome};
use crate::help::HelpCancel;
use crate::roster::{self, Request};
use crate::{LeaveReason, Leg, LegId, Party, Role, UserId};

impl CallState {
    pub(super) fn request(
        &mut self,
        by: Actor,
        leg: LegId,
        kind: HandoverKind,
        to: Target,
        note: Option<String>,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        self.own_leg(by, leg)?;
        let request = Request { kind, from: self.talking(leg)?.user, to, note };
        self.not_taken_over()?;
        if self.handover.is_some() || self.consulted().is_some() {
            return Err(Refusal::HandoverPending);
        }
        let is_party = |user| self.leg_of(user).is_some_and(|leg| leg.role() != Role::Supervisor);
        request.check(is_party)?;
        let handover = request.number(self.handovers_made, out.at);
        self.emit(Event::HandoverRequested(handover), out);
        match kind {
            HandoverKind::Transfer => self.hand_off(leg, out),
            HandoverKind::Consultation => self.change_held(true, out),
            HandoverKind::Conference => {}
        }
        Ok(())
    }

    pub(super) fn complete_transfer(
        &mut self,
        by: Actor,
        leg: LegId,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        self.admit(by, leg, out)?;
        self.hand_off(leg, out);
        Ok(())
    }

    /// Somebody outside has taken the call that the agent of leg `by` made to them.
    pub(super) fn join_outside(
        &mut self,
        user: UserId,
        by: LegId,
        transfer: bool,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        self.talking(by)?;
        self.not_taken_over()?;
        if self.caller().is_none() {
            return Err(Refusal::NoCaller);
        }
        if self.outside().is_some() {
            return Err(Refusal::Full);
        }
        let leg = self.fresh_leg(user, Party::Caller { muted: false }, out)?;
        self.emit(Event::LegJoined(leg), out);
        if transfer {
            self.hand_off(by, out);
        }
        Ok(())
    }

    /// Ends the request that waits, if one does.
    pub(super) fn end_handover_with(&mut self, outcome: HandoverOutcome, out: &mut Change) {
        if let Some(handover) = self.handover.clone() {
            self.emit(Event::HandoverEnded(handover, outcome), out);
        }
    }

    pub(super) fn end_handover(
        &mut self,
        by: Actor,
        id: HandoverId,
        outcome: HandoverOutcome,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        let is_party = |user| self.leg_of(user).is_some();
        roster::may_end(&self.handover, by, id, outcome, is_party)?;
        self.end_handover_with(outcome, out);
        self.end_if_left_alone(out);
        Ok(())
    }

    /// Lets the agent whom this leg consults talk with the caller, who is not to tell from any time
    /// that they were there before.
    pub(super) fn admit(&mut self, by: Actor, leg: LegId, out: &mut Change) -> Result<(), Refusal> {
        self.own_leg(by, leg)?;
        self.talking(leg)?;
        self.not_taken_over()?;
        let own = |it: &&Leg| it.consulted_by() == Some(leg);
        let mut admitted = self.legs.iter().find(own).ok_or(Refusal::NoHandover)?.clone();
        if let Party::Agent { consulted_by, .. } = &mut admitted.party {
            *consulted_by = None;
        }
        admitted.joined_at = out.at;
        self.emit(Event::Admitted(admitted), out);
        self.change_held(false, out);
        Ok(())
    }

    pub(super) fn cancel_consultation(
        &mut self,
        by: Actor,
        leg: LegId,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        self.own_leg(by, leg)?;
        let user = self.talking(leg)?.user;
        let consulted = self.consulted().filter(|it| it.consulted_by() == Some(leg));
        if let Some(consulted) = consulted.map(|it| it.id) {
            self.leave(consulted, LeaveReason::CallEnded, out);
            return Ok(());
        }
        let asks = |it: &Handover| it.kind == HandoverKind::Consultation && it.from == user;
        if !self.handover.as_ref().is_some_and(asks) {
            return Err(Refusal::NoHandover);
        }
        self.end_handover_with(HandoverOutcome::Cancelled, out);
        Ok(())
    }

    /// The agent leaves the call to somebody else.
    fn hand_off(&mut self, leg: LegId, out: &mut Change) {
        self.cancel_help(HelpCancel::Transferred, out);
        self.leave(leg, LeaveReason::Transferred, out);
    }

    /// An agent's leg that talks with the caller.
    fn talking(&self, id: LegId) -> Result<&Leg, Refusal> {
        let leg = self.leg(id).ok_or(Refusal::NoSuchLeg)?;
        match leg.party {
            Party::Agent { consulted_by: None, .. } => Ok(leg),
            Party::Agent { consulted_by: Some(_), .. }
            | Party::Caller { .. }
            | Party::Supervisor { .. } => Err(Refusal::WrongRole),
        }
    }
}
