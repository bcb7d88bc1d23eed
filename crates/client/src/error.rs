//! What can go wrong between a client and its server.

use wire::Problem;

use crate::media::MediaError;

/// Why a request, the event stream or a station failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server refused, and says why (RFC 9457).
    #[error("{} {}: {}", .0.status, .0.title, .0.detail)]
    Problem(Box<Problem>),
    /// The server answered with something that the API doesn't know.
    #[error("unexpected answer {status}: {body}")]
    Unexpected {
        /// The HTTP status.
        status: u16,
        /// The beginning of the body.
        body: String,
    },
    /// No answer: the server can't be reached, or was too slow.
    #[error("HTTP: {0}")]
    Http(#[from] reqwest::Error),
    /// Who is to vouch for the server's certificate can't be read.
    #[error("whom to trust: {0}")]
    Trust(String),
    /// The WebSocket failed.
    #[error("WebSocket: {0}")]
    WebSocket(#[source] Box<tokio_tungstenite::tungstenite::Error>),
    /// A WebSocket message that is not an envelope.
    #[error("unreadable event: {0}")]
    Event(#[from] serde_json::Error),
    /// Events are missing; only a new connection's snapshot helps.
    #[error("event {got} came where {expected} was due")]
    EventGap {
        /// The number due.
        expected: u64,
        /// The number that came.
        got: u64,
    },
    /// The event stream ended before what was waited for.
    #[error("the event stream ended")]
    EventsEnded,
    /// What was waited for did not come in time.
    #[error("timed out waiting for {0}")]
    Timeout(&'static str),
    /// The station failed.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// The session has no station yet.
    #[error("open a station first")]
    NoStation,
}

impl ClientError {
    /// The HTTP status of a refusal.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Problem(problem) => Some(problem.status),
            Self::Unexpected { status, .. } => Some(*status),
            Self::Http(error) => error.status().map(|status| status.as_u16()),
            _ => None,
        }
    }

    /// The server's reasons, if it gave any.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }
}

impl From<tokio_tungstenite::tungstenite::Error> for ClientError {
    fn from(error: tokio_tungstenite::tungstenite::Error) -> Self {
        Self::WebSocket(Box::new(error))
    }
}
