//! A timeline of each supervised call: the supervisors' modes as labelled bands, below them who was heard
//! by whom, a row for each pair of ears and mouth, the caller's ears first.
//!
//! Modes differ by word, height and colour; a finding is marked in its row by a frame and its name. A table
//! below tells the same.

use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, Render, html};

use super::super::data::{AudibleSpan, Finding, ModeName, ModeSpan, Report, Role, SupervisedCall};
use super::super::words::{clock, count, duration};
use super::parts::tag;

/// Timelines in the page; those with findings come first.
const TIMELINES_MAX: usize = 40;
/// Timelines without findings that are open from the start.
const OPEN_MAX: usize = 3;
/// Rows of ears and mouths in one timeline, and rows in one table.
const ROWS_MAX: usize = 40;
const TABLE_ROWS_MAX: usize = 200;

/// Sizes, in units of the drawing.
const LABEL_WIDTH: f64 = 250.0;
const WIDTH: f64 = 1120.0;
const RIGHT_MARGIN: f64 = 12.0;
const AXIS_HEIGHT: f64 = 26.0;
const MODE_HEIGHT: f64 = 34.0;
const HEADING_HEIGHT: f64 = 26.0;
const ROW_HEIGHT: f64 = 20.0;
/// A name is cut after so many letters; it is whole in the table.
const NAME_MAX: usize = 28;
/// The width of a letter, about.
const LETTER_WIDTH: f64 = 7.0;

/// The timelines of all supervised calls, or of as many as a page can hold.
pub(super) fn section(report: &Report) -> Markup {
    let findings_of = |call| {
        report.findings.iter().filter(move |finding| finding.call == call).collect::<Vec<_>>()
    };
    let mut calls: Vec<_> =
        report.supervised.iter().map(|call| (call, findings_of(call.call))).collect();
    calls.sort_by_key(|(call, findings)| (findings.is_empty(), call.call));
    let shown = calls.len().min(TIMELINES_MAX);
    html! {
        @if shown > 0 {
            section aria-labelledby="supervised" {
                h2 #supervised { "Supervised calls" }
                p .quiet {
                    "Who was heard by whom, as measured in what each listener received. "
                    @if shown < calls.len() {
                        "Shown are " (shown) " of " (calls.len()) " calls, those with findings first; "
                        "all are in the JSON report."
                    }
                }
                @for (i, (call, findings)) in calls.iter().take(TIMELINES_MAX).enumerate() {
                    (timeline(report, call, findings, i < OPEN_MAX))
                }
            }
        }
    }
}

fn timeline(report: &Report, call: &SupervisedCall, findings: &[&Finding], open: bool) -> Markup {
    let rows = Ears::of(report, call, findings);
    let title = format!("Call {}", call.call);
    html! {
        details .timeline open[open || !findings.is_empty()] {
            summary {
                strong { (title) }
                span .quiet { (clock(call.from_s)) " to " (clock(call.until_s)) }
                @for finding in findings { (tag(finding.kind)) " " }
            }
            div .wide tabindex="0" role="group" aria-label={ "Timeline, " (title) } {
                div role="img" aria-label={ "Timeline of call " (call.call) "; the table below tells the same" } {
                    (PreEscaped(Drawing::of(call, &rows)))
                }
            }
            details { summary { "The same as a table" } (table(call)) }
        }
    }
}

fn table(call: &SupervisedCall) -> Markup {
    let modes = call.modes.iter().map(|span| {
        (span.from_s, span.until_s, format!("{} is in {}", span.supervisor, span.mode.word()))
    });
    let heard = call.audible.iter().map(|span| {
        let source = format!("{} {}", span.source_role.word(), span.source);
        (span.from_s, span.until_s, format!("{} hears {source}", span.listener))
    });
    let mut rows: Vec<_> = modes.chain(heard).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    html! {
        div .wide tabindex="0" role="group" aria-label={ "Modes and who was heard, call " (call.call) } { table {
            thead { tr {
                th .number scope="col" { "From" } th .number scope="col" { "Until" }
                th scope="col" { "What" } th .number scope="col" { "For" }
            } }
            tbody { @for (from_s, until_s, what) in rows.iter().take(TABLE_ROWS_MAX) { tr {
                td .number { (clock(*from_s)) } td .number { (clock(*until_s)) }
                td { (what) } td .number { (duration(until_s - from_s)) }
            } } }
        } }
        @if rows.len() > TABLE_ROWS_MAX {
            p .quiet { "And " (count(rows.len() - TABLE_ROWS_MAX, "more row", "more rows")) ", in the JSON report." }
        }
    }
}

/// What one listener heard of one source.
struct Ears<'a> {
    listener: &'a str,
    listener_role: Option<Role>,
    source: &'a str,
    source_role: Role,
    spans: Vec<(f64, f64)>,
    findings: Vec<&'a Finding>,
}

impl<'a> Ears<'a> {
    /// All pairs of a call, the caller's ears first.
    fn of(report: &'a Report, call: &'a SupervisedCall, findings: &[&'a Finding]) -> Vec<Self> {
        let roles: BTreeMap<&str, Role> = report
            .legs
            .iter()
            .filter(|leg| leg.call == call.call)
            .map(|leg| (leg.name.as_str(), leg.role))
            .collect();
        let mut rows: Vec<Self> = Vec::new();
        for AudibleSpan { listener, source, source_role, from_s, until_s } in &call.audible {
            let role = roles.get(listener.as_str()).copied();
            let row = Self::row(&mut rows, (listener, role), (source, *source_role));
            row.spans.push((*from_s, *until_s));
        }
        for &finding in findings {
            let listener = (finding.listener.as_str(), Some(finding.listener_role));
            Self::row(&mut rows, listener, (&finding.source, finding.source_role))
                .findings
                .push(finding);
        }
        // Ears of an unknown role come last.
        rows.sort_by_key(|row| {
            let (unknown, role) = (row.listener_role.is_none(), row.listener_role);
            (unknown, role, row.listener, row.source_role, row.source)
        });
        rows.truncate(ROWS_MAX);
        rows
    }

    fn row<'r>(
        rows: &'r mut Vec<Self>,
        (listener, listener_role): (&'a str, Option<Role>),
        (source, source_role): (&'a str, Role),
    ) -> &'r mut Self {
        let known = rows.iter().position(|row| row.listener == listener && row.source == source);
        let at = known.unwrap_or_else(|| {
            let (spans, findings) = (Vec::new(), Vec::new());
            rows.push(Self { listener, listener_role, source, source_role, spans, findings });
            rows.len() - 1
        });
        &mut rows[at]
    }
}

/// An SVG in the making, from top to bottom.
struct Drawing {
    svg: String,
    y: f64,
    from_s: f64,
    until_s: f64,
}

impl Drawing {
    fn of(call: &SupervisedCall, rows: &[Ears<'_>]) -> String {
        let until_s = call.until_s.max(call.from_s + 1.0);
        let mut drawing = Self { svg: String::new(), y: 0.0, from_s: call.from_s, until_s };
        let mut supervisors: Vec<&str> =
            call.modes.iter().map(|span| span.supervisor.as_str()).collect();
        supervisors.sort_unstable();
        supervisors.dedup();
        for supervisor in supervisors {
            drawing.modes(supervisor, &call.modes);
        }
        for (i, row) in rows.iter().enumerate() {
            if i == 0 || rows[i - 1].listener != row.listener {
                drawing.heading(row);
            }
            drawing.ears(row);
        }
        drawing.finish()
    }

    fn x(&self, at_s: f64) -> f64 {
        let share = (at_s - self.from_s) / (self.until_s - self.from_s);
        LABEL_WIDTH + share.clamp(0.0, 1.0) * (WIDTH - LABEL_WIDTH - RIGHT_MARGIN)
    }

    fn modes(&mut self, supervisor: &str, spans: &[ModeSpan]) {
        let middle = self.y + MODE_HEIGHT / 2.0;
        self.text("who", 0.0, middle + 4.0, &shortened(&format!("Supervisor {supervisor}")));
        for span in spans.iter().filter(|span| span.supervisor == supervisor) {
            // The more people hear them, the higher the band.
            let (class, height) = match span.mode {
                ModeName::Listen => ("listen", 18.0),
                ModeName::Whisper => ("whisper", 23.0),
                ModeName::Barge => ("barge", 28.0),
                ModeName::TakeOver => ("barge", 28.0),
            };
            let (from, until) = (self.x(span.from_s), self.x(span.until_s));
            let (width, top) = ((until - from - 1.0).max(1.0), middle - height / 2.0);
            let title =
                format!("{}, {} to {}", span.mode.word(), clock(span.from_s), clock(span.until_s));
            self.rect(class, (from, top, width, height), &title);
            let word = span.mode.word();
            let fitting =
                [word, &word[..1]].into_iter().find(|text| width > text_width(text) + 6.0);
            if let Some(text) = fitting {
                self.text(&format!("on-{class}"), from + 5.0, middle + 4.5, text);
            }
        }
        self.y += MODE_HEIGHT;
    }

    fn heading(&mut self, row: &Ears<'_>) {
        let role = match row.listener_role {
            Some(Role::Caller) => "Caller ",
            Some(Role::Agent) => "Agent ",
            Some(Role::Supervisor) => "Supervisor ",
            None => "",
        };
        self.y += HEADING_HEIGHT;
        let name = shortened(&format!("{role}{}", row.listener));
        self.text("who", 0.0, self.y - 7.0, &format!("{name} hears"));
        let line = self.y - 1.0;
        self.line("rule", (0.0, line), (WIDTH, line));
    }

    fn ears(&mut self, row: &Ears<'_>) {
        let (middle, role) = (self.y + ROW_HEIGHT / 2.0, row.source_role.word());
        self.text("whom", 14.0, middle + 4.0, &shortened(&format!("{role} {}", row.source)));
        self.line("rule", (LABEL_WIDTH, middle), (WIDTH - RIGHT_MARGIN, middle));
        let a_unit_s = (self.until_s - self.from_s) / (WIDTH - LABEL_WIDTH);
        for (from_s, until_s) in merged(&row.spans, a_unit_s) {
            let (from, until) = (self.x(from_s), self.x(until_s));
            let title = format!("{role} {}, {} to {}", row.source, clock(from_s), clock(until_s));
            self.rect(role, (from, middle - 5.0, (until - from).max(1.0), 10.0), &title);
        }
        for finding in &row.findings {
            let (from, until) = (self.x(finding.at_s), self.x(finding.at_s + finding.for_s));
            let title = format!("{}, {}", finding.sentence(), finding.particulars());
            self.rect("finding", (from - 3.0, middle - 9.0, until - from + 6.0, 18.0), &title);
            let (word, width) = (finding.kind.word(), text_width(finding.kind.word()));
            let beside =
                if until + width + 12.0 < WIDTH { until + 8.0 } else { from - width - 10.0 };
            self.text("finding-word", beside, middle + 4.0, word);
        }
        self.y += ROW_HEIGHT;
    }

    fn finish(mut self) -> String {
        let length_s = self.until_s - self.from_s;
        let step_s = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0]
            .into_iter()
            .find(|step| length_s / step <= 10.0)
            .unwrap_or(length_s / 8.0);
        let bottom = self.y + 8.0;
        let lanes = std::mem::take(&mut self.svg); // the grid lies below them
        let mut at_s = (self.from_s / step_s).ceil() * step_s;
        while at_s <= self.until_s {
            let x = self.x(at_s);
            self.line("grid", (x, 0.0), (x, bottom));
            let label = clock(at_s);
            self.text("tick", x, bottom + 14.0, label.trim_end_matches(".0"));
            at_s += step_s;
        }
        let height = bottom + AXIS_HEIGHT;
        format!(
            "<svg class='lanes' viewBox='0 0 {WIDTH} {height:.0}' aria-hidden='true'>{}{lanes}</svg>",
            self.svg
        )
    }

    fn rect(&mut self, class: &str, (x, y, width, height): (f64, f64, f64, f64), title: &str) {
        self.svg.push_str(&format!(
            "<rect class='{class}' x='{x:.1}' y='{y:.1}' width='{width:.1}' height='{height:.1}' rx='2'>\
             <title>{}</title></rect>",
            escaped(title)
        ));
    }

    fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let text = escaped(text);
        self.svg.push_str(&format!("<text class='{class}' x='{x:.1}' y='{y:.1}'>{text}</text>"));
    }

    fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        self.svg.push_str(&format!(
            "<line class='{class}' x1='{x1:.1}' y1='{y1:.1}' x2='{x2:.1}' y2='{y2:.1}'/>"
        ));
    }
}

fn escaped(text: &str) -> String {
    text.render().into_string()
}

fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER_WIDTH
}

fn shortened(name: &str) -> String {
    match name.chars().count() > NAME_MAX {
        true => name.chars().take(NAME_MAX - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

/// In order, and what is nearer than the eye can tell as one: a row has at most as many spans as units.
fn merged(spans: &[(f64, f64)], gap_s: f64) -> Vec<(f64, f64)> {
    let mut sorted = spans.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut merged: Vec<(f64, f64)> = Vec::new();
    for (from_s, until_s) in sorted {
        match merged.last_mut() {
            Some(last) if from_s - last.1 < gap_s => last.1 = last.1.max(until_s),
            _ => merged.push((from_s, until_s)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::*;

    #[test]
    fn the_caller_s_ears_come_first_and_findings_have_a_row() {
        let report = sample::faulty();
        let call = &report.supervised[2];
        let findings: Vec<_> = report.findings.iter().filter(|finding| finding.call == 3).collect();
        let rows = Ears::of(&report, call, &findings);
        assert_eq!(rows[0].listener_role, Some(Role::Caller));
        let listeners: Vec<_> = rows.iter().map(|row| row.listener).collect();
        let mut unique = listeners.clone();
        unique.dedup();
        assert_eq!(unique.len(), 3, "a listener's rows stand together: {listeners:?}");
        // Nothing in the spans says that call 5 was heard; the finding does.
        let crossed = rows.iter().find(|row| row.source == "+1 202 555 0105").unwrap();
        assert_eq!(
            (crossed.listener, crossed.findings.len(), crossed.spans.len()),
            ("agent3", 1, 0)
        );
        let svg = Drawing::of(call, &rows);
        for part in
            [">Whisper</text>", ">Barge</text>", ">Listen</text>", ">Crossed</text>", "Caller +1"]
        {
            assert!(svg.contains(part), "{part}");
        }
    }

    #[test]
    fn spans_nearer_than_the_eye_can_tell_are_one() {
        let spans = [(5.0, 6.0), (0.0, 1.0), (1.05, 2.0), (5.5, 5.6)];
        assert_eq!(merged(&spans, 0.1), [(0.0, 2.0), (5.0, 6.0)]);
        let many: Vec<_> =
            (0..100_000).map(|i| (f64::from(i) / 100.0, f64::from(i) / 100.0 + 0.001)).collect();
        assert!(merged(&many, 1.0).len() <= 1000);
    }

    #[test]
    fn a_call_of_no_length_is_drawn() {
        let call = SupervisedCall {
            call: 1,
            from_s: 3.0,
            until_s: 3.0,
            modes: Vec::new(),
            audible: Vec::new(),
        };
        let svg = Drawing::of(&call, &[]);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
