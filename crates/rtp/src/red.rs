//! Redundant audio (RFC 2198): packets that carry earlier ones again, so that a lost one comes with the next.
//!
//! A payload begins with a header for each block, the oldest first; the last block is the packet's own sound. Opus in
//! RED is what browsers offer as `red/48000/2`.

use std::ops::Range;

use crate::steps;

/// Earlier packets that are taken from one payload at most: the newest of them. Browsers send one or two.
pub const RESTORED_MAX: usize = 4;
/// Blocks of a payload that are read at most; what has more is no speech of a browser's.
const BLOCKS_MAX: usize = 16;
/// Packets that are remembered as come, for those that overtake each other.
const WINDOW: usize = u64::BITS as usize;
/// A header with an offset and a length, and the last one, bytes.
const HEADER_BYTES: usize = 4;
const LAST_HEADER_BYTES: usize = 1;

/// A payload, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocks {
    /// The packet's own sound, in the payload.
    pub primary: Range<usize>,
    /// Earlier packets, the newest first.
    earlier: [Option<Block>; RESTORED_MAX],
}

/// A copy of an earlier packet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    /// How much earlier it began, in units of the clock.
    offset: u32,
    payload: Range<usize>,
}

/// A lost packet that came with a later one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Restored {
    /// Its sequence number.
    pub sequence: u16,
    /// Its timestamp.
    pub timestamp: u32,
    /// Where its payload is.
    pub payload: Range<usize>,
}

/// Lost packets that came with a later one, the oldest first.
pub type RestoredSet = [Option<Restored>; RESTORED_MAX];

impl Blocks {
    /// Takes a payload apart whose blocks are all of `payload_type`. `None`: it contradicts RFC 2198 §3, or its own
    /// sound is of another type. Copies of another type are left out.
    pub fn parse(payload: &[u8], payload_type: u8) -> Option<Self> {
        let mut headers = [(0, 0, 0); BLOCKS_MAX];
        let (mut count, mut at) = (0, 0);
        while *payload.get(at)? & 0x80 != 0 {
            let header = payload.get(at..at + HEADER_BYTES)?;
            let [kind, high, middle, low] = *header.first_chunk()?;
            let offset = u32::from(high) << 6 | u32::from(middle) >> 2;
            let length = usize::from(middle & 0b11) << 8 | usize::from(low);
            *headers.get_mut(count)? = (kind & 0x7F, offset, length);
            (count, at) = (count + 1, at + HEADER_BYTES);
        }
        if payload[at] != payload_type {
            return None;
        }
        at += LAST_HEADER_BYTES;
        let mut earlier = [const { None }; RESTORED_MAX];
        for (place, (kind, offset, length)) in headers[..count].iter().enumerate() {
            let block = Block { offset: *offset, payload: at..at + length };
            at += length;
            let is_sound = *kind == payload_type && *offset > 0 && *length > 0;
            if let Some(slot) = earlier.get_mut(count - 1 - place) {
                *slot = is_sound.then_some(block);
            }
        }
        (at <= payload.len()).then_some(Self { primary: at..payload.len(), earlier })
    }
}

/// Which packets of one source have come, so that a copy is taken once and only of what was lost.
#[derive(Debug)]
pub struct Restorer {
    newest: Option<u16>,
    /// Packets by their distance from the newest, and their timestamps by number.
    came: u64,
    timestamps: [u32; WINDOW],
}

impl Default for Restorer {
    fn default() -> Self {
        Self { newest: None, came: 0, timestamps: [0; WINDOW] }
    }
}

impl Restorer {
    /// Takes note of a packet that came; `false`: it was restored before, and is not to be taken twice.
    pub fn take(&mut self, sequence: u16, timestamp: u32) -> bool {
        let ahead = self.newest.map_or(i16::MAX, |newest| steps(newest, sequence));
        if ahead > 0 {
            let is_near = usize::from(ahead.unsigned_abs()) < WINDOW;
            self.came = if is_near { self.came << ahead } else { 0 };
            self.newest = Some(sequence);
        }
        let back = usize::from(ahead.min(0).unsigned_abs());
        if back >= WINDOW {
            // So far behind it is another run of numbers, or of no use to anybody.
            return true;
        }
        let is_new = self.came >> back & 1 == 0;
        self.came |= 1 << back;
        self.timestamps[usize::from(sequence) % WINDOW] = timestamp;
        is_new
    }

    /// The packets before this one that have not come, of which it has copies. They count as come from now on.
    pub fn restore(&mut self, sequence: u16, timestamp: u32, blocks: &Blocks) -> RestoredSet {
        let mut restored = [const { None }; RESTORED_MAX];
        for (place, block) in blocks.earlier.iter().enumerate() {
            let Some(Block { offset, payload }) = block else { continue };
            let lost = sequence.wrapping_sub(place as u16 + 1);
            let began = timestamp.wrapping_sub(*offset);
            if self.is_missing(lost, began) && self.take(lost, began) {
                let payload = payload.clone();
                restored[RESTORED_MAX - 1 - place] =
                    Some(Restored { sequence: lost, timestamp: began, payload });
            }
        }
        restored
    }

    /// Whether a packet of this number and timestamp has not come and fits between those that have: a sender may leave
    /// packets out of its copies, and then counting back from a later one gives another number.
    fn is_missing(&self, sequence: u16, timestamp: u32) -> bool {
        let Some(newest) = self.newest else { return false };
        let back = usize::from(steps(sequence, newest).unsigned_abs());
        let is_within = steps(sequence, newest) >= 0 && back < WINDOW;
        if !is_within || self.came >> back & 1 == 1 {
            return false;
        }
        (0..WINDOW).filter(|it| self.came >> it & 1 == 1).all(|it| {
            let number = newest.wrapping_sub(it as u16);
            let other = self.timestamps[usize::from(number) % WINDOW];
            let later = other.wrapping_sub(timestamp).cast_signed();
            if it < back { later > 0 } else { later < 0 }
        }) && self.came >> back >> 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OPUS: u8 = 111;

    /// A payload with copies of these packets, each so many samples earlier, the oldest first.
    fn payload(copies: &[(u32, &[u8])], primary: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (offset, copy) in copies {
            let low = (offset & 0x3F) << 10 | copy.len() as u32;
            bytes.extend([0x80 | OPUS, (offset >> 6) as u8, (low >> 8) as u8, low as u8]);
        }
        bytes.push(OPUS);
        copies.iter().for_each(|(_, copy)| bytes.extend(*copy));
        bytes.extend(primary);
        bytes
    }

    /// Takes packet `n` after the `first`, with copies of the `depth` packets before it; what came of it, in order.
    fn arrive(restorer: &mut Restorer, first: u16, n: u32, depth: u32) -> Vec<u32> {
        let sound = |n: u32| [n as u8 | 1];
        let copies: Vec<(u32, [u8; 1])> =
            (1..=depth).rev().map(|it| (it * 960, sound(n.wrapping_sub(it)))).collect();
        let copies: Vec<(u32, &[u8])> = copies.iter().map(|(at, it)| (*at, &it[..])).collect();
        let bytes = payload(&copies, &sound(n));
        let blocks = Blocks::parse(&bytes, OPUS).unwrap();
        assert_eq!(bytes[blocks.primary.clone()], sound(n));
        let (sequence, timestamp) = (first.wrapping_add(n as u16), n.wrapping_mul(960));
        if !restorer.take(sequence, timestamp) {
            return Vec::new();
        }
        let restored = restorer.restore(sequence, timestamp, &blocks);
        let restored = restored.into_iter().flatten().map(|it| {
            let number = u32::from(it.sequence.wrapping_sub(first));
            assert_eq!(bytes[it.payload.clone()], sound(number));
            assert_eq!(it.timestamp, number * 960);
            number
        });
        restored.chain([n]).collect()
    }

    #[test]
    fn what_was_lost_comes_with_the_next_once_and_in_order() {
        let mut restorer = Restorer::default();
        let mut arrive = |n| arrive(&mut restorer, 65_520, n, 2);
        assert_eq!(arrive(10), [10], "what was before the first is not ours");
        assert_eq!(arrive(11), [11]);
        assert_eq!(arrive(14), [12, 13, 14]);
        assert_eq!(arrive(15), [15]);
        assert_eq!(arrive(13), [0_u32; 0], "it was only late");
        assert_eq!(arrive(20), [18, 19, 20], "two more are lost");
        assert_eq!(arrive(17), [16, 17], "or not quite");
    }

    #[test]
    fn a_copy_that_does_not_fit_between_its_neighbours_is_left() {
        let mut restorer = Restorer::default();
        restorer.take(1, 960);
        restorer.take(2, 2 * 960);
        // Packet 3 was lost, and the sender has no copy of it: the one that it sends is of packet 2.
        let bytes = payload(&[(2 * 960, &[7])], &[8]);
        let blocks = Blocks::parse(&bytes, OPUS).unwrap();
        restorer.take(4, 4 * 960);
        assert_eq!(restorer.restore(4, 4 * 960, &blocks), [const { None }; RESTORED_MAX]);
    }

    #[test]
    fn what_contradicts_the_rfc_is_no_payload() {
        let whole = payload(&[(960, &[1, 2, 3])], &[4]);
        assert!(Blocks::parse(&whole, OPUS).is_some());
        assert_eq!(Blocks::parse(&whole, 96), None, "another type of sound");
        for length in 0..whole.len() - 1 {
            assert_eq!(Blocks::parse(&whole[..length], OPUS), None, "{length} bytes");
        }
        let endless = [0x80 | OPUS; 200];
        assert_eq!(Blocks::parse(&endless, OPUS), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn any_bytes_are_read_without_a_panic(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(0x80 | OPUS), Just(OPUS)], 0..120),
            numbers in prop::collection::vec((any::<u16>(), any::<u32>()), 1..20),
        ) {
            let blocks = Blocks::parse(&bytes, OPUS);
            let mut restorer = Restorer::default();
            for (sequence, timestamp) in numbers {
                restorer.take(sequence, timestamp);
                if let Some(blocks) = &blocks {
                    prop_assert!(blocks.primary.end == bytes.len());
                    for restored in restorer.restore(sequence, timestamp, blocks).into_iter().flatten() {
                        prop_assert!(!bytes[restored.payload.clone()].is_empty());
                        prop_assert!(!restorer.take(restored.sequence, restored.timestamp));
                    }
                }
            }
        }

        /// Whatever is lost and overtaken, each packet comes once, and a single loss comes back, unless the packet that
        /// brings it was itself restored before it came.
        #[test]
        fn each_packet_comes_once(
            first in any::<u16>(),
            fates in prop::collection::vec((prop::bool::weighted(0.2), prop::bool::weighted(0.1)), 50..300),
        ) {
            let mut order: Vec<usize> = (0..fates.len()).filter(|n| *n == 0 || !fates[*n].0).collect();
            let mut at = 1;
            while at + 1 < order.len() {
                let is_overtaken = fates[order[at]].1;
                if is_overtaken { order.swap(at, at + 1); }
                at += if is_overtaken { 2 } else { 1 };
            }
            let mut restorer = Restorer::default();
            let mut came: Vec<u32> = Vec::new();
            for n in &order {
                came.extend(arrive(&mut restorer, first, *n as u32, 1));
            }
            let count = came.len();
            came.sort_unstable();
            came.dedup();
            prop_assert_eq!(came.len(), count, "twice");
            let place = |n: usize| order.iter().position(|it| *it == n);
            for (n, (is_lost, _)) in fates.iter().enumerate().take(fates.len() - 1).skip(1) {
                let comes_itself = place(n + 1).is_some_and(|it| place(n + 2).is_none_or(|next| it < next));
                let comes_back = *is_lost && comes_itself;
                prop_assert!(!comes_back || came.contains(&(n as u32)), "{n} did not come back");
            }
        }
    }
}
