//! The last of what one mix sounded like.

use codec::FRAME_SAMPLES;

/// How much of it is kept, frames, the present one among them.
const FRAMES_KEPT: usize = 5;
/// The same in samples.
const SAMPLES_KEPT: usize = FRAMES_KEPT * FRAME_SAMPLES;

/// The last samples of a sound; silence before its beginning.
#[derive(Clone)]
pub(crate) struct Past {
    /// The oldest one is at `begin`, the newest one before it.
    samples: [f32; SAMPLES_KEPT],
    begin: usize,
    /// How many of them there are since the sound began.
    count: usize,
}

impl Past {
    pub const EMPTY: Self = Self { samples: [0.0; SAMPLES_KEPT], begin: 0, count: 0 };

    /// Forgets everything.
    pub fn clear(&mut self) {
        if self.count > 0 {
            *self = Self::EMPTY;
        }
    }

    /// Takes what comes next, of any length.
    pub fn push(&mut self, sound: &[f32]) {
        let sound = &sound[sound.len().saturating_sub(SAMPLES_KEPT)..];
        let (head, tail) = sound.split_at(sound.len().min(SAMPLES_KEPT - self.begin));
        self.samples[self.begin..self.begin + head.len()].copy_from_slice(head);
        self.samples[..tail.len()].copy_from_slice(tail);
        self.begin = (self.begin + sound.len()) % SAMPLES_KEPT;
        self.count = (self.count + sound.len()).min(SAMPLES_KEPT);
    }

    /// Adds what ended at the same moment.
    pub fn add(&mut self, other: &Self) {
        for back in 1..=SAMPLES_KEPT {
            self.samples[self.index(back)] += other.samples[other.index(back)];
        }
        self.count = self.count.max(other.count);
    }

    /// How many whole frames there are.
    pub fn frames(&self) -> usize {
        self.count / FRAME_SAMPLES
    }

    /// `N` samples, of which the last one is followed by `behind` more.
    pub fn until<const N: usize>(&self, behind: usize) -> [f32; N] {
        let behind = behind.min(SAMPLES_KEPT - N);
        let from = self.index(behind + N);
        let mut sound = [0.0; N];
        let (head, tail) = sound.split_at_mut(N.min(SAMPLES_KEPT - from));
        head.copy_from_slice(&self.samples[from..from + head.len()]);
        tail.copy_from_slice(&self.samples[..tail.len()]);
        sound
    }

    /// Whether the last two frames stay below this magnitude.
    pub fn is_below(&self, magnitude: f32) -> bool {
        self.until::<{ 2 * FRAME_SAMPLES }>(0).iter().all(|sample| sample.abs() < magnitude)
    }

    /// Where the sample is that comes so many before the next one: 1 is the newest.
    fn index(&self, back: usize) -> usize {
        (self.begin + SAMPLES_KEPT - back) % SAMPLES_KEPT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_the_last_of_pieces_of_any_length() {
        let sound: Vec<f32> = (0..20_000).map(|n| n as f32).collect();
        for piece in [120, 480, 960, 2_880, 5_760] {
            let mut past = Past::EMPTY;
            assert_eq!((past.frames(), past.until::<3>(0)), (0, [0.0; 3]));
            sound[1..].chunks(piece).for_each(|it| past.push(it));
            assert_eq!(past.until::<3>(0), [19_997.0, 19_998.0, 19_999.0], "{piece}");
            assert_eq!(past.until::<2>(700), [19_298.0, 19_299.0], "{piece}");
            assert_eq!(past.until::<1>(SAMPLES_KEPT), [15_200.0], "{piece}: the oldest one");
            assert_eq!(past.frames(), FRAMES_KEPT);
            past.clear();
            assert!(past.is_below(f32::MIN_POSITIVE));
        }
    }

    #[test]
    fn what_ended_together_is_added_from_its_end() {
        let (mut long, mut short) = (Past::EMPTY, Past::EMPTY);
        long.push(&[1.0, 2.0, 3.0]);
        short.push(&[30.0]);
        short.add(&long);
        assert_eq!(short.until::<4>(0), [0.0, 1.0, 2.0, 33.0]);
    }
}
