//! An agent's own day: what they answered, what they missed (calls and conversations), how often they asked
//! for help.

use axum::extract::State;
use interaction::Permission;
use interaction::reports::Scope;
use jiff::tz::TimeZone;
use orchestrator::reports::calls::{GroupBy, Narrowed, report};
use orchestrator::reports::{Period, REPORT_FACTS_MAX};
use serde::Deserialize;
use store::{HelpFilter, OfferOutcome};
use utoipa::IntoParams;
use wire::{InteractionKind, MissedOffer, OwnDay};

use super::{period, refused};
use crate::extract::Query;
use crate::{AppState, Json, Problem, Signed};

/// What was missed that the answer names, the latest.
const MISSED_MAX: usize = 100;

/// Which day.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DayQuery {
    /// Its beginning, Unix ms.
    from: u64,
    /// Its end, Unix ms; now, if left out.
    until: Option<u64>,
}

/// Agents: your own calls of a day, the calls and conversations that you missed, and how often you asked
/// for help.
#[utoipa::path(
    get, path = "/me/day", tag = "records", params(DayQuery),
    responses(
        (status = 200, description = "Your day", body = OwnDay),
        (status = 403, description = "This is for agents", body = wire::Problem),
    )
)]
pub async fn day(
    State(state): State<AppState>,
    signed: Signed,
    Query(query): Query<DayQuery>,
) -> Result<Json<OwnDay>, Problem> {
    signed.require(Permission::TakeCalls)?;
    let me = signed.user().id;
    let period = period(Some(query.from), query.until)?;
    let Period { from, until } = period;
    // One's own calls, of whichever team.
    let own = Narrowed { queue: None, agent: Some(me) };
    let by = (GroupBy::Agent, &TimeZone::UTC);
    let calls = report(&state.store, Scope::Centre, period, &own, by).await;
    let lines = calls.map_err(refused)?.lines;
    let figures = lines.into_iter().find(|line| line.group.agent == Some(me));
    let figures = figures.map(|line| line.figures).unwrap_or_default();
    let offers = state.store.offers_between(from, until, Some(me.0), REPORT_FACTS_MAX).await?;
    let missed = offers.into_iter().rev().filter(|offer| offer.outcome == OfferOutcome::Missed);
    let missed = missed.take(MISSED_MAX).map(|offer| MissedOffer {
        at: offer.offered_at,
        kind: match offer.kind {
            store::InteractionKind::Call => InteractionKind::Call,
            store::InteractionKind::Conversation => InteractionKind::Conversation,
        },
        queue: offer.queue,
    });
    let filter = HelpFilter { from, until, agent: Some(me.0), ..HelpFilter::default() };
    let help = state.store.help_report(&filter).await?;
    Ok(Json(OwnDay {
        answered: figures.answered,
        declined: figures.declined,
        handle_median_ms: figures.handle.map(|spread| spread.median),
        missed: missed.collect(),
        help: help.iter().map(|row| row.count).sum(),
    }))
}
