//! The user agent: its calls, its transactions, and what is due.

mod arrive;
mod call;
mod invite;
mod lines;
mod outgoing;
mod own_requests;
mod phones;
mod pings;
mod refer;
mod reliable;
mod replaces;
mod within;

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use budget::{Rate, Rates};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::admission::{Admission, TrunkId};
use crate::client_transaction::{ClientStep, ClientTransaction};
use crate::dialog::DialogId;
use crate::digest::Verifier;
use crate::message::{Headers, Method, Reply, Request, write};
use crate::registrar::Registrar;
use crate::server_transaction::{ServerKey, ServerStep, ServerTransaction};
use crate::timers::{TimerKey, Timers};
use crate::types::{AgentConfig, CallKey, Event, LineId, Output, Peer, Transport};

use call::{Call, Origin, Purpose};
use lines::Line;
use pings::Pinged;

/// What is done here, as Allow names it.
const ALLOW: &str = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, PRACK, INFO";
/// The same on calls whose other end may have them transferred.
const ALLOW_WITH_REFER: &str = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, PRACK, INFO, REFER";
/// Extensions that are known here, as Supported names them.
const SUPPORTED: &str = "timer, 100rel, replaces";
/// The extensions among them that a peer may require.
const REQUIRABLE: [&str; 3] = ["timer", "100rel", "replaces"];

/// As what it counts that no answer comes, and that nothing can be sent (RFC 3261 §8.1.3.1).
const NO_ANSWER: u16 = 408;
const UNREACHABLE: u16 = 503;

/// What a trunk's secret is for, as it is told.
const TRUNK_REALM: &str = "sotto";

/// Wrong proofs of one address of a trunk's: somebody who mistypes the secret.
const WRONG_PROOFS: Rate = Rate::new(10, Duration::from_secs(30));
/// Addresses whose wrong proofs are counted at the same time.
const PEERS_MAX: usize = 4_096;

/// What became of bytes that came in; for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was worked with.
    Taken,
    /// Nobody here knows its sender: dropped.
    Stranger,
    /// It is no message.
    Malformed,
    /// A call more than are let in.
    TooMany,
}

/// One user agent; see the crate's documentation.
#[derive(Debug)]
pub struct UserAgent {
    config: AgentConfig,
    random: StdRng,
    /// Makes the tags of answers that nothing is remembered of.
    secret: u64,
    admission: Admission,
    registrar: Option<Registrar>,
    lines: Vec<Line>,
    pinged: Vec<Pinged>,
    /// They ask the trunks that have a secret.
    trunk_verifiers: HashMap<TrunkId, Verifier>,
    /// Wrong answers to that, by address.
    wrong_proofs: Rates<IpAddr>,
    /// When the first registration ends.
    phones_watched: Option<TimerKey>,
    timers: Timers<Timer>,
    servers: HashMap<ServerKey, ServerTransaction>,
    clients: HashMap<ClientKey, (ClientTransaction, Purpose)>,
    calls: HashMap<CallKey, Call>,
    dialogs: HashMap<DialogId, CallKey>,
    /// INVITEs that have no final answer.
    invites: HashMap<ServerKey, CallKey>,
    /// Where calls come from, to know a request that came by two ways.
    origins: HashMap<Origin, CallKey>,
    count: u64,
    output: VecDeque<Output>,
}

/// Which transaction an answer belongs to: branch and method (RFC 3261 §17.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ClientKey(String, Method);

/// What may be due.
#[derive(Clone, Debug)]
enum Timer {
    Server(ServerKey),
    Client(ClientKey),
    Call(CallKey),
    /// A registration is over, unless it was renewed.
    Phones,
    Line(LineId),
    /// A trunk is to be asked whether it is there, by its place among those that are.
    Ping(usize),
}

impl UserAgent {
    /// Nobody calls yet.
    pub fn new(config: AgentConfig) -> Self {
        let mut random = StdRng::from_seed(config.seed);
        let registrar = config.registrar.clone();
        let lines = config.lines.iter().cloned().map(|line| {
            let mut token = || format!("{:016x}", random.random::<u64>());
            Line::new(line, token(), token())
        });
        let lines = lines.collect();
        let pinged = config.pings.iter().cloned().map(|ping| {
            let mut token = || format!("{:016x}", random.random::<u64>());
            Pinged::new(ping, token(), token())
        });
        let pinged = pinged.collect();
        let asked = config.trunks.iter().enumerate().filter_map(|(place, trunk)| {
            let algorithms = trunk.login.as_ref()?.algorithms.clone();
            let verifier = Verifier::new(TRUNK_REALM, algorithms, random.random());
            Some((TrunkId(place), verifier))
        });
        let trunk_verifiers = asked.collect();
        Self {
            trunk_verifiers,
            wrong_proofs: Rates::new(WRONG_PROOFS, PEERS_MAX),
            phones_watched: None,
            lines,
            pinged,
            registrar: registrar.map(|it| Registrar::new(it, random.random())),
            secret: random.random(),
            admission: Admission::new(config.trunks.clone()),
            config,
            random,
            timers: Timers::default(),
            servers: HashMap::new(),
            clients: HashMap::new(),
            calls: HashMap::new(),
            dialogs: HashMap::new(),
            invites: HashMap::new(),
            origins: HashMap::new(),
            count: 0,
            output: VecDeque::new(),
        }
    }

    /// The next thing to be sent or told; `None`: nothing until the next input.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.output.pop_front()
    }

    /// When [`Self::handle_timeout`] is to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.first()
    }

    /// Calls at this moment, those that only ring among them.
    pub fn calls_count(&self) -> usize {
        self.calls.len()
    }

    /// Everything that is remembered of peers, in pieces; for a test that it does not grow.
    pub fn remembered(&self) -> usize {
        self.servers.len() + self.clients.len() + self.calls.len() + self.timers.count()
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.pop(now) {
            match timer {
                Timer::Server(key) => self.server_timeout(now, key),
                Timer::Client(key) => self.client_timeout(now, key),
                Timer::Call(key) => self.call_timeout(now, key),
                Timer::Phones => self.phones_timeout(now),
                Timer::Line(line) => self.begin_registration(now, line),
                Timer::Ping(place) => self.ping(now, place),
            }
        }
    }

    /// A stream has ended, and what is to be sent on it goes nowhere. Calls live on: the other end may
    /// open another one.
    pub fn handle_connection_closed(&mut self, connection: u64) {
        let on_it = |peer: &Peer| peer.transport != Transport::Udp && peer.connection == connection;
        for call in self.calls.values_mut().filter(|call| on_it(&call.peer)) {
            call.peer.connection = 0;
        }
        self.phones_lost_stream(connection);
    }

    /// A peer can't be connected to: what was to be sent there, and has no answer, is as if it were 503
    /// (RFC 3261 §8.1.3.1).
    pub fn handle_unreachable(&mut self, now: Instant, peer: Peer) {
        let is_there = |it: &Peer| it.transport == peer.transport && it.address == peer.address;
        let lost = self.clients.extract_if(|_, (it, _)| is_there(&it.peer) && it.is_unheard());
        let lost: Vec<Purpose> = lost.map(|(_, (_, purpose))| purpose).collect();
        lost.iter().for_each(|purpose| self.unanswered(now, purpose, UNREACHABLE));
    }

    fn server_timeout(&mut self, now: Instant, key: ServerKey) {
        let Some(transaction) = self.servers.get_mut(&key) else { return };
        match transaction.handle_timeout(now) {
            ServerStep::Nothing => {}
            ServerStep::Resend(bytes) => {
                let to = transaction.reply_to;
                self.output.push_back(Output::Send { to, bytes });
            }
            ServerStep::Ended => {
                self.servers.remove(&key);
                return;
            }
        }
        self.watch_server(key);
    }

    fn client_timeout(&mut self, now: Instant, key: ClientKey) {
        let Some((transaction, _)) = self.clients.get_mut(&key) else { return };
        match transaction.handle_timeout(now) {
            ClientStep::Nothing => {}
            ClientStep::Resend(bytes) => {
                let to = transaction.peer;
                self.output.push_back(Output::Send { to, bytes });
            }
            ClientStep::Ended => {
                self.clients.remove(&key);
                return;
            }
            ClientStep::TimedOut => {
                if let Some((_, purpose)) = self.clients.remove(&key) {
                    self.unanswered(now, &purpose, NO_ANSWER);
                }
                return;
            }
        }
        let deadline = self.clients.get(&key).and_then(|(transaction, _)| transaction.deadline());
        if let Some(at) = deadline {
            self.timers.set(at, Timer::Client(key));
        }
    }

    fn watch_server(&mut self, key: ServerKey) {
        if let Some(at) = self.servers.get(&key).and_then(ServerTransaction::deadline) {
            self.timers.set(at, Timer::Server(key));
        }
    }

    fn watch_call(&mut self, key: CallKey) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let Some(at) = call.deadline() else { return };
        // One timer that comes in time is enough: a call may be changed a thousand times.
        if call.watched.is_none_or(|watched| at < watched.at) {
            let earlier = self.timers.set(at, Timer::Call(key));
            if let Some(later) = call.watched.replace(earlier) {
                self.timers.cancel(later);
            }
        }
    }

    /// Begins a transaction for a request of a peer's.
    fn begin_server(&mut self, key: &ServerKey, request: &Request, from: Peer) {
        let transaction = ServerTransaction::new(request, reply_to(request, from));
        self.servers.insert(key.clone(), transaction);
    }

    /// Answers within a transaction.
    fn answer(&mut self, now: Instant, key: &ServerKey, reply: &Reply) {
        let Some(transaction) = self.servers.get_mut(key) else { return };
        let bytes = reply.to_bytes();
        transaction.answer(now, reply.status, bytes.clone());
        self.output.push_back(Output::Send { to: transaction.reply_to, bytes });
        self.watch_server(key.clone());
    }

    /// Answers and remembers nothing; a repeated request gets the same answer.
    fn answer_stateless(&mut self, request: &Request, from: Peer, reply: Reply) {
        let tag = self.stateless_tag(&request.core.call_id, request.core.sequence);
        let bytes = reply.tagged(&tag).with("Server", &self.config.product).to_bytes();
        self.output.push_back(Output::Send { to: reply_to(request, from), bytes });
    }

    fn stateless_tag(&self, call_id: &str, sequence: u32) -> String {
        let mut hasher = DefaultHasher::new();
        (self.secret, call_id, sequence).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    fn token(&mut self) -> String {
        format!("{:016x}", self.random.random::<u64>())
    }

    fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    fn tell(&mut self, event: Event) {
        self.output.push_back(Output::Event(event));
    }

    /// Our address for whoever is reached by this transport.
    fn contact(&self, transport: Transport) -> String {
        let own = self.own_address(transport);
        match transport {
            Transport::Udp => format!("<sip:{own}>"),
            Transport::Tcp => format!("<sip:{own};transport=tcp>"),
            Transport::Tls => format!("<sip:{own};transport=tls>"),
        }
    }

    /// Sends a request of ours, with a transaction; its Via is added here.
    fn send_request(
        &mut self,
        now: Instant,
        request: (&str, Headers, &str),
        method: &Method,
        (to, purpose): (Peer, Purpose),
    ) {
        let branch = format!("z9hG4bK{}", self.token());
        self.send_in_transaction(now, request, (method, branch), (to, purpose));
    }

    /// The same in the transaction of this branch.
    fn send_in_transaction(
        &mut self,
        now: Instant,
        (start, headers, body): (&str, Headers, &str),
        (method, branch): (&Method, String),
        (to, purpose): (Peer, Purpose),
    ) {
        let bytes = self.request_bytes(start, &headers, body, (to.transport, &branch));
        let key = ClientKey(branch, method.clone());
        let transaction = ClientTransaction::new(now, *method == Method::Invite, to, bytes.clone());
        if let Some(at) = transaction.deadline() {
            self.timers.set(at, Timer::Client(key.clone()));
        }
        self.clients.insert(key, (transaction, purpose));
        self.output.push_back(Output::Send { to, bytes });
    }

    /// Our own address, as whoever is reached by this transport knows it.
    fn own_address(&self, transport: Transport) -> SocketAddr {
        let addresses = &self.config.addresses;
        match transport {
            Transport::Udp => addresses.udp,
            Transport::Tcp => addresses.tcp,
            Transport::Tls => addresses.tls.unwrap_or(addresses.tcp),
        }
    }

    fn request_bytes(
        &self,
        start: &str,
        headers: &Headers,
        body: &str,
        (transport, branch): (Transport, &str),
    ) -> Vec<u8> {
        let own = self.own_address(transport);
        let mut all = Headers::default();
        all.push("Via", format!("SIP/2.0/{} {own};branch={branch};rport", transport.name()));
        headers.iter().for_each(|(name, value)| all.push(name, value));
        all.push("User-Agent", &self.config.product);
        write(start, &all, body)
    }
}

/// What is done on a call.
fn allow(refers: bool) -> &'static str {
    if refers { ALLOW_WITH_REFER } else { ALLOW }
}

/// Where an answer goes: over a stream back on it, else as Via and source say.
fn reply_to(request: &Request, from: Peer) -> Peer {
    match from.transport {
        Transport::Udp => Peer { address: request.core.via.response_address(from.address), ..from },
        Transport::Tcp | Transport::Tls => from,
    }
}
