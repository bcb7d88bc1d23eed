//! The books: ended calls and what happened on them, help requests, acts of supervision. They are
//! written one after the other, in the background.

use tokio::sync::{mpsc, oneshot};

/// Entries that may wait to be written; a database that stands still must not hold up calls.
const ENTRIES_MAX: usize = 4_096;

/// Takes entries.
pub struct Books {
    entries: mpsc::Sender<Entry>,
}

enum Entry {
    Finished(Box<store::CallRecord>),
    Happened(String, store::InteractionChange),
    Helped(String, store::HelpRecord),
    Supervised(store::SupervisionRecord),
    /// Everything before this has been written.
    Mark(oneshot::Sender<()>),
}

/// The books, and the task that writes them.
pub fn open(store: store::Store) -> (Books, impl Future<Output = ()> + Send + 'static) {
    let (entries, mut receiver) = mpsc::channel(ENTRIES_MAX);
    let write = async move {
        while let Some(entry) = receiver.recv().await {
            let written = match entry {
                Entry::Finished(record) => store.record_call(&record).await,
                Entry::Happened(call, change) => store.keep(&call, &change).await.map(drop),
                Entry::Helped(call, request) => store.keep_help(&call, &request).await,
                Entry::Supervised(record) => store.record_supervision(&record).await,
                Entry::Mark(reply) => {
                    let _ = reply.send(());
                    Ok(())
                }
            };
            if let Err(error) = written {
                metrics::counter!("sotto_book_entries_lost_total").increment(1);
                tracing::error!(%error, "an entry could not be written into the books");
            }
        }
    };
    (Books { entries }, write)
}

impl Books {
    /// A call is over.
    pub fn finished(&self, record: Box<store::CallRecord>) {
        self.put(Entry::Finished(record));
    }

    /// What happened on a call that is over, and is in the books.
    pub fn happened(&self, call: String, events: Vec<store::EventRecord>) {
        let change = store::InteractionChange { events, ..Default::default() };
        self.put(Entry::Happened(call, change));
    }

    /// A help request of a call is as this now.
    pub fn helped(&self, call: String, request: store::HelpRecord) {
        self.put(Entry::Helped(call, request));
    }

    /// Somebody supervised, or tried to.
    pub fn supervised(&self, record: store::SupervisionRecord) {
        self.put(Entry::Supervised(record));
    }

    /// Waits until what was put in so far has been written.
    pub async fn written(&self) {
        let (reply, written) = oneshot::channel();
        if self.entries.send(Entry::Mark(reply)).await.is_ok() {
            let _ = written.await;
        }
    }

    fn put(&self, entry: Entry) {
        if self.entries.try_send(entry).is_err() {
            metrics::counter!("sotto_book_entries_lost_total").increment(1);
            tracing::error!("the books are full: an entry was lost");
        }
    }
}
