//! After a call: the codes that its queue has for it, and how long agents took.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::ids::row_id;
use crate::row::{optional, unsigned};
use crate::{Store, StoreError};

/// An agent's work after a call, which is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrapUpRecord {
    /// The call's id.
    pub interaction: String,
    /// Who wrote it up.
    pub agent: u64,
    /// The agent's name at that time.
    pub agent_name: String,
    /// The call's queue, by key.
    pub queue: Option<String>,
    /// The team that has the call.
    pub team: Option<u64>,
    /// Since when, Unix ms.
    pub began_at: u64,
    /// Until when, Unix ms.
    pub ended_at: u64,
}

impl Store {
    /// Keeps an agent's work after a call.
    pub async fn record_wrap_up(&self, wrap_up: &WrapUpRecord) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO wrap_ups (id, interaction_id, agent, agent_name, queue, team_id, began_at, \
             ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(row_id())
        .bind(&wrap_up.interaction)
        .bind(wrap_up.agent.cast_signed())
        .bind(&wrap_up.agent_name)
        .bind(wrap_up.queue.as_deref())
        .bind(wrap_up.team.map(u64::cast_signed))
        .bind(wrap_up.began_at.cast_signed())
        .bind(wrap_up.ended_at.cast_signed());
        self.execute(insert).await?;
        Ok(())
    }

    /// What began within `from ≤ at < until` (Unix ms), oldest first, of one agent or all; `limit` at most.
    pub async fn wrap_ups_between(
        &self,
        from: u64,
        until: u64,
        agent: Option<u64>,
        limit: u32,
    ) -> Result<Vec<WrapUpRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT interaction_id, agent, agent_name, queue, team_id, began_at, ended_at \
             FROM wrap_ups WHERE began_at >= $1 AND began_at < $2 AND ($3 = -1 OR agent = $3) \
             ORDER BY began_at, id LIMIT $4",
        )
        .bind(from.cast_signed())
        .bind(until.cast_signed())
        .bind(agent.map_or(-1, u64::cast_signed))
        .bind(i64::from(limit))
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(wrap_up).collect()
    }
}

fn wrap_up(row: &AnyRow) -> Result<WrapUpRecord, StoreError> {
    Ok(WrapUpRecord {
        interaction: row.try_get("interaction_id")?,
        agent: unsigned(row, "agent")?,
        agent_name: row.try_get("agent_name")?,
        queue: row.try_get("queue")?,
        team: optional(row, "team_id")?,
        began_at: unsigned(row, "began_at")?,
        ended_at: unsigned(row, "ended_at")?,
    })
}

/// Codes as the database holds them; they have no line breaks.
pub(crate) fn joined(codes: &[String]) -> String {
    codes.join("\n")
}

pub(crate) fn codes(row: &AnyRow) -> Result<Vec<String>, StoreError> {
    let lines: String = row.try_get("wrap_up_codes")?;
    Ok(lines.lines().map(str::to_owned).collect())
}
