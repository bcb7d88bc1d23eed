//! What a run found, and how it is shown.
//!
//! - [`data`]: the report itself, the contract between measuring and showing; [`verdict`]: whether it passed.
//! - [`percentiles`], [`mos`], [`server`]: how its figures are made.
//! - [`limits`] of `--fail-if`.
//! - [`live`] while it runs; [`terminal`], [`json`] and [`html`] at the end.
//!
//! It measures nothing in the calls: that is the run's work.

pub mod data;
pub mod html;
pub mod json;
pub mod limits;
pub mod live;
pub mod mos;
pub mod percentiles;
#[cfg(test)]
pub(crate) mod sample;
pub mod server;
pub mod terminal;
pub mod verdict;
mod words;
