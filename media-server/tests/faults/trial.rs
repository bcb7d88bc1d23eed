//! The trial of a server that is killed under load, over and over: whatever it answered with a 2xx is
//! there afterwards, in order and once.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use client::api::{Api, Method};
use client::media::{OpusFrame, StationConfig, received_channel};
use serde_json::json;
use sqlx::{AnyConnection, Connection as _};
use testkit::Program;

use super::PATIENCE;
use super::person::{Person, ask, post, talk, texts};

/// Customers who write as fast as they are answered.
const WRITERS: usize = 6;

/// What came of the kills.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Messages that were acknowledged.
    pub acknowledged: usize,
    /// Of these, not there afterwards.
    pub lost: usize,
    /// There twice, out of order, or in another's place.
    pub misplaced: usize,
    /// Acts of supervision that were acknowledged and are not in the audit log.
    pub acts_lost: usize,
    /// Calls that were cut off and have no record, or one without their supervision.
    pub calls_lost: usize,
    /// From each start to ready.
    pub ready_after: Vec<Duration>,
    /// From each kill until an agent heard a caller again: both sign in, connect and talk anew.
    pub heard_after: Vec<Duration>,
}

struct Writer {
    api: Api,
    conversation: String,
    acknowledged: Vec<String>,
}

/// Kills the server at `program` so many times.
pub async fn run(program: &Path, kills: u32) -> Outcome {
    sqlx::any::install_default_drivers();
    let data = tempfile::tempdir().unwrap();
    let program = Program::new(program, data.path());
    let url = program.url();
    let mut server = program.start().unwrap();
    allow_haste(&url).await;
    let mut writers = Vec::new();
    for number in 0..WRITERS {
        let guest = Person::guest(&url, &format!("Writer {number}")).await;
        let (api, conversation) = (guest.api().clone(), guest.open("sales").await);
        writers.push(Writer { api, conversation, acknowledged: Vec::new() });
    }
    let mut outcome = Outcome::default();
    for round in 0..kills {
        let supervised = supervise(&url).await;
        let stop = Arc::new(AtomicBool::new(false));
        let writing: Vec<_> =
            writers.drain(..).map(|it| tokio::spawn(write(it, stop.clone()))).collect();
        // Each time at another moment.
        tokio::time::sleep(Duration::from_millis(400 + u64::from(round) * 137 % 800)).await;
        let gone = Instant::now();
        server.kill();
        server = program.start().unwrap();
        outcome.ready_after.push(server.ready_after);
        talk_again(&url).await;
        outcome.heard_after.push(gone.elapsed());
        tokio::time::sleep(Duration::from_millis(300)).await;
        stop.store(true, Ordering::Relaxed);
        for writer in writing {
            writers.push(writer.await.unwrap());
        }
        supervised.look(&url, data.path(), &mut outcome).await;
    }
    for writer in &writers {
        let kept = texts(&writer.api, &writer.conversation).await;
        outcome.acknowledged += writer.acknowledged.len();
        outcome.lost += writer.acknowledged.iter().filter(|text| !kept.contains(text)).count();
        let expected = (0..kept.len()).map(|n| format!("message {n}"));
        outcome.misplaced += kept.iter().zip(expected).filter(|(kept, due)| *kept != due).count();
    }
    outcome
}

/// A caller rings, an agent answers and hears them; then the caller hangs up.
async fn talk_again(url: &str) {
    // Told to be silence, and known again by its bytes: what one source sends is forwarded as it came.
    let frame = OpusFrame::new(&[0xf8_u8, 0xff, 0xfe][..], 30);
    let (on_packet, mut heard) = received_channel(64);
    let mut agent = Person::staff(url, "agent2").await;
    agent.session.open_station(&StationConfig::default(), on_packet).await.unwrap();
    agent.session.ready().await.unwrap();
    let caller = Person::guest(url, "Ines").await.with_station().await;
    let call = caller.session.place_call("support", None).await.unwrap().id;
    assert_eq!(agent.events.offered(PATIENCE).await.unwrap().id, call);
    agent.session.answer(&call).await.unwrap();
    agent.session.not_ready("enough").await.unwrap();
    let speaking = async {
        let mut due = tokio::time::interval(Duration::from_millis(20));
        loop {
            due.tick().await;
            caller.session.station().unwrap().send(&frame).await.unwrap();
        }
    };
    let hearing =
        async { while heard.recv().await.expect("the station stands").payload != frame.payload {} };
    tokio::select! {
        () = speaking => {}
        heard = tokio::time::timeout(PATIENCE, hearing) => heard.expect("the caller's words"),
    }
    caller.session.hang_up(&call).await.unwrap();
}

/// Writes until it is told to stop; what is not answered is sent again, as clients do.
async fn write(mut writer: Writer, stop: Arc<AtomicBool>) -> Writer {
    while !stop.load(Ordering::Relaxed) {
        let number = writer.acknowledged.len() as u64;
        let text = format!("message {number}");
        match post(&writer.api, &writer.conversation, &text, number).await {
            Some((200 | 201, _)) => writer.acknowledged.push(text),
            Some(_) | None => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    writer
}

/// A call and a conversation in which somebody whispers when the server is killed.
struct Supervised {
    call: String,
    conversation: String,
    customer: Api,
}

/// The people are gone when this returns, but for what the server does not learn of in the time that
/// it has left.
async fn supervise(url: &str) -> Supervised {
    let (caller, agent, call) = talk(url).await;
    let sam = Person::staff(url, "supervisor1").await.with_station().await;
    let leg = sam.session.listen(&call).await.unwrap().leg;
    sam.session.set_mode(&call, &leg, wire::Mode::Whisper).await.unwrap();
    let rita = Person::guest(url, "Rita").await;
    let conversation = rita.open("support").await;
    let mut writing_agent = Person::staff(url, "agent3").await;
    writing_agent.session.ready().await.unwrap();
    writing_agent.take(&conversation).await;
    writing_agent.session.not_ready("enough").await.unwrap();
    let customer = rita.api().clone();
    sam.whisper_in(&conversation).await;
    // They stay until the server is gone.
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        drop((caller, agent, sam, rita, writing_agent));
    });
    Supervised { call, conversation, customer }
}

impl Supervised {
    /// Looks what is left of it after the restart.
    async fn look(&self, url: &str, data: &Path, outcome: &mut Outcome) {
        let file = data.join("demo").join(store::FILE_NAME);
        let file = if file.exists() { file } else { data.join(store::FILE_NAME) };
        let mut database =
            AnyConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
        for subject in [&self.call, &self.conversation] {
            let asked: Vec<(String,)> = sqlx::query_as(
                "SELECT action FROM supervision_audit WHERE call_id = $1 AND outcome = 'asked' \
                 ORDER BY position",
            )
            .bind(subject)
            .fetch_all(&mut database)
            .await
            .unwrap();
            let due = ["listen", "whisper"];
            outcome.acts_lost +=
                due.iter().filter(|act| !asked.iter().any(|(it,)| it == *act)).count();
        }
        let sam = Person::staff(url, "supervisor1").await;
        let (status, record) =
            sam.ask(Method::GET, &format!("/interactions/{}", self.call), None).await;
        let (_, timeline) =
            sam.ask(Method::GET, &format!("/interactions/{}/timeline", self.call), None).await;
        let timeline = timeline.to_string();
        let is_there = status == 200
            && record.to_string().contains("\"end_reason\":\"server\"")
            && timeline.contains("whisper");
        outcome.calls_lost += usize::from(!is_there);
        // After any fault supervision is off.
        let path = format!("/conversations/{}", self.conversation);
        let (status, view) = sam.ask(Method::GET, &path, None).await;
        assert_eq!(status, 200, "{view}");
        let members = view["members"].as_array().unwrap();
        assert!(members.iter().all(|member| member["part"] != "supervisor"), "{view}");
        let (status, _) =
            ask(sam.api(), Method::GET, &format!("/calls/{}", self.call), None).await.unwrap();
        assert_eq!(status, 404, "no call outlives its server");
        let path = format!("/conversations/{}/end", self.conversation);
        let (status, answer) =
            ask(&self.customer, Method::POST, &path, Some(json!({}))).await.unwrap();
        assert!(status < 300, "the customer's conversation goes on: {status} {answer}");
    }
}

/// Lets people write faster than people write.
async fn allow_haste(url: &str) {
    let admin = Person::staff(url, "admin").await;
    let (status, mut policies) = admin.ask(Method::GET, "/admin/policies", None).await;
    assert_eq!(status, 200, "{policies}");
    policies["policies"]["messages_per_minute"] = json!(600);
    let (status, answer) = admin.ask(Method::PUT, "/admin/policies", Some(policies)).await;
    assert_eq!(status, 200, "{answer}");
}
