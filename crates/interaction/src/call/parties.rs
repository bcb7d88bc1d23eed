//! Callers and agents: coming, going, hold, help.

use super::{CallState, Change, Event, Refusal};
use crate::actor::Actor;
use crate::handover::{HandoverId, HandoverKind, HandoverOutcome};
use crate::help::{Help, HelpCancel};
use crate::{LeaveReason, Leg, LegId, Mode, Party, Role, UnixMs, UserId};

impl CallState {
    pub(super) fn join_caller(&mut self, user: UserId, out: &mut Change) -> Result<(), Refusal> {
        if self.caller().is_some() {
            return Err(Refusal::CallerPresent);
        }
        let leg = self.fresh_leg(user, Party::Caller { muted: false }, out)?;
        self.emit(Event::LegJoined(leg), out);
        Ok(())
    }

    /// An agent who comes while a request waits is the one who accepts it.
    pub(super) fn join_agent(&mut self, user: UserId, out: &mut Change) -> Result<(), Refusal> {
        let waits = self.handover.as_ref().map(|handover| (handover.kind, handover.from));
        let consulted_by = match waits {
            Some((HandoverKind::Consultation, from)) => self.leg_of(from).map(|leg| leg.id),
            Some((HandoverKind::Transfer | HandoverKind::Conference, _)) | None => None,
        };
        let leg = self.fresh_leg(user, Party::Agent { muted: false, consulted_by }, out)?;
        self.end_handover_with(HandoverOutcome::Accepted(user), out);
        self.emit(Event::LegJoined(leg), out);
        if waits.is_some_and(|(kind, _)| kind == HandoverKind::Transfer) {
            // Whoever put the caller on hold is gone.
            self.change_held(false, out);
        }
        Ok(())
    }

    pub(super) fn accept_handover(
        &mut self,
        user: UserId,
        handover: HandoverId,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        if self.handover.as_ref().is_none_or(|it| it.id != handover) {
            return Err(Refusal::NoHandover);
        }
        self.join_agent(user, out)
    }

    pub(super) fn set_held(
        &mut self,
        by: Actor,
        wanted: bool,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        if self.talking_agents().next().is_none() {
            return Err(Refusal::NoAgent);
        }
        if wanted {
            self.not_taken_over()?;
        }
        if let Actor::User(user) = by
            && self.talking_agents().all(|leg| leg.user != user)
        {
            return Err(Refusal::WrongRole);
        }
        self.change_held(wanted, out);
        Ok(())
    }

    pub(super) fn change_held(&mut self, wanted: bool, out: &mut Change) {
        if self.held != wanted {
            self.emit(Event::HeldChanged(wanted), out);
        }
    }

    pub(super) fn leave(&mut self, id: LegId, reason: LeaveReason, out: &mut Change) {
        let Some(user) = self.leg(id).map(|leg| leg.user) else { return };
        let is_customer = self.caller().is_some_and(|leg| leg.id == id);
        self.detach(id, reason, out);
        // A request needs its sender, but for a transfer, whose sender has gone.
        let orphaned = self
            .handover
            .as_ref()
            .is_some_and(|it| it.from == user && it.kind != HandoverKind::Transfer);
        if orphaned {
            self.end_handover_with(HandoverOutcome::Cancelled, out);
        }
        if self.consulted().is_some_and(|leg| leg.consulted_by() == Some(id))
            && let Some(consulted) = self.consulted().map(|leg| leg.id)
        {
            self.detach(consulted, LeaveReason::CallEnded, out);
            self.orphans_listen(consulted, out);
        }
        // It is the customer's call: somebody outside does not go on with it.
        if is_customer || self.caller().is_none() {
            self.end(LeaveReason::CallEnded, out);
            return;
        }
        if self.end_if_left_alone(out) {
            return;
        }
        let unattended = self.answered_at.is_some() && self.talking_agents().next().is_none();
        if unattended && !self.parked() {
            // Whoever put the two on hold is gone.
            self.change_held(false, out);
        }
        self.orphans_listen(id, out);
        if self.help.live().is_some_and(|help| help.agent == user) {
            self.cancel_help(HelpCancel::AgentLeft, out);
        }
    }

    /// Ends a call in which nobody is left with the caller; whether it did.
    pub(super) fn end_if_left_alone(&mut self, out: &mut Change) -> bool {
        let taken_over = self.taken_over_by().is_some();
        let alone = self.answered_at.is_some() && !self.has_company() && !taken_over;
        if alone {
            self.end(LeaveReason::CallEnded, out);
        }
        alone
    }

    /// Whether somebody is with the caller, or will be: an agent, somebody outside, the next agent.
    /// Supervisors do not count.
    pub(super) fn has_company(&self) -> bool {
        self.talking_agents().next().is_some() || self.parked() || self.outside().is_some()
    }

    pub(super) fn request_help(
        &mut self,
        id: LegId,
        reason: Option<String>,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        let leg = self.leg(id).ok_or(Refusal::NoSuchLeg)?;
        if leg.role() != Role::Agent {
            return Err(Refusal::WrongRole);
        }
        let help = self.help.raised(out.at, leg.user, reason)?;
        let is_new = self.help.live() != Some(&help);
        self.change_help(Some(help).filter(|_| is_new), out);
        Ok(())
    }

    pub(super) fn take_help(&mut self, user: UserId, out: &mut Change) -> Result<(), Refusal> {
        let help = self.help.taken(out.at, user)?;
        self.change_help(help, out);
        Ok(())
    }

    pub(super) fn release_help(&mut self, user: UserId, out: &mut Change) {
        self.change_help(self.help.released(user), out);
    }

    pub(super) fn close_help(&mut self, by: Actor, out: &mut Change) -> Result<(), Refusal> {
        let help = self.help.closed(out.at, by)?;
        self.change_help(Some(help), out);
        Ok(())
    }

    pub(super) fn cancel_help(&mut self, why: HelpCancel, out: &mut Change) {
        self.change_help(self.help.cancelled(out.at, why), out);
    }

    pub(super) fn end(&mut self, reason: LeaveReason, out: &mut Change) {
        self.cancel_help(HelpCancel::Ended, out);
        self.end_handover_with(HandoverOutcome::Cancelled, out);
        // Supervisors go first, so that no order of events ever shows one without a call.
        // Among them by when they became visible, not by when they began to listen, as their legs' ids
        // would tell of two who barged in the same millisecond.
        let order =
            |leg: &Leg| (leg.role() != Role::Supervisor, leg.mode_since(), leg.user, leg.id);
        let mut ids: Vec<(bool, UnixMs, UserId, LegId)> = self.legs.iter().map(order).collect();
        ids.sort_unstable();
        for (.., id) in ids {
            self.detach(id, reason, out);
        }
        self.emit(Event::Ended, out);
    }

    fn change_help(&mut self, help: Option<Help>, out: &mut Change) {
        if let Some(help) = help {
            self.emit(Event::HelpChanged(help), out);
        }
    }

    /// Who coached a leg that is gone listens again: a whisper is never passed on to another.
    fn orphans_listen(&mut self, coached: LegId, out: &mut Change) {
        let order = |leg: &Leg| (leg.mode_since(), leg.user, leg.id);
        let mut orphans: Vec<(UnixMs, UserId, LegId)> =
            self.coaches_of(coached).map(order).collect();
        orphans.sort_unstable();
        for (.., orphan) in orphans {
            self.set_mode(orphan, Mode::Listen, out);
        }
    }
}
