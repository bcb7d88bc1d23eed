//! Chats between people of the centre.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use interaction::chat::{ChatCommand, ChatRefusal};
use interaction::{ChatId, UserId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{
    AgentList, ChatList, ChatMessagePage, ChatMessageView, ChatView, PostChatMessage, ReadChat,
    StartChat,
};

use super::extract::{MessagesQuery, Query, id};
use super::{AppState, Json, Kind, Path, Problem, whole};
use crate::Signed;
use crate::views;
use orchestrator::ChatError;
use orchestrator::error::TooFast;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(colleagues))
        .routes(routes!(start, list))
        .routes(routes!(messages, post))
        .routes(routes!(read))
        .routes(routes!(end))
}

/// The people you may chat with: those of your teams; for supervisors, everybody.
#[utoipa::path(
    get, path = "/agents", tag = "chats",
    responses(
        (status = 200, description = "The people, by name, without you", body = AgentList),
        (status = 403, description = "You are not staff", body = wire::Problem),
    )
)]
async fn colleagues(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<AgentList>, Problem> {
    let colleagues = state.orchestrator.colleagues(signed.user()).await?;
    Ok(Json(AgentList { agents: colleagues.iter().map(views::chat::colleague).collect() }))
}

/// Starts a chat, or returns the one that the two of you have open.
#[utoipa::path(
    post, path = "/chats", tag = "chats",
    request_body = StartChat,
    responses(
        (status = 201, description = "The new chat", body = ChatView),
        (status = 200, description = "The chat that is open already", body = ChatView),
        (status = 404, description = "There is no such person, or you may not write to them", body = wire::Problem),
    )
)]
async fn start(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<StartChat>,
) -> Result<Response, Problem> {
    let with: UserId = id(&request.with, "colleague")?;
    let user = signed.user().clone();
    let (chat, new) =
        whole(async move { state.orchestrator.start_chat(&user, with).await }).await?;
    let chat = views::chat::chat(&chat);
    let location = format!("{}/chats/{}", wire::API_ROOT, chat.id);
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, [(header::LOCATION, location)], Json(chat)).into_response())
}

/// Your open chats, and those that ended before you had read them.
#[utoipa::path(
    get, path = "/chats", tag = "chats",
    responses((status = 200, description = "The chats, newest first", body = ChatList))
)]
async fn list(State(state): State<AppState>, signed: Signed) -> Result<Json<ChatList>, Problem> {
    let chats = state.orchestrator.chats(signed.user())?;
    Ok(Json(ChatList { chats: chats.iter().map(views::chat::chat).collect() }))
}

/// A page of a chat's messages, open or ended.
#[utoipa::path(
    get, path = "/chats/{id}/messages", tag = "chats",
    params(("id" = String, Path, description = "The chat"), MessagesQuery),
    responses(
        (status = 200, description = "The messages, oldest first", body = ChatMessagePage),
        (status = 404, description = "No such chat of yours", body = wire::Problem),
    )
)]
async fn messages(
    State(state): State<AppState>,
    signed: Signed,
    Path(chat): Path<String>,
    Query(page): Query<MessagesQuery>,
) -> Result<Json<ChatMessagePage>, Problem> {
    let chat: ChatId = id(&chat, "chat")?;
    let page =
        state.orchestrator.chat_messages(signed.user(), chat, page.before, page.limit()).await?;
    Ok(Json(views::chat::page(&page)))
}

/// Sends a message. The same `client_id` again is the same message.
#[utoipa::path(
    post, path = "/chats/{id}/messages", tag = "chats",
    params(("id" = String, Path, description = "The chat")),
    request_body = PostChatMessage,
    responses(
        (status = 201, description = "It is saved", body = ChatMessageView),
        (status = 200, description = "It had been saved before", body = ChatMessageView),
        (status = 400, description = "No text, or too long", body = wire::Problem),
        (status = 404, description = "No such chat of yours", body = wire::Problem),
        (status = 409, description = "The chat has ended, or the `client_id` is another message's", body = wire::Problem),
    )
)]
async fn post(
    State(state): State<AppState>,
    signed: Signed,
    Path(chat): Path<String>,
    Json(request): Json<PostChatMessage>,
) -> Result<(StatusCode, Json<ChatMessageView>), Problem> {
    let chat: ChatId = id(&chat, "chat")?;
    let user = signed.user().clone();
    let PostChatMessage { text, client_id } = request;
    let posted = async move { state.orchestrator.post_to_chat(&user, chat, client_id, text).await };
    let (message, new) = whole(posted).await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(views::chat::message(&message))))
}

/// Says how far you have read.
#[utoipa::path(
    put, path = "/chats/{id}/read", tag = "chats",
    params(("id" = String, Path, description = "The chat")),
    request_body = ReadChat,
    responses(
        (status = 204, description = "Recorded"),
        (status = 404, description = "No such chat of yours", body = wire::Problem),
        (status = 409, description = "There is no such message yet", body = wire::Problem),
    )
)]
async fn read(
    State(state): State<AppState>,
    signed: Signed,
    Path(chat): Path<String>,
    Json(request): Json<ReadChat>,
) -> Result<StatusCode, Problem> {
    let chat: ChatId = id(&chat, "chat")?;
    change(state, signed, chat, ChatCommand::Read { up_to: request.up_to }).await
}

/// Ends the chat for both.
#[utoipa::path(
    post, path = "/chats/{id}/end", tag = "chats",
    params(("id" = String, Path, description = "The chat")),
    responses(
        (status = 204, description = "It has ended"),
        (status = 404, description = "No such chat of yours", body = wire::Problem),
    )
)]
async fn end(
    State(state): State<AppState>,
    signed: Signed,
    Path(chat): Path<String>,
) -> Result<StatusCode, Problem> {
    let chat: ChatId = id(&chat, "chat")?;
    change(state, signed, chat, ChatCommand::End).await
}

async fn change(
    state: AppState,
    signed: Signed,
    chat: ChatId,
    command: ChatCommand,
) -> Result<StatusCode, Problem> {
    let user = signed.user().clone();
    whole(async move { state.orchestrator.change_chat(&user, chat, command).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<ChatError> for Problem {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::NotStaff => {
                Self::new(Kind::NotAllowed, "Chats are for staff. Sign in with a staff account.")
            }
            ChatError::NotCurrent(why) => why.into(),
            ChatError::NotFound(what) => Self::not_found(what),
            ChatError::Refused(refusal) => refused(refusal),
            ChatError::TooFast(wait) => TooFast(wait).into(),
            ChatError::Store(error) => Self::from(error),
            ChatError::Unsaved(error) => Self::unsaved(error),
        }
    }
}

fn refused(refusal: ChatRefusal) -> Problem {
    let kind = match refusal {
        ChatRefusal::NotAMember => return Problem::not_found("chat"),
        ChatRefusal::Empty | ChatRefusal::TextTooLong | ChatRefusal::BadClientId => Kind::BadInput,
        ChatRefusal::Ended
        | ChatRefusal::ClientIdReused
        | ChatRefusal::Full
        | ChatRefusal::NoSuchMessage => Kind::ChatRefused,
    };
    let detail = super::refusal::sentence(&refusal.to_string());
    Problem::new(kind, detail).because(super::cause::of_chat(refusal))
}
