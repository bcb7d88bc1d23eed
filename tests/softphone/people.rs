//! A server of its own for each test, and people on clients who speak in tones, or say something.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use client::clip::{Clip, Speech};
use client::events::{Events, Received};
use client::media::{StationConfig, received_channel};
use client::playout::Playback;
use client::probe::SILENCE_DBFS;
use client::session::Session;
use media_server::Running;
use std::sync::Mutex;
use tokio::task::JoinHandle;
use wire::{CallView, Event, Mode};

pub const CALLER_HZ: f32 = 500.0;
/// Whoever has an account and is no softphone.
pub const SUPERVISOR_HZ: f32 = 1_700.0;
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at what somebody was told.
const LOOK: Duration = Duration::from_millis(20);
/// Packets that wait to be decoded.
const PACKETS_MAX: usize = 256;

/// A server with the demo's accounts.
pub struct Server {
    running: Running,
    _data: tempfile::TempDir,
}

impl Server {
    pub async fn start() -> Self {
        let server = testkit::Server::with(|config| config.workers = Some(1)).await;
        Self { running: server.running, _data: server.data }
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
        self.account_who_says(username, &tone(SUPERVISOR_HZ)).await
    }

    /// Somebody with an account who says this, over and over.
    pub async fn account_who_says(&self, username: &str, clip: &Clip) -> Person {
        let password = media_server::seed::DEMO_PASSWORD;
        let session = Session::sign_in(&self.url(), username, password).await.unwrap();
        Person::enter(session, clip).await
    }

    /// A caller.
    pub async fn guest(&self, name: &str) -> Person {
        self.guest_who_says(name, &tone(CALLER_HZ)).await
    }

    /// A caller who says this, over and over.
    pub async fn guest_who_says(&self, name: &str, clip: &Clip) -> Person {
        Person::enter(Session::guest(&self.url(), name).await.unwrap(), clip).await
    }
}

fn tone(hz: f32) -> Clip {
    Clip::tone(hz, -20.0, Duration::from_secs(1)).unwrap()
}

/// Somebody who speaks all the time, and whose events are read.
pub struct Person {
    session: Session,
    told: Arc<Mutex<Vec<Received>>>,
    reading: JoinHandle<()>,
    heard: Arc<Mutex<Playback>>,
    _speech: Speech,
}

impl Person {
    async fn enter(mut session: Session, clip: &Clip) -> Self {
        let heard = Arc::new(Mutex::new(Playback::new().unwrap()));
        let (on_rtp, mut packets) = received_channel(PACKETS_MAX);
        let station = session.open_station(&StationConfig::default(), on_rtp).await.unwrap();
        let record = heard.clone();
        tokio::spawn(async move {
            while let Some(packet) = packets.recv().await {
                record.lock().unwrap().push(&packet).unwrap();
            }
        });
        let told = Arc::default();
        let reading = tokio::spawn(read(session.events().await.unwrap(), Arc::clone(&told)));
        Self { session, told, reading, heard, _speech: clip.repeat(station) }
    }

    /// What this person was told so far, figures that come all the time left out.
    pub fn told(&self) -> Vec<Received> {
        self.told.lock().unwrap().clone()
    }

    /// The call as the server shows it to this person.
    pub async fn call_now(&self, call: &str) -> CallView {
        self.session.api().call(call).await.unwrap()
    }

    /// The first event among those after the first `from` of which `pick` makes something.
    pub async fn until<T>(
        &self,
        what: &str,
        from: usize,
        mut pick: impl FnMut(&Event) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let told = self.told();
            let found = told[from..].iter().find_map(|received| match received {
                Received::Call(envelope) => pick(&envelope.event),
                Received::Text(_) => None,
            });
            if let Some(found) = found {
                return found;
            }
            assert!(Instant::now() < deadline, "{what} is not told, but {:#?}", &told[from..]);
            tokio::time::sleep(LOOK).await;
        }
    }

    pub async fn ready(&self) {
        self.session.ready().await.unwrap();
    }

    pub async fn call(&self, queue: &str) -> String {
        self.session.place_call(queue, None).await.unwrap().id
    }

    pub async fn answer_what_rings(&mut self) {
        let offered = |event: &Event| match event {
            Event::CallOffered { call, .. } => Some(call.id.clone()),
            _ => None,
        };
        let call = self.until("an offered call", 0, offered).await;
        self.session.answer(&call).await.unwrap();
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

impl Drop for Person {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

async fn read(mut events: Events, told: Arc<Mutex<Vec<Received>>>) {
    while let Ok(Some(received)) = events.next_any().await {
        let is_figure = matches!(
            &received,
            Received::Call(envelope) if matches!(envelope.event, Event::Meters { .. } | Event::Moods { .. })
        );
        if !is_figure {
            told.lock().unwrap().push(received);
        }
    }
}
