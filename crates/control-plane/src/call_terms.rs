//! What is said of a call beside its state: who calls, at whom it rings, how it ended.

use interaction::{UnixMs, UserId};

/// Who says who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerSource {
    /// The caller, on a page.
    Stated,
    /// The telephone network. It may be wrong, too: nobody has proved it.
    Network,
    /// The agent who dialed the number: it is where the call goes to.
    Dialed,
}

/// A call that an agent makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialed {
    /// Who.
    pub by: UserId,
    /// It rings there.
    pub rings: bool,
}

/// Somebody outside whom an agent calls to a call that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adding {
    /// The agent.
    pub by: UserId,
    /// The number.
    pub number: String,
    /// The agent leaves the call to the two once they have taken it.
    pub transfer: bool,
    /// How far it is.
    pub progress: AddingProgress,
}

/// How far a call to somebody outside is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddingProgress {
    /// The number is being called.
    Calling,
    /// It rings there.
    Ringing,
    /// Nobody took it; the call goes on as it was.
    Failed(NotReached),
}

impl AddingProgress {
    /// Whether somebody may still take it.
    pub fn is_open(self) -> bool {
        match self {
            Self::Calling | Self::Ringing => true,
            Self::Failed(_) => false,
        }
    }
}

/// Why whoever was called has not taken the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReached {
    /// They talk to somebody else.
    Busy,
    /// They don't want it.
    Declined,
    /// Nobody answered.
    NoAnswer,
    /// The number is nobody's.
    NoSuchNumber,
    /// The trunk lets us not call there, or does not know us.
    TrunkRefused,
    /// There is no codec, or no encryption, in common.
    NoCommonCodec,
    /// The trunk, or the network behind it, is not well.
    TrunkFailed,
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
    /// An agent has called, and nobody took it.
    NotReached(NotReached),
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
            Self::NotReached(why) => why.name(),
        }
    }
}

impl NotReached {
    /// Its name in records and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Declined => "declined",
            Self::NoAnswer => "no_answer",
            Self::NoSuchNumber => "no_such_number",
            Self::TrunkRefused => "trunk_refused",
            Self::NoCommonCodec => "no_common_codec",
            Self::TrunkFailed => "trunk_failed",
        }
    }
}
