//! The ring: two soft tones, a second and a half, then a pause. Pure.

use std::f32::consts::TAU;

use super::{Frame, SAMPLE_RATE_HZ};

/// The two tones of the ring, Hz, one after the other.
pub const RING_HZ: [f32; 2] = [660.0, 880.0];
/// Peak of the ring, of full scale.
const RING_PEAK: f32 = 0.2;
/// Each tone sounds for so long, samples (200 ms), four times in all.
const NOTE_SAMPLES: usize = SAMPLE_RATE_HZ as usize / 5;
const NOTES: usize = 4;
/// From one ring to the next, samples (three seconds).
const PERIOD_SAMPLES: usize = 3 * SAMPLE_RATE_HZ as usize;
/// Each tone fades in and out over 5 ms, so that it doesn't click.
const FADE_SAMPLES: usize = SAMPLE_RATE_HZ as usize / 200;

/// A ring that sounds from the beginning each time it is started.
#[derive(Debug, Default)]
pub struct Ring {
    place: usize,
}

impl Ring {
    /// Starts over.
    pub fn restart(&mut self) {
        self.place = 0;
    }

    /// Writes the next frame.
    pub fn fill(&mut self, frame: &mut Frame) {
        for sample in frame {
            *sample = ring_at(self.place);
            self.place = (self.place + 1) % PERIOD_SAMPLES;
        }
    }
}

fn ring_at(place: usize) -> f32 {
    let note = place / NOTE_SAMPLES;
    if note >= NOTES {
        return 0.0;
    }
    let within = place % NOTE_SAMPLES;
    let edge = within.min(NOTE_SAMPLES - within).min(FADE_SAMPLES) as f32 / FADE_SAMPLES as f32;
    let seconds = within as f32 / SAMPLE_RATE_HZ as f32;
    RING_PEAK * edge * (TAU * RING_HZ[note % 2] * seconds).sin()
}

#[cfg(test)]
mod tests {
    use client::probe::tone_dbfs;

    use super::*;
    use crate::audio::FRAME_SAMPLES;

    #[test]
    fn it_rings_and_pauses_and_rings_again() {
        let mut ring = Ring::default();
        let mut sound = Vec::new();
        let mut frame = [0.0; FRAME_SAMPLES];
        for _ in 0..2 * PERIOD_SAMPLES / FRAME_SAMPLES {
            ring.fill(&mut frame);
            sound.extend_from_slice(&frame);
        }
        for start in [0, PERIOD_SAMPLES] {
            let note = |n: usize| &sound[start + n * NOTE_SAMPLES..start + (n + 1) * NOTE_SAMPLES];
            assert!(tone_dbfs(note(0), RING_HZ[0]) > -16.0);
            assert!(tone_dbfs(note(1), RING_HZ[1]) > -16.0);
            assert!(tone_dbfs(note(1), RING_HZ[0]) < -40.0);
            assert!(note(5).iter().all(|sample| *sample == 0.0));
        }
        assert!(sound.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.03), "no click");
    }
}
