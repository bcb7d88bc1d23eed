//! Reads a message within bounds (RFC 3261 §7, §25; tried with the torture messages of RFC 4475).

use super::headers::Headers;
use super::{Core, Message, Method, NameAddr, Request, Response, Uri, Via};

/// Bytes that a message may have: as many as a datagram.
pub const MESSAGE_BYTES_MAX: usize = 65_535;
/// Header fields that a message may have.
pub const HEADERS_MAX: usize = 200;
/// Fields of which there is one at most (RFC 3261 §7.3.1).
const SINGLE: [&str; 8] = [
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Max-Forwards",
    "Content-Length",
    "Content-Type",
    "Session-Expires",
];
/// Bytes that a method's name may have: more than any that is registered, and than RFC 4475 tries.
const METHOD_BYTES_MAX: usize = 64;
/// One more than the largest number that CSeq may have (RFC 3261 §8.1.1.5).
const SEQUENCE_END: u32 = 1 << 31;

/// Why bytes are no message that is worked with here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong, to be sent as the reason phrase: nothing of the message is in it.
    pub why: &'static str,
    /// The status of an answer.
    pub status: u16,
    /// What an answer is made of, if the bytes are a request that can be answered.
    pub request: Option<Headers>,
}

impl Malformed {
    fn silent(why: &'static str) -> Self {
        Self { why, status: 400, request: None }
    }
}

/// Reads one message: a datagram, or what a [`StreamFramer`](super::StreamFramer) cut out of a stream.
///
/// # Errors
/// See [`Malformed`]; of an ACK, a response or noise nothing is to be answered.
pub fn parse(bytes: &[u8]) -> Result<Message, Malformed> {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(Malformed::silent("Message Too Large"));
    }
    let begin = bytes.iter().take_while(|byte| b"\r\n".contains(byte)).count();
    let bytes = &bytes[begin..];
    let (head, body) = split_head(bytes).ok_or(Malformed::silent("No End Of Headers"))?;
    let head = std::str::from_utf8(head).map_err(|_| Malformed::silent("Not UTF-8"))?;
    let (start, rest) = head.split_once('\n').unwrap_or((head, ""));
    let start = start.strip_suffix('\r').unwrap_or(start);
    let headers = read_headers(rest);
    if let Some(line) = start.strip_prefix("SIP/2.0 ") {
        let headers = headers.map_err(Malformed::silent)?;
        return read_response(line, headers, body).map_err(Malformed::silent);
    }
    let (method, uri, version) = request_line(start).map_err(Malformed::silent)?;
    let (headers, broken) = match headers {
        Ok(headers) => (headers, None),
        Err(why) => (readable_headers(rest), Some(why)),
    };
    let refuse = |why: &'static str, status: u16| {
        let is_answered = method != "ACK" && can_be_answered(&headers);
        Malformed { why, status, request: is_answered.then(|| headers.clone()) }
    };
    if version != "SIP/2.0" {
        return Err(refuse("Version Not Supported", 505));
    }
    if let Some(why) = broken {
        return Err(refuse(why, 400));
    }
    let core = read_core(&headers).map_err(|why| refuse(why, 400))?;
    let body = read_body(&headers, body).map_err(|why| refuse(why, 400))?;
    let uri = Uri::parse(uri).ok_or_else(|| refuse("Bad Request-URI", 400))?;
    let method = Method::of(method);
    if core.method != method {
        return Err(refuse("CSeq Names Another Method", 400));
    }
    let hops = headers.get("Max-Forwards");
    if hops.is_some_and(|hops| hops.trim().parse::<u32>().is_err()) {
        return Err(refuse("Bad Max-Forwards", 400));
    }
    Ok(Message::Request(Request { method, uri, core, headers, body }))
}

/// The head without its empty line, and what follows.
pub(super) fn split_head(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut at = 0;
    while let Some(end) = bytes[at..].iter().position(|byte| *byte == b'\n') {
        let next = at + end + 1;
        let rest = &bytes[next..];
        if rest.starts_with(b"\r\n") {
            return Some((&bytes[..next], &rest[2..]));
        }
        if rest.starts_with(b"\n") {
            return Some((&bytes[..next], &rest[1..]));
        }
        at = next;
    }
    None
}

fn request_line(line: &str) -> Result<(&str, &str, &str), &'static str> {
    let mut words = line.split(' ');
    let (method, uri, version) = (words.next(), words.next(), words.next());
    let is_token = |method: &str| {
        !method.is_empty()
            && method.len() <= METHOD_BYTES_MAX
            && method.bytes().all(super::address::is_token)
    };
    match (method.filter(|it| is_token(it)), uri, version, words.next()) {
        (Some(method), Some(uri), Some(version), None) if version.starts_with("SIP/") => {
            Ok((method, uri, version))
        }
        // With more spaces than two it may still be answered: the URI is what is wrong then.
        (Some(method), Some(_), Some(_), Some(_)) if line.trim_end().ends_with("SIP/2.0") => {
            Ok((method, "", "SIP/2.0"))
        }
        _ => Err("No Request Line"),
    }
}

fn read_response(line: &str, headers: Headers, body: &[u8]) -> Result<Message, &'static str> {
    let status = line.split(' ').next().and_then(|status| status.parse().ok());
    let status = status.filter(|status| (100..700).contains(status)).ok_or("Bad Status")?;
    let core = read_core(&headers)?;
    let body = read_body(&headers, body)?;
    Ok(Message::Response(Response { status, core, headers, body }))
}

fn read_headers(text: &str) -> Result<Headers, &'static str> {
    let mut headers = Headers::default();
    for line in text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)) {
        if line.is_empty() {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            if !headers.fold(line) {
                return Err("Begins With A Continuation");
            }
            continue;
        }
        let (name, value) = line.split_once(':').ok_or("Header Without A Colon")?;
        let name = name.trim_end();
        if name.is_empty() || !name.bytes().all(super::address::is_token) {
            return Err("Bad Header Name");
        }
        if !is_text(value) {
            return Err("Control Character");
        }
        if headers.len() >= HEADERS_MAX {
            return Err("Too Many Headers");
        }
        headers.push(name, value.trim());
    }
    Ok(headers)
}

/// Whether there are no control characters but tabs and those that are escaped, as quoted strings may have them
/// (RFC 3261 §25.1: `quoted-pair`). Ends of lines never are.
fn is_text(value: &str) -> bool {
    let mut escaped = false;
    value.chars().all(|letter| {
        let is_allowed = !letter.is_control() || letter == '\t' || (escaped && letter != '\r');
        escaped = letter == '\\' && !escaped;
        is_allowed
    })
}

/// Those headers of a broken head that an answer is made of.
fn readable_headers(text: &str) -> Headers {
    let mut headers = Headers::default();
    for line in text.lines().take(HEADERS_MAX) {
        if let Some((name, value)) = line.split_once(':')
            && is_text(value)
        {
            headers.push(name.trim_end(), value.trim());
        }
    }
    headers
}

/// Whether an answer finds its way back. What else it copies may be missing, or be there twice: then the first one
/// is copied (RFC 4475 §3.3.1, §3.3.8).
fn can_be_answered(headers: &Headers) -> bool {
    headers.list("Via").next().and_then(Via::parse).is_some()
}

fn read_core(headers: &Headers) -> Result<Core, &'static str> {
    if SINGLE.iter().any(|name| headers.count(name) > 1) {
        return Err("Header Twice");
    }
    let vias = headers.all("Via").flat_map(super::split_list);
    let vias: Option<Vec<Via>> = vias.map(Via::parse_strictly).collect();
    let via = vias.ok_or("Bad Via")?.into_iter().next().ok_or("No Via")?;
    let address = |name| headers.get(name).and_then(NameAddr::parse);
    let from = address("From").ok_or("Bad From")?;
    let to = address("To").ok_or("Bad To")?;
    let call_id = headers.get("Call-ID").filter(|it| !it.is_empty()).ok_or("No Call-ID")?;
    let (number, method) = headers
        .get("CSeq")
        .and_then(|it| it.split_once(|letter: char| letter.is_ascii_whitespace()))
        .ok_or("Bad CSeq")?;
    let sequence: u32 = number.parse().map_err(|_| "Bad CSeq")?;
    if sequence >= SEQUENCE_END {
        return Err("Bad CSeq");
    }
    let method = Method::of(method.trim());
    Ok(Core { via, from, to, call_id: call_id.to_owned(), sequence, method })
}

fn read_body(headers: &Headers, body: &[u8]) -> Result<Vec<u8>, &'static str> {
    let Some(length) = headers.get("Content-Length") else { return Ok(body.to_vec()) };
    let length: usize = length.trim().parse().map_err(|_| "Bad Content-Length")?;
    body.get(..length).map(<[u8]>::to_vec).ok_or("Body Shorter Than Content-Length")
}
