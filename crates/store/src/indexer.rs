//! Puts the words of messages into the index, after the message was answered.
//!
//! A message is noted in `search_pending` in its own transaction, and taken out in that of its words:
//! what a former server did not come to is caught up, and nothing is forgotten. The queue is that
//! table, so it is bounded by the messages; in memory there is one batch.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use sqlx::Row;

use crate::row::{optional, unsigned};
use crate::words::{IN_A_NOTE, TERMS_PER_TEXT_MAX, index_terms, terms};
use crate::write::Write;
use crate::{Store, StoreError};

/// Messages of one batch.
const BATCH_MESSAGES: u32 = 16;
/// Words of one batch, more or less: a batch is one transaction, which others wait for.
const BATCH_TERMS: usize = 1_000;
/// Between two batches, so that others get to write.
const PAUSE: Duration = Duration::from_millis(10);
/// How long until the database is asked again that failed.
const RETRY: Duration = Duration::from_secs(5);
/// Words of one author that are indexed within a minute; of more, the rest is not found by search.
/// A person who writes without a pause writes a third of it.
pub const TERMS_PER_AUTHOR_PER_MINUTE: u32 = 3_000;
/// Authors that are remembered before those who have rested are forgotten.
const AUTHORS_KEPT: usize = 4_096;

/// What authors may still have indexed: full again at this moment (the generic cell rate algorithm,
/// ITU-T I.371).
#[derive(Debug, Default)]
struct Budgets {
    full_at: HashMap<u64, Instant>,
}

/// A message whose words are to be indexed; of a database of a former version also what stands
/// beside the messages.
struct Pending {
    interaction: String,
    /// Its place, [`IN_NO_MESSAGE`](crate::words::IN_NO_MESSAGE) or [`IN_A_NOTE`].
    position: u64,
    private: bool,
    author: u64,
    text: String,
    /// It was in the index of a former version, and its author's budget has been asked then.
    again: bool,
}

impl Store {
    /// Indexes what is and will be written, for as long as it is polled.
    pub async fn keep_indexed(self) {
        let mut budgets = Budgets::default();
        loop {
            match self.index_batch(&mut budgets).await {
                Ok(0) => self.indexing.notified().await,
                Ok(_) => tokio::time::sleep(PAUSE).await,
                Err(error) => {
                    tracing::error!(%error, "messages could not be indexed yet");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// Messages whose words are not in the index yet.
    pub async fn unindexed(&self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM search_pending")
            .fetch_one(&self.reads)
            .await?;
        Ok(count.cast_unsigned())
    }

    /// Indexes a few messages; how many.
    async fn index_batch(&self, budgets: &mut Budgets) -> Result<usize, StoreError> {
        let batch = self.pending().await?;
        if batch.is_empty() {
            return Ok(0);
        }
        let (mut done, mut words) = (0, 0);
        let mut transaction = self.begin().await?;
        for message in &batch {
            if words >= BATCH_TERMS {
                break;
            }
            let found = terms(&message.text, TERMS_PER_TEXT_MAX);
            let granted = match message.again {
                true => found.len(),
                false => budgets.take(message.author, found.len(), Instant::now()),
            };
            index_terms(
                &mut transaction,
                &message.interaction,
                &found[..granted],
                message.private,
                message.position,
            )
            .await?;
            forget(&mut transaction, message).await?;
            words += granted;
            done += 1;
        }
        transaction.commit().await?;
        Ok(done)
    }

    async fn pending(&self) -> Result<Vec<Pending>, StoreError> {
        // Notes are few, and read by themselves.
        let rows = sqlx::query(
            "SELECT search_pending.interaction_id, search_pending.position, public_position, \
             author, text, again FROM search_pending JOIN messages \
             ON messages.interaction_id = search_pending.interaction_id \
             AND messages.position = search_pending.position \
             UNION ALL SELECT interaction_id, position, CAST(0 AS BIGINT), requester_id, \
             requester_name || ' ' || COALESCE(subject, ''), again \
             FROM search_pending JOIN interactions ON id = interaction_id WHERE position = 0 \
             UNION ALL SELECT interaction_id, position, NULL, CAST(0 AS BIGINT), '', again \
             FROM search_pending WHERE position = $1 ORDER BY 1, 2 LIMIT $2",
        )
        .bind(IN_A_NOTE.cast_signed())
        .bind(i64::from(BATCH_MESSAGES))
        .fetch_all(&self.reads)
        .await?;
        let mut batch = Vec::new();
        for row in &rows {
            let mut pending = Pending {
                interaction: row.try_get("interaction_id")?,
                position: unsigned(row, "position")?,
                private: optional(row, "public_position")?.is_none(),
                author: unsigned(row, "author")?,
                text: row.try_get("text")?,
                again: unsigned(row, "again")? > 0,
            };
            if pending.position == IN_A_NOTE {
                let notes = self.notes_of(&pending.interaction).await?;
                let notes: Vec<_> = notes.into_iter().map(|note| note.text).collect();
                pending.text = notes.join("\n");
            }
            batch.push(pending);
        }
        Ok(batch)
    }
}

/// Notes that a message's words are to be indexed.
pub(crate) async fn note(
    transaction: &mut Write,
    interaction: &str,
    position: u64,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO search_pending (interaction_id, position) VALUES ($1, $2)")
        .bind(interaction)
        .bind(position.cast_signed())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn forget(transaction: &mut Write, message: &Pending) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM search_pending WHERE interaction_id = $1 AND position = $2")
        .bind(&message.interaction)
        .bind(message.position.cast_signed())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

impl Budgets {
    /// How many of `wanted` words of the author's may be indexed now.
    fn take(&mut self, author: u64, wanted: usize, now: Instant) -> usize {
        if self.full_at.len() >= AUTHORS_KEPT {
            self.full_at.retain(|_, full_at| *full_at > now);
        }
        let minute = Duration::from_secs(60);
        let each = minute / TERMS_PER_AUTHOR_PER_MINUTE;
        let full_at = self.full_at.entry(author).or_insert(now);
        let used = full_at.saturating_duration_since(now);
        let left = minute.saturating_sub(used).as_nanos() / each.as_nanos();
        let granted = wanted.min(usize::try_from(left).unwrap_or(usize::MAX));
        *full_at = (*full_at).max(now) + each * u32::try_from(granted).unwrap_or(u32::MAX);
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_has_so_many_words_a_minute() {
        let (mut budgets, now) = (Budgets::default(), Instant::now());
        let all = TERMS_PER_AUTHOR_PER_MINUTE as usize;
        assert_eq!(budgets.take(1, all - 10, now), all - 10);
        assert_eq!(budgets.take(1, 500, now), 10);
        assert_eq!(budgets.take(1, 500, now), 0);
        assert_eq!(budgets.take(2, 500, now), 500, "each has their own");
        assert_eq!(budgets.take(1, 500, now + Duration::from_secs(2)), 100);
        assert_eq!(budgets.take(1, all, now + Duration::from_secs(62)), all);
    }

    #[test]
    fn who_has_rested_is_forgotten() {
        let (mut budgets, now) = (Budgets::default(), Instant::now());
        for author in 0..AUTHORS_KEPT as u64 {
            budgets.take(author, 1, now);
        }
        budgets.take(u64::MAX, 1, now + Duration::from_secs(1));
        assert_eq!(budgets.full_at.len(), 1);
    }
}
