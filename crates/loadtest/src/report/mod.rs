//! What a run found, and how it is shown.

pub mod data;
pub mod mos;
pub mod percentiles;
