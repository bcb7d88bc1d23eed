//! A UDP proxy between one station and the server, which does what a [`Profile`] says.
//!
//! It is made before there is a station; the station's `StationConfig` gets its [`Proxy::via`], and
//! so its packets go through it, whatever they are: ICE checks, DTLS, SRTP, RTCP. One task forwards
//! both ways; packets that have to wait stand in one bounded queue, ordered by when they are due.
//!
//! They leave within half a millisecond of that, if the machine keeps up: [`DirectionCounts::
//! lateness_max`] tells whether it did. The proxy reads no packet and keeps none of their content.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use client::media::Via;
use socket2::SockRef;
use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::model::{Path, leg_seed};
use super::text::Profile;

/// Packets that wait at a time, both ways together: five seconds' worth of a hundred a second, and
/// as much again of jitter, four times over.
pub const QUEUE_PACKETS_MAX: usize = 4096;
/// Larger than any datagram of WebRTC's.
const DATAGRAM_BYTES_MAX: usize = 4096;
/// Packets taken from a socket before those that are due get their turn.
const BATCH_MAX: usize = 32;
/// A packet may leave so much too early: timers tick once a millisecond and are late by half of
/// that in the mean.
const EARLY: Duration = Duration::from_micros(500);

/// Why there is no proxy.
#[derive(Debug, thiserror::Error)]
#[error("a proxy for a station: {0}")]
pub struct ProxyError(#[from] io::Error);

/// A proxy for one station. Dropping it cuts the line.
#[derive(Debug)]
pub struct Proxy {
    near: SocketAddr,
    shared: Arc<Shared>,
    relay: JoinHandle<()>,
}

/// What a proxy has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// From the client to the server.
    pub up: DirectionCounts,
    /// From the server to the client.
    pub down: DirectionCounts,
    /// How often the address changed.
    pub rebinds: u64,
}

/// What it has done in one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DirectionCounts {
    /// Packets that came in.
    pub received: u64,
    /// Packets that went out, duplicates included.
    pub sent: u64,
    /// Packets lost on purpose.
    pub lost: u64,
    /// Packets held back.
    pub reordered: u64,
    /// Packets that went out a second time.
    pub duplicated: u64,
    /// Packets dropped because the queue or a socket was full. Not on purpose.
    pub dropped: u64,
    /// By how much the latest packet was too late. Not on purpose.
    pub lateness_max: Duration,
}

#[derive(Debug, Default)]
struct Shared {
    server: OnceLock<SocketAddr>,
    /// The server is known, or the address shall change.
    news: Notify,
    rebinds_asked: AtomicU64,
    rebinds: AtomicU64,
    up: DirectionCounters,
    down: DirectionCounters,
}

#[derive(Debug, Default)]
struct DirectionCounters {
    received: AtomicU64,
    sent: AtomicU64,
    lost: AtomicU64,
    reordered: AtomicU64,
    duplicated: AtomicU64,
    dropped: AtomicU64,
    lateness_max_us: AtomicU64,
}

impl Proxy {
    /// A proxy on a free local port. Within a tokio runtime.
    ///
    /// # Errors
    /// No socket can be had.
    pub fn start(profile: &Profile, seed: u64) -> Result<Self, ProxyError> {
        let near = socket(Ipv4Addr::LOCALHOST.into(), None)?;
        let address = near.local_addr()?;
        let shared = Arc::new(Shared::default());
        let relay = Relay {
            shared: shared.clone(),
            near,
            far: None,
            retired: None,
            client: None,
            up: Path::new(profile.up, leg_seed(seed, 0)),
            down: Path::new(profile.down, leg_seed(seed, 1)),
            queue: BinaryHeap::new(),
            number: 0,
            rebind_every: profile.rebind,
            rebind_at: None,
        };
        Ok(Self { near: address, shared, relay: tokio::spawn(relay.run()) })
    }

    /// The way through this proxy, for the station's `StationConfig`. One station can take it.
    pub fn via(&self) -> Via {
        let (near, shared) = (self.near, self.shared.clone());
        Via::new(move |server| shared.lead_to(server).map(|()| near))
    }

    /// Where to send instead of to the server, for whoever is no station. One can take this way.
    ///
    /// # Errors
    /// It is taken.
    pub fn detour(&self, server: SocketAddr) -> io::Result<SocketAddr> {
        self.shared.lead_to(server).map(|()| self.near)
    }

    /// Changes the address from which the server sees the client, as a router does that forgets.
    pub fn rebind(&self) {
        self.shared.rebinds_asked.fetch_add(1, Relaxed);
        self.shared.news.notify_one();
    }

    /// What it has done so far.
    pub fn counts(&self) -> Counts {
        Counts {
            up: self.shared.up.read(),
            down: self.shared.down.read(),
            rebinds: self.shared.rebinds.load(Relaxed),
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.relay.abort();
    }
}

impl Shared {
    fn lead_to(&self, server: SocketAddr) -> io::Result<()> {
        if self.server.set(server).is_err() {
            return Err(io::Error::other("somebody takes this proxy already"));
        }
        self.news.notify_one();
        Ok(())
    }
}

impl DirectionCounters {
    fn read(&self) -> DirectionCounts {
        DirectionCounts {
            received: self.received.load(Relaxed),
            sent: self.sent.load(Relaxed),
            lost: self.lost.load(Relaxed),
            reordered: self.reordered.load(Relaxed),
            duplicated: self.duplicated.load(Relaxed),
            dropped: self.dropped.load(Relaxed),
            lateness_max: Duration::from_micros(self.lateness_max_us.load(Relaxed)),
        }
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

/// A socket on a free port; if it has a peer, for that one alone.
fn socket(ip: IpAddr, peer: Option<SocketAddr>) -> io::Result<UdpSocket> {
    let socket = std::net::UdpSocket::bind((ip, 0))?;
    if let Some(peer) = peer {
        socket.connect(peer)?;
    }
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

/// A packet that has to wait. Ordered by when it is due, then by when it came.
struct Waiting {
    due: Instant,
    number: u64,
    direction: Direction,
    packet: Arc<[u8]>,
}

impl Waiting {
    fn key(&self) -> (Instant, u64) {
        (self.due, self.number)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// The task's own.
struct Relay {
    shared: Arc<Shared>,
    /// Where the client sends.
    near: UdpSocket,
    /// What the server sees; connected to it.
    far: Option<UdpSocket>,
    /// What it saw before: open, so that late packets vanish in it instead of coming back as
    /// errors.
    retired: Option<UdpSocket>,
    /// Where the client's last packet came from.
    client: Option<SocketAddr>,
    up: Path,
    down: Path,
    queue: BinaryHeap<Reverse<Waiting>>,
    number: u64,
    rebind_every: Option<Duration>,
    rebind_at: Option<Instant>,
}

impl Relay {
    async fn run(mut self) {
        loop {
            let due = self.queue.peek().map(|Reverse(waiting)| waiting.due - EARLY);
            let wake = [due, self.rebind_at].into_iter().flatten().min();
            // Readiness only: what is there is read below, without waiting.
            tokio::select! {
                () = sleep_until(wake) => {}
                () = self.shared.news.notified() => {}
                _ = self.near.readable() => self.take_from_client(),
                _ = readable(self.far.as_ref()) => self.take_from_server(),
            }
            self.connect();
            self.send_due();
        }
    }

    /// Makes the socket towards the server: the first, and then each new one.
    fn connect(&mut self) {
        let Some(&server) = self.shared.server.get() else {
            return;
        };
        let now = Instant::now();
        let is_due = self.rebind_at.is_some_and(|at| at <= now);
        let asked = self.shared.rebinds_asked.swap(0, Relaxed);
        if self.far.is_some() && !is_due && asked == 0 {
            return;
        }
        self.rebind_at = self.rebind_every.map(|every| now + every);
        let any = match server {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        match socket(any, Some(server)) {
            Ok(far) => {
                if self.far.is_some() {
                    add(&self.shared.rebinds);
                }
                self.retired = self.far.replace(far);
            }
            // The old one, if there is one, goes on.
            Err(error) => tracing::warn!(%error, %server, "a proxy's socket"),
        }
    }

    fn take_from_client(&mut self) {
        let mut packet = [0; DATAGRAM_BYTES_MAX];
        for _ in 0..BATCH_MAX {
            match self.near.try_recv_from(&mut packet) {
                Ok((length, from)) => {
                    self.client = Some(from);
                    self.take(Direction::Up, &packet[..length]);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // The echo of an earlier packet says nothing about the next.
                Err(_) => {}
            }
        }
    }

    fn take_from_server(&mut self) {
        let mut packet = [0; DATAGRAM_BYTES_MAX];
        for _ in 0..BATCH_MAX {
            match self.far.as_ref().map(|far| far.try_recv(&mut packet)) {
                Some(Ok(length)) => self.take(Direction::Down, &packet[..length]),
                Some(Err(error)) if error.kind() != io::ErrorKind::WouldBlock => {}
                _ => break,
            }
        }
    }

    fn take(&mut self, direction: Direction, packet: &[u8]) {
        let (path, counters) = match direction {
            Direction::Up => (&mut self.up, &self.shared.up),
            Direction::Down => (&mut self.down, &self.shared.down),
        };
        add(&counters.received);
        let fate = path.pass(Instant::now());
        if fate.out.is_none() {
            add(&counters.lost);
        }
        if fate.is_reordered {
            add(&counters.reordered);
        }
        if fate.again.is_some() {
            add(&counters.duplicated);
        }
        let packet: Arc<[u8]> = packet.into();
        for due in [fate.out, fate.again].into_iter().flatten() {
            if self.queue.len() >= QUEUE_PACKETS_MAX {
                add(&counters.dropped);
                continue;
            }
            self.number += 1;
            let waiting = Waiting { due, number: self.number, direction, packet: packet.clone() };
            self.queue.push(Reverse(waiting));
        }
    }

    fn send_due(&mut self) {
        while let Some(Reverse(first)) = self.queue.peek() {
            let now = Instant::now();
            if first.due > now + EARLY {
                break;
            }
            let Some(Reverse(waiting)) = self.queue.pop() else {
                break;
            };
            let (counters, sent) = match waiting.direction {
                Direction::Up => {
                    // Past tokio, which takes a socket that is just made for one that is full.
                    let send = |far| SockRef::from(far).send(&waiting.packet);
                    (&self.shared.up, self.far.as_ref().map(send))
                }
                Direction::Down => {
                    let send = |client| self.near.try_send_to(&waiting.packet, client);
                    (&self.shared.down, self.client.map(send))
                }
            };
            match sent {
                Some(Ok(_)) => add(&counters.sent),
                _ => add(&counters.dropped),
            }
            let late = now.saturating_duration_since(waiting.due);
            counters.lateness_max_us.fetch_max(late.as_micros() as u64, Relaxed);
        }
    }
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

async fn readable(socket: Option<&UdpSocket>) -> io::Result<()> {
    match socket {
        Some(socket) => socket.readable().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
#[path = "proxy_tests.rs"]
mod tests;
