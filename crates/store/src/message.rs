//! Messages of conversations, and what is attached to them.
//!
//! A customer's pages come from [`Store::public_messages`], which knows no private row and numbers
//! by the public position alone.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::row::{optional, page, unsigned};
use crate::write::Write;
use crate::{Store, StoreError, indexer};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Its place among all, from 1.
    pub position: u64,
    /// Its place among the public ones, from 1; `None`: it is private.
    pub public_position: Option<u64>,
    /// When, Unix ms.
    pub at: u64,
    /// Who wrote it.
    pub author: u64,
    /// The author's name at that time.
    pub author_name: String,
    /// The author's own id for it; unique for the author within the conversation.
    pub client_id: String,
    /// What it says.
    pub text: String,
}

/// Something that was uploaded. The bytes are elsewhere, under the id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentRecord {
    /// Its id.
    pub id: u64,
    /// The interaction that it was uploaded to.
    pub interaction: String,
    /// Who uploaded it.
    pub owner: u64,
    /// The message that it is in; `None`: not sent yet.
    pub position: Option<u64>,
    /// Its name, as its owner called it.
    pub name: String,
    /// Its media type, as found in its content.
    pub media_type: String,
    /// Its size.
    pub size_bytes: u64,
    /// The SHA-256 of its content, in hex.
    pub sha256: String,
    /// When it was uploaded, Unix ms.
    pub uploaded_at: u64,
}

/// What is attached to an interaction: counted apart, so that nobody is refused for what they must
/// not know of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttachmentUse {
    /// Attachments of public messages.
    pub public: u64,
    /// Their bytes.
    pub public_bytes: u64,
    /// Attachments of private messages.
    pub private: u64,
    /// Their bytes.
    pub private_bytes: u64,
    /// One owner's uploads in no message yet.
    pub unsent: u64,
    /// Their bytes.
    pub unsent_bytes: u64,
    /// Bytes that the owner has uploaded lately, to whatever interaction.
    pub recent_bytes: u64,
}

/// Bytes of all attachments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttachmentTotals {
    /// Uploaded by customers, to their own interactions.
    pub customers_bytes: u64,
    /// Uploaded by staff.
    pub staff_bytes: u64,
}

impl Store {
    /// A page of all messages: the newest ones before position `before` (`None`: of all), in
    /// rising order. For staff.
    pub async fn messages(
        &self,
        interaction: &str,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT position, public_position, at, author, author_name, client_id, text \
             FROM messages WHERE interaction_id = $1 AND position < $2 \
             ORDER BY position DESC LIMIT $3",
        )
        .bind(interaction)
        .bind(before.map_or(i64::MAX, u64::cast_signed))
        .bind(page(limit))
        .fetch_all(&self.reads)
        .await?;
        rows.iter().rev().map(message).collect()
    }

    /// A page of the public messages: the newest ones before public position `before`, in rising
    /// order. For customers; `position` repeats the public one, so that nothing counts the others.
    pub async fn public_messages(
        &self,
        interaction: &str,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT public_position AS position, public_position, at, author, author_name, \
             client_id, text FROM messages \
             WHERE interaction_id = $1 AND public_position IS NOT NULL AND public_position < $2 \
             ORDER BY public_position DESC LIMIT $3",
        )
        .bind(interaction)
        .bind(before.map_or(i64::MAX, u64::cast_signed))
        .bind(page(limit))
        .fetch_all(&self.reads)
        .await?;
        rows.iter().rev().map(message).collect()
    }

    /// Keeps what is known of an upload.
    pub async fn add_attachment(&self, attachment: &AttachmentRecord) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO attachments (id, interaction_id, owner, name, media_type, size_bytes, \
             sha256, uploaded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(attachment.id.cast_signed())
        .bind(&attachment.interaction)
        .bind(attachment.owner.cast_signed())
        .bind(&attachment.name)
        .bind(&attachment.media_type)
        .bind(attachment.size_bytes.cast_signed())
        .bind(&attachment.sha256)
        .bind(attachment.uploaded_at.cast_signed());
        self.execute(insert).await.map_err(|error| error.or_taken("attachment id"))?;
        Ok(())
    }

    /// What is attached to an interaction and, since `since` (Unix ms), what its owner has uploaded
    /// anywhere.
    pub async fn attachment_use(
        &self,
        interaction: &str,
        owner: u64,
        since: u64,
    ) -> Result<AttachmentUse, StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(messages.public_position) AS public, \
             COUNT(messages.position) - COUNT(messages.public_position) AS private, \
             COUNT(CASE WHEN attachments.position IS NULL AND owner = $2 THEN 1 END) AS unsent, \
             CAST(COALESCE(SUM(CASE WHEN public_position IS NOT NULL THEN size_bytes END), 0) \
             AS BIGINT) AS public_bytes, \
             CAST(COALESCE(SUM(CASE WHEN messages.position IS NOT NULL \
             AND public_position IS NULL THEN size_bytes END), 0) AS BIGINT) AS private_bytes, \
             CAST(COALESCE(SUM(CASE WHEN attachments.position IS NULL AND owner = $2 \
             THEN size_bytes END), 0) AS BIGINT) AS unsent_bytes, \
             (SELECT CAST(COALESCE(SUM(recent.size_bytes), 0) AS BIGINT) \
             FROM attachments AS recent WHERE recent.owner = $2 AND recent.uploaded_at >= $3) \
             AS recent_bytes \
             FROM attachments LEFT JOIN messages \
             ON messages.interaction_id = attachments.interaction_id \
             AND messages.position = attachments.position \
             WHERE attachments.interaction_id = $1",
        )
        .bind(interaction)
        .bind(owner.cast_signed())
        .bind(since.cast_signed())
        .fetch_one(&self.reads)
        .await?;
        Ok(AttachmentUse {
            public: unsigned(&row, "public")?,
            public_bytes: unsigned(&row, "public_bytes")?,
            private: unsigned(&row, "private")?,
            private_bytes: unsigned(&row, "private_bytes")?,
            unsent: unsigned(&row, "unsent")?,
            unsent_bytes: unsigned(&row, "unsent_bytes")?,
            recent_bytes: unsigned(&row, "recent_bytes")?,
        })
    }

    /// Bytes of all attachments.
    pub async fn attachment_totals(&self) -> Result<AttachmentTotals, StoreError> {
        let row = sqlx::query(
            "SELECT CAST(COALESCE(SUM(CASE WHEN owner = requester_id THEN size_bytes END), 0) \
             AS BIGINT) AS customers_bytes, \
             CAST(COALESCE(SUM(CASE WHEN owner <> requester_id THEN size_bytes END), 0) \
             AS BIGINT) AS staff_bytes \
             FROM attachments JOIN interactions ON interactions.id = attachments.interaction_id",
        )
        .fetch_one(&self.reads)
        .await?;
        Ok(AttachmentTotals {
            customers_bytes: unsigned(&row, "customers_bytes")?,
            staff_bytes: unsigned(&row, "staff_bytes")?,
        })
    }

    /// What is known of an upload.
    pub async fn attachment(&self, id: u64) -> Result<Option<AttachmentRecord>, StoreError> {
        let row = sqlx::query(
            "SELECT id, interaction_id, owner, position, name, media_type, size_bytes, sha256, \
             uploaded_at FROM attachments WHERE id = $1",
        )
        .bind(id.cast_signed())
        .fetch_optional(&self.reads)
        .await?;
        row.as_ref().map(attachment).transpose()
    }

    /// The attachments of an interaction's messages with positions from `from` to `to`.
    pub async fn attachments_of(
        &self,
        interaction: &str,
        from: u64,
        to: u64,
    ) -> Result<Vec<AttachmentRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, interaction_id, owner, position, name, media_type, size_bytes, sha256, \
             uploaded_at FROM attachments \
             WHERE interaction_id = $1 AND position >= $2 AND position <= $3 \
             ORDER BY position, place, uploaded_at, id",
        )
        .bind(interaction)
        .bind(from.cast_signed())
        .bind(to.cast_signed())
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(attachment).collect()
    }

    /// The attachments of an interaction's public messages with public positions from `from` to
    /// `to`. For customers; `position` is the public one.
    pub async fn public_attachments_of(
        &self,
        interaction: &str,
        from: u64,
        to: u64,
    ) -> Result<Vec<AttachmentRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT attachments.id, attachments.interaction_id, owner, \
             public_position AS position, name, media_type, size_bytes, sha256, uploaded_at \
             FROM attachments JOIN messages \
             ON messages.interaction_id = attachments.interaction_id \
             AND messages.position = attachments.position \
             WHERE attachments.interaction_id = $1 \
             AND public_position >= $2 AND public_position <= $3 \
             ORDER BY public_position, place, uploaded_at, attachments.id",
        )
        .bind(interaction)
        .bind(from.cast_signed())
        .bind(to.cast_signed())
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(attachment).collect()
    }

    /// Uploads before `until` (Unix ms) that no message has.
    pub async fn unsent_attachments(&self, until: u64) -> Result<Vec<u64>, StoreError> {
        let ids: Vec<i64> = sqlx::query_scalar(
            "SELECT id FROM attachments WHERE position IS NULL AND uploaded_at < $1",
        )
        .bind(until.cast_signed())
        .fetch_all(&self.reads)
        .await?;
        Ok(ids.into_iter().map(i64::cast_unsigned).collect())
    }

    /// Uploads before `until` (Unix ms) that no message has: forgets them and says which.
    pub async fn prune_attachments(&self, until: u64) -> Result<Vec<u64>, StoreError> {
        let mut transaction = self.begin().await?;
        let ids: Vec<i64> = sqlx::query_scalar(
            "DELETE FROM attachments WHERE position IS NULL AND uploaded_at < $1 RETURNING id",
        )
        .bind(until.cast_signed())
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(ids.into_iter().map(i64::cast_unsigned).collect())
    }

    /// Keeps one of the two transcripts; a second one of the same kind replaces it.
    pub async fn keep_transcript(
        &self,
        interaction: &str,
        transcript: &TranscriptRecord,
    ) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO transcripts (interaction_id, kind, text, json, made_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (interaction_id, kind) DO UPDATE \
             SET text = excluded.text, json = excluded.json, made_at = excluded.made_at",
        )
        .bind(interaction)
        .bind(&transcript.kind)
        .bind(&transcript.text)
        .bind(&transcript.json)
        .bind(transcript.made_at.cast_signed());
        self.execute(insert).await?;
        Ok(())
    }

    /// The transcript of this kind, if it was made.
    pub async fn transcript(
        &self,
        interaction: &str,
        kind: &str,
    ) -> Result<Option<TranscriptRecord>, StoreError> {
        let row = sqlx::query(
            "SELECT kind, text, json, made_at FROM transcripts \
             WHERE interaction_id = $1 AND kind = $2",
        )
        .bind(interaction)
        .bind(kind)
        .fetch_optional(&self.reads)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(TranscriptRecord {
            kind: row.try_get("kind")?,
            text: row.try_get("text")?,
            json: row.try_get("json")?,
            made_at: unsigned(&row, "made_at")?,
        }))
    }

    /// Where the author's message with this id stands.
    pub(crate) async fn position_of(
        &self,
        interaction: &str,
        author: u64,
        client_id: &str,
    ) -> Result<Option<u64>, StoreError> {
        let position: Option<i64> = sqlx::query_scalar(
            "SELECT position FROM messages \
             WHERE interaction_id = $1 AND author = $2 AND client_id = $3",
        )
        .bind(interaction)
        .bind(author.cast_signed())
        .bind(client_id)
        .fetch_optional(&self.reads)
        .await?;
        Ok(position.map(i64::cast_unsigned))
    }
}

/// One of the two transcripts of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptRecord {
    /// `external` or `internal`.
    pub kind: String,
    /// As text.
    pub text: String,
    /// As JSON.
    pub json: String,
    /// When it was made, Unix ms.
    pub made_at: u64,
}

pub(crate) async fn insert_message(
    transaction: &mut Write,
    interaction: &str,
    message: &MessageRecord,
    attachments: &[u64],
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO messages (interaction_id, position, public_position, at, author, \
         author_name, client_id, text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(interaction)
    .bind(message.position.cast_signed())
    .bind(message.public_position.map(u64::cast_signed))
    .bind(message.at.cast_signed())
    .bind(message.author.cast_signed())
    .bind(&message.author_name)
    .bind(&message.client_id)
    .bind(&message.text)
    .execute(&mut **transaction)
    .await
    .map_err(|error| StoreError::taken(error, "message position"))?;
    for (place, id) in (0_i64..).zip(attachments) {
        let taken = sqlx::query(
            "UPDATE attachments SET position = $1, place = $5 WHERE id = $2 \
             AND interaction_id = $3 AND owner = $4 AND position IS NULL",
        )
        .bind(message.position.cast_signed())
        .bind(id.cast_signed())
        .bind(interaction)
        .bind(message.author.cast_signed())
        .bind(place)
        .execute(&mut **transaction)
        .await?;
        if taken.rows_affected() != 1 {
            return Err(StoreError::Missing("attachment"));
        }
    }
    if message.text.is_empty() {
        return Ok(());
    }
    indexer::note(transaction, interaction, message.position).await
}

pub(crate) fn message(row: &AnyRow) -> Result<MessageRecord, StoreError> {
    Ok(MessageRecord {
        position: unsigned(row, "position")?,
        public_position: optional(row, "public_position")?,
        at: unsigned(row, "at")?,
        author: unsigned(row, "author")?,
        author_name: row.try_get("author_name")?,
        client_id: row.try_get("client_id")?,
        text: row.try_get("text")?,
    })
}

fn attachment(row: &AnyRow) -> Result<AttachmentRecord, StoreError> {
    Ok(AttachmentRecord {
        id: unsigned(row, "id")?,
        interaction: row.try_get("interaction_id")?,
        owner: unsigned(row, "owner")?,
        position: optional(row, "position")?,
        name: row.try_get("name")?,
        media_type: row.try_get("media_type")?,
        size_bytes: unsigned(row, "size_bytes")?,
        sha256: row.try_get("sha256")?,
        uploaded_at: unsigned(row, "uploaded_at")?,
    })
}
