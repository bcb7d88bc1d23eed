//! SIP messages (RFC 3261 §7): read from a peer's bytes within bounds, and written.
//!
//! A [`Request`] or [`Response`] that came through [`parse`] has its [`Core`] read already, so that
//! nothing behind this door has to cope with a message that lacks one.

mod address;
mod headers;
mod method;
mod parse;
mod response;
mod stream;
mod uri;
mod via;

pub use address::NameAddr;
pub use headers::{Headers, split_list};
pub use method::Method;
pub use parse::{HEADERS_MAX, MESSAGE_BYTES_MAX, Malformed, parse};
pub use response::{Reply, elements, reason_phrase, write};
pub use stream::{BrokenStream, StreamFramer};
pub use uri::{Scheme, Uri};
pub use via::Via;

/// What every message has to have (RFC 3261 §8.1.1), read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Core {
    /// The topmost Via: where a response goes, and of which transaction the message is.
    pub via: Via,
    /// The logical sender.
    pub from: NameAddr,
    /// The logical receiver; a `tag` here says that the message belongs to a dialog.
    pub to: NameAddr,
    /// Names the call, together with the tags.
    pub call_id: String,
    /// The request's number within its dialog.
    pub sequence: u32,
    /// The method that CSeq names.
    pub method: Method,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is asked.
    pub method: Method,
    /// Of whom.
    pub uri: Uri,
    /// The parts that each message has.
    pub core: Core,
    /// All header fields, in order.
    pub headers: Headers,
    /// The body, as long as Content-Length says.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// 100 … 699.
    pub status: u16,
    /// The parts that each message has.
    pub core: Core,
    /// All header fields, in order.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

/// Either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A request.
    Request(Request),
    /// A response.
    Response(Response),
}

impl Request {
    /// The body, if it is a session description (RFC 3264), or the one part of a `multipart/mixed`
    /// body that is (RFC 5621 §3).
    ///
    /// # Errors
    /// There is a body, and it is nothing that is understood here: 415.
    pub fn session_description(&self) -> Result<Option<String>, UnsupportedBody> {
        session_description(&self.headers, &self.body)
    }

    /// Whether a comma-separated header names this option tag.
    pub fn names_option(&self, header: &str, option: &str) -> bool {
        self.headers.list(header).any(|tag| tag.eq_ignore_ascii_case(option))
    }
}

impl Response {
    /// The same of a response.
    ///
    /// # Errors
    /// There is a body, and it is nothing that is understood here.
    pub fn session_description(&self) -> Result<Option<String>, UnsupportedBody> {
        session_description(&self.headers, &self.body)
    }
}

/// A body that is no session description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not application/sdp")]
pub struct UnsupportedBody;

fn session_description(headers: &Headers, body: &[u8]) -> Result<Option<String>, UnsupportedBody> {
    if body.is_empty() {
        return Ok(None);
    }
    let coding = headers.get("Content-Encoding").unwrap_or("identity");
    if !coding.trim().eq_ignore_ascii_case("identity") {
        return Err(UnsupportedBody);
    }
    let kind = headers.get("Content-Type").unwrap_or_default();
    let media_type = kind.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/sdp") {
        return text(body).map(Some);
    }
    if !media_type.eq_ignore_ascii_case("multipart/mixed") {
        return Err(UnsupportedBody);
    }
    let boundary = kind.split(';').find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.to_owned())
    });
    let boundary = boundary.filter(|it| !it.is_empty()).ok_or(UnsupportedBody)?;
    let parts = text(body)?;
    let part = parts.split(&format!("--{boundary}")).skip(1).find_map(|part| {
        let part = part.trim_start_matches("\r\n");
        let (head, body) = part.split_once("\r\n\r\n")?;
        let is_sdp = head.to_ascii_lowercase().contains("content-type: application/sdp");
        is_sdp.then(|| body.to_owned())
    });
    part.map(Some).ok_or(UnsupportedBody)
}

fn text(body: &[u8]) -> Result<String, UnsupportedBody> {
    std::str::from_utf8(body).map(str::to_owned).map_err(|_| UnsupportedBody)
}
