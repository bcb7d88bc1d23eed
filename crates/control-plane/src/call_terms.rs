//! What is said of a call beside its state: who calls, at whom it rings, how it ended.

use interaction::{UnixMs, UserId};

/// Who says who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerSource {
    /// The caller, on a page.
    Stated,
    /// The telephone network. It may be wrong, too: nobody has proved it.
    Network,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerInfo {
    /// The name.
    pub name: String,
    /// The number.
    pub number: Option<String>,
    /// Who says so.
    pub source: CallerSource,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// The caller hung up.
    Caller,
    /// The last agent hung up.
    Agent,
    /// Nobody was there to take it.
    NoAgent,
    /// The caller's media never came up, so it did not ring.
    NoMedia,
    /// The connection was lost.
    Lost,
    /// The server ended it.
    Server,
}

/// A call that rings at an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// At whom.
    pub agent: UserId,
    /// Since when.
    pub since: UnixMs,
    /// Until when.
    pub expires_at: UnixMs,
    /// The agent does not want it: it is about to go on to the next.
    pub declined: bool,
}

/// What came of a call that rang at an agent, or of a conversation that was offered to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferOutcome {
    /// The agent took it.
    Answered,
    /// The agent did not want it.
    Declined,
    /// The agent let it run out.
    Missed,
    /// It went before the agent could answer: the caller hung up, or the agent became unavailable.
    Withdrawn,
}

impl CallEnd {
    /// The name of the end in records and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Agent => "agent",
            Self::NoAgent => "no_agent",
            Self::NoMedia => "no_media",
            Self::Lost => "lost",
            Self::Server => "server",
        }
    }
}
