//! How many calls a server carries: runs of growing size, then the border by halving.

use std::time::Duration;

use crate::report::data::{Percentiles, Report};

/// What a run has to keep within.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Within {
    /// 99 of 100 packets get from mouth to ear within, ms.
    pub mouth_to_ear_ms: f64,
    /// Packets lost, of all, 0 to 1.
    pub loss: f64,
}

impl Default for Within {
    /// 150 ms (ITU-T G.114: what most applications bear) and half a percent.
    fn default() -> Self {
        Self { mouth_to_ear_ms: 150.0, loss: 0.005 }
    }
}

/// What came of one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Calls at a time.
    pub calls: usize,
    /// Why it is too many for the server; empty: it is not.
    pub too_many: Vec<String>,
    /// Why nothing can be said of the server: the load tester itself could not keep up.
    pub not_believed: Vec<String>,
    /// 99th percentile of the delay, ms.
    pub mouth_to_ear_p99_ms: Option<f64>,
    /// CPU of the server, cores, on average.
    pub server_cpu: Option<f64>,
}

/// What came of trying a size.
#[derive(Debug)]
pub enum Tried {
    /// A run.
    Run(Box<Report>),
    /// There are only so many agents to answer.
    OnlyAgents(usize),
}

/// What the search found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The most calls that were carried.
    pub carried: usize,
    /// Why they are not more.
    pub end: End,
}

/// Why a search ended where it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The server does not carry more.
    Server,
    /// The load tester can't keep up with more.
    Tester,
    /// More were not to be tried.
    Max,
}

/// The search. Pure: it says what to try next, and is told what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    carried: usize,
    too_many: Option<usize>,
    max: usize,
    precision: usize,
}

impl Search {
    /// A search between 1 and `max` calls, to `precision` calls.
    pub fn new(max: usize, precision: usize) -> Self {
        Self { carried: 0, too_many: None, max, precision: precision.max(1) }
    }

    /// The next size to try; `None`: the border is known.
    pub fn next(&self) -> Option<usize> {
        match self.too_many {
            None if self.max == 0 => None,
            None if self.carried == 0 => Some(self.precision.min(self.max)),
            None if self.carried >= self.max => None,
            None => Some((self.carried * 2).min(self.max)),
            Some(limit) if limit - self.carried <= self.precision => None,
            Some(limit) => Some(self.carried + (limit - self.carried) / 2),
        }
    }

    /// What came of that size.
    pub fn tell(&mut self, calls: usize, carried: bool) {
        match carried {
            true => self.carried = self.carried.max(calls),
            false => self.too_many = Some(self.too_many.map_or(calls, |limit| limit.min(calls))),
        }
    }

    /// More than that can't be tried.
    pub fn limit(&mut self, max: usize) {
        self.max = self.max.min(max);
    }

    /// The most calls that were carried.
    pub fn carried(&self) -> usize {
        self.carried
    }
}

impl Found {
    /// One line about it.
    pub fn line(&self) -> String {
        let Self { carried, end } = self;
        match end {
            End::Server => format!("this server carries {carried} calls"),
            End::Tester => format!(
                "this server carries {carried} calls at least: with more the load tester could not \
                 keep up; give it a faster machine, or one of its own"
            ),
            End::Max => {
                format!("this server carries {carried} calls at least: more were not tried")
            }
        }
    }
}

impl Attempt {
    /// Judges a run.
    pub fn of(calls: usize, report: &Report, within: Within) -> Self {
        let mut too_many = Vec::new();
        let p99 = report.percentiles.mouth_to_ear_ms.map(|Percentiles { p99, .. }| p99);
        match p99 {
            None => too_many.push("nothing was heard".to_owned()),
            Some(p99) if p99 > within.mouth_to_ear_ms => too_many.push(format!(
                "mouth to ear {p99:.0} ms at p99 (limit {:.0})",
                within.mouth_to_ear_ms
            )),
            Some(_) => {}
        }
        let loss = report.loss().unwrap_or(1.0);
        if loss > within.loss {
            too_many.push(format!("{:.2} % lost (limit {:.2})", loss * 100.0, within.loss * 100.0));
        }
        if report.calls.failed > 0 {
            too_many.push(format!("{} calls failed", report.calls.failed));
        }
        for (count, what) in [(report.leaks, "leaks"), (report.crossed, "crossed")] {
            if count > 0 {
                too_many.push(format!("{count} {what}"));
            }
        }
        let cpus: Vec<f64> = report.seconds.iter().filter_map(|second| second.server_cpu).collect();
        let server_cpu = (!cpus.is_empty()).then(|| cpus.iter().sum::<f64>() / cpus.len() as f64);
        let not_believed = report.invalid_because.clone();
        Self { calls, too_many, not_believed, mouth_to_ear_p99_ms: p99, server_cpu }
    }

    /// One line about it.
    pub fn line(&self) -> String {
        let p99 = self.mouth_to_ear_p99_ms.map_or("–".to_owned(), |it| format!("{it:.0} ms"));
        let cpu = self.server_cpu.map_or("–".to_owned(), |it| format!("{it:.2} cores"));
        let verdict = match (&self.too_many[..], &self.not_believed[..]) {
            ([], []) => "carried".to_owned(),
            (_, []) => format!("too many: {}", self.too_many.join("; ")),
            // A tester that is late finds much that is not the server's.
            (_, doubts) => format!("not to be believed: {}", doubts.join("; ")),
        };
        format!("{:5} calls   mouth to ear p99 {p99:>7}   server {cpu:>10}   {verdict}", self.calls)
    }
}

/// How long each size is tried.
pub const STEP_DURATION: Duration = Duration::from_secs(20);

/// Searches to the end: `attempt` makes a run of so many calls, `say` gets a line about each.
///
/// # Errors
/// Those of `attempt`.
pub async fn find<E>(
    mut search: Search,
    within: Within,
    mut attempt: impl AsyncFnMut(usize) -> Result<Tried, E>,
    mut say: impl FnMut(&str),
) -> Result<Found, E> {
    let mut end = End::Max;
    while let Some(calls) = search.next() {
        let report = match attempt(calls).await? {
            Tried::Run(report) => report,
            Tried::OnlyAgents(agents) => {
                say(&format!("{calls:5} calls   there are {agents} agents"));
                // An attempt that was short of agents must not be made again.
                search.limit(agents.min(calls - 1));
                continue;
            }
        };
        let attempt = Attempt::of(calls, &report, within);
        say(&attempt.line());
        let carried = attempt.too_many.is_empty() && attempt.not_believed.is_empty();
        if !carried {
            end = if attempt.not_believed.is_empty() { End::Server } else { End::Tester };
        }
        search.tell(calls, carried);
    }
    Ok(Found { carried: search.carried(), end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn search(border: usize, max: usize, precision: usize) -> (usize, usize) {
        let mut search = Search::new(max, precision);
        let mut tries = 0;
        while let Some(calls) = search.next() {
            search.tell(calls, calls <= border);
            tries += 1;
            assert!(tries < 30);
        }
        (search.carried(), tries)
    }

    #[test]
    fn the_border_is_found() {
        for border in [0, 1, 2, 7, 63, 64, 99, 100] {
            assert_eq!(search(border, 100, 1).0, border, "{border}");
        }
        assert_eq!(search(1_000, 100, 1).0, 100, "no more than were to be tried");
        assert_eq!(search(0, 0, 1), (0, 0));
        let (found, tries) = search(77, 1_000, 5);
        assert!(found <= 77 && found > 72 && tries < 12, "{found} in {tries}");
    }

    async fn found(report: impl Fn(usize) -> Tried) -> (Found, Vec<String>) {
        let mut lines = Vec::new();
        let attempt = async |calls| Ok::<_, std::convert::Infallible>(report(calls));
        let say = |line: &str| lines.push(line.to_owned());
        let Ok(found) = find(Search::new(100, 1), Within::default(), attempt, say).await;
        (found, lines)
    }

    fn run(change: impl FnOnce(&mut Report)) -> Tried {
        let mut report = sample::clean();
        change(&mut report);
        Tried::Run(Box::new(report))
    }

    #[tokio::test]
    async fn it_says_whose_border_it_was() {
        let (it, _) = found(|calls| run(|it| it.calls.failed = usize::from(calls > 5))).await;
        assert_eq!(it, Found { carried: 5, end: End::Server });
        let late = |it: &mut Report| it.invalid_because.push("late".to_owned());
        let (it, lines) = found(|calls| {
            run(|it| {
                if calls > 9 {
                    late(it)
                }
            })
        })
        .await;
        assert_eq!(it, Found { carried: 9, end: End::Tester });
        assert!(lines.iter().any(|line| line.ends_with("not to be believed: late")), "{lines:?}");
        let agents = |calls| if calls > 7 { Tried::OnlyAgents(7) } else { run(|_| {}) };
        let (it, lines) = found(agents).await;
        assert_eq!(it, Found { carried: 7, end: End::Max }, "{lines:?}");
        assert!(it.line().contains("at least"));
    }
}
