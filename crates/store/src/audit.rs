//! The record of what administrators changed: written in the transaction of the change itself, in
//! one order, and never changed.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::ids::StoredId as _;
use crate::row::{page, unsigned};
use crate::write::Write;
use crate::{Store, StoreError, UserId, now_ms};

/// What entitles somebody to a change, looked at once more in the change's own transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entitlement {
    /// A sign-in of the actor's, and the permission that the change needs.
    SignIn {
        /// The account's generation when it signed in.
        generation: u64,
        /// The token's id.
        token: String,
        /// The permission, by name.
        permission: String,
    },
    /// The operator's file, read at the start.
    Provisioning,
    /// Nothing: an entry that was read. No change can be made with it.
    Read,
}

/// Who changes what. The id of what is changed is added by the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Who.
    pub actor: UserId,
    /// What entitles them to it.
    pub entitlement: Entitlement,
    /// The name of that time.
    pub actor_name: String,
    /// `created`, `changed` or `deleted`.
    pub action: String,
    /// What kind of thing it is: `user`, `queue`, …
    pub kind: String,
    /// What people call it.
    pub subject_name: String,
    /// What it was, as JSON; never a password. `None`: it was not.
    pub before: Option<String>,
    /// What it is, as JSON; never a password. `None`: it is gone.
    pub after: Option<String>,
}

/// An entry of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Counts up by one.
    pub position: u64,
    /// When, Unix ms.
    pub at: u64,
    /// The id of what was changed, or its name if there is only one of it.
    pub subject: String,
    /// The change.
    pub act: Act,
}

/// What a page of the record is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only where this is in the name of who changed it or of what was changed; any case.
    pub search: Option<String>,
    /// Only what came before this position.
    pub before: Option<u64>,
    /// Entries at most; see [`crate::PAGE_ROWS_MAX`].
    pub limit: u32,
}

impl Store {
    /// A page of the record, newest first.
    pub async fn audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT position, at, actor, actor_name, action, kind, subject, subject_name, \
             json_before, json_after FROM audit WHERE ($1 = '' OR kind = $1) \
             AND ($2 = '' OR LOWER(actor_name) LIKE LOWER($2) ESCAPE '!' \
                  OR LOWER(subject_name) LIKE LOWER($2) ESCAPE '!') \
             AND position < $3 ORDER BY position DESC LIMIT $4",
        )
        .bind(filter.kind.as_deref().unwrap_or(""))
        .bind(filter.search.as_deref().map_or(String::new(), containing))
        .bind(filter.before.map_or(i64::MAX, u64::cast_signed))
        .bind(page(filter.limit))
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(record).collect()
    }

    /// Begins a change: alone, and with its entry written.
    pub(crate) async fn change(&self, act: &Act, subject: &str) -> Result<Write, StoreError> {
        let mut transaction = self.begin().await?;
        record_act(&mut transaction, act, subject).await?;
        Ok(transaction)
    }
}

/// Writes the entry of a change, whose turn it is from now on, and looks once more whether its actor
/// may make it: rights that were taken before this moment count.
pub(crate) async fn record_act(
    transaction: &mut Write,
    act: &Act,
    subject: &str,
) -> Result<(), StoreError> {
    let position: i64 = sqlx::query_scalar(
        "UPDATE audit_head SET position = position + 1 WHERE id = 1 RETURNING position",
    )
    .fetch_one(&mut **transaction)
    .await?;
    check_entitlement(transaction, act).await?;
    sqlx::query(
        "INSERT INTO audit (position, at, actor, actor_name, action, kind, subject, \
         subject_name, json_before, json_after) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(position)
    .bind(now_ms())
    .bind(act.actor.column())
    .bind(&act.actor_name)
    .bind(&act.action)
    .bind(&act.kind)
    .bind(subject)
    .bind(&act.subject_name)
    .bind(&act.before)
    .bind(&act.after)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// [`StoreError::NotEntitled`] if the actor may not, or no longer, make the change.
async fn check_entitlement(transaction: &mut Write, act: &Act) -> Result<(), StoreError> {
    let (generation, token, permission) = match &act.entitlement {
        Entitlement::Provisioning => return Ok(()),
        Entitlement::Read => return Err(StoreError::NotEntitled),
        Entitlement::SignIn { generation, token, permission } => (generation, token, permission),
    };
    let entitled: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM users WHERE id = $1 AND disabled = 0 AND generation = $2 \
         AND ' ' || permissions || ' ' LIKE $3 \
         AND NOT EXISTS (SELECT 1 FROM revoked_tokens WHERE token_id = $4)",
    )
    .bind(act.actor.column())
    .bind(generation.cast_signed())
    .bind(format!("% {permission} %"))
    .bind(token)
    .fetch_one(&mut **transaction)
    .await?;
    if entitled == 1 { Ok(()) } else { Err(StoreError::NotEntitled) }
}

/// A pattern for what contains `text`.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

fn record(row: &AnyRow) -> Result<AuditRecord, StoreError> {
    Ok(AuditRecord {
        position: unsigned(row, "position")?,
        at: unsigned(row, "at")?,
        subject: row.try_get("subject")?,
        act: Act {
            actor: UserId::from_column(row.try_get("actor")?),
            entitlement: Entitlement::Read,
            actor_name: row.try_get("actor_name")?,
            action: row.try_get("action")?,
            kind: row.try_get("kind")?,
            subject_name: row.try_get("subject_name")?,
            before: row.try_get("json_before")?,
            after: row.try_get("json_after")?,
        },
    })
}
