//! A server of its own for each test, and people on clients who speak in tones.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use client::clip::{Clip, Speech};
use client::events::Events;
use client::media::{StationConfig, received_channel};
use client::playout::Playback;
use client::probe::SILENCE_DBFS;
use client::session::Session;
use media_server::{Config, Running};
use std::sync::Mutex;
use wire::Mode;

pub const CALLER_HZ: f32 = 500.0;
/// Whoever has an account and is no softphone.
pub const SUPERVISOR_HZ: f32 = 1_700.0;
const PATIENCE: Duration = Duration::from_secs(20);
/// Packets that wait to be decoded.
const PACKETS_MAX: usize = 256;

/// A server with the demo's accounts.
pub struct Server {
    running: Running,
    _data: tempfile::TempDir,
}

impl Server {
    pub async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let local = "127.0.0.1:0".parse().unwrap();
        let config = Config {
            demo: Some(0),
            http: local,
            media: local,
            workers: Some(1),
            data: data.path().to_owned(),
            ..Config::default()
        };
        Self { running: media_server::start(config).await.unwrap(), _data: data }
    }

    pub fn url(&self) -> String {
        self.running.url()
    }

    pub fn http(&self) -> SocketAddr {
        self.running.http
    }

    /// Where the sound goes.
    pub fn media(&self) -> SocketAddr {
        self.running.media[0]
    }

    /// The account can no longer sign in.
    pub async fn disable(&self, username: &str) {
        let user = self.running.store.user_by_name(username).await.unwrap().unwrap();
        self.running.auth.set_disabled(interaction::UserId(user.id.0), true).await.unwrap();
    }

    /// Somebody with an account.
    pub async fn account(&self, username: &str) -> Person {
        let password = media_server::seed::DEMO_PASSWORD;
        let session = Session::sign_in(&self.url(), username, password).await.unwrap();
        Person::enter(session, SUPERVISOR_HZ).await
    }

    /// A caller.
    pub async fn guest(&self, name: &str) -> Person {
        Person::enter(Session::guest(&self.url(), name).await.unwrap(), CALLER_HZ).await
    }
}

/// Somebody who speaks a tone all the time.
pub struct Person {
    session: Session,
    events: Events,
    heard: Arc<Mutex<Playback>>,
    _speech: Speech,
}

impl Person {
    async fn enter(mut session: Session, hz: f32) -> Self {
        let heard = Arc::new(Mutex::new(Playback::new().unwrap()));
        let (on_rtp, mut packets) = received_channel(PACKETS_MAX);
        let station = session.open_station(&StationConfig::default(), on_rtp).await.unwrap();
        let record = heard.clone();
        tokio::spawn(async move {
            while let Some(packet) = packets.recv().await {
                record.lock().unwrap().push(&packet).unwrap();
            }
        });
        let events = session.events().await.unwrap();
        let clip = Clip::tone(hz, -20.0, Duration::from_secs(1)).unwrap();
        Self { session, events, heard, _speech: clip.repeat(station) }
    }

    pub async fn ready(&self) {
        self.session.ready().await.unwrap();
    }

    pub async fn call(&self, queue: &str) -> String {
        self.session.place_call(queue, None).await.unwrap().id
    }

    pub async fn answer_what_rings(&mut self) {
        let call = self.events.offered(PATIENCE).await.unwrap();
        self.session.answer(&call.id).await.unwrap();
    }

    /// Begins to listen; the leg.
    pub async fn listen(&mut self, call: &str) -> String {
        self.session.listen(call).await.unwrap().leg
    }

    pub async fn mode(&self, call: &str, leg: &str, mode: Mode) {
        self.session.set_mode(call, leg, mode).await.unwrap();
    }

    pub async fn stop(&self, call: &str, leg: &str) {
        self.session.stop(call, leg).await.unwrap();
    }

    /// Which of the tones this person hears from now on, most of the time.
    pub async fn hears(&self, tones: &[f32]) -> Vec<f32> {
        tokio::time::sleep(crate::SETTLED).await;
        let from = Instant::now();
        tokio::time::sleep(crate::ATTENTION).await;
        let heard = self.heard.lock().unwrap();
        let sound = heard.signal().since(from);
        let level =
            |hz: &f32| if sound.is_empty() { SILENCE_DBFS } else { crate::usual_level(sound, *hz) };
        tones.iter().copied().filter(|hz| level(hz) > crate::AUDIBLE_DBFS).collect()
    }
}
