//! The calls of a run that are placed: the agent who answers one finds here what is planned for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use wire::CallView;

use crate::measure::routes::PartyId;
use crate::scenario::PlannedCall;

/// An offer may come before the caller knows the call's id; so long it is waited for.
const CALL_WAIT: Duration = Duration::from_secs(3);

/// A call that was placed, and what is planned for it.
pub struct Placed {
    /// What the server calls it. Whoever calls by telephone is not told: the agent knows it, once it rings there.
    pub known: OnceLock<Known>,
    /// The plan.
    pub plan: PlannedCall,
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

/// A call at the server.
pub struct Known {
    /// Its id.
    pub id: String,
    /// The queue called, by key.
    pub queue: String,
}

impl Placed {
    /// A call that was placed at this moment.
    pub fn new(plan: PlannedCall, caller: PartyId, at: Instant, known: Option<Known>) -> Self {
        Self {
            known: known.map(OnceLock::from).unwrap_or_default(),
            plan,
            caller,
            at,
            agent: OnceLock::new(),
            answered: CancellationToken::new(),
            over: CancellationToken::new(),
        }
    }
}

/// The calls that go on, by what the agent will know them by: the server's id, or the caller's number.
#[derive(Default)]
pub struct PlacedCalls {
    by_key: Mutex<HashMap<String, Arc<Placed>>>,
    placed: Notify,
}

impl PlacedCalls {
    /// Puts a call where the agent who answers it finds it.
    pub fn put(&self, key: &str, placed: Arc<Placed>) {
        let mut calls = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        calls.insert(key.to_owned(), placed);
        self.placed.notify_waiters();
    }

    /// The placed call that rings; `None`: it is not one of this run's.
    pub async fn find(&self, call: &CallView) -> Option<Arc<Placed>> {
        let number = call.caller.number.as_deref().unwrap_or_default();
        let search = async {
            loop {
                let placed = self.placed.notified();
                let found = {
                    let calls = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
                    calls.get(&call.id).or_else(|| calls.get(number)).cloned()
                };
                match found {
                    Some(placed) => return placed,
                    None => placed.await,
                }
            }
        };
        let placed = tokio::time::timeout(CALL_WAIT, search).await.ok()?;
        placed.known.get_or_init(|| Known {
            id: call.id.clone(),
            queue: call.queue.clone().unwrap_or_default(),
        });
        Some(placed)
    }

    /// Forgets a call that is over.
    pub fn remove(&self, key: &str) {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}
