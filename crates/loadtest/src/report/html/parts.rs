//! The page's head, verdict, findings, key figures, limits and what was run.

use maud::{Markup, PreEscaped, html};

use super::super::data::{Finding, FindingKind, Percentiles, Report};
use super::super::verdict::Verdict;
use super::super::words::{count, duration, number, number_or_dash, percent};

/// Findings shown one by one.
const FINDINGS_MAX: usize = 200;

/// What was tested, and when.
pub(super) fn head(report: &Report) -> Markup {
    html! {
        header .bar {
            span .wordmark { "Sotto" }
            span { "Load test of " strong { (report.run.server) } }
            span .quiet {
                time datetime=(report.run.began_at) { (began_at(&report.run.began_at)) }
                " · " (duration(report.run.duration_s))
            }
        }
    }
}

/// The verdict: a word, a shape, a sentence, and why.
pub(super) fn statement(report: &Report) -> Markup {
    let verdict = report.verdict();
    let (class, mark) = match verdict {
        Verdict::Passed => ("passed", CHECK),
        Verdict::Failed => ("failed", CROSS),
        Verdict::Invalid => ("invalid", QUESTION),
    };
    let (failures, warnings) = (report.failures(), report.warnings());
    html! {
        section .statement.(class) aria-labelledby="verdict" {
            (PreEscaped(mark))
            div {
                p .word { (verdict.word()) }
                h1 #verdict { (report.headline()) }
                @if !failures.is_empty() {
                    ul { @for failure in &failures { li { (failure) } } }
                }
                @if !warnings.is_empty() {
                    p .word { "Look at this, too" }
                    ul { @for warning in &warnings { li { (warning) } } }
                }
            }
        }
    }
}

/// What was heard that must not be, and was not that must be, with the sound.
pub(super) fn findings(report: &Report) -> Markup {
    let findings = report.findings_worst_first();
    html! {
        @if !findings.is_empty() {
            section aria-labelledby="findings" {
                h2 #findings { "Findings" }
                ol .findings {
                    @for finding in findings.iter().take(FINDINGS_MAX) { (card(finding)) }
                }
                @if findings.len() > FINDINGS_MAX {
                    p .quiet {
                        "And " (count(findings.len() - FINDINGS_MAX, "more", "more"))
                        ", in the JSON report."
                    }
                }
            }
        }
    }
}

fn card(finding: &Finding) -> Markup {
    html! {
        li {
            (tag(finding.kind))
            div {
                p { strong { (finding.sentence()) } }
                p .quiet { (finding.particulars()) }
            }
            @if let Some(evidence) = &finding.evidence {
                @let link = relative_link(evidence);
                div .evidence {
                    audio controls preload="none" src=(link)
                        aria-label={ "Evidence: " (finding.sentence()) } {}
                    a href=(link) { (evidence) }
                }
            }
        }
    }
}

/// The kind of a finding as a label: what fails a run stands out.
pub(super) fn tag(kind: FindingKind) -> Markup {
    let bad = matches!(kind, FindingKind::Leak | FindingKind::Crossed);
    html! { span .tag.bad[bad] { (kind.word()) } }
}

/// A path relative to the report as a link. What would end the path or begin a scheme is encoded.
fn relative_link(path: &str) -> String {
    let mut link = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                link.push(char::from(byte));
            }
            _ => link.push_str(&format!("%{byte:02X}")),
        }
    }
    link
}

/// The dozen numbers that most readers come for.
pub(super) fn key_figures(report: &Report) -> Markup {
    let seconds = &report.seconds;
    let highest = |figures: Vec<f64>| Percentiles::of(figures).map(|all| all.max);
    let cpu = highest(seconds.iter().filter_map(|second| second.server_cpu).collect());
    let memory = highest(seconds.iter().filter_map(|second| second.server_memory_mib).collect());
    let delay = report.percentiles.mouth_to_ear_ms;
    let (calls, modes) = (report.calls, report.mode_changes);
    let figures = [
        ("Leaks", report.leaks.to_string(), "supervisor heard by the wrong ears"),
        ("Crossed", report.crossed.to_string(), "heard from another call"),
        ("Missing", report.missing.to_string(), "not heard by the right ears"),
        ("Calls", format!("{} of {}", calls.connected, calls.asked), "connected, of those placed"),
        ("At a time", calls.at_once_max.to_string(), "calls at most"),
        ("Mode changes", format!("{} of {}", modes.done, modes.asked), "done, of those requested"),
        ("Mouth to ear", with_unit(delay.map(|all| all.p50), "ms"), "median"),
        ("Mouth to ear", with_unit(delay.map(|all| all.p99), "ms"), "99th percentile"),
        ("Lost", report.loss().map_or("–".to_owned(), percent), "of the packets"),
        ("Concealed", report.concealed().map_or("–".to_owned(), percent), "of the sound"),
        (
            "MOS",
            number_or_dash(report.mos.map(|mos| mos.min)),
            "estimated, worst leg, a mix's second encoding included",
        ),
        ("Server", with_unit(cpu, "cores"), "CPU, highest second"),
        ("Server", with_unit(memory, "MiB"), "memory, highest second"),
    ];
    html! {
        section aria-labelledby="figures" {
            h2 #figures { "Key figures" }
            dl .figures {
                @for (name, value, what) in &figures {
                    div { dt { (name) } dd { (value) span .quiet { (what) } } }
                }
            }
        }
    }
}

fn with_unit(value: Option<f64>, unit: &str) -> String {
    value.map_or("–".to_owned(), |value| format!("{} {unit}", number(value)))
}

/// The limits, those missed first.
pub(super) fn limits(report: &Report) -> Markup {
    let mut limits: Vec<_> = report.limits.iter().collect();
    limits.sort_by_key(|limit| !limit.missed);
    html! {
        @if !limits.is_empty() {
            section aria-labelledby="limits" {
                h2 #limits { "Limits" }
                table {
                    thead { tr {
                        th scope="col" { "Fails if" }
                        th .number scope="col" { "Measured" }
                        th scope="col" { "Outcome" }
                    } }
                    tbody { @for limit in limits {
                        tr {
                            th scope="row" { code { (limit.expression) } }
                            td .number { (limit.measured.map_or("not measured".to_owned(), number)) }
                            td { @if limit.missed {
                                span .tag.bad { "✗ missed" }
                            } @else {
                                span .tag.good { "✓ kept" }
                            } }
                        }
                    } }
                }
            }
        }
    }
}

/// What was run, so that it can be run again.
pub(super) fn run(report: &Report) -> Markup {
    let run = &report.run;
    html! {
        section aria-labelledby="run" {
            h2 #run { "What was run" }
            dl .facts {
                dt { "Server" } dd { (run.server) }
                dt { "Load tester" } dd { "version " (run.version) }
                dt { "Began" } dd { (began_at(&run.began_at)) }
                dt { "Seed" } dd { (run.seed) " (the same seed gives the same run)" }
                dt { "Recordings" } dd { (listed(&run.recordings)) }
                @if !run.skipped.is_empty() { dt { "Left out" } dd { (listed(&run.skipped)) } }
                @if !run.notes.is_empty() { dt { "Notes" } dd { (listed(&run.notes)) } }
            }
            h3 { "Scenario" }
            pre tabindex="0" { (run.scenario) }
        }
    }
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names.join(", "),
    }
}

/// RFC 3339 with a blank instead of the T; as it is when it has another form.
fn began_at(rfc3339: &str) -> String {
    match rfc3339.split_once('T') {
        Some((date, time)) => format!("{date} {}", time.replace('Z', " UTC")),
        None => rfc3339.to_owned(),
    }
}

const CHECK: &str = r#"<svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="22"/><path d="M14 25l7 7 14-15"/></svg>"#;
const CROSS: &str = r#"<svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><path class="ground" d="M15 2h18l13 13v18L33 46H15L2 33V15z"/><path d="M16 16l16 16M32 16L16 32"/></svg>"#;
const QUESTION: &str = r#"<svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><path class="ground" d="M24 3l22 40H2z"/><path d="M24 17v13M24 35.5v2"/></svg>"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stays_beside_the_report() {
        assert_eq!(relative_link("a/b-1.wav"), "a/b-1.wav");
        assert_eq!(relative_link("javascript:x"), "javascript%3Ax");
        assert_eq!(relative_link("é?#%.wav"), "%C3%A9%3F%23%25.wav");
    }

    #[test]
    fn times_are_readable() {
        assert_eq!(began_at("2026-01-14T09:30:00Z"), "2026-01-14 09:30:00 UTC");
        assert_eq!(began_at("now"), "now");
    }
}
