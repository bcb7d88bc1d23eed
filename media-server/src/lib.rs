//! The Sotto server: its configuration, and how its parts are put together.
//!
//! [`start`] brings up the whole of it from a [`Config`]; `main.rs` adds signals and words for
//! people, and tests start as many servers as they like. What the parts do is in their crates:
//! `media-workers` (audio), `control-plane` and `orchestrator` (what goes on), `accounts`, `store`,
//! `connectors` and `api`.

mod certificate_facts;
pub mod certificates;
pub mod config;
pub mod demo;
mod demo_data;
mod demo_day;
pub mod doctor;
mod open_files;
mod private;
pub mod provision;
pub mod seed;
mod server;
pub mod sip_check;

pub use config::{Config, ConfigError};
pub use demo_data::DemoDataError;
pub use server::{Running, StartError, start};
