//! The customer's other contacts: what identifies a customer, and that each is shown what they may see alone.

use client::api::Method;
use serde_json::{Value, json};
use wire::{CallerInfo, Envelope, Event};

use crate::channels::{Connector, written};
use crate::records::recorded;
use crate::staff::Staff;
use crate::text::Writer;
use crate::{PATIENCE, Server};

fn path(id: &str) -> String {
    format!("/interactions/{id}/contacts")
}

fn ids(contacts: &Value) -> Vec<&str> {
    let list = contacts["contacts"].as_array().unwrap();
    list.iter().map(|it| it["id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connectors_customer_is_known_again_and_each_sees_what_is_theirs() {
    let connector = Connector::start().await;
    let server = Server::with_channels(vec![connector.channel(false)]).await;
    let mut ana = Writer::ready(&server, "agent1").await;
    let sam = Staff::new(&server, "supervisor1").await;
    let first = written(&server.url(), "m1", "Where is my parcel?").await.conversation;
    ana.take(&first).await;
    let running = sam.get(&path(&first)).await;
    assert_eq!(
        (&running["known_by"], ids(&running).len()),
        (&json!("channel"), 0),
        "but for itself"
    );
    let end = format!("/conversations/{first}/end");
    assert_eq!(ana.ask(Method::POST, &end, None).await.0, 204);

    // Another agent has the second one: who was in neither does not learn that there was a first.
    ana.session.not_ready("Break").await.unwrap();
    let mut luis = Writer::ready(&server, "agent2").await;
    let second = written(&server.url(), "m2", "It is still not here").await.conversation;
    luis.take(&second).await;
    let (status, seen) = luis.ask(Method::GET, &path(&second), None).await;
    assert_eq!(
        (status, &seen["known_by"], ids(&seen).len()),
        (200, &json!("channel"), 0),
        "{seen}"
    );
    let seen = sam.get(&path(&second)).await;
    assert_eq!(ids(&seen), [first.as_str()]);
    let earlier = &seen["contacts"][0];
    assert_eq!(
        (&earlier["channel"], &earlier["end_reason"]),
        (&json!("whatsapp"), &json!("agent"))
    );
    assert_eq!(earlier["agents"][0]["name"], "Ana Duarte");
    // The agent of the first one is told of it, and not that another one runs.
    let (status, seen) = ana.ask(Method::GET, &path(&first), None).await;
    assert_eq!((status, ids(&seen).len()), (200, 0), "{seen}");
    assert_eq!(ids(&sam.get(&path(&first)).await), [second.as_str()], "what runs is there, too");
    for stranger in ["agent3", "supervisor3"] {
        let stranger = Staff::new(&server, stranger).await;
        assert_eq!(stranger.ask(Method::GET, &path(&second), None).await.0, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guest_states_identifies_nobody() {
    let server = Server::start().await;
    let mut ana = server.person("agent1").await;
    ana.session.ready().await.unwrap();
    let sam = Staff::new(&server, "supervisor1").await;
    let mut placed = Vec::new();
    for _ in 0..2 {
        let stated =
            CallerInfo { name: "Nora Lind".to_owned(), number: Some("+4930123456".to_owned()) };
        let caller = server.guest("Nora Lind").await;
        let call = caller.session.place_call("support", Some(stated)).await.unwrap().id;
        assert_eq!(ana.events.offered(PATIENCE).await.unwrap().id, call);
        ana.session.answer(&call).await.unwrap();
        caller.session.hang_up(&call).await.unwrap();
        let is_over = |envelope: Envelope| match envelope.event {
            Event::CallEnded { call } => Some(call),
            _ => None,
        };
        assert_eq!(ana.events.find("the end", PATIENCE, is_over).await.unwrap().id, call);
        recorded(&sam, &call).await;
        placed.push(call);
    }
    let writer = Writer::guest(&server, "Nora Lind").await;
    placed.push(writer.open("support").await.id);
    for id in &placed {
        let seen = sam.get(&path(id)).await;
        assert_eq!(seen, json!({"contacts": []}), "nothing to know them by");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_says_which_it_is_is_known_again_and_gets_no_right_by_it() {
    let server = Server::start().await;
    let mut ana = Writer::ready(&server, "agent1").await;
    let visitor = "0123456789abcdef0123456789abcdef";
    let mut opened: Vec<String> = Vec::new();
    for _ in 0..2 {
        let guest = Writer::guest(&server, "Nora Lind").await;
        let body = json!({"queue": "support", "visitor": visitor});
        let (status, view) = guest.ask(Method::POST, "/conversations", Some(body)).await;
        assert_eq!((status, view.get("visitor")), (201, None), "{view}");
        let id = view["id"].as_str().unwrap().to_owned();
        ana.take(&id).await;
        let (_, seen) = ana.ask(Method::GET, &path(&id), None).await;
        assert_eq!((&seen["known_by"], json!(ids(&seen))), (&json!("visitor"), json!(opened)));
        // To the guest themself the other conversation is nobody's.
        for other in &opened {
            assert_eq!(guest.view(other).await.0, 404);
        }
        let end = format!("/conversations/{id}/end");
        assert_eq!(ana.ask(Method::POST, &end, None).await.0, 204);
        opened.push(id);
    }
    for bad in ["", "0123", "0123456789ABCDEF0123456789ABCDEF", "<script>"] {
        let guest = Writer::guest(&server, "Nora Lind").await;
        let body = json!({"queue": "support", "visitor": bad});
        let (status, problem) = guest.ask(Method::POST, "/conversations", Some(body)).await;
        assert_eq!((status, &problem["type"]), (400, &json!("/problems/bad-input")), "{bad}");
    }
}
