//! How far a call is, for whoever waits for one: a telephone line has no event stream.
//!
//! What is told here is what the caller hears anyway: it waits, it is answered, it is over. Nothing of it
//! depends on who supervises.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use control_plane::{CallEnd, LiveState};
use interaction::CallId;

use crate::Orchestrator;

/// How far a call is, for its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallProgress {
    /// It waits, or rings.
    Waiting,
    /// An agent has taken it.
    Answered,
    /// It is over.
    Ended(CallEnd),
}

/// Who waits for which call; one for each, at most.
#[derive(Debug, Default)]
pub(crate) struct Followers {
    senders: Mutex<HashMap<CallId, watch::Sender<CallProgress>>>,
}

impl Followers {
    /// A call may be further now.
    fn progressed(&self, call: CallId, progress: CallProgress) {
        if let Some(sender) = self.lock().get(&call) {
            sender.send_if_modified(|it| std::mem::replace(it, progress) != progress);
        }
    }

    /// Whether somebody waits for it; one who has gone is forgotten.
    fn is_followed(&self, call: CallId) -> bool {
        let mut senders = self.lock();
        if senders.get(&call).is_some_and(watch::Sender::is_closed) {
            senders.remove(&call);
        }
        senders.contains_key(&call)
    }

    /// A call is over, and nothing more will be told of it.
    pub(crate) fn ended(&self, call: CallId, end: CallEnd) {
        if let Some(sender) = self.lock().remove(&call) {
            sender.send_replace(CallProgress::Ended(end));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<CallId, watch::Sender<CallProgress>>> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Orchestrator {
    /// How far the call is, from now on. The caller's own affair: whoever asks has placed it.
    pub fn call_progress(&self, call: CallId) -> watch::Receiver<CallProgress> {
        let live = self.live();
        let (sender, receiver) = watch::channel(progress_of(&live, call));
        if live.live_call(call).is_some() {
            self.inner.followers.lock().insert(call, sender);
        }
        receiver
    }

    pub(crate) fn call_progressed(&self, call: CallId) {
        if self.inner.followers.is_followed(call) {
            // The live state's lock comes first, here and above.
            let live = self.live();
            self.inner.followers.progressed(call, progress_of(&live, call));
        }
    }
}

fn progress_of(live: &LiveState, call: CallId) -> CallProgress {
    match live.live_call(call) {
        Some(it) if it.state.ended() => CallProgress::Ended(it.end.unwrap_or(CallEnd::Server)),
        Some(it) if it.state.answered_at().is_some() => CallProgress::Answered,
        Some(_) => CallProgress::Waiting,
        None => CallProgress::Ended(CallEnd::Server),
    }
}
