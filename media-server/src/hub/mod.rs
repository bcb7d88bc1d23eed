//! The event stream: every WebSocket connection, and what waits to be sent on it.
//!
//! A [`Hub`] numbers each connection's messages and bounds what waits: a reader who falls behind
//! is closed, never waited for. It decides nothing about who is told what: that is
//! [`view`], with the rules of `interaction`. It does no IO: [`socket`] does.

use std::collections::BTreeMap;
use std::sync::Arc;

use interaction::{UnixMs, UserId};
use tokio::sync::{mpsc, oneshot};
use wire::{Envelope, Event, TextEnvelope, TextEvent};

use crate::auth::User;

pub mod socket;
pub mod view;

/// Messages that may wait on one connection before its reader counts as too slow.
pub const OUTGOING_MESSAGES_MAX: usize = 256;
/// Event streams that one user may have open at the same time (pages in several tabs).
pub const CONNECTIONS_PER_USER_MAX: usize = 8;
/// Event streams over all users.
pub const CONNECTIONS_MAX: usize = 10_000;

/// One connection; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionId(u64);

/// Why the server ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The reader fell behind by [`OUTGOING_MESSAGES_MAX`] messages.
    TooSlow,
    /// Rights changed or the user signed out: connect anew to see what holds now.
    RightsChanged,
    /// The token has expired.
    SignInEnded,
    /// Nothing was heard of the client for too long.
    Silent,
    /// What the client sent is no message of ours.
    BadMessage,
    /// Too large, not UTF-8, no WebSocket frame, or the transport broke.
    Broken,
    /// The server stops.
    Stopping,
}

/// Why no connection was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HubError {
    /// See [`CONNECTIONS_PER_USER_MAX`].
    #[error("you have {CONNECTIONS_PER_USER_MAX} event streams open; close one first")]
    UserFull,
    /// See [`CONNECTIONS_MAX`].
    #[error("the server has no room for another event stream; try again later")]
    Full,
}

/// What the socket takes from the hub.
#[derive(Debug)]
pub struct Outbox {
    /// The messages, ready to be sent.
    pub messages: mpsc::Receiver<String>,
    /// Resolves when the server ends the connection.
    pub ending: oneshot::Receiver<Ending>,
}

/// What is told on a stream: of calls or of text. Both are counted by the same `seq`.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// Of calls, presence and stations.
    Call(Event),
    /// Of conversations and chats.
    Text(TextEvent),
}

/// All connections.
#[derive(Debug, Default)]
pub struct Hub {
    connections: BTreeMap<ConnectionId, Connection>,
    next: u64,
}

#[derive(Debug)]
struct Connection {
    user: Arc<User>,
    messages: mpsc::Sender<String>,
    /// Taken once the connection is being ended; nothing is sent from then on.
    ending: Option<oneshot::Sender<Ending>>,
    next_seq: u64,
}

impl Ending {
    /// The WebSocket close code (RFC 6455 §7.4; 4000–4999 are ours) and the reason given.
    pub fn close_frame(self) -> (u16, &'static str) {
        match self {
            Self::TooSlow => (4008, "too slow: messages were not read in time; connect again"),
            Self::RightsChanged => (4001, "rights or sign-in changed; connect again"),
            Self::SignInEnded => (4003, "the sign-in has ended; sign in again"),
            Self::Silent => (4009, "nothing heard for too long; connect again"),
            Self::BadMessage => (1008, "the message is not one of this API"),
            Self::Broken => (1002, "the message is too large or breaks the protocol"),
            Self::Stopping => (1001, "the server stops"),
        }
    }

    /// The name in the metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooSlow => "too_slow",
            Self::RightsChanged => "rights_changed",
            Self::SignInEnded => "sign_in_ended",
            Self::Silent => "silent",
            Self::BadMessage => "bad_message",
            Self::Broken => "broken",
            Self::Stopping => "stopping",
        }
    }
}

impl Hub {
    /// Whether another connection of this user may be opened.
    ///
    /// # Errors
    /// See [`HubError`].
    pub fn check(&self, user: UserId) -> Result<(), HubError> {
        if self.count(user) >= CONNECTIONS_PER_USER_MAX {
            Err(HubError::UserFull)
        } else if self.connections.len() >= CONNECTIONS_MAX {
            Err(HubError::Full)
        } else {
            Ok(())
        }
    }

    /// Opens a connection. The first thing to [`Self::send`] on it is the snapshot.
    ///
    /// # Errors
    /// See [`HubError`].
    pub fn open(&mut self, user: Arc<User>) -> Result<(ConnectionId, Outbox), HubError> {
        self.check(user.id)?;
        let (messages, receiver) = mpsc::channel(OUTGOING_MESSAGES_MAX);
        let (ending, ended) = oneshot::channel();
        let id = ConnectionId(self.next);
        self.next += 1;
        let connection = Connection { user, messages, ending: Some(ending), next_seq: 0 };
        self.connections.insert(id, connection);
        metrics::gauge!("sotto_event_streams").set(self.connections.len() as f64);
        Ok((id, Outbox { messages: receiver, ending: ended }))
    }

    /// Forgets a connection; whose it was.
    pub fn close(&mut self, id: ConnectionId) -> Option<Arc<User>> {
        let user = self.connections.remove(&id).map(|connection| connection.user);
        metrics::gauge!("sotto_event_streams").set(self.connections.len() as f64);
        user
    }

    /// How many connections the user has.
    pub fn count(&self, user: UserId) -> usize {
        self.connections.values().filter(|connection| connection.user.id == user).count()
    }

    /// The connections and whose they are.
    pub fn users(&self) -> impl Iterator<Item = (ConnectionId, &Arc<User>)> {
        self.connections.iter().map(|(id, connection)| (*id, &connection.user))
    }

    /// Connections on which nothing waits: the only ones that lossy messages go to.
    pub fn idle(&self) -> impl Iterator<Item = (ConnectionId, &Arc<User>)> {
        self.connections
            .iter()
            .filter(|(_, it)| {
                it.ending.is_some() && it.messages.capacity() == OUTGOING_MESSAGES_MAX
            })
            .map(|(id, connection)| (*id, &connection.user))
    }

    /// Sends an event with the connection's next number.
    pub fn send(&mut self, id: ConnectionId, at: UnixMs, news: impl Into<News>) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let seq = Some(connection.next_seq);
        connection.next_seq += 1;
        connection.enqueue(news.into().json(seq, at));
    }

    /// Sends an event that may be lost and has no number.
    pub fn send_lossy(&mut self, id: ConnectionId, at: UnixMs, news: impl Into<News>) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.enqueue(news.into().json(None, at));
    }

    /// Ends all connections of a user.
    pub fn end_user(&mut self, user: UserId, ending: Ending) {
        let own = self.connections.values_mut().filter(|connection| connection.user.id == user);
        own.for_each(|connection| connection.end(ending));
    }

    /// Ends all connections.
    pub fn end_all(&mut self, ending: Ending) {
        self.connections.values_mut().for_each(|connection| connection.end(ending));
    }
}

impl News {
    fn json(self, seq: Option<u64>, at: UnixMs) -> serde_json::Result<String> {
        match self {
            Self::Call(event) => serde_json::to_string(&Envelope { seq, at: at.0, event }),
            Self::Text(event) => serde_json::to_string(&TextEnvelope { seq, at: at.0, event }),
        }
    }
}

impl From<Event> for News {
    fn from(event: Event) -> Self {
        Self::Call(event)
    }
}

impl From<TextEvent> for News {
    fn from(event: TextEvent) -> Self {
        Self::Text(event)
    }
}

impl Connection {
    fn enqueue(&mut self, written: serde_json::Result<String>) {
        if self.ending.is_none() {
            return;
        }
        let message = match written {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(%error, "an event could not be written as JSON");
                return self.end(Ending::TooSlow);
            }
        };
        if self.messages.try_send(message).is_err() {
            self.end(Ending::TooSlow);
        }
    }

    fn end(&mut self, ending: Ending) {
        if let Some(sender) = self.ending.take() {
            // Nobody waits any more when the socket is gone already; it will say so itself.
            let _ = sender.send(ending);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::centre::testing::user;

    fn event() -> Event {
        Event::StationClosed { station: "1".to_owned() }
    }

    #[test]
    fn numbers_are_contiguous_and_lossy_messages_have_none() {
        let mut hub = Hub::default();
        let (id, mut outbox) = hub.open(user(1)).unwrap();
        hub.send(id, UnixMs(1), event());
        hub.send_lossy(id, UnixMs(2), event());
        hub.send(id, UnixMs(3), event());
        let seqs: Vec<Option<u64>> = std::iter::from_fn(|| outbox.messages.try_recv().ok())
            .map(|text| serde_json::from_str::<Envelope>(&text).unwrap().seq)
            .collect();
        assert_eq!(seqs, [Some(0), None, Some(1)]);
    }

    #[test]
    fn a_slow_reader_is_ended_and_gets_nothing_more() {
        let mut hub = Hub::default();
        let (id, mut outbox) = hub.open(user(1)).unwrap();
        for _ in 0..OUTGOING_MESSAGES_MAX {
            hub.send(id, UnixMs(1), event());
        }
        assert!(outbox.ending.try_recv().is_err());
        hub.send(id, UnixMs(1), event());
        assert_eq!(outbox.ending.try_recv(), Ok(Ending::TooSlow));
        outbox.messages.try_recv().unwrap();
        hub.send(id, UnixMs(1), event());
        assert_eq!(outbox.messages.len(), OUTGOING_MESSAGES_MAX - 1, "a gap would show");
    }

    #[test]
    fn lossy_messages_wait_for_an_empty_queue() {
        let mut hub = Hub::default();
        let (id, mut outbox) = hub.open(user(1)).unwrap();
        hub.send(id, UnixMs(1), event());
        assert_eq!(hub.idle().count(), 0);
        outbox.messages.try_recv().unwrap();
        assert_eq!(hub.idle().count(), 1);
    }

    #[test]
    fn streams_a_user_are_bounded() {
        let mut hub = Hub::default();
        for _ in 0..CONNECTIONS_PER_USER_MAX {
            hub.open(user(1)).unwrap();
        }
        assert_eq!(hub.open(user(1)).unwrap_err(), HubError::UserFull);
        assert!(hub.open(user(2)).is_ok());
    }
}
