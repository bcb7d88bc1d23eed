//! What goes into a station and what comes out of it.

use std::net::IpAddr;
use std::time::Duration;

/// A codec that a plain station speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlainCodec {
    /// Opus, passed through (RFC 7587).
    Opus,
    /// G.722 at 64 kbit/s, 16 kHz; its RTP clock is 8 kHz all the same (RFC 3551 §4.5.2).
    G722,
    /// G.711 A-law.
    Pcma,
    /// G.711 µ-law.
    Pcmu,
}

/// Whether media are encrypted with keys from the SDP (SDES, RFC 4568).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Srtp {
    /// Never: an offer of RTP/SAVP alone is refused.
    Off,
    /// If the peer offers it; our own offer is plain.
    #[default]
    Optional,
    /// Always: an offer of RTP/AVP alone is refused.
    Required,
}

/// What one plain station may negotiate, and whom it listens to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainConfig {
    /// The codecs that may be used, the most wanted first.
    pub codecs: Vec<PlainCodec>,
    /// How much sound a packet holds that we send, unless the peer asks for something else, ms: 10 to
    /// 60, in steps of 10.
    pub ptime_ms: u8,
    /// Encryption.
    pub srtp: Srtp,
    /// Once the peer has begun to send: silence (no RTP, no RTCP) after which the station is closed. While
    /// the negotiated direction lets the peer send nothing, silence is no loss.
    pub media_timeout: Duration,
    /// Where the peer's SIP messages come from. Media may come from there, too, and from the address in
    /// its SDP; from nowhere else.
    pub signalled_from: IpAddr,
}

impl Default for PlainConfig {
    /// Every codec; the peer's address is unspecified: media come from the one in its SDP alone.
    fn default() -> Self {
        Self {
            codecs: vec![PlainCodec::Opus, PlainCodec::G722, PlainCodec::Pcma, PlainCodec::Pcmu],
            ptime_ms: 20,
            srtp: Srtp::default(),
            media_timeout: Duration::from_secs(30),
            signalled_from: IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
        }
    }
}
