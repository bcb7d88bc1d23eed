//! Which sound goes to which ear, and how loud.
//!
//! Pure. A mix goes to both, whatever the user has chosen; what comes apart may be parted: the caller in one ear, a whisper
//! in the other. However much comes together, neither ear gets more than −1 dBFS.

use mixer::Limiter;

use super::{FRAME_SAMPLES, Frame, StereoFrame};

/// The most that an ear gets, −1 dBFS.
const CEILING: f32 = 0.891_250_9;

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
    sums: [Frame; 2],
    limiters: [Limiter; 2],
    frame: StereoFrame,
}

impl Router {
    /// A router for these ears.
    pub fn new(ears: Ears) -> Self {
        let (sums, limiters) = ([[0.0; FRAME_SAMPLES]; 2], [Limiter::OPEN; 2]);
        Self { ears, sums, limiters, frame: [[0.0; 2]; FRAME_SAMPLES] }
    }

    /// Begins a frame with silence.
    pub fn clear(&mut self) {
        self.sums = [[0.0; FRAME_SAMPLES]; 2];
    }

    /// Adds a source to the frame, at a gain that moves evenly from the first to the second.
    pub fn add(&mut self, source: Source, sound: &Frame, [from, to]: [f32; 2]) {
        let step = (to - from) / FRAME_SAMPLES as f32;
        for (sum, gain) in self.sums.iter_mut().zip(self.ears.gains(source)) {
            if gain == 0.0 {
                continue;
            }
            for (n, (sum, sample)) in sum.iter_mut().zip(sound).enumerate() {
                *sum += gain * (from + step * (n + 1) as f32) * sample;
            }
        }
    }

    /// The frame, with all that was added.
    pub fn limited(&mut self) -> &StereoFrame {
        for (ear, (sum, limiter)) in self.sums.iter_mut().zip(&mut self.limiters).enumerate() {
            limiter.process(CEILING, sum);
            self.frame.iter_mut().zip(&*sum).for_each(|(out, sample)| out[ear] = *sample);
        }
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
            router.add(*source, &[*level; FRAME_SAMPLES], [1.0; 2]);
        }
        router.limited()[FRAME_SAMPLES - 1]
    }

    #[test]
    fn a_mix_is_in_both_ears_whatever_is_chosen() {
        for ears in [Ears::Both, Ears::Split] {
            assert_eq!(routed(ears, &[(Source::Mix, 0.125), (Source::Tone, 0.25)]), [0.375; 2]);
        }
    }

    #[test]
    fn split_ears_part_caller_and_whisper() {
        let both = [(Source::Caller, 0.125), (Source::Whisper, 0.25)];
        assert_eq!(routed(Ears::Split, &both), [0.125, 0.25]);
        assert_eq!(routed(Ears::Both, &both), [0.375; 2]);
        let with_tone = [(Source::Caller, 0.25), (Source::Tone, 0.125)];
        assert_eq!(routed(Ears::Split, &with_tone), [0.375, 0.125]);
    }

    #[test]
    fn a_gain_moves_evenly_and_nothing_is_louder_than_the_ceiling() {
        let mut router = Router::new(Ears::Both);
        router.add(Source::Caller, &[0.25; FRAME_SAMPLES], [1.0, 0.5]);
        let frame = router.limited();
        assert!((frame[479][0] - 0.1875).abs() < 1e-4 && (frame[959][1] - 0.125).abs() < 1e-6);
        let steps = frame.windows(2).map(|it| it[0][0] - it[1][0]);
        assert!(steps.into_iter().all(|step| step > 0.0 && step < 2e-4));
        for _ in 0..20 {
            router.clear();
            for _ in 0..4 {
                let loud = std::array::from_fn(|n| 0.9 * (n as f32 * 0.05).sin());
                router.add(Source::Mix, &loud, [1.0; 2]);
            }
            assert!(router.limited().iter().flatten().all(|it| it.abs() <= CEILING));
        }
    }
}
