//! Accounts.

pub use interaction::AccountRole as Role;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::ids::StoredId as _;
use crate::{Store, StoreError, UserId, now_ms};

const USER_COLUMNS_BY_ID: &str = "SELECT id, username, name, role, permissions, disabled, \
     generation FROM users WHERE id = $1";
const USER_COLUMNS_BY_NAME: &str = "SELECT id, username, name, role, permissions, disabled, \
     generation, password_hash FROM users WHERE username = $1";
/// Two rows are enough to know that the name is nobody's alone. `LOWER` folds ASCII in both databases.
const USER_COLUMNS_BY_FOLDED_NAME: &str = "SELECT id, username, name, role, permissions, disabled, \
     generation, password_hash FROM users WHERE LOWER(username) = LOWER($1) LIMIT 2";

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The account's id.
    pub id: UserId,
    /// What one signs in with; unique.
    pub username: String,
    /// The name that others see.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The permissions, by name, in alphabetical order.
    pub permissions: Vec<String>,
    /// The account is switched off.
    pub disabled: bool,
    /// Counts how often somebody else has set the password; sign-ins of before are over.
    pub generation: u64,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    /// What one signs in with.
    pub username: &'a str,
    /// The name that others see.
    pub name: &'a str,
    /// The password, in clear; only its hash is kept.
    pub password: &'a str,
    /// The role.
    pub role: Role,
    /// The permissions, by name.
    pub permissions: &'a [&'a str],
}

/// A role by its name in the database.
pub(crate) fn role_named(name: &str) -> Result<Role, StoreError> {
    Role::ALL
        .into_iter()
        .find(|role| role.name() == name)
        .ok_or_else(|| StoreError::Unreadable { what: "role", value: name.to_owned() })
}

impl Store {
    /// Makes an account. [`StoreError::Taken`] when the username is.
    pub async fn create_user(&self, user: NewUser<'_>) -> Result<UserId, StoreError> {
        let hash = self.passwords.hash(user.password).await?;
        let id = UserId::random();
        let insert = sqlx::query(
            "INSERT INTO users (id, username, name, password_hash, role, permissions, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id.column())
        .bind(user.username)
        .bind(user.name)
        .bind(hash)
        .bind(user.role.name())
        .bind(joined(user.permissions))
        .bind(now_ms());
        self.execute(insert).await.map_err(|error| error.or_taken("username"))?;
        Ok(id)
    }

    /// The account, if there is one.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row =
            sqlx::query(USER_COLUMNS_BY_ID).bind(id.column()).fetch_optional(&self.reads).await?;
        row.as_ref().map(user).transpose()
    }

    /// The account of this username, if there is one.
    pub async fn user_by_name(&self, username: &str) -> Result<Option<User>, StoreError> {
        let row = self.row_by_name(username).await?;
        row.as_ref().map(user).transpose()
    }

    /// How many accounts there are.
    pub async fn user_count(&self) -> Result<u64, StoreError> {
        let count: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM users").fetch_one(&self.reads).await?;
        Ok(count.cast_unsigned())
    }

    /// The account that username and password fit; a disabled one too. An unknown username
    /// takes as long as a wrong password. Blanks around the username and its capitals do not count,
    /// unless another account has the name with them.
    pub async fn verify_password(
        &self,
        username: &str,
        password: &str,
    ) -> Result<Option<User>, StoreError> {
        let row = self.row_by_typed_name(username).await?;
        let hash = row.as_ref().map(|row| row.try_get("password_hash")).transpose()?;
        let fits = self.passwords.verify(password, hash).await?;
        row.as_ref().filter(|_| fits).map(user).transpose()
    }

    /// Replaces the account's password, which ends its sign-ins.
    pub async fn set_password(&self, id: UserId, password: &str) -> Result<(), StoreError> {
        let hash = self.passwords.hash(password).await?;
        let mut transaction = self.begin().await?;
        one_user(put_password(&mut transaction, id.column(), &hash).await?)?;
        transaction.commit().await
    }

    /// Ends the account's sign-ins.
    pub async fn end_sign_ins(&self, id: UserId) -> Result<(), StoreError> {
        let change = sqlx::query("UPDATE users SET generation = generation + 1 WHERE id = $1");
        one_user(self.execute(change.bind(id.column())).await?)
    }

    /// Replaces the account's permissions.
    pub async fn set_permissions(
        &self,
        id: UserId,
        permissions: &[&str],
    ) -> Result<(), StoreError> {
        let change =
            sqlx::query("UPDATE users SET permissions = $1, revision = revision + 1 WHERE id = $2")
                .bind(joined(permissions))
                .bind(id.column());
        one_user(self.execute(change).await?)
    }

    /// Switches the account off or on.
    pub async fn set_disabled(&self, id: UserId, disabled: bool) -> Result<(), StoreError> {
        let change =
            sqlx::query("UPDATE users SET disabled = $1, revision = revision + 1 WHERE id = $2")
                .bind(i64::from(disabled))
                .bind(id.column());
        one_user(self.execute(change).await?)
    }

    /// The hash of `password`, unless it is this account's already.
    pub(crate) async fn hash_unless_current(
        &self,
        username: &str,
        password: &str,
    ) -> Result<Option<String>, StoreError> {
        if let Some(row) = self.row_by_name(username).await? {
            let hash = Some(row.try_get("password_hash")?);
            if self.passwords.verify(password, hash).await? {
                return Ok(None);
            }
        }
        self.passwords.hash(password).await.map(Some)
    }

    async fn row_by_name(&self, username: &str) -> Result<Option<AnyRow>, StoreError> {
        Ok(sqlx::query(USER_COLUMNS_BY_NAME).bind(username).fetch_optional(&self.reads).await?)
    }

    /// The account that somebody means who types this at a sign-in. A tablet writes a capital and a
    /// blank behind it: where only one account has the name but for these, it is that one.
    async fn row_by_typed_name(&self, typed: &str) -> Result<Option<AnyRow>, StoreError> {
        let name = typed.trim();
        if let Some(row) = self.row_by_name(name).await? {
            return Ok(Some(row));
        }
        let query = sqlx::query(USER_COLUMNS_BY_FOLDED_NAME).bind(name);
        let mut rows = query.fetch_all(&self.reads).await?;
        Ok(rows.pop().filter(|_| rows.is_empty()))
    }
}

/// Writes another password's hash into an account that there is, and so ends the account's sign-ins:
/// the only place that may. The number of accounts that were changed, 0 or 1.
pub(crate) async fn put_password(
    connection: &mut AnyConnection,
    id: i64,
    hash: &str,
) -> Result<u64, StoreError> {
    let change = sqlx::query(
        "UPDATE users SET password_hash = $1, generation = generation + 1 WHERE id = $2",
    );
    Ok(change.bind(hash).bind(id).execute(connection).await?.rows_affected())
}

pub(crate) fn user(row: &AnyRow) -> Result<User, StoreError> {
    let permissions: String = row.try_get("permissions")?;
    // A migration appends.
    let mut permissions: Vec<String> = permissions.split_whitespace().map(str::to_owned).collect();
    permissions.sort_unstable();
    Ok(User {
        id: UserId::from_column(row.try_get("id")?),
        username: row.try_get("username")?,
        name: row.try_get("name")?,
        role: role_named(row.try_get("role")?)?,
        permissions,
        disabled: row.try_get::<i64, _>("disabled")? != 0,
        generation: crate::row::unsigned(row, "generation")?,
    })
}

/// Permissions as the database holds them.
pub(crate) fn joined(permissions: &[impl AsRef<str>]) -> String {
    let mut permissions: Vec<&str> = permissions.iter().map(AsRef::as_ref).collect();
    permissions.sort_unstable();
    permissions.join(" ")
}

fn one_user(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Missing("user")) }
}
