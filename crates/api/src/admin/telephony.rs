//! How the trunks and lines of the telephone side are.

use axum::extract::State;
use interaction::Permission;
use orchestrator::telephony_status::{WayState, WayStatus};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{TelephonyView, TelephonyWay, TelephonyWayState};

use crate::Signed;
use crate::{AppState, Json, Problem};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The trunks and lines of the telephone side, and how each is: up, down and since when, what it said last.
#[utoipa::path(get, path = "/admin/telephony", tag = "administration",
    responses((status = 200, description = "Trunks and lines, in the order of the configuration.", body = TelephonyView)))]
async fn show(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<TelephonyView>, Problem> {
    signed.require(Permission::Administer)?;
    let status = state.orchestrator.telephony_status();
    let ways = |ways: &[WayStatus]| ways.iter().map(way).collect();
    Ok(Json(TelephonyView { trunks: ways(&status.trunks), lines: ways(&status.lines) }))
}

fn way(it: &WayStatus) -> TelephonyWay {
    TelephonyWay {
        name: it.name.clone(),
        state: match it.state {
            WayState::NotAsked => TelephonyWayState::NotAsked,
            WayState::Unknown => TelephonyWayState::Unknown,
            WayState::Up => TelephonyWayState::Up,
            WayState::Down => TelephonyWayState::Down,
        },
        since: it.since.map(|at| at.0),
        answered_at: it.answered_at.map(|at| at.0),
        status: it.status,
        registered_until: it.registered_until.map(|at| at.0),
    }
}
