//! When somebody began and ceased to be heard: spans for the timeline, and how long changes took.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::book::{Change, Pages};
use super::matching::{LAG_MAX, LIKELY, Matcher, SURE, WINDOW, gain};
use super::narrow::NARROW_RATE_HZ;
use super::probe::Probe;
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
/// In parts of half a second the delay is looked for anew, so many times.
const PART: usize = NARROW_RATE_HZ / 2;
const PARTS: u32 = 6;
/// In pieces of 20 ms it may move.
const PIECE: usize = NARROW_RATE_HZ / 50;
/// Speech falls by some 6 dB an octave; levelled by this, every part of it says when.
const PRE_EMPHASIS: f32 = 0.9;

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
        pages: &Pages,
        probe: impl Fn(PartyId) -> Option<&'a Probe>,
        matcher: &mut Matcher,
        until: Instant,
    ) {
        while let Some(change) = pages.changes.get(self.measured) {
            if change.acknowledged + AFTERWARDS > until {
                return;
            }
            self.measured += 1;
            let speaker = pages.party(change.supervisor).and_then(|it| it.speaker.as_ref());
            if let (Some(probe), Some(speaker)) = (probe(change.agent), speaker) {
                match (change.was_heard, change.is_heard) {
                    (false, true) => {
                        let value = opening(probe, speaker, matcher, change);
                        value.into_iter().for_each(|value| self.audible_ms.push(value));
                    }
                    (true, false) => {
                        let value = closing(probe, speaker, matcher, change);
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

fn opening(
    probe: &Probe,
    speaker: &Speaker,
    matcher: &mut Matcher,
    change: &Change,
) -> Option<f64> {
    let known = Known::find(probe, speaker, matcher, change.acknowledged + SETTLE)?;
    // At first the playout buffers still look for their depth, so that the delay moves.
    let mut all = vec![known.evidence(probe, speaker, change.asked)?];
    for lag in known.early_lags(probe, speaker, matcher, change.asked) {
        all.push(Known { lag, ..known }.evidence(probe, speaker, change.asked)?);
    }
    Some(samples_ms(beginning(&best_of(&all))))
}

fn closing(
    probe: &Probe,
    speaker: &Speaker,
    matcher: &mut Matcher,
    change: &Change,
) -> Option<f64> {
    let window = Duration::from_secs_f64(WINDOW as f64 / NARROW_RATE_HZ as f64);
    let known = Known::find(probe, speaker, matcher, change.asked.checked_sub(window)?)?;
    let evidence = known.evidence(probe, speaker, change.asked)?;
    Some(samples_ms(end(&evidence)))
}

/// In each piece the evidence of the delay that has the most.
fn best_of(all: &[Vec<f32>]) -> Vec<f32> {
    let length = all.iter().map(Vec::len).min().unwrap_or(0);
    (0..length)
        .step_by(PIECE)
        .flat_map(|from| {
            let pieces = all.iter().map(|one| &one[from..(from + PIECE).min(length)]);
            let sum = |piece: &[f32]| piece.iter().sum::<f32>();
            pieces.max_by(|a, b| sum(a).total_cmp(&sum(b))).unwrap_or_default().to_vec()
        })
        .collect()
}

/// The voice is there from where all that comes after speaks for it the most.
fn beginning(evidence: &[f32]) -> usize {
    let mut sum = 0.0;
    let after = evidence.iter().enumerate().rev().map(|(n, value)| {
        sum += value;
        (n, sum)
    });
    after.max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(n, _)| n)
}

/// The voice is there until where all that came before speaks for it the most.
fn end(evidence: &[f32]) -> usize {
    let mut sum = 0.0;
    let before = std::iter::once((0, 0.0)).chain(evidence.iter().enumerate().map(|(n, value)| {
        sum += value;
        (n + 1, sum)
    }));
    before.max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(n, _)| n)
}

/// The delay and the gain with which a voice is known to be heard.
#[derive(Debug, Clone, Copy)]
struct Known {
    lag: usize,
    gain: f32,
}

impl Known {
    fn find(
        probe: &Probe,
        speaker: &Speaker,
        matcher: &mut Matcher,
        from: Instant,
    ) -> Option<Self> {
        let (signal, _) = probe.mixed(from, WINDOW)?;
        let said = speaker.said(earlier(from, LAG_MAX)?, LAG_MAX + WINDOW);
        let (heard, spectrum) = (matcher.heard(&signal), matcher.said(&said));
        let found = matcher.find(&heard, &spectrum);
        if found.sigma < SURE {
            return None;
        }
        let aligned = &said[LAG_MAX - found.lag..][..WINDOW];
        let gain = gain(&levelled(&signal), &levelled(aligned));
        (gain > 0.0).then_some(Self { lag: found.lag, gain })
    }

    /// The delays that are likely in some part of the time from `from` on.
    fn early_lags(
        &self,
        probe: &Probe,
        speaker: &Speaker,
        matcher: &mut Matcher,
        from: Instant,
    ) -> Vec<usize> {
        let look = |start: Instant| {
            let (mut signal, _) = probe.mixed(start, PART)?;
            signal.resize(WINDOW, 0.0);
            let said = speaker.said(earlier(start, LAG_MAX)?, LAG_MAX + PART);
            let (heard, spectrum) = (matcher.heard(&signal), matcher.said(&said));
            let found = matcher.find(&heard, &spectrum);
            (found.sigma >= LIKELY).then_some(found.lag)
        };
        let starts = (0..PARTS).map(|n| from + CHANGE_MAX / PARTS * n);
        let mut lags: Vec<usize> = starts.filter_map(look).collect();
        lags.retain(|lag| *lag != self.lag);
        lags.sort_unstable();
        lags.dedup();
        lags
    }

    /// For each sample from `from` on, how much it speaks for the voice being there: by how much it
    /// makes less of what is left unexplained. Summed, it is the likelihood of a change of state.
    fn evidence(&self, probe: &Probe, speaker: &Speaker, from: Instant) -> Option<Vec<f32>> {
        let samples = (CHANGE_MAX.as_secs_f64() * NARROW_RATE_HZ as f64) as usize;
        let (signal, _) = probe.mixed(from, samples)?;
        let said = levelled(&speaker.said(earlier(from, self.lag)?, samples));
        let pairs = levelled(&signal).into_iter().zip(said);
        Some(
            pairs
                .map(|(heard, said)| self.gain * said * (2.0 * heard - self.gain * said))
                .collect(),
        )
    }
}

fn levelled(signal: &[f32]) -> Vec<f32> {
    let before = std::iter::once(&0.0).chain(signal);
    signal.iter().zip(before).map(|(sample, before)| sample - PRE_EMPHASIS * before).collect()
}

fn samples_ms(samples: usize) -> f64 {
    samples as f64 * 1_000.0 / NARROW_RATE_HZ as f64
}

fn earlier(at: Instant, samples: usize) -> Option<Instant> {
    at.checked_sub(Duration::from_secs_f64(samples as f64 / NARROW_RATE_HZ as f64))
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    #[test]
    fn a_change_is_found_to_ten_milliseconds_beneath_another_voice() {
        let mut random = StdRng::seed_from_u64(3);
        let mut noise =
            || -> Vec<f32> { (0..9_600).map(|_| random.random_range(-0.1..0.1)).collect() };
        for place in [0, 800, 4_800, 9_000] {
            let (voice, other) = (noise(), noise());
            let evidence = |is_there: &dyn Fn(usize) -> bool| -> Vec<f32> {
                let heard = |n: usize| other[n] + if is_there(n) { 0.5 * voice[n] } else { 0.0 };
                (0..9_600).map(|n| 0.5 * voice[n] * (2.0 * heard(n) - 0.5 * voice[n])).collect()
            };
            let found = beginning(&evidence(&|n| n >= place));
            assert!(found.abs_diff(place) <= 80, "{found} for {place}");
            let found = end(&evidence(&|n| n < place));
            assert!(found.abs_diff(place) <= 80, "{found} for {place}");
        }
    }
}
