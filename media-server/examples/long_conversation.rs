//! Prints what a message costs in a conversation of 4,700 messages, near the most that one may have, against one of 50.
//!
//! `cargo run --release -p media-server --example long_conversation`: a whole server in this process, two
//! conversations of one agent that the server takes up as after any restart, a supervisor who watches
//! both, and messages posted over HTTP, a block into the one and a block into the other by turns. Told
//! are the wait for the answer and the processor time of the whole process, and how the two compare.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use client::api::Method;
use client::session::Session;
use interaction::{ConversationId, QueueId, UserId};
use media_server::Config;
use serde_json::{Value, json};
use talk::Talk;

mod talk;

const LENGTHS: [u64; 2] = [50, 4_700];
/// Blocks into each conversation, and messages in a block.
const BLOCKS: usize = 10;
const BLOCK: usize = 25;
/// What a party may post in a minute, as the policies are set here, leaves this between two messages.
const PAUSE: Duration = Duration::from_millis(105);
const PASSWORD: &str = "sotto-demo";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let local = "127.0.0.1:0".parse()?;
    let config = || Config {
        demo: Some(0),
        http: local,
        media: local,
        data: data.path().to_owned(),
        ..Config::default()
    };
    let server = media_server::start(config()).await?;
    fill(&server.store).await?;
    server.stop().await;

    let server = media_server::start(config()).await?;
    let admin = Session::sign_in(&server.url(), "admin", PASSWORD).await?;
    let mut policies = ask(&admin, Method::GET, "/admin/policies", None).await?;
    policies["policies"]["messages_per_minute"] = json!(600);
    ask(&admin, Method::PUT, "/admin/policies", Some(policies)).await?;
    let agent = Session::sign_in(&server.url(), "agent1", PASSWORD).await?;
    let mut waits = [Vec::new(), Vec::new()];
    let mut processor = [Duration::ZERO; 2];
    for block in 0..BLOCKS {
        for which in [0, 1] {
            let before = processor_time()?;
            for number in 0..BLOCK {
                tokio::time::sleep(PAUSE).await;
                let path = format!("/conversations/{}/messages", id(which));
                let client_id = format!("measured {block} {number}");
                let draft =
                    json!({"client_id": client_id, "text": "It came", "visibility": "public"});
                let begun = Instant::now();
                ask(&agent, Method::POST, &path, Some(draft)).await?;
                waits[which].push(begun.elapsed());
            }
            processor[which] += processor_time()? - before;
        }
    }
    tell(waits, processor);
    server.stop().await;
    Ok(())
}

async fn ask(
    by: &Session,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> anyhow::Result<Value> {
    let mut request = by.api().request(method, path);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await?;
    ensure!(answer.status().is_success(), "{path}: {}", answer.text().await?);
    Ok(answer.json().await?)
}

fn tell(mut waits: [Vec<Duration>; 2], processor: [Duration; 2]) {
    println!("messages before | p50 of the answer | p95 | processor time a message");
    let mut medians = [0.0; 2];
    for (which, waits) in waits.iter_mut().enumerate() {
        waits.sort_unstable();
        let at =
            |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        medians[which] = at(0.5);
        let each = processor[which].as_secs_f64() * 1e3 / (BLOCKS * BLOCK) as f64;
        println!("{} | {:.2} ms | {:.2} ms | {each:.2} ms", LENGTHS[which], at(0.5), at(0.95));
    }
    let by_time = medians[1] / medians[0];
    let by_processor = processor[1].as_secs_f64() / processor[0].as_secs_f64();
    println!(
        "the long one costs {by_time:.2} of the short one's wait, {by_processor:.2} of its processor time"
    );
}

fn id(which: usize) -> ConversationId {
    ConversationId(0x1_0000 + which as u64)
}

async fn fill(store: &store::Store) -> anyhow::Result<()> {
    let queues = store.queues().await?;
    let queue = queues.iter().find(|queue| queue.key == "support").context("the demo's queue")?;
    let agents = store.agents().await?;
    let agent = agents.iter().find(|it| it.queues.contains(&queue.id)).context("an agent")?;
    for (which, messages) in LENGTHS.into_iter().enumerate() {
        let talk = Talk {
            id: id(which),
            customer: UserId::guest(which as u64 + 1),
            agent: UserId(agent.id.0),
            agent_name: agent.name.clone(),
            messages,
        };
        talk.write(store, QueueId(queue.id.0)).await?;
    }
    Ok(())
}

/// What this process has used of the processors until now (proc(5): fields 14 and 15, in ticks of 10 ms).
fn processor_time() -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().context("stat")?.split_whitespace().collect();
    ensure!(fields.len() > 12, "too few fields in /proc/self/stat");
    let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 10))
}
