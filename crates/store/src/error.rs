//! What can go wrong.

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The data directory could not be made.
    #[error("the data directory: {0}")]
    Directory(#[source] std::io::Error),
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
    /// A row holds something that this version does not know.
    #[error("the database holds an unknown {what}: {value:?}")]
    Unreadable {
        /// Which column.
        what: &'static str,
        /// What it holds.
        value: String,
    },
    /// Hashing failed: our parameters are wrong, or memory is short.
    #[error("hashing: {0}")]
    Hash(String),
    /// The migrations failed.
    #[error("migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
}

impl StoreError {
    /// Turns a violated UNIQUE into [`StoreError::Taken`].
    pub(crate) fn taken(error: sqlx::Error, what: &'static str) -> Self {
        match error.as_database_error() {
            Some(database) if database.is_unique_violation() => Self::Taken(what),
            _ => Self::Database(error),
        }
    }
}
