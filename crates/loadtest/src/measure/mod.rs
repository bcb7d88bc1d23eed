//! What is heard, held against who may hear whom.
//!
//! - [`voice`]: what the parties say; [`tag`]: the mark on each packet.
//! - [`book`]: what was asked and answered.
//! - [`probe`]: what a party hears, by the marks or by its sound at [`narrow`] band; `hearing`: of each codec.
//! - [`matching`]: whether a voice is in it.
//! - [`routes`]: who may, must and must not hear whom, and when: the rule, stated anew.
//! - [`verifier`], [`findings`], [`changes`]: the verdicts, delays and levels.
//! - [`reference`]: pairs of files for measures that compare sound with sound; [`wav`]: files.
//!
//! It knows nothing of the server but what it answered and what it sent.

pub mod book;
pub mod changes;
pub mod findings;
mod hearing;
pub mod matching;
pub mod narrow;
pub mod probe;
pub mod reference;
pub mod routes;
pub mod tag;
pub mod verifier;
pub mod voice;
pub mod wav;
