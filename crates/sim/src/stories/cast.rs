//! What everybody sends: recorded once, and sent over a seeded network.

use std::collections::HashSet;
use std::sync::LazyLock;

use call_engine::TRACKS_MAX;
use codec::{FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusEncoder, OpusEncoderConfig};
use interaction::UserId;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::{AGENTS, Person, SUPERVISORS, Story};
use crate::network::{Network, NetworkConfig};
use crate::signal::{Signal, Voice};

/// The time between two packets, µs.
const FRAME_US: u64 = 20_000;
/// Frames after which a voice begins anew: three seconds.
const FRAMES: usize = 150;
/// Frames at its end in which nothing is sent, as with Opus DTX.
const PAUSE_FRAMES: usize = 7;

/// Of so many turns everybody talks in one, so that some talk alone, some at the same time, and sometimes nobody.
const TURNS: usize = 3;
/// How loud the line of somebody is who does not talk, dBFS.
const LINE_NOISE_DBFS: f32 = -75.0;

/// One packet that reaches the server.
#[derive(Debug)]
pub struct Arrival {
    pub at_us: u64,
    pub from: Person,
    pub sequence: u16,
    pub timestamp: u32,
    pub marker: bool,
    pub payload: &'static [u8],
}

/// Everybody who may send.
pub fn everybody() -> impl Iterator<Item = Person> {
    std::iter::once(Person::Caller)
        .chain((0..AGENTS).map(Person::Agent))
        .chain((0..SUPERVISORS).map(Person::Supervisor))
}

impl Person {
    /// Who they are to the call.
    pub fn user(self) -> UserId {
        match self {
            Self::Caller => UserId(1),
            Self::Agent(agent) => UserId(100 + agent as u64),
            Self::Supervisor(supervisor) => UserId(200 + supervisor as u64),
        }
    }

    /// Tracks that this person's stations have: half of all people have one. It is theirs, whatever else
    /// happens.
    pub fn tracks(self, story: &Story) -> usize {
        match story.tracks {
            Some(tracks) => tracks,
            None if self.seed(story) >> 41 & 1 == 0 => 1,
            None => 2 + (self.seed(story) >> 42) as usize % (TRACKS_MAX - 1),
        }
    }

    /// What follows from the story's seed for this person alone.
    pub fn seed(self, story: &Story) -> u64 {
        use rand::RngExt;
        StdRng::seed_from_u64(story.seed ^ self.user().0.wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .random()
    }
}

/// Every packet that reaches the server until `end_us`, in order.
pub fn arrivals(story: &Story, end_us: u64) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    for from in everybody() {
        let seed = from.seed(story);
        let config = NetworkConfig {
            delay_us: 4_000 + seed % 9_000,
            jitter_us: story.jitter_us,
            loss: if story.jitter_us == 0 { 0.0 } else { 0.03 },
            duplicate: 0.02,
        };
        let mut network = Network::new(config, seed);
        let voice = &VOICES[from.user().0 as usize % VOICES.len()];
        let mut sequence = (seed >> 8) as u16;
        for frame in 0..(end_us / FRAME_US) as usize {
            let timestamp = ((seed >> 24) as u32).wrapping_add((frame * FRAME_SAMPLES) as u32);
            let place = (frame + seed as usize % FRAMES) % FRAMES;
            let Some(payload) = &voice[place] else { continue };
            sequence = sequence.wrapping_add(1);
            for at_us in network.arrivals_us(seed % FRAME_US + frame as u64 * FRAME_US) {
                let marker = place == 0;
                arrivals.push(Arrival { at_us, from, sequence, timestamp, marker, payload });
            }
        }
    }
    arrivals.sort_by_key(|arrival| arrival.at_us);
    arrivals
}

/// Voices that differ, each as the packets of a second; `None`: nothing is sent.
static VOICES: LazyLock<Vec<Vec<Option<Vec<u8>>>>> = LazyLock::new(|| (0..7).map(record).collect());

/// Whether this is a packet as one of them sends it: then nobody mixed and encoded it.
pub fn is_recorded(payload: &[u8]) -> bool {
    static RECORDED: LazyLock<HashSet<&'static [u8]>> =
        LazyLock::new(|| VOICES.iter().flatten().flatten().map(Vec::as_slice).collect());
    RECORDED.contains(payload)
}

fn record(seed: u64) -> Vec<Option<Vec<u8>>> {
    let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).expect("defaults are valid");
    let [mut talk, mut noise] =
        [-20.0, LINE_NOISE_DBFS].map(|dbfs| Voice::new(Signal::Pilot { seed, dbfs }));
    let turn_frames = 12 + seed as usize;
    let packet = |frame: usize| {
        let [talk, noise] =
            [&mut talk, &mut noise].map(|it| it.frame().expect("a pilot has no end"));
        let samples = if (frame / turn_frames).is_multiple_of(TURNS) { talk } else { noise };
        if frame >= FRAMES - PAUSE_FRAMES {
            return None;
        }
        let mut payload = vec![0; OPUS_PACKET_BYTES_MAX];
        let length = encoder.encode_into(&samples, &mut payload).expect("a whole frame encodes");
        payload.truncate(length);
        Some(payload)
    };
    (0..FRAMES).map(packet).collect()
}
