//! What was offered to agents, and what came of it: what they missed, and how much of what rang at
//! them they took.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::ids::row_id;
use crate::names::{InteractionKind, Named, named};
use crate::row::{optional, unsigned};
use crate::{Store, StoreError};

/// An offer that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentOfferRecord {
    /// The interaction's id.
    pub interaction: String,
    /// Voice or text.
    pub kind: InteractionKind,
    /// To whom it was offered.
    pub agent: u64,
    /// The agent's name at that time.
    pub agent_name: String,
    /// The interaction's queue, by key.
    pub queue: Option<String>,
    /// The team that has the interaction.
    pub team: Option<u64>,
    /// Since when, Unix ms.
    pub offered_at: u64,
    /// Until when, Unix ms.
    pub ended_at: u64,
    /// What came of it.
    pub outcome: OfferOutcome,
}

/// What came of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferOutcome {
    /// The agent took it.
    Answered,
    /// The agent did not want it.
    Declined,
    /// The agent let it run out.
    Missed,
    /// It went before the agent could answer: the customer hung up, or it went elsewhere.
    Withdrawn,
}

impl Named for OfferOutcome {
    const WHAT: &'static str = "offer's outcome";
    const ALL: &'static [Self] = &[Self::Answered, Self::Declined, Self::Missed, Self::Withdrawn];

    fn stored_name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Declined => "declined",
            Self::Missed => "missed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl Store {
    /// Keeps an offer that is over.
    pub async fn record_offer(&self, offer: &AgentOfferRecord) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO agent_offers (id, interaction_id, kind, agent, agent_name, queue, team_id, \
             offered_at, ended_at, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(row_id())
        .bind(&offer.interaction)
        .bind(offer.kind.stored_name())
        .bind(offer.agent.cast_signed())
        .bind(&offer.agent_name)
        .bind(offer.queue.as_deref())
        .bind(offer.team.map(u64::cast_signed))
        .bind(offer.offered_at.cast_signed())
        .bind(offer.ended_at.cast_signed())
        .bind(offer.outcome.stored_name());
        self.execute(insert).await?;
        Ok(())
    }

    /// What was offered within `from ≤ at < until` (Unix ms), oldest first, to one agent or all;
    /// `limit` at most.
    pub async fn offers_between(
        &self,
        from: u64,
        until: u64,
        agent: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AgentOfferRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT interaction_id, kind, agent, agent_name, queue, team_id, offered_at, ended_at, \
             outcome FROM agent_offers WHERE offered_at >= $1 AND offered_at < $2 \
             AND ($3 = -1 OR agent = $3) ORDER BY offered_at, id LIMIT $4",
        )
        .bind(from.cast_signed())
        .bind(until.cast_signed())
        .bind(agent.map_or(-1, u64::cast_signed))
        .bind(i64::from(limit))
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(offer).collect()
    }
}

fn offer(row: &AnyRow) -> Result<AgentOfferRecord, StoreError> {
    Ok(AgentOfferRecord {
        interaction: row.try_get("interaction_id")?,
        kind: named(row, "kind")?,
        agent: unsigned(row, "agent")?,
        agent_name: row.try_get("agent_name")?,
        queue: row.try_get("queue")?,
        team: optional(row, "team_id")?,
        offered_at: unsigned(row, "offered_at")?,
        ended_at: unsigned(row, "ended_at")?,
        outcome: named(row, "outcome")?,
    })
}
