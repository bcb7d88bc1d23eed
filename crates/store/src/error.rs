//! What can go wrong.

use sqlx::migrate::MigrateError;

use crate::Outage;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The data directory could not be made, or nothing can be written in it.
    #[error("the data directory {} can't be written: {error}", path.display())]
    Directory {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The data directory's path is not UTF-8.
    #[error("the data directory's path is not UTF-8")]
    PathNotUtf8,
    /// The URL names a database that is not served.
    #[error("unknown database: allowed are postgres://… and sqlite://…")]
    UnknownDatabase,
    /// A username, queue key or team name is taken.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// What was to be changed is not there.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// Somebody else has changed or deleted it since it was read.
    #[error("it has changed meanwhile")]
    Stale,
    /// It can't be deleted while something else refers to it.
    #[error("it is in use")]
    InUse,
    /// Who changes it may not, or no longer: signed out, switched off, or the permission taken.
    #[error("the actor may not make this change, or no longer")]
    NotEntitled,
    /// Nobody who is not switched off would hold the permission any more.
    #[error("nobody would hold the permission any more")]
    LastHolder,
    /// A row holds something that this version does not know.
    #[error("the database holds an unknown {what}: {value:?}")]
    Unreadable {
        /// Which column.
        what: &'static str,
        /// What it holds.
        value: String,
    },
    /// As many passwords as may wait to be looked at do so already.
    #[error("too many passwords are being looked at")]
    HashingBusy,
    /// Hashing failed: our parameters are wrong, or memory is short.
    #[error("hashing: {0}")]
    Hash(String),
    /// There was no connection in time.
    #[error("no connection to the database: {0}")]
    NotConnected(Outage),
    /// The migrations failed.
    #[error("migration: {0}")]
    Migrate(#[from] MigrateError),
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
}

impl StoreError {
    /// Why the database failed; `None`: the question or a row did, and asked again it would fail the
    /// same way.
    pub fn outage(&self) -> Option<Outage> {
        match self {
            Self::Directory { error, .. } => Some(Outage::of_io(error)),
            Self::NotConnected(outage) => Some(*outage),
            Self::Database(error) | Self::Migrate(MigrateError::Execute(error)) => {
                Outage::of(error)
            }
            Self::PathNotUtf8
            | Self::UnknownDatabase
            | Self::Taken(_)
            | Self::Missing(_)
            | Self::Stale
            | Self::InUse
            | Self::NotEntitled
            | Self::LastHolder
            | Self::Unreadable { .. }
            | Self::Hash(_)
            | Self::HashingBusy
            | Self::Migrate(_) => None,
        }
    }

    /// Turns a violated UNIQUE into [`StoreError::Taken`].
    pub(crate) fn taken(error: sqlx::Error, what: &'static str) -> Self {
        match error.as_database_error() {
            Some(database) if database.is_unique_violation() => Self::Taken(what),
            _ => Self::Database(error),
        }
    }

    /// Turns a violated reference into [`StoreError::Missing`].
    pub(crate) fn missing(error: sqlx::Error, what: &'static str) -> Self {
        Self::Database(error).or_missing(what)
    }

    /// The same of an error that is one of ours already.
    pub(crate) fn or_missing(self, what: &'static str) -> Self {
        if self.is_reference() { Self::Missing(what) } else { self }
    }

    /// Turns a violated UNIQUE, if this is one, into [`StoreError::Taken`].
    pub(crate) fn or_taken(self, what: &'static str) -> Self {
        match self {
            Self::Database(error) => Self::taken(error, what),
            other => other,
        }
    }

    /// Turns the violated reference of a deletion into [`StoreError::InUse`].
    pub(crate) fn or_in_use(self) -> Self {
        if self.is_reference() { Self::InUse } else { self }
    }

    fn is_reference(&self) -> bool {
        let Self::Database(error) = self else { return false };
        error.as_database_error().is_some_and(|error| error.is_foreign_key_violation())
    }
}
