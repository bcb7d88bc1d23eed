//! A real server that is killed, whose disk is full, and whose database somebody else holds.

mod full;
mod locked;
mod person;
mod trial;

use std::path::Path;
use std::time::Duration;

/// Longer than anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// Kills; `cargo run -p media-server --example kills -- 100` makes more of them.
const KILLS: u32 = 5;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_media-server"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_kill_9() {
    let outcome = trial::run(program(), KILLS).await;
    assert!(outcome.acknowledged > 10 * KILLS as usize, "it was no load: {outcome:?}");
    let lost = [outcome.lost, outcome.misplaced, outcome.acts_lost, outcome.calls_lost];
    assert_eq!(lost, [0; 4], "{outcome:?}");
}
