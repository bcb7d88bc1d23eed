//! Calls that are handed over: where the request rings, who may see the call, and its end.
//!
//! What may be requested, and what becomes of who accepts, is the model's
//! ([`interaction::call`]); at whom it rings is decided by [`interaction::offers`]. A blind transfer that nobody
//! takes ends the call, because its sender has left; everything else leaves the call as it is.

use interaction::offers::{Decision, Delivery, Interaction, Presence};
use interaction::{
    CallId, Command, Event, Handover, HandoverId, HandoverKind, HandoverOutcome, QueueRef, Target,
    TeamId, UserId,
};

use super::{Effect, LiveState, Moment};
use crate::call_terms::CallEnd;
use crate::publication::AgentSight;

/// Where a call shall be handed to.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// Queue or agent.
    pub target: Target,
    /// The queue, if it is one.
    pub queue: Option<QueueRef>,
}

/// Where an agent can hand calls and conversations to.
#[derive(Clone, Debug, PartialEq)]
pub struct Destinations {
    /// The queues, by name.
    pub queues: Vec<QueueAvailability>,
    /// The other agents, by name.
    pub agents: Vec<AgentSight>,
}

/// A queue and how many of its agents are ready or busy.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueAvailability {
    /// The queue.
    pub queue: QueueRef,
    /// Its agents who are there.
    pub available: u32,
}

impl LiveState {
    /// Lets the call remember where it may be handed to, so that it can be called by name.
    pub fn handle_receiver(&mut self, call: CallId, to: &Receiver) {
        let agent = match to.target {
            Target::Agent(id) => self.agents.get(&id).map(|entry| (id, entry.name.clone())),
            Target::Queue(_) => None,
        };
        let Some(live) = self.calls.get_mut(&call) else { return };
        if let Some(queue) = &to.queue {
            live.learn_queue(queue.clone());
        }
        if let Some((id, name)) = agent {
            live.learn(id, &name, "");
        }
    }

    /// Whom an agent can hand a call or conversation to, or ask in: every queue of `queues` with
    /// its agents who are ready or busy, and every other agent, by name.
    pub fn destinations(&self, own: UserId, mut queues: Vec<QueueRef>) -> Destinations {
        let is_there = |agent: &UserId| {
            matches!(
                self.offers.presence(*agent),
                Presence::Active | Presence::Ready | Presence::Ringing
            )
        };
        let available = |key: &String| {
            let serves =
                self.agents.iter().filter(|(id, it)| **id != own && it.queues.contains(key));
            serves.filter(|(id, _)| is_there(id)).count() as u32
        };
        queues.sort_by(|a, b| a.name.cmp(&b.name));
        let queues = queues
            .into_iter()
            .map(|queue| QueueAvailability { available: available(&queue.key), queue })
            .collect();
        let others = self.agents.keys().filter(|agent| **agent != own);
        let mut agents: Vec<AgentSight> =
            others.filter_map(|agent| self.agent_sight(*agent)).collect();
        agents.sort_by(|a, b| a.name.cmp(&b.name));
        Destinations { queues, agents }
    }

    /// The request that whoever answers the call now takes on.
    pub fn waiting_handover(&self, call: CallId) -> Option<HandoverId> {
        self.calls.get(&call)?.state.handover().map(|handover| handover.id)
    }

    /// Before anybody is told: a call's supervisors are also those of the teams that it is handed
    /// to. Those who had it before keep it: it was their agent's, and is in their live.
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
            if let Some(live) = self.calls.get_mut(&call) {
                live.teams.extend(teams);
                live.teams.sort_unstable();
                live.teams.dedup();
            }
        }
    }

    /// Rings for a request.
    pub(super) fn ring_for(&mut self, now: Moment, call: CallId, it: &Handover) -> Vec<Decision> {
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
        let end = if self.is_draining() { CallEnd::Server } else { CallEnd::NoAgent };
        let live = self.calls.get_mut(&call)?;
        let Some(handover) = live.state.handover().map(|handover| handover.id) else {
            live.end = Some(end);
            return Some(Effect::ToMedia { call, command: Command::Hangup });
        };
        if live.state.parked() {
            live.end = Some(end);
        }
        let outcome = HandoverOutcome::NoAgents;
        Some(Effect::ToMedia { call, command: Command::EndHandover { handover, outcome } })
    }

    /// Who was asked by name has declined: that is said instead of "no agents".
    pub(super) fn declined_by_name(&self, call: CallId, agent: UserId, effects: &mut [Effect]) {
        let handover = self.calls.get(&call).and_then(|live| live.state.handover());
        if handover.is_none_or(|it| it.to != Target::Agent(agent)) {
            return;
        }
        for effect in effects {
            if let Effect::ToMedia { call: of, command: Command::EndHandover { outcome, .. } } =
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
                let queue = self.calls.get(&call).and_then(|live| live.participants.queue_of(id));
                queue.map(|queue| queue.team).into_iter().collect()
            }
            Target::Agent(id) => self.agents.get(&id).map_or_else(Vec::new, |it| it.teams.clone()),
        }
    }
}
