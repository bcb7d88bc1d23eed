//! The verifier: plays every probe on, and holds what was heard against the routes.
//!
//! Marked packets are judged one by one. What was mixed is judged in windows of two seconds, each
//! second: against everybody of the listener's own call, against all supervisors, and against some
//! of all the others in turn, so that everybody is looked for at everybody's probe before long.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use codec::CodecError;

use super::book::{Book, Pages, ms};
use super::changes::Heard;
use super::findings::{Findings, Heading};
use super::matching::{
    ACTIVE, BEYOND_DOUBT, LAG_MAX, LIKELY, Match, Matcher, SURE, Spectrum, WINDOW, activity, gain,
};
use super::narrow::NARROW_RATE_HZ;
use super::probe::{Passed, Probe, ProbeStats};
use super::reference::{ReferenceConfig, References};
use super::routes::{CallNumber, Duty, Pair, PartyId, Role};
use super::voice::{FRAME, NARROW_FRAME, Speaker};
use crate::report::percentiles::Collector;

/// The verifier looks so far back: what was sent by then has arrived.
pub const HINDSIGHT: Duration = Duration::from_millis(1_500);
/// Opus looks ahead so far before it codes a frame (RFC 6716 §2.1.5 and the resampler), ms.
pub const CODEC_DELAY_MS: f64 = 6.5;
/// Between two windows.
const STEP: Duration = Duration::from_secs(1);
/// Mixed frames that a window must have to be judged by its sound: half of it.
const MIXED_FRAMES_MIN: usize = 50;
/// Delays that differ by so much at most are one, samples: 1 ms.
const LAG_TOLERANCE: usize = NARROW_RATE_HZ / 1_000;
/// Marked packets of a source by which it was heard in a window.
const PASSED_MIN: u32 = 10;
/// Others (of other calls, no supervisors) who are looked for in each window.
const OTHERS_PER_WINDOW: usize = 6;
/// Two parties with one voice are told apart when they are so far from each other in it.
const APART: Duration = Duration::from_millis(900);

/// Everything that was heard, judged.
pub struct Verifier {
    book: Book,
    began: Instant,
    probes: HashMap<PartyId, Listener>,
    matcher: Matcher,
    /// What was said in the window under judgement.
    said: HashMap<PartyId, Option<Said>>,
    likely: Likely,
    next_window: Instant,
    findings: Findings,
    totals: Totals,
    heard: Heard,
    references: Option<References>,
}

struct Listener {
    probe: Probe,
    /// Marked packets by source in the seconds that are not judged yet.
    passed: HashMap<(u64, PartyId), u32>,
    /// When the first sound of each call was heard.
    first_sound: Option<Instant>,
}

/// The windows in which a voice was likely, by second, and with which delay.
type Likely = HashMap<Pair, Vec<(u64, usize)>>;

struct Said {
    spectrum: Spectrum,
    signal: Vec<f32>,
    dbfs: f64,
    activity: f64,
}

/// What the verifier found out besides its findings.
#[derive(Debug, Default)]
pub struct Totals {
    /// Mouth to ear, ms.
    pub mouth_to_ear_ms: Collector,
    /// The same by leg.
    pub by_leg: HashMap<(CallNumber, PartyId), Collector>,
    /// The values since they were last taken.
    pub recent_ms: Vec<f64>,
    /// Each listener's counters each second.
    pub stats: HashMap<PartyId, Vec<(Instant, ProbeStats)>>,
    /// When a call's first sound was heard by its caller.
    pub first_sound: HashMap<CallNumber, Instant>,
    /// Pairs of a probe and a voice that were compared.
    pub compared: u64,
}

impl Verifier {
    /// A verifier that reads that book, keeps evidence in that folder, and pairs of files if wanted.
    pub fn new(book: Book, evidence: Option<PathBuf>, reference: Option<ReferenceConfig>) -> Self {
        let began = book.open().began;
        Self {
            book,
            began,
            probes: HashMap::new(),
            matcher: Matcher::new(),
            said: HashMap::new(),
            likely: Likely::new(),
            next_window: began,
            findings: Findings::new(began, evidence),
            totals: Totals::default(),
            heard: Heard::default(),
            references: reference.map(References::new),
        }
    }

    /// Verifies everything that was heard until then.
    ///
    /// # Errors
    /// libopus has no memory for one more probe.
    pub fn verify_until(&mut self, horizon: Instant) -> Result<(), CodecError> {
        let pages = self.book.copy();
        self.welcome(&pages)?;
        while self.next_window + STEP * 2 <= horizon {
            let from = self.next_window;
            self.play(&pages, from + STEP * 2);
            self.judge_window(&pages, from);
            let probes = &self.probes;
            let probe = |party: PartyId| probes.get(&party).map(|listener| &listener.probe);
            self.heard.measure_changes(&pages, probe, &mut self.matcher, from);
            if let Some(references) = &mut self.references {
                references.note(&pages, from, STEP);
            }
            self.next_window = from + STEP;
            self.book.open().routes.forget(from - STEP.min(from - self.began));
        }
        Ok(())
    }

    /// What was found against the routes so far.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Writes the pairs of files; how many there are, `None` if none were wanted.
    ///
    /// # Errors
    /// Their folder can't be written to.
    pub fn write_references(&self, pages: &Pages) -> Option<std::io::Result<usize>> {
        let kept = |party| self.probes.get(&party).and_then(|listener| listener.probe.kept());
        self.references.as_ref().map(|references| references.write(pages, kept))
    }

    /// The figures so far.
    pub fn totals(&mut self) -> &mut Totals {
        &mut self.totals
    }

    /// Who was heard when, and how long changes took.
    pub fn heard(&self) -> &Heard {
        &self.heard
    }

    /// Takes in who came since the last time.
    fn welcome(&mut self, pages: &Pages) -> Result<(), CodecError> {
        for (id, party) in (0..).zip(&pages.parties) {
            if let Entry::Vacant(place) = self.probes.entry(id) {
                let probe = Probe::new(party.inbox.clone())?;
                place.insert(Listener { probe, passed: HashMap::new(), first_sound: None });
            }
        }
        Ok(())
    }

    fn play(&mut self, pages: &Pages, until: Instant) {
        let Self { began, probes, findings, totals, heard, references, .. } = self;
        for (&party, listener) in probes {
            let Listener { probe, passed, first_sound } = listener;
            let kept = references.as_mut().and_then(|it| it.packets_of(pages, party));
            kept.into_iter().for_each(|packets_max| probe.keep(packets_max));
            probe.play(until, |packet| {
                first_sound.get_or_insert(packet.at);
                let second = packet.at.saturating_duration_since(*began).as_secs();
                *passed.entry((second, packet.tag.party)).or_default() += 1;
                judge_packet(pages, party, packet, findings, totals);
                heard.note(pages, Pair { listener: party, source: packet.tag.party }, packet.at);
            });
            totals.stats.entry(party).or_default().push((until, probe.stats()));
            note_first_sound(pages, party, probe, *first_sound, until, totals);
        }
    }

    fn judge_window(&mut self, pages: &Pages, from: Instant) {
        let to = from + STEP * 2;
        self.said.clear();
        let mut ids: Vec<PartyId> = self.probes.keys().copied().collect();
        ids.sort_unstable();
        for id in ids {
            self.judge_ear(pages, id, from, to);
        }
        let second = (from - self.began).as_secs();
        for listener in self.probes.values_mut() {
            listener.passed.retain(|(at, _), _| *at > second);
        }
    }

    fn judge_ear(&mut self, pages: &Pages, listener: PartyId, from: Instant, to: Instant) {
        let Some(probe) = self.probes.get(&listener) else { return };
        let mixed =
            probe.probe.mixed(from, WINDOW).filter(|(_, frames)| *frames >= MIXED_FRAMES_MIN);
        let mut own: Vec<PartyId> = pages
            .routes
            .pairs(from, to)
            .filter(|pair| pair.listener == listener)
            .map(|pair| pair.source)
            .collect();
        own.sort_unstable();
        let second = (from - self.began).as_secs();
        let passed = |source| {
            let at = |second| probe.passed.get(&(second, source)).copied().unwrap_or(0);
            at(second) + at(second + 1)
        };
        let spectrum = mixed.as_ref().map(|(signal, _)| self.matcher.heard(signal));
        let candidates = match &spectrum {
            Some(_) => candidates(pages, listener, &own, second),
            None => own.clone(),
        };
        for source in candidates {
            let pair = Pair { listener, source };
            let duty = pages.routes.duty(pair, from, to);
            let heading = Heading { pages, pair, from, to };
            if passed(source) >= PASSED_MIN {
                self.findings.present(pair);
                continue; // Whether it may be heard was judged packet by packet.
            }
            let Some(speaker) = pages.party(source).and_then(|it| it.speaker.as_ref()) else {
                continue;
            };
            let said =
                self.said.entry(source).or_insert_with(|| said(&mut self.matcher, speaker, from));
            let Some(said) = said.as_ref().filter(|said| said.activity >= ACTIVE) else { continue };
            let (Some(spectrum), Some((signal, frames))) = (&spectrum, &mixed) else {
                if duty == Duty::Must && source != listener {
                    self.findings.absent(&heading);
                }
                continue;
            };
            let is_whole = *frames * NARROW_FRAME >= WINDOW * 9 / 10;
            if duty == Duty::MustNot && (!is_whole || is_ambiguous(pages, &own, speaker)) {
                continue; // Where a mix begins there is a click, as there is in many words.
            }
            let found = self.matcher.find(spectrum, &said.spectrum);
            self.totals.compared += 1;
            if is_there(&mut self.likely, pair, second, found, duty == Duty::MustNot) {
                let aligned = &said.signal[LAG_MAX - found.lag..][..WINDOW];
                let level =
                    said.dbfs + 20.0 * f64::from(gain(signal, aligned).abs().max(1e-6)).log10();
                match duty {
                    Duty::MustNot => {
                        self.findings.heard(&heading, level, Some(found.sigma), signal)
                    }
                    Duty::Must | Duty::May => {
                        self.findings.present(pair);
                        self.heard.note_window(pages, pair, from, to);
                        let delay = found.lag as f64 * 1_000.0 / NARROW_RATE_HZ as f64;
                        self.totals.delay(pages, pair, from, delay + CODEC_DELAY_MS);
                    }
                }
            } else if duty == Duty::Must && is_whole {
                self.findings.absent(&heading);
            }
        }
    }
}

/// Whether the filter's answer means that the voice is there. Who may be heard is there when it is
/// sure, or likely with the delay of another window. To say that somebody is there who must not be
/// takes more: a run has a hundred thousand comparisons, and two windows that overlap err alike.
fn is_there(likely: &mut Likely, pair: Pair, second: u64, found: Match, accused: bool) -> bool {
    let before = likely.entry(pair).or_default();
    before.retain(|(then, _)| second - then <= 2);
    let apart = if accused { 2 } else { 1 };
    let again = found.sigma >= LIKELY
        && before
            .iter()
            .any(|(then, lag)| second - then >= apart && lag.abs_diff(found.lag) <= LAG_TOLERANCE);
    if found.sigma >= LIKELY {
        before.push((second, found.lag));
    }
    again || found.sigma >= if accused { BEYOND_DOUBT } else { SURE }
}

impl Totals {
    /// All listeners' counters together, as they were last.
    pub fn sum(&self) -> ProbeStats {
        let last = self.stats.values().filter_map(|all| all.last());
        last.fold(ProbeStats::default(), |sum, (_, it)| sum.with(*it))
    }

    /// A listener's counters at a moment, to the second.
    pub fn stats_at(&self, listener: PartyId, at: Instant) -> ProbeStats {
        let all = self.stats.get(&listener).map_or(&[][..], |all| &all[..]);
        let index = all.partition_point(|(then, _)| *then < at);
        all.get(index).or(all.last()).map_or_else(ProbeStats::default, |(_, stats)| *stats)
    }

    /// The highest jitter in some time, ms.
    pub fn jitter_max(&self, listener: PartyId, from: Instant, until: Instant) -> f64 {
        let all = self.stats.get(&listener).into_iter().flatten();
        let own = all.filter(|(at, _)| (from..=until).contains(at));
        own.map(|(_, stats)| stats.jitter_ms).fold(0.0, f64::max)
    }

    fn delay(&mut self, pages: &Pages, pair: Pair, at: Instant, delay_ms: f64) {
        self.mouth_to_ear_ms.push(delay_ms);
        self.recent_ms.push(delay_ms);
        if let Some(call) = pages.call_of(pair.listener, at) {
            self.by_leg.entry((call, pair.listener)).or_default().push(delay_ms);
        }
    }
}

fn judge_packet(
    pages: &Pages,
    listener: PartyId,
    packet: Passed,
    findings: &mut Findings,
    totals: &mut Totals,
) {
    let pair = Pair { listener, source: packet.tag.party };
    let to = packet.at + FRAME;
    let speaker = pages.party(pair.source).and_then(|it| it.speaker.as_ref());
    let spoken = speaker.map(|it| it.spoken_at(packet.tag.frame));
    let said = spoken.unwrap_or(packet.at);
    if pages.routes.packet_duty(pair, said, packet.at, to) == Duty::MustNot {
        let heading = Heading { pages, pair, from: packet.at, to };
        findings.heard(&heading, f64::NAN, None, &[]);
    } else if let Some(spoken) = spoken {
        let delay = ms(packet.at.saturating_duration_since(spoken));
        totals.delay(pages, pair, packet.at, delay + CODEC_DELAY_MS);
    }
}

fn note_first_sound(
    pages: &Pages,
    party: PartyId,
    probe: &Probe,
    first_marked: Option<Instant>,
    now: Instant,
    totals: &mut Totals,
) {
    let is_caller = pages.party(party).is_some_and(|it| it.role == Role::Caller);
    if let Some(call) = pages.call_of(party, now).filter(|_| is_caller)
        && let Some(at) = first_marked.or_else(|| probe.first_mixed())
    {
        totals.first_sound.entry(call).or_insert(at);
    }
}

/// Whom to look for at a probe: those of its own call, all supervisors, and some others in turn.
fn candidates(pages: &Pages, listener: PartyId, own: &[PartyId], second: u64) -> Vec<PartyId> {
    let mut wanted = own.to_vec();
    let others: Vec<PartyId> = (0..)
        .zip(&pages.parties)
        .filter(|(id, party)| *id != listener && !own.contains(id) && party.speaker.is_some())
        .map(|(id, _)| id)
        .collect();
    let is_supervisor =
        |id: &PartyId| pages.party(*id).is_some_and(|party| party.role == Role::Supervisor);
    let (supervisors, others): (Vec<PartyId>, Vec<PartyId>) =
        others.into_iter().partition(is_supervisor);
    wanted.extend(supervisors);
    let turn = second as usize * OTHERS_PER_WINDOW + usize::from(listener);
    let count = others.len().min(OTHERS_PER_WINDOW);
    wanted.extend((0..count).map(|n| others[(turn + n) % others.len()]));
    wanted
}

fn said(matcher: &mut Matcher, speaker: &Speaker, from: Instant) -> Option<Said> {
    let before = Duration::from_secs_f64(LAG_MAX as f64 / NARROW_RATE_HZ as f64);
    let signal = speaker.said(from.checked_sub(before)?, LAG_MAX + WINDOW);
    let power = signal.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / signal.len() as f64;
    let dbfs = 10.0 * power.max(1e-12).log10();
    let activity = activity(&signal[LAG_MAX..]);
    Some(Said { spectrum: matcher.said(&signal), signal, dbfs, activity })
}

/// Whether somebody who may be heard says the same at nearly the same time.
fn is_ambiguous(pages: &Pages, allowed: &[PartyId], speaker: &Speaker) -> bool {
    allowed.iter().filter(|id| **id != speaker.party).any(|id| {
        let other = pages.party(*id).and_then(|party| party.speaker.as_ref());
        other.is_some_and(|other| other.distance(speaker).is_some_and(|it| it < APART))
    })
}
