//! Accounts that the server makes itself: the demo's, or the first administrator.
//!
//! Both are safe to repeat at every start: what is there is left as it is.

use interaction::Permission;
use store::{NewQueue, NewUser, QueueId, Role, Store, StoreError, TeamId};
use tokio::task::JoinSet;

use crate::auth::permission_name;

/// The demo accounts' password. It is public; demo mode serves this machine only.
pub const DEMO_PASSWORD: &str = "sotto-demo";
/// The first administrator's username.
pub const ADMIN: &str = "admin";

const SUPERVISOR: &[Permission] = &[
    Permission::ViewContactCenterDashboard,
    Permission::MonitorLiveCalls,
    Permission::WhisperLiveCalls,
    Permission::BargeLiveCalls,
];
const AGENT: &[Permission] = &[Permission::TakeCalls];
const ADMINISTRATOR: &[Permission] = &[Permission::Administer];

const GIVEN_NAMES: [&str; 10] =
    ["Nora", "Dev", "Chloé", "Omar", "Grace", "Jonas", "Ifeoma", "Rosa", "Peter", "Wei"];
const FAMILY_NAMES: [&str; 10] =
    ["Lind", "Patel", "Martin", "Haddad", "Kim", "Weber", "Eze", "Bianchi", "Vos", "Zhang"];

/// A demo account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoAccount {
    /// What one signs in with.
    pub username: String,
    /// The name shown.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The team, and with it the queue.
    pub team: Option<DemoTeam>,
}

/// The demo's teams; each has a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoTeam {
    /// Team Support, queue `support`.
    Support,
    /// Team Sales, queue `sales`.
    Sales,
}

impl DemoTeam {
    /// The key of the team's queue.
    pub fn queue(self) -> &'static str {
        match self {
            Self::Support => "support",
            Self::Sales => "sales",
        }
    }

    /// The team's name, and its queue's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Support => "Support",
            Self::Sales => "Sales",
        }
    }
}

/// The accounts for people to sign in with.
pub fn people() -> Vec<DemoAccount> {
    use DemoTeam::{Sales, Support};
    use Role::{Admin, Agent, Supervisor};
    [
        ("supervisor1", "Sam Okafor", Supervisor, Some(Support)),
        ("supervisor2", "Mei Tanaka", Supervisor, Some(Support)),
        ("supervisor3", "Daniel Ortiz", Supervisor, Some(Sales)),
        ("agent1", "Ana Duarte", Agent, Some(Support)),
        ("agent2", "Luis Herrera", Agent, Some(Support)),
        ("agent3", "Yuki Tanaka", Agent, Some(Support)),
        ("agent4", "Mina Park", Agent, Some(Support)),
        ("agent5", "Lena Fischer", Agent, Some(Sales)),
        ("agent6", "Carlos Mendes", Agent, Some(Sales)),
        (ADMIN, "Administrator", Admin, None),
    ]
    .map(|(username, name, role, team)| DemoAccount {
        username: username.to_owned(),
        name: name.to_owned(),
        role,
        team,
    })
    .to_vec()
}

/// The agents of the demo's own calls, so that those for people stay free: two in Support for
/// each one in Sales.
pub fn demo_agents(calls: u32) -> Vec<DemoAccount> {
    (0..calls as usize)
        .map(|index| {
            let given = GIVEN_NAMES[index % 10];
            // Every agent another name: a given name comes again with another family name.
            let family = FAMILY_NAMES[(index % 10 + index / 10 * 3) % 10];
            DemoAccount {
                username: format!("demo-agent{}", index + 1),
                name: format!("{given} {family}"),
                role: Role::Agent,
                team: Some(if index % 3 == 1 { DemoTeam::Sales } else { DemoTeam::Support }),
            }
        })
        .collect()
}

/// Makes the demo's teams, queues and accounts, with an agent for each of `calls`.
pub async fn demo(store: &Store, calls: u32) -> Result<(), StoreError> {
    let support = place(store, DemoTeam::Support).await?;
    let sales = place(store, DemoTeam::Sales).await?;
    let mut making = JoinSet::new();
    for account in people().into_iter().chain(demo_agents(calls)) {
        let place = account.team.map(|team| match team {
            DemoTeam::Support => support,
            DemoTeam::Sales => sales,
        });
        making.spawn(make(store.clone(), account, place));
    }
    while let Some(made) = making.join_next().await {
        made.expect("making an account does not panic")?;
    }
    Ok(())
}

/// Makes the administrator of an empty server; the password that it got, to be shown once.
pub async fn first_admin(store: &Store) -> Result<Option<String>, StoreError> {
    if store.user_count().await? > 0 {
        return Ok(None);
    }
    let password = format!("{:024x}", rand::random::<u128>() >> 32);
    let admin = DemoAccount {
        username: ADMIN.to_owned(),
        name: "Administrator".to_owned(),
        role: Role::Admin,
        team: None,
    };
    create(store, &admin, &password).await?;
    Ok(Some(password))
}

async fn place(store: &Store, team: DemoTeam) -> Result<(TeamId, QueueId), StoreError> {
    let id = store.ensure_team(team.name()).await?;
    let queue = NewQueue { key: team.queue(), name: team.name(), team: id, open_to_guests: true };
    Ok((id, store.ensure_queue(queue).await?))
}

async fn make(
    store: Store,
    account: DemoAccount,
    place: Option<(TeamId, QueueId)>,
) -> Result<(), StoreError> {
    let user = match store.user_by_name(&account.username).await? {
        Some(user) => user.id,
        None => create(&store, &account, DEMO_PASSWORD).await?,
    };
    if let Some((team, queue)) = place {
        store.join_team(team, user).await?;
        if account.role == Role::Agent {
            store.serve_queue(queue, user).await?;
        }
    }
    Ok(())
}

async fn create(
    store: &Store,
    account: &DemoAccount,
    password: &str,
) -> Result<store::UserId, StoreError> {
    let permissions = match account.role {
        Role::Supervisor => SUPERVISOR,
        Role::Agent => AGENT,
        Role::Admin => ADMINISTRATOR,
        Role::Caller => &[Permission::PlaceCalls],
    };
    let permissions: Vec<&str> = permissions.iter().copied().map(permission_name).collect();
    let user = NewUser {
        username: &account.username,
        name: &account.name,
        password,
        role: account.role,
        permissions: &permissions,
    };
    store.create_user(user).await
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::config::DEMO_CALLS_MAX;

    #[test]
    fn nobody_has_anothers_name() {
        let everybody: Vec<_> = people().into_iter().chain(demo_agents(DEMO_CALLS_MAX)).collect();
        let names: HashSet<_> = everybody.iter().map(|account| &account.name).collect();
        let usernames: HashSet<_> = everybody.iter().map(|account| &account.username).collect();
        assert_eq!(names.len(), everybody.len());
        assert_eq!(usernames.len(), everybody.len());
    }

    #[tokio::test]
    async fn the_demo_is_made_once() {
        let directory = tempfile::tempdir().unwrap();
        let location = store::Location::Directory(directory.path().to_owned());
        let store = Store::open(&location).await.unwrap();
        demo(&store, 3).await.unwrap();
        let agents = store.agents().await.unwrap();
        demo(&store, 3).await.unwrap();
        assert_eq!(store.agents().await.unwrap(), agents);
        assert_eq!(store.user_count().await.unwrap(), 13);
        assert!(agents.iter().all(|agent| agent.queues.len() == 1 && agent.teams.len() == 1));
        let sam = store.verify_password("supervisor1", DEMO_PASSWORD).await.unwrap().unwrap();
        assert_eq!(sam.name, "Sam Okafor");
        let queues = store.queues_of(sam.id).await.unwrap();
        assert_eq!(queues.len(), 1);
        assert_eq!(queues[0].key, "support");
        assert!(queues[0].open_to_guests);
    }

    #[tokio::test]
    async fn an_empty_server_gets_one_administrator() {
        let directory = tempfile::tempdir().unwrap();
        let location = store::Location::Directory(directory.path().to_owned());
        let store = Store::open(&location).await.unwrap();
        let password = first_admin(&store).await.unwrap().unwrap();
        assert_eq!(first_admin(&store).await.unwrap(), None);
        let admin = store.verify_password(ADMIN, &password).await.unwrap().unwrap();
        assert_eq!(admin.permissions, ["administer"]);
    }
}
