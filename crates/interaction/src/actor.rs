//! Who sends a command to a call, a conversation or a chat.

use crate::UserId;

/// Who sends a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A user: may only move legs of their own.
    User(UserId),
    /// The server itself: timers, faults, dispatch.
    System,
}
