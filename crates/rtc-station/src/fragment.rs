//! Reads a `trickle-ice-sdpfrag` (RFC 8840 §9), the body of a WHIP `PATCH` (RFC 9725 §4.3).
//!
//! Candidates are accepted and left unused: an ICE-lite agent sends no checks, and learns each
//! address from the check that comes from it. So they need no credentials with them, though RFC 9725
//! §4.3.2 wants them: publishers leave them out. New credentials ask for an ICE restart.

use is::IceCreds;

use crate::{offer, sdp};

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
    /// Nothing in it.
    #[error(
        "the fragment is empty; send candidates, or an a=ice-ufrag and a=ice-pwd to restart ICE"
    )]
    Empty,
    /// Only half of the credentials, or malformed ones.
    #[error("the fragment needs a valid a=ice-ufrag and a=ice-pwd, or neither (RFC 8839 §5.4)")]
    NoIceCredentials,
    /// The entity tag is not the one of the present ICE session (RFC 9725 §4.3.1).
    #[error(
        "ICE was restarted since; take the ETag of the latest answer, or restart with If-Match: *"
    )]
    Outdated,
    /// The station has closed.
    #[error("the station has closed; set up a new one")]
    Closed,
}

/// Which ICE sessions a fragment is for: the `If-Match` of its request (RFC 9725 §4.3.1). Without one
/// it is for the present session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: whichever there is.
    Any,
    /// Those with one of these entity tags, without their quotes.
    Tags(Vec<String>),
}

impl IfMatch {
    /// Reads the header's value (RFC 9110 §13.1.1). A proxy that compresses makes tags weak.
    pub fn read(value: &str) -> Self {
        if value.trim() == "*" {
            return Self::Any;
        }
        let tags = value.split(',').map(|tag| {
            let tag = tag.trim();
            tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').to_owned()
        });
        Self::Tags(tags.collect())
    }

    pub(crate) fn allows(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.iter().any(|it| it == tag),
        }
    }
}

/// The credentials in a fragment: those of the current session, or new ones for a restart; `None`:
/// it has candidates only.
pub(crate) fn credentials(text: &str) -> Result<Option<IceCreds>, PatchError> {
    let bytes = text.len();
    if bytes > FRAGMENT_BYTES_MAX {
        return Err(PatchError::TooLarge { bytes });
    }
    let (mut ufrag, mut password, mut is_empty) = (None, None, true);
    for line in sdp::lines(text) {
        let line = line.map_err(|line| PatchError::NotSdp { line })?;
        is_empty = false;
        // Every section repeats the same credentials when sections are bundled: the first count.
        match (line.kind, sdp::attribute(line.value)) {
            ('a', ("ice-ufrag", value)) => ufrag = ufrag.or(Some(value)),
            ('a', ("ice-pwd", value)) => password = password.or(Some(value)),
            _ => {}
        }
    }
    match (ufrag, password) {
        (None, None) if is_empty => Err(PatchError::Empty),
        (None, None) => Ok(None),
        (ufrag, password) => ufrag
            .zip(password)
            .and_then(|(ufrag, password)| offer::ice_credentials(ufrag, password))
            .map(Some)
            .ok_or(PatchError::NoIceCredentials),
    }
}
