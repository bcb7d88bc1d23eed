//! `loadtest`: recorded calls against a Sotto server.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};
use loadtest::demo::{self, DemoConfig};
use loadtest::recording::Recording;

/// Recorded calls, replayed against a Sotto server as real WebRTC callers and agents.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Calls that go on until Ctrl-C, with the demo's accounts.
    Demo {
        /// The server's address.
        #[arg(long, default_value = "http://127.0.0.1:8080")]
        server: String,
        /// Calls at a time (0 to 6), one for each of agent1 to agent6.
        #[arg(long, default_value_t = 3)]
        calls: usize,
        /// A folder of two-party recordings, `*.opus`. Default: the demo calls within the program.
        #[arg(long)]
        recordings: Option<PathBuf>,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| "warn,loadtest=info,rtc_dtls=error".into()),
        )
        .init();
    match Arguments::parse().command {
        Command::Demo { server, calls, recordings } => {
            let recordings = match recordings {
                Some(dir) => Recording::read_dir(&dir),
                None => Recording::demo_calls(),
            }
            .context("reading the recordings")?;
            let config = DemoConfig::new(server, calls, recordings);
            demo::run(config, interrupted()).await?;
        }
    }
    Ok(())
}

async fn interrupted() {
    // Without a handler there is no way to end in order; the process is killed all the same.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
