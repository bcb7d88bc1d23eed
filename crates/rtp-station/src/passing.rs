//! When a telephone's own bytes are passed on to another one, and what that needs.
//!
//! While they are, neither the Opus beside them is decoded nor anything encoded. What is coded again afterwards has
//! to go on from where the peer's ear is: so the last packets that were not heard are kept, and made up for then. One
//! is enough for a decoder of Opus. An encoder of G.722 has to come to where the peer's decoder is; it forgets within
//! some frames what it was told before (the leaks of ITU-T G.722 §3.3 and §3.5). For the same reason some frames are
//! coded by Opus before a stream of G.722 is passed on: the peer's decoder has come to where that stream's encoder is.

use codec::OPUS_PACKET_BYTES_MAX;

use crate::original::{Original, opus_alone};

/// Frames of a stream that are coded by Opus before it is passed on: 100 ms.
const BY_OPUS: usize = 5;
/// Packets that are made up for, so that an encoder of G.722 is where the peer's decoder is: 200 ms. (With five, a soft
/// tone has a fifteenth of its power beside it for a moment; with 25 hardly less than with ten.)
pub(crate) const KEPT: usize = 10;
/// Bytes of a packet that is kept: 100 kbit/s. Of a longer one the decoder does not hear.
const KEPT_BYTES_MAX: usize = 256;
/// A frame's samples of 48 kHz.
const FRAME_SAMPLES: u32 = codec::FRAME_SAMPLES as u32;

/// Whether a stream of G.722 can be passed on: whether what comes follows what came.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// Where the next frame of it begins.
    next: Option<u32>,
    /// Frames that followed each other.
    followed: usize,
}

impl Stream {
    /// A frame of this stream's or of another one's; `true`: it can be passed on. Up to `lost_max` samples of 48 kHz
    /// may be missing before it, which the peer has lost, too.
    pub fn take(&mut self, original: &Original<'_>, lost_max: u32) -> bool {
        let follows =
            self.next.is_some_and(|next| original.position.wrapping_sub(next) <= lost_max);
        self.next = Some(original.position.wrapping_add(FRAME_SAMPLES));
        self.followed = if follows { self.followed.saturating_add(1) } else { 0 };
        self.followed >= BY_OPUS
    }

    /// The peer was sent something else.
    pub fn interrupt(&mut self) {
        *self = Self::default();
    }
}

/// The Opus beside the bytes that were passed on last, which the decoder has not heard: the last ones, the oldest
/// first.
pub(crate) struct Unheard {
    packets: [[u8; KEPT_BYTES_MAX]; KEPT],
    /// 0: none, or one too long.
    lengths: [usize; KEPT],
    /// Where the oldest one is.
    oldest: usize,
}

impl Default for Unheard {
    fn default() -> Self {
        let packets = [[0; KEPT_BYTES_MAX]; KEPT];
        Self { packets, lengths: [0; KEPT], oldest: 0 }
    }
}

impl Unheard {
    /// Keeps the Opus of a packet.
    pub fn push(&mut self, packet: &[u8]) {
        let mut room = [0; OPUS_PACKET_BYTES_MAX];
        let opus = opus_alone(packet, &mut room);
        let at = self.oldest;
        self.oldest = (at + 1) % KEPT;
        self.lengths[at] = 0;
        if let Some(room) = self.packets[at].get_mut(..opus.len()) {
            room.copy_from_slice(opus);
            self.lengths[at] = opus.len();
        }
    }

    /// Hands out the last `most` of them, the oldest first; none is kept any more.
    pub fn take(&mut self, most: usize, mut hear: impl FnMut(&[u8])) {
        for age in (1..=most.min(KEPT)).rev() {
            let at = (self.oldest + KEPT - age) % KEPT;
            if self.lengths[at] > 0 {
                hear(&self.packets[at][..self.lengths[at]]);
            }
        }
        self.lengths = [0; KEPT];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::original::{Coding, FRAME_BYTES};

    #[test]
    fn a_stream_is_passed_on_once_the_ear_is_where_it_is_and_only_while_it_goes_on() {
        let bytes = &[0; FRAME_BYTES];
        let mut stream = Stream::default();
        let take = |stream: &mut Stream, frame: u32| {
            // From close before the numbers wrap.
            let position = (frame * FRAME_SAMPLES).wrapping_sub(3 * FRAME_SAMPLES);
            stream.take(&Original { coding: Coding::G722, position, bytes }, 2 * FRAME_SAMPLES)
        };
        let passed: Vec<bool> = (0..8).map(|frame| take(&mut stream, frame)).collect();
        assert_eq!(passed, [false, false, false, false, false, true, true, true]);
        assert!(take(&mut stream, 10), "two were lost");
        assert!(!take(&mut stream, 14), "three are too many");
        assert!((15..19).all(|frame| !take(&mut stream, frame)));
        assert!(take(&mut stream, 19));
        assert!(!take(&mut stream, 19), "twice, or another stream");
        assert!((20..24).all(|frame| !take(&mut stream, frame)) && take(&mut stream, 24));
        stream.interrupt();
        assert!(!take(&mut stream, 25), "something else was heard in between");
    }

    #[test]
    fn the_last_ones_are_made_up_for_once_and_in_order() {
        let mut unheard = Unheard::default();
        let taken = |unheard: &mut Unheard, most| {
            let mut heard = Vec::new();
            unheard.take(most, |packet| heard.push(packet[1]));
            heard
        };
        assert!(taken(&mut unheard, KEPT).is_empty());
        (0..12).for_each(|n| unheard.push(&[8, n]));
        assert_eq!(taken(&mut unheard, KEPT), [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        assert!(taken(&mut unheard, KEPT).is_empty());
        (0..3).for_each(|n| unheard.push(&[8, n]));
        unheard.push(&[8; KEPT_BYTES_MAX + 1]);
        assert_eq!(taken(&mut unheard, KEPT), [0, 1, 2]);
        (0..3).for_each(|n| unheard.push(&[8, n]));
        assert_eq!(taken(&mut unheard, 1), [2]);
    }
}
