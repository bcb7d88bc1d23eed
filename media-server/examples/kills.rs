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
    println!(
        "{} kills: {} messages acknowledged, {} lost, {} misplaced; {} acts of supervision lost; \
         {} calls without their record; ready after {}; a new call heard after {}",
        outcome.ready_after.len(),
        outcome.acknowledged,
        outcome.lost,
        outcome.misplaced,
        outcome.acts_lost,
        outcome.calls_lost,
        in_words(&outcome.ready_after),
        in_words(&outcome.heard_after),
    );
    Ok(())
}

fn in_words(times: &[Duration]) -> String {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = |part: usize| sorted.get(sorted.len().saturating_sub(1) * part / 100).copied();
    let [median, longest] = [at(50), at(100)].map(Option::unwrap_or_default);
    format!("{median:.1?} (median), {longest:.1?} (longest)")
}
