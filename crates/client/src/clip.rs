//! Something to say: Opus frames made once, sent in real time as often as one likes.

use std::sync::Arc;
use std::time::Duration;

use codec::{
    CodecError, FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OPUS_PACKET_SAMPLES_MAX, OpusApplication,
    OpusDecoder, OpusEncoder, OpusEncoderConfig,
};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::media::{OpusFrame, SAMPLE_RATE_HZ, Station};
use crate::probe;

/// The pace of everything here.
pub const FRAME_DURATION: Duration = Duration::from_millis(20);
/// A pacer that is later than this lets the lost time go, instead of sending a burst that no
/// jitter buffer would take.
const LATE_MAX: Duration = Duration::from_millis(100);

/// After so many frames of a steady tone an encoder makes steady packets: half a second.
const TONE_LEAD_IN_FRAMES: usize = 25;

/// Frames of 20 ms, one after the other. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Clip {
    frames: Arc<[OpusFrame]>,
}

impl Clip {
    /// A clip of frames that exist already.
    pub fn new(frames: impl Into<Arc<[OpusFrame]>>) -> Self {
        Self { frames: frames.into() }
    }

    /// A clip of Opus packets, mono and 20 ms each. They stay as they are, and are decoded once, for
    /// their levels.
    ///
    /// # Errors
    /// A packet that is no Opus.
    pub fn from_packets(packets: &[Vec<u8>]) -> Result<Self, CodecError> {
        let mut decoder = OpusDecoder::new()?;
        let mut room = [0.0; OPUS_PACKET_SAMPLES_MAX];
        let frames = packets
            .iter()
            .map(|packet| {
                let samples = decoder.decode_into(packet, &mut room)?;
                Ok(OpusFrame::new(packet.clone(), probe::level_dbov(&room[..samples])))
            })
            .collect::<Result<Vec<_>, CodecError>>()?;
        Ok(Self::new(frames))
    }

    /// Encodes a mono signal at 48 kHz; an incomplete last frame is left out.
    ///
    /// # Errors
    /// A configuration that the codec refuses.
    pub fn encode(signal: &[f32], config: OpusEncoderConfig) -> Result<Self, CodecError> {
        let mut encoder = OpusEncoder::new(config)?;
        let mut packet = [0; OPUS_PACKET_BYTES_MAX];
        let (frames, _) = signal.as_chunks::<FRAME_SAMPLES>();
        let frames = frames
            .iter()
            .map(|frame| {
                let bytes = encoder.encode_into(frame, &mut packet)?;
                let payload = packet[..bytes].to_vec();
                Ok(OpusFrame::new(payload, probe::level_dbov(frame)))
            })
            .collect::<Result<Vec<_>, CodecError>>()?;
        Ok(Self::new(frames))
    }

    /// A sine, to be recognised at the far end. Whole seconds of whole hertz repeat without a jump:
    /// the encoder is given some of it beforehand, for its first frames fade in. Encoded in the
    /// layer that keeps tones as they are, however its packets are cut and joined on the way.
    ///
    /// # Errors
    /// None in practice: [`CodecError::Library`] when libopus has no memory.
    pub fn tone(
        frequency_hz: f32,
        level_dbfs: f32,
        duration: Duration,
    ) -> Result<Self, CodecError> {
        let samples = (duration.as_secs_f64() * f64::from(SAMPLE_RATE_HZ)) as usize;
        let lead_in = TONE_LEAD_IN_FRAMES * FRAME_SAMPLES;
        let signal = probe::sine(frequency_hz, level_dbfs, lead_in + samples);
        let application = OpusApplication::LowDelay;
        let config = OpusEncoderConfig { application, ..OpusEncoderConfig::default() };
        let clip = Self::encode(&signal, config)?;
        Ok(Self::new(&clip.frames[TONE_LEAD_IN_FRAMES..]))
    }

    /// The frames.
    pub fn frames(&self) -> &[OpusFrame] {
        &self.frames
    }

    /// How long it takes to say.
    pub fn duration(&self) -> Duration {
        FRAME_DURATION * u32::try_from(self.frames.len()).unwrap_or(u32::MAX)
    }

    /// Says the clip over and over, until the [`Speech`] is dropped or the station ends.
    pub fn repeat(&self, station: Arc<Station>) -> Speech {
        let clip = self.clone();
        Speech(tokio::spawn(async move {
            let mut pacer = Pacer::start();
            for frame in clip.frames.iter().cycle() {
                pacer.tick().await;
                if station.send(frame).await.is_err() {
                    break;
                }
            }
        }))
    }
}

/// Speech under way; dropping it ends it.
#[derive(Debug)]
pub struct Speech(JoinHandle<()>);

impl Drop for Speech {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Real time in steps of 20 ms, by absolute deadlines: a late step makes up for it in the next.
#[derive(Debug)]
pub struct Pacer {
    due: Instant,
}

impl Pacer {
    /// The first tick is due at once.
    pub fn start() -> Self {
        Self::from(Instant::now())
    }

    /// The first tick is due then.
    pub fn from(due: Instant) -> Self {
        Self { due }
    }

    /// Waits for the next tick. Cancel-safe.
    pub async fn tick(&mut self) {
        tokio::time::sleep_until(self.due).await;
        self.due = due_after(self.due, Instant::now());
    }
}

fn due_after(due: Instant, now: Instant) -> Instant {
    let next = due + FRAME_DURATION;
    if now > next + LATE_MAX { now } else { next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_becomes_frames_with_levels() {
        let clip = Clip::tone(440.0, -20.0, Duration::from_millis(110)).unwrap();
        assert_eq!(clip.frames().len(), 5);
        assert_eq!(clip.duration(), Duration::from_millis(100));
        assert!(clip.frames().iter().all(|f| f.level_dbov == 23 && f.voice));
    }

    #[test]
    fn packets_become_frames_with_the_levels_of_their_sound() {
        let tone = Clip::tone(440.0, -20.0, Duration::from_secs(1)).unwrap();
        let packets: Vec<_> = tone.frames().iter().map(|frame| frame.payload.to_vec()).collect();
        let clip = Clip::from_packets(&packets).unwrap();
        assert_eq!(clip.frames()[40], tone.frames()[40]);
        assert!(Clip::from_packets(&[Vec::new()]).is_err());
    }

    #[test]
    fn the_pacer_makes_up_small_delays_and_forgets_large_ones() {
        let due = Instant::now();
        let after = |late_ms| due_after(due, due + Duration::from_millis(late_ms)) - due;
        assert_eq!(after(0), FRAME_DURATION);
        assert_eq!(after(50), FRAME_DURATION);
        assert_eq!(after(120), FRAME_DURATION);
        assert_eq!(after(121), Duration::from_millis(121));
    }
}
