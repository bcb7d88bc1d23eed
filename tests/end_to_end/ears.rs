//! What a station received, by time: tones and packets.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use client::media::{FRAME_SAMPLES, RtpReceived};
use client::playout::{Heard, Playback, Signal};
use client::probe::{SILENCE_DBFS, tone_dbfs};

/// Above it a tone is there. Everybody sends at [`SPOKEN_DBFS`]: 20 ms of a tone in a tenth of a
/// second are still louder than this.
pub const AUDIBLE_DBFS: f32 = -40.0;
/// The level at which everybody speaks.
pub const SPOKEN_DBFS: f32 = -20.0;
/// Tones are looked for in pieces of 100 ms: 40 Hz apart they don't meet.
const PIECE_SAMPLES: usize = 5 * FRAME_SAMPLES as usize;
/// A tone stands out from what is so far beside it, by so much; a click of another tone does not.
const BESIDE_HZ: f32 = 50.0;
const PROMINENCE_DB: f32 = 6.0;
/// Five minutes of packets.
const PACKETS_MAX: usize = 15_000;

/// What a station receives.
#[derive(Clone)]
pub struct Ears {
    heard: Heard,
    played: Arc<Mutex<Played>>,
}

/// All that was heard until the last look.
struct Played {
    packets: usize,
    playback: Playback,
}

impl Ears {
    pub fn new() -> Self {
        let playback = Playback::new().expect("libopus has memory");
        let played = Arc::new(Mutex::new(Played { packets: 0, playback }));
        Self { heard: Heard::new(PACKETS_MAX), played }
    }

    pub fn recorder(&self) -> impl FnMut(RtpReceived) + Send + 'static {
        self.heard.recorder()
    }

    /// The packets that arrived between two moments.
    pub fn packets(&self, from: Instant, until: Instant) -> Vec<RtpReceived> {
        let mut packets = self.heard.packets();
        packets.retain(|packet| (from..until).contains(&packet.arrived_at));
        packets
    }

    /// The highest level of a tone in any tenth of a second between two moments.
    pub fn loudest(&self, hz: f32, from: Instant, until: Instant) -> f32 {
        self.look(|signal| track(signal.between(from, until), hz).fold(SILENCE_DBFS, f32::max))
    }

    /// Which of the tones are heard between two moments, in most of the time.
    pub fn tones(&self, of: &[f32], from: Instant, until: Instant) -> Vec<f32> {
        self.look(|signal| {
            let part = signal.between(from, until);
            let is_heard = |hz: &f32| {
                let loud = track(part, *hz).filter(|level| *level > AUDIBLE_DBFS).count();
                loud * 2 > part.len() / PIECE_SAMPLES
            };
            of.iter().copied().filter(is_heard).collect()
        })
    }

    /// When the last packet with the tone in it arrived, from a moment on.
    pub fn last(&self, hz: f32, from: Instant) -> Option<Instant> {
        self.look(|signal| {
            let frame = FRAME_SAMPLES as usize;
            let with_tone = |(place, at): &(usize, Instant)| {
                let samples = signal.samples.get(*place..*place + frame)?;
                let is_loud = tone_dbfs(samples, hz) > AUDIBLE_DBFS;
                (is_loud && *at >= from).then_some(*at)
            };
            signal.arrivals.iter().rev().find_map(with_tone)
        })
    }

    /// Looks at all that was heard, decoded from the station's first packet on.
    fn look<T>(&self, at: impl FnOnce(&Signal) -> T) -> T {
        let mut played = self.played.lock().unwrap();
        let new = self.heard.after(played.packets);
        played.packets += new.len();
        for packet in &new {
            played.playback.push(packet).expect("the server sends Opus");
        }
        at(played.playback.signal())
    }
}

/// The tone's level in each piece of the signal.
fn track(signal: &[f32], hz: f32) -> impl Iterator<Item = f32> + '_ {
    signal.chunks_exact(PIECE_SAMPLES).map(move |piece| {
        let level = tone_dbfs(piece, hz);
        let stands_out = |beside| tone_dbfs(piece, beside) + PROMINENCE_DB < level;
        let is_tone =
            level <= AUDIBLE_DBFS || (stands_out(hz - BESIDE_HZ) && stands_out(hz + BESIDE_HZ));
        if is_tone { level } else { SILENCE_DBFS }
    })
}

/// The packets go on as those of one source: one SSRC, no gap in the sequence, nothing that
/// names a contributor.
pub fn assert_one_source(packets: &[RtpReceived]) {
    let sources: HashSet<u32> = packets.iter().map(|packet| packet.ssrc).collect();
    assert_eq!(sources.len(), 1, "one SSRC");
    for pair in packets.windows(2) {
        let step = pair[1].sequence.wrapping_sub(pair[0].sequence);
        assert_eq!(step, 1, "the sequence jumps after {}", pair[0].sequence);
    }
    assert!(packets.iter().all(|packet| !packet.has_csrc && !packet.has_extension));
}
