//! The whole server, started and stopped in order.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use store::{Provision, Store};
use tokio::task::JoinHandle;

use crate::certificates::{self, CertificateError};
use crate::config::{Config, ConfigError};
use crate::demo::{self, Demo};
use crate::demo_data::{self, DemoDataError};
use crate::demo_day;
use crate::private;
use crate::provision::{self, NewAccount, ProvisionError};
use crate::seed;
use accounts::{Auth, GuestBudget, OpenError};
use api::challenge::{Challenge, ChallengeConfig};
use api::operate::OperateState;
use api::serve::ServeConfig;
use api::tls::Tls;
use api::views;
use api::{ApiConfig, AppState, Idempotency, Site, site};
use connectors::{Channels, ChannelsError};
use control_plane::Capacity;
use media_workers::Media;
use orchestrator::conversations::files::Files;
use orchestrator::settings::Settings;
use orchestrator::{DiskReserve, Orchestrator, OrchestratorConfig};
use telephony::Telephony;

mod listeners;

use listeners::{Serving, listen, listen_for_clear, listen_for_operators, serve_config};

/// How long the demo may take to hang up. All the limits together are below three seconds.
const DEMO_GOODBYE: Duration = Duration::from_millis(1200);
/// How long the control plane may take to end its calls, say so, and write what is to be written.
const CONTROL_PLANE_GOODBYE: Duration = Duration::from_millis(2_000);
/// How long each other part may take to end.
const PART_GOODBYE: Duration = Duration::from_millis(500);
/// Connections to the listener that only redirects: each answer is a line.
const REDIRECTIONS_MAX: usize = 256;
/// SIP among the protocols of TLS (RFC 7301's registry).
const SIP: &[u8] = b"sip/2";
/// How often the metrics' old samples are dropped.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// A server that runs. Dropping it without [`Running::stop`] leaves the parts to themselves.
pub struct Running {
    /// Where HTTP is served.
    pub http: SocketAddr,
    /// Where whoever comes in clear is sent on, if anywhere.
    pub http_redirect: Option<SocketAddr>,
    /// Where operators are answered, if anywhere.
    pub operate: Option<SocketAddr>,
    /// Where SIP is spoken, if anywhere.
    pub sip: Option<SocketAddr>,
    /// Where it is spoken through TLS, if anywhere.
    pub sip_tls: Option<SocketAddr>,
    /// Where clients reach the media workers.
    pub media: Vec<SocketAddr>,
    /// Accounts made just now, whose passwords nobody knows yet.
    pub new_accounts: Vec<NewAccount>,
    /// Sign-in and rights, for tests that change them.
    pub auth: Auth,
    /// The durable facts, for tests that read them.
    pub store: Store,
    orchestrator: Orchestrator,
    workers: Media,
    serving: Serving,
    redirecting: Option<Serving>,
    tls: bool,
    /// Ends after everything else, so that the end can be watched, too.
    operating: Option<Serving>,
    upkeep: Vec<JoinHandle<()>>,
    demo: Option<Demo>,
    telephony: Option<Telephony>,
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
    /// A server that is no demo was given a demo's data.
    #[error(transparent)]
    DemoData(#[from] DemoDataError),
    /// There is no certificate to show.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The socket that only redirects can't be opened.
    #[error("the redirecting socket {address} (`--http-redirect` sets it): {error}")]
    Redirect {
        /// The address.
        address: SocketAddr,
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
    /// The socket of SIP can't be opened.
    #[error("the SIP socket {address} (`--sip` sets it): {error}")]
    Sip {
        /// The address.
        address: SocketAddr,
        /// Why not.
        error: std::io::Error,
    },
    /// The operator's socket can't be opened.
    #[error(
        "the operator's socket {address} (`--operate` sets it, `--operate off` does without): {error}"
    )]
    Operate {
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
    private::make_directory(&data).map_err(unusable)?;
    demo_data::mark(&config).map_err(unusable)?;
    let store = Store::open(&config.store_location()).await?;
    demo_data::refuse_accounts(&config, &store).await?;
    let guests = GuestBudget {
        at_once: config.limits.guests_per_client,
        per_minute: config.limits.guests_per_client_minute,
        unlimited: config.unlimited_clients()?,
    };
    let auth = Auth::open(&data, store.clone(), guests).await?;

    let (listener, http) = listen(config.http)
        .await
        .map_err(|error| StartError::Http { address: config.http, error })?;
    let redirect = listen_for_clear(&config).await?;
    let operators = listen_for_operators(&config).await?;
    let certificates = certificates::open(&config, &data)?;
    let (workers, events) = Media::start(config.media())
        .map_err(|error| StartError::Media { address: config.media, error })?;
    // Not before the sockets are ours: a new account's password must not be lost with the start.
    let new_accounts = seed(&config, &store, provision).await?;
    let files = Files::open(&data, config.file_limits()).map_err(unusable)?;
    let settings = Settings::open(store.clone(), config.policies()).await?;
    let channels = Channels::new(&config.channels)?;
    check_queues(&config, &channels, &store).await?;
    let orchestrator = Orchestrator::start(OrchestratorConfig {
        media: workers.clone(),
        events,
        auth: auth.clone(),
        store: store.clone(),
        settings: settings.clone(),
        files,
        disk_reserve: DiskReserve::new(
            &data,
            config.limits.disk_reserve_percent,
            config.limits.disk_reserve_mib,
        ),
        channels: channels.clone(),
        render: views::render,
        limits: orchestrator::Limits {
            capacity: Capacity {
                stations: config.limits.stations_max,
                calls: config.limits.calls_max,
            },
            interactions_per_client: config.limits.interactions_per_client,
        },
        queue_codecs: config.queue_codecs(),
    })
    .await?;
    warn_of_open_files(&data);

    let site = Arc::new(config.site());
    let metrics = metrics_handle();
    let mut upkeep = vec![tokio::spawn(keep_up(metrics.clone()))];
    let operate_state = OperateState {
        store: store.clone(),
        orchestrator: orchestrator.clone(),
        site: site.clone(),
        metrics,
    };
    let (operate, operating) = operators
        .map(|(listener, address)| (address, Serving::operate(listener, operate_state)))
        .unzip();
    let router = api::router(AppState {
        store: store.clone(),
        auth: auth.clone(),
        orchestrator: orchestrator.clone(),
        settings,
        channels,
        media: workers.clone(),
        config: Arc::new(api_config(&config, site)?),
        idempotency: Idempotency::default(),
        challenge: challenge(&config),
    });
    let tls = certificates.map(|certificates| {
        upkeep.extend(certificates.upkeep);
        certificates.tls
    });
    let serves_tls = tls.is_some();
    let telephony = speak_sip(&config, &orchestrator, &auth, tls.as_ref()).await?;
    let serving = Serving::start(listener, tls, router, serve_config(&config)?);
    let (http_redirect, redirecting) = redirect
        .zip(config.public_url.clone())
        .map(|((listener, address), url)| {
            (
                address,
                Serving::start(
                    listener,
                    None,
                    site::redirecting_to(url),
                    ServeConfig::of_few(REDIRECTIONS_MAX),
                ),
            )
        })
        .unzip();
    let demo = config.demo.filter(|calls| *calls > 0);
    if demo.is_some() && config.demo_scenes {
        upkeep.push(tokio::spawn(demo_day::make(store.clone())));
    }
    let demo = demo
        .map(|calls| {
            let telephone = telephony.as_ref().map(|it| it.address);
            Demo::start(http, serves_tls, telephone, calls, config.demo_scenes)
        })
        .transpose();
    let demo = demo.map_err(StartError::Demo)?;
    Ok(Running {
        http,
        http_redirect,
        operate,
        sip: telephony.as_ref().map(|it| it.address),
        sip_tls: telephony.as_ref().and_then(|it| it.tls_address),
        media: workers.addresses().to_vec(),
        new_accounts,
        auth,
        store,
        orchestrator,
        workers,
        serving,
        redirecting,
        tls: serves_tls,
        operating,
        upkeep,
        demo,
        telephony,
    })
}

/// Opens the telephone side, if there is one.
async fn speak_sip(
    config: &Config,
    orchestrator: &Orchestrator,
    auth: &Auth,
    tls: Option<&Tls>,
) -> Result<Option<Telephony>, StartError> {
    let Some(telephony) = config.telephony()? else { return Ok(None) };
    let address = telephony.bind;
    let tls = tls.map(|tls| tls.speaking(SIP));
    let started = Telephony::start(telephony, orchestrator.clone(), auth.clone(), tls).await;
    started.map(Some).map_err(|error| StartError::Sip { address, error })
}

fn api_config(config: &Config, site: Arc<Site>) -> Result<ApiConfig, ConfigError> {
    Ok(ApiConfig {
        request_timeout: Duration::from_secs(config.limits.request_timeout_s),
        trusted_proxies: config.trusted_proxies()?,
        unlimited_clients: config.unlimited_clients()?,
        commands_per_second: config.limits.commands_per_second,
        widget_origins: config.widget.allowed_origins.clone(),
        site,
    })
}

/// Password hashes and private messages are nobody's but the server's.
fn warn_of_open_files(data: &Path) {
    match private::open_to_others(data) {
        Ok(open) if open.is_empty() => {}
        Ok(open) => {
            let (first, mend) = (open[0].display(), private::mending(data));
            tracing::warn!(%first, count = open.len(), %mend, "other users of this machine may read data");
        }
        Err(error) => tracing::warn!(%error, "the modes of the data's files can't be read"),
    }
}

impl Running {
    /// The server's address on this machine, for a browser.
    pub fn url(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.http)
    }

    /// The operator's listener, for a scraper.
    pub fn operate_url(&self) -> Option<String> {
        self.operate.map(|address| format!("http://{address}"))
    }

    /// The control plane, for tests that look behind the API.
    pub fn orchestrator(&self) -> &Orchestrator {
        &self.orchestrator
    }

    /// Hangs the demo up, lets no call begin, and waits until the calls that run have ended, or
    /// until `limit` has passed. Everything else is served meanwhile; `/readyz` says it.
    pub async fn drain(&mut self, limit: Duration) {
        if let Some(demo) = self.demo.take() {
            in_time("demo", DEMO_GOODBYE, demo.stop()).await;
        }
        let left = self.orchestrator.drain(limit).await;
        if left > 0 {
            tracing::warn!(calls = left, "the time to drain is over: calls are being ended");
        }
    }

    /// Hangs the demo up, ends event streams and connections, closes the stations, and writes
    /// what is to be kept. Takes less than three seconds, whatever hangs.
    pub async fn stop(self) {
        if let Some(demo) = self.demo {
            in_time("demo", DEMO_GOODBYE, demo.stop()).await;
        }
        // Event streams first: an open one would keep its connection.
        in_time("control plane", CONTROL_PLANE_GOODBYE, self.orchestrator.stop()).await;
        if let Some(telephony) = self.telephony {
            in_time("telephony", PART_GOODBYE, telephony.stop()).await;
        }
        let redirecting = async {
            if let Some(redirecting) = self.redirecting {
                redirecting.stop("the redirecting listener").await;
            }
        };
        tokio::join!(self.serving.stop("HTTP"), redirecting);
        in_time("media workers", PART_GOODBYE, self.workers.stop()).await;
        for task in &self.upkeep {
            task.abort();
        }
        let operating = async {
            if let Some(operating) = self.operating {
                operating.stop("the operator's listener").await;
            }
        };
        tokio::join!(operating, in_time("database", PART_GOODBYE, self.store.close()));
    }
}

/// What guests are asked for while a queue is flooded, if anything.
fn challenge(config: &Config) -> Option<Arc<Challenge>> {
    let chosen = &config.challenge;
    let (url, key) = chosen.url.clone().zip(chosen.key.clone())?;
    let config = ChallengeConfig { url, key, waiting: chosen.waiting };
    Some(Arc::new(Challenge::new(config)))
}

async fn seed(
    config: &Config,
    store: &Store,
    provision: Option<Provision>,
) -> Result<Vec<NewAccount>, store::StoreError> {
    match config.demo {
        Some(calls) => {
            let agents = demo::agents_of(calls, config.demo_scenes);
            seed::demo(store, agents).await.map(|()| Vec::new())
        }
        None => provision::apply(store, provision.unwrap_or_default()).await,
    }
}

/// Queues are made and deleted while the server runs, so a missing one is no reason not to start.
async fn check_queues(
    config: &Config,
    channels: &Channels,
    store: &Store,
) -> Result<(), store::StoreError> {
    let queues = store.queues().await?;
    for channel in channels.iter() {
        if !queues.iter().any(|queue| queue.key == channel.queue) {
            let (channel, queue) = (&channel.name, &channel.queue);
            tracing::warn!(channel, queue, "the channel's queue does not exist");
        }
    }
    for queue in config.queue_codecs().into_keys() {
        if !queues.iter().any(|it| it.key == queue) {
            tracing::warn!(queue, "`codec.queues` names a queue that does not exist");
        }
    }
    Ok(())
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
