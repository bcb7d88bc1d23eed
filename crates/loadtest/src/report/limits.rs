//! Limits that a run must keep: `--fail-if 'p99.mouth_to_ear_ms>150, leaks>0'`.
//!
//! ```text
//! limits     = limit { "," limit }            any that is missed fails the run
//! limit      = figure op number [ "%" ]       the run fails if this is true
//! op         = ">" | ">=" | "<" | "<=" | "==" | "!="
//! figure     = count | share | [ percentile "." ] distribution
//! percentile = "min" | "p50" | "p95" | "p99" | "max"
//! ```
//!
//! - Counts: `leaks`, `crossed`, `missing`, `calls.asked`, `calls.connected`, `calls.failed`,
//!   `calls.at_once_max`, `mode_changes.asked`, `mode_changes.done`, `mode_changes.failed`.
//! - Shares of the whole run, 0 to 1 (`loss>1%` is `loss>0.01`): `loss`, `concealed`.
//! - Delays, ms, with a percentile: `mouth_to_ear_ms`, `setup_ms`, `station_setup_ms`, `first_audio_ms`,
//!   `mode_change_ms`, `mode_audible_ms`, `mode_silent_ms`, `lateness_ms`.
//! - `mos`: without a percentile the worst leg's.
//! - `server_cpu`, `own_cpu` (cores), `server_memory_mib`, `own_memory_mib`: over the seconds of the run;
//!   without a percentile the highest.
//!
//! A limit on what was not measured is missed: a run can't pass by not looking.
//!
//! Read by hand and not with a parser library: most of it is what each figure means, and the grammar is a
//! split at commas and one operator.

use std::fmt;
use std::str::FromStr;

use super::data::{Delays, LimitOutcome, Percentiles, Report, Second};

/// Limits, as given to `--fail-if`.
#[derive(Debug, Clone, Default)]
pub struct Limits(Vec<Limit>);

/// One limit: a condition under which the run fails.
#[derive(Debug, Clone)]
pub struct Limit {
    expression: String,
    figure: Figure,
    operator: Operator,
    bound: f64,
}

/// Why limits can't be understood. Each says what would be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// No comparison in it.
    #[error("\"{0}\" compares nothing; write for example p99.mouth_to_ear_ms>150")]
    NoComparison(String),
    /// Not a number to compare with.
    #[error("\"{0}\" is not a number to compare with (as in loss>0.01 or loss>1%)")]
    NotANumber(String),
    /// A figure that does not exist.
    #[error("there is no figure \"{figure}\"; there are {}", known_figures())]
    UnknownFigure {
        /// As written.
        figure: String,
    },
    /// A percentile that does not exist.
    #[error("\"{percentile}\" is not one of {}", Percentile::names())]
    UnknownPercentile {
        /// As written.
        percentile: String,
    },
    /// A delay without a percentile.
    #[error("{figure} has many values: say which, as in p99.{figure} ({})", Percentile::names())]
    NeedsPercentile {
        /// The figure.
        figure: String,
    },
    /// A percentile of what is one number.
    #[error("{figure} is one number and has no percentiles: leave out \"{percentile}.\"")]
    NoPercentiles {
        /// The figure.
        figure: String,
        /// As written.
        percentile: String,
    },
}

impl Limits {
    /// Adds those of another `--fail-if`.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How each came out. `report.limits` itself plays no part.
    pub fn check(&self, report: &Report) -> Vec<LimitOutcome> {
        self.0.iter().map(|limit| limit.check(report)).collect()
    }
}

impl FromStr for Limits {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        text.split(',').map(|limit| limit.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}

impl Limit {
    fn check(&self, report: &Report) -> LimitOutcome {
        let measured = self.figure.of(report).filter(|value| value.is_finite());
        let missed = measured.is_none_or(|value| self.operator.holds(value, self.bound));
        LimitOutcome { expression: self.expression.clone(), measured, missed }
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let nothing_compared = || LimitError::NoComparison(text.to_owned());
        // The first comparison in the text; of two there, the longer one (`>=`, not `>`).
        let (at, (sign, operator)) = (0..text.len())
            .filter(|&at| text.is_char_boundary(at))
            .find_map(|at| {
                let found = Operator::ALL.iter().find(|(sign, _)| text[at..].starts_with(sign));
                Some((at, *found?))
            })
            .ok_or_else(nothing_compared)?;
        let (figure, bound) = (text[..at].trim(), text[at + sign.len()..].trim());
        if figure.is_empty() {
            return Err(nothing_compared());
        }
        Ok(Self {
            expression: text.to_owned(),
            figure: figure.parse()?,
            operator,
            bound: parse_number(bound)?,
        })
    }
}

fn parse_number(text: &str) -> Result<f64, LimitError> {
    let (number, unit) = match text.strip_suffix('%') {
        Some(percent) => (percent.trim_end(), 0.01),
        None => (text, 1.0),
    };
    match number.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number * unit),
        _ => Err(LimitError::NotANumber(text.to_owned())),
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operator {
    Above,
    AtLeast,
    Below,
    AtMost,
    Equal,
    Unequal,
}

impl Operator {
    const ALL: [(&str, Self); 6] = [
        (">=", Self::AtLeast),
        ("<=", Self::AtMost),
        ("==", Self::Equal),
        ("!=", Self::Unequal),
        (">", Self::Above),
        ("<", Self::Below),
    ];

    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Above => value > bound,
            Self::AtLeast => value >= bound,
            Self::Below => value < bound,
            Self::AtMost => value <= bound,
            Self::Equal => value == bound,
            Self::Unequal => value != bound,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Percentile {
    Min,
    P50,
    P95,
    P99,
    Max,
}

impl Percentile {
    const ALL: [(&str, Self); 5] = [
        ("min", Self::Min),
        ("p50", Self::P50),
        ("p95", Self::P95),
        ("p99", Self::P99),
        ("max", Self::Max),
    ];

    fn of(self, all: &Percentiles) -> f64 {
        match self {
            Self::Min => all.min,
            Self::P50 => all.p50,
            Self::P95 => all.p95,
            Self::P99 => all.p99,
            Self::Max => all.max,
        }
    }

    fn names() -> String {
        Self::ALL.map(|(name, _)| name).join(", ")
    }
}

/// One number of the report; none if it was not measured.
type Number = fn(&Report) -> Option<f64>;
/// One of the delays.
type Delay = fn(&Delays) -> Option<Percentiles>;
/// A figure of a second; none if it was not measured.
type OfSecond = fn(&Second) -> Option<f64>;

/// Counts and shares.
const NUMBERS: [(&str, Number); 12] = [
    ("leaks", |report| count(report.leaks)),
    ("crossed", |report| count(report.crossed)),
    ("missing", |report| count(report.missing)),
    ("calls.asked", |report| count(report.calls.asked)),
    ("calls.connected", |report| count(report.calls.connected)),
    ("calls.failed", |report| count(report.calls.failed)),
    ("calls.at_once_max", |report| count(report.calls.at_once_max)),
    ("mode_changes.asked", |report| count(report.mode_changes.asked)),
    ("mode_changes.done", |report| count(report.mode_changes.done)),
    ("mode_changes.failed", |report| count(report.mode_changes.failed)),
    ("loss", Report::loss),
    ("concealed", Report::concealed),
];

const DELAYS: [(&str, Delay); 8] = [
    ("mouth_to_ear_ms", |delays| delays.mouth_to_ear_ms),
    ("setup_ms", |delays| delays.setup_ms),
    ("station_setup_ms", |delays| delays.station_setup_ms),
    ("first_audio_ms", |delays| delays.first_audio_ms),
    ("mode_change_ms", |delays| delays.mode_change_ms),
    ("mode_audible_ms", |delays| delays.mode_audible_ms),
    ("mode_silent_ms", |delays| delays.mode_silent_ms),
    ("lateness_ms", |delays| delays.lateness_ms),
];

const OVER_TIME: [(&str, OfSecond); 4] = [
    ("server_cpu", |second| second.server_cpu),
    ("server_memory_mib", |second| second.server_memory_mib),
    ("own_cpu", |second| second.own_cpu),
    ("own_memory_mib", |second| second.own_memory_mib),
];

/// The score, low when bad.
const MOS: &str = "mos";

fn known_figures() -> String {
    let mut names = vec![MOS];
    names.extend(NUMBERS.iter().map(|(name, _)| *name));
    names.extend(OVER_TIME.iter().map(|(name, _)| *name));
    let delays = DELAYS.map(|(name, _)| name).join(", ");
    format!("{}; and with a percentile ({}): {delays}", names.join(", "), Percentile::names())
}

fn count(count: usize) -> Option<f64> {
    Some(count as f64)
}

#[derive(Debug, Clone, Copy)]
enum Figure {
    Number(Number),
    Delay(Delay, Percentile),
    Mos(Percentile),
    OverTime(OfSecond, Percentile),
}

impl Figure {
    fn of(&self, report: &Report) -> Option<f64> {
        match self {
            Self::Number(number) => number(report),
            Self::Delay(delay, percentile) => Some(percentile.of(&delay(&report.percentiles)?)),
            Self::Mos(percentile) => Some(percentile.of(&report.mos?)),
            Self::OverTime(figure, percentile) => {
                let all = Percentiles::of(report.seconds.iter().filter_map(figure))?;
                Some(percentile.of(&all))
            }
        }
    }
}

impl FromStr for Figure {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        if let Some((_, number)) = NUMBERS.iter().find(|(name, _)| *name == text) {
            return Ok(Self::Number(*number));
        }
        let (given, figure) = match text.split_once('.') {
            Some((percentile, figure)) => (Some(percentile.trim()), figure.trim()),
            None => (None, text),
        };
        let known = |percentile| {
            let found = Percentile::ALL.iter().find(|(name, _)| *name == percentile);
            found.map(|(_, percentile)| *percentile).ok_or_else(|| LimitError::UnknownPercentile {
                percentile: String::from(percentile),
            })
        };
        if figure == MOS {
            return Ok(Self::Mos(given.map_or(Ok(Percentile::Min), known)?));
        }
        if let Some((_, of_second)) = OVER_TIME.iter().find(|(name, _)| *name == figure) {
            return Ok(Self::OverTime(*of_second, given.map_or(Ok(Percentile::Max), known)?));
        }
        if let Some((_, delay)) = DELAYS.iter().find(|(name, _)| *name == figure) {
            let figure = figure.to_owned();
            let given = given.ok_or(LimitError::NeedsPercentile { figure })?;
            return Ok(Self::Delay(*delay, known(given)?));
        }
        match given {
            Some(percentile) if NUMBERS.iter().any(|(name, _)| *name == figure) => {
                let percentile = percentile.to_owned();
                Err(LimitError::NoPercentiles { figure: figure.to_owned(), percentile })
            }
            _ => Err(LimitError::UnknownFigure { figure: text.to_owned() }),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expression)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn outcome(limit: &str, report: &Report) -> (Option<f64>, bool) {
        let outcomes = limit.parse::<Limits>().unwrap().check(report);
        assert_eq!(outcomes.len(), 1);
        assert_eq!(outcomes[0].expression, limit);
        (outcomes[0].measured, outcomes[0].missed)
    }

    fn refused(limit: &str) -> String {
        limit.parse::<Limits>().unwrap_err().to_string()
    }

    #[test]
    fn every_comparison_compares() {
        let mut report = sample::clean();
        report.leaks = 2;
        for (limit, missed) in [
            ("leaks>1", true),
            ("leaks > 2", false),
            ("leaks>=2", true),
            ("leaks<2", false),
            ("leaks<=2", true),
            ("leaks==2", true),
            ("leaks!=2", false),
        ] {
            assert_eq!(outcome(limit, &report), (Some(2.0), missed), "{limit}");
        }
    }

    #[test]
    fn every_figure_is_found() {
        let report = sample::faulty();
        for (name, _) in NUMBERS.iter() {
            assert!(outcome(&format!("{name}<0"), &report).0.is_some(), "{name}");
        }
        for (name, _) in DELAYS {
            let (min, max) = (
                outcome(&format!("min.{name}<0"), &report),
                outcome(&format!("max.{name}<0"), &report),
            );
            assert!(min.0.unwrap() <= max.0.unwrap(), "{name}");
        }
        for (name, _) in OVER_TIME {
            let (plain, max) = (
                outcome(&format!("{name}>0"), &report),
                outcome(&format!("max.{name}>0"), &report),
            );
            assert_eq!(plain, max, "{name}");
            assert!(plain.1, "{name}");
        }
        assert_eq!(outcome("mos<3.5", &report).0, report.mos.map(|mos| mos.min));
        assert_eq!(outcome("p50.mos<3.5", &report).0, report.mos.map(|mos| mos.p50));
        let loss = outcome("loss>1%", &report);
        assert_eq!(
            loss,
            outcome("loss>0.01", &report).0.map_or(loss, |value| (Some(value), loss.1))
        );
    }

    #[test]
    fn what_was_not_measured_is_missed() {
        let mut report = sample::clean();
        report.percentiles.mode_change_ms = None;
        report.seconds.clear();
        report.legs.clear();
        for limit in
            ["p99.mode_change_ms>50", "server_cpu>4", "own_memory_mib<1", "loss>0", "concealed>0"]
        {
            assert_eq!(outcome(limit, &report), (None, true), "{limit}");
        }
    }

    #[test]
    fn several_limits() {
        let mut limits: Limits = "leaks>0, p99.mouth_to_ear_ms>150".parse().unwrap();
        limits.extend("mos<1".parse().unwrap());
        let outcomes = limits.check(&sample::clean());
        let given: Vec<_> = outcomes.iter().map(|outcome| outcome.expression.as_str()).collect();
        assert_eq!(given, ["leaks>0", "p99.mouth_to_ear_ms>150", "mos<1"]);
        assert!(outcomes.iter().all(|outcome| !outcome.missed));
    }

    #[test]
    fn mistakes_are_explained() {
        for (limit, says) in [
            ("leaks", "compares nothing"),
            (">3", "compares nothing"),
            ("", "compares nothing"),
            ("leaks>0,", "compares nothing"),
            ("leaks>many", "\"many\" is not a number"),
            ("leaks>", "\"\" is not a number"),
            ("leaks>nan", "not a number"),
            ("lag>3", "no figure \"lag\"; there are mos, leaks, crossed"),
            ("calls.lost>3", "no figure \"calls.lost\""),
            ("p98.setup_ms>3", "\"p98\" is not one of min, p50, p95, p99, max"),
            ("setup_ms>3", "as in p99.setup_ms"),
            ("p99.leaks>3", "leave out \"p99.\""),
            ("größe≥3", "compares nothing"),
        ] {
            assert!(refused(limit).contains(says), "{limit}: {}", refused(limit));
        }
    }
}
