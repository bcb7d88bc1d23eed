//! Changes of conversations.
//!
//! A change is kept whole or not at all ([`Store::keep`]), and is on the disk when that returns:
//! acknowledge after it, never before.

use ::interaction::conversation::PartKind;

use crate::interaction::{
    EventRecord, InteractionRecord, MemberRecord, PlaceRecord, insert_interaction, insert_member,
    put_event,
};
use crate::message::{MessageRecord, insert_message};
use crate::names::Named as _;
use crate::write::Write;
use crate::{OutgoingRecord, Store, StoreError, channel, help};

/// Somebody left a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftRecord {
    /// Who.
    pub user: u64,
    /// Which part.
    pub part: PartKind,
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

impl Store {
    /// Keeps a new conversation with what has happened in it so far.
    pub async fn open_interaction(
        &self,
        record: &InteractionRecord,
        change: &InteractionChange,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        insert_interaction(&mut transaction, record).await?;
        write_change(&mut transaction, &record.id, change).await?;
        transaction.commit().await?;
        self.indexing.notify_one();
        Ok(())
    }

    /// Keeps a change, whole or not at all. [`Kept::There`]: a message of this author and
    /// client id was there. [`StoreError::Taken`] when another writer was faster with a position.
    pub async fn keep(&self, id: &str, change: &InteractionChange) -> Result<Kept, StoreError> {
        let mut transaction = self.begin().await?;
        let written = write_change(&mut transaction, id, change).await;
        let Err(error) = written else {
            transaction.commit().await?;
            if change.message.is_some() {
                self.indexing.notify_one();
            }
            return Ok(Kept::Done);
        };
        let error = transaction.abandon(error).await;
        if let (Some(message), StoreError::Taken(_)) = (&change.message, &error)
            && let Some(there) = self.position_of(id, message.author, &message.client_id).await?
        {
            return Ok(Kept::There(there));
        }
        Err(error)
    }
}

/// Writes first and reads never: SQLite then waits for the other writer instead of giving up.
async fn write_change(
    transaction: &mut Write,
    id: &str,
    change: &InteractionChange,
) -> Result<(), StoreError> {
    for event in &change.events {
        if !put_event(transaction, id, event).await? {
            return Err(StoreError::Taken("event position"));
        }
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

async fn leave(transaction: &mut Write, id: &str, left: &LeftRecord) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE interaction_members SET left_event = $1, left_message = $2, left_at = $3 \
         WHERE interaction_id = $4 AND user_id = $5 AND part = $6",
    )
    .bind(left.place.event.cast_signed())
    .bind(left.place.message.cast_signed())
    .bind(left.place.at.cast_signed())
    .bind(id)
    .bind(left.user.cast_signed())
    .bind(left.part.stored_name())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
