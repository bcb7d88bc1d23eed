//! The HTTP listener: a bounded number of connections, each with a limit on how long its headers
//! may take, and an end in good order.
//!
//! HTTP/1.1 only, which WebSockets need; TLS and HTTP/2 are a reverse proxy's. The end is our own:
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
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::ServiceExt;

/// How long requests that are being answered at the end may take.
const GOODBYE: Duration = Duration::from_secs(1);
/// Pause after a failed accept: out of file handles, most likely.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Bytes of a request's headers.
const HEADER_BYTES_MAX: usize = 32 * 1024;

/// How the listener behaves.
#[derive(Clone, Copy, Debug)]
pub struct ServeConfig {
    /// Connections at the same time; more wait in the kernel's queue.
    pub connections_max: usize,
    /// Time for a request's headers to arrive, and for a next request to begin.
    pub header_timeout: Duration,
}

/// Serves `router` until `shutdown`, then waits a moment for what is being answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: ServeConfig,
    shutdown: impl Future<Output = ()>,
) {
    let (stop, stopping) = watch::channel(());
    let free = Arc::new(Semaphore::new(config.connections_max));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let next = async {
            let permit = free.clone().acquire_owned().await.expect("the semaphore is never closed");
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            next = next => next,
            () = &mut shutdown => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let connection = connection(stream, peer, router.clone(), config.header_timeout);
        tokio::spawn(carry(connection, permit, stopping.clone()));
    }
    drop(listener);
    drop(stop);
    let all = u32::try_from(config.connections_max).unwrap_or(u32::MAX);
    if tokio::time::timeout(GOODBYE, free.acquire_many(all)).await.is_err() {
        tracing::debug!("some connections did not end in time");
    }
}

type Connection<S> = http1::UpgradeableConnection<TokioIo<TcpStream>, S>;

/// Carries one connection to its end; once the server stops, that is after the present request.
async fn carry<S>(
    connection: Connection<S>,
    _permit: OwnedSemaphorePermit,
    mut stopping: watch::Receiver<()>,
) where
    S: HttpService<Incoming, ResBody = Body, Error = Infallible>,
{
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        // Nothing is ever sent: the sender is dropped.
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection closed");
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    header_timeout: Duration,
) -> Connection<impl HttpService<Incoming, ResBody = Body, Error = Infallible, Future: Send>> {
    // Small answers shall not wait for a full segment.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
}
