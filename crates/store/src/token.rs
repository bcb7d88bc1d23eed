//! Tokens that were signed out before their time.

use crate::{Store, StoreError};

impl Store {
    /// Notes that these tokens are no longer valid, all of them or none; with each comes until when
    /// it matters, Unix ms.
    pub async fn revoke_tokens(&self, tokens: &[(String, u64)]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for (token_id, expires_at) in tokens {
            sqlx::query(
                "INSERT INTO revoked_tokens (token_id, expires_at) VALUES ($1, $2) \
                 ON CONFLICT (token_id) DO NOTHING",
            )
            .bind(token_id)
            .bind(expires_at.cast_signed())
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Every revoked token and when it would have expired, Unix ms.
    pub async fn revoked_tokens(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT token_id, expires_at FROM revoked_tokens")
                .fetch_all(&self.reads)
                .await?;
        Ok(rows.into_iter().map(|(id, at)| (id, at.cast_unsigned())).collect())
    }

    /// Forgets revoked tokens that have expired by `now` (Unix ms).
    pub async fn prune_revoked_tokens(&self, now: u64) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM revoked_tokens WHERE expires_at <= $1")
            .bind(now.cast_signed());
        self.execute(delete).await?;
        Ok(())
    }
}
