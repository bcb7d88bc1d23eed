//! Choices for the whole centre.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{AuditKind, Policies, PoliciesView};

use super::{Author, Subject, check, refused, stale};
use crate::Signed;
use crate::{AppState, Json, Problem, whole};
use orchestrator::settings::{self, POLICIES, Settings};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, set))
}

/// The policies of the whole centre.
#[utoipa::path(get, path = "/admin/policies", tag = "administration",
    responses((status = 200, description = "The choices.", body = PoliciesView)))]
async fn read(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<Json<PoliciesView>, Problem> {
    Author::of(&signed)?;
    Ok(Json(view(&state.settings)))
}

/// Replaces the policies. Running calls and conversations keep those they began with.
#[utoipa::path(put, path = "/admin/policies", tag = "administration",
    request_body = PoliciesView,
    responses(
        (status = 200, description = "The choices.", body = PoliciesView),
        (status = 409, description = "Somebody else has changed it since you read it.", body = wire::Problem),
    ))]
async fn set(
    State(state): State<AppState>,
    signed: Signed,
    Json(request): Json<PoliciesView>,
) -> Result<Json<PoliciesView>, Problem> {
    let author = Author::of(&signed)?;
    let PoliciesView { mut policies, revision } = request;
    let before = view(&state.settings);
    policies.after_call_s = policies.after_call_s.or(before.policies.after_call_s);
    checked(&policies)?;
    if revision != before.revision {
        return Err(stale("page"));
    }
    if policies == before.policies {
        return Ok(Json(before));
    }
    let set = whole(async move {
        let after = serde_json::to_value(&policies).map_err(Problem::internal)?;
        let value = after.to_string();
        let act = author.act(Subject {
            kind: AuditKind::Policies,
            name: String::new(),
            before: Some(serde_json::to_value(&before.policies).map_err(Problem::internal)?),
            after: Some(after),
        });
        let set = state.store.set_centre_setting(POLICIES, revision, &value, &act).await;
        set.map_err(|error| refused(error, "page"))?;
        state.settings.reload().await?;
        Ok::<_, Problem>(view(&state.settings))
    });
    Ok(Json(set.await?))
}

fn view(settings: &Settings) -> PoliciesView {
    let now = settings.snapshot();
    PoliciesView { policies: shown(&now.policies), revision: now.policies_revision }
}

fn shown(policies: &settings::Policies) -> Policies {
    Policies {
        notify_agent_on_listen: policies.notify_agent_on_listen,
        supervisors_hear_whispers: policies.supervisors_hear_whispers,
        whisper_beep: policies.whisper_beep,
        barge_tone_caller: policies.barge_tone_caller,
        barge_tone_agents: policies.barge_tone_agents,
        hold_tone: policies.hold_tone,
        agents_hear_take_over: policies.agents_hear_take_over,
        duck_db: policies.duck_db,
        ring_timeout_s: policies.ring_timeout_s,
        call_wait_s: policies.call_wait_s,
        conversations_per_agent: policies.conversations_per_agent,
        offer_timeout_s: policies.offer_timeout_s,
        conversation_wait_s: policies.conversation_wait_s,
        handover_wait_s: policies.handover_wait_s,
        messages_per_minute: policies.messages_per_minute,
        after_call_s: Some(policies.after_call_s),
    }
}

fn checked(policies: &Policies) -> Result<(), Problem> {
    check::number("duck_db", policies.duck_db, -30..=0)?;
    for (field, value, allowed) in [
        ("ring_timeout_s", policies.ring_timeout_s, 1..=300),
        ("call_wait_s", policies.call_wait_s, 10..=3_600),
        ("conversations_per_agent", policies.conversations_per_agent, 1..=20),
        ("offer_timeout_s", policies.offer_timeout_s, 5..=300),
        ("conversation_wait_s", policies.conversation_wait_s, 10..=86_400),
        ("handover_wait_s", policies.handover_wait_s, 10..=3_600),
        ("messages_per_minute", policies.messages_per_minute, 5..=600),
        ("after_call_s", policies.after_call_s.unwrap_or_default(), 0..=900),
    ] {
        check::number(field, value, allowed)?;
    }
    Ok(())
}
