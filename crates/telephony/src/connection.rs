//! Streams: read and cut into messages, written within a bound, let go when they are of no use.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use budget::Networks;
use sip::message::{BrokenStream, StreamFramer};
use sip::{Peer, Transport};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::tls_trust::TlsTrust;

/// Streams at the same time.
pub const CONNECTIONS_MAX: usize = 512;
/// Streams of one address at the same time.
pub const CONNECTIONS_PER_PEER_MAX: usize = 32;
/// Messages that may wait for one peer to read them; one more, and it is let go.
pub const UNREAD_MAX: usize = 256;
/// Messages of all streams that may wait to be worked with; their peers wait, too, then.
pub const RECEIVED_MAX: usize = 256;
/// How long a peer may take to read what is written.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);
/// How long a message may take to come whole, and a new stream to bring one.
const MESSAGE_PATIENCE: Duration = Duration::from_secs(30);
/// How long a stream may bring nothing at all.
const IDLE_MAX: Duration = Duration::from_secs(3_600);
/// How long the other end may take to take a stream of ours, or for the handshake of TLS.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// How long a stream that can't be read on stays open for the answer to its last message.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// Bytes that are read at once.
const READ_BYTES: usize = 8_192;

/// What a stream brings.
#[derive(Debug)]
pub enum FromStream {
    /// A message.
    Message(Peer, Vec<u8>),
    /// The head of one that does not say how long it is: the stream ends after what is answered to it.
    Unframed(Peer, Vec<u8>),
    /// One that we wanted could not be opened.
    Unreachable(Peer),
    /// Its end.
    Closed(u64),
}

/// How streams of ours are opened.
#[derive(Debug)]
pub struct Opening {
    /// The address that they come from, for peers know us by it; an unspecified one: any.
    pub from: IpAddr,
    /// How the certificates of whom is where are checked.
    pub trust: Vec<(Networks, TlsTrust)>,
}

/// The streams that are open, by number.
#[derive(Debug)]
pub struct Connections {
    opening: Opening,
    open: HashMap<u64, Open>,
    count: u64,
    received: mpsc::Sender<FromStream>,
}

#[derive(Debug)]
struct Open {
    transport: Transport,
    address: SocketAddr,
    outgoing: mpsc::Sender<Vec<u8>>,
    task: tokio::task::AbortHandle,
}

/// Where a stream comes from.
enum Source {
    Accepted(TcpStream),
    Encrypted(TcpStream, TlsAcceptor),
    ToBeMade(IpAddr, Option<(TlsConnector, ServerName<'static>)>),
}

impl Connections {
    /// None is open; what they bring comes to the receiver.
    pub fn new(opening: Opening) -> (Self, mpsc::Receiver<FromStream>) {
        let (received, receiver) = mpsc::channel(RECEIVED_MAX);
        (Self { opening, open: HashMap::new(), count: 0, received }, receiver)
    }

    /// Takes a stream that a peer has opened, if there is room for it; with `tls` an encrypted one.
    pub fn accept(&mut self, stream: TcpStream, address: SocketAddr, tls: Option<&TlsAcceptor>) {
        if self.has_room(address.ip()) {
            let source = match tls {
                Some(tls) => Source::Encrypted(stream, tls.clone()),
                None => Source::Accepted(stream),
            };
            self.begin(source, address);
        } else {
            metrics::counter!("sotto_sip_connections_refused_total").increment(1);
        }
    }

    /// Sends on the stream that the peer names, or on one to its address, which is opened if there is none.
    pub fn send(&mut self, to: Peer, bytes: Vec<u8>) {
        let by_address = || {
            let is_there =
                |open: &Open| open.address == to.address && open.transport == to.transport;
            let found = self.open.iter().find(|(_, open)| is_there(open));
            found.map(|(number, _)| *number)
        };
        let named = Some(to.connection).filter(|it| self.open.contains_key(it));
        let number = match named.or_else(by_address) {
            Some(number) => number,
            None => match self.source(to).filter(|_| self.has_room(to.address.ip())) {
                Some(source) => self.begin(source, to.address),
                None => return,
            },
        };
        let Some(open) = self.open.get(&number) else { return };
        if open.outgoing.try_send(bytes).is_err() {
            tracing::warn!(peer = %open.address, "a SIP peer reads too little: its stream is closed");
            metrics::counter!("sotto_sip_connections_stalled_total").increment(1);
            self.closed(number);
        }
    }

    /// A stream has ended; `true` if it was known.
    pub fn closed(&mut self, number: u64) -> bool {
        let open = self.open.remove(&number);
        metrics::gauge!("sotto_sip_connections").set(self.open.len() as f64);
        open.inspect(|open| open.task.abort()).is_some()
    }

    /// How a stream to this peer is opened. Who called by TLS is never called back in clear.
    fn source(&self, to: Peer) -> Option<Source> {
        let ip = to.address.ip();
        let tls = match to.transport {
            Transport::Udp => return None,
            Transport::Tcp => None,
            Transport::Tls => {
                let trust = self.opening.trust.iter().find(|(peers, _)| peers.contains(ip));
                Some(trust?.1.with(ip))
            }
        };
        Some(Source::ToBeMade(self.opening.from, tls))
    }

    fn has_room(&self, address: IpAddr) -> bool {
        let of_peer = self.open.values().filter(|open| open.address.ip() == address).count();
        self.open.len() < CONNECTIONS_MAX && of_peer < CONNECTIONS_PER_PEER_MAX
    }

    fn begin(&mut self, source: Source, address: SocketAddr) -> u64 {
        self.count += 1;
        let (number, received) = (self.count, self.received.clone());
        let (outgoing, messages) = mpsc::channel(UNREAD_MAX);
        let transport = match source {
            Source::Accepted(_) | Source::ToBeMade(_, None) => Transport::Tcp,
            Source::Encrypted(..) | Source::ToBeMade(_, Some(_)) => Transport::Tls,
        };
        let peer = Peer { transport, address, connection: number };
        let task = tokio::spawn(async move {
            carry(source, peer, messages, &received).await;
            // Nobody is left to be told when the server ends.
            let _ = received.send(FromStream::Closed(number)).await;
        });
        self.open.insert(number, Open { transport, address, outgoing, task: task.abort_handle() });
        metrics::gauge!("sotto_sip_connections").set(self.open.len() as f64);
        number
    }
}

/// Makes the stream, if it is to be made, and carries what goes both ways until it ends.
async fn carry(
    source: Source,
    peer: Peer,
    messages: mpsc::Receiver<Vec<u8>>,
    received: &mpsc::Sender<FromStream>,
) {
    match source {
        Source::Accepted(stream) => exchange(prompt(stream), peer, messages, received).await,
        Source::Encrypted(stream, tls) => {
            let handshake = timeout(CONNECT_PATIENCE, tls.accept(prompt(stream)));
            if let Ok(Ok(stream)) = handshake.await {
                exchange(stream, peer, messages, received).await;
            }
        }
        Source::ToBeMade(from, tls) => {
            let made = timeout(CONNECT_PATIENCE, make(from, peer.address, tls)).await;
            match made.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into())) {
                Ok(Made::Clear(stream)) => exchange(stream, peer, messages, received).await,
                Ok(Made::Encrypted(stream)) => exchange(stream, peer, messages, received).await,
                Err(error) => {
                    // A certificate that is not taken among them.
                    tracing::warn!(peer = %peer.address, %error, "a SIP peer can't be connected to");
                    // Nobody is left to be told when the server ends.
                    let _ = received.send(FromStream::Unreachable(peer)).await;
                }
            }
        }
    }
}

/// A stream of ours.
enum Made {
    Clear(TcpStream),
    Encrypted(Box<tokio_rustls::client::TlsStream<TcpStream>>),
}

async fn make(
    from: IpAddr,
    to: SocketAddr,
    tls: Option<(TlsConnector, ServerName<'static>)>,
) -> std::io::Result<Made> {
    let socket = match to {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    if !from.is_unspecified() && from.is_ipv4() == to.is_ipv4() {
        socket.bind(SocketAddr::new(from, 0))?;
    }
    let stream = prompt(socket.connect(to).await?);
    Ok(match tls {
        None => Made::Clear(stream),
        Some((tls, name)) => Made::Encrypted(Box::new(tls.connect(name, stream).await?)),
    })
}

/// Small messages that somebody waits for go out at once.
fn prompt(stream: TcpStream) -> TcpStream {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a SIP stream may lag");
    }
    stream
}

/// Both directions of one stream, until one of them ends.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite,
    peer: Peer,
    mut messages: mpsc::Receiver<Vec<u8>>,
    received: &mpsc::Sender<FromStream>,
) {
    let (reader, mut writer) = tokio::io::split(stream);
    let write = async {
        while let Some(bytes) = messages.recv().await {
            let written = async {
                writer.write_all(&bytes).await?;
                writer.flush().await
            };
            match timeout(WRITE_PATIENCE, written).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return,
            }
        }
    };
    tokio::select! {
        () = write => {}
        () = read(reader, peer, received) => {}
    }
}

async fn read(mut reader: impl AsyncRead + Unpin, peer: Peer, received: &mpsc::Sender<FromStream>) {
    let mut framer = StreamFramer::default();
    let mut buffer = vec![0; READ_BYTES];
    let mut patience = MESSAGE_PATIENCE;
    loop {
        let Ok(Ok(length)) = timeout(patience, reader.read(&mut buffer)).await else { return };
        if length == 0 {
            return;
        }
        framer.push(&buffer[..length]);
        loop {
            match framer.next_message() {
                Ok(Some(message)) => {
                    if received.send(FromStream::Message(peer, message)).await.is_err() {
                        return;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::debug!(peer = %peer.address, %error, "a SIP stream is closed");
                    if let BrokenStream::NoLength { head } = error
                        && received.send(FromStream::Unframed(peer, head)).await.is_ok()
                    {
                        tokio::time::sleep(LAST_WORDS).await;
                    }
                    return;
                }
            }
        }
        patience = if framer.is_empty() { IDLE_MAX } else { MESSAGE_PATIENCE };
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_stream_of_ours_comes_from_the_address_that_peers_know() {
        let own = Ipv4Addr::new(127, 0, 44, 5);
        let opening = Opening { from: own.into(), trust: Vec::new() };
        let (mut connections, mut from_streams) = Connections::new(opening);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let peer = Peer { transport: Transport::Tcp, address, connection: 0 };
        connections.send(peer, b"hello".to_vec());
        let (mut stream, from) = listener.accept().await.unwrap();
        assert_eq!(from.ip(), own);
        let mut bytes = [0; 5];
        stream.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"hello");
        // Nobody vouches for it: nothing is sent, least of all in clear.
        connections.send(Peer { transport: Transport::Tls, ..peer }, b"secret".to_vec());
        drop(listener);
        let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr();
        let closed = Peer { address: closed.unwrap(), ..peer };
        connections.send(closed, b"hello".to_vec());
        let told = timeout(CONNECT_PATIENCE, from_streams.recv()).await.unwrap();
        let Some(FromStream::Unreachable(it)) = told else { panic!("{told:?}") };
        assert_eq!(it.address, closed.address);
    }
}
