//! Queues and their settings.

use sqlx::Row;

use super::one;
use crate::audit::Act;
use crate::ids::StoredId as _;
use crate::row::unsigned;
use crate::settings::{put_settings, queue_settings};
use crate::team::queue;
use crate::wrap_up::{codes, joined};
use crate::{Queue, QueueId, QueueSettings, Store, StoreError, TeamId};

/// A queue as an administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRecord {
    /// The queue.
    pub queue: Queue,
    /// Its settings.
    pub settings: QueueSettings,
    /// What its calls and conversations are wrapped up with; none: what every queue has.
    pub wrap_up_codes: Vec<String>,
    /// When it is open, as JSON of the server's; empty: always.
    pub opening_hours: String,
    /// Counts its changes.
    pub revision: u64,
}

/// What a queue is to be. Its key is chosen once, because calls and records name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueChange {
    /// The name shown.
    pub name: String,
    /// The owning team.
    pub team: TeamId,
    /// Guests may come.
    pub open_to_guests: bool,
    /// Its settings.
    pub settings: QueueSettings,
    /// See [`QueueRecord::wrap_up_codes`].
    pub wrap_up_codes: Vec<String>,
    /// See [`QueueRecord::opening_hours`].
    pub opening_hours: String,
}

impl Store {
    /// All queues with their settings, by name.
    pub async fn queue_records(&self) -> Result<Vec<QueueRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, key, name, team_id, open_to_guests, revision, delivery, private_chat, \
             help, mood, transcript_download, tell_place, goal_percent, goal_seconds, \
             sign_dead_air_s, sign_talk_over_percent, sign_hold_s, sign_help_s, wrap_up_codes, \
             opening_hours FROM queues \
             LEFT JOIN queue_settings ON queue_settings.queue_id = queues.id ORDER BY name, key",
        )
        .fetch_all(&self.reads)
        .await?;
        let record = |row: &sqlx::any::AnyRow| {
            let is_set = row.try_get::<Option<String>, _>("delivery")?.is_some();
            let settings = if is_set { queue_settings(row)? } else { QueueSettings::default() };
            Ok(QueueRecord {
                queue: queue(row)?,
                settings,
                wrap_up_codes: codes(row)?,
                opening_hours: row.try_get("opening_hours")?,
                revision: unsigned(row, "revision")?,
            })
        };
        rows.iter().map(record).collect()
    }

    /// Makes a queue.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for its key, [`StoreError::Missing`] for its team.
    pub async fn create_queue(
        &self,
        key: &str,
        queue: &QueueChange,
        act: &Act,
    ) -> Result<QueueId, StoreError> {
        let id = QueueId::random();
        let mut transaction = self.change(act, &id.to_string()).await?;
        sqlx::query(
            "INSERT INTO queues (id, key, name, team_id, open_to_guests, wrap_up_codes, \
             opening_hours) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id.column())
        .bind(key)
        .bind(&queue.name)
        .bind(queue.team.column())
        .bind(i64::from(queue.open_to_guests))
        .bind(joined(&queue.wrap_up_codes))
        .bind(&queue.opening_hours)
        .execute(&mut *transaction)
        .await
        .map_err(|error| StoreError::missing(error, "team").or_taken("key"))?;
        put_settings(&mut transaction, id, &queue.settings).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Changes a queue and its settings.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::Missing`] for its team.
    pub async fn change_queue(
        &self,
        id: QueueId,
        revision: u64,
        queue: &QueueChange,
        act: &Act,
    ) -> Result<(), StoreError> {
        let mut transaction = self.change(act, &id.to_string()).await?;
        let change = sqlx::query(
            "UPDATE queues SET name = $1, team_id = $2, open_to_guests = $3, \
             wrap_up_codes = $4, opening_hours = $5, revision = revision + 1 \
             WHERE id = $6 AND revision = $7",
        )
        .bind(&queue.name)
        .bind(queue.team.column())
        .bind(i64::from(queue.open_to_guests))
        .bind(joined(&queue.wrap_up_codes))
        .bind(&queue.opening_hours)
        .bind(id.column())
        .bind(revision.cast_signed());
        one(&mut transaction, change, "key").await.map_err(|error| error.or_missing("team"))?;
        put_settings(&mut transaction, id, &queue.settings).await?;
        transaction.commit().await?;
        Ok(())
    }
}
