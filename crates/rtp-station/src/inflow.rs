//! What a peer may send: bounds that no telephone reaches, so that a flood from its address costs its own leg alone.

use std::time::{Duration, Instant};

use rtc_station::Rate;

/// RTP packets a second that are looked at. A telephone sends 100 at 10 ms a packet, and key presses beside them.
pub const RTP_PACKETS_PER_S_MAX: u32 = 400;
/// Bytes of RTP a second that are looked at: Opus has at most 510 kbit/s (RFC 6716 §2.1.1).
pub const RTP_BYTES_PER_S_MAX: u32 = 100_000;
/// RTCP datagrams a second.
pub const CONTROL_PER_S_MAX: u32 = 20;
/// How much of each may come at once: what a network held back.
const BURST: Duration = Duration::from_secs(1);
/// Sound is transcoded up to so many times as fast as it lasts.
const SPEED_MAX: u32 = 2;
/// And so much of that time at once.
const SOUND_BURST: Duration = Duration::from_secs(1);

/// What has come from one peer of late.
#[derive(Debug)]
pub(crate) struct Inflow {
    packets: Rate,
    bytes: Rate,
    control: Rate,
    sound: Rate,
}

impl Inflow {
    pub fn new(now: Instant) -> Self {
        Self {
            packets: Rate::new(now, BURST),
            bytes: Rate::new(now, BURST),
            control: Rate::new(now, BURST),
            sound: Rate::new(now, SOUND_BURST),
        }
    }

    /// Whether one more RTP packet of this size may be looked at.
    pub fn admits_rtp(&mut self, now: Instant, bytes: usize) -> bool {
        let second = Duration::from_secs(1);
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.packets.take(now, second / RTP_PACKETS_PER_S_MAX)
            && self.bytes.take(now, (second / RTP_BYTES_PER_S_MAX).saturating_mul(bytes))
    }

    /// Whether one more RTCP datagram may be looked at.
    pub fn admits_rtcp(&mut self, now: Instant) -> bool {
        self.control.take(now, Duration::from_secs(1) / CONTROL_PER_S_MAX)
    }

    /// Whether so much more sound may be transcoded.
    pub fn admits_sound(&mut self, now: Instant, lasts: Duration) -> bool {
        self.sound.take(now, lasts / SPEED_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    fn speech_passes_whole_and_a_flood_does_not() {
        let start = Instant::now();
        let passed = |per_s: u32, bytes: usize, lasts: Duration| {
            let mut inflow = Inflow::new(start);
            (0..10 * per_s)
                .filter(|n| {
                    let now = start + Duration::from_secs(1) * *n / per_s;
                    inflow.admits_rtp(now, bytes) && inflow.admits_sound(now, lasts)
                })
                .count() as u32
        };
        let ms = Duration::from_millis;
        assert_eq!(passed(100, 92, ms(10)), 1_000);
        assert_eq!(passed(50, 1_287, ms(20)), 500, "the largest of Opus");
        assert_eq!(passed(17, 492, ms(60)), 170);
        let flood = passed(20_000, 172, ms(20));
        assert!((1_000..=1_300).contains(&flood), "twice as fast as it lasts: {flood}");
    }
}
