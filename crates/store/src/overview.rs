//! What a list shows beside each interaction: who took part, and what help was asked for.

use sqlx::{AssertSqlSafe, Row};

use crate::row::{placeholders, unsigned};
use crate::{HelpRecord, MemberRecord, PAGE_ROWS_MAX, Store, StoreError, help};

impl Store {
    /// Who took part in each of these, with the interaction's id; at most [`PAGE_ROWS_MAX`] ids
    /// are looked at.
    pub async fn members_of_all(
        &self,
        ids: &[&str],
    ) -> Result<Vec<(String, MemberRecord)>, StoreError> {
        let ids = &ids[..ids.len().min(PAGE_ROWS_MAX as usize)];
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let select = format!(
            "SELECT interaction_id, user_id, part, name FROM interaction_members \
             WHERE interaction_id IN ({}) ORDER BY interaction_id, part, user_id",
            placeholders(1, ids.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(select));
        for id in ids {
            query = query.bind(*id);
        }
        query
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(|row| {
                let member = MemberRecord {
                    user: unsigned(row, "user_id")?,
                    part: row.try_get("part")?,
                    name: row.try_get("name")?,
                };
                Ok((row.try_get("interaction_id")?, member))
            })
            .collect()
    }

    /// The help requests of each of these, in order, with the interaction's id; at most
    /// [`PAGE_ROWS_MAX`] ids are looked at.
    pub async fn help_of_all(&self, ids: &[&str]) -> Result<Vec<(String, HelpRecord)>, StoreError> {
        let ids = &ids[..ids.len().min(PAGE_ROWS_MAX as usize)];
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let select = format!(
            "SELECT interaction_id, {} FROM help_requests WHERE interaction_id IN ({}) \
             ORDER BY interaction_id, number",
            help::COLUMNS,
            placeholders(1, ids.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(select));
        for id in ids {
            query = query.bind(*id);
        }
        let rows = query.fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((row.try_get("interaction_id")?, help::record(row)?))).collect()
    }
}
