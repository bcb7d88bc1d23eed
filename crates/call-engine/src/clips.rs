//! The server's tones as packets, encoded once and played to many: for stations that get tracks.

use codec::{CodecError, OPUS_PACKET_BYTES_MAX, OpusEncoderConfig};
use interaction::Tone;
use mixer::{ConfigError, FRAME_SAMPLES, MixerConfig};

use crate::encoding::{Encoding, SILENT_FRAMES_SENT};

/// Every tone, frame by frame, with some silence at its end.
#[derive(Clone, Debug)]
pub struct ToneClips {
    clips: [Vec<Vec<u8>>; Tone::ALL.len()],
}

/// Why tones cannot be encoded.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ToneClipsError {
    /// Of the tones.
    #[error("{0}")]
    Tones(#[from] ConfigError),
    /// Of the encoder.
    #[error("{0}")]
    Encoder(#[from] CodecError),
}

impl ToneClips {
    /// Encodes the tones of a configuration: some milliseconds of work, for the start of a process.
    ///
    /// # Errors
    /// A configuration is out of its limits.
    pub fn encode(tones: &MixerConfig, encoder: OpusEncoderConfig) -> Result<Self, ToneClipsError> {
        tones.check()?;
        let clip = |tone| clip(tones, encoder, tone);
        let [beep, barge, hold] = Tone::ALL.map(clip);
        Ok(Self { clips: [beep?, barge?, hold?] })
    }

    /// The packets of a tone, 20 ms each.
    pub(crate) fn of(&self, tone: Tone) -> &[Vec<u8>] {
        &self.clips[tone as usize]
    }
}

fn clip(
    tones: &MixerConfig,
    encoder: OpusEncoderConfig,
    tone: Tone,
) -> Result<Vec<Vec<u8>>, CodecError> {
    let mut encoding = Encoding::new(encoder)?;
    let silence = std::iter::repeat_n([0.0; FRAME_SAMPLES], SILENT_FRAMES_SENT as usize);
    let frames = mixer::tone_frames(tones, tone).into_iter().chain(silence);
    let packet = |(tick, frame): (usize, mixer::Frame)| {
        let mut out = [0; OPUS_PACKET_BYTES_MAX];
        let length = encoding.encode_tone(tick as u64 + 1, tone, &frame, &mut out);
        out[..length.unwrap_or(0)].to_vec()
    };
    Ok(frames.enumerate().map(packet).collect())
}

#[cfg(test)]
mod tests {
    use codec::{OPUS_PACKET_SAMPLES_MAX, OpusDecoder};

    use super::*;

    #[test]
    fn a_clip_sounds_like_its_tone_and_ends_in_silence() {
        let config = MixerConfig::default();
        let clips = ToneClips::encode(&config, OpusEncoderConfig::default()).unwrap();
        let clip = clips.of(Tone::WhisperBeep);
        assert_eq!(clip.len(), 13 + SILENT_FRAMES_SENT as usize);
        let mut decoder = OpusDecoder::new().unwrap();
        let mut room = [0.0; OPUS_PACKET_SAMPLES_MAX];
        let rms = |packet: &Vec<u8>| {
            let samples = decoder.decode_into(packet, &mut room).unwrap();
            assert_eq!(samples, FRAME_SAMPLES);
            let power: f32 = room[..samples].iter().map(|it| it * it).sum();
            (power / samples as f32).sqrt()
        };
        let levels: Vec<f32> = clip.iter().map(rms).collect();
        // −20 dBFS is a sine of 0.1, whose RMS is 0.07.
        assert!(levels[1..4].iter().all(|it| (0.05..0.09).contains(it)), "{levels:?}");
        assert!(levels[levels.len() - 1] < 0.001, "{levels:?}");
    }
}
