//! The lines between a softphone and its server, which can be cut: UDP for the sound, TCP for everything else.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use client::api::Token;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// Larger than any datagram of WebRTC's.
const DATAGRAM_BYTES_MAX: usize = 4_096;
/// Between two looks at whether a frozen connection goes on.
const LOOK: Duration = Duration::from_millis(50);

/// Datagrams, with an address of its own towards the server for each of the client's, as a router has.
pub struct SoundLine {
    pub near: SocketAddr,
    is_cut: Arc<AtomicBool>,
}

impl SoundLine {
    pub async fn to(server: SocketAddr) -> Self {
        let near = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let line = Self { near: near.local_addr().unwrap(), is_cut: Arc::default() };
        let is_cut = line.is_cut.clone();
        tokio::spawn(async move {
            let mut buffer = [0; DATAGRAM_BYTES_MAX];
            let mut far: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
            loop {
                // An ICMP error of an earlier datagram says nothing about the next.
                let Ok((length, client)) = near.recv_from(&mut buffer).await else { continue };
                if let Entry::Vacant(place) = far.entry(client) {
                    let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
                    socket.connect(server).await.unwrap();
                    tokio::spawn(back(socket.clone(), near.clone(), client, is_cut.clone()));
                    place.insert(socket);
                }
                if !is_cut.load(Relaxed) {
                    let _ = far[&client].send(&buffer[..length]).await;
                }
            }
        });
        line
    }

    /// Nothing passes any more, or all again.
    pub fn cut(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Relaxed);
    }
}

async fn back(
    far: Arc<UdpSocket>,
    near: Arc<UdpSocket>,
    client: SocketAddr,
    is_cut: Arc<AtomicBool>,
) {
    let mut buffer = [0; DATAGRAM_BYTES_MAX];
    loop {
        let Ok(length) = far.recv(&mut buffer).await else { continue };
        if !is_cut.load(Relaxed) {
            let _ = near.send_to(&buffer[..length], client).await;
        }
    }
}

/// Connections to the server; it overhears the client's token and its station.
pub struct DataLine {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Connections up to this one are half-open: they stand, and nothing passes.
    frozen: AtomicU64,
    opened: AtomicU64,
    token: Mutex<Option<String>>,
    station: Mutex<Option<String>>,
}

impl DataLine {
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = Self { address: listener.local_addr().unwrap(), shared: Arc::default() };
        let shared = line.shared.clone();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = TcpStream::connect(server).await.unwrap();
                let number = shared.opened.fetch_add(1, Relaxed) + 1;
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                tokio::spawn(pass(from_client, to_server, number, shared.clone()));
                tokio::spawn(pass(from_server, to_client, number, shared.clone()));
            }
        });
        line
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whatever is open now stays open, and nothing passes there any more. New connections are sound.
    pub fn freeze(&self) {
        self.shared.frozen.store(self.shared.opened.load(Relaxed), Relaxed);
    }

    /// The last token that the client has shown.
    pub fn token(&self) -> Token {
        Token::new(self.shared.token.lock().unwrap().clone().expect("the client has signed in"))
    }

    /// The station that the client has opened last.
    pub fn station(&self) -> String {
        self.shared.station.lock().unwrap().clone().expect("the client has a station")
    }
}

/// What follows the last of these words, as far as it goes on as a token or an id does.
fn after(text: &str, words: &str) -> Option<String> {
    let (_, rest) = text.rsplit_once(words)?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.~+/=".contains(c));
    Some(rest[..end.unwrap_or(rest.len())].to_owned())
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, number: u64, shared: Arc<Shared>) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        while number <= shared.frozen.load(Relaxed) {
            tokio::time::sleep(LOOK).await;
        }
        let bytes = &buffer[..length];
        let text = String::from_utf8_lossy(bytes);
        if let Some(token) = after(&text, "uthorization: Bearer ") {
            *shared.token.lock().unwrap() = Some(token);
        }
        if let Some(station) = after(&text, "ocation: /api/v1/stations/") {
            *shared.station.lock().unwrap() = Some(station);
        }
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
}
