//! Canned replies.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::one;
use crate::audit::Act;
use crate::ids::StoredId as _;
use crate::row::unsigned;
use crate::{QueueId, ReplyId, Store, StoreError};

/// A canned reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyRecord {
    /// Its id.
    pub id: ReplyId,
    /// What it says, and where.
    pub reply: ReplyChange,
    /// Counts its changes.
    pub revision: u64,
}

/// What a canned reply is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyChange {
    /// What agents find it by.
    pub title: String,
    /// The text.
    pub text: String,
    /// Only for conversations of this queue.
    pub queue: Option<QueueId>,
}

impl Store {
    /// All canned replies, by title.
    pub async fn replies(&self) -> Result<Vec<ReplyRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, title, text, queue_id, revision FROM canned_replies ORDER BY title, id",
        )
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(reply).collect()
    }

    /// Makes a canned reply.
    ///
    /// # Errors
    /// [`StoreError::Missing`] for its queue.
    pub async fn create_reply(
        &self,
        reply: &ReplyChange,
        act: &Act,
    ) -> Result<ReplyId, StoreError> {
        let id = ReplyId::random();
        let mut transaction = self.change(act, &id.to_string()).await?;
        sqlx::query(
            "INSERT INTO canned_replies (id, title, text, queue_id) VALUES ($1, $2, $3, $4)",
        )
        .bind(id.column())
        .bind(&reply.title)
        .bind(&reply.text)
        .bind(reply.queue.map(QueueId::column))
        .execute(&mut *transaction)
        .await
        .map_err(|error| StoreError::missing(error, "queue"))?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Changes a canned reply.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::Missing`] for its queue.
    pub async fn change_reply(
        &self,
        id: ReplyId,
        revision: u64,
        reply: &ReplyChange,
        act: &Act,
    ) -> Result<(), StoreError> {
        let mut transaction = self.change(act, &id.to_string()).await?;
        let change = sqlx::query(
            "UPDATE canned_replies SET title = $1, text = $2, queue_id = $3, \
             revision = revision + 1 WHERE id = $4 AND revision = $5",
        )
        .bind(&reply.title)
        .bind(&reply.text)
        .bind(reply.queue.map(QueueId::column))
        .bind(id.column())
        .bind(revision.cast_signed());
        one(&mut transaction, change, "title").await.map_err(|error| error.or_missing("queue"))?;
        transaction.commit().await?;
        Ok(())
    }

    /// Deletes a canned reply.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn delete_reply(
        &self,
        id: ReplyId,
        revision: u64,
        act: &Act,
    ) -> Result<(), StoreError> {
        let mut transaction = self.change(act, &id.to_string()).await?;
        let delete = sqlx::query("DELETE FROM canned_replies WHERE id = $1 AND revision = $2")
            .bind(id.column())
            .bind(revision.cast_signed());
        one(&mut transaction, delete, "title").await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn reply(row: &AnyRow) -> Result<ReplyRecord, StoreError> {
    Ok(ReplyRecord {
        id: ReplyId::from_column(row.try_get("id")?),
        reply: ReplyChange {
            title: row.try_get("title")?,
            text: row.try_get("text")?,
            queue: row.try_get::<Option<i64>, _>("queue_id")?.map(QueueId::from_column),
        },
        revision: unsigned(row, "revision")?,
    })
}
