//! Text: conversations and chats, beside the calls of [`centre`](crate::centre).

pub mod chats;
