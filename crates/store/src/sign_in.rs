//! The sign-ins of accounts that are open: since when, and from where.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::ids::StoredId as _;
use crate::row::unsigned;
use crate::{Store, StoreError, UserId};

/// A sign-in of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInRecord {
    /// Its id: its token's own (`jti`).
    pub id: String,
    /// Whose it is.
    pub user: UserId,
    /// Since when, Unix ms.
    pub since: u64,
    /// Until when its token is good, Unix ms.
    pub expires_at: u64,
    /// The account's generation at that time; another one has ended it.
    pub generation: u64,
    /// From where: an address, or a network.
    pub client: String,
    /// What signed in, as it names itself (RFC 9110 §10.1.5); may be empty.
    pub user_agent: String,
}

impl Store {
    /// Keeps a sign-in that has begun, and forgets those that have expired by then.
    pub async fn keep_sign_in(&self, sign_in: &SignInRecord) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM sign_ins WHERE expires_at <= $1")
            .bind(sign_in.since.cast_signed())
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO sign_ins (id, user_id, since, expires_at, generation, client, user_agent) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&sign_in.id)
        .bind(sign_in.user.column())
        .bind(sign_in.since.cast_signed())
        .bind(sign_in.expires_at.cast_signed())
        .bind(sign_in.generation.cast_signed())
        .bind(&sign_in.client)
        .bind(&sign_in.user_agent)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }

    /// The account's sign-ins that are valid at `now` (Unix ms), the latest first.
    pub async fn sign_ins_of(
        &self,
        user: UserId,
        now: u64,
    ) -> Result<Vec<SignInRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT sign_ins.id, user_id, since, expires_at, sign_ins.generation, client, user_agent \
             FROM sign_ins JOIN users ON users.id = sign_ins.user_id \
             AND users.generation = sign_ins.generation \
             WHERE user_id = $1 AND expires_at > $2 \
             AND sign_ins.id NOT IN (SELECT token_id FROM revoked_tokens) \
             ORDER BY since DESC, sign_ins.id",
        )
        .bind(user.column())
        .bind(now.cast_signed())
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(sign_in).collect()
    }
}

fn sign_in(row: &AnyRow) -> Result<SignInRecord, StoreError> {
    Ok(SignInRecord {
        id: row.try_get("id")?,
        user: UserId::from_column(row.try_get("user_id")?),
        since: unsigned(row, "since")?,
        expires_at: unsigned(row, "expires_at")?,
        generation: unsigned(row, "generation")?,
        client: row.try_get("client")?,
        user_agent: row.try_get("user_agent")?,
    })
}
