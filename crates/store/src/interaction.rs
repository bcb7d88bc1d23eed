//! Interaction records: conversations from their opening on, calls from their end on.

use ::interaction::conversation::PartKind;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use crate::names::{InteractionKind, Named as _, named};
use crate::row::{optional, page, switch, unsigned};
use crate::write::Write;
use crate::{Store, StoreError, words};

/// The columns that [`interaction`] reads.
pub(crate) const COLUMNS: &str = "id, kind, channel, queue, requester_id, requester_name, subject, opened_at, \
     answered_at, ended_at, end_reason, opening, customer";

/// One contact of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InteractionRecord {
    /// The id as the API shows it.
    pub id: String,
    /// Voice or text.
    pub kind: InteractionKind,
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
    /// What identifies the customer, as the server writes it; `None`: nothing, or it is not known of a
    /// former version.
    pub customer: Option<String>,
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
    /// As what; of a call never a colleague.
    pub part: PartKind,
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

impl Store {
    /// The record, if there is one.
    pub async fn interaction(&self, id: &str) -> Result<Option<InteractionRecord>, StoreError> {
        let select = format!("SELECT {COLUMNS} FROM interactions WHERE id = $1");
        let row = sqlx::query(AssertSqlSafe(select)).bind(id).fetch_optional(&self.reads).await?;
        row.as_ref().map(interaction).transpose()
    }

    /// Conversations that go on: to be taken up again after a restart. Oldest first.
    pub async fn running_conversations(&self) -> Result<Vec<InteractionRecord>, StoreError> {
        let select = format!(
            "SELECT {COLUMNS} FROM interactions \
             WHERE kind = 'conversation' AND ended_at IS NULL ORDER BY opened_at, id"
        );
        let rows = sqlx::query(AssertSqlSafe(select)).fetch_all(&self.reads).await?;
        rows.iter().map(interaction).collect()
    }

    /// Who took part in it.
    pub async fn members_of(&self, id: &str) -> Result<Vec<MemberRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT user_id, part, name, joined_event, left_event, left_message, left_at \
             FROM interaction_members WHERE interaction_id = $1 ORDER BY part, user_id",
        )
        .bind(id)
        .fetch_all(&self.reads)
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
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(event).collect()
    }
}

/// Puts a new interaction into the list.
pub(crate) async fn insert_interaction(
    transaction: &mut Write,
    record: &InteractionRecord,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO interactions (id, kind, channel, queue, requester_id, requester_name, \
         subject, opened_at, answered_at, ended_at, end_reason, opening, customer) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(&record.id)
    .bind(record.kind.stored_name())
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
    .bind(record.customer.as_deref())
    .execute(&mut **transaction)
    .await
    .map_err(|error| StoreError::taken(error, "interaction id"))?;
    let words = [Some(record.requester_name.as_str()), record.subject.as_deref()];
    for text in words.into_iter().flatten() {
        words::index(transaction, &record.id, text, false, words::IN_NO_MESSAGE).await?;
    }
    Ok(())
}

/// Puts an interaction into the list, or brings it up to date there.
pub(crate) async fn put_interaction(
    transaction: &mut Write,
    record: &InteractionRecord,
) -> Result<(), StoreError> {
    let update = sqlx::query(
        "UPDATE interactions SET queue = $1, answered_at = $2, ended_at = $3, end_reason = $4, \
         opening = $5 WHERE id = $6",
    )
    .bind(record.queue.as_deref())
    .bind(record.answered_at.map(u64::cast_signed))
    .bind(record.ended_at.map(u64::cast_signed))
    .bind(record.end_reason.as_deref())
    .bind(record.opening.as_deref())
    .bind(&record.id);
    match update.execute(&mut **transaction).await?.rows_affected() {
        0 => insert_interaction(transaction, record).await,
        _ => Ok(()),
    }
}

/// Keeps an event, unless its position is kept already; whether it was not.
pub(crate) async fn put_event(
    transaction: &mut Write,
    id: &str,
    event: &EventRecord,
) -> Result<bool, StoreError> {
    let put = sqlx::query(
        "INSERT INTO interaction_events (interaction_id, position, at, kind, actor, private, data) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (interaction_id, position) DO NOTHING",
    )
    .bind(id)
    .bind(event.position.cast_signed())
    .bind(event.at.cast_signed())
    .bind(&event.kind)
    .bind(event.actor.map(u64::cast_signed))
    .bind(i64::from(event.private))
    .bind(&event.data)
    .execute(&mut **transaction)
    .await?;
    Ok(put.rows_affected() == 1)
}

pub(crate) async fn insert_member(
    transaction: &mut Write,
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
    .bind(member.part.stored_name())
    .bind(&member.name)
    .bind(member.joined_event.map(u64::cast_signed))
    .bind(member.left.map(|place| place.event.cast_signed()))
    .bind(member.left.map(|place| place.message.cast_signed()))
    .bind(member.left.map(|place| place.at.cast_signed()))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(crate) fn interaction(row: &AnyRow) -> Result<InteractionRecord, StoreError> {
    Ok(InteractionRecord {
        id: row.try_get("id")?,
        kind: named(row, "kind")?,
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
        customer: row.try_get("customer")?,
    })
}

pub(crate) fn member(row: &AnyRow) -> Result<MemberRecord, StoreError> {
    let left = optional(row, "left_event")?.zip(optional(row, "left_message")?);
    let left = left.zip(optional(row, "left_at")?);
    Ok(MemberRecord {
        user: unsigned(row, "user_id")?,
        part: named(row, "part")?,
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
