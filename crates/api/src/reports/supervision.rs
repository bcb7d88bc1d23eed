//! Who listened to, whispered to and barged in on whom.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use interaction::UserId;
use interaction::reports::Report;
use orchestrator::reports::supervision::{Supervised, SupervisedEnd, report};
use serde::Deserialize;
use utoipa::IntoParams;
use wire::{InteractionKind, SupervisionEnd, SupervisionReport, SupervisionReportRow, UserRef};

use super::csv::{file, seconds, wants_csv};
use super::{period, refused, scope};
use crate::clock::Clock;
use crate::extract::{Query, id};
use crate::views::call::mode_kind;
use crate::{AppState, Json, Problem, Signed};

/// What the report looks at.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SupervisionQuery {
    /// Began at or after, Unix ms; 30 days before `until`, if left out.
    from: Option<u64>,
    /// Began before, Unix ms; now, if left out.
    until: Option<u64>,
    /// The team's id.
    team: Option<String>,
    /// The queue's key.
    queue: Option<String>,
    /// The user id of an agent who was supervised.
    agent: Option<String>,
    /// The supervisor's user id.
    supervisor: Option<String>,
    /// The zone of the clock that the CSV shows, by its IANA name, as `Europe/Berlin`; UTC, if left out.
    zone: Option<String>,
    /// Instead of `zone`, minutes to add to UTC, whatever the season.
    offset_min: Option<i64>,
    /// `false`: the CSV begins with no byte order mark.
    bom: Option<bool>,
}

/// Who listened to, whispered to and barged in on whom, when, and how long; refused attempts of staff
/// too. Of your teams; of all, if you administer. What was done to yourself is left out.
///
/// As CSV with `Accept: text/csv`. Made of the audit log, which is written before anything is heard.
#[utoipa::path(
    get, path = "/reports/supervision", tag = "records", params(SupervisionQuery),
    responses(
        (status = 200, description = "The report", content((SupervisionReport = "application/json"), (String = "text/csv"))),
        (status = 400, description = "A period of too much, or none", body = wire::Problem),
        (status = 403, description = "This needs `read_audit`", body = wire::Problem),
        (status = 404, description = "You belong to no such team", body = wire::Problem),
    )
)]
pub async fn supervision(
    State(state): State<AppState>,
    signed: Signed,
    headers: HeaderMap,
    Query(query): Query<SupervisionQuery>,
) -> Result<Response, Problem> {
    let scope = scope(signed.user(), Report::Supervision, query.team.as_deref())?;
    let period = period(query.from, query.until)?;
    let clock = Clock::asked(query.zone.as_deref(), query.offset_min)?;
    let parsed = |text: &Option<String>, what| {
        text.as_deref().map(|text| id::<UserId>(text, what)).transpose()
    };
    let (agent, supervisor) =
        (parsed(&query.agent, "agent")?, parsed(&query.supervisor, "supervisor")?);
    let found = report(&state.store, signed.user(), scope, period).await.map_err(refused)?;
    let is_meant = |it: &Supervised| {
        query.queue.as_ref().is_none_or(|queue| it.queue.as_ref() == Some(queue))
            && supervisor.is_none_or(|user| it.supervisor == user)
            && agent.is_none_or(|user| it.agents.iter().any(|(agent, _)| *agent == user))
    };
    let rows = found.into_iter().filter(is_meant).map(row).collect();
    if wants_csv(&headers) {
        return csv(rows, &clock, query.bom.unwrap_or(true));
    }
    Ok(Json(SupervisionReport { rows }).into_response())
}

fn row(it: Supervised) -> SupervisionReportRow {
    let person = |(user, name): (UserId, String)| UserRef { user: user.to_string(), name };
    let (end, detail) = match it.end {
        SupervisedEnd::Running => (SupervisionEnd::Running, None),
        SupervisedEnd::ModeChanged => (SupervisionEnd::ModeChanged, None),
        SupervisedEnd::Stopped => (SupervisionEnd::Stopped, None),
        SupervisedEnd::Other(why) => (SupervisionEnd::Other, Some(why)),
        SupervisedEnd::CutOff => (SupervisionEnd::CutOff, None),
        SupervisedEnd::Refused(why) => (SupervisionEnd::Refused, Some(why)),
        SupervisedEnd::Unknown => (SupervisionEnd::Unknown, None),
    };
    SupervisionReportRow {
        supervisor: person((it.supervisor, it.name)),
        mode: mode_kind(it.mode),
        agents: it.agents.into_iter().map(person).collect(),
        interaction: it.interaction,
        kind: it.kind.map(|kind| match kind {
            store::InteractionKind::Call => InteractionKind::Call,
            store::InteractionKind::Conversation => InteractionKind::Conversation,
        }),
        queue: it.queue,
        from: it.from,
        until: it.until,
        end,
        detail,
    }
}

fn csv(rows: Vec<SupervisionReportRow>, clock: &Clock, bom: bool) -> Result<Response, Problem> {
    let head = [
        "from",
        "until",
        "seconds",
        "supervisor",
        "mode",
        "agents",
        "queue",
        "kind",
        "interaction",
        "end",
        "detail",
    ];
    let at = |ms: u64| clock.moment(ms);
    let line = |row: SupervisionReportRow| {
        let names: Vec<String> = row.agents.into_iter().map(|agent| agent.name).collect();
        [
            at(row.from),
            row.until.map_or_else(String::new, at),
            seconds(row.until.map(|until| until - row.from)),
            row.supervisor.name,
            word(&row.mode),
            names.join("; "),
            row.queue.unwrap_or_default(),
            row.kind.as_ref().map_or_else(String::new, word),
            row.interaction,
            word(&row.end),
            row.detail.unwrap_or_default(),
        ]
    };
    file("supervision", bom, head, rows.into_iter().map(line))
}

/// A value's name on the wire.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(error) => unreachable!("a name on the wire: {error}"),
    }
}
