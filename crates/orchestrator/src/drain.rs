//! The time before the server stops: no call begins, and those that run may come to their end.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::Orchestrator;

/// How often it is looked whether the calls have ended.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// The server is about to stop, and lets no call begin or change hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server is about to stop")]
pub struct Draining;

impl Orchestrator {
    /// Lets no call begin and offers nothing new, then waits until the last call has ended, or
    /// until `limit` has passed. Text goes on: it outlives the server.
    ///
    /// Returns how many calls are left, which [`Orchestrator::stop`] ends.
    pub async fn drain(&self, limit: Duration) -> usize {
        let deadline = Instant::now() + limit;
        self.change(|live, now| ((), live.handle_draining(now)));
        let ended = async {
            while self.live().calls_count() > 0 {
                sleep(LOOK_PAUSE).await;
            }
        };
        match timeout_at(deadline, ended).await {
            Ok(()) => 0,
            Err(_) => self.live().calls_count(),
        }
    }

    /// Whether the server is about to stop.
    pub fn is_draining(&self) -> bool {
        self.live().is_draining()
    }

    /// Refuses what makes a call begin, or ring at another agent, once the server is about to stop.
    pub(crate) fn may_begin(&self) -> Result<(), Draining> {
        if self.is_draining() { Err(Draining) } else { Ok(()) }
    }
}
