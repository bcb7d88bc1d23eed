//! What conversations refuse, in HTTP's terms.

use orchestrator::conversations::error::{
    AcceptError, ChannelMessageError, ConversationError, DeclineError, HandOverError,
    MessagesError, NotOffered, OpenConversationError, PartError, PostError, SignError,
    SuperviseError, TagError, TaggableError, TranscriptError,
};

use super::{lines_busy, not_listen, text};
use crate::cause::Cause;
use crate::{Kind, Problem};

const OFFER_GONE: &str =
    "This conversation is not offered to you, or no longer is. Wait for the next offer.";
const HOLDS_ENOUGH: &str =
    "You have as many conversations as you may. End or transfer one of them first.";
const STILL_RUNNING: &str =
    "The conversation has not ended yet. Its transcript is made when it ends.";

impl From<ConversationError> for Problem {
    fn from(error: ConversationError) -> Self {
        match error {
            ConversationError::NotCurrent(why) => why.into(),
            ConversationError::NotFound(what) => what.into(),
            ConversationError::Refused(refusal) => text::refused(refusal),
            ConversationError::Unsaved(why) => why.into(),
            ConversationError::Bug(bug) => bug.into(),
        }
    }
}

impl From<OpenConversationError> for Problem {
    fn from(error: OpenConversationError) -> Self {
        match error {
            OpenConversationError::Lacks(what) => what.into(),
            OpenConversationError::LinesBusy => lines_busy(),
            OpenConversationError::NoRoom(why) => why.into(),
            OpenConversationError::Queue(why) => why.into(),
            OpenConversationError::Closed(why) => why.into(),
            OpenConversationError::NotCurrent(why) => why.into(),
            OpenConversationError::Unsaved(why) => why.into(),
        }
    }
}

impl From<NotOffered> for Problem {
    fn from(why: NotOffered) -> Self {
        match why {
            NotOffered::Gone => Self::new(Kind::OfferGone, OFFER_GONE),
            NotOffered::NotFound(what) => what.into(),
        }
    }
}

impl From<AcceptError> for Problem {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Lacks(what) => what.into(),
            AcceptError::Unread(why) => why.into(),
            AcceptError::NotOffered(why) => why.into(),
            AcceptError::Taken(name) => Self::new(Kind::OfferGone, format!("{name} has taken it.")),
            AcceptError::HoldsEnough => Self::new(Kind::HoldsEnough, HOLDS_ENOUGH),
            AcceptError::Conversation(why) => why.into(),
        }
    }
}

impl From<DeclineError> for Problem {
    fn from(error: DeclineError) -> Self {
        match error {
            DeclineError::Lacks(what) => what.into(),
            DeclineError::NotCurrent(why) => why.into(),
            DeclineError::NotOffered(why) => why.into(),
        }
    }
}

impl From<PostError> for Problem {
    fn from(error: PostError) -> Self {
        match error {
            PostError::TooFast(why) => why.into(),
            PostError::Attached(why) => why.into(),
            PostError::Conversation(why) => why.into(),
        }
    }
}

impl From<SignError> for Problem {
    fn from(error: SignError) -> Self {
        match error {
            SignError::TooFast(why) => why.into(),
            SignError::Conversation(why) => why.into(),
        }
    }
}

impl From<SuperviseError> for Problem {
    fn from(error: SuperviseError) -> Self {
        match error {
            SuperviseError::NotBegun(why) => why.into(),
            SuperviseError::Lacks(what) => what.into(),
            SuperviseError::NotListen => not_listen(Kind::ConversationRefused),
            SuperviseError::Unread(why) => why.into(),
            SuperviseError::Conversation(why) => why.into(),
        }
    }
}

impl From<PartError> for Problem {
    fn from(error: PartError) -> Self {
        match error {
            PartError::NotAllowed(why) => why.into(),
            PartError::Conversation(why) => why.into(),
        }
    }
}

impl From<HandOverError> for Problem {
    fn from(error: HandOverError) -> Self {
        match error {
            HandOverError::Part(why) => why.into(),
            HandOverError::To(why) => why.into(),
        }
    }
}

impl From<TagError> for Problem {
    fn from(error: TagError) -> Self {
        match error {
            TagError::Unread(why) => why.into(),
            TagError::Conversation(why) => why.into(),
        }
    }
}

impl From<TaggableError> for Problem {
    fn from(error: TaggableError) -> Self {
        match error {
            TaggableError::NotAllowed(why) => why.into(),
            TaggableError::Unread(why) => why.into(),
        }
    }
}

impl From<MessagesError> for Problem {
    fn from(error: MessagesError) -> Self {
        match error {
            MessagesError::Lookup(why) => why.into(),
            MessagesError::NotAllowed(why) => why.into(),
        }
    }
}

impl From<TranscriptError> for Problem {
    fn from(error: TranscriptError) -> Self {
        match error {
            TranscriptError::Lookup(why) => why.into(),
            TranscriptError::NotAllowed(why) => why.into(),
            TranscriptError::StillGoesOn => {
                Self::new(Kind::ConversationRefused, STILL_RUNNING).because(Cause::StillRunning)
            }
        }
    }
}

impl From<ChannelMessageError> for Problem {
    fn from(error: ChannelMessageError) -> Self {
        match error {
            ChannelMessageError::NotOpened(why) => why.into(),
            ChannelMessageError::NotWritten(why) => why.into(),
        }
    }
}
