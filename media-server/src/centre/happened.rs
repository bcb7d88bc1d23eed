//! What happened on a call, as the store keeps it for the record: the domain's events, with the
//! names of that time. Who may read which of them is decided when they are read.

use interaction::{Event, Role, UnixMs, Viewer, disclose};
use wire::EndReason;

use super::record::{CallRecord, end_name};
use crate::stored::call::{self, CallFact};

/// Events that are kept of one call; a further one is counted and left out.
pub const EVENTS_MAX: usize = 2_000;

/// The event as it is kept; `None`: it is not. `record` is the call after the event.
pub fn record(record: &CallRecord, at: UnixMs, event: &Event) -> Option<store::EventRecord> {
    if !call::is_kept(event) {
        return None;
    }
    let mut fact = CallFact::new(event.clone(), |user| record.known.name_of(user));
    fact.to = goes_to(record, event);
    fact.end_reason = end(record, event);
    Some(store::EventRecord {
        position: record.happened().len() as u64 + 1,
        at: at.0,
        kind: call::name(event).to_owned(),
        actor: call::actor(event).map(|user| user.0),
        private: disclose(record.state.policy(), Viewer::Caller, event).is_none(),
        data: fact.json(),
    })
}

/// The name of where the call goes to with this event.
fn goes_to(record: &CallRecord, event: &Event) -> Option<String> {
    match event {
        Event::LegJoined(leg) if leg.role() == Role::Caller => {
            record.queue.as_ref().map(|queue| queue.name.clone())
        }
        Event::HandoverRequested(handover) => Some(record.known.target_name(handover.to)),
        _ => None,
    }
}

fn end(record: &CallRecord, event: &Event) -> Option<String> {
    let reason = record.end_reason.unwrap_or(EndReason::Server);
    matches!(event, Event::Ended).then(|| end_name(reason).to_owned())
}
