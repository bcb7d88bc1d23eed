//! Transfer and conference, of calls and conversations alike, and who could take them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{PresenceState, UserRef};

/// `POST /calls/{id}/transfer`, `POST /conversations/{id}/transfer`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct TransferRequest {
    /// To whom.
    pub to: Destination,
    /// A note to the receiver, ≤ 500 characters; staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub note: Option<String>,
    /// Talk with the receiver first, the caller on hold. Calls only. Default: no.
    #[serde(default)]
    pub consult: bool,
}

/// `POST /calls/{id}/conference`, `POST /conversations/{id}/conference`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct ConferenceRequest {
    /// Whom to ask in.
    pub to: Destination,
    /// A note to the receiver, ≤ 500 characters; staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub note: Option<String>,
}

/// `PUT /calls/{id}/consultation`: what becomes of it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct ConsultationUpdate {
    /// What becomes of it.
    pub action: ConsultationAction,
}

/// What becomes of a consultation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConsultationAction {
    /// The consulting agent leaves the caller to the other.
    Transfer,
    /// All three talk.
    Merge,
    /// The consulted agent goes, or is not rung any more; the caller stays on hold.
    Cancel,
}

/// A request that waits for an agent; staff only.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct HandoverView {
    /// Its id within the call or conversation.
    pub id: String,
    /// What becomes of who accepts.
    pub kind: HandoverKind,
    /// Who asks.
    pub from: UserRef,
    /// Who is wanted.
    pub to: Destination,
    /// The name of the queue or agent.
    pub to_name: String,
    /// The note to the receiver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub note: Option<String>,
    /// Since when, Unix ms.
    #[ts(type = "number")]
    pub requested_at: u64,
}

/// What becomes of the agent who accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum HandoverKind {
    /// Takes the sender's place.
    Transfer,
    /// Talks with the sender alone first.
    Consultation,
    /// Joins beside the sender.
    Conference,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum HandoverOutcome {
    /// An agent accepted.
    Accepted,
    /// "No agents were available".
    NoAgents,
    /// The agent who was asked by name declined.
    Declined,
    /// It was taken back, or what it was about ended.
    Cancelled,
}

/// `GET /destinations`: where an agent can transfer to, or whom ask in.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct DestinationList {
    /// The queues, by name.
    pub queues: Vec<QueueDestination>,
    /// The agents, by name.
    pub agents: Vec<AgentDestination>,
}

/// A queue that can be transferred to.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct QueueDestination {
    /// The queue's key.
    pub queue: String,
    /// The name shown.
    pub name: String,
    /// Its agents who are ready or active.
    pub available: u32,
}

/// An agent who can be transferred to.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct AgentDestination {
    /// The agent's user id.
    pub user: String,
    /// The name shown.
    pub name: String,
    /// What the agent is.
    pub state: PresenceState,
}

/// Where a call shall ring.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// At a ready agent of this queue (its key), longest idle first.
    Queue(String),
    /// At this agent (user id).
    Agent(String),
}
