//! The conversations that go on, and to whom they are offered.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use interaction::conversation::{Entry, Event, Part, Phase, Reader, Viewer};
use interaction::offers::{Decision, Delivery, Interaction, Medium, OfferError, Offers, Ticket};
use interaction::{
    CallId, ConversationId, HandoverId, HandoverKind, HandoverOutcome, Help, QueueId, Target, User,
    UserId,
};

use crate::live_conversation::LiveConversation;
use crate::publication::FileCard;
use crate::rates::Rates;
use crate::text_offers::TextOffers;

/// Conversations that may go on at the same time.
pub const CONVERSATIONS_MAX: usize = 10_000;

/// The text half of the live state.
#[derive(Debug, Default)]
pub struct Conversations {
    pub(crate) live: BTreeMap<ConversationId, LiveConversation>,
    pub(crate) rates: Rates,
    /// What is offered to whom.
    pub(crate) offered: TextOffers,
    /// The conversation of each answered call.
    of_calls: BTreeMap<CallId, ConversationId>,
    /// Those that wait and whose customers are told their place in the queue.
    pub(crate) telling_place: BTreeSet<ConversationId>,
}

/// A change that is kept.
#[derive(Debug)]
pub struct Change {
    /// The conversation.
    pub id: ConversationId,
    /// What happened.
    pub entries: Vec<Entry>,
    /// What is attached to the message among them.
    pub files: Vec<FileCard>,
}

impl Conversations {
    /// Takes a conversation in, as it is.
    pub fn insert(&mut self, record: LiveConversation) {
        if let Some(call) = record.call() {
            self.of_calls.insert(call, record.id());
        }
        if record.tells_place && !record.is_answered() {
            self.telling_place.insert(record.id());
        }
        self.live.insert(record.id(), record);
    }

    /// Forgets one that has ended.
    pub fn remove(&mut self, id: ConversationId) -> Option<LiveConversation> {
        let record = self.live.remove(&id)?;
        self.telling_place.remove(&id);
        if let Some(call) = record.call() {
            self.of_calls.remove(&call);
        }
        Some(record)
    }

    /// The conversation, if it goes on.
    pub fn get(&self, id: ConversationId) -> Option<&LiveConversation> {
        self.live.get(&id)
    }

    /// The conversation of a call.
    pub fn of_call(&self, call: CallId) -> Option<ConversationId> {
        self.of_calls.get(&call).copied()
    }

    /// The conversation and through whose eyes the user sees it; `None`: there is none for them.
    pub fn seen(
        &self,
        offers: &Offers,
        user: &User,
        id: ConversationId,
    ) -> Option<(&LiveConversation, Viewer)> {
        let record = self.live.get(&id)?;
        let offered = ticket_for(offers, user.id, id).is_some();
        Some((record, record.viewer_with(&record.state, user, offered)?))
    }

    /// The conversations that the user supervises.
    pub fn supervises(&self, user: UserId) -> Vec<ConversationId> {
        let supervises = |record: &&LiveConversation| {
            record.state.member(user).is_some_and(|member| member.mode().is_some())
        };
        self.live.values().filter(supervises).map(LiveConversation::id).collect()
    }

    /// Those in which this supervisor is on the help request.
    pub fn helps_in(&self, user: UserId) -> Vec<ConversationId> {
        let helps = |it: &&LiveConversation| it.state.help().and_then(Help::taken_by) == Some(user);
        self.live.values().filter(helps).map(LiveConversation::id).collect()
    }

    /// The conversations that the user is in as one of the staff.
    pub fn works_in(&self, user: UserId) -> Vec<ConversationId> {
        let works = |record: &&LiveConversation| {
            let member = record.state.member(user);
            member.is_some_and(|member| member.part != Part::Requester)
        };
        self.live.values().filter(works).map(LiveConversation::id).collect()
    }

    /// The staff of every conversation that goes on.
    pub fn staff(&self) -> BTreeSet<UserId> {
        let members = self.live.values().flat_map(|record| record.state.members());
        members.filter(|it| it.part != Part::Requester).map(|it| it.user).collect()
    }

    /// Those that the user may see and that go on, oldest first. What is only offered is not
    /// among them.
    pub fn of(&self, user: &User) -> Vec<(&LiveConversation, Viewer)> {
        let mut seen: Vec<(&LiveConversation, Viewer)> =
            self.live.values().filter_map(|record| Some((record, record.viewer(user)?))).collect();
        seen.sort_by_key(|(record, _)| (record.state.opened_at(), record.id()));
        seen
    }

    /// Lets a new conversation wait for an agent.
    ///
    /// # Errors
    /// See [`OfferError`].
    pub fn handle_opened(
        &self,
        offers: &mut Offers,
        now: Instant,
        id: ConversationId,
        queue: QueueId,
    ) -> Result<Vec<Decision>, OfferError> {
        let Some(record) = self.live.get(&id) else { return Ok(Vec::new()) };
        let ticket = Interaction::Conversation(id).ticket();
        let target = Target::Queue(queue);
        offers.handle_placed(now, ticket, target, delivery(record.pull), None)
    }

    /// Makes a kept change true, and tells the offers; what could not be placed is given back.
    pub fn handle_change(&mut self, offers: &mut Offers, now: Instant, change: &Change) -> Placed {
        let mut placed = Placed::default();
        let Some(record) = self.live.get_mut(&change.id) else { return placed };
        change.entries.iter().for_each(|entry| record.state.evolve(entry));
        let interaction = Interaction::Conversation(change.id);
        for entry in &change.entries {
            let decisions = match &entry.event {
                Event::Joined(member) if Reader::of(&member.part) == Reader::Agent => {
                    offers.handle_joined(now, interaction.ticket(), member.user)
                }
                Event::Left(member, _) if Reader::of(&member.part) == Reader::Agent => {
                    offers.handle_left(now, interaction, member.user)
                }
                Event::HandoverRequested(handover) => {
                    let ticket = interaction.request(handover.id);
                    let from = Some(handover.from);
                    let to = handover.to;
                    if handover.kind == HandoverKind::Transfer {
                        // Whoever takes it has it: it is not to be picked from a list any more.
                        let listed = interaction.ticket();
                        placed.decisions.extend(offers.handle_withdrawn(now, listed));
                    }
                    // Somebody waits for the answer: it is offered, to a pull queue as well.
                    match offers.handle_placed(now, ticket, to, Delivery::Push, from) {
                        Ok(decisions) => decisions,
                        Err(_) => {
                            placed.failed.push(handover.id);
                            Vec::new()
                        }
                    }
                }
                Event::HandoverEnded(handover, HandoverOutcome::Accepted(by)) => {
                    offers.handle_joined(now, interaction.request(handover.id), *by)
                }
                Event::HandoverEnded(handover, _) => {
                    offers.handle_withdrawn(now, interaction.request(handover.id))
                }
                Event::Ended(_) => offers.handle_ended(now, interaction),
                Event::Opened(_)
                | Event::Joined(_)
                | Event::Left(..)
                | Event::ModeChanged(..)
                | Event::RightsChanged(..)
                | Event::Posted(_)
                | Event::Typing(..)
                | Event::Marked { .. }
                | Event::HelpChanged(_) => Vec::new(),
            };
            placed.decisions.extend(decisions);
        }
        if let Some(queue) = left_waiting(record, change) {
            let (ticket, to) = (interaction.ticket(), Target::Queue(queue));
            // As many may wait as are open: there is room for one that was.
            let again = offers.handle_placed(now, ticket, to, Delivery::Push, None);
            placed.decisions.extend(again.unwrap_or_default());
        }
        placed
    }

    /// Remembers in a conversation how a user is called.
    pub fn learn(&mut self, id: ConversationId, user: &User) {
        if let Some(live) = self.live.get_mut(&id) {
            live.learn(user.id, &user.name, &user.username);
        }
    }

    /// Everything that happened so far is kept now: so many more events.
    pub fn handle_kept(&mut self, id: ConversationId, events: u64) {
        if let Some(live) = self.live.get_mut(&id) {
            live.kept += events;
            live.unkept.clear();
        }
    }

    /// This is kept with the first message, or never.
    pub fn put_off(&mut self, id: ConversationId, entries: &[Entry]) {
        if let Some(live) = self.live.get_mut(&id) {
            live.unkept.extend(entries.iter().cloned());
        }
    }

    /// The store knows better than this server: its state and how many events it holds.
    pub fn handle_read_again(&mut self, id: ConversationId, fresh: LiveConversation) {
        if let Some(live) = self.live.get_mut(&id) {
            live.state = fresh.state;
            live.kept = fresh.kept;
        }
    }

    /// One more message of the user's; how long they should wait if it is too many.
    ///
    /// # Errors
    /// How long to wait.
    pub fn take_message(&mut self, now: Instant, user: UserId) -> Result<(), Duration> {
        self.rates.message(now, user)
    }

    /// One more sign of the user's (typing, a mark).
    ///
    /// # Errors
    /// How long to wait.
    pub fn take_sign(&mut self, now: Instant, user: UserId) -> Result<(), Duration> {
        self.rates.sign(now, user)
    }

    /// How many go on.
    pub fn len(&self) -> usize {
        self.live.len()
    }

    /// Whether none goes on.
    pub fn is_empty(&self) -> bool {
        self.live.is_empty()
    }

    /// Those that go on.
    pub fn iter(&self) -> impl Iterator<Item = &LiveConversation> {
        self.live.values()
    }
}

/// The queue in which a conversation waits again because its last agent was taken off it. A pull
/// queue has it in its list all the time.
fn left_waiting(live: &LiveConversation, change: &Change) -> Option<QueueId> {
    let is_agent = |entry: &Entry| matches!(&entry.event, Event::Left(member, _) if Reader::of(&member.part) == Reader::Agent);
    let waits = live.state.phase() == Phase::Waiting && live.call().is_none() && !live.pull;
    let left = waits && change.entries.iter().any(is_agent);
    left.then(|| live.queue.as_ref().map(|queue| queue.id)).flatten()
}

/// What a change means for the offers.
#[derive(Debug, Default)]
pub struct Placed {
    /// To be carried out, in order.
    pub decisions: Vec<Decision>,
    /// For these there was no room.
    pub failed: Vec<HandoverId>,
}

fn delivery(pull: bool) -> Delivery {
    if pull { Delivery::Pull } else { Delivery::Push }
}

/// Where an agent's offer stands: the conversation's first ticket that is theirs to take.
pub(crate) fn ticket_for(offers: &Offers, agent: UserId, id: ConversationId) -> Option<Ticket> {
    let offered = offers.offered_to(agent, Medium::Text);
    let pulled = offers.pullable(agent);
    let conversation = Interaction::Conversation(id);
    offered.into_iter().chain(pulled).find(|ticket| ticket.interaction == conversation)
}
