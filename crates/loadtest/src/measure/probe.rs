//! One party's probe: what its station received, played as a softphone would play it.
//!
//! Packets are stamped as they come and played later, by the same clock, so that the analysis may
//! lag behind without changing what it finds. A marked packet is known by its mark and is not
//! decoded; what the server mixed, or transcoded from or to a telephone, is decoded to [`NARROW_RATE_HZ`] for
//! recognition.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use client::media::RtpReceived;
use codec::CodecError;
use jitter::{JitterBuffer, JitterConfig, PacketRef, Playout};

use super::hearing::Hearing;
use super::narrow::NARROW_RATE_HZ;
use super::tag::Tag;
use super::voice::{FRAME, NARROW_FRAME};
use crate::telephone::Connection;

/// Packets that wait for the analysis: more than a minute of them.
const INBOX_PACKETS_MAX: usize = 4_000;
/// Sound that is kept, frames: ten seconds.
const SOUND_FRAMES_KEPT: usize = 500;
/// Nothing has come for so long: play stands still until something does.
const IDLE: Duration = Duration::from_secs(2);

/// Where a station's packets go. Clones share it.
#[derive(Debug, Clone)]
pub struct Inbox {
    packets: Arc<Mutex<Vec<RtpReceived>>>,
    connection: Connection,
}

/// What a party has received, since the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ProbeStats {
    /// Packets that came.
    pub received: u64,
    /// Packets that did not, by sequence number.
    pub lost: u64,
    /// Packets that came after a later one.
    pub reordered: u64,
    /// Frames played, silence included.
    pub played_frames: u64,
    /// Frames played of what the server has mixed, and so encoded a second time.
    pub mixed_frames: u64,
    /// Frames played of what it has passed on.
    pub passed_frames: u64,
    /// Sound made up by the playout buffer, ms.
    pub concealed_ms: u64,
    /// RFC 3550 §6.4.1, at present, ms.
    pub jitter_ms: f64,
}

/// A marked packet was played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passed {
    /// Whose it is.
    pub tag: Tag,
    /// When its first sample sounded.
    pub at: Instant,
}

/// The probe. Owned by the analysis.
pub struct Probe {
    inbox: Inbox,
    /// Each is played on its own, and all are heard together.
    tracks: Vec<Track>,
}

/// What comes on one track.
struct Track {
    waiting: VecDeque<RtpReceived>,
    jitter: JitterBuffer,
    hearing: Hearing,
    next_tick: Option<Instant>,
    last_arrival: Option<Instant>,
    /// The last packet played came from a mix.
    in_mix: bool,
    sound: VecDeque<Frame>,
    arrivals: Arrivals,
    played_frames: u64,
    mixed_frames: u64,
    passed_frames: u64,
    kept: Option<Kept>,
}

/// Packets for [`super::reference`].
struct Kept {
    packets: Vec<RtpReceived>,
    packets_max: usize,
}

/// 20 ms at [`NARROW_RATE_HZ`].
struct Frame {
    at: Instant,
    mixed: bool,
    samples: [f32; NARROW_FRAME],
}

/// Sequence numbers and transit times, as RFC 3550 counts them.
#[derive(Debug, Default)]
struct Arrivals {
    received: u64,
    reordered: u64,
    first: Option<i64>,
    highest: i64,
    last_transit_us: Option<i64>,
    jitter_us: f64,
    epoch: Option<(Instant, u32)>,
}

impl Inbox {
    /// Of a party that is connected so.
    pub fn new(connection: Connection) -> Self {
        Self { packets: Arc::default(), connection }
    }

    /// The callback for the station.
    pub fn recorder(&self) -> impl FnMut(RtpReceived) + Send + 'static {
        let inbox = self.clone();
        move |packet| {
            let mut packets = inbox.lock();
            if packets.len() < INBOX_PACKETS_MAX {
                packets.push(packet);
            }
        }
    }

    fn take(&self) -> Vec<RtpReceived> {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<RtpReceived>> {
        self.packets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Probe {
    /// A probe that hears what comes into `inbox`.
    ///
    /// # Errors
    /// libopus has no memory.
    pub fn new(inbox: Inbox) -> Result<Self, CodecError> {
        let connection = inbox.connection;
        let tracks = (0..connection.tracks()).map(|_| Track::new(connection));
        let tracks = tracks.collect::<Result<_, _>>()?;
        Ok(Self { inbox, tracks })
    }

    /// Keeps the packets of the first track from now on, so many at most. Asked again it changes nothing.
    pub fn keep(&mut self, packets_max: usize) {
        self.tracks[0].kept.get_or_insert(Kept { packets: Vec::new(), packets_max });
    }

    /// The packets kept.
    pub fn kept(&self) -> Option<&[RtpReceived]> {
        self.tracks[0].kept.as_ref().map(|kept| &kept.packets[..])
    }

    /// Plays on until `until`; `passed` gets the marked packets of every track.
    pub fn play(&mut self, until: Instant, mut passed: impl FnMut(Passed)) {
        let last = self.tracks.len() - 1;
        for packet in self.inbox.take() {
            // One that was not asked for is to be found out, not to be left out.
            self.tracks[packet.track.min(last)].waiting.push_back(packet);
        }
        self.tracks.iter_mut().for_each(|track| track.play(until, &mut passed));
    }

    /// What was mixed for this probe from `from` on (or made by the server itself, as tones are), `samples`
    /// long, with silence elsewhere; and how many frames of the track with the most were mixed. `None`
    /// when it is not (or no longer) there.
    pub fn mixed(&self, from: Instant, samples: usize) -> Option<(Vec<f32>, usize)> {
        let all = self.tracks.iter().filter_map(|track| track.mixed(from, samples));
        all.reduce(|(mut sum, most), (signal, frames)| {
            sum.iter_mut().zip(signal).for_each(|(sum, sample)| *sum += sample);
            (sum, most.max(frames))
        })
    }

    /// When the first mixed sound that is still there was played.
    pub fn first_mixed(&self) -> Option<Instant> {
        self.tracks.iter().filter_map(Track::first_mixed).min()
    }

    /// What was received so far, of all tracks together; of jitter the worst.
    pub fn stats(&self) -> ProbeStats {
        let all = self.tracks.iter().map(Track::stats);
        all.fold(ProbeStats::default(), ProbeStats::with)
    }
}

impl ProbeStats {
    /// Two together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            received: self.received + other.received,
            lost: self.lost + other.lost,
            reordered: self.reordered + other.reordered,
            played_frames: self.played_frames + other.played_frames,
            mixed_frames: self.mixed_frames + other.mixed_frames,
            passed_frames: self.passed_frames + other.passed_frames,
            concealed_ms: self.concealed_ms + other.concealed_ms,
            jitter_ms: self.jitter_ms.max(other.jitter_ms),
        }
    }
}

impl Track {
    fn new(connection: Connection) -> Result<Self, CodecError> {
        Ok(Self {
            waiting: VecDeque::new(),
            jitter: JitterBuffer::new(JitterConfig::default()),
            hearing: Hearing::new(connection)?,
            next_tick: None,
            last_arrival: None,
            in_mix: false,
            sound: VecDeque::new(),
            arrivals: Arrivals::default(),
            played_frames: 0,
            mixed_frames: 0,
            passed_frames: 0,
            kept: None,
        })
    }

    fn play(&mut self, until: Instant, passed: &mut impl FnMut(Passed)) {
        loop {
            let Some(tick) = self.next_tick.or_else(|| self.first_tick()) else { return };
            if tick > until {
                return;
            }
            while self.waiting.front().is_some_and(|packet| packet.arrived_at <= tick) {
                if let Some(packet) = self.waiting.pop_front() {
                    self.insert(&packet);
                }
            }
            if self.last_arrival.is_none_or(|at| tick.saturating_duration_since(at) > IDLE) {
                self.next_tick = None;
                self.last_arrival = None;
                if self.waiting.is_empty() {
                    return;
                }
                continue;
            }
            self.tick(tick, passed);
            self.next_tick = Some(tick + FRAME);
        }
    }

    fn mixed(&self, from: Instant, samples: usize) -> Option<(Vec<f32>, usize)> {
        let first = self.sound.front()?.at;
        let last = self.sound.back()?.at + FRAME;
        let length = Duration::from_secs_f64(samples as f64 / NARROW_RATE_HZ as f64);
        if first > from + length || last < from {
            return None;
        }
        let mut signal = vec![0.0; samples];
        let mut mixed = 0;
        for frame in self.sound.iter().filter(|frame| frame.mixed) {
            let at = offset(from, frame.at);
            let inside = (0..samples as i64).contains(&at);
            mixed += usize::from(inside);
            for (n, sample) in (at..).zip(&frame.samples) {
                if let Some(place) = usize::try_from(n).ok().and_then(|n| signal.get_mut(n)) {
                    *place = *sample;
                }
            }
        }
        Some((signal, mixed))
    }

    fn first_mixed(&self) -> Option<Instant> {
        self.sound.iter().find(|frame| frame.mixed).map(|frame| frame.at)
    }

    fn stats(&self) -> ProbeStats {
        let arrivals = &self.arrivals;
        let expected = arrivals.first.map_or(0, |first| (arrivals.highest - first + 1) as u64);
        ProbeStats {
            received: arrivals.received,
            lost: expected.saturating_sub(arrivals.received),
            reordered: arrivals.reordered,
            played_frames: self.played_frames,
            mixed_frames: self.mixed_frames,
            passed_frames: self.passed_frames,
            concealed_ms: self.jitter.stats().concealed_samples / 48,
            jitter_ms: arrivals.jitter_us / 1_000.0,
        }
    }

    fn first_tick(&mut self) -> Option<Instant> {
        let at = self.waiting.front()?.arrived_at;
        self.last_arrival = Some(at);
        self.next_tick = Some(at);
        self.next_tick
    }

    fn insert(&mut self, packet: &RtpReceived) {
        self.last_arrival = Some(packet.arrived_at);
        self.arrivals.count(packet);
        if let Some(kept) = &mut self.kept
            && kept.packets.len() < kept.packets_max
        {
            kept.packets.push(packet.clone());
        }
        let duration_samples = self.hearing.duration_samples(&packet.payload);
        let inserted = self.jitter.insert(
            packet.arrived_at,
            PacketRef {
                sequence: packet.sequence,
                timestamp: packet.timestamp,
                marker: packet.marker,
                duration_samples,
                payload: &packet.payload,
            },
        );
        if inserted == jitter::Inserted::Restarted {
            self.hearing.restart();
        }
    }

    fn tick(&mut self, at: Instant, passed: &mut impl FnMut(Passed)) {
        self.played_frames += 1;
        loop {
            match self.jitter.pop(at) {
                Playout::Covered => break,
                Playout::Packet { payload, .. } => {
                    if let Some(tag) = self.hearing.mark(payload) {
                        self.in_mix = false;
                        self.passed_frames += 1;
                        passed(Passed { tag, at });
                    } else {
                        if !self.in_mix {
                            self.hearing.restart();
                        }
                        self.in_mix = true;
                        self.hearing.hear(payload);
                    }
                }
                Playout::Fec { next_payload, missing_samples } if self.in_mix => {
                    self.hearing.make_up(missing_samples, Some(next_payload));
                }
                Playout::Conceal { samples } if self.in_mix => self.hearing.make_up(samples, None),
                Playout::Silence { .. } => self.in_mix = false,
                Playout::Fec { .. } | Playout::Conceal { .. } => {}
            }
        }
        let heard = self.hearing.play().filter(|_| self.in_mix);
        let mixed = heard.is_some();
        self.mixed_frames += u64::from(mixed);
        let samples = heard.unwrap_or([0.0; NARROW_FRAME]);
        self.sound.push_back(Frame { at, mixed, samples });
        if self.sound.len() > SOUND_FRAMES_KEPT {
            self.sound.pop_front();
        }
    }
}

impl Arrivals {
    fn count(&mut self, packet: &RtpReceived) {
        self.received += 1;
        let step = packet.sequence.wrapping_sub((self.highest & 0xffff) as u16).cast_signed();
        let number = match self.first {
            None => i64::from(packet.sequence),
            Some(_) => self.highest + i64::from(step),
        };
        self.first.get_or_insert(number);
        self.reordered += u64::from(number < self.highest);
        self.highest = self.highest.max(number);
        let (epoch, base) = *self.epoch.get_or_insert((packet.arrived_at, packet.timestamp));
        let media_us = i64::from(packet.timestamp.wrapping_sub(base).cast_signed()) * 125 / 6;
        let arrived_us = packet.arrived_at.saturating_duration_since(epoch).as_micros() as i64;
        let transit_us = arrived_us - media_us;
        if let Some(last) = self.last_transit_us.replace(transit_us)
            && !packet.marker
        {
            let difference = (transit_us - last).abs() as f64;
            self.jitter_us += (difference - self.jitter_us) / 16.0;
        }
    }
}

/// Samples at [`NARROW_RATE_HZ`] from one moment to another, which may be before it.
fn offset(from: Instant, to: Instant) -> i64 {
    let samples = |d: Duration| (d.as_secs_f64() * NARROW_RATE_HZ as f64).round() as i64;
    match to.checked_duration_since(from) {
        Some(after) => samples(after),
        None => -samples(from - to),
    }
}
