//! What comes over the line, played: a playout buffer and a decoder for each track, and the ears that each goes to.
//!
//! The server puts each voice on a track of its own, the caller's on the first one, as far as tracks go round; where they do
//! not it mixes on the first. So while somebody coaches the user, and something comes on another track, the first one is the
//! caller: it is lowered, as the server's mixes do it, the coach is brought to the caller's loudness, and with
//! [`Ears::Split`] the two are parted.

use std::time::{Duration, Instant};

use client::media::RtpReceived;
use codec::CodecError;
use jitter::{JitterConfig, JitterStats, Receiver};
use mixer::{Loudness, MatchGain};
use tokio::sync::mpsc;

use crate::audio::router::{Ears, Router, Source};
use crate::audio::{Frame, StereoFrame};

/// The caller's loudness while a supervisor speaks to the agent alone: −6 dB, as the server's mixes have it.
const DUCKED: f32 = 0.5;
/// A coach is raised or lowered by no more than this, dB, as in the server's mixes.
const MATCH_DB_MAX: f32 = 12.0;
/// A track on which nothing came for so long is silent: with DTX a packet comes every 400 ms.
const SILENT_AFTER: Duration = Duration::from_millis(500);

/// Plays what comes over the line.
pub struct Playout {
    router: Router,
    packets: Option<mpsc::Receiver<RtpReceived>>,
    tracks: Vec<Track>,
    is_coached: bool,
}

struct Track {
    receiver: Box<Receiver>,
    last_at: Option<Instant>,
    loudness: Loudness,
    /// What a coach on it is raised or lowered by.
    matched: MatchGain,
    /// What it was multiplied by at the end of the last frame.
    gain: f32,
}

impl Playout {
    /// Nothing comes yet.
    pub fn new(ears: Ears) -> Self {
        Self { router: Router::new(ears), packets: None, tracks: Vec::new(), is_coached: false }
    }

    /// From now on this comes, on so many tracks, and nothing of before.
    ///
    /// # Errors
    /// libopus has no memory; nothing comes then.
    pub fn connect(
        &mut self,
        tracks: usize,
        packets: mpsc::Receiver<RtpReceived>,
    ) -> Result<(), CodecError> {
        self.packets = None;
        self.tracks.clear();
        for _ in 0..tracks.max(1) {
            self.tracks.push(Track::new()?);
        }
        self.packets = Some(packets);
        Ok(())
    }

    /// Somebody begins or ceases to coach the user.
    pub fn coach(&mut self, is_coached: bool) {
        self.is_coached = is_coached;
        // The next one may be somebody else.
        for track in self.tracks.iter_mut().skip(1) {
            (track.loudness, track.matched) = Default::default();
        }
    }

    /// The next 20 ms, to the ears. `line` gets what the network said, all of it in one.
    pub fn play(&mut self, now: Instant, line: &mut Frame) {
        line.fill(0.0);
        self.router.clear();
        self.take_packets();
        let others = self.tracks.iter().skip(1);
        let is_apart = self.is_coached && others.into_iter().any(|track| track.is_heard(now));
        let mut callers = None;
        for (place, track) in self.tracks.iter_mut().enumerate() {
            let source = match (is_apart, place) {
                (false, _) => Source::Mix,
                (true, 0) => Source::Caller,
                (true, _) => Source::Whisper,
            };
            let gains = track.next(now, source, callers);
            if place == 0 {
                callers = track.loudness.power();
            }
            if let Some(frame) = track.receiver.frame() {
                self.router.add(source, frame, gains);
                line.iter_mut().zip(frame).for_each(|(sum, it)| *sum += gains[1] * it);
            }
        }
    }

    /// Adds a tone of this program's own.
    pub fn add_tone(&mut self, tone: &Frame) {
        self.router.add(Source::Tone, tone, [1.0; 2]);
    }

    /// What the ears get.
    pub fn limited(&mut self) -> &StereoFrame {
        self.router.limited()
    }

    /// How the first track does; `None`: nothing is connected.
    pub fn stats(&self) -> Option<JitterStats> {
        self.tracks.first().map(|track| track.receiver.stats())
    }

    fn take_packets(&mut self) {
        let Some(packets) = &mut self.packets else { return };
        while let Ok(p) = packets.try_recv() {
            // What is on no track that was asked for is nobody's.
            let Some(track) = self.tracks.get_mut(p.track) else { continue };
            track.last_at = Some(p.arrived_at);
            track.receiver.insert(p.arrived_at, p.sequence, p.timestamp, p.marker, &p.payload);
        }
    }
}

impl Track {
    fn new() -> Result<Self, CodecError> {
        Ok(Self {
            receiver: Box::new(Receiver::new(JitterConfig::default())?),
            last_at: None,
            loudness: Loudness::default(),
            matched: MatchGain::default(),
            gain: 1.0,
        })
    }

    fn is_heard(&self, now: Instant) -> bool {
        self.last_at.is_some_and(|at| now.saturating_duration_since(at) < SILENT_AFTER)
    }

    /// Goes on by a frame, as this source; its gain before it and after it. `callers`: how loud the caller speaks.
    fn next(&mut self, now: Instant, source: Source, callers: Option<f32>) -> [f32; 2] {
        let is_speech = self.loudness.hear(self.receiver.tick(now));
        let to = match source {
            Source::Caller => DUCKED,
            Source::Whisper => {
                if is_speech {
                    self.matched.follow(&self.loudness, callers, MATCH_DB_MAX);
                }
                self.matched.amplitude()
            }
            Source::Mix | Source::Tone => 1.0,
        };
        [std::mem::replace(&mut self.gain, to), to]
    }
}

#[cfg(test)]
mod tests {
    use client::clip::Clip;
    use client::probe::tone_dbfs;

    use super::*;
    use crate::audio::FRAME_SAMPLES;

    const CALLER_HZ: f32 = 500.0;
    const WHISPER_HZ: f32 = 1_700.0;
    const FRAMES: u32 = 150;

    /// What a tone's packets are on a track, each with the time at which it is to arrive.
    fn says(track: usize, hz: f32, start: Instant) -> impl Iterator<Item = RtpReceived> {
        let clip = Clip::tone(hz, -20.0, Duration::from_millis(20) * FRAMES).unwrap();
        let packet = move |(n, frame): (u32, &client::media::OpusFrame)| RtpReceived {
            sequence: n as u16,
            timestamp: n * FRAME_SAMPLES as u32,
            marker: n == 0,
            payload_type: 111,
            payload: frame.payload.clone(),
            arrived_at: start + Duration::from_millis(20) * n,
            track,
            ssrc: track as u32,
            has_csrc: false,
            has_extension: false,
        };
        let packets: Vec<_> = (0..FRAMES).zip(clip.frames()).map(packet).collect();
        packets.into_iter()
    }

    /// The last second at the left and the right ear, and of the line. A tone for each track that says one.
    fn played(ears: Ears, is_coached: bool, tracks: &[(usize, f32)]) -> [Vec<f32>; 3] {
        let start = Instant::now();
        let mut packets: Vec<_> =
            tracks.iter().flat_map(|(track, hz)| says(*track, *hz, start)).collect();
        packets.sort_by_key(|packet| packet.arrived_at);
        let (send, receive) = mpsc::channel(packets.len());
        let mut playout = Playout::new(ears);
        playout.connect(crate::media::TRACKS, receive).unwrap();
        playout.coach(is_coached);
        let mut sound = [const { Vec::new() }; 3];
        let mut line = [0.0; FRAME_SAMPLES];
        let mut waiting = packets.into_iter().peekable();
        for n in 0..FRAMES {
            let now = start + Duration::from_millis(20) * n;
            while let Some(packet) = waiting.next_if(|packet| packet.arrived_at <= now) {
                send.try_send(packet).unwrap();
            }
            playout.play(now, &mut line);
            for (ear, sound) in sound[..2].iter_mut().enumerate() {
                sound.extend(playout.limited().iter().map(|pair| pair[ear]));
            }
            sound[2].extend(line);
        }
        sound.map(|all| all[all.len() - 48_000..].to_vec())
    }

    /// The levels of the two tones, dBFS; none where one is not there.
    fn levels(sound: &[f32]) -> [Option<f32>; 2] {
        let level = |hz| Some(tone_dbfs(sound, hz)).filter(|dbfs| *dbfs > -45.0);
        [CALLER_HZ, WHISPER_HZ].map(level)
    }

    fn assert_levels(sound: &[f32], wanted: [Option<f32>; 2]) {
        let found = levels(sound);
        let is_near = |found: Option<f32>, wanted: Option<f32>| match (found, wanted) {
            (Some(found), Some(wanted)) => (found - wanted).abs() < 1.0,
            (found, wanted) => found == wanted,
        };
        let both = found.into_iter().zip(wanted);
        assert!(both.into_iter().all(|(a, b)| is_near(a, b)), "{found:?}, not {wanted:?}");
    }

    const BOTH: [(usize, f32); 2] = [(0, CALLER_HZ), (1, WHISPER_HZ)];

    #[test]
    fn a_coached_ear_has_the_caller_6_db_lower_and_parts_the_two_if_wanted() {
        let [left, right, line] = played(Ears::Split, true, &BOTH);
        assert_levels(&left, [Some(-26.0), None]);
        assert_levels(&right, [None, Some(-20.0)]);
        assert_levels(&line, [Some(-26.0), Some(-20.0)]);
        let [left, right, _] = played(Ears::Both, true, &BOTH);
        assert_levels(&left, [Some(-26.0), Some(-20.0)]);
        assert_eq!(left, right);
    }

    #[test]
    fn voices_of_a_barge_or_a_conference_are_in_both_ears_as_they_are() {
        for ears in [Ears::Both, Ears::Split] {
            let [left, right, _] = played(ears, false, &BOTH);
            assert_levels(&left, [Some(-20.0), Some(-20.0)]);
            assert_eq!(left, right);
        }
    }

    #[test]
    fn what_comes_mixed_on_the_first_track_is_in_both_ears_as_it_is() {
        for is_coached in [false, true] {
            let [left, right, _] = played(Ears::Split, is_coached, &[(0, CALLER_HZ)]);
            assert_levels(&left, [Some(-20.0), None]);
            assert_eq!(left, right);
        }
    }
}
