//! What a party says.

use codec::{FRAME_SAMPLES, SAMPLE_RATE_HZ};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// A sound without an end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Signal {
    /// Nothing is sent at all.
    Mute,
    /// Digital silence is sent.
    Silence,
    /// A sine.
    Tone {
        /// Hz.
        hz: f32,
        /// Peak level, dBFS.
        dbfs: f32,
    },
    /// Noise that is its own fingerprint: made of the seed, held to the middle of the telephone
    /// band, so that a matched filter finds it behind a codec, and finds no other.
    Pilot {
        /// Different seeds are uncorrelated.
        seed: u64,
        /// RMS level, dBFS.
        dbfs: f32,
    },
    /// What somebody said, 48 kHz, from its beginning and over again.
    Speech(&'static [f32]),
}

impl Signal {
    /// The first `count` samples of the signal.
    pub fn samples(self, count: usize) -> Vec<f32> {
        let mut voice = Voice::new(self);
        (0..count).map(|_| voice.sample()).collect()
    }
}

/// The middle of a pilot's band, Hz; it is about two octaves wide.
const PILOT_CENTRE_HZ: f32 = 1_000.0;
/// RMS of a pilot before it is scaled: uniform noise behind the band-pass, as measured.
const PILOT_RMS: f32 = 0.195;

/// Makes the samples of one signal, in order.
#[derive(Debug)]
pub(crate) struct Voice {
    signal: Signal,
    random: StdRng,
    band: BandPass,
    index: u64,
}

impl Voice {
    pub fn new(signal: Signal) -> Self {
        let seed = if let Signal::Pilot { seed, .. } = signal { seed } else { 0 };
        let random = StdRng::seed_from_u64(seed);
        Self { signal, random, band: BandPass::new(PILOT_CENTRE_HZ), index: 0 }
    }

    /// The next 20 ms; `None`: nothing is to be sent.
    pub fn frame(&mut self) -> Option<[f32; FRAME_SAMPLES]> {
        let frame = std::array::from_fn(|_| self.sample());
        (self.signal != Signal::Mute).then_some(frame)
    }

    fn sample(&mut self) -> f32 {
        let t = self.index as f64 / f64::from(SAMPLE_RATE_HZ);
        let index = self.index as usize;
        self.index += 1;
        match self.signal {
            Signal::Mute | Signal::Silence => 0.0,
            Signal::Tone { hz, dbfs } => {
                let turns = (f64::from(hz) * t).fract();
                amplitude(dbfs) * (std::f64::consts::TAU * turns).sin() as f32
            }
            Signal::Pilot { dbfs, .. } => {
                let noise = self.random.random_range(-1.0..1.0);
                self.band.pass(noise) * amplitude(dbfs) / PILOT_RMS
            }
            Signal::Speech(sound) => sound[index % sound.len()],
        }
    }
}

/// A band-pass of second order, 0 dB at its centre (RBJ audio EQ cookbook, Q = 0.5).
#[derive(Debug)]
struct BandPass {
    b0: f32,
    a1: f32,
    a2: f32,
    inputs: [f32; 2],
    outputs: [f32; 2],
}

impl BandPass {
    fn new(centre_hz: f32) -> Self {
        let omega = std::f32::consts::TAU * centre_hz / SAMPLE_RATE_HZ as f32;
        let alpha = omega.sin();
        let a0 = 1.0 + alpha;
        Self {
            b0: alpha / a0,
            a1: -2.0 * omega.cos() / a0,
            a2: (1.0 - alpha) / a0,
            inputs: [0.0; 2],
            outputs: [0.0; 2],
        }
    }

    fn pass(&mut self, input: f32) -> f32 {
        let output = self.b0 * (input - self.inputs[1])
            - self.a1 * self.outputs[0]
            - self.a2 * self.outputs[1];
        self.inputs = [input, self.inputs[0]];
        self.outputs = [output, self.outputs[0]];
        output
    }
}

fn amplitude(dbfs: f32) -> f32 {
    10f32.powf(dbfs / 20.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listen;

    #[test]
    fn a_pilot_has_its_level_and_is_found_by_no_other() {
        let pilot = Signal::Pilot { seed: 7, dbfs: -20.0 }.samples(96_000);
        assert!((listen::rms_dbfs(&pilot) + 20.0).abs() < 0.5, "{}", listen::rms_dbfs(&pilot));
        let other = Signal::Pilot { seed: 8, dbfs: -20.0 }.samples(48_000);
        assert!(listen::find(&pilot, &pilot[..48_000], 4_800).sigma > 20.0);
        assert!(listen::find(&pilot, &other, 4_800).sigma < 6.0);
    }
}
