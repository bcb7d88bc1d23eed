//! Packets and frames of the demo recordings.

use anyhow::Context;
use codec::FRAME_SAMPLES;
use recordings::Recording;

/// Frames that are used of each recording: 20 s.
const FRAMES: usize = 1_000;

/// Which party of which recording.
#[derive(Clone, Copy, Debug)]
pub enum SpeechOf {
    /// The customer of `support-invoice`.
    Caller,
    /// The agent of `support-invoice`.
    Agent,
    /// The agent of `sales-upgrade`: somebody who speaks independently of those two.
    Supervisor,
}

/// One party's speech: 20 ms a packet, and the same decoded.
pub struct Speech {
    /// Opus packets, mono, one frame each.
    pub packets: Vec<Vec<u8>>,
    /// What they decode to.
    pub frames: Vec<[f32; FRAME_SAMPLES]>,
}

impl Speech {
    /// Reads 20 s of a recording.
    ///
    /// # Errors
    /// The recording is missing, or not as `assets/calls/README.md` describes it.
    pub fn read(of: SpeechOf) -> anyhow::Result<Self> {
        let (name, right) = match of {
            SpeechOf::Caller => ("support-invoice", false),
            SpeechOf::Agent => ("support-invoice", true),
            SpeechOf::Supervisor => ("sales-upgrade", true),
        };
        let recordings = Recording::demo_calls()?;
        let recording = recordings.into_iter().find(|it| it.name == name).context(name)?;
        let mut packets = if right { recording.agent } else { recording.caller };
        packets.truncate(FRAMES);
        let frames = recordings::decode(&packets)?.as_chunks().0.to_vec();
        Ok(Self { packets, frames })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recordings_hold_speech_of_both_parties() {
        for of in [SpeechOf::Caller, SpeechOf::Agent, SpeechOf::Supervisor] {
            let speech = Speech::read(of).expect("a recording of the repository");
            let is_loud = |frame: &&[f32; FRAME_SAMPLES]| frame.iter().any(|it| it.abs() > 0.1);
            let loud = speech.frames.iter().filter(is_loud).count();
            assert!((100..900).contains(&loud), "{of:?}: {loud} of {FRAMES} frames");
        }
    }
}
