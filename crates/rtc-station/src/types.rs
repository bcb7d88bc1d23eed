//! What goes into a station and what comes out of it.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rtp::red::RestoredSet;

/// The largest RTP payload a station sends, in bytes: with headers and SRTP it still fits the
/// 1,280 bytes every IPv6 path carries.
pub const RTP_PAYLOAD_BYTES_MAX: usize = 1_200;
/// Tracks that one station sends at most; further sections of an offer are answered as inactive.
pub const TRACKS_MAX: usize = 4;
/// Outputs kept when the caller does not drain; further packets are dropped and counted.
pub const OUTPUTS_MAX: usize = 256;

/// How a station is set up.
#[derive(Debug, Clone)]
pub struct StationConfig {
    /// The addresses clients reach this station's socket at, most preferred first. A datagram's
    /// `to` must be one of them: behind a 1:1 NAT pass the public address in both places.
    pub local_candidates: Vec<SocketAddr>,
    /// Silence after which the peer's consent is gone and the station closes (RFC 7675: 30 s).
    /// Also how long a new station may take to connect.
    pub consent_timeout: Duration,
    /// 32 secret random bytes, used once: ICE credentials and the SSRC come from them.
    pub seed: [u8; 32],
}

impl StationConfig {
    /// RFC 7675 §5.1.
    pub const CONSENT_TIMEOUT: Duration = Duration::from_secs(30);
}

/// The server's half of the negotiation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// `application/sdp`.
    pub sdp: String,
}

/// A datagram that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Accepted {
    /// An authentic ICE check: its source address belongs to this station from now on.
    Check,
    /// The answer to a check of ours.
    Answer,
    /// DTLS from a checked address.
    Dtls,
    /// An authentic RTP packet that was not seen before; its payload lies open in the datagram.
    Rtp(Received),
    /// Authentic RTCP.
    Rtcp,
}

/// Why a datagram was dropped; to be counted, not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dropped {
    /// The station has closed.
    Closed,
    /// It came to an address that is none of the configured ones: a fault of the set-up.
    UnknownLocalAddress,
    /// Neither STUN, DTLS, RTP nor RTCP.
    UnknownProtocol,
    /// It is cut short or does not parse.
    Malformed,
    /// STUN, but not a binding request: an ICE-lite agent asks nothing and expects no reply.
    UnexpectedStun,
    /// A check for other credentials, perhaps those before an ICE restart.
    WrongUsername,
    /// More of its kind than a client for speech sends, see [`crate::SPEECH_PACKETS_PER_S_MAX`].
    TooMany,
    /// More than [`crate::REMOTE_ADDRESSES_MAX`] source addresses.
    TooManyAddresses,
    /// DTLS, RTP or RTCP from an address that passed no check.
    UncheckedSource,
    /// RTP with another SSRC than the client's track has, while that sounds.
    UnknownSource,
    /// RTP with another payload type than the one negotiated.
    UnknownPayloadType,
    /// The integrity check failed, or the packet is a replay.
    NotAuthentic,
    /// RTP that comes after a copy of it was taken from a later packet.
    Restored,
}

/// A received RTP packet, authentic and never delivered twice, in the datagram that it came in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Received {
    /// Sequence number as on the wire.
    pub sequence: u16,
    /// RTP timestamp, 48 kHz.
    pub timestamp: u32,
    /// Marker bit: first packet after silence.
    pub marker: bool,
    /// Audio level in dBov, −127 (silence) to 0, if the client sends it (RFC 6464).
    pub audio_level_dbov: Option<i8>,
    /// Whether the client believes this is speech (RFC 6464).
    pub voice_activity: Option<bool>,
    /// Where the Opus packet is in the datagram, now that it is open.
    pub payload: Range<usize>,
    /// Earlier packets that were lost and of which it brought copies (RFC 2198), also in the datagram.
    pub restored: RestoredSet,
}

/// A received RTP packet with a payload of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RtpIn {
    /// Sequence number as on the wire.
    pub sequence: u16,
    /// RTP timestamp, 48 kHz.
    pub timestamp: u32,
    /// Marker bit: first packet after silence.
    pub marker: bool,
    /// Opus.
    pub payload: Arc<[u8]>,
    /// Audio level in dBov, −127 (silence) to 0, if the client sends it (RFC 6464).
    pub audio_level_dbov: Option<i8>,
    /// Whether the client believes this is speech (RFC 6464).
    pub voice_activity: Option<bool>,
    /// The `now` it was handed in with.
    pub arrived_at: Instant,
}

/// An RTP packet to send; `sequence` and `timestamp` go on the wire as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RtpOut<'a> {
    /// Sequence number; each may be used once.
    pub sequence: u16,
    /// RTP timestamp, 48 kHz.
    pub timestamp: u32,
    /// Marker bit: first packet after silence.
    pub marker: bool,
    /// Opus, at most [`RTP_PAYLOAD_BYTES_MAX`] bytes.
    pub payload: &'a [u8],
}

/// Why a packet was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SendError {
    /// Before the handshake or after the end.
    #[error("the station is not connected")]
    NotConnected,
    /// The client offered `sendonly`.
    #[error("the client does not receive")]
    NotReceiving,
    /// The client's offer had fewer receiving sections.
    #[error("the client receives no track in place {track}")]
    NoSuchTrack {
        /// As given, counted from 0.
        track: usize,
    },
    /// Over [`RTP_PAYLOAD_BYTES_MAX`].
    #[error("the payload has {bytes} bytes, more than {RTP_PAYLOAD_BYTES_MAX}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Nobody has answered from where the packet would go; its number is used up all the same.
    #[error("the client's new address has not proved itself")]
    HeldBack,
    /// This sequence number was sent before on its track or is too far behind; SRTP must not repeat one.
    #[error("sequence number {sequence} was used or is too old")]
    SequenceUsed {
        /// As given.
        sequence: u16,
    },
}

/// Why a station ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The client was connected, and nothing authentic came for the consent timeout.
    ConsentExpired,
    /// No authentic ICE check came within the consent timeout: the network lets no UDP through.
    NoIce,
    /// ICE was up, but the handshake did not finish within the consent timeout.
    NoDtls,
    /// The client closed DTLS.
    ByPeer,
    /// [`crate::Station::close`].
    Requested,
    /// The DTLS handshake failed: nothing in common, or the client refused it.
    HandshakeFailed,
    /// The client's certificate is none of those whose fingerprints it offered.
    WrongCertificate,
}

/// What the caller is to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this datagram.
    Transmit {
        /// The peer's address.
        to: SocketAddr,
        /// One of the configured local addresses.
        from: SocketAddr,
        /// The datagram.
        bytes: Vec<u8>,
    },
    /// ICE and DTLS are up: packets flow from now on.
    Connected,
    /// The client moved, for instance behind a rebound NAT; media already follows.
    AddressChanged {
        /// Where it was.
        from: SocketAddr,
        /// Where it is.
        to: SocketAddr,
    },
    /// The station ended. Datagrams to say goodbye may precede this.
    Closed(CloseReason),
    /// Nothing more now: call `handle_timeout` at this instant, or earlier with something to do.
    Wait(Instant),
    /// Nothing more, ever: the station can be dropped.
    Done,
}

/// Counts and what RTCP says about the network; the latter comes every few seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StationStats {
    /// Authentic RTP packets received.
    pub packets_in: u64,
    /// Their payload bytes.
    pub bytes_in: u64,
    /// Lost ones that came with a later one's redundancy.
    pub restored_in: u64,
    /// RTP packets sent.
    pub packets_out: u64,
    /// Their payload bytes.
    pub bytes_out: u64,
    /// Outputs dropped because the caller did not drain; 0 in a correct worker.
    pub outputs_dropped: u64,
    /// Datagrams not sent to an address from which nobody has answered yet.
    pub held_back: u64,
    /// Share of the client's packets lost on the way here, 0 to 1.
    pub loss_in: Option<f32>,
    /// Interarrival jitter of the client's packets, in ms (RFC 3550 §6.4.1).
    pub jitter_in_ms: Option<f32>,
    /// Share of our packets the client says it lost, 0 to 1.
    pub loss_out: Option<f32>,
    /// Interarrival jitter the client reports of ours, in ms.
    pub jitter_out_ms: Option<f32>,
    /// Round-trip time, in ms.
    pub rtt_ms: Option<f32>,
}
