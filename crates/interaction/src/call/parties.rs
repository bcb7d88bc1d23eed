//! Callers and agents: coming, going, hold, help.

use super::{Actor, Applied, CallState, Event, Refusal};
use crate::handover::{HandoverKind, HandoverOutcome};
use crate::help::HelpCancel;
use crate::{LeaveReason, Leg, LegId, Mode, Party, Role, UnixMs, UserId};

impl CallState {
    pub(super) fn join_caller(
        &mut self,
        at: UnixMs,
        user: UserId,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        if self.caller().is_some() {
            return Err(Refusal::CallerPresent);
        }
        let leg = self.attach(at, user, Party::Caller { muted: false })?;
        out.joined = Some(leg.id);
        out.events.push(Event::LegJoined(leg));
        Ok(())
    }

    /// An agent who comes while a request waits is the one who accepts it.
    pub(super) fn join_agent(
        &mut self,
        at: UnixMs,
        user: UserId,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        let waits = self.handover.as_ref().map(|handover| (handover.kind, handover.from));
        let consulted_by = match waits {
            Some((HandoverKind::Consultation, from)) => self.leg_of(from).map(|leg| leg.id),
            _ => None,
        };
        let leg = self.attach(at, user, Party::Agent { muted: false, consulted_by })?;
        self.answered_at.get_or_insert(at);
        out.joined = Some(leg.id);
        self.end_handover_with(HandoverOutcome::Accepted(user), out);
        out.events.push(Event::LegJoined(leg));
        if waits.is_some_and(|(kind, _)| kind == HandoverKind::Transfer) {
            // Whoever put the caller on hold is gone.
            self.change_held(false, out);
        }
        Ok(())
    }

    pub(super) fn set_held(
        &mut self,
        by: Actor,
        wanted: bool,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        if self.talking_agents().next().is_none() {
            return Err(Refusal::NoAgent);
        }
        if let Actor::User(user) = by
            && self.talking_agents().all(|leg| leg.user != user)
        {
            return Err(Refusal::WrongRole);
        }
        self.change_held(wanted, out);
        Ok(())
    }

    pub(super) fn change_held(&mut self, wanted: bool, out: &mut Applied) {
        if self.held != wanted {
            self.held = wanted;
            out.events.push(Event::HeldChanged(wanted));
        }
    }

    pub(super) fn leave(&mut self, at: UnixMs, id: LegId, reason: LeaveReason, out: &mut Applied) {
        let Some(user) = self.leg(id).map(|leg| leg.user) else { return };
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
            self.orphans_listen(at, consulted, out);
        }
        let unattended = self.answered_at.is_some() && self.talking_agents().next().is_none();
        if self.caller().is_none() || (unattended && !self.parked()) {
            self.end(at, LeaveReason::CallEnded, out);
            return;
        }
        self.orphans_listen(at, id, out);
        if self.help.live().is_some_and(|help| help.agent == user) {
            self.cancel_help(at, HelpCancel::AgentLeft, out);
        }
    }

    pub(super) fn request_help(
        &mut self,
        at: UnixMs,
        id: LegId,
        reason: Option<String>,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        let leg = self.leg_mut(id)?;
        if leg.role() != Role::Agent {
            return Err(Refusal::WrongRole);
        }
        let user = leg.user;
        let help = self.help.raised(at, user, reason)?;
        if self.help.live() != Some(&help) {
            self.help.set(&help);
            out.events.push(Event::HelpChanged(help));
        }
        Ok(())
    }

    pub(super) fn take_help(
        &mut self,
        at: UnixMs,
        user: UserId,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        if let Some(help) = self.help.taken(at, user)? {
            self.help.set(&help);
            out.events.push(Event::HelpChanged(help));
        }
        Ok(())
    }

    pub(super) fn close_help(
        &mut self,
        at: UnixMs,
        by: Actor,
        out: &mut Applied,
    ) -> Result<(), Refusal> {
        let help = self.help.closed(at, by)?;
        self.help.set(&help);
        out.events.push(Event::HelpChanged(help));
        Ok(())
    }

    pub(super) fn cancel_help(&mut self, at: UnixMs, why: HelpCancel, out: &mut Applied) {
        if let Some(help) = self.help.cancelled(at, why) {
            self.help.set(&help);
            out.events.push(Event::HelpChanged(help));
        }
    }

    pub(super) fn end(&mut self, at: UnixMs, reason: LeaveReason, out: &mut Applied) {
        self.cancel_help(at, HelpCancel::Ended, out);
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
        self.ended = true;
        out.events.push(Event::Ended);
    }

    /// Who coached a leg that is gone listens again: a whisper is never passed on to another.
    fn orphans_listen(&mut self, at: UnixMs, coached: LegId, out: &mut Applied) {
        let order = |leg: &Leg| (leg.mode_since(), leg.user, leg.id);
        let mut orphans: Vec<(UnixMs, UserId, LegId)> =
            self.coaches_of(coached).map(order).collect();
        orphans.sort_unstable();
        for (.., orphan) in orphans {
            self.set_mode(at, orphan, Mode::Listen, out);
        }
    }
}
