//! What somebody is told: the WebSocket's messages, byte for byte, and when they came.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio::task::JoinHandle;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use wire::{CallView, Envelope, Event};

use crate::stage::PATIENCE;

/// How often it is looked for a message that is waited for.
const LOOK: Duration = Duration::from_millis(5);

/// An event stream, recorded. Dropping it drops the connection, without a goodbye.
pub struct Told {
    log: Arc<Mutex<Vec<String>>>,
    reading: JoinHandle<()>,
}

/// A place in the record.
#[derive(Clone, Copy)]
pub struct Mark(usize);

impl Mark {
    /// Before the snapshot.
    pub const BEGINNING: Self = Self(0);
}

impl Told {
    /// Opens the stream and waits for the snapshot.
    pub async fn open(url: &str, token: &str) -> Self {
        let url = url.replace("http", "ws") + "/api/v1/events";
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        let (mut socket, _) = connect_async(request).await.unwrap();
        let log = Arc::<Mutex<Vec<String>>>::default();
        let record = log.clone();
        let reading = tokio::spawn(async move {
            while let Some(Ok(message)) = socket.next().await {
                if let Message::Text(text) = message {
                    record.lock().unwrap().push(text.to_string());
                }
            }
        });
        let told = Self { log, reading };
        told.until(Mark::BEGINNING, "snapshot").await;
        told
    }

    /// This moment.
    pub fn mark(&self) -> Mark {
        Mark(self.log.lock().unwrap().len())
    }

    /// The messages since then, as they came, meters left out.
    pub fn since(&self, mark: Mark) -> Vec<String> {
        let mut messages = self.log.lock().unwrap()[mark.0..].to_vec();
        messages.retain(|text| !matches!(kind(text).as_str(), "meters" | "moods"));
        messages
    }

    /// The names of the events since then, meters left out.
    pub fn kinds_since(&self, mark: Mark) -> Vec<String> {
        self.since(mark).iter().map(|text| kind(text)).collect()
    }

    /// The most legs that a call's meters have named since then.
    pub fn legs_in_meters_since(&self, mark: Mark) -> usize {
        let legs = |text: &String| match parse(text).event {
            Event::Meters { calls } => calls.iter().map(|call| call.legs.len()).max().unwrap_or(0),
            _ => 0,
        };
        // Not all messages are of calls.
        let log = self.log.lock().unwrap();
        log[mark.0..].iter().filter(|text| kind(text) == "meters").map(legs).max().unwrap_or(0)
    }

    /// Waits for the first event of a call of this name since then.
    pub async fn until(&self, mark: Mark, name: &str) -> Envelope {
        parse(&self.text_until(mark, name).await)
    }

    /// Waits for the first event of this name since then, as it came.
    pub async fn text_until(&self, mark: Mark, name: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let log = self.log.lock().unwrap()[mark.0..].to_vec();
            if let Some(found) = log.iter().find(|text| kind(text) == name) {
                return found.clone();
            }
            assert!(Instant::now() < deadline, "{name} did not come; there was {log:?}");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits for a call that rings here.
    pub async fn offered(&self, mark: Mark) -> CallView {
        match self.until(mark, "call.offered").await.event {
            Event::CallOffered { call, .. } => call,
            other => unreachable!("{other:?} is no offer"),
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

fn parse(text: &str) -> Envelope {
    serde_json::from_str(text).unwrap()
}

fn kind(text: &str) -> String {
    let message: serde_json::Value = serde_json::from_str(text).unwrap();
    message["type"].as_str().unwrap().to_owned()
}
