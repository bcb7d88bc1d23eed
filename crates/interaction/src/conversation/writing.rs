//! Writing, typing, and how far messages got.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{
    ATTACHMENTS_MAX, CLIENT_ID_CHARS_MAX, Conversation, Draft, Entry, Event, MESSAGES_MAX,
    MarkKind, Message, PartKind, Receipt, Refusal, TEXT_CHARS_MAX, Visibility, may_write,
};
use crate::text::is_blank;
use crate::{Actor, UnixMs, UserId};

/// What is remembered of a message: where it stands, and what it was, to recognise a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    position: u64,
    public: Option<u64>,
    digest: u64,
}

impl Conversation {
    /// What a message makes happen; `None`: it is there already.
    pub(super) fn post(
        &self,
        at: UnixMs,
        by: Actor,
        draft: Draft,
    ) -> Result<Option<Entry>, Refusal> {
        let member = self.sender(by)?;
        check_draft(&draft)?;
        // A retry is answered whatever has changed since: the message is there.
        if let Some(written) = self.written.get(&(member.user, draft.client_id.clone())) {
            return written.check(&draft).map(|()| None);
        }
        if draft.visibility == Visibility::Private && member.part.kind() != PartKind::Requester {
            self.private_chat_is_on()?;
        }
        let taken_over = self.taken_over_by().is_some();
        if !may_write(&member.part, draft.visibility, taken_over) {
            return Err(match (member.part.kind(), draft.visibility) {
                (PartKind::Supervisor, _) => Refusal::WrongMode,
                (PartKind::Agent, Visibility::Public) => Refusal::TakenOver,
                (PartKind::Requester | PartKind::Agent | PartKind::Colleague, _) => {
                    Refusal::NotPermitted
                }
            });
        }
        let (position, public) = self.next_position(draft.visibility)?;
        let Draft { client_id, text, attachments, .. } = draft;
        let author = member.user;
        let message = Message { position, public, author, client_id, text, attachments };
        Ok(Some(Entry { at, event: Event::Posted(message) }))
    }

    /// Where the message stands that this author sent under this client id.
    pub(super) fn receipt(&self, sent: &(UserId, String)) -> Option<Receipt> {
        let Written { position, public, .. } = *self.written.get(sent)?;
        Some(Receipt { position, public, again: true })
    }

    /// What a typing sign tells; `None`: nothing. It changes no state and is never kept, so it
    /// needs no turn among the changes that are, and waits for none of them.
    ///
    /// # Errors
    /// [`Refusal::Ended`], [`Refusal::NotAMember`], [`Refusal::NotPermitted`],
    /// [`Refusal::WrongMode`] and [`Refusal::TakenOver`].
    pub fn typing(
        &self,
        at: UnixMs,
        by: Actor,
        visibility: Visibility,
        on: bool,
    ) -> Result<Option<Entry>, Refusal> {
        if self.ended.is_some() {
            return Err(Refusal::Ended);
        }
        let member = self.sender(by)?;
        match visibility {
            // Who types in private is nobody's business, so nobody needs to be asked either.
            Visibility::Private if member.part.kind() == PartKind::Requester => {
                Err(Refusal::NotPermitted)
            }
            Visibility::Private => Ok(None),
            Visibility::Public
                if !may_write(&member.part, visibility, self.taken_over_by().is_some()) =>
            {
                Err(match member.part.kind() {
                    PartKind::Agent => Refusal::TakenOver,
                    _ => Refusal::WrongMode,
                })
            }
            Visibility::Public => {
                Ok(Some(Entry { at, event: Event::Typing(member.user, member.part.kind(), on) }))
            }
        }
    }

    /// Only the customer's and the agents' marks count: whoever reads along leaves no trace.
    pub(super) fn mark(
        &self,
        at: UnixMs,
        by: Actor,
        kind: MarkKind,
        up_to: u64,
    ) -> Result<Option<Entry>, Refusal> {
        let member = self.sender(by)?;
        if up_to > self.public_count {
            return Err(Refusal::NoSuchMessage);
        }
        let part = member.part.kind();
        let counts = matches!(part, PartKind::Requester | PartKind::Agent);
        let is_news = counts && up_to > self.marked(member.user, kind);
        let event = Event::Marked { user: member.user, part, kind, up_to };
        Ok(is_news.then_some(Entry { at, event }))
    }

    pub(super) fn take_message(&mut self, message: &Message) {
        match message.visibility() {
            Visibility::Public => self.public_count += 1,
            Visibility::Private => self.private_count += 1,
        }
        let digest = digest(message.visibility(), &message.text, &message.attachments);
        let written = Written { position: message.position, public: message.public, digest };
        self.written.insert((message.author, message.client_id.clone()), written);
    }

    fn next_position(&self, visibility: Visibility) -> Result<(u64, Option<u64>), Refusal> {
        let taken = match visibility {
            Visibility::Public => self.public_count,
            Visibility::Private => self.private_count,
        };
        if taken >= MESSAGES_MAX {
            return Err(Refusal::TooManyMessages);
        }
        let position = self.public_count + self.private_count + 1;
        Ok((position, (visibility == Visibility::Public).then_some(taken + 1)))
    }
}

impl Written {
    fn check(self, draft: &Draft) -> Result<(), Refusal> {
        // Another tab with the same id is another message, too: else a retry could turn a
        // private message into a public one.
        if self.digest != digest(draft.visibility, &draft.text, &draft.attachments) {
            return Err(Refusal::ClientIdReused);
        }
        Ok(())
    }
}

fn check_draft(draft: &Draft) -> Result<(), Refusal> {
    // Bytes first: counting the characters of a huge text would take its time.
    if draft.text.len() > TEXT_CHARS_MAX * 4 || draft.text.chars().count() > TEXT_CHARS_MAX {
        return Err(Refusal::TextTooLong);
    }
    if is_blank(&draft.text) && draft.attachments.is_empty() {
        return Err(Refusal::Empty);
    }
    if draft.attachments.len() > ATTACHMENTS_MAX {
        return Err(Refusal::TooManyAttachments);
    }
    let id = &draft.client_id;
    if id.is_empty() || id.chars().count() > CLIENT_ID_CHARS_MAX {
        return Err(Refusal::BadClientId);
    }
    Ok(())
}

/// Enough to tell a retry from another message; the same in every run of one build.
fn digest(visibility: Visibility, text: &str, attachments: &[crate::AttachmentId]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (visibility, text, attachments).hash(&mut hasher);
    hasher.finish()
}

/// Whether `user` is of those whose marks others see; see [`Conversation::mark`].
pub(super) fn marks_show(part: PartKind, of: UserId, to: UserId) -> bool {
    of != to && matches!(part, PartKind::Requester | PartKind::Agent)
}
