//! Why something is not attached, or not given out, in HTTP's terms.

use interaction::conversation::Refusal;
use orchestrator::DiskReserved;
use orchestrator::conversations::files::error::{
    BeginUploadError, ContentError, DownloadError, FinishUploadError, NotAWriter, Quota,
    QuotaError, TransfersFull, WriteError,
};

use super::{FULL_RETRY_S, STREAMS_RETRY_S, text};
use crate::cause::Cause;
use crate::{Kind, Problem};

const FILE_TOO_LARGE: &str = "A file may have 10 MiB (10,485,760 bytes). Send a smaller one.";
const PICTURE_TOO_LARGE: &str =
    "A picture may have 40 megapixels. Send a smaller copy of it, or send it as a PDF.";
const FILES_FULL: &str = "The server has no room for more files. Send the message without the \
                          file, and tell an administrator.";
const TRANSFERS_FULL: &str =
    "Too many files are being sent at the moment. Try again in a few seconds.";
const UNKNOWN_TYPE: &str = "This type of file can't be attached. Send a picture (PNG, JPEG, GIF, \
                            WebP, HEIC, AVIF), a PDF or text.";
const EMPTY_FILE: &str = "The file is empty. Look whether it is the right one, and send it again.";
const DAMAGED_PICTURE: &str =
    "The picture is damaged or cut off. Send it again, or a new copy of it.";
const TOO_MANY_UPLOADS: &str = "No more files can be uploaded here. Send those that you have \
                                uploaded, or open a new conversation.";
const NO_ROOM_FOR_FILES: &str = "The server's disk is nearly full, so it takes no files at the moment. \
                                 Write a message, and send the file later.";

impl From<NotAWriter> for Problem {
    fn from(why: NotAWriter) -> Self {
        match why {
            NotAWriter::NotFound(what) => what.into(),
            NotAWriter::NotAllowed(why) => why.into(),
            NotAWriter::Ended => text::refused(Refusal::Ended),
        }
    }
}

impl From<QuotaError> for Problem {
    fn from(error: QuotaError) -> Self {
        match error {
            QuotaError::TooManyUploads => Self::new(Kind::ConversationRefused, TOO_MANY_UPLOADS)
                .because(Cause::TooManyUploads),
            QuotaError::TooMuchAttached(quota) => Self::new(Kind::TooMuchAttached, too_much(quota)),
            QuotaError::FilesFull => {
                Self::new(Kind::Overloaded, FILES_FULL).retry_after_s(FULL_RETRY_S)
            }
        }
    }
}

impl From<TransfersFull> for Problem {
    fn from(TransfersFull: TransfersFull) -> Self {
        Self::new(Kind::Overloaded, TRANSFERS_FULL).retry_after_s(STREAMS_RETRY_S)
    }
}

impl From<DiskReserved> for Problem {
    fn from(DiskReserved: DiskReserved) -> Self {
        Self::new(Kind::NoRoomForFiles, NO_ROOM_FOR_FILES).retry_after_s(FULL_RETRY_S)
    }
}

impl From<ContentError> for Problem {
    fn from(error: ContentError) -> Self {
        match error {
            ContentError::UnknownType => unknown_type(),
            ContentError::Empty => Self::new(Kind::EmptyFile, EMPTY_FILE),
            ContentError::DamagedPicture => Self::new(Kind::DamagedFile, DAMAGED_PICTURE),
            ContentError::PictureTooLarge => Self::new(Kind::TooLarge, PICTURE_TOO_LARGE),
            ContentError::Unsaved(why) => why.into(),
        }
    }
}

impl From<BeginUploadError> for Problem {
    fn from(error: BeginUploadError) -> Self {
        match error {
            BeginUploadError::NotAWriter(why) => why.into(),
            BeginUploadError::TooLarge => too_large(),
            BeginUploadError::TooFast(why) => why.into(),
            BeginUploadError::DiskReserved(why) => why.into(),
            BeginUploadError::Unread(why) => why.into(),
            BeginUploadError::Quota(why) => why.into(),
            BeginUploadError::TransfersFull(why) => why.into(),
            BeginUploadError::Unsaved(why) => why.into(),
        }
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::TooLarge => too_large(),
            WriteError::UnknownType => unknown_type(),
            WriteError::Unsaved(why) => why.into(),
        }
    }
}

impl From<FinishUploadError> for Problem {
    fn from(error: FinishUploadError) -> Self {
        match error {
            FinishUploadError::Content(why) => why.into(),
            FinishUploadError::NotCurrent(why) => why.into(),
            FinishUploadError::NotAWriter(why) => why.into(),
            FinishUploadError::Unsaved(why) => why.into(),
        }
    }
}

impl From<DownloadError> for Problem {
    fn from(error: DownloadError) -> Self {
        match error {
            DownloadError::Lookup(why) => why.into(),
            DownloadError::TransfersFull(why) => why.into(),
        }
    }
}

fn unknown_type() -> Problem {
    Problem::new(Kind::WrongMediaType, UNKNOWN_TYPE)
}

fn too_large() -> Problem {
    Problem::new(Kind::TooLarge, FILE_TOO_LARGE)
}

fn too_much(quota: Quota) -> &'static str {
    match quota {
        Quota::Waiting => {
            "No more can be attached until somebody has answered. Send the rest then."
        }
        Quota::Conversation => {
            "No more can be attached to this conversation. Open a new one for the rest."
        }
        Quota::Person => "You can attach no more today. Send the rest tomorrow.",
        Quota::Client => {
            "From your network no more can be attached today. Send the rest tomorrow, or from elsewhere."
        }
    }
}
