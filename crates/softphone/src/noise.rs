//! Takes the noise of a loud room out of what the microphone hears: RNNoise (Valin, 2018), as `nnnoiseless` has it.
//!
//! Off unless it is wished for: it costs 10 ms of delay and some sound of a voice, and a headset of an office has
//! suppression of its own. It deliberately does not decide who hears whom, or whether anybody does.

use nnnoiseless::DenoiseState;

use crate::audio::Frame;

/// It works on 10 ms at a time, in samples of 16 bit.
const PIECE: usize = DenoiseState::FRAME_SIZE;
const FULL_SCALE: f32 = 32_768.0;

/// The state of one microphone.
pub struct NoiseSuppressor {
    state: Box<DenoiseState<'static>>,
}

impl Default for NoiseSuppressor {
    fn default() -> Self {
        Self { state: DenoiseState::new() }
    }
}

impl NoiseSuppressor {
    /// Takes the noise out of the next 20 ms; they come 10 ms later.
    pub fn suppress(&mut self, frame: &mut Frame) {
        for piece in frame.chunks_exact_mut(PIECE) {
            let (mut noisy, mut clean) = ([0.0; PIECE], [0.0; PIECE]);
            noisy.iter_mut().zip(&*piece).for_each(|(to, from)| *to = from * FULL_SCALE);
            self.state.process_frame(&mut clean, &noisy);
            piece.iter_mut().zip(&clean).for_each(|(to, from)| *to = from / FULL_SCALE);
        }
    }
}
