//! A small contact centre that goes on for ever: guests call, agents answer, both replay
//! recordings, hang up, and begin again. If it is asked for, customers write and are answered, too, agents hold and
//! ask for help, and somebody waits ([`DemoConfig::scenes`]).
//!
//! Agents answer whatever rings, a visitor's call too; callers talk to whoever answers, a visitor
//! who signed in as an agent too. What fails is tried again, later and later.

pub mod accounts;
mod agent;
mod caller;
mod chats;
mod dialogs;
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
use chats::Talks;
use names::Names;
use replay::{Plans, Script};

/// Between the start of one call and of the next.
const STAGGER: Duration = Duration::from_millis(600);
/// Agents are at work by then: a call by telephone is refused while nobody is, where a page's waits.
const AGENTS_AT_WORK: Duration = Duration::from_secs(3);
/// Until one more calls than can be answered.
const FIRST_WAIT: Duration = Duration::from_secs(12);
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
    /// What else happens at a centre: agents hold calls and ask for help, customers write, more call than can be
    /// answered at once, and calls last for minutes.
    pub scenes: bool,
    /// Who answers those who write, if there are [`Self::scenes`]: agents without a headset, whom no call rings at.
    pub chat_agents: Vec<DemoAgent>,
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
            scenes: false,
            chat_agents: Vec::new(),
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
    if shared.config.scenes && shared.config.calls > 0 {
        people.spawn(live(shared.clone(), Person::OneMore));
        for index in 0..shared.config.chat_agents.len() {
            people.spawn(live(shared.clone(), Person::ChatAgent(index)));
            people.spawn(live(shared.clone(), Person::Customer(index)));
        }
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
    talks: Talks,
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
            talks: Talks::default(),
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
    /// Calls when all the others do: somebody waits then.
    OneMore,
    /// Answers who writes.
    ChatAgent(usize),
    /// Writes.
    Customer(usize),
}

impl Person {
    fn rng(self, seed: u64) -> StdRng {
        let number = match self {
            Self::Agent(pair) => 2 * pair,
            Self::Caller(pair) => 2 * pair + 1,
            Self::OneMore => 1_000,
            Self::ChatAgent(index) => 1_001 + 2 * index,
            Self::Customer(index) => 1_002 + 2 * index,
        };
        StdRng::seed_from_u64(seed.wrapping_add(number as u64))
    }

    /// The pause before the next call or chat.
    fn rest(self, rng: &mut StdRng) -> Duration {
        let ms = match self {
            Self::Agent(_) | Self::ChatAgent(_) | Self::Caller(_) => 1_500..4_000,
            Self::Customer(_) => 4_000..15_000,
            Self::OneMore => 20_000..60_000,
        };
        Duration::from_millis(rng.random_range(ms))
    }
}

/// A person's whole life: again and again, until the demo closes.
async fn live(shared: Arc<Shared>, person: Person) {
    let mut rng = person.rng(shared.config.seed);
    let mut back_off = BACK_OFF_MIN;
    let mut round = 0;
    pause(&shared.closing, turn(&shared, person)).await;
    while !shared.closing.is_cancelled() {
        let began = tokio::time::Instant::now();
        let outcome = act(&shared, person, round, &mut rng).await;
        round += 1;
        let wait = match outcome {
            Ok(()) => {
                back_off = BACK_OFF_MIN;
                person.rest(&mut rng)
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

/// How long somebody waits before they begin.
fn turn(shared: &Shared, person: Person) -> Duration {
    match person {
        Person::Caller(pair) => {
            let calls_by_telephone = pair == 0 && shared.config.telephone.is_some();
            let first = if calls_by_telephone { AGENTS_AT_WORK } else { Duration::ZERO };
            first + STAGGER * u32::try_from(pair).unwrap_or(0)
        }
        // Everybody is on a call by then.
        Person::OneMore => FIRST_WAIT,
        Person::Customer(index) => AGENTS_AT_WORK * u32::try_from(index + 1).unwrap_or(1),
        Person::Agent(_) | Person::ChatAgent(_) => Duration::ZERO,
    }
}

/// What somebody does: one call or chat, or work until something fails.
async fn act(
    shared: &Arc<Shared>,
    person: Person,
    round: usize,
    rng: &mut StdRng,
) -> Result<(), Failure> {
    match person {
        Person::Agent(pair) => agent::serve(shared, pair, rng).await?,
        Person::Caller(pair) => match shared.config.telephone.filter(|_| pair == 0) {
            Some(server) => telephone::one_call(shared, (server, pair, round), rng).await?,
            None => caller::one_call(shared, pair, round, rng).await?,
        },
        Person::OneMore => {
            let pair = rng.random_range(0..shared.config.calls);
            caller::one_call(shared, pair, round + 1, rng).await?;
        }
        Person::ChatAgent(index) => chats::serve(shared, index, rng).await?,
        Person::Customer(index) => chats::one_chat(shared, index, round, rng).await?,
    }
    Ok(())
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
    Client(#[from] ClientError),
    #[error(transparent)]
    Telephone(#[from] telephone::TelephoneError),
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
