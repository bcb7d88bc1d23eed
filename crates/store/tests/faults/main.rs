//! Faults of the disk and of others who use the database: what was kept is there, what could not be
//! kept was refused with the true cause, and all of it works again by itself.

mod cut_off;
mod full;
mod locked;
mod postgres;
mod torn;

use store::{
    EventRecord, InteractionChange, InteractionKind, InteractionRecord, Kept, Location,
    MessageRecord, Store, StoreError,
};

const ANA: u64 = 7;
const CONVERSATION: &str = "k1";

async fn open(directory: &std::path::Path) -> Store {
    Store::open(&Location::Directory(directory.to_owned())).await.unwrap()
}

/// A store with one conversation.
async fn with_conversation(directory: &std::path::Path) -> Store {
    let store = open(directory).await;
    open_conversation(&store).await;
    store
}

async fn open_conversation(store: &Store) {
    let record = InteractionRecord {
        id: CONVERSATION.to_owned(),
        kind: InteractionKind::Conversation,
        channel: "web_chat".to_owned(),
        queue: None,
        requester: ANA,
        requester_name: "Ana Duarte".to_owned(),
        subject: None,
        opened_at: 1,
        answered_at: None,
        ended_at: None,
        end_reason: None,
        opening: None,
        customer: None,
    };
    store.open_interaction(&record, &InteractionChange::default()).await.unwrap();
}

/// Keeps the message of this number, as the server does.
async fn post(store: &Store, number: u64, words: &str) -> Result<Kept, StoreError> {
    let change = InteractionChange {
        events: vec![EventRecord {
            position: number,
            at: number,
            kind: "posted".to_owned(),
            actor: Some(ANA),
            private: false,
            data: "{}".to_owned(),
        }],
        message: Some(MessageRecord {
            position: number,
            public_position: Some(number),
            at: number,
            author: ANA,
            author_name: "Ana Duarte".to_owned(),
            client_id: number.to_string(),
            text: format!("{number} {words}"),
        }),
        ..InteractionChange::default()
    };
    store.keep(CONVERSATION, &change).await
}

/// The numbers of the messages that are there.
async fn kept(store: &Store) -> Vec<u64> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = store.messages(CONVERSATION, before, 500).await.unwrap();
        let Some(first) = page.first() else { return all };
        before = Some(first.position);
        all.splice(0..0, page.iter().map(|message| message.position));
    }
}
