//! Unwraps RTP's 16-bit sequence numbers and 32-bit timestamps, and notices a stream that begins anew
//! (RFC 3550 appendix A.1).

/// A jump ahead of more than this many packets is not loss (RFC 3550 A.1, `MAX_DROPOUT`).
const DROPOUT_MAX: i64 = 3000;

/// A packet further behind than this is not reordering (RFC 3550 A.1, `MAX_MISORDER`).
const MISORDER_MAX: i64 = 100;

/// A packet's unwrapped place in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) sequence: i64,
    pub(crate) timestamp: i64,
}

/// How a packet's numbering relates to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    /// The newest so far, or the first of all.
    Newest(Place),
    /// Out of order: older than the newest.
    Older(Place),
    /// Fits nothing.
    Stray,
    /// The second in a row that goes on from an unexpected place, or the clock went backwards: a new stream.
    Restart,
}

#[derive(Debug, Default)]
pub(crate) struct Timeline {
    newest: Option<Place>,
    /// The number that would confirm the last stray packet as the beginning of a new stream.
    awaited: Option<u16>,
}

impl Timeline {
    /// Places a packet without taking note of it, but for strays.
    pub(crate) fn place(&mut self, sequence: u16, timestamp: u32) -> Placement {
        let Some(newest) = self.newest else {
            return Placement::Newest(anchor(sequence, timestamp));
        };
        let ahead = i64::from(sequence.wrapping_sub(newest.sequence as u16).cast_signed());
        if !(-MISORDER_MAX..=DROPOUT_MAX).contains(&ahead) {
            let is_awaited = self.awaited == Some(sequence);
            self.awaited = Some(sequence.wrapping_add(1));
            return if is_awaited { Placement::Restart } else { Placement::Stray };
        }
        let later = i64::from(timestamp.wrapping_sub(newest.timestamp as u32).cast_signed());
        let place =
            Place { sequence: newest.sequence + ahead, timestamp: newest.timestamp + later };
        match (ahead > 0, later) {
            (true, 0..) => Placement::Newest(place),
            (true, _) => Placement::Restart,
            (false, ..=0) => Placement::Older(place),
            (false, _) => Placement::Stray,
        }
    }

    /// Takes note of the newest packet.
    pub(crate) fn advance(&mut self, newest: Place) {
        self.newest = Some(newest);
        self.awaited = None;
    }

    /// Begins anew with this packet and returns its place.
    pub(crate) fn restart(&mut self, sequence: u16, timestamp: u32) -> Place {
        let place = anchor(sequence, timestamp);
        self.advance(place);
        place
    }

    /// The newest sequence number, unwrapped.
    pub(crate) fn newest_sequence(&self) -> Option<i64> {
        self.newest.map(|place| place.sequence)
    }
}

fn anchor(sequence: u16, timestamp: u32) -> Place {
    Place { sequence: i64::from(sequence), timestamp: i64::from(timestamp) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(sequence: u16, timestamp: u32) -> Timeline {
        let mut timeline = Timeline::default();
        timeline.restart(sequence, timestamp);
        timeline
    }

    #[test]
    fn both_counters_unwrap() {
        let mut timeline = timeline(65_535, u32::MAX - 959);
        let next = Place { sequence: 65_536, timestamp: 1 << 32 };
        assert_eq!(timeline.place(0, 0), Placement::Newest(next));
        timeline.advance(next);
        let before = Place { sequence: 65_535, timestamp: (1 << 32) - 960 };
        assert_eq!(timeline.place(65_535, u32::MAX - 959), Placement::Older(before));
    }

    #[test]
    fn one_stray_packet_is_ignored_two_in_a_row_are_a_new_stream() {
        let mut timeline = timeline(100, 0);
        assert_eq!(timeline.place(40_000, 5), Placement::Stray);
        assert_eq!(timeline.place(50_000, 5), Placement::Stray);
        assert_eq!(timeline.place(50_001, 965), Placement::Restart);
    }

    #[test]
    fn a_clock_that_goes_backwards_is_a_new_stream() {
        assert_eq!(timeline(100, 96_000).place(101, 0), Placement::Restart);
    }

    #[test]
    fn an_older_packet_with_a_newer_clock_fits_nothing() {
        assert_eq!(timeline(100, 96_000).place(99, 96_960), Placement::Stray);
    }
}
