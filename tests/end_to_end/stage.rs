//! A server of its own for each test, and people with real stations who speak in tones.

use std::sync::Arc;
use std::time::{Duration, Instant};

use client::api::{Api, Token};
use client::clip::{Clip, Speech};
use client::media::{Offer, StationConfig};
use media_server::Running;
use media_server::config::CodecConfig;
use wire::{
    CallView, Destination, LegState, LegUpdate, LoginResponse, Mode, PlaceCall, PresenceChoice,
    User,
};

use crate::ears::{Ears, SPOKEN_DBFS};
use crate::line::Line;
use crate::told::Told;

/// Longer than anything here may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// What was on its way to a client when the server's answer came is heard until then. (The server
/// answers once a removed route is silent.)
pub const IN_FLIGHT: Duration = Duration::from_millis(250);
/// How long is listened for what must not be there.
pub const ATTENTION: Duration = Duration::from_millis(600);
/// Between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(50);

/// A server with the demo's accounts, two media workers, and ports of its own.
pub struct Server {
    pub running: Running,
    _data: tempfile::TempDir,
}

impl From<testkit::Server> for Server {
    fn from(server: testkit::Server) -> Self {
        Self { running: server.running, _data: server.data }
    }
}

impl Server {
    pub async fn start() -> Self {
        testkit::Server::start().await.into()
    }

    /// Besides the demo's people there are so many of its further agents. Mixes are encoded so well
    /// that nothing of the codec's own comes near [`crate::ears::AUDIBLE_DBFS`]; by default it
    /// speaks beside a tone at times, at -35 dBFS.
    pub async fn measuring(agents: u32) -> Self {
        let codec = CodecConfig { bitrate_bps: 128_000, ..CodecConfig::default() };
        testkit::Server::with_call_agents(agents, |config| config.codec = codec).await.into()
    }

    pub fn api(&self) -> Api {
        Api::new(self.running.url()).unwrap()
    }

    pub async fn sign_in(&self, username: &str) -> LoginResponse {
        self.api().login(username, media_server::seed::DEMO_PASSWORD).await.unwrap()
    }

    /// Somebody with an account.
    pub async fn account(&self, username: &str, hz: f32) -> Party {
        let login = self.sign_in(username).await;
        Party::enter(self, login, hz, false).await.0
    }

    /// The same, on a line that can be cut.
    pub async fn account_on_line(&self, username: &str, hz: f32) -> (Party, Line) {
        let login = self.sign_in(username).await;
        let (party, line) = Party::enter(self, login, hz, true).await;
        (party, line.expect("a line was asked for"))
    }

    /// A caller.
    pub async fn guest(&self, name: &str, hz: f32) -> Party {
        let login = self.api().guest(name).await.unwrap();
        Party::enter(self, login, hz, false).await.0
    }

    /// The total of a counter at this moment. Counters are the process's: other tests' servers
    /// count there too.
    pub async fn counted(&self, name: &str) -> u64 {
        let operate = self.running.operate_url().expect("a listener was asked for");
        let metrics = reqwest::get(format!("{operate}/metrics")).await.unwrap();
        let metrics = metrics.text().await.unwrap();
        let values = metrics.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        values.map(|value| value.parse::<f64>().unwrap() as u64).sum()
    }

    /// Waits until a counter has grown by so much.
    pub async fn until_counted(&self, name: &str, before: u64, growth: u64) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let grown = self.counted(name).await - before;
            if grown >= growth {
                return;
            }
            assert!(Instant::now() < deadline, "{name} grew by {grown}, not by {growth}");
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Somebody with a station and an event stream, who speaks a tone all the time.
pub struct Party {
    pub user: User,
    pub api: Api,
    pub station_id: String,
    pub clip: Clip,
    pub ears: Ears,
    pub told: Told,
    _speech: Speech,
}

impl Party {
    async fn enter(
        server: &Server,
        login: LoginResponse,
        hz: f32,
        on_line: bool,
    ) -> (Self, Option<Line>) {
        let told = Told::open(&server.running.url(), &login.token).await;
        let api = server.api().with_token(Token::new(login.token));
        let ears = Ears::new();
        let offer = Offer::new(&StationConfig::default(), ears.recorder()).await.unwrap();
        let answer = api.create_station(offer.sdp()).await.unwrap();
        let (line, sdp) = if on_line {
            let (line, sdp) = Line::into_answer(&answer.sdp).await;
            (Some(line), sdp)
        } else {
            (None, answer.sdp)
        };
        let station = Arc::new(offer.accept_answer(&sdp).await.unwrap());
        let clip = Clip::tone(hz, SPOKEN_DBFS, Duration::from_secs(1)).unwrap();
        let speech = clip.repeat(station);
        let (user, station_id) = (login.user, answer.id);
        let party = Self { user, api, station_id, clip, ears, told, _speech: speech };
        (party, line)
    }

    pub async fn ready(&self) {
        self.api.set_presence(PresenceChoice::Ready, None).await.unwrap();
    }

    pub async fn place_call(&self, queue: &str) -> CallView {
        let to = Destination::Queue(queue.to_owned());
        let call = PlaceCall { station: self.station_id.clone(), to, caller: None };
        self.api.place_call(&call).await.unwrap()
    }

    /// Begins to supervise a call.
    pub async fn listen(&self, call: &str) -> LegState {
        self.api.listen(call, &self.station_id).await.unwrap()
    }

    /// Changes the mode; when it was asked for, and when it was confirmed.
    pub async fn mode(&self, call: &str, leg: &str, mode: Mode) -> Change {
        let asked_at = Instant::now();
        let now = self.api.update_leg(call, leg, &to_mode(mode)).await.unwrap();
        assert_eq!(now.mode, Some(mode));
        Change { asked_at, acknowledged_at: Instant::now() }
    }
}

/// A change of mode.
#[derive(Clone, Copy)]
pub struct Change {
    pub asked_at: Instant,
    pub acknowledged_at: Instant,
}

pub fn to_mode(mode: Mode) -> LegUpdate {
    LegUpdate { mode: Some(mode), announce: mode == Mode::TakeOver, ..LegUpdate::default() }
}

/// The caller calls Support, and the agent, the only one ready, answers.
pub async fn connect(caller: &Party, agent: &Party, queue: &str) -> String {
    let (at_caller, at_agent) = (caller.told.mark(), agent.told.mark());
    let call = caller.place_call(queue).await.id;
    assert_eq!(agent.told.offered(at_agent).await.id, call);
    agent.api.answer(&call, &agent.station_id).await.unwrap();
    caller.told.until(at_caller, "call.started").await;
    // The conversation beside the call follows it a moment later.
    caller.told.text_until(at_caller, "conversation.joined").await;
    call
}

/// Waits until everybody hears exactly these tones and no other of them, for [`ATTENTION`] long.
///
/// `tones` are all that there are; a row is a listener and what the listener is to hear.
pub async fn until_heard(what: &str, tones: &[f32], rows: &[(&Party, &[f32])]) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let from = Instant::now();
        tokio::time::sleep(ATTENTION).await;
        let until = Instant::now();
        let heard: Vec<Vec<f32>> =
            rows.iter().map(|(party, _)| party.ears.tones(tones, from, until)).collect();
        if rows.iter().zip(&heard).all(|((_, expected), heard)| expected == heard) {
            return;
        }
        let expected: Vec<&[f32]> = rows.iter().map(|(_, expected)| *expected).collect();
        assert!(Instant::now() < deadline, "{what}: heard {heard:?} instead of {expected:?}");
    }
}
