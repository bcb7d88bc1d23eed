//! Prints how long a supervisor's page waits for its picture when 1,000 conversations of 50
//! messages each go on, and how large that is.
//!
//! It measures and claims nothing: run it on a quiet machine,
//! `cargo run -p media-server --release --example many_conversations`. The conversations are made
//! by the model itself and written as the server writes them; the server then takes them up as
//! after any restart, and is asked over HTTP and WebSocket like by any page. With `--stay` it goes
//! on until Ctrl-C, for a browser.

use std::time::{Duration, Instant};

use anyhow::Context;
use client::session::Session;
use futures_util::StreamExt;
use interaction::conversation::{
    Channel, Command, Conversation, ConversationConfig, Draft, Entry, Event, Features, PartKind,
    Visibility,
};
use interaction::{Actor, ConversationId, Policy, QueueId, Rights, UnixMs, UserId};
use media_server::{Config, Running};
use orchestrator::stored::entries as book;
use store::{
    InteractionChange, InteractionKind, InteractionRecord, MemberRecord, MessageRecord, Store,
};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

const CONVERSATIONS: u64 = 1_000;
const MESSAGES: u64 = 50;
/// Of so many pictures the median and the longest are told.
const PICTURES: usize = 15;
const TEXT: &str = "Thank you, the parcel with the blue shoes came this morning";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let config = || -> anyhow::Result<Config> {
        let local = "127.0.0.1:0".parse()?;
        let data = data.path().to_owned();
        Ok(Config { demo: Some(0), http: local, media: local, data, ..Config::default() })
    };
    let server = media_server::start(config()?).await?;
    let begun = Instant::now();
    fill(&server.store).await?;
    println!(
        "{CONVERSATIONS} conversations of {MESSAGES} messages written: {:.1?}",
        begun.elapsed()
    );
    server.stop().await;

    let begun = Instant::now();
    let server = media_server::start(config()?).await?;
    println!("server started, all of them taken up: {:.1?}", begun.elapsed());
    let supervisor = Session::sign_in(&server.url(), "supervisor1", "sotto-demo").await?;
    let mut waits = Vec::new();
    let mut bytes = 0;
    for _ in 0..PICTURES {
        let (wait, size) = picture(&server, &supervisor).await?;
        waits.push(wait);
        bytes = size;
    }
    println!("event stream opened until text.snapshot: {}, {bytes} bytes", told(waits));
    let mut waits = Vec::new();
    for _ in 0..PICTURES {
        let begun = Instant::now();
        let request = supervisor.api().request(client::api::Method::GET, "/conversations");
        bytes = request.send().await?.bytes().await?.len();
        waits.push(begun.elapsed());
    }
    println!("GET /conversations: {}, {bytes} bytes", told(waits));
    if std::env::args().any(|argument| argument == "--stay") {
        println!("{} stays until Ctrl-C", server.url());
        tokio::signal::ctrl_c().await?;
    }
    server.stop().await;
    Ok(())
}

fn told(mut waits: Vec<Duration>) -> String {
    waits.sort();
    let (median, most) = (waits[waits.len() / 2], waits[waits.len() - 1]);
    format!("median {median:.1?}, most {most:.1?}")
}

/// Opens an event stream: how long until the picture of the conversations, and its size.
async fn picture(server: &Running, supervisor: &Session) -> anyhow::Result<(Duration, usize)> {
    let url = server.url().replacen("http", "ws", 1) + "/api/v1/events";
    let mut request = url.into_client_request()?;
    let token = supervisor.api().token().context("signed in")?.header();
    request.headers_mut().insert("authorization", token.parse()?);
    let begun = Instant::now();
    let (mut socket, _) = connect_async(request).await?;
    loop {
        let message = socket.next().await.context("the stream goes on")??;
        let Message::Text(text) = message else { continue };
        if text.contains("\"text.snapshot\"") {
            let wait = begun.elapsed();
            let told: serde_json::Value = serde_json::from_str(&text)?;
            let count = told["conversations"].as_array().map_or(0, Vec::len);
            anyhow::ensure!(count == CONVERSATIONS as usize, "{count} conversations are told");
            return Ok((wait, text.len()));
        }
    }
}

async fn fill(store: &Store) -> anyhow::Result<()> {
    let queues = store.queues().await?;
    let queue = queues.iter().find(|queue| queue.key == "support").context("the demo's queue")?;
    let agents = store.agents().await?;
    let agents: Vec<_> = agents.iter().filter(|it| it.queues.contains(&queue.id)).collect();
    for number in 0..CONVERSATIONS {
        let agent = agents[number as usize % agents.len()];
        let talk = Talk {
            id: ConversationId(0x1_0000 + number),
            customer: UserId::guest(number + 1),
            agent: UserId(agent.id.0),
            agent_name: agent.name.clone(),
        };
        talk.write(store, QueueId(queue.id.0)).await?;
    }
    Ok(())
}

/// A customer and an agent who write to each other.
struct Talk {
    id: ConversationId,
    customer: UserId,
    agent: UserId,
    agent_name: String,
}

impl Talk {
    async fn write(&self, store: &Store, queue: QueueId) -> anyhow::Result<()> {
        let policy = Policy::default();
        let at = |minutes: u64| UnixMs(1_790_000_000_000 + minutes * 60_000);
        let config = ConversationConfig {
            id: self.id,
            requester: self.customer,
            channel: Channel::WebChat,
            queue: Some(queue),
            policy: policy.clone(),
            features: Features::default(),
        };
        let (mut state, opened) = Conversation::open(at(0), config);
        let join =
            Command::JoinAgent { user: self.agent, rights: Rights::default(), handover: None };
        let joined = state.apply(at(1), Actor::System, join)?.entries;
        let entries = std::iter::once(opened).chain(joined);
        let mut kept = 0;
        let mut rows = |entries: &mut dyn Iterator<Item = Entry>| {
            let row = |entry| {
                kept += 1;
                book::record(kept, &entry, &policy, self.customer)
            };
            entries.filter_map(row).collect()
        };
        let change = InteractionChange {
            events: rows(&mut entries.into_iter()),
            members: vec![
                member(self.customer, PartKind::Requester, &self.name()),
                member(self.agent, PartKind::Agent, &self.agent_name),
            ],
            answered_at: Some(at(1).0),
            ..InteractionChange::default()
        };
        store.open_interaction(&self.record(at(0)), &change).await?;
        for number in 0..MESSAGES {
            let author = if number % 2 == 0 { self.customer } else { self.agent };
            let draft = Draft {
                visibility: Visibility::Public,
                client_id: format!("m{number}"),
                text: format!("{TEXT} {number}"),
                attachments: Vec::new(),
            };
            let posted = state.apply(at(2 + number), Actor::User(author), Command::Post(draft))?;
            let message = posted.entries.iter().find_map(|entry| self.message(entry));
            let events = rows(&mut posted.entries.into_iter());
            let change = InteractionChange { events, message, ..InteractionChange::default() };
            store.keep(&self.id.to_string(), &change).await?;
        }
        Ok(())
    }

    fn name(&self) -> String {
        format!("Customer {}", self.id)
    }

    fn message(&self, entry: &Entry) -> Option<MessageRecord> {
        let Event::Posted(message) = &entry.event else { return None };
        let by_agent = message.author == self.agent;
        Some(MessageRecord {
            position: message.position,
            public_position: message.public,
            at: entry.at.0,
            author: message.author.0,
            author_name: if by_agent { self.agent_name.clone() } else { self.name() },
            client_id: message.client_id.clone(),
            text: message.text.clone(),
        })
    }

    fn record(&self, opened_at: UnixMs) -> InteractionRecord {
        InteractionRecord {
            id: self.id.to_string(),
            kind: InteractionKind::Conversation,
            channel: "web_chat".to_owned(),
            queue: Some("support".to_owned()),
            requester: self.customer.0,
            requester_name: self.name(),
            subject: Some("Where is my parcel?".to_owned()),
            opened_at: opened_at.0,
            answered_at: None,
            ended_at: None,
            end_reason: None,
            opening: None,
        }
    }
}

fn member(user: UserId, part: PartKind, name: &str) -> MemberRecord {
    MemberRecord { user: user.0, part, name: name.to_owned(), joined_event: None, left: None }
}
