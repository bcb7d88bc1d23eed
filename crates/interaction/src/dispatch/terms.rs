//! What goes in and what comes out: choices, presence, decisions, how long things take.

use std::time::{Duration, Instant};

use super::WAITING_MAX;
use crate::{CallId, QueueId, UserId};

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DispatchConfig {
    /// How long a call rings at one agent. Default: 20 s.
    pub ring_timeout: Duration,
    /// How long a call waits for an answer before it is given up. Default: 5 min.
    pub max_wait: Duration,
    /// How long a call that is handed over, or a consultation or invitation, waits for an agent.
    /// Default: 2 min.
    pub handover_wait: Duration,
    /// For how long a declined call spares the agent who declined it. Default: 30 s.
    pub decline_pause: Duration,
}

/// Where a call shall ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Target {
    /// At an agent of this queue.
    Queue(QueueId),
    /// At this agent only: waits until the agent is ready, and is given up if it rings in vain.
    Agent(UserId),
}

/// What an agent chose to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Calls may ring.
    Ready,
    /// Calls may not ring.
    NotReady {
        /// Why not, in the agent's words, or [`MISSED`](super::MISSED).
        reason: Option<String>,
    },
}

/// What an agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Waits for a call.
    Ready,
    /// Does not want calls.
    NotReady,
    /// Is being rung.
    Ringing,
    /// Is on a call; also while the agent's control connection is away.
    Active,
    /// Is not connected.
    Offline,
}

/// What the server is to do. Carry them out in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Ring at the agent.
    Offer {
        /// The call.
        call: CallId,
        /// At whom.
        agent: UserId,
        /// Until when.
        expires_at: Instant,
    },
    /// Stop ringing at the agent.
    Withdraw {
        /// The call.
        call: CallId,
        /// At whom it rang.
        agent: UserId,
    },
    /// Tell the caller that nobody answers, and end the call.
    GiveUp {
        /// The call.
        call: CallId,
    },
    /// The agent's [`Presence`] or reason is another now.
    PresenceChanged {
        /// Whose.
        agent: UserId,
    },
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DispatchError {
    /// [`WAITING_MAX`] calls wait already.
    #[error("all lines are busy: {WAITING_MAX} calls are waiting")]
    Full,
    /// The call does not ring at this agent, or not any more.
    #[error("the call does not ring at this agent (any more)")]
    NotOffered,
}

impl Default for DispatchConfig {
    fn default() -> Self {
        Self {
            ring_timeout: Duration::from_secs(20),
            max_wait: Duration::from_secs(300),
            handover_wait: Duration::from_secs(120),
            decline_pause: Duration::from_secs(30),
        }
    }
}
