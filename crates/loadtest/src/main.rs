//! `loadtest`: recorded calls against a Sotto server.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use client::{Server, Trust};
use demo::DemoConfig;
use loadtest::accounts::{self, Account};
use loadtest::find_max::{STEP_DURATION, Search, Tried, Within, find};
use loadtest::measure::reference::ReferenceConfig;
use loadtest::report::data::Report;
use loadtest::report::limits::Limits;
use loadtest::report::server::Watch;
use loadtest::run::sip::SipTarget;
use loadtest::run::{RunConfig, RunError, run};
use loadtest::scenario::{Scenario, ScenarioFlags};
use recordings::{Broken, Imported, Recorded, Recording, import_dir};

/// SIP's own port (RFC 3261 §19.1.2).
const SIP_PORT: u16 = 5060;
/// Exit code of bad usage: a file, a flag, a server that can't be reached.
const BAD_USAGE: u8 = 2;

/// Recorded calls, replayed against a Sotto server as real WebRTC callers and agents, or callers by telephone.
///
/// Exit code 0: all was well; 1: a leak, crossed audio, an invalid run or a missed limit; 2: bad usage.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A run of calls that is measured, checked for leaks, and reported.
    Run {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        scenario: ScenarioFlags,
        /// Writes the report as JSON.
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        /// Writes the report as one self-contained HTML page.
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
        /// Fails the run on this: 'p99.mouth_to_ear_ms>150, loss>1%'. May be given several times.
        #[arg(long, value_name = "EXPR")]
        fail_if: Vec<Limits>,
        /// Keeps the sound of every finding in this folder. Default: `evidence`, beside the report.
        #[arg(long, value_name = "DIR")]
        evidence: Option<PathBuf>,
        #[command(flatten)]
        reference: ReferenceFlags,
    },
    /// Searches for the number of calls that the server carries.
    FindMax {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        scenario: ScenarioFlags,
        /// Not above this many calls. Default: as many as there are agents.
        #[arg(long)]
        max: Option<usize>,
        /// How near the border is to be known, calls.
        #[arg(long, default_value_t = 2)]
        precision: usize,
        /// The delay that 99 of 100 packets must keep, ms.
        #[arg(long, default_value_t = Within::default().mouth_to_ear_ms)]
        delay_ms: f64,
        /// The share of packets that may be lost.
        #[arg(long, default_value_t = Within::default().loss)]
        loss: f64,
    },
    /// Makes accounts for a load test: a file for the server's --provision and one for --accounts.
    Accounts {
        /// The folder to write to.
        folder: PathBuf,
        /// Agents: as many as there are to be calls at a time.
        #[arg(long, default_value_t = 100)]
        agents: usize,
        /// Supervisors: as many as are to supervise at a time.
        #[arg(long, default_value_t = 10)]
        supervisors: usize,
    },
    /// Calls that go on until Ctrl-C, with the demo's accounts.
    Demo {
        /// The server's address.
        #[arg(long, default_value = "http://127.0.0.1:8080")]
        server: String,
        #[command(flatten)]
        trust: TrustFlags,
        /// Calls at a time (0 to 6), one for each of agent1 to agent6.
        #[arg(long, default_value_t = 3)]
        calls: usize,
        /// A folder of two-party recordings, `*.opus`. Default: the demo calls within the program.
        #[arg(long)]
        recordings: Option<PathBuf>,
    },
}

/// Pairs of files for full-reference measures.
#[derive(Args)]
struct ReferenceFlags {
    /// Writes, for some legs, what was said and what was heard into this folder, for PESQ and ViSQOL:
    /// `call-1-caller.ref.wav` and `.deg.wav`, 48 kHz mono, aligned.
    #[arg(long = "reference", value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Of so many legs, the first that are connected (1 to 100).
    #[arg(long = "reference-legs", value_name = "N", default_value_t = 4, requires = "folder",
        value_parser = clap::value_parser!(u8).range(1..=100))]
    legs: u8,
    /// So long at most, s (5 to 120).
    #[arg(long = "reference-seconds", value_name = "S", default_value_t = 30, requires = "folder",
        value_parser = clap::value_parser!(u64).range(5..=120))]
    seconds: u64,
}

impl ReferenceFlags {
    fn config(self) -> Option<ReferenceConfig> {
        let (legs_max, duration_max) = (self.legs.into(), Duration::from_secs(self.seconds));
        self.folder.map(|folder| ReferenceConfig { folder, legs_max, duration_max })
    }
}

/// Who vouches for the certificate of a server that is reached by https.
#[derive(Args)]
struct TrustFlags {
    /// Trusts these authorities (PEM), or this certificate of the server's own, and no others.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Takes any certificate: for trying out.
    #[arg(long, conflicts_with = "ca")]
    insecure_tls: bool,
}

impl TrustFlags {
    fn server(&self, url: &str) -> anyhow::Result<Server> {
        let trust = Trust::of(self.ca.as_deref(), self.insecure_tls).context("--ca")?;
        Ok(Server::new(url, trust))
    }
}

/// Calls that come by SIP, as from a trunk.
#[derive(Args)]
struct SipFlags {
    /// Where the server speaks SIP by UDP, such as 127.0.0.1:5060: calls come from there, all of them unless
    /// --sip-share says how many.
    #[arg(long, value_name = "HOST[:PORT]")]
    sip: Option<String>,
    /// The number called. Default: the key of the recording's queue.
    #[arg(long, value_name = "NUMBER", requires = "sip")]
    sip_number: Option<String>,
}

impl SipFlags {
    async fn target(&self) -> anyhow::Result<Option<SipTarget>> {
        let Some(name) = &self.sip else { return Ok(None) };
        let has_port = name.parse::<IpAddr>().is_err() && name.rsplit_once(':').is_some();
        let resolved = if has_port {
            tokio::net::lookup_host(name).await.map(|mut found| found.next())
        } else {
            tokio::net::lookup_host((name.as_str(), SIP_PORT)).await.map(|mut found| found.next())
        };
        let address = resolved
            .with_context(|| format!("--sip {name}: no such address"))?
            .with_context(|| format!("--sip {name}: the name has no address"))?;
        Ok(Some(SipTarget::new(address, self.sip_number.clone())))
    }
}

/// What is tested, with what.
#[derive(Args)]
struct Target {
    /// The server's address.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    server: String,
    #[command(flatten)]
    trust: TrustFlags,
    #[command(flatten)]
    sip: SipFlags,
    /// A folder of recordings: WAV, FLAC or Ogg Opus, stereo (caller left, agent right) or pairs of
    /// mono files (x.caller.wav, x.agent.wav). Default: the demo calls within the program.
    #[arg(long, value_name = "DIR")]
    recordings: Option<PathBuf>,
    /// Refuses the whole folder for one broken recording, instead of leaving that one out.
    #[arg(long)]
    strict: bool,
    /// Whom to sign in as, `username password` a line. Default: the demo's accounts.
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
    /// The server's process on this machine, for its CPU and memory.
    #[arg(long, value_name = "PID", conflicts_with = "metrics")]
    server_pid: Option<u32>,
    /// The server's metrics, for its CPU and memory, such as http://127.0.0.1:9090/metrics.
    #[arg(long, value_name = "URL")]
    metrics: Option<String>,
    /// No progress while it runs.
    #[arg(long, short)]
    quiet: bool,
}

impl Target {
    fn recordings(&self) -> anyhow::Result<Imported> {
        let Some(folder) = &self.recordings else {
            let recordings = Recorded::demo_calls().context("the demo calls")?;
            return Ok(Imported {
                recordings,
                skipped: Vec::new(),
                shortened: Vec::new(),
                notes: Vec::new(),
            });
        };
        let broken = if self.strict { Broken::Refuse } else { Broken::Skip };
        let imported = import_dir(folder, broken).context("--recordings")?;
        for skipped in &imported.skipped {
            eprintln!("left out: {skipped}");
        }
        for shortened in &imported.shortened {
            eprintln!("shortened: {shortened}");
        }
        for note in &imported.notes {
            eprintln!("note: {note}");
        }
        Ok(imported)
    }

    fn accounts(&self) -> anyhow::Result<Vec<Account>> {
        match &self.accounts {
            Some(file) => accounts::read(file).context("--accounts"),
            None => Ok(accounts::demo()),
        }
    }

    fn watch(&self) -> anyhow::Result<Option<Watch>> {
        Ok(match (&self.server_pid, &self.metrics) {
            (Some(pid), _) => Some(Watch::process(*pid)),
            (None, Some(url)) => Some(Watch::metrics(url).context("--metrics")?),
            (None, None) => None,
        })
    }

    async fn config(
        &self,
        imported: &Imported,
        scenario: Scenario,
        evidence: Option<PathBuf>,
    ) -> anyhow::Result<RunConfig> {
        Ok(RunConfig {
            server: self.trust.server(&self.server)?,
            accounts: self.accounts()?,
            recordings: imported.recordings.clone(),
            skipped: imported.skipped.clone(),
            notes: imported.notes.clone(),
            seed: scenario.seed.unwrap_or_else(rand::random),
            scenario,
            evidence,
            sip: self.sip.target().await?,
            reference: None,
            server_watch: self.watch()?,
            live: !self.quiet,
        })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| "warn,loadtest=warn,rtc_dtls=error,rtc=off,webrtc=off".into()),
        )
        .init();
    match carry_out(Arguments::parse().command).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("loadtest: {error:#}");
            ExitCode::from(BAD_USAGE)
        }
    }
}

async fn carry_out(command: Command) -> anyhow::Result<u8> {
    match command {
        Command::Run { target, scenario, json, html, fail_if, evidence, reference } => {
            let scenario = Scenario::load(&scenario)?;
            let beside = json.as_ref().or(html.as_ref()).and_then(|path| path.parent());
            let evidence = evidence.or(beside.map(|folder| folder.join("evidence")));
            let config = RunConfig {
                reference: reference.config(),
                ..target.config(&target.recordings()?, scenario, evidence).await?
            };
            let mut report = run(config, interrupted()).await?;
            let mut limits = Limits::default();
            fail_if.into_iter().for_each(|more| limits.extend(more));
            report.limits = limits.check(&report);
            write(&report, json, html)?;
            let styled = std::io::IsTerminal::is_terminal(&std::io::stdout());
            println!("{}", report.summary(styled));
            Ok(report.exit_code())
        }
        Command::FindMax { target, scenario, max, precision, delay_ms, loss } => {
            let within = Within { mouth_to_ear_ms: delay_ms, loss };
            find_max(&target, &scenario, max, precision, within).await
        }
        Command::Accounts { folder, agents, supervisors } => {
            accounts::make(&folder, agents, supervisors)?;
            let folder = folder.display();
            println!("media-server --provision {folder}/provision.toml");
            println!("loadtest run --accounts {folder}/accounts.txt --calls {agents}");
            Ok(0)
        }
        Command::Demo { server, trust, calls, recordings } => {
            let recordings = match recordings {
                Some(dir) => Recording::read_dir(&dir),
                None => Recording::demo_calls(),
            }
            .context("reading the recordings")?;
            let config = DemoConfig::new(trust.server(&server)?, calls, recordings);
            demo::run(config, interrupted()).await?;
            Ok(0)
        }
    }
}

fn write(report: &Report, json: Option<PathBuf>, html: Option<PathBuf>) -> anyhow::Result<()> {
    if let Some(path) = json {
        report.write_json(&path).with_context(|| format!("--json {}", path.display()))?;
    }
    if let Some(path) = html {
        report.write_html(&path).with_context(|| format!("--html {}", path.display()))?;
    }
    Ok(())
}

async fn find_max(
    target: &Target,
    flags: &ScenarioFlags,
    max: Option<usize>,
    precision: usize,
    within: Within,
) -> anyhow::Result<u8> {
    let recordings = target.recordings()?;
    // Who of them is an agent is known when they have signed in.
    let accounts = target.accounts()?.len();
    let search = Search::new(max.unwrap_or(accounts), precision);
    let attempt = async |calls: usize| {
        let mut flags = flags.clone();
        flags.calls = Some(calls.to_string());
        flags.ramp.get_or_insert_with(|| format!("{}/s", calls.div_ceil(5).max(2)));
        flags.duration.get_or_insert_with(|| format!("{}s", STEP_DURATION.as_secs()));
        let config = target.config(&recordings, Scenario::load(&flags)?, None).await?;
        match run(config, std::future::pending()).await {
            Ok(report) => Ok(Tried::Run(Box::new(report))),
            Err(RunError::TooFewAgents { agents, .. }) => Ok(Tried::OnlyAgents(agents)),
            Err(error) => Err(anyhow::Error::from(error)),
        }
    };
    let found = tokio::select! {
        found = find(search, within, attempt, |line| println!("{line}")) => found?,
        () = interrupted() => bail!("interrupted"),
    };
    println!("{}", found.line());
    Ok(u8::from(found.carried == 0))
}

async fn interrupted() {
    // Without a handler there is no way to end in order; the process is killed all the same.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
