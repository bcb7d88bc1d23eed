//! Calls to numbers, which agents make.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use interaction::{CallId, DialedNumber, Permission, StationId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{AddNumber, CallView, DialNumber, OutboundRule};

use super::extract::id;
use super::{AppState, Json, Path, Problem, whole};
use crate::Signed;
use crate::views;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(dial, rule)).routes(routes!(dial_in, take_back))
}

/// Calls a number. You are on the call at once; whoever is called joins once they take it. Until then, and
/// if nobody does, `outbound` and `end_reason` say how far it is. Hang up to take it back.
#[utoipa::path(
    post, path = "/calls/outbound", tag = "calls",
    request_body = DialNumber,
    responses(
        (status = 201, description = "The call, which you are on", body = CallView),
        (status = 400, description = "Not a number", body = wire::Problem),
        (status = 403, description = "You take no calls, or no trunk may call this number", body = wire::Problem),
        (status = 404, description = "No such station", body = wire::Problem),
        (status = 409, description = "You are on a call, one rings at you, or the station is in use", body = wire::Problem),
        (status = 429, description = "As many calls go out as may", body = wire::Problem),
        (status = 503, description = "The trunk is down, or the server is full", body = wire::Problem),
    )
)]
async fn dial(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<DialNumber>,
) -> Result<Response, Problem> {
    signed.require(Permission::TakeCalls)?;
    let user = signed.user().clone();
    let number = DialedNumber::parse(&request.number)?;
    let station: StationId = id(&request.station, "station")?;
    let dialed = whole(async move { state.orchestrator.dial(&user, station, number).await });
    let call = views::shown(&dialed.await?);
    let location = format!("{}/calls/{}", wire::API_ROOT, call.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(call)).into_response())
}

/// Which numbers you may call.
#[utoipa::path(
    get, path = "/calls/outbound", tag = "calls",
    responses(
        (status = 200, description = "How a number has to begin", body = OutboundRule),
        (status = 403, description = "You take no calls", body = wire::Problem),
    )
)]
async fn rule(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<OutboundRule>, Problem> {
    signed.require(Permission::TakeCalls)?;
    Ok(Json(OutboundRule { prefixes: state.orchestrator.dialed_prefixes().to_vec() }))
}

/// Calls a number to a call that you are on: whoever takes it joins, and is a caller beside the caller. The two hear
/// each other, and go on talking after you have left, as you do by yourself with `transfer`. While it rings, and if
/// nobody takes it, the call goes on as it was; `adding` says how far it is.
#[utoipa::path(
    post, path = "/calls/{id}/outbound", tag = "calls",
    params(("id" = String, Path, description = "The call")),
    request_body = AddNumber,
    responses(
        (status = 200, description = "The call", body = CallView),
        (status = 400, description = "Not a number", body = wire::Problem),
        (status = 403, description = "You are no agent on this call, or no trunk may call this number", body = wire::Problem),
        (status = 404, description = "No such call", body = wire::Problem),
        (status = 409, description = "Somebody is being called to it, or was, or you don't talk with the caller", body = wire::Problem),
        (status = 429, description = "As many calls go out as may", body = wire::Problem),
        (status = 503, description = "The trunk is down, or the server is full", body = wire::Problem),
    )
)]
async fn dial_in(
    State(state): State<AppState>,
    signed: Signed,
    Path(call): Path<String>,
    Json(request): Json<AddNumber>,
) -> Result<Json<CallView>, Problem> {
    let call: CallId = id(&call, "call")?;
    let user = signed.user().clone();
    state.orchestrator.may_dial_in(&user, call)?;
    let wanted = (DialedNumber::parse(&request.number)?, request.transfer);
    let dialed = whole(async move { state.orchestrator.dial_in(&user, call, wanted).await });
    Ok(Json(views::shown(&dialed.await?)))
}

/// Stops calling somebody outside to the call.
#[utoipa::path(
    delete, path = "/calls/{id}/outbound", tag = "calls",
    params(("id" = String, Path, description = "The call")),
    responses(
        (status = 204, description = "It rings there no more"),
        (status = 403, description = "You are no agent on this call", body = wire::Problem),
        (status = 404, description = "No such call, or nobody is being called", body = wire::Problem),
    )
)]
async fn take_back(
    State(state): State<AppState>,
    signed: Signed,
    Path(call): Path<String>,
) -> Result<StatusCode, Problem> {
    let call: CallId = id(&call, "call")?;
    state.orchestrator.stop_dialing_in(signed.user(), call)?;
    Ok(StatusCode::NO_CONTENT)
}
