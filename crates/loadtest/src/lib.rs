//! Recorded calls, replayed against a Sotto server as real WebRTC callers and agents.
//!
//! - [`recording`]: two-party recordings, ready to send.
//! - [`replay`]: one call's two sides in lockstep; [`demo`]: a small contact centre that goes on for
//!   ever. This much is part of the server, too.
//! - `scenario`: what a run shall be like; `impair`: what the network does; `accounts`: who takes part.
//! - `run`: the parties; `measure`: what they hear, held against who may hear whom; `report`: how it
//!   is told; `find_max`: how many calls a server carries.
//!
//! Everything goes through the public API, by crate `client`.

#[cfg(feature = "tool")]
pub mod accounts;
pub mod demo;
#[cfg(feature = "tool")]
pub mod find_max;
#[cfg(feature = "tool")]
pub mod impair;
#[cfg(feature = "tool")]
pub mod measure;
pub mod recording;
pub mod replay;
#[cfg(feature = "tool")]
pub mod report;
#[cfg(feature = "tool")]
pub mod run;
#[cfg(feature = "tool")]
pub mod scenario;
