//! The power fails while the write-ahead log is written: its end is torn.

use super::{kept, open, post, with_conversation};

const MESSAGES: u64 = 40;

#[tokio::test]
async fn a_torn_end_costs_what_was_being_written_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let store = with_conversation(directory.path()).await;
    let file = directory.path().join(store::FILE_NAME);
    let log = file.with_extension("db-wal");
    let mut ends = Vec::new();
    for number in 1..=MESSAGES {
        post(&store, number, "some words").await.unwrap();
        ends.push(std::fs::metadata(&log).unwrap().len());
    }
    // The files as a dead machine leaves them, cut within the last change, and with garbage for it.
    let whole = std::fs::read(&log).unwrap();
    let last = (ends[ends.len() - 2] + 100) as usize;
    let mut garbled = whole.clone();
    garbled[last..].fill(0x5a);
    for torn in [&whole[..last], &garbled[..]] {
        let crashed = tempfile::tempdir().unwrap();
        let copy = crashed.path().join(store::FILE_NAME);
        std::fs::copy(&file, &copy).unwrap();
        std::fs::write(copy.with_extension("db-wal"), torn).unwrap();
        let again = open(crashed.path()).await;
        assert_eq!(kept(&again).await, (1..MESSAGES).collect::<Vec<_>>());
        post(&again, MESSAGES, "once more").await.unwrap();
    }
}
