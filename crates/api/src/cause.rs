//! The true cause of a refusal whose type covers several: a stable name of its own beside the type, by
//! which a page says it in its reader's words.

use interaction::Refusal;
use interaction::chat::ChatRefusal;
use interaction::conversation::Refusal as TextRefusal;

macro_rules! causes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// Every cause. Names are part of the API and never change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Cause { $($(#[$doc])* $variant,)* }

        impl Cause {
            /// Every cause, for the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

causes! {
    /// The call has ended.
    CallEnded = "call-ended";
    /// Nobody is on the call who could be coached or take it.
    NoAgent = "no-agent";
    /// Whoever is called has not taken the call yet.
    NotTaken = "not-taken";
    /// Only an agent can be coached.
    NotAnAgent = "not-an-agent";
    /// The supervisor's sound is interrupted.
    MediaLost = "media-lost";
    /// One takes part oneself.
    AlreadyParty = "already-party";
    /// The call has a caller.
    CallerPresent = "caller-present";
    /// As many are on the call as may be.
    CallFull = "call-full";
    /// No request for help is open.
    NoHelpOpen = "no-help-open";
    /// Who is to come is there already.
    TargetPresent = "target-present";
    /// A transfer, consultation or invitation is under way.
    HandoverPending = "handover-pending";
    /// None is under way.
    NoHandover = "no-handover";
    /// A supervisor has taken the call or conversation over.
    TakenOver = "taken-over";
    /// Supervision begins in Listen.
    StartsInListen = "starts-in-listen";
    /// The conversation has ended.
    ConversationEnded = "conversation-ended";
    /// The mode does not let one write there.
    WrongMode = "wrong-mode";
    /// The queue does without.
    SwitchedOff = "switched-off";
    /// As many are in the conversation as may be.
    ConversationFull = "conversation-full";
    /// As many messages are in it as may be.
    TooManyMessages = "too-many-messages";
    /// As many requests wait as may.
    TooManyHandovers = "too-many-handovers";
    /// It has not ended yet.
    StillRunning = "still-running";
    /// As many uploads wait to be sent as may.
    TooManyUploads = "too-many-uploads";
    /// A message without text and attachment.
    EmptyMessage = "empty-message";
    /// The text is too long.
    TextTooLong = "text-too-long";
    /// More attachments than a message may have.
    TooManyAttachments = "too-many-attachments";
    /// The message's own id is missing or too long.
    BadMessageId = "bad-message-id";
    /// The id belongs to another message.
    MessageIdReused = "message-id-reused";
    /// The reason is too long.
    ReasonTooLong = "reason-too-long";
    /// The note is too long.
    NoteTooLong = "note-too-long";
    /// The chat has ended.
    ChatEnded = "chat-ended";
    /// As many messages are in the chat as may be.
    ChatFull = "chat-full";
}

/// Of a call's refusal; `None`: its type says it all.
pub fn of_call(refusal: Refusal) -> Option<Cause> {
    Some(match refusal {
        Refusal::Ended => Cause::CallEnded,
        Refusal::NoCaller => Cause::NotTaken,
        Refusal::NoAgent => Cause::NoAgent,
        Refusal::NotAnAgent => Cause::NotAnAgent,
        Refusal::MediaLost => Cause::MediaLost,
        Refusal::AlreadyParty => Cause::AlreadyParty,
        Refusal::CallerPresent => Cause::CallerPresent,
        Refusal::Full => Cause::CallFull,
        Refusal::NoHelpOpen => Cause::NoHelpOpen,
        Refusal::TargetPresent => Cause::TargetPresent,
        Refusal::HandoverPending => Cause::HandoverPending,
        Refusal::NoHandover => Cause::NoHandover,
        Refusal::TakenOver => Cause::TakenOver,
        Refusal::ReasonTooLong => Cause::ReasonTooLong,
        Refusal::NoteTooLong => Cause::NoteTooLong,
        Refusal::Stale
        | Refusal::NoSuchLeg
        | Refusal::NotYours
        | Refusal::WrongRole
        | Refusal::NotPermitted
        | Refusal::AnnounceFirst => return None,
    })
}

/// Of a conversation's refusal; `None`: its type says it all.
pub fn of_conversation(refusal: TextRefusal) -> Option<Cause> {
    Some(match refusal {
        TextRefusal::Ended => Cause::ConversationEnded,
        TextRefusal::WrongMode => Cause::WrongMode,
        TextRefusal::TakenOver => Cause::TakenOver,
        TextRefusal::SwitchedOff => Cause::SwitchedOff,
        TextRefusal::AlreadyMember => Cause::AlreadyParty,
        TextRefusal::Full => Cause::ConversationFull,
        TextRefusal::TooManyMessages => Cause::TooManyMessages,
        TextRefusal::TargetPresent => Cause::TargetPresent,
        TextRefusal::TooManyHandovers => Cause::TooManyHandovers,
        TextRefusal::NoHelpOpen => Cause::NoHelpOpen,
        TextRefusal::Empty => Cause::EmptyMessage,
        TextRefusal::TextTooLong => Cause::TextTooLong,
        TextRefusal::TooManyAttachments => Cause::TooManyAttachments,
        TextRefusal::BadClientId => Cause::BadMessageId,
        TextRefusal::ClientIdReused => Cause::MessageIdReused,
        TextRefusal::ReasonTooLong => Cause::ReasonTooLong,
        TextRefusal::NoteTooLong => Cause::NoteTooLong,
        TextRefusal::Stale
        | TextRefusal::NotAMember
        | TextRefusal::NotYours
        | TextRefusal::WrongPart
        | TextRefusal::NotPermitted
        | TextRefusal::AnnounceFirst
        | TextRefusal::NoSuchMessage
        | TextRefusal::NoSuchHandover => return None,
    })
}

/// Of a chat's refusal; `None`: its type says it all.
pub fn of_chat(refusal: ChatRefusal) -> Option<Cause> {
    Some(match refusal {
        ChatRefusal::Ended => Cause::ChatEnded,
        ChatRefusal::Full => Cause::ChatFull,
        ChatRefusal::Empty => Cause::EmptyMessage,
        ChatRefusal::TextTooLong => Cause::TextTooLong,
        ChatRefusal::BadClientId => Cause::BadMessageId,
        ChatRefusal::ClientIdReused => Cause::MessageIdReused,
        ChatRefusal::NotAMember | ChatRefusal::NoSuchMessage => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_for_two() {
        let names: std::collections::BTreeSet<_> = Cause::ALL.iter().map(|it| it.name()).collect();
        assert_eq!(names.len(), Cause::ALL.len());
    }
}
