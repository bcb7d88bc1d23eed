//! To whom what waits is offered, and what agents are: calls and conversations alike.
//!
//! What waits is a [`Ticket`]: a call or conversation, or a request within one to hand it over or
//! to ask somebody in. The rules:
//!
//! - *Order*: requests first, then in the order in which they came.
//! - *Push*: offered to one agent at a time, who is offered one thing at a time on a medium: of
//!   those who are available, have room and serve the queue, the one with the fewest interactions,
//!   then the one idle longest.
//! - *Pull*: picked from the queue's list; the ticket stays there until the interaction ends, and
//!   several may join.
//! - *Room*: [`LineConfig::per_agent_max`], one call and several conversations.
//! - *Available*: for calls, connected, with media, and ready; for text also neither on a call nor rung.
//! - *Claim*: who accepts claims. Until it is known how it went ([`Offers::handle_joined`],
//!   [`Offers::handle_claim_failed`]) nothing times out, and it is offered to nobody else.
//! - *After a call*: who was on one is offered nothing for [`LineConfig::after_call`], or until they
//!   choose; they are shown as not ready for the reason [`AFTER_CALL`].
//! - *Declined*: goes on to the next; the agent stays ready, goes to the end of the line and is not
//!   offered the same for [`LineConfig::decline_pause`].
//! - *Missed*: goes on to the next; the agent becomes not ready with the reason [`Medium::missed`],
//!   because the next customer should not ring an empty chair.
//! - *By name*: meant for one agent, it waits until they are available, and is given up once an
//!   offer to them ends in vain.
//! - *Given up*: after [`LineConfig::max_wait`], a request after [`LineConfig::handover_wait`].
//! - *Closed* ([`Offers::close`], before the server ends): nothing new is offered. What is offered
//!   may still be accepted; calls that are offered to nobody are given up, text waits.
//!
//! What holds after each step:
//!
//! 1. Nothing that waits is forgotten: it ends by [`Offers::handle_joined`],
//!    [`Offers::handle_withdrawn`], [`Offers::handle_ended`] or [`Decision::GiveUp`].
//! 2. Every [`Decision::Offer`] is followed by a [`Decision::Withdraw`] or by its agent's joining.
//! 3. Nobody has more than one offer a medium, or more interactions than allowed by accepting.
//! 4. Nothing waits without an offer while somebody suitable is free, unless closed.
//! 5. Every change of what an agent is shown to be is a [`Decision::PresenceChanged`].
//!
//! It knows no call state, no clock and no connections: the server tells it who is there and what
//! happened, and carries out each [`Decision`].
//!
//! ```
//! use interaction::offers::{Choice, Decision, Delivery, Interaction, Offers};
//! use interaction::{CallId, QueueId, Target, UserId};
//! # #[allow(clippy::disallowed_methods)]
//! # let now = std::time::Instant::now();
//!
//! let (agent, queue) = (UserId(1), QueueId(1));
//! let mut offers = Offers::default();
//! offers.handle_online(now, agent, &[queue]);
//! offers.handle_choice(now, agent, Choice::Ready);
//! let call = Interaction::Call(CallId(7)).ticket();
//! let decisions =
//!     offers.handle_placed(now, call, Target::Queue(queue), Delivery::Push, None)?;
//! assert!(matches!(decisions[0], Decision::Offer { agent: UserId(1), .. }));
//! offers.claim(call, agent)?;
//! offers.handle_joined(now, call, agent);
//! # Ok::<(), interaction::offers::OfferError>(())
//! ```

mod agent;
mod line;
mod steps;
mod terms;

use std::collections::BTreeMap;
use std::time::Instant;

pub use terms::{
    AFTER_CALL, CONVERSATIONS_PER_AGENT, Choice, Decision, Delivery, Interaction, LineConfig,
    MISSED_CALL, MISSED_CONVERSATION, Medium, OfferError, Presence, Ticket,
};

use crate::{QueueId, Target, UserId};
use agent::Agent;
use line::{Line, Waiting};
use steps::Step;

/// The centre's agents, and what waits for one.
#[derive(Clone, Debug)]
pub struct Offers {
    agents: BTreeMap<UserId, Agent>,
    calls: Line,
    conversations: Line,
    closed: bool,
}

impl Default for Offers {
    /// Nobody is there and nothing waits.
    fn default() -> Self {
        let line = |medium| Line::new(LineConfig::of(medium));
        let (calls, conversations) = (line(Medium::Voice), line(Medium::Text));
        Self { agents: BTreeMap::new(), calls, conversations, closed: false }
    }
}

impl Offers {
    /// Other times and limits from now on; what is offered keeps the time that it was given.
    pub fn configure(&mut self, medium: Medium, config: LineConfig) {
        self.line_mut(medium).config = config;
    }

    /// Offers nothing new from now on, for good. A call that no agent is asked to take is given up,
    /// also later, when its offer ends in vain: nobody would ever come. Text keeps its place.
    pub fn close(&mut self, now: Instant) -> Vec<Decision> {
        self.closed = true;
        self.finish(Step::new(now))
    }

    /// Whether nothing new is offered any more.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// An agent connected. A new one is not ready until they choose to be.
    pub fn handle_online(
        &mut self,
        now: Instant,
        agent: UserId,
        queues: &[QueueId],
    ) -> Vec<Decision> {
        self.change_agent(now, agent, |it| {
            if !it.online {
                it.load_mut(Medium::Voice).idle_since = now;
            }
            it.online = true;
            it.queues = queues.to_vec();
        })
    }

    /// Whether an agent can hear calls: without that none is offered to them, and one that is goes on
    /// to the next.
    pub fn handle_reach(&mut self, now: Instant, agent: UserId, has_media: bool) -> Vec<Decision> {
        self.change_agent(now, agent, |it| it.has_media = has_media)
    }

    /// An agent serves other queues now. What is offered to them stays.
    pub fn handle_queues(
        &mut self,
        now: Instant,
        agent: UserId,
        queues: &[QueueId],
    ) -> Vec<Decision> {
        self.change_agent(now, agent, |it| it.queues = queues.to_vec())
    }

    /// An agent is gone. What was offered to them goes on to the next; what they are in stays. On
    /// return the agent has to choose ready again.
    pub fn handle_offline(&mut self, now: Instant, agent: UserId) -> Vec<Decision> {
        self.change_agent(now, agent, |it| {
            it.online = false;
            it.choice = Choice::NotReady { reason: None };
            it.after_call = None;
        })
    }

    /// An agent chose. Not ready while something is offered: it goes on to the next.
    pub fn handle_choice(&mut self, now: Instant, agent: UserId, choice: Choice) -> Vec<Decision> {
        self.change_agent(now, agent, |it| {
            if choice == Choice::Ready && it.choice != Choice::Ready {
                it.load_mut(Medium::Voice).idle_since = now;
            }
            it.choice = choice;
            it.after_call = None;
        })
    }

    /// Something is to be offered: a new interaction, or an agent (`from`) wants to hand one over,
    /// to consult or to ask somebody in. It is never offered to `from`.
    ///
    /// # Errors
    /// [`OfferError::Full`]: [`Medium::waiting_max`] tickets wait.
    pub fn handle_placed(
        &mut self,
        now: Instant,
        ticket: Ticket,
        target: Target,
        delivery: Delivery,
        from: Option<UserId>,
    ) -> Result<Vec<Decision>, OfferError> {
        let line = self.line_mut(ticket.medium());
        if line.waiting.len() >= ticket.medium().waiting_max() {
            return Err(OfferError::Full);
        }
        let LineConfig { handover_wait, max_wait, .. } = line.config;
        let wait = if ticket.handover.is_some() { handover_wait } else { max_wait };
        let waiting = Waiting {
            ticket,
            target,
            delivery,
            gives_up_at: Some(now + wait),
            offer: None,
            claims: Vec::new(),
            spared: from.map(|agent| (agent, None)).into_iter().collect(),
        };
        let mut step = Step::new(now);
        step.decisions.extend(waiting.list_changed());
        line.insert(waiting);
        Ok(self.finish(step))
    }

    /// The agent accepts what is offered, or picks it from a list: until [`Self::handle_joined`] or
    /// [`Self::handle_claim_failed`] says how it went, it neither times out nor goes elsewhere.
    ///
    /// # Errors
    /// [`OfferError::NotOffered`], also to who has claimed it already; [`OfferError::Taken`] if
    /// another agent has claimed or holds it; [`OfferError::LimitReached`].
    pub fn claim(&mut self, ticket: Ticket, agent: UserId) -> Result<(), OfferError> {
        let medium = ticket.medium();
        let line = match medium {
            Medium::Voice => &mut self.calls,
            Medium::Text => &mut self.conversations,
        };
        let most = line.config.per_agent_max;
        let Some(waiting) = line.get_mut(ticket) else { return Err(self.gone(ticket, agent)) };
        let entry = self.agents.get_mut(&agent).ok_or(OfferError::NotOffered)?;
        waiting.may_claim(agent, entry)?;
        let load = entry.load_mut(medium);
        if !load.holds.contains(&ticket.interaction) && !load.has_room(most) {
            return Err(OfferError::LimitReached);
        }
        waiting.claims.push(agent);
        load.claims.insert(ticket.interaction);
        Ok(())
    }

    /// The agent could not be connected: it is offered for what is left of the time.
    pub fn handle_claim_failed(
        &mut self,
        now: Instant,
        ticket: Ticket,
        agent: UserId,
    ) -> Vec<Decision> {
        if let Some(waiting) = self.line_mut(ticket.medium()).get_mut(ticket) {
            waiting.claims.retain(|by| *by != agent);
        }
        self.unclaim(ticket, agent);
        // What the claim held up happens now: the agent went away, or the time ran out.
        self.handle_timeout(now)
    }

    /// The agent is in the interaction, however they got there, and this ticket has brought them:
    /// the interaction's own, or the request that they accepted. In a list it stays: others may
    /// join.
    pub fn handle_joined(&mut self, now: Instant, ticket: Ticket, agent: UserId) -> Vec<Decision> {
        let mut step = Step::new(now);
        self.look(agent, &mut step);
        let (medium, interaction) = (ticket.medium(), ticket.interaction);
        if self.line(medium).get(ticket).is_some_and(|it| !it.is_joinable()) {
            self.drop_ticket(ticket, Some(agent), &mut step);
        }
        for place in self.line_mut(medium).waiting.iter_mut() {
            if place.is_place_of(interaction) {
                place.gives_up_at = None;
                place.claims.retain(|by| *by != agent);
                step.decisions.extend(place.list_changed());
            }
        }
        self.unclaim(ticket, agent);
        self.agent_mut(now, agent).load_mut(medium).holds.insert(interaction);
        self.show(agent, &mut step);
        self.finish(step)
    }

    /// The agent does not take it.
    ///
    /// # Errors
    /// [`OfferError::NotOffered`], also when the agent has claimed it.
    pub fn handle_declined(
        &mut self,
        now: Instant,
        ticket: Ticket,
        agent: UserId,
    ) -> Result<Vec<Decision>, OfferError> {
        let line = self.line(ticket.medium());
        let until = now + line.config.decline_pause;
        let offer = line.get(ticket).filter(|it| it.claims.is_empty()).and_then(|it| it.offer);
        if offer.is_none_or(|(to, _)| to != agent) {
            return Err(OfferError::NotOffered);
        }
        let mut step = Step::new(now);
        self.end_offer(ticket, Some(until), &mut step);
        Ok(self.finish(step))
    }

    /// A request was taken back, or the interaction waits in no list any more.
    pub fn handle_withdrawn(&mut self, now: Instant, ticket: Ticket) -> Vec<Decision> {
        let mut step = Step::new(now);
        self.drop_ticket(ticket, None, &mut step);
        self.finish(step)
    }

    /// The agent left an interaction that may go on without them: in a list it is theirs to pick
    /// again.
    pub fn handle_left(
        &mut self,
        now: Instant,
        interaction: Interaction,
        agent: UserId,
    ) -> Vec<Decision> {
        let mut step = Step::new(now);
        self.release(interaction, agent, &mut step);
        let line = self.line(interaction.medium());
        let places = line.waiting.iter().filter(|it| it.is_place_of(interaction));
        step.decisions.extend(places.filter_map(Waiting::list_changed));
        self.finish(step)
    }

    /// The interaction is over, or was given up by its customer.
    pub fn handle_ended(&mut self, now: Instant, interaction: Interaction) -> Vec<Decision> {
        let mut step = Step::new(now);
        let medium = interaction.medium();
        for ticket in self.line(medium).tickets(|it| it.ticket.interaction == interaction) {
            self.drop_ticket(ticket, None, &mut step);
        }
        let holds = |it: &Agent| it.load(medium).holds.contains(&interaction);
        let holders = self.agents.iter().filter(|(_, it)| holds(it)).map(|(id, _)| *id);
        for agent in holders.collect::<Vec<_>>() {
            self.release(interaction, agent, &mut step);
        }
        self.finish(step)
    }

    /// Time passes: offers run out, tickets are given up, pauses end.
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<Decision> {
        let mut step = Step::new(now);
        let over = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        self.end_after_calls(&mut step);
        for medium in [Medium::Voice, Medium::Text] {
            let due = |it: &Waiting| it.claims.is_empty() && over(it.gives_up_at);
            for ticket in self.line(medium).tickets(due) {
                self.give_up(ticket, &mut step);
            }
            let missed = |it: &Waiting| it.claims.is_empty() && over(it.offer.map(|(_, at)| at));
            for ticket in self.line(medium).tickets(missed) {
                self.miss(ticket, &mut step);
            }
            for waiting in &mut self.line_mut(medium).waiting {
                waiting.spared.retain(|(_, until)| until.is_none_or(|until| until > now));
            }
        }
        self.finish(step)
    }

    /// When [`Self::handle_timeout`] has something to do; `None`: only after something else.
    pub fn next_deadline(&self) -> Option<Instant> {
        let written_up = self.agents.values().filter_map(|it| it.after_call);
        let lines = [self.calls.next_deadline(), self.conversations.next_deadline()];
        lines.into_iter().flatten().chain(written_up).min()
    }

    /// What the agent is; somebody unknown is offline.
    pub fn presence(&self, agent: UserId) -> Presence {
        self.agents.get(&agent).map_or(Presence::Offline, Agent::presence)
    }

    /// Why the agent is not ready.
    pub fn reason(&self, agent: UserId) -> Option<&str> {
        self.agents.get(&agent)?.reason()
    }

    /// Until when the agent writes up their last call; `None`: they do not.
    pub fn after_call(&self, agent: UserId) -> Option<Instant> {
        self.agents.get(&agent)?.after_call
    }

    /// To whom the ticket is offered, and until when.
    pub fn offer(&self, ticket: Ticket) -> Option<(UserId, Instant)> {
        self.line(ticket.medium()).get(ticket)?.offer
    }

    /// What is offered to the agent.
    pub fn offered_to(&self, agent: UserId, medium: Medium) -> Option<Ticket> {
        self.agents.get(&agent)?.load(medium).offered
    }

    /// What the agent may pick, in the order in which it came.
    pub fn pullable(&self, agent: UserId) -> Vec<Ticket> {
        let Some(entry) = self.agents.get(&agent) else { return Vec::new() };
        let has = |it: &Waiting| {
            let load = entry.load(it.ticket.medium());
            load.holds.contains(&it.ticket.interaction) || it.claims.contains(&agent)
        };
        let open =
            |it: &Waiting| it.delivery == Delivery::Pull && it.is_for(agent, entry) && !has(it);
        self.conversations.tickets(open)
    }

    /// What the agent is in.
    pub fn holds(&self, agent: UserId, medium: Medium) -> impl Iterator<Item = Interaction> {
        self.agents
            .get(&agent)
            .into_iter()
            .flat_map(move |it| it.load(medium).holds.iter())
            .copied()
    }

    /// The place of each ticket among those that wait for the same queue, 1 for the next one: requests to hand
    /// something over come first, as they are offered first.
    pub fn places(&self, medium: Medium) -> impl Iterator<Item = (Ticket, u32)> {
        let mut before: BTreeMap<QueueId, u32> = BTreeMap::new();
        self.line(medium).waiting.iter().filter_map(move |it| match it.target {
            Target::Queue(queue) => {
                let place = before.entry(queue).or_default();
                *place += 1;
                Some((it.ticket, *place))
            }
            Target::Agent(_) => None,
        })
    }

    /// What waits or is offered, in order.
    pub fn waiting(&self, medium: Medium) -> impl Iterator<Item = Ticket> {
        self.line(medium).waiting.iter().map(|it| it.ticket)
    }
}
