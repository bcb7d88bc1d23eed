//! Chats between two people of the centre.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::UserRef;

/// `POST /chats`: starts one, or answers with the one that goes on.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct StartChat {
    /// The other one's user id; 404 for somebody outside one's groups.
    pub with: String,
}

/// `POST /chats/{id}/messages`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct PostChatMessage {
    /// The text, ≤ 4,000 characters.
    pub text: String,
    /// The client's own id of this message, 1–64 characters: the same again is the same message.
    pub client_id: String,
}

/// `PUT /chats/{id}/read`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct ReadChat {
    /// Up to this number.
    #[ts(type = "number")]
    pub up_to: u64,
}

/// A chat as one of the two sees it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct ChatView {
    /// Opaque id.
    pub id: String,
    /// The other one.
    pub with: UserRef,
    /// Whether the viewer began it.
    pub own: bool,
    /// It was not answered yet.
    pub pending: bool,
    /// Messages that the viewer has not read.
    #[ts(type = "number")]
    pub unread: u64,
    /// How far the other one has read.
    #[ts(type = "number")]
    pub read_up_to: u64,
    /// Messages in it.
    #[ts(type = "number")]
    pub messages: u64,
    /// When it was opened, Unix ms.
    #[ts(type = "number")]
    pub opened_at: u64,
    /// It is over.
    pub ended: bool,
}

/// A message of a chat.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct ChatMessageView {
    /// Its number, from 1 and without gaps.
    #[ts(type = "number")]
    pub number: u64,
    /// Whether the viewer wrote it.
    pub own: bool,
    /// When, Unix ms.
    #[ts(type = "number")]
    pub at: u64,
    /// The text, as it was written: plain, to be escaped.
    pub text: String,
    /// The author's own id; told to the author only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub client_id: Option<String>,
}

/// `GET /chats`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct ChatList {
    /// Those that go on, newest first.
    pub chats: Vec<ChatView>,
}

/// `GET /chats/{id}/messages?before=…&limit=…`: the newest ones before a number.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema, TS)]
pub struct ChatMessagePage {
    /// The messages, in rising order.
    pub messages: Vec<ChatMessageView>,
    /// Whether there are older ones.
    pub more: bool,
}
