//! The whole server, started and stopped in order.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use store::{Provision, Store};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::auth::{Auth, OpenError};
use crate::centre::{Centre, CentreConfig};
use crate::channels::{Channels, ChannelsError};
use crate::config::{Config, ConfigError};
use crate::demo::Demo;
use crate::desk::files::Files;
use crate::http::{self, AppState, Idempotency, serve};
use crate::provision::{self, NewAccount, ProvisionError};
use crate::seed;
use crate::settings::Settings;
use media_workers::Media;

/// How long the demo may take to hang up. All the limits together are below three seconds.
const DEMO_GOODBYE: Duration = Duration::from_millis(1200);
/// How long each other part may take to end.
const PART_GOODBYE: Duration = Duration::from_millis(500);
/// How often the metrics' old samples are dropped.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// A server that runs. Dropping it without [`Running::stop`] leaves the parts to themselves.
pub struct Running {
    /// Where HTTP is served.
    pub http: SocketAddr,
    /// Where clients reach the media workers.
    pub media: Vec<SocketAddr>,
    /// Accounts made just now, whose passwords nobody knows yet.
    pub new_accounts: Vec<NewAccount>,
    /// Sign-in and rights, for tests that change them.
    pub auth: Auth,
    /// The durable facts, for tests that read them.
    pub store: Store,
    centre: Centre,
    workers: Media,
    stop_serving: oneshot::Sender<()>,
    tasks: Tasks,
    demo: Option<Demo>,
}

struct Tasks {
    serving: JoinHandle<()>,
    upkeep: JoinHandle<()>,
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is not allowed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The file of teams, queues and accounts is not allowed.
    #[error(transparent)]
    Provision(#[from] ProvisionError),
    /// The data directory can't be made or used.
    #[error("the data directory {path}: {error}")]
    Data {
        /// Which directory.
        path: String,
        /// Why not.
        error: std::io::Error,
    },
    /// The database can't be opened, or an account can't be made.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The signing key can't be read.
    #[error(transparent)]
    Auth(#[from] OpenError),
    /// The media sockets can't be opened.
    #[error("the media socket {address} (`--media` sets it): {error}")]
    Media {
        /// The first worker's address.
        address: SocketAddr,
        /// Why not.
        error: std::io::Error,
    },
    /// The HTTP socket can't be opened.
    #[error("the HTTP socket {address} (`--http` sets it): {error}")]
    Http {
        /// The address.
        address: SocketAddr,
        /// Why not.
        error: std::io::Error,
    },
    /// Other channels can't be served.
    #[error("the channels: {0}")]
    Channels(#[from] ChannelsError),
    /// The demo's calls can't be started.
    #[error("the demo's threads: {0}")]
    Demo(std::io::Error),
}

/// Starts the server: configuration, facts, workers, control plane, HTTP, and the demo's calls.
///
/// # Errors
/// The first part that does not start; nothing is served then.
pub async fn start(config: Config) -> Result<Running, StartError> {
    config.check()?;
    let provision = config.provision.as_deref().map(provision::read).transpose()?;
    let data = config.data_directory();
    let unusable = |error| StartError::Data { path: data.display().to_string(), error };
    std::fs::create_dir_all(&data).map_err(unusable)?;
    let store = Store::open(&config.store_location()).await?;
    let auth = Auth::open(&data, store.clone()).await?;

    let listener = listen(config.http).await?;
    let http =
        listener.local_addr().map_err(|error| StartError::Http { address: config.http, error })?;
    let (workers, events) = Media::start(config.media())
        .map_err(|error| StartError::Media { address: config.media, error })?;
    // Not before the sockets are ours: a new account's password must not be lost with the start.
    let new_accounts = seed(&config, &store, provision).await?;
    let files = Files::open(&data).map_err(unusable)?;
    let settings = Settings::open(store.clone(), config.policies()).await?;
    let channels = Channels::new(&config.channels)?;
    check_queues(&channels, &store).await?;
    let centre = Centre::start(CentreConfig {
        media: workers.clone(),
        events,
        auth: auth.clone(),
        store: store.clone(),
        settings: settings.clone(),
        files,
        channels: channels.clone(),
    })
    .await?;

    let metrics = metrics_handle();
    let upkeep = tokio::spawn(keep_up(metrics.clone()));
    let serve_config = serve::ServeConfig {
        connections_max: config.limits.connections_max,
        header_timeout: Duration::from_secs(config.limits.header_timeout_s),
    };
    let demo_calls = config.demo.filter(|calls| *calls > 0);
    let router = http::router(AppState {
        store: store.clone(),
        auth: auth.clone(),
        centre: centre.clone(),
        settings,
        channels,
        media: workers.clone(),
        config: Arc::new(config),
        metrics,
        idempotency: Idempotency::default(),
    });
    let (stop_serving, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve::serve(listener, router, serve_config, async {
        // Told to stop, or nobody is left to tell: both end it.
        let _ = stopped.await;
    }));
    let demo = demo_calls.map(|calls| Demo::start(http, calls)).transpose();
    let demo = demo.map_err(StartError::Demo)?;
    Ok(Running {
        http,
        media: workers.addresses().to_vec(),
        new_accounts,
        auth,
        store,
        centre,
        workers,
        stop_serving,
        tasks: Tasks { serving, upkeep },
        demo,
    })
}

impl Running {
    /// The server's address, for a browser.
    pub fn url(&self) -> String {
        format!("http://{}", self.http)
    }

    /// The control plane, for tests that look behind the API.
    pub fn centre(&self) -> &Centre {
        &self.centre
    }

    /// Hangs the demo up, ends event streams and connections, closes the stations, and writes
    /// what is to be kept. Takes less than three seconds, whatever hangs.
    pub async fn stop(self) {
        if let Some(demo) = self.demo {
            in_time("demo", DEMO_GOODBYE, demo.stop()).await;
        }
        // Event streams first: an open one would keep its connection.
        in_time("control plane", PART_GOODBYE, self.centre.stop()).await;
        // A server that has ended by itself needs no telling.
        let _ = self.stop_serving.send(());
        let serving = self.tasks.serving.abort_handle();
        in_time("HTTP", PART_GOODBYE, self.tasks.serving).await;
        serving.abort();
        in_time("media workers", PART_GOODBYE, self.workers.stop()).await;
        self.tasks.upkeep.abort();
        in_time("database", PART_GOODBYE, self.store.close()).await;
    }
}

async fn seed(
    config: &Config,
    store: &Store,
    provision: Option<Provision>,
) -> Result<Vec<NewAccount>, store::StoreError> {
    match config.demo {
        Some(calls) => seed::demo(store, calls).await.map(|()| Vec::new()),
        None => provision::apply(store, provision.unwrap_or_default()).await,
    }
}

/// Queues are made and deleted while the server runs, so a missing one is no reason not to start.
async fn check_queues(channels: &Channels, store: &Store) -> Result<(), store::StoreError> {
    let queues = store.queues().await?;
    for channel in channels.iter() {
        if !queues.iter().any(|queue| queue.key == channel.queue) {
            let (channel, queue) = (&channel.name, &channel.queue);
            tracing::warn!(channel, queue, "the channel's queue does not exist");
        }
    }
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| StartError::Http { address, error })
}

async fn in_time<T>(part: &str, limit: Duration, end: impl Future<Output = T>) {
    if tokio::time::timeout(limit, end).await.is_err() {
        tracing::warn!(part, "did not end in time");
    }
}

async fn keep_up(metrics: PrometheusHandle) {
    let mut interval = tokio::time::interval(METRICS_UPKEEP);
    loop {
        interval.tick().await;
        metrics.run_upkeep();
    }
}

/// One recorder for the process: metrics are global, servers (in tests) are not.
fn metrics_handle() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    let make = || {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder is installed: /metrics stays empty");
        }
        metrics_process::Collector::default().describe();
        handle
    };
    HANDLE.get_or_init(make).clone()
}
