//! Customers who write by a connector, and what connectors are still to be told.
//!
//! What is to be told is written in the transaction of what happened
//! ([`InteractionChange::outgoing`](crate::InteractionChange)), so that neither is there without
//! the other. Who may be told what, and when to try again, is the server's.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::message::{MessageRecord, message};
use crate::row::{optional, unsigned};
use crate::write::Write;
use crate::{Store, StoreError};

/// Conversations with something to be told that one look finds.
pub const OUTBOX_CONVERSATIONS_MAX: u32 = 10_000;

const WAITING: &str = "waiting";
const GIVEN_UP: &str = "given_up";

/// Something that a connector is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingRecord {
    /// The channel's name.
    pub channel: String,
    /// When it happened, Unix ms.
    pub at: u64,
    /// Of a message: its place among the public ones.
    pub public_position: Option<u64>,
    /// What, as JSON of the server's.
    pub body: String,
}

/// Something that waits to be told, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingRecord {
    /// What.
    pub what: OutgoingRecord,
    /// The customer's user id.
    pub requester: u64,
    /// The customer's id at the channel.
    pub external_id: String,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutgoingEnd {
    /// The connector has it.
    Delivered,
    /// It never will have it.
    GivenUp(GivenUpRecord),
}

/// Why something was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenUpRecord {
    /// The cause, by a name of the server's.
    pub cause: String,
    /// What the connector said to it.
    pub detail: Option<String>,
}

impl Store {
    /// The customer's user id; `fresh` if they never wrote before.
    pub async fn channel_customer(
        &self,
        channel: &str,
        external_id: &str,
        fresh: u64,
    ) -> Result<u64, StoreError> {
        let insert = sqlx::query(
            "INSERT INTO channel_customers (id, channel, external_id) VALUES ($1, $2, $3) \
             ON CONFLICT (channel, external_id) DO NOTHING",
        )
        .bind(fresh.cast_signed())
        .bind(channel)
        .bind(external_id);
        self.execute(insert).await?;
        let id: i64 = sqlx::query_scalar(
            "SELECT id FROM channel_customers WHERE channel = $1 AND external_id = $2",
        )
        .bind(channel)
        .bind(external_id)
        .fetch_one(&self.reads)
        .await?;
        Ok(id.cast_unsigned())
    }

    /// The author's message with this client id, and the conversation that it is in, whichever
    /// that is.
    pub async fn message_by(
        &self,
        author: u64,
        client_id: &str,
    ) -> Result<Option<(String, MessageRecord)>, StoreError> {
        let row = sqlx::query(
            "SELECT interaction_id, position, public_position, at, author, author_name, \
             client_id, text FROM messages WHERE author = $1 AND client_id = $2",
        )
        .bind(author.cast_signed())
        .bind(client_id)
        .fetch_optional(&self.reads)
        .await?;
        row.map(|row| Ok((row.try_get("interaction_id")?, message(&row)?))).transpose()
    }

    /// The conversations that have something to be told, each with the number of what is next.
    pub async fn outbox(&self, channel: &str) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT interaction_id, MIN(number) AS number FROM channel_outbox \
             WHERE channel = $1 AND state = $2 GROUP BY interaction_id \
             ORDER BY MIN(at), interaction_id LIMIT $3",
        )
        .bind(channel)
        .bind(WAITING)
        .bind(i64::from(OUTBOX_CONVERSATIONS_MAX))
        .fetch_all(&self.reads)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("interaction_id")?, unsigned(row, "number")?)))
            .collect()
    }

    /// What waits under this number.
    pub async fn outgoing(
        &self,
        interaction: &str,
        number: u64,
    ) -> Result<Option<WaitingRecord>, StoreError> {
        let row = sqlx::query(
            "SELECT channel_outbox.channel, at, public_position, body, requester_id, external_id \
             FROM channel_outbox \
             JOIN interactions ON interactions.id = channel_outbox.interaction_id \
             JOIN channel_customers ON channel_customers.id = interactions.requester_id \
             WHERE interaction_id = $1 AND number = $2 AND state = $3",
        )
        .bind(interaction)
        .bind(number.cast_signed())
        .bind(WAITING)
        .fetch_optional(&self.reads)
        .await?;
        row.as_ref().map(waiting).transpose()
    }

    /// Notes what became of it.
    pub async fn end_outgoing(
        &self,
        interaction: &str,
        number: u64,
        end: &OutgoingEnd,
    ) -> Result<(), StoreError> {
        let (state, given_up) = match end {
            OutgoingEnd::Delivered => ("delivered", None),
            OutgoingEnd::GivenUp(why) => (GIVEN_UP, Some(why)),
        };
        let update = sqlx::query(
            "UPDATE channel_outbox SET state = $1, body = '', cause = $2, detail = $3 \
             WHERE interaction_id = $4 AND number = $5",
        )
        .bind(state)
        .bind(given_up.map(|why| why.cause.as_str()))
        .bind(given_up.and_then(|why| why.detail.as_deref()))
        .bind(interaction)
        .bind(number.cast_signed());
        self.execute(update).await?;
        Ok(())
    }

    /// The messages with public positions from `from` to `to` that were given up, each with why.
    pub async fn given_up(
        &self,
        interaction: &str,
        from: u64,
        to: u64,
    ) -> Result<Vec<(u64, GivenUpRecord)>, StoreError> {
        let rows = sqlx::query(
            "SELECT public_position, cause, detail FROM channel_outbox \
             WHERE interaction_id = $1 AND state = $2 \
             AND public_position >= $3 AND public_position <= $4",
        )
        .bind(interaction)
        .bind(GIVEN_UP)
        .bind(from.cast_signed())
        .bind(to.cast_signed())
        .fetch_all(&self.reads)
        .await?;
        let given_up = |row: &AnyRow| {
            // Former versions did not keep why.
            let cause: Option<String> = row.try_get("cause")?;
            let why =
                GivenUpRecord { cause: cause.unwrap_or_default(), detail: row.try_get("detail")? };
            Ok((unsigned(row, "public_position")?, why))
        };
        rows.iter().map(given_up).collect()
    }
}

pub(crate) async fn insert_outgoing(
    transaction: &mut Write,
    interaction: &str,
    outgoing: &OutgoingRecord,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO channel_outbox (interaction_id, number, channel, at, public_position, body, \
         state) VALUES ($1, (SELECT COALESCE(MAX(number), 0) + 1 FROM channel_outbox \
         WHERE interaction_id = $1), $2, $3, $4, $5, $6)",
    )
    .bind(interaction)
    .bind(&outgoing.channel)
    .bind(outgoing.at.cast_signed())
    .bind(outgoing.public_position.map(u64::cast_signed))
    .bind(&outgoing.body)
    .bind(WAITING)
    .execute(&mut **transaction)
    .await
    .map_err(|error| StoreError::taken(error, "outgoing number"))?;
    Ok(())
}

fn waiting(row: &AnyRow) -> Result<WaitingRecord, StoreError> {
    Ok(WaitingRecord {
        what: OutgoingRecord {
            channel: row.try_get("channel")?,
            at: unsigned(row, "at")?,
            public_position: optional(row, "public_position")?,
            body: row.try_get("body")?,
        },
        requester: unsigned(row, "requester_id")?,
        external_id: row.try_get("external_id")?,
    })
}
