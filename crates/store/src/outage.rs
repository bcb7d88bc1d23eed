//! Why a database can't do its work now.

use std::io;

use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;

/// Why the database can't read or write now. None of these is the question's fault: asked again
/// later, it may work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Outage {
    /// There is no room left.
    #[error("the disk is full")]
    DiskFull,
    /// Somebody else holds it, or holds what is to be changed.
    #[error("the database is locked")]
    Locked,
    /// It may not be written: a file's mode, a file system or a replica that can only be read.
    #[error("the database is read-only")]
    ReadOnly,
    /// Its files are not what they should be.
    #[error("the database is damaged")]
    Damaged,
    /// It did not answer in time.
    #[error("the database is too slow")]
    TooSlow,
    /// It is not there, has no connection left, or its disk fails.
    #[error("the database does not answer")]
    Unreachable,
}

impl Outage {
    /// The outage that an error of the driver's tells of; `None`: the question was wrong.
    pub(crate) fn of(error: &sqlx::Error) -> Option<Self> {
        use sqlx::Error;
        match error {
            Error::Database(error) => of_database(error.as_ref()),
            Error::Io(error) => Some(Self::of_io(error)),
            Error::Tls(_)
            | Error::Protocol(_)
            | Error::PoolTimedOut
            | Error::PoolClosed
            | Error::WorkerCrashed
            | Error::BeginFailed => Some(Self::Unreachable),
            // Our question, our rows, our types: the same question fails the same way. The driver
            // may have more of them one day, which is why it says that there may be others.
            _ => None,
        }
    }

    /// The outage that an error of the operating system's tells of.
    pub fn of_io(error: &io::Error) -> Self {
        use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match error.kind() {
            StorageFull | QuotaExceeded => Self::DiskFull,
            ReadOnlyFilesystem | PermissionDenied => Self::ReadOnly,
            _ => Self::Unreachable,
        }
    }
}

fn of_database(error: &dyn DatabaseError) -> Option<Outage> {
    let code = error.code()?;
    if error.try_downcast_ref::<PgDatabaseError>().is_some() {
        return of_postgres(&code);
    }
    // Extended codes have the primary one in their lowest byte: sqlite.org/rescode.html.
    of_sqlite(code.parse::<u32>().ok()? & 0xff)
}

fn of_sqlite(primary: u32) -> Option<Outage> {
    match primary {
        // BUSY, LOCKED
        5 | 6 => Some(Outage::Locked),
        // PERM, READONLY
        3 | 8 => Some(Outage::ReadOnly),
        // FULL
        13 => Some(Outage::DiskFull),
        // CORRUPT, NOTADB
        11 | 26 => Some(Outage::Damaged),
        // ABORT, NOMEM, INTERRUPT, IOERR, CANTOPEN, PROTOCOL
        4 | 7 | 9 | 10 | 14 | 15 => Some(Outage::Unreachable),
        _ => None,
    }
}

/// By SQLSTATE: PostgreSQL's manual, appendix A.
fn of_postgres(code: &str) -> Option<Outage> {
    match code {
        "53100" => Some(Outage::DiskFull),
        // lock_not_available, deadlock_detected, serialization_failure, query_canceled
        "55P03" | "40P01" | "40001" | "57014" => Some(Outage::Locked),
        "25006" => Some(Outage::ReadOnly),
        "XX001" | "XX002" => Some(Outage::Damaged),
        // Connections, resources, the operator's intervention, the system.
        _ => {
            let class = code.get(..2)?;
            ["08", "53", "57", "58"].contains(&class).then_some(Outage::Unreachable)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_true_cause_is_named() {
        assert_eq!(of_sqlite(13), Some(Outage::DiskFull));
        assert_eq!(of_sqlite(517 & 0xff), Some(Outage::Locked), "SQLITE_BUSY_SNAPSHOT");
        assert_eq!(of_sqlite(1), None, "a wrong question");
        assert_eq!(of_sqlite(2067 & 0xff), None, "a violated UNIQUE");
        assert_eq!(of_postgres("53100"), Some(Outage::DiskFull));
        assert_eq!(of_postgres("57P01"), Some(Outage::Unreachable));
        assert_eq!(of_postgres("23505"), None, "a violated UNIQUE");
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert_eq!(Outage::of(&sqlx::Error::Io(full)), Some(Outage::DiskFull));
        assert_eq!(Outage::of(&sqlx::Error::RowNotFound), None);
    }
}
