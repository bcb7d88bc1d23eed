//! A whole Sotto server in the test's own process, on ports of its own, with what it keeps in a folder of its own.
//!
//! For tests alone, and so it panics when something can't be had. It knows no client: who signs in, speaks and listens
//! is each test's own affair.

use std::net::{Ipv4Addr, SocketAddr};

use media_server::config::{LimitsConfig, Operate};
use media_server::{Config, Running, seed, start};
use store::Store;
use tempfile::TempDir;

mod process;

pub use process::{Process, Program};

/// Media workers of a server, unless a test says otherwise: more than one, so that calls cross between them.
const WORKERS: usize = 2;

/// A running server. It ends with the test, or by [`Server::stop`].
pub struct Server {
    /// The server's handles, its addresses among them.
    pub running: Running,
    /// What it keeps.
    pub data: TempDir,
    /// As it was started.
    pub config: Config,
}

impl Server {
    /// A server with the demo's accounts and none of its calls.
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// The same, configured by the test.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let data = folder();
        let mut config = config(&data);
        change(&mut config);
        Self::on(data, config).await
    }

    /// The same, with so many of the agents besides who are there for the demo's own calls.
    pub async fn with_call_agents(agents: u32, change: impl FnOnce(&mut Config)) -> Self {
        let data = folder();
        let mut config = config(&data);
        change(&mut config);
        std::fs::create_dir_all(config.data_directory()).expect("a folder for the data");
        let store = Store::open(&config.store_location()).await.expect("a database");
        seed::demo(&store, agents).await.expect("the demo's accounts");
        store.close().await;
        Self::on(data, config).await
    }

    /// Ends it in order.
    pub async fn stop(self) {
        self.running.stop().await;
    }

    /// Ends it in order, and starts another one on what it has kept.
    pub async fn restart(self) -> Self {
        self.running.stop().await;
        Self::on(self.data, self.config).await
    }

    /// One on what another one has kept in `data`.
    pub async fn on(data: TempDir, config: Config) -> Self {
        let running = start(config.clone()).await.expect("a server that starts");
        Self { running, data, config }
    }
}

/// What every server here is started with: the demo's accounts, free ports of this machine, its data in `data`.
pub fn config(data: &TempDir) -> Config {
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Config {
        demo: Some(0),
        http: any_port,
        operate: Some(Operate::At(any_port)),
        media: any_port,
        workers: Some(WORKERS),
        data: data.path().to_owned(),
        // Everybody in a test comes from one address; who tests budgets takes this back.
        limits: LimitsConfig {
            unlimited_clients: vec![Ipv4Addr::LOCALHOST.to_string()],
            ..LimitsConfig::default()
        },
        ..Config::default()
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}
