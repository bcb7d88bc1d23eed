//! The messages of the REST API and of the WebSocket, version 1.
//!
//! Every shape that crosses the network in JSON is here, once: serde reads and writes it, OpenAPI
//! documents it, and the pages get their TypeScript types from it. There is no logic here and no
//! type of the domain: the media server translates at its edge (`media-server/src/http`).
//!
//! Ids are opaque strings. Times are milliseconds since 1970 (UTC), levels are dBFS (−127 … 0).

pub mod account;
pub mod admin;
pub mod call;
pub mod channel;
mod chat;
pub mod client_message;
pub mod conversation;
pub mod event;
pub mod handover;
pub mod mode;
pub mod problem;
mod queue;
pub mod record;
pub mod report;
pub mod station;
pub mod text_event;

pub use account::*;
pub use admin::*;
pub use call::*;
pub use channel::{ChannelAttachment, ChannelMessage, ChannelNews, ChannelPost, ChannelReceipt};
pub use chat::*;
pub use client_message::*;
pub use conversation::*;
pub use event::*;
pub use handover::*;
pub use mode::*;
pub use problem::*;
pub use queue::*;
pub use record::*;
pub use report::*;
pub use station::*;
pub use text_event::*;

/// The path under which version 1 of the API lives.
pub const API_ROOT: &str = "/api/v1";
