//! The demo's teams, queues and accounts, built in code as others come from a file.

use store::{Provision, ProvisionedQueue, ProvisionedUser, Role, Store, StoreError};

use crate::provision;

/// The demo accounts' password. It is public; demo mode serves this machine only.
pub const DEMO_PASSWORD: &str = "sotto-demo";
/// The first administrator's username.
pub const ADMIN: &str = "admin";

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

/// Makes the demo's teams, queues and accounts, with an agent for each of `calls`; what has been
/// changed since is as at the beginning again.
pub async fn demo(store: &Store, calls: u32) -> Result<(), StoreError> {
    let teams = [DemoTeam::Support, DemoTeam::Sales];
    let provision = Provision {
        teams: teams.map(|team| team.name().to_owned()).to_vec(),
        queues: teams.map(queue).to_vec(),
        users: people().into_iter().chain(demo_agents(calls)).map(user).collect(),
    };
    store.provision(&provision).await
}

fn queue(team: DemoTeam) -> ProvisionedQueue {
    ProvisionedQueue {
        key: team.queue().to_owned(),
        name: team.name().to_owned(),
        team: team.name().to_owned(),
        open_to_guests: true,
    }
}

fn user(account: DemoAccount) -> ProvisionedUser {
    let serves = account.team.filter(|_| account.role == Role::Agent);
    ProvisionedUser {
        username: account.username,
        name: account.name,
        role: account.role,
        permissions: provision::permissions_of(account.role),
        teams: account.team.iter().map(|team| team.name().to_owned()).collect(),
        queues: serves.iter().map(|team| team.queue().to_owned()).collect(),
        disabled: false,
        password: Some(DEMO_PASSWORD.to_owned()),
    }
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
}
