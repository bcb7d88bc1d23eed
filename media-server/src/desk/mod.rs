//! The text side of the control plane: conversations, and to whom they are offered.
//!
//! [`Desk`] is a plain struct inside the [`Floor`](crate::centre::Floor), behind the same lock and
//! told over the same event streams. What a user asks goes through [`commands`]: the change is
//! decided, **kept in the store, and only then made true and told**, so that nothing is acknowledged that a crash could take back. Who reads what is decided
//! by `interaction::conversation` alone. Attachments' bytes and HTTP are not known here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use interaction::conversation::{Entry, Event, Part, Reader, Viewer};
use interaction::offers::{Decision, Delivery, Interaction, Medium, OfferError, Offers, Ticket};
use interaction::{
    CallId, ConversationId, HandoverId, HandoverKind, HandoverOutcome, QueueId, Target, UserId,
};
use wire::AttachmentView;

use crate::auth::User;

mod beside;
pub mod book;
mod channel;
pub mod chats;
mod commands;
pub mod fact;
pub mod files;
mod handing;
mod keeping;
pub mod mood;
mod pages;
mod rate;
pub mod record;
mod restart;
mod rights;
mod telling;
mod transcripts;
pub mod view;

pub use channel::Incoming;
pub use commands::{Posting, SUBJECT_CHARS_MAX};
pub use handing::Handing;
pub use transcripts::TranscriptFile;

use rate::Rates;
use record::Record;

/// Conversations that may go on at the same time.
pub const CONVERSATIONS_MAX: usize = 10_000;

/// See the module.
#[derive(Debug, Default)]
pub struct Desk {
    pub(crate) conversations: BTreeMap<ConversationId, Record>,
    pub(crate) rates: Rates,
    beside: BTreeMap<CallId, ConversationId>,
}

/// A change that is kept.
#[derive(Debug)]
pub struct Change {
    /// The conversation.
    pub id: ConversationId,
    /// What happened.
    pub entries: Vec<Entry>,
    /// What is attached to the message among them.
    pub files: Vec<AttachmentView>,
}

impl Desk {
    /// Takes a conversation in, as it is.
    pub fn insert(&mut self, record: Record) {
        if let Some(call) = record.call() {
            self.beside.insert(call, record.id());
        }
        self.conversations.insert(record.id(), record);
        self.count();
    }

    /// Forgets one that has ended.
    pub fn remove(&mut self, id: ConversationId) -> Option<Record> {
        let record = self.conversations.remove(&id)?;
        if let Some(call) = record.call() {
            self.beside.remove(&call);
        }
        self.count();
        Some(record)
    }

    /// The conversation, if it goes on.
    pub fn get(&self, id: ConversationId) -> Option<&Record> {
        self.conversations.get(&id)
    }

    /// The conversation that stands beside a call.
    pub fn beside(&self, call: CallId) -> Option<ConversationId> {
        self.beside.get(&call).copied()
    }

    /// The conversation and through whose eyes the user sees it; `None`: there is none for them.
    pub fn seen(
        &self,
        offers: &Offers,
        user: &User,
        id: ConversationId,
    ) -> Option<(&Record, Viewer)> {
        let record = self.conversations.get(&id)?;
        let offered = || ticket_for(offers, user.id, id).map(|_| Reader::Offered);
        let offered = || offered().map(|reader| Viewer { user: user.id, reader });
        Some((record, record.viewer(user).or_else(offered)?))
    }

    /// The conversations that the user supervises.
    pub fn supervises(&self, user: UserId) -> Vec<ConversationId> {
        let supervises = |record: &&Record| {
            record.state.member(user).is_some_and(|member| member.mode().is_some())
        };
        self.conversations.values().filter(supervises).map(Record::id).collect()
    }

    /// The conversations that the user is in as one of the staff.
    pub fn works_in(&self, user: UserId) -> Vec<ConversationId> {
        let works = |record: &&Record| {
            let member = record.state.member(user);
            member.is_some_and(|member| member.part != Part::Requester)
        };
        self.conversations.values().filter(works).map(Record::id).collect()
    }

    /// The staff of every conversation that goes on.
    pub fn staff(&self) -> BTreeSet<UserId> {
        let members = self.conversations.values().flat_map(|record| record.state.members());
        members.filter(|it| it.part != Part::Requester).map(|it| it.user).collect()
    }

    /// Those that the user may see and that go on, oldest first. What is only offered is not
    /// among them.
    pub fn of(&self, user: &User) -> Vec<(&Record, Viewer)> {
        let mut seen: Vec<(&Record, Viewer)> = self
            .conversations
            .values()
            .filter_map(|record| Some((record, record.viewer(user)?)))
            .collect();
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
        let Some(record) = self.conversations.get(&id) else { return Ok(Vec::new()) };
        let ticket = Interaction::Conversation(id).ticket();
        let target = Target::Queue(queue);
        offers.handle_placed(now, ticket, target, delivery(record.pull), None)
    }

    /// Makes a kept change true, and tells the offers; what could not be placed is given back.
    pub fn handle_change(&mut self, offers: &mut Offers, now: Instant, change: &Change) -> Placed {
        let mut placed = Placed::default();
        let Some(record) = self.conversations.get_mut(&change.id) else { return placed };
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
                _ => Vec::new(),
            };
            placed.decisions.extend(decisions);
        }
        placed
    }

    fn count(&self) {
        metrics::gauge!("sotto_conversations").set(self.conversations.len() as f64);
    }
}

/// What a change means for the offers.
#[derive(Debug, Default)]
pub struct Placed {
    /// To be carried out, in order.
    pub decisions: Vec<Decision>,
    /// For these there was no room.
    pub failed: Vec<HandoverId>,
}

/// Where an agent's offer stands: the conversation's first ticket that is theirs to take.
pub fn ticket_for(offers: &Offers, agent: UserId, id: ConversationId) -> Option<Ticket> {
    let offered = offers.offered_to(agent, Medium::Text).into_iter();
    let mut all = offered.chain(offers.pullable(agent));
    all.find(|ticket| ticket.interaction == Interaction::Conversation(id))
}

fn delivery(pull: bool) -> Delivery {
    if pull { Delivery::Pull } else { Delivery::Push }
}
