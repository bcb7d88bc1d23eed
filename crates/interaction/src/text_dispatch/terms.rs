//! What goes in and what comes out: tickets, agents, decisions, how long things take.

use std::time::{Duration, Instant};

use super::CONVERSATIONS_PER_AGENT;
use crate::{ConversationId, HandoverId, QueueId, UserId};

/// How long things may take, and how many an agent holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextDispatchConfig {
    /// How long a ticket is offered to one agent. Default: 30 s.
    pub offer_timeout: Duration,
    /// How long a new conversation waits. Default: 10 min.
    pub max_wait: Duration,
    /// How long a request waits. Default: 2 min.
    pub handover_wait: Duration,
    /// For how long a declined ticket spares the agent who declined it. Default: 60 s.
    pub decline_pause: Duration,
    /// Conversations that an agent may hold. Default: [`CONVERSATIONS_PER_AGENT`].
    pub per_agent_max: usize,
}

/// What waits: a conversation, or a request within one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket {
    /// The conversation.
    pub conversation: ConversationId,
    /// The request; `None`: the conversation itself.
    pub handover: Option<HandoverId>,
}

/// How agents come to what waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// Offered to one after the other.
    Push,
    /// Picked from the list; several may join.
    Pull,
}

/// What an agent is, as far as text goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentState {
    /// The queues served.
    pub queues: Vec<QueueId>,
    /// Connected, ready, and not on a call.
    pub available: bool,
}

/// What the server is to do. Carry them out in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Offer it to the agent.
    Offer {
        /// What.
        ticket: Ticket,
        /// To whom.
        agent: UserId,
        /// Until when.
        expires_at: Instant,
    },
    /// The offer is over.
    Withdraw {
        /// What.
        ticket: Ticket,
        /// To whom it was offered.
        agent: UserId,
    },
    /// The agent let an offer run out: make them not ready.
    Missed {
        /// Who.
        agent: UserId,
    },
    /// Nobody was found: "No agents were available".
    GiveUp {
        /// What.
        ticket: Ticket,
    },
    /// The list of a pull queue is another now.
    ListChanged {
        /// Whose.
        queue: QueueId,
    },
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextDispatchError {
    /// [`TICKETS_MAX`](super::TICKETS_MAX) wait already.
    #[error("too many conversations are waiting")]
    Full,
    /// It is not offered to this agent, or not any more.
    #[error("this is not offered to you (any more)")]
    NotOffered,
    /// Another agent was faster.
    #[error("another agent has taken it")]
    Taken {
        /// Who.
        by: UserId,
    },
    /// The agent holds as many as they may.
    #[error("you hold as many conversations as you may; end one first")]
    LimitReached,
}

impl Default for TextDispatchConfig {
    fn default() -> Self {
        Self {
            offer_timeout: Duration::from_secs(30),
            max_wait: Duration::from_secs(600),
            handover_wait: Duration::from_secs(120),
            decline_pause: Duration::from_secs(60),
            per_agent_max: CONVERSATIONS_PER_AGENT,
        }
    }
}
