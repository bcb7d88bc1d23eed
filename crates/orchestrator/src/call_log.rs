//! The record of calls: it begins with the call, and is brought up to date soon after each change, in
//! the background. What can't be written now is tried until it can be. Supervision has a
//! [log of its own](super::supervision_log).
//!
//! What waits is a set of calls, not a queue of changes: however many changes there are, the next
//! attempt writes the latest state of each call.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use control_plane::{
    CallEnd, CallSummary, DomainEvent, OfferEnd, OfferOutcome, Subject, SupervisionAct,
    SupervisionAction, WrapUp,
};
use interaction::{CallId, LeaveReason};
use tokio::sync::{Notify, watch};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::{Orchestrator, mode_name, stored_rows};
use crate::records;
use accounts::unix_now;

/// Calls that have ended, and requests for help, that may each wait to be written; what runs is
/// bounded by itself.
const WAITING_MAX: usize = 4_096;
/// Ends of offers and of wrap-ups that may wait to be written: they are only counted, and take no room from
/// calls.
const OFFERS_WAITING_MAX: usize = 4_096;
/// Changes that come this close together are written together.
const GATHER: Duration = Duration::from_millis(50);
/// Pause between two attempts.
const RETRY: Duration = Duration::from_millis(500);
/// How often it is noted that the server lives, while there are calls.
const ALIVE_INTERVAL: Duration = Duration::from_secs(5);

/// What is to be written about calls.
#[derive(Default)]
pub struct CallLog {
    waiting: Mutex<Waiting>,
    wake: Notify,
    /// All that was put in up to this one has been written.
    written: watch::Sender<u64>,
}

#[derive(Default)]
struct Waiting {
    /// Calls that go on and have changed.
    changed: BTreeSet<CallId>,
    /// Calls that are over.
    ended: BTreeMap<CallId, Box<CallSummary>>,
    /// Requests for help as they are now, by call and number.
    helped: BTreeMap<(CallId, u64), Box<store::HelpRecord>>,
    /// What was offered to an agent, and what came of it.
    offered: Vec<store::AgentOfferRecord>,
    /// How long agents wrote up calls.
    wrapped_up: Vec<store::WrapUpRecord>,
    /// How many were ever put in.
    last: u64,
}

/// A piece of the record that could not be written.
enum Left {
    Changed(CallId),
    Ended(Box<CallSummary>),
    Helped(CallId, Box<store::HelpRecord>),
    Offered(Box<store::AgentOfferRecord>),
    WrappedUp(Box<store::WrapUpRecord>),
}

/// Ends in the record what was going on when the server died, but for conversations, which go on.
pub(super) async fn end_lost_calls(store: &store::Store) -> Result<(), store::StoreError> {
    store.cancel_orphaned_help(unix_now().0).await?;
    let lost = store.end_lost_calls(CallEnd::Server.name(), stored_rows::cut_off).await?;
    if lost > 0 {
        tracing::warn!(calls = lost, "calls were cut off when the server ended last");
    }
    Ok(())
}

impl CallLog {
    /// Keeps what the control plane reports.
    pub fn keep(&self, event: DomainEvent) {
        let mut waiting = self.waiting();
        match event {
            DomainEvent::CallChanged(call) => {
                waiting.changed.insert(call);
            }
            DomainEvent::CallEnded(summary) => waiting.put_back(Left::Ended(summary)),
            DomainEvent::HelpChanged { call, help, agent_name, queue, team } => {
                let request = records::help::record(&help, agent_name, queue, team);
                // The latest: it stands for those before it.
                waiting.helped.remove(&(call, request.number));
                waiting.put_back(Left::Helped(call, Box::new(request)));
            }
            DomainEvent::OfferEnded(offer) => {
                waiting.put_back(Left::Offered(Box::new(offer_record(offer))));
            }
            DomainEvent::WrappedUp(wrap_up) => {
                waiting.put_back(Left::WrappedUp(Box::new(wrap_up_record(wrap_up))));
            }
            // That has a log of its own.
            DomainEvent::Supervised(_) => return,
        }
        waiting.last += 1;
        drop(waiting);
        self.wake.notify_one();
    }

    /// Waits until what was put in so far has been written.
    pub async fn written(&self) {
        let last = self.waiting().last;
        let mut written = self.written.subscribe();
        // Without a writer nothing more is written.
        let _ = written.wait_for(|up_to| *up_to >= last).await;
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Takes something in, unless there is something newer of it.
    fn put_back(&mut self, left: Left) {
        let full = self.ended.len() + self.helped.len() >= WAITING_MAX;
        let is_crowded = self.offered.len() + self.wrapped_up.len() >= OFFERS_WAITING_MAX;
        match left {
            Left::Changed(call) => {
                self.changed.insert(call);
            }
            Left::Ended(_) | Left::Helped(..) if full => {
                metrics::counter!("sotto_book_entries_lost_total").increment(1);
                tracing::error!("too much waits to be written: a part of a call's record was lost");
            }
            Left::Ended(summary) => {
                self.ended.entry(summary.card.id).or_insert(summary);
            }
            Left::Helped(call, request) => {
                self.helped.entry((call, request.number)).or_insert(request);
            }
            Left::Offered(_) | Left::WrappedUp(_) if is_crowded => {
                metrics::counter!("sotto_book_entries_lost_total").increment(1);
                tracing::error!("too much waits to be written: a figure of an agent's was lost");
            }
            Left::Offered(offer) => self.offered.push(*offer),
            Left::WrappedUp(wrap_up) => self.wrapped_up.push(*wrap_up),
        }
    }
}

impl Orchestrator {
    /// Writes what waits, for as long as the server runs.
    pub(super) async fn keep_calls(self) {
        let log = &self.inner.call_log;
        let mut alive = interval(ALIVE_INTERVAL);
        alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // How many events of each call are kept.
        let mut kept = BTreeMap::new();
        loop {
            tokio::select! {
                () = log.wake.notified() => {}
                _ = alive.tick() => {
                    self.note_alive().await;
                    continue;
                }
            }
            sleep(GATHER).await;
            while !self.write_calls(&mut kept).await {
                sleep(RETRY).await;
            }
        }
    }

    /// One that is missed makes the end of a call that is cut off a little earlier in its record.
    async fn note_alive(&self) {
        if self.live().calls_count() == 0 {
            return;
        }
        if let Err(error) = self.store().note_alive(unix_now().0).await {
            tracing::warn!(%error, "it could not be noted that the server lives");
        }
    }

    /// Whether nothing is left that could not be written.
    async fn write_calls(&self, kept: &mut BTreeMap<CallId, u64>) -> bool {
        let log = &self.inner.call_log;
        let (waiting, last) = {
            let mut waiting = log.waiting();
            let last = waiting.last;
            (std::mem::replace(&mut *waiting, Waiting { last, ..Waiting::default() }), last)
        };
        let mut left = Vec::new();
        for call in waiting.changed {
            // One that is over tells so by itself.
            let summary = self.live().live_call(call).map(|live| live.summary(unix_now()));
            if let Some(summary) = summary
                && !self.write_call(&summary, true, kept).await
            {
                left.push(Left::Changed(call));
            }
        }
        for summary in waiting.ended.into_values() {
            if self.write_call(&summary, false, kept).await {
                kept.remove(&summary.card.id);
            } else {
                left.push(Left::Ended(summary));
            }
        }
        for ((call, _), request) in waiting.helped {
            let written = self.store().keep_help(&call.to_string(), &request).await;
            if !is_settled(written) {
                left.push(Left::Helped(call, request));
            }
        }
        for offer in waiting.offered {
            if !is_settled(self.store().record_offer(&offer).await) {
                left.push(Left::Offered(Box::new(offer)));
            }
        }
        for wrap_up in waiting.wrapped_up {
            if !is_settled(self.store().record_wrap_up(&wrap_up).await) {
                left.push(Left::WrappedUp(Box::new(wrap_up)));
            }
        }
        let is_done = left.is_empty();
        let mut waiting = log.waiting();
        left.into_iter().for_each(|it| waiting.put_back(it));
        drop(waiting);
        if is_done {
            log.written.send_replace(last);
        }
        is_done
    }

    async fn write_call(
        &self,
        summary: &CallSummary,
        runs: bool,
        kept: &mut BTreeMap<CallId, u64>,
    ) -> bool {
        let before = kept.get(&summary.card.id).copied().unwrap_or(0);
        let events = stored_rows::rows(summary, before);
        let written = self.store().record_call(&stored_rows::record(summary), runs, &events).await;
        let is_written = written.is_ok();
        if is_written {
            kept.insert(summary.card.id, summary.history.len() as u64);
        }
        is_settled(written)
    }
}

/// Whether an attempt needs no other one: it succeeded, or would fail each time.
fn is_settled(written: Result<(), store::StoreError>) -> bool {
    let Err(error) = written else { return true };
    match error.outage() {
        Some(_) => {
            metrics::counter!("sotto_book_entries_retried_total").increment(1);
            tracing::error!(%error, "a part of a call's record could not be written yet");
            false
        }
        None => {
            metrics::counter!("sotto_book_entries_lost_total").increment(1);
            tracing::error!(%error, "a part of a call's record can't be written");
            true
        }
    }
}

fn offer_record(offer: OfferEnd) -> store::AgentOfferRecord {
    let (interaction, kind) = match offer.subject {
        Subject::Call(id) => (id.to_string(), store::InteractionKind::Call),
        Subject::Conversation(id) => (id.to_string(), store::InteractionKind::Conversation),
    };
    store::AgentOfferRecord {
        interaction,
        kind,
        agent: offer.agent.0,
        agent_name: offer.agent_name,
        queue: offer.queue,
        team: offer.team.map(|team| team.0),
        offered_at: offer.since.0,
        ended_at: offer.until.0,
        outcome: match offer.outcome {
            OfferOutcome::Answered => store::OfferOutcome::Answered,
            OfferOutcome::Declined => store::OfferOutcome::Declined,
            OfferOutcome::Missed => store::OfferOutcome::Missed,
            OfferOutcome::Withdrawn => store::OfferOutcome::Withdrawn,
        },
    }
}

fn wrap_up_record(wrap_up: WrapUp) -> store::WrapUpRecord {
    store::WrapUpRecord {
        interaction: wrap_up.call.to_string(),
        agent: wrap_up.agent.0,
        agent_name: wrap_up.agent_name,
        queue: wrap_up.queue,
        team: wrap_up.team.map(|team| team.0),
        began_at: wrap_up.since.0,
        ended_at: wrap_up.until.0,
    }
}

/// An act of supervision, for its [log](super::supervision_log).
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
