//! An agent: what they chose, and what they hold and are offered on each medium.

use std::collections::BTreeSet;
use std::time::Instant;

use super::{AFTER_CALL, Choice, Interaction, Medium, Presence, Ticket};
use crate::QueueId;

#[derive(Clone, Debug)]
pub(super) struct Agent {
    pub queues: Vec<QueueId>,
    pub online: bool,
    /// Calls can be heard; taken for granted until it is told otherwise.
    pub has_media: bool,
    pub choice: Choice,
    /// Until when they write up their last call.
    pub after_call: Option<Instant>,
    calls: Load,
    conversations: Load,
}

/// What an agent has to do on one medium.
#[derive(Clone, Debug)]
pub(super) struct Load {
    /// What they are in.
    pub holds: BTreeSet<Interaction>,
    /// What they have accepted and are being connected to.
    pub claims: BTreeSet<Interaction>,
    /// What is offered to them: one thing at a time.
    pub offered: Option<Ticket>,
    pub idle_since: Instant,
}

impl Agent {
    /// Somebody who has never been here.
    pub fn new(now: Instant) -> Self {
        Self {
            queues: Vec::new(),
            online: false,
            has_media: true,
            choice: Choice::NotReady { reason: None },
            after_call: None,
            calls: Load::new(now),
            conversations: Load::new(now),
        }
    }

    pub fn load(&self, medium: Medium) -> &Load {
        match medium {
            Medium::Voice => &self.calls,
            Medium::Text => &self.conversations,
        }
    }

    pub fn load_mut(&mut self, medium: Medium) -> &mut Load {
        match medium {
            Medium::Voice => &mut self.calls,
            Medium::Text => &mut self.conversations,
        }
    }

    /// Whether something may be offered, or stay offered, as far as the agent's presence goes. A
    /// call goes before conversations: whoever is on one, or is rung, is offered no text.
    pub fn is_available(&self, medium: Medium) -> bool {
        let is_ready = self.online && self.choice == Choice::Ready && self.after_call.is_none();
        match medium {
            Medium::Voice => is_ready && self.has_media,
            Medium::Text => self.presence() == Presence::Ready,
        }
    }

    pub fn presence(&self) -> Presence {
        let (active, ringing) = (!self.calls.holds.is_empty(), self.calls.offered.is_some());
        match (active, self.online, ringing, &self.choice) {
            (true, _, _, _) => Presence::Active,
            (false, false, _, _) => Presence::Offline,
            (false, true, true, _) => Presence::Ringing,
            (false, true, false, Choice::Ready) if self.after_call.is_none() => Presence::Ready,
            (false, true, false, Choice::Ready | Choice::NotReady { .. }) => Presence::NotReady,
        }
    }

    /// Why they are offered nothing.
    pub fn reason(&self) -> Option<&str> {
        match &self.choice {
            _ if self.after_call.is_some() => Some(AFTER_CALL),
            Choice::NotReady { reason } => reason.as_deref(),
            Choice::Ready => None,
        }
    }

    /// What others are shown.
    pub fn shown(&self) -> (Presence, Option<String>) {
        (self.presence(), self.reason().map(str::to_owned))
    }
}

impl Load {
    fn new(now: Instant) -> Self {
        let (holds, claims) = (BTreeSet::new(), BTreeSet::new());
        Self { holds, claims, offered: None, idle_since: now }
    }

    /// Whether one more interaction fits in.
    pub fn has_room(&self, most: usize) -> bool {
        self.holds.union(&self.claims).count() < most
    }
}
