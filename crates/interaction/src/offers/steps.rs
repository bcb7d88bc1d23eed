//! What the steps are made of: ending offers, giving up, dealing out.

use std::collections::BTreeMap;
use std::time::Instant;

use super::agent::Agent;
use super::line::{Line, Waiting};
use super::{
    Choice, Decision, Delivery, Interaction, Medium, OfferError, Offers, Presence, Ticket,
};
use crate::{Target, UserId};

/// One step: when, what it led to, and what agents were last shown to be.
pub(super) struct Step {
    pub now: Instant,
    pub decisions: Vec<Decision>,
    shown: BTreeMap<UserId, (Presence, Option<String>)>,
}

impl Step {
    pub fn new(now: Instant) -> Self {
        Self { now, decisions: Vec::new(), shown: BTreeMap::new() }
    }
}

impl Offers {
    /// Changes one agent: what is offered to them may have to go on to the next.
    pub(super) fn change_agent(
        &mut self,
        now: Instant,
        agent: UserId,
        change: impl FnOnce(&mut Agent),
    ) -> Vec<Decision> {
        let mut step = Step::new(now);
        self.look(agent, &mut step);
        change(self.agent_mut(now, agent));
        self.end_offers_in_vain(Medium::Voice, &mut step);
        self.show(agent, &mut step);
        self.finish(step)
    }

    /// Ends a step: takes back what is offered in vain, and deals out what waits. Calls first, for
    /// who is rung is offered no text.
    pub(super) fn finish(&mut self, mut step: Step) -> Vec<Decision> {
        for medium in [Medium::Voice, Medium::Text] {
            self.end_offers_in_vain(medium, &mut step);
            match (self.closed, medium) {
                (false, _) => self.assign(medium, &mut step),
                (true, Medium::Voice) => self.give_up_unoffered(medium, &mut step),
                // It outlives the server.
                (true, Medium::Text) => {}
            }
        }
        step.decisions
    }

    fn give_up_unoffered(&mut self, medium: Medium, step: &mut Step) {
        let unoffered = |it: &Waiting| it.offer.is_none() && it.claims.is_empty();
        for ticket in self.line(medium).tickets(unoffered) {
            self.give_up(ticket, step);
        }
    }

    /// Remembers what an agent is shown to be before something is done to them.
    pub(super) fn look(&mut self, agent: UserId, step: &mut Step) {
        let shown = || self.agent_mut(step.now, agent).shown();
        step.shown.entry(agent).or_insert_with(shown);
    }

    /// Tells of an agent if they are shown to be something else now.
    pub(super) fn show(&mut self, agent: UserId, step: &mut Step) {
        let entry = self.agent_mut(step.now, agent);
        let shown = entry.shown();
        let Some(before) = step.shown.insert(agent, shown.clone()) else { return };
        if before == shown {
            return;
        }
        if shown.0 == Presence::Ready {
            // Free for text again.
            entry.load_mut(Medium::Text).idle_since = step.now;
        }
        step.decisions.push(Decision::PresenceChanged { agent });
    }

    /// The ticket waits no more. `taken_by` has it: for them nothing is withdrawn.
    pub(super) fn drop_ticket(
        &mut self,
        ticket: Ticket,
        taken_by: Option<UserId>,
        step: &mut Step,
    ) {
        let Some(waiting) = self.line_mut(ticket.medium()).take(ticket) else { return };
        for agent in &waiting.claims {
            self.unclaim(ticket, *agent);
        }
        if let Some((agent, _)) = waiting.offer {
            if taken_by == Some(agent) {
                self.agent_mut(step.now, agent).load_mut(ticket.medium()).offered = None;
            } else {
                self.withdraw(ticket, agent, step);
            }
        }
        step.decisions.extend(waiting.list_changed());
    }

    /// Takes a ticket from the agent to whom it is offered. One meant for them alone is given up.
    pub(super) fn end_offer(
        &mut self,
        ticket: Ticket,
        spare_until: Option<Instant>,
        step: &mut Step,
    ) {
        let Some(waiting) = self.line_mut(ticket.medium()).get_mut(ticket) else { return };
        let Some((agent, _)) = waiting.offer.take() else { return };
        if spare_until.is_some() {
            waiting.spare(agent, spare_until);
        }
        let is_by_name = matches!(waiting.target, Target::Agent(_));
        self.withdraw(ticket, agent, step);
        if is_by_name {
            self.give_up(ticket, step);
        }
    }

    pub(super) fn give_up(&mut self, ticket: Ticket, step: &mut Step) {
        self.drop_ticket(ticket, None, step);
        step.decisions.push(Decision::GiveUp { ticket });
    }

    pub(super) fn miss(&mut self, ticket: Ticket, step: &mut Step) {
        // An earlier miss of this step may have ended the offer.
        let Some((agent, _)) = self.offer(ticket) else { return };
        self.look(agent, step);
        let reason = Some(ticket.medium().missed().to_owned());
        self.agent_mut(step.now, agent).choice = Choice::NotReady { reason };
        self.end_offer(ticket, None, step);
        self.show(agent, step);
    }

    /// The agent is in the interaction no more.
    pub(super) fn release(&mut self, interaction: Interaction, agent: UserId, step: &mut Step) {
        self.look(agent, step);
        let medium = interaction.medium();
        let limit = self.line(medium).config.after_call;
        let entry = self.agent_mut(step.now, agent);
        let load = entry.load_mut(medium);
        if load.holds.remove(&interaction) {
            load.idle_since = step.now;
            let is_free = load.holds.is_empty();
            if is_free && entry.online && !limit.is_zero() {
                entry.after_call = Some(step.now + limit);
            }
        }
        self.show(agent, step);
    }

    /// Ends the time after a call of those for whom it has run out.
    pub(super) fn end_after_calls(&mut self, step: &mut Step) {
        let over = |it: &Agent| it.after_call.is_some_and(|at| at <= step.now);
        let due: Vec<UserId> =
            self.agents.iter().filter(|(_, it)| over(it)).map(|(id, _)| *id).collect();
        for agent in due {
            self.look(agent, step);
            let entry = self.agent_mut(step.now, agent);
            entry.after_call = None;
            // They stood in no line meanwhile.
            entry.load_mut(Medium::Voice).idle_since = step.now;
            self.show(agent, step);
        }
    }

    pub(super) fn unclaim(&mut self, ticket: Ticket, agent: UserId) {
        if let Some(entry) = self.agents.get_mut(&agent) {
            entry.load_mut(ticket.medium()).claims.remove(&ticket.interaction);
        }
    }

    /// Why a ticket that waits no more can't be claimed.
    pub(super) fn gone(&self, ticket: Ticket, agent: UserId) -> OfferError {
        let holds = |it: &Agent| it.load(ticket.medium()).holds.contains(&ticket.interaction);
        let holder = self.agents.iter().find(|(id, it)| **id != agent && holds(it));
        match holder.filter(|_| ticket.handover.is_none()) {
            Some((by, _)) => OfferError::Taken { by: *by },
            None => OfferError::NotOffered,
        }
    }

    pub(super) fn line(&self, medium: Medium) -> &Line {
        match medium {
            Medium::Voice => &self.calls,
            Medium::Text => &self.conversations,
        }
    }

    pub(super) fn line_mut(&mut self, medium: Medium) -> &mut Line {
        match medium {
            Medium::Voice => &mut self.calls,
            Medium::Text => &mut self.conversations,
        }
    }

    pub(super) fn agent_mut(&mut self, now: Instant, agent: UserId) -> &mut Agent {
        self.agents.entry(agent).or_insert_with(|| Agent::new(now))
    }

    /// The agent is offered it no more.
    fn withdraw(&mut self, ticket: Ticket, agent: UserId, step: &mut Step) {
        self.look(agent, step);
        let load = self.agent_mut(step.now, agent).load_mut(ticket.medium());
        load.offered = None;
        load.idle_since = step.now;
        step.decisions.push(Decision::Withdraw { ticket, agent });
        self.show(agent, step);
    }

    /// Ends offers to agents who are no longer available, have no room any more, or are in the
    /// interaction already. A claim is left alone until it is known how it went.
    fn end_offers_in_vain(&mut self, medium: Medium, step: &mut Step) {
        let line = self.line(medium);
        let most = line.config.per_agent_max;
        let in_vain = |it: &Waiting| {
            let Some((agent, _)) = it.offer.filter(|_| it.claims.is_empty()) else { return false };
            self.agents.get(&agent).is_none_or(|agent| {
                let load = agent.load(medium);
                !agent.is_available(medium)
                    || !load.has_room(most)
                    || load.holds.contains(&it.ticket.interaction)
            })
        };
        for ticket in line.tickets(in_vain) {
            self.end_offer(ticket, None, step);
        }
    }

    /// Offers each push ticket without an offer, in order, to the best agent, if there is one.
    fn assign(&mut self, medium: Medium, step: &mut Step) {
        let open = |it: &Waiting| it.delivery == Delivery::Push && it.offer.is_none();
        if !self.line(medium).waiting.iter().any(open) {
            return;
        }
        let mut free = self.free_agents(medium);
        let expires_at = step.now + self.line(medium).config.offer_timeout;
        for index in 0..self.line(medium).waiting.len() {
            if free.is_empty() {
                return;
            }
            let waiting = &self.line(medium).waiting[index];
            let suits = |id: &UserId| waiting.suits(step.now, *id, &self.agents[id]);
            let best = if open(waiting) { free.iter().position(suits) } else { None };
            let (Some(best), ticket) = (best, waiting.ticket) else { continue };
            let agent = free.remove(best);
            self.look(agent, step);
            self.line_mut(medium).waiting[index].offer = Some((agent, expires_at));
            self.agent_mut(step.now, agent).load_mut(medium).offered = Some(ticket);
            step.decisions.push(Decision::Offer { ticket, agent, expires_at });
            self.show(agent, step);
        }
    }

    /// Who could be offered something, best first.
    fn free_agents(&self, medium: Medium) -> Vec<UserId> {
        let most = self.line(medium).config.per_agent_max;
        let is_free = |it: &Agent| {
            let load = it.load(medium);
            it.is_available(medium) && load.offered.is_none() && load.has_room(most)
        };
        let free = self.agents.iter().filter(|(_, it)| is_free(it));
        let mut free: Vec<(usize, Instant, UserId)> = free
            .map(|(id, it)| (it.load(medium).holds.len(), it.load(medium).idle_since, *id))
            .collect();
        free.sort_unstable();
        free.into_iter().map(|(.., id)| id).collect()
    }
}
