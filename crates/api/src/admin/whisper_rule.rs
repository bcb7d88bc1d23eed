//! Who may whisper in text.

use axum::extract::State;
use serde_json::{Value, json};
use store::{NameRecord, SkillId, WhisperRuleRecord};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{AuditKind, WhisperRuleView};

use super::{Author, Subject, check, refused, stale};
use crate::Signed;
use crate::{AppState, Json, Problem, whole};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(show, change))
}

/// Who may write private messages.
#[utoipa::path(get, path = "/admin/whisper-rule", tag = "administration",
    responses((status = 200, description = "The rule.", body = WhisperRuleView)))]
async fn show(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<WhisperRuleView>, Problem> {
    Author::of(&signed)?;
    let (rule, revision) = state.store.whisper_rule().await?;
    Ok(Json(view(&rule, revision)))
}

/// Changes who may write private messages.
#[utoipa::path(put, path = "/admin/whisper-rule", tag = "administration",
    request_body = WhisperRuleView,
    responses(
        (status = 200, description = "The rule.", body = WhisperRuleView),
        (status = 409, description = "Somebody else has changed it since you read it.", body = wire::Problem),
    ))]
async fn change(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<WhisperRuleView>,
) -> Result<Json<WhisperRuleView>, Problem> {
    let author = Author::of(&signed)?;
    let skills = state.store.skills().await?;
    let wanted = checked(&request, &skills)?;
    let (was, revision) = state.store.whisper_rule().await?;
    if request.revision != revision {
        return Err(stale("rule"));
    }
    if was == wanted {
        return Ok(Json(view(&was, revision)));
    }
    let rule = whole(async move {
        let act = author.act(Subject {
            kind: AuditKind::WhisperRule,
            name: String::new(),
            before: Some(told(&was, &skills)),
            after: Some(told(&wanted, &skills)),
        });
        let set = state.store.set_whisper_rule(revision, &wanted, &act).await;
        set.map_err(|error| refused(error, "rule"))?;
        state.settings.reload().await?;
        let (rule, revision) = state.store.whisper_rule().await?;
        Ok::<_, Problem>(view(&rule, revision))
    });
    Ok(Json(rule.await?))
}

fn view(rule: &WhisperRuleRecord, revision: u64) -> WhisperRuleView {
    WhisperRuleView {
        agents: rule.agents,
        colleagues: rule.colleagues,
        supervisors: rule.supervisors,
        skills: rule.skills.iter().map(ToString::to_string).collect(),
        revision,
    }
}

fn checked(
    request: &WhisperRuleView,
    skills: &[NameRecord<SkillId>],
) -> Result<WhisperRuleRecord, Problem> {
    let wanted = |it: &&NameRecord<SkillId>| request.skills.contains(&it.id.to_string());
    let mut found: Vec<SkillId> = skills.iter().filter(wanted).map(|it| it.id).collect();
    found.sort_unstable();
    let is_known = |id: &String| skills.iter().any(|it| it.id.to_string() == *id);
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
fn told(rule: &WhisperRuleRecord, skills: &[NameRecord<SkillId>]) -> Value {
    let needed = skills.iter().filter(|it| rule.skills.contains(&it.id));
    json!({
        "agents": rule.agents,
        "colleagues": rule.colleagues,
        "supervisors": rule.supervisors,
        "skills": needed.map(|it| it.name.as_str()).collect::<Vec<_>>(),
    })
}
