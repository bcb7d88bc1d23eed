//! Whether a run passed, why not, and what else is to be known. Words for people, worst first.

use super::data::{LimitOutcome, Report};
use super::words::{count, number};

/// How a run came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody was heard by the wrong ears, all limits were kept, and the run can be believed.
    Passed,
    /// Something was heard by the wrong ears, or a limit was missed.
    Failed,
    /// The run can't be believed, so it says nothing; what it found it did find, though.
    Invalid,
}

impl Verdict {
    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "Passed",
            Self::Failed => "Failed",
            Self::Invalid => "Invalid",
        }
    }
}

impl Report {
    /// How the run came out.
    pub fn verdict(&self) -> Verdict {
        let missed = self.limits.iter().any(|limit| limit.missed);
        if self.leaks > 0 || self.crossed > 0 || (missed && self.valid) {
            Verdict::Failed
        } else if !self.valid {
            Verdict::Invalid
        } else {
            Verdict::Passed
        }
    }

    /// The program's exit code: 0 if the run passed, 1 if not. (2 is for a command that can't be understood.)
    pub fn exit_code(&self) -> u8 {
        u8::from(self.verdict() != Verdict::Passed)
    }

    /// What was lost of all packets expected, 0 to 1, over all legs.
    pub fn loss(&self) -> Option<f64> {
        let lost: u64 = self.legs.iter().map(|leg| leg.lost).sum();
        let expected = lost + self.legs.iter().map(|leg| leg.received).sum::<u64>();
        (expected > 0).then(|| lost as f64 / expected as f64)
    }

    /// What was concealed of all that was played, 0 to 1, over all legs.
    pub fn concealed(&self) -> Option<f64> {
        let concealed_ms: u64 = self.legs.iter().map(|leg| leg.concealed_ms).sum();
        let played_s: f64 = self.legs.iter().map(|leg| leg.until_s - leg.from_s).sum();
        (played_s > 0.0).then(|| (concealed_ms as f64 / 1000.0 / played_s).min(1.0))
    }

    /// The verdict in one sentence.
    pub fn headline(&self) -> String {
        match self.verdict() {
            Verdict::Passed if self.limits.is_empty() => {
                "No supervisor was heard by the wrong ears, and no call by another.".to_owned()
            }
            Verdict::Passed => format!(
                "No supervisor was heard by the wrong ears, no call by another, and {} kept.",
                match self.limits.len() {
                    1 => "the limit was".to_owned(),
                    limits => format!("all {limits} limits were"),
                }
            ),
            Verdict::Failed => format!("{}.", self.reasons_in_brief().join(", ")),
            Verdict::Invalid => match self.invalid_because.as_slice() {
                [] => "The run cannot be believed.".to_owned(),
                why => format!("The run cannot be believed: {}.", why.join("; ")),
            },
        }
    }

    /// Why it did not pass, a sentence each.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        if self.leaks > 0 {
            failures.push(format!(
                "{}: a supervisor was heard by somebody who must not hear them.",
                count(self.leaks, "leak", "leaks")
            ));
        }
        if self.crossed > 0 {
            failures.push(format!(
                "{}: somebody heard a party of another call.",
                count(self.crossed, "crossing", "crossings")
            ));
        }
        failures
            .extend(self.invalid_because.iter().map(|why| format!("Not to be believed: {why}.")));
        if !self.valid && self.invalid_because.is_empty() {
            failures.push("Not to be believed.".to_owned());
        }
        let missed = self.limits.iter().filter(|limit| limit.missed);
        failures.extend(missed.map(|limit| format!("Limit missed: {}.", limit.in_words())));
        failures
    }

    /// What did not fail the run but should be looked at, a sentence each.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.missing > 0 {
            warnings.push(format!(
                "{}: somebody who had to be heard was not.",
                count(self.missing, "gap", "gaps")
            ));
        }
        if self.calls.failed > 0 {
            warnings.push(format!("{} of {} calls failed.", self.calls.failed, self.calls.asked));
        }
        if self.mode_changes.failed > 0 {
            let modes = self.mode_changes;
            warnings.push(format!("{} of {} mode changes failed.", modes.failed, modes.asked));
        }
        let skipped = self.run.skipped.iter();
        warnings.extend(skipped.map(|why| format!("Recording left out: {why}.")));
        warnings.extend(self.run.notes.iter().map(|note| format!("Recordings: {note}.")));
        warnings
    }

    fn reasons_in_brief(&self) -> Vec<String> {
        let missed = self.limits.iter().filter(|limit| limit.missed).count();
        let mut reasons = Vec::new();
        for (number, one, many) in [
            (self.leaks, "leak", "leaks"),
            (self.crossed, "crossing", "crossings"),
            (missed, "limit missed", "limits missed"),
        ] {
            if number > 0 {
                reasons.push(count(number, one, many));
            }
        }
        if !self.valid {
            reasons.push("and the run cannot be believed as a whole".to_owned());
        }
        reasons
    }
}

impl LimitOutcome {
    /// The limit and what was measured.
    pub fn in_words(&self) -> String {
        match self.measured {
            Some(measured) => format!("{} (measured {})", self.expression, number(measured)),
            None => format!("{} (not measured)", self.expression),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn only_a_clean_run_passes() {
        let clean = sample::clean();
        assert_eq!((clean.verdict(), clean.exit_code()), (Verdict::Passed, 0));
        assert!(clean.failures().is_empty());

        type Spoil = fn(&mut Report);
        let spoil: [(Spoil, Verdict); 4] = [
            (|report| report.leaks = 1, Verdict::Failed),
            (|report| report.crossed = 1, Verdict::Failed),
            (|report| report.valid = false, Verdict::Invalid),
            (|report| report.limits[0].missed = true, Verdict::Failed),
        ];
        for (spoil, verdict) in spoil {
            let mut report = clean.clone();
            spoil(&mut report);
            assert_eq!((report.verdict(), report.exit_code()), (verdict, 1));
            assert_eq!(report.failures().len(), 1);
        }
    }

    #[test]
    fn a_leak_in_an_invalid_run_is_a_leak_all_the_same() {
        let report = Report { leaks: 1, valid: false, ..sample::clean() };
        assert_eq!(report.verdict(), Verdict::Failed);
        assert!(report.headline().starts_with("1 leak"), "{}", report.headline());
    }

    #[test]
    fn worst_comes_first() {
        let report = sample::faulty();
        let failures = report.failures();
        assert!(failures[0].starts_with("1 leak:"), "{failures:?}");
        assert!(failures[1].starts_with("1 crossing:"), "{failures:?}");
        assert!(failures.last().unwrap().contains("calls.failed>0 (measured 2)"), "{failures:?}");
        assert!(report.warnings().iter().any(|warning| warning.contains("calls failed")));
    }

    #[test]
    fn shares_are_over_all_legs() {
        let mut report = sample::clean();
        report.legs.truncate(2);
        for (leg, lost) in report.legs.iter_mut().zip([10, 0]) {
            (leg.lost, leg.received, leg.concealed_ms) = (lost, 100 - lost, lost * 20);
            (leg.from_s, leg.until_s) = (1.0, 3.0);
        }
        assert_eq!(report.loss(), Some(0.05));
        assert_eq!(report.concealed(), Some(0.05));
        report.legs.clear();
        assert_eq!((report.loss(), report.concealed()), (None, None));
    }
}
