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
        let same = self.open.iter().rposition(|open| {
            open.pair == pair && open.finding.kind == kind && from <= open.until + JOIN
        });
        if let Some(index) = same {
            // A packet passed on proves it without a sound; what is heard after it is kept all the same.
            let is_unproved = self.open[index].finding.evidence.is_none();
            let evidence = is_unproved.then(|| self.keep(index, sound)).flatten();
            let open = &mut self.open[index];
            open.until = open.until.max(to);
            let finding = &mut open.finding;
            finding.for_s = at_s(open.until) - finding.at_s;
            finding.level_dbfs = highest(finding.level_dbfs, level);
            finding.sigma = highest(finding.sigma, sigma);
            finding.evidence = evidence.or(finding.evidence.take());
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
        let evidence = self.keep(self.open.len(), sound);
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

    /// Keeps the sound of the finding with this index, if there is any and somewhere to keep it.
    fn keep(&self, index: usize, sound: &[f32]) -> Option<String> {
        let folder = self.evidence.as_deref().filter(|_| !sound.is_empty())?;
        keep(folder, index + 1, sound)
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

#[cfg(test)]
mod tests {
    use super::super::book::Book;
    use super::*;
    use crate::telephone::Connection;

    #[test]
    fn what_a_packet_proves_first_is_kept_as_soon_as_it_is_heard() {
        let folder = tempfile::tempdir().unwrap();
        let began = Instant::now();
        let book = Book::new(began, Duration::ZERO);
        let (listener, _) =
            book.enter(Role::Caller, "Ellen Park", Connection::Station { tracks: 1 }).unwrap();
        let (source, _) =
            book.enter(Role::Supervisor, "Sam Okafor", Connection::Station { tracks: 1 }).unwrap();
        let pages = book.copy();
        let mut findings = Findings::new(began, Some(folder.path().to_owned()));
        let heading = |from_s, to_s| Heading {
            pages: &pages,
            pair: Pair { listener, source },
            from: began + Duration::from_secs(from_s),
            to: began + Duration::from_secs(to_s),
        };
        findings.heard(&heading(4, 4), f64::NAN, None, &[]);
        assert_eq!(findings.all()[0].evidence, None);
        findings.heard(&heading(4, 6), -22.0, Some(60.0), &[0.5; 16_000]);
        findings.heard(&heading(5, 7), -23.0, Some(50.0), &[0.25; 100]);
        let [finding] = &findings.all()[..] else { panic!("one, not {:?}", findings.all()) };
        assert!(finding.evidence.as_deref().unwrap().ends_with("/finding-1.wav"), "{finding:?}");
        assert_eq!(finding.level_dbfs, Some(-22.0));
        let kept = std::fs::metadata(folder.path().join("finding-1.wav")).unwrap();
        assert!(kept.len() > 16_000, "the first sound, not the last");
    }
}
