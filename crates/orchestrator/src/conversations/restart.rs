//! Conversations come back after a restart: their events are read and made true again, and
//! supervision is off, as after any fault.

use std::collections::BTreeMap;

use interaction::conversation::{
    Channel, Command, Conversation, ConversationConfig, Entry, Event, Message,
};
use interaction::{AttachmentId, ConversationId, HandoverKind, UserId, UserKind};
use store::{InteractionRecord, PAGE_ROWS_MAX, StoreError};

use super::commands::features;
use super::error::ConversationError;
use super::mood;
use crate::Orchestrator;
use crate::error::{Bug, Unsaved};
use crate::stored::Opening;
use crate::stored::entries;
use accounts::{QueueRef, queue_ref};
use control_plane::{Customer, LiveConversation, MOOD_MESSAGES, NewConversation, spoken};

impl Orchestrator {
    /// Takes up the conversations that went on when the server ended. One that can't be read is
    /// left as it is, and logged: it must not keep the others from coming back.
    ///
    /// # Errors
    /// The store can't be read at all.
    pub(crate) async fn take_up(&self) -> Result<(), StoreError> {
        for row in self.store().running_conversations().await? {
            match self.read_conversation(&row).await {
                Ok(Some(record)) => self.take_up_one(record).await,
                Ok(None) => tracing::error!(id = row.id, "a conversation of an unknown kind"),
                Err(error) => tracing::error!(id = row.id, %error, "a conversation can't be read"),
            }
        }
        Ok(())
    }

    /// Reads a conversation again that this server and the store disagree about.
    ///
    /// # Errors
    /// It can't be read, or the store does not have it.
    pub(super) async fn read_again(&self, id: ConversationId) -> Result<(), ConversationError> {
        let row = self.store().interaction(&id.to_string()).await.map_err(Unsaved::of)?;
        let row = row.ok_or(Bug("a kept conversation is not in the store"))?;
        let fresh = self.read_conversation(&row).await.map_err(Unsaved::of)?;
        let fresh = fresh.ok_or(Bug("a conversation of an unknown kind"))?;
        self.live().text_mut().handle_read_again(id, fresh);
        Ok(())
    }

    /// All that happened in a conversation, as it is kept.
    pub(super) async fn entries_of(&self, id: &str) -> Result<Vec<Entry>, StoreError> {
        let mut messages = self.all_messages(id).await?;
        let mut entries = Vec::new();
        let mut after = 0;
        loop {
            let rows = self.store().events_of(id, after, PAGE_ROWS_MAX).await?;
            let Some(last) = rows.last() else { return Ok(entries) };
            after = last.position;
            for row in &rows {
                entries.push(entries::entry(row, &mut messages)?);
            }
        }
    }

    async fn take_up_one(&self, record: LiveConversation) {
        let (id, beside) = (record.id(), record.call().is_some());
        if record.requester.is_guest {
            self.auth().readmit_guest(record.requester.id);
        }
        self.change(|live, now| {
            live.handle_taken_up(now, record);
            ((), Vec::new())
        });
        self.converse_as_server(id, Command::Recover).await;
        if beside {
            // Its call ended with the server.
            self.converse_as_server(id, Command::End).await;
        }
    }

    async fn read_conversation(
        &self,
        row: &InteractionRecord,
    ) -> Result<Option<LiveConversation>, StoreError> {
        let Ok(id) = row.id.parse::<ConversationId>() else { return Ok(None) };
        let queues: Vec<QueueRef> =
            self.store().queues().await?.into_iter().map(queue_ref).collect();
        let queue = queues.iter().find(|queue| Some(&queue.key) == row.queue.as_ref()).cloned();
        let settings = match &queue {
            Some(queue) => self.settings().queue(queue.id),
            None => store::QueueSettings::default(),
        };
        let entries = self.entries_of(&row.id).await?;
        let requester = UserId(row.requester);
        let opening = Opening::of(row.opening.as_deref());
        let config = ConversationConfig {
            id,
            requester,
            channel: match row.channel.as_str() {
                "web_chat" => Channel::WebChat,
                // Which call it stood beside is no longer of account.
                "voice" => Channel::BesideCall(interaction::CallId(0)),
                _ => Channel::External,
            },
            queue: queue.as_ref().map(|queue| queue.id),
            // Today's must not tell of what was hidden when it was opened.
            policy: opening.policy,
            features: features(&settings),
        };
        // Of a former version the teams were not kept.
        let queue_team = || queue.iter().map(|queue| queue.team).collect();
        let teams = if opening.teams.is_empty() { queue_team() } else { opening.teams };
        let mut record = LiveConversation::new(NewConversation {
            state: Conversation::replay(config, &entries),
            channel: row.channel.clone(),
            queue,
            teams,
            requester: Customer {
                id: requester,
                name: row.requester_name.clone(),
                is_guest: requester.kind() == UserKind::Guest,
            },
            customer: row.customer.as_deref().and_then(|key| key.parse().ok()),
            subject: row.subject.clone(),
            pull: settings.pull && !entries.iter().any(is_transfer),
            tells_place: settings.tell_place,
            mood: settings.mood,
            kept: entries.len() as u64,
        });
        let own = entries.iter().rev().filter_map(|entry| spoken(requester, entry));
        for (place, text) in own.take(MOOD_MESSAGES) {
            record.handle_score(place, mood::score(text));
        }
        for member in self.store().members_of(&row.id).await? {
            record.learn(UserId(member.user), &member.name, "");
        }
        for queue in queues {
            record.learn_queue(queue);
        }
        Ok(Some(record))
    }

    async fn all_messages(&self, id: &str) -> Result<BTreeMap<u64, Message>, StoreError> {
        let mut messages = BTreeMap::new();
        let mut before = None;
        loop {
            let page = self.store().messages(id, before, PAGE_ROWS_MAX).await?;
            let (Some(first), Some(last)) = (page.first(), page.last()) else {
                return Ok(messages);
            };
            let files = self.store().attachments_of(id, first.position, last.position).await?;
            before = Some(first.position);
            for row in &page {
                let own = files.iter().filter(|file| file.position == Some(row.position));
                let attached = own.map(|file| AttachmentId(file.id)).collect();
                messages.insert(row.position, entries::message(row, attached));
            }
        }
    }
}

/// A conversation that was handed over is in no list any more.
fn is_transfer(entry: &Entry) -> bool {
    matches!(&entry.event, Event::HandoverRequested(it) if it.kind == HandoverKind::Transfer)
}
