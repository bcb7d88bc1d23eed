//! What a worker counts: plain integers on the media path, published as metrics at leisure.

use metrics::counter;

/// Samples of 48 kHz in a millisecond.
const SAMPLES_PER_MS: u64 = 48;

/// Totals since the worker's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counters {
    pub datagrams_in: u64,
    pub datagrams_out: u64,
    /// Of those, what the system did not take: its buffer was full, or there is no way to the address.
    pub unsent: u64,
    /// From an address that belongs to no station: never passed an ICE check.
    pub unknown_source: u64,
    /// Dropped by a station: replayed, forged, malformed.
    pub rejected: u64,
    /// More than a client for speech sends: dropped before they were decrypted.
    pub limited: u64,
    /// Checks for one station from an address that belongs to another one.
    pub address_held: u64,
    pub link_full: u64,
    /// Ticks that began more than a tick late.
    pub late_ticks: u64,
    pub gated: u64,
    pub forwarded: u64,
    /// Passed on in the place of a mix, while their source talked alone.
    pub stood_in: u64,
    pub encoded: u64,
    pub guarded: u64,
    pub malformed: u64,
    /// How the parties' sound came, each once.
    pub arrived: call_engine::Arrived,
    /// How the sources of mixes arrived.
    pub concealed_samples: u64,
    pub restored_samples: u64,
    pub stretched_samples: u64,
    pub late_packets: u64,
    pub discarded_packets: u64,
}

impl Counters {
    /// Adds what a call counted since `before`.
    pub fn add_call(&mut self, now: call_engine::Counters, before: call_engine::Counters) {
        self.gated += now.gated - before.gated;
        self.forwarded += now.forwarded - before.forwarded;
        self.stood_in += now.stood_in - before.stood_in;
        self.encoded += now.encoded - before.encoded;
        self.guarded += now.guarded - before.guarded;
        self.malformed += now.malformed - before.malformed;
        let (arrived, was) = (now.arrived, before.arrived);
        self.arrived.restored_packets += arrived.restored_packets - was.restored_packets;
        self.arrived.lost_packets += arrived.lost_packets - was.lost_packets;
        self.arrived.late_packets += arrived.late_packets - was.late_packets;
        self.arrived.fec_samples += arrived.fec_samples - was.fec_samples;
        self.arrived.concealed_samples += arrived.concealed_samples - was.concealed_samples;
        let (now, before) = (now.playout, before.playout);
        self.concealed_samples += now.concealed_samples - before.concealed_samples;
        self.restored_samples += now.restored_samples - before.restored_samples;
        self.stretched_samples += now.stretched_samples - before.stretched_samples;
        self.late_packets += now.late_packets - before.late_packets;
        self.discarded_packets += now.discarded_packets - before.discarded_packets;
    }

    /// Publishes the growth since `before`.
    pub fn publish(&self, before: &Self) {
        let totals = [
            ("sotto_datagrams_in_total", self.datagrams_in, before.datagrams_in),
            ("sotto_datagrams_out_total", self.datagrams_out, before.datagrams_out),
            ("sotto_datagrams_unsent_total", self.unsent, before.unsent),
            ("sotto_datagrams_unknown_source_total", self.unknown_source, before.unknown_source),
            ("sotto_datagrams_rejected_total", self.rejected, before.rejected),
            ("sotto_datagrams_limited_total", self.limited, before.limited),
            ("sotto_datagrams_address_held_total", self.address_held, before.address_held),
            ("sotto_link_full_total", self.link_full, before.link_full),
            ("sotto_late_ticks_total", self.late_ticks, before.late_ticks),
            ("sotto_packets_gated_total", self.gated, before.gated),
            ("sotto_packets_forwarded_total", self.forwarded, before.forwarded),
            ("sotto_packets_stood_in_total", self.stood_in, before.stood_in),
            ("sotto_frames_encoded_total", self.encoded, before.encoded),
            ("sotto_egress_guard_drops_total", self.guarded, before.guarded),
            ("sotto_packets_malformed_total", self.malformed, before.malformed),
        ];
        for (name, now, before) in totals {
            counter!(name).increment(now - before);
        }
        self.publish_arrived(before.arrived);
        self.publish_playout(before);
    }

    /// Publishes how the parties' sound came: milliseconds of sound, and packets.
    fn publish_arrived(&self, before: call_engine::Arrived) {
        let ms = |samples: u64| samples / SAMPLES_PER_MS;
        let now = self.arrived;
        let totals = [
            (
                "sotto_legs_concealed_ms_total",
                ms(now.concealed_samples),
                ms(before.concealed_samples),
            ),
            ("sotto_legs_fec_ms_total", ms(now.fec_samples), ms(before.fec_samples)),
            ("sotto_legs_restored_packets_total", now.restored_packets, before.restored_packets),
            ("sotto_legs_lost_packets_total", now.lost_packets, before.lost_packets),
            ("sotto_legs_late_packets_total", now.late_packets, before.late_packets),
        ];
        for (name, now, before) in totals {
            counter!(name).increment(now - before);
        }
    }

    /// Publishes how the sources of mixes arrived: milliseconds of sound, and packets.
    fn publish_playout(&self, before: &Self) {
        let ms = |samples: u64| samples / SAMPLES_PER_MS;
        let totals = [
            (
                "sotto_playout_concealed_ms_total",
                ms(self.concealed_samples),
                ms(before.concealed_samples),
            ),
            (
                "sotto_playout_restored_ms_total",
                ms(self.restored_samples),
                ms(before.restored_samples),
            ),
            (
                "sotto_playout_stretched_ms_total",
                ms(self.stretched_samples),
                ms(before.stretched_samples),
            ),
            ("sotto_playout_late_packets_total", self.late_packets, before.late_packets),
            (
                "sotto_playout_discarded_packets_total",
                self.discarded_packets,
                before.discarded_packets,
            ),
        ];
        for (name, now, before) in totals {
            counter!(name).increment(now - before);
        }
    }
}
