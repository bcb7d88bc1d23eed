//! The calls of a run that are placed: the agent who answers one finds here what is planned for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::measure::routes::PartyId;
use crate::scenario::PlannedCall;

/// An offer may come before the caller knows the call's id; so long it is waited for.
const CALL_WAIT: Duration = Duration::from_secs(3);

/// A call that was placed, and what is planned for it.
pub struct Placed {
    /// The call's id at the server.
    pub id: String,
    /// The plan.
    pub plan: PlannedCall,
    /// The queue called, by key.
    pub queue: String,
    /// Who calls.
    pub caller: PartyId,
    /// When it was placed.
    pub at: Instant,
    /// The agent, once it is answered.
    pub agent: OnceLock<PartyId>,
    /// Cancelled once it is answered.
    pub answered: CancellationToken,
    /// Cancelled once it is over.
    pub over: CancellationToken,
}

/// The calls that go on, by the server's id.
#[derive(Default)]
pub struct PlacedCalls {
    by_id: Mutex<HashMap<String, Arc<Placed>>>,
    placed: Notify,
}

impl PlacedCalls {
    /// Puts a call where the agent who answers it finds it.
    pub fn put(&self, placed: Arc<Placed>) {
        let mut calls = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        calls.insert(placed.id.clone(), placed);
        self.placed.notify_waiters();
    }

    /// The placed call with this id; `None`: it is not one of this run's.
    pub async fn find(&self, id: &str) -> Option<Arc<Placed>> {
        let search = async {
            loop {
                let placed = self.placed.notified();
                let found =
                    self.by_id.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
                match found {
                    Some(placed) => return placed,
                    None => placed.await,
                }
            }
        };
        tokio::time::timeout(CALL_WAIT, search).await.ok()
    }

    /// Forgets a call that is over.
    pub fn remove(&self, id: &str) {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}
