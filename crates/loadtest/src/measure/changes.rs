//! When somebody began and ceased to be heard: spans for the timeline, and how long changes took.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::book::{Book, Change, Pages, ms};
use super::ear::Ear;
use super::matching::{LAG_MAX, Matcher, SURE, WINDOW, gain};
use super::narrow::NARROW_RATE_HZ;
use super::routes::{CallNumber, Pair, PartyId};
use super::voice::Speaker;
use crate::report::percentiles::Collector;

/// Spans with less than this between them are one: a pause between words is no end.
const JOIN: Duration = Duration::from_millis(1_200);
/// A change is measured once this time has passed: the window by which the delay is found.
const AFTERWARDS: Duration = Duration::from_millis(2_600);
/// What was asked for is still settling for so long.
const SETTLE: Duration = Duration::from_millis(400);
/// How long a change may take to be heard, at most.
const CHANGE_MAX: Duration = Duration::from_millis(1_200);
/// In steps of 10 ms, pieces of 40 ms.
const HOP: usize = NARROW_RATE_HZ / 100;
const PIECE: usize = 4 * HOP;
/// A piece in which the voice is above this part of its usual gain has it.
const PRESENT: f32 = 0.35;

/// Who was heard when.
#[derive(Default)]
pub struct Heard {
    spans: HashMap<(CallNumber, Pair), Vec<(Instant, Instant)>>,
    /// From the request to the first sample, ms.
    pub audible_ms: Collector,
    /// From the request to the last one, ms.
    pub silent_ms: Collector,
    measured: usize,
}

impl Heard {
    /// A packet was heard.
    pub fn note(&mut self, pages: &Pages, pair: Pair, at: Instant) {
        self.span(pages, pair, at, at + super::voice::FRAME);
    }

    /// Somebody was heard in a window: surely in its middle half.
    pub fn note_window(&mut self, pages: &Pages, pair: Pair, from: Instant, to: Instant) {
        let quarter = (to - from) / 4;
        self.span(pages, pair, from + quarter, to - quarter);
    }

    /// Who was heard when, on a call.
    pub fn spans(&self, call: CallNumber) -> impl Iterator<Item = (Pair, &[(Instant, Instant)])> {
        let own = self.spans.iter().filter(move |((number, _), _)| *number == call);
        own.map(|((_, pair), spans)| (*pair, &spans[..]))
    }

    /// Measures the changes that lie far enough back.
    pub fn measure_changes<'a>(
        &mut self,
        book: &Book,
        ear: impl Fn(PartyId) -> Option<&'a Ear>,
        matcher: &mut Matcher,
        until: Instant,
    ) {
        let pages = book.open();
        while let Some(change) = pages.changes.get(self.measured) {
            if change.acknowledged + AFTERWARDS > until {
                return;
            }
            self.measured += 1;
            let speaker = pages.party(change.supervisor).and_then(|it| it.speaker.as_ref());
            if let (Some(ear), Some(speaker)) = (ear(change.agent), speaker) {
                match (change.was_heard, change.is_heard) {
                    (false, true) => {
                        let value = opening(ear, speaker, matcher, change);
                        value.into_iter().for_each(|value| self.audible_ms.push(value));
                    }
                    (true, false) => {
                        let value = closing(ear, speaker, matcher, change);
                        value.into_iter().for_each(|value| self.silent_ms.push(value));
                    }
                    _ => {}
                }
            }
        }
    }

    fn span(&mut self, pages: &Pages, pair: Pair, from: Instant, to: Instant) {
        let Some(call) = pages.call_of(pair.listener, to) else { return };
        let spans = self.spans.entry((call, pair)).or_default();
        match spans.last_mut() {
            Some((_, until)) if from <= *until + JOIN => *until = (*until).max(to),
            _ => spans.push((from, to)),
        }
    }
}

fn opening(ear: &Ear, speaker: &Speaker, matcher: &mut Matcher, change: &Change) -> Option<f64> {
    let known = Known::find(ear, speaker, matcher, change.acknowledged + SETTLE)?;
    let pieces = known.pieces(ear, speaker, change.asked)?;
    let first = pieces.windows(2).position(|pair| pair[0] > PRESENT && pair[1] > PRESENT)?;
    // A piece has it once its middle has.
    Some((first * HOP + PIECE / 2) as f64 * 1_000.0 / NARROW_RATE_HZ as f64)
}

fn closing(ear: &Ear, speaker: &Speaker, matcher: &mut Matcher, change: &Change) -> Option<f64> {
    let window = Duration::from_secs_f64(WINDOW as f64 / NARROW_RATE_HZ as f64);
    let known = Known::find(ear, speaker, matcher, change.asked.checked_sub(window)?)?;
    let pieces = known.pieces(ear, speaker, change.asked)?;
    let last = pieces.windows(2).rposition(|pair| pair[0] > PRESENT && pair[1] > PRESENT);
    let end = last.map_or(0, |last| (last + 1) * HOP + PIECE / 2);
    Some((end as f64 * 1_000.0 / NARROW_RATE_HZ as f64).min(ms(CHANGE_MAX)))
}

/// The delay and the gain with which a voice is known to be heard.
struct Known {
    lag: usize,
    gain: f32,
}

impl Known {
    fn find(ear: &Ear, speaker: &Speaker, matcher: &mut Matcher, from: Instant) -> Option<Self> {
        let (signal, _) = ear.mixed(from, WINDOW)?;
        let said = speaker.said(earlier(from, LAG_MAX)?, LAG_MAX + WINDOW);
        let (heard, spectrum) = (matcher.heard(&signal), matcher.said(&said));
        let found = matcher.find(&heard, &spectrum);
        if found.sigma < SURE {
            return None;
        }
        let gain = gain(&signal, &said[LAG_MAX - found.lag..][..WINDOW]);
        (gain > 0.0).then_some(Self { lag: found.lag, gain })
    }

    /// How much of the voice is in each piece from `from` on, where 1 is all of it.
    fn pieces(&self, ear: &Ear, speaker: &Speaker, from: Instant) -> Option<Vec<f32>> {
        let samples = (CHANGE_MAX.as_secs_f64() * NARROW_RATE_HZ as f64) as usize;
        let (signal, _) = ear.mixed(from, samples)?;
        let said = speaker.said(earlier(from, self.lag)?, samples);
        let piece = |n: usize| gain(&signal[n..n + PIECE], &said[n..n + PIECE]) / self.gain;
        Some((0..samples - PIECE).step_by(HOP).map(piece).collect())
    }
}

fn earlier(at: Instant, samples: usize) -> Option<Instant> {
    at.checked_sub(Duration::from_secs_f64(samples as f64 / NARROW_RATE_HZ as f64))
}
