//! Interaction records: who may look at which, and through whose eyes.
//!
//! A supervisor looks at the queues of their teams, anybody else of the staff at what they took
//! part in. What is told of it is what `interaction` discloses to such a reader, here as live: an
//! agent does not learn from a record who listened.

use std::collections::BTreeMap;

use interaction::conversation::{Entry, Reader};
use interaction::{Permission, UserId};
use store::{
    EventRecord, InteractionRecord, MemberRecord, PAGE_ROWS_MAX, Scope, Store, StoreError,
};

use crate::auth::User;
use crate::desk::book;

pub mod call;
pub mod help;
pub mod timeline;

/// Events that a timeline leaves out: messages have pages of their own.
const BESIDE: [&str; 3] = ["posted", "typing", "marked"];

/// What the user's list is made of; `None`: the user has nothing to do with records.
pub fn scope(user: &User) -> Option<Scope> {
    let supervises = user.permissions.may_supervise();
    if !supervises && !user.permissions.has(Permission::TakeCalls) {
        return None;
    }
    let queues = user.queues.iter().filter(|queue| user.supervises(queue.team));
    Some(Scope { queues: queues.map(|queue| queue.key.clone()).collect(), member: Some(user.id.0) })
}

/// Through whose eyes the user sees the record; `None`: not at all. Having taken part comes before
/// any right to supervise, as it does live.
pub fn reader(user: &User, record: &InteractionRecord, members: &[MemberRecord]) -> Option<Reader> {
    let scope = scope(user)?;
    let took_part = |part: &str| {
        members.iter().any(|member| UserId(member.user) == user.id && member.part == part)
    };
    let oversees = record.queue.as_ref().is_some_and(|queue| scope.queues.contains(queue));
    if took_part("agent") {
        Some(Reader::Agent)
    } else if took_part("supervisor") && user.permissions.may_supervise() {
        Some(Reader::Supervisor)
    } else if oversees {
        // Of what goes on nobody reads a word without listening in.
        let over = record.ended_at.is_some();
        Some(if over { Reader::Supervisor } else { Reader::Overseer })
    } else if took_part("colleague") || took_part("supervisor") {
        Some(Reader::Colleague)
    } else {
        None
    }
}

/// What was kept of an interaction's events, but for messages and how far they were read.
///
/// # Errors
/// The store's.
pub async fn events(store: &Store, id: &str) -> Result<Vec<EventRecord>, StoreError> {
    let mut events = Vec::new();
    let mut after = 0;
    loop {
        let page = store.events_of(id, after, PAGE_ROWS_MAX).await?;
        let last = page.last().map(|last| last.position);
        let full = page.len() == PAGE_ROWS_MAX as usize;
        events.extend(page.into_iter().filter(|event| !BESIDE.contains(&event.kind.as_str())));
        match last {
            Some(last) if full => after = last,
            _ => return Ok(events),
        }
    }
}

/// The entries of a conversation that were kept as `events`.
///
/// # Errors
/// [`StoreError::Unreadable`]: this server never wrote that.
pub fn entries(events: &[EventRecord]) -> Result<Vec<Entry>, StoreError> {
    events.iter().map(|event| book::entry(event, &mut BTreeMap::new())).collect()
}

/// Whether the reader is told of those who only listen.
pub fn knows_listeners(reader: Reader) -> bool {
    matches!(reader, Reader::Supervisor | Reader::Overseer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use control_plane::testing::{SALES, SUPPORT, agent, guest, supervisor};

    fn record(queue: &str, ended_at: Option<u64>) -> InteractionRecord {
        InteractionRecord {
            id: "1".to_owned(),
            kind: "conversation".to_owned(),
            channel: "web_chat".to_owned(),
            queue: Some(queue.to_owned()),
            requester: 100,
            requester_name: "Daniel".to_owned(),
            subject: None,
            opened_at: 1,
            answered_at: None,
            ended_at,
            end_reason: None,
        }
    }

    fn part(user: u64, part: &str) -> MemberRecord {
        MemberRecord { user, part: part.to_owned(), name: String::new() }
    }

    #[test]
    fn a_record_is_for_the_teams_supervisors_and_for_who_took_part() {
        let (ended, runs) = (record("support", Some(9)), record("support", None));
        let (ana, ben) = (agent(1, "Ana"), agent(2, "Ben"));
        let (sam, dan) = (supervisor(3, "Sam", SUPPORT), supervisor(4, "Dan", SALES));
        let members = [part(1, "agent"), part(100, "requester"), part(2, "requester")];
        assert_eq!(reader(&ana, &ended, &members), Some(Reader::Agent));
        assert_eq!(reader(&ben, &ended, &members), None, "having been the customer is no part");
        assert_eq!(reader(&sam, &ended, &members), Some(Reader::Supervisor));
        assert_eq!(reader(&sam, &runs, &members), Some(Reader::Overseer), "reads no word yet");
        assert_eq!(reader(&dan, &ended, &members), None);
        assert_eq!(reader(&guest(), &ended, &members), None);
        let members = [part(4, "supervisor"), part(2, "colleague"), part(3, "agent")];
        assert_eq!(reader(&dan, &ended, &members), Some(Reader::Supervisor));
        assert_eq!(reader(&ben, &ended, &members), Some(Reader::Colleague));
        assert_eq!(reader(&sam, &ended, &members), Some(Reader::Agent), "a part comes first");
    }

    #[test]
    fn lists_are_of_the_supervised_queues_and_ones_own() {
        let sam = scope(&supervisor(3, "Sam", SUPPORT)).unwrap();
        assert_eq!((sam.queues, sam.member), (vec!["support".to_owned()], Some(3)));
        assert!(scope(&agent(1, "Ana")).unwrap().queues.is_empty());
        assert!(scope(&guest()).is_none());
    }
}
