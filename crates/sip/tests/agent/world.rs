//! A user agent, a peer's messages, and a clock that stands still unless it is moved.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use budget::Networks;
use sip::admission::{TrunkId, TrunkLogin, TrunkPeers};
use sip::digest::{Algorithm, Secret};
use sip::{
    Addresses, AgentConfig, CallKey, Event, Invitation, LineConfig, Login, Output, Peer,
    PingConfig, RegistrarConfig, Transport, UserAgent, Verdict,
};

use crate::phones::SECRET;

/// A session description that is good enough for whoever reads none.
pub const SDP: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";
/// Calls that the trunk may have at a time.
pub const CALLS_MAX: usize = 5;
/// Where the trunk is.
pub const TRUNK: &str = "192.0.2.1:5060";
/// Where another one is.
pub const OTHER_TRUNK: &str = "192.0.3.1";

pub struct World {
    pub agent: UserAgent,
    pub now: Instant,
    pub peer: Peer,
    pub sent: Vec<(Peer, String)>,
    pub events: Vec<Event>,
}

fn line() -> LineConfig {
    LineConfig {
        servers: ["192.0.2.1:5060", "192.0.2.2:5060"]
            .map(|it| Peer::udp(it.parse().unwrap()))
            .into(),
        domain: "pbx.example".to_owned(),
        user: "200".to_owned(),
        login: Login { username: "sotto200".to_owned(), secret: Secret::new(SECRET) },
        expires_s: 300,
    }
}

fn registrar() -> RegistrarConfig {
    let phone = |extension: &str| (extension.to_owned(), Secret::new(SECRET));
    RegistrarConfig {
        realm: "sotto".to_owned(),
        algorithms: vec![Algorithm::Sha256, Algorithm::Md5],
        networks: Networks::parse(["198.18.0.0/24"]).unwrap(),
        phones: vec![phone("500"), phone("501")],
    }
}

/// Whoever is reached by datagrams there.
pub fn at(address: &str) -> Peer {
    Peer::udp(address.parse().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
fn start() -> Instant {
    Instant::now()
}

impl World {
    pub fn new() -> Self {
        Self::with_trunk_login(None)
    }

    pub fn with_trunk_login(login: Option<TrunkLogin>) -> Self {
        let own: SocketAddr = "198.51.100.1:5060".parse().unwrap();
        let trunk = |peers, login| TrunkPeers {
            peers: Networks::parse([peers]).unwrap(),
            calls_per_second: 100,
            calls_max: CALLS_MAX,
            calls_per_peer: CALLS_MAX,
            login,
        };
        let agent = UserAgent::new(AgentConfig {
            addresses: Addresses { udp: own, tcp: own, tls: None },
            trunks: vec![trunk("192.0.2.0/24", login), trunk(OTHER_TRUNK, None)],
            registrar: Some(registrar()),
            lines: vec![line()],
            pings: vec![PingConfig { trunk: TrunkId(0), servers: vec![at(TRUNK)] }],
            product: "Sotto".to_owned(),
            seed: [7; 32],
        });
        let peer = Peer::udp(TRUNK.parse().unwrap());
        Self { agent, now: start(), peer, sent: Vec::new(), events: Vec::new() }
    }

    pub fn over_tcp() -> Self {
        let mut world = Self::new();
        world.peer = Peer { transport: Transport::Tcp, connection: 9, ..world.peer };
        world
    }

    /// What the peer sends.
    pub fn take(&mut self, message: &str) -> Verdict {
        let verdict = self.agent.handle_bytes(self.now, self.peer, message.as_bytes());
        self.collect();
        verdict
    }

    /// Time passes, as far as something is due meanwhile step by step.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.agent.poll_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.agent.handle_timeout(self.now);
            self.collect();
        }
        self.now = end;
    }

    pub fn act<T>(&mut self, act: impl FnOnce(&mut UserAgent, Instant) -> T) -> T {
        let result = act(&mut self.agent, self.now);
        self.collect();
        result
    }

    fn collect(&mut self) {
        while let Some(output) = self.agent.poll_output() {
            match output {
                Output::Send { to, bytes } => {
                    self.sent.push((to, String::from_utf8(bytes).unwrap()));
                }
                Output::Event(event) => self.events.push(event),
            }
        }
    }

    /// What was sent since it was asked last.
    pub fn sent(&mut self) -> Vec<String> {
        std::mem::take(&mut self.sent).into_iter().map(|(_, text)| text).collect()
    }

    /// The start lines of that.
    pub fn starts(&mut self) -> Vec<String> {
        self.sent().iter().map(|text| text.lines().next().unwrap().to_owned()).collect()
    }

    /// The only message that was sent since it was asked last.
    pub fn one(&mut self) -> String {
        let sent = self.sent();
        let [one] = sent.as_slice() else { panic!("not one: {sent:#?}") };
        one.clone()
    }

    pub fn events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// An INVITE comes and is let in.
    pub fn invited(&mut self, invite: &str) -> Invitation {
        self.take(invite);
        assert_eq!(self.starts(), ["SIP/2.0 100 Trying"]);
        let events = self.events();
        let [Event::Invited(invitation)] = events.as_slice() else { panic!("{events:?}") };
        (**invitation).clone()
    }

    /// A call that is answered and confirmed; its key, and our tag.
    pub fn confirmed(&mut self, invite: &str) -> (CallKey, String) {
        let call = self.invited(invite).call;
        self.act(|agent, now| agent.accept(now, call, SDP.to_owned()));
        let ok = self.one();
        assert!(ok.starts_with("SIP/2.0 200 OK"), "{ok}");
        let tag = tag_of(&ok);
        self.take(&request("ACK", 1, &format!(";tag={tag}"), "branch-ack", ""));
        assert!(self.sent().is_empty());
        self.events();
        (call, tag)
    }
}

/// Our tag in an answer.
pub fn tag_of(answer: &str) -> String {
    let to = header(answer, "To").unwrap();
    to.split(";tag=").nth(1).expect("a tag").to_owned()
}

/// The value of a header.
pub fn header(message: &str, name: &str) -> Option<String> {
    let line = message.lines().find(|line| line.starts_with(&format!("{name}: ")))?;
    Some(line[name.len() + 2..].to_owned())
}

/// A request of the peer's, with more headers (each with its line end), and the body of an INVITE.
pub fn request(method: &str, sequence: u32, to: &str, branch: &str, more: &str) -> String {
    let body = if method == "INVITE" { SDP } else { "" };
    with_body(
        method,
        sequence,
        to,
        branch,
        &format!("Content-Type: application/sdp\r\n{more}"),
        body,
    )
}

pub fn with_body(
    method: &str,
    sequence: u32,
    to: &str,
    branch: &str,
    more: &str,
    body: &str,
) -> String {
    format!(
        "{method} sip:support@198.51.100.1 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{branch};rport\r\n\
         Max-Forwards: 70\r\n\
         From: \"Marek\" <sip:+420601@pbx.example>;tag=peer\r\n\
         To: <sip:support@198.51.100.1>{to}\r\n\
         Call-ID: one@pbx\r\n\
         CSeq: {sequence} {method}\r\n\
         Contact: <sip:+420601@192.0.2.1:5060>\r\n\
         {more}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub fn invite() -> String {
    request("INVITE", 1, "", "invite", "")
}
