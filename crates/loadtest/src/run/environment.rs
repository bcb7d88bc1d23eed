//! What the parties of a run share.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex as SyncMutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use client::ClientError;
use client::media::StationConfig;
use client::session::Session;
use tokio::sync::{Mutex, Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use super::party::Party;
use super::supervisor::Supervisor;
use super::voices::Voices;
use super::{RunConfig, RunError};
use crate::impair::Impairments;
use crate::measure::book::Book;
use crate::measure::routes::{PartyId, Role};
use crate::scenario::PlannedCall;

/// An offer may come before the caller knows the call's id; so long it is waited for.
const BOARD_WAIT: Duration = Duration::from_secs(3);

/// A name and a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What one signs in with.
    pub username: String,
    /// The password.
    pub password: String,
}

/// What the parties share.
pub struct Stage {
    /// The server's address.
    pub server: String,
    /// How stations are opened.
    pub station: StationConfig,
    /// What the network does.
    pub impair: Impairments,
    /// What the network's chances come of.
    pub seed: u64,
    /// What is asked and answered.
    pub book: Book,
    /// Who speaks how.
    pub voices: Voices,
    /// Ends everything in order.
    pub closing: CancellationToken,
    /// One for each call at a time.
    pub lines: Arc<Semaphore>,
    /// The supervisors who have nothing to do.
    pub supervisors: Mutex<Vec<Supervisor>>,
    board: SyncMutex<HashMap<String, Arc<Placed>>>,
    posted: Notify,
}

/// A call that was placed, and what is planned for it.
pub struct Placed {
    /// The call's id at the server.
    pub id: String,
    /// The plan.
    pub plan: PlannedCall,
    /// The queue called, by key.
    pub queue: String,
    /// Who calls.
    pub caller: PartyId,
    /// When it was placed.
    pub at: Instant,
    /// The agent, once it is answered.
    pub agent: OnceLock<PartyId>,
    /// Cancelled once it is answered.
    pub answered: CancellationToken,
    /// Cancelled once it is over.
    pub over: CancellationToken,
}

/// Agents and supervisors, with their stations.
pub struct Shift {
    /// Agents.
    pub agents: Vec<Party>,
    /// Supervisors.
    pub supervisors: Vec<Supervisor>,
}

impl Stage {
    /// A stage without anybody.
    pub fn new(config: &RunConfig, book: Book, voices: Voices) -> Self {
        Self {
            station: station_config(&config.server),
            server: config.server.clone(),
            impair: config.scenario.impair,
            seed: config.seed,
            book,
            voices,
            closing: CancellationToken::new(),
            lines: Arc::new(Semaphore::new(config.scenario.calls)),
            supervisors: Mutex::default(),
            board: SyncMutex::default(),
            posted: Notify::new(),
        }
    }

    /// Signs everybody in and opens their stations.
    pub async fn sign_in(
        self: &Arc<Self>,
        accounts: &[Account],
        at_once: usize,
    ) -> Result<Shift, RunError> {
        let doors = Arc::new(Semaphore::new(at_once));
        let entering: Vec<_> = accounts
            .iter()
            .map(|account| {
                let (stage, doors, account) = (self.clone(), doors.clone(), account.clone());
                tokio::spawn(async move {
                    let _door = doors.acquire_owned().await;
                    let entered = stage.enter(&account).await;
                    entered.map_err(|error| RunError::SignIn { who: account.username, error })
                })
            })
            .collect();
        let mut shift = Shift { agents: Vec::new(), supervisors: Vec::new() };
        for task in entering {
            let party = match task.await {
                Ok(party) => party?,
                Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
            };
            match party.role {
                Role::Supervisor => {
                    let supervisor = Supervisor::new(self, party).await;
                    shift.supervisors.push(supervisor.map_err(|error| RunError::SignIn {
                        who: "a supervisor's event stream".to_owned(),
                        error,
                    })?);
                }
                Role::Agent | Role::Caller => shift.agents.push(party),
            }
        }
        Ok(shift)
    }

    /// Puts a placed call up for the agent who answers.
    pub fn put(&self, placed: Arc<Placed>) {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        board.insert(placed.id.clone(), placed);
        self.posted.notify_waiters();
    }

    /// The placed call with this id; `None`: it is not one of this run's.
    pub async fn find(&self, id: &str) -> Option<Arc<Placed>> {
        let search = async {
            loop {
                let posted = self.posted.notified();
                let found =
                    self.board.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
                match found {
                    Some(placed) => return placed,
                    None => posted.await,
                }
            }
        };
        tokio::time::timeout(BOARD_WAIT, search).await.ok()
    }

    /// Takes a call down.
    pub fn remove(&self, id: &str) {
        self.board.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Sends the supervisors home.
    pub async fn dismiss_supervisors(&self) {
        let all = std::mem::take(&mut *self.supervisors.lock().await);
        for supervisor in all {
            supervisor.leave(&self.book).await;
        }
    }

    async fn enter(&self, account: &Account) -> Result<Party, ClientError> {
        let session = Session::sign_in(&self.server, &account.username, &account.password).await?;
        let role = match session.user().role {
            wire::Role::Supervisor => Role::Supervisor,
            _ => Role::Agent,
        };
        Party::open(self, session, role, 0).await
    }
}

/// A server on this machine is reached by loopback, any other by any interface.
fn station_config(server: &str) -> StationConfig {
    let is_local = ["://127.", "://localhost", "://[::1]"].iter().any(|it| server.contains(it));
    let default = StationConfig::default();
    match is_local {
        true => default,
        false => StationConfig { bind: SocketAddr::from(([0, 0, 0, 0], 0)), ..default },
    }
}
