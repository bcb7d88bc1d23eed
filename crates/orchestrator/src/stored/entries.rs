//! What happened in a conversation, as the store keeps it: [`Entry`] to a row and back.
//!
//! A message's text is kept beside its event, once; the event says only where it stands.

use std::collections::BTreeMap;

use interaction::conversation::{EndReason, Entry, Event, Message, Reader, Viewer, disclose};
use interaction::{AttachmentId, HandoverOutcome, HelpStage, Policy, UnixMs, UserId};
use store::{EventRecord, LeftRecord, PlaceRecord, StoreError};

use crate::stored::conversation::Fact;

/// The entry as it is kept; `None`: it is not. `position` is its place in the conversation;
/// `policy` and `requester` say whether the customer was told of it.
pub fn record(
    position: u64,
    entry: &Entry,
    policy: &Policy,
    requester: UserId,
) -> Option<EventRecord> {
    let customer = Viewer { user: requester, reader: Reader::Requester };
    let fact = Fact::of(&entry.event)?;
    Some(EventRecord {
        position,
        at: entry.at.0,
        kind: name(&entry.event).to_owned(),
        actor: actor(&entry.event).map(|user| user.0),
        private: disclose(policy, customer, entry).is_none(),
        data: serde_json::to_string(&fact).expect("facts are maps with text keys"),
    })
}

/// The entry that was kept; `messages` are the conversation's, by position.
///
/// # Errors
/// [`StoreError::Unreadable`]: this server never wrote that.
pub fn entry(
    record: &EventRecord,
    messages: &mut BTreeMap<u64, Message>,
) -> Result<Entry, StoreError> {
    let unreadable =
        || StoreError::Unreadable { what: "event of a conversation", value: record.kind.clone() };
    let fact: Fact = serde_json::from_str(&record.data).map_err(|_| unreadable())?;
    let event = match fact {
        Fact::Posted { position, .. } => {
            Event::Posted(messages.remove(&position).ok_or_else(unreadable)?)
        }
        other => other.event().ok_or_else(unreadable)?,
    };
    Ok(Entry { at: UnixMs(record.at), event })
}

/// Where whoever left is to read no further: each with the last event of the change in which they
/// left. `messages` were there before. Who left in the end, or came back, is not among them.
pub fn left(entries: &[(&Entry, u64)], messages: u64) -> Vec<LeftRecord> {
    let mut left: Vec<LeftRecord> = Vec::new();
    let mut written = messages;
    // What one command did has one time.
    for change in entries.chunk_by(|(one, _), (next, _)| one.at == next.at) {
        let Some((last, event)) = change.last() else { continue };
        let ends = change.iter().any(|(entry, _)| matches!(entry.event, Event::Ended(_)));
        for (entry, _) in change {
            match &entry.event {
                Event::Posted(message) => written = message.position,
                Event::Joined(member) => {
                    let part = member.part.kind();
                    left.retain(|it| it.user != member.user.0 || it.part != part);
                }
                Event::Left(member, _) if !ends => left.push(LeftRecord {
                    user: member.user.0,
                    part: member.part.kind(),
                    place: PlaceRecord { event: *event, message: written, at: last.at.0 },
                }),
                _ => {}
            }
        }
    }
    left
}

/// A message as the domain knows it.
pub fn message(record: &store::MessageRecord, attachments: Vec<AttachmentId>) -> Message {
    Message {
        position: record.position,
        public: record.public_position,
        author: UserId(record.author),
        client_id: record.client_id.clone(),
        text: record.text.clone(),
        attachments,
    }
}

/// An end's name in the store and on the wire.
pub fn end_name(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Requester => "requester",
        EndReason::Agent => "agent",
        EndReason::NoAgents => "no_agents",
        EndReason::Server => "server",
    }
}

fn name(event: &Event) -> &'static str {
    match event {
        Event::Opened(_) => "opened",
        Event::Joined(_) => "joined",
        Event::Left(..) => "left",
        Event::ModeChanged(..) => "mode_changed",
        Event::RightsChanged(..) => "rights_changed",
        Event::Posted(_) => "posted",
        Event::Typing(..) => "typing",
        Event::Marked { .. } => "marked",
        Event::HelpChanged(_) => "help_changed",
        Event::HandoverRequested(_) => "handover_requested",
        Event::HandoverEnded(..) => "handover_ended",
        Event::Ended(_) => "ended",
    }
}

fn actor(event: &Event) -> Option<UserId> {
    match event {
        Event::Opened(member)
        | Event::Joined(member)
        | Event::Left(member, _)
        | Event::ModeChanged(member, _) => Some(member.user),
        Event::RightsChanged(user, _) | Event::Typing(user, ..) | Event::Marked { user, .. } => {
            Some(*user)
        }
        Event::Posted(message) => Some(message.author),
        Event::HelpChanged(help) => Some(match help.stage {
            HelpStage::InProgress { by } | HelpStage::Closed { by: Some(by), .. } => by,
            _ => help.agent,
        }),
        Event::HandoverRequested(handover) => Some(handover.from),
        Event::HandoverEnded(_, HandoverOutcome::Accepted(by)) => Some(*by),
        Event::HandoverEnded(..) | Event::Ended(_) => None,
    }
}
