//! The demo's calls: real WebRTC callers and agents within this process, on threads of their own,
//! who know nothing but the public API; and that its accounts stay in demos.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use demo::accounts::{PASSWORD, call_agents, people};
use demo::{DemoAgent, DemoConfig, DemoError, Server, Trust};
use recordings::{Recording, RecordingError};
use store::Store;
use tokio::sync::oneshot;

use crate::config::Config;
use crate::private;
use crate::server::StartError;

/// The demo's threads: they carry clients, not the server.
const THREADS: usize = 2;

/// The file that tells a demo's data from others'.
const MARK: &str = "DEMO";
const MARK_TEXT: &str = "These are a demo's accounts, whose password is public. \
                         media-server serves them with --demo only.\n";

/// Marks a demo's data as such.
///
/// # Errors
/// The file can't be written.
pub fn mark(config: &Config) -> std::io::Result<()> {
    match config.demo {
        Some(_) => private::write(&config.data_directory().join(MARK), MARK_TEXT.as_bytes()),
        None => Ok(()),
    }
}

/// Refuses to serve a demo's data to anybody but a demo's visitors: what is marked as such, and what
/// has an account that opens with the public password, wherever it was copied to.
///
/// # Errors
/// [`StartError::DemoData`]; the store can't be read.
pub async fn refuse_accounts(config: &Config, store: &Store) -> Result<(), StartError> {
    if config.demo.is_some() {
        return Ok(());
    }
    let data = config.data_directory();
    let path = data.display().to_string();
    if data.join(MARK).exists() {
        return Err(StartError::DemoData { path });
    }
    for account in people() {
        // Most are not there, and a password costs time to compare.
        if store.user_by_name(&account.username).await?.is_some()
            && store.verify_password(&account.username, PASSWORD).await?.is_some()
        {
            return Err(StartError::DemoData { path });
        }
    }
    Ok(())
}

/// Demo calls that go on until they are stopped.
pub struct Demo {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Demo {
    /// Starts `calls` calls at the server on `http`, which speaks TLS there or not.
    ///
    /// # Errors
    /// A thread can't be started.
    pub fn start(http: SocketAddr, tls: bool, calls: u32) -> std::io::Result<Self> {
        let scheme = if tls { "https" } else { "http" };
        // It is this very process: whoever vouches for its certificate is no matter.
        let server = Server::new(format!("{scheme}://{http}"), Trust::Anyone);
        let mut config = DemoConfig::new(server, calls as usize, Vec::new());
        config.agents = call_agents(calls).iter().filter_map(DemoAgent::of).collect();
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
