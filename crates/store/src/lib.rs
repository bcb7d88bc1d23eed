//! Durable facts: accounts, teams, queues, calls, conversations, chats, and who supervised what.
//!
//! SQLite (write-ahead log) in one file by default, PostgreSQL by URL; the same SQL text serves
//! both. Migrations are embedded and run when the store is opened. Passwords are hashed with
//! Argon2id on threads of their own. The store knows nothing of what is going on: live calls,
//! presence, guests and idempotency are the server's, and so is the meaning of a permission.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::AnyPool;
use tokio::sync::Notify;

mod account;
mod admin;
mod agent_offer;
mod audit;
mod call_facts;
mod change;
mod channel;
mod chat;
mod connections;
mod error;
mod help;
mod ids;
mod indexer;
mod interaction;
mod list;
mod message;
mod migrations;
mod names;
mod note;
mod outage;
mod overview;
mod password;
mod probe;
mod provision;
mod ready;
mod record;
mod row;
mod search;
mod settings;
mod sign_in;
mod staff;
mod supervision;
mod team;
mod token;
mod words;
mod wrap_up;
mod write;

pub use account::{NewUser, Role, User};
pub use admin::{
    Account, AccountChange, NameRecord, QueueChange, QueueRecord, ReplyChange, ReplyRecord,
    WhisperRuleRecord,
};
pub use agent_offer::{AgentOfferRecord, OfferOutcome};
pub use audit::{Act, AuditFilter, AuditRecord, Entitlement};
pub use call_facts::{AgentTime, CallFacts, HeldChange};
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
pub use outage::Outage;
pub use probe::{Probe, probe};
pub use provision::{Provision, ProvisionedChange, ProvisionedQueue, ProvisionedUser};
pub use record::{CallRecord, PartyRecord};
pub use row::PAGE_ROWS_MAX;
pub use search::QUERY_TERMS_MAX;
pub use settings::{QueueSettings, ServiceGoal, SignThresholds};
pub use sign_in::SignInRecord;
pub use staff::StaffRecord;
pub use supervision::{SUPERVISION_ASKED, SupervisedRecord, SupervisionEntry, SupervisionRecord};
pub use team::{Agent, NewQueue, Queue, Team};
pub use words::{TERM_CHARS_MAX, TERMS_PER_TEXT_MAX};
pub use wrap_up::WrapUpRecord;

/// The database's file in the data directory.
pub const FILE_NAME: &str = "sotto.db";

use connections::NotConnected;
use migrations::MIGRATIONS;
use ready::Readiness;

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
    /// For questions alone.
    reads: AnyPool,
    /// For changes alone; see [`write`].
    writes: AnyPool,
    is_sqlite: bool,
    not_connected: NotConnected,
    readiness: Arc<Readiness>,
    passwords: password::Passwords,
    /// A message was written whose words are to be indexed.
    indexing: Arc<Notify>,
}

impl Store {
    /// Opens the database and brings it to the newest version.
    ///
    /// # Errors
    /// The directory or the database can't be used, for the reason that is named.
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
        connections::prepare(&url, is_sqlite).await?;
        let not_connected = NotConnected::default();
        let writes = connections::writes(&url, is_sqlite, &not_connected).await?;
        MIGRATIONS.run(&writes).await?;
        let reads = connections::reads(&url, is_sqlite, &not_connected).await?;
        let (readiness, indexing) = (Arc::default(), Arc::default());
        let passwords = password::Passwords::default();
        Ok(Self { reads, writes, is_sqlite, not_connected, readiness, passwords, indexing })
    }

    /// Waits for what is being written, and closes the connections.
    pub async fn close(&self) {
        self.writes.close().await;
        self.reads.close().await;
    }
}

fn sqlite_url(directory: &Path) -> Result<String, StoreError> {
    let unusable = |error| StoreError::Directory { path: directory.to_owned(), error };
    std::fs::create_dir_all(directory).map_err(unusable)?;
    // SQLite makes files beside its own, and says little when it can't.
    tempfile::tempfile_in(directory).map_err(unusable)?;
    let file = directory.join(FILE_NAME);
    keep_private(&file).map_err(unusable)?;
    Ok(format!("{}?mode=rwc", file_url(&file)?))
}

/// A file as the driver names it.
fn file_url(file: &Path) -> Result<String, StoreError> {
    let file = file.to_str().ok_or(StoreError::PathNotUtf8)?;
    // The driver decodes percent signs and takes a question mark for the end of the path.
    let file = file.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    Ok(format!("sqlite://{file}"))
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

/// The wall clock.
pub fn unix_now() -> ::interaction::UnixMs {
    ::interaction::UnixMs(now_ms().cast_unsigned())
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}
