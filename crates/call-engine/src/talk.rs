//! Whether a source talks, and how loud it is while it does not.
//!
//! Told from what was decoded, never from what the sender says of itself in a header: whoever could claim to be silent
//! could keep out of a supervisor's ear while somebody else is forwarded.

use codec::FRAME_SAMPLES;
use jitter::Played;

/// A source counts as talking for so many frames after it does: 200 ms, a pause between words.
const HANGOVER_FRAMES: u8 = 10;
/// What is as loud as this counts as talking whatever its encoder says of it, dBov.
const LOUD_DBOV: f32 = -45.0;
/// Silence, dBov.
pub(crate) const SILENCE_DBOV: f32 = -127.0;
/// How fast the floor falls to a quieter frame, and rises to a louder one, as a share of the way: 40 ms and 400 ms.
const FALL: f32 = 0.5;
const RISE: f32 = 0.05;

/// What is known of one source, as one audience decodes it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Talk {
    hangover_frames: u8,
    floor_dbov: Option<f32>,
}

impl Talk {
    /// Takes what the last tick played of the source: its packet, and its sound.
    pub fn hear(&mut self, played: &Played, frame: Option<&[f32; FRAME_SAMPLES]>) {
        if played.is_missing() {
            // Whether somebody talked in what was lost, nobody knows: it is as it was.
            return;
        }
        let flag = match played.whole() {
            Some(packet) => codec::packet::speech_flag(packet.payload),
            None => played.is_silence().then_some(false),
        };
        let level_dbov = frame.map_or(SILENCE_DBOV, level_dbov);
        // Where no flag can be read it counts as talk, or nobody might hear it.
        if flag != Some(false) || level_dbov > LOUD_DBOV {
            self.hangover_frames = HANGOVER_FRAMES;
            return;
        }
        self.hangover_frames = self.hangover_frames.saturating_sub(1);
        let floor = self.floor_dbov.unwrap_or(level_dbov);
        let way = level_dbov - floor;
        self.floor_dbov = Some(floor + way * if way < 0.0 { FALL } else { RISE });
    }

    /// Whether the source talks, or did just now.
    pub fn is_on(&self) -> bool {
        self.hangover_frames > 0
    }

    /// How loud it is while it does not talk, dBov; `None`: not heard yet.
    pub fn floor_dbov(&self) -> Option<f32> {
        self.floor_dbov
    }
}

/// The mean square against full scale.
fn level_dbov(frame: &[f32; FRAME_SAMPLES]) -> f32 {
    // In lanes of their own so that the compiler can use vector instructions.
    let mut squares = [0.0f32; 8];
    for chunk in frame.chunks_exact(squares.len()) {
        squares.iter_mut().zip(chunk).for_each(|(square, sample)| *square += sample * sample);
    }
    let power = squares.iter().sum::<f32>() / FRAME_SAMPLES as f32;
    if power > 0.0 { (10.0 * power.log10()).max(SILENCE_DBOV) } else { SILENCE_DBOV }
}
