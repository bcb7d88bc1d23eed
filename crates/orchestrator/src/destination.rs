//! Where a call or conversation shall go, as somebody named it.

use interaction::UserId;

/// A queue or an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A queue, by key.
    Queue(String),
    /// An agent.
    Agent(UserId),
    /// An agent, by a line that is theirs: whoever calls it from the network may.
    Line(UserId),
}
