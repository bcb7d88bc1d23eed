//! What is read of conversations out of the store: pages of messages, uploads.

use std::collections::BTreeMap;

use control_plane::FileCard;
use interaction::conversation::{Reader, Viewer};
use interaction::{AttachmentId, ConversationId, UserId};
use store::{AttachmentRecord, MessageRecord, StoreError};
use wire::{AttachmentView, MemberPart, MessagePage, MessageView, UserRef};

use crate::auth::User;
use crate::centre::{Centre, Error};
use crate::views::conversation::{may_page, part_named};

/// Messages on one page at most.
pub const PAGE_MESSAGES_MAX: u32 = 200;

impl Centre {
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
    ) -> Result<MessagePage, Error> {
        let viewer = match self.text_viewer(user, id) {
            Ok(viewer) => viewer,
            Err(_) => self.past_viewer(user, &id.to_string()).await?,
        };
        if !may_page(viewer.reader) {
            return Err(Error::NotAllowed(match viewer.reader {
                Reader::Overseer => "Begin to listen first: PUT …/supervision with `listen`.",
                _ => "Accept the conversation first.",
            }));
        }
        self.page(&id.to_string(), viewer, before, limit).await
    }

    /// A page of a conversation's messages in the eyes of a viewer, running or over.
    ///
    /// # Errors
    /// The store can't be read.
    pub async fn page(
        &self,
        id: &str,
        viewer: Viewer,
        before: Option<u64>,
        limit: u32,
    ) -> Result<MessagePage, Error> {
        let limit = limit.clamp(1, PAGE_MESSAGES_MAX);
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
        Ok(MessagePage { messages: rows.into_iter().map(message).collect(), more })
    }

    /// Through whose eyes a user sees a conversation that is over: what they were in it.
    pub(super) async fn past_viewer(&self, user: &User, id: &str) -> Result<Viewer, Error> {
        let row = self.store().interaction(id).await?.ok_or(Error::NotFound("conversation"))?;
        if row.kind != "conversation" {
            return Err(Error::NotFound("conversation"));
        }
        let reader = if row.requester == user.id.0 {
            Reader::Requester
        } else if self.supervises_queue(user, row.queue.as_deref()) {
            Reader::Supervisor
        } else {
            let members = self.store().members_of(id).await?;
            let own = members.iter().any(|it| it.user == user.id.0 && it.part != "requester");
            if !own {
                return Err(Error::NotFound("conversation"));
            }
            Reader::Agent
        };
        Ok(Viewer { user: user.id, reader })
    }

    /// The user's own uploads to the conversation, which a message may have.
    pub(super) async fn own_uploads(
        &self,
        user: &User,
        id: ConversationId,
        uploads: &[AttachmentId],
    ) -> Result<Vec<FileCard>, Error> {
        let mut files = Vec::new();
        for upload in uploads {
            let found = self.store().attachment(upload.0).await?;
            let own = found
                .filter(|it| it.owner == user.id.0 && it.interaction == id.to_string())
                .ok_or(Error::NotFound("upload of yours"))?;
            files.push(file_card(&own));
        }
        Ok(files)
    }

    /// When the viewer's message of this number was written, Unix ms.
    pub(super) async fn written_at(
        &self,
        id: ConversationId,
        viewer: Viewer,
        number: u64,
    ) -> Result<u64, Error> {
        let page = self.page(&id.to_string(), viewer, Some(number + 1), 1).await?;
        let message = page.messages.first();
        message
            .map(|message| message.at)
            .ok_or(Error::Bug("a message that was posted is not there"))
    }

    fn supervises_queue(&self, user: &User, queue: Option<&str>) -> bool {
        user.permissions.may_supervise()
            && user.role != store::Role::Agent
            && queue.is_some_and(|key| user.queues.iter().any(|it| it.key == key))
    }

    async fn files_of(
        &self,
        id: &str,
        rows: &[MessageRecord],
        reader: Reader,
    ) -> Result<BTreeMap<u64, Vec<AttachmentView>>, StoreError> {
        let mut files: BTreeMap<u64, Vec<AttachmentView>> = BTreeMap::new();
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
                files.entry(position).or_default().push(attachment_view(&file));
            }
        }
        Ok(files)
    }

    /// As what everybody took part; an agent who was something else before counts as an agent.
    async fn parts_of(&self, id: &str) -> Result<BTreeMap<u64, MemberPart>, StoreError> {
        let mut parts = BTreeMap::new();
        for member in self.store().members_of(id).await? {
            let part = part_named(&member.part);
            let known = parts.entry(member.user).or_insert(part);
            let better = matches!(part, MemberPart::Agent)
                || (matches!(part, MemberPart::Supervisor)
                    && matches!(known, MemberPart::Colleague));
            if better {
                *known = part;
            }
        }
        Ok(parts)
    }
}

/// An upload, described.
fn file_card(record: &AttachmentRecord) -> FileCard {
    FileCard {
        id: AttachmentId(record.id),
        name: record.name.clone(),
        media_type: record.media_type.clone(),
        size_bytes: record.size_bytes,
    }
}

/// An upload as the API shows it.
pub fn attachment_view(record: &AttachmentRecord) -> AttachmentView {
    AttachmentView {
        id: AttachmentId(record.id).to_string(),
        name: record.name.clone(),
        media_type: record.media_type.clone(),
        size_bytes: record.size_bytes,
    }
}

fn message(
    row: MessageRecord,
    viewer: UserId,
    files: &BTreeMap<u64, Vec<AttachmentView>>,
    parts: &BTreeMap<u64, MemberPart>,
) -> MessageView {
    MessageView {
        number: row.position,
        public: row.public_position,
        author: UserRef { user: UserId(row.author).to_string(), name: row.author_name },
        part: parts.get(&row.author).copied().unwrap_or(MemberPart::Agent),
        at: row.at,
        text: row.text,
        attachments: files.get(&row.position).cloned().unwrap_or_default(),
        client_id: (row.author == viewer.0).then_some(row.client_id),
    }
}
