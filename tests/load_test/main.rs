//! The load tester against the real server: a clean one passes, a leaking one is found out, and the
//! delay that it measures is right.

use std::path::Path;

use loadtest::accounts;
use loadtest::recording::Recorded;
use loadtest::report::data::{FindingKind, Report, Role};
use loadtest::run::{Account, RunConfig, run};
use loadtest::scenario::Scenario;
use media_server::{Config, Running};
use tokio::sync::Mutex;

/// Ten of them in Support.
const AGENTS: u32 = 15;

/// One at a time: all of this is in real time.
static ALONE: Mutex<()> = Mutex::const_new(());

/// A server with demo agents: two in Support for each one in Sales.
struct Server {
    running: Running,
    data: tempfile::TempDir,
}

impl Server {
    async fn start(leak: bool) -> Self {
        let data = tempfile::tempdir().unwrap();
        let local = "127.0.0.1:0".parse().unwrap();
        let config = Config {
            demo: Some(0),
            http: local,
            media: local,
            workers: Some(2),
            data: data.path().to_owned(),
            leak,
            ..Config::default()
        };
        std::fs::create_dir_all(config.data_directory()).unwrap();
        let store = store::Store::open(&config.store_location()).await.unwrap();
        media_server::seed::demo(&store, AGENTS).await.unwrap();
        store.close().await;
        Self { running: media_server::start(config).await.unwrap(), data }
    }

    async fn test(&self, scenario: &str) -> Report {
        let people = media_server::seed::demo_agents(AGENTS);
        let agents = people.into_iter().map(|person| person.username);
        let supervisors = accounts::demo().into_iter().map(|account| account.username);
        let all = agents.chain(supervisors.filter(|name| name.starts_with("supervisor")));
        let password = media_server::seed::DEMO_PASSWORD;
        let config = RunConfig {
            server: self.running.url(),
            accounts: all
                .map(|username| Account { username, password: password.to_owned() })
                .collect(),
            recordings: Recorded::demo_calls().unwrap(),
            skipped: Vec::new(),
            scenario: Scenario::from_toml(scenario).unwrap(),
            seed: 7,
            evidence: Some(self.evidence()),
            server_watch: None,
            live: false,
        };
        run(config, std::future::pending()).await.unwrap()
    }

    fn evidence(&self) -> std::path::PathBuf {
        self.data.path().join("evidence")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_calls_and_their_supervisors_are_clean() {
    let _alone = ALONE.lock().await;
    let server = Server::start(false).await;
    let report = server
        .test(
            r#"
            calls = 10
            ramp = "5/s"
            queues = ["support"]
            duration = "30s"
            supervised = "100%"
            script = "listen 4s, whisper 6s, listen 3s, barge 6s, listen 3s"
            "#,
        )
        .await;
    println!("{}", report.summary(false));
    assert_eq!((report.leaks, report.crossed), (0, 0), "{:?}", report.findings);
    assert_eq!((report.calls.connected, report.calls.failed), (10, 0));
    assert!(report.mode_changes.done >= 8 && report.mode_changes.failed == 0);
    // It did listen: every agent and caller was heard, and the whispers were.
    assert!(report.percentiles.mouth_to_ear_ms.unwrap().count > 10 * 1_000);
    assert!(report.percentiles.mode_audible_ms.unwrap().count >= 2);
    let heard = report.supervised.iter().flat_map(|call| &call.audible);
    let whispers = heard.filter(|it| it.source_role == Role::Supervisor).count();
    assert!(whispers >= 4, "{whispers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_leaks_whispers_is_found_out() {
    let _alone = ALONE.lock().await;
    let server = Server::start(true).await;
    let report = server
        .test(
            r#"
            calls = 3
            ramp = "5/s"
            queues = ["support"]
            duration = "20s"
            supervised = "100%"
            join = "500ms"
            script = "listen 3s, whisper 12s"
            "#,
        )
        .await;
    println!("{}", report.summary(false));
    assert!(report.leaks >= 2, "{:?}", report.findings);
    assert_eq!(report.exit_code(), 1);
    for leak in report.findings.iter().filter(|it| it.kind == FindingKind::Leak) {
        assert_eq!((leak.listener_role, leak.source_role), (Role::Caller, Role::Supervisor));
        assert!((3.0..18.0).contains(&leak.at_s) && leak.for_s > 5.0, "{leak:?}");
        assert!((-40.0..-10.0).contains(&leak.level_dbfs.unwrap()), "{leak:?}");
        let evidence = leak.evidence.as_deref().unwrap();
        let kept = server.evidence().join(Path::new(evidence).file_name().unwrap());
        assert!(std::fs::metadata(kept).unwrap().len() > 16_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_delay_is_right() {
    let _alone = ALONE.lock().await;
    let server = Server::start(false).await;
    let delay_with = async |impair: &str| {
        let scenario = format!("calls = 1\nduration = \"12s\"\n{impair}");
        let report = server.test(&scenario).await;
        let agent = report.legs.iter().find(|leg| leg.role == Role::Agent).unwrap();
        agent.mouth_to_ear_ms.unwrap().p50
    };
    let plain = delay_with("").await;
    let slower = delay_with("impair = \"caller: delay=80ms\"").await;
    // A frame, the codec's look-ahead and the playout buffer: no less, and not much more.
    assert!((40.0..70.0).contains(&plain), "{plain} ms");
    // Busy machines are late, but both runs alike.
    assert!((slower - plain - 80.0).abs() <= 3.0, "{plain} ms, then {slower} ms");
}
