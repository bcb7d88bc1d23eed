//! The audit log of supervision: nothing is heard before it is written that somebody asks to hear it.
//!
//! Who asks is written first, and only once that is on the disk the call's worker is asked; what came
//! of it follows. Refused attempts of staff are kept like granted ones. Attempts of people who are no
//! staff are counted and limited, and never kept, so that nobody can push real entries out. A log
//! that can't be written refuses new supervision; what goes on goes on, and the way back to Listen and
//! out stays open: it is written as soon as that is possible.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use interaction::{AccountRole, ModeKind, User, UserId};
use store::{Outage, SUPERVISION_ASKED, SupervisionRecord};
use tokio::sync::{mpsc, oneshot};

use super::error::NotBegun;
use super::{Orchestrator, mode_name};
use accounts::unix_now;

/// Entries that may wait to be written. Who asks and finds no room is refused; what has happened and
/// finds none is lost, counted and logged.
pub const BACKLOG_MAX: usize = 4_096;
/// Entries that are written in one transaction.
const BATCH_MAX: usize = 256;
/// Pause between two attempts to write what has happened.
const RETRY: Duration = Duration::from_millis(500);
/// How long somebody who asks waits for the disk: longer than it takes to find out that the database is
/// locked.
const PATIENCE: Duration = Duration::from_secs(3);
/// Refused attempts that one user may make within [`WINDOW`].
pub const REFUSED_MAX: u32 = 30;
/// See [`REFUSED_MAX`].
const WINDOW: Duration = Duration::from_secs(60);
/// Users whose refused attempts are counted, staff and others apart; then all begin anew.
const COUNTED_MAX: usize = 10_000;

/// Takes entries, for [`write`] to keep.
pub struct SupervisionLog {
    entries: mpsc::Sender<Entry>,
    refused: Mutex<Refused>,
}

enum Entry {
    /// Somebody asks, and waits to hear whether it is kept.
    Asked(SupervisionRecord, oneshot::Sender<Result<(), Outage>>),
    /// What has happened: kept, whatever it takes.
    Happened(SupervisionRecord),
    /// Everything before this has been written.
    Mark(oneshot::Sender<()>),
}

/// How often whom was refused, and since when that counts.
#[derive(Default)]
struct Refused {
    staff: Counters,
    others: Counters,
}

type Counters = HashMap<UserId, (Instant, u32)>;

/// The log, and the task that writes it.
pub fn open(store: store::Store) -> (SupervisionLog, impl Future<Output = ()> + Send + 'static) {
    let (entries, receiver) = mpsc::channel(BACKLOG_MAX);
    (SupervisionLog { entries, refused: Mutex::default() }, write(store, receiver))
}

async fn write(store: store::Store, mut entries: mpsc::Receiver<Entry>) {
    let mut waiting = Vec::new();
    while entries.recv_many(&mut waiting, BATCH_MAX).await > 0 {
        while !write_once(&store, &mut waiting).await {
            tokio::time::sleep(RETRY).await;
            // Who asks meanwhile is not kept waiting for what can't be written.
            while let (true, Ok(entry)) = (waiting.len() < BATCH_MAX, entries.try_recv()) {
                waiting.push(entry);
            }
        }
    }
}

/// Writes what waits. On a failure those who ask are told, and what has happened stays, in its order.
async fn write_once(store: &store::Store, waiting: &mut Vec<Entry>) -> bool {
    let record = |entry: &Entry| match entry {
        Entry::Asked(record, _) | Entry::Happened(record) => Some(record.clone()),
        Entry::Mark(_) => None,
    };
    let records: Vec<SupervisionRecord> = waiting.iter().filter_map(record).collect();
    let written = match records.is_empty() {
        true => Ok(()),
        false => store.record_supervision(&records).await,
    };
    if let Err(error) = &written {
        metrics::counter!("sotto_supervision_log_failures_total").increment(1);
        tracing::error!(%error, entries = records.len(), "the log of supervision can't be written");
    }
    // A mistake of ours keeps it from being written as well as a full disk does.
    let written = written.map_err(|error| error.outage().unwrap_or(Outage::Unreachable));
    let is_written = written.is_ok();
    for entry in std::mem::take(waiting) {
        match entry {
            // Whoever does not wait any more was refused.
            Entry::Asked(_, reply) => drop(reply.send(written)),
            Entry::Mark(reply) if is_written => drop(reply.send(())),
            Entry::Happened(_) if is_written => {}
            entry @ (Entry::Happened(_) | Entry::Mark(_)) => waiting.push(entry),
        }
    }
    waiting.is_empty()
}

impl SupervisionLog {
    /// Writes that somebody asks. What could not be written must not be done.
    async fn ask(&self, record: SupervisionRecord) -> Result<(), Outage> {
        let (reply, written) = oneshot::channel();
        if self.entries.try_send(Entry::Asked(record, reply)).is_err() {
            return Err(Outage::TooSlow);
        }
        match tokio::time::timeout(PATIENCE, written).await {
            Ok(Ok(written)) => written,
            Ok(Err(_)) | Err(_) => Err(Outage::TooSlow),
        }
    }

    /// Something has happened, and is written as soon as it can be.
    pub fn note(&self, record: SupervisionRecord) {
        if self.entries.try_send(Entry::Happened(record)).is_err() {
            metrics::counter!("sotto_supervision_entries_lost_total").increment(1);
            tracing::error!("too much waits to be written: an entry about supervision was lost");
        }
    }

    /// Waits until what was put in so far has been written.
    pub async fn written(&self) {
        let (reply, written) = oneshot::channel();
        if self.entries.send(Entry::Mark(reply)).await.is_ok() {
            // Without a writer nothing more is written.
            let _ = written.await;
        }
    }

    fn counted<T>(&self, user: &User, count: impl FnOnce(&mut Counters) -> T) -> T {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        count(if is_staff(user) { &mut refused.staff } else { &mut refused.others })
    }

    /// How long a user who was refused too often has to wait.
    fn has_to_wait(&self, user: &User, now: Instant) -> Option<Duration> {
        self.counted(user, |refused| {
            let (since, count) = refused.get(&user.id)?;
            let left = WINDOW.saturating_sub(now.duration_since(*since));
            (*count >= REFUSED_MAX && !left.is_zero()).then_some(left)
        })
    }

    fn was_refused(&self, user: &User, now: Instant) {
        self.counted(user, |refused| {
            if refused.len() >= COUNTED_MAX {
                refused.retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
            }
            if refused.len() >= COUNTED_MAX {
                refused.clear();
            }
            let counter = refused.entry(user.id).or_insert((now, 0));
            if now.duration_since(counter.0) >= WINDOW {
                *counter = (now, 0);
            }
            counter.1 += 1;
        });
    }
}

impl Orchestrator {
    /// Carries out what somebody asks in order to supervise, and writes down that they ask, before,
    /// and why it was refused, if it was. That it was done is written when the call or conversation
    /// tells of it.
    ///
    /// `is_retreat`: from something louder back to Listen, which needs no entry first.
    ///
    /// # Errors
    /// [`NotBegun`], and those of `act`.
    pub(crate) async fn audited<T, E: From<NotBegun> + Display>(
        &self,
        user: &User,
        id: impl Display,
        mode: ModeKind,
        is_retreat: bool,
        act: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let log = &self.inner.supervision_log;
        let waits = log.has_to_wait(user, Instant::now()).filter(|_| !is_retreat);
        if let Some(left) = waits {
            return Err(NotBegun::RefusedTooOften(left).into());
        }
        let record = |outcome: String| SupervisionRecord {
            at: unix_now().0,
            user: user.id.0,
            username: user.username.clone(),
            call: id.to_string(),
            action: mode_name(mode).to_owned(),
            outcome,
        };
        let is_kept = is_staff(user);
        if is_kept && is_retreat {
            log.note(record(SUPERVISION_ASKED.to_owned()));
        } else if is_kept && let Err(outage) = log.ask(record(SUPERVISION_ASKED.to_owned())).await {
            let not_begun = NotBegun::AuditUnavailable(outage);
            log.note(record(not_begun.to_string()));
            return Err(not_begun.into());
        }
        let result = act.await;
        if let Err(error) = &result {
            log.was_refused(user, Instant::now());
            if is_kept {
                log.note(record(error.to_string()));
            } else {
                metrics::counter!("sotto_supervision_tried_by_customers_total").increment(1);
            }
        }
        result
    }
}

fn is_staff(user: &User) -> bool {
    match user.role {
        AccountRole::Agent | AccountRole::Supervisor | AccountRole::Admin => true,
        AccountRole::Caller => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(action: &str) -> SupervisionRecord {
        SupervisionRecord {
            at: 1,
            user: 7,
            username: "sam".to_owned(),
            call: "c1".to_owned(),
            action: action.to_owned(),
            outcome: "done".to_owned(),
        }
    }

    async fn store(directory: &tempfile::TempDir) -> store::Store {
        let location = store::Location::Directory(directory.path().to_owned());
        store::Store::open(&location).await.unwrap()
    }

    #[tokio::test]
    async fn who_asks_waits_for_the_disk_and_all_is_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(&directory).await;
        let (log, write) = open(store.clone());
        let writer = tokio::spawn(write);
        assert_eq!(log.ask(record("listen")).await, Ok(()));
        log.note(record("done"));
        assert_eq!(log.ask(record("whisper")).await, Ok(()));
        log.written().await;
        let acts = store.supervision_of_call("c1").await.unwrap();
        let acts: Vec<String> = acts.into_iter().map(|act| act.action).collect();
        assert_eq!(acts, ["listen", "done", "whisper"]);
        writer.abort();
    }

    #[tokio::test]
    async fn what_has_happened_outlives_a_failing_disk_and_who_asks_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let closed = store(&directory).await;
        closed.close().await;
        let happened = || Entry::Happened(record("stop"));
        let (reply, mut answer) = oneshot::channel();
        let mut waiting = vec![happened(), Entry::Asked(record("listen"), reply)];
        assert!(!write_once(&closed, &mut waiting).await);
        assert_eq!(answer.try_recv(), Ok(Err(Outage::Unreachable)));
        assert_eq!(waiting.len(), 1, "what has happened waits on");
        let store = store(&directory).await;
        assert!(write_once(&store, &mut waiting).await);
        assert_eq!(store.supervision_of_call("c1").await.unwrap(), [record("stop")]);
    }

    fn somebody(id: u64, role: AccountRole) -> User {
        User { id: UserId(id), role, ..User::external(UserId(id), "chat", "Sam".to_owned()) }
    }

    #[test]
    fn refusals_are_limited_and_customers_do_not_cost_staff_theirs() {
        let log = SupervisionLog { entries: mpsc::channel(1).0, refused: Mutex::default() };
        let sam = somebody(7, AccountRole::Supervisor);
        let now = Instant::now();
        for _ in 0..REFUSED_MAX {
            assert_eq!(log.has_to_wait(&sam, now), None);
            log.was_refused(&sam, now);
        }
        assert!(log.has_to_wait(&sam, now).is_some());
        for id in 0..2 * COUNTED_MAX as u64 {
            log.was_refused(&somebody(id, AccountRole::Caller), now);
        }
        assert!(log.has_to_wait(&sam, now).is_some());
        assert!(log.refused.lock().unwrap().others.len() <= COUNTED_MAX);
        assert_eq!(log.has_to_wait(&sam, now + WINDOW), None);
    }
}
