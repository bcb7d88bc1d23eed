//! The customer's other contacts, for whoever reads one of them: each only as far as this reader may see it.
//!
//! What is not theirs to see leaves no trace: neither a gap nor a number.

use axum::extract::State;
use interaction::CustomerKey;
use orchestrator::records::ReadableInteraction;
use wire::{CustomerContacts, KnownBy};

use super::{codes_for, has_record, interaction_view, look};
use crate::{AppState, Json, Path, Problem, Signed};
use accounts::User;

/// Contacts that are shown.
const CONTACTS_MAX: usize = 20;
/// Contacts of one customer that are looked at for them, the newest: somebody who has had more is a trunk's own
/// number, or a load test.
const LOOKED_AT_MAX: usize = 500;
/// Rows of one question to the store.
const PAGE_ROWS: u32 = 50;

/// The customer's other contacts that you may see: those that go on, and earlier ones.
///
/// No name identifies a customer, and no number that they typed: see `known_by`.
#[utoipa::path(
    get, path = "/interactions/{id}/contacts", tag = "records",
    params(("id" = String, Path, description = "The interaction")),
    responses(
        (status = 200, description = "The newest ones", body = CustomerContacts),
        (status = 404, description = "No such interaction, or you may not see it", body = wire::Problem),
    )
)]
pub async fn contacts(
    State(state): State<AppState>,
    signed: Signed,
    Path(id): Path<String>,
) -> Result<Json<CustomerContacts>, Problem> {
    let seen = look(&state, signed.user(), &id).await?;
    let Some(key) = seen.record.customer.as_deref() else {
        return Ok(Json(CustomerContacts { known_by: None, contacts: Vec::new() }));
    };
    let found = others(&state, signed.user(), &id, key).await?;
    let ids: Vec<&str> = found.iter().map(|it| it.record.id.as_str()).collect();
    let help = state.store.help_of_all(&ids).await?;
    let codes = state.store.codes_of_all(&ids).await?;
    let view = |it: &ReadableInteraction| {
        let own = help.iter().filter(|(id, _)| *id == it.record.id);
        let help = own.map(|(_, help)| help).next_back();
        interaction_view(&it.record, &it.members, help, codes_for(it, &codes))
    };
    let contacts = found.iter().map(view).collect();
    Ok(Json(CustomerContacts { known_by: key.parse().ok().map(known_by), contacts }))
}

/// The newest of the customer's contacts of which there is a record for the user, but for the one that is open.
async fn others(
    state: &AppState,
    user: &User,
    open: &str,
    key: &str,
) -> Result<Vec<ReadableInteraction>, Problem> {
    let (mut found, mut before, mut looked_at) = (Vec::new(), None, 0);
    loop {
        let rows = state.store.contacts_of(key, before.as_ref(), PAGE_ROWS).await?;
        before = rows.last().map(|last| (last.opened_at, last.id.clone()));
        looked_at += rows.len();
        let is_last = rows.len() < PAGE_ROWS as usize || looked_at >= LOOKED_AT_MAX;
        let ids: Vec<&str> = rows.iter().map(|record| record.id.as_str()).collect();
        let members = state.store.members_of_all(&ids).await?;
        for record in rows.into_iter().filter(|record| record.id != open) {
            let own = members.iter().filter(|(id, _)| *id == record.id);
            let own = own.map(|(_, member)| member.clone()).collect();
            let seen = state.orchestrator.read_as(user, record, own);
            found.extend(seen.filter(|seen| has_record(seen.access.reader)));
            if found.len() == CONTACTS_MAX {
                return Ok(found);
            }
        }
        if is_last {
            return Ok(found);
        }
    }
}

fn known_by(key: CustomerKey) -> KnownBy {
    match key {
        CustomerKey::Number(_) => KnownBy::Number,
        CustomerKey::Channel(_) => KnownBy::Channel,
        CustomerKey::Account(_) => KnownBy::Account,
        CustomerKey::Visitor(_) => KnownBy::Visitor,
    }
}
