//! One plain station: a leg of the telephone network, as datagrams on one side and RTP on the other.
//!
//! The sibling of `rtc-station` for peers that speak SIP: SDP offer and answer (RFC 3264), plain RTP
//! (RFC 3550) or SRTP with keys from the SDP (RFC 4568), digits as events (RFC 4733). Towards the calls
//! it is exactly like the other kind: Opus at 48 kHz in and out.

mod digit;
mod types;

pub use digit::Digit;
pub use types::{PlainCodec, PlainConfig, Srtp};
