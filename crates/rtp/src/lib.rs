//! RTP, RTCP and SRTP: what a packet says, what a receiver counts and reports, how both are protected.
//!
//! For both kinds of station: `rtc-station` takes its keys from DTLS (RFC 5764), `rtp-station` from the SDP
//! (RFC 4568) or has none. Buffers are the caller's, and nothing is allocated for a packet of sound.
//!
//! Deliberately not here: sockets, clocks, jitter buffers, codecs, and which packets go where.

mod packet;
mod reception;
pub mod red;
pub mod rtcp;
mod sequence;
pub mod srtp;

pub use packet::{HEADER_BYTES, Rtp, extension, header_bytes, is_rtcp, steps};
pub use reception::{Reception, units_65536};
pub use sequence::{SEND_WINDOW_PACKETS, SendSequence};
