//! The sockets, and the one task that drives the user agent.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use accounts::Auth;
use media_workers::Digit;
use orchestrator::Orchestrator;
use sip::admission::TrunkId;
use sip::{Addresses, AgentConfig, CallKey, Event, LineId, LineState, Output, Peer, PingConfig};
use sip::{Transport, UserAgent, Verdict};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::call::{Answering, take_call};
use crate::config::{LineConfig, TelephonyConfig, TrunkConfig};
use crate::connection::{Connections, FromStream, Opening};
use crate::dialing::{Ways, serve};
use crate::names::{FOUND_MAX, Lookup, Named, Of, keep};
use crate::news::{NEWS_MAX, News};
use crate::order::Order;
use crate::phones::Phones;
use crate::way_states::WayStates;

/// Orders of calls that may wait to be carried out; the calls wait, too, then.
const ORDERS_MAX: usize = 1_024;
/// Datagrams that are read before anything else gets its turn.
const DATAGRAMS_AT_ONCE: usize = 32;
/// Receive buffer of the socket, bytes: a burst is kept, not lost.
const RECEIVE_BUFFER: usize = 4 << 20;
/// How often a port for both transports is looked for when any will do.
const PORT_ATTEMPTS: usize = 20;
/// How long peers may take to hear that the server ends.
const GOODBYE: Duration = Duration::from_millis(100);

/// The telephone side, as it runs.
#[derive(Debug)]
pub struct Telephony {
    /// Where SIP is spoken, by UDP and by TCP.
    pub address: SocketAddr,
    /// Where it is spoken through TLS, if anywhere.
    pub tls_address: Option<SocketAddr>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

struct Shell {
    agent: UserAgent,
    udp: UdpSocket,
    listener: TcpListener,
    encrypted: Option<(TcpListener, TlsAcceptor)>,
    connections: Connections,
    from_streams: mpsc::Receiver<FromStream>,
    calls: HashMap<CallKey, mpsc::Sender<(CallKey, News)>>,
    phones: Phones,
    orders: mpsc::Receiver<Order>,
    /// Where those are that have names.
    found: mpsc::Receiver<(Of, Vec<Peer>)>,
    answering: Arc<Answering>,
    peers: Vec<budget::Networks>,
}

impl Telephony {
    /// Opens the sockets and begins to answer.
    ///
    /// # Errors
    /// A socket can't be opened.
    pub async fn start(
        config: TelephonyConfig,
        orchestrator: Orchestrator,
        auth: Auth,
        tls: Option<TlsAcceptor>,
    ) -> std::io::Result<Self> {
        let (udp, listener) = open(config.bind).await?;
        let encrypted = match config.bind_tls.zip(tls) {
            Some((address, tls)) => Some((TcpListener::bind(address).await?, tls)),
            None => None,
        };
        let tls_address = encrypted.as_ref().map(|(it, _)| it.local_addr()).transpose()?;
        let address = udp.local_addr()?;
        let public =
            |it: SocketAddr| SocketAddr::new(config.public_address.unwrap_or(it.ip()), it.port());
        let (own, own_tls) = (public(address), tls_address.map(public));
        let agent = UserAgent::new(AgentConfig {
            addresses: Addresses { udp: own, tcp: own, tls: own_tls },
            trunks: config.trunks.iter().map(|trunk| trunk.admission()).collect(),
            registrar: config.phones.as_ref().map(|it| it.registrar()),
            lines: config.lines.iter().map(|line| line.registration()).collect(),
            pings: pings(&config.trunks),
            product: config.product.clone(),
            seed: rand::random(),
        });
        let trust = |it: &TrunkConfig| Some((it.peers.clone(), it.tls.clone()?));
        let trust = config.trunks.iter().filter_map(trust).collect();
        let opening = Opening { from: config.bind.ip(), trust };
        let (connections, from_streams) = Connections::new(opening);
        let (ordering, orders) = mpsc::channel(ORDERS_MAX);
        let of_phones = config.phones.iter().map(|it| &it.networks);
        let peers = config.trunks.iter().map(|trunk| &trunk.peers).chain(of_phones);
        let peers = peers.cloned().collect();
        let found = look_up(&config);
        let ways = Arc::new(WayStates::new(orchestrator.clone(), &config.trunks, &config.lines));
        let dialing = Ways::of(&config.trunks);
        let (trunks, lines, phones) = (config.trunks, config.lines, config.phones);
        let answering = Arc::new(Answering {
            trunks,
            lines,
            phones,
            orchestrator,
            auth,
            orders: ordering,
            ways,
        });
        if let Some(dials) = answering.orchestrator.serve_dials(dialing.prefixes()) {
            tokio::spawn(serve(dialing, answering.clone(), dials));
        }
        let shell = Shell {
            agent,
            udp,
            listener,
            encrypted,
            connections,
            from_streams,
            calls: HashMap::new(),
            phones: Phones::start(&answering),
            orders,
            found,
            answering,
            peers,
        };
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(shell.run(stopped));
        Ok(Self { address, tls_address, stop, task })
    }

    /// Hangs up everywhere, and ends. Calls that the orchestrator has ended before are hung up by it.
    pub async fn stop(self) {
        // One that has ended by itself needs no telling.
        let _ = self.stop.send(());
        if self.task.await.is_err() {
            tracing::error!("the telephone side failed");
        }
    }
}

impl Shell {
    async fn run(mut self, mut stopped: oneshot::Receiver<()>) {
        let mut datagram = vec![0; sip::message::MESSAGE_BYTES_MAX];
        self.agent.register_lines(Instant::now());
        self.agent.ping_trunks(Instant::now());
        loop {
            self.carry_out();
            let due = self.agent.poll_timeout();
            let timeout = async {
                match due {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                received = self.udp.recv_from(&mut datagram) => {
                    // An error is of one datagram (a port of a peer's that is closed), not of the socket.
                    if let Ok((length, from)) = received {
                        self.take(Peer::udp(from), &datagram[..length]);
                        self.take_waiting(&mut datagram);
                    }
                }
                Ok((stream, from)) = self.listener.accept() => {
                    if knows(&self.peers, from) {
                        self.connections.accept(stream, from, None);
                    }
                }
                Ok((stream, from, tls)) = accept_encrypted(self.encrypted.as_ref()) => {
                    if knows(&self.peers, from) {
                        self.connections.accept(stream, from, Some(tls));
                    }
                }
                Some(input) = self.from_streams.recv() => match input {
                    FromStream::Message(from, bytes) => self.take(from, &bytes),
                    FromStream::Unframed(from, head) => {
                        let verdict = self.agent.handle_unframed(from, &head);
                        self.taken(verdict);
                    }
                    FromStream::Unreachable(peer) => {
                        self.agent.handle_unreachable(Instant::now(), peer);
                    }
                    FromStream::Closed(number) => {
                        self.connections.closed(number);
                        self.agent.handle_connection_closed(number);
                    }
                },
                Some(order) = self.orders.recv() => self.obey(order),
                Some((of, servers)) = self.found.recv() => self.find(of, servers),
                () = timeout => self.agent.handle_timeout(Instant::now()),
                _ = &mut stopped => break,
            }
        }
        self.say_goodbye().await;
    }

    /// The datagrams that are there already, up to a bound.
    fn take_waiting(&mut self, datagram: &mut [u8]) {
        for _ in 1..DATAGRAMS_AT_ONCE {
            let Ok((length, from)) = self.udp.try_recv_from(datagram) else { return };
            self.take(Peer::udp(from), &datagram[..length]);
        }
    }

    fn take(&mut self, from: Peer, bytes: &[u8]) {
        let verdict = self.agent.handle_bytes(Instant::now(), from, bytes);
        self.taken(verdict);
    }

    fn taken(&mut self, verdict: Verdict) {
        count(match verdict {
            Verdict::Taken => "taken",
            Verdict::Stranger => "stranger",
            Verdict::Malformed => "malformed",
            Verdict::TooMany => "too_many",
        });
        self.carry_out();
    }

    /// DNS says where somebody is.
    fn find(&mut self, of: Of, servers: Vec<Peer>) {
        let now = Instant::now();
        match of {
            Of::Trunk(trunk) => self.agent.set_trunk_servers(now, trunk, servers),
            Of::Line(line) => self.agent.set_line_servers(now, line, servers),
        }
    }

    fn obey(&mut self, order: Order) {
        let now = Instant::now();
        match order {
            Order::Ring(call, sdp) => self.agent.ring(now, call, sdp),
            Order::Accept(call, sdp) => self.agent.accept(now, call, sdp),
            Order::Refuse(call, refusal) => {
                self.agent.refuse(now, call, refusal);
                self.calls.remove(&call);
            }
            Order::AnswerOffer(call, key, answer) => {
                self.agent.answer_offer(now, call, key, answer)
            }
            Order::ReferIs(call, status) => self.agent.refer_is(now, call, status),
            Order::HangUp(call) => {
                self.agent.hang_up(now, call);
                self.calls.remove(&call);
            }
            Order::Call { outgoing, news, reply } => {
                let call = self.agent.call(now, *outgoing);
                self.calls.insert(call, news);
                if reply.send(call).is_err() {
                    // Whoever wanted it has gone.
                    self.agent.hang_up(now, call);
                    self.calls.remove(&call);
                }
            }
            Order::Servers(trunk, reply) => drop(reply.send(self.agent.trunk_servers(trunk))),
            Order::Bindings(phone, reply) => drop(reply.send(self.agent.bindings(phone).to_vec())),
        }
    }

    /// Sends and tells what the user agent wants.
    fn carry_out(&mut self) {
        while let Some(output) = self.agent.poll_output() {
            match output {
                Output::Send { to, bytes } => match to.transport {
                    // What does not fit into the socket is lost, as it might be on its way.
                    Transport::Udp => drop(self.udp.try_send_to(&bytes, to.address)),
                    Transport::Tcp | Transport::Tls => self.connections.send(to, bytes),
                },
                Output::Event(event) => self.tell(event),
            }
        }
        metrics::gauge!("sotto_sip_calls").set(self.agent.calls_count() as f64);
    }

    fn tell(&mut self, event: Event) {
        let (call, news) = match event {
            Event::Invited(invitation) => {
                let (sender, news) = mpsc::channel(NEWS_MAX);
                self.calls.insert(invitation.call, sender);
                tokio::spawn(take_call(self.answering.clone(), *invitation, news));
                return;
            }
            Event::Answered { call, sdp } => (call, News::Answered(sdp)),
            Event::Reoffered { call, key, offer } => (call, News::Reoffered(key, offer)),
            Event::Digit { call, digit } => match Digit::from_char(digit) {
                Some(digit) => (call, News::Digit(digit)),
                // E and F are hexadecimal, and no keys.
                None => return,
            },
            Event::Referred { call, to } => (call, News::Referred(to.user.unwrap_or_default())),
            Event::Ringing { call } => (call, News::Ringing),
            Event::Taken { call, sdp } => (call, News::Taken(sdp)),
            Event::Refused { call, status } => {
                self.told_last(call, News::Refused(status));
                return;
            }
            Event::Line { line, state } => {
                self.tell_line(line, state);
                return;
            }
            Event::Trunk { trunk, state } => {
                self.answering.ways.trunk_is(Instant::now(), trunk, state);
                return;
            }
            Event::Phone { phone, change, is_there } => {
                metrics::gauge!("sotto_sip_phones").set(self.agent.phones_count() as f64);
                self.phones.registered(phone, change, is_there);
                return;
            }
            Event::Ended { call, end } => {
                self.told_last(call, News::Ended(end));
                return;
            }
        };
        let sender = self.calls.get(&call);
        let is_told = sender.is_some_and(|sender| sender.try_send((call, news)).is_ok());
        if !is_told {
            self.agent.hang_up(Instant::now(), call);
            self.calls.remove(&call);
        }
    }

    /// A line is registered, or is not.
    fn tell_line(&self, id: LineId, state: LineState) {
        let lines = &self.answering.lines;
        let is_well = |id| matches!(self.agent.line(id), Some(LineState::Registered { .. }));
        let well = (0..lines.len()).filter(|place| is_well(LineId(*place))).count();
        metrics::gauge!("sotto_sip_lines").set(well as f64);
        self.answering.ways.line_is(Instant::now(), id, state);
        let extension = lines.get(id.0).map_or("", |line| line.extension.as_str());
        match state {
            LineState::Registering => {}
            LineState::Registered { .. } => tracing::debug!(%extension, "a line is registered"),
            LineState::Failed { status } => {
                tracing::warn!(%extension, status, "a line could not be registered; it is tried again");
            }
        }
    }

    /// Tells the last of a call. Whoever waits learns of it by the end of the channel, however full it is.
    fn told_last(&mut self, call: CallKey, news: News) {
        if let Some(sender) = self.calls.remove(&call) {
            drop(sender.try_send((call, news)));
        }
    }

    /// Lets calls that are ending say so, and what has been sent get out.
    async fn say_goodbye(&mut self) {
        self.agent.unregister_lines(Instant::now());
        let deadline = tokio::time::sleep(GOODBYE);
        tokio::pin!(deadline);
        loop {
            self.carry_out();
            if self.agent.calls_count() == 0 {
                // What was written last is on its way to the sockets.
                tokio::time::sleep(Duration::from_millis(10)).await;
                return;
            }
            tokio::select! {
                Some(order) = self.orders.recv() => self.obey(order),
                () = &mut deadline => {
                    let calls: Vec<CallKey> = self.calls.keys().copied().collect();
                    let now = Instant::now();
                    calls.into_iter().for_each(|call| self.agent.hang_up(now, call));
                    self.carry_out();
                    return;
                }
            }
        }
    }
}

/// The trunks that are asked whether they are there: those by which numbers are called.
fn pings(trunks: &[TrunkConfig]) -> Vec<PingConfig> {
    let ping = |(place, trunk): (usize, &TrunkConfig)| {
        let servers = trunk.outbound.as_ref()?.servers.known();
        Some(PingConfig { trunk: TrunkId(place), servers })
    };
    trunks.iter().enumerate().filter_map(ping).collect()
}

/// Asks where those are that have names, from now on.
fn look_up(config: &TelephonyConfig) -> mpsc::Receiver<(Of, Vec<Peer>)> {
    let (sender, found) = mpsc::channel(FOUND_MAX);
    let lookup = Lookup { dns: config.dns, is_v6: config.bind.is_ipv6() };
    let trunk = |(place, trunk): (usize, &TrunkConfig)| {
        let server = trunk.outbound.as_ref()?.servers.named()?.clone();
        Some(Named { of: Of::Trunk(TrunkId(place)), server, peers: trunk.peers.clone() })
    };
    let line = |(place, line): (usize, &LineConfig)| {
        let (server, trunk) = (line.servers.named()?.clone(), config.trunks.get(line.trunk.0)?);
        Some(Named { of: Of::Line(LineId(place)), server, peers: trunk.peers.clone() })
    };
    let trunks = config.trunks.iter().enumerate().filter_map(trunk);
    for named in trunks.chain(config.lines.iter().enumerate().filter_map(line)) {
        tokio::spawn(keep(named, lookup, sender.clone()));
    }
    found
}

/// Whether it is the address of a trunk's; a stranger's is counted.
fn knows(peers: &[budget::Networks], from: SocketAddr) -> bool {
    let is_known = peers.iter().any(|peers| peers.contains(from.ip()));
    if !is_known {
        count("stranger");
    }
    is_known
}

/// The next stream that is to be encrypted; without such a listener there is never one.
async fn accept_encrypted(
    listener: Option<&(TcpListener, TlsAcceptor)>,
) -> std::io::Result<(tokio::net::TcpStream, SocketAddr, &TlsAcceptor)> {
    match listener {
        Some((listener, tls)) => listener.accept().await.map(|(stream, from)| (stream, from, tls)),
        None => std::future::pending().await,
    }
}

/// One port for both transports.
async fn open(address: SocketAddr) -> std::io::Result<(UdpSocket, TcpListener)> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let listener = TcpListener::bind(address).await?;
        match UdpSocket::bind(listener.local_addr()?).await {
            Ok(udp) => {
                enlarge(&udp);
                return Ok((udp, listener));
            }
            Err(_) if address.port() == 0 && attempts < PORT_ATTEMPTS => {}
            Err(error) => return Err(error),
        }
    }
}

/// As large as the machine allows.
fn enlarge(udp: &UdpSocket) {
    if let Err(error) = socket2::SockRef::from(udp).set_recv_buffer_size(RECEIVE_BUFFER) {
        tracing::debug!(%error, "the receive buffer of SIP's socket stays as it is");
    }
}

fn count(what: &'static str) {
    metrics::counter!("sotto_sip_messages_total", "what" => what).increment(1);
}
