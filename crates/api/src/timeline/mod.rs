//! What happened, in sentences: the timelines of calls and conversations, as one reader may know them.

pub mod call;
pub mod conversation;
