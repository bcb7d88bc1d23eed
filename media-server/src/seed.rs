//! The demo's teams, queues and accounts, put into the store as others come from a file.

use demo::accounts::{Account, Post, Team, call_agents, people};
use store::{Provision, ProvisionedQueue, ProvisionedUser, Role, Store, StoreError};

use crate::provision;

pub use demo::accounts::PASSWORD as DEMO_PASSWORD;

/// Makes the demo's teams, queues and accounts, with an agent for each of `calls`; what has been
/// changed since is as at the beginning again.
pub async fn demo(store: &Store, calls: u32) -> Result<(), StoreError> {
    let teams = [Team::Support, Team::Sales];
    let provision = Provision {
        teams: teams.map(|team| team.name().to_owned()).to_vec(),
        queues: teams.map(queue).to_vec(),
        users: people().into_iter().chain(call_agents(calls)).map(user).collect(),
    };
    // The demo's own accounts are nobody's act.
    store.provision(&provision, |_| None).await
}

fn queue(team: Team) -> ProvisionedQueue {
    ProvisionedQueue {
        key: team.queue().to_owned(),
        name: team.name().to_owned(),
        team: team.name().to_owned(),
        open_to_guests: true,
        wrap_up_codes: None,
        signs: None,
    }
}

fn user(account: Account) -> ProvisionedUser {
    let (role, team, serves) = match account.post {
        Post::Agent(team) => (Role::Agent, Some(team), Some(team)),
        Post::Supervisor(team) => (Role::Supervisor, Some(team), None),
        Post::Administrator => (Role::Admin, None, None),
    };
    ProvisionedUser {
        username: account.username,
        name: account.name,
        role,
        permissions: provision::permissions_of(role),
        teams: team.iter().map(|team| team.name().to_owned()).collect(),
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
        let everybody: Vec<_> = people().into_iter().chain(call_agents(DEMO_CALLS_MAX)).collect();
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
