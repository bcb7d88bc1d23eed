//! The record of changes.

use axum::extract::State;
use serde::Deserialize;
use store::{AuditFilter, AuditRecord};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{AuditAction, AuditEntry, AuditKind, AuditPage, UserRef};

use super::Author;
use crate::Signed;
use crate::extract::Query;
use crate::{AppState, Json, Problem};
use accounts::NAME_CHARS_MAX;

/// Entries of a page, unless asked otherwise.
const ENTRIES: u32 = 50;
/// Entries of a page at most.
const ENTRIES_MAX: u32 = 200;

const ACTIONS: [AuditAction; 3] =
    [AuditAction::Created, AuditAction::Changed, AuditAction::Deleted];
const KINDS: [AuditKind; 8] = [
    AuditKind::User,
    AuditKind::Team,
    AuditKind::Queue,
    AuditKind::Skill,
    AuditKind::WhisperRule,
    AuditKind::Policies,
    AuditKind::Reply,
    AuditKind::Brand,
];

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AuditQuery {
    /// Only of this kind.
    #[param(inline)]
    kind: Option<AuditKind>,
    /// Only where this is in the name of who changed it, or of what was changed.
    search: Option<String>,
    /// Only what came before this position.
    before: Option<u64>,
    /// Entries at most: 50 unless asked otherwise, 200 at most.
    limit: Option<u32>,
}

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The audit log of administration: who changed what and when, before and after; newest first.
#[utoipa::path(get, path = "/admin/audit", tag = "administration", params(AuditQuery),
    responses((status = 200, description = "A page of the audit log.", body = AuditPage)))]
async fn list(
    State(state): State<AppState>,
    signed: Signed,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditPage>, Problem> {
    Author::of(&signed)?;
    let limit = query.limit.unwrap_or(ENTRIES).clamp(1, ENTRIES_MAX);
    let search = query.search.map(|text| text.trim().chars().take(NAME_CHARS_MAX).collect());
    let filter = AuditFilter {
        kind: query.kind.map(|kind| kind_name(kind).to_owned()),
        search: search.filter(|text: &String| !text.is_empty()),
        before: query.before,
        // One more tells whether there is another page.
        limit: limit + 1,
    };
    let mut records = state.store.audit(&filter).await?;
    let is_last = records.len() <= limit as usize;
    records.truncate(limit as usize);
    let next = records.last().filter(|_| !is_last).map(|record| record.position);
    let entries: Option<Vec<AuditEntry>> = records.into_iter().map(view).collect();
    let entries = entries.ok_or_else(|| Problem::internal("an unknown word in the audit"))?;
    Ok(Json(AuditPage { entries, next }))
}

/// A kind's name in the store: as on the wire.
pub fn kind_name(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::User => "user",
        AuditKind::Team => "team",
        AuditKind::Queue => "queue",
        AuditKind::Skill => "skill",
        AuditKind::WhisperRule => "whisper_rule",
        AuditKind::Policies => "policies",
        AuditKind::Reply => "reply",
        AuditKind::Brand => "brand",
    }
}

/// An action's name in the store: as on the wire.
pub fn action_name(action: AuditAction) -> &'static str {
    match action {
        AuditAction::Created => "created",
        AuditAction::Changed => "changed",
        AuditAction::Deleted => "deleted",
    }
}

/// `None` for words that this version does not know.
fn view(record: AuditRecord) -> Option<AuditEntry> {
    let act = record.act;
    let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    Some(AuditEntry {
        position: record.position,
        at: record.at,
        actor: UserRef { user: act.actor.to_string(), name: act.actor_name },
        action: ACTIONS.into_iter().find(|action| action_name(*action) == act.action)?,
        kind: KINDS.into_iter().find(|kind| kind_name(*kind) == act.kind)?,
        subject: act.subject_name,
        before: json(act.before),
        after: json(act.after),
    })
}
