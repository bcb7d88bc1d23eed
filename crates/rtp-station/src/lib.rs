//! One plain station: a leg of the telephone network, as datagrams on one side and RTP on the other.
//!
//! The sibling of `rtc-station` for peers that speak SIP: SDP offer and answer (RFC 3264), plain RTP
//! (RFC 3550) or SRTP with keys from the SDP (RFC 4568), digits as events (RFC 4733), RTCP. Towards the
//! calls it is exactly like the other kind: Opus at 48 kHz in and out. G.711 and G.722 are transcoded here,
//! packet by packet; Opus is passed through, and so are they between telephones that speak the same (`original`).
//!
//! What a peer is sent is a function of the Opus packets of its own leg and of the time. Outgoing packets
//! carry no header extension and no CSRC.
//!
//! Deliberately not here: sockets, clocks, jitter buffers, SIP, and any idea of calls, legs or modes.
//!
//! The run loop: one `handle_*` or `send_*` call, then [`Station::poll_output`] until it says
//! [`Output::Wait`] or [`Output::Done`].

mod crypto;
mod digit;
mod downlink;
mod dtmf;
mod inflow;
mod latch;
mod original;
mod own_bytes;
mod passage;
mod passing;
mod sdp;
mod srtp;
mod station;
mod types;
mod uplink;

pub use digit::Digit;
pub use inflow::{CONTROL_PER_S_MAX, RTP_BYTES_PER_S_MAX, RTP_PACKETS_PER_S_MAX};
pub use original::{claims_original, opus_alone};
pub use sdp::{MEDIA_LINES_MAX, SDP_BYTES_MAX, SdpError, check_description};
pub use station::Station;
pub use types::{
    Accepted, Channel, CloseReason, DigitError, OUTPUTS_MAX, Output, PlainCodec, PlainConfig, Srtp,
    StationConfig, StationStats,
};
