//! Conversations in the orchestrator: what users ask of them, and in which order a change is decided,
//! kept, made true, told and answered.
//!
//! What a change does is `interaction`'s and the control plane's; who reads what is decided by
//! `interaction` alone.

mod channel;
mod commands;
mod commit;
pub mod error;
pub mod files;
mod handover;
pub mod mood;
mod of_calls;
mod pages;
mod restart;
mod rights;
mod transcripts;

pub use channel::{ChannelReceipt, Incoming};
pub use commands::{Posted, Posting, SUBJECT_CHARS_MAX};
pub use handover::Transfer;
pub use pages::{MessagePage, PageMessage};
pub use transcripts::TranscriptFile;
