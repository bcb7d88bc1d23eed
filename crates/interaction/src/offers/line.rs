//! What waits on one medium: requests first, each part in the order in which it came.

use std::time::Instant;

use super::agent::Agent;
use super::{Decision, Delivery, Interaction, LineConfig, OfferError, Ticket};
use crate::{Target, UserId};

#[derive(Clone, Debug)]
pub(super) struct Line {
    pub config: LineConfig,
    pub waiting: Vec<Waiting>,
}

#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub ticket: Ticket,
    pub target: Target,
    pub delivery: Delivery,
    /// `None`: somebody has joined a pulled one, and more may.
    pub gives_up_at: Option<Instant>,
    /// To whom it is offered, and until when.
    pub offer: Option<(UserId, Instant)>,
    /// Who has accepted and is being connected: time-outs wait for the outcome. More than one
    /// only where several may join.
    pub claims: Vec<UserId>,
    /// To whom it is not offered, and until when; `None`: ever. One entry an agent.
    pub spared: Vec<(UserId, Option<Instant>)>,
}

impl Line {
    pub fn new(config: LineConfig) -> Self {
        Self { config, waiting: Vec::new() }
    }

    pub fn get(&self, ticket: Ticket) -> Option<&Waiting> {
        self.waiting.iter().find(|it| it.ticket == ticket)
    }

    pub fn get_mut(&mut self, ticket: Ticket) -> Option<&mut Waiting> {
        self.waiting.iter_mut().find(|it| it.ticket == ticket)
    }

    /// Takes in what is to wait, in its place.
    pub fn insert(&mut self, waiting: Waiting) {
        let is_request = |it: &Waiting| it.ticket.handover.is_some();
        let behind = |it: &Waiting| is_request(&waiting) && !is_request(it);
        let place = self.waiting.iter().position(behind).unwrap_or(self.waiting.len());
        self.waiting.insert(place, waiting);
    }

    pub fn take(&mut self, ticket: Ticket) -> Option<Waiting> {
        let index = self.waiting.iter().position(|it| it.ticket == ticket)?;
        Some(self.waiting.remove(index))
    }

    pub fn tickets(&self, which: impl Fn(&Waiting) -> bool) -> Vec<Ticket> {
        self.waiting.iter().filter(|it| which(it)).map(|it| it.ticket).collect()
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let deadlines = |it: &Waiting| {
            let spared = it.spared.iter().filter_map(|(_, until)| *until);
            spared.chain(it.offer.map(|(_, at)| at)).chain(it.gives_up_at).min()
        };
        let unclaimed = self.waiting.iter().filter(|it| it.claims.is_empty());
        unclaimed.filter_map(deadlines).min()
    }
}

impl Waiting {
    /// Whether the agent is wanted at all.
    pub fn is_for(&self, id: UserId, agent: &Agent) -> bool {
        match self.target {
            Target::Queue(queue) => agent.queues.contains(&queue),
            Target::Agent(only) => only == id,
        }
    }

    /// Whether it may be offered to the agent now.
    pub fn suits(&self, now: Instant, id: UserId, agent: &Agent) -> bool {
        let holds = |until: &Option<Instant>| until.is_none_or(|until| until > now);
        let load = agent.load(self.ticket.medium());
        self.is_for(id, agent)
            && !load.holds.contains(&self.ticket.interaction)
            && !self.spared.iter().any(|(spared, until)| *spared == id && holds(until))
    }

    /// Whether the agent may accept it, as far as the ticket goes.
    pub fn may_claim(&self, id: UserId, agent: &Agent) -> Result<(), OfferError> {
        let faster = self.claims.iter().find(|by| **by != id).filter(|_| !self.is_joinable());
        if let Some(by) = faster.filter(|_| self.ticket.handover.is_none()) {
            return Err(OfferError::Taken { by: *by });
        }
        let mine = match self.delivery {
            Delivery::Push => self.offer.is_some_and(|(to, _)| to == id),
            Delivery::Pull => self.is_for(id, agent),
        };
        let free = faster.is_none() && !self.claims.contains(&id);
        if mine && free { Ok(()) } else { Err(OfferError::NotOffered) }
    }

    /// Whether it is a place in a list, from which several may join the interaction.
    pub fn is_joinable(&self) -> bool {
        self.delivery == Delivery::Pull && self.ticket.handover.is_none()
    }

    pub fn is_place_of(&self, interaction: Interaction) -> bool {
        self.is_joinable() && self.ticket.interaction == interaction
    }

    pub fn spare(&mut self, agent: UserId, until: Option<Instant>) {
        self.spared.retain(|(spared, _)| *spared != agent);
        self.spared.push((agent, until));
    }

    pub fn list_changed(&self) -> Option<Decision> {
        match (self.delivery, self.target) {
            (Delivery::Pull, Target::Queue(queue)) => Some(Decision::ListChanged { queue }),
            (Delivery::Pull, Target::Agent(_)) | (Delivery::Push, _) => None,
        }
    }
}
