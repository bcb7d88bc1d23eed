//! How calls were offered, answered and worked on.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use interaction::UserId;
use interaction::reports::Report;
use orchestrator::reports::Spread;
use orchestrator::reports::calls::{CallLine, Figures, GroupBy, Narrowed, report};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use wire::{CallReport, CallReportFigures, CallReportRow, ServiceGoal, TimeSpread, UserRef};

use super::csv::{file, seconds, wants_csv};
use super::{period, refused, scope};
use crate::clock::Clock;
use crate::extract::{Query, id};
use crate::{AppState, Json, Problem, Signed};

/// What the report looks at.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CallsQuery {
    /// Placed at or after, Unix ms; 30 days before `until`, if left out.
    from: Option<u64>,
    /// Placed before, Unix ms; now, if left out.
    until: Option<u64>,
    /// The team's id.
    team: Option<String>,
    /// The queue's key.
    queue: Option<String>,
    /// The agent's user id: calls that they were on.
    agent: Option<String>,
    /// What a row stands for; a queue, if left out.
    #[param(inline)]
    by: Option<By>,
    /// The zone of the reader's clock, which says what an hour or a day is, by its IANA name, as
    /// `Europe/Berlin`; UTC, if left out.
    zone: Option<String>,
    /// Instead of `zone`, minutes to add to UTC, whatever the season.
    offset_min: Option<i64>,
    /// `false`: the CSV begins with no byte order mark.
    bom: Option<bool>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum By {
    #[default]
    Queue,
    Agent,
    Hour,
    Day,
}

/// Calls of the teams that you supervise: how many were offered, answered and abandoned, how long
/// callers waited and were on hold, and how long agents worked on them.
///
/// As CSV with `Accept: text/csv`.
#[utoipa::path(
    get, path = "/reports/calls", tag = "records", params(CallsQuery),
    responses(
        (status = 200, description = "The report", content((CallReport = "application/json"), (String = "text/csv"))),
        (status = 400, description = "A period of too much, or none", body = wire::Problem),
        (status = 403, description = "Reports are for supervisors", body = wire::Problem),
        (status = 404, description = "You supervise no such team", body = wire::Problem),
    )
)]
pub async fn calls(
    State(state): State<AppState>,
    signed: Signed,
    headers: HeaderMap,
    Query(query): Query<CallsQuery>,
) -> Result<Response, Problem> {
    let scope = scope(signed.user(), Report::Calls, query.team.as_deref())?;
    let period = period(query.from, query.until)?;
    let clock = Clock::asked(query.zone.as_deref(), query.offset_min)?;
    let agent = query.agent.as_deref().map(|text| id::<UserId>(text, "agent")).transpose()?;
    let narrowed = Narrowed { queue: query.queue.clone(), agent };
    let by = match query.by.unwrap_or_default() {
        By::Queue => GroupBy::Queue,
        By::Agent => GroupBy::Agent,
        By::Hour => GroupBy::Hour,
        By::Day => GroupBy::Day,
    };
    let found = report(&state.store, scope, period, &narrowed, (by, clock.zone())).await;
    let found = found.map_err(refused)?;
    let queues = state.store.queue_records().await?.into_iter();
    let goals = queues.map(|it| (it.queue.key, goal(it.settings.goal))).collect();
    let rows = found.lines.into_iter().map(|line| row(line, &goals)).collect();
    if wants_csv(&headers) {
        return csv(rows, &clock, query.bom.unwrap_or(true));
    }
    Ok(Json(CallReport { rows, total: figures(found.total) }).into_response())
}

fn goal(goal: store::ServiceGoal) -> ServiceGoal {
    ServiceGoal { percent: goal.percent, seconds: goal.seconds }
}

fn row(line: CallLine, goals: &BTreeMap<String, ServiceGoal>) -> CallReportRow {
    let CallLine { group, agent_name, figures: sums } = line;
    let agent = group.agent.map(|user| UserRef { user: user.to_string(), name: agent_name });
    CallReportRow {
        start: group.start,
        goal: group.queue.as_ref().and_then(|key| goals.get(key)).copied(),
        queue: group.queue,
        agent,
        figures: figures(sums),
    }
}

fn figures(it: Figures) -> CallReportFigures {
    let spread = |it: Option<Spread>| {
        it.map(|Spread { median, p90, p95, mean, max }| TimeSpread { median, p90, p95, mean, max })
    };
    CallReportFigures {
        offered: it.offered,
        answered: it.answered,
        abandoned: it.abandoned,
        within_goal: it.within_goal,
        missed: it.missed,
        missed_chats: it.missed_chats,
        declined: it.declined,
        wait: spread(it.wait),
        handle: spread(it.handle),
        hold: spread(it.hold),
        wrap: spread(it.wrap),
    }
}

fn csv(rows: Vec<CallReportRow>, clock: &Clock, bom: bool) -> Result<Response, Problem> {
    let head = [
        "start",
        "queue",
        "agent",
        "offered",
        "answered",
        "abandoned",
        "within_goal",
        "missed",
        "declined",
        "median_wait_s",
        "p90_wait_s",
        "median_handle_s",
        "p90_handle_s",
        "mean_handle_s",
        "median_hold_s",
        "missed_chats",
        "p95_handle_s",
        "median_wrap_s",
        "p95_wrap_s",
    ];
    let line = |row: CallReportRow| {
        let it = row.figures;
        let of =
            |spread: Option<TimeSpread>, pick: fn(TimeSpread) -> u64| seconds(spread.map(pick));
        [
            row.start.map_or_else(String::new, |start| clock.moment(start.cast_unsigned())),
            row.queue.unwrap_or_default(),
            row.agent.map_or_else(String::new, |agent| agent.name),
            it.offered.to_string(),
            it.answered.to_string(),
            it.abandoned.to_string(),
            it.within_goal.to_string(),
            it.missed.to_string(),
            it.declined.to_string(),
            of(it.wait, |it| it.median),
            of(it.wait, |it| it.p90),
            of(it.handle, |it| it.median),
            of(it.handle, |it| it.p90),
            of(it.handle, |it| it.mean),
            of(it.hold, |it| it.median),
            it.missed_chats.to_string(),
            of(it.handle, |it| it.p95),
            of(it.wrap, |it| it.median),
            of(it.wrap, |it| it.p95),
        ]
    };
    file("calls", bom, head, rows.into_iter().map(line))
}
