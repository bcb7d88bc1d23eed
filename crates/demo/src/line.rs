//! A telephone's line: one call by SIP, in datagrams (RFC 3261).
//!
//! It calls, learns whether the call is taken or refused, hangs up, and confirms what the other end asks meanwhile.
//! What is sent again when it gets lost is: INVITE, CANCEL, BYE, and the ACK of an answer that comes twice. Sessions
//! go in and out as texts ([`offer`], [`media_address`]); their sound is somebody else's, as is any proof that a
//! trunk may ask for: a call that is answered by 401 or 407 is refused.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use sip::message::{
    Headers, MESSAGE_BYTES_MAX, Message, Method, NameAddr, Reply, Request, Response, Uri, elements,
    parse, write,
};
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout, timeout_at};

/// How long the server may take to say that it has a request.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);
/// The first pause before a request is sent again; it doubles (RFC 3261 §17.1.1.2: T1).
const SEND_AGAIN: Duration = Duration::from_millis(500);
/// A request's number within the call.
const INVITE: u32 = 1;
const BYE: u32 = 2;

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// No socket, or nothing could be sent.
    #[error("a socket: {0}")]
    Socket(io::Error),
    /// The machine says that the port is closed.
    #[error("nobody speaks SIP by UDP at {0}")]
    NobodyThere(SocketAddr),
    /// The call was refused.
    #[error("{status} {reason}")]
    Refused {
        /// 300 … 699.
        status: u16,
        /// In the server's words.
        reason: String,
    },
    /// The server does not answer at all: it drops what comes from strangers.
    #[error("no answer by SIP from {0}")]
    Silent(SocketAddr),
    /// It rang in vain.
    #[error("nobody took the call")]
    NotTaken,
    /// What it answers can't be worked with.
    #[error("an answer without {0}")]
    Unfit(&'static str),
}

/// How far the call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Idle,
    Calling,
    Taken,
    Over,
}

/// A line with at most one call.
#[derive(Debug)]
pub struct Line {
    sip: UdpSocket,
    server: SocketAddr,
    own: SocketAddr,
    stage: Stage,
    /// Where requests go: whom we call, and once the call is taken, who took it.
    target: String,
    /// By whom requests within the call go.
    routes: Vec<String>,
    from: String,
    /// With the other end's tag once it has one.
    to: String,
    call_id: String,
    /// Our session.
    sdp: String,
}

impl Line {
    /// A line to a server: `called` is the user part of whom it calls, `caller` the name that is shown and the number.
    ///
    /// # Errors
    /// [`LineError::Socket`].
    pub async fn new(
        server: SocketAddr,
        called: &str,
        caller: (&str, &str),
    ) -> Result<Self, LineError> {
        let any: IpAddr = match server {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let sip = UdpSocket::bind((any, 0)).await.map_err(LineError::Socket)?;
        sip.connect(server).await.map_err(LineError::Socket)?;
        let own = sip.local_addr().map_err(LineError::Socket)?;
        let (name, number) = caller;
        let uri =
            |user, of: SocketAddr| Uri::sip(Some(user), &of.ip().to_string(), Some(of.port()));
        let target = uri(called, server).as_str().to_owned();
        let random: u64 = rand::random();
        Ok(Self {
            sip,
            server,
            own,
            stage: Stage::Idle,
            routes: Vec::new(),
            from: format!("\"{}\" <{}>;tag={random:x}", quoted(name), uri(number, own).as_str()),
            to: format!("<{target}>"),
            call_id: format!("{random:016x}@{}", own.ip()),
            target,
            sdp: String::new(),
        })
    }

    /// This end's own address, as the server sees it.
    pub fn own(&self) -> SocketAddr {
        self.own
    }

    /// Asks whether anybody is there (OPTIONS); the answer's status.
    ///
    /// # Errors
    /// Nobody is, or nobody who answers.
    pub async fn ask(&self) -> Result<u16, LineError> {
        let (answer, _) = self.request(&Method::Options, INVITE, ANSWER_WITHIN).await?;
        Ok(answer.status)
    }

    /// Calls with this session, and waits for so long that somebody takes the call; their session.
    ///
    /// # Errors
    /// Why nobody did. After [`LineError::NotTaken`] the call is still there: see [`Line::end`].
    pub async fn call(&mut self, sdp: String, patience: Duration) -> Result<String, LineError> {
        self.sdp = sdp;
        self.stage = Stage::Calling;
        let (answer, reason) = self.request(&Method::Invite, INVITE, patience).await?;
        self.settle(&answer).await?;
        if answer.status >= 300 {
            return Err(LineError::Refused { status: answer.status, reason });
        }
        let sdp = answer.session_description().ok().flatten();
        sdp.ok_or(LineError::Unfit("a session"))
    }

    /// Waits until the other end hangs up, and confirms it.
    ///
    /// # Errors
    /// The line broke.
    pub async fn hung_up(&mut self) -> Result<(), LineError> {
        loop {
            match self.message().await?.0 {
                Message::Request(request) => {
                    self.confirm(&request).await?;
                    if request.method == Method::Bye {
                        self.stage = Stage::Over;
                        return Ok(());
                    }
                }
                // It has not heard that we heard it.
                Message::Response(answer) if is_taken(&answer) => self.acknowledge(&answer).await?,
                Message::Response(_) => {}
            }
        }
    }

    /// Takes the call back, or hangs up, as far as there is one.
    ///
    /// # Errors
    /// The server doesn't answer, or the line broke.
    pub async fn end(&mut self) -> Result<(), LineError> {
        if self.stage == Stage::Calling {
            self.request(&Method::Cancel, INVITE, ANSWER_WITHIN).await?;
            // The INVITE's own answer: 487, or somebody was faster.
            let (answer, _) = timeout(ANSWER_WITHIN, self.final_answer(&Method::Invite))
                .await
                .map_err(|_| LineError::Silent(self.server))??;
            self.settle(&answer).await?;
        }
        if self.stage == Stage::Taken {
            self.stage = Stage::Over;
            self.request(&Method::Bye, BYE, ANSWER_WITHIN).await?;
        }
        Ok(())
    }

    /// Takes the final answer to our INVITE, and confirms it.
    async fn settle(&mut self, answer: &Response) -> Result<(), LineError> {
        self.to = answer.core.to.as_str().to_owned();
        if answer.status >= 300 {
            self.stage = Stage::Over;
            return self.acknowledge(answer).await;
        }
        self.stage = Stage::Taken;
        self.routes = elements(&answer.headers, "Record-Route");
        self.routes.reverse();
        if let Some(contact) = answer.headers.get("Contact").and_then(NameAddr::parse) {
            self.target = contact.uri.as_str().to_owned();
        }
        self.acknowledge(answer).await
    }

    /// Of a refusal ACK belongs to the INVITE; that of a call that was taken is on its own (RFC 3261 §17.1.1.3, §13.2.2.4).
    async fn acknowledge(&self, answer: &Response) -> Result<(), LineError> {
        let branch = if answer.status >= 300 { branch(&Method::Invite) } else { "ack" };
        self.send(&Method::Ack, INVITE, branch).await
    }

    /// Sends a request, again until somebody has it, and waits for its final answer, with its reason phrase.
    async fn request(
        &self,
        method: &Method,
        number: u32,
        patience: Duration,
    ) -> Result<(Response, String), LineError> {
        let deadline = Instant::now() + patience;
        let mut pause = SEND_AGAIN;
        let first = timeout(ANSWER_WITHIN, async {
            loop {
                self.send(method, number, branch(method)).await?;
                if let Ok(answer) = timeout(pause, self.answer(method)).await {
                    return answer;
                }
                pause *= 2;
            }
        });
        let (answer, reason) = first.await.map_err(|_| LineError::Silent(self.server))??;
        if answer.status >= 200 {
            return Ok((answer, reason));
        }
        let last = timeout_at(deadline, self.final_answer(method)).await;
        last.map_err(|_| LineError::NotTaken)?
    }

    async fn final_answer(&self, method: &Method) -> Result<(Response, String), LineError> {
        loop {
            let (answer, reason) = self.answer(method).await?;
            if answer.status >= 200 {
                return Ok((answer, reason));
            }
        }
    }

    /// The next answer to such a request, with its reason phrase.
    async fn answer(&self, method: &Method) -> Result<(Response, String), LineError> {
        loop {
            match self.message().await? {
                (Message::Response(answer), reason) if answer.core.method == *method => {
                    return Ok((answer, reason));
                }
                (Message::Request(request), _) => self.confirm(&request).await?,
                (Message::Response(_), _) => {}
            }
        }
    }

    async fn confirm(&self, request: &Request) -> Result<(), LineError> {
        let reply = |status| Reply::to(request, self.server, status);
        let reply = match &request.method {
            Method::Ack => return Ok(()),
            // The session goes on as it is: a change, or a sign of life (RFC 4028).
            Method::Invite | Method::Update => {
                let reply = reply(200).with("Contact", self.contact());
                let wants_session = request.method == Method::Invite || !request.body.is_empty();
                if wants_session { reply.with_sdp(self.sdp.clone()) } else { reply }
            }
            Method::Bye | Method::Options | Method::Info => reply(200),
            _other => reply(501),
        };
        self.sip.send(&reply.to_bytes()).await.map_err(LineError::Socket)?;
        Ok(())
    }

    /// The next message of this call's; of an answer the reason phrase besides.
    async fn message(&self) -> Result<(Message, String), LineError> {
        let mut bytes = vec![0; MESSAGE_BYTES_MAX];
        loop {
            let length = self.sip.recv(&mut bytes).await.map_err(|error| match error.kind() {
                io::ErrorKind::ConnectionRefused => LineError::NobodyThere(self.server),
                _other => LineError::Socket(error),
            })?;
            let Ok(message) = parse(&bytes[..length]) else { continue };
            let core = match &message {
                Message::Request(request) => &request.core,
                Message::Response(answer) => &answer.core,
            };
            if core.call_id == self.call_id {
                return Ok((message, reason(&bytes[..length])));
            }
        }
    }

    fn contact(&self) -> String {
        format!(
            "<{}>",
            Uri::sip(Some("caller"), &self.own.ip().to_string(), Some(self.own.port())).as_str()
        )
    }

    async fn send(&self, method: &Method, number: u32, branch: &str) -> Result<(), LineError> {
        let Self { own, target, from, to, call_id, .. } = self;
        let mut headers = Headers::default();
        // The socket's port tells this call's transactions from others of this machine's.
        let via = format!("SIP/2.0/UDP {own};branch=z9hG4bK{}{branch};rport", own.port());
        headers.push("Via", via);
        headers.push("Max-Forwards", "70");
        for route in &self.routes {
            headers.push("Route", route.clone());
        }
        headers.push("From", from.clone());
        headers.push("To", to.clone());
        headers.push("Call-ID", call_id.clone());
        headers.push("CSeq", format!("{number} {method}"));
        headers.push("Contact", self.contact());
        let body = if *method == Method::Invite { self.sdp.as_str() } else { "" };
        if !body.is_empty() {
            headers.push("Content-Type", "application/sdp");
        }
        let start = format!("{method} {target} SIP/2.0");
        match self.sip.send(&write(&start, &headers, body)).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                Err(LineError::NobodyThere(self.server))
            }
            Err(error) => Err(LineError::Socket(error)),
        }
    }
}

/// An offer of one codec, 20 ms a packet: its number and its `a=rtpmap`, such as `(8, "PCMA/8000")`.
pub fn offer(rtp: SocketAddr, (number, name): (u8, &str)) -> String {
    let (ip, port) = (rtp.ip(), rtp.port());
    let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
    format!(
        "v=0\r\no=- 1 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP {number}\r\na=rtpmap:{number} {name}\r\na=ptime:20\r\na=sendrecv\r\n"
    )
}

/// Where a session wants its audio; `None`: it names no address.
pub fn media_address(sdp: &str) -> Option<SocketAddr> {
    let line = |start: &str| sdp.lines().find_map(|line| line.strip_prefix(start));
    let address = line("c=IN IP4 ").or_else(|| line("c=IN IP6 "))?;
    let port = line("m=audio ")?.split(' ').next()?;
    Some(SocketAddr::new(address.trim().parse().ok()?, port.parse().ok()?))
}

/// A transaction's mark. An INVITE and its CANCEL have the same one (RFC 3261 §9.1).
fn branch(method: &Method) -> &str {
    match method {
        Method::Cancel => Method::Invite.name(),
        other => other.name(),
    }
}

fn is_taken(answer: &Response) -> bool {
    (200..300).contains(&answer.status) && answer.core.method == Method::Invite
}

/// The reason phrase of an answer; of anything else, nothing of use.
fn reason(bytes: &[u8]) -> String {
    let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let words = String::from_utf8_lossy(line);
    words.splitn(3, ' ').nth(2).unwrap_or_default().to_owned()
}

/// A name within quotes (RFC 3261 §25.1): nothing in it ends them, or the line.
fn quoted(name: &str) -> String {
    let plain = name.chars().filter(|letter| !letter.is_control());
    let mut text = String::with_capacity(name.len());
    for letter in plain {
        if matches!(letter, '"' | '\\') {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A server that answers each request as it is told, and keeps what it was asked.
    async fn server(
        answers: impl Fn(&Request, usize) -> Vec<Vec<u8>> + Send + 'static,
    ) -> (SocketAddr, Arc<std::sync::Mutex<Vec<Request>>>) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
        let kept = asked.clone();
        tokio::spawn(async move {
            let mut bytes = [0; 4_096];
            loop {
                let (length, from) = socket.recv_from(&mut bytes).await.unwrap();
                let Ok(Message::Request(request)) = parse(&bytes[..length]) else { continue };
                let number = kept.lock().unwrap().len();
                kept.lock().unwrap().push(request.clone());
                for answer in answers(&request, number) {
                    socket.send_to(&answer, from).await.unwrap();
                }
            }
        });
        (address, asked)
    }

    fn reply(request: &Request, status: u16) -> Reply {
        Reply::to(request, "127.0.0.1:9".parse().unwrap(), status).tagged("server")
    }

    fn methods(asked: &std::sync::Mutex<Vec<Request>>) -> Vec<String> {
        asked.lock().unwrap().iter().map(|it| it.method.to_string()).collect()
    }

    const SDP: &str = "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 8\r\n";
    const PATIENCE: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn a_call_is_asked_for_again_taken_by_its_route_and_hung_up() {
        let (address, asked) = server(|request, number| match request.method {
            // The first one got lost.
            Method::Invite if number == 0 => vec![],
            Method::Invite => {
                let taken = reply(request, 200)
                    .with("Contact", "<sip:desk@127.0.0.1:7>")
                    .with("Record-Route", "<sip:near;lr>, <sip:far;lr>")
                    .with_sdp(SDP.to_owned());
                vec![
                    reply(request, 100).to_bytes(),
                    reply(request, 180).to_bytes(),
                    taken.to_bytes(),
                ]
            }
            Method::Bye => vec![reply(request, 200).to_bytes()],
            _ => vec![],
        })
        .await;
        let mut line = Line::new(address, "support", ("A \"B\"\r\n", "+4930")).await.unwrap();
        let session = line.call(offer(line.own(), (8, "PCMA/8000")), PATIENCE).await.unwrap();
        assert_eq!(media_address(&session), Some("127.0.0.1:4000".parse().unwrap()));
        line.end().await.unwrap();
        assert_eq!(methods(&asked), ["INVITE", "INVITE", "ACK", "BYE"]);
        let asked = asked.lock().unwrap();
        assert_eq!(asked[0].core.from.name.as_deref(), Some("A \"B\""));
        assert_eq!(asked[0].core.from.uri.user.as_deref(), Some("+4930"));
        assert_eq!(asked[0].core.via.branch(), asked[1].core.via.branch());
        let bye = &asked[3];
        assert_eq!((bye.uri.as_str(), bye.core.to.tag()), ("sip:desk@127.0.0.1:7", Some("server")));
        assert_eq!(elements(&bye.headers, "Route"), ["<sip:far;lr>", "<sip:near;lr>"]);
    }

    #[tokio::test]
    async fn a_refusal_says_why_and_is_confirmed() {
        let (address, asked) = server(|request, _| match request.method {
            Method::Invite => vec![reply(request, 404).because("No such queue").to_bytes()],
            _ => vec![],
        })
        .await;
        let mut line = Line::new(address, "nobody", ("A", "1")).await.unwrap();
        let refused = line.call(SDP.to_owned(), PATIENCE).await.unwrap_err();
        assert_eq!(refused.to_string(), "404 No such queue");
        line.end().await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(methods(&asked), ["INVITE", "ACK"]);
        let asked = asked.lock().unwrap();
        assert_eq!(asked[0].core.via.branch(), asked[1].core.via.branch());
    }

    #[tokio::test]
    async fn a_call_that_rings_in_vain_is_taken_back() {
        let invite = Arc::new(std::sync::Mutex::new(None));
        let (address, asked) = server(move |request, _| match request.method {
            Method::Invite => {
                *invite.lock().unwrap() = Some(request.clone());
                vec![reply(request, 180).to_bytes()]
            }
            Method::Cancel => {
                let invite = invite.lock().unwrap().clone().unwrap();
                vec![reply(request, 200).to_bytes(), reply(&invite, 487).to_bytes()]
            }
            _ => vec![],
        })
        .await;
        let mut line = Line::new(address, "support", ("A", "1")).await.unwrap();
        let outcome = line.call(SDP.to_owned(), Duration::from_millis(50)).await;
        assert!(matches!(outcome, Err(LineError::NotTaken)), "{outcome:?}");
        line.end().await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(methods(&asked), ["INVITE", "CANCEL", "ACK"]);
        let asked = asked.lock().unwrap();
        assert_eq!(asked[0].core.via.branch(), asked[1].core.via.branch());
    }

    #[tokio::test]
    async fn where_nobody_listens_that_is_said() {
        let closed = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let line = Line::new(closed, "support", ("A", "1")).await.unwrap();
        let outcome = line.ask().await;
        assert!(matches!(outcome, Err(LineError::NobodyThere(at)) if at == closed), "{outcome:?}");
    }

    #[test]
    fn what_is_offered_is_read_back() {
        for address in ["192.0.2.1:4000", "[2001:db8::1]:4000"] {
            let address: SocketAddr = address.parse().unwrap();
            assert_eq!(media_address(&offer(address, (9, "G722/8000"))), Some(address));
        }
        assert_eq!(media_address("v=0\r\n"), None);
    }
}
