//! How the sound of a leg came to the server: what its listeners had to make up, whoever they were.

/// What came of a leg's sound from its joining to its leaving. It is told from the arrival of its packets alone, so that
/// who listens, and how, makes no difference to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LegSound {
    /// Packets that came.
    pub received_packets: u64,
    /// Packets that were lost and came with a later one's redundancy (RFC 2198).
    pub restored_packets: u64,
    /// Packets that never came.
    pub lost_packets: u64,
    /// Packets that came too late to be played.
    pub late_packets: u64,
    /// Sound that in-band FEC restores (RFC 6716 §2.1.7), ms.
    pub fec_ms: u64,
    /// Sound that had to be made up, ms.
    pub concealed_ms: u64,
    /// The delay that nearly all packets needed at the end, ms.
    pub delay_ms: u32,
}
