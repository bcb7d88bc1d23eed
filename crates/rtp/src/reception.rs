//! What a receiver counts and reports of one source (RFC 3550 §6.4.1, §A.1, §A.8).

use std::time::{Duration, Instant};

use crate::packet::steps;
use crate::rtcp::{ReportBlock, SenderInfo};

/// One source, since it began.
#[derive(Debug)]
pub struct Reception {
    ssrc: u32,
    clock_hz: u32,
    base: u32,
    /// The highest sequence number, with how often it wrapped.
    highest: u32,
    received: u32,
    expected_before: u32,
    received_before: u32,
    /// The last packet's transit time, in the RTP clock.
    transit: Option<u32>,
    /// Times 16.
    jitter: u32,
    sender_report: Option<(u32, Instant)>,
    started_at: Instant,
}

impl Reception {
    /// A source whose first packet, with this number, has just come.
    pub fn new(ssrc: u32, clock_hz: u32, sequence: u16, now: Instant) -> Self {
        let base = u32::from(sequence);
        Self {
            ssrc,
            clock_hz,
            base,
            highest: base,
            received: 0,
            expected_before: 0,
            received_before: 0,
            transit: None,
            jitter: 0,
            sender_report: None,
            started_at: now,
        }
    }

    /// Which source.
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// A packet came.
    pub fn packet(&mut self, now: Instant, sequence: u16, timestamp: u32) {
        let step = steps(self.highest as u16, sequence);
        if step > 0 {
            self.highest = self.highest.wrapping_add(step.unsigned_abs().into());
        }
        self.received += 1;
        let elapsed = now.saturating_duration_since(self.started_at);
        let arrival = (elapsed.as_micros() * u128::from(self.clock_hz) / 1_000_000) as u32;
        let transit = arrival.wrapping_sub(timestamp);
        if let Some(before) = self.transit.replace(transit) {
            let difference = (transit.wrapping_sub(before) as i32).unsigned_abs();
            // A jump of seconds is a new talk spurt's clock, not the network's doing.
            if difference < self.clock_hz {
                let decay = (self.jitter + 8) >> 4;
                self.jitter = self.jitter.saturating_add(difference).saturating_sub(decay);
            }
        }
    }

    /// A sender report of the source's came.
    pub fn sender_report(&mut self, now: Instant, info: &SenderInfo) {
        self.sender_report = Some((info.compact_ntp(), now));
    }

    /// Interarrival jitter, ms.
    pub fn jitter_ms(&self) -> f32 {
        (self.jitter >> 4) as f32 * 1_000.0 / self.clock_hz as f32
    }

    /// Packets that were sent as far as their numbers tell, and packets that came.
    pub fn totals(&self) -> (u32, u32) {
        (self.highest.wrapping_sub(self.base).wrapping_add(1), self.received)
    }

    /// The report since the last one.
    pub fn report(&mut self, now: Instant) -> ReportBlock {
        let (expected, received) = self.totals();
        let expected_now = expected.wrapping_sub(self.expected_before);
        let received_now = received.wrapping_sub(self.received_before);
        (self.expected_before, self.received_before) = (expected, received);
        let lost_now = expected_now.saturating_sub(received_now);
        let fraction = (lost_now << 8).checked_div(expected_now).unwrap_or(0);
        let (last_sender_report, delay) = self
            .sender_report
            .map_or((0, 0), |(ntp, at)| (ntp, units_65536(now.saturating_duration_since(at))));
        ReportBlock {
            ssrc: self.ssrc,
            fraction_lost: fraction.min(255) as u8,
            lost: expected.saturating_sub(received).min(0x007F_FFFF),
            highest_sequence: self.highest,
            jitter: self.jitter >> 4,
            last_sender_report,
            delay,
        }
    }
}

/// In 1/65536 s.
pub fn units_65536(duration: Duration) -> u32 {
    (duration.as_micros() * 65_536 / 1_000_000) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    fn loss_and_jitter_are_those_of_rfc_3550() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut reception = Reception::new(9, 8_000, 65_530, start);
        for n in (0..100_u32).filter(|n| n % 10 != 3) {
            // Every second packet comes 5 ms late: 40 ticks.
            let late = ms(u64::from(n % 2) * 5);
            let now = start + ms(20) * n + late;
            reception.packet(now, 65_530_u16.wrapping_add(n as u16), n * 160);
        }
        let report = reception.report(start + ms(2_000));
        assert_eq!((report.lost, report.fraction_lost), (10, 25), "a tenth of 256");
        assert_eq!(report.highest_sequence, 65_530 + 99, "wrapped once");
        assert!((4.0..5.2).contains(&reception.jitter_ms()), "{}", reception.jitter_ms());
        let again = reception.report(start + ms(2_000));
        assert_eq!((again.lost, again.fraction_lost), (10, 0), "nothing since");
    }
}
