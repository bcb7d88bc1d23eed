//! How long it takes until every supervisor's page has what happened on a call, and what the levels cost.
//!
//! `cargo run --release -p sotto-benches --example fan_out`: 5,000 agents are known, 1,000 of them are
//! on calls, and 200 supervisors have an event stream open. The live state, the rendering, the outboxes
//! and the WebSockets are the server's own; only the media workers are left out, in whose place the
//! call model speaks. The readers are a process of their own, so that its processor time is not the
//! server's. Two layouts: everybody in one team, so that each event goes to all 200; and 25 teams of
//! 200 agents and 8 supervisors each.

mod centre;
mod readers;

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::routing::get;
use control_plane::LegNames;
use orchestrator::event_streams::EventStreams;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;

use centre::{Centre, SUPERVISORS};

const CALLS: usize = 1_000;
/// Changes of calls in a second: each is an event of its own.
const CHANGES_PER_SECOND: u32 = 100;
/// How long each part is measured.
const MEASURED: Duration = Duration::from_secs(10);
/// Levels go out ten times a second, as from the orchestrator.
const METERS_INTERVAL: Duration = Duration::from_millis(100);

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match &arguments[..] {
        [url] => runtime.block_on(readers::run(url)),
        _ => {
            println!(
                "| layout | load | events, p50 / p95 / p99 / max, ms | levels, messages, bytes each | cores |"
            );
            println!("|---|---|---|---|---|");
            for teams in [1, 25] {
                runtime.block_on(measure(teams))?;
            }
            Ok(())
        }
    }
}

/// What is done to the centre while it is measured.
#[derive(Clone, Copy)]
struct Load {
    changes: bool,
    meters: bool,
}

impl Load {
    const ALL: [(&str, Self); 4] = [
        ("nothing", Self { changes: false, meters: false }),
        ("100 changes a second", Self { changes: true, meters: false }),
        ("levels", Self { changes: false, meters: true }),
        ("both", Self { changes: true, meters: true }),
    ];
}

async fn measure(teams: u64) -> anyhow::Result<()> {
    let names = LegNames::default();
    let (streams, publishing) = EventStreams::new(names.clone(), api::views::render);
    let publishing = tokio::spawn(publishing);
    let centre = Centre::new(names, streams, teams);
    centre.fill(CALLS);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}", listener.local_addr()?);
    let router = Router::new().route("/{supervisor}", get(events)).with_state(centre.clone());
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });

    let mut child = Command::new(std::env::current_exe()?)
        .arg(&url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut wishes = child.stdin.take().context("the readers' input")?;
    let output = child.stdout.take().context("the readers' output")?;
    let mut answers = BufReader::new(output).lines();
    let ready = answers.next_line().await?.context("the readers are gone")?;
    ensure!(ready == "connected", "the readers say: {ready}");
    for (name, load) in Load::ALL {
        readers::ask(&mut wishes, &mut answers).await?;
        let busy_before = busy()?;
        let begun = Instant::now();
        press(&centre, load).await;
        let cores = (busy()? - busy_before).as_secs_f64() / begun.elapsed().as_secs_f64();
        // What is on its way may arrive.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let seen = readers::ask(&mut wishes, &mut answers).await?;
        println!("| {SUPERVISORS} supervisors, {teams} team(s) | {name} | {seen} | {cores:.3} |");
    }
    child.kill().await?;
    serving.abort();
    publishing.abort();
    Ok(())
}

/// Puts this load on the centre for as long as is measured.
async fn press(centre: &Centre, load: Load) {
    let end = Instant::now() + MEASURED;
    let changes = async {
        let mut due = tokio::time::interval(Duration::from_secs(1) / CHANGES_PER_SECOND);
        let mut call = 0;
        while load.changes && Instant::now() < end {
            due.tick().await;
            // A stride without a common divisor with the count: all calls in turn, neighbours apart.
            call = (call + 377) % CALLS;
            centre.toggle_hold(call);
        }
    };
    let meters = async {
        let mut due = tokio::time::interval(METERS_INTERVAL);
        while load.meters && Instant::now() < end {
            due.tick().await;
            centre.meters();
        }
    };
    tokio::join!(changes, meters, tokio::time::sleep(MEASURED));
}

async fn events(
    State(centre): State<Centre>,
    Path(supervisor): Path<u64>,
    upgrade: WebSocketUpgrade,
) -> axum::response::Response {
    let upgrade = api::event_socket::bounded(upgrade);
    upgrade.on_upgrade(move |socket| async move {
        let (id, outbox) = centre.connect(supervisor);
        let never = tokio::time::Instant::now() + Duration::from_secs(3600);
        api::event_socket::serve(socket, outbox, never, || centre.resynchronise(id)).await;
    })
}

/// The processor time of this process.
fn busy() -> anyhow::Result<Duration> {
    let mut total = Duration::ZERO;
    for thread in std::fs::read_dir("/proc/self/task")? {
        let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        let ns = text.split(' ').next().context("an empty schedstat")?.parse()?;
        total += Duration::from_nanos(ns);
    }
    Ok(total)
}
