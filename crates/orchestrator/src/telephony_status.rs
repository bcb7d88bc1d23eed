//! How the telephone side's trunks and lines are, as it tells it; for administrators.

use interaction::UnixMs;

use crate::{Orchestrator, lock};

/// Trunks and lines, in the order of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TelephonyStatus {
    /// Trunks.
    pub trunks: Vec<WayStatus>,
    /// Lines, by their extensions.
    pub lines: Vec<WayStatus>,
}

/// One trunk, or one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayStatus {
    /// Its name.
    pub name: String,
    /// How it is.
    pub state: WayState,
    /// Since when it is so; `None`: since the server began.
    pub since: Option<UnixMs>,
    /// When it answered last.
    pub answered_at: Option<UnixMs>,
    /// What it said last, as SIP's status; 408 if it was asked and said nothing.
    pub status: Option<u16>,
    /// Until when a line is registered, unless it is renewed.
    pub registered_until: Option<UnixMs>,
}

/// How a trunk or line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayState {
    /// Nobody asks it: nothing is sent there but answers.
    NotAsked,
    /// It was asked, and has not answered yet.
    Unknown,
    /// A trunk answers; a line is registered.
    Up,
    /// It does not; it is not.
    Down,
}

impl Orchestrator {
    /// How the trunks and lines are; none without a telephone side.
    pub fn telephony_status(&self) -> TelephonyStatus {
        lock(&self.inner.telephony_status).clone()
    }

    /// They are like this from now on.
    pub fn set_telephony_status(&self, status: TelephonyStatus) {
        *lock(&self.inner.telephony_status) = status;
    }
}
