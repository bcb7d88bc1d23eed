//! Reports, as JSON or CSV: help requests by agent, team, queue and day; [calls]; [supervision].

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use interaction::reports::{Report, Scope, report_scope};
use interaction::{Permission, TeamId, UserId};
use orchestrator::reports::{Period, REPORT_FACTS_MAX, ReportError};
use serde::Deserialize;
use store::{HelpFilter, PAGE_ROWS_MAX};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{HelpReason, HelpReport, HelpReportRow, UserRef};

use self::csv::{file, seconds, wants_csv};
use super::clock::{Clock, Stretch};
use super::extract::{Query, id};
use super::{AppState, Json, Kind, Problem};
use crate::Signed;
use accounts::{User, permission_name, unix_now};

pub mod calls;
pub(super) mod csv;
pub mod own;
pub mod supervision;

/// Days that one report may look at.
pub const REPORT_DAYS_MAX: u64 = 400;
/// Days that a report looks at, unless asked otherwise.
const REPORT_DAYS: u64 = 30;
/// Reasons that a report names, the most frequent ones.
const REASONS_MAX: usize = 20;
const DAY_MS: u64 = 86_400_000;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(help))
        .routes(routes!(calls::calls))
        .routes(routes!(own::day))
        .routes(routes!(supervision::supervision))
}

/// What the report looks at.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct ReportQuery {
    /// Raised at or after, Unix ms; 30 days before `until`, if left out.
    from: Option<u64>,
    /// Raised before, Unix ms; now, if left out.
    until: Option<u64>,
    /// The team's id.
    team: Option<String>,
    /// The queue's key.
    queue: Option<String>,
    /// The agent's user id.
    agent: Option<String>,
    /// The zone of the reader's clock, which says what a day is, by its IANA name, as `Europe/Berlin`;
    /// UTC, if left out.
    zone: Option<String>,
    /// Instead of `zone`, minutes to add to UTC, whatever the season.
    offset_min: Option<i64>,
    /// Of the CSV: `days` (one line an agent, team, queue and day; default) or `reasons`.
    #[param(value_type = Option<String>)]
    table: Option<Table>,
    /// `false`: the CSV begins with no byte order mark.
    bom: Option<bool>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Table {
    #[default]
    Days,
    Reasons,
}

/// Help requests of the teams that you supervise: how many, how fast they were answered, and why.
///
/// As CSV with `Accept: text/csv`. Answer times are given as mean and maximum, so that days can be
/// added up.
#[utoipa::path(
    get, path = "/reports/help", tag = "records", params(ReportQuery),
    responses(
        (status = 200, description = "The report", content((HelpReport = "application/json"), (String = "text/csv"))),
        (status = 403, description = "Reports are for supervisors", body = wire::Problem),
        (status = 404, description = "You supervise no such team", body = wire::Problem),
    )
)]
async fn help(
    State(state): State<AppState>,
    signed: Signed,
    headers: HeaderMap,
    Query(query): Query<ReportQuery>,
) -> Result<Response, Problem> {
    let scope = scope(signed.user(), Report::Help, query.team.as_deref())?;
    let filter = filter(&query)?;
    let clock = Clock::asked(query.zone.as_deref(), query.offset_min)?;
    let report = report(&state.store, &filter, &clock, scope).await?;
    if !wants_csv(&headers) {
        return Ok(Json(report).into_response());
    }
    let bom = query.bom.unwrap_or(true);
    match query.table.unwrap_or_default() {
        Table::Days => {
            let names = team_names(&state, signed.user()).await?;
            days_csv(&report, &names, &clock, bom)
        }
        Table::Reasons => reasons_csv(&report, bom),
    }
}

/// Whose interactions a report is made of, narrowed to one team if one is asked for.
fn scope(user: &User, report: Report, team: Option<&str>) -> Result<Scope, Problem> {
    let scope =
        report_scope(user, report).map_err(|missing| Problem::lacks(permission_name(missing)))?;
    match team {
        None => Ok(scope),
        Some(text) => scope.within(id(text, "team")?).ok_or_else(|| Problem::not_found("team")),
    }
}

/// The period that is asked for, within reason.
fn period(from: Option<u64>, until: Option<u64>) -> Result<Period, Problem> {
    let until = until.unwrap_or_else(|| unix_now().0);
    let from = from.unwrap_or_else(|| until.saturating_sub(REPORT_DAYS * DAY_MS));
    if from > until || until - from > REPORT_DAYS_MAX * DAY_MS || until > i64::MAX as u64 / 2 {
        return Err(Problem::new(
            Kind::BadInput,
            format!("`from` must be before `until`, and at most {REPORT_DAYS_MAX} days before it."),
        ));
    }
    Ok(Period { from, until })
}

fn refused(error: ReportError) -> Problem {
    match error {
        ReportError::TooMuch => Problem::new(
            Kind::BadInput,
            format!("This period has more than {REPORT_FACTS_MAX} entries. Choose a shorter one."),
        ),
        ReportError::Store(error) => error.into(),
    }
}

fn filter(query: &ReportQuery) -> Result<HelpFilter, Problem> {
    let Period { from, until } = period(query.from, query.until)?;
    let agent = query.agent.as_deref().map(|text| id::<UserId>(text, "agent"));
    Ok(HelpFilter {
        from,
        until,
        agent: agent.transpose()?.map(|agent| agent.0),
        team: None,
        queue: query.queue.clone(),
        day_offset_ms: 0,
    })
}

async fn report(
    store: &store::Store,
    filter: &HelpFilter,
    clock: &Clock,
    scope: Scope,
) -> Result<HelpReport, store::StoreError> {
    let parts: Vec<HelpFilter> = match scope {
        Scope::Centre => vec![filter.clone()],
        Scope::Teams(teams) => {
            teams.iter().map(|team| HelpFilter { team: Some(team.0), ..filter.clone() }).collect()
        }
    };
    let mut rows = Vec::new();
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for part in &parts {
        rows.extend(days(store, part, clock).await?);
        for (reason, count) in store.help_reasons(part, PAGE_ROWS_MAX).await? {
            *reasons.entry(reason).or_default() += count;
        }
    }
    rows.sort_by(|a, b| (a.day, &a.agent_name, a.agent).cmp(&(b.day, &b.agent_name, b.agent)));
    let mut reasons: Vec<HelpReason> =
        reasons.into_iter().map(|(reason, count)| HelpReason { reason, count }).collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
    reasons.truncate(REASONS_MAX);
    Ok(HelpReport { rows: rows.iter().map(row).collect(), reasons })
}

/// The report's rows by the days of a clock: a day on which it is changed is one day, of another length.
async fn days(
    store: &store::Store,
    filter: &HelpFilter,
    clock: &Clock,
) -> Result<Vec<store::HelpReportRow>, store::StoreError> {
    let mut days: BTreeMap<_, store::HelpReportRow> = BTreeMap::new();
    for Stretch { from, until, offset_ms } in clock.stretches(filter.from, filter.until) {
        let part = HelpFilter { from, until, day_offset_ms: offset_ms, ..filter.clone() };
        for mut row in store.help_report(&part).await? {
            let day = (row.day + offset_ms).div_euclid(DAY_MS.cast_signed());
            row.day = clock.day_begins(day);
            let known = days.entry((row.day, row.agent, row.team, row.queue.clone()));
            known.and_modify(|sum| add(sum, &row)).or_insert(row);
        }
    }
    Ok(days.into_values().collect())
}

/// Adds what came before and after the clock was changed on that day.
fn add(sum: &mut store::HelpReportRow, row: &store::HelpReportRow) {
    sum.count += row.count;
    sum.answered += row.answered;
    sum.cancelled += row.cancelled;
    sum.answer_ms += row.answer_ms;
    sum.answer_ms_max = sum.answer_ms_max.max(row.answer_ms_max);
    sum.agent_name.clone_from(&row.agent_name);
}

fn row(row: &store::HelpReportRow) -> HelpReportRow {
    let answered = row.answered > 0;
    HelpReportRow {
        day: row.day,
        agent: UserRef { user: UserId(row.agent).to_string(), name: row.agent_name.clone() },
        team: row.team.map(|team| TeamId(team).to_string()),
        queue: row.queue.clone(),
        count: row.count,
        answered: row.answered,
        cancelled: row.cancelled,
        answer_ms_mean: answered.then(|| row.answer_ms / row.answered),
        answer_ms_max: answered.then_some(row.answer_ms_max),
    }
}

async fn team_names(state: &AppState, user: &User) -> Result<BTreeMap<String, String>, Problem> {
    let mut names: BTreeMap<String, String> =
        user.teams.iter().map(|team| (team.id.to_string(), team.name.clone())).collect();
    if user.permissions.has(Permission::Administer) {
        for team in state.store.teams().await? {
            names.insert(team.id.to_string(), team.name);
        }
    }
    Ok(names)
}

fn days_csv(
    report: &HelpReport,
    teams: &BTreeMap<String, String>,
    clock: &Clock,
    bom: bool,
) -> Result<Response, Problem> {
    let head = [
        "day",
        "agent",
        "team",
        "queue",
        "requests",
        "answered",
        "cancelled",
        "mean_time_to_answer_s",
        "longest_time_to_answer_s",
    ];
    let line = |row: &HelpReportRow| {
        let team = row.team.as_ref().map(|team| teams.get(team).unwrap_or(team));
        [
            clock.date(row.day.cast_unsigned()),
            row.agent.name.clone(),
            team.cloned().unwrap_or_default(),
            row.queue.clone().unwrap_or_default(),
            row.count.to_string(),
            row.answered.to_string(),
            row.cancelled.to_string(),
            seconds(row.answer_ms_mean),
            seconds(row.answer_ms_max),
        ]
    };
    file("help-requests", bom, head, report.rows.iter().map(line))
}

fn reasons_csv(report: &HelpReport, bom: bool) -> Result<Response, Problem> {
    let line = |reason: &HelpReason| [reason.reason.clone(), reason.count.to_string()];
    file("help-reasons", bom, ["reason", "requests"], report.reasons.iter().map(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use control_plane::testing::{SALES, SUPPORT, agent, supervisor};

    #[tokio::test]
    async fn a_day_is_the_readers() {
        let row = HelpReportRow {
            day: 1_795_273_200_000 - 9 * 3_600_000,
            agent: UserRef { user: "1".to_owned(), name: "=Ana".to_owned() },
            team: Some("7".to_owned()),
            queue: None,
            count: 2,
            answered: 1,
            cancelled: 1,
            answer_ms_mean: Some(43_210),
            answer_ms_max: None,
        };
        let report = HelpReport { rows: vec![row], reasons: Vec::new() };
        let teams = BTreeMap::from([("7".to_owned(), "Support".to_owned())]);
        let tokyo = Clock::of_zone("Asia/Tokyo").unwrap();
        let answer = days_csv(&report, &teams, &tokyo, false).unwrap();
        let csv = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let csv = String::from_utf8(csv.to_vec()).unwrap();
        assert_eq!(csv.lines().nth(1), Some("2026-11-21,'=Ana,Support,,2,1,1,43.2,"));
    }

    #[test]
    fn supervisors_ask_about_their_teams_only() {
        let sam = supervisor(1, "Sam", SUPPORT);
        let asked = |user: &User, team: Option<TeamId>| {
            scope(user, Report::Help, team.map(|team| team.to_string()).as_deref())
        };
        assert_eq!(asked(&sam, None).unwrap(), Scope::Teams(vec![SUPPORT]));
        assert_eq!(asked(&sam, Some(SUPPORT)).unwrap(), Scope::Teams(vec![SUPPORT]));
        assert_eq!(asked(&sam, Some(SALES)).unwrap_err().kind(), Kind::NotFound);
        assert_eq!(asked(&agent(2, "Ana"), None).unwrap_err().kind(), Kind::NotAllowed);
        let audit = scope(&sam, Report::Supervision, None).unwrap_err();
        assert_eq!(audit.kind(), Kind::NotAllowed, "that is a right of its own");
    }

    #[test]
    fn spans_are_within_reason() {
        let asked = |from, until| filter(&ReportQuery { from, until, ..ReportQuery::default() });
        assert!(asked(Some(5), Some(4)).is_err());
        assert!(asked(Some(0), Some(500 * DAY_MS)).is_err());
        let month = asked(None, Some(100 * DAY_MS)).unwrap();
        assert_eq!(month.from, 70 * DAY_MS);
    }
}
