//! Why the centre refuses.

use std::time::Duration;

use super::ShownCall;
use control_plane::{Pool, StreamRefusal};
use interaction::{Permission, Refusal, UnixMs};

use accounts::NotCurrent;
use media_workers::StationError;
use store::Outage;

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
    /// The sign-in has ended, or the rights have changed since they were read: nothing was done.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
    /// There is no room for another event stream.
    #[error(transparent)]
    Streams(#[from] StreamRefusal),
    /// Supervision was not begun or changed, for a reason that is not the call's.
    #[error(transparent)]
    NotBegun(#[from] NotBegun),
    /// Supervision begins in Listen, nowhere else.
    #[error("supervision begins in listen")]
    NotListen(Box<ShownCall>),
    /// The agent is in a call or a conversation.
    #[error("the agent is in a call or a conversation")]
    AgentAtWork,
    /// A number is not called.
    #[error(transparent)]
    NotDialed(#[from] DialRefusal),
    /// The call does not ring at this agent.
    #[error("the call does not ring here")]
    OfferGone,
    /// The user has as many stations as they may.
    #[error("too many stations")]
    StationsFull,
    /// As much of a pool as guests may have is taken.
    #[error("no room for one more guest: {0:?}")]
    GuestsFull(Pool),
    /// As much of a pool as the guests of one client may have is taken.
    #[error("no room for one more guest of this client: {0:?}")]
    ClientFull(Pool),
    /// The server is about to stop, and lets no call begin or change hands.
    #[error("the server is about to stop")]
    Draining,
    /// The queue takes nobody at this time.
    #[error("the queue is closed at this time")]
    Closed {
        /// When it opens; `None`: not within a year.
        opens_at: Option<UnixMs>,
    },
    /// Too many calls wait.
    #[error("all lines are busy")]
    LinesBusy,
    /// The call's rules forbid it.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: Refusal,
        /// The call as it is, in the eyes of the one who asked.
        call: Option<Box<ShownCall>>,
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
    /// What was uploaded has no bytes.
    #[error("an empty file")]
    EmptyFile,
    /// What was uploaded begins like a picture, and is none.
    #[error("a picture that can't be read")]
    DamagedPicture,
    /// What is uploaded is larger than an attachment may be.
    #[error("too large for an attachment")]
    FileTooLarge,
    /// A picture that would be huge once it is shown.
    #[error("a picture of too many pixels")]
    PictureTooLarge,
    /// The conversation has as many attachments, or the user as many unsent ones, as allowed.
    #[error("too many uploads")]
    TooManyUploads,
    /// As many bytes are attached as allowed.
    #[error("too much is attached: {0:?}")]
    TooMuchAttached(Quota),
    /// The server keeps as many bytes of attachments as the operator allows.
    #[error("no room for more attachments")]
    FilesFull,
    /// Too many uploads or downloads at the same time.
    #[error("too many transfers at once")]
    TransfersFull,
    /// The disk is nearly full: what is left of it is for messages and records.
    #[error("the rest of the disk is not for attachments")]
    DiskReserved,
    /// The database did not answer a question; nothing was to be changed.
    #[error("it could not be read: {0}")]
    StoreRead(Outage),
    /// It could not be saved, and so was not carried out.
    #[error("it could not be saved: {0}")]
    StoreWrite(Outage),
    /// What our own code rules out; it says what.
    #[error("a bug: {0}")]
    Bug(&'static str),
}

/// `?` stands behind what reads. What writes says so by [`Error::unsaved`].
impl From<store::StoreError> for Error {
    fn from(error: store::StoreError) -> Self {
        tracing::error!(%error, "the store could not be read");
        match error.outage() {
            Some(outage) => Self::StoreRead(outage),
            None => Self::Bug("the store refused what it was asked"),
        }
    }
}

impl Error {
    /// What could not be written: the command was not carried out.
    pub fn unsaved(error: store::StoreError) -> Self {
        tracing::error!(%error, "the store could not be written");
        match error.outage() {
            Some(outage) => Self::StoreWrite(outage),
            None => Self::Bug("the store refused what it was given"),
        }
    }
}

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

/// Why a number is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialRefusal {
    /// No trunk may call numbers that begin like this.
    #[error("no trunk may call this number")]
    NotAllowed,
    /// The trunks that may are down.
    #[error("the trunk for this number is down")]
    TrunkDown,
    /// The trunk has as many calls out as it may, or they begin too fast.
    #[error("too many calls out")]
    TooMany,
    /// The agent is on a call, or one rings at them.
    #[error("the agent is on a call")]
    AgentBusy,
}

/// Of which no more may be attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// By a customer whom nobody has answered.
    Waiting,
    /// To one conversation.
    Conversation,
    /// By one person within 24 hours.
    Person,
    /// By all the guests of one client within 24 hours.
    Client,
}
