//! Accounts, with all that belongs to them.

use std::collections::HashMap;

use crate::write::Write;

use super::one;
use crate::account::{joined, put_password, user};
use crate::audit::Act;
use crate::ids::StoredId as _;
use crate::row::unsigned;
use crate::{QueueId, Role, SkillId, Store, StoreError, TeamId, User, UserId, now_ms};

const COLUMNS: &str = "SELECT id, username, name, role, permissions, disabled, generation, \
     revision FROM users ORDER BY name, id";

/// An account as an administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub user: User,
    /// Its teams.
    pub teams: Vec<TeamId>,
    /// The queues that it serves as an agent.
    pub queues: Vec<QueueId>,
    /// Its skills.
    pub skills: Vec<SkillId>,
    /// Counts its changes.
    pub revision: u64,
}

/// What an account is to be, as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountChange {
    /// What one signs in with.
    pub username: String,
    /// The name that others see.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The permissions, by name.
    pub permissions: Vec<String>,
    /// The teams.
    pub teams: Vec<TeamId>,
    /// The queues that it serves.
    pub queues: Vec<QueueId>,
    /// The skills.
    pub skills: Vec<SkillId>,
    /// Switched off.
    pub disabled: bool,
}

impl Store {
    /// Every account, by name.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let rows = sqlx::query(COLUMNS).fetch_all(&self.reads).await?;
        let mut teams = self.of_users("SELECT user_id, team_id FROM team_members").await?;
        let mut queues = self.of_users("SELECT user_id, queue_id FROM queue_agents").await?;
        let mut skills = self.of_users("SELECT user_id, skill_id FROM user_skills").await?;
        let mut accounts = Vec::with_capacity(rows.len());
        for row in &rows {
            let user = user(row)?;
            let take = |of: &mut HashMap<i64, Vec<i64>>| {
                of.remove(&user.id.column()).unwrap_or_default().into_iter()
            };
            accounts.push(Account {
                teams: take(&mut teams).map(TeamId::from_column).collect(),
                queues: take(&mut queues).map(QueueId::from_column).collect(),
                skills: take(&mut skills).map(SkillId::from_column).collect(),
                revision: unsigned(row, "revision")?,
                user,
            });
        }
        Ok(accounts)
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`StoreError::Taken`] for its username, [`StoreError::Missing`] for a team, queue or skill.
    pub async fn create_account(
        &self,
        account: &AccountChange,
        password: &str,
        act: &Act,
    ) -> Result<UserId, StoreError> {
        // Before the transaction: hashing takes a while.
        let hash = self.passwords.hash(password).await?;
        let id = UserId::random();
        let mut transaction = self.change(act, &id.to_string()).await?;
        sqlx::query(
            "INSERT INTO users (id, username, name, password_hash, role, permissions, disabled, \
             created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(id.column())
        .bind(&account.username)
        .bind(&account.name)
        .bind(hash)
        .bind(account.role.name())
        .bind(joined(&account.permissions))
        .bind(i64::from(account.disabled))
        .bind(now_ms())
        .execute(&mut *transaction)
        .await
        .map_err(|error| StoreError::taken(error, "username"))?;
        put_belongings(&mut transaction, id, account).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Changes an account; a new `password` ends its sign-ins. Somebody who is not switched off
    /// keeps the permission `kept`.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::Taken`] for its username, [`StoreError::Missing`] for
    /// a team, queue or skill, [`StoreError::LastHolder`] of `kept`.
    pub async fn change_account(
        &self,
        id: UserId,
        revision: u64,
        account: &AccountChange,
        password: Option<&str>,
        kept: &str,
        act: &Act,
    ) -> Result<(), StoreError> {
        let hash = match password {
            Some(password) => Some(self.passwords.hash(password).await?),
            None => None,
        };
        let mut transaction = self.change(act, &id.to_string()).await?;
        let change = sqlx::query(
            "UPDATE users SET username = $1, name = $2, role = $3, permissions = $4, \
             disabled = $5, revision = revision + 1 WHERE id = $6 AND revision = $7",
        )
        .bind(&account.username)
        .bind(&account.name)
        .bind(account.role.name())
        .bind(joined(&account.permissions))
        .bind(i64::from(account.disabled))
        .bind(id.column())
        .bind(revision.cast_signed());
        one(&mut transaction, change, "username").await?;
        if let Some(hash) = hash {
            put_password(&mut transaction, id.column(), &hash).await?;
        }
        for delete in [
            "DELETE FROM team_members WHERE user_id = $1",
            "DELETE FROM queue_agents WHERE user_id = $1",
            "DELETE FROM user_skills WHERE user_id = $1",
        ] {
            sqlx::query(delete).bind(id.column()).execute(&mut *transaction).await?;
        }
        put_belongings(&mut transaction, id, account).await?;
        // Changes come one after the other, so nobody else takes the last one away meanwhile.
        let holders: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM users WHERE disabled = 0 AND ' ' || permissions || ' ' LIKE $1",
        )
        .bind(format!("% {kept} %"))
        .fetch_one(&mut *transaction)
        .await?;
        if holders == 0 {
            return Err(StoreError::LastHolder);
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn of_users(&self, select: &'static str) -> Result<HashMap<i64, Vec<i64>>, StoreError> {
        let pairs: Vec<(i64, i64)> = sqlx::query_as(select).fetch_all(&self.reads).await?;
        let mut of: HashMap<i64, Vec<i64>> = HashMap::new();
        for (user, other) in pairs {
            of.entry(user).or_default().push(other);
        }
        of.values_mut().for_each(|all| all.sort_unstable());
        Ok(of)
    }
}

async fn put_belongings(
    transaction: &mut Write,
    id: UserId,
    account: &AccountChange,
) -> Result<(), StoreError> {
    let teams = account.teams.iter().map(|team| team.column()).collect();
    let queues = account.queues.iter().map(|queue| queue.column()).collect();
    let skills = account.skills.iter().map(|skill| skill.column()).collect();
    let all: [(&'static str, &'static str, Vec<i64>); 3] = [
        ("INSERT INTO team_members (team_id, user_id) VALUES ($1, $2)", "team", teams),
        ("INSERT INTO queue_agents (queue_id, user_id) VALUES ($1, $2)", "queue", queues),
        ("INSERT INTO user_skills (skill_id, user_id) VALUES ($1, $2)", "skill", skills),
    ];
    for (insert, what, others) in all {
        for other in others {
            sqlx::query(insert)
                .bind(other)
                .bind(id.column())
                .execute(&mut **transaction)
                .await
                .map_err(|error| StoreError::missing(error, what))?;
        }
    }
    Ok(())
}
