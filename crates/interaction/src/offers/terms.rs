//! What goes in and what comes out: tickets, choices, presence, decisions, how long things take.

use std::time::{Duration, Instant};

use crate::{CallId, ConversationId, HandoverId, QueueId, UserId};

/// Conversations that an agent may hold, unless the centre says otherwise.
pub const CONVERSATIONS_PER_AGENT: usize = 4;

/// The reason of an agent who became not ready by letting a call ring.
pub const MISSED_CALL: &str = "missed";

/// The reason of an agent who became not ready by letting a conversation's offer run out.
pub const MISSED_CONVERSATION: &str = "missed a conversation";

/// The reason of an agent who writes up the call that they were on. It ends by itself, or with what
/// they choose.
pub const AFTER_CALL: &str = "after_call";

/// How a customer and an agent meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Medium {
    /// Calls: an agent has one, and it rings.
    Voice,
    /// Conversations: an agent may hold several.
    Text,
}

/// What an agent is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interaction {
    /// A call.
    Call(CallId),
    /// A conversation.
    Conversation(ConversationId),
}

/// What waits: an interaction, or a request within one to hand it over or to ask somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket {
    /// The call or conversation.
    pub interaction: Interaction,
    /// The request; `None`: the interaction itself.
    pub handover: Option<HandoverId>,
}

/// How agents come to what waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// Offered to one after the other.
    Push,
    /// Picked from the queue's list; several may join.
    Pull,
}

/// How long things may take on one medium, and how much an agent holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineConfig {
    /// How long something is offered to one agent. Default: 20 s for calls, 30 s for text.
    pub offer_timeout: Duration,
    /// How long something new waits before it is given up. Default: 5 min for calls, 10 min for
    /// text.
    pub max_wait: Duration,
    /// How long a request to hand over or to ask in waits. Default: 2 min.
    pub handover_wait: Duration,
    /// For how long what an agent declined is not offered to them again. Default: 30 s for calls,
    /// 60 s for text.
    pub decline_pause: Duration,
    /// Interactions that an agent may hold. Default: 1 call, [`CONVERSATIONS_PER_AGENT`].
    pub per_agent_max: usize,
    /// For how long an agent who was on a call is offered nothing, to write it up. Of calls alone.
    /// Default: zero, not at all.
    pub after_call: Duration,
}

/// What an agent chose to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Wants offers.
    Ready,
    /// Wants none.
    NotReady {
        /// Why not: in the agent's words, [`MISSED_CALL`] or [`MISSED_CONVERSATION`].
        reason: Option<String>,
    },
}

/// What an agent is. Conversations do not count: who holds some is still ready for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Wants offers.
    Ready,
    /// Does not want offers.
    NotReady,
    /// A call rings.
    Ringing,
    /// Is on a call; also while the agent's control connection is away.
    Active,
    /// Is not connected.
    Offline,
}

/// What the server is to do. Carry them out in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Offer it to the agent: a call rings.
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
    /// Nobody was found. Of an interaction itself: end it. Of a request: it has failed.
    GiveUp {
        /// What.
        ticket: Ticket,
    },
    /// The list of a pull queue changed.
    ListChanged {
        /// Whose.
        queue: QueueId,
    },
    /// The agent's [`Presence`] or reason changed.
    PresenceChanged {
        /// Whose.
        agent: UserId,
    },
}

/// Why something was refused. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// As much as may wait on the medium waits already.
    #[error("too much is waiting already")]
    Full,
    /// It is not offered to this agent, or no longer.
    #[error("this is not offered to you (any more)")]
    NotOffered,
    /// Another agent was faster.
    #[error("another agent has taken it")]
    Taken {
        /// Who.
        by: UserId,
    },
    /// The agent holds as many as they may.
    #[error("you hold as many as you may; end one first")]
    LimitReached,
}

impl Interaction {
    /// Its medium.
    pub fn medium(self) -> Medium {
        match self {
            Self::Call(_) => Medium::Voice,
            Self::Conversation(_) => Medium::Text,
        }
    }

    /// The call, if it is one.
    pub fn call(self) -> Option<CallId> {
        match self {
            Self::Call(id) => Some(id),
            Self::Conversation(_) => None,
        }
    }

    /// The conversation, if it is one.
    pub fn conversation(self) -> Option<ConversationId> {
        match self {
            Self::Conversation(id) => Some(id),
            Self::Call(_) => None,
        }
    }

    /// The ticket of the interaction itself.
    pub fn ticket(self) -> Ticket {
        Ticket { interaction: self, handover: None }
    }

    /// The ticket of a request within it.
    pub fn request(self, handover: HandoverId) -> Ticket {
        Ticket { interaction: self, handover: Some(handover) }
    }
}

impl Ticket {
    /// Its medium.
    pub fn medium(self) -> Medium {
        self.interaction.medium()
    }
}

impl Medium {
    /// Tickets that may wait at the same time, over all queues.
    pub fn waiting_max(self) -> usize {
        match self {
            Self::Voice => 1_000,
            Self::Text => 10_000,
        }
    }

    /// Why an agent who let an offer run out is not ready.
    pub fn missed(self) -> &'static str {
        match self {
            Self::Voice => MISSED_CALL,
            Self::Text => MISSED_CONVERSATION,
        }
    }
}

impl LineConfig {
    /// The defaults of a medium.
    pub fn of(medium: Medium) -> Self {
        let handover_wait = Duration::from_secs(120);
        match medium {
            Medium::Voice => Self {
                offer_timeout: Duration::from_secs(20),
                max_wait: Duration::from_secs(300),
                handover_wait,
                decline_pause: Duration::from_secs(30),
                per_agent_max: 1,
                after_call: Duration::ZERO,
            },
            Medium::Text => Self {
                offer_timeout: Duration::from_secs(30),
                max_wait: Duration::from_secs(600),
                handover_wait,
                decline_pause: Duration::from_secs(60),
                per_agent_max: CONVERSATIONS_PER_AGENT,
                after_call: Duration::ZERO,
            },
        }
    }
}
