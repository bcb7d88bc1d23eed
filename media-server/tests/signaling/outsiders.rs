//! What anybody may ask without signing in tells nothing of a supervisor: not by a byte.

use std::collections::BTreeSet;
use std::path::Path;

use client::api::Method;
use media_server::Config;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use wire::{Mode, TextEvent, User};

use crate::Server;
use crate::text::Writer;

/// A path, and what to send. Each must be found below; what can't be the same twice is taken out.
struct Probe {
    method: Method,
    path: &'static str,
    body: Option<Value>,
}

/// Operations that the API's document says need no sign-in. One without a line here fails.
fn operations() -> Vec<(&'static str, Probe)> {
    let wrong = json!({"username": "supervisor1", "password": "wrong"});
    let message = json!({"external_id": "1", "message_id": "1", "text": "x"});
    vec![
        ("post /api/v1/login", post("/api/v1/login", wrong)),
        ("post /api/v1/guests", post("/api/v1/guests", json!({"name": "Eve"}))),
        ("get /api/v1/queues", get("/api/v1/queues")),
        ("post /api/v1/channels/{name}/messages", post("/api/v1/channels/x/messages", message)),
        (
            "get /api/v1/channels/{name}/attachments/{conversation}/{attachment}",
            get("/api/v1/channels/x/attachments/1/1"),
        ),
    ]
}

/// What is served beside the API's operations, and what is not served at all.
const PATHS: [&str; 21] = [
    "/",
    "/login",
    "/supervisor",
    "/agent",
    "/admin",
    "/call",
    "/chat",
    "/chat?embed=1",
    "/widget.js",
    "/healthz",
    "/readyz",
    "/metrics",
    "/nothing",
    "/problems/not-allowed",
    "/api",
    "/api/docs",
    "/api/docs.css",
    "/api/v1/openapi.json",
    "/api/v1/nothing",
    "/api/v1/calls",
    "/api/v1/events",
];

fn get(path: &'static str) -> Probe {
    Probe { method: Method::GET, path, body: None }
}

fn post(path: &'static str, body: Value) -> Probe {
    Probe { method: Method::POST, path, body: Some(body) }
}

impl Probe {
    fn request(&self, http: &Client, url: &str) -> RequestBuilder {
        let request = http.request(self.method.clone(), format!("{url}{}", self.path));
        match &self.body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// Status, headers and body, but for the clock and for what is drawn at random.
    async fn answer(&self, http: &Client, url: &str) -> String {
        let response = self.request(http, url).send().await.unwrap();
        let status = response.status();
        let mut headers: Vec<String> = response
            .headers()
            .iter()
            .filter(|(name, _)| !["date", "set-cookie", "content-length"].contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        headers.sort();
        let mut body = response.text().await.unwrap();
        if self.path == "/api/v1/guests" {
            body = without_chance(&body);
        }
        format!("{} {} {status}\n{}\n\n{body}", self.method, self.path, headers.join("\n"))
    }
}

/// A guest's token and number are random.
fn without_chance(body: &str) -> String {
    let mut body: Value = serde_json::from_str(body).unwrap();
    for field in ["token", "expires_at"] {
        assert!(body[field].take() != Value::Null, "{body}");
    }
    let mut user: User = serde_json::from_value(body["user"].take()).unwrap();
    user.id.clear();
    format!("{body} {user:?}")
}

/// Every answer that an outsider can get.
async fn answers(server: &Server) -> Vec<String> {
    let redirect = reqwest::redirect::Policy::none();
    let http = Client::builder().redirect(redirect).build().unwrap();
    let mut answers = Vec::new();
    for probe in PATHS.map(get).iter().chain(operations().iter().map(|(_, probe)| probe)) {
        answers.push(probe.answer(&http, &server.url()).await);
    }
    answers
}

/// Two servers with the same accounts, ids included.
async fn twins() -> (Server, Server) {
    let first = Server::start().await;
    first.running.stop().await;
    let other = tempfile::tempdir().unwrap();
    copy(first.data.path(), other.path());
    let config = Config { data: other.path().to_owned(), ..first.config.clone() };
    let twin = testkit::Server::on(other, config).await.into();
    (testkit::Server::on(first.data, first.config).await.into(), twin)
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// A guest's conversation that an agent has taken.
async fn chat(server: &Server) -> ([Writer; 2], String) {
    let mut agent = Writer::ready(server, "agent2").await;
    let guest = Writer::guest(server, "Nora").await;
    let id = guest.open("support").await.id;
    let offered = |event| match event {
        TextEvent::Offered(offer) => Some(offer.conversation.id),
        _ => None,
    };
    assert_eq!(agent.until(offered).await, id);
    assert_eq!(agent.accept(&id).await.0, 200);
    ([agent, guest], id)
}

fn same(with: &[String], without: &[String], when: &str) {
    for (with, without) in with.iter().zip(without) {
        assert!(with == without, "{when}:\n{with}\n\nwithout:\n{without}");
    }
}

#[tokio::test]
async fn every_operation_without_a_sign_in_is_asked_here() {
    let server = Server::start().await;
    let url = format!("{}/api/v1/openapi.json", server.url());
    let document: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let mut open = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["security"] == json!([{}]) {
                open.insert(format!("{method} {path}"));
            }
        }
    }
    let asked: BTreeSet<String> = operations().iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(open, asked);
    server.running.stop().await;
}

#[tokio::test]
async fn no_outsider_learns_by_a_byte_that_somebody_supervises() {
    let (plain, watched) = twins().await;
    let (quiet, talk) = (plain.talk().await, watched.talk().await);
    let (_elsewhere, (writers, conversation)) = (chat(&plain).await, chat(&watched).await);
    let before = answers(&watched).await;
    same(&before, &answers(&plain).await, "before");

    let sam = watched.person("supervisor1").await;
    let leg = sam.session.listen(&talk.call).await.unwrap().leg;
    let mei = Writer::staff(&watched, "supervisor2").await;
    assert_eq!(mei.supervise(&conversation, json!({"mode": "listen"})).await.0, 200);
    let listen = answers(&watched).await;
    same(&listen, &before, "while supervisors listen");
    same(&listen, &answers(&plain).await, "a server whose supervisors listen");

    sam.session.set_mode(&talk.call, &leg, Mode::Whisper).await.unwrap();
    same(&answers(&watched).await, &before, "during a whisper");
    sam.session.stop(&talk.call, &leg).await.unwrap();
    same(&answers(&watched).await, &before, "afterwards");
    drop((quiet, talk, writers));
    for server in [plain, watched] {
        server.running.stop().await;
    }
}
