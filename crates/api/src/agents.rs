//! What supervisors do with the agents of their teams: the agent board's actions.

use axum::extract::State;
use axum::http::StatusCode;
use interaction::UserId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{AgentPresenceResult, PresenceRequest};

use super::account::choice;
use super::extract::id;
use super::{AppState, Json, Path, Problem, Signed, views};
use crate::whole;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(set_presence)).routes(routes!(sign_out))
}

/// Supervisors: whether calls may be offered to an agent of your teams.
///
/// Takes effect like the agent's own choice, and the agent may choose otherwise. The reason is shown
/// to the agent.
#[utoipa::path(put, path = "/agents/{id}/presence", tag = "account", request_body = PresenceRequest,
    params(("id" = String, Path, description = "The agent's user id")),
    responses(
        (status = 200, description = "What the agent is now.", body = AgentPresenceResult),
        (status = 404, description = "No such agent in your teams.", body = wire::Problem),
    ))]
async fn set_presence(
    State(state): State<AppState>,
    signed: Signed,
    Path(agent): Path<String>,
    Json(request): Json<PresenceRequest>,
) -> Result<Json<AgentPresenceResult>, Problem> {
    let agent: UserId = id(&agent, "agent")?;
    let choice = choice(request)?;
    let presence = state.orchestrator.set_presence_of(signed.user(), agent, choice)?;
    Ok(Json(AgentPresenceResult { state: views::presence(presence) }))
}

/// Supervisors: ends every sign-in of an agent of your teams who is in no call or conversation.
#[utoipa::path(delete, path = "/agents/{id}/sign-ins", tag = "account",
    params(("id" = String, Path, description = "The agent's user id")),
    responses(
        (status = 204, description = "Signed out everywhere."),
        (status = 404, description = "No such agent in your teams.", body = wire::Problem),
        (status = 409, description = "The agent is in a call or a conversation.", body = wire::Problem),
    ))]
async fn sign_out(
    State(state): State<AppState>,
    signed: Signed,
    Path(agent): Path<String>,
) -> Result<StatusCode, Problem> {
    let agent: UserId = id(&agent, "agent")?;
    let user = signed.user().clone();
    whole(async move { state.orchestrator.sign_out_agent(&user, agent).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}
