//! The server as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use media_server::Config;
use media_server::seed::DEMO_PASSWORD;
use store::{NewUser, Role, Store};

/// The argument that makes this program the server.
pub const SERVE: &str = "serve";
/// Accounts for agents, and for supervisors of both teams.
const AGENTS: u32 = 100;
const SUPERVISORS: usize = 50;
const SUPERVISION: [&str; 4] = [
    "view_contact_center_dashboard",
    "monitor_live_calls",
    "whisper_live_calls",
    "barge_live_calls",
];

/// A running server; it ends with this.
pub struct Server {
    child: Child,
    pub url: String,
    /// The workers' sockets, separated by commas.
    pub media: String,
    /// Where it speaks SIP.
    pub sip: String,
    _data: tempfile::TempDir,
}

impl Server {
    pub async fn start() -> anyhow::Result<Self> {
        let data = tempfile::tempdir()?;
        let mut child = Command::new(std::env::current_exe()?)
            .arg(SERVE)
            .arg(data.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("it has a standard output")?;
        let told = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line).map(|_| line)
        });
        let told = told.await??;
        let told: Vec<String> = told.split_whitespace().map(str::to_owned).collect();
        let [url, media, sip] = told.try_into().ok().context("it says where it is")?;
        Ok(Self { url, media, sip, child, _data: data })
    }

    /// Closes its standard input, and waits for it.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.child.stdin.take());
        tokio::task::spawn_blocking(move || self.child.wait()).await??;
        Ok(())
    }

    /// Memory that is really there, KiB.
    pub fn resident_kib(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix("kB"));
        Ok(kib.context("no VmRSS")?.trim().parse()?)
    }

    /// CPU time of all its threads so far, ms.
    pub fn cpu_ms(&self) -> anyhow::Result<f64> {
        let mut total_ns = 0.0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread may have ended meanwhile.
            let Ok(text) = std::fs::read_to_string(thread?.path().join("schedstat")) else {
                continue;
            };
            total_ns += text.split(' ').next().context("empty schedstat")?.parse::<f64>()?;
        }
        Ok(total_ns / 1e6)
    }
}

/// The other half: serves until the standard input closes.
pub async fn serve(data: &str) -> anyhow::Result<()> {
    let local = "127.0.0.1:0".parse()?;
    let config = Config {
        demo: Some(0),
        http: local,
        media: local,
        sip: Some(local),
        data: data.into(),
        ..Config::default()
    };
    std::fs::create_dir_all(config.data_directory())?;
    let store = Store::open(&config.store_location()).await?;
    media_server::seed::demo(&store, AGENTS).await?;
    let teams = [store.ensure_team("Support").await?, store.ensure_team("Sales").await?];
    for index in 0..SUPERVISORS {
        let username = format!("figure{index}");
        let user = NewUser {
            username: &username,
            name: &username,
            password: DEMO_PASSWORD,
            role: Role::Supervisor,
            permissions: &SUPERVISION,
        };
        let user = store.create_user(user).await?;
        for team in teams {
            store.join_team(team, user).await?;
        }
    }
    store.close().await;
    let running = media_server::start(config).await?;
    let media: Vec<String> = running.media.iter().map(ToString::to_string).collect();
    let sip = running.sip.context("SIP was asked for")?;
    println!("{} {} {sip}", running.url(), media.join(","));
    tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await??;
    running.stop().await;
    Ok(())
}
