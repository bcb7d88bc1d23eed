//! What text is offered to whom at this moment, so that it can be said in the end what came of it.

use std::collections::BTreeMap;

use interaction::offers::Ticket;
use interaction::{ConversationId, UnixMs, UserId};

use crate::call_terms::OfferOutcome;

/// The open offers of conversations: an agent has one at a time, so the agents bound them.
#[derive(Debug, Default)]
pub(crate) struct TextOffers {
    open: BTreeMap<UserId, TextOffer>,
}

/// A conversation, or a request within one, that is offered to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextOffer {
    /// What is offered.
    pub(crate) ticket: Ticket,
    /// Since when.
    pub(crate) since: UnixMs,
    /// The agent does not want it: it is about to go on to the next.
    declined: bool,
}

impl TextOffers {
    /// It is offered from now on.
    pub(crate) fn begin(&mut self, agent: UserId, ticket: Ticket, since: UnixMs) {
        self.open.insert(agent, TextOffer { ticket, since, declined: false });
    }

    /// The agent does not want what is offered.
    pub(crate) fn decline(&mut self, agent: UserId) {
        if let Some(offer) = self.open.get_mut(&agent) {
            offer.declined = true;
        }
    }

    /// It is offered no more; what came of it. `missed`: the agent is not ready because they let one run out.
    pub(crate) fn end(
        &mut self,
        agent: UserId,
        ticket: Ticket,
        missed: bool,
    ) -> Option<(TextOffer, OfferOutcome)> {
        let offer = self.take(agent, |it| it.ticket == ticket)?;
        let outcome = match (offer.declined, missed) {
            (true, _) => OfferOutcome::Declined,
            (false, true) => OfferOutcome::Missed,
            (false, false) => OfferOutcome::Withdrawn,
        };
        Some((offer, outcome))
    }

    /// The agent is in the conversation: what was offered of it is answered.
    pub(crate) fn joined(&mut self, agent: UserId, id: ConversationId) -> Option<TextOffer> {
        self.take(agent, |it| it.ticket.interaction.conversation() == Some(id))
    }

    fn take(&mut self, agent: UserId, is_it: impl FnOnce(&TextOffer) -> bool) -> Option<TextOffer> {
        self.open.get(&agent).is_some_and(is_it).then(|| self.open.remove(&agent))?
    }
}
