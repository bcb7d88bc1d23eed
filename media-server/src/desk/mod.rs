//! The text side of the control plane: conversations, and to whom they are offered.
//!
//! [`Desk`] is a plain struct inside the [`Floor`](crate::centre::Floor), behind the same lock and
//! told over the same event streams. What a user asks goes through [`commands`]: the change is
//! worked out on a copy of the conversation, **kept in the store, and only then made visible and
//! told**, so that nothing is acknowledged that a crash could take back. Who reads what is decided
//! by `interaction::conversation` alone. Attachments' bytes and HTTP are not known here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use interaction::conversation::{Conversation, Entry, Event, Part, Reader, Viewer};
use interaction::dispatch::Target;
use interaction::text_dispatch::{
    AgentState, Decision, Delivery, TextDispatchConfig, TextDispatchError, Ticket,
};
use interaction::{CallId, ConversationId, HandoverKind, QueueId, TextDispatcher, UserId};
use wire::AttachmentView;

use crate::auth::User;

mod beside;
pub mod book;
mod channel;
pub mod chats;
mod commands;
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
#[derive(Debug)]
pub struct Desk {
    pub(crate) conversations: BTreeMap<ConversationId, Record>,
    pub(crate) dispatcher: TextDispatcher,
    pub(crate) rates: Rates,
    beside: BTreeMap<CallId, ConversationId>,
}

/// A change that is kept.
#[derive(Debug)]
pub struct Change {
    /// The conversation.
    pub id: ConversationId,
    /// Its state from now on.
    pub state: Conversation,
    /// What happened.
    pub entries: Vec<Entry>,
    /// What is attached to the message among them.
    pub files: Vec<AttachmentView>,
}

impl Desk {
    /// Nobody is there and nothing goes on.
    pub fn new(config: TextDispatchConfig) -> Self {
        Self {
            conversations: BTreeMap::new(),
            dispatcher: TextDispatcher::new(config),
            rates: Rates::default(),
            beside: BTreeMap::new(),
        }
    }

    /// Administrators chose anew; what is offered keeps its deadline.
    pub fn handle_settings(&mut self, dispatch: TextDispatchConfig, messages_per_minute: u32) {
        self.dispatcher.configure(dispatch);
        self.rates.configure(messages_per_minute);
    }

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
    pub fn seen(&self, user: &User, id: ConversationId) -> Option<(&Record, Viewer)> {
        let record = self.conversations.get(&id)?;
        let offered = || {
            let offered = self.ticket_for(user.id, id).is_some();
            record.viewer_with(&record.state, user, offered)
        };
        let viewer = record.viewer(user).or_else(offered)?;
        Some((record, viewer))
    }

    /// Where an agent's offer stands: the conversation's first ticket that is theirs to take.
    pub fn ticket_for(&self, agent: UserId, id: ConversationId) -> Option<Ticket> {
        let offered = self.dispatcher.offered_to(agent);
        let pulled = self.dispatcher.pullable(agent);
        offered.into_iter().chain(pulled).find(|ticket| ticket.conversation == id)
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
    /// See [`TextDispatchError`].
    pub fn handle_opened(
        &mut self,
        now: Instant,
        id: ConversationId,
        queue: QueueId,
    ) -> Result<Vec<Decision>, TextDispatchError> {
        let Some(record) = self.conversations.get(&id) else { return Ok(Vec::new()) };
        let ticket = Ticket { conversation: id, handover: None };
        let target = Target::Queue(queue);
        self.dispatcher.handle_placed(now, ticket, target, delivery(record.pull), None)
    }

    /// What an agent is now.
    pub fn handle_agent(
        &mut self,
        now: Instant,
        agent: UserId,
        state: AgentState,
    ) -> Vec<Decision> {
        self.dispatcher.handle_agent(now, agent, state)
    }

    /// Makes a kept change true, and tells the dispatcher; whom it could not place is given back.
    pub fn handle_change(&mut self, now: Instant, change: &Change) -> Placed {
        let mut placed = Placed::default();
        let Some(record) = self.conversations.get_mut(&change.id) else { return placed };
        record.state = change.state.clone();
        for entry in &change.entries {
            let decisions = match &entry.event {
                Event::Joined(member) if Reader::of(&member.part) == Reader::Agent => {
                    self.dispatcher.handle_joined(now, change.id, member.user)
                }
                Event::Left(member, _) if Reader::of(&member.part) == Reader::Agent => {
                    self.dispatcher.handle_left(now, change.id, member.user)
                }
                Event::HandoverRequested(handover) => {
                    let ticket = Ticket { conversation: change.id, handover: Some(handover.id) };
                    let from = Some(handover.from);
                    let to = handover.to;
                    if handover.kind == HandoverKind::Transfer {
                        // Whoever takes it has it: it is not to be picked from a list any more.
                        let listed = Ticket { handover: None, ..ticket };
                        placed.decisions.extend(self.dispatcher.handle_withdrawn(now, listed));
                    }
                    // Somebody waits for the answer: it is offered, to a pull queue as well.
                    match self.dispatcher.handle_placed(now, ticket, to, Delivery::Push, from) {
                        Ok(decisions) => decisions,
                        Err(_) => {
                            placed.failed.push(ticket);
                            Vec::new()
                        }
                    }
                }
                Event::HandoverEnded(handover, _) => {
                    let ticket = Ticket { conversation: change.id, handover: Some(handover.id) };
                    self.dispatcher.handle_withdrawn(now, ticket)
                }
                Event::Ended(_) => self.dispatcher.handle_ended(now, change.id),
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

/// What the dispatcher made of a change.
#[derive(Debug, Default)]
pub struct Placed {
    /// To be carried out, in order.
    pub decisions: Vec<Decision>,
    /// For these there was no room.
    pub failed: Vec<Ticket>,
}

fn delivery(pull: bool) -> Delivery {
    if pull { Delivery::Pull } else { Delivery::Push }
}
