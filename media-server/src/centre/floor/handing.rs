//! Calls that are handed over: where the request rings, who may see the call, and its end.
//!
//! What may be requested, and what becomes of who accepts, is the model's
//! ([`interaction::call`]); at whom it rings is decided by [`interaction::offers`]. A blind transfer that nobody
//! takes ends the call, because its sender has left; everything else leaves the call as it is.

use interaction::offers::{Decision, Delivery, Interaction};
use interaction::{
    CallId, Command, Event, Handover, HandoverId, HandoverKind, HandoverOutcome, Target, TeamId,
    UserId, Viewer,
};
use wire::{AgentDestination, DestinationList, EndReason, Event as Told, QueueDestination};

use super::{Effect, Floor, Moment};
use crate::auth::QueueRef;
use crate::centre::record::CallRecord;
use crate::hub::view;

/// Where a call shall be handed to.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// Queue or agent.
    pub target: Target,
    /// The queue, if it is one.
    pub queue: Option<QueueRef>,
}

impl Floor {
    /// Lets the call remember where it may be handed to, so that it can be called by name.
    pub fn handle_receiver(&mut self, call: CallId, to: &Receiver) {
        let agent = match to.target {
            Target::Agent(id) => self.agents.get(&id).map(|entry| (id, entry.name.clone())),
            Target::Queue(_) => None,
        };
        let Some(record) = self.calls.get_mut(&call) else { return };
        if let Some(queue) = &to.queue {
            record.known.learn_queue(queue.clone());
        }
        if let Some((id, name)) = agent {
            record.known.learn(id, &name, "");
        }
    }

    /// Whom an agent can hand a call or conversation to, or ask in: every queue of `queues` with
    /// its agents who are ready or busy, and every other agent, by name.
    pub fn destinations(&self, own: UserId, mut queues: Vec<QueueRef>) -> DestinationList {
        let is_there = |agent: &UserId| {
            use interaction::offers::Presence::{Active, Ready, Ringing};
            matches!(self.offers.presence(*agent), Active | Ready | Ringing)
        };
        let available = |key: &String| {
            let serves =
                self.agents.iter().filter(|(id, it)| **id != own && it.queues.contains(key));
            serves.filter(|(id, _)| is_there(id)).count() as u32
        };
        queues.sort_by(|a, b| a.name.cmp(&b.name));
        let queues = queues
            .into_iter()
            .map(|it| QueueDestination {
                available: available(&it.key),
                queue: it.key,
                name: it.name,
            })
            .collect();
        let others = self.agents.keys().filter(|agent| **agent != own);
        let mut agents: Vec<AgentDestination> = others
            .filter_map(|agent| self.agent_view(*agent))
            .map(|it| AgentDestination { user: it.user, name: it.name, state: it.state })
            .collect();
        agents.sort_by(|a, b| a.name.cmp(&b.name));
        DestinationList { queues, agents }
    }

    /// The request that whoever answers the call now takes on.
    pub(in crate::centre) fn waiting_handover(&self, call: CallId) -> Option<HandoverId> {
        self.calls.get(&call)?.state.handover().map(|handover| handover.id)
    }

    /// Before anybody is told: a call's supervisors are also those of the teams that it is handed
    /// to. Those who had it before keep it: it was their agent's, and is in their record.
    pub(super) fn widen(&mut self, call: CallId, events: &[Event]) {
        for event in events {
            let teams = match event {
                Event::HandoverRequested(it) if it.kind == HandoverKind::Transfer => {
                    self.teams_of(call, it.to)
                }
                Event::HandoverEnded(_, HandoverOutcome::Accepted(by)) => {
                    self.teams_of(call, Target::Agent(*by))
                }
                _ => continue,
            };
            if let Some(record) = self.calls.get_mut(&call) {
                record.teams.extend(teams);
                record.teams.sort_unstable();
                record.teams.dedup();
            }
        }
    }

    /// Rings for a request.
    pub(super) fn ring_for(&mut self, now: Moment, call: CallId, it: &Handover) -> Vec<Decision> {
        metrics::counter!("sotto_handovers_total", "kind" => kind_name(it.kind)).increment(1);
        let ticket = Interaction::Call(call).request(it.id);
        let (push, from) = (Delivery::Push, Some(it.from));
        match self.offers.handle_placed(now.instant, ticket, it.to, push, from) {
            Ok(decisions) => decisions,
            // Too many calls wait: as if nobody was there.
            Err(_) => vec![Decision::GiveUp { ticket }],
        }
    }

    /// Nobody was found for a call that waits, or for a request on one.
    pub(super) fn give_up(&mut self, call: CallId) -> Option<Effect> {
        let record = self.calls.get_mut(&call)?;
        let Some(handover) = record.state.handover().map(|handover| handover.id) else {
            record.end_reason = Some(EndReason::NoAgent);
            return Some(Effect::Command { call, command: Command::Hangup });
        };
        if record.state.parked() {
            record.end_reason = Some(EndReason::NoAgent);
        }
        let outcome = HandoverOutcome::NoAgents;
        Some(Effect::Command { call, command: Command::EndHandover { handover, outcome } })
    }

    /// Who was asked by name has declined: that is said instead of "no agents".
    pub(super) fn declined_by_name(&self, call: CallId, agent: UserId, effects: &mut [Effect]) {
        let handover = self.calls.get(&call).and_then(|record| record.state.handover());
        if handover.is_none_or(|it| it.to != Target::Agent(agent)) {
            return;
        }
        for effect in effects {
            if let Effect::Command { call: of, command: Command::EndHandover { outcome, .. } } =
                effect
                && *of == call
            {
                *outcome = HandoverOutcome::Declined;
            }
        }
    }

    fn teams_of(&self, call: CallId, target: Target) -> Vec<TeamId> {
        match target {
            Target::Queue(id) => {
                let queue = self.calls.get(&call).and_then(|record| record.known.queue_of(id));
                queue.map(|queue| queue.team).into_iter().collect()
            }
            Target::Agent(id) => self.agents.get(&id).map_or_else(Vec::new, |it| it.teams.clone()),
        }
    }
}

/// What staff, and the sender even after leaving, are told of a request's end.
pub(in crate::centre) fn ended(
    record: &CallRecord,
    viewer: Option<Viewer>,
    user: UserId,
    event: &Event,
) -> Option<Told> {
    let Event::HandoverEnded(handover, outcome) = event else { return None };
    let concerned = viewer.map_or(handover.from == user, |viewer| viewer != Viewer::Caller);
    concerned.then(|| {
        let (outcome, by) = view::outcome(record, *outcome);
        let handover = view::handover(record, handover);
        Told::HandoverEnded { call: record.id.to_string(), handover, outcome, by }
    })
}

fn kind_name(kind: HandoverKind) -> &'static str {
    match kind {
        HandoverKind::Transfer => "transfer",
        HandoverKind::Consultation => "consultation",
        HandoverKind::Conference => "conference",
    }
}
