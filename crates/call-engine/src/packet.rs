//! What comes in from a leg.

/// One RTP packet of a leg, decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtpPacket<'a> {
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp, in samples of 48 kHz.
    pub timestamp: u32,
    /// First packet of a talk spurt.
    pub marker: bool,
    /// One Opus packet.
    pub payload: &'a [u8],
    /// −dBov as the client reports it (RFC 6464), if it does.
    pub level_dbov: Option<u8>,
    /// It was lost, and taken from the redundancy of a later one (RFC 2198).
    pub is_restored: bool,
}
