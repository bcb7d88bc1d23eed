//! What a client may send: bounds that no client for speech reaches, so that a flood from inside a call
//! costs that call alone.
//!
//! The first bounds are asked before anything is decrypted, and are wide: anybody can forge the client's
//! address, and what is forged must not take the client's own place. The narrow ones are for what turned
//! out to be the client's.

use std::time::{Duration, Instant};

use crate::demux::Class;
use crate::rate::Rate;

/// RTP packets a second that are looked at, whoever sent them.
pub const RTP_PACKETS_PER_S_MAX: u32 = 2_000;
/// Bytes of RTP a second that are looked at.
pub const RTP_BYTES_PER_S_MAX: u32 = 1_000_000;
/// Authentic packets a second that go on. Opus sends 50, or 100 at 10 ms a packet.
pub const SPEECH_PACKETS_PER_S_MAX: u32 = 200;
/// Bytes of them: Opus has at most 510 kbit/s (RFC 6716 §2.1.1).
pub const SPEECH_BYTES_PER_S_MAX: u32 = 100_000;
/// How much of each may come at once: what a network held back for seconds.
const RTP_BURST: Duration = Duration::from_secs(1);
/// ICE checks a second. While it connects, a browser sends some twenty for each pair of candidates.
pub const CHECKS_PER_S_MAX: u32 = 500;
/// RTCP and DTLS datagrams a second.
pub const CONTROL_PER_S_MAX: u32 = 50;
/// How many of each of these may come at once, as time.
const CONTROL_BURST: Duration = Duration::from_secs(2);

/// What has come from one client of late.
#[derive(Debug)]
pub(crate) struct Inflow {
    rtp: Volume,
    speech: Volume,
    checks: Rate,
    control: Rate,
}

/// Packets and bytes.
#[derive(Debug)]
struct Volume {
    packets: Rate,
    bytes: Rate,
    packet_costs: Duration,
    byte_costs: Duration,
}

impl Inflow {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            rtp: Volume::new(now, RTP_PACKETS_PER_S_MAX, RTP_BYTES_PER_S_MAX),
            speech: Volume::new(now, SPEECH_PACKETS_PER_S_MAX, SPEECH_BYTES_PER_S_MAX),
            checks: Rate::new(now, CONTROL_BURST),
            control: Rate::new(now, CONTROL_BURST),
        }
    }

    /// Whether one more datagram of this class and size may be looked at.
    pub(crate) fn admits(&mut self, now: Instant, class: Class, bytes: usize) -> bool {
        let second = Duration::from_secs(1);
        match class {
            Class::Rtp => self.rtp.take(now, bytes),
            Class::Stun => self.checks.take(now, second / CHECKS_PER_S_MAX),
            Class::Rtcp | Class::Dtls | Class::Unknown => {
                self.control.take(now, second / CONTROL_PER_S_MAX)
            }
        }
    }

    /// Whether one more authentic packet of this size may go on.
    pub(crate) fn admits_speech(&mut self, now: Instant, bytes: usize) -> bool {
        self.speech.take(now, bytes)
    }
}

impl Volume {
    fn new(now: Instant, packets_per_s: u32, bytes_per_s: u32) -> Self {
        Self {
            packets: Rate::new(now, RTP_BURST),
            bytes: Rate::new(now, RTP_BURST),
            packet_costs: Duration::from_secs(1) / packets_per_s,
            byte_costs: Duration::from_secs(1) / bytes_per_s,
        }
    }

    fn take(&mut self, now: Instant, bytes: usize) -> bool {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.packets.take(now, self.packet_costs)
            && self.bytes.take(now, self.byte_costs.saturating_mul(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of `per_s` pass in each of ten seconds.
    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    fn passing(per_s: u32, mut admits: impl FnMut(&mut Inflow, Instant) -> bool) -> Vec<u32> {
        let start = Instant::now();
        let mut inflow = Inflow::new(start);
        let mut passed = vec![0; 10];
        for packet in 0..10 * per_s {
            let now = start + Duration::from_secs(1) * packet / per_s;
            passed[(packet / per_s) as usize] += u32::from(admits(&mut inflow, now));
        }
        passed
    }

    #[test]
    fn speech_passes_whole() {
        for (per_s, bytes) in [(50, 120), (100, 90), (50, 1_275)] {
            let passed = passing(per_s, |inflow, now| {
                inflow.admits(now, Class::Rtp, bytes) && inflow.admits_speech(now, bytes)
            });
            assert!(passed.iter().all(|it| *it == per_s), "{per_s} of {bytes}: {passed:?}");
        }
        let checks = passing(60, |inflow, now| inflow.admits(now, Class::Stun, 120));
        assert!(checks.iter().all(|it| *it == 60));
    }

    #[test]
    fn a_flood_passes_as_far_as_the_bounds() {
        let near = |passed: Vec<u32>, bound: u32| {
            assert!(passed[2..].iter().all(|it| it.abs_diff(bound) <= 1), "{passed:?} of {bound}");
        };
        let looked_at =
            |class, bytes| passing(8_000, |inflow, now| inflow.admits(now, class, bytes));
        near(looked_at(Class::Rtp, 100), RTP_PACKETS_PER_S_MAX);
        near(looked_at(Class::Rtp, 1_100), RTP_BYTES_PER_S_MAX / 1_100);
        near(looked_at(Class::Stun, 100), CHECKS_PER_S_MAX);
        near(looked_at(Class::Dtls, 100), CONTROL_PER_S_MAX);
        let going_on = |bytes| passing(8_000, |inflow, now| inflow.admits_speech(now, bytes));
        near(going_on(100), SPEECH_PACKETS_PER_S_MAX);
        near(going_on(1_100), SPEECH_BYTES_PER_S_MAX / 1_100);
    }
}
