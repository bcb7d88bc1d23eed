//! What full-reference measures need (PESQ, ViSQOL): pairs of files of one leg, what was said before any encoding and
//! what was heard, aligned.
//!
//! A pair is cut from the longest time in which exactly one source was to be heard on the leg: a whisper or a barge
//! would count as a fault of the line. What was heard is played by the playout buffer that a softphone has, with its
//! concealment. It judges nothing; that is for the tools the files are made for.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use client::media::{RtpReceived, SAMPLE_RATE_HZ};
use jitter::{JitterConfig, Receiver};

use super::book::Pages;
use super::narrow::{NARROW_RATE_HZ, Narrow};
use super::routes::{CallNumber, Duty, PartyId, Role};
use super::voice::FRAME;
use super::wav::wav;

/// A shorter pair is of no use: PESQ wants eight seconds, ViSQOL's guide five to ten.
const DURATION_MIN: Duration = Duration::from_secs(5);
/// Not from the first moment of a call on: the playout buffer settles.
const SETTLE: Duration = Duration::from_secs(2);
/// The longest way from mouth to ear that is looked for.
const DELAY_MAX: Duration = Duration::from_millis(600);
/// So much of a pair is enough to align it.
const ALIGNED_BY: Duration = Duration::from_secs(8);
/// Packets a second.
const PACKETS_A_SECOND: usize = 50;

/// What is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceConfig {
    /// The folder; it is made.
    pub folder: PathBuf,
    /// So many legs at most, callers' and agents', the first to be connected.
    pub legs_max: usize,
    /// So long a pair at most.
    pub duration_max: Duration,
}

impl ReferenceConfig {
    /// Packets that a leg's probe is to keep: a pair may begin as late again as it is long.
    pub(super) fn packets_max(&self) -> usize {
        2 * (self.duration_max + SETTLE).as_secs() as usize * PACKETS_A_SECOND
    }
}

/// The legs that are followed.
#[derive(Debug)]
pub(super) struct References {
    config: ReferenceConfig,
    legs: HashMap<PartyId, Followed>,
}

#[derive(Debug)]
struct Followed {
    call: CallNumber,
    role: Role,
    /// Each second's beginning, and who was to be heard in it if that was one alone.
    seconds: Vec<(Instant, Option<PartyId>)>,
}

impl References {
    pub fn new(config: ReferenceConfig) -> Self {
        Self { config, legs: HashMap::new() }
    }

    /// Whether this party's leg is one of those kept; if so, how many packets are to be kept of it.
    pub fn packets_of(&mut self, pages: &Pages, party: PartyId) -> Option<usize> {
        let packets_max = self.config.packets_max();
        if self.legs.contains_key(&party) {
            return Some(packets_max);
        }
        let page = pages.party(party)?;
        let stay = page.on.first()?;
        // What a telephone hears is none of Opus's 48 kHz.
        let is_of_no_use = page.role == Role::Supervisor || !page.connection.is_opus();
        if is_of_no_use || self.legs.len() >= self.config.legs_max {
            return None;
        }
        let followed = Followed { call: stay.call, role: page.role, seconds: Vec::new() };
        self.legs.insert(party, followed);
        Some(packets_max)
    }

    /// Notes who was to be heard in the second that begins then; the routes forget it later.
    pub fn note(&mut self, pages: &Pages, from: Instant, second: Duration) {
        for (listener, leg) in &mut self.legs {
            let to = from + second;
            let mut heard = pages
                .routes
                .pairs(from, to)
                .filter(|pair| pair.listener == *listener)
                .map(|pair| (pair, pages.routes.duty(pair, from, to)))
                .filter(|(_, duty)| *duty != Duty::MustNot);
            let alone = match (heard.next(), heard.next()) {
                (Some((pair, Duty::Must)), None) => Some(pair.source),
                _ => None,
            };
            let is_on = pages.call_of(*listener, from) == Some(leg.call);
            leg.seconds.push((from, alone.filter(|_| is_on)));
        }
    }

    /// Writes the pairs; how many there are. `kept`: the packets of a party's probe.
    ///
    /// # Errors
    /// The folder can't be written to.
    pub fn write<'a>(
        &self,
        pages: &Pages,
        kept: impl Fn(PartyId) -> Option<&'a [RtpReceived]>,
    ) -> io::Result<usize> {
        let mut written = 0;
        for (party, leg) in &self.legs {
            let Some((from, until, source)) = longest(&leg.seconds) else { continue };
            let until = until.min(from + self.config.duration_max);
            let speaker = pages.party(source).and_then(|it| it.speaker.as_ref());
            let (Some(packets), Some(speaker)) = (kept(*party), speaker) else { continue };
            let Some(heard) = played(packets, from, until) else { continue };
            let early = from.checked_sub(DELAY_MAX).unwrap_or(from);
            let lead = samples(from - early);
            let Some(said) = speaker.sound(early, lead + heard.len()) else { continue };
            let delay = delay(&said, &heard, lead);
            let said = &said[lead - delay..][..heard.len()];
            let role = if leg.role == Role::Caller { "caller" } else { "agent" };
            std::fs::create_dir_all(&self.config.folder)?;
            for (end, sound) in [("ref", said), ("deg", &heard[..])] {
                let name = format!("call-{}-{role}.{end}.wav", leg.call);
                std::fs::write(self.config.folder.join(name), wav(sound, SAMPLE_RATE_HZ))?;
            }
            written += 1;
        }
        Ok(written)
    }
}

/// The longest time with one and the same source alone, if it is long enough.
fn longest(seconds: &[(Instant, Option<PartyId>)]) -> Option<(Instant, Instant, PartyId)> {
    let (first, _) = seconds.first()?;
    let mut best: Option<(Instant, Instant, PartyId)> = None;
    let mut run: Option<(Instant, Instant, PartyId)> = None;
    for &(at, alone) in seconds.iter().filter(|(at, _)| *at >= *first + SETTLE) {
        run = match (run, alone) {
            (Some((from, until, source)), Some(now)) if source == now && until >= at => {
                Some((from, at + Duration::from_secs(1), source))
            }
            (_, Some(now)) => Some((at, at + Duration::from_secs(1), now)),
            (_, None) => None,
        };
        let length = |(from, until, _): &(Instant, Instant, PartyId)| *until - *from;
        if run.as_ref().map(length) > best.as_ref().map(length) {
            best = run;
        }
    }
    best.filter(|(from, until, _)| *until - *from >= DURATION_MIN)
}

/// What was heard between two moments, played from the first packet on; `None` if the packets end before.
fn played(packets: &[RtpReceived], from: Instant, until: Instant) -> Option<Vec<f32>> {
    let last = packets.last()?.arrived_at;
    let until = until.min(last);
    if until.saturating_duration_since(from) < DURATION_MIN {
        return None;
    }
    let mut receiver = Receiver::new(JitterConfig::default()).ok()?;
    let mut waiting = packets.iter().peekable();
    let mut tick = waiting.peek()?.arrived_at;
    let mut heard = Vec::with_capacity(samples(until - from));
    // The first frame may have begun before `from`: what comes before it is left out.
    let mut surplus = None;
    while tick < until {
        while let Some(packet) = waiting.next_if(|packet| packet.arrived_at <= tick) {
            let RtpReceived { sequence, timestamp, marker, payload, .. } = packet;
            receiver.insert(packet.arrived_at, *sequence, *timestamp, *marker, payload);
        }
        let frame = receiver.tick(tick);
        if tick + FRAME > from {
            surplus.get_or_insert(samples(from.saturating_duration_since(tick)));
            match frame {
                Some(frame) => heard.extend_from_slice(frame),
                None => heard.resize(heard.len() + samples(FRAME), 0.0),
            }
        }
        tick += FRAME;
    }
    heard.drain(..surplus?.min(heard.len()));
    Some(heard)
}

/// By how many samples what was heard is later than what was said. `said` begins `lead` samples before `heard`.
fn delay(said: &[f32], heard: &[f32], lead: usize) -> usize {
    let ratio = SAMPLE_RATE_HZ as usize / NARROW_RATE_HZ;
    let length = heard.len().min(samples(ALIGNED_BY));
    let near = Narrow::default().pass(&heard[..length]);
    let far = Narrow::default().pass(&said[..lead + length]);
    let lags = lead / ratio;
    let likeness = |lag: &usize| {
        let window = &far[lags - lag..];
        window.iter().zip(&near).map(|(a, b)| a * b).sum::<f32>()
    };
    let best = (0..=lags).max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    best.unwrap_or(0) * ratio
}

fn samples(duration: Duration) -> usize {
    (duration.as_secs_f64() * f64::from(SAMPLE_RATE_HZ)).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use recordings::Recorded;

    fn second(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn the_longest_time_with_one_source_is_taken_and_a_short_one_is_not() {
        let start = Instant::now();
        let at = |n: u64, who| (start + second(n), who);
        let mut seconds: Vec<_> = (0..9).map(|n| at(n, Some(1))).collect();
        seconds.extend((9..12).map(|n| at(n, None)));
        seconds.extend((12..30).map(|n| at(n, Some(1))));
        seconds.extend((30..60).map(|n| at(n, Some((n % 2) as PartyId))));
        let found = longest(&seconds).unwrap();
        assert_eq!(found, (start + second(12), start + second(30), 1));
        assert_eq!(longest(&seconds[..6]), None, "two seconds to settle, four are too few");
        assert_eq!(longest(&[]), None);
    }

    #[test]
    fn the_delay_is_found_to_the_sample_of_the_narrow_band() {
        let recordings = Recorded::demo_calls().unwrap();
        let said = &recordings[0].caller[..12 * 48_000];
        let lead = samples(DELAY_MAX);
        for late in [0, 480, 4_321, lead] {
            let heard: Vec<f32> = said[lead - late..][..10 * 48_000].to_vec();
            let found = delay(said, &heard, lead);
            assert!(found.abs_diff(late) <= 48, "{late}: {found}");
        }
    }
}
