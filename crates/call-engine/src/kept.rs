//! The last packets that one listener was passed on of one source, for the moment at which that source is mixed for them:
//! a decoder that has been through them goes on in the middle of a word as the listener's own does.
//!
//! They are one listener's own, and none that was not sent to them: what comes of them tells of nobody else, and nothing of
//! what a source said while this listener was not to hear it. They are kept in the same way whether they are ever needed.

use std::time::{Duration, Instant};

use codec::FRAME_SAMPLES;
use interaction::LegId;

use crate::packet::RtpPacket;

/// 120 ms of packets of 20 ms: by then it does not matter any more how a decoder began.
const PACKETS_MAX: usize = 6;
/// 160 kbit/s at 20 ms. Where one is longer the source is not followed.
const BYTES_MAX: usize = 400;
/// A source that has not sent for so long after its last packet has paused, or what it sent was lost.
const PAUSE_MIN: Duration = Duration::from_millis(60);

/// One packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeptPacket {
    /// When it came.
    pub at: Instant,
    pub sequence: u16,
    pub timestamp: u32,
    samples: u32,
    bytes: usize,
    payload: [u8; BYTES_MAX],
}

/// An unbroken run of packets of one source.
#[derive(Debug)]
pub(crate) struct Kept {
    source: Option<LegId>,
    packets: [KeptPacket; PACKETS_MAX],
    /// Where the next one goes.
    next: usize,
    count: usize,
}

impl KeptPacket {
    /// When its sound ends, if it began when it came.
    pub fn end(&self) -> Instant {
        self.at + Duration::from_millis(u64::from(self.samples) * 20 / FRAME_SAMPLES as u64)
    }

    /// One Opus packet.
    pub fn payload(&self) -> &[u8] {
        &self.payload[..self.bytes]
    }
}

impl Kept {
    /// None yet; `at`: any moment.
    pub fn new(at: Instant) -> Self {
        let payload = [0; BYTES_MAX];
        let none = KeptPacket { at, sequence: 0, timestamp: 0, samples: 0, bytes: 0, payload };
        Self { source: None, packets: [none; PACKETS_MAX], next: 0, count: 0 }
    }

    /// Takes a packet of so many `samples` that was passed on of `source`. One that comes after its turn is left out; one
    /// that does not go on from the last one begins a new run.
    pub fn push(&mut self, at: Instant, source: LegId, packet: &RtpPacket<'_>, samples: u32) {
        let RtpPacket { sequence, timestamp, payload, .. } = *packet;
        if let Some(last) = self.last().filter(|_| self.source == Some(source)) {
            let ahead = sequence.wrapping_sub(last.sequence).cast_signed();
            if ahead <= 0 {
                return;
            }
            if ahead > 1 || timestamp != last.timestamp.wrapping_add(last.samples) {
                self.count = 0;
            }
        } else {
            (self.source, self.count) = (Some(source), 0);
        }
        let kept = &mut self.packets[self.next];
        let Some(room) = kept.payload.get_mut(..payload.len()) else {
            self.count = 0;
            return;
        };
        room.copy_from_slice(payload);
        (kept.at, kept.sequence, kept.timestamp) = (at, sequence, timestamp);
        (kept.samples, kept.bytes) = (samples, payload.len());
        self.next = (self.next + 1) % PACKETS_MAX;
        self.count = (self.count + 1).min(PACKETS_MAX);
    }

    /// Forgets all packets.
    pub fn clear(&mut self) {
        self.count = 0;
    }

    /// The same, if they are of this source.
    pub fn clear_of(&mut self, source: LegId) {
        if self.source == Some(source) {
            self.clear();
        }
    }

    /// The run's packets in order, if it has not ended by now, and whose they are.
    pub fn running(
        &self,
        now: Instant,
    ) -> Option<(LegId, impl Iterator<Item = &KeptPacket> + Clone)> {
        let last = self.last()?;
        let has_paused = now > last.end() + PAUSE_MIN;
        let source = self.source.filter(|_| !has_paused)?;
        let begin = self.next + PACKETS_MAX - self.count;
        let packets =
            (begin..begin + self.count).map(move |index| &self.packets[index % PACKETS_MAX]);
        Some((source, packets))
    }

    fn last(&self) -> Option<&KeptPacket> {
        let last = (self.next + PACKETS_MAX - 1) % PACKETS_MAX;
        (self.count > 0).then(|| &self.packets[last])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: LegId = LegId(1);
    const B: LegId = LegId(2);

    struct Stage {
        kept: Kept,
        start: Instant,
    }

    impl Stage {
        #[expect(
            clippy::disallowed_methods,
            reason = "virtual time needs one real instant to begin"
        )]
        fn new() -> Self {
            let start = Instant::now();
            Self { kept: Kept::new(start), start }
        }

        fn at(&self, n: u16) -> Instant {
            self.start + Duration::from_millis(20) * u32::from(n)
        }

        fn push(&mut self, source: LegId, n: u16, payload: &[u8]) {
            let (sequence, timestamp) = (n.wrapping_add(65_530), u32::from(n) * 960);
            let packet = RtpPacket {
                sequence,
                timestamp,
                marker: false,
                payload,
                level_dbov: None,
                is_restored: false,
            };
            self.kept.push(self.at(n), source, &packet, 960);
        }

        /// What is kept at the time of packet `n`: whose, and the first bytes.
        fn running(&self, n: u16) -> Option<(LegId, Vec<u8>)> {
            let (source, packets) = self.kept.running(self.at(n))?;
            Some((source, packets.map(|it| it.payload()[0]).collect()))
        }
    }

    #[test]
    fn the_last_of_an_unbroken_run_are_kept_in_order() {
        let mut stage = Stage::new();
        assert_eq!(stage.running(0), None);
        for n in 0..20 {
            stage.push(A, n, &[n as u8; 80]);
        }
        assert_eq!(stage.running(20), Some((A, vec![14, 15, 16, 17, 18, 19])));
        stage.push(A, 18, &[99]);
        stage.push(A, 20, &[20]);
        assert_eq!(stage.running(23), Some((A, vec![15, 16, 17, 18, 19, 20])), "one came twice");
        assert_eq!(stage.running(25), None, "it has paused");
    }

    #[test]
    fn a_gap_another_source_and_a_packet_that_is_too_long_begin_anew() {
        let mut stage = Stage::new();
        stage.push(A, 1, &[1]);
        stage.push(A, 3, &[3]);
        assert_eq!(stage.running(3), Some((A, vec![3])));
        stage.push(B, 4, &[4]);
        assert_eq!(stage.running(4), Some((B, vec![4])));
        stage.push(B, 5, &[0; BYTES_MAX + 1]);
        assert_eq!(stage.running(5), None);
        stage.push(B, 6, &[6]);
        stage.kept.clear_of(A);
        assert_eq!(stage.running(6), Some((B, vec![6])));
        stage.kept.clear_of(B);
        assert_eq!(stage.running(6), None);
    }
}
