//! The load tester against the real server: a clean one passes, a leaking one is found out, and the
//! delay that it measures is right.

mod faulty;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use demo::accounts::call_agents;
use loadtest::accounts::{self, Account};
use loadtest::find_max::{End, Found, Search, Tried, Within, find};
use loadtest::measure::reference::ReferenceConfig;
use loadtest::report::data::{Finding, FindingKind, Report, Role};
use loadtest::run::sip::SipTarget;
use loadtest::run::{RunConfig, RunError, run};
use loadtest::scenario::Scenario;
use media_server::config::{LimitsConfig, PolicyConfig};
use media_server::{Config, Running};
use recordings::Recorded;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Ten of them in Support.
const AGENTS: u32 = 15;

/// All of this is in real time, and what measures time has the machine for itself.
const RUNS_MAX: u32 = 2;
static RUNS: Semaphore = Semaphore::const_new(RUNS_MAX as usize);

/// Until it is dropped one other run goes on beside this one at most.
async fn a_place() -> SemaphorePermit<'static> {
    RUNS.acquire().await.unwrap()
}

/// Until it is dropped there is no other run.
async fn alone() -> SemaphorePermit<'static> {
    RUNS.acquire_many(RUNS_MAX).await.unwrap()
}

/// A server with demo agents: two in Support for each one in Sales.
struct Server {
    running: Running,
    data: tempfile::TempDir,
}

impl Server {
    async fn start() -> Self {
        Self::with(|_| ()).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let server = testkit::Server::with_call_agents(AGENTS, change).await;
        Self { running: server.running, data: server.data }
    }

    /// One that speaks SIP.
    async fn with_telephones(change: impl FnOnce(&mut Config)) -> Self {
        Self::with(|config| {
            config.sip = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
            change(config);
        })
        .await
    }

    /// Where it speaks SIP.
    fn sip(&self) -> Option<SipTarget> {
        self.running.sip.map(|address| SipTarget::new(address, None))
    }

    async fn test(&self, scenario: &str) -> Report {
        self.test_with(scenario, |_| ()).await
    }

    /// A run with a change: of where the server is reached, for one.
    async fn test_with(&self, scenario: &str, change: impl FnOnce(&mut RunConfig)) -> Report {
        let mut config = self.run_config(scenario);
        change(&mut config);
        run(config, std::future::pending()).await.unwrap()
    }

    fn run_config(&self, scenario: &str) -> RunConfig {
        let people = call_agents(AGENTS);
        let agents = people.into_iter().map(|person| person.username);
        let supervisors = accounts::demo().into_iter().map(|account| account.username);
        let all = agents.chain(supervisors.filter(|name| name.starts_with("supervisor")));
        let password = media_server::seed::DEMO_PASSWORD;
        RunConfig {
            server: self.running.url().into(),
            accounts: all
                .map(|username| Account { username, password: password.to_owned() })
                .collect(),
            recordings: Recorded::demo_calls().unwrap(),
            skipped: Vec::new(),
            notes: Vec::new(),
            scenario: Scenario::from_toml(scenario).unwrap(),
            seed: 7,
            evidence: Some(self.evidence()),
            sip: self.sip(),
            reference: None,
            server_watch: None,
            live: false,
        }
    }

    fn evidence(&self) -> std::path::PathBuf {
        self.data.path().join("evidence")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_calls_and_their_supervisors_are_clean() {
    ten_calls_are_clean("mixed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn and_so_they_are_by_tracks() {
    ten_calls_are_clean("tracks").await;
}

/// In every codec that telephones speak; what these hear and say is recognised by its sound.
#[tokio::test(flavor = "multi_thread")]
async fn and_so_are_those_that_come_by_telephone() {
    let _place = a_place().await;
    let server = Server::with_telephones(|_| ()).await;
    let codecs = r#"sip_codecs = ["pcma", "pcmu", "g722", "opus"]"#;
    let report = server.test(&format!("{TEN_CALLS}\n{codecs}")).await;
    assert_clean(&report);
    let mut connections = Vec::new();
    for leg in report.legs.iter().filter(|leg| leg.role == Role::Caller) {
        assert!(leg.mouth_to_ear_ms.is_some(), "{leg:?}");
        assert_eq!(leg.mos.is_some(), leg.connection == "sip/opus", "{leg:?}");
        connections.push(leg.connection.as_str());
    }
    connections.sort_unstable();
    connections.dedup();
    assert_eq!(connections, ["sip/g722", "sip/opus", "sip/pcma", "sip/pcmu"]);
}

const TEN_CALLS: &str = r#"
    calls = 10
    ramp = "5/s"
    queues = ["support"]
    duration = "30s"
    supervised = "100%"
    script = "listen 4s, whisper 6s, listen 3s, barge 6s, listen 3s"
    "#;

fn assert_clean(report: &Report) {
    println!("{}", report.summary(false));
    assert_eq!((report.leaks, report.crossed), (0, 0), "{:?}", report.findings);
    assert_eq!((report.calls.connected, report.calls.failed), (10, 0), "{:?}", report.run.notes);
    assert!(report.mode_changes.done >= 8 && report.mode_changes.failed == 0);
    let heard = report.supervised.iter().flat_map(|call| &call.audible);
    let whispers = heard.filter(|it| it.source_role == Role::Supervisor).count();
    assert!(whispers >= 4, "{whispers}");
}

async fn ten_calls_are_clean(delivery: &str) {
    let _place = a_place().await;
    let server = Server::start().await;
    let report = server.test(&format!("{TEN_CALLS}\ndelivery = \"{delivery}\"")).await;
    assert_clean(&report);
    // It did listen: every agent and caller was heard, and the whispers were.
    assert!(report.percentiles.mouth_to_ear_ms.unwrap().count > 10 * 1_000);
    // How long it takes until a supervisor is heard is measured in mixes alone.
    let audible = report.percentiles.mode_audible_ms;
    assert!(delivery == "tracks" || audible.unwrap().count >= 2, "{audible:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_leaks_whispers_is_found_out() {
    proved_by_sound(&leaks_of_whispers("delivery = \"mixed\"", Callers::OnPages).await);
}

/// What a telephone hears bears no marks at all.
#[tokio::test(flavor = "multi_thread")]
async fn and_so_is_one_that_leaks_them_to_telephones() {
    let codecs = r#"sip_codecs = ["pcma", "g722"]"#;
    proved_by_sound(&leaks_of_whispers(codecs, Callers::ByTelephone).await);
}

fn proved_by_sound(leaks: &[(Finding, Option<u64>)]) {
    for (leak, evidence) in leaks {
        assert!((-40.0..-10.0).contains(&leak.level_dbfs.unwrap()), "{leak:?}");
        assert!(evidence.unwrap() > 16_000);
    }
}

/// There each packet says whose it is: no sound needs to be recognised.
#[tokio::test(flavor = "multi_thread")]
async fn and_so_is_one_that_leaks_them_on_a_track() {
    let leaks = leaks_of_whispers("delivery = \"tracks\"", Callers::OnPages).await;
    assert!(!leaks.is_empty());
}

#[derive(PartialEq)]
enum Callers {
    OnPages,
    ByTelephone,
}

/// What is found of a server that turns whispers into barges; with how many bytes each is proved.
async fn leaks_of_whispers(how: &str, callers: Callers) -> Vec<(Finding, Option<u64>)> {
    let _place = a_place().await;
    // No tone announces the barge that a whisper secretly is.
    let policy = PolicyConfig { barge_tone_caller: false, ..PolicyConfig::default() };
    let change = |config: &mut Config| config.policy = policy;
    let server = match callers {
        Callers::OnPages => Server::with(change).await,
        Callers::ByTelephone => Server::with_telephones(change).await,
    };
    let scenario = r#"
        calls = 3
        ramp = "5/s"
        queues = ["support"]
        duration = "20s"
        supervised = "100%"
        join = "500ms"
        script = "listen 3s, whisper 12s"
        "#;
    let leaking = faulty::whispers_are_barges(&server.running.url()).await;
    let change = |config: &mut RunConfig| config.server = leaking.into();
    let report = server.test_with(&format!("{scenario}\n{how}"), change).await;
    println!("{}", report.summary(false));
    assert!(report.leaks >= 2, "{:?}", report.findings);
    assert_eq!(report.exit_code(), 1);
    // The script begins anew after 18 s; what is left of the run then may be too short to be recognised.
    let leaks = report.findings.iter().filter(|it| it.kind == FindingKind::Leak && it.at_s < 18.0);
    let proved = |leak: &Finding| {
        assert_eq!((leak.listener_role, leak.source_role), (Role::Caller, Role::Supervisor));
        // The whisper begins after 3.5 s; by sound, with the window of 2 s in which it is first heard.
        assert!(leak.at_s > 1.5 && leak.for_s > 5.0, "{leak:?}");
        let evidence = leak.evidence.as_deref().and_then(|it| Path::new(it).file_name());
        let bytes = |name| std::fs::metadata(server.evidence().join(name)).unwrap().len();
        (leak.clone(), evidence.map(bytes))
    };
    leaks.map(proved).collect()
}

/// What the pair of a leg holds: 48 kHz mono, −1.0 … 1.0.
fn pair(folder: &Path, leg: &str) -> [Vec<f32>; 2] {
    ["ref", "deg"].map(|end| {
        let file = std::fs::read(folder.join(format!("{leg}.{end}.wav"))).unwrap();
        assert_eq!(&file[24..28], 48_000_u32.to_le_bytes(), "its rate");
        let samples = file[44..].as_chunks::<2>().0;
        samples.iter().map(|bytes| f32::from(i16::from_le_bytes(*bytes)) / 32_768.0).collect()
    })
}

/// How loud each 5 ms are.
fn envelope(sound: &[f32]) -> Vec<f32> {
    let rms = |piece: &[f32]| (piece.iter().map(|it| it * it).sum::<f32>() / 240.0).sqrt();
    sound.chunks_exact(240).map(rms).collect()
}

/// How alike two envelopes are, the second one `late` steps of 5 ms late: 1 is the same.
fn likeness(said: &[f32], heard: &[f32], late: isize) -> f32 {
    let (a, b) = if late < 0 {
        (&said[late.unsigned_abs()..], heard)
    } else {
        (said, &heard[late.unsigned_abs()..])
    };
    let length = a.len().min(b.len());
    let mean = |all: &[f32]| all.iter().sum::<f32>() / length as f32;
    let (a, b) = (&a[..length], &b[..length]);
    let (mean_a, mean_b) = (mean(a), mean(b));
    let mut sums = [0.0; 3];
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        sums = [sums[0] + a * b, sums[1] + a * a, sums[2] + b * b];
    }
    sums[0] / (sums[1] * sums[2]).sqrt()
}

#[tokio::test(flavor = "multi_thread")]
async fn reference_files_hold_what_was_said_and_what_was_heard_aligned() {
    let _alone = alone().await;
    let server = Server::start().await;
    let folder = server.data.path().join("reference");
    let duration_max = Duration::from_secs(8);
    let reference = ReferenceConfig { folder: folder.clone(), legs_max: 2, duration_max };
    let scenario = r#"
        calls = 2
        duration = "16s"
        supervised = "50%"
        join = "1s"
        script = "listen"
        impair = "caller: loss=1%, delay=60ms"
        "#;
    let report = server.test_with(scenario, |config| config.reference = Some(reference)).await;
    println!("{}", report.summary(false));
    assert_eq!((report.leaks, report.crossed), (0, 0), "{:?}", report.findings);
    let mut files: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files.len(), 4, "two legs, a pair each: {files:?}");
    for leg in files.iter().filter_map(|name| name.strip_suffix(".ref.wav")) {
        let [said, heard] = pair(&folder, leg);
        assert_eq!(said.len(), heard.len(), "{leg}");
        assert!((5 * 48_000..=8 * 48_000 + 960).contains(&said.len()), "{leg}: {}", said.len());
        let (said, heard) = (envelope(&said), envelope(&heard));
        let alike = |late: &isize| likeness(&said, &heard, *late);
        let best = (-60..=60).max_by(|a, b| alike(a).total_cmp(&alike(b))).unwrap();
        println!("{leg}: {} ms late, alike by {:.3}", 5 * best, alike(&best));
        assert!(best.abs() <= 4, "{leg}: {} ms late", 5 * best);
        assert!(alike(&best) > 0.8, "{leg}: {}", alike(&best));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_search_finds_how_many_calls_the_server_has_room_for() {
    let _alone = alone().await;
    // Four fifths of them, three, are for guests.
    let limits = LimitsConfig { calls_max: 4, ..LimitsConfig::default() };
    let server = Server::with(|config| {
        config.limits = limits;
        config.workers = Some(1);
    })
    .await;
    let mut tried = Vec::new();
    let attempt = async |calls: usize| {
        tried.push(calls);
        let scenario = format!("calls = {calls}\nramp = \"4/s\"\nduration = \"6s\"");
        let mut report = server.test(&scenario).await;
        // On a busy machine it would be late; that is not what is looked for here.
        report.invalid_because.clear();
        Ok::<_, std::convert::Infallible>(Tried::Run(Box::new(report)))
    };
    let mut lines = Vec::new();
    let say = |line: &str| lines.push(line.to_owned());
    let within = Within { mouth_to_ear_ms: 1_000.0, loss: 0.5 };
    let Ok(found) = find(Search::new(4, 1), within, attempt, say).await;
    println!("{lines:#?}");
    assert_eq!(found, Found { carried: 3, end: End::Server }, "{lines:?}");
    assert_eq!(tried, [1, 2, 4, 3], "{lines:?}");
    assert!(lines[1].contains("carried") && lines[2].contains("calls failed"), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_delay_is_right() {
    let _alone = alone().await;
    let server = Server::start().await;
    // A frame, the codec's look-ahead and the playout buffer: no less, and not much more.
    delays_are_right(&server, 40.0..70.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_is_that_of_a_telephone() {
    let _alone = alone().await;
    let server = Server::with_telephones(|_| ()).await;
    delays_are_right(&server, 40.0..75.0).await;
}

/// From the caller to the agent, without and with 80 ms on the caller's way to the server.
async fn delays_are_right(server: &Server, allowed: std::ops::Range<f64>) {
    let delay_with = async |impair: &str| {
        let scenario = format!("calls = 1\nduration = \"12s\"\n{impair}");
        let report = server.test(&scenario).await;
        println!("{}{:?}", report.summary(false), report.run.notes);
        let agent = report.legs.iter().find(|leg| leg.role == Role::Agent).unwrap();
        agent.mouth_to_ear_ms.unwrap().p50
    };
    let plain = delay_with("").await;
    let slower = delay_with("impair = \"caller: delay=80ms\"").await;
    assert!(allowed.contains(&plain), "{plain} ms");
    // Busy machines are late, but both runs alike.
    assert!((slower - plain - 80.0).abs() <= 3.0, "{plain} ms, then {slower} ms");
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_the_calls_may_come_by_telephone() {
    let _place = a_place().await;
    let server = Server::with_telephones(|_| ()).await;
    let scenario = "calls = 6\nramp = \"5/s\"\nduration = \"8s\"\nsip_share = \"50%\"";
    let report = server.test(scenario).await;
    println!("{}", report.summary(false));
    assert_eq!((report.calls.connected, report.calls.failed), (6, 0), "{:?}", report.run.notes);
    let by = |connection| {
        let callers = report.legs.iter().filter(|leg| leg.role == Role::Caller);
        callers.filter(|leg| leg.connection == connection).count()
    };
    assert!(by("sip/pcma") > 0 && by("webrtc") > 0);
    assert_eq!(by("sip/pcma") + by("webrtc"), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_that_reaches_nobody_is_told_why() {
    let _place = a_place().await;
    let server = Server::with_telephones(|_| ()).await;
    let scenario = "calls = 1\nduration = \"3s\"";

    let refused = |number: &str| {
        let target = server.running.sip.map(|at| SipTarget::new(at, Some(number.to_owned())));
        server.test_with(scenario, |config| config.sip = target)
    };
    let report = refused("+49309999").await;
    assert_eq!((report.calls.connected, report.calls.failed), (0, 1));
    let notes = report.run.notes.join("\n");
    assert!(notes.contains("`+49309999`") && notes.contains("404"), "{notes}");
    assert!(notes.contains("no trunk has that number"), "{notes}");

    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut config = server.run_config(scenario);
    config.sip = Some(SipTarget::new(nobody, None));
    let error = run(config, std::future::pending()).await.err().unwrap();
    assert!(matches!(error, RunError::Sip(_)), "{error}");
    assert!(error.to_string().contains("start the server with `--sip`"), "{error}");

    let mut config = server.run_config(&format!("{scenario}\nsip_share = \"100%\""));
    config.sip = None;
    let error = run(config, std::future::pending()).await.err().unwrap();
    assert!(error.to_string().contains("--sip 127.0.0.1:5060"), "{error}");
}
