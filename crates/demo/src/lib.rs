//! A small contact centre that goes on for ever: guests call, agents answer, both replay
//! recordings, hang up, and begin again.
//!
//! Agents answer whatever rings, a visitor's call too; callers talk to whoever answers, a visitor
//! who signed in as an agent too. What fails is tried again, later and later.

pub mod accounts;
mod agent;
mod caller;
pub mod line;
mod names;
mod replay;
mod telephone;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use client::ClientError;
use client::media::StationConfig;
pub use client::{Server, Trust};
use codec::CodecError;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use recordings::Recording;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use accounts::{Account, Post, Team};
use names::Names;
use replay::{Plans, Script};

/// Between the start of one call and of the next.
const STAGGER: Duration = Duration::from_millis(600);
/// Agents are at work by then: a call by telephone is refused while nobody is, where a page's waits.
const AGENTS_AT_WORK: Duration = Duration::from_secs(3);
/// The first wait after a failure; it doubles up to [`BACK_OFF_MAX`]. (A retry library repeats one operation; here
/// is a life that goes on, and what ran for [`STEADY`] begins from the shortest wait again.)
const BACK_OFF_MIN: Duration = Duration::from_millis(500);
/// The longest wait after a failure.
const BACK_OFF_MAX: Duration = Duration::from_secs(30);
/// What ran for this long was a success, whatever ended it.
const STEADY: Duration = Duration::from_secs(60);
/// Time to hang up in order when the demo ends.
const GOODBYE: Duration = Duration::from_secs(3);

/// What the demo needs.
#[derive(Debug, Clone)]
pub struct DemoConfig {
    /// The server: `http://127.0.0.1:8080`.
    pub server: Server,
    /// Calls at a time; at most one for each agent.
    pub calls: usize,
    /// What is said.
    pub recordings: Vec<Recording>,
    /// The agents, in the order in which they are used. Each brings one caller to its queue.
    pub agents: Vec<DemoAgent>,
    /// The password of all of them.
    pub password: String,
    /// How stations connect.
    pub station: StationConfig,
    /// Where the server speaks SIP: the first caller is on a telephone then.
    pub telephone: Option<SocketAddr>,
    /// Decides who calls when and hangs up first.
    pub seed: u64,
}

/// An agent of the demo.
#[derive(Debug, Clone)]
pub struct DemoAgent {
    /// The account.
    pub username: String,
    /// A queue that the agent serves, by key.
    pub queue: String,
}

impl DemoAgent {
    /// The agent whose account this is; none if it is somebody else's.
    pub fn of(account: &Account) -> Option<Self> {
        match account.post {
            Post::Agent(team) => {
                let queue = team.queue().to_owned();
                Some(Self { username: account.username.clone(), queue })
            }
            Post::Supervisor(_) | Post::Administrator => None,
        }
    }
}

impl DemoConfig {
    /// Calls at a server with the demo's accounts, answered by the agents for people: `agent1` to
    /// `agent6`.
    pub fn new(server: impl Into<Server>, calls: usize, recordings: Vec<Recording>) -> Self {
        let people = accounts::people();
        let (sales, support): (Vec<_>, Vec<_>) = people
            .iter()
            .filter_map(DemoAgent::of)
            .partition(|agent| agent.queue == Team::Sales.queue());
        // The first three make two calls in Support and one in Sales, and so do the next.
        let agents = support.chunks(2).zip(&sales).flat_map(|(two, one)| {
            let (first, second) = two.split_at(1);
            first.iter().chain([one]).chain(second)
        });
        Self {
            server: server.into(),
            calls,
            recordings,
            agents: agents.cloned().collect(),
            password: accounts::PASSWORD.to_owned(),
            station: StationConfig::default(),
            telephone: None,
            seed: rand::random(),
        }
    }
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// There is nothing to say.
    #[error("no recordings")]
    NoRecordings,
    /// More calls than agents.
    #[error("at most {0} calls: there are {0} agents")]
    TooManyCalls(usize),
    /// A recording that can't be said.
    #[error("{0}: {1}")]
    Codec(String, CodecError),
}

/// Runs the demo until `shutdown`, then hangs up in order.
///
/// # Errors
/// A configuration that can't work. A server that can't be reached is no error: it is tried again.
pub async fn run(config: DemoConfig, shutdown: impl Future<Output = ()>) -> Result<(), DemoError> {
    if config.recordings.is_empty() {
        return Err(DemoError::NoRecordings);
    }
    if config.calls > config.agents.len() {
        return Err(DemoError::TooManyCalls(config.agents.len()));
    }
    let shared = Arc::new(Shared::new(config)?);
    let mut people = JoinSet::new();
    for pair in 0..shared.config.calls {
        people.spawn(live(shared.clone(), Person::Agent(pair)));
        people.spawn(live(shared.clone(), Person::Caller(pair)));
    }
    shutdown.await;
    shared.closing.cancel();
    let all_gone = async { while people.join_next().await.is_some() {} };
    if tokio::time::timeout(GOODBYE, all_gone).await.is_err() {
        tracing::warn!("some demo parties could not hang up in time");
    }
    Ok(())
}

/// What everybody in the demo shares.
struct Shared {
    config: DemoConfig,
    scripts: Vec<Arc<Script>>,
    plans: Plans,
    names: Names,
    closing: CancellationToken,
}

impl Shared {
    fn new(mut config: DemoConfig) -> Result<Self, DemoError> {
        let scripts = scripts(std::mem::take(&mut config.recordings))?;
        Ok(Self {
            config,
            scripts,
            plans: Plans::default(),
            names: Names::default(),
            closing: CancellationToken::new(),
        })
    }

    /// The scripts made for a queue; all of them if there is none.
    fn scripts_for(&self, queue: &str) -> Vec<&Arc<Script>> {
        let fitting: Vec<_> = self.scripts.iter().filter(|script| script.queue == queue).collect();
        if fitting.is_empty() { self.scripts.iter().collect() } else { fitting }
    }
}

/// One thread a recording: finding the levels takes a moment.
fn scripts(recordings: Vec<Recording>) -> Result<Vec<Arc<Script>>, DemoError> {
    std::thread::scope(|scope| {
        let ready = |recording: Recording| {
            let name = recording.name.clone();
            Script::new(recording).map(Arc::new).map_err(|error| DemoError::Codec(name, error))
        };
        let threads: Vec<_> =
            recordings.into_iter().map(|it| scope.spawn(move || ready(it))).collect();
        threads
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(script) => script,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}

/// One of the demo's parties, by the number of its pair.
#[derive(Debug, Clone, Copy)]
enum Person {
    Agent(usize),
    Caller(usize),
}

impl Person {
    fn rng(self, seed: u64) -> StdRng {
        let number = match self {
            Self::Agent(pair) => 2 * pair,
            Self::Caller(pair) => 2 * pair + 1,
        };
        StdRng::seed_from_u64(seed.wrapping_add(number as u64))
    }
}

/// A person's whole life: again and again, until the demo closes.
async fn live(shared: Arc<Shared>, person: Person) {
    let mut rng = person.rng(shared.config.seed);
    let mut back_off = BACK_OFF_MIN;
    let mut round = 0;
    if let Person::Caller(pair) = person {
        let calls_by_telephone = pair == 0 && shared.config.telephone.is_some();
        let turn = STAGGER * u32::try_from(pair).unwrap_or(0)
            + if calls_by_telephone { AGENTS_AT_WORK } else { Duration::ZERO };
        pause(&shared.closing, turn).await;
    }
    while !shared.closing.is_cancelled() {
        let began = tokio::time::Instant::now();
        let outcome = match person {
            Person::Agent(pair) => {
                agent::serve(&shared, pair, &mut rng).await.map_err(Failure::Client)
            }
            Person::Caller(pair) => match shared.config.telephone.filter(|_| pair == 0) {
                Some(server) => {
                    let call = telephone::one_call(&shared, (server, pair, round), &mut rng);
                    call.await.map_err(Failure::Telephone)
                }
                None => {
                    let call = caller::one_call(&shared, pair, round, &mut rng);
                    call.await.map_err(Failure::Client)
                }
            },
        };
        round += 1;
        let wait = match outcome {
            Ok(()) => {
                back_off = BACK_OFF_MIN;
                Duration::from_millis(rng.random_range(1500..4000))
            }
            Err(error) => {
                if began.elapsed() > STEADY {
                    back_off = BACK_OFF_MIN;
                }
                tracing::warn!(?person, %error, ?back_off, "demo party failed; trying again");
                let wait = back_off.mul_f64(rng.random_range(0.8..1.2));
                back_off = (back_off * 2).min(BACK_OFF_MAX);
                wait
            }
        };
        pause(&shared.closing, wait).await;
    }
}

/// Sleeps, unless the demo closes.
async fn pause(closing: &CancellationToken, duration: Duration) {
    let slept = tokio::time::timeout(duration, closing.cancelled());
    // Either way the time for waiting is over.
    drop(slept.await);
}

/// Why somebody's part came to an end.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Client(ClientError),
    #[error(transparent)]
    Telephone(telephone::TelephoneError),
}

/// Whether the server refused a command because the call has moved on.
fn is_refusal(error: &ClientError) -> bool {
    matches!(error, ClientError::Problem(problem) if matches!(problem.status, 404 | 409 | 410))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_three_calls_are_supports() {
        let config = DemoConfig::new("http://127.0.0.1:8080", 3, Vec::new());
        let usernames: Vec<_> = config.agents.iter().map(|agent| agent.username.as_str()).collect();
        assert_eq!(usernames, ["agent1", "agent5", "agent2", "agent3", "agent6", "agent4"]);
        let queues: Vec<_> = config.agents[..3].iter().map(|agent| agent.queue.as_str()).collect();
        assert_eq!(queues, ["support", "sales", "support"]);
    }
}
