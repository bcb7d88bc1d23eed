//! The one road by which anything is changed.
//!
//! A change is a transaction of a connection that only changes go by. What is not committed is not
//! there: a transaction that is dropped, in the middle of anything, takes its connection with it, so
//! that none ever comes back to the pool within a transaction, where a later commit would keep
//! nothing.

use std::ops::{Deref, DerefMut};

use sqlx::any::AnyArguments;
use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, Executor as _};

use crate::{Outage, Store, StoreError};

/// A change that has begun, and whose turn it is.
pub(crate) struct Write {
    connection: PoolConnection<Any>,
    is_open: bool,
}

impl Store {
    /// Begins a change, once those before it are done.
    ///
    /// # Errors
    /// [`StoreError::NotConnected`], also if those before it take too long.
    pub(crate) async fn begin(&self) -> Result<Write, StoreError> {
        let connection = match self.writes.acquire().await {
            Ok(connection) => connection,
            Err(sqlx::Error::PoolTimedOut) => return Err(self.not_connected.why(self.is_sqlite)),
            Err(error) => return Err(error.into()),
        };
        if self.not_connected.is_locked() {
            return Err(StoreError::NotConnected(Outage::Locked));
        }
        // From here on: one whose beginning is not known to have failed may have begun.
        let mut write = Write { connection, is_open: true };
        // SQLite: it waits for another process's change here, and for none later.
        let begin = if self.is_sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
        if let Err(error) = write.connection.execute(begin).await {
            let error = StoreError::from(error);
            if error.outage() == Some(Outage::Locked) {
                self.not_connected.note_locked();
            }
            return Err(error);
        }
        Ok(write)
    }

    /// Carries out one statement that changes something; how many rows it changed.
    pub(crate) async fn execute(
        &self,
        statement: Query<'_, Any, AnyArguments>,
    ) -> Result<u64, StoreError> {
        let mut write = self.begin().await?;
        match statement.execute(&mut *write).await {
            Ok(done) => {
                write.commit().await?;
                Ok(done.rows_affected())
            }
            Err(error) => Err(write.abandon(error.into()).await),
        }
    }
}

impl Write {
    /// Keeps the change: it is on the disk when this returns.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        self.connection.execute("COMMIT").await?;
        self.is_open = false;
        Ok(())
    }

    /// Gives the change up for an error of one of its statements. If the database is well, its
    /// connection is used on.
    pub(crate) async fn abandon(mut self, error: StoreError) -> StoreError {
        if error.outage().is_none() {
            self.is_open = self.connection.execute("ROLLBACK").await.is_err();
        }
        error
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        if self.is_open {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Write {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.connection
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }
}
