//! Kills a server under load so many times, and prints what is left of what it acknowledged.
//!
//! `cargo build -p media-server && cargo run -p media-server --example kills -- 100`: the server is the
//! program of the same build.

#[path = "../tests/faults/person.rs"]
mod person;
#[path = "../tests/faults/trial.rs"]
mod trial;

use std::time::Duration;

use anyhow::Context as _;

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let kills = std::env::args().nth(1).context("how many kills?")?.parse()?;
    let examples = std::env::current_exe()?;
    let build = examples.parent().and_then(|it| it.parent()).context("a build's folder")?;
    let outcome = trial::run(&build.join("media-server"), kills).await;
    let mut ready = outcome.ready_after.clone();
    ready.sort_unstable();
    let at = |part: usize| ready.get((ready.len() - 1) * part / 100).copied().unwrap_or_default();
    println!(
        "{} kills: {} messages acknowledged, {} lost, {} misplaced; {} acts of supervision lost; \
         {} calls without their record; ready after {:?} (median), {:?} (longest)",
        outcome.ready_after.len(),
        outcome.acknowledged,
        outcome.lost,
        outcome.misplaced,
        outcome.acts_lost,
        outcome.calls_lost,
        at(50),
        at(100),
    );
    Ok(())
}
