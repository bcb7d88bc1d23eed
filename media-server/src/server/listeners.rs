//! The TCP listeners: opened before anything else is done, served until the end.

use std::net::SocketAddr;
use std::time::Duration;

use api::operate::{self, OperateState};
use api::serve::{self, ServeConfig};
use api::tls::Tls;
use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{PART_GOODBYE, StartError, in_time};
use crate::config::{Config, ConfigError, OperateSocket};
use crate::open_files;

/// One connection in so many is kept for those who work here.
const RESERVED_PART: usize = 5;

/// A listener that is being served.
pub(super) struct Serving {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Serving {
    pub(super) fn start(
        listener: TcpListener,
        tls: Option<Tls>,
        router: Router,
        config: ServeConfig,
    ) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(serve::serve(listener, tls, router, config, async {
            // Told to stop, or nobody is left to tell: both end it.
            let _ = stopped.await;
        }));
        Self { stop, task }
    }

    pub(super) fn operate(listener: TcpListener, state: OperateState) -> Self {
        Self::start(listener, None, operate::router(state), operate::serve_config())
    }

    pub(super) async fn stop(self, part: &str) {
        // One that has ended by itself needs no telling.
        let _ = self.stop.send(());
        let handle = self.task.abort_handle();
        in_time(part, PART_GOODBYE, self.task).await;
        handle.abort();
    }
}

/// The public listener's behaviour, with no more connections than files can be opened for.
pub(super) fn serve_config(config: &Config) -> Result<ServeConfig, ConfigError> {
    let limits = &config.limits;
    let connections_max = open_files::fitted(limits.connections_max);
    Ok(ServeConfig {
        connections_max,
        reserved: connections_max / RESERVED_PART,
        // Where few fit, one client leaves half of them to the others.
        per_client_max: limits.connections_per_client.min(connections_max / 2),
        header_timeout: Duration::from_secs(limits.header_timeout_s),
        trusted_proxies: config.trusted_proxies()?,
        proxy_protocol: config.proxy_protocol,
    })
}

pub(super) async fn listen(address: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

pub(super) async fn listen_for_clear(
    config: &Config,
) -> Result<Option<(TcpListener, SocketAddr)>, StartError> {
    let Some(address) = config.http_redirect else { return Ok(None) };
    listen(address).await.map(Some).map_err(|error| StartError::Redirect { address, error })
}

pub(super) async fn listen_for_operators(
    config: &Config,
) -> Result<Option<(TcpListener, SocketAddr)>, StartError> {
    match config.operate_socket() {
        OperateSocket::None => Ok(None),
        OperateSocket::Required(address) => listen(address)
            .await
            .map(Some)
            .map_err(|error| StartError::Operate { address, error }),
        OperateSocket::IfFree(address) => Ok(listen(address)
            .await
            .inspect_err(|error| {
                tracing::warn!(%address, %error, "no operator's listener: `--operate` names another address");
            })
            .ok()),
    }
}
