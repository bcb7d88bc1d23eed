//! Other channels, with a connector of our own on a real socket: in, offered, answered, out;
//! signed both ways; never anything private; in order and once, whatever is down meanwhile.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::serve::Listener;
use client::api::Method;
use connectors::signature;
use media_server::config::{ChannelConfig, Secret};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use wire::{ChannelNews, ChannelPost, ChannelReceipt, MarkKind, MemberPart, TextEvent};

use crate::text::{Writer, problem};
use crate::{PATIENCE, Server};

pub const SECRET: &str = "a secret of the tests, 32 bytes or more";
/// In every private text, and in no public one.
const PRIVATE: &str = "§";

pub fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

pub fn secret() -> Secret {
    Secret::new(SECRET)
}

/// The connector's side: takes posts, checks their signatures, and answers as it is told.
pub struct Connector {
    address: SocketAddr,
    pub answers: watch::Sender<StatusCode>,
    pub posts: mpsc::UnboundedReceiver<(StatusCode, ChannelPost)>,
    task: tokio::task::JoinHandle<()>,
}

type Shared = Arc<(watch::Receiver<StatusCode>, mpsc::UnboundedSender<(StatusCode, ChannelPost)>)>;

async fn take(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name| headers.get(name).unwrap().to_str().unwrap();
    let (timestamp, signed) = (header(signature::TIMESTAMP), header(signature::SIGNATURE));
    let signed = signature::verify(&secret(), "whatsapp", timestamp, signed, &body, now_s());
    signed.expect("rightly signed");
    assert!(!String::from_utf8_lossy(&body).contains(PRIVATE));
    let status = *shared.0.borrow();
    shared.1.send((status, serde_json::from_slice(&body).unwrap())).unwrap();
    status
}

impl Connector {
    pub async fn start() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap()).await
    }

    async fn at(address: SocketAddr) -> Self {
        Self::on(TcpListener::bind(address).await.unwrap())
    }

    pub fn on(listener: impl Listener<Addr = SocketAddr>) -> Self {
        let address = listener.local_addr().unwrap();
        let (answers, answer) = watch::channel(StatusCode::OK);
        let (sender, posts) = mpsc::unbounded_channel();
        let router = axum::Router::new()
            .route("/out", axum::routing::post(take))
            .with_state(Arc::new((answer, sender)));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, answers, posts, task }
    }

    /// Nobody listens at its address any more.
    async fn stop(self) -> SocketAddr {
        self.task.abort();
        let _ = self.task.await;
        self.address
    }

    pub fn channel(&self, notices: bool) -> ChannelConfig {
        channel_at(self.address, notices)
    }

    pub async fn next(&mut self) -> (StatusCode, ChannelPost) {
        let next = tokio::time::timeout(PATIENCE, self.posts.recv()).await;
        next.expect("a post comes").unwrap()
    }

    /// The next post that was taken, and how often it was refused before.
    pub async fn taken(&mut self) -> (ChannelPost, u32) {
        let mut refused = 0;
        loop {
            match self.next().await {
                (status, post) if status.is_success() => return (post, refused),
                _ => refused += 1,
            }
        }
    }
}

pub fn channel_at(address: SocketAddr, notices: bool) -> ChannelConfig {
    ChannelConfig {
        name: "whatsapp".to_owned(),
        secret: secret(),
        url: format!("http://{address}/out"),
        queue: "support".to_owned(),
        notices,
    }
}

fn message(id: &str, text: &str) -> Value {
    json!({"external_id": "+81-90-1234", "name": "Nora Lind", "message_id": id, "text": text})
}

async fn send_signed(server: &str, at: u64, signed: &str, body: String) -> (u16, Value) {
    let url = format!("{server}/api/v1/channels/whatsapp/messages");
    let request = reqwest::Client::new()
        .post(url)
        .header(signature::TIMESTAMP, at)
        .header(signature::SIGNATURE, signed)
        .body(body);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// The customer writes.
pub async fn write(server: &str, message: Value) -> (u16, Value) {
    let (body, now) = (message.to_string(), now_s());
    let signed = signature::sign(&secret(), now, body.as_bytes());
    send_signed(server, now, &signed, body).await
}

pub async fn written(server: &str, id: &str, text: &str) -> ChannelReceipt {
    let (status, receipt) = write(server, message(id, text)).await;
    assert_eq!(status, 201, "{receipt}");
    serde_json::from_value(receipt).unwrap()
}

pub fn said(post: &ChannelPost) -> &str {
    match &post.news {
        ChannelNews::Message { text, .. } => text,
        other => panic!("no message: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_comes_in_is_offered_and_answered_out_signed() {
    let mut connector = Connector::start().await;
    let server = Server::with_channels(vec![connector.channel(true)]).await;
    let mut agent = Writer::ready(&server, "agent1").await;
    let first = written(&server.url(), "m1", "Where is my parcel?").await;
    assert_eq!(first.number, 1);
    let id = first.conversation;
    agent.take(&id).await;
    let (_, view) = agent.view(&id).await;
    assert_eq!(view["channel"], "whatsapp");
    assert_eq!(view["requester"]["name"], "Nora Lind");
    assert_eq!(agent.messages(&id).await.messages[0].text, "Where is my parcel?");
    let (joined, _) = connector.taken().await;
    assert_eq!(joined.news, ChannelNews::Joined { name: "Ana Duarte".to_owned() });

    assert_eq!(agent.post(&id, "public", "It is on its way.").await.0, 201);
    let (post, _) = connector.taken().await;
    assert_eq!((post.number, post.external_id.as_str()), (2, "+81-90-1234"));
    assert_eq!((post.conversation.as_str(), post.id), (id.as_str(), format!("{id}.2")));
    let news = ChannelNews::Message {
        author: "Ana Duarte".to_owned(),
        part: MemberPart::Agent,
        text: "It is on its way.".to_owned(),
        attachments: Vec::new(),
    };
    assert_eq!(post.news, news);
    let mark = agent
        .until(|event| match event {
            TextEvent::Marked { mark, .. } => Some(mark),
            _ => None,
        })
        .await;
    assert_eq!((mark.kind, mark.up_to), (MarkKind::Delivered, 2), "the connector has it");

    assert_eq!(written(&server.url(), "m2", "Thank you").await.conversation, id, "the running one");
    assert_eq!(agent.ask(Method::POST, &format!("/conversations/{id}/end"), None).await.0, 204);
    assert_eq!(connector.taken().await.0.news, ChannelNews::Ended);
    assert_ne!(written(&server.url(), "m3", "One more thing").await.conversation, id, "a new one");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_private_is_ever_posted() {
    let mut connector = Connector::start().await;
    let server = Server::with_channels(vec![connector.channel(true)]).await;
    let mut agent = Writer::ready(&server, "agent1").await;
    let id = written(&server.url(), "m1", "Hello").await.conversation;
    agent.take(&id).await;
    let supervisor = Writer::staff(&server, "supervisor1").await;
    let private = format!("{PRIVATE} careful with this one");
    assert_eq!(agent.post(&id, "private", &private).await.0, 201);
    let help = json!({"action": "raise", "reason": private});
    assert_eq!(
        agent.ask(Method::POST, &format!("/conversations/{id}/help"), Some(help)).await.0,
        204
    );
    for mode in ["listen", "whisper"] {
        assert_eq!(supervisor.supervise(&id, json!({"mode": mode})).await.0, 200);
    }
    assert_eq!(supervisor.post(&id, "private", &private).await.0, 201);
    assert_eq!(agent.post(&id, "public", "Good morning").await.0, 201);
    let barge = json!({"mode": "barge", "announce": true});
    assert_eq!(supervisor.supervise(&id, barge).await.0, 200);
    assert_eq!(supervisor.post(&id, "public", "I can help").await.0, 201);
    let aside = format!("{private}, still");
    assert_eq!(supervisor.post(&id, "private", &aside).await.0, 201);
    assert_eq!(agent.ask(Method::POST, &format!("/conversations/{id}/end"), None).await.0, 204);

    let mut told = Vec::new();
    loop {
        let (post, _) = connector.taken().await;
        assert_eq!(post.number, told.len() as u64 + 1, "no gap tells of what was left out");
        told.push(post.news);
        if told.last() == Some(&ChannelNews::Ended) {
            break;
        }
    }
    let message = |author: &str, part, text: &str| ChannelNews::Message {
        author: author.to_owned(),
        part,
        text: text.to_owned(),
        attachments: Vec::new(),
    };
    let expected = [
        ChannelNews::Joined { name: "Ana Duarte".to_owned() },
        message("Ana Duarte", MemberPart::Agent, "Good morning"),
        ChannelNews::Joined { name: "Sam Okafor".to_owned() },
        message("Sam Okafor", MemberPart::Supervisor, "I can help"),
        ChannelNews::Ended,
    ];
    assert_eq!(told, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_connector_is_heard_and_nothing_twice() {
    let connector = Connector::start().await;
    let server = Server::with_channels(vec![connector.channel(false)]).await;
    let (now, body) = (now_s(), message("m1", "Hello").to_string());
    let other = Secret::new("another secret of the tests, 32 bytes or more");
    let by_other = signature::sign(&other, now, body.as_bytes());
    let wrong = (401, "wrong-signature".to_owned());
    assert_eq!(problem(send_signed(&server.url(), now, &by_other, body.clone()).await), wrong);
    let good = signature::sign(&secret(), now, body.as_bytes());
    let changed = message("m1", "Hullo").to_string();
    assert_eq!(problem(send_signed(&server.url(), now, &good, changed).await), wrong);
    for off in [now - 301, now + 310] {
        let signed = signature::sign(&secret(), off, body.as_bytes());
        assert_eq!(problem(send_signed(&server.url(), off, &signed, body.clone()).await), wrong);
    }
    let supervisor = Writer::staff(&server, "supervisor1").await;
    let (_, list) = supervisor.ask(Method::GET, "/conversations", None).await;
    assert_eq!(list["conversations"], json!([]), "none of it counted");

    // The very same request, again and at once, and later once more.
    let url = server.url();
    let send = || send_signed(&url, now, &good, body.clone());
    let (one, two) = tokio::join!(send(), send());
    let statuses = std::collections::BTreeSet::from([one.0, two.0]);
    assert_eq!(statuses, [200, 201].into());
    assert_eq!(one.1, two.1, "the same message");
    let id = one.1["conversation"].as_str().unwrap().to_owned();
    let mut agent = Writer::ready(&server, "agent1").await;
    agent.take(&id).await;
    assert_eq!(agent.messages(&id).await.messages.len(), 1);
    assert_eq!(agent.ask(Method::POST, &format!("/conversations/{id}/end"), None).await.0, 204);
    assert_eq!(send().await, (200, one.1), "a replay opens no conversation");
    assert_eq!(
        write(&server.url(), message("m1", "Changed")).await.0,
        400,
        "another text, the same id"
    );
    let (_, list) = supervisor.ask(Method::GET, "/conversations", None).await;
    assert_eq!(list["conversations"], json!([]));

    assert_eq!(write(&server.url(), message("", "x")).await.0, 400);
    let mut elsewhere = message("m2", "Hello");
    elsewhere["queue"] = json!("nowhere");
    assert_eq!(problem(write(&server.url(), elsewhere.clone()).await).0, 404);
    elsewhere["queue"] = json!("sales");
    let (_, receipt) = write(&server.url(), elsewhere).await;
    let id = receipt["conversation"].as_str().unwrap();
    assert_eq!(agent.view(id).await.0, 404, "Sales' conversation");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_was_down_gets_all_of_it_once_and_in_order() {
    let mut connector = Connector::start().await;
    let server = Server::with_channels(vec![connector.channel(false)]).await;
    let mut agent = Writer::ready(&server, "agent1").await;
    let id = written(&server.url(), "m1", "Hello").await.conversation;
    agent.take(&id).await;
    connector.answers.send(StatusCode::SERVICE_UNAVAILABLE).unwrap();
    for text in ["one", "two", "three"] {
        assert_eq!(agent.post(&id, "public", text).await.0, 201);
    }
    for _ in 0..2 {
        let (status, post) = connector.next().await;
        assert_eq!((status.as_u16(), said(&post)), (503, "one"), "nothing overtakes it");
    }
    connector.answers.send(StatusCode::OK).unwrap();
    for (number, text) in [(1, "one"), (2, "two"), (3, "three")] {
        let (post, _) = connector.taken().await;
        assert_eq!((post.number, said(&post)), (number, text));
    }
    // A plain no is final, and does not hold up what follows.
    connector.answers.send(StatusCode::GONE).unwrap();
    assert_eq!(agent.post(&id, "public", "four").await.0, 201);
    assert_eq!(connector.next().await.0, StatusCode::GONE);
    connector.answers.send(StatusCode::NO_CONTENT).unwrap();
    assert_eq!(agent.post(&id, "public", "five").await.0, 201);
    let (post, refused) = connector.taken().await;
    assert_eq!((post.number, said(&post), refused), (5, "five", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_delivered_survives_a_restart() {
    let connector = Connector::start().await;
    let server = Server::with_channels(vec![connector.channel(false)]).await;
    let address = connector.stop().await;
    let mut agent = Writer::ready(&server, "agent1").await;
    let id = written(&server.url(), "m1", "Hello").await.conversation;
    agent.take(&id).await;
    for text in ["one", "two"] {
        assert_eq!(agent.post(&id, "public", text).await.0, 201);
    }
    drop(agent);
    let server = server.restart().await;
    let mut connector = Connector::at(address).await;
    for (number, text) in [(1, "one"), (2, "two")] {
        let (post, _) = connector.taken().await;
        assert_eq!(
            (post.number, said(&post), post.conversation.as_str()),
            (number, text, id.as_str())
        );
    }
    assert_eq!(written(&server.url(), "m2", "Still there?").await.conversation, id);
    let (status, again) = write(&server.url(), message("m1", "Hello")).await;
    assert_eq!((status, again["number"].as_u64()), (200, Some(1)));
    let agent = Writer::staff(&server, "agent1").await;
    assert_eq!(agent.post(&id, "public", "three").await.0, 201);
    assert_eq!(said(&connector.taken().await.0), "three");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connector_fetches_what_is_attached_to_public_messages() {
    let mut connector = Connector::start().await;
    let server = Server::with_channels(vec![connector.channel(false)]).await;
    let mut agent = Writer::ready(&server, "agent1").await;
    let id = written(&server.url(), "m1", "Hello").await.conversation;
    agent.take(&id).await;
    let mut attached = Vec::new();
    for visibility in ["private", "public"] {
        let upload = format!("/conversations/{id}/attachments?name=a.txt");
        let request = agent.api().request(Method::POST, &upload).body(format!("for {visibility}"));
        let upload: Value = request.send().await.unwrap().json().await.unwrap();
        let attachment = upload["id"].as_str().unwrap().to_owned();
        let body = json!({"text": "", "visibility": visibility, "client_id": visibility, "attachments": [attachment]});
        let path = format!("/conversations/{id}/messages");
        assert_eq!(agent.ask(Method::POST, &path, Some(body)).await.0, 201);
        attached.push(attachment);
    }
    let ChannelNews::Message { attachments, .. } = connector.taken().await.0.news else { panic!() };
    assert_eq!(attachments, attached[1..]);
    let fetch = async |attachment: &str, signed: bool| {
        let path = format!("/api/v1/channels/whatsapp/attachments/{id}/{attachment}");
        let now = now_s();
        let what = if signed { path.as_str() } else { "{}" };
        let request = reqwest::Client::new()
            .get(format!("{}{path}", server.url()))
            .header(signature::TIMESTAMP, now)
            .header(signature::SIGNATURE, signature::sign(&secret(), now, what.as_bytes()));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(fetch(&attached[1], true).await, (200, "for public".to_owned()));
    assert_eq!(fetch(&attached[1], false).await.0, 401);
    assert_eq!(fetch(&attached[0], true).await.0, 404, "a private one is not there");
}
