//! Packets and frames of the demo recordings.

use std::path::Path;

use anyhow::{Context, bail};
use codec::{FRAME_SAMPLES, OpusDecoder};

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
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../assets/calls")
            .join(name)
            .with_extension("opus");
        let file = std::fs::File::open(&path).with_context(|| path.display().to_string())?;
        let mut reader = ogg::PacketReader::new(std::io::BufReader::new(file));
        for _header in 0..2 {
            reader.read_packet_expected()?;
        }
        let mut decoder = OpusDecoder::new()?;
        let mut speech = Self { packets: Vec::new(), frames: Vec::new() };
        while speech.packets.len() < FRAMES {
            let (left_packet, right_packet) = split(&reader.read_packet_expected()?.data)?;
            let packet = if right { right_packet } else { left_packet };
            let mut frame = [0.0; FRAME_SAMPLES];
            decoder.decode_into(&packet, &mut frame)?;
            speech.packets.push(packet);
            speech.frames.push(frame);
        }
        Ok(speech)
    }
}

/// A packet of two uncoupled streams (RFC 7845 §5.1.1) as two ordinary ones: the left one is
/// self-delimiting (RFC 6716, appendix B), one frame each.
fn split(data: &[u8]) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    let (length, begin) = match *data {
        [_, length @ 0..=251, ..] => (usize::from(length), 2),
        [_, first, second, ..] => (4 * usize::from(second) + usize::from(first), 3),
        _ => bail!("a packet of {} bytes holds no two streams", data.len()),
    };
    let rest = &data[begin..];
    if length >= rest.len() || data[0] & 3 != 0 {
        bail!("the left packet is no single self-delimited frame");
    }
    let (frame, right) = rest.split_at(length);
    Ok(([&data[..1], frame].concat(), right.to_vec()))
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
