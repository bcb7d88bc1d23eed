//! Which sound goes to which ear.
//!
//! Pure. The server sends one mono mix today, so the line is one source; with a track for each source the same router
//! puts the caller in one ear and the whisper in the other.

use super::{FRAME_SAMPLES, Frame, StereoFrame};

/// Where a sound comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The server's mix of everybody: nothing in it can be taken apart.
    Mix,
    /// The caller alone.
    Caller,
    /// A supervisor's whisper alone.
    Whisper,
    /// This program's own tones.
    Tone,
}

/// How the ears are used.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    clap::ValueEnum,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Ears {
    /// Everything in both.
    #[default]
    Both,
    /// The caller in the left ear, a whisper in the right one, as far as they come apart.
    Split,
}

impl Ears {
    /// The gains of a source, left and right.
    fn gains(self, source: Source) -> [f32; 2] {
        match (self, source) {
            (Self::Split, Source::Caller) => [1.0, 0.0],
            (Self::Split, Source::Whisper) => [0.0, 1.0],
            // A mix may hold both: neither ear may miss it.
            (Self::Both, _) | (_, Source::Mix | Source::Tone) => [1.0, 1.0],
        }
    }
}

/// Sums sources into a stereo frame.
#[derive(Debug)]
pub struct Router {
    ears: Ears,
    frame: StereoFrame,
}

impl Router {
    /// A router for these ears.
    pub fn new(ears: Ears) -> Self {
        Self { ears, frame: [[0.0; 2]; FRAME_SAMPLES] }
    }

    /// Begins a frame with silence.
    pub fn clear(&mut self) {
        self.frame = [[0.0; 2]; FRAME_SAMPLES];
    }

    /// Adds a source to the frame.
    pub fn add(&mut self, source: Source, sound: &Frame) {
        let gains = self.ears.gains(source);
        for (out, sample) in self.frame.iter_mut().zip(sound) {
            out[0] = (out[0] + gains[0] * sample).clamp(-1.0, 1.0);
            out[1] = (out[1] + gains[1] * sample).clamp(-1.0, 1.0);
        }
    }

    /// The frame.
    pub fn frame(&self) -> &StereoFrame {
        &self.frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routed(ears: Ears, sources: &[(Source, f32)]) -> [f32; 2] {
        let mut router = Router::new(ears);
        router.clear();
        for (source, level) in sources {
            router.add(*source, &[*level; FRAME_SAMPLES]);
        }
        router.frame()[FRAME_SAMPLES - 1]
    }

    #[test]
    fn a_mix_is_in_both_ears_whatever_is_chosen() {
        for ears in [Ears::Both, Ears::Split] {
            assert_eq!(routed(ears, &[(Source::Mix, 0.25), (Source::Tone, 0.5)]), [0.75, 0.75]);
        }
    }

    #[test]
    fn split_ears_part_caller_and_whisper() {
        let both = [(Source::Caller, 0.25), (Source::Whisper, 0.5)];
        assert_eq!(routed(Ears::Split, &both), [0.25, 0.5]);
        assert_eq!(routed(Ears::Both, &both), [0.75, 0.75]);
        assert_eq!(
            routed(Ears::Split, &[(Source::Caller, 0.5), (Source::Tone, 0.75)]),
            [1.0, 0.75]
        );
    }
}
