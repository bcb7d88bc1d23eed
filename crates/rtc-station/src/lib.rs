//! One [`Station`]: a user's WebRTC connection, as datagrams on one side and RTP on the other.
//!
//! ICE-lite is the agent of `is`, DTLS is OpenSSL's, SRTP and RTCP are those of the crate `rtp`. The SDP
//! a browser offers is read by a small bounded scanner of our own ([`OfferError`] says what it
//! refuses) and the answer is written here, so no foreign text reaches a general SDP parser and
//! the SSRC of each track is fixed before the first packet. A client that offers several receiving sections
//! in one bundle gets as many tracks; which sound goes on which is the caller's matter.
//!
//! Packets are opened where they lie in the caller's buffer and written into another one of the caller's:
//! nothing is copied and nothing allocated for a packet of sound.
//!
//! Deliberately not here: sockets, clocks, jitter buffers, codecs, and any idea of calls, legs or
//! modes. Outgoing packets leave exactly as the caller numbered them and carry no header
//! extension and no CSRC, because either could tell a caller that a supervisor speaks.
//!
//! The run loop: one `handle_*` or [`Station::send_rtp`] call, then [`Station::poll_output`] until
//! it says [`Output::Wait`] or [`Output::Done`].

mod answer;
mod certificate;
pub mod demux;
mod dtls;
mod fault;
mod fragment;
mod ice;
mod inflow;
mod liveness;
mod microphone;
mod offer;
mod probe;
mod rate;
mod sdp;
mod sources;
mod station;
mod types;

pub use fault::{Fault, Faults};
pub use fragment::{FRAGMENT_BYTES_MAX, IfMatch, PatchError};
pub use ice::REMOTE_ADDRESSES_MAX;
pub use inflow::{
    CHECKS_PER_S_MAX, CONTROL_PER_S_MAX, RTP_BYTES_PER_S_MAX, RTP_PACKETS_PER_S_MAX,
    SPEECH_BYTES_PER_S_MAX, SPEECH_PACKETS_PER_S_MAX,
};
pub use offer::{MEDIA_LINES_MAX, OFFER_BYTES_MAX, OfferError, check_offer};
pub use rate::Rate;
pub use rtp::SEND_WINDOW_PACKETS;
pub use rtp::red::{Restored, RestoredSet};
pub use station::Station;
pub use types::{
    Accepted, Answer, CloseReason, Dropped, OUTPUTS_MAX, Output, RTP_PAYLOAD_BYTES_MAX, Received,
    RtpIn, RtpOut, SendError, StationConfig, StationStats, TRACKS_MAX,
};
