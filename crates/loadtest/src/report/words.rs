//! Numbers as people read them, the same in the terminal and in the HTML report.

use super::data::{Finding, FindingKind, ModeName, Role};

/// A count with its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number as u64), if number == 1 { one } else { many })
}

/// With a thin gap between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// As many decimals as are worth reading: three figures.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 1000.0 => {
            let sign = if value < 0.0 { "−" } else { "" };
            format!("{sign}{}", grouped(size.round() as u64))
        }
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => trimmed(format!("{value:.1}")),
        _ => trimmed(format!("{value:.2}")),
    }
}

fn trimmed(text: String) -> String {
    match text.trim_end_matches('0').trim_end_matches('.') {
        "-0" => "0".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

/// A number, or a dash.
pub(super) fn number_or_dash(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), number)
}

/// A share, 0 to 1, as a percentage.
pub(super) fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0 %".to_owned(),
        percent if percent < 0.01 => "< 0.01 %".to_owned(),
        percent => format!("{} %", number(percent)),
    }
}

/// A time of the run, s, as minutes and seconds: `1:02.5`.
pub(super) fn clock(at_s: f64) -> String {
    let tenths = (at_s.max(0.0) * 10.0).round() as u64;
    let (minutes, seconds) = (tenths / 600, tenths % 600);
    format!("{minutes}:{:02}.{}", seconds / 10, seconds % 10)
}

/// A length, s.
pub(super) fn duration(length_s: f64) -> String {
    let seconds = length_s.max(0.0).round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        _ if length_s < 10.0 => format!("{} s", number(length_s)),
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

impl Role {
    /// As in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
        }
    }
}

impl ModeName {
    /// As on the buttons.
    pub fn word(self) -> &'static str {
        match self {
            Self::Listen => "Listen",
            Self::Whisper => "Whisper",
            Self::Barge => "Barge",
            Self::TakeOver => "Take-over",
        }
    }
}

impl FindingKind {
    /// As a heading.
    pub fn word(self) -> &'static str {
        match self {
            Self::Leak => "Leak",
            Self::Crossed => "Crossed",
            Self::Missing => "Missing",
        }
    }
}

impl Finding {
    /// Who heard whom, or did not.
    pub fn sentence(&self) -> String {
        let listener = format!("{} {}", self.listener_role.word(), self.listener);
        let source = format!("{} {}", self.source_role.word(), self.source);
        let of_another = match self.source_call {
            Some(call) => format!(" of call {call}"),
            None => String::new(),
        };
        let verb = match self.kind {
            FindingKind::Leak | FindingKind::Crossed => "heard",
            FindingKind::Missing => "did not hear",
        };
        format!("Call {}: {listener} {verb} {source}{of_another}", self.call)
    }

    /// When, for how long, how loud and how sure.
    pub fn particulars(&self) -> String {
        let mut parts =
            vec![format!("at {}", clock(self.at_s)), format!("for {}", duration(self.for_s))];
        parts.extend(self.level_dbfs.map(|level| format!("{level:.1} dBFS")));
        parts.extend(self.sigma.map(|sigma| format!("{sigma:.0} sigma")));
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (-0.001, "0"),
            (0.345, "0.34"),
            (9.5, "9.5"),
            (12.34, "12.3"),
            (123.4, "123"),
            (12_345.6, "12\u{202f}346"),
            (-1234.0, "−1\u{202f}234"),
        ] {
            assert_eq!(number(value), text);
        }
        assert_eq!(number_or_dash(None), "–");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(count(1, "leak", "leaks"), "1 leak");
        assert_eq!(count(0, "leak", "leaks"), "0 leaks");
    }

    #[test]
    fn a_little_is_not_nothing() {
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(0.00001), "< 0.01 %");
        assert_eq!(percent(0.0123), "1.23 %");
        assert_eq!(percent(1.0), "100 %");
    }

    #[test]
    fn times() {
        assert_eq!(clock(62.54), "1:02.5");
        assert_eq!(clock(59.97), "1:00.0");
        assert_eq!(duration(0.4), "0.4 s");
        assert_eq!(duration(59.6), "1 min 0 s");
        assert_eq!(duration(3725.0), "1 h 2 min");
    }
}
