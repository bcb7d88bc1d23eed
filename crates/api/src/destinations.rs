//! Where calls and conversations can be handed to.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::DestinationList;

use super::{AppState, Json, Problem};
use crate::Signed;
use crate::views;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(destinations))
}

/// The queues, each with its numbers of ready and busy agents, and the other agents.
#[utoipa::path(
    get, path = "/destinations", tag = "calls",
    responses(
        (status = 200, description = "The list, by name", body = DestinationList),
        (status = 403, description = "You are not an agent", body = wire::Problem),
    )
)]
async fn destinations(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<DestinationList>, Problem> {
    Ok(Json(views::destinations(&state.orchestrator.destinations(signed.user()).await?)))
}
