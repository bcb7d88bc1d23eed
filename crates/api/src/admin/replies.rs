//! Canned replies.

use axum::extract::State;
use axum::http::StatusCode;
use interaction::Permission;
use serde_json::{Value, json};
use store::{Queue, ReplyChange, ReplyRecord};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{AuditKind, CannedReply, CannedReplyList, SaveReply};

use super::{Author, RevisionQuery, Subject, check, refused, stale};
use crate::Signed;
use crate::extract::{Query, id};
use crate::{AppState, Json, Path, Problem};
use accounts::permission_name;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(own))
        .routes(routes!(list, create))
        .routes(routes!(change, delete))
}

/// The canned replies that you can use: those of your queues, and the general ones.
#[utoipa::path(get, path = "/replies", tag = "conversations",
    responses((status = 200, description = "The list, by title.", body = CannedReplyList)))]
async fn own(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<CannedReplyList>, Problem> {
    let user = signed.user();
    if !user.permissions.has(Permission::TakeCalls) && !user.permissions.may_supervise() {
        return Err(Problem::lacks(permission_name(Permission::TakeCalls)));
    }
    let queues = state.store.queues().await?;
    let is_mine = |reply: &&ReplyRecord| match reply.reply.queue {
        None => true,
        Some(queue) => user.queues.iter().any(|own| own.id.0 == queue.0),
    };
    let replies = state.store.replies().await?;
    let replies = replies.iter().filter(is_mine).map(|it| view(it, &queues)).collect();
    Ok(Json(CannedReplyList { replies }))
}

/// Every canned reply.
#[utoipa::path(get, path = "/admin/replies", tag = "administration",
    responses((status = 200, description = "The list, by title.", body = CannedReplyList)))]
async fn list(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<CannedReplyList>, Problem> {
    Author::of(&signed)?;
    let queues = state.store.queues().await?;
    let replies = state.store.replies().await?;
    Ok(Json(CannedReplyList { replies: replies.iter().map(|it| view(it, &queues)).collect() }))
}

/// Creates a canned reply.
#[utoipa::path(post, path = "/admin/replies", tag = "administration", request_body = SaveReply,
    responses((status = 201, description = "The reply.", body = CannedReply)))]
async fn create(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<SaveReply>,
) -> Result<(StatusCode, Json<CannedReply>), Problem> {
    let author = Author::of(&signed)?;
    let queues = state.store.queues().await?;
    let change = checked(&request, &queues)?;
    let act = author.act(subject(None, Some(&change), &queues));
    let id = state.store.create_reply(&change, &act).await;
    let id = id.map_err(|error| refused(error, "reply"))?;
    Ok((StatusCode::CREATED, Json(view(&reply(&state, id).await?, &queues))))
}

/// Changes a canned reply.
#[utoipa::path(put, path = "/admin/replies/{id}", tag = "administration",
    request_body = SaveReply, params(("id" = String, Path, description = "The reply")),
    responses((status = 200, description = "The reply.", body = CannedReply)))]
async fn change(
    State(state): State<AppState>,
    signed: Signed,
    Path(reply_id): Path<String>,
    Json(request): Json<SaveReply>,
) -> Result<Json<CannedReply>, Problem> {
    let author = Author::of(&signed)?;
    let before = reply(&state, id(&reply_id, "reply")?).await?;
    let queues = state.store.queues().await?;
    let change = checked(&request, &queues)?;
    if check::revision(request.revision)? != before.revision {
        return Err(stale("reply"));
    }
    if change != before.reply {
        let act = author.act(subject(Some(&before.reply), Some(&change), &queues));
        let changed = state.store.change_reply(before.id, before.revision, &change, &act).await;
        changed.map_err(|error| refused(error, "reply"))?;
    }
    Ok(Json(view(&reply(&state, before.id).await?, &queues)))
}

/// Deletes a canned reply.
#[utoipa::path(delete, path = "/admin/replies/{id}", tag = "administration",
    params(("id" = String, Path, description = "The reply"), RevisionQuery),
    responses((status = 204, description = "Deleted.")))]
async fn delete(
    State(state): State<AppState>,
    signed: Signed,
    Path(reply_id): Path<String>,
    Query(RevisionQuery { revision }): Query<RevisionQuery>,
) -> Result<StatusCode, Problem> {
    let author = Author::of(&signed)?;
    let before = reply(&state, id(&reply_id, "reply")?).await?;
    let queues = state.store.queues().await?;
    let act = author.act(subject(Some(&before.reply), None, &queues));
    let deleted = state.store.delete_reply(before.id, revision, &act).await;
    deleted.map_err(|error| refused(error, "reply"))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn reply(state: &AppState, id: store::ReplyId) -> Result<ReplyRecord, Problem> {
    let replies = state.store.replies().await?;
    replies.into_iter().find(|it| it.id == id).ok_or_else(|| Problem::not_found("reply"))
}

fn checked(request: &SaveReply, queues: &[Queue]) -> Result<ReplyChange, Problem> {
    let queue = match &request.queue {
        None => None,
        Some(key) => {
            let queue = queues.iter().find(|it| it.key == *key);
            Some(queue.ok_or_else(|| check::missing("queue"))?.id)
        }
    };
    Ok(ReplyChange {
        title: check::name("title", &request.title)?,
        text: check::text(&request.text)?,
        queue,
    })
}

fn view(reply: &ReplyRecord, queues: &[Queue]) -> CannedReply {
    CannedReply {
        id: reply.id.to_string(),
        title: reply.reply.title.clone(),
        text: reply.reply.text.clone(),
        queue: key(&reply.reply, queues),
        revision: reply.revision,
    }
}

fn subject(before: Option<&ReplyChange>, after: Option<&ReplyChange>, queues: &[Queue]) -> Subject {
    let told = |reply: &ReplyChange| -> Value {
        json!({ "title": reply.title, "text": reply.text, "queue": key(reply, queues) })
    };
    Subject {
        kind: AuditKind::Reply,
        name: after.or(before).map(|reply| reply.title.clone()).unwrap_or_default(),
        before: before.map(told),
        after: after.map(told),
    }
}

fn key(reply: &ReplyChange, queues: &[Queue]) -> Option<String> {
    let queue = queues.iter().find(|it| Some(it.id) == reply.queue);
    queue.map(|it| it.key.clone())
}
