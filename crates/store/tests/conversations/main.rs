//! Conversations, chats, help, notes, search and settings, against SQLite files of their own, and
//! against a PostgreSQL of their own.

mod finding;
mod keeping;
mod settings;

use interaction::conversation::PartKind;
use store::{
    EventRecord, InteractionChange, InteractionKind, InteractionRecord, Location, MemberRecord,
    MessageRecord, NewUser, Role, Store, UserId,
};

const NORA: u64 = 1 << 63 | 9;
const ANA: u64 = 7;

async fn open(directory: &tempfile::TempDir) -> Store {
    Store::open(&Location::Directory(directory.path().to_owned())).await.unwrap()
}

async fn with_store() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&directory).await;
    (directory, store)
}

fn record(id: &str, queue: &str, opened_at: u64) -> InteractionRecord {
    InteractionRecord {
        id: id.to_owned(),
        kind: InteractionKind::Conversation,
        channel: "web_chat".to_owned(),
        queue: Some(queue.to_owned()),
        requester: NORA,
        requester_name: "Nora Lind".to_owned(),
        subject: Some("Where is my parcel?".to_owned()),
        opened_at,
        answered_at: None,
        ended_at: None,
        end_reason: None,
        opening: None,
        customer: None,
    }
}

fn event(position: u64, kind: &str) -> EventRecord {
    EventRecord {
        position,
        at: 1_000 + position,
        kind: kind.to_owned(),
        actor: Some(ANA),
        private: kind.starts_with("private"),
        data: format!("{{\"n\":{position}}}"),
    }
}

fn message(position: u64, public: Option<u64>, client_id: &str, text: &str) -> MessageRecord {
    MessageRecord {
        position,
        public_position: public,
        at: 2_000 + position,
        author: ANA,
        author_name: "Ana Duarte".to_owned(),
        client_id: client_id.to_owned(),
        text: text.to_owned(),
    }
}

fn wrote(event_position: u64, message: MessageRecord) -> InteractionChange {
    InteractionChange {
        events: vec![event(event_position, "posted")],
        message: Some(message),
        ..InteractionChange::default()
    }
}

fn member(user: u64, part: PartKind, name: &str) -> MemberRecord {
    let name = name.to_owned();
    MemberRecord { user, part, name, joined_event: Some(1), left: None }
}

/// A conversation that Nora opened and Ana answered.
async fn opened(store: &Store, id: &str, queue: &str, at: u64) {
    let change = InteractionChange {
        events: vec![event(1, "opened"), event(2, "joined")],
        members: vec![
            member(NORA, PartKind::Requester, "Nora Lind"),
            member(ANA, PartKind::Agent, "Ana Duarte"),
        ],
        answered_at: Some(at + 5),
        ..InteractionChange::default()
    };
    store.open_interaction(&record(id, queue, at), &change).await.unwrap();
}

/// Waits until the words of all messages are in the index.
async fn indexed(store: &Store) {
    let indexing = tokio::spawn(store.clone().keep_indexed());
    while store.unindexed().await.unwrap() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    indexing.abort();
}

async fn user(store: &Store, username: &str) -> UserId {
    let new = NewUser {
        username,
        name: username,
        password: "open sesame",
        role: Role::Agent,
        permissions: &[],
    };
    store.create_user(new).await.unwrap()
}

#[tokio::test]
async fn postgresql_does_the_same() {
    let postgres = postgres_testkit::Postgres::start();
    let store = Store::open(&Location::Url(postgres.url())).await.unwrap();
    let suffix = format!("-{}", std::process::id());
    keeping::concurrent_retries_in(&store, &format!("r{suffix}")).await;
    keeping::pages_in(&store, &format!("p{suffix}")).await;
    finding::help_report_in(&store, &format!("h{suffix}")).await;
    finding::search_in(&store, &suffix).await;
    keeping::attachments_in(&store, &format!("a{suffix}"), u64::from(std::process::id()) * 100)
        .await;
    let chat = format!("c{suffix}");
    let (ana, ben) = keeping::chatted_in(&store, &chat, &suffix).await;
    keeping::chat_is_there_in(&store, &chat, ana, ben).await;
    settings::settings_in(&store, &format!("-s{suffix}")).await;
}
