//! The books: ended calls and what happened on them, help requests. They are written one
//! after the other, in the background. Supervision has a [log of its own](super::audit).

use control_plane::{CallSummary, DomainEvent, Subject, SupervisionAct, SupervisionAction};
use interaction::LeaveReason;
use tokio::sync::{mpsc, oneshot};

use super::{mode_name, stored_rows};
use crate::records;
use crate::stored::Opening;

/// Entries that may wait to be written; a database that stands still must not hold up calls.
const ENTRIES_MAX: usize = 4_096;

/// Takes entries.
pub struct CallLog {
    entries: mpsc::Sender<Entry>,
}

enum Entry {
    Finished(Box<store::CallRecord>),
    Happened(String, store::InteractionChange),
    Helped(String, store::HelpRecord),
    /// Everything before this has been written.
    Mark(oneshot::Sender<()>),
}

/// The books, and the task that writes them.
pub fn open(store: store::Store) -> (CallLog, impl Future<Output = ()> + Send + 'static) {
    let (entries, mut receiver) = mpsc::channel(ENTRIES_MAX);
    let write = async move {
        while let Some(entry) = receiver.recv().await {
            let written = match entry {
                Entry::Finished(record) => store.record_call(&record).await,
                Entry::Happened(call, change) => store.keep(&call, &change).await.map(drop),
                Entry::Helped(call, request) => store.keep_help(&call, &request).await,
                Entry::Mark(reply) => {
                    let _ = reply.send(());
                    Ok(())
                }
            };
            if let Err(error) = written {
                metrics::counter!("sotto_book_entries_lost_total").increment(1);
                tracing::error!(%error, "an entry could not be written into the books");
            }
        }
    };
    (CallLog { entries }, write)
}

impl CallLog {
    /// Keeps what the control plane reports.
    pub fn keep(&self, event: &DomainEvent) {
        match event {
            DomainEvent::CallEnded(summary) => {
                let events = stored_rows::rows(summary);
                self.put(Entry::Finished(Box::new(call_record(summary))));
                let change = store::InteractionChange { events, ..Default::default() };
                self.put(Entry::Happened(summary.card.id.to_string(), change));
            }
            DomainEvent::HelpChanged { call, help, agent_name, queue, team } => {
                let (name, queue) = (agent_name.clone(), queue.clone());
                let request = records::help::record(help, name, queue, *team);
                self.put(Entry::Helped(call.to_string(), request));
            }
            // That has a log of its own.
            DomainEvent::Supervised(_) => {}
        }
    }

    /// Waits until what was put in so far has been written.
    pub async fn written(&self) {
        let (reply, written) = oneshot::channel();
        if self.entries.send(Entry::Mark(reply)).await.is_ok() {
            let _ = written.await;
        }
    }

    fn put(&self, entry: Entry) {
        if self.entries.try_send(entry).is_err() {
            metrics::counter!("sotto_book_entries_lost_total").increment(1);
            tracing::error!("the books are full: an entry was lost");
        }
    }
}

fn call_record(summary: &CallSummary) -> store::CallRecord {
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
        opening: Some(Opening::new(card.state.policy(), &summary.teams).json()),
    }
}

/// An act of supervision, for its [log](super::audit).
pub(super) fn supervision_record(act: &SupervisionAct) -> store::SupervisionRecord {
    let (kind, id) = match act.subject {
        Subject::Call(id) => ("sotto_supervision_total", id.to_string()),
        Subject::Conversation(id) => ("sotto_text_supervision_total", id.to_string()),
    };
    let (action, outcome) = match act.action {
        SupervisionAction::Mode(mode) => (mode_name(mode), "done"),
        SupervisionAction::Stop(reason) => ("stop", leave_name(reason)),
    };
    metrics::counter!(kind, "action" => action).increment(1);
    store::SupervisionRecord {
        at: act.at.0,
        user: act.user.0,
        username: act.username.clone(),
        call: id,
        action: action.to_owned(),
        outcome: outcome.to_owned(),
    }
}

fn leave_name(reason: LeaveReason) -> &'static str {
    match reason {
        LeaveReason::HungUp => "done",
        LeaveReason::CallEnded => "call ended",
        LeaveReason::Lost => "lost",
        LeaveReason::Replaced => "replaced",
        LeaveReason::Revoked => "revoked",
        LeaveReason::Transferred => "transferred",
    }
}
