//! Who takes part in a conversation.

use crate::{ModeKind, Rights, UnixMs, UserId};

/// Somebody who takes part. A user takes part once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// As what.
    pub part: Part,
    /// Since when in this part.
    pub since: UnixMs,
}

/// A member's part, and what only that part has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The customer.
    Requester,
    /// Answers the customer. Every agent is a primary one, however they came in.
    Agent {
        /// Only `whisper` matters: an agent always writes to the customer.
        rights: Rights,
    },
    /// Somebody of the centre who was tagged in: reads along and may whisper.
    Colleague {
        /// Only `whisper` matters.
        rights: Rights,
        /// Who tagged them in.
        tagged_by: UserId,
    },
    /// Somebody who supervises. The modes are those of a call.
    Supervisor {
        /// Listen: reads along. Whisper: writes to staff. Barge: to the customer too. Take-over: to
        /// the customer in the agents' stead.
        mode: ModeKind,
        /// Since when the mode holds.
        mode_since: UnixMs,
        /// The modes that may be chosen besides Listen.
        rights: Rights,
        /// Has confirmed once that everybody will be told.
        announced: bool,
    },
}

/// A part without its particulars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartKind {
    /// See [`Part::Requester`].
    Requester,
    /// See [`Part::Agent`].
    Agent,
    /// See [`Part::Colleague`].
    Colleague,
    /// See [`Part::Supervisor`].
    Supervisor,
}

impl Part {
    /// The part's name.
    pub fn kind(&self) -> PartKind {
        match self {
            Self::Requester => PartKind::Requester,
            Self::Agent { .. } => PartKind::Agent,
            Self::Colleague { .. } => PartKind::Colleague,
            Self::Supervisor { .. } => PartKind::Supervisor,
        }
    }
}

impl Member {
    /// The supervisor's mode; `None` for the other parts.
    pub fn mode(&self) -> Option<ModeKind> {
        match self.part {
            Part::Supervisor { mode, .. } => Some(mode),
            Part::Requester | Part::Agent { .. } | Part::Colleague { .. } => None,
        }
    }

    /// Since when the member is what they are to the customer: a supervisor's Barge or take-over, not the
    /// Listen before it.
    pub fn mode_since(&self) -> UnixMs {
        match self.part {
            Part::Supervisor { mode_since, .. } => mode_since,
            Part::Requester | Part::Agent { .. } | Part::Colleague { .. } => self.since,
        }
    }
}
