//! Help, transfer, conference.

use super::{Change, Conversation, EndReason, Event, HANDOVERS_MAX, PartKind, Refusal};
use crate::Target;
use crate::handover::{Handover, HandoverId, HandoverKind, HandoverOutcome};
use crate::roster::{self, Request};
use crate::{Actor, LeaveReason, UserId};

impl Conversation {
    pub(super) fn raise_help(
        &mut self,
        by: Actor,
        reason: Option<String>,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        if !self.config.features.help {
            return Err(Refusal::SwitchedOff);
        }
        let agent = self.sending_agent(by)?;
        let help = self.help.raised(out.at, agent.user, reason)?;
        if self.help.live() != Some(&help) {
            self.emit(Event::HelpChanged(help), out);
        }
        Ok(())
    }

    pub(super) fn take_help(&mut self, by: Actor, out: &mut Change) -> Result<(), Refusal> {
        let Actor::User(user) = by else { return Err(Refusal::NotAMember) };
        let part = self.member(user).map(|member| member.part.kind());
        if part.is_some_and(|part| part != PartKind::Supervisor) {
            return Err(Refusal::WrongPart);
        }
        if let Some(help) = self.help.taken(out.at, user)? {
            self.emit(Event::HelpChanged(help), out);
        }
        Ok(())
    }

    pub(super) fn release_help_by(
        &mut self,
        by: Actor,
        user: UserId,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        if by != Actor::System {
            return Err(Refusal::NotYours);
        }
        self.release_help(user, out);
        Ok(())
    }

    pub(super) fn release_help(&mut self, user: UserId, out: &mut Change) {
        if let Some(help) = self.help.released(user) {
            self.emit(Event::HelpChanged(help), out);
        }
    }

    pub(super) fn close_help(&mut self, by: Actor, out: &mut Change) -> Result<(), Refusal> {
        if let Actor::User(user) = by
            && self.member(user).is_some_and(|it| it.part.kind() == PartKind::Requester)
        {
            return Err(Refusal::WrongPart);
        }
        let help = self.help.closed(out.at, by)?;
        self.emit(Event::HelpChanged(help), out);
        Ok(())
    }

    pub(super) fn transfer(
        &mut self,
        by: Actor,
        to: Target,
        note: Option<String>,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        let agent = self.sending_agent(by)?;
        self.not_taken_over()?;
        let handover = self.request(agent.user, HandoverKind::Transfer, to, note, out)?;
        self.emit(Event::HandoverRequested(handover), out);
        self.agent_leaves(agent.user, LeaveReason::Transferred, out);
        Ok(())
    }

    pub(super) fn invite(
        &mut self,
        by: Actor,
        to: Target,
        note: Option<String>,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        let agent = self.sending_agent(by)?;
        self.not_taken_over()?;
        let handover = self.request(agent.user, HandoverKind::Conference, to, note, out)?;
        self.emit(Event::HandoverRequested(handover), out);
        Ok(())
    }

    pub(super) fn end_handover(
        &mut self,
        by: Actor,
        id: HandoverId,
        outcome: HandoverOutcome,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        // The customer knows of no request: "not yours" would say that somebody is asked in.
        if by == Actor::User(self.config.requester) {
            return Err(Refusal::NoSuchHandover);
        }
        let is_member = |user| self.member(user).is_some();
        let handover = roster::may_end(&self.handovers, by, id, outcome, is_member)?.clone();
        let kind = handover.kind;
        self.emit(Event::HandoverEnded(handover, outcome), out);
        let over = kind == HandoverKind::Transfer
            && self.transfer_pending().is_none()
            && self.agents().next().is_none();
        if over {
            self.end(EndReason::NoAgents, out);
        }
        Ok(())
    }

    fn request(
        &self,
        from: UserId,
        kind: HandoverKind,
        to: Target,
        note: Option<String>,
        out: &Change,
    ) -> Result<Handover, Refusal> {
        let request = Request { kind, from, to, note };
        request.check(|user| {
            let part = self.member(user).map(|member| member.part.kind());
            matches!(part, Some(PartKind::Agent | PartKind::Requester))
        })?;
        // Asking somebody in never keeps anybody from handing over.
        let of_kind = self.handovers.iter().filter(|it| it.kind == kind).count();
        if of_kind >= HANDOVERS_MAX {
            return Err(Refusal::TooManyHandovers);
        }
        Ok(request.number(self.handovers_made, out.at))
    }
}
