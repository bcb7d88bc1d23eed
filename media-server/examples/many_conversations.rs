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
use interaction::{ConversationId, QueueId, UserId};
use media_server::{Config, Running};
use store::Store;
use talk::Talk;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

mod talk;

const CONVERSATIONS: u64 = 1_000;
const MESSAGES: u64 = 50;
/// Of so many pictures the median and the longest are told.
const PICTURES: usize = 15;

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
            messages: MESSAGES,
        };
        talk.write(store, QueueId(queue.id.0)).await?;
    }
    Ok(())
}
