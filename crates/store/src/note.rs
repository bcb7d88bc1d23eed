//! Notes and wrap-up: what staff write about an interaction, during and after it.

use sqlx::Row;

use crate::ids::row_id;
use crate::row::unsigned;
use crate::{Store, StoreError, words};

/// A note of staff's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteRecord {
    /// `note` or `wrap_up`.
    pub kind: String,
    /// When, Unix ms.
    pub at: u64,
    /// Who.
    pub author: u64,
    /// The author's name at that time.
    pub author_name: String,
    /// The wrap-up code, if one was chosen.
    pub code: Option<String>,
    /// The text.
    pub text: String,
}

impl Store {
    /// Keeps a note. Its words are found by staff who may read private messages.
    pub async fn add_note(&self, interaction: &str, note: &NoteRecord) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO notes (id, interaction_id, kind, at, author, author_name, code, text) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(row_id())
        .bind(interaction)
        .bind(&note.kind)
        .bind(note.at.cast_signed())
        .bind(note.author.cast_signed())
        .bind(&note.author_name)
        .bind(note.code.as_deref())
        .bind(&note.text)
        .execute(&mut *transaction)
        .await?;
        words::index(&mut transaction, interaction, &note.text, true, words::IN_A_NOTE).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The notes of an interaction, in order of time.
    pub async fn notes_of(&self, interaction: &str) -> Result<Vec<NoteRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT kind, at, author, author_name, code, text FROM notes \
             WHERE interaction_id = $1 ORDER BY at, id",
        )
        .bind(interaction)
        .fetch_all(&self.reads)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(NoteRecord {
                    kind: row.try_get("kind")?,
                    at: unsigned(row, "at")?,
                    author: unsigned(row, "author")?,
                    author_name: row.try_get("author_name")?,
                    code: row.try_get("code")?,
                    text: row.try_get("text")?,
                })
            })
            .collect()
    }
}
