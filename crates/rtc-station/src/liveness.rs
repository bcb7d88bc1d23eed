//! Whether the peer is there: the state of the connection and the two deadlines that end it.

use std::time::{Duration, Instant};

/// Where the connection stands and when the peer was last heard.
pub(crate) struct Liveness {
    pub(crate) state: State,
    pub(crate) created_at: Instant,
    pub(crate) last_received_at: Instant,
    pub(crate) consent_timeout: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Connecting,
    Connected,
    Closed,
}

impl Liveness {
    pub(crate) fn consent_deadline(&self) -> Instant {
        self.last_received_at + self.consent_timeout
    }

    /// Far off once connected: consent alone counts then.
    pub(crate) fn setup_deadline(&self) -> Instant {
        match self.state {
            State::Connecting => self.created_at + self.consent_timeout,
            _ => self.consent_deadline(),
        }
    }
}
