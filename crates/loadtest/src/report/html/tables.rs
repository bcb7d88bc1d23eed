//! The table of delays, with a bar a row, and the table of legs.

use maud::{Markup, PreEscaped, html};

use super::super::data::{LegReport, Percentiles, Report};
use super::super::terminal::named_delays;
use super::super::words::{clock, grouped, number, number_or_dash, percent};

/// Legs in the page; those that sounded worst, if there are more.
const LEGS_MAX: usize = 1000;
/// A bar's size, in units of its own.
const BAR_WIDTH: f64 = 320.0;
const BAR_HEIGHT: f64 = 16.0;

/// All delays of the run.
pub(super) fn delays(report: &Report) -> Markup {
    let measured = named_delays(&report.percentiles).into_iter();
    let rows: Vec<_> = measured.filter_map(|(name, all)| Some((name, all?))).collect();
    let longest = rows.iter().map(|(_, all)| all.max).fold(0.0, f64::max);
    html! {
        @if !rows.is_empty() {
            section aria-labelledby="delays" {
                h2 #delays { "Delays, in ms" }
                div .wide tabindex="0" role="group" aria-labelledby="delays" {
                    table {
                        thead { tr {
                            th scope="col" { "Delay" }
                            @for name in ["lowest", "p50", "p95", "p99", "highest", "values"] {
                                th .number scope="col" { (name) }
                            }
                            th .bars scope="col" aria-hidden="true" { (legend()) }
                        } }
                        tbody { @for (name, all) in &rows { tr {
                            th scope="row" { (name) }
                            @for value in [all.min, all.p50, all.p95, all.p99, all.max] {
                                td .number { (number(value)) }
                            }
                            td .number { (grouped(all.count as u64)) }
                            td .bars aria-hidden="true" { (bar(all, longest)) }
                        } } }
                    }
                }
            }
        }
    }
}

fn legend() -> Markup {
    html! {
        span .key { i .p50 {} "to p50" } span .key { i .p95 {} "p95" }
        span .key { i .p99 {} "p99" } span .key { i .max {} "highest" }
    }
}

/// Three parts that get thinner and lighter towards the 99th percentile, and a tick for the highest.
fn bar(all: &Percentiles, longest: f64) -> Markup {
    let x =
        |value: f64| (value.max(0.0) / longest.max(f64::MIN_POSITIVE) * (BAR_WIDTH - 2.0)).round();
    let part = |class: &str, from: f64, until: f64, height: f64| {
        let (from, until) = (x(from), x(until));
        let (width, top) = ((until - from).max(0.0), (BAR_HEIGHT - height) / 2.0);
        format!("<rect class='{class}' x='{from}' y='{top}' width='{width}' height='{height}'/>")
    };
    let parts = [
        part("p50", 0.0, all.p50, 12.0),
        part("p95", all.p50, all.p95, 8.0),
        part("p99", all.p95, all.p99, 4.0),
        format!("<rect class='max' x='{}' y='1' width='2' height='14'/>", x(all.max)),
    ]
    .concat();
    html! {
        svg .range viewBox=(format!("0 0 {BAR_WIDTH} {BAR_HEIGHT}")) preserveAspectRatio="none" {
            (PreEscaped(parts))
        }
    }
}

/// Every leg; the page's script makes it sortable.
pub(super) fn legs(report: &Report) -> Markup {
    let mut legs: Vec<_> = report.legs.iter().collect();
    if legs.len() > LEGS_MAX {
        let score = |leg: &LegReport| leg.mos.unwrap_or(f64::MAX);
        legs.sort_by(|a, b| score(a).total_cmp(&score(b)));
        legs.truncate(LEGS_MAX);
    }
    html! {
        @if !legs.is_empty() {
            section aria-labelledby="legs" {
                h2 #legs { "Legs" }
                @if legs.len() < report.legs.len() {
                    p .quiet {
                        "The " (grouped(legs.len() as u64)) " that sounded worst, of "
                        (grouped(report.legs.len() as u64)) ". All are in the JSON report."
                    }
                }
                div .wide tabindex="0" role="group" aria-labelledby="legs" {
                    table .sortable {
                        thead { tr {
                            th .number scope="col" { "Call" }
                            th scope="col" { "Role" }
                            th scope="col" { "Name" }
                            th scope="col" { "By" }
                            th .number scope="col" { "MOS" }
                            th .number scope="col" { "Mixed" }
                            th .number scope="col" { "From" }
                            th .number scope="col" { "Until" }
                            th .number scope="col" { "Received" }
                            th .number scope="col" { "Lost" }
                            th .number scope="col" { "Reordered" }
                            th .number scope="col" { "Jitter, ms" }
                            th .number scope="col" { "Concealed, ms" }
                            th .number scope="col" { "Delay p50, ms" }
                            th .number scope="col" { "Delay p99, ms" }
                        } }
                        tbody { @for leg in legs { (leg_row(leg)) } }
                    }
                }
            }
        }
    }
}

fn leg_row(leg: &LegReport) -> Markup {
    let delay = leg.mouth_to_ear_ms;
    let (p50, p99) = (delay.map(|all| all.p50), delay.map(|all| all.p99));
    let expected = leg.received + leg.lost;
    html! {
        tr {
            td .number { (leg.call) }
            td { (leg.role.word()) }
            th scope="row" { (leg.name) }
            td { (leg.connection) }
            td .number data-value=[leg.mos] { (number_or_dash(leg.mos)) }
            td .number data-value=(leg.mixed) { (percent(leg.mixed)) }
            td .number data-value=(leg.from_s) { (clock(leg.from_s)) }
            td .number data-value=(leg.until_s) { (clock(leg.until_s)) }
            td .number data-value=(leg.received) { (grouped(leg.received)) }
            td .number data-value=(leg.lost) {
                (grouped(leg.lost))
                @if leg.lost > 0 && expected > 0 {
                    " (" (percent(leg.lost as f64 / expected as f64)) ")"
                }
            }
            td .number data-value=(leg.reordered) { (grouped(leg.reordered)) }
            td .number data-value=(leg.jitter_ms) { (number(leg.jitter_ms)) }
            td .number data-value=(leg.concealed_ms) { (grouped(leg.concealed_ms)) }
            td .number data-value=[p50] { (number_or_dash(p50)) }
            td .number data-value=[p99] { (number_or_dash(p99)) }
        }
    }
}
