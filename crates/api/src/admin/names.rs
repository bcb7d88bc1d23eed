//! Teams and skills: a name is all there is to them here.

use std::fmt::Display;

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use store::{NameRecord, SkillId, TeamId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{AdminName, AdminSkillList, AdminTeamList, AuditKind, SaveName};

use super::{Author, RevisionQuery, Subject, check, refused, stale};
use crate::Signed;
use crate::extract::{Query, id};
use crate::{AppState, Json, Path, Problem};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_teams, create_team))
        .routes(routes!(rename_team, delete_team))
        .routes(routes!(list_skills, create_skill))
        .routes(routes!(rename_skill, delete_skill))
}

/// Every team.
#[utoipa::path(get, path = "/admin/teams", tag = "administration",
    responses((status = 200, description = "The list, by name.", body = AdminTeamList)))]
async fn list_teams(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<AdminTeamList>, Problem> {
    Author::of(&signed)?;
    let teams = state.store.teams().await?;
    Ok(Json(AdminTeamList { teams: teams.iter().map(view).collect() }))
}

/// Creates a team.
#[utoipa::path(post, path = "/admin/teams", tag = "administration", request_body = SaveName,
    responses((status = 201, description = "The team.", body = AdminName)))]
async fn create_team(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<SaveName>,
) -> Result<(StatusCode, Json<AdminName>), Problem> {
    let author = Author::of(&signed)?;
    let name = check::name("name", &request.name)?;
    let act = author.act(subject(AuditKind::Team, None, Some(&name)));
    let id = state.store.create_team(&name, &act).await;
    let id = id.map_err(|error| refused(error, "team"))?;
    Ok((StatusCode::CREATED, Json(view(&team(&state, id).await?))))
}

/// Renames a team.
#[utoipa::path(put, path = "/admin/teams/{id}", tag = "administration", request_body = SaveName,
    params(("id" = String, Path, description = "The team")),
    responses((status = 200, description = "The team.", body = AdminName)))]
async fn rename_team(
    State(state): State<AppState>,
    signed: Signed,
    Path(team_id): Path<String>,
    Json(request): Json<SaveName>,
) -> Result<Json<AdminName>, Problem> {
    let author = Author::of(&signed)?;
    let before = team(&state, id(&team_id, "team")?).await?;
    if let Some(name) = new_name(&before, &request, "team")? {
        let act = author.act(subject(AuditKind::Team, Some(&before.name), Some(&name)));
        let renamed = state.store.rename_team(before.id, before.revision, &name, &act).await;
        renamed.map_err(|error| refused(error, "team"))?;
    }
    Ok(Json(view(&team(&state, before.id).await?)))
}

/// Deletes a team that nobody belongs to and that owns no queue.
#[utoipa::path(delete, path = "/admin/teams/{id}", tag = "administration",
    params(("id" = String, Path, description = "The team"), RevisionQuery),
    responses(
        (status = 204, description = "Deleted."),
        (status = 409, description = "It is in use, or somebody else has changed it since you read it.", body = wire::Problem),
    ))]
async fn delete_team(
    State(state): State<AppState>,
    signed: Signed,
    Path(team_id): Path<String>,
    Query(RevisionQuery { revision }): Query<RevisionQuery>,
) -> Result<StatusCode, Problem> {
    let author = Author::of(&signed)?;
    let before = team(&state, id(&team_id, "team")?).await?;
    let act = author.act(subject(AuditKind::Team, Some(&before.name), None));
    let deleted = state.store.delete_team(before.id, revision, &act).await;
    deleted.map_err(|error| refused(error, "team"))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Every skill.
#[utoipa::path(get, path = "/admin/skills", tag = "administration",
    responses((status = 200, description = "The list, by name.", body = AdminSkillList)))]
async fn list_skills(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<AdminSkillList>, Problem> {
    Author::of(&signed)?;
    let skills = state.store.skills().await?;
    Ok(Json(AdminSkillList { skills: skills.iter().map(view).collect() }))
}

/// Creates a skill.
#[utoipa::path(post, path = "/admin/skills", tag = "administration", request_body = SaveName,
    responses((status = 201, description = "The skill.", body = AdminName)))]
async fn create_skill(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<SaveName>,
) -> Result<(StatusCode, Json<AdminName>), Problem> {
    let author = Author::of(&signed)?;
    let name = check::name("name", &request.name)?;
    let act = author.act(subject(AuditKind::Skill, None, Some(&name)));
    let id = state.store.create_skill(&name, &act).await;
    let id = id.map_err(|error| refused(error, "skill"))?;
    Ok((StatusCode::CREATED, Json(view(&skill(&state, id).await?))))
}

/// Renames a skill.
#[utoipa::path(put, path = "/admin/skills/{id}", tag = "administration", request_body = SaveName,
    params(("id" = String, Path, description = "The skill")),
    responses((status = 200, description = "The skill.", body = AdminName)))]
async fn rename_skill(
    State(state): State<AppState>,
    signed: Signed,
    Path(skill_id): Path<String>,
    Json(request): Json<SaveName>,
) -> Result<Json<AdminName>, Problem> {
    let author = Author::of(&signed)?;
    let before = skill(&state, id(&skill_id, "skill")?).await?;
    if let Some(name) = new_name(&before, &request, "skill")? {
        let act = author.act(subject(AuditKind::Skill, Some(&before.name), Some(&name)));
        let renamed = state.store.rename_skill(before.id, before.revision, &name, &act).await;
        renamed.map_err(|error| refused(error, "skill"))?;
    }
    Ok(Json(view(&skill(&state, before.id).await?)))
}

/// Deletes a skill, also from those who have it; not while the whisper rule names it.
#[utoipa::path(delete, path = "/admin/skills/{id}", tag = "administration",
    params(("id" = String, Path, description = "The skill"), RevisionQuery),
    responses(
        (status = 204, description = "Deleted."),
        (status = 409, description = "It is in use, or somebody else has changed it since you read it.", body = wire::Problem),
    ))]
async fn delete_skill(
    State(state): State<AppState>,
    signed: Signed,
    Path(skill_id): Path<String>,
    Query(RevisionQuery { revision }): Query<RevisionQuery>,
) -> Result<StatusCode, Problem> {
    let author = Author::of(&signed)?;
    let before = skill(&state, id(&skill_id, "skill")?).await?;
    let act = author.act(subject(AuditKind::Skill, Some(&before.name), None));
    let deleted = state.store.delete_skill(before.id, revision, &act).await;
    deleted.map_err(|error| refused(error, "skill"))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn team(state: &AppState, id: TeamId) -> Result<NameRecord<TeamId>, Problem> {
    let teams = state.store.teams().await?;
    teams.into_iter().find(|it| it.id == id).ok_or_else(|| Problem::not_found("team"))
}

async fn skill(state: &AppState, id: SkillId) -> Result<NameRecord<SkillId>, Problem> {
    let skills = state.store.skills().await?;
    skills.into_iter().find(|it| it.id == id).ok_or_else(|| Problem::not_found("skill"))
}

/// What it shall be called; `None`: as it is.
fn new_name<Id>(
    before: &NameRecord<Id>,
    request: &SaveName,
    what: &str,
) -> Result<Option<String>, Problem> {
    let name = check::name("name", &request.name)?;
    if check::revision(request.revision)? != before.revision {
        return Err(stale(what));
    }
    Ok((name != before.name).then_some(name))
}

fn view<Id: Display>(record: &NameRecord<Id>) -> AdminName {
    AdminName { id: record.id.to_string(), name: record.name.clone(), revision: record.revision }
}

fn subject(kind: AuditKind, before: Option<&str>, after: Option<&str>) -> Subject {
    let told = |name: &str| json!({ "name": name });
    Subject {
        kind,
        name: after.or(before).unwrap_or_default().to_owned(),
        before: before.map(told),
        after: after.map(told),
    }
}
