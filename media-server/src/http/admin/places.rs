//! Teams and queues.

use axum::extract::State;
use axum::http::StatusCode;
use interaction::TeamId;
use serde_json::{Value, json};
use store::{QueueChange, QueueRecord, TeamRecord};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{
    AdminQueue, AdminQueueList, AdminTeam, AdminTeamList, AuditKind, Delivery, QueueSettings,
    SaveName, SaveQueue,
};

use super::{Author, RevisionQuery, Subject, check, refused, stale, whole};
use crate::auth::Signed;
use crate::http::extract::{Query, id};
use crate::http::{AppState, Json, Path, Problem};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_teams, create_team))
        .routes(routes!(rename_team, delete_team))
        .routes(routes!(list_queues, create_queue))
        .routes(routes!(change_queue))
}

/// Every team.
#[utoipa::path(get, path = "/admin/teams", tag = "administration",
    responses((status = 200, description = "By name.", body = AdminTeamList)))]
async fn list_teams(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<AdminTeamList>, Problem> {
    Author::of(&signed)?;
    let teams = state.store.teams().await?;
    Ok(Json(AdminTeamList { teams: teams.iter().map(team_view).collect() }))
}

/// Makes a team.
#[utoipa::path(post, path = "/admin/teams", tag = "administration", request_body = SaveName,
    responses((status = 201, description = "The team.", body = AdminTeam)))]
async fn create_team(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<SaveName>,
) -> Result<(StatusCode, Json<AdminTeam>), Problem> {
    let author = Author::of(&signed)?;
    let name = check::name("name", &request.name)?;
    let act = author.act(team_subject(None, Some(&name)));
    let id = state.store.create_team(&name, &act).await;
    let id = id.map_err(|error| refused(error, "team"))?;
    Ok((StatusCode::CREATED, Json(team_view(&team(&state, id).await?))))
}

/// Renames a team.
#[utoipa::path(put, path = "/admin/teams/{id}", tag = "administration", request_body = SaveName,
    params(("id" = String, Path, description = "The team")),
    responses((status = 200, description = "The team.", body = AdminTeam)))]
async fn rename_team(
    State(state): State<AppState>,
    signed: Signed,
    Path(team_id): Path<String>,
    Json(request): Json<SaveName>,
) -> Result<Json<AdminTeam>, Problem> {
    let author = Author::of(&signed)?;
    let before = team(&state, store::TeamId(id::<TeamId>(&team_id, "team")?.0)).await?;
    let name = check::name("name", &request.name)?;
    if check::revision(request.revision)? != before.revision {
        return Err(stale("team"));
    }
    if name != before.team.name {
        let act = author.act(team_subject(Some(&before.team.name), Some(&name)));
        let renamed = state.store.rename_team(before.team.id, before.revision, &name, &act).await;
        renamed.map_err(|error| refused(error, "team"))?;
    }
    Ok(Json(team_view(&team(&state, before.team.id).await?)))
}

/// Deletes a team that nobody belongs to and that owns no queue.
#[utoipa::path(delete, path = "/admin/teams/{id}", tag = "administration",
    params(("id" = String, Path, description = "The team"), RevisionQuery),
    responses(
        (status = 204, description = "Deleted."),
        (status = 409, description = "In use, or changed meanwhile.", body = wire::Problem),
    ))]
async fn delete_team(
    State(state): State<AppState>,
    signed: Signed,
    Path(team_id): Path<String>,
    Query(RevisionQuery { revision }): Query<RevisionQuery>,
) -> Result<StatusCode, Problem> {
    let author = Author::of(&signed)?;
    let before = team(&state, store::TeamId(id::<TeamId>(&team_id, "team")?.0)).await?;
    let act = author.act(team_subject(Some(&before.team.name), None));
    let deleted = state.store.delete_team(before.team.id, revision, &act).await;
    deleted.map_err(|error| refused(error, "team"))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Every queue, with its settings.
#[utoipa::path(get, path = "/admin/queues", tag = "administration",
    responses((status = 200, description = "By name.", body = AdminQueueList)))]
async fn list_queues(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<AdminQueueList>, Problem> {
    Author::of(&signed)?;
    let queues = state.store.queue_records().await?;
    Ok(Json(AdminQueueList { queues: queues.iter().map(queue_view).collect() }))
}

/// Makes a queue. Its key is chosen here, once.
#[utoipa::path(post, path = "/admin/queues", tag = "administration", request_body = SaveQueue,
    responses((status = 201, description = "The queue.", body = AdminQueue)))]
async fn create_queue(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<SaveQueue>,
) -> Result<(StatusCode, Json<AdminQueue>), Problem> {
    let author = Author::of(&signed)?;
    let key = request.key.clone().unwrap_or_default();
    check::key(&key)?;
    let teams = state.store.teams().await?;
    let change = queue_checked(&request, &teams)?;
    let queue = whole(async move {
        let after = queue_told(&key, &change, &teams);
        let act = author.act(Subject {
            kind: AuditKind::Queue,
            name: change.name.clone(),
            before: None,
            after: Some(after),
        });
        let created = state.store.create_queue(&key, &change, &act).await;
        created.map_err(|error| refused(error, "queue"))?;
        state.settings.reload().await?;
        Ok(queue_view(&queue(&state, &key).await?))
    });
    Ok((StatusCode::CREATED, Json(queue.await?)))
}

/// Changes a queue and its settings. What goes on keeps what it began with.
#[utoipa::path(put, path = "/admin/queues/{key}", tag = "administration",
    request_body = SaveQueue, params(("key" = String, Path, description = "The queue's key")),
    responses((status = 200, description = "The queue.", body = AdminQueue)))]
async fn change_queue(
    State(state): State<AppState>,
    signed: Signed,
    Path(key): Path<String>,
    Json(request): Json<SaveQueue>,
) -> Result<Json<AdminQueue>, Problem> {
    let author = Author::of(&signed)?;
    let before = queue(&state, &key).await?;
    if request.key.as_ref().is_some_and(|new| *new != key) {
        return Err(check::bad("key", "the queue's own: calls and records name it"));
    }
    let teams = state.store.teams().await?;
    let change = queue_checked(&request, &teams)?;
    if check::revision(request.revision)? != before.revision {
        return Err(stale("queue"));
    }
    let was = QueueChange {
        name: before.queue.name.clone(),
        team: before.queue.team,
        open_to_guests: before.queue.open_to_guests,
        settings: before.settings,
    };
    if was == change {
        return Ok(Json(queue_view(&before)));
    }
    let queue = whole(async move {
        let act = author.act(Subject {
            kind: AuditKind::Queue,
            name: change.name.clone(),
            before: Some(queue_told(&key, &was, &teams)),
            after: Some(queue_told(&key, &change, &teams)),
        });
        let changed =
            state.store.change_queue(before.queue.id, before.revision, &change, &act).await;
        changed.map_err(|error| refused(error, "queue"))?;
        state.settings.reload().await?;
        Ok(queue_view(&queue(&state, &key).await?))
    });
    Ok(Json(queue.await?))
}

async fn team(state: &AppState, id: store::TeamId) -> Result<TeamRecord, Problem> {
    let teams = state.store.teams().await?;
    teams.into_iter().find(|it| it.team.id == id).ok_or_else(|| Problem::not_found("team"))
}

async fn queue(state: &AppState, key: &str) -> Result<QueueRecord, Problem> {
    let queues = state.store.queue_records().await?;
    queues.into_iter().find(|it| it.queue.key == key).ok_or_else(|| Problem::not_found("queue"))
}

fn team_view(team: &TeamRecord) -> AdminTeam {
    AdminTeam {
        id: team.team.id.to_string(),
        name: team.team.name.clone(),
        revision: team.revision,
    }
}

fn team_subject(before: Option<&str>, after: Option<&str>) -> Subject {
    let told = |name: &str| json!({ "name": name });
    Subject {
        kind: AuditKind::Team,
        name: after.or(before).unwrap_or_default().to_owned(),
        before: before.map(told),
        after: after.map(told),
    }
}

fn queue_view(queue: &QueueRecord) -> AdminQueue {
    AdminQueue {
        key: queue.queue.key.clone(),
        name: queue.queue.name.clone(),
        team: queue.queue.team.to_string(),
        open_to_guests: queue.queue.open_to_guests,
        settings: settings_view(queue.settings),
        revision: queue.revision,
    }
}

fn queue_checked(request: &SaveQueue, teams: &[TeamRecord]) -> Result<QueueChange, Problem> {
    let team = teams.iter().find(|it| it.team.id.to_string() == request.team);
    let settings = &request.settings;
    Ok(QueueChange {
        name: check::name("name", &request.name)?,
        team: team.ok_or_else(|| check::missing("team"))?.team.id,
        open_to_guests: request.open_to_guests,
        settings: store::QueueSettings {
            pull: settings.delivery == Delivery::Pull,
            private_chat: settings.private_chat,
            help: settings.help,
            mood: settings.mood,
            transcript_download: settings.transcript_download,
        },
    })
}

/// The queue for the record, in words.
fn queue_told(key: &str, queue: &QueueChange, teams: &[TeamRecord]) -> Value {
    let team = teams.iter().find(|it| it.team.id == queue.team).map(|it| it.team.name.as_str());
    let settings = settings_view(queue.settings);
    json!({
        "key": key,
        "name": queue.name,
        "team": team,
        "open_to_guests": queue.open_to_guests,
        "delivery": settings.delivery,
        "private_chat": settings.private_chat,
        "help": settings.help,
        "mood": settings.mood,
        "transcript_download": settings.transcript_download,
    })
}

fn settings_view(settings: store::QueueSettings) -> QueueSettings {
    QueueSettings {
        delivery: if settings.pull { Delivery::Pull } else { Delivery::Push },
        private_chat: settings.private_chat,
        help: settings.help,
        mood: settings.mood,
        transcript_download: settings.transcript_download,
    }
}
