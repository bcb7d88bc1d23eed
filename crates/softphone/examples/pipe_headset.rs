//! Runs a program with a headset of pipes, as on a machine without a sound card:
//!
//! `cargo run -p softphone --example pipe_headset -- target/debug/softphone --server http://127.0.0.1:8080 --user agent1`
//!
//! The microphone hears the agent's side of a demo call, over and over; what is played is heard by nobody.

use std::process::{Command, ExitCode};

use recordings::Recording;
use softphone::pipe_headset::{PipeHeadset, PipeHeadsetConfig};

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let program = arguments
        .next()
        .ok_or_else(|| anyhow::anyhow!("which program? headset PROGRAM [ARGUMENT…]"))?;
    let recordings = Recording::demo_calls()?;
    let recording =
        recordings.first().map_or(Ok(Vec::new()), |call| recordings::decode(&call.agent))?;
    let directory = tempfile::tempdir()?;
    let headset =
        PipeHeadset::start(directory.path(), PipeHeadsetConfig { recording, speed: 1.0 })?;
    let status = Command::new(program)
        .args(arguments)
        .env("ALSA_CONFIG_PATH", headset.alsa_config())
        .status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
