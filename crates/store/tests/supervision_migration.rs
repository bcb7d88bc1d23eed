//! Databases of earlier versions, with data in them, brought to this one: in SQLite, and in PostgreSQL.

use std::path::Path;

use sqlx::AnyPool;
use sqlx::migrate::Migrator;
use store::{Location, Store, SupervisionRecord};

/// The last migration of version 0.1 (commit ab38ec6).
const VERSION_0_1: i64 = 5;

/// A database as version 0.1 left it: two acts of supervision in one millisecond, after a later one.
async fn made_by_0_1(url: &str) {
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(url).await.unwrap();
    let directory = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
    Migrator::new(directory).await.unwrap().run_to(VERSION_0_1, &pool).await.unwrap();
    for (id, at, action) in [(1, 900, "stop"), (2, 500, "listen"), (3, 500, "whisper")] {
        sqlx::query(
            "INSERT INTO supervision_audit (id, at, user_id, username, call_id, action, outcome) \
             VALUES ($1, $2, 9, 'supervisor1', 'c1', $3, 'done')",
        )
        .bind(id)
        .bind(at)
        .bind(action)
        .execute(&pool)
        .await
        .unwrap();
    }
    pool.close().await;
}

async fn supervision_is_in_order(location: &Location) {
    let store = Store::open(location).await.unwrap();
    let actions = async || -> Vec<String> {
        let acts = store.supervision_of_call("c1").await.unwrap();
        acts.into_iter().map(|act| act.action).collect()
    };
    assert_eq!(actions().await, ["listen", "whisper", "stop"]);
    // What comes is after what was.
    let next = SupervisionRecord {
        at: 100,
        user: 9,
        username: "supervisor1".to_owned(),
        call: "c1".to_owned(),
        action: "barge".to_owned(),
        outcome: "done".to_owned(),
    };
    store.record_supervision(&[next]).await.unwrap();
    assert_eq!(actions().await, ["listen", "whisper", "stop", "barge"]);
    store.close().await;
}

#[tokio::test]
async fn supervision_of_0_1_gets_an_order() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(store::FILE_NAME);
    made_by_0_1(&format!("sqlite://{}?mode=rwc", file.display())).await;
    supervision_is_in_order(&Location::Directory(directory.path().to_owned())).await;
}

#[tokio::test]
async fn supervision_of_0_1_gets_an_order_in_postgresql() {
    let postgres = postgres_testkit::Postgres::start();
    made_by_0_1(&postgres.url()).await;
    supervision_is_in_order(&Location::Url(postgres.url())).await;
}
