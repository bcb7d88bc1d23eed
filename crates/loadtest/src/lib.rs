//! Recorded calls, replayed against a Sotto server as real WebRTC callers and agents.
//!
//! - [`recording`]: two-party recordings, ready to send.
//! - [`replay`]: one call's two sides in lockstep.
//! - [`demo`]: a small contact centre that goes on for ever.
//!
//! Everything goes through the public API, by crate `client`. It measures nothing yet and scripts
//! no supervisors.

pub mod demo;
pub mod recording;
pub mod replay;
#[cfg(feature = "tool")]
pub mod report;
#[cfg(feature = "tool")]
pub mod measure;
#[cfg(feature = "tool")]
pub mod impair;
#[cfg(feature = "tool")]
pub mod scenario;
