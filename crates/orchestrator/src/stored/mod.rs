//! How facts stand in the store: domain events and rules as JSON, and back.
//!
//! It is read by this server alone, so the names in it are the domain's. What was written once is
//! read for ever: a form never changes, it gets a successor with another version.

pub mod call;
pub mod conversation;
pub mod entries;
pub mod former_call;
mod opening;
pub mod sound;

pub use opening::Opening;
