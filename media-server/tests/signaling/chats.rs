//! Chats between people of the centre: who reaches whom, what is kept, what is told.

use client::api::Method;
use client::events::{Events, Received};
use serde_json::{Value, json};
use wire::{AgentList, ChatList, ChatMessagePage, ChatMessageView, ChatView, TextEvent};

use crate::staff::{Staff, kind};
use crate::{PATIENCE, Server};

impl Staff {
    async fn start(&self, with: &Staff) -> (u16, Value) {
        self.ask(Method::POST, "/chats", Some(json!({"with": with.id}))).await
    }

    async fn started(&self, with: &Staff) -> ChatView {
        let (status, chat) = self.start(with).await;
        assert!(status == 201 || status == 200, "{status}: {chat}");
        serde_json::from_value(chat).unwrap()
    }

    async fn post(&self, chat: &str, client_id: &str, text: &str) -> (u16, Value) {
        let body = json!({"text": text, "client_id": client_id});
        self.ask(Method::POST, &format!("/chats/{chat}/messages"), Some(body)).await
    }

    async fn chats(&self) -> Vec<ChatView> {
        let (status, list) = self.ask(Method::GET, "/chats", None).await;
        assert_eq!(status, 200);
        serde_json::from_value::<ChatList>(list).unwrap().chats
    }

    async fn messages(&self, chat: &str, query: &str) -> ChatMessagePage {
        let path = format!("/chats/{chat}/messages{query}");
        let (status, page) = self.ask(Method::GET, &path, None).await;
        assert_eq!(status, 200, "{page}");
        serde_json::from_value(page).unwrap()
    }

    async fn listed(&self) -> Vec<String> {
        let (status, list) = self.ask(Method::GET, "/agents", None).await;
        assert_eq!(status, 200);
        let list: AgentList = serde_json::from_value(list).unwrap();
        list.agents.into_iter().map(|agent| agent.name).collect()
    }
}

async fn told(events: &mut Events) -> (ChatView, Option<ChatMessageView>) {
    let next = async {
        loop {
            match events.next_any().await.unwrap().expect("the stream goes on") {
                Received::Text(text) => match text.event {
                    TextEvent::ChatUpdated { chat } => return (chat, None),
                    TextEvent::ChatMessage { chat, message } => return (chat, Some(message)),
                    _ => {}
                },
                Received::Call(_) => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, next).await.expect("news of a chat")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_agents_write_to_each_other() {
    let server = Server::start().await;
    let ana = Staff::new(&server, "agent1").await;
    let luis = Staff::new(&server, "agent2").await;
    let mut to_ana = Events::connect(&ana.api).await.unwrap();
    let mut to_luis = Events::connect(&luis.api).await.unwrap();

    let chat = ana.started(&luis).await;
    assert!(chat.own && chat.pending && chat.with.name == "Luis Herrera");
    assert_eq!(told(&mut to_ana).await, (chat.clone(), None));
    assert!(!told(&mut to_luis).await.0.own);

    assert_eq!(ana.post(&chat.id, "1", "Got a minute?").await.0, 201);
    let (seen, message) = told(&mut to_luis).await;
    assert!(seen.pending && seen.unread == 1 && seen.with.name == "Ana Duarte");
    assert_eq!(message.unwrap().client_id, None);
    let (seen, message) = told(&mut to_ana).await;
    assert_eq!((seen.unread, message.unwrap().client_id.as_deref()), (0, Some("1")));

    let path = format!("/chats/{}/read", chat.id);
    assert_eq!(luis.ask(Method::PUT, &path, Some(json!({"up_to": 1}))).await.0, 204);
    assert_eq!(told(&mut to_luis).await.0.unread, 0);
    let (seen, _) = told(&mut to_ana).await;
    assert!(seen.pending && seen.read_up_to == 1, "reading is no answer");
    let (status, problem) = luis.ask(Method::PUT, &path, Some(json!({"up_to": 9}))).await;
    assert_eq!((status, kind(&problem)), (409, "chat-refused"));

    assert_eq!(luis.post(&chat.id, "1", "Sure").await.0, 201);
    let (seen, message) = told(&mut to_ana).await;
    assert!(!seen.pending && seen.unread == 1 && message.unwrap().text == "Sure");
    told(&mut to_luis).await;

    let ended = ana.ask(Method::POST, &format!("/chats/{}/end", chat.id), None).await;
    assert_eq!(ended.0, 204);
    assert!(told(&mut to_luis).await.0.ended && told(&mut to_ana).await.0.ended);
    assert!(ana.chats().await.is_empty());
    let (status, problem) = luis.post(&chat.id, "2", "Bye").await;
    assert_eq!((status, kind(&problem)), (409, "chat-refused"));
    assert_eq!(luis.post(&chat.id, "1", "Sure").await.0, 200, "a late retry is harmless");
    assert_eq!(luis.messages(&chat.id, "").await.messages.len(), 2, "what was said stays");
    let again = luis.started(&ana).await;
    assert_ne!(again.id, chat.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_not_listed_and_not_there() {
    let server = Server::start().await;
    let ana = Staff::new(&server, "agent1").await;
    let luis = Staff::new(&server, "agent2").await;
    let lena = Staff::new(&server, "agent5").await;
    let sam = Staff::new(&server, "supervisor1").await;
    let admin = Staff::new(&server, "admin").await;
    let listed = ana.listed().await;
    assert!(
        listed.contains(&"Luis Herrera".to_owned()) && listed.contains(&"Sam Okafor".to_owned())
    );
    assert!(
        !listed.contains(&"Lena Fischer".to_owned()) && !listed.contains(&"Ana Duarte".to_owned())
    );
    assert!(sam.listed().await.contains(&"Lena Fischer".to_owned()), "across groups");
    assert!(admin.listed().await.contains(&"Lena Fischer".to_owned()));

    for with in [&lena, &ana, &admin] {
        let (status, problem) = ana.start(with).await;
        assert_eq!((status, kind(&problem)), (404, "not-found"));
    }
    let chat = sam.started(&lena).await;
    assert_eq!(lena.started(&sam).await.id, chat.id, "it goes on between the two");
    assert_eq!(lena.post(&chat.id, "1", "Hello Sam").await.0, 201);

    let own = ana.started(&luis).await.id;
    for path in [format!("/chats/{own}/messages"), format!("/chats/{}/messages", chat.id)] {
        let stranger = if path.contains(&own) { &lena } else { &ana };
        assert_eq!(stranger.ask(Method::GET, &path, None).await.0, 404);
    }
    assert_eq!(lena.post(&own, "1", "x").await.0, 404);
    assert_eq!(sam.post(&own, "1", "x").await.0, 404, "nobody supervises a chat");
    assert_eq!(lena.ask(Method::POST, &format!("/chats/{own}/end"), None).await.0, 404);

    let guest = server.guest("Daniel").await;
    let guest = Staff { api: guest.api().clone(), id: String::new() };
    for (method, path) in [(Method::GET, "/agents"), (Method::GET, "/chats")] {
        let (status, problem) = guest.ask(method, path, None).await;
        assert_eq!((status, kind(&problem)), (403, "not-allowed"));
    }
    assert_eq!(guest.start(&ana).await.0, 403);
    assert_eq!(guest.post(&own, "1", "x").await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_is_the_same_message() {
    let server = Server::start().await;
    let ana = Staff::new(&server, "agent1").await;
    let luis = Staff::new(&server, "agent2").await;
    let chat = ana.started(&luis).await.id;
    let (first, message) = ana.post(&chat, "a", "one").await;
    let (second, again) = ana.post(&chat, "a", "one").await;
    assert_eq!((first, second), (201, 200));
    assert_eq!(message, again);
    let (status, problem) = ana.post(&chat, "a", "other").await;
    assert_eq!((status, kind(&problem)), (409, "chat-refused"));
    // At the same moment, as after a lost answer.
    let tries = (0..8).map(|_| ana.post(&chat, "b", "two"));
    let tries = futures_util::future::join_all(tries).await;
    assert_eq!(tries.iter().filter(|(status, _)| *status == 201).count(), 1);
    assert_eq!(ana.messages(&chat, "").await.messages.len(), 2);
    for (text, id) in [("", "c"), (" \n", "c"), ("x", ""), (&"x".repeat(4_001), "c")] {
        let (status, problem) = ana.post(&chat, id, text).await;
        assert_eq!((status, kind(&problem)), (400, "bad-input"));
        assert!(problem["detail"].as_str().unwrap().ends_with('.'));
    }
    assert_eq!(ana.post(&chat, "d", &"x".repeat(100_000)).await.0, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_everything_that_was_acknowledged() {
    let server = Server::start().await;
    let ana = Staff::new(&server, "agent1").await;
    let luis = Staff::new(&server, "agent2").await;
    let chat = ana.started(&luis).await.id;
    for number in 1..=3 {
        let text = format!("message {number}");
        assert_eq!(ana.post(&chat, &number.to_string(), &text).await.0, 201);
    }
    let path = format!("/chats/{chat}/read");
    luis.ask(Method::PUT, &path, Some(json!({"up_to": 2}))).await;
    let (of_ana, of_luis) = (ana.chats().await, luis.chats().await);

    let server = server.restart().await;
    let ana = Staff::new(&server, "agent1").await;
    let luis = Staff::new(&server, "agent2").await;
    assert_eq!((ana.chats().await, luis.chats().await), (of_ana, of_luis.clone()));
    assert!(of_luis[0].pending && of_luis[0].unread == 1);
    assert_eq!(ana.post(&chat, "3", "message 3").await.0, 200, "a retry over the restart");
    let (status, message) = luis.post(&chat, "3", "answer").await;
    assert_eq!((status, &message["number"]), (201, &json!(4)));

    let page = ana.messages(&chat, "?limit=2").await;
    assert!(page.more && page.messages.iter().map(|it| it.number).eq([3, 4]));
    let page = ana.messages(&chat, "?limit=2&before=3").await;
    assert!(!page.more && page.messages[0].text == "message 1");
    let (status, problem) =
        ana.ask(Method::GET, &format!("/chats/{chat}/messages?page=1"), None).await;
    assert_eq!((status, kind(&problem)), (400, "bad-input"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_before_the_end_waits_for_its_reader() {
    let server = Server::start().await;
    let ana = Staff::new(&server, "agent1").await;
    let luis = Staff::new(&server, "agent2").await;
    let mina = Staff::new(&server, "agent4").await;
    let (chat, read) = (ana.started(&luis).await.id, ana.started(&mina).await.id);
    for (chat, reader) in [(&chat, None), (&read, Some(&mina))] {
        assert_eq!(ana.post(chat, "1", "Call me").await.0, 201);
        if let Some(reader) = reader {
            let path = format!("/chats/{chat}/read");
            reader.ask(Method::PUT, &path, Some(json!({"up_to": 1}))).await;
        }
        ana.ask(Method::POST, &format!("/chats/{chat}/end"), None).await;
    }
    let server = server.restart().await;
    let ana = Staff::new(&server, "agent1").await;
    let luis = Staff::new(&server, "agent2").await;
    let mina = Staff::new(&server, "agent4").await;
    assert!(ana.chats().await.is_empty() && mina.chats().await.is_empty());
    let waits = luis.chats().await;
    assert!(waits.len() == 1 && waits[0].ended && waits[0].unread == 1 && waits[0].id == chat);
    assert_ne!(luis.started(&ana).await.id, chat, "over is over");
    let path = format!("/chats/{chat}/read");
    assert_eq!(luis.ask(Method::PUT, &path, Some(json!({"up_to": 1}))).await.0, 204);
    assert!(luis.chats().await.iter().all(|other| other.id != chat));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_floods_is_slowed_down_and_nothing_is_lost() {
    let server = Server::start().await;
    let ana = Staff::new(&server, "agent1").await;
    let luis = Staff::new(&server, "agent2").await;
    let chat = ana.started(&luis).await.id;
    let mut kept = 0;
    let mut slowed = 0;
    for number in 0..100 {
        match ana.post(&chat, &number.to_string(), "x").await {
            (201, _) => kept += 1,
            (429, problem) => {
                assert_eq!(kind(&problem), "too-fast");
                slowed += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(kept >= 20 && slowed > 0, "{kept} kept, {slowed} slowed down");
    assert_eq!(ana.messages(&chat, "?limit=500").await.messages.len(), kept);
    assert_eq!(luis.post(&chat, "1", "still here").await.0, 201, "others are not slowed down");
}
