//! What goes into a station and what comes out of it.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use codec::OpusEncoderConfig;
use rtc_station::RtpIn;

use crate::Digit;

/// Outputs kept when the caller does not drain; further packets are dropped and counted.
pub const OUTPUTS_MAX: usize = 256;

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

/// How a station is set up.
#[derive(Debug, Clone)]
pub struct StationConfig {
    /// What may be negotiated.
    pub plain: PlainConfig,
    /// Where peers reach the socket for RTP. The one for RTCP has the port after it.
    pub local: SocketAddr,
    /// The encoder of what a telephone says.
    pub encoder: OpusEncoderConfig,
    /// 32 secret random bytes, used once: keys, SSRC, numbers and names come from them.
    pub seed: [u8; 32],
}

/// One of a station's two sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// RTP; also RTCP, if both share the port (RFC 5761).
    Rtp,
    /// RTCP.
    Rtcp,
}

/// A datagram that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Accepted {
    /// Sound; it is among the outputs once it fills a packet.
    Sound,
    /// A packet that came twice, or after later ones.
    Late,
    /// Comfort noise.
    ComfortNoise,
    /// A key press, or the repetition of one.
    Event,
    /// RTCP.
    Rtcp,
}

/// Why a station ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// [`crate::Station::close`].
    Requested,
    /// The peer had sent, and nothing came for the media timeout.
    MediaTimeout,
}

/// Why a key press was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DigitError {
    /// The peer takes no events (RFC 4733), or nothing at all.
    #[error("the peer takes no key presses")]
    NotNegotiated,
    /// Too many wait already.
    #[error("too many key presses wait to be sent")]
    Full,
}

/// What the caller is to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this datagram.
    Transmit {
        /// From which socket.
        channel: Channel,
        /// The peer's address.
        to: SocketAddr,
        /// The datagram.
        bytes: Vec<u8>,
    },
    /// Sound arrived: Opus.
    Rtp(RtpIn),
    /// The peer pressed a key.
    Digit(Digit),
    /// The peer takes no sound from now on (`true`), or does again.
    Held(bool),
    /// Offer and answer are exchanged: packets flow from now on.
    Connected,
    /// The station ended. Datagrams to say goodbye may precede this.
    Closed(CloseReason),
    /// Nothing more now: call `handle_timeout` at this instant, or earlier with something to do.
    Wait(Instant),
    /// Nothing more, ever: the station can be dropped.
    Done,
}

/// Counts, and what RTCP says about the network.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StationStats {
    /// RTP packets taken.
    pub packets_in: u64,
    /// Their payload bytes.
    pub bytes_in: u64,
    /// RTP packets sent.
    pub packets_out: u64,
    /// Their payload bytes.
    pub bytes_out: u64,
    /// Packets that came twice or after later ones.
    pub late: u64,
    /// Outputs dropped because the caller did not drain; 0 in a correct worker.
    pub outputs_dropped: u64,
    /// Share of the peer's packets lost on the way here, 0 to 1.
    pub loss_in: Option<f32>,
    /// Interarrival jitter of the peer's packets, in ms (RFC 3550 §6.4.1).
    pub jitter_in_ms: Option<f32>,
    /// Share of our packets the peer says it lost, 0 to 1.
    pub loss_out: Option<f32>,
    /// Interarrival jitter the peer reports of ours, in ms.
    pub jitter_out_ms: Option<f32>,
    /// Round-trip time, in ms.
    pub rtt_ms: Option<f32>,
}
