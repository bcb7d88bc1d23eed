//! What staff do with conversations beside writing: supervise, tag in, help, hand over.

use axum::extract::State;
use axum::http::StatusCode;
use interaction::UserId;
use interaction::conversation::Command;
use interaction::text::is_blank;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{
    ColleagueList, ConferenceRequest, HandoverView, HelpAction, HelpRequest, SupervisionRequest,
    SupervisionState, TagRequest, TransferRequest,
};

use super::conversations::{parse, parse_handover};
use super::extract::{destination, id};
use super::{AppState, Json, Kind, Path, Problem, whole};
use crate::Signed;
use crate::views;
use crate::views::call::wanted_mode;
use orchestrator::conversations::Transfer;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(supervise, stop))
        .routes(routes!(tag))
        .routes(routes!(colleagues))
        .routes(routes!(help))
        .routes(routes!(transfer))
        .routes(routes!(conference))
        .routes(routes!(take_back))
}

/// Starts supervising, always in `listen`, or changes the mode.
///
/// The request names the state that you want, so repeating it is harmless. Nobody is told of
/// `listen`, staff are told of `whisper`, and everybody is told of `barge`, which must be confirmed
/// once with `announce`, and of `take_over`, which follows on `barge` or is confirmed each time.
#[utoipa::path(
    put, path = "/conversations/{id}/supervision", tag = "supervision",
    params(("id" = String, Path, description = "The conversation")),
    request_body = SupervisionRequest,
    responses(
        (status = 200, description = "The state that now holds", body = SupervisionState),
        (status = 403, description = "You lack the permission for this mode", body = wire::Problem),
        (status = 404, description = "No such conversation", body = wire::Problem),
        (status = 409, description = "Supervision starts in `listen`; a public step is confirmed with `announce`; or the conversation has changed", body = wire::Problem),
    )
)]
async fn supervise(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
    Json(request): Json<SupervisionRequest>,
) -> Result<Json<SupervisionState>, Problem> {
    let (user, id) = (signed.user().clone(), parse(&conversation)?);
    let SupervisionRequest { mode, announce, revision } = request;
    let mode = wanted_mode(mode);
    let changed = whole(async move {
        state.orchestrator.supervise_conversation(&user, id, mode, announce, revision).await
    });
    let (mode, revision) = changed.await?;
    Ok(Json(SupervisionState { mode: views::call::mode_kind(mode), revision: revision.0 }))
}

/// Stops supervising.
#[utoipa::path(
    delete, path = "/conversations/{id}/supervision", tag = "supervision",
    params(("id" = String, Path, description = "The conversation")),
    responses(
        (status = 204, description = "You no longer supervise it"),
        (status = 404, description = "No such conversation", body = wire::Problem),
    )
)]
async fn stop(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
) -> Result<StatusCode, Problem> {
    let (user, id) = (signed.user().clone(), parse(&conversation)?);
    whole(async move { state.orchestrator.stop_supervising(&user, id).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tags a colleague in (`@name`): they are notified, can read, and may write privately.
#[utoipa::path(
    post, path = "/conversations/{id}/colleagues", tag = "conversations",
    params(("id" = String, Path, description = "The conversation")),
    request_body = TagRequest,
    responses(
        (status = 204, description = "They have joined"),
        (status = 403, description = "Your part in it does not allow this", body = wire::Problem),
        (status = 404, description = "No such conversation or colleague", body = wire::Problem),
        (status = 409, description = "They are in it already, or it is full or has ended", body = wire::Problem),
    )
)]
async fn tag(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
    Json(request): Json<TagRequest>,
) -> Result<StatusCode, Problem> {
    let (user, conversation) = (signed.user().clone(), parse(&conversation)?);
    let whom: UserId = id(&request.user, "colleague")?;
    whole(async move { state.orchestrator.tag(&user, conversation, whom).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The people whom you can tag in: those of your teams.
#[utoipa::path(
    get, path = "/colleagues", tag = "conversations",
    responses(
        (status = 200, description = "The people, by name, without you", body = ColleagueList),
        (status = 403, description = "You are not staff", body = wire::Problem),
    )
)]
async fn colleagues(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<ColleagueList>, Problem> {
    let colleagues = state.orchestrator.taggable(signed.user()).await?;
    let refer = |(user, name): (UserId, String)| wire::UserRef { user: user.to_string(), name };
    Ok(Json(ColleagueList { colleagues: colleagues.into_iter().map(refer).collect() }))
}

/// Raises, takes on or closes a help request.
#[utoipa::path(
    post, path = "/conversations/{id}/help", tag = "conversations",
    params(("id" = String, Path, description = "The conversation")),
    request_body = HelpRequest,
    responses(
        (status = 204, description = "Done"),
        (status = 400, description = "The reason is too long", body = wire::Problem),
        (status = 403, description = "Your part in it does not allow this", body = wire::Problem),
        (status = 404, description = "No such conversation", body = wire::Problem),
        (status = 409, description = "No request is open, or help is switched off", body = wire::Problem),
    )
)]
async fn help(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
    Json(request): Json<HelpRequest>,
) -> Result<StatusCode, Problem> {
    let (user, id) = (signed.user().clone(), parse(&conversation)?);
    let reason = request.reason.map(|it| it.trim().to_owned()).filter(|it| !is_blank(it));
    let command = match request.action {
        HelpAction::Raise => Command::RaiseHelp { reason },
        HelpAction::Take => Command::TakeHelp,
        HelpAction::Close => Command::CloseHelp,
    };
    whole(async move { state.orchestrator.help_in_conversation(&user, id, command).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Transfers the conversation to a queue or an agent; you leave it.
#[utoipa::path(
    post, path = "/conversations/{id}/transfer", tag = "conversations",
    params(("id" = String, Path, description = "The conversation")),
    request_body = TransferRequest,
    responses(
        (status = 201, description = "The request, which is now waiting for an agent", body = HandoverView),
        (status = 403, description = "You are not an agent in it", body = wire::Problem),
        (status = 404, description = "No such conversation, queue or agent", body = wire::Problem),
        (status = 409, description = "They are in it already, or it has ended", body = wire::Problem),
    )
)]
async fn transfer(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
    Json(request): Json<TransferRequest>,
) -> Result<(StatusCode, Json<HandoverView>), Problem> {
    if request.consult {
        return Err(Problem::new(
            Kind::BadInput,
            "`consult` is for calls. Use /colleagues or /conference to bring somebody in.",
        ));
    }
    let wanted = Transfer { to: destination(request.to)?, note: request.note, joins: false };
    hand_over(state, signed, &conversation, wanted).await
}

/// Invites another agent to join you.
#[utoipa::path(
    post, path = "/conversations/{id}/conference", tag = "conversations",
    params(("id" = String, Path, description = "The conversation")),
    request_body = ConferenceRequest,
    responses(
        (status = 201, description = "The request, which is now waiting for an agent", body = HandoverView),
        (status = 403, description = "You are not an agent in it", body = wire::Problem),
        (status = 404, description = "No such conversation, queue or agent", body = wire::Problem),
        (status = 409, description = "They are in it already, or it has ended", body = wire::Problem),
    )
)]
async fn conference(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
    Json(request): Json<ConferenceRequest>,
) -> Result<(StatusCode, Json<HandoverView>), Problem> {
    let wanted = Transfer { to: destination(request.to)?, note: request.note, joins: true };
    hand_over(state, signed, &conversation, wanted).await
}

/// Withdraws a request of yours that nobody has accepted yet.
#[utoipa::path(
    delete, path = "/conversations/{id}/handovers/{handover}", tag = "conversations",
    params(
        ("id" = String, Path, description = "The conversation"),
        ("handover" = String, Path, description = "The request"),
    ),
    responses(
        (status = 204, description = "It is withdrawn"),
        (status = 403, description = "It is not your request", body = wire::Problem),
        (status = 404, description = "No such conversation or request", body = wire::Problem),
    )
)]
async fn take_back(
    State(state): State<AppState>,
    signed: Signed,
    Path((conversation, handover)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (user, id) = (signed.user().clone(), parse(&conversation)?);
    let handover = parse_handover(&handover)?;
    whole(async move { state.orchestrator.cancel_handover(&user, id, handover).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn hand_over(
    state: AppState,
    signed: Signed,
    conversation: &str,
    mut wanted: Transfer,
) -> Result<(StatusCode, Json<HandoverView>), Problem> {
    let (user, id) = (signed.user().clone(), parse(conversation)?);
    wanted.note = wanted.note.map(|it| it.trim().to_owned()).filter(|it| !is_blank(it));
    let made =
        whole(async move { state.orchestrator.hand_over_conversation(&user, id, wanted).await });
    let (card, handover) = made.await?;
    Ok((StatusCode::CREATED, Json(views::conversation::handover(&card, &handover))))
}
