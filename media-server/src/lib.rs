//! The Sotto server: control plane, HTTP, accounts; its audio is `media-workers`.
//!
//! [`start`] brings up the whole of it from a [`Config`]; `main.rs` adds signals and words for
//! people, and tests start as many servers as they like.
//!
//! - [`centre`]: calls, stations, agents: the control plane. [`hub`]: who is told what.
//! - [`desk`]: text. [`channels`]: other channels, by connectors.
//! - [`http`]: the API and the pages. [`auth`]: who asks.
//! - [`settings`]: what administrators chose, as it is at each moment.
//! - [`config`], [`provision`], [`seed`], [`demo`]: how it begins.

pub mod auth;
pub mod centre;
pub mod channels;
pub mod config;
pub mod demo;
pub mod desk;
pub mod http;
pub mod hub;
pub mod provision;
pub mod records;
pub mod seed;
mod server;
pub mod settings;

pub use config::{Config, ConfigError};
pub use server::{Running, StartError, start};
