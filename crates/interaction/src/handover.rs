//! Handing an interaction over, or asking somebody in: the request that waits for an agent.
//!
//! Calls and conversations share it. To whom it is offered and for how long is
//! decided by [`offers`](crate::offers).

use crate::{QueueId, UnixMs, UserId};

/// Characters that the note to the receiver may have.
pub const NOTE_CHARS_MAX: usize = 500;

/// Names one request within its interaction; counts up from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HandoverId(pub u64);

/// A request that waits for an agent to accept it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Handover {
    /// Its name within the interaction.
    pub id: HandoverId,
    /// What becomes of who accepts.
    pub kind: HandoverKind,
    /// The agent who asked.
    pub from: UserId,
    /// Who is wanted.
    pub to: Target,
    /// A note to the receiver; staff only.
    pub note: Option<String>,
    /// Since when.
    pub requested_at: UnixMs,
}

/// Who is wanted: where a call shall ring, or to whom a conversation shall be offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Target {
    /// An agent of this queue.
    Queue(QueueId),
    /// This agent only: waits until the agent is ready, and is given up if offered in vain.
    Agent(UserId),
}

/// What becomes of the agent who accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum HandoverKind {
    /// Takes the sender's place; the sender has left already.
    Transfer,
    /// Talks with the asking agent alone first (calls only).
    Consultation,
    /// Joins beside the sender, with equal rights.
    Conference,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum HandoverOutcome {
    /// This agent accepted.
    Accepted(UserId),
    /// Nobody did in time.
    NoAgents,
    /// The agent who was asked by name declined.
    Declined,
    /// It was taken back, or its interaction ended.
    Cancelled,
}
