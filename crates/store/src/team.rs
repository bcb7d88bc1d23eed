//! Teams, queues, and who belongs to them.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::ids::StoredId as _;
use crate::{QueueId, Store, StoreError, TeamId, UserId};

/// A team: whom a supervisor may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// The team's id.
    pub id: TeamId,
    /// Its name; unique.
    pub name: String,
}

/// A queue: what an agent takes calls from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// The queue's id.
    pub id: QueueId,
    /// Its key in the API; unique.
    pub key: String,
    /// The name shown.
    pub name: String,
    /// The team whose supervisors see its calls.
    pub team: TeamId,
    /// Guests may call it.
    pub open_to_guests: bool,
}

/// A queue to be made.
#[derive(Clone, Debug)]
pub struct NewQueue<'a> {
    /// Its key in the API.
    pub key: &'a str,
    /// The name shown.
    pub name: &'a str,
    /// The owning team.
    pub team: TeamId,
    /// Guests may call it.
    pub open_to_guests: bool,
}

/// An agent, for whoever decides where a call rings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// The account.
    pub id: UserId,
    /// The name that others see.
    pub name: String,
    /// The queues that the agent serves, by key's order.
    pub queues: Vec<QueueId>,
    /// The agent's teams.
    pub teams: Vec<TeamId>,
}

impl Store {
    /// The queue of this key; made if there is none, else left as it is.
    pub async fn ensure_queue(&self, queue: NewQueue<'_>) -> Result<QueueId, StoreError> {
        let insert = sqlx::query(
            "INSERT INTO queues (id, key, name, team_id, open_to_guests) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO NOTHING",
        )
        .bind(QueueId::random().column())
        .bind(queue.key)
        .bind(queue.name)
        .bind(queue.team.column())
        .bind(i64::from(queue.open_to_guests));
        self.execute(insert).await?;
        let id = sqlx::query_scalar("SELECT id FROM queues WHERE key = $1")
            .bind(queue.key)
            .fetch_one(&self.reads)
            .await?;
        Ok(QueueId::from_column(id))
    }

    /// Puts a user into a team; no error when there already.
    pub async fn join_team(&self, team: TeamId, user: UserId) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO team_members (team_id, user_id) VALUES ($1, $2) \
             ON CONFLICT (team_id, user_id) DO NOTHING",
        )
        .bind(team.column())
        .bind(user.column());
        self.execute(insert).await?;
        Ok(())
    }

    /// Lets an agent serve a queue; no error when the agent does already.
    pub async fn serve_queue(&self, queue: QueueId, agent: UserId) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO queue_agents (queue_id, user_id) VALUES ($1, $2) \
             ON CONFLICT (queue_id, user_id) DO NOTHING",
        )
        .bind(queue.column())
        .bind(agent.column());
        self.execute(insert).await?;
        Ok(())
    }

    /// The user's teams, by name.
    pub async fn teams_of(&self, user: UserId) -> Result<Vec<Team>, StoreError> {
        let rows = sqlx::query(
            "SELECT teams.id, teams.name FROM teams \
             JOIN team_members ON team_members.team_id = teams.id \
             WHERE team_members.user_id = $1 ORDER BY teams.name",
        )
        .bind(user.column())
        .fetch_all(&self.reads)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Team { id: TeamId::from_column(row.try_get("id")?), name: row.try_get("name")? })
            })
            .collect()
    }

    /// The queues that concern the user: those that an agent serves, else those of the user's
    /// teams. By name.
    pub async fn queues_of(&self, user: UserId) -> Result<Vec<Queue>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, key, name, team_id, open_to_guests FROM queues \
             WHERE id IN (SELECT queue_id FROM queue_agents WHERE user_id = $1) \
             OR (team_id IN (SELECT team_id FROM team_members WHERE user_id = $1) \
                 AND $1 NOT IN (SELECT id FROM users WHERE role = 'agent')) \
             ORDER BY name",
        )
        .bind(user.column())
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(queue).collect()
    }

    /// All queues, by name.
    pub async fn queues(&self) -> Result<Vec<Queue>, StoreError> {
        let rows =
            sqlx::query("SELECT id, key, name, team_id, open_to_guests FROM queues ORDER BY name")
                .fetch_all(&self.reads)
                .await?;
        rows.iter().map(queue).collect()
    }

    /// All agents whose accounts are not switched off, by name.
    pub async fn agents(&self) -> Result<Vec<Agent>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, name FROM users WHERE role = 'agent' AND disabled = 0 ORDER BY name, id",
        )
        .fetch_all(&self.reads)
        .await?;
        let mut agents = Vec::with_capacity(rows.len());
        for row in &rows {
            agents.push(Agent {
                id: UserId::from_column(row.try_get("id")?),
                name: row.try_get("name")?,
                queues: Vec::new(),
                teams: Vec::new(),
            });
        }
        for (user, queue) in self.pairs("SELECT user_id, queue_id FROM queue_agents").await? {
            if let Some(agent) = agents.iter_mut().find(|agent| agent.id == user) {
                agent.queues.push(QueueId::from_column(queue));
            }
        }
        for (user, team) in self.pairs("SELECT user_id, team_id FROM team_members").await? {
            if let Some(agent) = agents.iter_mut().find(|agent| agent.id == user) {
                agent.teams.push(TeamId::from_column(team));
            }
        }
        Ok(agents)
    }

    async fn pairs(&self, select: &'static str) -> Result<Vec<(UserId, i64)>, StoreError> {
        let pairs: Vec<(i64, i64)> = sqlx::query_as(select).fetch_all(&self.reads).await?;
        Ok(pairs.into_iter().map(|(user, other)| (UserId::from_column(user), other)).collect())
    }
}

pub(crate) fn queue(row: &AnyRow) -> Result<Queue, StoreError> {
    Ok(Queue {
        id: QueueId::from_column(row.try_get("id")?),
        key: row.try_get("key")?,
        name: row.try_get("name")?,
        team: TeamId::from_column(row.try_get("team_id")?),
        open_to_guests: row.try_get::<i64, _>("open_to_guests")? != 0,
    })
}
