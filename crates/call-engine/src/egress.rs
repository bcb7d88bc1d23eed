//! The outgoing RTP of one leg: one unbroken run of sequence numbers and timestamps, whether its
//! packets are forwarded from one source or made from a mix.
//!
//! A listener must not be able to tell from the numbers who came and went: forwarded packets keep
//! their order and gaps, and at each change of delivery the run goes on where it was, with the
//! time that really passed (RFC 3550 §5.1).

use std::time::Instant;

use codec::{FRAME_SAMPLES, SAMPLE_RATE_HZ};
use interaction::LegId;

/// The shortest packet, samples: 2.5 ms (RFC 6716 §2.1.4).
const GRAIN_SAMPLES: u32 = codec::OPUS_GRAIN_SAMPLES as u32;

/// Where a station's outgoing RTP stands; it survives from one call to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtpPosition {
    /// Sequence number of the last packet.
    pub sequence: u16,
    /// Timestamp of the last packet, in samples of 48 kHz.
    pub timestamp: u32,
    /// How long it plays, in samples of 48 kHz.
    pub samples: u32,
    /// When it was sent; for a station that never sent, when it was set up.
    pub at: Instant,
}

impl RtpPosition {
    /// Where a station begins that has sent nothing yet.
    pub fn start(sequence: u16, timestamp: u32, at: Instant) -> Self {
        Self { sequence, timestamp, samples: FRAME_SAMPLES as u32, at }
    }

    /// After a packet with this payload was sent.
    pub fn after(sequence: u16, timestamp: u32, payload: &[u8], at: Instant) -> Self {
        let samples = codec::packet::duration_samples(payload).unwrap_or(FRAME_SAMPLES);
        Self { sequence, timestamp, samples: samples as u32, at }
    }
}

/// The numbers of one packet to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub sequence: u16,
    pub timestamp: u32,
    pub marker: bool,
}

/// One frame of a mix: whose encoder made it, and at which of the call's ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MixFrame {
    pub leader: LegId,
    pub tick: u64,
}

/// The outgoing run of one leg.
#[derive(Debug)]
pub(crate) struct Egress {
    last: RtpPosition,
    feed: Feed,
}

/// What the run is fed from at present.
#[derive(Debug)]
enum Feed {
    None,
    Forward(Forward),
    Mix(MixFrame),
}

#[derive(Debug)]
struct Forward {
    source: LegId,
    first_sequence: u16,
    sequence_offset: u16,
    timestamp_offset: u32,
}

impl Egress {
    /// Goes on after `last`.
    pub fn new(last: RtpPosition) -> Self {
        Self { last, feed: Feed::None }
    }

    /// Numbers for a packet of so many `samples` that is forwarded from `source`; `None` for a straggler from before
    /// this source was forwarded, whose number would collide with what was sent since.
    pub fn forward(
        &mut self,
        now: Instant,
        source: LegId,
        sequence: u16,
        timestamp: u32,
        samples: u32,
        marker: bool,
    ) -> Option<Numbers> {
        let continues = matches!(&self.feed, Feed::Forward(forward) if forward.source == source);
        if !continues {
            self.feed = Feed::Forward(Forward {
                source,
                first_sequence: sequence,
                sequence_offset: self.last.sequence.wrapping_add(1).wrapping_sub(sequence),
                timestamp_offset: self.next_timestamp(now).wrapping_sub(timestamp),
            });
        }
        let Feed::Forward(forward) = &mut self.feed else { return None };
        if is_before(sequence, forward.first_sequence) {
            return None;
        }
        // Keep the reference within half the number space, or wrap-around would look like the past.
        if sequence.wrapping_sub(forward.first_sequence) > u16::MAX / 4 {
            forward.first_sequence = sequence.wrapping_sub(u16::MAX / 8);
        }
        let numbers = Numbers {
            sequence: sequence.wrapping_add(forward.sequence_offset),
            timestamp: timestamp.wrapping_add(forward.timestamp_offset),
            marker: marker || !continues,
        };
        if !is_before(numbers.sequence, self.last.sequence) {
            let Numbers { sequence, timestamp, .. } = numbers;
            self.last = RtpPosition { sequence, timestamp, samples, at: now };
        }
        Some(numbers)
    }

    /// Forwarding is over, for now at least: what its source goes on to send meanwhile (to others,
    /// or in vain) is no loss in this run.
    pub fn interrupt(&mut self) {
        if matches!(self.feed, Feed::Forward(_)) {
            self.feed = Feed::None;
        }
    }

    /// What this source goes on to send has other numbers than before.
    pub fn interrupt_from(&mut self, source: LegId) {
        if matches!(&self.feed, Feed::Forward(forward) if forward.source == source) {
            self.feed = Feed::None;
        }
    }

    /// Whether packets are passed on as they are.
    pub fn is_forwarding(&self) -> bool {
        matches!(self.feed, Feed::Forward(_))
    }

    /// The frame of a mix that the last packet was.
    pub fn mix(&self) -> Option<MixFrame> {
        if let Feed::Mix(frame) = self.feed { Some(frame) } else { None }
    }

    /// If that was the frame `before`, it counts as `after`: of the same time, and with the same sound.
    pub fn hand_on(&mut self, before: MixFrame, after: MixFrame) {
        if self.follows(before) {
            self.feed = Feed::Mix(after);
        }
    }

    /// Whether the last packet was that frame of a mix.
    pub fn follows(&self, frame: MixFrame) -> bool {
        matches!(self.feed, Feed::Mix(last) if last == frame)
    }

    /// Numbers for the packet of one frame of a mix, before which so many were `lost` that would have stood for it.
    pub fn mixed(&mut self, now: Instant, frame: MixFrame, lost: u16) -> Numbers {
        let (timestamp, marker) = match self.feed {
            Feed::Mix(last) => {
                let frames = u32::try_from(frame.tick - last.tick).unwrap_or(1);
                let step = frames.wrapping_mul(FRAME_SAMPLES as u32);
                // What was lost is no pause: no talk spurt begins after it.
                (self.last.timestamp.wrapping_add(step), frames > 1 && lost == 0)
            }
            Feed::None | Feed::Forward(_) => (self.next_timestamp(now), true),
        };
        self.feed = Feed::Mix(frame);
        let sequence = self.last.sequence.wrapping_add(1).wrapping_add(lost);
        self.last = RtpPosition { sequence, timestamp, samples: FRAME_SAMPLES as u32, at: now };
        Numbers { sequence, timestamp, marker }
    }

    /// What was passed on until now goes on without a pause in the frame of a mix that comes after this one.
    pub fn lead_into(&mut self, before: MixFrame) {
        let RtpPosition { timestamp, samples, .. } = &mut self.last;
        *timestamp = timestamp.wrapping_add(*samples).wrapping_sub(FRAME_SAMPLES as u32);
        *samples = FRAME_SAMPLES as u32;
        self.feed = Feed::Mix(before);
    }

    /// The timestamp of the next packet of another feed: at least the last packet's length on, in
    /// whole frames, or in whole packets if those were shorter.
    fn next_timestamp(&self, now: Instant) -> u32 {
        let elapsed_us = now.saturating_duration_since(self.last.at).as_micros();
        let samples = elapsed_us * u128::from(SAMPLE_RATE_HZ) / 1_000_000;
        let unit = self.last.samples.clamp(GRAIN_SAMPLES, FRAME_SAMPLES as u32);
        let passed = (samples / u128::from(unit)) as u32;
        let step = passed.wrapping_mul(unit).max(self.last.samples);
        self.last.timestamp.wrapping_add(step)
    }
}

/// Whether sequence number `a` is before `b` (RFC 1982 arithmetic).
fn is_before(a: u16, b: u16) -> bool {
    (a.wrapping_sub(b) as i16) < 0
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const A: LegId = LegId(1);
    const B: LegId = LegId(2);

    fn mix(tick: u64) -> MixFrame {
        MixFrame { leader: A, tick }
    }

    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn start() -> (Instant, Egress) {
        let at = Instant::now();
        (at, Egress::new(RtpPosition::start(65_534, u32::MAX - 100, at)))
    }

    #[test]
    fn forwarding_keeps_order_and_gaps() {
        let (t, mut egress) = start();
        let a = egress.forward(t, A, 10, 1_000, 960, false).unwrap();
        let c = egress.forward(t, A, 12, 2_920, 960, false).unwrap();
        let b = egress.forward(t, A, 11, 1_960, 960, false).unwrap();
        assert_eq!(a.sequence, 65_535);
        assert_eq!(b.sequence, 0);
        assert_eq!(c.sequence, 1);
        assert_eq!(c.timestamp.wrapping_sub(a.timestamp), 1_920);
        assert!(a.marker && !b.marker && !c.marker);
    }

    #[test]
    fn changes_of_delivery_leave_no_jump() {
        let (t, mut egress) = start();
        let first = egress.forward(t, A, 500, 77, 960, false).unwrap();
        let mixed = egress.mixed(t + Duration::from_millis(20), mix(8), 0);
        let again = egress.mixed(t + Duration::from_millis(40), mix(9), 0);
        let other = egress.forward(t + Duration::from_millis(60), B, 9, 9, 960, false).unwrap();
        let run = [first, mixed, again, other];
        for pair in run.windows(2) {
            assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
            assert_eq!(pair[1].timestamp.wrapping_sub(pair[0].timestamp), 960);
        }
    }

    /// Packets of any length, then a mix, then packets again: nothing overlaps, and as much time
    /// passes in the timestamps as in truth.
    #[test]
    fn packets_of_any_length_neither_overlap_a_mix_nor_leave_a_hole() {
        for (samples, ms) in [(480, 10), (960, 20), (1_920, 40), (2_880, 60), (5_760, 120)] {
            let (mut t, mut egress) = start();
            let mut run: Vec<(u32, u32)> = Vec::new();
            for round in 0..4 {
                for n in 0..4_u32 {
                    t += Duration::from_millis(ms);
                    let number = (round * 1_000) as u16 + n as u16;
                    let at = 77 + round * 500_000 + n * samples;
                    let numbers = egress.forward(t, A, number, at, samples, false).unwrap();
                    run.push((numbers.timestamp, samples));
                }
                for tick in 1..=6 {
                    t += Duration::from_millis(20);
                    let numbers = egress.mixed(t, mix(u64::from(round) * 100 + tick), 0);
                    run.push((numbers.timestamp, 960));
                }
            }
            for pair in run.windows(2) {
                let step = pair[1].0.wrapping_sub(pair[0].0);
                assert!(step >= pair[0].1, "{ms} ms: {step} after a packet of {}", pair[0].1);
                assert!(step <= pair[0].1.max(pair[1].1), "{ms} ms: a hole, {step}");
            }
        }
    }

    /// However late the mix's first frame is, and however long the last packet was.
    #[test]
    fn a_mix_that_goes_on_from_what_was_passed_on_leaves_no_gap() {
        for (samples, ms) in [(480, 31), (960, 45), (2_880, 70)] {
            let (t, mut egress) = start();
            let first = egress.forward(t, A, 500, 77, samples, false).unwrap();
            egress.lead_into(mix(8));
            assert!(egress.follows(mix(8)));
            let mixed = egress.mixed(t + Duration::from_millis(ms), mix(9), 0);
            assert_eq!(mixed.sequence, first.sequence.wrapping_add(1));
            assert_eq!(mixed.timestamp.wrapping_sub(first.timestamp), samples);
            assert!(!mixed.marker, "it is no talk spurt");
        }
    }

    #[test]
    fn a_straggler_from_before_the_change_is_dropped() {
        let (t, mut egress) = start();
        egress.forward(t, A, 20, 20 * 960, 960, false).unwrap();
        egress.mixed(t, mix(1), 0);
        egress.forward(t, A, 25, 25 * 960, 960, false).unwrap();
        assert_eq!(egress.forward(t, A, 24, 24 * 960, 960, false), None);
    }

    #[test]
    fn what_was_lost_of_a_talker_leaves_its_gap_in_the_numbers() {
        let (t, mut egress) = start();
        let first = egress.mixed(t, mix(1), 0);
        let after_loss = egress.mixed(t + Duration::from_millis(60), mix(4), 2);
        let after_pause = egress.mixed(t + Duration::from_millis(120), mix(7), 0);
        assert_eq!(after_loss.sequence, first.sequence.wrapping_add(3));
        assert_eq!(after_loss.timestamp.wrapping_sub(first.timestamp), 3 * 960);
        assert_eq!(after_pause.sequence, after_loss.sequence.wrapping_add(1));
        assert!(!after_loss.marker && after_pause.marker);
    }

    #[test]
    fn what_was_withheld_is_no_loss() {
        let (t, mut egress) = start();
        let before = egress.forward(t, A, 20, 20 * 960, 960, false).unwrap();
        egress.interrupt();
        // A quarter of an hour on hold: more packets than half the number space.
        let later = t + Duration::from_millis(20 * 45_000);
        let after = egress.forward(later, A, 45_020, 45_020 * 960, 960, false).unwrap();
        assert_eq!(after.sequence, before.sequence.wrapping_add(1));
        assert_eq!(after.timestamp.wrapping_sub(before.timestamp), 45_000 * 960);
        assert!(after.marker);
    }

    #[test]
    fn a_long_forward_wraps_without_a_gap() {
        let (t, mut egress) = start();
        let mut last = egress.forward(t, A, 0, 0, 960, false).unwrap();
        for n in 1..200_000u32 {
            let next = egress.forward(t, A, n as u16, n.wrapping_mul(960), 960, false).unwrap();
            assert_eq!(next.sequence, last.sequence.wrapping_add(1));
            last = next;
        }
    }

    #[test]
    fn silence_between_mixed_packets_passes_in_the_timestamp() {
        let (t, mut egress) = start();
        let a = egress.mixed(t, mix(1), 0);
        let b = egress.mixed(t + Duration::from_millis(200), mix(11), 0);
        assert_eq!(b.timestamp.wrapping_sub(a.timestamp), 9_600);
        assert_eq!(b.sequence, a.sequence.wrapping_add(1));
        assert!(b.marker);
    }
}
