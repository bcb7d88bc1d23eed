//! Interaction records: what was, for whoever may read it.
//!
//! Who may read which, and how far, is asked of [`ReadableInteraction`](readable), in which
//! `interaction`'s access rule is the one that decides. What is told of what happened is what
//! `interaction` discloses to such a reader, here as live: an agent does not learn from a record
//! who listened.

use std::collections::BTreeMap;

use interaction::access::is_staff;
use interaction::conversation::Entry;
use interaction::people::User;
use store::{EventRecord, PAGE_ROWS_MAX, Scope, Store, StoreError};

use crate::stored::entries as kept;

pub mod help;
pub mod readable;

pub use readable::ReadableInteraction;

/// Events that a timeline leaves out: messages have pages of their own.
const BESIDE: [&str; 3] = ["posted", "typing", "marked"];

/// Where the user's list is looked for; `None`: records are not for this user. It narrows what the
/// store is asked, and decides nothing: each row is looked at by itself.
pub fn scope(user: &User, reads: Vec<String>) -> Option<Scope> {
    if !is_staff(user) {
        return None;
    }
    let queues = user.queues.iter().filter(|queue| user.supervises(queue.team));
    let queues = queues.map(|queue| queue.key.clone()).collect();
    Some(Scope { queues, member: Some(user.id.0), reads })
}

/// What was kept of an interaction's events, but for messages and how far they were read.
///
/// # Errors
/// The store can't be read.
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
    events.iter().map(|event| kept::entry(event, &mut BTreeMap::new())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use control_plane::testing::{SUPPORT, agent, guest, supervisor};

    #[test]
    fn lists_are_of_the_supervised_queues_and_ones_own() {
        let sam = scope(&supervisor(3, "Sam", SUPPORT), Vec::new()).unwrap();
        assert_eq!((sam.queues, sam.member), (vec!["support".to_owned()], Some(3)));
        assert!(scope(&agent(1, "Ana"), Vec::new()).unwrap().queues.is_empty());
        assert!(scope(&guest(), Vec::new()).is_none());
    }
}
