//! Why the centre refuses.

use std::time::Duration;

use interaction::{Permission, Refusal};
use wire::CallView;

use media_workers::StationError;

/// Why the centre refused. Whoever answers for it says it in HTTP's terms.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Not there, or not for this user to know of.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A right is missing.
    #[error("the permission {0:?} is missing")]
    Lacks(Permission),
    /// The user's part in the call does not allow it.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// Supervision begins in Listen, nowhere else.
    #[error("supervision begins in listen")]
    NotListen(Box<CallView>),
    /// The call does not ring at this agent.
    #[error("the call does not ring here")]
    OfferGone,
    /// The user has as many stations as they may.
    #[error("too many stations")]
    StationsFull,
    /// Too many calls wait.
    #[error("all lines are busy")]
    LinesBusy,
    /// The call's rules forbid it.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: Refusal,
        /// The call as it is, in the eyes of the one who asked.
        call: Option<Box<CallView>>,
    },
    /// The station is on a call already.
    #[error("the station is on a call already")]
    StationBusy,
    /// The station could not be set up or changed.
    #[error(transparent)]
    Station(#[from] StationError),
    /// The workers have too much to do.
    #[error("the media workers are overloaded")]
    Overloaded,
    /// The conversation's rules forbid it.
    #[error("{0}")]
    Text(interaction::conversation::Refusal),
    /// Supervision of a conversation begins in Listen, nowhere else.
    #[error("supervision begins in listen")]
    TextNotListen,
    /// The conversation is not offered to this agent.
    #[error("the conversation is not offered here")]
    TextOfferGone,
    /// Another agent was faster; their name.
    #[error("{0} has taken it")]
    Taken(String),
    /// The agent holds as many conversations as they may.
    #[error("as many conversations as allowed")]
    HoldsEnough,
    /// More messages than a person writes; how long to wait.
    #[error("too many messages at once")]
    TooFast(Duration),
    /// Its transcript is made at its end.
    #[error("the conversation goes on")]
    StillGoesOn,
    /// What was uploaded is of a type that is not taken.
    #[error("a type of file that is not taken")]
    UnknownType,
    /// The conversation has as many attachments, or the user as many unsent ones, as allowed.
    #[error("too many uploads")]
    TooManyUploads,
    /// It could not be kept, and so has not happened.
    #[error("it could not be kept")]
    NotKept,
}

impl From<store::StoreError> for Error {
    fn from(error: store::StoreError) -> Self {
        tracing::error!(%error, "the store could not be read");
        Self::NotKept
    }
}
