//! How far a call is, for whoever waits for one: a telephone line has no event stream.
//!
//! What is told here is what the caller hears anyway: it waits, it is answered, it is over. Nothing of it
//! depends on who supervises.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use control_plane::{CallEnd, LiveState};
use interaction::{CallId, StationId, UserId};

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

/// Who waits for which call: its caller's line, and the lines of agents who are on it.
#[derive(Debug, Default)]
pub(crate) struct Followers {
    senders: Mutex<HashMap<CallId, watch::Sender<CallProgress>>>,
    legs: Mutex<HashMap<CallId, Vec<LegFollower>>>,
}

/// Who waits until a leg of a user's, carried by this station, is over.
#[derive(Debug)]
struct LegFollower {
    user: UserId,
    station: StationId,
    is_over: watch::Sender<bool>,
}

impl LegFollower {
    fn is_on(&self, live: &LiveState, call: CallId) -> bool {
        let state = live.live_call(call).map(|it| &it.state);
        state.is_some_and(|it| !it.ended() && it.leg_of(self.user).is_some())
    }
}

impl Followers {
    /// One more who waits for this call, which is so far.
    fn follow(&self, call: CallId, progress: CallProgress) -> watch::Receiver<CallProgress> {
        self.lock().entry(call).or_insert_with(|| watch::Sender::new(progress)).subscribe()
    }

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
        for leg in self.legs().remove(&call).into_iter().flatten() {
            leg.is_over.send_replace(true);
        }
    }

    /// Who waits for legs of this call learns of those that are over.
    fn legs_progressed(&self, live: &LiveState, call: CallId) {
        self.end_legs(call, |leg| !leg.is_on(live, call));
    }

    /// A leg goes on at another station: the line that carried it is free.
    pub(crate) fn leg_moved(&self, call: CallId, user: UserId, station: StationId) {
        self.end_legs(call, |leg| leg.user == user && leg.station != station);
    }

    fn end_legs(&self, call: CallId, is_over: impl Fn(&LegFollower) -> bool) {
        let mut legs = self.legs();
        let Some(of_call) = legs.get_mut(&call) else { return };
        of_call.retain(|leg| {
            let is_over = is_over(leg);
            if is_over {
                leg.is_over.send_replace(true);
            }
            !is_over && !leg.is_over.is_closed()
        });
        if of_call.is_empty() {
            legs.remove(&call);
        }
    }

    fn legs(&self) -> std::sync::MutexGuard<'_, HashMap<CallId, Vec<LegFollower>>> {
        self.legs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<CallId, watch::Sender<CallProgress>>> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Orchestrator {
    /// How far the call is, from now on. The caller's own affair: whoever asks has placed it.
    pub fn call_progress(&self, call: CallId) -> watch::Receiver<CallProgress> {
        let live = self.live();
        let progress = progress_of(&live, call);
        match live.live_call(call) {
            Some(_) => self.inner.followers.follow(call, progress),
            // Nothing more will be told of it.
            None => watch::channel(progress).1,
        }
    }

    /// Becomes `true` once the user's leg on this call is over, or another station carries it: for whoever holds
    /// the line of an agent's telephone.
    pub fn leg_is_over(
        &self,
        call: CallId,
        user: UserId,
        station: StationId,
    ) -> watch::Receiver<bool> {
        let live = self.live();
        let (is_over, receiver) = watch::channel(false);
        let follower = LegFollower { user, station, is_over };
        if follower.is_on(&live, call) {
            self.inner.followers.legs().entry(call).or_default().push(follower);
        } else {
            follower.is_over.send_replace(true);
        }
        receiver
    }

    pub(crate) fn call_progressed(&self, call: CallId) {
        if self.inner.followers.legs().contains_key(&call) {
            let live = self.live();
            self.inner.followers.legs_progressed(&live, call);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: CallId = CallId(7);

    #[test]
    fn all_who_wait_for_a_call_are_told() {
        let followers = Followers::default();
        let first = followers.follow(CALL, CallProgress::Waiting);
        let second = followers.follow(CALL, CallProgress::Waiting);
        followers.progressed(CALL, CallProgress::Answered);
        for receiver in [&first, &second] {
            assert_eq!(*receiver.borrow(), CallProgress::Answered);
        }
        drop(second);
        assert!(followers.is_followed(CALL), "the first one still waits");
        followers.ended(CALL, CallEnd::Server);
        assert_eq!(*first.borrow(), CallProgress::Ended(CallEnd::Server));
        assert!(!followers.is_followed(CALL));
    }
}
