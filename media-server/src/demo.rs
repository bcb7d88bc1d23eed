//! The demo's calls: real WebRTC callers and agents within this process, on threads of their own,
//! who know nothing but the public API.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use demo::accounts::call_agents;
use demo::{DemoAgent, DemoConfig, DemoError, Server, Trust};
use recordings::{Recording, RecordingError};
use tokio::sync::oneshot;

/// The demo's threads: they carry clients, not the server.
const THREADS: usize = 2;

/// Demo calls that go on until they are stopped.
pub struct Demo {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Demo {
    /// Starts `calls` calls at the server on `http`, which speaks TLS there or not. The first one comes by
    /// SIP if that is spoken at `telephone`.
    ///
    /// # Errors
    /// A thread can't be started.
    pub fn start(
        http: SocketAddr,
        tls: bool,
        telephone: Option<SocketAddr>,
        calls: u32,
    ) -> std::io::Result<Self> {
        let scheme = if tls { "https" } else { "http" };
        // It is this very process: whoever vouches for its certificate is no matter.
        let server = Server::new(format!("{scheme}://{http}"), Trust::Anyone);
        let mut config = DemoConfig::new(server, calls as usize, Vec::new());
        config.agents = call_agents(calls).iter().filter_map(DemoAgent::of).collect();
        config.telephone = telephone;
        config.station.bind = SocketAddr::new(http.ip(), 0);
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("demo-call")
            .enable_all()
            .build()?;
        let thread = std::thread::Builder::new().name("demo".to_owned()).spawn(move || {
            let shutdown = async {
                // Stopped, or the server has dropped us: both end the demo.
                let _ = stopped.await;
            };
            if let Err(error) = runtime.block_on(run(config, shutdown)) {
                tracing::error!(%error, "the demo calls ended");
            }
            runtime.shutdown_background();
        })?;
        Ok(Self { stop, thread })
    }

    /// Hangs up everywhere, and waits for it.
    pub async fn stop(self) {
        let Self { stop, thread } = self;
        // The demo may have ended by itself; then there is nobody to stop.
        let _ = stop.send(());
        let joined = tokio::task::spawn_blocking(move || thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("the demo's thread failed");
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error("the demo's recordings: {0}")]
    Recordings(#[from] RecordingError),
    #[error(transparent)]
    Demo(#[from] DemoError),
}

/// Reads the recordings, which takes a second or two that the server's start need not wait for,
/// and runs the calls.
async fn run(mut config: DemoConfig, shutdown: impl Future<Output = ()>) -> Result<(), RunError> {
    config.recordings = Recording::demo_calls()?;
    demo::run(config, shutdown).await?;
    Ok(())
}
