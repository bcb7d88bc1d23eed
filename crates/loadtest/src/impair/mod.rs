//! A worse network than there is, from the client's side and without root.
//!
//! - [`model`]: what becomes of a packet: pure, by seed.
//! - [`text`]: impairments as people write them.
//! - [`proxy`]: the UDP proxy that a station goes through.
//!
//! It impairs single legs, each by its own seed: the same leg of the same run has the same fate,
//! whatever the others do. It doesn't limit bandwidth.

pub mod model;
pub mod proxy;
pub mod text;

pub use model::{Burst, Impairment, Path};
pub use proxy::{Counts, DirectionCounts, Proxy, ProxyError};
pub use text::{Impairments, Profile};
