//! The command `softphone`.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use client::Trust;
use softphone::cli::{Cli, PASSWORD_VARIABLE, Task, check_duration, phone_config};

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(error) = log() {
        eprintln!("softphone: {error:#}");
        return ExitCode::FAILURE;
    }
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("softphone: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    let settings = cli.choices()?;
    match &cli.task {
        Some(Task::Devices) => return devices(),
        Some(Task::Check { seconds }) => {
            println!("Speak: you hear yourself. A headset is assumed, a loudspeaker would howl.");
            let say = |line: &str| println!("{line}");
            let (wishes, seconds) = (settings.wishes(), check_duration(*seconds));
            let suppresses_noise = settings.noise_suppression;
            return Ok(softphone::check::run(wishes, suppresses_noise, seconds, say)?);
        }
        None => {}
    }
    let mut password = Ok(String::new());
    let trust = Trust::of(cli.ca.as_deref(), cli.insecure_tls)?;
    let mut config = phone_config(&settings, trust, |user, server| {
        password = self::password(cli, user, server);
        password.as_deref().unwrap_or_default().to_owned()
    })?;
    password?;
    config.remember = Some((cli.settings_path()?, settings));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        if cli.headless {
            let input = std::io::BufReader::new(std::io::stdin());
            softphone::headless::run(config, input, std::io::stdout()).await
        } else {
            softphone::screen::run(config, !cli.no_bell).await
        }
    });
    // Nothing that still waits may keep the program.
    runtime.shutdown_background();
    Ok(outcome?)
}

fn devices() -> anyhow::Result<()> {
    softphone::audio::headset::quiet();
    let devices = softphone::audio::devices::list(&cpal::default_host())?;
    if devices.is_empty() {
        println!("There are no devices. Plug a headset in.");
    }
    for device in devices {
        let uses = match (device.hears, device.plays) {
            (true, true) => "microphone, speaker",
            (true, false) => "microphone",
            (false, true) => "speaker",
            (false, false) => "system's choice",
        };
        println!("{:<40} {:<20} {}", device.name, uses, device.id);
    }
    Ok(())
}

/// From the environment, or asked for at the terminal without showing it.
fn password(cli: &Cli, user: &str, server: &str) -> anyhow::Result<String> {
    if let Ok(password) = std::env::var(PASSWORD_VARIABLE) {
        return Ok(password);
    }
    anyhow::ensure!(
        !cli.headless && std::io::stdin().is_terminal(),
        "set {PASSWORD_VARIABLE} to {user}'s password: there is no terminal to ask for it"
    );
    print!("Password of {user} at {server}: ");
    std::io::stdout().flush()?;
    softphone::screen::read_hidden().context("reading the password")
}

/// Logs to the file that `SOTTO_LOG` names, or nowhere: the terminal is the screen's.
fn log() -> anyhow::Result<()> {
    let Some(path) = std::env::var_os("SOTTO_LOG") else { return Ok(()) };
    let file = std::fs::File::create(&path)
        .with_context(|| format!("SOTTO_LOG: can't write {}", path.to_string_lossy()))?;
    tracing_subscriber::fmt().with_writer(file).with_ansi(false).init();
    Ok(())
}
