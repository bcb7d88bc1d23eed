//! The summary at the end of a run, for the terminal: worst things first, in plain words.

use comfy_table::presets::{NOTHING, UTF8_HORIZONTAL_ONLY};
use comfy_table::{CellAlignment, Table};

use super::data::{Delays, Finding, Percentiles, Report, Second};
use super::words::{count, duration, number, number_or_dash, percent};

/// Findings printed; the rest is in the reports.
const FINDINGS_MAX: usize = 12;
/// Legs printed, of those that sounded worst.
const WORST_LEGS_MAX: usize = 5;
/// A leg with a lower score is worth a line (G.107 Annex B: below it, many users are dissatisfied).
const MOS_FAIR: f64 = 3.6;

/// The delays of a report and what they are, in the order of a call. Used by the HTML report too.
pub(super) fn named_delays(delays: &Delays) -> [(&'static str, Option<Percentiles>); 8] {
    [
        ("Mouth to ear", delays.mouth_to_ear_ms),
        ("Call set-up", delays.setup_ms),
        ("Station set-up", delays.station_setup_ms),
        ("Answer to first sound", delays.first_audio_ms),
        ("Mode change acknowledged", delays.mode_change_ms),
        ("Supervisor audible", delays.mode_audible_ms),
        ("Supervisor silent again", delays.mode_silent_ms),
        ("Load tester's lateness", delays.lateness_ms),
    ]
}

impl Report {
    /// The summary; with lines between the rows and the verdict in bold if `styled`, that is, on a terminal.
    pub fn summary(&self, styled: bool) -> String {
        let mut parts = vec![self.verdict_line(styled)];
        parts.extend(self.particulars(styled).into_iter().map(|part| without_controls(&part)));
        let mut text = parts.join("\n\n");
        text.push('\n');
        text
    }

    fn particulars(&self, styled: bool) -> Vec<String> {
        let mut parts = Vec::new();
        parts.extend(self.complaints());
        parts.extend(self.findings_text());
        parts.push(self.calls_text());
        parts.extend(self.delay_table(styled));
        parts.extend(self.worst_legs(styled));
        parts.extend(self.load_table(styled));
        parts
    }

    fn verdict_line(&self, styled: bool) -> String {
        let word = self.verdict().word().to_uppercase();
        match styled {
            true => format!("\u{1b}[1m{word}\u{1b}[0m  {}", without_controls(&self.headline())),
            false => format!("{word}: {}", without_controls(&self.headline())),
        }
    }

    fn complaints(&self) -> Option<String> {
        let failures = self.failures().into_iter().map(|failure| format!("  ✗ {failure}"));
        let warnings = self.warnings().into_iter().map(|warning| format!("  ! {warning}"));
        let lines: Vec<_> = failures.chain(warnings).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn findings_text(&self) -> Option<String> {
        if self.findings.is_empty() {
            return None;
        }
        let shown = self.findings_worst_first();
        let mut lines: Vec<_> =
            shown.iter().take(FINDINGS_MAX).map(|finding| finding_line(finding)).collect();
        if shown.len() > FINDINGS_MAX {
            lines.push(format!("  … and {} more in the reports.", shown.len() - FINDINGS_MAX));
        }
        Some(lines.join("\n"))
    }

    /// Leaks, then crossings, then what was missing, each by time.
    pub(super) fn findings_worst_first(&self) -> Vec<&Finding> {
        let mut findings: Vec<_> = self.findings.iter().collect();
        findings
            .sort_by(|a, b| (a.kind as u8).cmp(&(b.kind as u8)).then(a.at_s.total_cmp(&b.at_s)));
        findings
    }

    fn calls_text(&self) -> String {
        let (calls, modes) = (self.calls, self.mode_changes);
        let mut lines = vec![format!(
            "{}: {} connected, {} failed, {} at a time; {} in {}.",
            count(calls.asked, "call", "calls"),
            calls.connected,
            calls.failed,
            calls.at_once_max,
            count(self.legs.len(), "leg", "legs"),
            duration(self.run.duration_s),
        )];
        if modes.asked > 0 {
            lines.push(format!(
                "{}: {} done, {} failed.",
                count(modes.asked, "mode change", "mode changes"),
                modes.done,
                modes.failed
            ));
        }
        let mut sound = Vec::new();
        sound.extend(self.loss().map(|loss| format!("{} of the packets lost", percent(loss))));
        let concealed = self.concealed();
        sound.extend(concealed.map(|share| format!("{} of the sound concealed", percent(share))));
        let mos = self.mos.map(|mos| (number(mos.p50), number(mos.min)));
        sound.extend(
            mos.map(|(p50, min)| format!("estimated MOS {p50} (median), {min} (worst leg)")),
        );
        if !sound.is_empty() {
            lines.push(format!("{}.", sound.join(", ")));
        }
        lines.join("\n")
    }

    fn delay_table(&self, styled: bool) -> Option<String> {
        let measured = named_delays(&self.percentiles).into_iter();
        let rows: Vec<_> = measured
            .filter_map(|(name, all)| Some((name, all?)))
            .map(|(name, all)| {
                let values = [all.p50, all.p95, all.p99, all.max].map(number);
                [vec![name.to_owned()], values.into(), vec![all.count.to_string()]].concat()
            })
            .collect();
        table(styled, &["Delay, ms", "p50", "p95", "p99", "max", "values"], rows)
    }

    fn worst_legs(&self, styled: bool) -> Option<String> {
        let mut legs: Vec<_> = self
            .legs
            .iter()
            .filter_map(|leg| Some((leg.mos.filter(|mos| *mos < MOS_FAIR)?, leg)))
            .collect();
        legs.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let rows = legs.into_iter().take(WORST_LEGS_MAX).map(|(mos, leg)| {
            vec![
                format!("{} {} (call {})", leg.role.word(), leg.name, leg.call),
                number(mos),
                leg.lost.to_string(),
                leg.concealed_ms.to_string(),
                number_or_dash(leg.mouth_to_ear_ms.map(|all| all.p50)),
            ]
        });
        let header = ["Legs that sounded worst", "MOS", "lost", "concealed, ms", "delay p50, ms"];
        table(styled, &header, rows.collect())
    }

    fn load_table(&self, styled: bool) -> Option<String> {
        type OfSecond = fn(&Second) -> Option<f64>;
        let figures: [(&str, OfSecond); 4] = [
            ("Server, CPU cores", |second| second.server_cpu),
            ("Server, memory MiB", |second| second.server_memory_mib),
            ("Load tester, CPU cores", |second| second.own_cpu),
            ("Load tester, memory MiB", |second| second.own_memory_mib),
        ];
        let rows = figures.into_iter().filter_map(|(name, of_second)| {
            let all = Percentiles::of(self.seconds.iter().filter_map(of_second))?;
            Some(vec![name.to_owned(), number(all.p50), number(all.max)])
        });
        table(styled, &["Load", "median", "highest second"], rows.collect())
    }
}

/// Names come from outside, and an escape sequence among them would rule the terminal.
fn without_controls(text: &str) -> String {
    let harmless = |letter: char| !letter.is_control() || letter == '\n';
    text.chars().map(|letter| if harmless(letter) { letter } else { '\u{fffd}' }).collect()
}

fn finding_line(finding: &Finding) -> String {
    let kind = finding.kind.word().to_uppercase();
    let mut line = format!("  {kind}  {}, {}.", finding.sentence(), finding.particulars());
    if let Some(evidence) = &finding.evidence {
        line.push_str(&format!("\n         Evidence: {evidence}"));
    }
    line
}

/// Names to the left, figures to the right; `None` without a row.
fn table(styled: bool, header: &[&str], rows: Vec<Vec<String>>) -> Option<String> {
    if rows.is_empty() {
        return None;
    }
    let mut table = Table::new();
    table.load_style(if styled { UTF8_HORIZONTAL_ONLY } else { NOTHING });
    table.set_header(header.iter().copied()).add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    Some(table.trim_fmt())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn worst_things_come_first() {
        let text = sample::faulty().summary(false);
        let places = [
            "FAILED: 1 leak, 1 crossing, 2 limits missed",
            "✗ 1 leak: a supervisor was heard",
            "LEAK  Call 1: caller Kim",
            "at 0:33.4, for 0.8 s, -31.4 dBFS",
            "CROSSED  Call 3: agent agent3 heard caller +1 202 555 0105 of call 5",
            "14 calls: 12 connected, 2 failed",
            "Mouth to ear",
            "agent agent2 (call 2)",
            "Server, CPU cores",
        ]
        .map(|part| text.find(part).unwrap_or_else(|| panic!("no {part:?} in\n{text}")));
        assert!(places.is_sorted(), "{places:?} in\n{text}");
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn a_name_cannot_rule_the_terminal() {
        let mut report = sample::faulty();
        report.findings[0].source = "sup\u{1b}[2J".to_owned();
        report.invalid_because[0] = "\u{1b}]0;x\u{7}".to_owned();
        let text = report.summary(false);
        assert!(!text.contains(['\u{1b}', '\u{7}']) && text.contains("sup\u{fffd}[2J"), "{text}");
    }

    #[test]
    fn a_clean_run_is_told_briefly() {
        let text = sample::clean().summary(true);
        assert!(
            text.contains("PASSED\u{1b}[0m  No supervisor was heard by the wrong ears"),
            "{text}"
        );
        assert!(!text.contains('✗') && !text.contains("worst\n"), "{text}");
    }

    #[test]
    fn what_was_not_measured_has_no_row() {
        let mut report = sample::clean();
        report.percentiles = Delays::default();
        report.seconds.clear();
        report.legs.clear();
        report.mos = None;
        let text = report.summary(false);
        assert!(
            !text.contains("p99") && !text.contains("Server") && !text.contains("MOS"),
            "{text}"
        );
    }
}
