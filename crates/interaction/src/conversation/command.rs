//! What may be asked of a conversation, what happens in it, and why something is refused.

use super::{Draft, Features, MarkKind, Member, Message, PartKind, Receipt, Visibility};
use crate::Target;
use crate::handover::{Handover, HandoverId, HandoverOutcome, NOTE_CHARS_MAX};
use crate::help::{HELP_REASON_CHARS_MAX, Help, HelpRefusal};
use crate::roster::{HandoverRefusal, SupervisionRefusal};
use crate::{LeaveReason, ModeKind, Revision, Rights, UnixMs, UserId};

use super::message::{ATTACHMENTS_MAX, CLIENT_ID_CHARS_MAX, MESSAGES_MAX, TEXT_CHARS_MAX};

/// What may be asked of a conversation. Whether the user may ask at all (account, team, skill) is
/// known to whoever sends it; the rights given here are the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// An agent comes in: offered, picked from the list, or on a request.
    JoinAgent {
        /// Who.
        user: UserId,
        /// What they may do.
        rights: Rights,
        /// The request that they accept.
        handover: Option<HandoverId>,
    },
    /// A colleague is tagged in, by whoever sends this.
    Tag {
        /// Whom.
        user: UserId,
        /// What they may do.
        rights: Rights,
    },
    /// Begins to supervise, always in Listen.
    Supervise {
        /// Who.
        user: UserId,
        /// The modes that they may choose besides Listen.
        rights: Rights,
    },
    /// The sender asks for a mode. Asking for the present one is no error.
    SetMode {
        /// The wanted mode.
        mode: ModeKind,
        /// The first step into Barge needs this, and every take-over out of another mode than Barge:
        /// everybody will be told.
        announce: bool,
        /// The revision that the decision was made on; refused when it is another now.
        expected: Option<Revision>,
    },
    /// A member's rights changed; `None`: may not be in it any more (a supervisor or colleague).
    SetRights {
        /// Whose.
        user: UserId,
        /// What is allowed now.
        rights: Option<Rights>,
    },
    /// Somebody leaves. The customer's leaving ends it, and so does the last agent's; while it is taken
    /// over it waits for another agent instead.
    Leave {
        /// Who.
        user: UserId,
        /// Why.
        reason: LeaveReason,
    },
    /// The sender writes.
    Post(Draft),
    /// The sender types, or stopped.
    Typing {
        /// In which tab.
        visibility: Visibility,
        /// On or off.
        on: bool,
    },
    /// Public messages reached the sender.
    Mark {
        /// How far.
        kind: MarkKind,
        /// Up to this public position.
        up_to: u64,
    },
    /// The sender, an agent, raises a hand; asking again replaces the reason.
    RaiseHelp {
        /// Why.
        reason: Option<String>,
    },
    /// The sender, a supervisor, takes the request up; they need not be in the conversation.
    TakeHelp,
    /// A supervisor who may be on the request is gone from the centre: it waits again. Leaving the
    /// interaction does not give it back: who listened may not be missed.
    ReleaseHelp {
        /// The supervisor.
        user: UserId,
    },
    /// The request is settled or withdrawn.
    CloseHelp,
    /// The sender, an agent, hands the conversation over and leaves.
    Transfer {
        /// To whom.
        to: Target,
        /// A note to the receiver.
        note: Option<String>,
    },
    /// The sender, an agent, asks another one in.
    Invite {
        /// Whom.
        to: Target,
        /// A note to the receiver.
        note: Option<String>,
    },
    /// A request found nobody, or its sender takes it back.
    EndHandover {
        /// Which.
        handover: HandoverId,
        /// How it ended; a user may only cancel, the server may say anything but `Accepted`.
        outcome: HandoverOutcome,
    },
    /// The server restarted: whoever supervised is off, as after any fault.
    Recover,
    /// Ends the conversation: an agent, the customer or the server.
    End,
}

/// A fact about the conversation. What can be kept, replayed and disclosed needs nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It began; the member is the requester.
    Opened(Member),
    /// Somebody came in.
    Joined(Member),
    /// Somebody left; the member is as they were.
    Left(Member, LeaveReason),
    /// A supervisor's mode changed; the member is as they are now.
    ModeChanged(Member, ModeKind),
    /// What a member may do changed, and nothing else.
    RightsChanged(UserId, Rights),
    /// Somebody wrote.
    Posted(Message),
    /// Somebody types in public, or stopped. Not kept.
    Typing(UserId, PartKind, bool),
    /// Public messages reached somebody.
    Marked {
        /// Whom.
        user: UserId,
        /// As what.
        part: PartKind,
        /// How far.
        kind: MarkKind,
        /// Up to this public position.
        up_to: u64,
    },
    /// A help request was raised, taken up, given back, or ended.
    HelpChanged(Help),
    /// An agent wants to hand over or to ask somebody in.
    HandoverRequested(Handover),
    /// That came to an end.
    HandoverEnded(Handover, HandoverOutcome),
    /// It is over.
    Ended(EndReason),
}

/// An event and when it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: UnixMs,
    /// What.
    pub event: Event,
}

/// How a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// The customer left.
    Requester,
    /// An agent ended it, or the last one left.
    Agent,
    /// No agent was available.
    NoAgents,
    /// The server ended it.
    Server,
}

/// What a command does, and the answer to whoever sent it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// What happened, in order. Empty: everything was already as asked.
    pub entries: Vec<Entry>,
    /// The message that was sent, or was there already.
    pub receipt: Option<Receipt>,
    /// The request that was made.
    pub handover: Option<HandoverId>,
}

/// Why a command changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is over.
    #[error("the conversation has ended")]
    Ended,
    /// The sender, or who is meant, is not in it.
    #[error("this user is not in the conversation")]
    NotAMember,
    /// Somebody tried to move somebody else.
    #[error("that is somebody else's to do")]
    NotYours,
    /// The sender's part does not allow it.
    #[error("your part in the conversation does not allow that")]
    WrongPart,
    /// The right is missing.
    #[error("the right for that is missing")]
    NotPermitted,
    /// The sender's mode does not reach that far.
    #[error("your present mode does not let you write here; change the mode first")]
    WrongMode,
    /// The first step into Barge, or a take-over, was not confirmed.
    #[error("the customer will be told that you join; confirm that first")]
    AnnounceFirst,
    /// A supervisor has taken the conversation over.
    #[error("a supervisor has taken the conversation over; it has to be handed back first")]
    TakenOver,
    /// The queue's settings have it switched off.
    #[error("this is switched off for the queue")]
    SwitchedOff,
    /// The command was decided on an older state.
    #[error("the conversation has changed since; look at it and decide again")]
    Stale,
    /// The user is in it already, in another part.
    #[error("this user is in the conversation already")]
    AlreadyMember,
    /// No room for another one in this part.
    #[error("the conversation is full")]
    Full,
    /// Nothing was written and nothing attached.
    #[error("a message needs a text or an attachment")]
    Empty,
    /// The text is too long.
    #[error("a message has at most {TEXT_CHARS_MAX} characters")]
    TextTooLong,
    /// Too much is attached.
    #[error("a message has at most {ATTACHMENTS_MAX} attachments")]
    TooManyAttachments,
    /// The client's id is empty or too long.
    #[error("a client_id has 1 to {CLIENT_ID_CHARS_MAX} characters")]
    BadClientId,
    /// The client's id belongs to another message of the same author.
    #[error("this client_id belongs to another message of yours")]
    ClientIdReused,
    /// The conversation has all the messages that it may have.
    #[error("a conversation has at most {MESSAGES_MAX} messages")]
    TooManyMessages,
    /// No such message.
    #[error("there is no such message")]
    NoSuchMessage,
    /// The note is too long.
    #[error("a note has at most {NOTE_CHARS_MAX} characters")]
    NoteTooLong,
    /// A request to oneself, or to somebody who is in it.
    #[error("this agent is in the conversation already")]
    TargetPresent,
    /// Too many requests wait already.
    #[error("enough requests are waiting; let one of them end first")]
    TooManyHandovers,
    /// No such request, or not any more.
    #[error("there is no such request (any more)")]
    NoSuchHandover,
    /// See [`HelpRefusal::NotOpen`].
    #[error("no help request is open here")]
    NoHelpOpen,
    /// See [`HelpRefusal::ReasonTooLong`].
    #[error("a reason has at most {HELP_REASON_CHARS_MAX} characters")]
    ReasonTooLong,
}

impl From<SupervisionRefusal> for Refusal {
    fn from(refusal: SupervisionRefusal) -> Self {
        match refusal {
            SupervisionRefusal::Stale => Self::Stale,
            SupervisionRefusal::NotPermitted => Self::NotPermitted,
        }
    }
}

impl From<HandoverRefusal> for Refusal {
    fn from(refusal: HandoverRefusal) -> Self {
        match refusal {
            HandoverRefusal::NoteTooLong => Self::NoteTooLong,
            HandoverRefusal::TargetPresent => Self::TargetPresent,
            HandoverRefusal::NotWaiting => Self::NoSuchHandover,
            HandoverRefusal::NotAnEnd => Self::WrongPart,
            HandoverRefusal::NotYours => Self::NotYours,
        }
    }
}

impl From<HelpRefusal> for Refusal {
    fn from(refusal: HelpRefusal) -> Self {
        match refusal {
            HelpRefusal::NotOpen => Self::NoHelpOpen,
            HelpRefusal::ReasonTooLong => Self::ReasonTooLong,
        }
    }
}

impl Event {
    /// Whether it changes who is there, in which mode, or what waits: what a revision counts.
    pub fn changes_roster(&self) -> bool {
        !matches!(self, Self::Posted(_) | Self::Typing(..) | Self::Marked { .. })
    }

    /// The message, if one was written.
    pub fn message(&self) -> Option<&Message> {
        if let Self::Posted(message) = self { Some(message) } else { None }
    }

    /// The request, if one was made.
    pub fn requested(&self) -> Option<&Handover> {
        if let Self::HandoverRequested(handover) = self { Some(handover) } else { None }
    }

    /// Whether it belongs into the record; typing does not.
    pub fn is_kept(&self) -> bool {
        !matches!(self, Self::Typing(..))
    }
}

impl Default for Features {
    fn default() -> Self {
        Self { private_chat: true, help: true, transcript_download: true }
    }
}
