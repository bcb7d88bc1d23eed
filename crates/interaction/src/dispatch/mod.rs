//! At whom a waiting call rings.
//!
//! Calls wait in the order in which they were placed. A call rings at the ready agent who has been
//! idle longest, and at nobody else meanwhile. An agent who lets it ring for
//! [`DispatchConfig::ring_timeout`] becomes not ready with the reason [`MISSED`], because the next
//! caller should not ring an empty chair; an agent who declines stays ready, goes to the end of
//! the line and is not rung with the same call again for [`DispatchConfig::decline_pause`]. A call
//! that nobody takes is given up after [`DispatchConfig::max_wait`]; one that is handed over rings
//! before the others, and for [`DispatchConfig::handover_wait`].
//!
//! It deliberately knows no call state, no clock and no connections: the server tells it who is
//! there and what happened to a call, and carries out each [`Decision`].

mod agent;
mod terms;

use std::collections::BTreeMap;
use std::time::Instant;

pub use terms::{Choice, Decision, DispatchConfig, DispatchError, Presence};

use crate::{CallId, QueueId, Target, UserId};
use agent::{Agent, Duty};

/// Calls that may wait or ring at the same time, over all queues.
pub const WAITING_MAX: usize = 1_000;

/// The reason of an agent who became not ready by not answering.
pub const MISSED: &str = "missed";

/// The centre's agents and its calls without an answer.
#[derive(Clone, Debug)]
pub struct Dispatcher {
    config: DispatchConfig,
    agents: BTreeMap<UserId, Agent>,
    /// In the order in which they were placed, those that ring included.
    calls: Vec<Waiting>,
}

#[derive(Clone, Debug)]
struct Waiting {
    call: CallId,
    target: Target,
    /// Handed over: goes before the calls that were just placed.
    priority: bool,
    gives_up_at: Instant,
    offer: Option<Offer>,
    /// Who declined, and until when they are spared. At most one entry an agent.
    spared: Vec<(UserId, Instant)>,
}

#[derive(Clone, Copy, Debug)]
struct Offer {
    agent: UserId,
    expires_at: Instant,
    /// The agent has answered and is being connected: time-outs wait for the outcome.
    claimed: bool,
}

impl Dispatcher {
    /// Nobody is there and nothing waits.
    pub fn new(config: DispatchConfig) -> Self {
        Self { config, agents: BTreeMap::new(), calls: Vec::new() }
    }

    /// Other times from now on; what rings already keeps the time it was given.
    pub fn configure(&mut self, config: DispatchConfig) {
        self.config = config;
    }

    /// An agent connected. A new one is not ready until they choose to be.
    pub fn handle_online(
        &mut self,
        now: Instant,
        agent: UserId,
        queues: &[QueueId],
    ) -> Vec<Decision> {
        let before = self.shown(agent);
        let entry = self.agent_mut(now, agent);
        if !entry.online {
            entry.idle_since = now;
        }
        entry.online = true;
        entry.queues = queues.to_vec();
        self.settle(now, agent, before, Vec::new())
    }

    /// An agent is gone. A call that rang there goes on to the next; one that is talked on stays.
    /// On return the agent has to choose ready again.
    pub fn handle_offline(&mut self, now: Instant, agent: UserId) -> Vec<Decision> {
        let before = self.shown(agent);
        let entry = self.agent_mut(now, agent);
        entry.online = false;
        entry.choice = Choice::NotReady { reason: None };
        let decisions = self.stop_ringing_at(now, agent);
        self.settle(now, agent, before, decisions)
    }

    /// An agent chose. Not ready while it rings: the call goes on to the next.
    pub fn handle_choice(&mut self, now: Instant, agent: UserId, choice: Choice) -> Vec<Decision> {
        let before = self.shown(agent);
        let entry = self.agent_mut(now, agent);
        let was_ready = entry.choice == Choice::Ready;
        let ready = choice == Choice::Ready;
        entry.choice = choice;
        if ready && !was_ready {
            entry.idle_since = now;
        }
        let decisions = if ready { Vec::new() } else { self.stop_ringing_at(now, agent) };
        self.settle(now, agent, before, decisions)
    }

    /// A call was placed.
    ///
    /// # Errors
    /// [`DispatchError::Full`].
    pub fn handle_placed(
        &mut self,
        now: Instant,
        call: CallId,
        target: Target,
    ) -> Result<Vec<Decision>, DispatchError> {
        self.wait(now, call, target, None)
    }

    /// An agent hands the call over, consults or asks somebody in: it rings before the calls that
    /// wait, and never at `from`. [`Decision::GiveUp`] then means that nobody was found, not that
    /// the call is over.
    ///
    /// # Errors
    /// [`DispatchError::Full`].
    pub fn handle_handover(
        &mut self,
        now: Instant,
        call: CallId,
        target: Target,
        from: UserId,
    ) -> Result<Vec<Decision>, DispatchError> {
        self.wait(now, call, target, Some(from))
    }

    /// The request was taken back: it stops ringing, and whoever is on the call stays on it.
    pub fn handle_handover_cancelled(&mut self, now: Instant, call: CallId) -> Vec<Decision> {
        let mut decisions = Vec::new();
        self.forget(now, call, &mut decisions);
        self.assign(now, &mut decisions);
        decisions
    }

    /// The agent answers: until [`Self::handle_answered`] or [`Self::handle_claim_failed`] says how
    /// it went, the call neither times out nor rings elsewhere.
    ///
    /// # Errors
    /// [`DispatchError::NotOffered`], also when it is claimed already.
    pub fn claim(&mut self, call: CallId, agent: UserId) -> Result<(), DispatchError> {
        let offer = self.offer_mut(call, agent).filter(|offer| !offer.claimed);
        offer.ok_or(DispatchError::NotOffered)?.claimed = true;
        Ok(())
    }

    /// Connecting the agent failed: it rings there again for what is left of the time.
    pub fn handle_claim_failed(
        &mut self,
        now: Instant,
        call: CallId,
        agent: UserId,
    ) -> Vec<Decision> {
        if let Some(offer) = self.offer_mut(call, agent) {
            offer.claimed = false;
        }
        // What the claim held up happens now: the agent went away, or the time ran out.
        let mut decisions = Vec::new();
        if !self.agents.get(&agent).is_some_and(Agent::may_ring) {
            decisions.extend(self.stop_ringing_at(now, agent));
        }
        decisions.extend(self.handle_timeout(now));
        decisions
    }

    /// The agent is on the call, however they got there.
    pub fn handle_answered(&mut self, now: Instant, call: CallId, agent: UserId) -> Vec<Decision> {
        let before = self.shown(agent);
        let mut decisions = Vec::new();
        self.agent_mut(now, agent);
        if let Some(index) = self.calls.iter().position(|waiting| waiting.call == call) {
            let offer = self.calls.remove(index).offer;
            if let Some(other) = offer.map(|offer| offer.agent).filter(|other| *other != agent) {
                self.free(now, other, call, &mut decisions);
            }
        }
        // Somebody who joins one call while another rings cannot take that one.
        if self.agents.get(&agent).is_some_and(|it| it.duty != Duty::Ringing(call)) {
            decisions.extend(self.stop_ringing_at(now, agent));
        }
        self.agent_mut(now, agent).duty = Duty::Active(call);
        self.settle(now, agent, before, decisions)
    }

    /// The agent does not take the call.
    ///
    /// # Errors
    /// [`DispatchError::NotOffered`], also when the agent has answered.
    pub fn handle_declined(
        &mut self,
        now: Instant,
        call: CallId,
        agent: UserId,
    ) -> Result<Vec<Decision>, DispatchError> {
        let before = self.shown(agent);
        let offer = self.offer_mut(call, agent).filter(|offer| !offer.claimed);
        offer.ok_or(DispatchError::NotOffered)?;
        let until = now + self.config.decline_pause;
        let decisions = self.end_offer(now, call, Some(until));
        Ok(self.settle(now, agent, before, decisions))
    }

    /// The call is over, or was given up by its caller.
    pub fn handle_ended(&mut self, now: Instant, call: CallId) -> Vec<Decision> {
        let mut decisions = Vec::new();
        self.forget(now, call, &mut decisions);
        let active: Vec<UserId> = self
            .agents
            .iter()
            .filter(|(_, agent)| agent.duty == Duty::Active(call))
            .map(|(id, _)| *id)
            .collect();
        for agent in active {
            self.free(now, agent, call, &mut decisions);
        }
        self.assign(now, &mut decisions);
        decisions
    }

    /// The agent left a call that may go on without them.
    pub fn handle_left(&mut self, now: Instant, call: CallId, agent: UserId) -> Vec<Decision> {
        let mut decisions = Vec::new();
        if self.agents.get(&agent).is_some_and(|it| it.duty == Duty::Active(call)) {
            self.free(now, agent, call, &mut decisions);
        }
        self.assign(now, &mut decisions);
        decisions
    }

    /// Time passes: rings time out, calls are given up, pauses end.
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<Decision> {
        let mut decisions = Vec::new();
        for call in self.due(now, |waiting| Some(waiting.gives_up_at)) {
            self.forget(now, call, &mut decisions);
            decisions.push(Decision::GiveUp { call });
        }
        for call in self.due(now, |waiting| waiting.offer.map(|offer| offer.expires_at)) {
            decisions.extend(self.miss(now, call));
        }
        for waiting in &mut self.calls {
            waiting.spared.retain(|(_, until)| *until > now);
        }
        self.assign(now, &mut decisions);
        decisions
    }

    /// When [`Self::handle_timeout`] has something to do; `None`: only after something else.
    pub fn next_deadline(&self) -> Option<Instant> {
        let unclaimed = self.calls.iter().filter(|waiting| !waiting.claimed());
        unclaimed
            .flat_map(|waiting| {
                let ring = waiting.offer.map(|offer| offer.expires_at);
                let spared = waiting.spared.iter().map(|(_, until)| *until);
                spared.chain(ring).chain([waiting.gives_up_at])
            })
            .min()
    }

    /// What the agent is; somebody unknown is offline.
    pub fn presence(&self, agent: UserId) -> Presence {
        self.agents.get(&agent).map_or(Presence::Offline, Agent::presence)
    }

    /// Why the agent is not ready.
    pub fn reason(&self, agent: UserId) -> Option<&str> {
        match &self.agents.get(&agent)?.choice {
            Choice::NotReady { reason } => reason.as_deref(),
            Choice::Ready => None,
        }
    }

    /// At whom the call rings, and until when.
    pub fn offer(&self, call: CallId) -> Option<(UserId, Instant)> {
        let waiting = self.calls.iter().find(|waiting| waiting.call == call)?;
        waiting.offer.map(|offer| (offer.agent, offer.expires_at))
    }

    /// The call that rings at the agent.
    pub fn ringing_at(&self, agent: UserId) -> Option<CallId> {
        match self.agents.get(&agent)?.duty {
            Duty::Ringing(call) => Some(call),
            Duty::Free | Duty::Active(_) => None,
        }
    }

    /// Calls without an answer, in the order in which they were placed.
    pub fn waiting(&self) -> impl Iterator<Item = CallId> {
        self.calls.iter().map(|waiting| waiting.call)
    }

    fn wait(
        &mut self,
        now: Instant,
        call: CallId,
        target: Target,
        from: Option<UserId>,
    ) -> Result<Vec<Decision>, DispatchError> {
        if self.calls.len() >= WAITING_MAX {
            return Err(DispatchError::Full);
        }
        let priority = from.is_some();
        let patience = if priority { self.config.handover_wait } else { self.config.max_wait };
        let gives_up_at = now + patience;
        let spared = from.map(|agent| (agent, gives_up_at)).into_iter().collect();
        let waiting = Waiting { call, target, priority, gives_up_at, offer: None, spared };
        let ahead = |it: &Waiting| it.priority || !priority;
        let place = self.calls.iter().position(|it| !ahead(it)).unwrap_or(self.calls.len());
        self.calls.insert(place, waiting);
        let mut decisions = Vec::new();
        self.assign(now, &mut decisions);
        Ok(decisions)
    }

    /// The call waits no more.
    fn forget(&mut self, now: Instant, call: CallId, decisions: &mut Vec<Decision>) {
        if let Some(index) = self.calls.iter().position(|waiting| waiting.call == call)
            && let Some(offer) = self.calls.remove(index).offer
        {
            self.free(now, offer.agent, call, decisions);
        }
    }

    /// Gives each call without an offer, oldest first, to the agent who has been idle longest.
    fn assign(&mut self, now: Instant, decisions: &mut Vec<Decision>) {
        let mut idle: Vec<UserId> =
            self.agents.iter().filter(|(_, it)| it.takes_calls()).map(|(id, _)| *id).collect();
        idle.sort_by_key(|id| self.agents[id].idle_since);
        for waiting in self.calls.iter_mut().filter(|waiting| waiting.offer.is_none()) {
            if idle.is_empty() {
                return;
            }
            let suits = |id: &UserId| waiting.suits(now, *id, &self.agents[id].queues);
            let Some(index) = idle.iter().position(suits) else { continue };
            let agent = idle.remove(index);
            let expires_at = now + self.config.ring_timeout;
            waiting.offer = Some(Offer { agent, expires_at, claimed: false });
            if let Some(entry) = self.agents.get_mut(&agent) {
                entry.duty = Duty::Ringing(waiting.call);
            }
            decisions.push(Decision::Offer { call: waiting.call, agent, expires_at });
            decisions.push(Decision::PresenceChanged { agent });
        }
    }

    fn miss(&mut self, now: Instant, call: CallId) -> Vec<Decision> {
        if let Some((agent, _)) = self.offer(call) {
            let reason = Some(MISSED.to_owned());
            self.agent_mut(now, agent).choice = Choice::NotReady { reason };
        }
        self.end_offer(now, call, None)
    }

    /// Takes the call from the agent at whom it rings. One that was meant for that agent alone is
    /// given up.
    fn end_offer(
        &mut self,
        now: Instant,
        call: CallId,
        spare_until: Option<Instant>,
    ) -> Vec<Decision> {
        let mut decisions = Vec::new();
        let Some(waiting) = self.calls.iter_mut().find(|waiting| waiting.call == call) else {
            return decisions;
        };
        let Some(offer) = waiting.offer.take() else { return decisions };
        if let Some(until) = spare_until {
            waiting.spared.retain(|(agent, _)| *agent != offer.agent);
            waiting.spared.push((offer.agent, until));
        }
        let direct = matches!(waiting.target, Target::Agent(_));
        self.free(now, offer.agent, call, &mut decisions);
        if direct {
            self.calls.retain(|waiting| waiting.call != call);
            decisions.push(Decision::GiveUp { call });
        }
        decisions
    }

    /// The agent went away or chose not to be ready while it rang.
    fn stop_ringing_at(&mut self, now: Instant, agent: UserId) -> Vec<Decision> {
        let Some(call) = self.ringing_at(agent) else { return Vec::new() };
        if self.calls.iter().any(|waiting| waiting.call == call && waiting.claimed()) {
            return Vec::new();
        }
        self.end_offer(now, call, None)
    }

    /// The agent has nothing to do with `call` any more.
    fn free(&mut self, now: Instant, agent: UserId, call: CallId, decisions: &mut Vec<Decision>) {
        let Some(entry) = self.agents.get_mut(&agent) else { return };
        if entry.duty == Duty::Ringing(call) {
            decisions.push(Decision::Withdraw { call, agent });
        }
        entry.duty = Duty::Free;
        entry.idle_since = now;
        decisions.push(Decision::PresenceChanged { agent });
    }

    /// Ends a change of one agent: tells of it if it shows, and deals out calls anew.
    fn settle(
        &mut self,
        now: Instant,
        agent: UserId,
        before: (Presence, Option<String>),
        mut decisions: Vec<Decision>,
    ) -> Vec<Decision> {
        let told = decisions.contains(&Decision::PresenceChanged { agent });
        if !told && self.shown(agent) != before {
            decisions.push(Decision::PresenceChanged { agent });
        }
        self.assign(now, &mut decisions);
        decisions
    }

    fn due(&self, now: Instant, deadline: impl Fn(&Waiting) -> Option<Instant>) -> Vec<CallId> {
        let is_due = |waiting: &&Waiting| {
            !waiting.claimed() && deadline(waiting).is_some_and(|at| at <= now)
        };
        self.calls.iter().filter(is_due).map(|waiting| waiting.call).collect()
    }

    fn shown(&self, agent: UserId) -> (Presence, Option<String>) {
        (self.presence(agent), self.reason(agent).map(str::to_owned))
    }

    fn offer_mut(&mut self, call: CallId, agent: UserId) -> Option<&mut Offer> {
        let waiting = self.calls.iter_mut().find(|waiting| waiting.call == call)?;
        waiting.offer.as_mut().filter(|offer| offer.agent == agent)
    }

    fn agent_mut(&mut self, now: Instant, agent: UserId) -> &mut Agent {
        self.agents.entry(agent).or_insert_with(|| Agent::new(now))
    }
}

impl Waiting {
    fn claimed(&self) -> bool {
        self.offer.is_some_and(|offer| offer.claimed)
    }

    fn suits(&self, now: Instant, agent: UserId, queues: &[QueueId]) -> bool {
        let meant = match self.target {
            Target::Queue(queue) => queues.contains(&queue),
            Target::Agent(only) => only == agent,
        };
        meant && !self.spared.iter().any(|(spared, until)| *spared == agent && *until > now)
    }
}
