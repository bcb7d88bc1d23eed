//! A real client of a Sotto server: sign in, station, legs, events.
//!
//! Its WebRTC stack (`webrtc`) is another one than the server's, so that a shared mistake can't
//! hide: it is the other end of every call in the load tester and in the tests.
//!
//! It holds no opinion about who may hear whom; it asks the server and reports what came back.

pub mod media;
