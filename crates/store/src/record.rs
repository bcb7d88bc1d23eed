//! What happened: calls, from their beginning on.

use ::interaction::Role;
use ::interaction::conversation::PartKind;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::interaction::{
    EventRecord, InteractionRecord, MemberRecord, PlaceRecord, insert_member, put_event,
    put_interaction,
};
use crate::names::{InteractionKind, Named as _, named};
use crate::row::unsigned;
use crate::write::Write;
use crate::{Store, StoreError};

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// The call's id as the API showed it.
    pub call: String,
    /// The queue's key, unless the call was placed straight to an agent.
    pub queue: Option<String>,
    /// Who called.
    pub caller_name: String,
    /// From which number.
    pub caller_number: Option<String>,
    /// When it was placed, Unix ms.
    pub placed_at: u64,
    /// When it was answered, Unix ms.
    pub answered_at: Option<u64>,
    /// When it ended, Unix ms.
    pub ended_at: u64,
    /// How it ended, as named in the API: `caller`, `agent`, `no_agent`, …
    pub end_reason: String,
    /// See [`InteractionRecord::opening`].
    pub opening: Option<String>,
    /// See [`InteractionRecord::customer`].
    pub customer: Option<String>,
    /// Everybody who was on it, in the order in which they joined.
    pub parties: Vec<PartyRecord>,
}

/// Somebody who was on a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyRecord {
    /// The user; a guest's id is of no account.
    pub user: u64,
    /// The name at that time.
    pub name: String,
    /// As what.
    pub role: Role,
    /// When they joined, Unix ms.
    pub joined_at: u64,
    /// When they left, Unix ms.
    pub left_at: u64,
    /// The call's events up to and including their leaving, if it went on without them.
    pub left_event: Option<u64>,
    /// How their sound came, as written by whoever keeps it; `None`: not known.
    pub sound: Option<String>,
}

impl Store {
    /// Keeps a call as it is now, with its parties and what happened on it, in the list of
    /// interactions too; what is kept of it already is brought up to date. While it `runs`, its end is
    /// the one that it would have if the server died now.
    pub async fn record_call(
        &self,
        call: &CallRecord,
        runs: bool,
        events: &[EventRecord],
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        put_call(&mut transaction, call).await?;
        for (position, party) in (0_i64..).zip(&call.parties) {
            put_party(&mut transaction, &call.call, position, party).await?;
        }
        put_interaction(&mut transaction, &as_interaction(call, runs)).await?;
        for party in &call.parties {
            let part = match party.role {
                Role::Caller => PartKind::Requester,
                Role::Agent => PartKind::Agent,
                Role::Supervisor => PartKind::Supervisor,
            };
            let (user, name) = (party.user, party.name.clone());
            let left =
                party.left_event.map(|event| PlaceRecord { event, message: 0, at: party.left_at });
            let member = MemberRecord { user, part, name, joined_event: None, left };
            insert_member(&mut transaction, &call.call, &member).await?;
        }
        for event in events {
            put_event(&mut transaction, &call.call, event).await?;
        }
        transaction.commit().await
    }

    /// Notes that the server lives: what it leaves without an end if it dies ended about then.
    pub async fn note_alive(&self, at: u64) -> Result<(), StoreError> {
        let update = sqlx::query("UPDATE server_life SET alive_at = $1 WHERE id = 1");
        self.execute(update.bind(at.cast_signed())).await?;
        Ok(())
    }

    /// Ends the calls that went with a server that died, and cancels the help that was asked for on
    /// them. No call outlives its server: for its start alone. `ended` makes the last event of a call
    /// from the moment of its end and the event's number. How many there were.
    pub async fn end_lost_calls(
        &self,
        end_reason: &str,
        ended: impl Fn(u64, u64) -> EventRecord,
    ) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let rows = sqlx::query(
            "SELECT id, opened_at, (SELECT alive_at FROM server_life WHERE id = 1) AS alive_at, \
             COALESCE((SELECT MAX(at) FROM interaction_events WHERE interaction_id = id), 0) AS last_at, \
             COALESCE((SELECT MAX(position) FROM interaction_events WHERE interaction_id = id), 0) AS last \
             FROM interactions WHERE kind = 'call' AND ended_at IS NULL ORDER BY opened_at, id",
        )
        .fetch_all(&mut *transaction)
        .await?;
        for row in &rows {
            let id: String = row.try_get("id")?;
            let known = [unsigned(row, "opened_at")?, unsigned(row, "last_at")?];
            let at = known.into_iter().fold(unsigned(row, "alive_at")?, u64::max);
            put_event(&mut transaction, &id, &ended(at, unsigned(row, "last")? + 1)).await?;
            sqlx::query("UPDATE interactions SET ended_at = $1, end_reason = $2 WHERE id = $3")
                .bind(at.cast_signed())
                .bind(end_reason)
                .bind(&id)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(rows.len() as u64)
    }

    /// The ended call of this id, without what its list of interactions keeps alone: its opening,
    /// its customer's key, and the events up to which its parties were there.
    pub async fn call_record(&self, call: &str) -> Result<Option<CallRecord>, StoreError> {
        let row = sqlx::query(
            "SELECT call_id, queue, caller_name, caller_number, placed_at, answered_at, ended_at, \
             end_reason FROM calls WHERE call_id = $1",
        )
        .bind(call)
        .fetch_optional(&self.reads)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let parties = sqlx::query(
            "SELECT user_id, name, role, joined_at, left_at, sound FROM call_parties \
             WHERE call_id = $1 ORDER BY position",
        )
        .bind(call)
        .fetch_all(&self.reads)
        .await?;
        let parties = parties.iter().map(party).collect::<Result<_, _>>()?;
        Ok(Some(call_from(&row, parties)?))
    }
}

async fn put_call(transaction: &mut Write, call: &CallRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO calls (call_id, queue, caller_name, caller_number, placed_at, \
         answered_at, ended_at, end_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (call_id) DO UPDATE SET queue = excluded.queue, \
         answered_at = excluded.answered_at, ended_at = excluded.ended_at, \
         end_reason = excluded.end_reason",
    )
    .bind(&call.call)
    .bind(call.queue.as_deref())
    .bind(&call.caller_name)
    .bind(call.caller_number.as_deref())
    .bind(call.placed_at.cast_signed())
    .bind(call.answered_at.map(u64::cast_signed))
    .bind(call.ended_at.cast_signed())
    .bind(&call.end_reason)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn put_party(
    transaction: &mut Write,
    call: &str,
    position: i64,
    party: &PartyRecord,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO call_parties (call_id, position, user_id, name, role, joined_at, \
         left_at, sound) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (call_id, position) DO UPDATE SET left_at = excluded.left_at, \
         sound = excluded.sound",
    )
    .bind(call)
    .bind(position)
    .bind(party.user.cast_signed())
    .bind(&party.name)
    .bind(party.role.stored_name())
    .bind(party.joined_at.cast_signed())
    .bind(party.left_at.cast_signed())
    .bind(party.sound.as_deref())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn as_interaction(call: &CallRecord, runs: bool) -> InteractionRecord {
    let caller = call.parties.iter().find(|party| party.role == Role::Caller);
    InteractionRecord {
        id: call.call.clone(),
        kind: InteractionKind::Call,
        channel: "voice".to_owned(),
        queue: call.queue.clone(),
        requester: caller.map_or(0, |party| party.user),
        requester_name: call.caller_name.clone(),
        subject: None,
        opened_at: call.placed_at,
        answered_at: call.answered_at,
        ended_at: (!runs).then_some(call.ended_at),
        end_reason: (!runs).then(|| call.end_reason.clone()),
        opening: call.opening.clone(),
        customer: call.customer.clone(),
    }
}

fn call_from(row: &AnyRow, parties: Vec<PartyRecord>) -> Result<CallRecord, StoreError> {
    Ok(CallRecord {
        call: row.try_get("call_id")?,
        queue: row.try_get("queue")?,
        caller_name: row.try_get("caller_name")?,
        caller_number: row.try_get("caller_number")?,
        placed_at: unsigned(row, "placed_at")?,
        answered_at: row.try_get::<Option<i64>, _>("answered_at")?.map(i64::cast_unsigned),
        ended_at: unsigned(row, "ended_at")?,
        end_reason: row.try_get("end_reason")?,
        opening: None,
        customer: None,
        parties,
    })
}

fn party(row: &AnyRow) -> Result<PartyRecord, StoreError> {
    Ok(PartyRecord {
        user: unsigned(row, "user_id")?,
        name: row.try_get("name")?,
        role: named(row, "role")?,
        joined_at: unsigned(row, "joined_at")?,
        left_at: unsigned(row, "left_at")?,
        left_event: None,
        sound: row.try_get("sound")?,
    })
}
