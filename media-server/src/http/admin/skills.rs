//! Skills, and who may whisper in text.

use axum::extract::State;
use axum::http::StatusCode;
use interaction::SkillId;
use serde_json::{Value, json};
use store::{SkillRecord, WhisperRuleRecord};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{AdminSkill, AdminSkillList, AuditKind, SaveName, WhisperRuleView};

use super::{Author, RevisionQuery, Subject, check, refused, stale, whole};
use crate::auth::Signed;
use crate::http::extract::{Query, id};
use crate::http::{AppState, Json, Path, Problem};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(rename, delete))
        .routes(routes!(rule, set_rule))
}

/// Every skill.
#[utoipa::path(get, path = "/admin/skills", tag = "administration",
    responses((status = 200, description = "By name.", body = AdminSkillList)))]
async fn list(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<AdminSkillList>, Problem> {
    Author::of(&signed)?;
    let skills = state.store.skill_records().await?;
    Ok(Json(AdminSkillList { skills: skills.iter().map(view).collect() }))
}

/// Makes a skill.
#[utoipa::path(post, path = "/admin/skills", tag = "administration", request_body = SaveName,
    responses((status = 201, description = "The skill.", body = AdminSkill)))]
async fn create(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<SaveName>,
) -> Result<(StatusCode, Json<AdminSkill>), Problem> {
    let author = Author::of(&signed)?;
    let name = check::name("name", &request.name)?;
    let act = author.act(subject(None, Some(&name)));
    let id = state.store.create_skill(&name, &act).await;
    let id = id.map_err(|error| refused(error, "skill"))?;
    Ok((StatusCode::CREATED, Json(view(&skill(&state, id).await?))))
}

/// Renames a skill.
#[utoipa::path(put, path = "/admin/skills/{id}", tag = "administration", request_body = SaveName,
    params(("id" = String, Path, description = "The skill")),
    responses((status = 200, description = "The skill.", body = AdminSkill)))]
async fn rename(
    State(state): State<AppState>,
    signed: Signed,
    Path(skill_id): Path<String>,
    Json(request): Json<SaveName>,
) -> Result<Json<AdminSkill>, Problem> {
    let author = Author::of(&signed)?;
    let before = skill(&state, store::SkillId(id::<SkillId>(&skill_id, "skill")?.0)).await?;
    let name = check::name("name", &request.name)?;
    if check::revision(request.revision)? != before.revision {
        return Err(stale("skill"));
    }
    if name != before.skill.name {
        let act = author.act(subject(Some(&before.skill.name), Some(&name)));
        let renamed = state.store.rename_skill(before.skill.id, before.revision, &name, &act).await;
        renamed.map_err(|error| refused(error, "skill"))?;
    }
    Ok(Json(view(&skill(&state, before.skill.id).await?)))
}

/// Deletes a skill: nobody has it any more. Not while the whisper rule names it.
#[utoipa::path(delete, path = "/admin/skills/{id}", tag = "administration",
    params(("id" = String, Path, description = "The skill"), RevisionQuery),
    responses(
        (status = 204, description = "Deleted."),
        (status = 409, description = "In use, or changed meanwhile.", body = wire::Problem),
    ))]
async fn delete(
    State(state): State<AppState>,
    signed: Signed,
    Path(skill_id): Path<String>,
    Query(RevisionQuery { revision }): Query<RevisionQuery>,
) -> Result<StatusCode, Problem> {
    let author = Author::of(&signed)?;
    let before = skill(&state, store::SkillId(id::<SkillId>(&skill_id, "skill")?.0)).await?;
    let act = author.act(subject(Some(&before.skill.name), None));
    let deleted = state.store.delete_skill(before.skill.id, revision, &act).await;
    deleted.map_err(|error| refused(error, "skill"))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who may write private messages.
#[utoipa::path(get, path = "/admin/whisper-rule", tag = "administration",
    responses((status = 200, description = "The rule.", body = WhisperRuleView)))]
async fn rule(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<WhisperRuleView>, Problem> {
    Author::of(&signed)?;
    let (rule, revision) = state.store.whisper_rule().await?;
    Ok(Json(rule_view(&rule, revision)))
}

/// Changes who may write private messages.
#[utoipa::path(put, path = "/admin/whisper-rule", tag = "administration",
    request_body = WhisperRuleView,
    responses(
        (status = 200, description = "The rule.", body = WhisperRuleView),
        (status = 409, description = "Changed meanwhile.", body = wire::Problem),
    ))]
async fn set_rule(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<WhisperRuleView>,
) -> Result<Json<WhisperRuleView>, Problem> {
    let author = Author::of(&signed)?;
    let skills = state.store.skill_records().await?;
    let wanted = rule_checked(&request, &skills)?;
    let (was, revision) = state.store.whisper_rule().await?;
    if request.revision != revision {
        return Err(stale("rule"));
    }
    if was == wanted {
        return Ok(Json(rule_view(&was, revision)));
    }
    let rule = whole(async move {
        let act = author.act(Subject {
            kind: AuditKind::WhisperRule,
            name: String::new(),
            before: Some(rule_told(&was, &skills)),
            after: Some(rule_told(&wanted, &skills)),
        });
        let set = state.store.set_whisper_rule(revision, &wanted, &act).await;
        set.map_err(|error| refused(error, "rule"))?;
        state.settings.reload().await?;
        let (rule, revision) = state.store.whisper_rule().await?;
        Ok(rule_view(&rule, revision))
    });
    Ok(Json(rule.await?))
}

async fn skill(state: &AppState, id: store::SkillId) -> Result<SkillRecord, Problem> {
    let skills = state.store.skill_records().await?;
    skills.into_iter().find(|it| it.skill.id == id).ok_or_else(|| Problem::not_found("skill"))
}

fn view(skill: &SkillRecord) -> AdminSkill {
    AdminSkill {
        id: skill.skill.id.to_string(),
        name: skill.skill.name.clone(),
        revision: skill.revision,
    }
}

fn subject(before: Option<&str>, after: Option<&str>) -> Subject {
    let told = |name: &str| json!({ "name": name });
    Subject {
        kind: AuditKind::Skill,
        name: after.or(before).unwrap_or_default().to_owned(),
        before: before.map(told),
        after: after.map(told),
    }
}

fn rule_view(rule: &WhisperRuleRecord, revision: u64) -> WhisperRuleView {
    WhisperRuleView {
        agents: rule.agents,
        colleagues: rule.colleagues,
        supervisors: rule.supervisors,
        skills: rule.skills.iter().map(ToString::to_string).collect(),
        revision,
    }
}

fn rule_checked(
    request: &WhisperRuleView,
    skills: &[SkillRecord],
) -> Result<WhisperRuleRecord, Problem> {
    let wanted = |it: &&SkillRecord| request.skills.contains(&it.skill.id.to_string());
    let mut found: Vec<store::SkillId> =
        skills.iter().filter(wanted).map(|it| it.skill.id).collect();
    found.sort_unstable();
    let is_known = |id: &String| skills.iter().any(|it| it.skill.id.to_string() == *id);
    if !request.skills.iter().all(is_known) {
        return Err(check::missing("skills"));
    }
    Ok(WhisperRuleRecord {
        agents: request.agents,
        colleagues: request.colleagues,
        supervisors: request.supervisors,
        skills: found,
    })
}

/// The rule for the record, in words.
fn rule_told(rule: &WhisperRuleRecord, skills: &[SkillRecord]) -> Value {
    let needed = skills.iter().filter(|it| rule.skills.contains(&it.skill.id));
    json!({
        "agents": rule.agents,
        "colleagues": rule.colleagues,
        "supervisors": rule.supervisors,
        "skills": needed.map(|it| it.skill.name.as_str()).collect::<Vec<_>>(),
    })
}
