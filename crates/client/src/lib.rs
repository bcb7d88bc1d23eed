//! A real client of a Sotto server: sign in, station, legs, events.
//!
//! Its WebRTC stack (`webrtc`) is another one than the server's, so that a shared mistake can't
//! hide: it is the other end of every call in the load tester and in the tests.
//!
//! - [`session`]: a signed-in user in one line a step; what most users of this crate want.
//! - [`api`]: the REST calls, typed. [`events`]: the WebSocket.
//! - [`media`]: the station. [`clip`]: something to say. [`playout`], [`probe`]: what was heard.
//!
//! It holds no opinion about who may hear whom; it asks the server and reports what came back.
//! It never reconnects or retries by itself.

pub mod api;
pub mod clip;
mod error;
pub mod events;
pub mod media;
pub mod playout;
pub mod probe;
pub mod server;
pub mod session;

pub use error::ClientError;
pub use server::{Server, Trust};
