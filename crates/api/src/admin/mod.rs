//! What administrators see and change: accounts, teams, queues, skills, policies, replies.
//!
//! Every route needs the permission `administer`, but for `GET /replies`, which agents use. Each
//! change names the revision it was made on, and is written together with its entry in the audit:
//! what was and what is, in words. What it means for who is signed in is told at once.

mod audit;
pub(crate) mod brand;
pub(crate) mod check;
mod hours;
mod names;
mod policies;
pub mod queues;
mod replies;
mod telephony;
mod users;
mod whisper_rule;

use interaction::Permission;
use serde::Deserialize;
use serde_json::Value;
use store::{Act, Entitlement, StoreError};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use wire::{AuditAction, AuditKind};

use super::{AppState, Kind, Problem};
use crate::Signed;
use accounts::{NotCurrent, permission_name};

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    users::routes()
        .merge(names::routes())
        .merge(queues::routes())
        .merge(whisper_rule::routes())
        .merge(policies::routes())
        .merge(brand::routes())
        .merge(replies::routes())
        .merge(audit::routes())
        .merge(telephony::routes())
}

/// `?revision=…` of a deletion.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RevisionQuery {
    /// The revision that is deleted.
    revision: u64,
}

/// One administrator, for the record.
#[derive(Clone)]
struct Author {
    id: store::UserId,
    name: String,
    entitlement: Entitlement,
}

/// What is changed, for the record.
struct Subject {
    kind: AuditKind,
    name: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl Author {
    /// Who asks; 403 for who may not administer.
    fn of(signed: &Signed) -> Result<Self, Problem> {
        signed.require(Permission::Administer)?;
        let user = signed.user();
        let entitlement = match user.authority.sign_in() {
            Some(sign_in) => Entitlement::SignIn {
                generation: sign_in.generation,
                token: sign_in.id.to_string(),
                permission: permission_name(Permission::Administer).to_owned(),
            },
            None => Entitlement::Read,
        };
        Ok(Self { id: store::UserId(user.id.0), name: user.name.clone(), entitlement })
    }

    fn act(&self, subject: Subject) -> Act {
        let action = match (&subject.before, &subject.after) {
            (None, _) => AuditAction::Created,
            (Some(_), Some(_)) => AuditAction::Changed,
            (Some(_), None) => AuditAction::Deleted,
        };
        Act {
            actor: self.id,
            entitlement: self.entitlement.clone(),
            actor_name: self.name.clone(),
            action: audit::action_name(action).to_owned(),
            kind: audit::kind_name(subject.kind).to_owned(),
            subject_name: subject.name,
            before: subject.before.map(|value| value.to_string()),
            after: subject.after.map(|value| value.to_string()),
        }
    }
}

/// The store's refusals of a change to a `what`.
fn refused(error: StoreError, what: &str) -> Problem {
    match error {
        StoreError::Stale => stale(what),
        // Asked again, it is refused by what holds now.
        StoreError::NotEntitled => NotCurrent::RightsChanged.into(),
        StoreError::Taken(field) => Problem::new(
            Kind::Taken,
            format!("`{field}`: another {what} already has it. Choose another one."),
        ),
        StoreError::Missing(field) => check::missing(field),
        StoreError::InUse => Problem::new(
            Kind::InUse,
            format!("This {what} is still in use. Remove it where it is used, then delete it."),
        ),
        StoreError::LastHolder => Problem::new(
            Kind::LastAdministrator,
            "Then nobody could administer. Give somebody else the permission first.",
        ),
        other => Problem::unsaved(other),
    }
}

fn stale(what: &str) -> Problem {
    Problem::new(
        Kind::StaleRevision,
        format!("Somebody else has changed this {what}. Reload it, then make your change."),
    )
}
