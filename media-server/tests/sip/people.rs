//! A server that speaks SIP, and who works at it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use client::clip::{Clip, Speech};
use client::media::StationConfig;
use client::playout::Heard;
use client::probe::tone_dbfs;
use client::session::Session;
use media_server::seed::DEMO_PASSWORD;
use sip_testkit::{Act, Ears, PATIENCE, Stage};
use testkit::Server;
use tokio::sync::Mutex;
use wire::{CallView, Envelope, Event, LegState, Mode, PresenceState};

/// Five minutes of packets.
const PACKETS_MAX: usize = 15_000;
/// Tones are looked for in pieces of 100 ms.
const PIECE_SAMPLES: usize = 4_800;
/// Everybody speaks at -20 dBFS; above this a tone is there.
const AUDIBLE_DBFS: f32 = -40.0;

/// A server that speaks SIP on a port of its own, and has no calls of the demo's.
pub async fn server() -> Server {
    Server::with(|config| config.sip = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))).await
}

/// Where it speaks SIP.
pub fn sip_address(server: &Server) -> SocketAddr {
    server.running.sip.expect("SIP was asked for")
}

/// Somebody with an account, a station and an event stream, who says a tone all the time.
pub struct Person {
    pub session: Arc<Session>,
    events: Arc<Mutex<client::events::Events>>,
    heard: Heard,
    _speech: Speech,
}

impl Person {
    pub async fn new(server: &Server, username: &str, hz: f32) -> Self {
        let url = server.running.url();
        let mut session = Session::sign_in(url, username, DEMO_PASSWORD).await.unwrap();
        let events = session.events().await.unwrap();
        let heard = Heard::new(PACKETS_MAX);
        let station = session.open_station(&StationConfig::default(), heard.recorder()).await;
        let clip = Clip::tone(hz, -20.0, Duration::from_secs(1)).unwrap();
        let speech = clip.repeat(station.unwrap());
        let events = Arc::new(Mutex::new(events));
        Self { session: Arc::new(session), events, heard, _speech: speech }
    }

    /// An agent who is ready.
    pub async fn ready(server: &Server, username: &str, hz: f32) -> Self {
        let person = Self::new(server, username, hz).await;
        person.session.ready().await.unwrap();
        person
    }

    /// The next call that rings here.
    pub async fn offered(&self) -> CallView {
        self.events.lock().await.offered(PATIENCE).await.unwrap()
    }

    /// Takes the next call that rings here.
    pub async fn take(&self) -> CallView {
        let call = self.offered().await;
        self.session.answer(&call.id).await.unwrap();
        call
    }

    /// Goes through the modes on this call, as the stage wants it.
    pub async fn plays(&self, call: &str, stage: Stage<'_>) {
        let mut leg = String::new();
        let act = async |act| match act {
            Act::Begin => leg = self.listen(call).await.leg,
            Act::Listen => self.mode(call, &leg, Mode::Listen).await,
            Act::Whisper => self.mode(call, &leg, Mode::Whisper).await,
            Act::Barge => self.mode(call, &leg, Mode::Barge).await,
            Act::TakeOver => self.mode(call, &leg, Mode::TakeOver).await,
        };
        stage.plays(act).await;
    }

    pub async fn listen(&self, call: &str) -> LegState {
        self.session.listen(call).await.unwrap()
    }

    pub async fn mode(&self, call: &str, leg: &str, mode: Mode) {
        let now = self.session.set_mode(call, leg, mode).await.unwrap();
        assert_eq!(now.mode, Some(mode));
    }

    /// Waits until somebody of the teams that this person supervises becomes ready.
    pub async fn until_an_agent_is_ready(&self) {
        let is_ready = |envelope: Envelope| match envelope.event {
            Event::PresenceChanged { agent } if agent.state == PresenceState::Ready => Some(()),
            _other => None,
        };
        self.events.lock().await.find("an agent who is ready", PATIENCE, is_ready).await.unwrap();
    }

    /// The one call that goes on.
    pub async fn only_call(&self) -> String {
        let calls = self.session.api().calls().await.unwrap();
        assert_eq!(calls.len(), 1);
        calls[0].id.clone()
    }

    /// Waits until nothing of this person's goes on.
    pub async fn until_no_call(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.session.api().calls().await.unwrap().is_empty() {
            assert!(Instant::now() < deadline, "a call goes on");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Ears for Person {
    fn tones(&self, of: &[f32], since: Instant) -> Vec<f32> {
        let signal = self.heard.signal().unwrap();
        let is_heard = |hz: &f32| {
            let (pieces, _) = signal.since(since).as_chunks::<PIECE_SAMPLES>();
            let loud = pieces.iter().filter(|it| tone_dbfs(&it[..], *hz) > AUDIBLE_DBFS).count();
            loud * 2 > pieces.len()
        };
        of.iter().copied().filter(is_heard).collect()
    }
}
