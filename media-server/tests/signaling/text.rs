//! Three people and a conversation: what the tests of text have in common.

use client::api::{Api, Method};
use client::events::{Events, Received};
use client::session::Session;
use serde_json::{Value, json};
use wire::{ConversationView, MessagePage, TextEvent};

use crate::{PATIENCE, Server};

/// Somebody with an event stream, by name.
pub struct Writer {
    pub session: Session,
    pub events: Events,
}

impl Writer {
    pub async fn staff(server: &Server, username: &str) -> Self {
        Self::new(server.sign_in(username).await).await
    }

    pub async fn guest(server: &Server, name: &str) -> Self {
        Self::new(Session::guest(&server.url(), name).await.unwrap()).await
    }

    pub async fn new(session: Session) -> Self {
        let events = session.events().await.unwrap();
        Self { session, events }
    }

    /// An agent who is ready.
    pub async fn ready(server: &Server, username: &str) -> Self {
        let agent = Self::staff(server, username).await;
        agent.session.ready().await.unwrap();
        agent
    }

    pub fn id(&self) -> String {
        self.session.user().id.clone()
    }

    pub fn api(&self) -> &Api {
        self.session.api()
    }

    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.api().request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub async fn open(&self, queue: &str) -> ConversationView {
        let body = json!({"queue": queue, "subject": "A refund"});
        let (status, view) = self.ask(Method::POST, "/conversations", Some(body)).await;
        assert_eq!(status, 201, "{view}");
        serde_json::from_value(view).unwrap()
    }

    pub async fn accept(&self, id: &str) -> (u16, Value) {
        self.ask(Method::POST, &format!("/conversations/{id}/accept"), Some(json!({}))).await
    }

    pub async fn post(&self, id: &str, visibility: &str, text: &str) -> (u16, Value) {
        let client_id = format!("{visibility}-{text}");
        let client_id: String = client_id.chars().take(64).collect();
        let body = json!({"text": text, "visibility": visibility, "client_id": client_id});
        self.ask(Method::POST, &format!("/conversations/{id}/messages"), Some(body)).await
    }

    pub async fn supervise(&self, id: &str, body: Value) -> (u16, Value) {
        self.ask(Method::PUT, &format!("/conversations/{id}/supervision"), Some(body)).await
    }

    pub async fn messages(&self, id: &str) -> MessagePage {
        let (status, page) =
            self.ask(Method::GET, &format!("/conversations/{id}/messages"), None).await;
        assert_eq!(status, 200, "{page}");
        serde_json::from_value(page).unwrap()
    }

    pub async fn view(&self, id: &str) -> (u16, Value) {
        self.ask(Method::GET, &format!("/conversations/{id}"), None).await
    }

    /// The next text event.
    pub async fn told(&mut self) -> TextEvent {
        let next = async {
            loop {
                match self.events.next_any().await.unwrap().expect("the stream goes on") {
                    Received::Text(envelope) => return envelope.event,
                    Received::Call(_) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.expect("told of something")
    }

    /// The first text event that `pick` makes something of.
    pub async fn until<T>(&mut self, mut pick: impl FnMut(TextEvent) -> Option<T>) -> T {
        loop {
            if let Some(found) = pick(self.told().await) {
                return found;
            }
        }
    }

    /// Waits for an offer of this conversation, and takes it.
    pub async fn take(&mut self, id: &str) {
        self.until(|event| match event {
            TextEvent::Offered(offer) if offer.conversation.id == id => Some(()),
            TextEvent::Snapshot(snapshot) => {
                snapshot.offers.iter().any(|it| it.conversation.id == id).then_some(())
            }
            _ => None,
        })
        .await;
        let (status, view) = self.accept(id).await;
        assert_eq!(status, 200, "{view}");
    }
}

/// A conversation that agent1 has taken.
pub struct Scene {
    pub requester: Writer,
    pub agent: Writer,
    pub id: String,
}

impl Scene {
    pub async fn new(server: &Server) -> Self {
        Self::of(server, "agent1").await
    }

    /// One that this agent has taken.
    pub async fn of(server: &Server, agent: &str) -> Self {
        let mut agent = Writer::ready(server, agent).await;
        let requester = Writer::guest(server, "Daniel Ortiz").await;
        let id = requester.open("support").await.id;
        agent.take(&id).await;
        Self { requester, agent, id }
    }
}

/// A problem's name without its path.
pub fn problem(answer: (u16, Value)) -> (u16, String) {
    let (status, body) = answer;
    let kind = body["type"].as_str().unwrap_or_else(|| panic!("no problem: {status} {body}"));
    (status, kind.trim_start_matches("/problems/").to_owned())
}
