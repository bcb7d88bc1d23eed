//! How facts stand in the store: domain events and rules as JSON, and back.
//!
//! It is read by this server alone, so the names in it are the domain's. What was written once is
//! read for ever: a form never changes, it gets a successor with another version.

pub mod call;
pub mod conversation;
pub mod entries;
pub mod former_call;
mod opening;

pub use opening::Opening;

use interaction::conversation::PartKind;

/// A part by its name in the store.
pub fn part_named(name: &str) -> Option<PartKind> {
    match name {
        "requester" => Some(PartKind::Requester),
        "agent" => Some(PartKind::Agent),
        "colleague" => Some(PartKind::Colleague),
        "supervisor" => Some(PartKind::Supervisor),
        _ => None,
    }
}
