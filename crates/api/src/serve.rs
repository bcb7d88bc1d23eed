//! The HTTP listener: a bounded number of connections, each with a limit on how long its headers
//! may take and how slowly its peer may read, and an end in good order.
//!
//! HTTP/1.1 only, which WebSockets need, in clear or through TLS; HTTP/2 is a reverse proxy's. The end is our own:
//! hyper-util's `GracefulShutdown` takes no `http1::UpgradeableConnection`, and the `auto` connection
//! that it takes reads its first bytes without a time limit.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use budget::proxy_protocol::{self, HeaderError};
use budget::{Client, Networks};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tower::ServiceExt;

use super::paced::{Paced, PacedBody};
use super::slots::{Slot, Slots};
use crate::tls::{Stream, Tls};

/// How long requests that are being answered at the end may take.
const GOODBYE: Duration = Duration::from_secs(1);
/// Pause after a failed accept: out of file handles, most likely.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Bytes of a request's headers.
const HEADER_BYTES_MAX: usize = 32 * 1024;
/// Bytes that the kernel keeps for one connection's peer; without it, some megabytes.
const SEND_BUFFER_BYTES: usize = 128 * 1024;
/// Time for the headers on a connection that came when only the places for those who work here were
/// left.
const RESERVED_HEADER_TIMEOUT: Duration = Duration::from_secs(2);

/// How the listener behaves.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// Connections at the same time, event streams among them; more wait in the kernel's queue.
    pub connections_max: usize,
    /// The last of them, which are kept for those who work here.
    pub reserved: usize,
    /// Connections of one client; trusted proxies have no such limit.
    pub per_client_max: usize,
    /// Time for a request's headers to arrive, and for a next request to begin.
    pub header_timeout: Duration,
    /// The proxies whose word is taken.
    pub trusted_proxies: Networks,
    /// Whether those proxies say first, by the PROXY protocol, whom they pass on.
    pub proxy_protocol: bool,
}

impl ServeConfig {
    /// For a listener with a few connections and small answers, straight from whoever asks.
    pub fn of_few(connections_max: usize) -> Self {
        Self {
            connections_max,
            reserved: 0,
            per_client_max: connections_max,
            header_timeout: Duration::from_secs(5),
            trusted_proxies: Networks::default(),
            proxy_protocol: false,
        }
    }
}

/// Serves `router`, through `tls` if there is one, until `shutdown`, then waits a moment for what is being answered.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    router: Router,
    config: ServeConfig,
    shutdown: impl Future<Output = ()>,
) {
    let (stop, stopping) = watch::channel(());
    let all = config.connections_max;
    let slots = Slots::new(all, config.reserved, config.per_client_max);
    let serving = Arc::new(Serving { tls, router, config, slots: slots.clone() });
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let next = async { (slots.place().await, listener.accept().await) };
        let (place, accepted) = tokio::select! {
            next = next => next,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                tokio::spawn(serving.clone().carry(stream, peer, place, stopping.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    drop(stop);
    if tokio::time::timeout(GOODBYE, slots.all_free(all)).await.is_err() {
        tracing::debug!("some connections did not end in time");
    }
}

/// What all connections of a listener share.
struct Serving {
    tls: Option<Tls>,
    router: Router,
    config: ServeConfig,
    slots: Slots,
}

type Connection<S> = http1::UpgradeableConnection<TokioIo<Paced<Stream>>, S>;

impl Serving {
    /// Carries one connection to its end; once the server stops, that is after the present request.
    async fn carry(
        self: Arc<Self>,
        mut stream: TcpStream,
        address: SocketAddr,
        place: OwnedSemaphorePermit,
        mut stopping: watch::Receiver<()>,
    ) {
        let is_proxy = self.config.trusted_proxies.contains(address.ip());
        let mut peer = address;
        if self.config.proxy_protocol && is_proxy {
            let header = read_proxy_header(&mut stream);
            match tokio::time::timeout(self.config.header_timeout, header).await {
                Ok(Ok(source)) => peer = source.unwrap_or(address),
                Ok(Err(error)) => return tracing::debug!(%address, %error, "no PROXY header"),
                Err(_) => return tracing::debug!(%address, "the PROXY header took too long"),
            }
        }
        let counted = !self.config.trusted_proxies.contains(peer.ip());
        let client = counted.then(|| Client::of(peer.ip()));
        let Some(slot) = self.slots.give(place, client) else {
            metrics::counter!("sotto_connections_refused_total").increment(1);
            return tracing::debug!(client = %Client::of(peer.ip()), "too many connections");
        };
        let stream = match self.open(stream).await {
            Ok(stream) => stream,
            Err(error) => return tracing::debug!(client = %Client::of(peer.ip()), %error, "no TLS"),
        };
        let mut connection = std::pin::pin!(self.connection(stream, peer, Arc::new(slot)));
        let ended = tokio::select! {
            ended = &mut connection => ended,
            // Nothing is ever sent: the sender is dropped.
            _ = stopping.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(client = %Client::of(peer.ip()), %error, "connection closed");
        }
    }

    /// What HTTP is spoken on.
    async fn open(&self, stream: TcpStream) -> std::io::Result<Stream> {
        // Small answers shall not wait for a full segment.
        let _ = stream.set_nodelay(true);
        // With the kernel's own choice it works as well, at a higher price.
        let _ = socket2::SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER_BYTES);
        match &self.tls {
            Some(tls) => tls.accept(stream, self.config.header_timeout).await,
            None => Ok(Stream::Clear(stream)),
        }
    }

    fn connection(
        &self,
        stream: Stream,
        peer: SocketAddr,
        slot: Arc<Slot>,
    ) -> Connection<
        impl HttpService<Incoming, ResBody = Body, Error = Infallible, Future: Send> + use<>,
    > {
        let router = self.router.clone();
        let socket = Paced::new(stream, slot.clone());
        let header_timeout = match slot.is_reserved() {
            true => self.config.header_timeout.min(RESERVED_HEADER_TIMEOUT),
            false => self.config.header_timeout,
        };
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(|body| Body::new(PacedBody::new(body)));
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(slot.clone());
            router.clone().oneshot(request)
        });
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(header_timeout)
            .max_buf_size(HEADER_BYTES_MAX)
            .serve_connection(TokioIo::new(socket), service)
            .with_upgrades()
    }
}

/// Reads the header of the PROXY protocol, and nothing beyond it; whom the proxy passes on.
async fn read_proxy_header(stream: &mut TcpStream) -> Result<Option<SocketAddr>, HeaderError> {
    let mut bytes = Vec::with_capacity(proxy_protocol::HEADER_BYTES_MAX);
    loop {
        match proxy_protocol::parse(&bytes) {
            Ok(header) => return Ok(header.source),
            Err(HeaderError::Malformed) => return Err(HeaderError::Malformed),
            // One by one: the byte after the last is HTTP's.
            Err(HeaderError::Incomplete) => match stream.read_u8().await {
                Ok(byte) => bytes.push(byte),
                Err(_) => return Err(HeaderError::Incomplete),
            },
        }
    }
}
