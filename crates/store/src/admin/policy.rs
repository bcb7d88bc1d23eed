//! Choices for the whole centre, and who may whisper in text.

use super::one;
use crate::audit::Act;
use crate::ids::StoredId as _;
use crate::row::{switch, unsigned};
use crate::{SkillId, Store, StoreError};

/// Who may whisper in text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhisperRuleRecord {
    /// Agents may.
    pub agents: bool,
    /// Colleagues who were tagged in may.
    pub colleagues: bool,
    /// Supervisors with the permission may.
    pub supervisors: bool,
    /// One of these is needed; empty: none.
    pub skills: Vec<SkillId>,
}

impl Store {
    /// The choices of this name, as the server's JSON, and how often they were changed; `None`:
    /// never.
    pub async fn centre_setting(&self, name: &str) -> Result<Option<(String, u64)>, StoreError> {
        let row: Option<(String, i64)> =
            sqlx::query_as("SELECT value, revision FROM centre_settings WHERE name = $1")
                .bind(name)
                .fetch_optional(&self.reads)
                .await?;
        Ok(row.map(|(value, revision)| (value, revision.cast_unsigned())))
    }

    /// Replaces the choices of this name; `revision` 0: there were none.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn set_centre_setting(
        &self,
        name: &str,
        revision: u64,
        value: &str,
        act: &Act,
    ) -> Result<(), StoreError> {
        let mut transaction = self.change(act, name).await?;
        let change = match revision {
            0 => sqlx::query(
                "INSERT INTO centre_settings (name, value, revision) VALUES ($1, $2, $3 + 1) \
                 ON CONFLICT (name) DO NOTHING",
            ),
            _ => sqlx::query(
                "UPDATE centre_settings SET value = $2, revision = revision + 1 \
                 WHERE name = $1 AND revision = $3",
            ),
        };
        let change = change.bind(name).bind(value).bind(revision.cast_signed());
        one(&mut transaction, change, "name").await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Who may whisper in text, and the rule's revision.
    pub async fn whisper_rule(&self) -> Result<(WhisperRuleRecord, u64), StoreError> {
        let row = sqlx::query(
            "SELECT agents, colleagues, supervisors, revision FROM whisper_rules WHERE id = 1",
        )
        .fetch_one(&self.reads)
        .await?;
        let skills: Vec<i64> =
            sqlx::query_scalar("SELECT skill_id FROM whisper_skills ORDER BY skill_id")
                .fetch_all(&self.reads)
                .await?;
        let rule = WhisperRuleRecord {
            agents: switch(&row, "agents")?,
            colleagues: switch(&row, "colleagues")?,
            supervisors: switch(&row, "supervisors")?,
            skills: skills.into_iter().map(SkillId::from_column).collect(),
        };
        let revision = unsigned(&row, "revision")?;
        Ok((rule, revision))
    }

    /// Replaces who may whisper in text.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::Missing`] for a skill.
    pub async fn set_whisper_rule(
        &self,
        revision: u64,
        rule: &WhisperRuleRecord,
        act: &Act,
    ) -> Result<(), StoreError> {
        let mut transaction = self.change(act, "whisper_rule").await?;
        let change = sqlx::query(
            "UPDATE whisper_rules SET agents = $1, colleagues = $2, supervisors = $3, \
             revision = revision + 1 WHERE id = 1 AND revision = $4",
        )
        .bind(i64::from(rule.agents))
        .bind(i64::from(rule.colleagues))
        .bind(i64::from(rule.supervisors))
        .bind(revision.cast_signed());
        one(&mut transaction, change, "rule").await?;
        sqlx::query("DELETE FROM whisper_skills").execute(&mut *transaction).await?;
        for skill in &rule.skills {
            sqlx::query("INSERT INTO whisper_skills (skill_id) VALUES ($1)")
                .bind(skill.column())
                .execute(&mut *transaction)
                .await
                .map_err(|error| StoreError::missing(error, "skill"))?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
