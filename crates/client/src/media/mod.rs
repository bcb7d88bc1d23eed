//! A station's media: one Opus stream to the server and one back, or several, by WebRTC.
//!
//! [`Offer`] is the first half (an SDP offer, complete with candidates); the server's answer
//! turns it into a [`Station`], which sends [`OpusFrame`]s with its own sequence numbers and
//! timestamps and hands every packet that arrives to the callback it was made with.
//!
//! It doesn't encode, decode, reorder or pace anything.

mod connection;
mod error;
mod fragment;
mod peer;
mod station;
mod via;

pub use error::{MediaError, Trouble};
pub use peer::{Offer, StationConfig};
pub use station::{
    FRAME_SAMPLES, OpusFrame, RtpReceived, SAMPLE_RATE_HZ, Station, received_channel,
};
pub use via::{Via, answer_via};
