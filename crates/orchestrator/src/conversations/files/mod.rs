//! What is attached to messages: checked by content, kept in the data directory under its id,
//! given out to whoever may read its message.
//!
//! The files' names are ids of ours, never what somebody called them, and nothing in this
//! directory is served as a page.

use std::path::{Path, PathBuf};

use interaction::conversation::{Reader, Visibility, may_read};
use interaction::{AttachmentId, ConversationId};
use sha2::{Digest, Sha256};
use store::AttachmentRecord;

use control_plane::FileCard;

use super::pages::file_card;
use crate::{Error, Orchestrator};
use accounts::{User, unix_now};

/// Bytes that an attachment may have.
pub const ATTACHMENT_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Attachments that a conversation's public messages may have, and its private ones. They are
/// counted apart, so that a customer cannot tell from a refusal how much staff have attached.
pub const ATTACHMENTS_PER_VISIBILITY_MAX: u64 = 500;
/// Uploads that one person has not sent yet.
pub const UNSENT_MAX: u64 = 20;
/// Characters that its name may have.
pub const NAME_CHARS_MAX: usize = 120;
/// How long an upload that is in no message is kept, ms.
const UNSENT_LIFE_MS: u64 = 24 * 3_600_000;
/// How often those are looked for.
const TIDY_INTERVAL: std::time::Duration = std::time::Duration::from_secs(3_600);
/// The media types that are taken, as found in the content.
const IMAGES_AND_PDF: [&str; 5] =
    ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"];
/// Anything else that is text is given out as plain text, whatever it looks like.
const PLAIN_TEXT: &str = "text/plain; charset=utf-8";

/// The directory of attachments.
#[derive(Clone, Debug)]
pub struct Files {
    directory: PathBuf,
}

/// An attachment and its content.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// What is known of it.
    pub card: FileCard,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Files {
    /// The directory within the server's data; made when it is missing.
    ///
    /// # Errors
    /// It can't be made.
    pub fn open(data: &Path) -> std::io::Result<Self> {
        let directory = data.join("attachments");
        std::fs::create_dir_all(&directory)?;
        Ok(Self { directory })
    }

    /// Keeps the bytes; they are on the disk when this returns.
    async fn write(&self, id: AttachmentId, bytes: Vec<u8>) -> std::io::Result<()> {
        let (path, part) = (self.path(id), self.path(id).with_extension("part"));
        let write = move || {
            use std::io::Write as _;
            let mut file = std::fs::File::create(&part)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            std::fs::rename(&part, &path)
        };
        tokio::task::spawn_blocking(write).await.map_err(std::io::Error::other)?
    }

    async fn read(&self, id: AttachmentId) -> std::io::Result<Vec<u8>> {
        tokio::fs::read(self.path(id)).await
    }

    async fn remove(&self, id: AttachmentId) {
        // One that is gone already is what was wanted.
        let _ = tokio::fs::remove_file(self.path(id)).await;
    }

    fn path(&self, id: AttachmentId) -> PathBuf {
        self.directory.join(format!("{:016x}", id.0))
    }
}

impl Orchestrator {
    /// Keeps an upload, which a message of the user's may have.
    ///
    /// # Errors
    /// No such conversation, nothing may be written there, too large, an unknown type.
    pub async fn upload(
        &self,
        user: &User,
        id: ConversationId,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<FileCard, Error> {
        // The bytes took their time to arrive.
        self.check(user)?;
        let viewer = self.text_viewer(user, id)?;
        let writes = matches!(
            viewer.reader,
            Reader::Requester | Reader::Agent | Reader::Colleague | Reader::Supervisor
        );
        if !writes {
            return Err(Error::NotAllowed("Accept the conversation first, or listen to it."));
        }
        let taken = self
            .change(|live, now| (live.text_mut().take_message(now.instant, user.id), Vec::new()));
        taken.map_err(Error::TooFast)?;
        let media_type = media_type(&bytes).ok_or(Error::UnknownType)?;
        let counts = self.store().attachment_counts(&id.to_string(), user.id.0).await?;
        // Each is refused for what they may know of: nobody counts what is not for them.
        let most = [(Visibility::Public, counts.public), (Visibility::Private, counts.private)];
        let full = most.into_iter().any(|(visibility, count)| {
            may_read(viewer.reader, visibility) && count >= ATTACHMENTS_PER_VISIBILITY_MAX
        });
        if full || counts.unsent >= UNSENT_MAX {
            return Err(Error::TooManyUploads);
        }
        let upload = AttachmentId(rand::random());
        let record = AttachmentRecord {
            id: upload.0,
            interaction: id.to_string(),
            owner: user.id.0,
            position: None,
            name: plain_name(name),
            media_type: media_type.to_owned(),
            size_bytes: bytes.len() as u64,
            sha256: hex::encode(Sha256::digest(&bytes)),
            uploaded_at: unix_now().0,
        };
        self.keep_unwritten(id).await?;
        self.files().write(upload, bytes).await.map_err(|error| {
            tracing::error!(%error, "an attachment could not be written");
            Error::StoreWrite
        })?;
        if let Err(error) = self.store().add_attachment(&record).await {
            self.files().remove(upload).await;
            return Err(Error::unsaved(error));
        }
        Ok(file_card(&record))
    }

    /// An attachment, for whoever may read its message; before it is sent, for its owner.
    ///
    /// # Errors
    /// No such attachment for this user.
    pub async fn fetch(
        &self,
        user: &User,
        id: ConversationId,
        attachment: AttachmentId,
    ) -> Result<Fetched, Error> {
        let missing = || Error::NotFound("attachment");
        let name = id.to_string();
        let found = self.readable_conversation(user, id).await?;
        let record = self.store().attachment(attachment.0).await?;
        let record = record.filter(|it| it.interaction == name).ok_or_else(missing)?;
        let may = match record.position {
            None => record.owner == user.id.0 && found.access.reads_words(),
            Some(position) => {
                let message = self.store().messages(&name, Some(position + 1), 1).await?;
                let message = message.first().filter(|it| it.position == position);
                let visibility = match message.ok_or_else(missing)?.public_position {
                    Some(_) => Visibility::Public,
                    None => Visibility::Private,
                };
                found.access.reads_message(visibility, position)
            }
        };
        if !may {
            return Err(missing());
        }
        let bytes = self.files().read(attachment).await.map_err(|error| {
            tracing::error!(%error, "an attachment could not be read");
            missing()
        })?;
        Ok(Fetched { card: file_card(&record), bytes })
    }

    /// Forgets uploads that never came into a message, again and again.
    pub(crate) async fn tidy_uploads(self) {
        let mut ticks = tokio::time::interval(TIDY_INTERVAL);
        loop {
            ticks.tick().await;
            let until = unix_now().0.saturating_sub(UNSENT_LIFE_MS);
            match self.store().prune_attachments(until).await {
                Ok(ids) => {
                    for id in ids {
                        self.files().remove(AttachmentId(id)).await;
                    }
                }
                Err(error) => tracing::warn!(%error, "old uploads could not be forgotten"),
            }
        }
    }
}

/// The media type by content; `None`: not one that is taken.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    if let Some(found) = infer::get(bytes) {
        let known = IMAGES_AND_PDF.into_iter().find(|it| *it == found.mime_type());
        // Marked-up text is text, and given out as such.
        return known.or_else(|| {
            (found.matcher_type() == infer::MatcherType::Text).then(|| text(bytes)).flatten()
        });
    }
    text(bytes)
}

fn text(bytes: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.is_empty())?;
    let binary = |letter: char| letter.is_control() && !matches!(letter, '\t' | '\n' | '\r');
    (!text.contains(binary)).then_some(PLAIN_TEXT)
}

/// The last part of a name, without what could hurt in a header or a file dialog.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let allowed = |letter: &char| !letter.is_control() && !"\"<>:|?*".contains(*letter);
    let plain: String = last.chars().filter(allowed).take(NAME_CHARS_MAX).collect();
    match plain.trim().trim_start_matches('.') {
        "" => "attachment".to_owned(),
        some => some.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_counts_and_not_the_name() {
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Some("image/png"));
        assert_eq!(media_type(b"%PDF-1.7\n"), Some("application/pdf"));
        assert_eq!(media_type("Größe: 5\n".as_bytes()), Some(PLAIN_TEXT));
        assert_eq!(media_type(b"<html><script>alert(1)</script></html>"), Some(PLAIN_TEXT));
        assert_eq!(media_type(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), Some(PLAIN_TEXT));
        assert_eq!(media_type(b"\x7fELF\x02\x01\x01\0"), None);
        assert_eq!(media_type(b"PK\x03\x04"), None);
        assert_eq!(media_type(b"a\0b"), None);
        assert_eq!(media_type(b""), None);
    }

    #[test]
    fn names_are_made_harmless() {
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name("C:\\x\\invoice \"1\".pdf"), "invoice 1.pdf");
        assert_eq!(plain_name("..\r\n"), "attachment");
        assert_eq!(plain_name("請求書.pdf"), "請求書.pdf");
        assert_eq!(plain_name(&"x".repeat(500)).len(), NAME_CHARS_MAX);
    }
}
