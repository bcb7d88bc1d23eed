//! The store against SQLite files of its own, and against a PostgreSQL of its own.

mod provision;

use std::time::{Duration, Instant};

use store::{
    CallRecord, Location, NewQueue, NewUser, PartyRecord, Role, Store, StoreError,
    SupervisionRecord,
};

async fn open(directory: &tempfile::TempDir) -> Store {
    Store::open(&Location::Directory(directory.path().to_owned())).await.unwrap()
}

async fn with_store() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&directory).await;
    (directory, store)
}

fn agent(username: &'static str) -> NewUser<'static> {
    NewUser {
        username,
        name: "Ana Duarte",
        password: "open sesame",
        role: Role::Agent,
        permissions: &["take_calls", "place_calls"],
    }
}

#[tokio::test]
async fn an_account_survives_a_restart() {
    let (directory, store) = with_store().await;
    let id = store.create_user(agent("ana")).await.unwrap();
    store.close().await;

    let store = open(&directory).await;
    let user = store.user(id).await.unwrap().unwrap();
    assert_eq!(user.username, "ana");
    assert_eq!(user.role, Role::Agent);
    assert_eq!(user.permissions, ["place_calls", "take_calls"]);
    assert!(!user.disabled);
    assert_eq!(store.user_by_name("ana").await.unwrap().unwrap(), user);
    assert_eq!(store.user_by_name("ANA").await.unwrap(), None);
    assert_eq!(store.user_count().await.unwrap(), 1);
}

#[tokio::test]
async fn only_the_right_password_fits() {
    let (_directory, store) = with_store().await;
    let id = store.create_user(agent("ana")).await.unwrap();
    let verify = async |name: &str, password: &str| {
        store.verify_password(name, password).await.unwrap().map(|user| user.id)
    };
    assert_eq!(verify("ana", "open sesame").await, Some(id));
    assert_eq!(verify("ana", "open sesame ").await, None);
    assert_eq!(verify("ana", "").await, None);
    assert_eq!(verify("nobody", "open sesame").await, None);
    // What an unknown user is compared with must not be a way in.
    assert_eq!(verify("nobody", "nobody's password").await, None);

    store.set_password(id, "other").await.unwrap();
    assert_eq!(verify("ana", "open sesame").await, None);
    assert_eq!(verify("ana", "other").await, Some(id));
}

#[tokio::test]
async fn a_tablet_s_capital_and_blank_are_no_other_name_unless_somebody_has_it() {
    let (_directory, store) = with_store().await;
    let ana = store.create_user(agent("ana")).await.unwrap();
    let verify = async |name: &str| {
        store.verify_password(name, "open sesame").await.unwrap().map(|user| user.id)
    };
    for typed in ["Ana", "ana ", " ANA"] {
        assert_eq!(verify(typed).await, Some(ana), "{typed:?}");
    }
    assert_eq!(verify("a na").await, None);
    assert_eq!(verify("an_").await, None);

    let capital = store.create_user(agent("Ana")).await.unwrap();
    assert_eq!(verify("Ana ").await, Some(capital));
    assert_eq!(verify("ana").await, Some(ana));
    assert_eq!(verify("ANA").await, None, "which of the two?");
}

#[tokio::test]
async fn an_accent_is_the_same_on_every_keyboard() {
    let (composed, decomposed) = ("Gr\u{fc}\u{df}e-2026", "Gru\u{308}\u{df}e-2026");
    let (_directory, store) = with_store().await;
    let id = store.create_user(agent("ana")).await.unwrap();
    for set in [composed, decomposed] {
        store.set_password(id, set).await.unwrap();
        for typed in [composed, decomposed] {
            assert!(
                store.verify_password("ana", typed).await.unwrap().is_some(),
                "{set:?} {typed:?}"
            );
        }
        assert!(store.verify_password("ana", "Grusse-2026").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn an_unknown_user_takes_as_long_as_a_wrong_password() {
    let (_directory, store) = with_store().await;
    store.create_user(agent("ana")).await.unwrap();
    store.verify_password("nobody", "warms the decoy up").await.unwrap();
    // The fastest of several: other work on the machine only ever adds.
    let fastest = async |name: &str| {
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            store.verify_password(name, "wrong").await.unwrap();
            best = best.min(start.elapsed());
        }
        best
    };
    let known = fastest("ana").await;
    let unknown = fastest("nobody").await;
    assert!(unknown * 2 > known, "unknown {unknown:?}, known {known:?}");
}

#[tokio::test]
async fn names_are_taken_once() {
    let (_directory, store) = with_store().await;
    store.create_user(agent("ana")).await.unwrap();
    let again = store.create_user(agent("ana")).await;
    assert!(matches!(again, Err(StoreError::Taken("username"))), "{again:?}");
}

#[tokio::test]
async fn a_change_to_nobody_is_refused() {
    let (_directory, store) = with_store().await;
    let nobody = store::UserId(7);
    let changed = store.set_permissions(nobody, &[]).await;
    assert!(matches!(changed, Err(StoreError::Missing("user"))), "{changed:?}");
    assert!(store.user(nobody).await.unwrap().is_none());
    assert!(store.join_team(store::TeamId(1), nobody).await.is_err());
}

#[tokio::test]
async fn permissions_and_the_switch_change() {
    let (_directory, store) = with_store().await;
    let id = store.create_user(agent("ana")).await.unwrap();
    store.set_permissions(id, &["take_calls"]).await.unwrap();
    store.set_disabled(id, true).await.unwrap();
    let user = store.user(id).await.unwrap().unwrap();
    assert_eq!(user.permissions, ["take_calls"]);
    assert!(user.disabled);
    assert!(store.agents().await.unwrap().is_empty());
}

#[tokio::test]
async fn teams_queues_and_agents() {
    let (_directory, store) = with_store().await;
    teams_queues_and_agents_in(&store, "").await;
}

async fn teams_queues_and_agents_in(store: &Store, suffix: &str) {
    let name = |base: &str| format!("{base}{suffix}");
    let support = store.ensure_team(&name("Support")).await.unwrap();
    let sales = store.ensure_team(&name("Sales")).await.unwrap();
    assert_eq!(store.ensure_team(&name("Support")).await.unwrap(), support);
    let queue = |key: &'static str, team| (name(key), team);
    let mut queues = Vec::new();
    for (key, team) in [queue("support", support), queue("vip", support), queue("sales", sales)] {
        let new = || NewQueue { key: &key, name: &key, team, open_to_guests: team == support };
        let id = store.ensure_queue(new()).await.unwrap();
        assert_eq!(store.ensure_queue(new()).await.unwrap(), id);
        queues.push(id);
    }

    let username = name("ana");
    let ana = store.create_user(NewUser { username: &username, ..agent("") }).await.unwrap();
    let username = name("sam");
    let sam = NewUser { username: &username, role: Role::Supervisor, ..agent("") };
    let sam = store.create_user(sam).await.unwrap();
    for user in [ana, sam, ana] {
        store.join_team(support, user).await.unwrap();
        store.serve_queue(queues[0], ana).await.unwrap();
    }

    let keys = async |user| -> Vec<String> {
        store.queues_of(user).await.unwrap().into_iter().map(|queue| queue.key).collect()
    };
    assert_eq!(keys(ana).await, [name("support")], "an agent's queues are those served");
    assert_eq!(keys(sam).await, [name("support"), name("vip")], "a supervisor's are the team's");
    let teams = store.teams_of(sam).await.unwrap();
    assert_eq!(teams.len(), 1);
    assert_eq!(teams[0].id, support);
    let agents = store.agents().await.unwrap();
    let found = agents.iter().find(|agent| agent.id == ana).unwrap();
    assert_eq!(found.queues, [queues[0]]);
    assert_eq!(found.teams, [support]);
    assert!(agents.iter().all(|agent| agent.id != sam));
    let all = store.queues().await.unwrap();
    let open: Vec<_> = all.iter().filter(|queue| queue.open_to_guests).collect();
    assert_eq!(open.len(), 2);
}

fn call_record(call: &str) -> CallRecord {
    CallRecord {
        call: call.to_owned(),
        queue: Some("support".to_owned()),
        caller_name: "Nora Lind".to_owned(),
        caller_number: None,
        placed_at: 1_000,
        answered_at: Some(2_000),
        ended_at: 9_000,
        end_reason: "caller".to_owned(),
        opening: None,
        customer: None,
        parties: vec![
            PartyRecord {
                user: u64::MAX,
                name: "Nora Lind".to_owned(),
                role: interaction::Role::Caller,
                joined_at: 1_000,
                left_at: 9_000,
                left_event: None,
                sound: Some(r#"{"lost_packets":3}"#.to_owned()),
            },
            PartyRecord {
                user: 5,
                name: "Ana Duarte".to_owned(),
                role: interaction::Role::Agent,
                joined_at: 2_000,
                left_at: 9_000,
                left_event: None,
                sound: None,
            },
        ],
    }
}

#[tokio::test]
async fn a_call_and_its_supervision_are_facts() {
    let (_directory, store) = with_store().await;
    facts_in(&store, "c1").await;
}

async fn facts_in(store: &Store, call: &str) {
    let record = call_record(call);
    store.record_call(&record, false, &[]).await.unwrap();
    assert_eq!(store.call_record(call).await.unwrap(), Some(record.clone()));
    assert_eq!(store.call_record("another").await.unwrap(), None);
    // Written again, neither the call nor its parties are there twice.
    store.record_call(&record, false, &[]).await.unwrap();
    assert_eq!(store.call_record(call).await.unwrap(), Some(record));

    let act = |at, action: &str, outcome: &str| SupervisionRecord {
        at,
        user: 1 << 63 | 9,
        username: "supervisor1".to_owned(),
        call: call.to_owned(),
        action: action.to_owned(),
        outcome: outcome.to_owned(),
    };
    let acts = [act(3_000, "listen", "done"), act(4_000, "barge", "not allowed")];
    store.record_supervision(&acts).await.unwrap();
    // Their order is that of writing, whatever the clock says.
    let earlier = act(2_000, "stop", "done");
    store.record_supervision(std::slice::from_ref(&earlier)).await.unwrap();
    let [first, second] = acts;
    assert_eq!(store.supervision_of_call(call).await.unwrap(), [first, second, earlier]);
}

#[tokio::test]
async fn a_missing_number_and_answer_stay_missing() {
    let (_directory, store) = with_store().await;
    let record = CallRecord {
        queue: None,
        answered_at: None,
        caller_number: Some("+1 555 0100".to_owned()),
        parties: Vec::new(),
        ..call_record("c2")
    };
    store.record_call(&record, false, &[]).await.unwrap();
    assert_eq!(store.call_record("c2").await.unwrap(), Some(record));
}

#[tokio::test]
async fn revoked_tokens_are_kept_until_they_expire() {
    let (directory, store) = with_store().await;
    let token = |id: &str, expires_at| (id.to_owned(), expires_at);
    store.revoke_tokens(&[token("early", 1_000), token("late", 2_000)]).await.unwrap();
    store.revoke_tokens(&[token("late", 2_000)]).await.unwrap();
    store.close().await;
    let store = open(&directory).await;
    store.prune_revoked_tokens(1_000).await.unwrap();
    assert_eq!(store.revoked_tokens().await.unwrap(), [("late".to_owned(), 2_000)]);
}

#[tokio::test]
async fn many_write_at_the_same_time() {
    let (_directory, store) = with_store().await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..20 {
        let store = store.clone();
        writers.spawn(async move {
            for call in 0..10 {
                store
                    .record_call(&call_record(&format!("{writer}-{call}")), false, &[])
                    .await
                    .unwrap();
            }
        });
    }
    while let Some(joined) = writers.join_next().await {
        joined.unwrap();
    }
    assert!(store.call_record("19-9").await.unwrap().is_some());
}

#[tokio::test]
async fn an_odd_directory_name_works() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("50% of? #1 data");
    let store = Store::open(&Location::Directory(directory.clone())).await.unwrap();
    store.check_writable().await.unwrap();
    let file = directory.join(store::FILE_NAME);
    assert!(file.is_file());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let write_ahead_log = file.with_extension("db-wal");
        for file in [file, write_ahead_log] {
            let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}: hashes and private messages are in it", file.display());
        }
    }
}

#[tokio::test]
async fn another_database_is_refused() {
    let opened = Store::open(&Location::Url("mysql://localhost/sotto".to_owned())).await;
    assert!(matches!(opened, Err(StoreError::UnknownDatabase)), "{opened:?}");
}

#[tokio::test]
async fn postgresql_does_the_same() {
    let postgres = postgres_testkit::Postgres::start();
    let store = Store::open(&Location::Url(postgres.url())).await.unwrap();
    let suffix = format!("-{}", std::process::id());
    teams_queues_and_agents_in(&store, &suffix).await;
    provision::what_is_wanted_comes_true_in(&store, &format!("-p{suffix}")).await;
    facts_in(&store, &format!("c{suffix}")).await;
    store.revoke_tokens(&[(suffix.clone(), 1)]).await.unwrap();
    store.prune_revoked_tokens(1).await.unwrap();
}

#[tokio::test]
async fn help_of_calls_that_went_with_the_server_is_cancelled_at_its_start() {
    let (_directory, store) = with_store().await;
    let help = |number, ended_at: Option<u64>| store::HelpRecord {
        number,
        agent: 1,
        agent_name: "Ana".to_owned(),
        queue: None,
        team: None,
        reason: None,
        stage: if ended_at.is_none() { "open" } else { "closed" }.to_owned(),
        raised_at: 5,
        taken_at: None,
        taken_by: None,
        ended_at,
        cancelled_why: None,
    };
    store.record_call(&call_record("over"), false, &[]).await.unwrap();
    store.keep_help("over", &help(1, None)).await.unwrap();
    store.keep_help("lost", &help(1, Some(6))).await.unwrap();
    store.keep_help("lost", &help(2, None)).await.unwrap();
    assert_eq!(store.cancel_orphaned_help(9).await.unwrap(), 1);
    let of_lost = store.help_of("lost").await.unwrap();
    assert_eq!((of_lost[0].stage.as_str(), of_lost[0].ended_at), ("closed", Some(6)));
    assert_eq!((of_lost[1].stage.as_str(), of_lost[1].ended_at), ("cancelled", Some(9)));
    assert_eq!(store.help_of("over").await.unwrap()[0].stage, "open", "its interaction is kept");
}
