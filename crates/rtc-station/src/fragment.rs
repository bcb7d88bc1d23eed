//! Reads a `trickle-ice-sdpfrag` (RFC 8840 §9), the body of a WHIP `PATCH` (RFC 9725 §4.3).
//!
//! Candidates are accepted and left unused: an ICE-lite agent sends no checks, and learns each
//! address from the check that comes from it. New credentials ask for an ICE restart.

use str0m::IceCreds;

use crate::offer;

/// The largest fragment that is read, in bytes.
pub const FRAGMENT_BYTES_MAX: usize = 16 * 1024;

/// Why a fragment was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatchError {
    /// Longer than [`FRAGMENT_BYTES_MAX`].
    #[error("the fragment is too large: {bytes} bytes, at most {FRAGMENT_BYTES_MAX} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// A line that is not SDP.
    #[error("line {line} of the fragment is not SDP (RFC 8840 §9)")]
    NotSdp {
        /// Counted from 1.
        line: usize,
    },
    /// No credentials, or only half of them, or malformed ones.
    #[error("the fragment needs a valid a=ice-ufrag and a=ice-pwd (RFC 8839 §5.4)")]
    NoIceCredentials,
    /// The station has closed.
    #[error("the station has closed; set up a new one")]
    Closed,
}

/// The credentials in a fragment: those of the current session, or new ones for a restart.
pub(crate) fn credentials(text: &str) -> Result<IceCreds, PatchError> {
    let bytes = text.len();
    if bytes > FRAGMENT_BYTES_MAX {
        return Err(PatchError::TooLarge { bytes });
    }
    let (mut ufrag, mut password) = (None, None);
    for (index, line) in text.lines().enumerate() {
        let (kind, value) =
            offer::split_line(line).ok_or(PatchError::NotSdp { line: index + 1 })?;
        // Every section repeats the same credentials when sections are bundled: the first count.
        match (kind, value.split_once(':')) {
            ('a', Some(("ice-ufrag", value))) => ufrag = ufrag.or(Some(value)),
            ('a', Some(("ice-pwd", value))) => password = password.or(Some(value)),
            _ => {}
        }
    }
    ufrag
        .zip(password)
        .and_then(|(ufrag, password)| offer::ice_credentials(ufrag, password))
        .ok_or(PatchError::NoIceCredentials)
}
