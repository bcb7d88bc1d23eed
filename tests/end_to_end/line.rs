//! The line between a client and the server's media port: a UDP relay that can be cut, that can
//! send everything again, and from whose end other things can be sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use client::media::answer_via;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// Larger than any datagram of WebRTC's.
const DATAGRAM_BYTES_MAX: usize = 4_096;

/// A line; dropping it cuts it.
pub struct Line {
    shared: Arc<Shared>,
    relay: JoinHandle<()>,
}

struct Shared {
    /// The socket that the server sees; connected to it.
    far: UdpSocket,
    is_cut: AtomicBool,
    replays: AtomicBool,
    replayed: AtomicU64,
}

impl Line {
    /// A line to the media port that an SDP answer names, and the answer that leads into it.
    pub async fn into_answer(answer: &str) -> (Self, String) {
        let near = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let far = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (address, mut server) = (near.local_addr().unwrap(), None);
        let led = answer_via(answer, |named| {
            server = Some(named);
            Ok(address)
        });
        let led = led.unwrap();
        far.connect(server.unwrap()).await.unwrap();
        let shared = Arc::new(Shared {
            far,
            is_cut: AtomicBool::new(false),
            replays: AtomicBool::new(false),
            replayed: AtomicU64::new(0),
        });
        let relay = tokio::spawn(relay(near, shared.clone()));
        (Self { shared, relay }, led)
    }

    /// Nothing passes any more, in either direction, as if the plug was pulled.
    pub fn cut(&self) {
        self.shared.is_cut.store(true, Relaxed);
    }

    /// From now on the server gets every datagram a second time.
    pub fn replay(&self, on: bool) {
        self.shared.replays.store(on, Relaxed);
    }

    /// How many datagrams were sent a second time.
    pub fn replayed(&self) -> u64 {
        self.shared.replayed.load(Relaxed)
    }

    /// Sends something of ours to the server, from the client's address as the server knows it.
    pub async fn inject(&self, datagram: &[u8]) {
        self.shared.far.send(datagram).await.unwrap();
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.relay.abort();
    }
}

async fn relay(near: UdpSocket, shared: Arc<Shared>) {
    let mut from_client = [0; DATAGRAM_BYTES_MAX];
    let mut from_server = [0; DATAGRAM_BYTES_MAX];
    let mut client = None;
    loop {
        // An ICMP error of an earlier datagram says nothing about the next.
        tokio::select! {
            Ok((length, from)) = near.recv_from(&mut from_client) => {
                client = Some(from);
                if shared.is_cut.load(Relaxed) {
                    continue;
                }
                let datagram = &from_client[..length];
                let _ = shared.far.send(datagram).await;
                if shared.replays.load(Relaxed) {
                    let _ = shared.far.send(datagram).await;
                    shared.replayed.fetch_add(1, Relaxed);
                }
            }
            Ok(length) = shared.far.recv(&mut from_server) => {
                if let Some(client) = client && !shared.is_cut.load(Relaxed) {
                    let _ = near.send_to(&from_server[..length], client).await;
                }
            }
            else => tokio::task::yield_now().await,
        }
    }
}
