//! The same of PostgreSQL: somebody else's lock, a server that is gone, one that can only be read, and
//! changes that are cut off.

use std::time::{Duration, Instant};

use postgres_testkit::Postgres;
use sqlx::{AnyConnection, Connection, Executor};
use store::{Location, Outage, Probe, Store};

use super::{kept, open_conversation, post};

#[tokio::test]
async fn postgresql_keeps_what_it_acknowledged_and_comes_back_by_itself() {
    let mut postgres = Postgres::start();
    let location = Location::Url(postgres.url());
    assert_eq!(store::probe(&location).await.unwrap(), Probe::Empty, "nobody has used it");
    let store = Store::open(&location).await.unwrap();
    let ready = Probe::Writable { pending: 0, newer: false };
    assert_eq!(store::probe(&location).await.unwrap(), ready);
    open_conversation(&store).await;
    post(&store, 1, "before").await.unwrap();

    // Somebody else holds what is to be changed.
    let mut other = AnyConnection::connect(&postgres.url()).await.unwrap();
    other.execute("BEGIN").await.unwrap();
    other.execute("LOCK TABLE messages IN EXCLUSIVE MODE").await.unwrap();
    let error = post(&store, 2, "locked").await.unwrap_err();
    assert_eq!(error.outage(), Some(Outage::Locked), "{error}");
    assert_eq!(kept(&store).await, [1], "who reads does not notice");
    other.execute("ROLLBACK").await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    post(&store, 2, "free").await.unwrap();

    // It can only be read: a standby, or an operator's switch.
    other.execute("ALTER SYSTEM SET default_transaction_read_only = on").await.unwrap();
    other.execute("SELECT pg_reload_conf()").await.unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    let mut next = 3;
    // It takes a moment until its processes have read that.
    let error = loop {
        match post(&store, next, "read-only soon").await {
            Err(error) => break error,
            Ok(_) => next += 1,
        }
        assert!(Instant::now() < until, "the switch does nothing");
    };
    assert_eq!(error.outage(), Some(Outage::ReadOnly), "{error}");
    assert_eq!(store.check_writable().await, Err(Outage::ReadOnly));
    other.execute("SET default_transaction_read_only = off").await.unwrap();
    other.execute("ALTER SYSTEM RESET default_transaction_read_only").await.unwrap();
    other.execute("SELECT pg_reload_conf()").await.unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while post(&store, next, "written again").await.is_err() {
        assert!(Instant::now() < until, "it does not come back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    // It is gone, and comes back.
    postgres.kill();
    let error = post(&store, next + 1, "gone").await.unwrap_err();
    assert_eq!(error.outage(), Some(Outage::Unreachable), "{error}");
    postgres.restart();
    let until = Instant::now() + Duration::from_secs(10);
    while post(&store, next + 1, "back").await.is_err() {
        assert!(Instant::now() < until, "it does not come back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(kept(&store).await, (1..=next + 1).collect::<Vec<_>>());
    super::cut_off::changes_are_cut_off(&store, next + 2).await;
}
