//! Whether the peer is there: the state of the connection and the deadline that ends it.

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
    /// When the station ends, if nothing comes: by then it has to be connected, and once it is,
    /// consent counts.
    pub(crate) fn deadline(&self) -> Instant {
        let since = match self.state {
            State::Connecting => self.created_at,
            State::Connected | State::Closed => self.last_received_at,
        };
        since + self.consent_timeout
    }
}
