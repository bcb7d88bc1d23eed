//! What reports of calls and of supervision are made of: calls, their agents and their holds, in
//! one question each, and never a word that was said.

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use crate::row::{optional, placeholders, unsigned};
use crate::{PAGE_ROWS_MAX, Store, StoreError};

/// A call, as reports count it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFacts {
    /// The call's id.
    pub call: String,
    /// The queue's key.
    pub queue: Option<String>,
    /// See [`InteractionRecord::opening`](crate::InteractionRecord::opening); of one without a
    /// queue alone.
    pub opening: Option<String>,
    /// When it was placed, Unix ms.
    pub placed_at: u64,
    /// When it was answered, Unix ms.
    pub answered_at: Option<u64>,
    /// When it ended, Unix ms; `None`: it goes on.
    pub ended_at: Option<u64>,
    /// How it ended, as named in the API.
    pub end_reason: Option<String>,
}

/// When somebody was an agent in an interaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentTime {
    /// The interaction's id.
    pub interaction: String,
    /// Who.
    pub agent: u64,
    /// The name of that time.
    pub name: String,
    /// When they came, Unix ms; of a conversation 0, which stands for its beginning.
    pub joined_at: u64,
    /// When they left, Unix ms; `None`: not before its end.
    pub left_at: Option<u64>,
}

/// A call was put on hold, or taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldChange {
    /// The call's id.
    pub call: String,
    /// When, Unix ms.
    pub at: u64,
    /// What it is from then on.
    pub held: bool,
}

impl Store {
    /// The calls that were placed within `from ≤ at < until` (Unix ms), oldest first; `limit` at
    /// most.
    pub async fn call_facts(
        &self,
        from: u64,
        until: u64,
        limit: u32,
    ) -> Result<Vec<CallFacts>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, queue, CASE WHEN queue IS NULL THEN opening END AS opening, opened_at, \
             answered_at, ended_at, end_reason FROM interactions \
             WHERE kind = 'call' AND opened_at >= $1 AND opened_at < $2 \
             ORDER BY opened_at, id LIMIT $3",
        )
        .bind(from.cast_signed())
        .bind(until.cast_signed())
        .bind(i64::from(limit))
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(call).collect()
    }

    /// The agents of the calls that were placed within `from ≤ at < until` (Unix ms).
    pub async fn agents_of_calls(
        &self,
        from: u64,
        until: u64,
    ) -> Result<Vec<AgentTime>, StoreError> {
        let rows = sqlx::query(
            "SELECT call_parties.call_id AS interaction_id, user_id, name, joined_at, left_at \
             FROM call_parties JOIN calls ON calls.call_id = call_parties.call_id \
             WHERE role = 'agent' AND placed_at >= $1 AND placed_at < $2 \
             ORDER BY call_parties.call_id, position",
        )
        .bind(from.cast_signed())
        .bind(until.cast_signed())
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(agent_time).collect()
    }

    /// The holds of the calls that were placed within `from ≤ at < until` (Unix ms), in order.
    pub async fn holds_of_calls(
        &self,
        from: u64,
        until: u64,
    ) -> Result<Vec<HeldChange>, StoreError> {
        let rows = sqlx::query(
            "SELECT interaction_id, at, \
             CASE WHEN data LIKE '%\"held_changed\":true%' THEN 1 ELSE 0 END AS held \
             FROM interaction_events JOIN calls ON calls.call_id = interaction_id \
             WHERE interaction_events.kind = 'held_changed' AND placed_at >= $1 AND placed_at < $2 \
             ORDER BY interaction_id, position",
        )
        .bind(from.cast_signed())
        .bind(until.cast_signed())
        .fetch_all(&self.reads)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(HeldChange {
                    call: row.try_get("interaction_id")?,
                    at: unsigned(row, "at")?,
                    held: crate::row::switch(row, "held")?,
                })
            })
            .collect()
    }

    /// The agents of these interactions, and when they were in them.
    pub async fn agent_times(&self, ids: &[&str]) -> Result<Vec<AgentTime>, StoreError> {
        let mut found = Vec::new();
        for ids in ids.chunks(PAGE_ROWS_MAX as usize) {
            let list = placeholders(1, ids.len());
            // Of a conversation it is known who left when, and of a call both.
            let select = format!(
                "SELECT call_id AS interaction_id, user_id, name, joined_at, left_at \
                 FROM call_parties WHERE role = 'agent' AND call_id IN ({list}) \
                 UNION ALL SELECT interaction_id, user_id, name, 0, left_at \
                 FROM interaction_members WHERE part = 'agent' AND interaction_id IN ({list}) \
                 AND interaction_id NOT IN (SELECT call_id FROM calls WHERE call_id IN ({list})) \
                 ORDER BY 1, 4, 2"
            );
            let mut query = sqlx::query(AssertSqlSafe(select));
            for id in ids {
                query = query.bind(*id);
            }
            for row in query.fetch_all(&self.reads).await? {
                found.push(agent_time(&row)?);
            }
        }
        Ok(found)
    }
}

fn call(row: &AnyRow) -> Result<CallFacts, StoreError> {
    Ok(CallFacts {
        call: row.try_get("id")?,
        queue: row.try_get("queue")?,
        opening: row.try_get("opening")?,
        placed_at: unsigned(row, "opened_at")?,
        answered_at: optional(row, "answered_at")?,
        ended_at: optional(row, "ended_at")?,
        end_reason: row.try_get("end_reason")?,
    })
}

fn agent_time(row: &AnyRow) -> Result<AgentTime, StoreError> {
    Ok(AgentTime {
        interaction: row.try_get("interaction_id")?,
        agent: unsigned(row, "user_id")?,
        name: row.try_get("name")?,
        joined_at: unsigned(row, "joined_at")?,
        left_at: optional(row, "left_at")?,
    })
}
