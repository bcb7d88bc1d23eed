//! Signing in and out, oneself, guests, and the queues that they may call.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use control_plane::Missing;
use interaction::Permission;
use interaction::offers::Choice;
use interaction::text::is_blank;
use orchestrator::opening::Opening;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{
    GuestQueue, GuestRequest, LoginRequest, LoginResponse, PresenceNeed, PresenceRequest,
    PresenceResult, QueueClosed, QueueList,
};

use super::admin::brand;
use super::clients::{Sender, user_agent};
use super::people::user_view;
use super::views;
use super::{AppState, Json, Kind, Problem, Signed, cookie, whole};
use crate::site::Site;
use accounts::Session;

/// Characters that the reason for not being ready may have.
const REASON_CHARS_MAX: usize = 80;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(logout))
        .routes(routes!(me))
        .routes(routes!(set_presence))
        .routes(routes!(admit_guest))
        .routes(routes!(list_queues))
}

/// Sign in with username and password.
///
/// The answer also sets a cookie, which is all that a browser needs: `__Host-sotto_session`, or
/// `sotto_session` where browsers come without TLS.
#[utoipa::path(post, path = "/login", tag = "account", security(()), request_body = LoginRequest,
    responses((status = 200, description = "Signed in.", body = LoginResponse)))]
async fn login(
    State(state): State<AppState>,
    Sender(client): Sender,
    headers: HeaderMap,
    Json(request): Json<LoginRequest>,
) -> Result<Response, Problem> {
    let session = state.auth.login(&request.username, &request.password, client).await?;
    state.auth.list_sign_in(&session, client, &user_agent(&headers)).await;
    Ok(signed_in(StatusCode::OK, &state.config.site, session))
}

/// Sign out: the token is revoked, and the cookie is cleared.
#[utoipa::path(post, path = "/logout", tag = "account",
    responses(
        (status = 204, description = "Signed out; all that the sign-in had open has ended."),
        (status = 503, description = "Signed out, but not written down yet: it is tried again.", body = wire::Problem),
    ))]
async fn logout(State(state): State<AppState>, signed: Signed) -> Response {
    let (user, site) = (signed.user().clone(), state.config.site.clone());
    let signed_out = whole(async move { state.orchestrator.sign_out(&user).await }).await;
    let mut response = match signed_out {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => problem.into_response(),
    };
    // Signed out it is, whatever the disk says.
    response.headers_mut().insert(header::SET_COOKIE, cookie::clear(&site));
    response
}

/// Your account, and what you may do at this moment.
#[utoipa::path(get, path = "/me", tag = "account",
    responses((status = 200, description = "The user.", body = wire::User)))]
async fn me(signed: Signed) -> Json<wire::User> {
    Json(user_view(signed.user()))
}

/// Agents: whether calls may be offered to you.
///
/// Calls are offered to who is ready, has an event stream, and a station whose media are up; the answer
/// says what of that is missing.
#[utoipa::path(put, path = "/me/presence", tag = "account", request_body = PresenceRequest,
    responses((status = 200, description = "What you are now, and what still keeps calls from you.", body = PresenceResult)))]
async fn set_presence(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<PresenceRequest>,
) -> Result<Json<PresenceResult>, Problem> {
    signed.require(Permission::TakeCalls)?;
    let choice = choice(request)?;
    let (presence, missing) = state.orchestrator.set_presence(signed.user(), choice)?;
    let missing = missing.into_iter().map(|it| match it {
        Missing::EventStream => PresenceNeed::EventStream,
        Missing::Station => PresenceNeed::Station,
    });
    Ok(Json(PresenceResult { state: views::presence(presence), missing: missing.collect() }))
}

/// What is chosen, within reason.
pub(super) fn choice(request: PresenceRequest) -> Result<Choice, Problem> {
    if request.reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_CHARS_MAX) {
        return Err(Problem::new(
            Kind::BadInput,
            format!("`reason` may have {REASON_CHARS_MAX} characters at most."),
        ));
    }
    Ok(match request.state {
        wire::PresenceChoice::Ready => Choice::Ready,
        wire::PresenceChoice::NotReady => {
            Choice::NotReady { reason: request.reason.filter(|reason| !is_blank(reason)) }
        }
    })
}

/// Come in without an account, for one call or conversation with an open queue.
///
/// The answer also sets the cookie, as signing in does.
#[utoipa::path(post, path = "/guests", tag = "account", security(()), request_body = GuestRequest,
    responses((status = 201, description = "The guest and their token.", body = LoginResponse)))]
async fn admit_guest(
    State(state): State<AppState>,
    Sender(client): Sender,
    Json(request): Json<GuestRequest>,
) -> Result<Response, Problem> {
    let session = state.auth.guest(&request.name, client).await?;
    Ok(signed_in(StatusCode::CREATED, &state.config.site, session))
}

/// The queues that guests may call, whether they are open, and who it is that they call.
#[utoipa::path(get, path = "/queues", tag = "account", security(()),
    responses((status = 200, description = "The queues, by name.", body = QueueList)))]
async fn list_queues(State(state): State<AppState>) -> Result<Json<QueueList>, Problem> {
    let queues = state.auth.open_queues().await?;
    let queues = queues.iter().map(|queue| GuestQueue {
        id: queue.key.clone(),
        name: queue.name.clone(),
        team: queue.team.to_string(),
        closed: match state.orchestrator.opening(queue.id) {
            Opening::Open => None,
            Opening::Closed { opens_at } => Some(QueueClosed { opens_at: opens_at.map(|at| at.0) }),
        },
    });
    let brand = brand::shown(&state.settings.snapshot().brand);
    Ok(Json(QueueList { queues: queues.collect(), brand }))
}

pub(super) fn signed_in(status: StatusCode, site: &Site, session: Session) -> Response {
    let cookie = cookie::set(site, &session.token, session.life);
    let body = LoginResponse {
        user: user_view(&session.user),
        token: session.token,
        expires_at: session.expires_at.0,
    };
    (status, [(header::SET_COOKIE, cookie)], Json(body)).into_response()
}
