//! Another process holds SQLite's write lock.

use std::time::{Duration, Instant};

use sqlx::{AnyConnection, Connection, Executor};
use store::Outage;

use super::{kept, post, with_conversation};

/// Writers that wait at the same time: more than there are connections.
const WRITERS: u64 = 20;

#[tokio::test]
async fn a_lock_is_waited_for_and_named_and_who_reads_does_not_notice() {
    let directory = tempfile::tempdir().unwrap();
    let store = with_conversation(directory.path()).await;
    post(&store, 1, "before").await.unwrap();
    let url = format!("sqlite://{}", directory.path().join(store::FILE_NAME).display());
    let mut other = AnyConnection::connect(&url).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();

    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { post(&store, 2, "while it is locked").await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let asked = Instant::now();
    assert_eq!(kept(&store).await, [1]);
    assert!(asked.elapsed() < Duration::from_secs(1), "reading waited for who writes");
    assert!(matches!(store.check_writable().await, Err(Outage::Locked | Outage::TooSlow)));
    for writer in writers {
        let error = writer.await.unwrap().unwrap_err();
        assert_eq!(error.outage(), Some(Outage::Locked), "{error}");
    }

    other.execute("ROLLBACK").await.unwrap();
    let free = Instant::now();
    while post(&store, 2, "after").await.is_err() {
        assert!(free.elapsed() < Duration::from_secs(1), "it did not work soon");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(kept(&store).await, [1, 2]);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(store.check_writable().await, Ok(()));
}
