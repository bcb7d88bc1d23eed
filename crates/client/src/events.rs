//! The event stream `GET /api/v1/events`: a snapshot, then everything that changes.
//!
//! It checks that no event is missing. It doesn't reconnect: after an error the caller decides,
//! and a new stream begins with a new snapshot. A stream must be read: it answers the server's
//! pings only then, and the server closes what nobody reads.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
};
use wire::{CallView, Envelope, Event, Snapshot, TextEnvelope};

use crate::ClientError;
use crate::api::{Api, web_socket_url};

/// The largest message taken: a snapshot of some ten thousand calls.
const MESSAGE_BYTES_MAX: usize = 16 << 20;

/// A server of which nothing was heard for so long is gone: it pings every ten seconds.
pub const SILENCE_MAX: Duration = Duration::from_secs(25);
/// Time to open a stream.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// An open event stream.
pub struct Events {
    socket: Socket,
    next_seq: u64,
    heard_at: Instant,
    silence_max: Duration,
}

/// One message of the stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// About calls, presence and stations.
    Call(Envelope),
    /// About conversations and chats.
    Text(TextEnvelope),
}

impl Events {
    /// Opens the stream as `api`'s user.
    pub async fn connect(api: &Api) -> Result<Self, ClientError> {
        let mut request = web_socket_url(api.server()).into_client_request()?;
        if let Some(token) = api.token() {
            let value = HeaderValue::from_str(&token.header())
                .map_err(|error| tungstenite::Error::HttpFormat(error.into()))?;
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let config = WebSocketConfig::default().max_message_size(Some(MESSAGE_BYTES_MAX));
        let connector = match api.tls() {
            Some(tls) => Connector::Rustls(tls.clone()),
            None => Connector::Plain,
        };
        let connect = connect_async_tls_with_config(request, Some(config), true, Some(connector));
        let (socket, _) = tokio::time::timeout(CONNECT_TIMEOUT, connect)
            .await
            .map_err(|_| ClientError::Timeout("the event stream to open"))??;
        Ok(Self { socket, next_seq: 0, heard_at: Instant::now(), silence_max: SILENCE_MAX })
    }

    /// The next event about calls; those about text are passed over. `None` when the server has
    /// closed the stream. Cancel-safe.
    pub async fn next(&mut self) -> Result<Option<Envelope>, ClientError> {
        loop {
            match self.next_any().await? {
                Some(Received::Call(envelope)) => return Ok(Some(envelope)),
                Some(Received::Text(_)) => {}
                None => return Ok(None),
            }
        }
    }

    /// The next message, whatever it is about; `None` when the server has closed the stream.
    /// Cancel-safe.
    ///
    /// # Errors
    /// The stream broke, an event is missing, or nothing came for [`SILENCE_MAX`].
    pub async fn next_any(&mut self) -> Result<Option<Received>, ClientError> {
        loop {
            let silent_at = self.heard_at + self.silence_max;
            let message = tokio::time::timeout_at(silent_at, self.socket.next())
                .await
                .map_err(|_| ClientError::Timeout("a sign of the server"))?;
            self.heard_at = Instant::now();
            let Some(message) = message else { return Ok(None) };
            match message? {
                Message::Text(text) => return self.take(text.as_str()).map(Some),
                Message::Close(_) => return Ok(None),
                // Pings are answered by the library.
                _ => {}
            }
        }
    }

    /// The first event that `pick` makes something of; the others are passed over.
    pub async fn find<T>(
        &mut self,
        what: &'static str,
        timeout: Duration,
        mut pick: impl FnMut(Envelope) -> Option<T>,
    ) -> Result<T, ClientError> {
        let search = async {
            loop {
                let envelope = self.next().await?.ok_or(ClientError::EventsEnded)?;
                if let Some(found) = pick(envelope) {
                    return Ok(found);
                }
            }
        };
        tokio::time::timeout(timeout, search).await.map_err(|_| ClientError::Timeout(what))?
    }

    /// The snapshot that every stream begins with.
    pub async fn snapshot(&mut self, timeout: Duration) -> Result<Snapshot, ClientError> {
        self.find("the snapshot", timeout, |envelope| match envelope.event {
            Event::Snapshot(snapshot) => Some(*snapshot),
            _ => None,
        })
        .await
    }

    /// The next call that rings at this agent, be it in the snapshot or later.
    pub async fn offered(&mut self, timeout: Duration) -> Result<CallView, ClientError> {
        self.find("an offered call", timeout, |envelope| match envelope.event {
            Event::CallOffered { call, .. } => Some(call),
            Event::Snapshot(snapshot) => snapshot.offer.map(|offer| offer.call),
            _ => None,
        })
        .await
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        // The server may be gone already; then there is nobody to say it to.
        drop(self.socket.close(None).await);
        drop(self.socket.flush().await);
    }

    fn take(&mut self, text: &str) -> Result<Received, ClientError> {
        let (seq, received) = match serde_json::from_str::<Envelope>(text) {
            Ok(envelope) => (envelope.seq, Received::Call(envelope)),
            // The error of the first reading says more if it is neither.
            Err(error) => match serde_json::from_str::<TextEnvelope>(text) {
                Ok(envelope) => (envelope.seq, Received::Text(envelope)),
                Err(_) => return Err(error.into()),
            },
        };
        if let Some(got) = seq {
            if got != self.next_seq {
                return Err(ClientError::EventGap { expected: self.next_seq, got });
            }
            self.next_seq += 1;
        }
        Ok(received)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_says_nothing_is_gone_after_a_while() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = Api::new(format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            tokio_tungstenite::accept_async(stream).await.unwrap()
        });
        let mut events = Events::connect(&api).await.unwrap();
        let _half_open = server.await.unwrap();
        // A test does not wait for as long.
        events.silence_max = Duration::from_millis(200);
        let error = events.next().await.unwrap_err();
        assert!(matches!(error, ClientError::Timeout("a sign of the server")), "{error}");
    }
}
