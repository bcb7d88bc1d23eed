//! Connections to the database: some that read, and apart from them those that change something.
//!
//! Whoever reads waits for nobody who writes. SQLite lets one write at a time, so there is one
//! connection for it, for which changes queue in the order in which they came.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool, Connection as _, Executor as _};

use crate::{Outage, StoreError};

/// Connections that read, at most.
const READS_MAX: u32 = 7;
/// Connections that change something, at most, of PostgreSQL.
const WRITES_MAX: u32 = 4;
/// How long a request waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long it counts that the database was found to be locked: who queued behind whoever found that
/// out, which took its time, is told without trying it.
const LOCKED: Duration = Duration::from_millis(500);

/// What is known of attempts that failed.
#[derive(Clone, Debug, Default)]
pub(crate) struct NotConnected(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// Why the last attempt to connect failed: a pool tries again until its time is over, and then
    /// says only that.
    last: Option<Outage>,
    /// When somebody else held the database for too long.
    locked_at: Option<Instant>,
}

impl NotConnected {
    /// Somebody else has held the database for too long.
    pub(crate) fn note_locked(&self) {
        self.known().locked_at = Some(Instant::now());
    }

    /// Whether that was a moment ago.
    pub(crate) fn is_locked(&self) -> bool {
        self.known().locked_at.is_some_and(|at| at.elapsed() < LOCKED)
    }

    /// Why there was no connection for a change in time.
    pub(crate) fn why(&self, is_sqlite: bool) -> StoreError {
        let last = self.known().last.take();
        match last {
            Some(outage) => StoreError::NotConnected(outage),
            // SQLite's one connection is there: others had it.
            None if is_sqlite => StoreError::NotConnected(Outage::Locked),
            None => StoreError::NotConnected(Outage::Unreachable),
        }
    }

    fn note(&self, tuned: &Result<(), sqlx::Error>) {
        self.known().last = tuned.as_ref().err().and_then(Outage::of);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks whether the database can be used at all, and says why not, which a pool does not.
pub(crate) async fn prepare(url: &str, is_sqlite: bool) -> Result<(), StoreError> {
    let mut connection = AnyConnection::connect(url).await?;
    if is_sqlite {
        // Readers read while one writes. The file remembers it.
        connection.execute("PRAGMA journal_mode = WAL").await?;
    }
    connection.close().await?;
    Ok(())
}

/// The connections that change something.
pub(crate) async fn writes(
    url: &str,
    is_sqlite: bool,
    not_connected: &NotConnected,
) -> Result<AnyPool, StoreError> {
    // FULL waits for the disk at each commit: what was acknowledged survives a power cut.
    let tuning: &[&str] = match is_sqlite {
        true => {
            &["PRAGMA busy_timeout = 2000", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON"]
        }
        false => &["SET lock_timeout = 2000"],
    };
    let max = if is_sqlite { 1 } else { WRITES_MAX };
    let options = options(max, tuning, not_connected).after_release(move |connection, _| {
        Box::pin(async move {
            // Never happens: whoever left a transaction open has closed its connection. If it does,
            // what is committed on it later would be kept nowhere.
            let is_within = is_sqlite && connection.execute("ROLLBACK").await.is_ok();
            if is_within {
                tracing::error!("a change was left open: its connection is closed");
            }
            Ok(!is_within)
        })
    });
    Ok(options.connect(url).await?)
}

/// The connections that read.
pub(crate) async fn reads(
    url: &str,
    is_sqlite: bool,
    not_connected: &NotConnected,
) -> Result<AnyPool, StoreError> {
    let tuning: &[&str] = match is_sqlite {
        // The question opens the write-ahead log, which stays for as long as somebody has it open.
        true => &[
            "PRAGMA busy_timeout = 2000",
            "PRAGMA query_only = ON",
            "SELECT COUNT(*) FROM sqlite_master",
        ],
        false => &["SET default_transaction_read_only = on"],
    };
    // One always stays: SQLite's last connection takes the write-ahead log with it when it closes,
    // and a full disk has no room for another.
    let options = options(READS_MAX, tuning, not_connected)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None);
    Ok(options.connect(url).await?)
}

fn options(
    max: u32,
    tuning: &'static [&'static str],
    not_connected: &NotConnected,
) -> AnyPoolOptions {
    let not_connected = not_connected.clone();
    AnyPoolOptions::new().max_connections(max).acquire_timeout(ACQUIRE_TIMEOUT).after_connect(
        move |connection, _| {
            let not_connected = not_connected.clone();
            Box::pin(async move {
                let tuned = async {
                    for statement in tuning {
                        connection.execute(*statement).await?;
                    }
                    Ok(())
                };
                let tuned = tuned.await;
                not_connected.note(&tuned);
                tuned
            })
        },
    )
}
