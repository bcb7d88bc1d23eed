//! The promise, for text, at the requester's own socket: on random sequences of commands nothing
//! private reaches them, not a byte, not a number, not a gap.
//!
//! Each sequence runs twice on a real server: once whole, once without anything that is hidden.
//! Every frame and every answer that the requester gets must be the same but for ids and times,
//! and hold no private text and no name of somebody whom they may not know of.

use std::collections::BTreeMap;

use client::api::Method;
use futures_util::StreamExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::text::Writer;
use crate::{PATIENCE, Server};

const SEQUENCES: u64 = 8;
const STEPS: usize = 30;
/// In every private text, note and reason, and in no public one.
const SECRET: &str = "§";
/// Those who are never seen by the requester in these sequences unless they barge.
const SUPERVISORS: [&str; 2] = ["Sam Okafor", "Mei Tanaka"];

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The requester writes.
    Asks,
    /// The agent writes to the requester.
    Answers,
    /// The agent types in public.
    Types,
    /// The agent has read everything.
    Reads,
    /// The other agent takes it over.
    Transfer,
    /// A supervisor barges, says something, and goes away again.
    Barge(usize),
    /// The same, in the agents' stead.
    TakeOver(usize),
    Hidden(Hidden),
}

#[derive(Clone, Copy, Debug)]
enum Hidden {
    Listen(usize),
    Whisper(usize),
    Stop(usize),
    SupervisorWrites(usize),
    AgentWrites,
    AgentTypes,
    Tag,
    ColleagueWrites,
    Help,
    TakeHelp(usize),
    CloseHelp,
    Invite,
    TakeBack,
}

fn steps(seed: u64) -> Vec<Step> {
    let mut rng = StdRng::seed_from_u64(seed);
    let steps = (0..STEPS).map(|_| {
        let who = rng.random_range(0..2);
        let visible = [
            Step::Asks,
            Step::Answers,
            Step::Types,
            Step::Reads,
            Step::Transfer,
            Step::Barge(who),
            Step::TakeOver(who),
        ];
        let hidden = [
            Hidden::Listen(who),
            Hidden::Whisper(who),
            Hidden::Stop(who),
            Hidden::SupervisorWrites(who),
            Hidden::AgentWrites,
            Hidden::AgentTypes,
            Hidden::Tag,
            Hidden::ColleagueWrites,
            Hidden::Help,
            Hidden::TakeHelp(who),
            Hidden::CloseHelp,
            Hidden::Invite,
            Hidden::TakeBack,
        ];
        if rng.random_bool(0.6) {
            Step::Hidden(*hidden.choose(&mut rng).unwrap())
        } else {
            *visible.choose(&mut rng).unwrap()
        }
    });
    steps.collect()
}

/// The requester: everything that they are ever sent.
struct Watched {
    writer: Writer,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    frames: Vec<Value>,
    answers: Vec<Value>,
}

impl Watched {
    async fn guest(server: &Server) -> Self {
        let writer = Writer::guest(server, "Daniel").await;
        let url = server.url().replace("http", "ws") + "/api/v1/events";
        let mut request = url.into_client_request().unwrap();
        let token = writer.api().token().unwrap().header();
        request.headers_mut().insert("authorization", token.parse().unwrap());
        let (socket, _) = connect_async(request).await.unwrap();
        Self { writer, socket, frames: Vec::new(), answers: Vec::new() }
    }

    async fn ask(&mut self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let (status, body) = self.writer.ask(method, path, body).await;
        self.answers.push(json!({"status": status, "body": body}));
        (status, body)
    }

    /// Reads frames until one `is` what is waited for.
    async fn until(&mut self, is: impl Fn(&Value) -> bool) {
        let read = async {
            loop {
                let message = self.socket.next().await.expect("the stream goes on").unwrap();
                let Message::Text(text) = message else { continue };
                let frame: Value = serde_json::from_str(&text).unwrap();
                self.frames.push(frame.clone());
                if is(&frame) {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, read).await.expect("the frame comes");
    }
}

/// One run of a sequence: what the requester got.
async fn run(steps: &[Step], whole: bool) -> (Vec<Value>, Vec<Value>) {
    let server = Server::start().await;
    let mut ana = Writer::ready(&server, "agent1").await;
    let mut requester = Watched::guest(&server).await;
    let body = json!({"queue": "support", "subject": "A refund"});
    let (_, view) = requester.ask(Method::POST, "/conversations", Some(body)).await;
    let id = view["id"].as_str().unwrap().to_owned();
    ana.take(&id).await;
    let mut cast = Cast {
        supervisors: vec![
            Writer::staff(&server, "supervisor1").await,
            Writer::staff(&server, "supervisor2").await,
        ],
        yuki: Writer::staff(&server, "agent3").await,
        luis: Writer::ready(&server, "agent2").await,
        ana,
        id: id.clone(),
        said: 0,
        asked: 0,
    };
    for step in steps {
        match step {
            Step::Hidden(hidden) if whole => cast.hidden(*hidden).await,
            Step::Hidden(_) => {}
            Step::Asks => {
                cast.asked += 1;
                let n = cast.asked;
                let path = format!("/conversations/{id}/messages");
                let body = json!({"text": format!("question {n}: this is {}", ["terrible", "wonderful"][n as usize % 2]), "visibility": "public", "client_id": format!("q{n}")});
                requester.ask(Method::POST, &path, Some(body)).await;
                let path = format!("/conversations/{id}");
                requester.ask(Method::GET, &path, None).await;
            }
            visible => cast.visible(*visible).await,
        }
    }
    let path = format!("/conversations/{id}/messages?limit=200");
    requester.ask(Method::GET, &path, None).await;
    let end = format!("/conversations/{id}/end");
    assert_eq!(cast.ana.ask(Method::POST, &end, None).await.0, 204);
    requester.until(|frame| frame["type"] == "conversation.ended").await;
    let path = format!("/conversations/{id}/transcript?kind=external");
    assert_eq!(requester.ask(Method::GET, &path, None).await.0, 200);
    (requester.frames, requester.answers)
}

struct Cast {
    ana: Writer,
    luis: Writer,
    yuki: Writer,
    supervisors: Vec<Writer>,
    id: String,
    said: u32,
    asked: u32,
}

impl Cast {
    /// What everybody may know. In the end `ana` is the agent, whoever that is.
    async fn visible(&mut self, step: Step) {
        let id = self.id.clone();
        match step {
            Step::Answers => {
                self.said += 1;
                let text = format!("answer {}", self.said);
                assert_eq!(self.ana.post(&id, "public", &text).await.0, 201);
            }
            Step::Types => {
                let body = json!({"visibility": "public", "typing": true});
                let path = format!("/conversations/{id}/typing");
                assert_eq!(self.ana.ask(Method::POST, &path, Some(body)).await.0, 204);
            }
            Step::Reads => {
                let body = json!({"kind": "read", "up_to": self.said + self.asked});
                let path = format!("/conversations/{id}/marks");
                assert_eq!(self.ana.ask(Method::PUT, &path, Some(body)).await.0, 204);
            }
            Step::Transfer => {
                let body = json!({"to": {"agent": self.luis.id()}, "note": SECRET});
                let path = format!("/conversations/{id}/transfer");
                let (status, made) = self.ana.ask(Method::POST, &path, Some(body)).await;
                assert_eq!(status, 201, "{made}");
                let body = json!({"handover": made["id"]});
                let path = format!("/conversations/{id}/accept");
                let (status, told) = self.luis.ask(Method::POST, &path, Some(body)).await;
                assert_eq!(status, 200, "{told}");
                std::mem::swap(&mut self.ana, &mut self.luis);
            }
            Step::Barge(who) | Step::TakeOver(who) => {
                self.said += 1;
                let text = format!("announcement {}", self.said);
                let sam = &self.supervisors[who];
                sam.supervise(&id, json!({"mode": "listen"})).await;
                let mode = if matches!(step, Step::Barge(_)) { "barge" } else { "take_over" };
                let sure = json!({"mode": mode, "announce": true});
                assert_eq!(sam.supervise(&id, sure).await.0, 200);
                assert_eq!(sam.post(&id, "public", &text).await.0, 201);
                let path = format!("/conversations/{id}/supervision");
                assert_eq!(sam.ask(Method::DELETE, &path, None).await.0, 204);
            }
            Step::Asks | Step::Hidden(_) => {}
        }
    }

    /// What the requester must not know. Whether it is allowed at that moment does not matter.
    async fn hidden(&mut self, step: Hidden) {
        let id = self.id.clone();
        let at = |tail: &str| format!("/conversations/{id}/{tail}");
        let text = format!("{SECRET} {}", rand::random::<u32>());
        match step {
            Hidden::Listen(who) => {
                self.supervisors[who].supervise(&id, json!({"mode": "listen"})).await;
            }
            Hidden::Whisper(who) => {
                self.supervisors[who].supervise(&id, json!({"mode": "listen"})).await;
                self.supervisors[who].supervise(&id, json!({"mode": "whisper"})).await;
            }
            Hidden::Stop(who) => {
                self.supervisors[who].ask(Method::DELETE, &at("supervision"), None).await;
            }
            Hidden::SupervisorWrites(who) => {
                self.supervisors[who].post(&id, "private", &text).await;
            }
            Hidden::AgentWrites => {
                self.ana.post(&id, "private", &text).await;
            }
            Hidden::AgentTypes => {
                let body = json!({"visibility": "private", "typing": true});
                self.ana.ask(Method::POST, &at("typing"), Some(body)).await;
            }
            Hidden::Tag => {
                let body = json!({"user": self.yuki.id()});
                self.ana.ask(Method::POST, &at("colleagues"), Some(body)).await;
            }
            Hidden::ColleagueWrites => {
                self.yuki.post(&id, "private", &text).await;
            }
            Hidden::Help => {
                let body = json!({"action": "raise", "reason": text});
                self.ana.ask(Method::POST, &at("help"), Some(body)).await;
            }
            Hidden::TakeHelp(who) => {
                let body = json!({"action": "take"});
                self.supervisors[who].ask(Method::POST, &at("help"), Some(body)).await;
            }
            Hidden::CloseHelp => {
                self.ana.ask(Method::POST, &at("help"), Some(json!({"action": "close"}))).await;
            }
            Hidden::Invite => {
                let body = json!({"to": {"agent": self.yuki.id()}, "note": text});
                self.ana.ask(Method::POST, &at("conference"), Some(body)).await;
            }
            Hidden::TakeBack => {
                let (_, view) = self.ana.view(&id).await;
                if let Some(handover) = view["handovers"][0]["id"].as_str() {
                    let path = at(&format!("handovers/{handover}"));
                    self.ana.ask(Method::DELETE, &path, None).await;
                }
            }
        }
    }
}

/// Ids become the order in which they first came up, times nothing.
#[derive(Default)]
struct Plain {
    ids: BTreeMap<String, usize>,
}

impl Plain {
    fn plain(&mut self, value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let keep = |(key, value): (&String, &Value)| {
                    let times = ["at", "since", "opened_at", "answered_at", "expires_at"];
                    let value = if times.contains(&key.as_str()) {
                        Value::Null
                    } else if matches!(key.as_str(), "id" | "user" | "conversation" | "team")
                        && let Some(id) = value.as_str()
                    {
                        let next = self.ids.len();
                        json!(*self.ids.entry(id.to_owned()).or_insert(next))
                    } else {
                        self.plain(value)
                    };
                    (key.clone(), value)
                };
                Value::Object(map.iter().map(keep).collect())
            }
            Value::Array(list) => {
                // Some lists are in the order of ids, which are other ones in the other run.
                let mut plain: Vec<Value> = list.iter().map(|it| self.plain(it)).collect();
                if list.iter().all(|it| it.get("up_to").is_some()) {
                    plain.sort_by_key(Value::to_string);
                }
                Value::Array(plain)
            }
            other => other.clone(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_private_reaches_the_requesters_socket() {
    for seed in 0..SEQUENCES {
        let steps = steps(seed);
        let (frames, answers) = run(&steps, true).await;
        let barged = |name: &str| {
            let index = SUPERVISORS.iter().position(|it| *it == name);
            let is_it = |who: &usize| Some(*who) == index;
            let open = |step: &Step| match step {
                Step::Barge(who) | Step::TakeOver(who) => is_it(who),
                _ => false,
            };
            steps.iter().any(open)
        };
        for told in frames.iter().chain(&answers) {
            let text = told.to_string();
            assert!(!text.contains(SECRET), "sequence {seed}: {text}");
            for word in
                ["whisper", "\"listen\"", "private\"", "revision", "handover", "help", "mood"]
            {
                assert!(!text.contains(word), "sequence {seed}: {word} in {text}");
            }
            for name in SUPERVISORS.into_iter().chain(["Yuki Tanaka"]) {
                assert!(barged(name) || !text.contains(name), "sequence {seed}: {text}");
            }
        }
        let (frames_without, answers_without) = run(&steps, false).await;
        let mut plain = (Plain::default(), Plain::default());
        for (index, (whole, without)) in frames.iter().zip(&frames_without).enumerate() {
            let (whole, without) = (plain.0.plain(whole), plain.1.plain(without));
            assert_eq!(whole, without, "sequence {seed}, frame {index} of {steps:?}");
        }
        assert_eq!(frames.len(), frames_without.len(), "sequence {seed}: {steps:?}");
        for (whole, without) in answers.iter().zip(&answers_without) {
            assert_eq!(plain.0.plain(whole), plain.1.plain(without), "sequence {seed}");
        }
    }
}
