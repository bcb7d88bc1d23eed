//! Settings of queues, and people's skills.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::ids::StoredId as _;
use crate::row::{switch, within};
use crate::write::Write;
use crate::{QueueId, SkillId, Store, StoreError, UserId};

/// How fast a queue's calls are to be answered: the service level, 80/20 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceGoal {
    /// This part of them, percent,
    pub percent: u8,
    /// within this many seconds.
    pub seconds: u32,
}

impl Default for ServiceGoal {
    fn default() -> Self {
        Self { percent: 80, seconds: 20 }
    }
}

/// From where on something is a sign that a call or conversation goes badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignThresholds {
    /// Nobody speaks for so long, seconds.
    pub dead_air_s: u32,
    /// Caller and agent speak at once for this part of the time, percent.
    pub talk_over_percent: u8,
    /// The caller is on hold for so long, seconds.
    pub hold_s: u32,
    /// Nobody takes a help request up for so long, seconds.
    pub help_s: u32,
}

impl Default for SignThresholds {
    fn default() -> Self {
        Self { dead_air_s: 20, talk_over_percent: 25, hold_s: 120, help_s: 60 }
    }
}

/// What a queue has switched on, how agents come to its conversations, and its goal. The default is
/// all of it but the place in the queue, that
/// conversations are offered, and the goal's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueSettings {
    /// Agents pick from a list, instead of being offered one after the other.
    pub pull: bool,
    /// Private messages.
    pub private_chat: bool,
    /// Help requests.
    pub help: bool,
    /// The mood of running conversations on the dashboard.
    pub mood: bool,
    /// The customer may have the external transcript.
    pub transcript_download: bool,
    /// Callers are told their place in the queue.
    pub tell_place: bool,
    /// How fast its calls are to be answered.
    pub goal: ServiceGoal,
    /// What its supervisors are told of.
    pub signs: SignThresholds,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            pull: false,
            private_chat: true,
            help: true,
            mood: true,
            transcript_download: true,
            tell_place: false,
            goal: ServiceGoal::default(),
            signs: SignThresholds::default(),
        }
    }
}

impl Store {
    /// The settings of a queue; the defaults if none were made.
    pub async fn queue_settings(&self, queue: QueueId) -> Result<QueueSettings, StoreError> {
        let row = sqlx::query(
            "SELECT delivery, private_chat, help, mood, transcript_download, tell_place, \
             goal_percent, goal_seconds, sign_dead_air_s, sign_talk_over_percent, sign_hold_s, sign_help_s \
             FROM queue_settings WHERE queue_id = $1",
        )
        .bind(queue.column())
        .fetch_optional(&self.reads)
        .await?;
        row.as_ref().map_or_else(|| Ok(QueueSettings::default()), queue_settings)
    }

    /// Replaces the settings of a queue.
    pub async fn set_queue_settings(
        &self,
        queue: QueueId,
        settings: &QueueSettings,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        put_settings(&mut transaction, queue, settings).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Replaces the skills of a user.
    pub async fn set_skills(&self, user: UserId, skills: &[SkillId]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM user_skills WHERE user_id = $1")
            .bind(user.column())
            .execute(&mut *transaction)
            .await?;
        for skill in skills {
            sqlx::query(
                "INSERT INTO user_skills (skill_id, user_id) VALUES ($1, $2) \
                 ON CONFLICT (skill_id, user_id) DO NOTHING",
            )
            .bind(skill.column())
            .bind(user.column())
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The skills of a user.
    pub async fn skills_of(&self, user: UserId) -> Result<Vec<SkillId>, StoreError> {
        let ids: Vec<i64> = sqlx::query_scalar(
            "SELECT skill_id FROM user_skills WHERE user_id = $1 ORDER BY skill_id",
        )
        .bind(user.column())
        .fetch_all(&self.reads)
        .await?;
        Ok(ids.into_iter().map(SkillId::from_column).collect())
    }
}

pub(crate) async fn put_settings(
    transaction: &mut Write,
    queue: QueueId,
    settings: &QueueSettings,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO queue_settings (queue_id, delivery, private_chat, help, mood, \
         transcript_download, goal_percent, goal_seconds, sign_dead_air_s, sign_talk_over_percent, \
         sign_hold_s, sign_help_s, tell_place) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
         ON CONFLICT (queue_id) DO UPDATE SET delivery = excluded.delivery, \
         private_chat = excluded.private_chat, help = excluded.help, mood = excluded.mood, \
         transcript_download = excluded.transcript_download, \
         goal_percent = excluded.goal_percent, goal_seconds = excluded.goal_seconds, \
         sign_dead_air_s = excluded.sign_dead_air_s, \
         sign_talk_over_percent = excluded.sign_talk_over_percent, \
         sign_hold_s = excluded.sign_hold_s, sign_help_s = excluded.sign_help_s, \
         tell_place = excluded.tell_place",
    )
    .bind(queue.column())
    .bind(if settings.pull { "pull" } else { "push" })
    .bind(i64::from(settings.private_chat))
    .bind(i64::from(settings.help))
    .bind(i64::from(settings.mood))
    .bind(i64::from(settings.transcript_download))
    .bind(i64::from(settings.goal.percent))
    .bind(i64::from(settings.goal.seconds))
    .bind(i64::from(settings.signs.dead_air_s))
    .bind(i64::from(settings.signs.talk_over_percent))
    .bind(i64::from(settings.signs.hold_s))
    .bind(i64::from(settings.signs.help_s))
    .bind(i64::from(settings.tell_place))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(crate) fn queue_settings(row: &AnyRow) -> Result<QueueSettings, StoreError> {
    let delivery: String = row.try_get("delivery")?;
    let pull = match delivery.as_str() {
        "push" => false,
        "pull" => true,
        _ => return Err(StoreError::Unreadable { what: "delivery", value: delivery }),
    };
    Ok(QueueSettings {
        pull,
        private_chat: switch(row, "private_chat")?,
        help: switch(row, "help")?,
        mood: switch(row, "mood")?,
        transcript_download: switch(row, "transcript_download")?,
        tell_place: switch(row, "tell_place")?,
        goal: ServiceGoal {
            percent: within(row, "goal_percent")?,
            seconds: within(row, "goal_seconds")?,
        },
        signs: SignThresholds {
            dead_air_s: within(row, "sign_dead_air_s")?,
            talk_over_percent: within(row, "sign_talk_over_percent")?,
            hold_s: within(row, "sign_hold_s")?,
            help_s: within(row, "sign_help_s")?,
        },
    })
}
