//! Recorded calls, replayed against a Sotto server as real WebRTC callers and agents, or callers by telephone, and measured.
//!
//! - [`scenario`]: what a run shall be like; [`impair`]: what the network does; [`accounts`]: who takes part.
//! - [`run`]: the parties; [`measure`]: what they hear, held against who may hear whom; [`report`]: how it
//!   is told; [`find_max`]: how many calls a server carries. [`units`]: times and shares as people write them;
//!   [`telephone`]: telephones' codecs.
//!
//! Everything goes through the public API, by crate `client`, and by SIP; recordings come from crate `recordings`.
//! It measures one server from the outside, and knows nothing of how that server works.

pub mod accounts;
pub mod find_max;
pub mod impair;
pub mod measure;
pub mod report;
pub mod run;
pub mod scenario;
pub mod telephone;
pub mod units;
