//! The audit log of supervision: who listened to whom, who whispered and barged in, and who tried.
//!
//! An act is written twice: when it is [asked for](SUPERVISION_ASKED), before anything is heard, and
//! when its outcome is known. An entry without an outcome is one that the server did not live to
//! see. Entries have one order, are never changed, and none is ever missing between two others.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::ids::row_id;
use crate::row::unsigned;
use crate::{Store, StoreError};

/// The outcome of an entry that was written before its act was carried out.
pub const SUPERVISION_ASKED: &str = "asked";

/// A step of supervision: asked for, granted, refused, or over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupervisionRecord {
    /// When, Unix ms.
    pub at: u64,
    /// Who.
    pub user: u64,
    /// Who, by the username of that time.
    pub username: String,
    /// On which call, as the API showed it.
    pub call: String,
    /// What was asked for: `listen`, `whisper`, `barge`, `stop`.
    pub action: String,
    /// `done`, or why not.
    pub outcome: String,
}

impl Store {
    /// Writes these entries in this order, all of them or none.
    pub async fn record_supervision(&self, acts: &[SupervisionRecord]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let last: i64 = sqlx::query_scalar(
            "UPDATE supervision_head SET position = position + $1 WHERE id = 1 RETURNING position",
        )
        .bind(acts.len() as i64)
        .fetch_one(&mut *transaction)
        .await?;
        let first = last - acts.len() as i64 + 1;
        for (position, act) in (first..).zip(acts) {
            sqlx::query(
                "INSERT INTO supervision_audit (id, position, at, user_id, username, call_id, \
                 action, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(row_id())
            .bind(position)
            .bind(act.at.cast_signed())
            .bind(act.user.cast_signed())
            .bind(&act.username)
            .bind(&act.call)
            .bind(&act.action)
            .bind(&act.outcome)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The entries about a call or conversation, in their order.
    pub async fn supervision_of_call(
        &self,
        call: &str,
    ) -> Result<Vec<SupervisionRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT at, user_id, username, call_id, action, outcome FROM supervision_audit \
             WHERE call_id = $1 ORDER BY position",
        )
        .bind(call)
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(act).collect()
    }
}

fn act(row: &AnyRow) -> Result<SupervisionRecord, StoreError> {
    Ok(SupervisionRecord {
        at: unsigned(row, "at")?,
        user: unsigned(row, "user_id")?,
        username: row.try_get("username")?,
        call: row.try_get("call_id")?,
        action: row.try_get("action")?,
        outcome: row.try_get("outcome")?,
    })
}
