//! Help requests, and the report of them.

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use crate::row::{optional, page, unsigned};
use crate::write::Write;
use crate::{Store, StoreError};

const DAY_MS: i64 = 86_400_000;

/// The columns that [`record`] reads.
pub(crate) const COLUMNS: &str = "number, agent, agent_name, queue, team_id, reason, stage, \
     raised_at, taken_at, taken_by, ended_at, cancelled_why";

/// One help request of an interaction, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpRecord {
    /// Counts up within the interaction.
    pub number: u64,
    /// Who asked.
    pub agent: u64,
    /// The agent's name at that time.
    pub agent_name: String,
    /// The queue's key, if the interaction has one.
    pub queue: Option<String>,
    /// The team whose supervisors were asked.
    pub team: Option<u64>,
    /// Why, in the agent's words.
    pub reason: Option<String>,
    /// `open`, `in_progress`, `closed` or `cancelled`.
    pub stage: String,
    /// When the hand was raised, Unix ms.
    pub raised_at: u64,
    /// When a supervisor first took it up, Unix ms.
    pub taken_at: Option<u64>,
    /// Who has it, or had it last.
    pub taken_by: Option<u64>,
    /// When it was closed or cancelled, Unix ms.
    pub ended_at: Option<u64>,
    /// Why it was cancelled.
    pub cancelled_why: Option<String>,
}

/// What the report looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelpFilter {
    /// Raised at or after, Unix ms.
    pub from: u64,
    /// Raised before, Unix ms.
    pub until: u64,
    /// Of this agent.
    pub agent: Option<u64>,
    /// Of this team.
    pub team: Option<u64>,
    /// Of this queue, by key.
    pub queue: Option<String>,
    /// What a day is: milliseconds to add to UTC for the reader's clock.
    pub day_offset_ms: i64,
}

/// One line of the report: an agent, team, queue and day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpReportRow {
    /// The day's beginning on the reader's clock, Unix ms (UTC).
    pub day: i64,
    /// The agent.
    pub agent: u64,
    /// The agent's name, the latest if it changed.
    pub agent_name: String,
    /// The team.
    pub team: Option<u64>,
    /// The queue's key.
    pub queue: Option<String>,
    /// Requests raised.
    pub count: u64,
    /// Of these, taken up.
    pub answered: u64,
    /// Of these, cancelled.
    pub cancelled: u64,
    /// The sum of the times from raising to taking up, ms; divide by `answered`.
    pub answer_ms: u64,
    /// The longest of them, ms.
    pub answer_ms_max: u64,
}

impl Store {
    /// Keeps a request of a call as it is now; those of a conversation go with its changes
    /// ([`Store::keep`]).
    pub async fn keep_help(
        &self,
        interaction: &str,
        request: &HelpRecord,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        upsert(&mut transaction, interaction, request).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Cancels the requests of calls that went with the server, which no call outlives. For its start
    /// alone, before [`Store::end_lost_calls`].
    pub async fn cancel_orphaned_help(&self, at: u64) -> Result<u64, StoreError> {
        let cancel = sqlx::query(
            "UPDATE help_requests SET stage = 'cancelled', cancelled_why = 'ended', ended_at = $1 \
             WHERE ended_at IS NULL AND (interaction_id NOT IN (SELECT id FROM interactions) \
             OR interaction_id IN (SELECT id FROM interactions \
             WHERE kind = 'call' AND ended_at IS NULL))",
        )
        .bind(at.cast_signed());
        self.execute(cancel).await
    }

    /// The requests of an interaction, in order.
    pub async fn help_of(&self, interaction: &str) -> Result<Vec<HelpRecord>, StoreError> {
        let select = format!(
            "SELECT {COLUMNS} FROM help_requests WHERE interaction_id = $1 ORDER BY number"
        );
        let rows =
            sqlx::query(AssertSqlSafe(select)).bind(interaction).fetch_all(&self.reads).await?;
        rows.iter().map(record).collect()
    }

    /// The report, by day, then agent.
    pub async fn help_report(&self, filter: &HelpFilter) -> Result<Vec<HelpReportRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT (raised_at + $1) / 86400000 AS day, agent, MAX(agent_name) AS agent_name, \
             team_id, queue, COUNT(*) AS count, COUNT(taken_at) AS answered, \
             COUNT(cancelled_why) AS cancelled, \
             CAST(COALESCE(SUM(taken_at - raised_at), 0) AS BIGINT) AS answer_ms, \
             COALESCE(MAX(taken_at - raised_at), 0) AS answer_ms_max \
             FROM help_requests WHERE raised_at >= $2 AND raised_at < $3 \
             AND ($4 = -1 OR agent = $4) AND ($5 = -1 OR team_id = $5) \
             AND ($6 = '' OR queue = $6) \
             GROUP BY (raised_at + $1) / 86400000, agent, team_id, queue \
             ORDER BY 1, 2, 4, 5",
        )
        .bind(filter.day_offset_ms)
        .bind(filter.from.cast_signed())
        .bind(filter.until.cast_signed())
        .bind(filter.agent.map_or(-1, u64::cast_signed))
        .bind(filter.team.map_or(-1, u64::cast_signed))
        .bind(filter.queue.as_deref().unwrap_or(""))
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(|row| report_row(row, filter.day_offset_ms)).collect()
    }

    /// The reasons that were given, with how often, the most frequent first.
    pub async fn help_reasons(
        &self,
        filter: &HelpFilter,
        limit: u32,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT reason, COUNT(*) FROM help_requests \
             WHERE reason IS NOT NULL AND raised_at >= $1 AND raised_at < $2 \
             AND ($3 = -1 OR agent = $3) AND ($4 = -1 OR team_id = $4) \
             AND ($5 = '' OR queue = $5) \
             GROUP BY reason ORDER BY COUNT(*) DESC, reason LIMIT $6",
        )
        .bind(filter.from.cast_signed())
        .bind(filter.until.cast_signed())
        .bind(filter.agent.map_or(-1, u64::cast_signed))
        .bind(filter.team.map_or(-1, u64::cast_signed))
        .bind(filter.queue.as_deref().unwrap_or(""))
        .bind(page(limit))
        .fetch_all(&self.reads)
        .await?;
        Ok(rows.into_iter().map(|(reason, count)| (reason, count.cast_unsigned())).collect())
    }
}

pub(crate) async fn upsert(
    transaction: &mut Write,
    interaction: &str,
    request: &HelpRecord,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO help_requests (interaction_id, number, agent, agent_name, queue, team_id, \
         reason, stage, raised_at, taken_at, taken_by, ended_at, cancelled_why) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
         ON CONFLICT (interaction_id, number) DO UPDATE SET reason = excluded.reason, \
         stage = excluded.stage, taken_at = excluded.taken_at, \
         taken_by = COALESCE(excluded.taken_by, help_requests.taken_by), \
         ended_at = excluded.ended_at, cancelled_why = excluded.cancelled_why",
    )
    .bind(interaction)
    .bind(request.number.cast_signed())
    .bind(request.agent.cast_signed())
    .bind(&request.agent_name)
    .bind(request.queue.as_deref())
    .bind(request.team.map(u64::cast_signed))
    .bind(request.reason.as_deref())
    .bind(&request.stage)
    .bind(request.raised_at.cast_signed())
    .bind(request.taken_at.map(u64::cast_signed))
    .bind(request.taken_by.map(u64::cast_signed))
    .bind(request.ended_at.map(u64::cast_signed))
    .bind(request.cancelled_why.as_deref())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(crate) fn record(row: &AnyRow) -> Result<HelpRecord, StoreError> {
    Ok(HelpRecord {
        number: unsigned(row, "number")?,
        agent: unsigned(row, "agent")?,
        agent_name: row.try_get("agent_name")?,
        queue: row.try_get("queue")?,
        team: optional(row, "team_id")?,
        reason: row.try_get("reason")?,
        stage: row.try_get("stage")?,
        raised_at: unsigned(row, "raised_at")?,
        taken_at: optional(row, "taken_at")?,
        taken_by: optional(row, "taken_by")?,
        ended_at: optional(row, "ended_at")?,
        cancelled_why: row.try_get("cancelled_why")?,
    })
}

fn report_row(row: &AnyRow, day_offset_ms: i64) -> Result<HelpReportRow, StoreError> {
    Ok(HelpReportRow {
        day: row.try_get::<i64, _>("day")? * DAY_MS - day_offset_ms,
        agent: unsigned(row, "agent")?,
        agent_name: row.try_get("agent_name")?,
        team: optional(row, "team_id")?,
        queue: row.try_get("queue")?,
        count: unsigned(row, "count")?,
        answered: unsigned(row, "answered")?,
        cancelled: unsigned(row, "cancelled")?,
        answer_ms: unsigned(row, "answer_ms")?,
        answer_ms_max: unsigned(row, "answer_ms_max")?,
    })
}
