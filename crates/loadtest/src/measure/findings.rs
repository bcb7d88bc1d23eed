//! What was heard that must not be, or not heard that must be: collected, joined, kept with evidence.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::book::Pages;
use super::narrow::NARROW_RATE_HZ;
use super::routes::{Pair, Role};
use super::wav::wav;
use crate::report::data::{Finding, FindingKind};

/// Findings nearer to each other than this are one.
const JOIN: Duration = Duration::from_millis(2_500);
/// Findings that are told one by one; beyond it they are counted.
const FINDINGS_MAX: usize = 1_000;
/// Windows in a row in which somebody was not heard before that is a finding: one may fall into a
/// pause of speech or a burst of losses.
const ABSENT_WINDOWS: u32 = 3;

/// All findings.
pub struct Findings {
    began: Instant,
    evidence: Option<PathBuf>,
    open: Vec<Open>,
    absent: HashMap<Pair, u32>,
    uncounted: usize,
}

/// What a finding is about.
pub struct Heading<'a> {
    /// The book.
    pub pages: &'a Pages,
    /// Who heard whom.
    pub pair: Pair,
    /// From when.
    pub from: Instant,
    /// Until when.
    pub to: Instant,
}

struct Open {
    pair: Pair,
    until: Instant,
    finding: Finding,
}

impl Findings {
    /// None yet. Evidence goes to `evidence`.
    pub fn new(began: Instant, evidence: Option<PathBuf>) -> Self {
        Self { began, evidence, open: Vec::new(), absent: HashMap::new(), uncounted: 0 }
    }

    /// Somebody was heard who must not be. `sound` is what the listener heard, at
    /// [`NARROW_RATE_HZ`]; a level that is not a number is unknown.
    pub fn heard(&mut self, heading: &Heading<'_>, level: f64, sigma: Option<f64>, sound: &[f32]) {
        let is_supervisor = heading
            .pages
            .party(heading.pair.source)
            .is_some_and(|party| party.role == Role::Supervisor);
        let kind = if is_supervisor { FindingKind::Leak } else { FindingKind::Crossed };
        let level = level.is_finite().then_some(level);
        self.find(heading, kind, level, sigma, sound);
    }

    /// Somebody was heard who may be.
    pub fn present(&mut self, pair: Pair) {
        self.absent.remove(&pair);
    }

    /// Somebody was not heard in a window who must be.
    pub fn absent(&mut self, heading: &Heading<'_>) {
        let windows = self.absent.entry(heading.pair).or_default();
        *windows += 1;
        if *windows >= ABSENT_WINDOWS {
            self.find(heading, FindingKind::Missing, None, None, &[]);
        }
    }

    /// How many of a kind.
    pub fn count(&self, kind: FindingKind) -> usize {
        self.open.iter().filter(|open| open.finding.kind == kind).count()
    }

    /// Findings beyond those that are told one by one.
    pub fn uncounted(&self) -> usize {
        self.uncounted
    }

    /// All of them.
    pub fn all(&self) -> Vec<Finding> {
        self.open.iter().map(|open| open.finding.clone()).collect()
    }

    fn find(
        &mut self,
        heading: &Heading<'_>,
        kind: FindingKind,
        level: Option<f64>,
        sigma: Option<f64>,
        sound: &[f32],
    ) {
        let Heading { pages, pair, from, to } = *heading;
        let began = self.began;
        let at_s = |at: Instant| at.saturating_duration_since(began).as_secs_f64();
        let same = self.open.iter_mut().rev().find(|open| {
            open.pair == pair && open.finding.kind == kind && from <= open.until + JOIN
        });
        if let Some(open) = same {
            open.until = open.until.max(to);
            let finding = &mut open.finding;
            finding.for_s = at_s(open.until) - finding.at_s;
            finding.level_dbfs = highest(finding.level_dbfs, level);
            finding.sigma = highest(finding.sigma, sigma);
            return;
        }
        let (Some(listener), Some(source)) = (pages.party(pair.listener), pages.party(pair.source))
        else {
            return;
        };
        if self.open.len() >= FINDINGS_MAX {
            self.uncounted += 1;
            return;
        }
        let call = pages.call_of(pair.listener, from).unwrap_or(0);
        let source_call = pages.call_of(pair.source, from).filter(|it| *it != call);
        let number = self.open.len() + 1;
        let evidence = self.evidence.as_deref().filter(|_| !sound.is_empty());
        let evidence = evidence.and_then(|folder| keep(folder, number, sound));
        let finding = Finding {
            kind,
            at_s: at_s(from),
            for_s: (to - from).as_secs_f64(),
            call,
            listener: listener.name.clone(),
            listener_role: listener.role,
            source: source.name.clone(),
            source_role: source.role,
            source_call,
            level_dbfs: level,
            sigma,
            evidence,
        };
        self.open.push(Open { pair, until: to, finding });
    }
}

fn highest(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}

/// Keeps the sound; its path relative to the folder's parent. Evidence that can't be written is
/// told, and the finding stands without it.
fn keep(folder: &Path, number: usize, sound: &[f32]) -> Option<String> {
    let name = format!("finding-{number}.wav");
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(folder.join(&name), wav(sound, NARROW_RATE_HZ as u32)));
    if let Err(error) = written {
        tracing::warn!(%error, folder = %folder.display(), "evidence was not written");
        return None;
    }
    let parent = folder.file_name().map(|it| it.to_string_lossy().into_owned());
    Some(parent.map_or(name.clone(), |parent| format!("{parent}/{name}")))
}
