//! The Sotto server: media workers, control plane, HTTP, accounts.
//!
//! [`start`] brings up the whole of it from a [`Config`]; `main.rs` adds signals and words for
//! people, and tests start as many servers as they like.
//!
//! - [`worker`]: audio, on threads of its own.
//! - [`centre`]: calls, stations, agents: the control plane. [`event_streams`]: how it is told; [`views`]: in which words.
//! - [`desk`]: text. [`channels`]: other channels, by connectors.
//! - [`records`]: what was, for whoever may read it. [`stored`]: how facts stand in the store.
//! - [`http`]: the API and the pages. [`auth`]: who asks.
//! - [`settings`]: what administrators chose, as it is at each moment.
//! - [`config`], [`provision`], [`seed`], [`demo`]: how it begins.

pub mod centre;
pub mod channels;
pub mod config;
pub mod demo;
pub mod desk;
pub mod event_streams;
pub mod http;
pub mod provision;
pub mod records;
pub mod seed;
mod server;
pub mod settings;
pub mod stored;
pub mod views;
pub mod worker;

pub use accounts as auth;
pub use config::{Config, ConfigError};
pub use server::{Running, StartError, start};
