//! How sources arrived.

use jitter::{ArrivalStats, JitterStats};

/// What was made up, restored or left out of the sources of mixes, by all of a call's playout buffers together. A leg that
/// several audiences mix is in it once for each. Of what is only forwarded nothing is known here: nobody decodes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Playout {
    /// Sound made up, samples of 48 kHz: lost packets, late ones, and up to 100 ms after the last one of a source that
    /// ceased to send.
    pub concealed_samples: u64,
    /// Sound restored from in-band FEC, samples of 48 kHz.
    pub restored_samples: u64,
    /// Sound put in or taken out to change a delay, samples of 48 kHz.
    pub stretched_samples: u64,
    /// Packets that came after their turn.
    pub late_packets: u64,
    /// Packets left out, to make a delay shorter or to make room.
    pub discarded_packets: u64,
}

impl Playout {
    /// Adds what a buffer counted since `before`.
    pub(crate) fn add(&mut self, now: &JitterStats, before: &JitterStats) {
        self.concealed_samples += now.concealed_samples - before.concealed_samples;
        self.restored_samples += now.fec_samples - before.fec_samples;
        self.stretched_samples += now.stretched_samples - before.stretched_samples;
        self.late_packets += now.late_packets - before.late_packets;
        self.discarded_packets += now.discarded_packets - before.discarded_packets;
    }
}

/// What came of the parties' sound and what did not, of all of a call's parties together, each once, whoever hears them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    /// Packets that were lost and came with a later one's redundancy (RFC 2198).
    pub restored_packets: u64,
    /// Packets that never came.
    pub lost_packets: u64,
    /// Packets that came after their turn.
    pub late_packets: u64,
    /// Sound that in-band FEC restores, samples of 48 kHz.
    pub fec_samples: u64,
    /// Sound that has to be made up, samples of 48 kHz.
    pub concealed_samples: u64,
}

impl Arrived {
    /// Adds what was counted of one leg since `before`.
    pub(crate) fn add(&mut self, now: &ArrivalStats, before: &ArrivalStats) {
        self.restored_packets += now.restored_packets - before.restored_packets;
        self.lost_packets += now.lost_packets - before.lost_packets;
        self.late_packets += now.late_packets - before.late_packets;
        self.fec_samples += now.fec_samples - before.fec_samples;
        self.concealed_samples += now.concealed_samples - before.concealed_samples;
    }
}
