//! Why accounts refuse.

use std::time::Duration;

/// Why somebody is not signed in, not let in, or may not act any more.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown username, wrong password, or an account that is switched off: never said which.
    #[error("username and password don't fit together")]
    WrongCredentials,
    /// Too many failed sign-ins from there.
    #[error("too many failed sign-ins; wait {retry_after:?}")]
    TooManyAttempts {
        /// Until the next one is looked at.
        retry_after: Duration,
    },
    /// As many sign-ins are being looked at as may wait.
    #[error("too many sign-ins at once")]
    SignInsBusy,
    /// As many guests as may be in.
    #[error("too many guests")]
    TooManyGuests,
    /// As many guests as may come from one client, at once or in a while.
    #[error("too many guests from one client; wait {retry_after:?}")]
    ClientHasGuests {
        /// Until the next one may be let in.
        retry_after: Duration,
    },
    /// A name is empty, too long, or not printable.
    #[error("the name is empty, too long or not printable")]
    BadName,
    /// The token is none of ours, has expired or was signed out, or its account is switched off or has
    /// another password.
    #[error("the sign-in is not valid, or has ended")]
    SignInEnded,
    /// Who asks may not act with what they were read with.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
    /// The sign-out counts, but is not on the disk yet: it is tried again until it is.
    #[error("the sign-out could not be written down yet: {0}")]
    SignOutNotKept(store::Outage),
    /// The store could not be read or written.
    #[error(transparent)]
    Store(store::StoreError),
}

impl From<store::StoreError> for Error {
    fn from(error: store::StoreError) -> Self {
        match error {
            store::StoreError::HashingBusy => Self::SignInsBusy,
            other => Self::Store(other),
        }
    }
}

/// Why somebody may not act, or not with the rights that they were read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCurrent {
    /// The sign-in has ended since.
    #[error("the sign-in has ended")]
    SignInEnded,
    /// The rights have changed since: to be read again, and asked again.
    #[error("the rights have changed meanwhile")]
    RightsChanged,
}
