//! The order of things in a change: decided, kept, made true, told, answered.
//!
//! Changes of one conversation go one after the other: whoever has its turn may change it.
//! What could not be kept has not happened. If the store and this server disagree (a commit whose
//! answer was lost), the conversation is read again from the store.

use std::sync::Arc;
use std::time::Duration;

use interaction::conversation::{Applied, Command, Entry, Event, PartKind};
use interaction::{Actor, AttachmentId, ConversationId, UserId};
use store::{InteractionChange, InteractionRecord, Kept as StoreKept, MemberRecord, StoreError};

use control_plane::{Change, FileCard, LiveConversation};

use super::error::ConversationError;
use crate::Orchestrator;
use crate::error::{Bug, NotFound, Unsaved, by_way_of};
use crate::records;
use crate::stored::entries;
use accounts::{User, unix_now};
use connectors::Channel;
use connectors::posts::posts;

/// Pause between two attempts to keep a command of the server's own.
const OWN_RETRY: Duration = Duration::from_secs(1);

/// Who wants something done.
#[derive(Clone, Copy)]
pub(super) enum By<'a> {
    /// A user.
    User(&'a User),
    /// A connector, for its customer.
    Connector(UserId),
    /// The server itself.
    Server,
}

impl Orchestrator {
    /// A user's command.
    pub(super) async fn converse(
        &self,
        user: &User,
        id: ConversationId,
        command: Command,
    ) -> Result<Applied, ConversationError> {
        self.converse_with(user, id, command, Vec::new()).await
    }

    /// A user's command, with what is attached to its message.
    pub(super) async fn converse_with(
        &self,
        user: &User,
        id: ConversationId,
        command: Command,
        files: Vec<FileCard>,
    ) -> Result<Applied, ConversationError> {
        let result = self.carry(id, By::User(user), command, files).await;
        if result.is_err() {
            metrics::counter!("sotto_text_refusals_total").increment(1);
        }
        result
    }

    /// A command in the name of the server: tried until it is kept, because most of them end what is
    /// no longer allowed. One that is refused had nothing left to do.
    pub(crate) async fn converse_as_server(&self, id: ConversationId, command: Command) {
        let carry = || self.carry(id, By::Server, command.clone(), Vec::new());
        while let Err(ConversationError::Unsaved(Unsaved::Outage(outage))) = carry().await {
            tracing::error!(%id, %outage, "a command of the server's could not be kept yet");
            tokio::time::sleep(OWN_RETRY).await;
        }
    }

    /// Keeps a new conversation.
    pub(super) async fn keep_opening(
        &self,
        live: &LiveConversation,
        entry: &Entry,
    ) -> Result<(), Unsaved> {
        let change = change(live, 0, std::slice::from_ref(entry));
        self.store().open_interaction(&opening(live, &change), &change).await.map_err(Unsaved::of)
    }

    /// Writes the conversation of a call that has no message yet: something is attached to it.
    pub(super) async fn keep_unwritten<E>(&self, id: ConversationId) -> Result<(), E>
    where
        E: From<NotFound> + From<Unsaved>,
    {
        let _turn = self.turns().conversation(id).await;
        let (opened, change) = {
            let live = self.live();
            let live = live.text().get(id).ok_or(NotFound("conversation"))?;
            if live.is_kept() {
                return Ok(());
            }
            let change = change(live, 0, &live.unkept);
            (opening(live, &change), change)
        };
        self.store().open_interaction(&opened, &change).await.map_err(Unsaved::of)?;
        self.live().text_mut().handle_kept(id, change.events.len() as u64);
        Ok(())
    }

    /// Decides, keeps, makes true and tells; in this order, one change of a conversation at a time.
    pub(super) async fn carry(
        &self,
        id: ConversationId,
        by: By<'_>,
        command: Command,
        files: Vec<FileCard>,
    ) -> Result<Applied, ConversationError> {
        let _turn = self.turns().conversation(id).await;
        let by = match by {
            By::User(user) => {
                // With the rights of this moment: nobody else changes anything now.
                self.check(user)?;
                Actor::User(user.id)
            }
            By::Connector(customer) => Actor::User(customer),
            By::Server => Actor::System,
        };
        let applied = match self.decide_and_keep(id, by, command.clone()).await {
            Err(NotKept::Disagreed) => {
                // What came of a change whose end nobody was told of is known now.
                self.read_again(id).await?;
                self.decide_and_keep(id, by, command).await
            }
            decided => decided,
        };
        let applied = applied.map_err(|why| match why {
            NotKept::Refused(error) => error,
            NotKept::Disagreed => Bug("the store and the live state disagree for good").into(),
        })?;
        if applied.entries.is_empty() {
            return Ok(applied);
        }
        let change = Change { id, entries: applied.entries.clone(), files };
        self.change(|live, now| ((), live.handle_conversation(now, change)));
        Ok(applied)
    }

    async fn decide_and_keep(
        &self,
        id: ConversationId,
        by: Actor,
        command: Command,
    ) -> Result<Applied, NotKept> {
        let applied = {
            let live = self.live();
            let live = live.text().get(id).ok_or(NotFound("conversation"))?;
            live.state.answer(unix_now(), by, command).map_err(ConversationError::Refused)?
        };
        if applied.entries.iter().any(|entry| entry.event.is_kept()) {
            self.keep(id, &applied.entries).await?;
        }
        Ok(applied)
    }

    /// Writes a change. The conversation of a call is not written before its first message.
    async fn keep(&self, id: ConversationId, entries: &[Entry]) -> Result<(), NotKept> {
        let channel = self.channel_of(id);
        let plan = {
            let mut live = self.live();
            let conversation = live.text().get(id).ok_or(NotFound("conversation"))?;
            let plan = plan(conversation, entries, channel.as_deref());
            if let Plan::Later = plan {
                live.text_mut().put_off(id, entries);
                return Ok(());
            }
            plan
        };
        let (kept, count) = match plan {
            Plan::Later => return Ok(()),
            Plan::Change(change) => {
                let count = change.events.len() as u64;
                (self.store().keep(&id.to_string(), &change).await, count)
            }
            Plan::Opening(opened, change) => {
                let count = change.events.len() as u64;
                let kept = self.store().open_interaction(&opened, &change).await;
                (kept.map(|()| StoreKept::Done), count)
            }
        };
        match kept {
            Ok(StoreKept::Done) => {
                self.live().text_mut().handle_kept(id, count);
                if let Some(channel) = channel {
                    channel.wake();
                }
                Ok(())
            }
            // Another commit than ours: the store knows better than this server.
            Ok(StoreKept::There(_)) | Err(StoreError::Taken(_)) => Err(NotKept::Disagreed),
            Err(error) => Err(Unsaved::of(error).into()),
        }
    }

    /// The connector by which the customer writes.
    fn channel_of(&self, id: ConversationId) -> Option<Arc<Channel>> {
        let live = self.live();
        self.channels().get(&live.text().get(id)?.channel).cloned()
    }
}

/// Why a change was not kept.
enum NotKept {
    /// The store has something that this server does not know of: a commit whose answer was lost.
    Disagreed,
    /// It is refused.
    Refused(ConversationError),
}
by_way_of!(NotKept, ConversationError: NotFound, Unsaved);

impl From<ConversationError> for NotKept {
    fn from(error: ConversationError) -> Self {
        Self::Refused(error)
    }
}

/// What is to be written.
enum Plan {
    /// Nothing yet: it belongs to a call, and nobody has written.
    Later,
    /// More of one that is kept.
    Change(Box<InteractionChange>),
    /// All of one that is not yet.
    Opening(Box<InteractionRecord>, Box<InteractionChange>),
}

fn plan(live: &LiveConversation, entries: &[Entry], channel: Option<&Channel>) -> Plan {
    if live.is_kept() {
        let mut change = change(live, live.kept, entries);
        if let Some(channel) = channel {
            change.outgoing = posts(channel, live, entries);
        }
        return Plan::Change(Box::new(change));
    }
    if !entries.iter().any(|entry| matches!(entry.event, Event::Posted(_))) {
        return Plan::Later;
    }
    let all: Vec<Entry> = live.unkept.iter().chain(entries).cloned().collect();
    let change = change(live, 0, &all);
    Plan::Opening(Box::new(opening(live, &change)), Box::new(change))
}

/// The row of a conversation that is written for the first time.
fn opening(live: &LiveConversation, change: &InteractionChange) -> InteractionRecord {
    let answered_at = change.answered_at;
    InteractionRecord { answered_at, ..records::readable::as_kept(live) }
}

/// What the store is to keep of `entries`, which follow on `after` kept ones.
fn change(record: &LiveConversation, after: u64, entries: &[Entry]) -> InteractionChange {
    let message = entries.iter().find_map(|entry| entry.event.message());
    let attachments =
        message.iter().flat_map(|it| &it.attachments).map(|AttachmentId(id)| *id).collect();
    let (policy, requester) = (&record.config().policy, record.requester.id);
    let kept = entries.iter().filter(|entry| entry.event.is_kept());
    let rows = kept
        .zip(after + 1..)
        .filter_map(|(entry, position)| entries::record(position, entry, policy, requester));
    let placed = || entries.iter().filter(|entry| entry.event.is_kept()).zip(after + 1..);
    let member = |(entry, position): (&Entry, u64)| match &entry.event {
        Event::Opened(member) | Event::Joined(member) => Some(MemberRecord {
            user: member.user.0,
            part: member.part.kind(),
            name: record.participants.name_of(member.user),
            joined_event: Some(position),
            left: None,
        }),
        _ => None,
    };
    let messages = if after == 0 { 0 } else { record.state.messages() };
    let left = entries::left(&placed().collect::<Vec<_>>(), messages);
    let help = |entry: &Entry| match &entry.event {
        Event::HelpChanged(help) => {
            let (name, team) =
                (record.participants.name_of(help.agent), record.teams.first().copied());
            let queue = record.queue.as_ref().map(|queue| queue.key.clone());
            Some(records::help::record(help, name, queue, team))
        }
        _ => None,
    };
    let ended = |entry: &Entry| match &entry.event {
        Event::Ended(reason) => Some((entry.at.0, entries::end_name(*reason).to_owned())),
        _ => None,
    };
    let joined = |entry: &&Entry| matches!(&entry.event, Event::Joined(it) if it.part.kind() == PartKind::Agent);
    let posted_at = entries.iter().find(|entry| matches!(entry.event, Event::Posted(_)));
    InteractionChange {
        events: rows.collect(),
        message: message.map(|it| store::MessageRecord {
            position: it.position,
            public_position: it.public,
            at: posted_at.map_or(0, |entry| entry.at.0),
            author: it.author.0,
            author_name: record.participants.name_of(it.author),
            client_id: it.client_id.clone(),
            text: it.text.clone(),
        }),
        attachments,
        members: placed().filter_map(member).collect(),
        left,
        outgoing: Vec::new(),
        help: entries.iter().filter_map(help).collect(),
        answered_at: entries.iter().find(joined).map(|entry| entry.at.0),
        ended: entries.iter().find_map(ended),
    }
}
