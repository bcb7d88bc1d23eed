//! The sequence numbers of a source without those of packets that hold no sound.
//!
//! A sender may probe the network with packets of padding alone; others fill a pause with empty ones.
//! They are numbered like all others and are not passed on: left out with their numbers they would look
//! like losses, which listeners conceal and wait for.

/// Numbers taken out that are remembered one by one, for packets that overtook each other.
const REMEMBERED_MAX: usize = 16;
/// Packets do not overtake each other by more than this; what lies further apart is another run.
const REORDER_MAX: u16 = 1_000;

/// One source's numbers.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    /// The highest number seen.
    newest: Option<u16>,
    /// Numbers taken out long ago.
    before: u16,
    /// Those taken out lately, in order.
    lately: [u16; REMEMBERED_MAX],
    count: usize,
}

impl Numbering {
    /// The packet with this number holds no sound: those after it move up by one.
    pub fn take_out(&mut self, sequence: u16) {
        if !self.advance(sequence) {
            // What came after it was numbered already: it stays a gap, like a loss.
            return;
        }
        if self.count == REMEMBERED_MAX {
            self.forget_oldest();
        }
        self.lately[self.count] = sequence;
        self.count += 1;
    }

    /// The number of a packet that holds sound.
    pub fn of(&mut self, sequence: u16) -> u16 {
        self.advance(sequence);
        let lately = self.lately[..self.count].iter();
        let taken_out = lately.filter(|&&it| is_after(sequence, it)).count() as u16;
        sequence.wrapping_sub(self.before).wrapping_sub(taken_out)
    }

    /// Takes note of a number; whether it is the newest.
    fn advance(&mut self, sequence: u16) -> bool {
        let is_newest = self.newest.is_none_or(|newest| {
            is_after(sequence, newest) || newest.wrapping_sub(sequence) > REORDER_MAX
        });
        if is_newest {
            self.newest = Some(sequence);
            while self.count > 0 && sequence.wrapping_sub(self.lately[0]) > REORDER_MAX {
                self.forget_oldest();
            }
        }
        is_newest
    }

    fn forget_oldest(&mut self) {
        self.before = self.before.wrapping_add(1);
        self.lately.copy_within(1..self.count, 0);
        self.count -= 1;
    }
}

/// Whether sequence number `a` is after `b` (RFC 1982 arithmetic).
fn is_after(a: u16, b: u16) -> bool {
    (a.wrapping_sub(b) as i16) > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_taken_out_leave_no_gap() {
        let mut numbering = Numbering::default();
        let mut last = None;
        // Twice around: one in ten is empty.
        for n in 0..140_000_u32 {
            let sequence = (n as u16).wrapping_add(65_000);
            if n % 10 == 3 {
                numbering.take_out(sequence);
                continue;
            }
            let number = numbering.of(sequence);
            if let Some(last) = last.replace(number) {
                assert_eq!(number, last.wrapping_add(1), "packet {n}");
            }
        }
    }

    #[test]
    fn packets_that_overtook_each_other_keep_their_order() {
        let mut numbering = Numbering::default();
        assert_eq!(numbering.of(10), 10);
        numbering.take_out(12);
        assert_eq!(numbering.of(13), 12);
        assert_eq!(numbering.of(11), 11);
        numbering.take_out(12);
        assert_eq!(numbering.of(14), 13);
    }

    #[test]
    fn rare_ones_do_not_count_twice_when_the_numbers_wrap() {
        let mut numbering = Numbering::default();
        numbering.take_out(5);
        for n in 6..200_000_u32 {
            assert_eq!(numbering.of(n as u16), (n as u16).wrapping_sub(1));
        }
    }

    #[test]
    fn another_run_of_numbers_is_counted_from_there() {
        let mut numbering = Numbering::default();
        numbering.of(40_000);
        let first = numbering.of(100);
        numbering.take_out(101);
        assert_eq!(numbering.of(102), first + 1);
    }
}
