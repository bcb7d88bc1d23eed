//! Why nothing came of what somebody asked of a call: for each kind of command the causes that it can have.

use accounts::NotCurrent;
use interaction::Refusal;
use media_workers::StationError;

use crate::ShownCall;
use crate::budgets::NoRoomForGuest;
use crate::drain::Draining;
use crate::error::{
    Bug, Closed, Lacks, LookupError, NotAllowed, NotBegun, NotFound, Unread, by_way_of,
};

/// Why a command to a call was not carried out.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CallError {
    /// The sign-in has ended, or the rights have changed since they were read: nothing was done.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
    /// No such call, leg, station or request.
    #[error(transparent)]
    NotFound(#[from] NotFound),
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
    /// The workers have too much to do.
    #[error("the media workers are overloaded")]
    Overloaded,
}

/// Why a call was not placed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PlaceError {
    /// The user may place none.
    #[error(transparent)]
    Lacks(#[from] Lacks),
    /// The server is about to stop.
    #[error(transparent)]
    Draining(#[from] Draining),
    /// Not to be called by this user.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// Where it shall ring is not there, or can't be read.
    #[error(transparent)]
    To(#[from] LookupError),
    /// The queue takes nobody at this time.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// As many guests call, or wait, as may.
    #[error(transparent)]
    NoRoom(#[from] NoRoomForGuest),
    /// Too many calls wait.
    #[error("all lines are busy")]
    LinesBusy,
    /// The workers have no room for it.
    #[error(transparent)]
    Station(#[from] StationError),
    /// The caller could not be put on it.
    #[error(transparent)]
    Call(#[from] CallError),
}
by_way_of!(PlaceError, CallError: NotFound);

/// Why a call is not this agent's to take or to decline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOffered {
    /// It does not ring at this agent, or no longer.
    #[error("the call does not ring here")]
    Gone,
    /// It is none of the agent's business.
    #[error(transparent)]
    NotFound(#[from] NotFound),
}

/// Why a call was not answered.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AnswerError {
    /// The user takes none.
    #[error(transparent)]
    Lacks(#[from] Lacks),
    /// It is not offered to the user.
    #[error(transparent)]
    NotOffered(#[from] NotOffered),
    /// The user could not be put on it.
    #[error(transparent)]
    Call(#[from] CallError),
}
by_way_of!(AnswerError, CallError: NotCurrent, NotFound);

/// Why a call was not declined.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum DeclineError {
    /// The user takes none.
    #[error(transparent)]
    Lacks(#[from] Lacks),
    /// The sign-in has ended, or the rights have changed since they were read: nothing was done.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
    /// It is not offered to the user.
    #[error(transparent)]
    NotOffered(#[from] NotOffered),
}

/// Why supervision of a call was not begun.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SuperviseError {
    /// For a reason that is not the call's.
    #[error(transparent)]
    NotBegun(#[from] NotBegun),
    /// The user may supervise no call, or not this one.
    #[error(transparent)]
    Lacks(#[from] Lacks),
    /// The user is on the call.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// Supervision begins in Listen, nowhere else; the call as it is.
    #[error("supervision begins in listen")]
    NotListen(Box<ShownCall>),
    /// The supervisor could not be put on it.
    #[error(transparent)]
    Call(#[from] CallError),
    /// See [`Bug`].
    #[error(transparent)]
    Bug(#[from] Bug),
}
by_way_of!(SuperviseError, CallError: NotCurrent, NotFound);

/// Why a leg is as it was.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ChangeLegError {
    /// The mode was not changed, for a reason that is not the call's.
    #[error(transparent)]
    NotBegun(#[from] NotBegun),
    /// The right to this mode is missing.
    #[error(transparent)]
    Lacks(#[from] Lacks),
    /// Nothing that a supervisor's leg does.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The call does not do it.
    #[error(transparent)]
    Call(#[from] CallError),
}
by_way_of!(ChangeLegError, CallError: NotFound);

/// Who asks is no agent on the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotItsAgent {
    /// The user may not know of the call, or what it is about is not there.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The user's part is another.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
}

/// Why nothing came of what only some parts in a call may do: hang up, hold, ask for help, end a request.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PartError {
    /// The user's part is another.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The call does not do it.
    #[error(transparent)]
    Call(#[from] CallError),
}
by_way_of!(PartError, CallError: NotCurrent, NotFound);

impl From<NotItsAgent> for PartError {
    fn from(error: NotItsAgent) -> Self {
        match error {
            NotItsAgent::NotFound(what) => what.into(),
            NotItsAgent::NotAllowed(why) => why.into(),
        }
    }
}

/// Why a call was not handed over, nor anybody asked in.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HandOverError {
    /// It is not the user's to do, or the call does not do it.
    #[error(transparent)]
    Part(#[from] PartError),
    /// The server is about to stop.
    #[error(transparent)]
    Draining(#[from] Draining),
    /// To whom is not there, or can't be read.
    #[error(transparent)]
    To(#[from] LookupError),
    /// See [`Bug`].
    #[error(transparent)]
    Bug(#[from] Bug),
}
by_way_of!(HandOverError, PartError: NotItsAgent, CallError, NotFound);

/// Why nobody is told where calls can be handed to.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum DestinationsError {
    /// The user takes no calls.
    #[error(transparent)]
    Lacks(#[from] Lacks),
    /// The queues can't be read.
    #[error(transparent)]
    Unread(#[from] Unread),
}

/// Why the telephone network's side lets a number alone.
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

/// Why a number is not called.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DialError {
    /// It is let alone.
    #[error(transparent)]
    Refused(#[from] DialRefusal),
    /// Whoever would be called finds no room.
    #[error("all lines are busy")]
    LinesBusy,
    /// As many guests are on calls as may.
    #[error(transparent)]
    NoRoom(#[from] NoRoomForGuest),
    /// The server is about to stop.
    #[error(transparent)]
    Draining(#[from] Draining),
    /// The workers have no room for the call.
    #[error(transparent)]
    Station(#[from] StationError),
    /// The agent could not be put on it.
    #[error(transparent)]
    Call(#[from] CallError),
}
by_way_of!(DialError, CallError: NotCurrent, NotFound);

/// Why an agent calls no number.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CallNumberError {
    /// The user takes no calls.
    #[error(transparent)]
    Lacks(#[from] Lacks),
    /// The number is not called.
    #[error(transparent)]
    NotDialed(#[from] DialError),
}
by_way_of!(CallNumberError, DialError: Draining, NotCurrent, NotFound);

/// Why an agent calls no number to a call that goes on.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AddNumberError {
    /// The user takes no calls.
    #[error(transparent)]
    Lacks(#[from] Lacks),
    /// It is not the user's to do, or the call does not allow it.
    #[error(transparent)]
    Part(#[from] PartError),
    /// The number is not called.
    #[error(transparent)]
    NotDialed(#[from] DialError),
}
by_way_of!(AddNumberError, PartError: NotItsAgent, CallError, NotCurrent, NotFound);
by_way_of!(AddNumberError, DialError: DialRefusal, Draining);
