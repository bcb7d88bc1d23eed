//! Looks at a database without changing it: for whoever wants to know before a server starts.

use std::collections::BTreeSet;

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions, Connection, Row};

use crate::migrations::MIGRATIONS;
use crate::{FILE_NAME, Location, StoreError, file_url};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// There is no file yet.
    Missing,
    /// It answers, can be written to, and no server has used it yet.
    Empty,
    /// It answers, but nothing can be written; why.
    ReadOnly(String),
    /// It answers, and can be written to.
    Writable {
        /// Migrations that this version has and the database has not seen.
        pending: usize,
        /// The database has seen migrations that this version does not have.
        newer: bool,
    },
}

/// Looks at the database at `location`, and leaves it as it is.
///
/// # Errors
/// It does not answer.
pub async fn probe(location: &Location) -> Result<Probe, StoreError> {
    let url = match location {
        Location::Directory(directory) => {
            let file = directory.join(FILE_NAME);
            if !file.exists() {
                return Ok(Probe::Missing);
            }
            // What is missing is not made.
            format!("{}?mode=rw", file_url(&file)?)
        }
        Location::Url(url) => url.clone(),
    };
    sqlx::any::install_default_drivers();
    let is_sqlite = url.starts_with("sqlite:");
    let options: AnyConnectOptions = url.parse()?;
    let mut connection = options.connect().await?;
    let found = look(&mut connection, is_sqlite).await;
    connection.close().await?;
    found
}

async fn look(connection: &mut AnyConnection, is_sqlite: bool) -> Result<Probe, StoreError> {
    sqlx::query("SELECT 1").execute(&mut *connection).await?;
    if let Err(error) = write_nothing(connection, is_sqlite).await {
        return Ok(Probe::ReadOnly(error.to_string()));
    }
    let seen =
        sqlx::query("SELECT version FROM _sqlx_migrations").fetch_all(&mut *connection).await;
    // A database that nobody has used has no such table.
    let seen = seen.unwrap_or_default();
    let seen: BTreeSet<i64> =
        seen.iter().map(|row| row.try_get("version")).collect::<Result<_, _>>()?;
    if seen.is_empty() {
        return Ok(Probe::Empty);
    }
    let known: BTreeSet<i64> = MIGRATIONS.iter().map(|it| it.version).collect();
    Ok(Probe::Writable {
        pending: known.difference(&seen).count(),
        newer: seen.difference(&known).next().is_some(),
    })
}

/// Takes the right to write, and gives it back.
async fn write_nothing(connection: &mut AnyConnection, is_sqlite: bool) -> Result<(), sqlx::Error> {
    let begin = if is_sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
    sqlx::query(begin).execute(&mut *connection).await?;
    let table = "CREATE TABLE sotto_doctor (x INTEGER)";
    let written = sqlx::query(table).execute(&mut *connection).await.map(drop);
    sqlx::query("ROLLBACK").execute(&mut *connection).await?;
    written
}
