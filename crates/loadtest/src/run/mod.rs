//! A run: real parties, as the schedule has them, and a verifier that listens to all of them.
//!
//! - `environment`: what the parties share. `placed`: the calls that go on. `staff`: who signs in.
//! - [`party`]: somebody with a station, who speaks all the time.
//! - `agent`, `caller`, `supervisor`: what each does. `telephone`: what some callers call with; [`sip`]: where.
//! - [`voices`]: who speaks with which voice.
//! - [`watch`]: the verifier at work, second by second. [`outcome`]: the report of it all.
//!
//! The parties only act and write into the book; nothing here decides what may be heard.

mod agent;
mod caller;
mod environment;
mod outcome;
mod party;
mod placed;
pub mod sip;
mod staff;
mod supervisor;
mod telephone;
mod voices;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use client::{ClientError, Server};
use codec::CodecError;
use recordings::Recorded;
use tokio::task::JoinSet;

use crate::accounts::Account;
use crate::impair::Impairment;
use crate::impair::model::REORDER_HOLD;
use crate::measure::book::Book;
use crate::measure::reference::ReferenceConfig;
use crate::report::data::{Report, Role};
use crate::report::server::Watch;
use crate::scenario::{RecordingFacts, Scenario, Schedule};
use crate::telephone::TelephoneCodec;
use crate::units::Share;
use environment::Environment;
use outcome::Facts;
use sip::{SipTarget, SipUnreachable};
use staff::sign_in;
use supervisor::Supervisors;
use voices::Voices;
use watch::Watcher;

/// What was on its way when a route closed may be heard for so long, besides the impairment's delay.
const IN_FLIGHT: Duration = Duration::from_millis(400);
/// Parties sign in so many at a time: an argon2 hash each, at the server.
const SIGN_INS_AT_ONCE: usize = 4;
/// How long agents may take to say that they are ready.
const AT_WORK_WITHIN: Duration = Duration::from_secs(20);
/// How long everybody may take to leave at the end.
const GOODBYE: Duration = Duration::from_secs(20);

/// A run to be made.
pub struct RunConfig {
    /// The server's address.
    pub server: Server,
    /// Agents and supervisors.
    pub accounts: Vec<Account>,
    /// What is said.
    pub recordings: Vec<Recorded>,
    /// Recordings left out, and why.
    pub skipped: Vec<String>,
    /// What was wrong with those that are used.
    pub notes: Vec<String>,
    /// What happens.
    pub scenario: Scenario,
    /// Makes it the same again.
    pub seed: u64,
    /// Where evidence is kept; `None`: nowhere.
    pub evidence: Option<PathBuf>,
    /// Where telephones call; `None`: there are none.
    pub sip: Option<SipTarget>,
    /// Pairs of files for PESQ and ViSQOL; `None`: none.
    pub reference: Option<ReferenceConfig>,
    /// Watches the server's CPU and memory.
    pub server_watch: Option<Watch>,
    /// Shows progress.
    pub live: bool,
}

/// Why there is no run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A server that can't be reached or does not let somebody in.
    #[error("{who}: {error}")]
    SignIn {
        /// Who wanted in.
        who: String,
        /// Why not.
        error: ClientError,
    },
    /// Not enough agents for the calls wanted at a time.
    #[error(
        "{calls} calls at a time need as many agents, and there are {agents}: name more in \
         --accounts (`loadtest accounts` makes a file for the server and one for this)"
    )]
    TooFewAgents {
        /// Calls at a time.
        calls: usize,
        /// Agents.
        agents: usize,
    },
    /// Supervision is asked for, and there is no supervisor.
    #[error("the scenario has supervised calls, and no account of --accounts is a supervisor")]
    NoSupervisors,
    /// Calls by telephone are asked for, and it is not said where to.
    #[error("sip_share: name where the server speaks SIP, as in `--sip 127.0.0.1:5060`")]
    NoSip,
    /// Nobody speaks SIP with this machine there.
    #[error(transparent)]
    Sip(#[from] SipUnreachable),
    /// There is nothing to say.
    #[error("no recordings")]
    NoRecordings,
    /// libopus has no memory.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

/// Makes the run, until it is through or `interrupted`; either way it is reported.
///
/// # Errors
/// See [`RunError`]. What fails during the run is in the report.
pub async fn run(
    mut config: RunConfig,
    interrupted: impl Future<Output = ()>,
) -> Result<Report, RunError> {
    if config.recordings.is_empty() {
        return Err(RunError::NoRecordings);
    }
    let telephones = telephones(&mut config).await?;
    let server_watch = config.server_watch.take();
    let names: Vec<String> = config.recordings.iter().map(|it| it.name.clone()).collect();
    let caller_names = config.recordings.iter().map(|it| it.caller_name.clone()).collect();
    let recordings: Vec<RecordingFacts> = config.recordings.iter().map(Into::into).collect();
    let said = std::mem::take(&mut config.recordings);
    let voices = Voices::encode(&said, config.reference.is_some(), &telephones)?;
    let RunConfig { scenario, seed, .. } = &config;
    let schedule = Schedule::new(scenario, *seed, &recordings);
    let grace = IN_FLIGHT + delay_max(scenario);
    let book = Book::new(Instant::now(), grace);
    let environment = Arc::new(Environment::new(&config, book.clone(), voices, caller_names));
    let facts = Facts {
        server: config.server.to_string(),
        seed: *seed,
        scenario: scenario.to_toml(),
        recordings: names,
        skipped: config.skipped.clone(),
        notes: config.notes.clone(),
    };
    let staff = sign_in(&environment, &config.accounts, SIGN_INS_AT_ONCE).await?;
    if staff.agents.len() < scenario.calls {
        let agents = staff.agents.len();
        return Err(RunError::TooFewAgents { calls: scenario.calls, agents });
    }
    if staff.supervisors.is_empty() && scenario.supervised.get() > 0.0 {
        return Err(RunError::NoSupervisors);
    }
    let queues = staff.agents.iter().flat_map(|agent| &agent.session.user().queues);
    queues.take(1).for_each(|queue| _ = environment.any_queue.set(queue.id.clone()));

    let watcher = Watcher::start(book.clone(), &config, server_watch);
    let mut people = JoinSet::new();
    let agents = staff.agents.len();
    for agent in staff.agents {
        people.spawn(agent::serve(environment.clone(), agent));
    }
    until_at_work(&environment, agents).await;
    let supervisors = Arc::new(Supervisors::new(staff.supervisors));
    let calls = place_calls(&environment, &supervisors, schedule);
    tokio::pin!(calls);
    let through = tokio::select! {
        () = &mut calls => true,
        () = tokio::time::sleep(scenario.duration) => false,
        () = interrupted => false,
    };
    environment.closing.cancel();
    if !through && tokio::time::timeout(GOODBYE, calls).await.is_err() {
        book.doubt("some calls could not be ended in time");
    }
    let all_gone = async { while people.join_next().await.is_some() {} };
    if tokio::time::timeout(GOODBYE, all_gone).await.is_err() {
        book.doubt("some parties could not leave in time");
    }
    supervisors.leave(&book).await;
    let watched = watcher.finish().await?;
    Ok(outcome::report(&book, watched, facts))
}

/// The codecs of the run's telephones: none if it has none. Where it is known where they call, all callers have one
/// unless the scenario says how many.
async fn telephones(config: &mut RunConfig) -> Result<Vec<TelephoneCodec>, RunError> {
    if config.sip.is_some() {
        config.scenario.sip_share.get_or_insert(Share::ALL);
    }
    if config.scenario.sip_share.is_none_or(|share| share == Share::NONE) {
        return Ok(Vec::new());
    }
    config.sip.as_ref().ok_or(RunError::NoSip)?.check().await?;
    Ok(config.scenario.sip_codecs.clone())
}

/// Waits for the agents: a call by telephone is refused while nobody is there, where a page's waits.
async fn until_at_work(environment: &Environment, agents: usize) {
    let all = environment.at_work.acquire_many(u32::try_from(agents).unwrap_or(u32::MAX));
    if !matches!(tokio::time::timeout(AT_WORK_WITHIN, all).await, Ok(Ok(_))) {
        environment.book.doubt("not all agents were at work when the first call came");
    }
}

/// How long the impaired network may hold a packet back, there and back.
fn delay_max(scenario: &Scenario) -> Duration {
    let of = |role| {
        let one = |it: &Impairment| it.delay + 3 * it.jitter + REORDER_HOLD;
        scenario.impair.of(role).map_or(Duration::ZERO, |it| one(&it.up) + one(&it.down))
    };
    [Role::Caller, Role::Agent, Role::Supervisor].map(of).into_iter().max().unwrap_or_default() * 2
}

/// Places the calls as they are due, until the run closes; ends when all are over.
async fn place_calls(
    environment: &Arc<Environment>,
    supervisors: &Arc<Supervisors>,
    schedule: Schedule<'_>,
) {
    let began = tokio::time::Instant::now();
    let mut calls = JoinSet::new();
    for plan in schedule {
        // Nobody calls while all agents are busy: that would measure the queue.
        let line = tokio::select! {
            () = environment.closing.cancelled() => break,
            line = async {
                tokio::time::sleep_until(began + plan.at).await;
                environment.lines.clone().acquire_owned().await
            } => line,
        };
        let (environment, supervisors) = (environment.clone(), supervisors.clone());
        calls.spawn(async move {
            caller::one_call(&environment, &supervisors, plan).await;
            drop(line);
        });
    }
    while calls.join_next().await.is_some() {}
}
