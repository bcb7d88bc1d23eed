//! To whom a waiting conversation is offered.
//!
//! The counterpart of [`Dispatcher`](crate::dispatch::Dispatcher) for text: an agent holds several
//! conversations, up to a limit. What waits is a [`Ticket`]: a new conversation, or a request to
//! hand one over or to ask somebody in; the latter come first. From a *push* queue a ticket is
//! offered to one agent at a time: of those who are available the one with the fewest
//! conversations, then the one idle longest. From a *pull* queue agents pick: the ticket stays in
//! the list until it is given up or ends, and several may join.
//!
//! An agent who lets an offer run out has [`Decision::Missed`] it: the server makes them not ready,
//! for calls too. Presence, readiness and calls are the server's to know; it says who is
//! [available](TextDispatcher::handle_agent). Accepting takes effect at once: of two who accept the
//! same offer one wins, the other is told by whom.

mod terms;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

pub use terms::{AgentState, Decision, Delivery, TextDispatchConfig, TextDispatchError, Ticket};

use crate::Target;
use crate::{ConversationId, QueueId, UserId};

/// Tickets that may wait at the same time, over all queues.
pub const TICKETS_MAX: usize = 10_000;
/// Conversations that an agent may hold, unless the centre says otherwise.
pub const CONVERSATIONS_PER_AGENT: usize = 4;

/// The centre's agents and the conversations that wait for one.
#[derive(Clone, Debug)]
pub struct TextDispatcher {
    config: TextDispatchConfig,
    agents: BTreeMap<UserId, Agent>,
    /// Requests first, then in the order in which they came.
    waiting: Vec<Waiting>,
}

#[derive(Clone, Debug)]
struct Agent {
    state: AgentState,
    holds: BTreeSet<ConversationId>,
    idle_since: Instant,
}

#[derive(Clone, Debug)]
struct Waiting {
    ticket: Ticket,
    target: Target,
    delivery: Delivery,
    /// `None`: somebody has joined a pulled one, and more may.
    gives_up_at: Option<Instant>,
    offer: Option<(UserId, Instant)>,
    /// To whom it is not offered, and until when; `None`: ever.
    spared: Vec<(UserId, Option<Instant>)>,
}

impl TextDispatcher {
    /// Nobody is there and nothing waits.
    pub fn new(config: TextDispatchConfig) -> Self {
        Self { config, agents: BTreeMap::new(), waiting: Vec::new() }
    }

    /// Other times and limits from now on; what is offered already keeps the time it was given.
    pub fn configure(&mut self, config: TextDispatchConfig) {
        self.config = config;
    }

    /// What an agent is now. Not available: an offer goes on to the next; what they hold stays.
    pub fn handle_agent(
        &mut self,
        now: Instant,
        agent: UserId,
        state: AgentState,
    ) -> Vec<Decision> {
        let mut decisions = Vec::new();
        let became_available =
            state.available && self.agents.get(&agent).is_none_or(|entry| !entry.state.available);
        let available = state.available;
        let entry = self.agent_mut(now, agent);
        entry.state = state;
        if became_available {
            entry.idle_since = now;
        }
        if !available {
            for ticket in self.offered_to(agent) {
                self.end_offer(ticket, None, &mut decisions);
            }
        }
        self.assign(now, &mut decisions);
        decisions
    }

    /// A conversation was opened, or an agent (`from`) wants to hand one over or to ask somebody in.
    ///
    /// # Errors
    /// [`TextDispatchError::Full`].
    pub fn handle_placed(
        &mut self,
        now: Instant,
        ticket: Ticket,
        target: Target,
        delivery: Delivery,
        from: Option<UserId>,
    ) -> Result<Vec<Decision>, TextDispatchError> {
        if self.waiting.len() >= TICKETS_MAX {
            return Err(TextDispatchError::Full);
        }
        let is_request = ticket.handover.is_some();
        let wait = if is_request { self.config.handover_wait } else { self.config.max_wait };
        let waiting = Waiting {
            ticket,
            target,
            delivery,
            gives_up_at: Some(now + wait),
            offer: None,
            spared: from.map(|agent| (agent, None)).into_iter().collect(),
        };
        let behind = |it: &Waiting| is_request && it.ticket.handover.is_none();
        let place = self.waiting.iter().position(behind).unwrap_or(self.waiting.len());
        let mut decisions: Vec<Decision> = waiting.list_changed().into_iter().collect();
        self.waiting.insert(place, waiting);
        self.assign(now, &mut decisions);
        Ok(decisions)
    }

    /// The agent accepts, or picks it from the list. From now on they hold the conversation; if
    /// they could not join it after all, say so with [`Self::handle_left`].
    ///
    /// # Errors
    /// Not offered, taken by another one, or over the limit: nothing has changed.
    pub fn claim(
        &mut self,
        now: Instant,
        ticket: Ticket,
        agent: UserId,
    ) -> Result<Vec<Decision>, TextDispatchError> {
        let found = self.waiting.iter().position(|waiting| waiting.ticket == ticket);
        let Some(index) = found else { return Err(self.gone(ticket, agent)) };
        let waiting = &self.waiting[index];
        let mine = match waiting.delivery {
            Delivery::Push => waiting.offer.is_some_and(|(to, _)| to == agent),
            Delivery::Pull => self.agents.get(&agent).is_some_and(|it| waiting.is_for(agent, it)),
        };
        if !mine {
            return Err(TextDispatchError::NotOffered);
        }
        let holds = self.agents.get(&agent).map(|it| &it.holds);
        let held = holds.is_some_and(|it| it.contains(&ticket.conversation));
        let count = holds.map_or(0, BTreeSet::len);
        if !held && count >= self.config.per_agent_max {
            return Err(TextDispatchError::LimitReached);
        }
        let mut decisions: Vec<Decision> = Vec::new();
        if waiting.delivery == Delivery::Pull && ticket.handover.is_none() {
            // The list tells who is in it, so it is told when they are.
            self.waiting[index].gives_up_at = None;
        } else {
            decisions.extend(self.waiting.remove(index).list_changed());
        }
        self.agent_mut(now, agent).holds.insert(ticket.conversation);
        self.assign(now, &mut decisions);
        Ok(decisions)
    }

    /// The agent does not take it. One that was meant for them alone is given up.
    ///
    /// # Errors
    /// [`TextDispatchError::NotOffered`].
    pub fn handle_declined(
        &mut self,
        now: Instant,
        ticket: Ticket,
        agent: UserId,
    ) -> Result<Vec<Decision>, TextDispatchError> {
        if !self.offered_to(agent).contains(&ticket) {
            return Err(TextDispatchError::NotOffered);
        }
        let mut decisions = Vec::new();
        let until = now + self.config.decline_pause;
        self.end_offer(ticket, Some((agent, Some(until))), &mut decisions);
        self.assign(now, &mut decisions);
        Ok(decisions)
    }

    /// The agent is in the conversation, however they got there (after a restart, say). From a
    /// pull queue's list others may join them.
    pub fn handle_joined(
        &mut self,
        now: Instant,
        conversation: ConversationId,
        agent: UserId,
    ) -> Vec<Decision> {
        self.agent_mut(now, agent).holds.insert(conversation);
        for waiting in self.waiting.iter_mut().filter(|it| it.is_joinable(conversation)) {
            waiting.gives_up_at = None;
        }
        self.relisted(conversation)
    }

    /// The agent left a conversation: in a pull queue's list it is theirs to pick again.
    pub fn handle_left(
        &mut self,
        now: Instant,
        conversation: ConversationId,
        agent: UserId,
    ) -> Vec<Decision> {
        let entry = self.agent_mut(now, agent);
        if entry.holds.remove(&conversation) {
            entry.idle_since = now;
        }
        let mut decisions = self.relisted(conversation);
        self.assign(now, &mut decisions);
        decisions
    }

    /// A request was taken back.
    pub fn handle_withdrawn(&mut self, now: Instant, ticket: Ticket) -> Vec<Decision> {
        self.forget(now, |it| it.ticket == ticket)
    }

    /// The conversation is over.
    pub fn handle_ended(&mut self, now: Instant, conversation: ConversationId) -> Vec<Decision> {
        for agent in self.agents.values_mut() {
            if agent.holds.remove(&conversation) {
                agent.idle_since = now;
            }
        }
        self.forget(now, |it| it.ticket.conversation == conversation)
    }

    /// Time passes: offers run out, tickets are given up, pauses end.
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<Decision> {
        let mut decisions = Vec::new();
        let over = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        for ticket in self.tickets(|it| over(it.gives_up_at)) {
            self.give_up(ticket, &mut decisions);
        }
        for ticket in self.tickets(|it| over(it.offer.map(|(_, at)| at))) {
            let Some((agent, _)) = self.offer(ticket) else { continue };
            // The next offer would run out at the same empty chair.
            if let Some(entry) = self.agents.get_mut(&agent) {
                entry.state.available = false;
            }
            self.end_offer(ticket, Some((agent, None)), &mut decisions);
            decisions.push(Decision::Missed { agent });
        }
        for waiting in &mut self.waiting {
            waiting.spared.retain(|(_, until)| until.is_none_or(|until| until > now));
        }
        self.assign(now, &mut decisions);
        decisions
    }

    /// When [`Self::handle_timeout`] has something to do; `None`: only after something else.
    pub fn next_deadline(&self) -> Option<Instant> {
        let deadlines = |it: &Waiting| {
            let spared = it.spared.iter().filter_map(|(_, until)| *until);
            let offer = it.offer.map(|(_, at)| at);
            spared.chain(offer).chain(it.gives_up_at).min()
        };
        self.waiting.iter().filter_map(deadlines).min()
    }

    /// To whom the ticket is offered, and until when.
    pub fn offer(&self, ticket: Ticket) -> Option<(UserId, Instant)> {
        self.waiting.iter().find(|it| it.ticket == ticket)?.offer
    }

    /// What is offered to the agent. One at a time.
    pub fn offered_to(&self, agent: UserId) -> Vec<Ticket> {
        self.tickets(|it| it.offer.is_some_and(|(to, _)| to == agent))
    }

    /// What the agent may pick, in the order in which it came.
    pub fn pullable(&self, agent: UserId) -> Vec<Ticket> {
        let Some(entry) = self.agents.get(&agent) else { return Vec::new() };
        let open = |it: &Waiting| {
            it.delivery == Delivery::Pull
                && it.is_for(agent, entry)
                && !entry.holds.contains(&it.ticket.conversation)
        };
        self.tickets(open)
    }

    /// The conversations that the agent holds.
    pub fn holds(&self, agent: UserId) -> Vec<ConversationId> {
        self.agents.get(&agent).map_or(Vec::new(), |it| it.holds.iter().copied().collect())
    }

    /// Agents of the queue who could be offered something now, for the lists of transfer.
    pub fn available_in(&self, queue: QueueId) -> usize {
        let serves = |it: &&Agent| it.state.available && it.state.queues.contains(&queue);
        self.agents.values().filter(serves).count()
    }

    /// Offers each push ticket without an offer to the best agent, if there is one.
    fn assign(&mut self, now: Instant, decisions: &mut Vec<Decision>) {
        let mut free = self.free_agents();
        for waiting in &mut self.waiting {
            if free.is_empty() {
                return;
            }
            if waiting.delivery != Delivery::Push || waiting.offer.is_some() {
                continue;
            }
            let suits = |id: &UserId| waiting.suits(now, *id, &self.agents[id]);
            let Some(index) = free.iter().position(suits) else { continue };
            let (ticket, agent) = (waiting.ticket, free.remove(index));
            let expires_at = now + self.config.offer_timeout;
            waiting.offer = Some((agent, expires_at));
            decisions.push(Decision::Offer { ticket, agent, expires_at });
        }
    }

    /// Who could be offered something, best first. Nobody is offered two things at a time.
    fn free_agents(&self) -> Vec<UserId> {
        let offered: BTreeSet<UserId> =
            self.waiting.iter().filter_map(|it| it.offer.map(|(to, _)| to)).collect();
        let is_free = |id: &UserId, agent: &Agent| {
            agent.state.available
                && agent.holds.len() < self.config.per_agent_max
                && !offered.contains(id)
        };
        let free = self.agents.iter().filter(|(id, agent)| is_free(id, agent));
        let mut free: Vec<UserId> = free.map(|(id, _)| *id).collect();
        free.sort_by_key(|id| (self.agents[id].holds.len(), self.agents[id].idle_since));
        free
    }

    /// Takes a ticket from the agent to whom it is offered. One meant for them alone is given up.
    fn end_offer(
        &mut self,
        ticket: Ticket,
        spare: Option<(UserId, Option<Instant>)>,
        decisions: &mut Vec<Decision>,
    ) {
        let Some(waiting) = self.waiting.iter_mut().find(|it| it.ticket == ticket) else { return };
        let Some((agent, _)) = waiting.offer.take() else { return };
        waiting.spared.extend(spare);
        let direct = matches!(waiting.target, Target::Agent(_));
        decisions.push(Decision::Withdraw { ticket, agent });
        if direct {
            self.give_up(ticket, decisions);
        }
    }

    fn give_up(&mut self, ticket: Ticket, decisions: &mut Vec<Decision>) {
        let Some(index) = self.waiting.iter().position(|it| it.ticket == ticket) else { return };
        let waiting = self.waiting.remove(index);
        decisions.extend(waiting.withdrawn());
        decisions.extend(waiting.list_changed());
        decisions.push(Decision::GiveUp { ticket });
    }

    fn forget(&mut self, now: Instant, which: impl Fn(&Waiting) -> bool) -> Vec<Decision> {
        let mut decisions = Vec::new();
        for waiting in self.waiting.extract_if(.., |it| which(it)) {
            decisions.extend(waiting.withdrawn());
            decisions.extend(waiting.list_changed());
        }
        self.assign(now, &mut decisions);
        decisions
    }

    /// Why a ticket that waits no more can't be claimed.
    fn gone(&self, ticket: Ticket, agent: UserId) -> TextDispatchError {
        let holder = self.agents.iter().find(|(id, it)| {
            **id != agent && ticket.handover.is_none() && it.holds.contains(&ticket.conversation)
        });
        match holder {
            Some((by, _)) => TextDispatchError::Taken { by: *by },
            None => TextDispatchError::NotOffered,
        }
    }

    /// The lists that tell who is in the conversation are others now.
    fn relisted(&self, conversation: ConversationId) -> Vec<Decision> {
        let listed = self.waiting.iter().filter(|it| it.is_joinable(conversation));
        listed.filter_map(Waiting::list_changed).collect()
    }

    fn tickets(&self, which: impl Fn(&Waiting) -> bool) -> Vec<Ticket> {
        self.waiting.iter().filter(|it| which(it)).map(|it| it.ticket).collect()
    }

    fn agent_mut(&mut self, now: Instant, agent: UserId) -> &mut Agent {
        self.agents.entry(agent).or_insert_with(|| Agent {
            state: AgentState { queues: Vec::new(), available: false },
            holds: BTreeSet::new(),
            idle_since: now,
        })
    }
}

impl Waiting {
    fn is_for(&self, id: UserId, agent: &Agent) -> bool {
        match self.target {
            Target::Queue(queue) => agent.state.queues.contains(&queue),
            Target::Agent(only) => only == id,
        }
    }

    fn suits(&self, now: Instant, id: UserId, agent: &Agent) -> bool {
        let holds = |until: &Option<Instant>| until.is_none_or(|until| until > now);
        self.is_for(id, agent)
            && !agent.holds.contains(&self.ticket.conversation)
            && !self.spared.iter().any(|(spared, until)| *spared == id && holds(until))
    }

    /// Whether it is the place in a list from which several may join the conversation.
    fn is_joinable(&self, conversation: ConversationId) -> bool {
        let itself = Ticket { conversation, handover: None };
        self.delivery == Delivery::Pull && self.ticket == itself
    }

    fn withdrawn(&self) -> Option<Decision> {
        self.offer.map(|(agent, _)| Decision::Withdraw { ticket: self.ticket, agent })
    }

    fn list_changed(&self) -> Option<Decision> {
        match (self.delivery, self.target) {
            (Delivery::Pull, Target::Queue(queue)) => Some(Decision::ListChanged { queue }),
            _ => None,
        }
    }
}
