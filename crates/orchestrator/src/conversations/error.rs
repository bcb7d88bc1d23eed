//! Why nothing came of what somebody asked of a conversation: for each kind of command the causes that it can have.

use accounts::NotCurrent;
use interaction::conversation::Refusal;
use store::StoreError;

use crate::budgets::NoRoomForGuest;
use crate::error::{
    Bug, Closed, Lacks, LookupError, NotAllowed, NotBegun, NotFound, TooFast, Unread, Unsaved,
    by_way_of,
};

/// Why a conversation did not change.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum ConversationError {
    /// The sign-in has ended, or the rights have changed since they were read: nothing was done.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
    /// No such conversation or colleague.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The conversation's rules forbid it.
    #[error("{0}")]
    Refused(Refusal),
    /// It could not be saved, so it did not happen.
    #[error(transparent)]
    Unsaved(#[from] Unsaved),
    /// See [`Bug`].
    #[error(transparent)]
    Bug(#[from] Bug),
}

/// Why a conversation was not opened.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum OpenConversationError {
    /// The user may open none.
    #[error(transparent)]
    Lacks(#[from] Lacks),
    /// As many go on, or wait, as may.
    #[error("all lines are busy")]
    LinesBusy,
    /// As many guests write as may.
    #[error(transparent)]
    NoRoom(#[from] NoRoomForGuest),
    /// The queue is not there, or can't be read.
    #[error(transparent)]
    Queue(#[from] LookupError),
    /// The queue takes nobody at this time.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// The sign-in has ended, or the rights have changed since they were read: nothing was done.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
    /// It could not be saved, so there is none.
    #[error(transparent)]
    Unsaved(#[from] Unsaved),
}
by_way_of!(OpenConversationError, LookupError: NotFound);

/// Why a conversation is not this agent's to take or to decline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOffered {
    /// It is not offered to this agent, or no longer.
    #[error("the conversation is not offered here")]
    Gone,
    /// It is none of the agent's business.
    #[error(transparent)]
    NotFound(#[from] NotFound),
}

/// Why an agent did not get a conversation.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AcceptError {
    /// The user takes none.
    #[error(transparent)]
    Lacks(#[from] Lacks),
    /// What the user may do in it can't be read.
    #[error(transparent)]
    Unread(#[from] Unread),
    /// It is not offered to the user.
    #[error(transparent)]
    NotOffered(#[from] NotOffered),
    /// Another agent was faster; their name.
    #[error("{0} has taken it")]
    Taken(String),
    /// The agent holds as many as they may.
    #[error("as many conversations as allowed")]
    HoldsEnough,
    /// The agent could not join it.
    #[error(transparent)]
    Conversation(#[from] ConversationError),
}
by_way_of!(AcceptError, ConversationError: NotCurrent, NotFound);

/// Why a conversation was not declined.
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

/// Why a message was not written.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum PostError {
    /// Too many at once.
    #[error(transparent)]
    TooFast(#[from] TooFast),
    /// What is attached is none of the author's, or can't be read.
    #[error(transparent)]
    Attached(#[from] LookupError),
    /// The conversation does not take it.
    #[error(transparent)]
    Conversation(#[from] ConversationError),
}
by_way_of!(PostError, LookupError: Unread);
by_way_of!(PostError, ConversationError: NotFound, Bug);

/// Why typing, or how far messages got, was not told.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum SignError {
    /// Too many at once.
    #[error(transparent)]
    TooFast(#[from] TooFast),
    /// The conversation does not take it.
    #[error(transparent)]
    Conversation(#[from] ConversationError),
}
by_way_of!(SignError, ConversationError: NotFound);

/// Why supervision of a conversation was not begun or changed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum SuperviseError {
    /// For a reason that is not the conversation's.
    #[error(transparent)]
    NotBegun(#[from] NotBegun),
    /// The user may supervise none, or not this one.
    #[error(transparent)]
    Lacks(#[from] Lacks),
    /// Supervision begins in Listen, nowhere else.
    #[error("supervision begins in listen")]
    NotListen,
    /// What the user may do in it can't be read.
    #[error(transparent)]
    Unread(#[from] Unread),
    /// The conversation does not allow it.
    #[error(transparent)]
    Conversation(#[from] ConversationError),
}
by_way_of!(SuperviseError, ConversationError: NotCurrent, NotFound);

/// Why nothing came of what only some parts in a conversation may do: ask for help, stop supervising.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum PartError {
    /// The user's part is another.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The conversation does not do it.
    #[error(transparent)]
    Conversation(#[from] ConversationError),
}
by_way_of!(PartError, ConversationError: NotFound, Bug);

/// Why a conversation was not handed over, nor anybody asked in.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum HandOverError {
    /// It is not the user's to do, or the conversation does not do it.
    #[error(transparent)]
    Part(#[from] PartError),
    /// To whom is not there, or can't be read.
    #[error(transparent)]
    To(#[from] LookupError),
}
by_way_of!(HandOverError, PartError: ConversationError, NotAllowed, NotFound, Bug);

/// Why a colleague was not tagged in.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum TagError {
    /// What the colleague may do in it can't be read.
    #[error(transparent)]
    Unread(#[from] Unread),
    /// The conversation does not do it.
    #[error(transparent)]
    Conversation(#[from] ConversationError),
}
by_way_of!(TagError, ConversationError: NotFound);

/// Why the user is not told whom they can tag in.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum TaggableError {
    /// A customer asks.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The staff can't be read.
    #[error(transparent)]
    Unread(#[from] Unread),
}
by_way_of!(TaggableError, Unread: StoreError);

/// Why messages are not given out.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum MessagesError {
    /// The conversation is not there, or can't be read.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The user has to join it first, or to listen.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
}
by_way_of!(MessagesError, LookupError: Unread);

/// Why a transcript is not given out.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum TranscriptError {
    /// There is none for the user, or it can't be read.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// Not for this queue.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// It is made at the conversation's end.
    #[error("the conversation goes on")]
    StillGoesOn,
}
by_way_of!(TranscriptError, LookupError: NotFound, StoreError);

/// Why a message of a connector's customer was not taken in.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum ChannelMessageError {
    /// No conversation was opened for it.
    #[error(transparent)]
    NotOpened(#[from] OpenConversationError),
    /// It was not written.
    #[error(transparent)]
    NotWritten(#[from] PostError),
}
by_way_of!(ChannelMessageError, PostError: ConversationError, Unread);
