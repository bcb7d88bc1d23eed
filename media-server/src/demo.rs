//! The demo's calls: real WebRTC callers and agents within this process, on threads of their own,
//! who know nothing but the public API.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use loadtest::demo::{DemoAgent, DemoConfig};
use loadtest::recording::{Recording, RecordingError};
use tokio::sync::oneshot;

use crate::seed;

/// The demo's threads: they carry clients, not the server.
const THREADS: usize = 2;

/// Demo calls that go on until they are stopped.
pub struct Demo {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// Why there are no demo calls.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The recordings within the program can't be read.
    #[error("the demo's recordings: {0}")]
    Recordings(#[from] RecordingError),
    /// No thread.
    #[error("the demo's threads: {0}")]
    Threads(#[from] std::io::Error),
}

impl Demo {
    /// Starts `calls` calls at the server on `http`.
    ///
    /// # Errors
    /// See [`DemoError`].
    pub fn start(http: SocketAddr, calls: u32) -> Result<Self, DemoError> {
        let recordings = Recording::demo_calls()?;
        let mut config = DemoConfig::new(format!("http://{http}"), calls as usize, recordings);
        config.password = seed::DEMO_PASSWORD.to_owned();
        config.agents = seed::demo_agents(calls).into_iter().filter_map(demo_agent).collect();
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
            if let Err(error) = runtime.block_on(loadtest::demo::run(config, shutdown)) {
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

fn demo_agent(account: seed::DemoAccount) -> Option<DemoAgent> {
    let queue = account.team?.queue().to_owned();
    Some(DemoAgent { username: account.username, queue })
}
