//! The last frames of one mix.

use codec::FRAME_SAMPLES;

/// Frames that are kept, the present one among them.
pub(crate) const FRAMES_KEPT: usize = 5;

/// A mix's present frame and those before it; silence before its beginning.
pub(crate) struct Past {
    frames: [[f32; FRAME_SAMPLES]; FRAMES_KEPT],
    /// Where the present one is.
    present: usize,
    count: usize,
}

impl Past {
    pub const EMPTY: Self =
        Self { frames: [[0.0; FRAME_SAMPLES]; FRAMES_KEPT], present: 0, count: 0 };

    /// Forgets all frames.
    pub fn clear(&mut self) {
        if self.count > 0 {
            *self = Self::EMPTY;
        }
    }

    /// Takes the next frame.
    pub fn push(&mut self, frame: &[f32; FRAME_SAMPLES]) {
        self.present = (self.present + 1) % FRAMES_KEPT;
        self.frames[self.present] = *frame;
        self.count = (self.count + 1).min(FRAMES_KEPT);
    }

    /// How many frames there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// A frame's worth of sound that ends with the first `end` samples of the frame `back` frames before the present one.
    pub fn until(&self, back: usize, end: usize) -> [f32; FRAME_SAMPLES] {
        let (before, frame) = (self.frame(back + 1), self.frame(back));
        let mut sound = [0.0; FRAME_SAMPLES];
        sound[..FRAME_SAMPLES - end].copy_from_slice(&before[end..]);
        sound[FRAME_SAMPLES - end..].copy_from_slice(&frame[..end]);
        sound
    }

    /// Whether the last two frames stay below this magnitude.
    pub fn is_below(&self, magnitude: f32) -> bool {
        let mut samples = [0, 1].into_iter().flat_map(|back| self.frame(back));
        samples.all(|sample| sample.abs() < magnitude)
    }

    fn frame(&self, back: usize) -> &[f32; FRAME_SAMPLES] {
        &self.frames[(self.present + FRAMES_KEPT - back) % FRAMES_KEPT]
    }
}
