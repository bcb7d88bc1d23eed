//! Interactions of a version that did not say by what their customers are known: whoever has an id of their own is
//! known by it from then on, in SQLite and in PostgreSQL.

use std::path::Path;

use sqlx::AnyPool;
use sqlx::migrate::Migrator;
use store::{Location, Store};

/// The last migration before that.
const BEFORE: i64 = 30;

/// A guest, a connector's customer, one with an account, and a conversation beside a call of theirs; of a call that
/// nobody was on the caller's id is 0.
async fn made_before(url: &str) {
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(url).await.unwrap();
    let directory = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
    Migrator::new(directory).await.unwrap().run_to(BEFORE, &pool).await.unwrap();
    for (id, kind, channel, requester) in [
        ("guest", "conversation", "web_chat", (1_u64 << 63 | 5).cast_signed()),
        ("channel", "conversation", "whatsapp", 1 << 62 | 5),
        ("account", "call", "voice", 5),
        ("beside", "conversation", "voice", 5),
        ("nobody", "call", "voice", 0),
    ] {
        sqlx::query(
            "INSERT INTO interactions (id, kind, channel, requester_id, requester_name, opened_at) \
             VALUES ($1, $2, $3, $4, 'Nora', 10)",
        )
        .bind(id)
        .bind(kind)
        .bind(channel)
        .bind(requester)
        .execute(&pool)
        .await
        .unwrap();
    }
    pool.close().await;
}

async fn customers_are_known(location: &Location) {
    let store = Store::open(location).await.unwrap();
    let customer = async |id: &str| store.interaction(id).await.unwrap().unwrap().customer;
    assert_eq!(customer("channel").await, Some(format!("channel:{}", 1_u64 << 62 | 5)));
    assert_eq!(customer("account").await, Some("account:5".to_owned()));
    for nobody in ["guest", "beside", "nobody"] {
        assert_eq!(customer(nobody).await, None, "{nobody}");
    }
    let found = store.contacts_of("account:5", None, 9).await.unwrap();
    assert_eq!(found.len(), 1);
    store.close().await;
}

#[tokio::test]
async fn customers_with_an_id_are_known_by_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(store::FILE_NAME);
    made_before(&format!("sqlite://{}?mode=rwc", file.display())).await;
    customers_are_known(&Location::Directory(directory.path().to_owned())).await;
}

#[tokio::test]
async fn customers_with_an_id_are_known_by_it_in_postgresql() {
    let postgres = postgres_testkit::Postgres::start();
    made_before(&postgres.url()).await;
    customers_are_known(&Location::Url(postgres.url())).await;
}
