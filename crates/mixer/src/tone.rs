//! The server's own tones: sines with raised-cosine edges, computed from a position alone.
//!
//! No table and no oscillator state: two listeners at the same position hear the same samples, and
//! a frame goes on where the last one ended.

use interaction::Tone;

use crate::{Frame, MixerConfig, SAMPLE_RATE_HZ, SAMPLES_PER_MS, ToneConfig};

/// Rise and fall of a burst, 5 ms: no click.
const EDGE_SAMPLES: u32 = 5 * SAMPLES_PER_MS;

/// The tones of one call, ready to be rendered.
#[derive(Clone, Debug)]
pub(crate) struct Tones {
    shapes: [Shape; Tone::ALL.len()],
}

/// Where a listener is in a tone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Playback {
    /// Samples since its beginning.
    position: u32,
    /// It was cued while it sounded, and is to sound once more.
    again: bool,
}

#[derive(Clone, Copy, Debug)]
struct Shape {
    radians_per_sample: f64,
    amplitude: f32,
    on_samples: u32,
    off_samples: u32,
    /// From the beginning of the first burst to the end of the last.
    samples: u32,
    /// After which it begins anew, by itself.
    repeat_samples: Option<u32>,
}

/// A tone from its beginning to its end, once.
pub fn tone_frames(config: &MixerConfig, tone: Tone) -> Vec<Frame> {
    let shape = &Tones::new(config).shapes[tone as usize];
    let frame = |position: u32| {
        let mut frame = [0.0; crate::FRAME_SAMPLES];
        shape.render(position, &mut frame);
        frame
    };
    (0..shape.samples).step_by(crate::FRAME_SAMPLES).map(frame).collect()
}

impl Tones {
    /// From a configuration that was checked.
    pub fn new(config: &MixerConfig) -> Self {
        let shapes = Tone::ALL.map(|tone| match tone {
            Tone::WhisperBeep => Shape::new(&config.whisper_beep, None),
            Tone::Barge => Shape::new(&config.barge_tone, None),
            Tone::Hold => Shape::new(&config.hold_tone, Some(config.hold_period_ms)),
        });
        Self { shapes }
    }

    /// Writes the frame that begins at the playback's position; `false`: it is all silence.
    pub fn render(&self, tone: Tone, playback: Playback, out: &mut Frame) -> bool {
        self.shapes[tone as usize].render(playback.position, out)
    }

    /// Where the playback is one frame later; `None`: the tone is over.
    pub fn advance(&self, tone: Tone, playback: Playback) -> Option<Playback> {
        let shape = &self.shapes[tone as usize];
        let position = playback.position + crate::FRAME_SAMPLES as u32;
        match shape.repeat_samples {
            Some(period) => Some(Playback { position: position % period, again: false }),
            None if position < shape.samples => Some(Playback { position, ..playback }),
            None => playback.again.then(Playback::default),
        }
    }
}

impl Playback {
    /// Nothing of it has been heard yet.
    pub fn is_beginning(self) -> bool {
        self.position == 0
    }

    /// In which of its frames it is.
    pub fn frame(self) -> usize {
        self.position as usize / crate::FRAME_SAMPLES
    }

    /// Sounds once more when it is over.
    pub fn repeat_once(&mut self) {
        self.again = true;
    }
}

impl Shape {
    fn new(config: &ToneConfig, repeat_ms: Option<u32>) -> Self {
        let frequency = f64::from(config.frequency_hz);
        Self {
            radians_per_sample: std::f64::consts::TAU * frequency / f64::from(SAMPLE_RATE_HZ),
            amplitude: 10f32.powf(config.level_dbfs / 20.0),
            on_samples: config.on_ms * SAMPLES_PER_MS,
            off_samples: config.off_ms * SAMPLES_PER_MS,
            samples: config.duration_ms() * SAMPLES_PER_MS,
            repeat_samples: repeat_ms.map(|ms| ms * SAMPLES_PER_MS),
        }
    }

    fn render(&self, position: u32, out: &mut Frame) -> bool {
        let angle = self.radians_per_sample * f64::from(position);
        let (mut sine, mut cosine) = angle.sin_cos();
        let (step_sine, step_cosine) = self.radians_per_sample.sin_cos();
        let mut is_heard = false;
        for (position, sample) in (position..).zip(out.iter_mut()) {
            let envelope = self.envelope(position);
            is_heard |= envelope > 0.0;
            *sample = self.amplitude * envelope * sine as f32;
            (sine, cosine) =
                (sine * step_cosine + cosine * step_sine, cosine * step_cosine - sine * step_sine);
        }
        is_heard
    }

    /// 0 outside the bursts, 1 within, a raised cosine between.
    fn envelope(&self, position: u32) -> f32 {
        let position = self.repeat_samples.map_or(position, |period| position % period);
        let in_burst = position % (self.on_samples + self.off_samples);
        if position >= self.samples || in_burst >= self.on_samples {
            return 0.0;
        }
        let to_edge = in_burst.min(self.on_samples - 1 - in_burst);
        if to_edge >= EDGE_SAMPLES {
            return 1.0;
        }
        let way = (to_edge as f32 + 0.5) / EDGE_SAMPLES as f32;
        0.5 - 0.5 * (std::f32::consts::PI * way).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FRAME_SAMPLES;

    /// A tone as a listener gets it, frame by frame, until it ends or `frames_max` are over.
    fn played(config: &MixerConfig, tone: Tone, frames_max: usize) -> Vec<f32> {
        let tones = Tones::new(config);
        let mut sound = Vec::new();
        let mut playback = Some(Playback::default());
        while let Some(now) = playback.filter(|_| sound.len() < frames_max * FRAME_SAMPLES) {
            let mut frame = [9.0; FRAME_SAMPLES];
            let is_heard = tones.render(tone, now, &mut frame);
            assert_eq!(is_heard, frame.iter().any(|sample| *sample != 0.0));
            sound.extend(frame);
            playback = tones.advance(tone, now);
        }
        sound
    }

    #[test]
    fn the_beep_is_two_bursts_of_the_configured_length_and_level() {
        let beep = played(&MixerConfig::default(), Tone::WhisperBeep, 100);
        assert_eq!(beep.len(), 13 * FRAME_SAMPLES, "260 ms");
        let burst = 4_800;
        let peak = |range: std::ops::Range<usize>| {
            beep[range].iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()))
        };
        for begin in [0, burst + 2_880] {
            let peak = peak(begin..begin + burst);
            assert!((0.0995..=0.1).contains(&peak), "−20 dBFS is 0.1, not {peak}");
        }
        assert_eq!(peak(burst..burst + 2_880), 0.0, "the gap");
    }

    #[test]
    fn tones_do_not_click() {
        // Steps in a sine of amplitude 0.1 at 880 Hz are at most 0.1 × 2π × 880 / 48000.
        let beep = played(&MixerConfig::default(), Tone::WhisperBeep, 100);
        let step_max = beep.windows(2).map(|it| (it[1] - it[0]).abs()).fold(0.0, f32::max);
        assert!(step_max < 0.011_6, "{step_max}");
        assert!(beep[0].abs() < 1e-4 && beep[beep.len() - 1].abs() < 1e-4);
    }

    #[test]
    fn the_sine_is_continuous_over_frames() {
        let config = MixerConfig::default();
        let tone = played(&config, Tone::Barge, 100);
        let radians = std::f64::consts::TAU * 620.0 / 48_000.0;
        for (index, sample) in tone.iter().enumerate().take(14_000).skip(1_000) {
            let expected = 0.1 * (radians * index as f64).sin();
            assert!((f64::from(*sample) - expected).abs() < 1e-6, "sample {index}");
        }
    }

    #[test]
    fn the_hold_tone_repeats_for_ever() {
        let config = MixerConfig { hold_period_ms: 1_010, ..MixerConfig::default() };
        let sound = played(&config, Tone::Hold, 200);
        let period = 1_010 * 48;
        let rounds = sound.len() / period;
        assert_eq!(rounds, 3);
        assert!(sound[450 * 48..period].iter().all(|sample| *sample == 0.0), "the pause");
        let energy = |round: usize| -> f32 {
            sound[round * period..][..period].iter().map(|sample| sample * sample).sum()
        };
        assert!(energy(0) > 0.0);
        assert!((energy(2) / energy(0) - 1.0).abs() < 0.01);
    }

    #[test]
    fn a_repeated_cue_sounds_once_more() {
        let tones = Tones::new(&MixerConfig::default());
        let mut playback = Playback::default();
        playback.repeat_once();
        playback.repeat_once();
        let mut frames = 1;
        while let Some(next) = tones.advance(Tone::WhisperBeep, playback) {
            playback = next;
            frames += 1;
        }
        assert_eq!(frames, 26);
    }
}
