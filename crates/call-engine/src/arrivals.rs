//! How a party's sound comes, counted before anything that depends on who listens.

use std::time::Instant;

use codec::packet;
use interaction::LegSound;
use jitter::{Arrival, ArrivalMeter, ArrivalStats, JitterConfig};

use crate::packet::RtpPacket;
use crate::playout::Arrived;

const SAMPLES_PER_MS: u64 = codec::SAMPLE_RATE_HZ as u64 / 1_000;

/// What came of one leg's sound.
pub(crate) struct Arrivals {
    meter: ArrivalMeter,
    /// What was counted when it was last added to the call's counters.
    counted: ArrivalStats,
}

impl Arrivals {
    /// Counts as for listeners with such playout buffers.
    pub fn new(config: JitterConfig) -> Self {
        Self { meter: ArrivalMeter::new(config), counted: ArrivalStats::default() }
    }

    /// Takes a packet of the leg's.
    pub fn take(&mut self, now: Instant, packet: &RtpPacket<'_>) {
        let RtpPacket { sequence, timestamp, payload, is_restored, .. } = *packet;
        let duration_samples = packet::duration_samples(payload).unwrap_or(0);
        let carries_copy = packet::redundancy_flag(payload) == Some(true);
        let arrival = Arrival { sequence, timestamp, duration_samples, carries_copy, is_restored };
        self.meter.take(now, arrival);
    }

    /// Another station carries the leg from now on.
    pub fn interrupt(&mut self) {
        self.meter.interrupt();
    }

    /// Adds what was counted since this was last done.
    pub fn count_into(&mut self, arrived: &mut Arrived) {
        let settled = self.meter.settled();
        arrived.add(&settled, &self.counted);
        self.counted = settled;
    }

    /// What came so far.
    pub fn sound(&self) -> LegSound {
        let stats = self.meter.stats();
        LegSound {
            received_packets: stats.received_packets,
            restored_packets: stats.restored_packets,
            lost_packets: stats.lost_packets,
            late_packets: stats.late_packets,
            fec_ms: stats.fec_samples / SAMPLES_PER_MS,
            concealed_ms: stats.concealed_samples / SAMPLES_PER_MS,
            delay_ms: stats.target_ms,
        }
    }
}
