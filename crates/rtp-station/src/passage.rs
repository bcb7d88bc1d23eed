//! Opus from the peer, as it is: renumbered only where its source changes, so that the numbers go on.

use std::time::Instant;

use rtc_station::RtpIn;

use rtp::{Rtp, steps};

/// Where the run of packets stands.
#[derive(Debug)]
pub(crate) struct Passage {
    sequence_offset: u16,
    timestamp_offset: u32,
    /// The last numbers that were handed on, and when.
    last: Option<(u16, u32, Instant)>,
    first: (u16, u32),
    is_interrupted: bool,
}

impl Passage {
    /// Begins with the numbers `sequence` and `timestamp`.
    pub fn new(sequence: u16, timestamp: u32) -> Self {
        Self {
            sequence_offset: 0,
            timestamp_offset: 0,
            last: None,
            first: (sequence, timestamp),
            is_interrupted: true,
        }
    }

    /// Another source goes on, whose numbers have nothing to do with those before.
    pub fn interrupt(&mut self) {
        self.is_interrupted = true;
    }

    /// The numbers of the next packet, for whoever goes on after this.
    pub fn position(&self, now: Instant) -> (u16, u32) {
        self.last.map_or(self.first, |(sequence, timestamp, at)| {
            let elapsed_ms = now.saturating_duration_since(at).as_millis() as u32;
            let frames = (elapsed_ms / 20).max(1);
            (sequence.wrapping_add(1), timestamp.wrapping_add(frames.wrapping_mul(960)))
        })
    }

    /// Takes the number of a packet that is not handed on (a key): it is not lost.
    pub fn skip(&mut self, sequence: u16) {
        let Some((last, _, _)) = self.last.filter(|_| !self.is_interrupted) else { return };
        if steps(last, sequence.wrapping_add(self.sequence_offset)) == 1 {
            self.sequence_offset = self.sequence_offset.wrapping_sub(1);
        }
    }

    /// The packet with its numbers in the run.
    pub fn handle(&mut self, now: Instant, packet: &Rtp<'_>) -> RtpIn {
        let is_new = std::mem::take(&mut self.is_interrupted);
        if is_new {
            let (sequence, timestamp) = self.position(now);
            self.sequence_offset = sequence.wrapping_sub(packet.sequence);
            self.timestamp_offset = timestamp.wrapping_sub(packet.timestamp);
        }
        let sequence = packet.sequence.wrapping_add(self.sequence_offset);
        let timestamp = packet.timestamp.wrapping_add(self.timestamp_offset);
        if self.last.is_none_or(|(last, _, _)| steps(last, sequence) > 0) {
            self.last = Some((sequence, timestamp, now));
        }
        RtpIn {
            sequence,
            timestamp,
            marker: packet.marker || is_new,
            payload: packet.payload.into(),
            audio_level_dbov: None,
            voice_activity: None,
            arrived_at: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    fn the_numbers_go_on_when_the_source_changes() {
        let (start, mut passage) = (Instant::now(), Passage::new(10, 960));
        let mut packet = |sequence, timestamp, ms, interrupts| {
            if interrupts {
                passage.interrupt();
            }
            let (payload_type, marker, ssrc) = (111, false, 1);
            let rtp = Rtp { payload_type, marker, sequence, timestamp, ssrc, payload: &[1] };
            let packet = passage.handle(start + Duration::from_millis(ms), &rtp);
            (packet.sequence, packet.timestamp, packet.marker)
        };
        assert_eq!(packet(60_000, 7, 0, false), (10, 960, true));
        assert_eq!(packet(60_002, 7 + 1_920, 40, false), (12, 2_880, false));
        assert_eq!(packet(60_001, 7 + 960, 45, false), (11, 1_920, false));
        assert_eq!(packet(3, 99, 100, true), (13, 2_880 + 3 * 960, true));
        assert_eq!(packet(4, 99 + 960, 120, false), (14, 2_880 + 4 * 960, false));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the start of virtual time")]
    fn what_is_not_sound_is_no_loss() {
        let (start, mut passage) = (Instant::now(), Passage::new(10, 960));
        let rtp = |sequence, timestamp| {
            let (payload_type, marker, ssrc) = (111, false, 1);
            Rtp { payload_type, marker, sequence, timestamp, ssrc, payload: &[1] }
        };
        assert_eq!(passage.handle(start, &rtp(5, 0)).sequence, 10);
        [6, 7, 7, 8].into_iter().for_each(|sequence| passage.skip(sequence));
        let after = passage.handle(start, &rtp(9, 4 * 960));
        assert_eq!((after.sequence, after.timestamp), (11, 960 + 4 * 960));
    }
}
