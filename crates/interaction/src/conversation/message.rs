//! Messages, their bounds, and how far they were read.

use crate::{AttachmentId, UserId};

/// Characters that a message may have.
pub const TEXT_CHARS_MAX: usize = 4_000;
/// Attachments that a message may have.
pub const ATTACHMENTS_MAX: usize = 10;
/// Characters that a client's id for a message may have.
pub const CLIENT_ID_CHARS_MAX: usize = 64;
/// Messages of each visibility that a conversation may have. They are counted apart, so that the
/// customer cannot tell from a refusal how much staff have written.
pub const MESSAGES_MAX: u64 = 5_000;

/// Who a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    /// Everybody in the conversation.
    Public,
    /// Staff.
    Private,
}

/// What somebody wants to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// For whom.
    pub visibility: Visibility,
    /// The client's own id of this message: the same again is the same message.
    pub client_id: String,
    /// The text; may be empty if something is attached.
    pub text: String,
    /// What is attached.
    pub attachments: Vec<AttachmentId>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place among all messages of the conversation, from 1. Staff only.
    pub position: u64,
    /// Its place among the public ones, from 1; `None`: it is private.
    pub public: Option<u64>,
    /// Who wrote it.
    pub author: UserId,
    /// The author's own id for it.
    pub client_id: String,
    /// What it says.
    pub text: String,
    /// What is attached.
    pub attachments: Vec<AttachmentId>,
}

/// Where a message that was sent stands; the answer to its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// See [`Message::position`].
    pub position: u64,
    /// See [`Message::public`].
    pub public: Option<u64>,
    /// It was there already: a retry.
    pub again: bool,
}

/// How far public messages got at somebody. Private ones have no marks at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// They reached a device.
    Delivered,
    /// They were looked at.
    Read,
}

impl Message {
    /// Where it stands, for its author.
    pub fn receipt(&self) -> Receipt {
        Receipt { position: self.position, public: self.public, again: false }
    }

    /// Who it is for.
    pub fn visibility(&self) -> Visibility {
        if self.public.is_some() { Visibility::Public } else { Visibility::Private }
    }
}
