//! Handing calls over: transfer, consultation, conference.

use axum::extract::State;
use axum::http::StatusCode;
use interaction::{CallId, HandoverKind};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{ConferenceRequest, ConsultationUpdate, HandoverView, TransferRequest};

use super::extract::{destination, id};
use super::{AppState, Json, Path, Problem, whole};
use crate::Signed;
use crate::views;
use orchestrator::{ConsultationEnd, Handover};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(transfer))
        .routes(routes!(conference))
        .routes(routes!(consultation))
        .routes(routes!(take_back))
}

/// Transfers the call, at once or after a consultation.
///
/// A blind transfer takes you off the call at once; the caller hears a tone until an agent takes
/// it, and if nobody does in time, the call ends. With `consult` the caller is on hold while you
/// talk with the other agent; then decide with `PUT /calls/{id}/consultation`.
#[utoipa::path(
    post, path = "/calls/{id}/transfer", tag = "calls",
    params(("id" = String, Path, description = "The call")),
    request_body = TransferRequest,
    responses(
        (status = 201, description = "The request, which is now waiting for an agent", body = HandoverView),
        (status = 400, description = "The note is too long", body = wire::Problem),
        (status = 403, description = "You are not an agent who is talking on this call", body = wire::Problem),
        (status = 404, description = "No such call, queue or agent", body = wire::Problem),
        (status = 409, description = "Another request is pending, or the agent is on the call already", body = wire::Problem),
    )
)]
async fn transfer(
    State(state): State<AppState>,
    signed: Signed,
    Path(call): Path<String>,
    Json(request): Json<TransferRequest>,
) -> Result<(StatusCode, Json<HandoverView>), Problem> {
    let TransferRequest { to, note, consult } = request;
    let kind = if consult { HandoverKind::Consultation } else { HandoverKind::Transfer };
    hand_over(state, signed, &call, Handover { kind, to: destination(to)?, note }).await
}

/// Invites another agent to join you.
#[utoipa::path(
    post, path = "/calls/{id}/conference", tag = "calls",
    params(("id" = String, Path, description = "The call")),
    request_body = ConferenceRequest,
    responses(
        (status = 201, description = "The request, which is now waiting for an agent", body = HandoverView),
        (status = 400, description = "The note is too long", body = wire::Problem),
        (status = 403, description = "You are not an agent who is talking on this call", body = wire::Problem),
        (status = 404, description = "No such call, queue or agent", body = wire::Problem),
        (status = 409, description = "Another request is pending, or the agent is on the call already", body = wire::Problem),
    )
)]
async fn conference(
    State(state): State<AppState>,
    signed: Signed,
    Path(call): Path<String>,
    Json(request): Json<ConferenceRequest>,
) -> Result<(StatusCode, Json<HandoverView>), Problem> {
    let ConferenceRequest { to, note } = request;
    let (kind, to) = (HandoverKind::Conference, destination(to)?);
    hand_over(state, signed, &call, Handover { kind, to, note }).await
}

/// Ends your consultation: the other agent takes the call, all three talk, or the other agent
/// leaves. In the last case the caller stays on hold.
#[utoipa::path(
    put, path = "/calls/{id}/consultation", tag = "calls",
    params(("id" = String, Path, description = "The call")),
    request_body = ConsultationUpdate,
    responses(
        (status = 204, description = "Done"),
        (status = 403, description = "You are not an agent who is talking on this call", body = wire::Problem),
        (status = 404, description = "No such call", body = wire::Problem),
        (status = 409, description = "You are not consulting anybody, or nobody has answered yet", body = wire::Problem),
    )
)]
async fn consultation(
    State(state): State<AppState>,
    signed: Signed,
    Path(call): Path<String>,
    Json(update): Json<ConsultationUpdate>,
) -> Result<StatusCode, Problem> {
    let call: CallId = id(&call, "call")?;
    let user = signed.user().clone();
    let end = match update.action {
        wire::ConsultationAction::Transfer => ConsultationEnd::Transfer,
        wire::ConsultationAction::Merge => ConsultationEnd::Merge,
        wire::ConsultationAction::Cancel => ConsultationEnd::Cancel,
    };
    whole(async move { state.orchestrator.consultation(&user, call, end).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Withdraws your request: it is no longer offered.
#[utoipa::path(
    delete, path = "/calls/{id}/handovers/{handover}", tag = "calls",
    params(("id" = String, Path, description = "The call"), ("handover" = String, Path, description = "The request")),
    responses(
        (status = 204, description = "It is withdrawn"),
        (status = 403, description = "Not your request", body = wire::Problem),
        (status = 404, description = "No such call, or no such pending request", body = wire::Problem),
    )
)]
async fn take_back(
    State(state): State<AppState>,
    signed: Signed,
    Path((call, handover)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let call: CallId = id(&call, "call")?;
    let user = signed.user().clone();
    whole(async move { state.orchestrator.take_back(&user, call, &handover).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn hand_over(
    state: AppState,
    signed: Signed,
    call: &str,
    wanted: Handover,
) -> Result<(StatusCode, Json<HandoverView>), Problem> {
    let call: CallId = id(call, "call")?;
    let user = signed.user().clone();
    let request = whole(async move { state.orchestrator.hand_over(&user, call, wanted).await });
    let (card, handover) = request.await?;
    Ok((StatusCode::CREATED, Json(views::call::handover(&card, &handover))))
}
