//! The agents and supervisors of a run, signed in and with their stations.

use std::sync::Arc;

use client::ClientError;
use client::session::Session;
use tokio::sync::Semaphore;

use super::RunError;
use super::environment::Environment;
use super::party::Party;
use super::supervisor::Supervisor;
use crate::accounts::Account;
use crate::measure::routes::Role;

/// Agents and supervisors, with their stations.
pub struct Staff {
    /// Agents.
    pub agents: Vec<Party>,
    /// Supervisors.
    pub supervisors: Vec<Supervisor>,
}

/// Signs everybody in and opens their stations.
///
/// # Errors
/// [`RunError::SignIn`]: whoever can't get in, and why.
pub async fn sign_in(
    environment: &Arc<Environment>,
    accounts: &[Account],
    at_once: usize,
) -> Result<Staff, RunError> {
    let doors = Arc::new(Semaphore::new(at_once));
    let entering: Vec<_> = accounts
        .iter()
        .map(|account| {
            let (environment, doors, account) =
                (environment.clone(), doors.clone(), account.clone());
            tokio::spawn(async move {
                let _door = doors.acquire_owned().await;
                let entered = enter(&environment, &account).await;
                entered.map_err(|error| RunError::SignIn { who: account.username, error })
            })
        })
        .collect();
    let mut staff = Staff { agents: Vec::new(), supervisors: Vec::new() };
    for task in entering {
        let party = match task.await {
            Ok(party) => party?,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        };
        match party.role {
            Role::Supervisor => {
                let supervisor = Supervisor::new(environment, party).await;
                staff.supervisors.push(supervisor.map_err(|error| RunError::SignIn {
                    who: "a supervisor's event stream".to_owned(),
                    error,
                })?);
            }
            Role::Agent | Role::Caller => staff.agents.push(party),
        }
    }
    Ok(staff)
}

async fn enter(environment: &Environment, account: &Account) -> Result<Party, ClientError> {
    let session =
        Session::sign_in(&environment.server, &account.username, &account.password).await?;
    let role = match session.user().role {
        wire::Role::Supervisor => Role::Supervisor,
        _ => Role::Agent,
    };
    Party::open(environment, session, role, 0).await
}
