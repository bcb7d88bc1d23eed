//! The causes that commands of several kinds have in common. Which of them a command can have, the enum beside
//! it says: [`calls::error`](crate::calls::error), [`conversations::error`](crate::conversations::error) and
//! their like.

use std::time::Duration;

use interaction::{Permission, UnixMs};
use store::{Outage, StoreError};

/// What an enum has by way of another: `?` takes both steps.
macro_rules! by_way_of {
    ($outer:ident, $way:ident: $($cause:ty),+) => {$(
        impl From<$cause> for $outer {
            fn from(cause: $cause) -> Self {
                Self::from($way::from(cause))
            }
        }
    )+};
}
pub(crate) use by_way_of;

/// Not there, or not for this user to know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such {0}")]
pub struct NotFound(pub &'static str);

/// A right is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the permission {0:?} is missing")]
pub struct Lacks(pub Permission);

/// The user's part does not allow it; a sentence says what would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAllowed(pub &'static str);

/// The queue takes nobody at this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the queue is closed at this time")]
pub struct Closed {
    /// When it opens; `None`: not within a year.
    pub opens_at: Option<UnixMs>,
}

/// More messages than a person writes; how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many messages at once")]
pub struct TooFast(pub Duration);

/// What our own code rules out; it says what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a bug: {0}")]
pub struct Bug(pub &'static str);

/// A question to the store has no answer; nothing was to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// The database did not answer.
    #[error("it could not be read: {0}")]
    Outage(Outage),
    /// It was asked what can't be asked, or holds what it can't.
    #[error(transparent)]
    Bug(#[from] Bug),
}

/// It could not be saved, and so was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsaved {
    /// The database, or the disk, did not take it.
    #[error("it could not be saved: {0}")]
    Outage(Outage),
    /// It was given what it can't take.
    #[error(transparent)]
    Bug(#[from] Bug),
}

/// What was asked for can't be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// It is not there, or not for this user to know of.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// Whether it is there could not be read.
    #[error(transparent)]
    Unread(#[from] Unread),
}
by_way_of!(LookupError, Unread: StoreError);

/// Why supervision is not begun or changed, whatever the call or conversation would say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotBegun {
    /// It needs an event stream of the same sign-in.
    #[error("no event stream of this sign-in")]
    NoEventStream,
    /// It could not be written into the audit log first.
    #[error("the audit log can't be written: {0}")]
    AuditUnavailable(Outage),
    /// The user was refused too often; how long to wait.
    #[error("refused too often")]
    RefusedTooOften(Duration),
}

/// `?` stands behind what reads. What writes says so by [`Unsaved::of`].
impl From<StoreError> for Unread {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store could not be read");
        match error.outage() {
            Some(outage) => Self::Outage(outage),
            None => Self::Bug(Bug("the store refused what it was asked")),
        }
    }
}

impl Unsaved {
    /// What could not be written: the command was not carried out.
    pub fn of(error: StoreError) -> Self {
        tracing::error!(%error, "the store could not be written");
        match error.outage() {
            Some(outage) => Self::Outage(outage),
            None => Self::Bug(Bug("the store refused what it was given")),
        }
    }
}
