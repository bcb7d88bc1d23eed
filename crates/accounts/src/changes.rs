//! Whose rights have changed: a set of people to look at, never a queue of changes.
//!
//! A thousand changes of one account are one entry, so nothing can overflow and nothing can be
//! missed; the set is bounded by the accounts there are. Guests are never in it: their rights do not
//! change, and their sign-outs are looked up where they are kept. Each change raises the user's [`RightsVersion`], by which what was
//! read before is told from what holds now.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use interaction::{RightsVersion, UserId};
use tokio::sync::{Notify, watch};

/// The changes that nobody has looked at yet, and the versions of all.
#[derive(Debug)]
pub(super) struct Changes {
    state: Mutex<State>,
    /// Somebody is to look.
    wake: Notify,
    /// The number of the last change that was looked at.
    swept: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    /// Of accounts that have changed since the server began; the others' is 0.
    versions: HashMap<UserId, RightsVersion>,
    pending: BTreeSet<UserId>,
    /// Counts the changes.
    last: u64,
}

/// The changes of some time: whose, and how to say that they were looked at.
#[derive(Debug)]
pub struct Changed {
    /// Whose rights are to be compared with what they hold open.
    pub users: BTreeSet<UserId>,
    last: u64,
}

impl Default for Changes {
    fn default() -> Self {
        Self { state: Mutex::default(), wake: Notify::new(), swept: watch::Sender::new(0) }
    }
}

impl Changes {
    /// The version of a user's rights at this moment.
    pub(super) fn version(&self, user: UserId) -> RightsVersion {
        self.state().versions.get(&user).copied().unwrap_or_default()
    }

    /// A user's rights have changed: what was read before is refused from now on, and somebody looks.
    /// The number of the change, for [`Self::swept`].
    pub(super) fn raise(&self, user: UserId) -> u64 {
        let mut state = self.state();
        state.versions.entry(user).or_default().0 += 1;
        state.pending.insert(user);
        self.count(state)
    }

    /// A user is to be looked at again: it could not be done, or was seen to be needed.
    pub(super) fn look_again(&self, user: UserId) {
        let mut state = self.state();
        state.pending.insert(user);
        self.count(state);
    }

    fn count(&self, mut state: MutexGuard<'_, State>) -> u64 {
        state.last += 1;
        let last = state.last;
        drop(state);
        self.wake.notify_one();
        last
    }

    /// Waits until there is something to look at.
    pub(super) async fn next(&self) -> Changed {
        self.wake.notified().await;
        self.take()
    }

    fn take(&self) -> Changed {
        let mut state = self.state();
        Changed { users: std::mem::take(&mut state.pending), last: state.last }
    }

    /// All of it was looked at, and what was no longer allowed has ended.
    pub(super) fn done(&self, changed: &Changed) {
        self.swept.send_if_modified(|swept| {
            let later = changed.last > *swept;
            *swept = changed.last.max(*swept);
            later
        });
    }

    /// Waits until the change of this number was looked at, but no longer than `patience`.
    pub(super) async fn swept(&self, number: u64, patience: Duration) -> bool {
        let mut swept = self.swept.subscribe();
        let wait = swept.wait_for(|swept| *swept >= number);
        tokio::time::timeout(patience, wait).await.is_ok_and(|waited| waited.is_ok())
    }

    /// Each change is whole before anything can panic.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn many_changes_of_one_user_are_one_and_none_is_missed() {
        let changes = Changes::default();
        for _ in 0..10_000 {
            changes.raise(UserId(1));
        }
        let last = changes.raise(UserId(2));
        let changed = changes.next().await;
        assert_eq!(changed.users, BTreeSet::from([UserId(1), UserId(2)]));
        assert_eq!(changes.version(UserId(1)), RightsVersion(10_000));
        assert!(!changes.swept(last, Duration::ZERO).await, "nobody has said so yet");
        changes.done(&changed);
        assert!(changes.swept(last, Duration::ZERO).await);
        // What comes while somebody looks is for the next time.
        let later = changes.raise(UserId(1));
        assert!(!changes.swept(later, Duration::ZERO).await);
        assert_eq!(changes.next().await.users, BTreeSet::from([UserId(1)]));
    }
}
