//! The demo's calls: real WebRTC callers and agents within this process, on threads of their own,
//! who know nothing but the public API.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use demo::accounts::{Team, call_agents};
use demo::{DemoAgent, DemoConfig, DemoError, Server, Trust};
use recordings::{Recording, RecordingError};
use tokio::sync::oneshot;

/// The demo's threads: they carry clients, not the server.
const THREADS: usize = 2;

/// Agents who answer those who write.
const CHAT_AGENTS: u32 = 3;
/// The first calls are Support's, so that its supervisors see them all.
const SUPPORT_FIRST: usize = 3;

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
        scenes: bool,
    ) -> std::io::Result<Self> {
        let scheme = if tls { "https" } else { "http" };
        // It is this very process: whoever vouches for its certificate is no matter.
        let server = Server::new(format!("{scheme}://{http}"), Trust::Anyone);
        let mut config = DemoConfig::new(server, calls as usize, Vec::new());
        (config.agents, config.chat_agents) = agents(calls, scenes);
        config.scenes = scenes;
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

/// Who takes so many calls, and who answers chats. Where there are [`SUPPORT_FIRST`] calls or fewer one supervisor sees
/// all of them.
fn agents(calls: u32, scenes: bool) -> (Vec<DemoAgent>, Vec<DemoAgent>) {
    let all = call_agents(agents_of(calls, scenes));
    let mut all: Vec<DemoAgent> = all.iter().filter_map(DemoAgent::of).collect();
    if scenes {
        let (support, sales): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|agent| agent.queue == Team::Support.queue());
        let (first, rest) = support.split_at(support.len().min(SUPPORT_FIRST));
        // Somebody of Sales is left for its chats.
        let (more, last) = sales.split_at(sales.len().saturating_sub(1));
        all = [first, more, rest, last].concat();
    }
    let chats = all.split_off(calls as usize);
    (all, chats)
}

/// Agents of the demo's own for so many calls.
pub fn agents_of(calls: u32, scenes: bool) -> u32 {
    if scenes && calls > 0 { calls + CHAT_AGENTS } else { calls }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::DEMO_CALLS_MAX;

    #[test]
    fn one_supervisor_sees_the_first_three_calls_and_somebody_answers_chats_of_both_queues() {
        let (calls, chats) = agents(3, true);
        assert!(calls.iter().all(|agent| agent.queue == "support"));
        assert_eq!(chats.len(), CHAT_AGENTS as usize);
        assert!(agents(6, true).0.iter().any(|agent| agent.queue == "sales"));
        for number in 1..=DEMO_CALLS_MAX {
            let (calls, chats) = agents(number, true);
            assert_eq!(calls.len(), number as usize);
            for queue in ["support", "sales"] {
                assert!(chats.iter().any(|agent| agent.queue == queue), "{number}: {queue}");
            }
        }
        let (calls, chats) = agents(2, false);
        assert_eq!((calls.len(), chats.len()), (2, 0));
        assert_eq!((agents_of(0, true), agents_of(3, false)), (0, 3));
    }
}
