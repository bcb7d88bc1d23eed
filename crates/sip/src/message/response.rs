//! Answers, made of the requests that they answer (RFC 3261 §8.2.6).

use std::net::SocketAddr;

use super::headers::{Headers, split_list};
use super::{Request, Via};

/// An answer to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// 100 … 699.
    pub status: u16,
    reason: String,
    headers: Headers,
    body: Option<String>,
}

impl Reply {
    /// With what every answer copies of its request, which came from `source`.
    pub fn to(request: &Request, source: SocketAddr, status: u16) -> Self {
        Self::to_headers(&request.headers, source, status)
    }

    /// The same of a request of which only these headers are good for anything.
    pub fn to_headers(request: &Headers, source: SocketAddr, status: u16) -> Self {
        let mut headers = Headers::default();
        for (place, element) in request.list("Via").enumerate() {
            let top = (place == 0).then(|| Via::parse(element)).flatten();
            let via = top.map(|via| via.received_from(source).to_string());
            headers.push("Via", via.unwrap_or_else(|| element.to_owned()));
        }
        for name in ["From", "To", "Call-ID", "CSeq"] {
            if let Some(value) = request.get(name) {
                headers.push(name, value);
            }
        }
        Self { status, reason: reason_phrase(status).to_owned(), headers, body: None }
    }

    /// With a tag of ours in To, if it has none.
    #[must_use]
    pub fn tagged(mut self, tag: &str) -> Self {
        let mut headers = Headers::default();
        for (name, value) in self.headers.iter() {
            let has_tag = super::NameAddr::parse(value).is_some_and(|to| to.tag().is_some());
            if name == "To" && !has_tag {
                headers.push(name, format!("{value};tag={tag}"));
            } else {
                headers.push(name, value);
            }
        }
        self.headers = headers;
        self
    }

    /// With one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// With another reason phrase than the usual one.
    #[must_use]
    pub fn because(mut self, reason: &str) -> Self {
        self.reason = reason.to_owned();
        self
    }

    /// With a session description.
    #[must_use]
    pub fn with_sdp(mut self, sdp: String) -> Self {
        self.headers.push("Content-Type", "application/sdp");
        self.body = Some(sdp);
        self
    }

    /// As it is sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        let start = format!("SIP/2.0 {} {}", self.status, self.reason);
        write(&start, &self.headers, self.body.as_deref().unwrap_or_default())
    }
}

/// A message as it is sent, with its Content-Length.
pub fn write(start: &str, headers: &Headers, body: &str) -> Vec<u8> {
    use std::fmt::Write;
    let mut text = String::with_capacity(512 + body.len());
    // Writing into a string can't fail.
    let _ = write!(text, "{start}\r\n");
    for (name, value) in headers.iter() {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    let _ = write!(text, "Content-Length: {}\r\n\r\n{body}", body.len());
    text.into_bytes()
}

/// The elements of one header's value, which go into requests as they are.
pub fn elements(headers: &Headers, name: &str) -> Vec<String> {
    headers.all(name).flat_map(split_list).map(str::to_owned).collect()
}

/// The usual reason phrase of a status (RFC 3261 §21 and the registry).
pub fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        183 => "Session Progress",
        200 => "OK",
        202 => "Accepted",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        421 => "Extension Required",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        505 => "Version Not Supported",
        513 => "Message Too Large",
        600 => "Busy Everywhere",
        603 => "Decline",
        other => match other / 100 {
            1 => "Progress",
            2 => "Success",
            3 => "Redirection",
            4 => "Refused",
            _ => "Failure",
        },
    }
}
