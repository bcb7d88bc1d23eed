//! People who use a server that may be gone at any moment.

use client::api::{Api, Method};
use client::events::{Events, Received};
use client::media::StationConfig;
use client::session::Session;
use serde_json::{Value, json};
use wire::TextEvent;

use super::PATIENCE;

/// Somebody with an event stream.
pub struct Person {
    pub session: Session,
    pub events: Events,
}

impl Person {
    pub async fn staff(url: &str, username: &str) -> Self {
        Self::new(Session::sign_in(url, username, "sotto-demo").await.unwrap()).await
    }

    pub async fn guest(url: &str, name: &str) -> Self {
        Self::new(Session::guest(url, name).await.unwrap()).await
    }

    async fn new(session: Session) -> Self {
        let events = session.events().await.unwrap();
        Self { session, events }
    }

    pub async fn with_station(mut self) -> Self {
        self.session.open_station(&StationConfig::default(), |_| {}).await.unwrap();
        self
    }

    pub fn api(&self) -> &Api {
        self.session.api()
    }

    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        ask(self.api(), method, path, body).await.expect("a server that answers")
    }

    /// Opens a conversation; its id.
    pub async fn open(&self, queue: &str) -> String {
        let body = json!({"queue": queue, "subject": "A refund"});
        let (status, view) = self.ask(Method::POST, "/conversations", Some(body)).await;
        assert_eq!(status, 201, "{view}");
        view["id"].as_str().unwrap().to_owned()
    }

    /// Waits for the offer of this conversation, and takes it.
    pub async fn take(&mut self, id: &str) {
        let is_it = |event: &TextEvent| match event {
            TextEvent::Offered(offer) => offer.conversation.id == id,
            TextEvent::Snapshot(snapshot) => {
                snapshot.offers.iter().any(|it| it.conversation.id == id)
            }
            _ => false,
        };
        let offered = async {
            loop {
                match self.events.next_any().await.unwrap().expect("the stream goes on") {
                    Received::Text(envelope) if is_it(&envelope.event) => return,
                    Received::Text(_) | Received::Call(_) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, offered).await.expect("an offer");
        let path = format!("/conversations/{id}/accept");
        let (status, view) = self.ask(Method::POST, &path, Some(json!({}))).await;
        assert_eq!(status, 200, "{view}");
    }

    /// Supervises a conversation: in Listen, then in Whisper.
    pub async fn whisper_in(&self, id: &str) {
        let path = format!("/conversations/{id}/supervision");
        for mode in ["listen", "whisper"] {
            let (status, view) = self.ask(Method::PUT, &path, Some(json!({"mode": mode}))).await;
            assert!(status < 300, "{mode}: {status} {view}");
        }
    }
}

/// An answer's status and body; `None`: the server is not there.
pub async fn ask(
    api: &Api,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Option<(u16, Value)> {
    let mut request = api.request(method, path);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let text = response.text().await.ok()?;
    Some((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
}

/// Posts a message; as [`ask`].
pub async fn post(api: &Api, conversation: &str, text: &str, n: u64) -> Option<(u16, Value)> {
    let body = json!({"text": text, "visibility": "public", "client_id": format!("n{n}")});
    ask(api, Method::POST, &format!("/conversations/{conversation}/messages"), Some(body)).await
}

/// The texts of all messages, in order.
pub async fn texts(api: &Api, conversation: &str) -> Vec<String> {
    let (mut all, mut before) = (Vec::new(), String::new());
    loop {
        let path = format!("/conversations/{conversation}/messages?limit=200{before}");
        let (status, page) = ask(api, Method::GET, &path, None).await.expect("an answer");
        assert_eq!(status, 200, "{page}");
        let messages = page["messages"].as_array().unwrap();
        let texts = messages.iter().map(|it| it["text"].as_str().unwrap().to_owned());
        all.splice(0..0, texts);
        match messages.first() {
            Some(first) if page["more"] == true => before = format!("&before={}", first["number"]),
            Some(_) | None => return all,
        }
    }
}

/// A call that agent1 has answered: the caller, the agent, and its id.
pub async fn talk(url: &str) -> (Person, Person, String) {
    let mut agent = Person::staff(url, "agent1").await.with_station().await;
    agent.session.ready().await.unwrap();
    let caller = Person::guest(url, "Daniel").await.with_station().await;
    let call = caller.session.place_call("support", None).await.unwrap().id;
    assert_eq!(agent.events.offered(PATIENCE).await.unwrap().id, call);
    agent.session.answer(&call).await.unwrap();
    // Conversations are for others.
    agent.session.not_ready("on a call").await.unwrap();
    (caller, agent, call)
}
