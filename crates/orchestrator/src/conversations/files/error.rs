//! Why something was not attached, or is not given out.

use accounts::NotCurrent;
use interaction::conversation::Refusal;
use store::StoreError;

use crate::disk_reserve::DiskReserved;
use crate::error::{LookupError, NotAllowed, NotFound, TooFast, Unread, Unsaved, by_way_of};

/// Why the user can attach nothing to the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAWriter {
    /// There is no such conversation for the user.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The user does not write in it.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// It is over.
    #[error("{}", Refusal::Ended)]
    Ended,
}

/// As much is attached as may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuotaError {
    /// The conversation has as many attachments, or the user as many unsent ones, as allowed.
    #[error("too many uploads")]
    TooManyUploads,
    /// As many bytes are attached as allowed.
    #[error("too much is attached: {0:?}")]
    TooMuchAttached(Quota),
    /// The server keeps as many bytes of attachments as the operator allows.
    #[error("no room for more attachments")]
    FilesFull,
}

/// Of which no more may be attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// By a customer whom nobody has answered.
    Waiting,
    /// To one conversation.
    Conversation,
    /// By one person within 24 hours.
    Person,
    /// By all the guests of one client within 24 hours.
    Client,
}

/// Too many uploads or downloads at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many transfers at once")]
pub struct TransfersFull;

/// Why a file can't be attached, for what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// It is of a type that is not taken.
    #[error("a type of file that is not taken")]
    UnknownType,
    /// It has no bytes.
    #[error("an empty file")]
    Empty,
    /// It begins like a picture, and is none.
    #[error("a picture that can't be read")]
    DamagedPicture,
    /// A picture that would be huge once it is shown.
    #[error("a picture of too many pixels")]
    PictureTooLarge,
    /// The disk does not give it back.
    #[error(transparent)]
    Unsaved(#[from] Unsaved),
}

/// Why an upload does not begin.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum BeginUploadError {
    /// It is not the user's to do.
    #[error(transparent)]
    NotAWriter(#[from] NotAWriter),
    /// It is larger than an attachment may be.
    #[error("too large for an attachment")]
    TooLarge,
    /// Too many at once.
    #[error(transparent)]
    TooFast(#[from] TooFast),
    /// What is left of the disk is for messages and records.
    #[error(transparent)]
    DiskReserved(#[from] DiskReserved),
    /// How much is attached can't be read.
    #[error(transparent)]
    Unread(#[from] Unread),
    /// As much is attached as may be.
    #[error(transparent)]
    Quota(#[from] QuotaError),
    /// Too many go on.
    #[error(transparent)]
    TransfersFull(#[from] TransfersFull),
    /// No file could be made.
    #[error(transparent)]
    Unsaved(#[from] Unsaved),
}
by_way_of!(BeginUploadError, Unread: StoreError);

/// Why an upload does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// It is larger than an attachment may be.
    #[error("too large for an attachment")]
    TooLarge,
    /// It can only be of a type that is not taken.
    #[error("a type of file that is not taken")]
    UnknownType,
    /// The disk did not take it.
    #[error(transparent)]
    Unsaved(#[from] Unsaved),
}

/// Why a complete upload is not kept.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum FinishUploadError {
    /// For what is in it.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// The sign-in has ended, or the rights have changed since they were read: nothing was done.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
    /// It is not the user's to do any more.
    #[error(transparent)]
    NotAWriter(#[from] NotAWriter),
    /// It could not be saved.
    #[error(transparent)]
    Unsaved(#[from] Unsaved),
}
by_way_of!(FinishUploadError, NotAWriter: NotFound);

/// Why an attachment is not given out.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum DownloadError {
    /// There is none for the user, or it can't be read.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// Too many go on.
    #[error(transparent)]
    TransfersFull(#[from] TransfersFull),
}
by_way_of!(DownloadError, LookupError: NotFound, StoreError);
