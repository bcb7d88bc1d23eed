//! What the benches share: speech to work on, and calls to carry it.
//!
//! Speech matters: an encoder's cost depends on what it encodes, and silence or noise would
//! flatter or slander it. So the benches use the demo recordings of `assets/calls`.

mod scene;
mod speech;

pub use scene::{Scene, Situation};
pub use speech::{Speech, SpeechOf};
