//! Sign-outs on their way to the disk: each is tried until it is kept.
//!
//! A sign-out counts at once, in memory; what is here is only what a restart would forget. Those that
//! wait are written together, in one transaction.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use store::Outage;
use tokio::sync::{Notify, watch};

use super::Error;

/// Sign-outs of guests that may wait to be kept while the database can't be written; accounts' are
/// not bounded but by the sign-ins that were made.
pub(super) const GUESTS_WAITING_MAX: usize = 10_000;
/// Pause between two attempts.
const RETRY: Duration = Duration::from_secs(1);

/// The sign-outs that are not kept yet.
#[derive(Debug)]
pub(super) struct SignOuts {
    waiting: Mutex<Waiting>,
    wake: Notify,
    kept: watch::Sender<Kept>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Until when each matters, Unix ms, by its key in the store.
    tokens: BTreeMap<String, u64>,
    /// How many were ever added.
    last: u64,
}

/// How far the writing got.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    /// All sign-outs up to this one are kept.
    up_to: u64,
    /// The last attempt failed, and it would have kept those up to this one.
    failed_up_to: u64,
    /// Why.
    outage: Option<Outage>,
}

impl Default for SignOuts {
    fn default() -> Self {
        Self { waiting: Mutex::default(), wake: Notify::new(), kept: watch::Sender::default() }
    }
}

impl SignOuts {
    /// Adds a sign-out and waits for the first attempt to keep it.
    ///
    /// # Errors
    /// [`Error::SignOutNotKept`]: it is tried again until it is kept. A guest's is given up if too
    /// many wait.
    pub(super) async fn keep(
        &self,
        key: String,
        expires_at: u64,
        guest: bool,
    ) -> Result<(), Error> {
        let mut kept = self.kept.subscribe();
        let number = {
            let mut waiting = self.waiting();
            if guest && waiting.tokens.len() >= GUESTS_WAITING_MAX {
                return Err(Error::SignOutNotKept(Outage::TooSlow));
            }
            waiting.tokens.insert(key, expires_at);
            waiting.last += 1;
            waiting.last
        };
        self.wake.notify_one();
        let tried = kept.wait_for(|it| it.up_to >= number || it.failed_up_to >= number).await;
        match tried {
            Ok(kept) if kept.up_to >= number => Ok(()),
            Ok(kept) => Err(Error::SignOutNotKept(kept.outage.unwrap_or(Outage::Unreachable))),
            Err(_) => Err(Error::SignOutNotKept(Outage::Unreachable)),
        }
    }

    /// Writes what waits, for as long as the server runs.
    pub(super) async fn write(&self, store: &store::Store) {
        loop {
            self.wake.notified().await;
            while !self.write_once(store).await {
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    /// Waits until the sign-outs so far are kept.
    pub(super) async fn written(&self) {
        let last = self.waiting().last;
        let mut kept = self.kept.subscribe();
        // Without a writer nothing more is written.
        let _ = kept.wait_for(|it| it.up_to >= last).await;
    }

    /// Whether nothing is left that could not be kept.
    async fn write_once(&self, store: &store::Store) -> bool {
        let (batch, last) = {
            let waiting = self.waiting();
            let batch: Vec<(String, u64)> =
                waiting.tokens.iter().map(|(key, at)| (key.clone(), *at)).collect();
            (batch, waiting.last)
        };
        if batch.is_empty() {
            return true;
        }
        match store.revoke_tokens(&batch).await {
            Ok(()) => {
                let mut waiting = self.waiting();
                for (key, _) in &batch {
                    waiting.tokens.remove(key);
                }
                drop(waiting);
                self.kept.send_modify(|kept| kept.up_to = last);
                true
            }
            Err(error) => {
                tracing::error!(%error, sign_outs = batch.len(), "sign-outs could not be kept yet");
                metrics::counter!("sotto_sign_outs_retried_total").increment(1);
                self.kept.send_modify(|kept| {
                    kept.failed_up_to = last;
                    kept.outage = error.outage();
                });
                false
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn what_could_not_be_kept_is_tried_until_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let location = store::Location::Directory(directory.path().to_owned());
        let store = store::Store::open(&location).await.unwrap();
        let sign_outs = Arc::new(SignOuts::default());
        // A database that can't be written now: closed.
        let closed = store::Store::open(&location).await.unwrap();
        closed.close().await;
        let writer = tokio::spawn({
            let sign_outs = sign_outs.clone();
            async move { sign_outs.write(&closed).await }
        });
        let refused = sign_outs.keep("a".to_owned(), 5, false).await;
        assert!(matches!(refused, Err(Error::SignOutNotKept(_))), "the answer says what is true");
        writer.abort();
        // It can be written again: what waited is kept, with what comes.
        let writing = sign_outs.clone();
        let open = store.clone();
        tokio::spawn(async move { writing.write(&open).await });
        sign_outs.keep("b".to_owned(), 6, true).await.unwrap();
        let mut kept = store.revoked_tokens().await.unwrap();
        kept.sort();
        assert_eq!(kept, [("a".to_owned(), 5), ("b".to_owned(), 6)]);
        assert!(sign_outs.waiting().tokens.is_empty());
    }

    #[tokio::test]
    async fn guests_do_not_fill_the_memory() {
        let sign_outs = SignOuts::default();
        let many = (0..GUESTS_WAITING_MAX).map(|id| (id.to_string(), 1));
        sign_outs.waiting().tokens = many.collect();
        assert!(sign_outs.keep("guest".to_owned(), 1, true).await.is_err());
        assert_eq!(sign_outs.waiting().tokens.len(), GUESTS_WAITING_MAX);
    }
}
