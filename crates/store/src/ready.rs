//! Whether what happens can be written down: found out by writing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::ids::row_id;
use crate::{Outage, Store, StoreError, now_ms};

/// How long one look counts.
const FRESH: Duration = Duration::from_secs(1);
/// How long a look may take before it is answered that the database is too slow.
const PATIENCE: Duration = Duration::from_secs(2);
/// Characters that are written: more than one message takes, with its words.
const FILLER_CHARS: usize = 64 << 10;

/// The last look.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    state: Mutex<State>,
    /// Counts the looks that are done.
    done: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    is_looking: bool,
    last: Option<(Instant, Result<(), Outage>)>,
}

impl Store {
    /// Writes something and says whether it was kept, and if not, why; bounded in time. However many
    /// ask, it is looked at most once a second.
    ///
    /// # Errors
    /// What keeps it from being written.
    pub async fn check_writable(&self) -> Result<(), Outage> {
        let mut done = self.readiness.done.subscribe();
        {
            let mut state = self.readiness.state();
            match state.last {
                Some((at, found)) if at.elapsed() < FRESH => return found,
                Some(_) | None => {}
            }
            if !state.is_looking {
                state.is_looking = true;
                tokio::spawn(look(self.clone()));
            }
        }
        match tokio::time::timeout(PATIENCE, done.changed()).await {
            Ok(_) => self.readiness.state().last.map_or(Ok(()), |(_, found)| found),
            Err(_) => Err(Outage::TooSlow),
        }
    }

    async fn write_probe(&self) -> Result<(), StoreError> {
        let id = row_id();
        let mut transaction = self.begin().await?;
        // First the new one, so that it does not take the old one's place.
        sqlx::query("INSERT INTO write_probe (id, at, filler) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(now_ms())
            .bind("x".repeat(FILLER_CHARS))
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM write_probe WHERE id <> $1")
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }
}

impl Readiness {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task of its own: whoever asks and goes away cuts no change off.
async fn look(store: Store) {
    let found = store.write_probe().await;
    // An error that is no outage is a mistake of ours, and nothing is kept either way.
    let found = found.map_err(|error| error.outage().unwrap_or(Outage::Unreachable));
    let readiness: &Arc<Readiness> = &store.readiness;
    *readiness.state() = State { is_looking: false, last: Some((Instant::now(), found)) };
    readiness.done.send_modify(|count| *count += 1);
}
