//! The report of a run, made of the book and of what the verifier heard.

use std::time::Instant;

use super::watch::Watched;
use crate::measure::book::{Book, Call, Counts, Pages, Tally, ms};
use crate::measure::probe::ProbeStats;
use crate::measure::routes::PartyId;
use crate::measure::verifier::Verifier;
use crate::report::data::{
    AudibleSpan, CallCounts, Delays, FindingKind, LegReport, ModeCounts, ModeSpan, Percentiles,
    Report, RunFacts, SupervisedCall,
};
use crate::report::mos::{Conditions, Resilience};
use crate::report::percentiles::Collector;

/// A generator that is later than this with one packet in a hundred is not to be believed, ms: half
/// a frame.
const LATENESS_P99_MAX_MS: f64 = 10.0;
/// Of all packets, so many may be left out for lateness.
const SKIPPED_MAX: f64 = 0.001;

/// What was run.
pub struct Facts {
    /// The server's address.
    pub server: String,
    /// The seed.
    pub seed: u64,
    /// The scenario, as TOML.
    pub scenario: String,
    /// The recordings' names.
    pub recordings: Vec<String>,
    /// Those left out.
    pub skipped: Vec<String>,
    /// What was wrong with those that were used.
    pub notes: Vec<String>,
}

/// The report, but for the limits.
pub fn report(book: &Book, watched: Watched, facts: Facts) -> Report {
    let Watched { mut verifier, seconds } = watched;
    let pages = book.copy();
    let tally = book.tally();
    let counts = tally.counts;
    let delays = delays(&pages, &tally, &mut verifier);
    let legs = legs(&pages, &mut verifier);
    let mut mos = Collector::new();
    legs.iter().filter_map(|leg| leg.mos).for_each(|value| mos.push(value));
    let mut invalid_because = tally.doubts.clone();
    invalid_because.extend(too_late(counts, &delays, &mut verifier));
    match verifier.write_references(&pages) {
        Some(Ok(0)) => invalid_because.push(
            "no leg was long enough with one voice alone for a pair of reference files".to_owned(),
        ),
        Some(Err(error)) => {
            invalid_because.push(format!("the reference files were not written: {error}"));
        }
        Some(Ok(_)) | None => {}
    }
    let findings = verifier.findings();
    let count = |kind| findings.count(kind);
    let duration_s = pages.began.elapsed().as_secs_f64();
    Report {
        valid: invalid_because.is_empty(),
        invalid_because,
        leaks: count(FindingKind::Leak),
        crossed: count(FindingKind::Crossed),
        missing: count(FindingKind::Missing),
        run: RunFacts {
            server: facts.server,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            began_at: began_at(duration_s),
            duration_s,
            seed: facts.seed,
            scenario: facts.scenario,
            recordings: facts.recordings,
            skipped: facts.skipped,
            notes: facts.notes.into_iter().chain(tally.notes.iter().cloned()).collect(),
        },
        calls: CallCounts {
            asked: counts.asked,
            connected: counts.connected,
            failed: counts.failed,
            at_once_max: seconds.iter().map(|second| second.calls).max().unwrap_or(0),
        },
        mode_changes: ModeCounts {
            asked: counts.changes_asked,
            done: counts.changes_done,
            failed: counts.changes_failed,
        },
        percentiles: delays,
        mos: mos.percentiles(),
        findings: findings.all(),
        limits: Vec::new(),
        legs,
        supervised: supervised(&pages, &verifier),
        seconds,
    }
}

fn delays(pages: &Pages, tally: &Tally, verifier: &mut Verifier) -> Delays {
    let mut setup = Collector::new();
    let mut first_audio = Collector::new();
    for call in &pages.calls {
        if let Some(first) = verifier.totals().first_sound.get(&call.number) {
            setup.push(ms(first.saturating_duration_since(call.placed)));
            first_audio.push(ms(first.saturating_duration_since(call.from)));
        }
    }
    let heard = verifier.heard();
    let (audible, silent) = (heard.audible_ms.percentiles(), heard.silent_ms.percentiles());
    Delays {
        mouth_to_ear_ms: verifier.totals().mouth_to_ear_ms.percentiles(),
        setup_ms: setup.percentiles(),
        station_setup_ms: tally.delays.station_setup_ms.percentiles(),
        first_audio_ms: first_audio.percentiles(),
        mode_change_ms: tally.delays.mode_change_ms.percentiles(),
        mode_audible_ms: audible,
        mode_silent_ms: silent,
        lateness_ms: tally.delays.lateness_ms.percentiles(),
    }
}

fn too_late(counts: Counts, delays: &Delays, verifier: &mut Verifier) -> Vec<String> {
    let mut doubts = Vec::new();
    if let Some(Percentiles { p99, .. }) = delays.lateness_ms
        && p99 > LATENESS_P99_MAX_MS
    {
        doubts.push(format!(
            "the generator was late: one packet in a hundred by {p99:.1} ms or more (limit \
             {LATENESS_P99_MAX_MS} ms); use fewer calls or a faster machine"
        ));
    }
    let sent = delays.lateness_ms.map_or(0, |it| it.count).max(1);
    if counts.skipped as f64 / sent as f64 > SKIPPED_MAX {
        doubts.push(format!("{} packets were left out, being too late", counts.skipped));
    }
    let uncounted = verifier.findings().uncounted();
    if uncounted > 0 {
        doubts.push(format!("{uncounted} more findings than could be kept"));
    }
    if verifier.totals().mouth_to_ear_ms.count() == 0 {
        doubts.push("nothing was heard in any call".to_owned());
    }
    doubts
}

fn legs(pages: &Pages, verifier: &mut Verifier) -> Vec<LegReport> {
    let began = pages.began;
    let mut legs = Vec::new();
    for (id, party) in (0..).zip(&pages.parties) {
        for stay in &party.on {
            let until = stay.until.unwrap_or_else(Instant::now);
            let totals = verifier.totals();
            let before = totals.stats_at(id, stay.from);
            let after = totals.stats_at(id, until);
            let stats = difference(before, after);
            let delays = totals.by_leg.get(&(stay.call, id)).and_then(Collector::percentiles);
            legs.push(LegReport {
                call: stay.call,
                role: party.role,
                name: party.name.clone(),
                connection: party.connection.to_string(),
                from_s: (stay.from - began).as_secs_f64(),
                until_s: until.saturating_duration_since(began).as_secs_f64(),
                received: stats.received,
                lost: stats.lost,
                reordered: stats.reordered,
                jitter_ms: totals.jitter_max(id, stay.from, until),
                concealed_ms: stats.concealed_ms,
                mixed: mixed(&stats),
                mouth_to_ear_ms: delays,
                // The model's figures here are Opus's.
                mos: delays
                    .filter(|_| party.connection.is_opus())
                    .map(|delays| mos(&stats, delays.p50)),
            });
        }
    }
    legs.sort_by_key(|leg| (leg.call, leg.role));
    legs
}

fn difference(before: ProbeStats, after: ProbeStats) -> ProbeStats {
    ProbeStats {
        received: after.received.saturating_sub(before.received),
        lost: after.lost.saturating_sub(before.lost),
        reordered: after.reordered.saturating_sub(before.reordered),
        played_frames: after.played_frames.saturating_sub(before.played_frames),
        mixed_frames: after.mixed_frames.saturating_sub(before.mixed_frames),
        passed_frames: after.passed_frames.saturating_sub(before.passed_frames),
        concealed_ms: after.concealed_ms.saturating_sub(before.concealed_ms),
        jitter_ms: after.jitter_ms,
    }
}

/// The share of the sound heard that the server has encoded a second time.
fn mixed(stats: &ProbeStats) -> f64 {
    let frames = stats.mixed_frames + stats.passed_frames;
    if frames == 0 { 0.0 } else { stats.mixed_frames as f64 / frames as f64 }
}

/// What was concealed counts as lost, be it that it came too late. Bursts are not told apart here.
fn mos(stats: &ProbeStats, delay_ms: f64) -> f64 {
    let played_ms = (stats.played_frames * 20).max(1);
    let loss = (stats.concealed_ms as f64 / played_ms as f64).min(1.0);
    let (resilience, mixed) = (Resilience::InBandFec, mixed(stats));
    Conditions { delay_ms, loss, burst_ratio: 1.0, resilience, mixed }.mos()
}

fn supervised(pages: &Pages, verifier: &Verifier) -> Vec<SupervisedCall> {
    let began = pages.began;
    let at_s = |at: Instant| at.saturating_duration_since(began).as_secs_f64();
    let name = |id: PartyId| pages.party(id).map_or_else(String::new, |it| it.name.clone());
    let story = |call: &Call| {
        let mut audible: Vec<AudibleSpan> = verifier
            .heard()
            .spans(call.number)
            .flat_map(|(pair, spans)| spans.iter().map(move |span| (pair, *span)))
            .filter_map(|(pair, (from, until))| {
                Some(AudibleSpan {
                    listener: name(pair.listener),
                    source: name(pair.source),
                    source_role: pages.party(pair.source)?.role,
                    from_s: at_s(from),
                    until_s: at_s(until),
                })
            })
            .collect();
        audible.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
        let end = call.until.unwrap_or_else(Instant::now);
        let modes = call.modes.iter().map(|(supervisor, mode, from, until)| ModeSpan {
            supervisor: name(*supervisor),
            mode: *mode,
            from_s: at_s(*from),
            until_s: at_s(until.unwrap_or(end)),
        });
        SupervisedCall {
            call: call.number,
            from_s: at_s(call.from),
            until_s: at_s(end),
            modes: modes.collect(),
            audible,
        }
    };
    pages.calls.iter().filter(|call| !call.modes.is_empty()).map(story).collect()
}

/// The beginning of a run that took so long until now, RFC 3339.
fn began_at(duration_s: f64) -> String {
    let now = std::time::SystemTime::now();
    let began = now.checked_sub(std::time::Duration::from_secs_f64(duration_s)).unwrap_or(now);
    humantime::format_rfc3339_seconds(began).to_string()
}
