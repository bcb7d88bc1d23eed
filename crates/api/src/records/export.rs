//! The list of records as one table.

use axum::response::Response;
use interaction::conversation::PartKind;
use orchestrator::records::ReadableInteraction;
use store::{InteractionFilter, InteractionKind, MemberRecord, Scope};

use super::{codes_for, page};
use crate::clock::Clock;
use crate::reports::csv::{file, seconds};
use crate::{AppState, Kind, Problem};
use accounts::User;

/// Rows that one table may have.
const EXPORT_ROWS_MAX: usize = 10_000;

/// An interaction of the table, and what it was wrapped up with.
pub struct Exported {
    seen: ReadableInteraction,
    codes: Vec<String>,
}

/// Every page of the list.
///
/// # Errors
/// More than [`EXPORT_ROWS_MAX`] rows: a table that was cut short would look like the whole.
pub async fn all(
    state: &AppState,
    user: &User,
    search: Option<&str>,
    scope: &Scope,
    mut filter: InteractionFilter,
) -> Result<Vec<Exported>, Problem> {
    let mut all = Vec::new();
    loop {
        let (found, next) = page(state, user, search, scope, filter.clone()).await?;
        let last = found.last().map(|last| (last.record.opened_at, last.record.id.clone()));
        let ids: Vec<&str> = found.iter().map(|it| it.record.id.as_str()).collect();
        let codes = state.store.codes_of_all(&ids).await?;
        all.extend(found.into_iter().map(|seen| {
            let codes = codes_for(&seen, &codes);
            Exported { seen, codes }
        }));
        if all.len() > EXPORT_ROWS_MAX {
            return Err(Problem::new(
                Kind::BadInput,
                format!(
                    "These are more than {EXPORT_ROWS_MAX} interactions. Choose a shorter period."
                ),
            ));
        }
        match (next, last) {
            (Some(_), Some(last)) => filter.before = Some(last),
            (Some(_) | None, _) => return Ok(all),
        }
    }
}

/// The table.
///
/// # Errors
/// [`Problem::internal`], should it not be writable.
pub fn csv(found: Vec<Exported>, clock: &Clock, bom: bool) -> Result<Response, Problem> {
    let head = [
        "opened",
        "answered",
        "ended",
        "seconds",
        "kind",
        "channel",
        "queue",
        "customer",
        "subject",
        "agents",
        "end",
        "interaction",
        "codes",
    ];
    let at = |ms: u64| clock.moment(ms);
    let line = |Exported { seen: it, codes }: Exported| {
        let is_agent = |member: &&MemberRecord| member.part == PartKind::Agent && it.knows(member);
        let agents: Vec<&str> =
            it.members.iter().filter(is_agent).map(|member| member.name.as_str()).collect();
        let agents = agents.join("; ");
        let record = it.record;
        let kind = match record.kind {
            InteractionKind::Call => "call",
            InteractionKind::Conversation => "conversation",
        };
        [
            at(record.opened_at),
            record.answered_at.map_or_else(String::new, at),
            record.ended_at.map_or_else(String::new, at),
            seconds(record.ended_at.map(|end| end.saturating_sub(record.opened_at))),
            kind.to_owned(),
            record.channel,
            record.queue.unwrap_or_default(),
            record.requester_name,
            record.subject.unwrap_or_default(),
            agents,
            record.end_reason.unwrap_or_default(),
            record.id,
            codes.join("; "),
        ]
    };
    file("interactions", bom, head, found.into_iter().map(line))
}
