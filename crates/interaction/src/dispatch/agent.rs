//! An agent, as the dispatcher knows them.

use std::time::Instant;

use super::{Choice, Presence};
use crate::{CallId, QueueId};

#[derive(Clone, Debug)]
pub(super) struct Agent {
    pub queues: Vec<QueueId>,
    pub online: bool,
    pub choice: Choice,
    pub duty: Duty,
    pub idle_since: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    Free,
    Ringing(CallId),
    Active(CallId),
}

impl Agent {
    /// Somebody who has never been here.
    pub fn new(now: Instant) -> Self {
        Self {
            queues: Vec::new(),
            online: false,
            choice: Choice::NotReady { reason: None },
            duty: Duty::Free,
            idle_since: now,
        }
    }

    pub fn may_ring(&self) -> bool {
        self.online && self.choice == Choice::Ready
    }

    pub fn takes_calls(&self) -> bool {
        self.may_ring() && self.duty == Duty::Free
    }

    pub fn presence(&self) -> Presence {
        match (self.duty, self.online, &self.choice) {
            (Duty::Active(_), _, _) => Presence::Active,
            (_, false, _) => Presence::Offline,
            (Duty::Ringing(_), true, _) => Presence::Ringing,
            (Duty::Free, true, Choice::Ready) => Presence::Ready,
            (Duty::Free, true, Choice::NotReady { .. }) => Presence::NotReady,
        }
    }
}
