//! Is the far end's sound found in the microphone? Then the user is on a loudspeaker, and a whisper would reach the
//! caller.
//!
//! Pure. Both signals are brought down to 2 kHz and sharpened; twice a second the last second of the microphone is
//! correlated with what was played up to a second before. An echo is the same sound again and again at about the same
//! delay; two people who talk, even at once, are not. It warns and removes nothing: a headset is assumed.

use std::collections::VecDeque;

use crate::audio::{FRAME_SAMPLES, Frame};

/// From 48 kHz to 2 kHz.
const DECIMATION: usize = 24;
/// Samples at 2 kHz in a frame.
const STEP: usize = FRAME_SAMPLES / DECIMATION;
/// A second of the microphone is looked at.
const WINDOW: usize = 2_000;
/// The longest way round: playout, air, capture. A Bluetooth loudspeaker alone takes up to half a second.
const LAG_MAX: usize = 2_000;
/// Twice a second.
const FRAMES_A_LOOK: usize = 25;
/// A correlation from here on may be an echo.
const CORRELATION_MIN: f32 = 0.3;
/// From look to look the delay of an echo stays within so many samples (25 ms). It is not steadier than the buffers on its
/// way, which are steered between clocks, and which a busy machine fills late.
const LAG_SPREAD: usize = 50;
/// Quieter than that (RMS of the sharpened signal) nothing is decided.
const FAR_RMS_MIN: f32 = 0.002;
const NEAR_RMS_MIN: f32 = 0.000_3;
/// So many looks more for than against make an echo: three seconds of the far end's speech.
const SCORE_WARN: u32 = 6;
/// After it is over the warning stays for a while.
const SCORE_MAX: u32 = 14;

/// Looks for an echo, frame by frame.
#[derive(Debug)]
pub struct EchoWatch {
    far: Lane,
    near: Lane,
    frames: usize,
    score: u32,
    lag: Option<usize>,
    is_echo: bool,
}

impl Default for EchoWatch {
    fn default() -> Self {
        let (far, near) = (Lane::new(WINDOW + LAG_MAX), Lane::new(WINDOW));
        Self { far, near, frames: 0, score: 0, lag: None, is_echo: false }
    }
}

impl EchoWatch {
    /// Takes what was played and what the microphone heard in the same 20 ms. `Some`: the answer has changed.
    pub fn push(&mut self, played: &Frame, heard: &Frame) -> Option<bool> {
        self.far.push(played);
        self.near.push(heard);
        self.frames += 1;
        if !self.frames.is_multiple_of(FRAMES_A_LOOK) || !self.near.is_full() {
            return None;
        }
        let before = self.is_echo;
        match self.look() {
            Some(true) => self.score = (self.score + 1).min(SCORE_MAX),
            Some(false) => self.score = self.score.saturating_sub(1),
            None => {}
        }
        if self.score >= SCORE_WARN {
            self.is_echo = true;
        } else if self.score == 0 {
            self.is_echo = false;
        }
        (self.is_echo != before).then_some(self.is_echo)
    }

    /// Whether there is one.
    pub fn is_echo(&self) -> bool {
        self.is_echo
    }

    /// Forgets everything: a new call, or another device.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// One look; `None`: the far end is silent, so nothing can be said.
    fn look(&mut self) -> Option<bool> {
        let near = self.near.samples.make_contiguous();
        let far = self.far.samples.make_contiguous();
        if rms(&far[..WINDOW]).max(rms(&far[far.len() - WINDOW..])) < FAR_RMS_MIN {
            return None;
        }
        if rms(near) < NEAR_RMS_MIN {
            return Some(false);
        }
        let (lag, correlation) = best_lag(far, near);
        if correlation < CORRELATION_MIN {
            self.lag = None;
            return Some(false);
        }
        let is_same = self.lag.is_some_and(|last| last.abs_diff(lag) <= LAG_SPREAD);
        self.lag = Some(lag);
        Some(is_same)
    }
}

/// The lag at which the microphone is most like what was played, and how much (0 … 1).
fn best_lag(far: &[f32], near: &[f32]) -> (usize, f32) {
    let near_energy = energy(near);
    let mut best = (0, 0.0);
    // The newest part of `far` has lag 0.
    let newest = far.len() - WINDOW;
    let mut far_energy = energy(&far[newest..]);
    for lag in 0..=newest {
        let start = newest - lag;
        let window = &far[start..start + WINDOW];
        if far_energy > WINDOW as f32 * FAR_RMS_MIN * FAR_RMS_MIN {
            let product: f32 = dot(window, near);
            let correlation = product.abs() / (far_energy * near_energy).sqrt();
            if correlation > best.1 {
                best = (lag, correlation);
            }
        }
        if start > 0 {
            let (enters, leaves) = (far[start - 1], far[start + WINDOW - 1]);
            far_energy = (far_energy + enters * enters - leaves * leaves).max(0.0);
        }
    }
    best
}

/// In eight sums at once, which compilers turn into vector code.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (mut sums, (a, _), (b, _)) = ([0.0; 8], a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

fn energy(signal: &[f32]) -> f32 {
    signal.iter().map(|sample| sample * sample).sum()
}

fn rms(signal: &[f32]) -> f32 {
    (energy(signal) / signal.len().max(1) as f32).sqrt()
}

/// The last samples of a signal at 2 kHz, sharpened.
#[derive(Debug)]
struct Lane {
    samples: VecDeque<f32>,
    samples_max: usize,
    last: f32,
}

impl Lane {
    fn new(samples_max: usize) -> Self {
        // Silence before the beginning.
        let samples = std::iter::repeat_n(0.0, samples_max).collect();
        Self { samples, samples_max, last: 0.0 }
    }

    fn push(&mut self, frame: &Frame) {
        let (groups, _) = frame.as_chunks::<DECIMATION>();
        for group in groups {
            // A plain mean is filter enough: both lanes alias alike.
            let mean = group.iter().sum::<f32>() / DECIMATION as f32;
            // Speech is strongest where it is least distinct: differences show the beginnings.
            let sharp = mean - 0.9 * self.last;
            self.last = mean;
            self.samples.push_back(sharp);
        }
        debug_assert_eq!(groups.len(), STEP);
        while self.samples.len() > self.samples_max {
            self.samples.pop_front();
        }
    }

    fn is_full(&self) -> bool {
        self.samples.len() == self.samples_max
    }
}

#[cfg(test)]
mod tests {
    use recordings::Recording;

    use super::*;

    /// What both parties of a demo call say, 48 kHz.
    fn call() -> [Vec<f32>; 2] {
        let recordings = Recording::demo_calls().unwrap();
        let recording = recordings.into_iter().next().unwrap();
        [recording.caller, recording.agent].map(|side| recordings::decode(&side).unwrap())
    }

    /// A loudspeaker in a room: direct sound after so many samples and two reflections, `gain` at the microphone.
    fn in_a_room(sound: &[f32], delay: usize, gain: f32) -> Vec<f32> {
        let at = |n: usize, delay: usize| if n >= delay { sound[n - delay] } else { 0.0 };
        let echo = |n| at(n, delay) + 0.5 * at(n, delay + 700) - 0.35 * at(n, delay + 1_900);
        (0..sound.len()).map(|n| gain * echo(n)).collect()
    }

    /// What a voice says without its pauses.
    fn dense(sound: &[f32]) -> Vec<f32> {
        let frames = sound.as_chunks::<FRAME_SAMPLES>().0.iter();
        frames.filter(|frame| rms(&frame[..]) > 0.001).flatten().copied().collect()
    }

    fn sum(a: &[f32], b: &[f32]) -> Vec<f32> {
        a.iter().zip(b).map(|(a, b)| a + b).collect()
    }

    /// When the answer changed, s, and to what.
    fn changes(watch: &mut EchoWatch, played: &[f32], heard: &[f32]) -> Vec<(f32, bool)> {
        let frames = played.as_chunks::<FRAME_SAMPLES>().0.iter().zip(heard.as_chunks().0);
        let changed = |(n, (played, heard)): (usize, (&Frame, &Frame))| {
            watch.push(played, heard).map(|is_echo| (n as f32 / 50.0, is_echo))
        };
        frames.enumerate().filter_map(changed).collect()
    }

    #[test]
    fn a_loudspeaker_is_found_within_seconds_even_under_the_agents_voice() {
        let [caller, agent] = call();
        // 190 ms, and a wireless one.
        for (delay, gain) in [(9_000, 0.5), (9_000, 0.1), (40_000, 0.2)] {
            let echo = in_a_room(&caller, delay, gain);
            for heard in [echo.clone(), sum(&echo, &agent)] {
                let found = changes(&mut EchoWatch::default(), &caller, &heard);
                let is_soon = matches!(found[..], [(at, true), ..] if at < 25.0);
                assert!(is_soon, "{delay} samples, {gain}: {found:?}");
            }
        }
    }

    #[test]
    fn a_loudspeaker_behind_unsteady_buffers_is_found() {
        let [caller, _] = call();
        let near = in_a_room(&caller, 9_000, 0.3);
        let late = in_a_room(&caller, 9_000 + 960, 0.3);
        // 20 ms to and fro, every 0.7 s.
        let at = |n: usize| if (n / 33_600).is_multiple_of(2) { near[n] } else { late[n] };
        let heard: Vec<f32> = (0..caller.len()).map(at).collect();
        let found = changes(&mut EchoWatch::default(), &caller, &heard);
        assert!(matches!(found[..], [(at, true), ..] if at < 25.0), "{found:?}");
    }

    #[test]
    fn a_headset_is_never_suspected() {
        let [caller, agent] = call();
        assert_eq!(changes(&mut EchoWatch::default(), &caller, &agent), []);
        // Both talk all the time: one of them is another call's voice.
        let turned: Vec<f32> = caller.iter().rev().copied().collect();
        assert_eq!(changes(&mut EchoWatch::default(), &caller, &turned), []);
        let silence = vec![0.0; caller.len()];
        assert_eq!(changes(&mut EchoWatch::default(), &caller, &silence), []);
        assert_eq!(changes(&mut EchoWatch::default(), &silence, &agent), []);
        // Nor two who never stop.
        let (caller, agent) = (dense(&caller), dense(&agent));
        let length = caller.len().min(agent.len());
        assert_eq!(changes(&mut EchoWatch::default(), &caller[..length], &agent[..length]), []);
    }

    #[test]
    fn putting_the_headset_on_ends_the_warning() {
        let [caller, agent] = call();
        let mut watch = EchoWatch::default();
        let found = changes(&mut watch, &caller, &in_a_room(&caller, 9_000, 0.3));
        assert_eq!(found.last().map(|(_, is_echo)| *is_echo), Some(true));
        let then = changes(&mut watch, &caller, &agent);
        assert!(matches!(then[..], [(_, false)]), "{then:?}");
    }
}
