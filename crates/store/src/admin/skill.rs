//! Skills.

use super::one;
use crate::audit::Act;
use crate::{Skill, SkillId, Store, StoreError};

/// A skill as an administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillRecord {
    /// The skill.
    pub skill: Skill,
    /// Counts its changes.
    pub revision: u64,
}

impl Store {
    /// All skills, by name.
    pub async fn skill_records(&self) -> Result<Vec<SkillRecord>, StoreError> {
        let rows: Vec<(i64, String, i64)> =
            sqlx::query_as("SELECT id, name, revision FROM skills ORDER BY name")
                .fetch_all(&self.pool)
                .await?;
        let record = |(id, name, revision): (i64, String, i64)| SkillRecord {
            skill: Skill { id: SkillId::from_column(id), name },
            revision: revision.cast_unsigned(),
        };
        Ok(rows.into_iter().map(record).collect())
    }

    /// Makes a skill.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for its name.
    pub async fn create_skill(&self, name: &str, act: &Act) -> Result<SkillId, StoreError> {
        let id = SkillId::random();
        let mut transaction = self.change(act, &id.to_string()).await?;
        sqlx::query("INSERT INTO skills (id, name) VALUES ($1, $2)")
            .bind(id.column())
            .bind(name)
            .execute(&mut *transaction)
            .await
            .map_err(|error| StoreError::taken(error, "name"))?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Renames a skill.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::Taken`] for its name.
    pub async fn rename_skill(
        &self,
        id: SkillId,
        revision: u64,
        name: &str,
        act: &Act,
    ) -> Result<(), StoreError> {
        let mut transaction = self.change(act, &id.to_string()).await?;
        let change = sqlx::query(
            "UPDATE skills SET name = $1, revision = revision + 1 WHERE id = $2 AND revision = $3",
        )
        .bind(name)
        .bind(id.column())
        .bind(revision.cast_signed());
        one(&mut transaction, change, "name").await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Deletes a skill: nobody has it any more.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::InUse`] when the whisper rule names it: without it the
    /// rule might let in more people than before.
    pub async fn delete_skill(
        &self,
        id: SkillId,
        revision: u64,
        act: &Act,
    ) -> Result<(), StoreError> {
        let mut transaction = self.change(act, &id.to_string()).await?;
        sqlx::query("DELETE FROM user_skills WHERE skill_id = $1")
            .bind(id.column())
            .execute(&mut *transaction)
            .await?;
        let delete = sqlx::query("DELETE FROM skills WHERE id = $1 AND revision = $2")
            .bind(id.column())
            .bind(revision.cast_signed());
        one(&mut transaction, delete, "name").await.map_err(StoreError::or_in_use)?;
        transaction.commit().await?;
        Ok(())
    }
}
