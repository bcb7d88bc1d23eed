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
    /// Until when.
    pub expires_at: UnixMs,
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
