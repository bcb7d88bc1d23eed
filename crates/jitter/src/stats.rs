//! Counters of one buffer, since its creation.

/// What a buffer has seen and done. Counters only ever rise; the two delays are the present ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JitterStats {
    /// The target delay at present, ms.
    pub target_ms: u32,
    /// The delay of the packet played last, ms.
    pub delay_ms: u32,
    /// Packets given to `insert`.
    pub received_packets: u64,
    /// Packets not there when their turn came; those that came after it are in `late_packets` too.
    pub lost_packets: u64,
    /// Packets that came after their turn.
    pub late_packets: u64,
    /// Packets that came twice.
    pub duplicate_packets: u64,
    /// Packets dropped for their form: stray, too large or invalid.
    pub refused_packets: u64,
    /// Stored packets left out: to shrink the delay, to make room, or at a restart.
    pub discarded_packets: u64,
    /// Sound to be made up, samples.
    pub concealed_samples: u64,
    /// Sound to be restored from in-band FEC, samples.
    pub fec_samples: u64,
    /// Sound taken out or put in by a [`crate::Receiver`] to change the delay, samples.
    pub stretched_samples: u64,
    /// Times the stream began anew.
    pub restarts: u64,
}
