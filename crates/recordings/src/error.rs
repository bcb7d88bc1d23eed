//! Why a folder gives nothing to replay.

use std::io;
use std::path::PathBuf;

/// Files looked at in a folder.
pub const FILES_MAX: usize = 10_000;

/// Why there is nothing to replay.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The folder can't be read.
    #[error("{0}: {1}")]
    Folder(PathBuf, io::Error),
    /// More than [`FILES_MAX`] files.
    #[error("{0}: more than {FILES_MAX} files")]
    TooMany(PathBuf),
    /// A recording is of no use, and [`Broken::Refuse`](crate::Broken::Refuse) was asked for.
    #[error("{0}")]
    Refused(String),
    /// No recording was of use; the reasons.
    #[error("no recording of use in {path}{reasons}", path = .0.display(), reasons = list(.1))]
    Empty(PathBuf, Vec<String>),
    /// A demo call within the program is broken. A test reads them all.
    #[error("{0}: {1}")]
    Demo(&'static str, String),
}

fn list(reasons: &[String]) -> String {
    match reasons {
        [] => " (*.wav, *.flac, *.opus; or pairs *.caller.wav, *.agent.wav)".to_owned(),
        reasons => format!(": {}", reasons.join("; ")),
    }
}
