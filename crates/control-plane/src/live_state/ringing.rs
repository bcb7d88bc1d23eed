//! A call rings at one agent after the other: it is taken, declined, or goes on to the next.

use interaction::offers::{Delivery, Interaction, Medium, OfferError, Ticket};
use interaction::{CallId, HandoverId, Target, User, UserId};

use super::LiveState;
use crate::effect::{Effect, Moment};

impl LiveState {
    /// Lets the call ring.
    pub(super) fn ring(
        &mut self,
        now: Moment,
        call: CallId,
        target: Target,
    ) -> Result<Vec<Effect>, OfferError> {
        let ticket = Interaction::Call(call).ticket();
        match self.offers.handle_placed(now.instant, ticket, target, Delivery::Push, None) {
            Ok(decisions) => Ok(self.carry_out(now, decisions)),
            Err(error) => Err(error),
        }
    }

    /// The agent answers: a new call, or this request on one. [`Self::handle_claim_failed`] undoes
    /// it; the media event confirms it.
    ///
    /// # Errors
    /// See [`OfferError`].
    pub fn handle_claim(
        &mut self,
        call: CallId,
        agent: &User,
    ) -> Result<Option<HandoverId>, OfferError> {
        let ticket = self.ringing(call, agent.id);
        self.offers.claim(ticket, agent.id)?;
        if let Some(live) = self.calls.get_mut(&call) {
            live.learn(agent.id, &agent.name, &agent.username);
        }
        Ok(ticket.handover)
    }

    /// The agent could not be connected.
    pub fn handle_claim_failed(&mut self, now: Moment, call: CallId, agent: UserId) -> Vec<Effect> {
        let ticket = self.ringing(call, agent);
        let decisions = self.offers.handle_claim_failed(now.instant, ticket, agent);
        self.carry_out(now, decisions)
    }

    /// The agent does not take the call.
    ///
    /// # Errors
    /// See [`OfferError`].
    pub fn handle_declined(
        &mut self,
        now: Moment,
        call: CallId,
        agent: UserId,
    ) -> Result<Vec<Effect>, OfferError> {
        let ticket = self.ringing(call, agent);
        let decisions = self.offers.handle_declined(now.instant, ticket, agent)?;
        if let Some(offer) = self.calls.get_mut(&call).and_then(|live| live.offer.as_mut()) {
            offer.declined = true;
        }
        let mut effects = self.carry_out(now, decisions);
        self.declined_by_name(call, agent, &mut effects);
        Ok(effects)
    }

    /// The ticket by which the call rings at the agent; if it does not, the call's own.
    fn ringing(&self, call: CallId, agent: UserId) -> Ticket {
        let offered = self.offers.offered_to(agent, Medium::Voice);
        let call = Interaction::Call(call);
        offered.filter(|it| it.interaction == call).unwrap_or(call.ticket())
    }
}
