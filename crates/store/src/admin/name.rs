//! Teams and skills, as far as they are a name with a revision: one shape, a table each.

use super::one;
use crate::audit::Act;
use crate::ids::StoredId as _;
use crate::{SkillId, Store, StoreError, TeamId};

/// A team or a skill as an administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRecord<Id> {
    /// Its id.
    pub id: Id,
    /// Its name; unique.
    pub name: String,
    /// Counts its changes.
    pub revision: u64,
}

/// A macro, because sqlx takes only SQL that is written out.
macro_rules! names {
    ($table:literal, $Id:ident, $all:ident, $ensure:ident, $create:ident, $rename:ident) => {
        impl Store {
            #[doc = concat!("All ", $table, ", by name.")]
            pub async fn $all(&self) -> Result<Vec<NameRecord<$Id>>, StoreError> {
                let select = concat!("SELECT id, name, revision FROM ", $table, " ORDER BY name");
                let rows: Vec<(i64, String, i64)> =
                    sqlx::query_as(select).fetch_all(&self.reads).await?;
                let record = |(id, name, revision): (i64, String, i64)| NameRecord {
                    id: $Id::from_column(id),
                    name,
                    revision: revision.cast_unsigned(),
                };
                Ok(rows.into_iter().map(record).collect())
            }

            #[doc = concat!("The one of the ", $table, " with this name; made if there is none.")]
            pub async fn $ensure(&self, name: &str) -> Result<$Id, StoreError> {
                let insert = concat!(
                    "INSERT INTO ",
                    $table,
                    " (id, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"
                );
                let insert = sqlx::query(insert).bind($Id::random().column()).bind(name);
                self.execute(insert).await?;
                let id = sqlx::query_scalar(concat!("SELECT id FROM ", $table, " WHERE name = $1"))
                    .bind(name)
                    .fetch_one(&self.reads)
                    .await?;
                Ok($Id::from_column(id))
            }

            #[doc = concat!("Makes one of the ", $table, ".")]
            ///
            /// # Errors
            /// [`StoreError::Taken`] for its name.
            pub async fn $create(&self, name: &str, act: &Act) -> Result<$Id, StoreError> {
                let id = $Id::random();
                let mut transaction = self.change(act, &id.to_string()).await?;
                sqlx::query(concat!("INSERT INTO ", $table, " (id, name) VALUES ($1, $2)"))
                    .bind(id.column())
                    .bind(name)
                    .execute(&mut *transaction)
                    .await
                    .map_err(|error| StoreError::taken(error, "name"))?;
                transaction.commit().await?;
                Ok(id)
            }

            #[doc = concat!("Renames one of the ", $table, ".")]
            ///
            /// # Errors
            /// [`StoreError::Stale`], [`StoreError::Taken`] for its name.
            pub async fn $rename(
                &self,
                id: $Id,
                revision: u64,
                name: &str,
                act: &Act,
            ) -> Result<(), StoreError> {
                let mut transaction = self.change(act, &id.to_string()).await?;
                let update = concat!(
                    "UPDATE ",
                    $table,
                    " SET name = $1, revision = revision + 1 WHERE id = $2 AND revision = $3"
                );
                let change =
                    sqlx::query(update).bind(name).bind(id.column()).bind(revision.cast_signed());
                one(&mut transaction, change, "name").await?;
                transaction.commit().await?;
                Ok(())
            }
        }
    };
}

names!("teams", TeamId, teams, ensure_team, create_team, rename_team);
names!("skills", SkillId, skills, ensure_skill, create_skill, rename_skill);

impl Store {
    /// Deletes a team that nobody belongs to and that owns no queue.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::InUse`].
    pub async fn delete_team(
        &self,
        id: TeamId,
        revision: u64,
        act: &Act,
    ) -> Result<(), StoreError> {
        let mut transaction = self.change(act, &id.to_string()).await?;
        let delete = sqlx::query("DELETE FROM teams WHERE id = $1 AND revision = $2")
            .bind(id.column())
            .bind(revision.cast_signed());
        one(&mut transaction, delete, "name").await.map_err(StoreError::or_in_use)?;
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
