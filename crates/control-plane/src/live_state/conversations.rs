//! What comes of a change of a conversation: where it is offered, who is told, what is kept.

use interaction::conversation::{self, Conversation, Entry, Event, PartKind};
use interaction::dispatch::{Choice, Presence, Target};
use interaction::text_dispatch::{AgentState, Decision, TextDispatchError, Ticket};
use interaction::{
    CallId, ConversationId, HandoverId, HandoverOutcome, LeaveReason, QueueRef, User, UserId,
};

use super::{Effect, LiveState, Moment};
use crate::conversations::Change;
use crate::effect::{Counter, DomainEvent, Subject, SupervisionAct, SupervisionAction};
use crate::live_conversation::{Customer, LiveConversation, NewConversation};
use crate::publication::News;

/// Why an agent who let an offer run out is not ready.
pub const MISSED_REASON: &str = "missed a conversation";

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
        let mut effects = self.publish_conversation(now.unix, id, &[], entries, &[]);
        let Some(queue) = queue else { return (true, effects) };
        match self.text.handle_opened(now.instant, id, queue) {
            Ok(decisions) => {
                effects.extend(self.carry_out_text(now, decisions));
                (true, effects)
            }
            Err(_) => (false, effects),
        }
    }

    /// A change is kept: it is true from now on, and everybody is told what concerns them.
    pub fn handle_conversation(&mut self, now: Moment, change: Change) -> Vec<Effect> {
        let Some(live) = self.text.get(change.id) else { return Vec::new() };
        let mut effects = acts(live, &change.entries);
        // Who leaves in this change is told of it through the eyes that they had.
        let leaving: Vec<conversation::Viewer> = change
            .entries
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::Left(member, _) => live.state.viewer(member.user, None),
                _ => None,
            })
            .collect();
        let placed = self.text.handle_change(now.instant, &change);
        let Change { id, entries, files } = change;
        effects.extend(self.publish_conversation(now.unix, id, &leaving, &entries, &files));
        effects.extend(self.text.get(id).and_then(|live| score_wanted(live, &entries)));
        effects.extend(self.carry_out_text(now, placed.decisions));
        effects.extend(placed.failed.into_iter().map(|ticket| gave_up(ticket, false)));
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

    /// The agent's presence may have changed: the text side follows.
    pub fn handle_text_presence(&mut self, now: Moment, agent: UserId) -> Vec<Effect> {
        let Some(entry) = self.agents.get(&agent) else { return Vec::new() };
        let available = self.dispatcher.presence(agent) == Presence::Ready;
        let state = AgentState { queues: entry.queue_ids.clone(), available };
        let decisions = self.text.handle_agent(now.instant, agent, state);
        self.carry_out_text(now, decisions)
    }

    /// A user's last event stream ended: they supervise nothing any more, in text as on calls.
    pub fn text_supervision_lost(&self, user: UserId) -> Vec<Effect> {
        let lost = |conversation| {
            let command = conversation::Command::Leave { user, reason: LeaveReason::Lost };
            Effect::ToConversation { conversation, command }
        };
        self.text.supervises(user).into_iter().map(lost).collect()
    }

    /// An agent takes what is offered to them, or picks it from a list; the ticket that is theirs
    /// until [`Self::handle_conversation_unclaimed`] gives it back.
    ///
    /// # Errors
    /// See [`TextDispatchError`].
    pub fn handle_conversation_claim(
        &mut self,
        now: Moment,
        user: &User,
        id: ConversationId,
        handover: Option<HandoverId>,
    ) -> Result<(Ticket, Vec<Effect>), TextDispatchError> {
        let named = handover.map(|it| Ticket { conversation: id, handover: Some(it) });
        let found = named.or_else(|| self.text.ticket_for(user.id, id));
        let ticket = found.unwrap_or(Ticket { conversation: id, handover: None });
        let decisions = self.text.dispatcher.claim(now.instant, ticket, user.id)?;
        self.text.learn(id, user);
        Ok((ticket, self.carry_out_text(now, decisions)))
    }

    /// The agent could not take what they had claimed.
    pub fn handle_conversation_unclaimed(
        &mut self,
        now: Moment,
        ticket: Ticket,
        user: UserId,
    ) -> Vec<Effect> {
        let decisions = self.text.dispatcher.handle_left(now.instant, ticket.conversation, user);
        self.carry_out_text(now, decisions)
    }

    /// The agent does not take what is offered.
    ///
    /// # Errors
    /// It is not offered to them.
    pub fn handle_conversation_declined(
        &mut self,
        now: Moment,
        user: UserId,
        id: ConversationId,
    ) -> Result<Vec<Effect>, TextDispatchError> {
        let offered = self.text.dispatcher.offered_to(user);
        let ticket = offered.into_iter().find(|it| it.conversation == id);
        let ticket = ticket.ok_or(TextDispatchError::NotOffered)?;
        let decisions = self.text.dispatcher.handle_declined(now.instant, ticket, user)?;
        Ok(self.carry_out_text(now, decisions))
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
            subject: None,
            pull: false,
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

    /// Does what the text dispatcher decided.
    pub(super) fn carry_out_text(&mut self, now: Moment, decisions: Vec<Decision>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for decision in decisions {
            match decision {
                Decision::Offer { ticket, agent, .. } => {
                    if let Some(offer) = self.text_offer(now, agent, ticket) {
                        effects.push(Effect::Count(Counter::ConversationOffered));
                        let news = News::ConversationOffered(Box::new(offer));
                        effects.extend(self.publish_to(now.unix, agent, news));
                    }
                }
                Decision::Withdraw { ticket, agent } => {
                    effects.extend(self.publish_offer_ended(now, ticket, agent));
                }
                Decision::Missed { agent } => {
                    let choice = Choice::NotReady { reason: Some(MISSED_REASON.to_owned()) };
                    let decisions = self.dispatcher.handle_choice(now.instant, agent, choice);
                    effects.extend(self.carry_out(now, decisions));
                }
                Decision::GiveUp { ticket } => {
                    let declined = self.is_for_one(ticket);
                    effects.push(gave_up(ticket, declined));
                }
                Decision::ListChanged { queue } => {
                    effects.extend(self.publish_list(now.unix, queue));
                }
            }
        }
        effects
    }

    /// Whether a request was meant for one agent by name.
    fn is_for_one(&self, ticket: Ticket) -> bool {
        let live = self.text.get(ticket.conversation);
        let handovers = live.map(|live| live.state.handovers()).unwrap_or_default();
        handovers
            .iter()
            .any(|it| Some(it.id) == ticket.handover && matches!(it.to, Target::Agent(_)))
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
fn gave_up(ticket: Ticket, declined: bool) -> Effect {
    let outcome = if declined { HandoverOutcome::Declined } else { HandoverOutcome::NoAgents };
    let command = match ticket.handover {
        Some(handover) => conversation::Command::EndHandover { handover, outcome },
        None => conversation::Command::End,
    };
    Effect::ToConversation { conversation: ticket.conversation, command }
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
