//! A call and what happened on it, as the store keeps them for the record: the domain's events, with the
//! names of that time. Who may read which of them is decided when they are read.

use control_plane::{CallCard, CallEnd, CallEntry, CallSummary, CallerSource};
use interaction::{CustomerKey, Event, Leg, LegId, Role, UserId, Viewer, disclose};

use crate::stored::call::{self, CallFact};
use crate::stored::{Opening, sound};

/// The leg that joins a call first.
const FIRST_LEG: LegId = LegId(1);

/// A call as it is kept.
pub fn record(summary: &CallSummary) -> store::CallRecord {
    let card = &summary.card;
    let party = |party: &control_plane::PartyTime| store::PartyRecord {
        user: party.leg.user.0,
        name: card.participants.name_of(party.leg.user),
        role: party.leg.role(),
        joined_at: party.leg.joined_at.0,
        left_at: party.left_at.unwrap_or(summary.ended_at).0,
        left_event: party.left_event.filter(|event| {
            let at = party.left_at.unwrap_or(summary.ended_at);
            *event < summary.history.len() as u64 || at < summary.ended_at
        }),
        sound: party.sound.map(sound::json),
    };
    store::CallRecord {
        call: card.id.to_string(),
        queue: card.queue.as_ref().map(|queue| queue.key.clone()),
        caller_name: card.caller.name.clone(),
        caller_number: card.caller.number.clone(),
        placed_at: card.placed_at.0,
        answered_at: card.state.answered_at().map(|at| at.0),
        ended_at: summary.ended_at.0,
        end_reason: summary.end.name().to_owned(),
        parties: summary.parties.iter().map(party).collect(),
        opening: Some(
            Opening::new(card.state.policy(), &summary.teams)
                .dialed_by(card.dialed.map(|it| it.by))
                .json(),
        ),
        customer: customer(summary).map(|key| key.to_string()),
    }
}

/// By what the customer is known: not by a number that they typed into a page.
fn customer(summary: &CallSummary) -> Option<CustomerKey> {
    let info = &summary.card.caller;
    let number = match info.source {
        CallerSource::Network | CallerSource::Dialed => info.number.as_deref(),
        CallerSource::Stated => None,
    };
    let caller = summary.parties.iter().find(|party| party.leg.role() == Role::Caller);
    CustomerKey::of(caller.map(|party| party.leg.user), number, None)
}

/// What happened on a call after its first `before` events, as it is kept.
pub fn rows(summary: &CallSummary, before: u64) -> Vec<store::EventRecord> {
    let entries = (1..).zip(&summary.history).filter(|(position, _)| *position > before);
    entries.map(|(position, entry)| row(summary, position, entry)).collect()
}

/// The last event of a call that a server's death cut off, as it is kept.
pub fn cut_off(at: u64, position: u64) -> store::EventRecord {
    let mut fact = CallFact::new(Event::Ended, |_| String::new());
    fact.end_reason = Some(CallEnd::Server.name().to_owned());
    store::EventRecord {
        position,
        at,
        kind: call::name(&fact.event).to_owned(),
        actor: None,
        private: false,
        data: fact.json(),
    }
}

fn row(summary: &CallSummary, position: u64, entry: &CallEntry) -> store::EventRecord {
    let card = &*summary.card;
    let mut fact = CallFact::new(entry.event.clone(), |user| card.participants.name_of(user));
    fact.to = goes_to(card, &entry.event);
    fact.end_reason = matches!(entry.event, Event::Ended).then(|| summary.end.name().to_owned());
    store::EventRecord {
        position,
        at: entry.at.0,
        kind: call::name(&entry.event).to_owned(),
        actor: call::actor(&entry.event).map(|user| user.0),
        private: disclose(card.state.policy(), Viewer::Caller, &entry.event).is_none(),
        data: fact.json(),
    }
}

/// The name of where the call goes to with this event.
fn goes_to(card: &CallCard, event: &Event) -> Option<String> {
    match event {
        Event::LegJoined(leg) if leg.role() == Role::Caller && is_customer(card, leg) => {
            card.queue.as_ref().map(|queue| queue.name.clone())
        }
        // Who makes the call is on it before anybody is called.
        Event::LegJoined(leg) if card.dialed.is_some_and(|it| is_first_of(leg, it.by)) => {
            card.caller.number.clone()
        }
        Event::HandoverRequested(handover) => Some(card.participants.target_name(handover.to)),
        _ => None,
    }
}

/// Whether it is the leg by which this agent has made the call.
fn is_first_of(leg: &Leg, agent: UserId) -> bool {
    leg.user == agent && leg.id == FIRST_LEG
}

/// Whether it is the customer's leg, not that of somebody outside who was called to the call.
fn is_customer(card: &CallCard, leg: &Leg) -> bool {
    card.state.outside().is_none_or(|it| it.id != leg.id)
}
