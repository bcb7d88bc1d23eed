//! The audit log of supervision: who listened to whom, who whispered, barged in and took over, and who tried.
//!
//! An act is written twice: when it is [asked for](SUPERVISION_ASKED), before anything is heard, and
//! when its outcome is known. An entry without an outcome is one that the server did not live to
//! see. Entries have one order, are never changed, and none is ever missing between two others.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::ids::row_id;
use crate::names::{InteractionKind, named};
use crate::row::{optional, unsigned};
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
    /// What was asked for: `listen`, `whisper`, `barge`, `take_over`, `stop`.
    pub action: String,
    /// `done`, or why not.
    pub outcome: String,
}

/// An entry of the log, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupervisionEntry {
    /// The entry.
    pub act: SupervisionRecord,
    /// The supervisor's name now; the username of that time, if there is no such account any more.
    pub name: String,
    /// What was supervised; `None`: nothing is known of it.
    pub interaction: Option<SupervisedRecord>,
}

/// An interaction, as far as the report of supervision names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupervisedRecord {
    /// Voice or text.
    pub kind: InteractionKind,
    /// The queue's key.
    pub queue: Option<String>,
    /// See [`InteractionRecord::opening`](crate::InteractionRecord::opening); of one without a
    /// queue alone.
    pub opening: Option<String>,
    /// When it ended, Unix ms; `None`: it goes on.
    pub ended_at: Option<u64>,
}

impl Store {
    /// Every entry about the interactions of which there is one within `from ≤ at < until` (Unix
    /// ms), in their order; `limit` entries at most.
    pub async fn supervision_between(
        &self,
        from: u64,
        until: u64,
        limit: u32,
    ) -> Result<Vec<SupervisionEntry>, StoreError> {
        let rows = sqlx::query(
            "SELECT log.at AS at, user_id, log.username AS username, call_id, action, outcome, \
             COALESCE(users.name, log.username) AS name, kind, queue, ended_at, \
             CASE WHEN queue IS NULL THEN opening END AS opening \
             FROM supervision_audit AS log LEFT JOIN users ON users.id = log.user_id \
             LEFT JOIN interactions ON interactions.id = log.call_id \
             WHERE call_id IN (SELECT call_id FROM supervision_audit WHERE at >= $1 AND at < $2) \
             ORDER BY log.position LIMIT $3",
        )
        .bind(from.cast_signed())
        .bind(until.cast_signed())
        .bind(i64::from(limit))
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(entry).collect()
    }

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

fn entry(row: &AnyRow) -> Result<SupervisionEntry, StoreError> {
    let is_known = row.try_get::<Option<String>, _>("kind")?.is_some();
    let interaction = is_known.then(|| {
        Ok::<_, StoreError>(SupervisedRecord {
            kind: named(row, "kind")?,
            queue: row.try_get("queue")?,
            opening: row.try_get("opening")?,
            ended_at: optional(row, "ended_at")?,
        })
    });
    let interaction = interaction.transpose()?;
    Ok(SupervisionEntry { act: act(row)?, name: row.try_get("name")?, interaction })
}
