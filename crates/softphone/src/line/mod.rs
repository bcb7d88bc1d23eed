//! The line to the server: sign-in, station, event stream, and requests, one after the other.
//!
//! It reconnects by itself: sign-in, event stream and station each as long as it takes. It decides nothing about calls;
//! that is [`crate::phone`].

mod account;
mod reconnect;
mod requests;

use std::sync::Arc;
use std::time::Duration;

use client::events::Events;
use client::media::{RtpReceived, Station, StationConfig, Via, received_channel};
use client::session::OpenStation;
use client::{ClientError, Server};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use wire::{Envelope, User};

use self::account::Account;
use self::reconnect::{Current, Reconnector};
use self::requests::RequestSender;
use crate::media::{PACKETS_MAX, TRACKS};
use crate::phone::command::Request;

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
    /// A station stands, with no call on it yet: sound can flow.
    Station(Arc<Station>, mpsc::Receiver<RtpReceived>),
    /// Nothing comes from the station any more; it is being mended or replaced.
    NoSound,
    /// It is mended, and its call is still on it.
    Sound,
    /// A request was done.
    Done(Request),
    /// A request was refused; why and what to do.
    Refused(Request, String),
    /// The sign-in had ended, and was renewed.
    SignedIn,
    /// The sign-in no longer holds, and can't be renewed.
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

/// Where a line goes, and whose it is.
#[derive(Debug, Clone)]
pub struct LineConfig {
    /// The server.
    pub server: Server,
    /// The account's name.
    pub username: String,
    /// Its password, for this sign-in and later ones. It is written nowhere.
    pub password: String,
    /// A detour for the sound's packets, for tests.
    pub via: Option<Via>,
}

/// The open line; [`Line::close`] ends it in order.
pub struct Line {
    /// The user, as the server knows them.
    pub user: User,
    account: Arc<Account>,
    current: Arc<Current>,
    requests: mpsc::Sender<Request>,
    events: mpsc::Receiver<LineEvent>,
    sender: JoinHandle<()>,
    reconnector: JoinHandle<()>,
    reader: JoinHandle<()>,
}

impl Line {
    /// Signs in and opens the station.
    ///
    /// # Errors
    /// See [`LineError`].
    pub async fn open(line: LineConfig) -> Result<Self, LineError> {
        let LineConfig { server, username, password, via } = line;
        let (tell, events) = mpsc::channel(EVENTS_MAX);
        let signed = Account::sign_in(&server, &username, &password, tell.clone()).await;
        let failed = |error| LineError::SignIn { server: server.to_string(), error };
        let (account, user) = signed.map_err(failed)?;
        let account = Arc::new(account);
        let config =
            StationConfig { via, tracks: TRACKS, ..StationConfig::for_server(server.url()) };
        let (on_rtp, packets) = received_channel(PACKETS_MAX);
        let station = OpenStation::open(&account.api().await, &config, on_rtp).await;
        let failed = |error| LineError::Station { server: server.to_string(), error };
        let station = Arc::new(station.map_err(failed)?);
        // It can't be full yet.
        let _ = tell.try_send(LineEvent::Station(station.media.clone(), packets));
        let current = Arc::new(watch::Sender::new(Some(station.clone())));
        let (requests, inbox) = mpsc::channel(REQUESTS_MAX);
        let sender = RequestSender {
            account: account.clone(),
            current: current.clone(),
            tell: tell.clone(),
        };
        let reconnector = Reconnector {
            account: account.clone(),
            config,
            tell: tell.clone(),
            current: current.clone(),
        };
        Ok(Self {
            user,
            reader: tokio::spawn(read(account.clone(), tell)),
            sender: tokio::spawn(sender.run(inbox)),
            reconnector: tokio::spawn(reconnector.run(station)),
            account,
            current,
            requests,
            events,
        })
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
        let Self { account, current, requests, mut events, sender, reconnector, reader, .. } = self;
        drop(requests);
        reader.abort();
        reconnector.abort();
        let goodbye = async {
            tokio::select! {
                // The last answers are for nobody, but they must not wait for a reader.
                _ = sender => {}
                () = async { while events.recv().await.is_some() {} } => {}
            }
            let api = account.api().await;
            if let Some(station) = current.send_replace(None) {
                station.close(&api).await;
            }
            drop(api.logout().await);
        };
        if tokio::time::timeout(GOODBYE_MAX, goodbye).await.is_err() {
            tracing::info!("the server did not say goodbye");
        }
    }
}

/// Reads the event stream, for ever.
async fn read(account: Arc<Account>, tell: mpsc::Sender<LineEvent>) {
    let mut retry = RETRY_MIN;
    loop {
        match Events::connect(&account.api().await).await {
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
                // A WebSocket's refusal has no status of its own: the API tells whether we are still signed in, and
                // asking it renews the sign-in.
                drop(account.ask(async |api| api.me().await).await);
            }
        }
        tokio::time::sleep(retry).await;
        retry = (retry * 2).min(RETRY_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_is_not_there_is_named_with_advice() {
        let [server, username, password] = ["http://127.0.0.1:1", "agent1", "x"].map(str::to_owned);
        let line = LineConfig { server: server.into(), username, password, via: None };
        let error = Line::open(line).await.err().unwrap().to_string();
        assert!(
            error.contains("http://127.0.0.1:1") && error.contains("is the server running"),
            "{error}"
        );
    }
}
