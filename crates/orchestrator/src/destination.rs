//! Where a call or conversation shall go, as somebody named it.

use interaction::UserId;

/// A queue or an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A queue, by key.
    Queue(String),
    /// An agent.
    Agent(UserId),
}
