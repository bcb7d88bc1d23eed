//! Sequence numbers of outgoing packets: from the 16 bits on the wire to SRTP's packet index.
//!
//! Encrypting two packets under one index would reuse a nonce, which breaks AES-GCM outright
//! (RFC 7714 §8.1), so an index that was used is refused here, whatever the caller asks.

/// How far behind the newest packet a late one may still be sent, in packets.
pub const SEND_WINDOW_PACKETS: u64 = 64;

/// Extends 16-bit sequence numbers and remembers which were used.
#[derive(Debug, Default)]
pub struct SendSequence {
    /// The highest index used so far.
    newest: Option<u64>,
    /// Bit n: index `newest - n` was used.
    used: u64,
}

impl SendSequence {
    /// The index of the packet numbered `sequence` (rollover counter × 65536 + `sequence`,
    /// RFC 3711 §3.3.1), or `None` if that index was used, is older than
    /// [`SEND_WINDOW_PACKETS`], or lies before the first packet.
    pub fn take(&mut self, sequence: u16) -> Option<u64> {
        let Some(newest) = self.newest else {
            self.newest = Some(u64::from(sequence));
            self.used = 1;
            return Some(u64::from(sequence));
        };
        let step = sequence.wrapping_sub(newest as u16) as i16;
        let index = newest.checked_add_signed(i64::from(step))?;
        if step > 0 {
            self.used = self.used.checked_shl(step as u32).unwrap_or(0) | 1;
            self.newest = Some(index);
            return Some(index);
        }
        let behind = newest - index;
        if behind >= SEND_WINDOW_PACKETS || self.used & (1 << behind) != 0 {
            return None;
        }
        self.used |= 1 << behind;
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rolls_over() {
        let mut sequence = SendSequence::default();
        assert_eq!(sequence.take(65_534), Some(65_534));
        assert_eq!(sequence.take(65_535), Some(65_535));
        assert_eq!(sequence.take(1), Some(65_537));
        assert_eq!(sequence.take(0), Some(65_536), "late, across the rollover");
        assert_eq!(sequence.take(2), Some(65_538));
    }

    #[test]
    fn refuses_a_second_use() {
        let mut sequence = SendSequence::default();
        assert_eq!(sequence.take(10), Some(10));
        assert_eq!(sequence.take(10), None);
        assert_eq!(sequence.take(12), Some(12));
        assert_eq!(sequence.take(11), Some(11));
        assert_eq!(sequence.take(11), None);
    }

    #[test]
    fn refuses_what_is_too_old_or_before_the_first() {
        let mut sequence = SendSequence::default();
        assert_eq!(sequence.take(2), Some(2));
        assert_eq!(sequence.take(65_535), None, "would be index -1");
        assert_eq!(sequence.take(200), Some(200));
        assert_eq!(sequence.take(136), None);
        assert_eq!(sequence.take(137), Some(137));
    }

    proptest! {
        #[test]
        fn never_repeats_an_index(sequences in proptest::collection::vec(any::<u16>(), 1..400)) {
            let mut sequence = SendSequence::default();
            let mut seen = std::collections::HashSet::new();
            for number in sequences {
                if let Some(index) = sequence.take(number) {
                    prop_assert_eq!(index as u16, number);
                    prop_assert!(seen.insert(index));
                }
            }
        }
    }
}
