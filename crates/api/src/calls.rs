//! Calls and their legs.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use control_plane::{CallerInfo, CallerSource};
use interaction::{CallId, StationId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{AttachStation, CallList, CallView, LegState, LegUpdate, PlaceCall};

use super::extract::{destination, id};
use super::{AppState, Json, Kind, Path, Problem, whole};
use crate::Signed;
use crate::views;
use crate::views::call::{mode_kind, wanted_mode};
use accounts::{User, checked_name};
use orchestrator::{LegChange, LegNow, Placement};

/// Characters that a caller's number may have.
const NUMBER_CHARS_MAX: usize = 40;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(place, list))
        .routes(routes!(show))
        .routes(routes!(answer))
        .routes(routes!(decline))
        .routes(routes!(hold))
        .routes(routes!(resume))
        .routes(routes!(hang_up))
        .routes(routes!(supervise))
        .routes(routes!(change_leg, leave))
}

/// Places a call. It is offered to the ready agent who has been idle longest, or waits for one.
#[utoipa::path(
    post, path = "/calls", tag = "calls",
    request_body = PlaceCall,
    responses(
        (status = 201, description = "The call", body = CallView),
        (status = 403, description = "You may not place calls, or this guest has called already", body = wire::Problem),
        (status = 404, description = "No such station, queue or agent", body = wire::Problem),
        (status = 409, description = "The station is in use", body = wire::Problem),
        (status = 429, description = "Too many calls from where you are, or the queue asks for a proof", body = wire::Problem),
        (status = 503, description = "All lines are busy", body = wire::Problem),
    )
)]
async fn place(
    State(state): State<AppState>,
    signed: Signed,
    headers: HeaderMap,
    Json(request): Json<PlaceCall>,
) -> Result<Response, Problem> {
    let user = signed.user().clone();
    if let (Some(challenge), wire::Destination::Queue(queue)) = (&state.challenge, &request.to) {
        challenge.check(&state.orchestrator, &user, queue, &headers)?;
    }
    let station: StationId = id(&request.station, "station")?;
    let caller = caller_info(&user, request.caller)?;
    let to = destination(request.to)?;
    let placement = Placement { station, to, caller, awaits_media: true };
    if !state.auth.take_call(&user) {
        return Err(Problem::new(
            Kind::GuestCallUsed,
            "A guest can call once. Get a new guest token with POST /api/v1/guests.",
        ));
    }
    let placed = whole(async move {
        let placed = state.orchestrator.place(&user, placement).await;
        if placed.is_err() {
            state.auth.return_call(&user);
        }
        placed
    });
    let call = views::shown(&placed.await?);
    let location = format!("{}/calls/{}", wire::API_ROOT, call.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(call)).into_response())
}

/// The calls that you may see.
#[utoipa::path(
    get, path = "/calls", tag = "calls",
    responses((status = 200, description = "The calls, oldest first", body = CallList))
)]
async fn list(State(state): State<AppState>, signed: Signed) -> Json<CallList> {
    let calls = state.orchestrator.calls(signed.user());
    Json(CallList { calls: calls.iter().map(views::shown).collect() })
}

/// One call, as you may see it.
#[utoipa::path(
    get, path = "/calls/{id}", tag = "calls",
    params(("id" = String, Path, description = "The call")),
    responses(
        (status = 200, description = "The call", body = CallView),
        (status = 404, description = "No such call, or you may not see it", body = wire::Problem),
    )
)]
async fn show(
    State(state): State<AppState>,
    signed: Signed,
    Path(call): Path<String>,
) -> Result<Json<CallView>, Problem> {
    let call: CallId = id(&call, "call")?;
    Ok(Json(views::shown(&state.orchestrator.call(signed.user(), call)?)))
}

/// Answers a call that is offered to you.
#[utoipa::path(
    post, path = "/calls/{id}/answer", tag = "calls",
    params(("id" = String, Path, description = "The call")),
    request_body = AttachStation,
    responses(
        (status = 204, description = "You are on the call"),
        (status = 404, description = "No such call or station", body = wire::Problem),
        (status = 409, description = "It is not offered to you, or no longer is; or the station is in use", body = wire::Problem),
    )
)]
async fn answer(
    State(state): State<AppState>,
    signed: Signed,
    Path(call): Path<String>,
    Json(request): Json<AttachStation>,
) -> Result<StatusCode, Problem> {
    let call: CallId = id(&call, "call")?;
    if request.mode.is_some() {
        return Err(Problem::new(Kind::BadInput, "`mode` is for supervisors. Leave it out."));
    }
    let station: StationId = id(&request.station, "station")?;
    let user = signed.user().clone();
    whole(async move { state.orchestrator.answer(&user, call, station).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Declines a call that is offered to you: it goes to the next agent.
#[utoipa::path(
    post, path = "/calls/{id}/decline", tag = "calls",
    params(("id" = String, Path, description = "The call")),
    responses(
        (status = 204, description = "It is no longer offered to you"),
        (status = 404, description = "No such call", body = wire::Problem),
        (status = 409, description = "It is not offered to you, or no longer is", body = wire::Problem),
    )
)]
async fn decline(
    State(state): State<AppState>,
    signed: Signed,
    Path(call): Path<String>,
) -> Result<StatusCode, Problem> {
    let call: CallId = id(&call, "call")?;
    state.orchestrator.decline(signed.user(), call)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts the call on hold: caller and agents don't hear each other until it is resumed.
#[utoipa::path(
    post, path = "/calls/{id}/hold", tag = "calls",
    params(("id" = String, Path, description = "The call")),
    responses(
        (status = 204, description = "The call is on hold"),
        (status = 403, description = "You are not an agent on this call", body = wire::Problem),
        (status = 404, description = "No such call", body = wire::Problem),
    )
)]
async fn hold(
    State(state): State<AppState>,
    signed: Signed,
    Path(call): Path<String>,
) -> Result<StatusCode, Problem> {
    let call: CallId = id(&call, "call")?;
    set_held(state, signed.user().clone(), call, true).await
}

/// Takes the call off hold.
#[utoipa::path(
    post, path = "/calls/{id}/resume", tag = "calls",
    params(("id" = String, Path, description = "The call")),
    responses(
        (status = 204, description = "The call is off hold"),
        (status = 403, description = "You are not an agent on this call", body = wire::Problem),
        (status = 404, description = "No such call", body = wire::Problem),
    )
)]
async fn resume(
    State(state): State<AppState>,
    signed: Signed,
    Path(call): Path<String>,
) -> Result<StatusCode, Problem> {
    let call: CallId = id(&call, "call")?;
    set_held(state, signed.user().clone(), call, false).await
}

/// Hangs up. The call ends when the caller or the last agent hangs up.
#[utoipa::path(
    post, path = "/calls/{id}/hangup", tag = "calls",
    params(("id" = String, Path, description = "The call")),
    responses(
        (status = 204, description = "You are off the call"),
        (status = 403, description = "You are not on this call", body = wire::Problem),
        (status = 404, description = "No such call", body = wire::Problem),
    )
)]
async fn hang_up(
    State(state): State<AppState>,
    signed: Signed,
    Path(call): Path<String>,
) -> Result<StatusCode, Problem> {
    let call: CallId = id(&call, "call")?;
    let user = signed.user().clone();
    whole(async move { state.orchestrator.hang_up(&user, call).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Starts supervising a call, always in `listen`.
#[utoipa::path(
    post, path = "/calls/{id}/legs", tag = "supervision",
    params(("id" = String, Path, description = "The call")),
    request_body = AttachStation,
    responses(
        (status = 201, description = "Your leg", body = LegState),
        (status = 403, description = "You may not supervise this call", body = wire::Problem),
        (status = 404, description = "No such call or station", body = wire::Problem),
        (status = 409, description = "Supervision starts in `listen`, or the call or station does not allow it now", body = wire::Problem),
    )
)]
async fn supervise(
    State(state): State<AppState>,
    signed: Signed,
    Path(call): Path<String>,
    Json(request): Json<AttachStation>,
) -> Result<(StatusCode, Json<LegState>), Problem> {
    let call: CallId = id(&call, "call")?;
    let station: StationId = id(&request.station, "station")?;
    let mode = wanted_mode(request.mode.unwrap_or(wire::Mode::Listen));
    let user = signed.user().clone();
    let leg = whole(async move { state.orchestrator.supervise(&user, call, station, mode).await });
    Ok((StatusCode::CREATED, Json(leg_state(leg.await?))))
}

/// Changes your own leg: a supervisor's mode; a party's mute or station; an agent's echo.
///
/// The request names the state that you want, so repeating it is harmless. The answer comes once
/// whatever the change removed is silent. A `take_over` follows on `barge`, or is confirmed with `announce`.
#[utoipa::path(
    put, path = "/calls/{id}/legs/{leg}", tag = "supervision",
    params(("id" = String, Path, description = "The call"), ("leg" = String, Path, description = "Your leg")),
    request_body = LegUpdate,
    responses(
        (status = 200, description = "The state that now holds", body = LegState),
        (status = 400, description = "Not exactly one of `mode`, `muted`, `echo` and `station`", body = wire::Problem),
        (status = 403, description = "Not your leg, or the right for this mode is missing", body = wire::Problem),
        (status = 404, description = "No such call or leg", body = wire::Problem),
        (status = 409, description = "The call has changed, or does not allow it; `call` is its present state", body = wire::Problem),
    )
)]
async fn change_leg(
    State(state): State<AppState>,
    signed: Signed,
    Path((call, leg)): Path<(String, String)>,
    Json(update): Json<LegUpdate>,
) -> Result<Json<LegState>, Problem> {
    let call: CallId = id(&call, "call")?;
    let change = leg_change(update)?;
    let user = signed.user().clone();
    let leg = whole(async move { state.orchestrator.change_leg(&user, call, &leg, change).await });
    Ok(Json(leg_state(leg.await?)))
}

/// Stops supervising, or hangs up your own leg.
#[utoipa::path(
    delete, path = "/calls/{id}/legs/{leg}", tag = "supervision",
    params(("id" = String, Path, description = "The call"), ("leg" = String, Path, description = "Your leg")),
    responses(
        (status = 204, description = "The leg is closed"),
        (status = 403, description = "Not your leg", body = wire::Problem),
        (status = 404, description = "No such call or leg", body = wire::Problem),
    )
)]
async fn leave(
    State(state): State<AppState>,
    signed: Signed,
    Path((call, leg)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let call: CallId = id(&call, "call")?;
    let user = signed.user().clone();
    whole(async move { state.orchestrator.leave(&user, call, &leg).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_held(
    state: AppState,
    user: Arc<User>,
    call: CallId,
    held: bool,
) -> Result<StatusCode, Problem> {
    whole(async move { state.orchestrator.hold(&user, call, held).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn leg_state(leg: LegNow) -> LegState {
    LegState {
        leg: leg.leg,
        mode: leg.mode.map(mode_kind),
        revision: leg.revision.map(|revision| revision.0),
    }
}

/// Exactly one thing at a time. A revision beside what a caller may ask for would let a caller find
/// out by trial how often the call has changed.
fn leg_change(update: LegUpdate) -> Result<LegChange, Problem> {
    let LegUpdate { mode, coach, announce, muted, echo, station, revision } = update;
    let change = match (mode, muted, echo, station) {
        (Some(mode), None, None, None) => {
            return Ok(LegChange::Mode { mode: wanted_mode(mode), coach, announce, revision });
        }
        (None, Some(muted), None, None) => LegChange::Muted(muted),
        (None, None, Some(echo), None) => LegChange::Echo(echo),
        (None, None, None, Some(station)) => LegChange::Station(id(&station, "station")?),
        _ => {
            return Err(Problem::new(
                Kind::BadInput,
                "Send one of `mode`, `muted`, `echo` and `station`.",
            ));
        }
    };
    if coach.is_some() || announce || revision.is_some() {
        return Err(Problem::new(
            Kind::BadInput,
            "`coach`, `announce` and `revision` go with `mode`. Leave them out.",
        ));
    }
    Ok(change)
}

fn caller_info(user: &User, info: Option<wire::CallerInfo>) -> Result<CallerInfo, Problem> {
    let source = CallerSource::Stated;
    let Some(info) = info else {
        return Ok(CallerInfo { name: user.name.clone(), number: None, source });
    };
    let name = checked_name(&info.name)?;
    let number = info.number.map(|number| number.trim().to_owned());
    let number = number.filter(|number| !number.is_empty());
    let is_bad = |number: &String| {
        number.chars().count() > NUMBER_CHARS_MAX || number.chars().any(char::is_control)
    };
    if number.as_ref().is_some_and(is_bad) {
        return Err(Problem::new(
            Kind::BadInput,
            format!("`number` may have {NUMBER_CHARS_MAX} printable characters at most."),
        ));
    }
    Ok(CallerInfo { name, number, source })
}
