//! Whoever asked for a change goes away in the middle of it: a request whose client hung up.

use std::time::Duration;

use store::{Store, StoreError};

use super::{kept, post, with_conversation};

/// Changes that are cut off, each a little later than the one before.
const CUT_OFF: u64 = 300;

#[tokio::test]
async fn a_change_that_is_cut_off_leaves_no_transaction_open() {
    let directory = tempfile::tempdir().unwrap();
    let store = with_conversation(directory.path()).await;
    let acknowledged = changes_are_cut_off(&store, 1).await;
    store.close().await;
    let again = super::open(directory.path()).await;
    assert_eq!(kept(&again).await, acknowledged);
}

/// Cuts changes off, from the message of this number on, each followed by one that is not. The numbers
/// of all that are there afterwards, from `first` on, as they have to be.
pub async fn changes_are_cut_off(store: &Store, first: u64) -> Vec<u64> {
    let mut next = first;
    for round in 0..CUT_OFF {
        // One that may have been kept or not: nobody was told.
        let cut = tokio::spawn({
            let store = store.clone();
            async move { post(&store, next, "cut off").await.map(drop) }
        });
        tokio::time::sleep(Duration::from_micros(round * 10)).await;
        cut.abort();
        let was_told = matches!(cut.await, Ok(Ok(())));
        match post(store, next, "told").await {
            Ok(store::Kept::Done) => assert!(!was_told, "what was told is not there"),
            // The one before was kept, whether or not anybody was told.
            Ok(store::Kept::There(there)) => assert_eq!(there, next),
            Err(StoreError::Taken(what)) => panic!("another has the {what} of {next}"),
            Err(error) => panic!("after {round}: {error}"),
        }
        next += 1;
    }
    let all: Vec<u64> = kept(store).await.into_iter().filter(|it| *it >= first).collect();
    assert_eq!(all, (first..next).collect::<Vec<_>>());
    all
}
