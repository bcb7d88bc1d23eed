//! What comes over the line, played: a playout buffer and a decoder for each source, and the ears that each goes to.
//!
//! The server sends one track today, everybody's mix. This plays any number of them; only with a track for each source
//! can [`Ears::Split`] part the caller from a whisper.

use std::time::Instant;

use client::media::RtpReceived;
use codec::CodecError;
use jitter::{JitterConfig, JitterStats, Receiver};
use tokio::sync::mpsc;

use crate::audio::router::{Ears, Router, Source};
use crate::audio::{Frame, StereoFrame};

/// Plays what comes over the line.
pub struct Playout {
    router: Router,
    tracks: Vec<Track>,
}

struct Track {
    source: Source,
    packets: mpsc::Receiver<RtpReceived>,
    receiver: Box<Receiver>,
}

impl Playout {
    /// Nothing comes yet.
    pub fn new(ears: Ears) -> Self {
        Self { router: Router::new(ears), tracks: Vec::new() }
    }

    /// From now on this comes, and nothing of before.
    ///
    /// # Errors
    /// libopus has no memory; nothing comes then.
    pub fn connect(
        &mut self,
        tracks: impl IntoIterator<Item = (Source, mpsc::Receiver<RtpReceived>)>,
    ) -> Result<(), CodecError> {
        self.tracks.clear();
        for (source, packets) in tracks {
            let receiver = Box::new(Receiver::new(JitterConfig::default())?);
            self.tracks.push(Track { source, packets, receiver });
        }
        Ok(())
    }

    /// The next 20 ms, to the ears. `line` gets what the network said, all of it in one.
    pub fn play(&mut self, now: Instant, line: &mut Frame) {
        line.fill(0.0);
        self.router.clear();
        for Track { source, packets, receiver } in &mut self.tracks {
            while let Ok(p) = packets.try_recv() {
                receiver.insert(p.arrived_at, p.sequence, p.timestamp, p.marker, &p.payload);
            }
            if let Some(frame) = receiver.tick(now) {
                self.router.add(*source, frame);
                line.iter_mut().zip(frame).for_each(|(sum, sample)| *sum += sample);
            }
        }
    }

    /// Adds a tone of this program's own.
    pub fn add_tone(&mut self, tone: &Frame) {
        self.router.add(Source::Tone, tone);
    }

    /// What the ears get.
    pub fn frame(&self) -> &StereoFrame {
        self.router.frame()
    }

    /// How the first track does; `None`: nothing is connected.
    pub fn stats(&self) -> Option<JitterStats> {
        self.tracks.first().map(|track| track.receiver.stats())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use client::clip::Clip;
    use client::probe::tone_dbfs;

    use super::*;
    use crate::audio::FRAME_SAMPLES;

    const CALLER_HZ: f32 = 500.0;
    const WHISPER_HZ: f32 = 1_700.0;
    const FRAMES: u32 = 150;

    /// A source that says a tone, all packets at once: each with the time at which it is to arrive.
    fn says(hz: f32, start: Instant) -> mpsc::Receiver<RtpReceived> {
        let (send, packets) = mpsc::channel(FRAMES as usize);
        let clip = Clip::tone(hz, -20.0, Duration::from_millis(20) * FRAMES).unwrap();
        for (n, frame) in (0..FRAMES).zip(clip.frames()) {
            let packet = RtpReceived {
                sequence: n as u16,
                timestamp: n * FRAME_SAMPLES as u32,
                marker: n == 0,
                payload_type: 111,
                payload: frame.payload.clone(),
                arrived_at: start + Duration::from_millis(20) * n,
                track: 0,
                ssrc: 1,
                has_csrc: false,
                has_extension: false,
            };
            send.try_send(packet).unwrap();
        }
        packets
    }

    /// The last second at the left and the right ear, and of the line.
    fn played(ears: Ears, tracks: &[(Source, f32)]) -> [Vec<f32>; 3] {
        let start = Instant::now();
        let mut playout = Playout::new(ears);
        let tracks = tracks.iter().map(|(source, hz)| (*source, says(*hz, start)));
        playout.connect(tracks).unwrap();
        let mut sound = [const { Vec::new() }; 3];
        let mut line = [0.0; FRAME_SAMPLES];
        for n in 0..FRAMES {
            playout.play(start + Duration::from_millis(20) * n, &mut line);
            for (ear, sound) in sound[..2].iter_mut().enumerate() {
                sound.extend(playout.frame().iter().map(|pair| pair[ear]));
            }
            sound[2].extend(line);
        }
        sound.map(|all| all[all.len() - 48_000..].to_vec())
    }

    fn tones(sound: &[f32]) -> Vec<f32> {
        let is_there = |hz: &f32| tone_dbfs(sound, *hz) > -35.0;
        [CALLER_HZ, WHISPER_HZ].into_iter().filter(is_there).collect()
    }

    #[test]
    fn split_ears_part_two_sources_and_plain_ones_do_not() {
        let tracks = [(Source::Caller, CALLER_HZ), (Source::Whisper, WHISPER_HZ)];
        let [left, right, line] = played(Ears::Split, &tracks);
        assert_eq!((tones(&left), tones(&right)), (vec![CALLER_HZ], vec![WHISPER_HZ]));
        assert_eq!(tones(&line), [CALLER_HZ, WHISPER_HZ], "the echo watch hears all");
        let [left, right, _] = played(Ears::Both, &tracks);
        assert_eq!(
            [tones(&left), tones(&right)],
            [[CALLER_HZ, WHISPER_HZ], [CALLER_HZ, WHISPER_HZ]]
        );
    }

    #[test]
    fn a_mix_is_whole_in_both_ears() {
        let [left, right, _] = played(Ears::Split, &[(Source::Mix, CALLER_HZ)]);
        assert_eq!((tones(&left), tones(&right)), (vec![CALLER_HZ], vec![CALLER_HZ]));
    }
}
