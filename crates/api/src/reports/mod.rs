//! Reports: help requests by agent, team, queue and day, as JSON or CSV.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use interaction::{Permission, TeamId, UserId};
use serde::Deserialize;
use store::{HelpFilter, PAGE_ROWS_MAX};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{HelpReason, HelpReport, HelpReportRow, UserRef};

use super::extract::{Query, id};
use super::{AppState, Json, Kind, Problem};
use crate::Signed;
use accounts::{User, unix_now};

/// Days that one report may look at.
pub const REPORT_DAYS_MAX: u64 = 400;
/// Days that a report looks at, unless asked otherwise.
const REPORT_DAYS: u64 = 30;
/// Reasons that a report names, the most frequent ones.
const REASONS_MAX: usize = 20;
/// How far a clock on earth may be from UTC.
const OFFSET_MINUTES_MAX: i64 = 14 * 60;
const DAY_MS: u64 = 86_400_000;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(help))
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
    /// Minutes to add to UTC for the reader's clock, which says what a day is.
    offset_min: Option<i64>,
    /// Of the CSV: `days` (one line an agent, team, queue and day; default) or `reasons`.
    #[param(value_type = Option<String>)]
    table: Option<Table>,
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
    let teams = teams(signed.user(), query.team.as_deref())?;
    let filter = filter(&query)?;
    let report = report(&state.store, &filter, teams).await?;
    if !wants_csv(&headers) {
        return Ok(Json(report).into_response());
    }
    let names = team_names(&state, signed.user()).await?;
    let (name, csv) = match query.table.unwrap_or_default() {
        Table::Days => ("help-requests", days_csv(&report, &names, filter.day_offset_ms)),
        Table::Reasons => ("help-reasons", reasons_csv(&report)),
    };
    let csv = csv.map_err(Problem::internal)?;
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, csv).into_response())
}

/// The teams that the report is about; `None`: all of them.
fn teams(user: &User, asked: Option<&str>) -> Result<Option<Vec<TeamId>>, Problem> {
    let all = user.permissions.has(Permission::Administer);
    if !all && !user.permissions.may_supervise() {
        return Err(Problem::lacks("view_contact_center_dashboard"));
    }
    let own = user.teams.iter().map(|team| team.id).filter(|team| user.supervises(*team));
    match asked {
        None if all => Ok(None),
        None => Ok(Some(own.collect())),
        Some(text) => {
            let team: TeamId = id(text, "team")?;
            if all || user.supervises(team) {
                Ok(Some(vec![team]))
            } else {
                Err(Problem::not_found("team"))
            }
        }
    }
}

fn filter(query: &ReportQuery) -> Result<HelpFilter, Problem> {
    let until = query.until.unwrap_or_else(|| unix_now().0);
    let from = query.from.unwrap_or_else(|| until.saturating_sub(REPORT_DAYS * DAY_MS));
    if from > until || until - from > REPORT_DAYS_MAX * DAY_MS || until > i64::MAX as u64 / 2 {
        return Err(Problem::new(
            Kind::BadInput,
            format!("`from` must be before `until`, and at most {REPORT_DAYS_MAX} days before it."),
        ));
    }
    let offset = query.offset_min.unwrap_or(0);
    if offset.abs() > OFFSET_MINUTES_MAX {
        return Err(Problem::new(
            Kind::BadInput,
            format!("`offset_min` must be from -{OFFSET_MINUTES_MAX} to {OFFSET_MINUTES_MAX}."),
        ));
    }
    let agent = query.agent.as_deref().map(|text| id::<UserId>(text, "agent"));
    Ok(HelpFilter {
        from,
        until,
        agent: agent.transpose()?.map(|agent| agent.0),
        team: None,
        queue: query.queue.clone(),
        day_offset_ms: offset * 60_000,
    })
}

async fn report(
    store: &store::Store,
    filter: &HelpFilter,
    teams: Option<Vec<TeamId>>,
) -> Result<HelpReport, store::StoreError> {
    let parts: Vec<HelpFilter> = match teams {
        None => vec![filter.clone()],
        Some(teams) => {
            teams.iter().map(|team| HelpFilter { team: Some(team.0), ..filter.clone() }).collect()
        }
    };
    let mut rows = Vec::new();
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for part in &parts {
        rows.extend(store.help_report(part).await?);
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

/// Whether CSV is named, and before JSON.
fn wants_csv(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let accept = accept.unwrap_or_default().to_ascii_lowercase();
    match (accept.find("text/csv"), accept.find("application/json")) {
        (Some(csv), Some(json)) => csv < json,
        (found, None) => found.is_some(),
        (None, Some(_)) => false,
    }
}

fn days_csv(
    report: &HelpReport,
    teams: &BTreeMap<String, String>,
    offset_ms: i64,
) -> Result<Vec<u8>, csv::Error> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record([
        "day",
        "agent",
        "team",
        "queue",
        "requests",
        "answered",
        "cancelled",
        "mean_time_to_answer_s",
        "longest_time_to_answer_s",
    ])?;
    let seconds =
        |ms: Option<u64>| ms.map_or_else(String::new, |ms| format!("{:.1}", ms as f64 / 1_000.0));
    for row in &report.rows {
        let team = row.team.as_ref().map(|team| teams.get(team).unwrap_or(team));
        csv.write_record([
            date(row.day + offset_ms),
            plain(&row.agent.name),
            plain(team.map_or("", String::as_str)),
            plain(row.queue.as_deref().unwrap_or("")),
            row.count.to_string(),
            row.answered.to_string(),
            row.cancelled.to_string(),
            seconds(row.answer_ms_mean),
            seconds(row.answer_ms_max),
        ])?;
    }
    csv.into_inner().map_err(|error| error.into_error().into())
}

fn reasons_csv(report: &HelpReport) -> Result<Vec<u8>, csv::Error> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["reason", "requests"])?;
    for reason in &report.reasons {
        csv.write_record([plain(&reason.reason), reason.count.to_string()])?;
    }
    csv.into_inner().map_err(|error| error.into_error().into())
}

/// A text that no spreadsheet takes for a formula (OWASP, "CSV injection").
fn plain(text: &str) -> String {
    let first = text.trim_start_matches([' ', '\u{a0}']).chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            format!("'{text}")
        }
        _ => text.to_owned(),
    }
}

/// The date of a moment on a clock that shows UTC.
fn date(ms: i64) -> String {
    let moment = UNIX_EPOCH + Duration::from_millis(ms.max(0).cast_unsigned());
    let mut text = humantime::format_rfc3339_seconds(moment).to_string();
    text.truncate("0000-00-00".len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use control_plane::testing::{SALES, SUPPORT, agent, supervisor};

    #[test]
    fn a_name_is_no_formula_and_needs_no_care() {
        let reason = |reason: &str| HelpReason { reason: reason.to_owned(), count: 1 };
        let reasons = ["=HYPERLINK(\"x\")", "+1", " @a", "-2", "a, \"b\"\nc", "返金"];
        let report = HelpReport { rows: Vec::new(), reasons: reasons.map(reason).to_vec() };
        let csv = String::from_utf8(reasons_csv(&report).unwrap()).unwrap();
        let mut read = csv::Reader::from_reader(csv.as_bytes());
        let cells: Vec<String> = read.records().map(|row| row.unwrap()[0].to_owned()).collect();
        let expected = ["'=HYPERLINK(\"x\")", "'+1", "' @a", "'-2", "a, \"b\"\nc", "返金"];
        assert_eq!(cells, expected);
    }

    #[test]
    fn a_day_is_the_readers() {
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
        let csv = String::from_utf8(days_csv(&report, &teams, 9 * 3_600_000).unwrap()).unwrap();
        assert_eq!(csv.lines().nth(1), Some("2026-11-21,'=Ana,Support,,2,1,1,43.2,"));
    }

    #[test]
    fn supervisors_ask_about_their_teams_only() {
        let sam = supervisor(1, "Sam", SUPPORT);
        assert_eq!(teams(&sam, None).unwrap(), Some(vec![SUPPORT]));
        assert_eq!(teams(&sam, Some(&SUPPORT.to_string())).unwrap(), Some(vec![SUPPORT]));
        let foreign = teams(&sam, Some(&SALES.to_string())).unwrap_err();
        assert_eq!(foreign.kind(), Kind::NotFound);
        assert_eq!(teams(&agent(2, "Ana"), None).unwrap_err().kind(), Kind::NotAllowed);
    }

    #[test]
    fn spans_and_clocks_are_within_reason() {
        let asked = |from, until, offset_min| {
            filter(&ReportQuery { from, until, offset_min, ..ReportQuery::default() })
        };
        assert!(asked(Some(5), Some(4), None).is_err());
        assert!(asked(Some(0), Some(500 * DAY_MS), None).is_err());
        assert!(asked(Some(0), Some(DAY_MS), Some(9_000)).is_err());
        let month = asked(None, Some(100 * DAY_MS), Some(540)).unwrap();
        assert_eq!((month.from, month.day_offset_ms), (70 * DAY_MS, 540 * 60_000));
    }

    #[test]
    fn csv_has_to_be_asked_for() {
        let asked = |accept: &'static str| {
            wants_csv(&HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]))
        };
        assert!(asked("text/csv") && asked("text/csv, application/json;q=0.5"));
        assert!(!asked("*/*") && !asked("application/json") && !wants_csv(&HeaderMap::new()));
    }
}
