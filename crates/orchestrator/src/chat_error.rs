//! Why nothing came of what somebody asked of a chat.

use std::time::Duration;

use interaction::chat::ChatRefusal;

use accounts::NotCurrent;

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// Chats are for the people who work here.
    #[error("chats are for the staff")]
    NotStaff,
    /// The sign-in has ended, or the rights have changed since they were read: nothing was done.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
    /// Not there, or not for this user to know of.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The chat's rules forbid it.
    #[error(transparent)]
    Refused(#[from] ChatRefusal),
    /// More messages than one may send; wait so long.
    #[error("too many messages at once")]
    TooFast(Duration),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// It could not be saved, so it did not happen.
    #[error(transparent)]
    Unsaved(store::StoreError),
}
