//! `media-server`: reads the configuration, starts the server, says where it is, and ends it in
//! order: on Ctrl-C soon, on SIGTERM once the calls that run have ended.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use media_server::doctor::{self, Grade};
use media_server::{Config, DemoDataError, Running, StartError, config, seed, sip_check};
use rustix::fs::Mode;
use rustix::process::umask;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// The word before the options that asks what stands in a server's way, instead of starting one.
const DOCTOR: &str = "doctor";
/// The words before the options that ask whether the trunks answer.
const SIP_CHECK: [&str; 2] = ["sip", "check"];
/// What is logged unless `RUST_LOG` says otherwise. The WebRTC stacks are talkative.
const DEFAULT_LOG: &str = "info,is=warn,webrtc=error,rtc=error,sqlx=warn";
/// What is left of the runtime after the server has ended.
const RUNTIME_GOODBYE: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let is_doctor = arguments.get(1).is_some_and(|task| task == DOCTOR);
    if is_doctor {
        arguments.remove(1);
    }
    let is_sip_check = SIP_CHECK.iter().zip(arguments.iter().skip(1)).all(|(a, b)| b == a)
        && arguments.len() > SIP_CHECK.len();
    if is_sip_check {
        arguments.drain(1..=SIP_CHECK.len());
    }
    let config = match config::parse(arguments) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("media-server: {error}");
            eprintln!("media-server --help lists every option.");
            return ExitCode::from(2);
        }
    };
    if is_doctor {
        return examined(&config);
    }
    if is_sip_check {
        return asked(&config);
    }
    // What the server writes is nobody's but its own: the database, its log, attachments, keys.
    umask(Mode::RWXG | Mode::RWXO);
    log_to_stderr();
    match run(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("media-server: {error:#}");
            // What was asked for makes no sense, and would make none the next time.
            let is_asked_wrongly = matches!(
                error.downcast_ref(),
                Some(StartError::DemoData(DemoDataError::Served { .. }))
            );
            if is_asked_wrongly { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

/// What the doctor says of a server with this configuration.
fn examined(config: &Config) -> ExitCode {
    let print = async {
        let findings = doctor::examine(config).await;
        doctor::print(&findings, &mut std::io::stdout().lock())
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(print)) {
        Ok(Grade::Ok | Grade::Warn) => ExitCode::SUCCESS,
        Ok(Grade::Fail) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("media-server: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the trunks of this configuration answer.
fn asked(config: &Config) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ask = async { sip_check::run(config, &mut std::io::stdout().lock()).await };
    match runtime.and_then(|runtime| runtime.block_on(ask)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("media-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(config: Config) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(serve(config));
    runtime.shutdown_timeout(RUNTIME_GOODBYE);
    result
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let mut signals = Signals::new()?;
    let (demo, drain) = (config.demo, config.drain());
    let public = config.public_url.as_ref().map(ToString::to_string);
    let mut running = media_server::start(config).await?;
    announce(&running, public, demo).context("standard output")?;
    if signals.next().await == Signal::Terminate && !drain.is_zero() {
        eprintln!(
            "media-server: draining for up to {} s; another signal ends it …",
            drain.as_secs()
        );
        tokio::select! {
            () = running.drain(drain) => {}
            _ = signals.next() => {}
        }
    }
    eprintln!("media-server: ending …");
    tokio::select! {
        () = running.stop() => Ok(()),
        _ = signals.next() => anyhow::bail!("told again to end, before everything had ended"),
    }
}

/// What people and service managers tell the server by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signal {
    /// Ctrl-C: somebody waits.
    Interrupt,
    /// A service manager's, which gives the server time.
    Terminate,
}

struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> anyhow::Result<Self> {
        let terminate = signal(SignalKind::terminate()).context("SIGTERM")?;
        let interrupt = signal(SignalKind::interrupt()).context("SIGINT")?;
        Ok(Self { interrupt, terminate })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

fn announce(running: &Running, public: Option<String>, demo: Option<u32>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let url = public.unwrap_or_else(|| running.url());
    writeln!(out, "\nSotto is ready: {url}")?;
    match running.operate_url() {
        Some(operate) => writeln!(out, "For operators: {operate}/metrics, /readyz, /healthz")?,
        None => writeln!(out, "For operators: nothing (`--operate IP:PORT` sets an address)")?,
    }
    if let Some(sip) = running.sip {
        writeln!(out, "SIP by UDP and TCP: {sip}")?;
    }
    if !running.new_accounts.is_empty() {
        writeln!(out, "\n  new account                 password")?;
        for account in &running.new_accounts {
            writeln!(out, "  {:<27} {}", account.username, account.password)?;
        }
        writeln!(out, "Write it down: it is shown only now.")?;
    }
    if let Some(calls) = demo {
        writeln!(out, "\n  sign in as                  to")?;
        writeln!(out, "  supervisor1, supervisor2    supervise team Support (supervisor3: Sales)")?;
        writeln!(
            out,
            "  agent1 … agent4             take calls of queue support (agent5, agent6: sales)"
        )?;
        writeln!(out, "  admin                       administer")?;
        writeln!(out, "  password for all            {}", seed::DEMO_PASSWORD)?;
        writeln!(out, "\n  call in as a customer       {url}/call")?;
        writeln!(out, "  demo calls                  {calls}, going on for ever")?;
    }
    writeln!(out, "\nCtrl-C ends everything.\n")?;
    out.flush()
}

fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_LOG));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
