//! The control plane through its front door: a whole server in this process, real clients with
//! real stations, over HTTP and WebSocket.

mod attachments;
mod bad_input;
mod board;
mod calls;
mod cases;
mod channel_forms;
mod channels;
mod channels_tls;
mod chats;
mod contacts;
mod conversations;
mod drain;
mod guests;
mod handing;
mod mood;
mod outsiders;
mod private_text;
mod queues;
mod records;
mod reports;
mod rights;
mod rights_end;
mod route_rows;
mod route_table;
mod staff;
mod stations;
mod streams;
mod supervision_log;
mod take_over;
mod text;
mod text_more;

use std::time::Duration;

use client::events::Events;
use client::media::StationConfig;
use client::session::Session;
use client::{ClientError, api::Api};
use media_server::config::ChannelConfig;
use media_server::{Config, Running};
use wire::{CallView, Envelope, Event};

/// Longer than anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(15);

/// A server of its own for each test.
struct Server {
    running: Running,
    data: tempfile::TempDir,
    config: Config,
}

impl From<testkit::Server> for Server {
    fn from(server: testkit::Server) -> Self {
        let testkit::Server { running, data, config } = server;
        Self { running, data, config }
    }
}

impl Server {
    async fn start() -> Self {
        Self::with_channels(Vec::new()).await
    }

    /// One with connectors.
    async fn with_channels(channels: Vec<ChannelConfig>) -> Self {
        let server = testkit::Server::with(|config| {
            config.ring_timeout_s = 1;
            config.channels = channels;
        });
        server.await.into()
    }

    /// Stops it, and starts another one on what it has kept.
    async fn restart(self) -> Self {
        let Self { running, data, config } = self;
        testkit::Server { running, data, config }.restart().await.into()
    }

    fn url(&self) -> String {
        self.running.url()
    }

    async fn sign_in(&self, username: &str) -> Session {
        Session::sign_in(&self.url(), username, "sotto-demo").await.unwrap()
    }

    /// Somebody with a station and an event stream.
    async fn person(&self, username: &str) -> Person {
        Person::with_station(self.sign_in(username).await).await
    }

    async fn guest(&self, name: &str) -> Person {
        Person::with_station(Session::guest(&self.url(), name).await.unwrap()).await
    }

    /// A guest's call that agent1 has answered.
    async fn talk(&self) -> Talk {
        let mut agent = self.person("agent1").await;
        agent.session.ready().await.unwrap();
        let caller = self.guest("Daniel").await;
        let call = caller.session.place_call("support", None).await.unwrap().id;
        assert_eq!(agent.events.offered(PATIENCE).await.unwrap().id, call);
        agent.session.answer(&call).await.unwrap();
        Talk { caller, agent, call }
    }
}

struct Talk {
    caller: Person,
    agent: Person,
    call: String,
}

/// Somebody with a station and an event stream.
struct Person {
    session: Session,
    events: Events,
}

impl Person {
    async fn with_station(mut session: Session) -> Self {
        session.open_station(&StationConfig::default(), |_| {}).await.unwrap();
        let events = session.events().await.unwrap();
        Self { session, events }
    }

    fn api(&self) -> &Api {
        self.session.api()
    }

    /// Waits for an event of this name and gives everything up to it, meters left out.
    async fn until(&mut self, name: &'static str) -> Vec<Envelope> {
        let mut told = Vec::new();
        let found = self.events.find(name, PATIENCE, |envelope| {
            if matches!(envelope.event, Event::Meters { .. } | Event::Moods { .. }) {
                return None;
            }
            let found = kind(&envelope.event) == name;
            told.push(envelope);
            found.then_some(())
        });
        found.await.unwrap_or_else(|error| panic!("{error} ({name})"));
        told
    }
}

fn kind(event: &Event) -> String {
    serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned()
}

fn kinds(told: &[Envelope]) -> Vec<String> {
    told.iter().map(|envelope| kind(&envelope.event)).collect()
}

/// The refusal's status and stable name.
fn refusal<T>(result: Result<T, ClientError>) -> (u16, String) {
    match result {
        Ok(_) => panic!("not refused"),
        Err(ClientError::Problem(problem)) => {
            assert!(problem.detail.ends_with('.'), "a sentence: {}", problem.detail);
            (problem.status, problem.kind.trim_start_matches("/problems/").to_owned())
        }
        Err(other) => panic!("no problem+json: {other}"),
    }
}

fn refused(status: u16, name: &str) -> (u16, String) {
    (status, name.to_owned())
}

fn conflicting_call<T: std::fmt::Debug>(result: Result<T, ClientError>) -> CallView {
    let error = result.unwrap_err();
    let problem = error.problem().unwrap_or_else(|| panic!("no problem: {error}"));
    *problem.call.clone().expect("a conflict tells how the call is now")
}
