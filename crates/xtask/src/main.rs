//! The repository's own chores, run as `cargo run -p xtask -- COMMAND`: style as a test, and code generation.
//!
//! It reads and writes files of the working tree and nothing else: no network, no builds.

mod codegen;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Chores of the Sotto repository")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Checks the rules of the house: dependency direction, file length, pure crates, docs, unfinished work
    Tidy,
    /// Writes the pages' TypeScript types of the API's messages
    Codegen {
        /// Write nothing; fail if the file is not fresh
        #[arg(long)]
        check: bool,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().command {
        Command::Tidy => tidy::run(&repository_root()?),
        Command::Codegen { check: false } => codegen::write(&repository_root()?),
        Command::Codegen { check: true } => codegen::check(&repository_root()?),
    }
}

/// The workspace's root, wherever the command was started.
fn repository_root() -> anyhow::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().with_context(|| {
        format!("no repository at {}: rebuild xtask in the checkout", root.display())
    })
}
