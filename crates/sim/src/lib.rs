//! One call in virtual time: scripted parties, a seeded network, and an ear at every leg.
//!
//! A [`Room`] holds a real `call_engine::Call` and nothing else of the server. Parties send a
//! [`Signal`] as Opus over RTP through a [`Network`] that delays, loses, doubles and reorders by
//! seed; what the call sends to each leg is kept and can be decoded and searched. The same seed
//! gives the same run, byte for byte: a supervisor more or less must not change what a caller
//! gets.
//!
//! It deliberately has no sockets, no encryption and no threads; for those there are the end to
//! end tests. It is for tests only.

pub mod listen;
mod network;
mod room;
pub mod seams;
mod signal;
pub mod stories;
mod talk;

pub use network::{Network, NetworkConfig};
pub use room::{Received, Room, RoomConfig};
pub use signal::Signal;
pub use talk::{Carried, Conversation};
