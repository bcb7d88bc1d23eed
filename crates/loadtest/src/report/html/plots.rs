//! Figures over time: a plot each, drawn by `plotters`, and one table of the same for whoever can't see them.
//!
//! Lines differ by stroke (solid, dashed) and are named; the colours are the page's own, so that they
//! follow light and dark.

use maud::{Markup, PreEscaped, html};
use plotters::coord::Shift;
use plotters::prelude::*;

use super::super::data::{Report, Second};
use super::super::words::{clock, number_or_dash, percent};

/// A plot's size, in units of its own.
const SIZE: (u32, u32) = (600, 240);
/// Points in a plot; longer runs show the highest value of several seconds.
const POINTS_MAX: usize = 300;
/// Rows in the table.
const ROWS_MAX: usize = 30;

/// Stand-ins: no theme knows at drawing time, so the drawn file's colours become the page's variables.
const LINE: RGBColor = RGBColor(1, 2, 3);
const GRID: RGBColor = RGBColor(1, 2, 4);
const TEXT: RGBColor = RGBColor(1, 2, 5);
const THEMED: [(&str, &str); 3] =
    [("#010203", "var(--ink)"), ("#010204", "var(--line)"), ("#010205", "var(--ink-3)")];

type OfSecond = fn(&Second) -> Option<f64>;

struct Plot {
    title: &'static str,
    /// One or two lines: the first solid, the second dashed.
    lines: &'static [(&'static str, OfSecond)],
}

const PLOTS: [Plot; 6] = [
    Plot {
        title: "Mouth to ear, ms",
        lines: &[
            ("median", |second| second.mouth_to_ear_p50_ms),
            ("99th percentile", |second| second.mouth_to_ear_p99_ms),
        ],
    },
    Plot {
        title: "Lost and concealed, %",
        lines: &[
            ("packets lost", |second| Some(second.loss * 100.0)),
            ("sound concealed", |second| Some(second.concealed * 100.0)),
        ],
    },
    Plot {
        title: "CPU, cores",
        lines: &[("server", |second| second.server_cpu), ("load tester", |second| second.own_cpu)],
    },
    Plot {
        title: "Memory, MiB",
        lines: &[
            ("server", |second| second.server_memory_mib),
            ("load tester", |second| second.own_memory_mib),
        ],
    },
    Plot { title: "Calls up", lines: &[("calls", |second| Some(second.calls as f64))] },
    Plot {
        title: "Load tester's worst lateness, ms",
        lines: &[("lateness", |second| second.lateness_max_ms)],
    },
];

/// All plots, and the table.
pub(super) fn section(report: &Report) -> Markup {
    let seconds = thinned(&report.seconds, POINTS_MAX);
    let plots: Vec<_> =
        PLOTS.iter().filter_map(|plot| Some((plot, plot.draw(&seconds)?))).collect();
    html! {
        @if !plots.is_empty() {
            section aria-labelledby="time" {
                h2 #time { "Over time" }
                @if seconds.len() < report.seconds.len() {
                    p .quiet {
                        "Each point is the highest value of "
                        (report.seconds.len().div_ceil(POINTS_MAX)) " seconds."
                    }
                }
                div .plots { @for (plot, drawn) in &plots { figure {
                    figcaption {
                        strong { (plot.title) }
                        @if let [(first, _), (second, _)] = plot.lines {
                            span .key { i .solid {} (first) }
                            span .key { i .dashed {} (second) }
                        }
                    }
                    div role="img" aria-label={ (plot.title) " over time; the figures are in the table below" } {
                        (PreEscaped(drawn))
                    }
                } } }
                details {
                    summary { "The same as a table" }
                    (table(&thinned(&report.seconds, ROWS_MAX)))
                }
            }
        }
    }
}

fn table(seconds: &[Second]) -> Markup {
    let columns = [
        "At",
        "Calls",
        "Packets/s",
        "Delay p50, ms",
        "Delay p99, ms",
        "Lost",
        "Concealed",
        "Mode changes",
        "Set-up failures",
        "Lateness, ms",
        "Server CPU",
        "Server MiB",
        "Own CPU",
        "Own MiB",
    ];
    html! {
        div .wide tabindex="0" role="group" aria-label="Figures over time" { table {
            thead { tr { @for name in columns { th .number scope="col" { (name) } } } }
            tbody { @for second in seconds { tr {
                th .number scope="row" { (clock(second.at_s)) }
                td .number { (second.calls) }
                td .number { (second.packets) }
                td .number { (number_or_dash(second.mouth_to_ear_p50_ms)) }
                td .number { (number_or_dash(second.mouth_to_ear_p99_ms)) }
                td .number { (percent(second.loss)) }
                td .number { (percent(second.concealed)) }
                td .number { (second.mode_changes) }
                td .number { (second.setup_failures) }
                @for value in [
                    second.lateness_max_ms, second.server_cpu, second.server_memory_mib,
                    second.own_cpu, second.own_memory_mib,
                ] { td .number { (number_or_dash(value)) } }
            } } }
        } }
    }
}

/// At most `points_max` seconds, each the worst (that is, highest) of as many neighbours as it takes.
/// Mode changes and failures are counted together.
fn thinned(seconds: &[Second], points_max: usize) -> Vec<Second> {
    let neighbours = seconds.len().div_ceil(points_max).max(1);
    seconds.chunks(neighbours).filter_map(|chunk| chunk.iter().copied().reduce(worse)).collect()
}

fn worse(a: Second, b: Second) -> Second {
    let higher = |of: OfSecond| match (of(&a), of(&b)) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    };
    Second {
        at_s: a.at_s,
        calls: a.calls.max(b.calls),
        packets: a.packets.max(b.packets),
        loss: a.loss.max(b.loss),
        concealed: a.concealed.max(b.concealed),
        mode_changes: a.mode_changes + b.mode_changes,
        setup_failures: a.setup_failures + b.setup_failures,
        mouth_to_ear_p50_ms: higher(|second| second.mouth_to_ear_p50_ms),
        mouth_to_ear_p99_ms: higher(|second| second.mouth_to_ear_p99_ms),
        lateness_max_ms: higher(|second| second.lateness_max_ms),
        server_cpu: higher(|second| second.server_cpu),
        server_memory_mib: higher(|second| second.server_memory_mib),
        own_cpu: higher(|second| second.own_cpu),
        own_memory_mib: higher(|second| second.own_memory_mib),
    }
}

impl Plot {
    /// The plot as SVG; `None` when nothing of it was measured.
    fn draw(&self, seconds: &[Second]) -> Option<String> {
        let values = || {
            let all = self.lines.iter().flat_map(|(_, of)| seconds.iter().filter_map(of));
            all.filter(|value| value.is_finite())
        };
        values().next()?;
        let highest = values().fold(0.0, f64::max);
        let until_s = seconds.last()?.at_s.max(1.0);
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
            // Drawing into a text does not fail; if it did, the table still has the figures.
            self.draw_on(&area, seconds, until_s, nice_above(highest)).ok()?;
        }
        svg = svg.replacen("<svg ", "<svg class=\"plot\" aria-hidden=\"true\" ", 1);
        for (drawn, themed) in THEMED {
            svg = svg.replace(drawn, themed);
        }
        Some(svg)
    }

    fn draw_on<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
        seconds: &[Second],
        until_s: f64,
        highest: f64,
    ) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
        let mut chart = ChartBuilder::on(area)
            .margin(6)
            .margin_right(16)
            .x_label_area_size(26)
            .y_label_area_size(52)
            .build_cartesian_2d(0.0..until_s, 0.0..highest)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(GRID)
            .x_labels(7)
            .y_labels(5)
            .x_label_formatter(&|at_s| minutes(*at_s))
            .y_label_formatter(&|value| number_or_dash(Some(*value)))
            .label_style(("sans-serif", 13).into_font().color(&TEXT))
            .draw()?;
        for (dashed, (_, of_second)) in self.lines.iter().enumerate().map(|(i, line)| (i > 0, line))
        {
            for stretch in stretches(seconds, *of_second) {
                let style = LINE.stroke_width(2);
                if dashed {
                    chart.draw_series(DashedLineSeries::new(stretch, 5, 4, style))?;
                } else {
                    chart.draw_series(LineSeries::new(stretch, style))?;
                }
            }
        }
        area.present()
    }
}

/// The points of a line, cut where nothing was measured.
fn stretches(seconds: &[Second], of_second: OfSecond) -> Vec<Vec<(f64, f64)>> {
    let measured = |second: &Second| of_second(second).filter(|value| value.is_finite());
    seconds
        .chunk_by(|a, b| measured(a).is_some() == measured(b).is_some())
        .map(|stretch| {
            stretch.iter().filter_map(|second| Some((second.at_s, measured(second)?))).collect()
        })
        .filter(|points: &Vec<_>| !points.is_empty())
        .collect()
}

/// 1, 2, 2.5 or 5 times a power of ten, just above; 1 for nothing.
fn nice_above(value: f64) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(value.log10().floor());
    let steps = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let step = steps.into_iter().find(|step| step * power >= value * 1.02);
    step.unwrap_or(15.0) * power
}

fn minutes(at_s: f64) -> String {
    let seconds = at_s.round() as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::*;

    #[test]
    fn every_plot_is_drawn_in_the_page_s_colours() {
        let seconds = sample::clean().seconds;
        for plot in &PLOTS {
            let svg = plot.draw(&seconds).unwrap();
            assert!(
                svg.contains("<polyline") && svg.contains("stroke=\"var(--ink)\""),
                "{}",
                plot.title
            );
            assert!(!svg.contains("\"#"), "a colour of no theme in {}", plot.title);
        }
    }

    #[test]
    fn what_was_not_measured_is_a_gap() {
        let at = |at_s: f64, server_cpu| Second { at_s, server_cpu, ..Second::default() };
        let seconds = [
            at(0.0, None),
            at(1.0, Some(0.1)),
            at(2.0, None),
            at(3.0, Some(0.2)),
            at(4.0, Some(f64::NAN)),
        ];
        let stretches = stretches(&seconds, |second| second.server_cpu);
        assert_eq!(stretches, [vec![(1.0, 0.1)], vec![(3.0, 0.2)]]);
        assert!(PLOTS[2].draw(&seconds[..1]).is_none());
    }

    #[test]
    fn long_runs_keep_their_peaks() {
        let mut seconds: Vec<_> =
            (0..1000).map(|at| Second { at_s: f64::from(at), ..Second::default() }).collect();
        (seconds[501].loss, seconds[502].setup_failures) = (0.5, 2);
        let thin = thinned(&seconds, 30);
        assert!(thin.len() <= 30);
        assert_eq!(thin.iter().map(|second| second.loss).fold(0.0, f64::max), 0.5);
        assert_eq!(thin.iter().map(|second| second.setup_failures).sum::<usize>(), 2);
        assert_eq!(thinned(&seconds[..20], 30).len(), 20);
    }

    #[test]
    fn an_axis_ends_above_the_highest_value() {
        for (value, end) in
            [(0.0, 1.0), (0.3, 0.4), (97.0, 100.0), (99.5, 150.0), (183.0, 200.0), (0.99, 1.5)]
        {
            assert!((nice_above(value) - end).abs() < 1e-9, "{value}: {}", nice_above(value));
        }
    }
}
