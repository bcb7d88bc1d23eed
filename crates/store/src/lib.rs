//! Durable facts: accounts, teams, queues, calls, conversations, chats, and who supervised what.
//!
//! SQLite (write-ahead log) in one file by default, PostgreSQL by URL; the same SQL text serves
//! both. Migrations are embedded and run when the store is opened. Passwords are hashed with
//! Argon2id on threads of their own. The store knows nothing of what is going on: live calls,
//! presence, guests and idempotency are the server's, and so is the meaning of a permission.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::Migrator;
use tokio::sync::Notify;

mod account;
mod admin;
mod audit;
mod change;
mod channel;
mod chat;
mod error;
mod help;
mod ids;
mod indexer;
mod interaction;
mod list;
mod message;
mod names;
mod note;
mod overview;
mod password;
mod provision;
mod record;
mod row;
mod search;
mod settings;
mod staff;
mod supervision;
mod team;
mod token;
mod words;

pub use account::{NewUser, Role, User};
pub use admin::{
    Account, AccountChange, NameRecord, QueueChange, QueueRecord, ReplyChange, ReplyRecord,
    WhisperRuleRecord,
};
pub use audit::{Act, AuditFilter, AuditRecord, Entitlement};
pub use change::{InteractionChange, Kept, LeftRecord};
pub use channel::{
    GivenUpRecord, OUTBOX_CONVERSATIONS_MAX, OutgoingEnd, OutgoingRecord, WaitingRecord,
};
pub use chat::{ChatMessageRecord, ChatRecord};
pub use error::StoreError;
pub use help::{HelpFilter, HelpRecord, HelpReportRow};
pub use ids::{QueueId, ReplyId, SkillId, TeamId, UserId};
pub use indexer::TERMS_PER_AUTHOR_PER_MINUTE;
pub use interaction::{EventRecord, InteractionRecord, MemberRecord, PlaceRecord};
pub use list::{InteractionFilter, SCOPE_QUEUES_MAX, SCOPE_RUNNING_MAX, Scope};
pub use message::{
    AttachmentRecord, AttachmentTotals, AttachmentUse, MessageRecord, TranscriptRecord,
};
pub use names::InteractionKind;
pub use note::NoteRecord;
pub use provision::{Provision, ProvisionedChange, ProvisionedQueue, ProvisionedUser};
pub use record::{CallRecord, PartyRecord};
pub use row::PAGE_ROWS_MAX;
pub use search::QUERY_TERMS_MAX;
pub use settings::QueueSettings;
pub use staff::StaffRecord;
pub use supervision::{SUPERVISION_ASKED, SupervisionRecord};
pub use team::{Agent, NewQueue, Queue, Team};
pub use words::{TERM_CHARS_MAX, TERMS_PER_TEXT_MAX};

/// Connections to the database at most.
pub const CONNECTIONS_MAX: u32 = 8;
/// How long a request waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// The database's file in the data directory.
pub const FILE_NAME: &str = "sotto.db";

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Where the facts are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// SQLite: the file `sotto.db` in this directory, which is made if it is missing.
    Directory(PathBuf),
    /// A database by URL: `postgres://…` or `sqlite://…`.
    Url(String),
}

/// The durable facts. Cheap to clone: clones share their connections.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    passwords: password::Passwords,
    /// A message was written whose words are to be indexed.
    indexing: Arc<Notify>,
}

impl Store {
    /// Opens the database and brings it to the newest version.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        let url = match location {
            Location::Directory(directory) => sqlite_url(directory)?,
            Location::Url(url) => url.clone(),
        };
        let is_sqlite = url.starts_with("sqlite:");
        if !is_sqlite && !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
            return Err(StoreError::UnknownDatabase);
        }
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if is_sqlite {
                        tune_sqlite(connection).await?;
                    }
                    Ok(())
                })
            })
            .connect(&url)
            .await?;
        MIGRATIONS.run(&pool).await?;
        Ok(Self { pool, passwords: password::Passwords::default(), indexing: Arc::default() })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Waits for what is being written, and closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// The write-ahead log lets readers read while one writes. `FULL` waits for the disk at each
/// commit: what was acknowledged survives a power cut.
async fn tune_sqlite(connection: &mut sqlx::AnyConnection) -> Result<(), sqlx::Error> {
    for pragma in [
        "PRAGMA busy_timeout = 5000",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
    ] {
        sqlx::query(pragma).execute(&mut *connection).await?;
    }
    Ok(())
}

fn sqlite_url(directory: &Path) -> Result<String, StoreError> {
    std::fs::create_dir_all(directory).map_err(StoreError::Directory)?;
    let file = directory.join(FILE_NAME);
    keep_private(&file).map_err(StoreError::Directory)?;
    let file = file.to_str().ok_or(StoreError::PathNotUtf8)?;
    // The driver decodes percent signs and takes a question mark for the end of the path.
    let file = file.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    Ok(format!("sqlite://{file}?mode=rwc"))
}

/// Password hashes and private messages are nobody's but the server's. SQLite gives the files beside
/// this one (`-wal`, `-shm`) the same mode.
fn keep_private(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        #[cfg(unix)]
        Ok(file) => {
            use std::os::unix::fs::PermissionsExt as _;
            file.set_permissions(std::fs::Permissions::from_mode(0o600))
        }
        #[cfg(not(unix))]
        Ok(_) => Ok(()),
        // Whether such a database can be used is SQLite's to say.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(error),
    }
}

/// The wall clock, Unix milliseconds.
/// The wall clock.
pub fn unix_now() -> ::interaction::UnixMs {
    ::interaction::UnixMs(now_ms().cast_unsigned())
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}
