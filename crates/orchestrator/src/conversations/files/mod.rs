//! What is attached to messages: checked by content, kept in the data directory under its id,
//! given out to whoever may read its message.
//!
//! Who and whether comes before the first byte ([`Orchestrator::begin_upload`]), and once more after
//! the last; in between a file goes to the disk as it arrives, and no more of it is in memory than
//! the piece that has just come.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use encoding_rs::Decoder;
use interaction::conversation::{Reader, Visibility};
use interaction::{AttachmentId, ConversationId};
use store::AttachmentRecord;
use tokio::io::AsyncReadExt;

use control_plane::FileCard;

use crate::Orchestrator;
use crate::error::{NotAllowed, NotFound, TooFast, Unsaved};
use accounts::{User, unix_now};
use directory::{Directory, PartFile, WholeFile};
use error::{
    BeginUploadError, ContentError, DownloadError, FinishUploadError, NotAWriter, TransfersFull,
    WriteError,
};
use kind::{Found, PLAIN_TEXT};
use lanes::{LANE_WAIT_MAX, Lane, Lanes};
use usage::{Claim, Reservation, Side, Usage};

mod client_days;
mod directory;
mod encoding;
pub mod error;
mod kind;
mod lanes;
mod name;
mod picture;
mod usage;

pub use lanes::LANES_PER_PERSON;
pub use name::{NAME_BYTES_MAX, NAME_CHARS_MAX, safe_name};
pub use picture::PICTURE_PIXELS_MAX;
pub use usage::{ATTACHMENT_BYTES_MAX, ATTACHMENTS_PER_VISIBILITY_MAX, FileLimits, UNSENT_MAX};

/// How long an upload that is in no message is kept, ms.
const UNSENT_LIFE_MS: u64 = 24 * 3_600_000;
/// Within so long one person may upload as much as [`FileLimits::person_mib`] says, ms.
const PERSON_WINDOW_MS: u64 = 24 * 3_600_000;
/// How often old uploads are looked for.
const TIDY_INTERVAL: Duration = Duration::from_secs(3_600);
/// Bytes of a download that are read at a time.
const READ_BYTES: usize = 64 * 1024;

/// The attachments' files, and how much of them is let in and out. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Files {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    directory: Directory,
    limits: FileLimits,
    usage: Arc<Usage>,
    uploads: Sides,
    downloads: Sides,
}

/// Lanes of customers and of staff.
#[derive(Debug)]
struct Sides {
    customers: Lanes,
    staff: Lanes,
}

/// An upload that may go on. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Upload {
    conversation: ConversationId,
    id: AttachmentId,
    name: String,
    file: PartFile,
    reservation: Reservation,
    _lane: Lane,
}

/// An attachment and its content, which is still on the disk.
#[derive(Debug)]
pub struct Download {
    /// What is known of it.
    pub card: FileCard,
    file: tokio::fs::File,
    decoder: Option<Decoder>,
    _lane: Lane,
}

impl Files {
    /// The directory within the server's data; made when it is missing.
    ///
    /// # Errors
    /// It can't be made.
    pub fn open(data: &Path, limits: FileLimits) -> std::io::Result<Self> {
        let inner = Inner {
            directory: Directory::open(data)?,
            limits,
            usage: Arc::default(),
            uploads: Sides::new(limits.uploads_max),
            downloads: Sides::new(limits.downloads_max),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// How much is let in.
    pub fn limits(&self) -> &FileLimits {
        &self.inner.limits
    }
}

impl Sides {
    fn new(at_once: usize) -> Self {
        let lanes = || Lanes::new(at_once, LANE_WAIT_MAX);
        Self { customers: lanes(), staff: lanes() }
    }

    async fn enter(&self, user: &User, reader: Reader) -> Result<Lane, TransfersFull> {
        let lanes = match Side::of(reader) {
            Side::Customers => &self.customers,
            Side::Staff => &self.staff,
        };
        lanes.enter(user.id).await.ok_or(TransfersFull)
    }
}

impl Upload {
    /// The next bytes.
    ///
    /// # Errors
    /// [`WriteError`]; that the type is unknown, as soon as that is certain.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        if self.file.size_bytes() + bytes.len() as u64 > ATTACHMENT_BYTES_MAX {
            return Err(WriteError::TooLarge);
        }
        self.file.write(bytes).await.map_err(unwritten)?;
        if self.file.is_hopeless() { Err(WriteError::UnknownType) } else { Ok(()) }
    }
}

impl Download {
    /// A text in UTF-8, whatever encoding it came in, and without a byte order mark; anything else
    /// as it is.
    #[must_use]
    pub fn as_utf_8(mut self) -> Self {
        self.decoder = encoding::decoder(&self.card.media_type);
        if self.decoder.is_some() {
            PLAIN_TEXT.clone_into(&mut self.card.media_type);
        }
        self
    }

    /// Bytes that will come, if that is known.
    pub fn length(&self) -> Option<u64> {
        self.decoder.is_none().then_some(self.card.size_bytes)
    }

    /// The next bytes; `None`: that was all.
    ///
    /// # Errors
    /// It can't be read.
    pub async fn next(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut bytes = vec![0; READ_BYTES];
        let length = self.file.read(&mut bytes).await?;
        bytes.truncate(length);
        let Some(mut decoder) = self.decoder.take() else {
            return Ok((length > 0).then_some(bytes));
        };
        let room = decoder.max_utf8_buffer_length(length).unwrap_or(4 * READ_BYTES);
        let mut text = String::with_capacity(room);
        let _ = decoder.decode_to_string(&bytes, &mut text, length == 0);
        if length > 0 {
            self.decoder = Some(decoder);
        }
        // An empty piece would end the answer: what is cut off comes with the next one.
        Ok((length > 0 || !text.is_empty()).then(|| text.into_bytes()))
    }
}

impl Orchestrator {
    /// Lets an upload begin, of `length` bytes if that is known: before any of them is read.
    ///
    /// # Errors
    /// No such conversation, it is over, nothing may be written there, too large, or too much.
    pub async fn begin_upload(
        &self,
        user: &User,
        id: ConversationId,
        name: &str,
        length: Option<u64>,
    ) -> Result<Upload, BeginUploadError> {
        let (reader, waits) = self.writer(user, id)?;
        if length.is_some_and(|length| length > ATTACHMENT_BYTES_MAX) {
            return Err(BeginUploadError::TooLarge);
        }
        let taken = self
            .change(|live, now| (live.text_mut().take_message(now.instant, user.id), Vec::new()));
        taken.map_err(TooFast)?;
        let files = self.files();
        let bytes = length.unwrap_or(ATTACHMENT_BYTES_MAX);
        self.check_disk_reserve(bytes)?;
        let client = self.auth().client_of_guest(user.id);
        let claim = Claim { conversation: id, person: user.id, client, reader, waits, bytes };
        let before = files.inner.usage.on_their_way();
        let since = unix_now().0.saturating_sub(PERSON_WINDOW_MS);
        let kept = self.store().attachment_use(&id.to_string(), user.id.0, since).await?;
        let usage = &files.inner.usage;
        let reservation = usage.reserve(files.limits(), claim, before, kept, Instant::now())?;
        let lane = files.inner.uploads.enter(user, reader).await?;
        let upload = AttachmentId(rand::random());
        let file = files.inner.directory.begin(upload).await.map_err(unwritten)?;
        let name = name.to_owned();
        Ok(Upload { conversation: id, id: upload, name, file, reservation, _lane: lane })
    }

    /// Keeps an upload that is complete, which a message of the user's may have.
    ///
    /// # Errors
    /// As [`Self::begin_upload`], for it took its time to arrive; and an unknown type.
    pub async fn finish_upload(
        &self,
        user: &User,
        upload: Upload,
    ) -> Result<FileCard, FinishUploadError> {
        let whole = upload.file.end().await.map_err(unwritten)?;
        let media_type = media_type(&whole).await?;
        let record = AttachmentRecord {
            id: upload.id.0,
            interaction: upload.conversation.to_string(),
            owner: user.id.0,
            position: None,
            name: safe_name(&upload.name, &media_type),
            media_type,
            size_bytes: whole.size_bytes,
            sha256: whole.sha256.clone(),
            uploaded_at: unix_now().0,
        };
        self.keep_unwritten::<FinishUploadError>(upload.conversation).await?;
        // Last, so that nobody is let in by rights that have ended meanwhile.
        self.check(user)?;
        self.writer(user, upload.conversation)?;
        self.store().add_attachment(&record).await.map_err(Unsaved::of)?;
        upload.reservation.keep(whole.size_bytes, Instant::now());
        whole.keep().await.map_err(unwritten)?;
        Ok(file_card(&record))
    }

    /// An attachment, for whoever may read its message; before it is sent, for its owner.
    ///
    /// # Errors
    /// No such attachment for this user, or too many downloads at the same time.
    pub async fn download(
        &self,
        user: &User,
        id: ConversationId,
        attachment: AttachmentId,
    ) -> Result<Download, DownloadError> {
        let missing = || NotFound("attachment");
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
            return Err(missing().into());
        }
        let files = self.files();
        let lane = files.inner.downloads.enter(user, found.access.reader).await?;
        let file = files.inner.directory.read(attachment).await.map_err(|error| {
            tracing::error!(%error, "an attachment could not be read");
            missing()
        })?;
        Ok(Download { card: file_card(&record), file, decoder: None, _lane: lane })
    }

    /// How much may be attached, and how fast.
    pub fn file_limits(&self) -> &FileLimits {
        self.files().limits()
    }

    /// Counts what is attached, and ends what a former server left half done. Before anything is
    /// uploaded.
    pub(crate) async fn take_up_files(&self) -> Result<(), store::StoreError> {
        let files = self.files();
        files.inner.usage.set_kept(self.store().attachment_totals().await?);
        let directory = &files.inner.directory;
        let leftovers = directory.leftovers().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the attachments could not be looked through");
            Vec::new()
        });
        for id in leftovers {
            let ended = match self.store().attachment(id.0).await? {
                Some(_) => directory.complete(id).await,
                None => directory.discard(id).await,
            };
            if let Err(error) = ended {
                tracing::warn!(%error, "a file of a former server is left half done");
            }
        }
        Ok(())
    }

    /// Forgets uploads that never came into a message, again and again.
    pub(crate) async fn tidy_uploads(self) {
        let mut ticks = tokio::time::interval(TIDY_INTERVAL);
        loop {
            ticks.tick().await;
            if let Err(error) = self.forget_old_uploads().await {
                tracing::warn!(%error, "old uploads could not be forgotten");
            }
        }
    }

    async fn forget_old_uploads(&self) -> Result<(), store::StoreError> {
        let until = unix_now().0.saturating_sub(UNSENT_LIFE_MS);
        let inner = &self.files().inner;
        let old = self.store().unsent_attachments(until).await?;
        // As when they arrived: what a server's death cuts off here, the next start ends by what the store knows.
        for id in &old {
            inner.directory.set_aside(AttachmentId(*id)).await;
        }
        let forgotten = self.store().prune_attachments(until).await;
        let is_forgotten =
            |id: u64| forgotten.as_ref().is_ok_and(|forgotten| forgotten.contains(&id));
        for id in old {
            let ended = if is_forgotten(id) {
                inner.directory.discard(AttachmentId(id)).await
            } else {
                // A message has it by now, or the store could not write.
                inner.directory.complete(AttachmentId(id)).await
            };
            if let Err(error) = ended {
                tracing::warn!(%error, "an old upload is left half removed");
            }
        }
        forgotten?;
        inner.usage.set_kept(self.store().attachment_totals().await?);
        Ok(())
    }

    /// As what the user writes in the conversation, and whether nobody has accepted it yet.
    fn writer(&self, user: &User, id: ConversationId) -> Result<(Reader, bool), NotAWriter> {
        let live = self.live();
        let (record, viewer) = live.seen_conversation(user, id).ok_or(NotFound("conversation"))?;
        match viewer.reader {
            Reader::Requester | Reader::Agent | Reader::Colleague | Reader::Supervisor => {}
            Reader::Offered | Reader::Overseer => {
                return Err(NotAllowed("Accept the conversation first, or listen to it.").into());
            }
        }
        if record.state.ended().is_some() {
            return Err(NotAWriter::Ended);
        }
        let waits = viewer.reader == Reader::Requester && record.state.answered_at().is_none();
        Ok((viewer.reader, waits))
    }
}

/// The media type of a file that is whole, if it is one that is taken.
async fn media_type(whole: &WholeFile) -> Result<String, ContentError> {
    let found = whole.found;
    let Some(path) = whole.path().map(Path::to_owned) else {
        return Err(ContentError::UnknownType);
    };
    let looked_at = tokio::task::spawn_blocking(move || match found {
        Found::Empty => Err(ContentError::Empty),
        Found::Unknown => Err(ContentError::UnknownType),
        Found::Type(media_type) => {
            picture::check(&path, media_type).map(|()| media_type.to_owned())
        }
        Found::OtherText => {
            let encoding = encoding::of_file(&path).map_err(unwritten)?;
            encoding.map(encoding::media_type).ok_or(ContentError::UnknownType)
        }
    });
    looked_at.await.unwrap_or(Err(ContentError::UnknownType))
}

fn unwritten(error: std::io::Error) -> Unsaved {
    tracing::error!(%error, "an attachment could not be written");
    Unsaved::Outage(store::Outage::of_io(&error))
}

/// An upload, described.
pub(super) fn file_card(record: &AttachmentRecord) -> FileCard {
    FileCard {
        id: AttachmentId(record.id),
        // Those of former versions are called what their owners called them.
        name: safe_name(&record.name, &record.media_type),
        media_type: record.media_type.clone(),
        size_bytes: record.size_bytes,
    }
}
