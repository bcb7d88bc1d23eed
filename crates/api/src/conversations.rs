//! Text conversations: open, take, write, read, mark, end.
//!
//! Supervision, help, transfer and conference are in [`conversation_staff`](super::conversation_staff).

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use interaction::conversation::Command;
use interaction::text::is_blank;
use interaction::{AttachmentId, ConversationId, HandoverId, VisitorId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{
    ConversationList, ConversationView, MarkRequest, MessagePage, MessageReceipt, OfferAnswer,
    OpenConversation, PostMessage, TranscriptView, TypingRequest,
};

use super::clock::Clock;
use super::extract::{MessagesQuery, Query, id};
use super::transcript_text::by_clock;
use super::{AppState, Json, Kind, Path, Problem, whole};
use crate::Signed;
use crate::views::conversation as view;
use orchestrator::conversations::{Posting, SUBJECT_CHARS_MAX};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(open, list))
        .routes(routes!(show))
        .routes(routes!(accept))
        .routes(routes!(decline))
        .routes(routes!(post, messages))
        .routes(routes!(typing))
        .routes(routes!(mark))
        .routes(routes!(leave))
        .routes(routes!(end))
        .routes(routes!(transcript))
        .routes(routes!(beside))
}

/// Which transcript.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct TranscriptQuery {
    /// `external` (public lines) or `internal` (staff only).
    #[param(value_type = String)]
    kind: wire::TranscriptKind,
    /// Of the text: the zone of its times by its IANA name, as `Asia/Tokyo`; UTC, if left out. The
    /// first line names it.
    zone: Option<String>,
}

/// Opens a conversation with a queue. It waits until an agent takes it.
#[utoipa::path(
    post, path = "/conversations", tag = "conversations",
    request_body = OpenConversation,
    responses(
        (status = 201, description = "The conversation", body = ConversationView),
        (status = 403, description = "You may not open one, or this guest has opened one already", body = wire::Problem),
        (status = 404, description = "No such queue", body = wire::Problem),
        (status = 429, description = "Too many conversations from where you are, or the queue asks for a proof", body = wire::Problem),
        (status = 503, description = "Too many conversations are waiting", body = wire::Problem),
    )
)]
async fn open(
    State(state): State<AppState>,
    signed: Signed,
    headers: HeaderMap,
    Json(request): Json<OpenConversation>,
) -> Result<Response, Problem> {
    let user = signed.user().clone();
    if let Some(challenge) = &state.challenge {
        challenge.check(&state.orchestrator, &user, &request.queue, &headers)?;
    }
    let subject = request.subject.map(|text| text.trim().to_owned()).filter(|it| !is_blank(it));
    if subject.as_ref().is_some_and(|text| text.chars().count() > SUBJECT_CHARS_MAX) {
        let detail = format!("`subject` may have {SUBJECT_CHARS_MAX} characters. Shorten it.");
        return Err(Problem::new(Kind::BadInput, detail));
    }
    let visitor = request.visitor.as_deref().map(visitor).transpose()?;
    if !state.auth.take_call(&user) {
        return Err(Problem::new(
            Kind::GuestCallUsed,
            "A guest has one call or conversation. Get a new guest token with POST \
             /api/v1/guests.",
        ));
    }
    let opened = whole(async move {
        let opened = state.orchestrator.open_conversation(&user, &request.queue, subject, visitor);
        let opened = opened.await;
        if opened.is_err() {
            state.auth.return_call(&user);
        }
        opened
    });
    let conversation = view::conversation(&opened.await?);
    let location = format!("{}/conversations/{}", wire::API_ROOT, conversation.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(conversation)).into_response())
}

fn visitor(text: &str) -> Result<VisitorId, Problem> {
    text.parse().map_err(|_| {
        let detail = "`visitor` must be 32 hexadecimal digits in lower case, drawn at random.";
        Problem::new(Kind::BadInput, detail)
    })
}

/// The running conversations that you may see.
#[utoipa::path(
    get, path = "/conversations", tag = "conversations",
    responses((status = 200, description = "The conversations, oldest first", body = ConversationList))
)]
async fn list(State(state): State<AppState>, signed: Signed) -> Json<ConversationList> {
    let seen = state.orchestrator.conversations(signed.user());
    Json(ConversationList { conversations: seen.iter().map(view::conversation).collect() })
}

/// One conversation, as you may see it.
#[utoipa::path(
    get, path = "/conversations/{id}", tag = "conversations",
    params(("id" = String, Path, description = "The conversation")),
    responses(
        (status = 200, description = "The conversation", body = ConversationView),
        (status = 404, description = "No such conversation, it has ended, or you may not see it", body = wire::Problem),
    )
)]
async fn show(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
) -> Result<Json<ConversationView>, Problem> {
    let seen = state.orchestrator.conversation(signed.user(), parse(&conversation)?)?;
    Ok(Json(view::conversation(&seen)))
}

/// Accepts a conversation, or a request in one, that is offered to you or waits in your list.
#[utoipa::path(
    post, path = "/conversations/{id}/accept", tag = "conversations",
    params(("id" = String, Path, description = "The conversation")),
    request_body = OfferAnswer,
    responses(
        (status = 200, description = "You have joined it", body = ConversationView),
        (status = 404, description = "No such conversation", body = wire::Problem),
        (status = 409, description = "Another agent has taken it, it is not offered to you, or you have as many as you may", body = wire::Problem),
    )
)]
async fn accept(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
    Json(answer): Json<OfferAnswer>,
) -> Result<Json<ConversationView>, Problem> {
    let (user, id) = (signed.user().clone(), parse(&conversation)?);
    let handover = answer.handover.as_deref().map(parse_handover).transpose()?;
    let taken =
        whole(async move { state.orchestrator.accept_conversation(&user, id, handover).await });
    Ok(Json(view::conversation(&taken.await?)))
}

/// Declines what is offered to you: it goes to the next agent.
#[utoipa::path(
    post, path = "/conversations/{id}/decline", tag = "conversations",
    params(("id" = String, Path, description = "The conversation")),
    responses(
        (status = 204, description = "It is no longer offered to you"),
        (status = 404, description = "No such conversation", body = wire::Problem),
        (status = 409, description = "It is not offered to you, or no longer is", body = wire::Problem),
    )
)]
async fn decline(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
) -> Result<StatusCode, Problem> {
    state.orchestrator.decline_conversation(signed.user(), parse(&conversation)?)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a message. The same `client_id` again is the same message, so repeating is harmless.
#[utoipa::path(
    post, path = "/conversations/{id}/messages", tag = "conversations",
    params(("id" = String, Path, description = "The conversation")),
    request_body = PostMessage,
    responses(
        (status = 201, description = "It is saved", body = MessageReceipt),
        (status = 200, description = "It had been saved before", body = MessageReceipt),
        (status = 400, description = "Empty, too long, or a bad client_id", body = wire::Problem),
        (status = 403, description = "You may not write here", body = wire::Problem),
        (status = 404, description = "No such conversation", body = wire::Problem),
        (status = 409, description = "Your mode does not allow it, or the conversation has ended", body = wire::Problem),
        (status = 429, description = "Too many requests in a short time", body = wire::Problem),
    )
)]
async fn post(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
    Json(message): Json<PostMessage>,
) -> Result<(StatusCode, Json<MessageReceipt>), Problem> {
    let (user, conversation) = (signed.user().clone(), parse(&conversation)?);
    let attachments = message.attachments.iter().map(|it| id::<AttachmentId>(it, "upload"));
    let posting = Posting {
        visibility: view::visibility(message.visibility),
        client_id: message.client_id.clone(),
        text: message.text,
        attachments: attachments.collect::<Result<_, _>>()?,
    };
    let posted = whole(async move { state.orchestrator.post(&user, conversation, posting).await });
    let (posted, again) = posted.await?;
    let status = if again { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(view::receipt(&posted))))
}

/// A page of messages: the newest ones before a number, oldest first.
#[utoipa::path(
    get, path = "/conversations/{id}/messages", tag = "conversations",
    params(("id" = String, Path, description = "The conversation"), MessagesQuery),
    responses(
        (status = 200, description = "The page", body = MessagePage),
        (status = 403, description = "Accept the conversation first, or listen to it", body = wire::Problem),
        (status = 404, description = "No such conversation", body = wire::Problem),
    )
)]
async fn messages(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
    Query(page): Query<MessagesQuery>,
) -> Result<Json<MessagePage>, Problem> {
    let id = parse(&conversation)?;
    let page = state.orchestrator.messages(signed.user(), id, page.before, page.limit()).await?;
    Ok(Json(view::page(&page)))
}

/// Reports that you are typing, or have stopped. Typing in private is shown to nobody.
#[utoipa::path(
    post, path = "/conversations/{id}/typing", tag = "conversations",
    params(("id" = String, Path, description = "The conversation")),
    request_body = TypingRequest,
    responses(
        (status = 204, description = "Passed on"),
        (status = 404, description = "No such conversation", body = wire::Problem),
        (status = 429, description = "Too many requests in a short time", body = wire::Problem),
    )
)]
async fn typing(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
    Json(request): Json<TypingRequest>,
) -> Result<StatusCode, Problem> {
    let visibility = view::visibility(request.visibility);
    let command = Command::Typing { visibility, on: request.typing };
    state.orchestrator.sign(signed.user(), parse(&conversation)?, command).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reports up to where you have received or read the public messages.
#[utoipa::path(
    put, path = "/conversations/{id}/marks", tag = "conversations",
    params(("id" = String, Path, description = "The conversation")),
    request_body = MarkRequest,
    responses(
        (status = 204, description = "Recorded; for supervisors who only listen, nothing is"),
        (status = 404, description = "No such conversation or message", body = wire::Problem),
        (status = 429, description = "Too many requests in a short time", body = wire::Problem),
    )
)]
async fn mark(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
    Json(request): Json<MarkRequest>,
) -> Result<StatusCode, Problem> {
    let (user, id) = (signed.user().clone(), parse(&conversation)?);
    let command = Command::Mark { kind: view::wanted_mark(request.kind), up_to: request.up_to };
    whole(async move { state.orchestrator.sign(&user, id, command).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leaves, as an agent or colleague. When the last agent leaves, the conversation ends.
#[utoipa::path(
    post, path = "/conversations/{id}/leave", tag = "conversations",
    params(("id" = String, Path, description = "The conversation")),
    responses(
        (status = 204, description = "You have left"),
        (status = 404, description = "No such conversation", body = wire::Problem),
    )
)]
async fn leave(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
) -> Result<StatusCode, Problem> {
    let (user, id) = (signed.user().clone(), parse(&conversation)?);
    whole(async move { state.orchestrator.leave_conversation(&user, id).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the conversation; for its customer and its agents.
#[utoipa::path(
    post, path = "/conversations/{id}/end", tag = "conversations",
    params(("id" = String, Path, description = "The conversation")),
    responses(
        (status = 204, description = "It has ended"),
        (status = 403, description = "Your part in it does not allow you to end it", body = wire::Problem),
        (status = 404, description = "No such conversation", body = wire::Problem),
    )
)]
async fn end(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
) -> Result<StatusCode, Problem> {
    let (user, id) = (signed.user().clone(), parse(&conversation)?);
    whole(async move { state.orchestrator.end_conversation(&user, id).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One of the two transcripts of a conversation that has ended: JSON, or text with
/// `Accept: text/plain`.
#[utoipa::path(
    get, path = "/conversations/{id}/transcript", tag = "conversations",
    params(("id" = String, Path, description = "The conversation"), TranscriptQuery),
    responses(
        (status = 200, description = "The transcript", body = TranscriptView),
        (status = 400, description = "No such time zone", body = wire::Problem),
        (status = 403, description = "This queue does not give it to you", body = wire::Problem),
        (status = 404, description = "No such conversation or transcript", body = wire::Problem),
        (status = 409, description = "The conversation has not ended yet", body = wire::Problem),
    )
)]
async fn transcript(
    State(state): State<AppState>,
    signed: Signed,
    Path(conversation): Path<String>,
    Query(query): Query<TranscriptQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (user, id) = (signed.user().clone(), parse(&conversation)?);
    let kind = view::transcript_kind(query.kind);
    let clock = query.zone.as_deref().map_or_else(|| Ok(Clock::utc()), Clock::of_zone)?;
    let made = whole(async move { state.orchestrator.transcript(&user, id, kind).await }).await?;
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if !accept.is_some_and(|accept| accept.contains("text/plain")) {
        return Ok(([(header::CONTENT_TYPE, "application/json")], made.json).into_response());
    }
    let (text, name) = by_clock(&made, &clock);
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, text).into_response())
}

/// The conversation that belongs to an answered call.
#[utoipa::path(
    put, path = "/calls/{id}/conversation", tag = "conversations",
    params(("id" = String, Path, description = "The call")),
    responses(
        (status = 200, description = "The conversation", body = ConversationView),
        (status = 404, description = "No such call, or it has not been answered yet", body = wire::Problem),
    )
)]
async fn beside(
    State(state): State<AppState>,
    signed: Signed,
    Path(call): Path<String>,
) -> Result<Json<ConversationView>, Problem> {
    let call = id(&call, "call")?;
    Ok(Json(view::conversation(&state.orchestrator.conversation_beside(signed.user(), call)?)))
}

/// A conversation's id out of a path.
pub(super) fn parse(text: &str) -> Result<ConversationId, Problem> {
    id(text, "conversation")
}

/// A request's id.
pub(super) fn parse_handover(text: &str) -> Result<HandoverId, Problem> {
    view::handover_id(text).ok_or_else(|| Problem::not_found("request"))
}
