//! The order of things in a change: worked out on a copy, kept, made visible, told, answered.
//!
//! Changes of one conversation go one after the other: whoever holds its `turn` may change it.
//! What could not be kept has not happened. If the store and this server disagree (a commit whose
//! answer was lost), the conversation is read again from the store.

use std::sync::Arc;

use interaction::conversation::{Applied, Command, Conversation, Entry, Event, Message, PartKind};
use interaction::{Actor, AttachmentId, ConversationId, Handover};
use store::{InteractionChange, Kept as StoreKept, MemberRecord, StoreError};
use wire::AttachmentView;

use super::record::Record;
use super::{Change, book};
use crate::auth::{User, unix_now};
use crate::centre::{Centre, Error};
use crate::channels::Channel;
use crate::channels::posts::posts;
use crate::records;

/// A command that was carried out.
#[derive(Debug)]
pub(super) struct Carried {
    /// What it did.
    pub applied: Applied,
}

impl Carried {
    /// The request that it made.
    pub(super) fn entries_handover(self) -> Option<Handover> {
        self.applied.entries.into_iter().find_map(|entry| match entry.event {
            Event::HandoverRequested(handover) => Some(handover),
            _ => None,
        })
    }
}

impl Centre {
    /// A user's command.
    pub(super) async fn converse(
        &self,
        user: &User,
        id: ConversationId,
        command: Command,
    ) -> Result<Carried, Error> {
        self.converse_with(user, id, command, Vec::new()).await
    }

    /// A user's command, with what is attached to its message.
    pub(super) async fn converse_with(
        &self,
        user: &User,
        id: ConversationId,
        command: Command,
        files: Vec<AttachmentView>,
    ) -> Result<Carried, Error> {
        let result = self.carry(id, Actor::User(user.id), command, files).await;
        if result.is_err() {
            metrics::counter!("sotto_text_refusals_total").increment(1);
        }
        result
    }

    /// A command in the name of the server. One that is refused had nothing left to do.
    pub(crate) async fn converse_as_server(&self, id: ConversationId, command: Command) {
        if let Err(Error::NotKept) = self.carry(id, Actor::System, command, Vec::new()).await {
            tracing::error!(%id, "a command of the server's could not be kept");
        }
    }

    /// Keeps a new conversation, with its first message if there is one.
    pub(super) async fn keep_opening(
        &self,
        record: &Record,
        entries: &[Entry],
        message: Option<&Message>,
        attachments: Vec<u64>,
    ) -> Result<(), Error> {
        let change = change(record, 0, entries, message, attachments);
        let opened = records::readable::as_kept(record);
        self.store().open_interaction(&opened, &change).await.map_err(not_kept)
    }

    /// Writes a conversation beside a call that has no message yet: something is attached to it.
    pub(super) async fn keep_unwritten(&self, id: ConversationId) -> Result<(), Error> {
        let turn = self.floor().desk.get(id).map(|record| record.turn.clone());
        let turn: Arc<tokio::sync::Mutex<()>> = turn.ok_or(Error::NotFound("conversation"))?;
        let _turn = turn.lock().await;
        let (draft, entries) = {
            let floor = self.floor();
            let record = floor.desk.get(id).ok_or(Error::NotFound("conversation"))?;
            if record.is_kept() {
                return Ok(());
            }
            (record.draft(record.state.clone()), record.unkept.clone())
        };
        self.keep_opening(&draft, &entries, None, Vec::new()).await?;
        if let Some(record) = self.floor().desk.conversations.get_mut(&id) {
            record.unkept.clear();
            record.kept = entries.len() as u64;
        }
        Ok(())
    }

    pub(super) async fn carry(
        &self,
        id: ConversationId,
        by: Actor,
        command: Command,
        files: Vec<AttachmentView>,
    ) -> Result<Carried, Error> {
        let turn = self.floor().desk.get(id).map(|record| record.turn.clone());
        let turn: Arc<tokio::sync::Mutex<()>> = turn.ok_or(Error::NotFound("conversation"))?;
        let _turn = turn.lock().await;
        let mut state = self.conversation_state(id)?;
        let applied = state.apply(unix_now(), by, command).map_err(Error::Text)?;
        if applied.entries.is_empty() {
            return Ok(Carried { applied });
        }
        if applied.entries.iter().any(|entry| entry.event.is_kept()) {
            self.keep(id, &state, &applied.entries).await?;
        }
        let change = Change { id, state, entries: applied.entries.clone(), files };
        self.change(|floor, now| ((), floor.handle_conversation(now, change)));
        Ok(Carried { applied })
    }

    fn conversation_state(&self, id: ConversationId) -> Result<Conversation, Error> {
        let floor = self.floor();
        let record = floor.desk.get(id).ok_or(Error::NotFound("conversation"))?;
        Ok(record.state.clone())
    }

    /// Writes a change. One beside a call is not written before its first message.
    async fn keep(
        &self,
        id: ConversationId,
        state: &Conversation,
        entries: &[Entry],
    ) -> Result<(), Error> {
        let message = entries.iter().find_map(|entry| match &entry.event {
            Event::Posted(message) => Some(message.clone()),
            _ => None,
        });
        let attachments: Vec<u64> =
            message.iter().flat_map(|it| &it.attachments).map(|AttachmentId(id)| *id).collect();
        let channel = self.channel_of(id);
        let plan = {
            let mut floor = self.floor();
            let desk = &mut floor.desk;
            let record = desk.conversations.get_mut(&id).ok_or(Error::NotFound("conversation"))?;
            if record.is_kept() {
                let mut change =
                    change(record, record.kept, entries, message.as_ref(), attachments);
                if let Some(channel) = &channel {
                    change.outgoing = posts(channel, record, entries);
                }
                Plan::Change(Box::new(change))
            } else if message.is_none() {
                record.unkept.extend(entries.iter().cloned());
                return Ok(());
            } else {
                let mut all = std::mem::take(&mut record.unkept);
                all.extend(entries.iter().cloned());
                Plan::Opening(all)
            }
        };
        let kept = match plan {
            Plan::Change(change) => {
                let count = change.events.len() as u64;
                let kept = self.store().keep(&id.to_string(), &change).await;
                kept.map(|kept| (kept, count))
            }
            Plan::Opening(all) => {
                let count = all.len() as u64;
                let before = count as usize - entries.len();
                self.keep_beside(id, state, all, before, message.as_ref()).await?;
                Ok((StoreKept::Done, count))
            }
        };
        match kept {
            Ok((StoreKept::Done, count)) => {
                if let Some(record) = self.floor().desk.conversations.get_mut(&id) {
                    record.kept += count;
                }
                if let Some(channel) = channel {
                    channel.wake();
                }
                Ok(())
            }
            // Another commit than ours: the store knows better than this server.
            Ok((StoreKept::There(_), _)) | Err(StoreError::Taken(_)) => {
                self.read_again(id).await;
                Err(Error::NotKept)
            }
            Err(error) => Err(not_kept(error)),
        }
    }

    /// The connector by which the customer writes.
    fn channel_of(&self, id: ConversationId) -> Option<Arc<Channel>> {
        let floor = self.floor();
        self.channels().get(&floor.desk.get(id)?.channel).cloned()
    }

    /// Writes a conversation beside a call with its first message, and with the `before` entries of
    /// what has happened before it.
    async fn keep_beside(
        &self,
        id: ConversationId,
        state: &Conversation,
        mut entries: Vec<Entry>,
        before: usize,
        message: Option<&Message>,
    ) -> Result<(), Error> {
        let attachments =
            message.iter().flat_map(|it| &it.attachments).map(|AttachmentId(id)| *id).collect();
        let record = {
            let floor = self.floor();
            let record = floor.desk.get(id).ok_or(Error::NotFound("conversation"))?;
            record.draft(state.clone())
        };
        let opened = self.keep_opening(&record, &entries, message, attachments).await;
        if opened.is_err()
            && let Some(record) = self.floor().desk.conversations.get_mut(&id)
        {
            // All but what was just refused is still to be kept.
            entries.truncate(before);
            record.unkept = entries;
        }
        opened
    }
}

/// What is to be written.
enum Plan {
    /// More of one that is kept.
    Change(Box<InteractionChange>),
    /// All of one that is not yet.
    Opening(Vec<Entry>),
}

/// What the store is to keep of `entries`, which follow on `after` kept ones.
fn change(
    record: &Record,
    after: u64,
    entries: &[Entry],
    message: Option<&Message>,
    attachments: Vec<u64>,
) -> InteractionChange {
    let (policy, requester) = (&record.config().policy, record.requester.id);
    let kept = entries.iter().filter(|entry| entry.event.is_kept());
    let rows = kept
        .zip(after + 1..)
        .filter_map(|(entry, position)| book::record(position, entry, policy, requester));
    let placed = || entries.iter().filter(|entry| entry.event.is_kept()).zip(after + 1..);
    let member = |(entry, position): (&Entry, u64)| match &entry.event {
        Event::Opened(member) | Event::Joined(member) => Some(MemberRecord {
            user: member.user.0,
            part: book::part_name(member.part.kind()).to_owned(),
            name: record.known.name_of(member.user),
            joined_event: Some(position),
            left: None,
        }),
        _ => None,
    };
    let messages = if after == 0 { 0 } else { record.state.messages() };
    let left = book::left(&placed().collect::<Vec<_>>(), messages);
    let help = |entry: &Entry| match &entry.event {
        Event::HelpChanged(help) => {
            let (name, team) = (record.known.name_of(help.agent), record.teams.first().copied());
            Some(records::help::record(help, name, record.queue.as_ref(), team))
        }
        _ => None,
    };
    let ended = |entry: &Entry| match &entry.event {
        Event::Ended(reason) => Some((entry.at.0, book::end_name(*reason).to_owned())),
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
            author_name: record.known.name_of(it.author),
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

fn not_kept(error: StoreError) -> Error {
    tracing::error!(%error, "a conversation could not be kept");
    Error::NotKept
}
