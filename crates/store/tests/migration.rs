//! A database of a former version, with data, becomes one of this version: who left what, and what
//! may be searched, is worked out from what was kept.

use std::path::Path;

use sqlx::AnyPool;
use sqlx::migrate::Migrator;
use store::{Location, PlaceRecord, Store};

/// The migrations of the version before `0010_access`.
const FORMER: [&str; 5] = [
    "0001_accounts.sql",
    "0002_records.sql",
    "0003_interactions.sql",
    "0004_administration.sql",
    "0005_channels.sql",
];

/// A conversation: Ana (2) answered, Ben (3) was tagged in and left, Ana handed over to Cleo (4),
/// who ended it. Then a call: Ana consulted Ben and handed over to Cleo. Ids begin with `p`.
const DATA: &str = r#"
INSERT INTO interactions (id, kind, channel, queue, requester_id, requester_name, opened_at, ended_at)
VALUES ('pk', 'conversation', 'web_chat', 'support', 1, 'Nora', 10, 90),
       ('pr', 'conversation', 'web_chat', 'support', 1, 'Nora', 10, NULL);
INSERT INTO interaction_members (interaction_id, user_id, part, name)
VALUES ('pk', 1, 'requester', 'Nora'), ('pk', 2, 'agent', 'Ana'), ('pk', 3, 'colleague', 'Ben'),
       ('pk', 4, 'agent', 'Cleo'), ('pr', 1, 'requester', 'Nora'), ('pr', 2, 'agent', 'Ana');
INSERT INTO interaction_events (interaction_id, position, at, kind, actor, private, data)
VALUES ('pk', 1, 10, 'opened', 1, 0, '{"type":"opened","member":{"user":1,"part":"requester","since":10}}'),
       ('pk', 2, 20, 'joined', 2, 0, '{"type":"joined","member":{"user":2,"part":"agent","since":20}}'),
       ('pk', 3, 30, 'posted', 1, 0, '{"type":"posted","position":1,"author":1}'),
       ('pk', 4, 40, 'joined', 3, 1, '{"type":"joined","member":{"user":3,"part":"colleague","since":40}}'),
       ('pk', 5, 50, 'posted', 3, 1, '{"type":"posted","position":2,"author":3}'),
       ('pk', 6, 55, 'left', 3, 1,
        '{"type":"left","member":{"user":3,"part":"colleague","since":40},"reason":"hung_up"}'),
       ('pk', 7, 60, 'left', 2, 0,
        '{"type":"left","member":{"user":2,"part":"agent","since":20},"reason":"transferred"}'),
       ('pk', 8, 70, 'joined', 4, 0, '{"type":"joined","member":{"user":4,"part":"agent","since":70}}'),
       ('pk', 9, 80, 'posted', 4, 1, '{"type":"posted","position":3,"author":4}'),
       ('pk', 10, 90, 'left', 4, 0,
        '{"type":"left","member":{"user":4,"part":"agent","since":70},"reason":"hung_up"}'),
       ('pk', 11, 90, 'ended', NULL, 0, '{"type":"ended","reason":"agent"}'),
       ('pr', 1, 10, 'opened', 1, 0, '{"type":"opened","member":{"user":1,"part":"requester","since":10}}'),
       ('pr', 2, 20, 'joined', 2, 0, '{"type":"joined","member":{"user":2,"part":"agent","since":20}}'),
       ('pr', 3, 30, 'left', 2, 0, '{"type":"left","member":{"user":2,"part":"agent","since":20},"reason":"lost"}'),
       ('pr', 4, 40, 'joined', 2, 0, '{"type":"joined","member":{"user":2,"part":"agent","since":40}}');
INSERT INTO search_terms (term, interaction_id, private) VALUES ('refund', 'pk', 0);
INSERT INTO calls (call_id, queue, caller_name, placed_at, answered_at, ended_at, end_reason)
VALUES ('pc', 'support', 'Nora', 10, 20, 90, 'caller');
INSERT INTO call_parties (call_id, position, user_id, name, role, joined_at, left_at)
VALUES ('pc', 0, 1, 'Nora', 'caller', 10, 90), ('pc', 1, 2, 'Ana', 'agent', 20, 60),
       ('pc', 2, 4, 'Cleo', 'agent', 70, 90);
INSERT INTO interactions (id, kind, channel, queue, requester_id, requester_name, opened_at, ended_at)
VALUES ('pc', 'call', 'voice', 'support', 1, 'Nora', 10, 90);
INSERT INTO interaction_members (interaction_id, user_id, part, name)
VALUES ('pc', 1, 'requester', 'Nora'), ('pc', 2, 'agent', 'Ana'), ('pc', 4, 'agent', 'Cleo');
INSERT INTO interaction_events (interaction_id, position, at, kind, actor, private, data)
VALUES ('pc', 1, 10, 'placed', 1, 0, '{"name":"Nora"}'), ('pc', 2, 20, 'joined', 2, 0, '{"name":"Ana"}'),
       ('pc', 3, 60, 'left', 2, 0, '{"name":"Ana"}'), ('pc', 4, 70, 'joined', 4, 0, '{"name":"Cleo"}'),
       ('pc', 5, 90, 'ended', NULL, 0, '{}');
"#;

async fn former(url: &str) {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let directory = tempfile::tempdir().unwrap();
    for file in FORMER {
        std::fs::copy(ours.join(file), directory.path().join(file)).unwrap();
    }
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(url).await.unwrap();
    Migrator::new(directory.path()).await.unwrap().run(&pool).await.unwrap();
    for statement in DATA.split(";\n").map(str::trim).filter(|it| !it.is_empty()) {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    pool.close().await;
}

async fn left(store: &Store, id: &str, user: u64) -> Option<PlaceRecord> {
    let members = store.members_of(id).await.unwrap();
    members.into_iter().find(|it| it.user == user).expect("is a member").left
}

async fn look(store: &Store) {
    let place = |event, message, at| Some(PlaceRecord { event, message, at });
    assert_eq!(left(store, "pk", 1).await, None);
    assert_eq!(left(store, "pk", 2).await, place(7, 2, 60));
    assert_eq!(left(store, "pk", 3).await, place(6, 2, 55));
    assert_eq!(left(store, "pk", 4).await, None, "their leaving ended it");
    assert_eq!(left(store, "pr", 2).await, None, "came back");
    assert_eq!(left(store, "pc", 2).await, place(3, 0, 60));
    assert_eq!(left(store, "pc", 4).await, None);
    let members = store.members_of("pk").await.unwrap();
    let joined: Vec<_> = members.iter().map(|it| (it.user, it.joined_event)).collect();
    assert_eq!(joined, [(2, Some(2)), (4, Some(8)), (3, Some(4)), (1, Some(1))]);
    assert!(store.contains("pk", "refund", i64::MAX as u64).await.unwrap());
    assert!(!store.contains("pk", "refund", 3).await.unwrap(), "whose it was is not known");
    assert_eq!(store.interaction("pk").await.unwrap().unwrap().opening, None);
}

#[tokio::test]
async fn a_database_of_the_former_version_keeps_its_data() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("sotto.db");
    former(&format!("sqlite://{}?mode=rwc", file.display())).await;
    let location = Location::Directory(directory.path().to_owned());
    look(&Store::open(&location).await.unwrap()).await;
}

#[tokio::test]
async fn and_so_does_one_of_postgresql() {
    let postgres = postgres_testkit::Postgres::start();
    former(&postgres.url()).await;
    look(&Store::open(&Location::Url(postgres.url())).await.unwrap()).await;
}
