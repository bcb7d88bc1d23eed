//! What is read of conversations out of the store: pages of messages, uploads.

use std::collections::BTreeMap;

use control_plane::{DeliveryFailure, FailureCause, FileCard};
use interaction::access::Span;
use interaction::conversation::{PartKind, Reader, Viewer};
use interaction::{AttachmentId, ConversationId, UnixMs, UserId};
use store::{MessageRecord, StoreError};

use super::error::MessagesError;
use super::files::file_card;
use crate::Orchestrator;
use crate::error::{Bug, LookupError, NotAllowed, NotFound, Unread};
use accounts::User;

/// Messages on one page at most.
pub const PAGE_MESSAGES_MAX: u32 = 200;

/// A page of a conversation's messages, in rising order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<PageMessage>,
    /// There are older ones.
    pub more: bool,
}

/// A message as one reader may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageMessage {
    /// Its number in the reader's eyes.
    pub number: u64,
    /// Its place among the public ones; `None`: it is private.
    pub public: Option<u64>,
    /// Who wrote it.
    pub author: UserId,
    /// The author's name of that time.
    pub author_name: String,
    /// As what the author takes part.
    pub part: PartKind,
    /// When.
    pub at: UnixMs,
    /// What it says.
    pub text: String,
    /// What is attached.
    pub files: Vec<FileCard>,
    /// The author's own id of it; to the author only.
    pub client_id: Option<String>,
    /// Why it never reaches the customer; to staff only.
    pub delivery_failure: Option<DeliveryFailure>,
}

impl Orchestrator {
    /// The newest messages before a number, in rising order, as the user may read them.
    ///
    /// # Errors
    /// No such conversation, or it may not be read without joining or listening first.
    pub async fn messages(
        &self,
        user: &User,
        id: ConversationId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<MessagePage, MessagesError> {
        let found = self.readable_conversation(user, id).await?;
        if !found.access.reads_words() {
            let why = match found.access.reader {
                Reader::Overseer => "Begin to listen first: PUT …/supervision with `listen`.",
                _ => "Accept the conversation first.",
            };
            return Err(NotAllowed(why).into());
        }
        let (id, viewer, span) = (id.to_string(), found.viewer(), found.access.span);
        Ok(self.page(&id, viewer, span, before, limit).await?)
    }

    /// A page of a conversation's messages in the eyes of a viewer, as far as they read.
    ///
    /// # Errors
    /// The store can't be read.
    pub async fn page(
        &self,
        id: &str,
        viewer: Viewer,
        span: Span,
        before: Option<u64>,
        limit: u32,
    ) -> Result<MessagePage, Unread> {
        let limit = limit.clamp(1, PAGE_MESSAGES_MAX);
        let before = match span {
            Span::Nothing => return Ok(MessagePage { messages: Vec::new(), more: false }),
            Span::Until(place) => {
                Some(before.map_or(place.message + 1, |it| it.min(place.message + 1)))
            }
            Span::All => before,
        };
        // One more says whether there are older ones.
        let mut rows = match viewer.reader {
            Reader::Requester => self.store().public_messages(id, before, limit + 1).await?,
            _ => self.store().messages(id, before, limit + 1).await?,
        };
        let more = rows.len() > limit as usize;
        if more {
            rows.remove(0);
        }
        let files = self.files_of(id, &rows, viewer.reader).await?;
        let parts = self.parts_of(id).await?;
        let message = |row: MessageRecord| message(row, viewer.user, &files, &parts);
        let mut messages: Vec<_> = rows.into_iter().map(message).collect();
        self.add_failures(id, viewer.reader, &mut messages).await?;
        Ok(MessagePage { messages, more })
    }

    /// The user's own uploads to the conversation, which a message may have.
    pub(super) async fn own_uploads(
        &self,
        user: &User,
        id: ConversationId,
        uploads: &[AttachmentId],
    ) -> Result<Vec<FileCard>, LookupError> {
        let mut files = Vec::new();
        for upload in uploads {
            let found = self.store().attachment(upload.0).await?;
            let own = found
                .filter(|it| it.owner == user.id.0 && it.interaction == id.to_string())
                .ok_or(NotFound("upload of yours"))?;
            files.push(file_card(&own));
        }
        Ok(files)
    }

    /// When the viewer's message of this number was written.
    pub(super) async fn written_at(
        &self,
        id: ConversationId,
        viewer: Viewer,
        number: u64,
    ) -> Result<UnixMs, Unread> {
        let page = self.page(&id.to_string(), viewer, Span::All, Some(number + 1), 1).await?;
        let message = page.messages.first();
        Ok(message.ok_or(Bug("a message that was posted is not there"))?.at)
    }

    async fn files_of(
        &self,
        id: &str,
        rows: &[MessageRecord],
        reader: Reader,
    ) -> Result<BTreeMap<u64, Vec<FileCard>>, StoreError> {
        let mut files: BTreeMap<u64, Vec<FileCard>> = BTreeMap::new();
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(files) };
        let found = match reader {
            Reader::Requester => {
                let (from, to) = (first.position, last.position);
                self.store().public_attachments_of(id, from, to).await?
            }
            _ => self.store().attachments_of(id, first.position, last.position).await?,
        };
        for file in found {
            if let Some(position) = file.position {
                files.entry(position).or_default().push(file_card(&file));
            }
        }
        Ok(files)
    }

    /// Why messages never reach a customer of another channel. That is staff's to know.
    async fn add_failures(
        &self,
        id: &str,
        reader: Reader,
        messages: &mut [PageMessage],
    ) -> Result<(), StoreError> {
        match reader {
            Reader::Requester | Reader::Offered => return Ok(()),
            Reader::Overseer | Reader::Agent | Reader::Colleague | Reader::Supervisor => {}
        }
        let mut public = messages.iter().filter_map(|it| it.public);
        let Some(first) = public.next() else { return Ok(()) };
        let last = public.next_back().unwrap_or(first);
        for (position, why) in self.store().given_up(id, first, last).await? {
            if let Some(message) = messages.iter_mut().find(|it| it.public == Some(position)) {
                let cause = FailureCause::named(&why.cause);
                message.delivery_failure = Some(DeliveryFailure { cause, detail: why.detail });
            }
        }
        Ok(())
    }

    /// As what everybody took part; an agent who was something else before counts as an agent.
    async fn parts_of(&self, id: &str) -> Result<BTreeMap<u64, PartKind>, StoreError> {
        let mut parts = BTreeMap::new();
        for member in self.store().members_of(id).await? {
            let part = member.part;
            let known = parts.entry(member.user).or_insert(part);
            let better = part == PartKind::Agent
                || (part == PartKind::Supervisor && *known == PartKind::Colleague);
            if better {
                *known = part;
            }
        }
        Ok(parts)
    }
}

fn message(
    row: MessageRecord,
    viewer: UserId,
    files: &BTreeMap<u64, Vec<FileCard>>,
    parts: &BTreeMap<u64, PartKind>,
) -> PageMessage {
    PageMessage {
        number: row.position,
        public: row.public_position,
        author: UserId(row.author),
        author_name: row.author_name,
        part: parts.get(&row.author).copied().unwrap_or(PartKind::Agent),
        at: UnixMs(row.at),
        text: row.text,
        files: files.get(&row.position).cloned().unwrap_or_default(),
        client_id: (row.author == viewer.0).then_some(row.client_id),
        delivery_failure: None,
    }
}
