//! Chats between two people of the centre.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::ids::StoredId as _;
use crate::row::{optional, page, unsigned};
use crate::{Kept, Store, StoreError, UserId};

/// A chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatRecord {
    /// The id as the API shows it.
    pub id: String,
    /// Who began.
    pub from: UserId,
    /// With whom.
    pub with: UserId,
    /// When, Unix ms.
    pub opened_at: u64,
    /// When it ended, Unix ms.
    pub ended_at: Option<u64>,
    /// Who ended it.
    pub ended_by: Option<u64>,
}

/// A message of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMessageRecord {
    /// Its place, from 1.
    pub position: u64,
    /// When, Unix ms.
    pub at: u64,
    /// Who.
    pub author: u64,
    /// The author's own id for it; unique for the author within the chat.
    pub client_id: String,
    /// What it says.
    pub text: String,
}

impl Store {
    /// Keeps a new chat.
    pub async fn open_chat(&self, chat: &ChatRecord) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO chats (id, from_user, with_user, opened_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(&chat.id)
        .bind(chat.from.column())
        .bind(chat.with.column())
        .bind(chat.opened_at.cast_signed());
        self.execute(insert).await.map_err(|error| error.or_taken("chat id"))?;
        Ok(())
    }

    /// Keeps a message; it is on the disk when this returns. [`Kept::There`]: a retry.
    pub async fn keep_chat_message(
        &self,
        chat: &str,
        message: &ChatMessageRecord,
    ) -> Result<Kept, StoreError> {
        let insert = sqlx::query(
            "INSERT INTO chat_messages (chat_id, position, at, author, client_id, text) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(chat)
        .bind(message.position.cast_signed())
        .bind(message.at.cast_signed())
        .bind(message.author.cast_signed())
        .bind(&message.client_id)
        .bind(&message.text);
        let inserted = self.execute(insert).await;
        let Err(error) = inserted.map_err(|error| error.or_taken("message position")) else {
            return Ok(Kept::Done);
        };
        let there: Option<i64> = sqlx::query_scalar(
            "SELECT position FROM chat_messages \
             WHERE chat_id = $1 AND author = $2 AND client_id = $3",
        )
        .bind(chat)
        .bind(message.author.cast_signed())
        .bind(&message.client_id)
        .fetch_optional(&self.reads)
        .await?;
        there.map(|position| Kept::There(position.cast_unsigned())).ok_or(error)
    }

    /// Keeps how far somebody has read; never goes back.
    pub async fn keep_chat_read(
        &self,
        chat: &str,
        user: UserId,
        up_to: u64,
    ) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO chat_reads (chat_id, user_id, up_to) VALUES ($1, $2, $3) \
             ON CONFLICT (chat_id, user_id) DO UPDATE SET up_to = excluded.up_to \
             WHERE chat_reads.up_to < excluded.up_to",
        )
        .bind(chat)
        .bind(user.column())
        .bind(up_to.cast_signed());
        self.execute(insert).await?;
        Ok(())
    }

    /// Ends a chat; no error when it is over already.
    pub async fn end_chat(&self, chat: &str, by: UserId, at: u64) -> Result<(), StoreError> {
        let update = sqlx::query(
            "UPDATE chats SET ended_at = $1, ended_by = $2 WHERE id = $3 AND ended_at IS NULL",
        )
        .bind(at.cast_signed())
        .bind(by.column())
        .bind(chat);
        self.execute(update).await?;
        Ok(())
    }

    /// The chat, if there is one.
    pub async fn chat(&self, id: &str) -> Result<Option<ChatRecord>, StoreError> {
        let row = sqlx::query(
            "SELECT id, from_user, with_user, opened_at, ended_at, ended_by FROM chats \
             WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(&self.reads)
        .await?;
        row.as_ref().map(chat_from).transpose()
    }

    /// Chats that go on, oldest first: to be taken up again after a restart.
    pub async fn running_chats(&self) -> Result<Vec<ChatRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, from_user, with_user, opened_at, ended_at, ended_by FROM chats \
             WHERE ended_at IS NULL ORDER BY opened_at, id",
        )
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(chat_from).collect()
    }

    /// Chats that ended at or after `since` (Unix ms) with something that the one who did not end
    /// them has not read, oldest first.
    pub async fn unread_chats(&self, since: u64) -> Result<Vec<ChatRecord>, StoreError> {
        // Writing is reading, so what counts is what comes after the reader's own last message.
        let rows = sqlx::query(
            "SELECT id, from_user, with_user, opened_at, ended_at, ended_by FROM chats \
             WHERE ended_at >= $1 AND EXISTS (SELECT 1 FROM chat_messages AS sent \
               WHERE sent.chat_id = chats.id AND sent.author = chats.ended_by \
               AND sent.position > COALESCE((SELECT MAX(own.position) FROM chat_messages AS own \
                 WHERE own.chat_id = chats.id AND own.author <> chats.ended_by), 0) \
               AND sent.position > COALESCE((SELECT MAX(chat_reads.up_to) FROM chat_reads \
                 WHERE chat_reads.chat_id = chats.id AND user_id <> chats.ended_by), 0)) \
             ORDER BY opened_at, id",
        )
        .bind(since.cast_signed())
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(chat_from).collect()
    }

    /// A page of a user's chats, newest first; `before` is the last one's `opened_at` and id.
    pub async fn chats_of(
        &self,
        user: UserId,
        before: Option<(u64, &str)>,
        limit: u32,
    ) -> Result<Vec<ChatRecord>, StoreError> {
        let (at, id) = before.map_or((i64::MAX, ""), |(at, id)| (at.cast_signed(), id));
        let rows = sqlx::query(
            "SELECT id, from_user, with_user, opened_at, ended_at, ended_by FROM chats \
             WHERE (from_user = $1 OR with_user = $1) \
             AND (opened_at < $2 OR (opened_at = $2 AND id < $3)) \
             ORDER BY opened_at DESC, id DESC LIMIT $4",
        )
        .bind(user.column())
        .bind(at)
        .bind(id)
        .bind(page(limit))
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(chat_from).collect()
    }

    /// A page of messages: the newest ones before `before`, in rising order.
    pub async fn chat_messages(
        &self,
        chat: &str,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<ChatMessageRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT position, at, author, client_id, text FROM chat_messages \
             WHERE chat_id = $1 AND position < $2 ORDER BY position DESC LIMIT $3",
        )
        .bind(chat)
        .bind(before.map_or(i64::MAX, u64::cast_signed))
        .bind(page(limit))
        .fetch_all(&self.reads)
        .await?;
        rows.iter()
            .rev()
            .map(|row| {
                Ok(ChatMessageRecord {
                    position: unsigned(row, "position")?,
                    at: unsigned(row, "at")?,
                    author: unsigned(row, "author")?,
                    client_id: row.try_get("client_id")?,
                    text: row.try_get("text")?,
                })
            })
            .collect()
    }

    /// How far each one has read: user and position.
    pub async fn chat_reads(&self, chat: &str) -> Result<Vec<(UserId, u64)>, StoreError> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT user_id, up_to FROM chat_reads WHERE chat_id = $1 ORDER BY user_id",
        )
        .bind(chat)
        .fetch_all(&self.reads)
        .await?;
        let read = |(user, up_to): (i64, i64)| (UserId::from_column(user), up_to.cast_unsigned());
        Ok(rows.into_iter().map(read).collect())
    }
}

fn chat_from(row: &AnyRow) -> Result<ChatRecord, StoreError> {
    Ok(ChatRecord {
        id: row.try_get("id")?,
        from: UserId::from_column(row.try_get("from_user")?),
        with: UserId::from_column(row.try_get("with_user")?),
        opened_at: unsigned(row, "opened_at")?,
        ended_at: optional(row, "ended_at")?,
        ended_by: optional(row, "ended_by")?,
    })
}
