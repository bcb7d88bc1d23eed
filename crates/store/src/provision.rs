//! Teams, queues and accounts as a whole: what is wanted comes true together, or not at all.
//!
//! Nothing is ever taken away here: what is not named stays as it is.

use std::collections::HashMap;

use sqlx::Row;

use crate::write::Write;
use tokio::task::JoinSet;

use crate::account::{joined, put_password, user};
use crate::audit::{Act, record_act};
use crate::ids::StoredId as _;
use crate::settings::{put_settings, queue_settings};
use crate::{
    QueueId, QueueSettings, Role, SignThresholds, Store, StoreError, TeamId, UserId, now_ms,
};

/// Teams, queues and accounts that there are to be. No `Debug`: it holds passwords.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Provision {
    /// The teams, by name.
    pub teams: Vec<String>,
    /// The queues.
    pub queues: Vec<ProvisionedQueue>,
    /// The accounts.
    pub users: Vec<ProvisionedUser>,
}

/// A queue that there is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvisionedQueue {
    /// Its key in the API.
    pub key: String,
    /// The name shown.
    pub name: String,
    /// The owning team, by name.
    pub team: String,
    /// Guests may call it.
    pub open_to_guests: bool,
    /// Its wrap-up codes; `None`: they stay as they are.
    pub wrap_up_codes: Option<Vec<String>>,
    /// What its supervisors are told of; `None`: that stays as it is.
    pub signs: Option<SignThresholds>,
}

/// An account that there is to be. No `Debug`: it holds a password.
#[derive(Clone, PartialEq, Eq)]
pub struct ProvisionedUser {
    /// What one signs in with.
    pub username: String,
    /// The name that others see.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The permissions, by name: these and no others.
    pub permissions: Vec<String>,
    /// The teams, by name: these and no others.
    pub teams: Vec<String>,
    /// The queues that an agent serves, by key: these and no others.
    pub queues: Vec<String>,
    /// The account is switched off.
    pub disabled: bool,
    /// The password, in clear. `None`: it stays as it is, which a new account can't do.
    pub password: Option<String>,
}

/// What provisioning changes of an account, for its entry in the record. Neither holds a password.
#[derive(Clone, PartialEq, Eq)]
pub struct ProvisionedChange {
    /// What the account was; `None`: it was not.
    pub before: Option<ProvisionedUser>,
    /// What it is.
    pub after: ProvisionedUser,
    /// It has a new password.
    pub new_password: bool,
}

impl Store {
    /// Brings teams, queues and accounts to what is wanted, in one transaction. What is so
    /// already stays, ids and passwords included, and so does what is not named. `act` makes the
    /// entry of each account that changes, if there is to be one; a new password ends the account's sign-ins.
    ///
    /// # Errors
    /// [`StoreError::Missing`] for a team or queue that there is not, and for a new account
    /// without a password; nothing has changed then.
    pub async fn provision(
        &self,
        wanted: &Provision,
        act: impl Fn(&ProvisionedChange) -> Option<Act>,
    ) -> Result<(), StoreError> {
        // Before the transaction: hashing takes a while.
        let hashes = self.changed_passwords(&wanted.users).await?;
        let mut transaction = self.begin().await?;
        for name in &wanted.teams {
            put_team(&mut transaction, name).await?;
        }
        for queue in &wanted.queues {
            put_queue(&mut transaction, queue).await?;
        }
        for user in &wanted.users {
            let hash = hashes.get(&user.username).map(String::as_str);
            put_user(&mut transaction, user, hash, &act).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The hashes of the passwords that are not the accounts' already, by username.
    async fn changed_passwords(
        &self,
        users: &[ProvisionedUser],
    ) -> Result<HashMap<String, String>, StoreError> {
        let mut hashing = JoinSet::new();
        for user in users {
            let Some(password) = user.password.clone() else { continue };
            let (store, username) = (self.clone(), user.username.clone());
            hashing.spawn(async move {
                let hash = store.hash_unless_current(&username, &password).await?;
                Ok::<_, StoreError>(hash.map(|hash| (username, hash)))
            });
        }
        let mut hashes = HashMap::new();
        while let Some(hashed) = hashing.join_next().await {
            hashes.extend(hashed.expect("hashing a password does not panic")?);
        }
        Ok(hashes)
    }
}

async fn put_team(transaction: &mut Write, name: &str) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO teams (id, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(TeamId::random().column())
        .bind(name)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn put_queue(transaction: &mut Write, queue: &ProvisionedQueue) -> Result<(), StoreError> {
    let team = team_id(transaction, &queue.team).await?;
    sqlx::query(
        "INSERT INTO queues (id, key, name, team_id, open_to_guests) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO UPDATE SET name = excluded.name, \
         team_id = excluded.team_id, open_to_guests = excluded.open_to_guests, \
         revision = queues.revision + 1",
    )
    .bind(QueueId::random().column())
    .bind(&queue.key)
    .bind(&queue.name)
    .bind(team)
    .bind(i64::from(queue.open_to_guests))
    .execute(&mut **transaction)
    .await?;
    if let Some(codes) = &queue.wrap_up_codes {
        sqlx::query("UPDATE queues SET wrap_up_codes = $1 WHERE key = $2")
            .bind(crate::wrap_up::joined(codes))
            .bind(&queue.key)
            .execute(&mut **transaction)
            .await?;
    }
    match queue.signs {
        Some(signs) => put_signs(transaction, &queue.key, signs).await,
        None => Ok(()),
    }
}

/// The queue's other settings stay, or are what they are by default.
async fn put_signs(
    transaction: &mut Write,
    key: &str,
    signs: SignThresholds,
) -> Result<(), StoreError> {
    let row = sqlx::query(
        "SELECT id, delivery, private_chat, help, mood, transcript_download, tell_place, \
         goal_percent, goal_seconds, sign_dead_air_s, sign_talk_over_percent, sign_hold_s, sign_help_s \
         FROM queues LEFT JOIN queue_settings ON queue_settings.queue_id = queues.id WHERE key = $1",
    )
    .bind(key)
    .fetch_one(&mut **transaction)
    .await?;
    let is_set = row.try_get::<Option<String>, _>("delivery")?.is_some();
    let settings = if is_set { queue_settings(&row)? } else { QueueSettings::default() };
    let id = QueueId::from_column(row.try_get("id")?);
    put_settings(transaction, id, &QueueSettings { signs, ..settings }).await
}

async fn put_user(
    transaction: &mut Write,
    user: &ProvisionedUser,
    hash: Option<&str>,
    act: impl Fn(&ProvisionedChange) -> Option<Act>,
) -> Result<(), StoreError> {
    let known = id_of(transaction, "SELECT id FROM users WHERE username = $1", &user.username);
    let known = known.await?;
    let before = match known {
        Some(id) => Some(as_provisioned(transaction, id).await?),
        None => None,
    };
    let mut after = ProvisionedUser { password: None, ..user.clone() };
    after.permissions.sort_unstable();
    after.teams.sort_unstable();
    after.queues.sort_unstable();
    if hash.is_none() && before.as_ref() == Some(&after) {
        return Ok(());
    }
    let id = match known {
        Some(id) => update_user(transaction, id, user, hash).await?,
        None => insert_user(transaction, user, hash).await?,
    };
    put_belongings(transaction, id, user).await?;
    let change = ProvisionedChange { before, after, new_password: hash.is_some() };
    match act(&change) {
        Some(act) => record_act(transaction, &act, &UserId::from_column(id).to_string()).await,
        None => Ok(()),
    }
}

/// The account as it is, in the terms of what is wanted; lists are in alphabetical order.
async fn as_provisioned(transaction: &mut Write, id: i64) -> Result<ProvisionedUser, StoreError> {
    let row = sqlx::query(
        "SELECT id, username, name, role, permissions, disabled, generation FROM users WHERE id = $1",
    );
    let mut account = user(&row.bind(id).fetch_one(&mut **transaction).await?)?;
    account.permissions.sort_unstable();
    let teams = "SELECT teams.name FROM teams JOIN team_members ON team_members.team_id = teams.id \
                 WHERE team_members.user_id = $1";
    let queues = "SELECT queues.key FROM queues JOIN queue_agents ON queue_agents.queue_id = \
                  queues.id WHERE queue_agents.user_id = $1";
    Ok(ProvisionedUser {
        username: account.username,
        name: account.name,
        role: account.role,
        permissions: account.permissions,
        teams: names_of(transaction, teams, id).await?,
        queues: names_of(transaction, queues, id).await?,
        disabled: account.disabled,
        password: None,
    })
}

/// The first column of what is selected for this account, in alphabetical order.
async fn names_of(
    transaction: &mut Write,
    select: &'static str,
    id: i64,
) -> Result<Vec<String>, StoreError> {
    let names = sqlx::query_scalar(select).bind(id).fetch_all(&mut **transaction);
    let mut names: Vec<String> = names.await?;
    names.sort_unstable();
    Ok(names)
}

/// Puts the account into the teams and queues that are wanted, and no others.
async fn put_belongings(
    transaction: &mut Write,
    id: i64,
    user: &ProvisionedUser,
) -> Result<(), StoreError> {
    for delete in [
        "DELETE FROM team_members WHERE user_id = $1",
        "DELETE FROM queue_agents WHERE user_id = $1",
    ] {
        sqlx::query(delete).bind(id).execute(&mut **transaction).await?;
    }
    for team in &user.teams {
        let team = team_id(transaction, team).await?;
        sqlx::query("INSERT INTO team_members (team_id, user_id) VALUES ($1, $2)")
            .bind(team)
            .bind(id)
            .execute(&mut **transaction)
            .await?;
    }
    for queue in &user.queues {
        let queue = id_of(transaction, "SELECT id FROM queues WHERE key = $1", queue).await?;
        sqlx::query("INSERT INTO queue_agents (queue_id, user_id) VALUES ($1, $2)")
            .bind(queue.ok_or(StoreError::Missing("queue"))?)
            .bind(id)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

async fn update_user(
    transaction: &mut Write,
    id: i64,
    user: &ProvisionedUser,
    hash: Option<&str>,
) -> Result<i64, StoreError> {
    sqlx::query(
        "UPDATE users SET name = $1, role = $2, permissions = $3, disabled = $4, \
         revision = revision + 1 WHERE id = $5",
    )
    .bind(&user.name)
    .bind(user.role.name())
    .bind(joined(&user.permissions))
    .bind(i64::from(user.disabled))
    .bind(id)
    .execute(&mut **transaction)
    .await?;
    if let Some(hash) = hash {
        put_password(transaction, id, hash).await?;
    }
    Ok(id)
}

async fn insert_user(
    transaction: &mut Write,
    user: &ProvisionedUser,
    hash: Option<&str>,
) -> Result<i64, StoreError> {
    let id = UserId::random().column();
    sqlx::query(
        "INSERT INTO users (id, username, name, password_hash, role, permissions, disabled, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(&user.username)
    .bind(&user.name)
    .bind(hash.ok_or(StoreError::Missing("password"))?)
    .bind(user.role.name())
    .bind(joined(&user.permissions))
    .bind(i64::from(user.disabled))
    .bind(now_ms())
    .execute(&mut **transaction)
    .await?;
    Ok(id)
}

async fn team_id(transaction: &mut Write, name: &str) -> Result<i64, StoreError> {
    let id = id_of(transaction, "SELECT id FROM teams WHERE name = $1", name).await?;
    id.ok_or(StoreError::Missing("team"))
}

async fn id_of(
    transaction: &mut Write,
    select: &'static str,
    name: &str,
) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar(select).bind(name).fetch_optional(&mut **transaction).await?)
}
