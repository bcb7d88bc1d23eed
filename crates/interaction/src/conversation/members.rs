//! Coming, going, and modes.
//!
//! A refusal depends on what the sender may see, and on nothing else: one that tells of another
//! member is worked out over those whom the sender [`sees`]. Each part has a room of its own, so
//! that nobody hidden takes anybody's place.

use super::{
    AGENTS_MAX, COLLEAGUES_MAX, Change, Conversation, EndReason, Event, Member, Part, PartKind,
    Reader, Refusal, SUPERVISORS_MAX, sees,
};
use crate::handover::{Handover, HandoverId, HandoverKind, HandoverOutcome};
use crate::help::{Help, HelpCancel};
use crate::roster::Supervising;
use crate::{Actor, LeaveReason, ModeKind, Revision, Rights, Target, UserId};

impl Conversation {
    pub(super) fn join_agent(
        &mut self,
        user: UserId,
        rights: Rights,
        handover: Option<HandoverId>,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        if self.config.requester == user {
            return Err(Refusal::AlreadyMember);
        }
        let accepted = self.accepted(user, handover)?;
        let before = self.member(user).cloned();
        match before.as_ref().map(|member| member.part.kind()) {
            Some(PartKind::Agent) => return Err(Refusal::AlreadyMember),
            _ if self.agents().count() >= AGENTS_MAX => return Err(Refusal::Full),
            // Somebody who read along becomes an agent: the former part ends first.
            Some(_) => self.remove(user, LeaveReason::Replaced, out),
            None => {}
        }
        if let Some(handover) = accepted {
            self.emit(Event::HandoverEnded(handover, HandoverOutcome::Accepted(user)), out);
        }
        self.enter(user, Part::Agent { rights }, out);
        Ok(())
    }

    pub(super) fn tag(
        &mut self,
        by: Actor,
        user: UserId,
        rights: Rights,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        let sender = self.sender(by)?;
        // Who is invisible to agents cannot bring somebody in.
        let may = match sender.part.kind() {
            PartKind::Agent => true,
            PartKind::Supervisor => sender.mode() != Some(ModeKind::Listen),
            PartKind::Colleague | PartKind::Requester => false,
        };
        if !may {
            return Err(Refusal::WrongPart);
        }
        self.private_chat_is_on()?;
        let there = self.member(user).cloned();
        let known = |it: &Member| sees(&self.config.policy, Reader::of(&sender.part), it);
        if there.as_ref().is_some_and(known) {
            return Err(Refusal::AlreadyMember);
        }
        self.room_for(PartKind::Colleague, COLLEAGUES_MAX)?;
        // A refusal would give away a supervisor of whom the sender must not know. They are asked
        // in openly, like anybody: the hidden part ends, and they may begin to listen again.
        if there.is_some() {
            self.remove(user, LeaveReason::Replaced, out);
        }
        self.enter(user, Part::Colleague { rights, tagged_by: sender.user }, out);
        Ok(())
    }

    pub(super) fn supervise(
        &mut self,
        user: UserId,
        rights: Rights,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        match self.member(user).map(|member| member.part.kind()) {
            Some(PartKind::Requester | PartKind::Agent) => return Err(Refusal::AlreadyMember),
            Some(PartKind::Colleague | PartKind::Supervisor) => {
                self.remove(user, LeaveReason::Replaced, out);
            }
            None => self.room_for(PartKind::Supervisor, SUPERVISORS_MAX)?,
        }
        let mode = ModeKind::Listen;
        let part = Part::Supervisor { mode, mode_since: out.at, rights, announced: false };
        self.enter(user, part, out);
        Ok(())
    }

    pub(super) fn set_mode(
        &mut self,
        by: Actor,
        wanted: ModeKind,
        announce: bool,
        expected: Option<Revision>,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        let member = self.sender(by)?;
        let Part::Supervisor { mode, rights, announced, .. } = member.part else {
            return Err(Refusal::WrongPart);
        };
        Supervising { mode, rights }.check(wanted, expected, self.revision)?;
        if wanted == mode {
            return Ok(());
        }
        if wanted == ModeKind::Whisper {
            self.private_chat_is_on()?;
        }
        if wanted == ModeKind::TakeOver {
            self.not_taken_over()?;
        }
        let is_sure = match wanted {
            ModeKind::Listen | ModeKind::Whisper => true,
            ModeKind::Barge => announced || announce,
            ModeKind::TakeOver => mode == ModeKind::Barge || announce,
        };
        if !is_sure {
            return Err(Refusal::AnnounceFirst);
        }
        self.change_mode(&member, wanted, out);
        Ok(())
    }

    pub(super) fn set_rights(&mut self, user: UserId, wanted: Option<Rights>, out: &mut Change) {
        let Some(member) = self.member(user).cloned() else { return };
        let present = match member.part {
            Part::Requester => return,
            Part::Agent { rights }
            | Part::Colleague { rights, .. }
            | Part::Supervisor { rights, .. } => rights,
        };
        let Some(wanted) = wanted else {
            // An agent stays with the customer; only whispering ends.
            return match member.part {
                Part::Agent { .. } => self.change_rights(user, present, Rights::default(), out),
                _ => self.remove(user, LeaveReason::Revoked, out),
            };
        };
        if member.mode().is_some_and(|mode| !wanted.allow(mode)) {
            self.change_mode(&member, ModeKind::Listen, out);
        }
        self.change_rights(user, present, wanted, out);
    }

    pub(super) fn leave(
        &mut self,
        by: Actor,
        user: UserId,
        reason: LeaveReason,
        out: &mut Change,
    ) -> Result<(), Refusal> {
        // Before it is asked whether they are there: that may be hidden from the sender.
        if by != Actor::System && by != Actor::User(user) {
            return Err(Refusal::NotYours);
        }
        let member = self.member(user).cloned().ok_or(Refusal::NotAMember)?;
        match member.part.kind() {
            PartKind::Requester => self.end(EndReason::Requester, out),
            PartKind::Agent => self.agent_leaves(user, reason, out),
            PartKind::Colleague | PartKind::Supervisor => self.remove(user, reason, out),
        }
        Ok(())
    }

    /// Takes an agent out, and what hangs on them.
    pub(super) fn agent_leaves(&mut self, user: UserId, reason: LeaveReason, out: &mut Change) {
        let why = match reason {
            LeaveReason::Transferred => HelpCancel::Transferred,
            _ => HelpCancel::AgentLeft,
        };
        let own = self.help.live().is_some_and(|help| help.agent == user);
        if (own || reason == LeaveReason::Transferred)
            && let Some(help) = self.help.cancelled(out.at, why)
        {
            self.emit(Event::HelpChanged(help), out);
        }
        let invited = |it: &&Handover| it.from == user && it.kind == HandoverKind::Conference;
        let invitations: Vec<Handover> = self.handovers.iter().filter(invited).cloned().collect();
        for handover in invitations {
            self.emit(Event::HandoverEnded(handover, HandoverOutcome::Cancelled), out);
        }
        self.remove(user, reason, out);
        // Who was lost did not end it: it waits for another agent. Nor does a transfer end it, nor who
        // leaves it to a supervisor.
        let goes_on = self.transfer_pending().is_some() || self.taken_over_by().is_some();
        let ends = reason != LeaveReason::Lost && !goes_on;
        if ends && self.agents().next().is_none() {
            self.end(EndReason::Agent, out);
        }
    }

    pub(super) fn end_by(&mut self, by: Actor, out: &mut Change) -> Result<(), Refusal> {
        let reason = match by {
            // The server ends by itself only what nobody ever took.
            Actor::System if self.answered_at.is_none() => EndReason::NoAgents,
            Actor::System => EndReason::Server,
            Actor::User(_) => match self.sender(by)?.part.kind() {
                PartKind::Agent => {
                    self.not_taken_over()?;
                    EndReason::Agent
                }
                PartKind::Requester => EndReason::Requester,
                PartKind::Colleague | PartKind::Supervisor => return Err(Refusal::WrongPart),
            },
        };
        self.end(reason, out);
        Ok(())
    }

    pub(super) fn end(&mut self, reason: EndReason, out: &mut Change) {
        if let Some(help) = self.help.cancelled(out.at, HelpCancel::Ended) {
            self.emit(Event::HelpChanged(help), out);
        }
        for handover in self.handovers.clone() {
            self.emit(Event::HandoverEnded(handover, HandoverOutcome::Cancelled), out);
        }
        self.remove_supervisors(LeaveReason::CallEnded, out);
        self.emit(Event::Ended(reason), out);
    }

    pub(super) fn recover(&mut self, out: &mut Change) {
        self.remove_supervisors(LeaveReason::Lost, out);
        // Nor is anybody there who had taken a request up without reading along.
        if let Some(user) = self.help.live().and_then(Help::taken_by) {
            self.release_help(user, out);
        }
    }

    pub(super) fn take_rights(&mut self, user: UserId, wanted: Rights) {
        let Some(member) = self.members.iter_mut().find(|it| it.user == user) else { return };
        match &mut member.part {
            Part::Requester => {}
            Part::Agent { rights }
            | Part::Colleague { rights, .. }
            | Part::Supervisor { rights, .. } => *rights = wanted,
        }
    }

    pub(super) fn transfer_pending(&self) -> Option<&Handover> {
        self.handovers.iter().find(|it| it.kind == HandoverKind::Transfer)
    }

    /// While a supervisor writes in the agents' stead, no agent directs the conversation.
    pub(super) fn not_taken_over(&self) -> Result<(), Refusal> {
        if self.taken_over_by().is_some() { Err(Refusal::TakenOver) } else { Ok(()) }
    }

    pub(super) fn private_chat_is_on(&self) -> Result<(), Refusal> {
        if self.config.features.private_chat { Ok(()) } else { Err(Refusal::SwitchedOff) }
    }

    /// The request that a joining agent accepts. Whoever comes in while it is parked takes the
    /// transfer: it has no other purpose then. A transfer goes before an invitation, for the
    /// requester knows of the one and must not be able to tell whether there is the other.
    fn accepted(
        &self,
        user: UserId,
        named: Option<HandoverId>,
    ) -> Result<Option<Handover>, Refusal> {
        if let Some(id) = named {
            let found = self.handovers.iter().find(|it| it.id == id);
            return found.cloned().map(Some).ok_or(Refusal::NoSuchHandover);
        }
        let parked = self.agents().next().is_none();
        let own = || self.handovers.iter().filter(|it| it.to == Target::Agent(user));
        let transfer = own().find(|it| it.kind == HandoverKind::Transfer);
        let parked = self.transfer_pending().filter(|_| parked);
        Ok(transfer.or(parked).or_else(|| own().next()).cloned())
    }

    fn room_for(&self, kind: PartKind, most: usize) -> Result<(), Refusal> {
        let taken = self.members.iter().filter(|member| member.part.kind() == kind).count();
        if taken < most { Ok(()) } else { Err(Refusal::Full) }
    }

    fn enter(&mut self, user: UserId, part: Part, out: &mut Change) {
        self.emit(Event::Joined(Member { user, part, since: out.at }), out);
    }

    fn remove(&mut self, user: UserId, reason: LeaveReason, out: &mut Change) {
        if let Some(member) = self.member(user).cloned() {
            self.emit(Event::Left(member, reason), out);
        }
    }

    fn remove_supervisors(&mut self, reason: LeaveReason, out: &mut Change) {
        let supervisors = self.members.iter().filter(|it| it.mode().is_some());
        // In the order in which they became visible: who came first to read along is not said.
        let mut users: Vec<_> = supervisors.map(|it| (it.mode_since(), it.user)).collect();
        users.sort_unstable();
        for (_, user) in users {
            self.remove(user, reason, out);
        }
    }

    fn change_mode(&mut self, member: &Member, wanted: ModeKind, out: &mut Change) {
        let Part::Supervisor { mode: from, rights, announced, .. } = member.part else { return };
        let announced = announced || wanted.is_open();
        let part = Part::Supervisor { mode: wanted, mode_since: out.at, rights, announced };
        self.emit(Event::ModeChanged(Member { part, ..member.clone() }, from), out);
    }

    fn change_rights(&mut self, user: UserId, from: Rights, wanted: Rights, out: &mut Change) {
        if from != wanted {
            self.emit(Event::RightsChanged(user, wanted), out);
        }
    }
}
