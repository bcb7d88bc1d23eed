//! Help requests: an agent's raised hand.

use axum::extract::State;
use axum::http::StatusCode;
use interaction::CallId;
use interaction::text::is_blank;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::HelpRequest;

use super::extract::id;
use super::{AppState, Json, Path, Problem, whole};
use crate::Signed;
use orchestrator::HelpAction;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(help))
}

/// Raises, takes on or closes a help request.
#[utoipa::path(
    post, path = "/calls/{id}/help", tag = "calls",
    params(("id" = String, Path, description = "The call")),
    request_body = HelpRequest,
    responses(
        (status = 204, description = "Done"),
        (status = 400, description = "The reason is too long", body = wire::Problem),
        (status = 403, description = "Your part in it does not allow this", body = wire::Problem),
        (status = 404, description = "No such call", body = wire::Problem),
        (status = 409, description = "No request is open", body = wire::Problem),
    )
)]
async fn help(
    State(state): State<AppState>,
    signed: Signed,
    Path(call): Path<String>,
    Json(request): Json<HelpRequest>,
) -> Result<StatusCode, Problem> {
    let call: CallId = id(&call, "call")?;
    let user = signed.user().clone();
    let HelpRequest { action, reason } = request;
    let reason = reason.filter(|reason| !is_blank(reason));
    let action = match action {
        wire::HelpAction::Raise => HelpAction::Raise,
        wire::HelpAction::Take => HelpAction::Take,
        wire::HelpAction::Close => HelpAction::Close,
    };
    whole(async move { state.orchestrator.help(&user, call, action, reason).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}
