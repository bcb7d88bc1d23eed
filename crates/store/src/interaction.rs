//! Interaction records: conversations from their opening on, calls from their end on.
//!
//! A change of a conversation is kept whole or not at all ([`Store::keep`]), and is on the disk
//! when that returns: acknowledge after it, never before.

use sqlx::any::AnyRow;
use sqlx::{Any, AssertSqlSafe, Row, Transaction};

use crate::message::{MessageRecord, insert_message};
use crate::row::{optional, page, placeholders, switch, unsigned};
use crate::{OutgoingRecord, Store, StoreError, channel, help, search};

const COLUMNS: &str = "id, kind, channel, queue, requester_id, requester_name, subject, opened_at, \
     answered_at, ended_at, end_reason, opening";

/// Queues that one scope can name.
pub const SCOPE_QUEUES_MAX: usize = 200;
/// Running interactions that one scope can name.
pub const SCOPE_RUNNING_MAX: usize = 200;

/// One contact of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InteractionRecord {
    /// The id as the API shows it.
    pub id: String,
    /// `call` or `conversation`.
    pub kind: String,
    /// `voice`, `web_chat`, or a connector's name.
    pub channel: String,
    /// The queue's key, unless it went straight to an agent.
    pub queue: Option<String>,
    /// The customer; a guest's id is of no account.
    pub requester: u64,
    /// The customer's name at that time.
    pub requester_name: String,
    /// What it is about, in the customer's words.
    pub subject: Option<String>,
    /// When it was opened, Unix ms.
    pub opened_at: u64,
    /// When the first agent came, Unix ms.
    pub answered_at: Option<u64>,
    /// When it ended, Unix ms; `None`: it goes on.
    pub ended_at: Option<u64>,
    /// How it ended, as named in the API.
    pub end_reason: Option<String>,
    /// The rules that held when it was opened, as JSON of the server's; `None`: of a version that
    /// did not keep them.
    pub opening: Option<String>,
}

/// Something that happened in an interaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// Its place, from 1, without gaps.
    pub position: u64,
    /// When, Unix ms.
    pub at: u64,
    /// What, by name.
    pub kind: String,
    /// Whose doing.
    pub actor: Option<u64>,
    /// Staff only.
    pub private: bool,
    /// The particulars, as JSON of the server's.
    pub data: String,
}

/// Somebody who took part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRecord {
    /// Who.
    pub user: u64,
    /// `requester`, `agent`, `colleague` or `supervisor`.
    pub part: String,
    /// The name at that time.
    pub name: String,
    /// The event with which they first came in this part, if it is known.
    pub joined_event: Option<u64>,
    /// Where they left this part; `None`: they are in it, or were when it ended.
    pub left: Option<PlaceRecord>,
}

/// A place in an interaction: what was there then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceRecord {
    /// The number of the last event.
    pub event: u64,
    /// The number of the last message, private ones counted.
    pub message: u64,
    /// When, Unix ms.
    pub at: u64,
}

/// Somebody left a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftRecord {
    /// Who.
    pub user: u64,
    /// Which part, as in [`MemberRecord::part`].
    pub part: String,
    /// Where.
    pub place: PlaceRecord,
}

/// What one command did to a conversation, to be kept together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InteractionChange {
    /// What happened; positions follow on what is there.
    pub events: Vec<EventRecord>,
    /// What was written.
    pub message: Option<MessageRecord>,
    /// Attachments of that message; each must be its author's and in no message yet.
    pub attachments: Vec<u64>,
    /// Who came in; somebody who comes back has not left.
    pub members: Vec<MemberRecord>,
    /// Who left, after they came in.
    pub left: Vec<LeftRecord>,
    /// What the connector is to be told of it, if the customer writes by one.
    pub outgoing: Vec<OutgoingRecord>,
    /// Help requests, as they are now.
    pub help: Vec<help::HelpRecord>,
    /// The first agent came now, Unix ms.
    pub answered_at: Option<u64>,
    /// The conversation is over: when, Unix ms, and how.
    pub ended: Option<(u64, String)>,
}

/// What came of [`Store::keep`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is kept.
    Done,
    /// The message was there already, at this position: nothing of the change was kept.
    There(u64),
}

/// Which interactions a user may see: all of some queues, and those with a part of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Queues by key; at most [`SCOPE_QUEUES_MAX`] are looked at.
    pub queues: Vec<String>,
    /// The user; having been the customer is no part of staff's.
    pub member: Option<u64>,
    /// What runs and may be searched for its words, by id; of anything else that runs only the
    /// names and the subject are. At most [`SCOPE_RUNNING_MAX`] are looked at.
    pub reads: Vec<String>,
}

/// What a list of interactions is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InteractionFilter {
    /// `call` or `conversation`.
    pub kind: Option<String>,
    /// Only what goes on (`true`) or is over (`false`).
    pub running: Option<bool>,
    /// Opened at or after, Unix ms.
    pub from: Option<u64>,
    /// Opened before, Unix ms.
    pub until: Option<u64>,
    /// The last one of the page before: its `opened_at` and id.
    pub before: Option<(u64, String)>,
    /// Rows at most; see [`crate::PAGE_ROWS_MAX`].
    pub limit: u32,
}

impl Store {
    /// Keeps a new conversation with what has happened in it so far.
    pub async fn open_interaction(
        &self,
        record: &InteractionRecord,
        change: &InteractionChange,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        insert_interaction(&mut transaction, record).await?;
        write_change(&mut transaction, &record.id, change).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Keeps a change, whole or not at all. [`Kept::There`]: a message of this author and
    /// client id was there. [`StoreError::Taken`] when another writer was faster with a position.
    pub async fn keep(&self, id: &str, change: &InteractionChange) -> Result<Kept, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let written = write_change(&mut transaction, id, change).await;
        let Err(error) = written else {
            transaction.commit().await?;
            return Ok(Kept::Done);
        };
        transaction.rollback().await?;
        if let (Some(message), StoreError::Taken(_)) = (&change.message, &error)
            && let Some(there) = self.position_of(id, message.author, &message.client_id).await?
        {
            return Ok(Kept::There(there));
        }
        Err(error)
    }

    /// The record, if there is one.
    pub async fn interaction(&self, id: &str) -> Result<Option<InteractionRecord>, StoreError> {
        let select = format!("SELECT {COLUMNS} FROM interactions WHERE id = $1");
        let row = sqlx::query(AssertSqlSafe(select)).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(interaction).transpose()
    }

    /// Conversations that go on: to be taken up again after a restart. Oldest first.
    pub async fn running_conversations(&self) -> Result<Vec<InteractionRecord>, StoreError> {
        let select = format!(
            "SELECT {COLUMNS} FROM interactions \
             WHERE kind = 'conversation' AND ended_at IS NULL ORDER BY opened_at, id"
        );
        let rows = sqlx::query(AssertSqlSafe(select)).fetch_all(&self.pool).await?;
        rows.iter().map(interaction).collect()
    }

    /// A page of interactions that `scope` sees, newest first.
    pub async fn interactions(
        &self,
        scope: &Scope,
        filter: &InteractionFilter,
    ) -> Result<Vec<InteractionRecord>, StoreError> {
        self.listed(scope, filter, &[], false).await
    }

    /// Who took part in it.
    pub async fn members_of(&self, id: &str) -> Result<Vec<MemberRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT user_id, part, name, joined_event, left_event, left_message, left_at \
             FROM interaction_members WHERE interaction_id = $1 ORDER BY part, user_id",
        )
        .bind(id)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(member).collect()
    }

    /// A page of what happened, from the position after `after` on.
    pub async fn events_of(
        &self,
        id: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<EventRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT position, at, kind, actor, private, data FROM interaction_events \
             WHERE interaction_id = $1 AND position > $2 ORDER BY position LIMIT $3",
        )
        .bind(id)
        .bind(after.cast_signed())
        .bind(page(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(event).collect()
    }

    /// A page of the list; with `terms` only what contains them all.
    pub(crate) async fn listed(
        &self,
        scope: &Scope,
        filter: &InteractionFilter,
        terms: &[String],
        private: bool,
    ) -> Result<Vec<InteractionRecord>, StoreError> {
        let queues = &scope.queues[..scope.queues.len().min(SCOPE_QUEUES_MAX)];
        let reads = &scope.reads[..scope.reads.len().min(SCOPE_RUNNING_MAX)];
        let mut next = 8;
        let mut place = |count: usize| {
            next += count;
            placeholders(next - count, count)
        };
        let in_queues = match queues {
            [] => "1 = 0".to_owned(),
            some => format!("queue IN ({})", place(some.len())),
        };
        let reads = if terms.is_empty() { &[] } else { reads };
        let readable = match reads {
            [] => "1 = 0".to_owned(),
            some => format!("id IN ({})", place(some.len())),
        };
        let contains: String = terms
            .iter()
            .map(|_| {
                let term = place(1);
                format!(
                    " AND EXISTS (SELECT 1 FROM search_terms WHERE interaction_id = id \
                     AND term = {term} AND private <= $7 \
                     AND (ended_at IS NOT NULL OR message = 0 OR {readable}))"
                )
            })
            .collect();
        let running = match filter.running {
            None => "",
            Some(true) => " AND ended_at IS NULL",
            Some(false) => " AND ended_at IS NOT NULL",
        };
        // `$n` of every condition is bound, used or not: the text stays one for both databases.
        let select = format!(
            "SELECT {COLUMNS} FROM interactions WHERE ({in_queues} OR id IN (SELECT \
             interaction_id FROM interaction_members \
             WHERE user_id = $1 AND part <> 'requester')) \
             AND kind LIKE $2 AND opened_at >= $3 AND opened_at < $4 \
             AND (opened_at < $5 OR (opened_at = $5 AND id < $6)) AND $7 >= 0{running}{contains} \
             ORDER BY opened_at DESC, id DESC LIMIT {}",
            page(filter.limit)
        );
        let (before_at, before_id) = match &filter.before {
            Some((at, id)) => (at.cast_signed(), id.as_str()),
            None => (i64::MAX, ""),
        };
        let mut query = sqlx::query(AssertSqlSafe(select))
            .bind(scope.member.map_or(0, u64::cast_signed))
            .bind(filter.kind.as_deref().unwrap_or("%"))
            .bind(filter.from.unwrap_or(0).cast_signed())
            .bind(filter.until.map_or(i64::MAX, u64::cast_signed))
            .bind(before_at)
            .bind(before_id)
            .bind(i64::from(private));
        for queue in queues {
            query = query.bind(queue);
        }
        for id in reads {
            query = query.bind(id);
        }
        for term in terms {
            query = query.bind(term);
        }
        query.fetch_all(&self.pool).await?.iter().map(interaction).collect()
    }
}

pub(crate) async fn insert_interaction(
    transaction: &mut Transaction<'_, Any>,
    record: &InteractionRecord,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO interactions (id, kind, channel, queue, requester_id, requester_name, \
         subject, opened_at, answered_at, ended_at, end_reason, opening) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(&record.id)
    .bind(&record.kind)
    .bind(&record.channel)
    .bind(record.queue.as_deref())
    .bind(record.requester.cast_signed())
    .bind(&record.requester_name)
    .bind(record.subject.as_deref())
    .bind(record.opened_at.cast_signed())
    .bind(record.answered_at.map(u64::cast_signed))
    .bind(record.ended_at.map(u64::cast_signed))
    .bind(record.end_reason.as_deref())
    .bind(record.opening.as_deref())
    .execute(&mut **transaction)
    .await
    .map_err(|error| StoreError::taken(error, "interaction id"))?;
    let words = [Some(record.requester_name.as_str()), record.subject.as_deref()];
    for text in words.into_iter().flatten() {
        search::index(transaction, &record.id, text, false, search::IN_NO_MESSAGE).await?;
    }
    Ok(())
}

pub(crate) async fn insert_member(
    transaction: &mut Transaction<'_, Any>,
    id: &str,
    member: &MemberRecord,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO interaction_members (interaction_id, user_id, part, name, joined_event, \
         left_event, left_message, left_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (interaction_id, user_id, part) DO UPDATE SET \
         left_event = excluded.left_event, left_message = excluded.left_message, \
         left_at = excluded.left_at",
    )
    .bind(id)
    .bind(member.user.cast_signed())
    .bind(&member.part)
    .bind(&member.name)
    .bind(member.joined_event.map(u64::cast_signed))
    .bind(member.left.map(|place| place.event.cast_signed()))
    .bind(member.left.map(|place| place.message.cast_signed()))
    .bind(member.left.map(|place| place.at.cast_signed()))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Writes first and reads never: SQLite then waits for the other writer instead of giving up.
async fn write_change(
    transaction: &mut Transaction<'_, Any>,
    id: &str,
    change: &InteractionChange,
) -> Result<(), StoreError> {
    for event in &change.events {
        insert_event(transaction, id, event).await?;
    }
    if let Some(message) = &change.message {
        insert_message(transaction, id, message, &change.attachments).await?;
    }
    for member in &change.members {
        insert_member(transaction, id, member).await?;
    }
    for left in &change.left {
        leave(transaction, id, left).await?;
    }
    for outgoing in &change.outgoing {
        channel::insert_outgoing(transaction, id, outgoing).await?;
    }
    for request in &change.help {
        help::upsert(transaction, id, request).await?;
    }
    if let Some(at) = change.answered_at {
        sqlx::query(
            "UPDATE interactions SET answered_at = $1 WHERE id = $2 AND answered_at IS NULL",
        )
        .bind(at.cast_signed())
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    }
    if let Some((at, reason)) = &change.ended {
        sqlx::query(
            "UPDATE interactions SET ended_at = $1, end_reason = $2 \
             WHERE id = $3 AND ended_at IS NULL",
        )
        .bind(at.cast_signed())
        .bind(reason)
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

async fn leave(
    transaction: &mut Transaction<'_, Any>,
    id: &str,
    left: &LeftRecord,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE interaction_members SET left_event = $1, left_message = $2, left_at = $3 \
         WHERE interaction_id = $4 AND user_id = $5 AND part = $6",
    )
    .bind(left.place.event.cast_signed())
    .bind(left.place.message.cast_signed())
    .bind(left.place.at.cast_signed())
    .bind(id)
    .bind(left.user.cast_signed())
    .bind(&left.part)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn insert_event(
    transaction: &mut Transaction<'_, Any>,
    id: &str,
    event: &EventRecord,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO interaction_events (interaction_id, position, at, kind, actor, private, data) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(event.position.cast_signed())
    .bind(event.at.cast_signed())
    .bind(&event.kind)
    .bind(event.actor.map(u64::cast_signed))
    .bind(i64::from(event.private))
    .bind(&event.data)
    .execute(&mut **transaction)
    .await
    .map_err(|error| StoreError::taken(error, "event position"))?;
    Ok(())
}

fn interaction(row: &AnyRow) -> Result<InteractionRecord, StoreError> {
    Ok(InteractionRecord {
        id: row.try_get("id")?,
        kind: row.try_get("kind")?,
        channel: row.try_get("channel")?,
        queue: row.try_get("queue")?,
        requester: unsigned(row, "requester_id")?,
        requester_name: row.try_get("requester_name")?,
        subject: row.try_get("subject")?,
        opened_at: unsigned(row, "opened_at")?,
        answered_at: optional(row, "answered_at")?,
        ended_at: optional(row, "ended_at")?,
        end_reason: row.try_get("end_reason")?,
        opening: row.try_get("opening")?,
    })
}

pub(crate) fn member(row: &AnyRow) -> Result<MemberRecord, StoreError> {
    let left = optional(row, "left_event")?.zip(optional(row, "left_message")?);
    let left = left.zip(optional(row, "left_at")?);
    Ok(MemberRecord {
        user: unsigned(row, "user_id")?,
        part: row.try_get("part")?,
        name: row.try_get("name")?,
        joined_event: optional(row, "joined_event")?,
        left: left.map(|((event, message), at)| PlaceRecord { event, message, at }),
    })
}

fn event(row: &AnyRow) -> Result<EventRecord, StoreError> {
    Ok(EventRecord {
        position: unsigned(row, "position")?,
        at: unsigned(row, "at")?,
        kind: row.try_get("kind")?,
        actor: optional(row, "actor")?,
        private: switch(row, "private")?,
        data: row.try_get("data")?,
    })
}
