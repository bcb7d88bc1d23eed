//! The line to the server: sign-in, station, event stream, and requests, one after the other.
//!
//! It reconnects by itself: the event stream and the station each as long as it takes. It decides nothing about calls;
//! that is [`crate::phone`].

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use client::ClientError;
use client::api::Api;
use client::events::Events;
use client::media::{RtpReceived, Station, StationConfig, received_channel};
use client::session::Session;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use wire::{Envelope, HelpAction, HelpRequest, PresenceChoice, User};

use crate::media::PACKETS_MAX;
use crate::phone::command::{Act, Request};

/// Requests that wait for the one before them.
const REQUESTS_MAX: usize = 32;
/// Events that wait for the phone.
const EVENTS_MAX: usize = 256;
/// Between two attempts: at first, and at most.
const RETRY_MIN: Duration = Duration::from_millis(500);
const RETRY_MAX: Duration = Duration::from_secs(10);
/// The end is not waited for longer than this.
const GOODBYE_MAX: Duration = Duration::from_secs(3);

/// What happened on the line.
pub enum LineEvent {
    /// An event of the server.
    Server(Box<Envelope>),
    /// The event stream has ended; a new one is on its way.
    Lost,
    /// The station stands: sound can flow.
    Station(Arc<Station>, mpsc::Receiver<RtpReceived>),
    /// The station has ended; a new one is on its way.
    NoStation,
    /// A request was done.
    Done(Request),
    /// A request was refused; why and what to do.
    Refused(Request, String),
    /// The sign-in no longer holds.
    SignedOut(String),
}

/// Why there is no line.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Signing in failed.
    #[error("could not sign in at {server}: {error}{}", advice(.error))]
    SignIn {
        /// The server's URL.
        server: String,
        /// Why.
        error: ClientError,
    },
    /// The first station failed.
    #[error("no sound connection to {server}: {error}. Does a firewall stop UDP?")]
    Station {
        /// The server's URL.
        server: String,
        /// Why.
        error: ClientError,
    },
}

fn advice(error: &ClientError) -> &'static str {
    match error.status() {
        Some(401) => " (check the user and the password)",
        Some(_) => "",
        None => " (is the server running, and the URL right?)",
    }
}

/// The open line; [`Line::close`] ends it in order.
pub struct Line {
    /// The user, as the server knows them.
    pub user: User,
    requests: mpsc::Sender<Request>,
    events: mpsc::Receiver<LineEvent>,
    worker: JoinHandle<Session>,
    reader: JoinHandle<()>,
}

impl Line {
    /// Signs in and opens the station.
    ///
    /// # Errors
    /// See [`LineError`].
    pub async fn open(server: &str, username: &str, password: &str) -> Result<Self, LineError> {
        let failed = |error| LineError::SignIn { server: server.to_owned(), error };
        let mut session = Session::sign_in(server, username, password).await.map_err(failed)?;
        let user = session.user().clone();
        let config = station_config(server);
        let (on_rtp, packets) = received_channel(PACKETS_MAX);
        let failed = |error| LineError::Station { server: server.to_owned(), error };
        let station = session.open_station(&config, on_rtp).await.map_err(failed)?;
        let (tell, events) = mpsc::channel(EVENTS_MAX);
        // It can't be full yet.
        let _ = tell.try_send(LineEvent::Station(station.clone(), packets));
        let reader = tokio::spawn(read(session.api().clone(), tell.clone()));
        let (requests, inbox) = mpsc::channel(REQUESTS_MAX);
        let worker = Worker { session, config, tell };
        let worker = tokio::spawn(worker.run(station, inbox));
        Ok(Self { user, requests, events, worker, reader })
    }

    /// The next event. Cancel-safe. `None` never comes while the line is open.
    pub async fn next(&mut self) -> Option<LineEvent> {
        self.events.recv().await
    }

    /// Asks the server; the answer is an event. A full queue refuses.
    pub fn ask(&self, request: Request) -> Result<(), Request> {
        self.requests.try_send(request).map_err(|error| error.into_inner())
    }

    /// Lets what was asked be done, ends the station and signs out.
    pub async fn close(self) {
        let Self { requests, worker, reader, mut events, .. } = self;
        drop(requests);
        reader.abort();
        let goodbye = async {
            // The last answers are for nobody, but they must not wait for a reader.
            let drain = async { while events.recv().await.is_some() {} };
            let (session, ()) = tokio::join!(worker, drain);
            if let Ok(mut session) = session {
                session.close_station().await;
                drop(session.api().logout().await);
            }
        };
        if tokio::time::timeout(GOODBYE_MAX, goodbye).await.is_err() {
            tracing::info!("the server did not say goodbye");
        }
    }
}

/// On this machine by loopback, else from every other interface.
fn station_config(server: &str) -> StationConfig {
    let host = server.split("://").nth(1).unwrap_or(server);
    let host = host.split(['/', '?']).next().unwrap_or(host);
    let is_local =
        host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]");
    let ip = if is_local { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED };
    StationConfig { bind: SocketAddr::new(IpAddr::V4(ip), 0), ..StationConfig::default() }
}

/// Reads the event stream, for ever.
async fn read(api: Api, tell: mpsc::Sender<LineEvent>) {
    let mut retry = RETRY_MIN;
    loop {
        match Events::connect(&api).await {
            Ok(mut events) => {
                let mut has_begun = false;
                while let Ok(Some(envelope)) = events.next().await {
                    has_begun = true;
                    retry = RETRY_MIN;
                    if tell.send(LineEvent::Server(Box::new(envelope))).await.is_err() {
                        return;
                    }
                }
                if has_begun && tell.send(LineEvent::Lost).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::info!(%error, "event stream");
                // A WebSocket's refusal has no status of its own: the API tells whether we are still signed in.
                if api.me().await.is_err_and(|error| error.status() == Some(401)) {
                    let text = "Your sign-in has ended. Start the softphone again.".to_owned();
                    let _ = tell.send(LineEvent::SignedOut(text)).await;
                    return;
                }
            }
        }
        tokio::time::sleep(retry).await;
        retry = (retry * 2).min(RETRY_MAX);
    }
}

struct Worker {
    session: Session,
    config: StationConfig,
    tell: mpsc::Sender<LineEvent>,
}

impl Worker {
    /// Requests in order, and a new station when one ends, until nobody can ask any more.
    async fn run(
        mut self,
        station: Arc<Station>,
        mut requests: mpsc::Receiver<Request>,
    ) -> Session {
        let mut station = Some(station);
        let mut retry = RETRY_MIN;
        loop {
            let standing = station.clone();
            let ended = async {
                match standing {
                    Some(station) => station.ended().await,
                    None => tokio::time::sleep(retry).await,
                }
            };
            tokio::select! {
                request = requests.recv() => match request {
                    Some(request) => self.serve(request).await,
                    None => return self.session,
                },
                () = ended => {
                    if station.take().is_some() {
                        retry = RETRY_MIN;
                        self.say(LineEvent::NoStation).await;
                    }
                    let (on_rtp, packets) = received_channel(PACKETS_MAX);
                    match self.session.open_station(&self.config, on_rtp).await {
                        Ok(new) => {
                            self.say(LineEvent::Station(new.clone(), packets)).await;
                            station = Some(new);
                        }
                        Err(error) => {
                            tracing::info!(%error, "opening a station");
                            retry = (retry * 2).min(RETRY_MAX);
                        }
                    }
                }
            }
        }
    }

    async fn serve(&self, request: Request) {
        let event = match self.perform(&request).await {
            Ok(()) => LineEvent::Done(request),
            Err(error) => LineEvent::Refused(request, in_words(&error)),
        };
        self.say(event).await;
    }

    async fn perform(&self, request: &Request) -> Result<(), ClientError> {
        let session = &self.session;
        let (call, act) = match request {
            Request::Presence { ready, reason } => {
                let choice = if *ready { PresenceChoice::Ready } else { PresenceChoice::NotReady };
                return session.api().set_presence(choice, reason.as_deref()).await;
            }
            Request::Call { call, act } => (call, act),
        };
        let help =
            |action, reason: Option<&String>| HelpRequest { action, reason: reason.cloned() };
        match act {
            Act::Answer => session.answer(call).await,
            Act::Decline => session.decline(call).await,
            Act::HangUp => session.hang_up(call).await,
            Act::Hold => session.hold(call).await,
            Act::Resume => session.resume(call).await,
            Act::Help { reason } => {
                session.api().help(call, &help(HelpAction::Raise, reason.as_ref())).await
            }
            Act::WithdrawHelp => session.api().help(call, &help(HelpAction::Close, None)).await,
            Act::Mute { leg, on } => session.mute(call, leg, *on).await.map(drop),
            Act::Listen => session.listen(call).await.map(drop),
            Act::Mode { leg, mode } => session.set_mode(call, leg, *mode).await.map(drop),
            Act::Leave { leg } => session.stop(call, leg).await,
        }
    }

    async fn say(&self, event: LineEvent) {
        // Nobody listens any more only when the program ends.
        let _ = self.tell.send(event).await;
    }
}

/// The server's own sentence, which says what to do; else what failed.
fn in_words(error: &ClientError) -> String {
    match error {
        ClientError::Problem(problem) => problem.detail.clone(),
        ClientError::NoStation => {
            "There is no sound connection to the server. It is being set up again: try in a moment."
                .to_owned()
        }
        error => format!("{error}. Try again."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_this_machine_is_reached_by_loopback() {
        let is_local = |server: &str| station_config(server).bind.ip().is_loopback();
        assert!(is_local("http://127.0.0.1:8080") && is_local("http://localhost:8080/"));
        assert!(!is_local("https://sotto.example") && !is_local("http://10.0.0.7:8080"));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_named_with_advice() {
        let error =
            Line::open("http://127.0.0.1:1", "agent1", "x").await.err().unwrap().to_string();
        assert!(
            error.contains("http://127.0.0.1:1") && error.contains("is the server running"),
            "{error}"
        );
    }
}
