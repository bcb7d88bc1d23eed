//! What comes of a change of a conversation: where it is offered, who is told, what is kept.

use interaction::conversation::{self, Conversation, Entry, Event, PartKind};
use interaction::offers::{Interaction, Medium, OfferError, Ticket};
use interaction::{
    CallId, ConversationId, Handover, HandoverId, HandoverOutcome, QueueRef, Target, User, UserId,
};

use super::{Effect, LiveState, Moment};
use crate::call_terms::OfferOutcome;
use crate::conversations::{Change, ticket_for};
use crate::effect::{Counter, DomainEvent, OfferEnd, Subject, SupervisionAct, SupervisionAction};
use crate::live_conversation::{Customer, LiveConversation, NewConversation};
use crate::publication::{DeliveryFailure, News};
use crate::text_offers::TextOffer;

impl LiveState {
    /// A conversation was opened and is kept: it waits for an agent, and those who may are told.
    /// `false`: too many wait.
    pub fn handle_conversation_opened(
        &mut self,
        now: Moment,
        live: LiveConversation,
        entry: &Entry,
    ) -> (bool, Vec<Effect>) {
        let (id, queue) = (live.id(), live.queue.as_ref().map(|queue| queue.id));
        self.text.insert(live);
        let entries = std::slice::from_ref(entry);
        let mut effects = self.publish_conversation(now.unix, id, entries, &[]);
        let Some(queue) = queue else { return (true, effects) };
        match self.text.handle_opened(&mut self.offers, now.instant, id, queue) {
            Ok(decisions) => {
                effects.extend(self.carry_out(now, decisions));
                (true, effects)
            }
            Err(_) => (false, effects),
        }
    }

    /// A change is kept: it is true from now on, and everybody is told what concerns them.
    pub fn handle_conversation(&mut self, now: Moment, change: Change) -> Vec<Effect> {
        let Some(live) = self.text.get(change.id) else { return Vec::new() };
        let mut effects = acts(live, &change.entries);
        let placed = self.text.handle_change(&mut self.offers, now.instant, &change);
        let Change { id, entries, files } = change;
        effects.extend(entries.iter().filter_map(|entry| self.given_back(id, entry)));
        effects.extend(self.offers_answered(now, id, &entries));
        effects.extend(self.publish_conversation(now.unix, id, &entries, &files));
        effects.extend(self.text.get(id).and_then(|live| score_wanted(live, &entries)));
        effects.extend(self.carry_out(now, placed.decisions));
        let failed = placed.failed.into_iter();
        effects.extend(failed.map(|handover| gave_up(id, Some(handover), false)));
        if self.text.get(id).is_some_and(|live| live.state.ended().is_some())
            && let Some(live) = self.text.remove(id)
        {
            effects.push(Effect::Count(Counter::ConversationEnded));
            if live.is_kept() {
                effects.push(Effect::Transcribe(id));
            }
            if live.requester.is_guest && live.call().is_none() {
                effects.push(Effect::GuestDone(live.requester.id));
            }
        }
        effects
    }

    /// What gives a help request back that was taken up by somebody who is not there any more.
    fn given_back(&self, conversation: ConversationId, entry: &Entry) -> Option<Effect> {
        let Event::HelpChanged(help) = &entry.event else { return None };
        let user = self.helper_who_left(help)?;
        let command = conversation::Command::ReleaseHelp { user };
        Some(Effect::ToConversation { conversation, command })
    }

    /// A message of the customer's has a score: if the mood is another now, staff are told.
    pub fn handle_mood(
        &mut self,
        now: Moment,
        id: ConversationId,
        place: u64,
        score: Option<f32>,
    ) -> Vec<Effect> {
        let live = self.text.live.get_mut(&id);
        if !live.is_some_and(|live| live.handle_score(place, score)) {
            return Vec::new();
        }
        self.publish_mood(now.unix, id)
    }

    /// A public message never reaches the customer: whoever works on it is told.
    pub fn handle_not_delivered(
        &self,
        now: Moment,
        id: ConversationId,
        public_position: u64,
        failure: &DeliveryFailure,
    ) -> Vec<Effect> {
        self.publish_not_delivered(now.unix, id, public_position, failure)
    }

    /// The conversation and through whose eyes the user sees it; `None`: there is none for them.
    pub fn seen_conversation(
        &self,
        user: &User,
        id: ConversationId,
    ) -> Option<(&LiveConversation, conversation::Viewer)> {
        self.text.seen(&self.offers, user, id)
    }

    /// Whether the conversation is offered to the agent, or theirs to pick.
    pub fn has_offered(&self, agent: UserId, id: ConversationId) -> bool {
        ticket_for(&self.offers, agent, id).is_some()
    }

    /// An agent takes what is offered to them, or picks it from a list; the ticket that is theirs
    /// until [`Self::handle_conversation_claim_failed`] gives it back.
    ///
    /// # Errors
    /// See [`OfferError`].
    pub fn handle_conversation_claim(
        &mut self,
        user: &User,
        id: ConversationId,
        handover: Option<HandoverId>,
    ) -> Result<Ticket, OfferError> {
        let conversation = Interaction::Conversation(id);
        let named = handover.map(|it| conversation.request(it));
        let found = named.or_else(|| ticket_for(&self.offers, user.id, id));
        let ticket = found.unwrap_or(conversation.ticket());
        self.offers.claim(ticket, user.id)?;
        self.text.learn(id, user);
        Ok(ticket)
    }

    /// The agent could not take what they had claimed.
    pub fn handle_conversation_claim_failed(
        &mut self,
        now: Moment,
        ticket: Ticket,
        user: UserId,
    ) -> Vec<Effect> {
        let decisions = self.offers.handle_claim_failed(now.instant, ticket, user);
        self.carry_out(now, decisions)
    }

    /// The agent does not take what is offered.
    ///
    /// # Errors
    /// [`OfferError::NotOffered`].
    pub fn handle_conversation_declined(
        &mut self,
        now: Moment,
        user: UserId,
        id: ConversationId,
    ) -> Result<Vec<Effect>, OfferError> {
        let offered = self.offers.offered_to(user, Medium::Text);
        let conversation = Interaction::Conversation(id);
        let ticket = offered.filter(|it| it.interaction == conversation);
        let ticket = ticket.ok_or(OfferError::NotOffered)?;
        let decisions = self.offers.handle_declined(now.instant, ticket, user)?;
        self.text.offered.decline(user);
        Ok(self.carry_out(now, decisions))
    }

    /// Takes in a conversation that went on when the server stopped: who holds it, and what waits.
    pub fn handle_taken_up(&mut self, now: Moment, live: LiveConversation) {
        use interaction::offers::Delivery::Push;
        let (id, pull) = (live.id(), live.pull);
        let agents: Vec<UserId> = live.state.agents().map(|agent| agent.user).collect();
        // From a pull queue's list more may join those who are in it.
        let is_listed = if agents.is_empty() { live.state.handovers().is_empty() } else { pull };
        let queue = live.queue.as_ref().map(|queue| queue.id).filter(|_| is_listed);
        let handovers = live.state.handovers().to_vec();
        let interaction = Interaction::Conversation(id);
        self.text.insert(live);
        // Nobody is connected yet: there is nothing to offer or tell, and room for what was there.
        if let Some(queue) = queue {
            let _ = self.text.handle_opened(&mut self.offers, now.instant, id, queue);
        }
        for agent in agents {
            let _ = self.offers.handle_joined(now.instant, interaction.ticket(), agent);
        }
        for it in handovers {
            let (ticket, from) = (interaction.request(it.id), Some(it.from));
            let _ = self.offers.handle_placed(now.instant, ticket, it.to, Push, from);
        }
    }

    /// Opens the conversation of a call that has been answered, unless there is one. Nothing of it
    /// is kept before its first message.
    pub fn handle_call_conversation(
        &mut self,
        now: Moment,
        call: CallId,
        id: ConversationId,
        features: conversation::Features,
        mood: bool,
    ) -> Option<ConversationId> {
        if let Some(id) = self.text.of_call(call) {
            return Some(id);
        }
        let on_call = self.calls.get(&call)?;
        on_call.state.answered_at()?;
        let caller = &on_call.caller;
        let (state, entry) = Conversation::open(
            now.unix,
            conversation::ConversationConfig {
                id,
                requester: caller.id,
                channel: conversation::Channel::BesideCall(call),
                queue: on_call.queue.as_ref().map(|queue| queue.id),
                policy: self.policy.clone(),
                features,
            },
        );
        let mut live = LiveConversation::new(NewConversation {
            state,
            channel: "voice".to_owned(),
            queue: on_call.queue.clone(),
            teams: on_call.teams.clone(),
            requester: Customer {
                id: caller.id,
                name: on_call.info.name.clone(),
                is_guest: caller.is_guest(),
            },
            customer: None,
            subject: None,
            pull: false,
            tells_place: false,
            mood,
            kept: 0,
        });
        for leg in on_call.state.legs() {
            let names = &on_call.participants;
            live.learn(leg.user, &names.name_of(leg.user), &names.username_of(leg.user));
        }
        live.unkept.push(entry);
        self.text.insert(live);
        Some(id)
    }

    /// Lets a conversation remember where it may be handed to, so that it can be called by name.
    pub fn learn_conversation_target(
        &mut self,
        id: ConversationId,
        target: Target,
        queue: Option<QueueRef>,
    ) {
        let agent = match target {
            Target::Agent(agent) => self.agents.get(&agent).map(|it| (agent, it.name.clone())),
            Target::Queue(_) => None,
        };
        let Some(live) = self.text.live.get_mut(&id) else { return };
        if let Some(queue) = queue {
            live.learn_queue(queue);
        }
        if let Some((agent, name)) = agent {
            live.learn(agent, &name, "");
        }
    }

    /// Offers a conversation, or a request within it, to the agent.
    pub(super) fn offer_text(&mut self, now: Moment, agent: UserId, ticket: Ticket) -> Vec<Effect> {
        let Some(offer) = self.text_offer(now, agent, ticket) else { return Vec::new() };
        self.text.offered.begin(agent, ticket, now.unix);
        let mut effects = vec![Effect::Count(Counter::ConversationOffered)];
        let news = News::ConversationOffered(Box::new(offer));
        effects.extend(self.publish_to(now.unix, agent, news));
        effects
    }

    /// It is offered to the agent no more.
    pub(super) fn withdraw_text(
        &mut self,
        now: Moment,
        id: ConversationId,
        ticket: Ticket,
        agent: UserId,
    ) -> Vec<Effect> {
        // Whoever misses one is not ready from then on, for this reason alone.
        let missed = self.offers.reason(agent) == Some(Medium::Text.missed());
        let ended = self.text.offered.end(agent, ticket, missed);
        let mut effects: Vec<Effect> = ended
            .and_then(|(offer, outcome)| self.text_offer_ended(now, id, agent, offer, outcome))
            .into_iter()
            .collect();
        effects.extend(self.publish_offer_ended(now, id, ticket.handover, agent));
        effects
    }

    /// What came of offers to agents who are in the conversation now.
    fn offers_answered(
        &mut self,
        now: Moment,
        id: ConversationId,
        entries: &[Entry],
    ) -> Vec<Effect> {
        let joined = entries.iter().filter_map(|entry| match &entry.event {
            Event::Joined(member) if member.part.kind() == PartKind::Agent => Some(member.user),
            _ => None,
        });
        let mut effects = Vec::new();
        for agent in joined {
            if let Some(offer) = self.text.offered.joined(agent, id) {
                let outcome = OfferOutcome::Answered;
                effects.extend(self.text_offer_ended(now, id, agent, offer, outcome));
            }
        }
        effects
    }

    /// What came of an offer, to be kept.
    fn text_offer_ended(
        &self,
        now: Moment,
        id: ConversationId,
        agent: UserId,
        offer: TextOffer,
        outcome: OfferOutcome,
    ) -> Option<Effect> {
        let live = self.text.get(id)?;
        let team = live.queue.as_ref().map(|queue| queue.team).or(live.teams.first().copied());
        let agent_name = self.agents.get(&agent).map(|entry| entry.name.clone());
        Some(Effect::Persist(DomainEvent::OfferEnded(OfferEnd {
            subject: Subject::Conversation(id),
            agent,
            agent_name: agent_name.unwrap_or_default(),
            queue: live.queue.as_ref().map(|queue| queue.key.clone()),
            team,
            since: offer.since,
            until: now.unix,
            outcome,
        })))
    }

    /// Nobody was found.
    pub(super) fn give_up_text(&self, id: ConversationId, handover: Option<HandoverId>) -> Effect {
        let live = self.text.get(id);
        let handovers = live.map(|live| live.state.handovers()).unwrap_or_default();
        let by_name = |it: &Handover| matches!(it.to, Target::Agent(_));
        let declined = handovers.iter().any(|it| Some(it.id) == handover && by_name(it));
        gave_up(id, handover, declined)
    }
}

/// What the customer said in an entry, and its public place.
pub fn spoken(requester: UserId, entry: &Entry) -> Option<(u64, &str)> {
    match &entry.event {
        Event::Posted(message) if message.author == requester => {
            Some((message.public?, &message.text))
        }
        _ => None,
    }
}

/// The mood is looked at apart: the customer's answer does not wait for it.
fn score_wanted(live: &LiveConversation, entries: &[Entry]) -> Option<Effect> {
    live.mood.as_ref()?;
    let (place, text) = entries.iter().find_map(|entry| spoken(live.requester.id, entry))?;
    Some(Effect::ScoreMood { conversation: live.id(), place, text: text.to_owned() })
}

/// Nobody was found for what waited.
fn gave_up(conversation: ConversationId, handover: Option<HandoverId>, declined: bool) -> Effect {
    let outcome = if declined { HandoverOutcome::Declined } else { HandoverOutcome::NoAgents };
    let command = match handover {
        Some(handover) => conversation::Command::EndHandover { handover, outcome },
        None => conversation::Command::End,
    };
    Effect::ToConversation { conversation, command }
}

/// The acts of supervision among `entries`, to be kept.
fn acts(live: &LiveConversation, entries: &[Entry]) -> Vec<Effect> {
    let act = |entry: &Entry| {
        let (member, action) = match &entry.event {
            Event::Joined(member) if member.part.kind() == PartKind::Supervisor => {
                (member, SupervisionAction::Mode(interaction::ModeKind::Listen))
            }
            Event::ModeChanged(member, _) => (member, SupervisionAction::Mode(member.mode()?)),
            Event::Left(member, reason) if member.part.kind() == PartKind::Supervisor => {
                (member, SupervisionAction::Stop(*reason))
            }
            _ => return None,
        };
        Some(Effect::Persist(DomainEvent::Supervised(SupervisionAct {
            at: entry.at,
            user: member.user,
            username: live.participants.username_of(member.user),
            subject: Subject::Conversation(live.id()),
            action,
        })))
    };
    entries.iter().filter_map(act).collect()
}
