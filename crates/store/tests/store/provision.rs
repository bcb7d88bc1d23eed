//! What a provisioning file wants comes true: all of it, or nothing.

use store::{
    Act, AuditFilter, Entitlement, Provision, ProvisionedChange, ProvisionedQueue, ProvisionedUser,
    Role, Store, StoreError, UserId,
};

use super::with_store;

fn centre(suffix: &str) -> Provision {
    let team = format!("Support{suffix}");
    let queue = format!("support{suffix}");
    Provision {
        teams: vec![team.clone(), format!("Sales{suffix}")],
        queues: vec![ProvisionedQueue {
            key: queue.clone(),
            name: "Support".to_owned(),
            team: team.clone(),
            open_to_guests: true,
            wrap_up_codes: None,
            signs: None,
        }],
        users: vec![ProvisionedUser {
            username: format!("ana{suffix}"),
            name: "Ana Duarte".to_owned(),
            role: Role::Agent,
            permissions: vec!["take_calls".to_owned()],
            teams: vec![team],
            queues: vec![queue],
            disabled: false,
            password: Some("open sesame".to_owned()),
        }],
    }
}

pub async fn what_is_wanted_comes_true_in(store: &Store, suffix: &str) {
    let mut wanted = centre(suffix);
    let username = wanted.users[0].username.clone();
    provision(store, &wanted).await.unwrap();
    let ana = store.verify_password(&username, "open sesame").await.unwrap().unwrap();
    let entries = entries_of(store, &username).await;
    assert_eq!(entries, ["created, with a password"]);
    provision(store, &wanted).await.unwrap();
    wanted.users[0].password = None;
    provision(store, &wanted).await.unwrap();
    assert_eq!(entries_of(store, &username).await, entries, "nothing has changed");
    assert_eq!(store.verify_password(&username, "open sesame").await.unwrap(), Some(ana.clone()));
    assert_eq!(store.teams_of(ana.id).await.unwrap().len(), 1);
    let queues = store.queues_of(ana.id).await.unwrap();
    assert_eq!(queues.len(), 1);

    // Everything about the account and the queue changes; ids stay.
    let user = &mut wanted.users[0];
    user.name = "Ana Lima".to_owned();
    user.role = Role::Supervisor;
    user.permissions = vec!["monitor_live_calls".to_owned(), "barge_live_calls".to_owned()];
    user.teams = vec![format!("Sales{suffix}")];
    user.queues = Vec::new();
    user.disabled = true;
    user.password = Some("another one".to_owned());
    wanted.queues[0].team = format!("Sales{suffix}");
    wanted.queues[0].open_to_guests = false;
    provision(store, &wanted).await.unwrap();
    assert_eq!(entries_of(store, &username).await[0], "changed, with a password");
    let changed = store.verify_password(&username, "another one").await.unwrap().unwrap();
    assert_eq!((changed.id, changed.name.as_str()), (ana.id, "Ana Lima"));
    assert_eq!((changed.role, changed.disabled), (Role::Supervisor, true));
    assert_eq!(changed.permissions, ["barge_live_calls", "monitor_live_calls"]);
    let teams = store.teams_of(ana.id).await.unwrap();
    assert_eq!(teams.iter().map(|team| &team.name).collect::<Vec<_>>(), [&wanted.teams[1]]);
    let changed = store.queues_of(ana.id).await.unwrap();
    assert_eq!((changed[0].id, changed[0].team), (queues[0].id, teams[0].id));
    assert!(!changed[0].open_to_guests);

    // A new password ends the sign-ins of before, here as anywhere; the same one does not.
    let generation = async || store.user(ana.id).await.unwrap().unwrap().generation;
    assert_eq!(generation().await, ana.generation + 1);
    provision(store, &wanted).await.unwrap();
    assert_eq!(generation().await, ana.generation + 1);
    wanted.users[0].password = None;
    wanted.users[0].disabled = false;
    provision(store, &wanted).await.unwrap();
    assert_eq!(generation().await, ana.generation + 1);
    assert_eq!(entries_of(store, &username).await[0], "changed");
}

async fn provision(store: &Store, wanted: &Provision) -> Result<(), StoreError> {
    let act = |change: &ProvisionedChange| {
        let what = if change.before.is_some() { "changed" } else { "created" };
        let password = if change.new_password { ", with a password" } else { "" };
        Some(Act {
            actor: UserId(0),
            entitlement: Entitlement::Provisioning,
            actor_name: "the file".to_owned(),
            action: format!("{what}{password}"),
            kind: "user".to_owned(),
            subject_name: change.after.username.clone(),
            before: None,
            after: None,
        })
    };
    store.provision(wanted, act).await
}

/// What was done to the account, newest first.
async fn entries_of(store: &Store, username: &str) -> Vec<String> {
    let filter =
        AuditFilter { search: Some(username.to_owned()), limit: 100, ..AuditFilter::default() };
    store.audit(&filter).await.unwrap().into_iter().map(|entry| entry.act.action).collect()
}

#[tokio::test]
async fn what_is_wanted_comes_true() {
    let (_directory, store) = with_store().await;
    what_is_wanted_comes_true_in(&store, "").await;
}

#[tokio::test]
async fn all_of_it_or_nothing() {
    let (_directory, store) = with_store().await;
    for (spoil, missing) in [
        ((|wanted| wanted.users[0].password = None) as fn(&mut Provision), "password"),
        (|wanted| wanted.users[0].teams.push("Night".to_owned()), "team"),
        (|wanted| wanted.users[0].queues.push("night".to_owned()), "queue"),
        (|wanted| wanted.queues[0].team = "Night".to_owned(), "team"),
    ] {
        let mut wanted = centre("");
        spoil(&mut wanted);
        let refused = provision(&store, &wanted).await;
        assert!(matches!(refused, Err(StoreError::Missing(what)) if what == missing), "{missing}");
        assert_eq!(store.user_count().await.unwrap(), 0, "{missing}");
        assert_eq!(store.queues().await.unwrap(), [], "{missing}");
    }
}
