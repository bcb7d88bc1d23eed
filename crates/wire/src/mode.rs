//! How a supervisor takes part, in a call and in a conversation alike.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// A supervisor's mode. `monitor`, `coach` and `join` are accepted as other names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Hears everybody; nobody hears the supervisor.
    #[serde(alias = "monitor")]
    Listen,
    /// The coached agent alone hears the supervisor.
    #[serde(alias = "coach")]
    Whisper,
    /// Everybody hears everybody.
    #[serde(alias = "join")]
    Barge,
    /// Speaks or writes to the customer in the agents' stead: nobody hears an agent, and no agent writes
    /// to the customer.
    TakeOver,
}
