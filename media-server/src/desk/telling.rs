//! Who is told what of conversations, on each event stream, in the eyes of its user; and what the
//! dispatcher decided, carried out.

use std::sync::Arc;

use interaction::conversation::{Conversation, Entry, Event, Reader, Viewer, disclose};
use interaction::dispatch::{Choice, Presence};
use interaction::text_dispatch::{AgentState, Decision, Ticket};
use interaction::{ConversationId, HandoverOutcome, LeaveReason, QueueId, UnixMs, UserId};
use interaction::{Permission, conversation};
use wire::{AttachmentView, ConversationOffer, ConversationView, TextEvent, TextSnapshot};

use super::record::Record;
use super::{Change, view};
use crate::auth::User;
use crate::centre::{Effect, Floor, Moment};
use crate::hub::ConnectionId;

/// Why an agent who let an offer run out is not ready.
pub const MISSED_REASON: &str = "missed a conversation";

impl Floor {
    /// All conversations that the user may see now, and what is offered.
    pub fn text_snapshot(&self, now: Moment, user: &User) -> TextSnapshot {
        let desk = &self.desk;
        let view =
            |(record, viewer): (&Record, Viewer)| view::conversation(record, &record.state, viewer);
        let offered = desk.dispatcher.offered_to(user.id);
        TextSnapshot {
            conversations: desk.of(user).into_iter().map(view).collect(),
            offers: offered
                .into_iter()
                .filter_map(|it| self.text_offer(now, user.id, it))
                .collect(),
            waiting: self.waiting_for(user.id, None),
            chats: self.chats.of(user.id),
        }
    }

    /// A conversation was opened and is kept: it waits for an agent, and those who may are told.
    /// `false`: too many wait.
    pub fn handle_conversation_opened(
        &mut self,
        now: Moment,
        record: Record,
        entry: &Entry,
    ) -> (bool, Vec<Effect>) {
        let (id, queue) = (record.id(), record.queue.as_ref().map(|queue| queue.id));
        let state = record.state.clone();
        self.desk.insert(record);
        self.tell_text_change(now.unix, id, &state, std::slice::from_ref(entry), &[]);
        let Some(queue) = queue else { return (true, Vec::new()) };
        match self.desk.handle_opened(now.instant, id, queue) {
            Ok(decisions) => (true, self.carry_out_text(now, decisions)),
            Err(_) => (false, Vec::new()),
        }
    }

    /// A change is kept: it is true from now on, and everybody is told what concerns them.
    pub fn handle_conversation(&mut self, now: Moment, change: Change) -> Vec<Effect> {
        let Some(record) = self.desk.get(change.id) else { return Vec::new() };
        let before = record.state.clone();
        let mut effects = supervised(record, &change.entries);
        let placed = self.desk.handle_change(now.instant, &change);
        self.tell_text_change(now.unix, change.id, &before, &change.entries, &change.files);
        effects.extend(self.desk.get(change.id).and_then(|it| heard(it, &change.entries)));
        effects.extend(self.carry_out_text(now, placed.decisions));
        effects.extend(placed.failed.into_iter().map(|ticket| gave_up(ticket, false)));
        if change.state.ended().is_some()
            && let Some(record) = self.desk.remove(change.id)
        {
            metrics::counter!("sotto_conversations_ended_total").increment(1);
            if record.is_kept() {
                effects.push(Effect::Transcribe(change.id));
            }
            if record.requester.is_guest && record.call().is_none() {
                effects.push(Effect::GuestDone(record.requester.id));
            }
        }
        effects
    }

    /// A message of the customer's has a score: if the mood is another now, staff are told.
    pub fn handle_mood(&mut self, now: Moment, id: ConversationId, place: u64, score: Option<f32>) {
        let record = self.desk.conversations.get_mut(&id);
        if !record.is_some_and(|record| record.heard(place, score)) {
            return;
        }
        let Some(record) = self.desk.get(id) else { return };
        let told = |(connection, user): (ConnectionId, &Arc<User>)| {
            let viewer = record.viewer(user).filter(|it| record.shows_mood(it.reader))?;
            let conversation = view::conversation(record, &record.state, viewer);
            Some((connection, TextEvent::Updated { conversation }))
        };
        let told: Vec<(ConnectionId, TextEvent)> = self.hub.users().filter_map(told).collect();
        for (connection, told) in told {
            self.hub.send(connection, now.unix, told);
        }
    }

    /// The agent's presence may have changed: the text side follows.
    pub fn handle_text_presence(&mut self, now: Moment, agent: UserId) -> Vec<Effect> {
        let Some(entry) = self.agents.get(&agent) else { return Vec::new() };
        let available = self.dispatcher.presence(agent) == Presence::Ready;
        let state = AgentState { queues: entry.queue_ids.clone(), available };
        let decisions = self.desk.handle_agent(now.instant, agent, state);
        self.carry_out_text(now, decisions)
    }

    /// A user's last event stream ended: they supervise nothing any more, in text as on calls.
    pub fn text_supervision_lost(&self, user: UserId) -> Vec<Effect> {
        let lost = |conversation| {
            let command = conversation::Command::Leave { user, reason: LeaveReason::Lost };
            Effect::Converse { conversation, command }
        };
        self.desk.supervises(user).into_iter().map(lost).collect()
    }

    /// Does what the text dispatcher decided.
    pub fn carry_out_text(&mut self, now: Moment, decisions: Vec<Decision>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for decision in decisions {
            match decision {
                Decision::Offer { ticket, agent, .. } => {
                    if let Some(offer) = self.text_offer(now, agent, ticket) {
                        metrics::counter!("sotto_text_offers_total").increment(1);
                        self.tell_user(now.unix, agent, TextEvent::Offered(offer));
                    }
                }
                Decision::Withdraw { ticket, agent } => self.tell_offer_ended(now, ticket, agent),
                Decision::Missed { agent } => {
                    let choice = Choice::NotReady { reason: Some(MISSED_REASON.to_owned()) };
                    let decisions = self.dispatcher.handle_choice(now.instant, agent, choice);
                    effects.extend(self.carry_out(now, decisions));
                }
                Decision::GiveUp { ticket } => {
                    let declined = self.is_for_one(ticket);
                    effects.push(gave_up(ticket, declined));
                }
                Decision::ListChanged { queue } => self.tell_list(now.unix, queue),
            }
        }
        effects
    }

    /// Tells the agent, on all their streams, that an offer is over.
    pub fn tell_offer_ended(&mut self, now: Moment, ticket: Ticket, agent: UserId) {
        let ended = TextEvent::OfferEnded {
            conversation: ticket.conversation.to_string(),
            handover: ticket.handover.map(|id| id.0.to_string()),
            taken_by: None,
        };
        self.tell_user(now.unix, agent, ended);
    }

    /// Tells of what changed, each as far as it concerns them.
    fn tell_text_change(
        &mut self,
        now: UnixMs,
        id: ConversationId,
        before: &Conversation,
        entries: &[Entry],
        files: &[AttachmentView],
    ) {
        let Some(record) = self.desk.get(id) else { return };
        let mut messages: Vec<(ConnectionId, bool, TextEvent)> = Vec::new();
        for (connection, user) in self.hub.users() {
            let viewer = audience(record, before, user);
            for entry in entries {
                let lossy = !entry.event.is_kept();
                let told = told(record, viewer, user.id, entry, files);
                messages.extend(told.map(|told| (connection, lossy, told)));
            }
        }
        for (connection, lossy, told) in messages {
            if lossy {
                self.hub.send_lossy(connection, now, told);
            } else {
                self.hub.send(connection, now, told);
            }
        }
    }

    /// Tells that somebody types, to whom it concerns and who has read all the rest.
    pub(super) fn tell_typing(&mut self, now: UnixMs, id: ConversationId, entry: &Entry) {
        let Some(record) = self.desk.get(id) else { return };
        let told = |(connection, user): (ConnectionId, &Arc<User>)| {
            Some((connection, told(record, record.viewer(user), user.id, entry, &[])?))
        };
        let messages: Vec<(ConnectionId, TextEvent)> = self.hub.users().filter_map(told).collect();
        for (connection, told) in messages {
            self.hub.send_lossy(connection, now, told);
        }
    }

    /// Tells those who pick from a queue's list what waits in it.
    fn tell_list(&mut self, now: UnixMs, queue: QueueId) {
        let serves = |user: &User| {
            user.permissions.has(Permission::TakeCalls)
                && user.queues.iter().any(|it| it.id == queue)
        };
        let lists: Vec<(ConnectionId, TextEvent)> = self
            .hub
            .users()
            .filter(|(_, user)| serves(user))
            .filter_map(|(connection, user)| {
                let key = user.queues.iter().find(|it| it.id == queue)?.key.clone();
                let waiting = self.waiting_for(user.id, Some(&key));
                Some((connection, TextEvent::ListChanged { queue: key, waiting }))
            })
            .collect();
        for (connection, list) in lists {
            self.hub.send(connection, now, list);
        }
    }

    /// What the agent may pick, of one queue or of all.
    fn waiting_for(&self, agent: UserId, queue: Option<&str>) -> Vec<ConversationView> {
        let viewer = Viewer { user: agent, reader: Reader::Offered };
        let tickets = self.desk.dispatcher.pullable(agent);
        let record = |ticket: Ticket| self.desk.get(ticket.conversation);
        let of_queue = |record: &&Record| {
            queue.is_none_or(|key| record.queue.as_ref().is_some_and(|it| it.key == key))
        };
        let view = |record: &Record| view::conversation(record, &record.state, viewer);
        tickets.into_iter().filter_map(record).filter(of_queue).map(view).collect()
    }

    fn text_offer(&self, now: Moment, agent: UserId, ticket: Ticket) -> Option<ConversationOffer> {
        let record = self.desk.get(ticket.conversation)?;
        let (_, until) = self.desk.dispatcher.offer(ticket)?;
        let left = until.saturating_duration_since(now.instant);
        let viewer = record.state.viewer(agent, Some(Reader::Offered))?;
        let handover = ticket.handover.and_then(|id| {
            let all = record.state.handovers();
            all.iter().find(|it| it.id == id).map(|it| view::handover(record, it))
        });
        Some(ConversationOffer {
            conversation: view::conversation(record, &record.state, viewer),
            handover,
            expires_at: now.unix.0 + left.as_millis() as u64,
        })
    }

    /// Whether a request was meant for one agent by name.
    fn is_for_one(&self, ticket: Ticket) -> bool {
        let record = self.desk.get(ticket.conversation);
        let handovers = record.map(|record| record.state.handovers()).unwrap_or_default();
        handovers.iter().any(|it| {
            Some(it.id) == ticket.handover
                && matches!(it.to, interaction::dispatch::Target::Agent(_))
        })
    }
}

/// Through whose eyes a user is told of a change from `before`: who left in it is told of it.
fn audience(record: &Record, before: &Conversation, user: &User) -> Option<Viewer> {
    match (before.member(user.id), record.state.member(user.id)) {
        (Some(_), None) => before.viewer(user.id, None),
        _ => record.viewer(user),
    }
}

/// What a user is told of one entry.
fn told(
    record: &Record,
    viewer: Option<Viewer>,
    user: UserId,
    entry: &Entry,
    files: &[AttachmentView],
) -> Option<TextEvent> {
    let state = &record.state;
    if let Event::Joined(member) = &entry.event
        && member.user == user
        && let conversation::Part::Colleague { tagged_by, .. } = member.part
    {
        let conversation = view::conversation(record, state, viewer?);
        return Some(TextEvent::Tagged { conversation, by: view::user_ref(record, tagged_by) });
    }
    let policy = &record.config().policy;
    let told = viewer.and_then(|viewer| {
        let told = disclose(policy, viewer, entry)?;
        view::event(record, state, viewer, told.at, told.what, files)
    });
    match (&told, &entry.event) {
        // Who asked is told how it ended, even after leaving.
        (None, Event::HandoverEnded(handover, outcome)) if handover.from == user => {
            Some(view::handover_ended(record, handover, *outcome))
        }
        _ => told,
    }
}

/// What the customer said in an entry, and its public place.
pub(super) fn spoken(requester: UserId, entry: &Entry) -> Option<(u64, &str)> {
    match &entry.event {
        Event::Posted(message) if message.author == requester => {
            Some((message.public?, &message.text))
        }
        _ => None,
    }
}

/// The mood is looked at apart: the customer's answer does not wait for it.
fn heard(record: &Record, entries: &[Entry]) -> Option<Effect> {
    record.mood.as_ref()?;
    let (place, text) = entries.iter().find_map(|entry| spoken(record.requester.id, entry))?;
    Some(Effect::Heard { conversation: record.id(), place, text: text.to_owned() })
}

/// Nobody was found for what waited.
fn gave_up(ticket: Ticket, declined: bool) -> Effect {
    let outcome = if declined { HandoverOutcome::Declined } else { HandoverOutcome::NoAgents };
    let command = match ticket.handover {
        Some(handover) => conversation::Command::EndHandover { handover, outcome },
        None => conversation::Command::End,
    };
    Effect::Converse { conversation: ticket.conversation, command }
}

/// The acts of supervision among `entries`, for the books.
fn supervised(record: &Record, entries: &[Entry]) -> Vec<Effect> {
    let act = |entry: &Entry| {
        let (member, action, outcome) = match &entry.event {
            Event::Joined(member) if member.mode().is_some() => (member, "listen", "done"),
            Event::ModeChanged(member, _) => {
                (member, crate::centre::mode_name(member.mode()?), "done")
            }
            Event::Left(member, reason) if member.mode().is_some() => {
                let why = if *reason == LeaveReason::HungUp { "done" } else { "ended" };
                (member, "stop", why)
            }
            _ => return None,
        };
        metrics::counter!("sotto_text_supervision_total", "action" => action).increment(1);
        Some(Effect::Supervised(store::SupervisionRecord {
            at: entry.at.0,
            user: member.user.0,
            username: record.known.username_of(member.user),
            call: record.id().to_string(),
            action: action.to_owned(),
            outcome: outcome.to_owned(),
        }))
    };
    entries.iter().filter_map(act).collect()
}
