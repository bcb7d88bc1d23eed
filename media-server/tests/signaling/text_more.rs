//! Attachments, lists that agents pick from, limits, and the conversation beside a call.

use client::api::Method;
use serde_json::{Value, json};
use wire::{ConversationView, TextEvent};

use crate::text::{Scene, Writer, problem};
use crate::{Server, Talk};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06";

async fn upload(writer: &Writer, id: &str, name: &str, bytes: &[u8]) -> (u16, Value) {
    let path = format!("/conversations/{id}/attachments?name={name}");
    let request = writer.api().request(Method::POST, &path).body(bytes.to_vec());
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn fetched(writer: &Writer, id: &str, attachment: &str) -> u16 {
    let path = format!("/conversations/{id}/attachments/{attachment}");
    writer.api().request(Method::GET, &path).send().await.unwrap().status().as_u16()
}

async fn send(writer: &Writer, id: &str, visibility: &str, attachment: &str) -> (u16, Value) {
    let body = json!({
        "text": "", "visibility": visibility, "client_id": attachment, "attachments": [attachment],
    });
    writer.ask(Method::POST, &format!("/conversations/{id}/messages"), Some(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_go_to_whoever_may_read_their_message() {
    let server = Server::start().await;
    let Scene { mut requester, agent, id } = Scene::new(&server).await;
    let (status, public) = upload(&agent, &id, "label.exe", PNG).await;
    assert_eq!((status, public["media_type"].as_str()), (201, Some("image/png")), "by content");
    let public = public["id"].as_str().unwrap();
    assert_eq!(fetched(&requester, &id, public).await, 404, "not sent yet");
    assert_eq!(send(&requester, &id, "public", public).await.0, 404, "somebody else's");
    assert_eq!(send(&agent, &id, "public", public).await.0, 201);
    assert_eq!(fetched(&requester, &id, public).await, 200);
    let told = requester
        .until(|event| match event {
            TextEvent::MessagePosted { message, .. } => Some(message),
            _ => None,
        })
        .await;
    assert_eq!((told.attachments.len(), told.attachments[0].name.as_str()), (1, "label.exe.png"));

    let (_, private) = upload(&agent, &id, "note.txt", b"internal").await;
    let private = private["id"].as_str().unwrap();
    assert_eq!(send(&agent, &id, "private", private).await.0, 201);
    assert_eq!(fetched(&requester, &id, private).await, 404, "as if there were none");
    assert_eq!(fetched(&agent, &id, private).await, 200);
    let other = Writer::staff(&server, "agent5").await;
    assert_eq!(fetched(&other, &id, public).await, 404);
    assert_eq!(requester.messages(&id).await.messages[0].attachments.len(), 1);

    let end = format!("/conversations/{id}/end");
    assert_eq!(agent.ask(Method::POST, &end, None).await.0, 204);
    assert_eq!(fetched(&requester, &id, public).await, 200, "of what is over, too");
    assert_eq!(fetched(&requester, &id, private).await, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_not_taken_are_refused() {
    let server = Server::start().await;
    let Scene { requester, id, .. } = Scene::new(&server).await;
    let program = upload(&requester, &id, "photo.png", b"\x7fELF\x02\x01\x01\0\0").await;
    assert_eq!(problem(program), (415, "wrong-media-type".to_owned()));
    let large = vec![b'a'; 10 * 1024 * 1024 + 1];
    assert_eq!(
        problem(upload(&requester, &id, "a.txt", &large).await),
        (413, "too-large".to_owned())
    );
    assert_eq!(upload(&requester, &id, "a.txt", &large[..10 * 1024 * 1024]).await.0, 201);
    let mut refused = None;
    for _ in 0..25 {
        let answer = upload(&requester, &id, "a.txt", b"a").await;
        if answer.0 != 201 {
            refused = Some(problem(answer));
            break;
        }
    }
    let named = refused.map(|(status, _)| status);
    assert!(matches!(named, Some(409 | 429)), "uploads are bounded: {named:?}");
    let path = format!("/conversations/{id}/attachments");
    assert_eq!(requester.ask(Method::POST, &path, None).await.0, 400, "a name is needed");
    let sam = Writer::staff(&server, "supervisor1").await;
    assert_eq!(upload(&sam, &id, "a.txt", b"a").await.0, 403, "one listens first");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_holds_four_conversations_and_no_more() {
    let server = Server::start().await;
    let mut agent = Writer::ready(&server, "agent1").await;
    let mut guests = Vec::new();
    for n in 0..5 {
        let guest = Writer::guest(&server, &format!("Guest {n}")).await;
        let id = guest.open("support").await.id;
        if n < 4 {
            agent.take(&id).await;
        }
        guests.push((guest, id));
    }
    let (_, fifth) = guests.pop().unwrap();
    assert_eq!(problem(agent.accept(&fifth).await), (409, "offer-gone".to_owned()));
    let (_, first) = guests.remove(0);
    agent.ask(Method::POST, &format!("/conversations/{first}/end"), None).await;
    agent.take(&fifth).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_pull_queue_agents_pick_and_several_join() {
    let server = Server::start().await;
    make_support_pull(&server).await;
    let mut ana = Writer::ready(&server, "agent1").await;
    let mut luis = Writer::ready(&server, "agent2").await;
    let guest = Writer::guest(&server, "Noor").await;
    let id = guest.open("support").await.id;
    assert_eq!(listed(&mut ana).await, [(id.clone(), vec!["Noor".to_owned()])]);
    assert_eq!(listed(&mut luis).await, [(id.clone(), vec!["Noor".to_owned()])]);
    assert_eq!(ana.accept(&id).await.0, 200);
    assert_eq!(listed(&mut ana).await, [], "she has it");
    let with_ana = vec!["Noor".to_owned(), "Ana Duarte".to_owned()];
    assert_eq!(listed(&mut luis).await, [(id.clone(), with_ana)], "and he knows with whom");
    assert_eq!(luis.accept(&id).await.0, 200, "several may join");
    let (_, view) = guest.view(&id).await;
    assert_eq!(view["members"].as_array().unwrap().len(), 3);
    assert_eq!(listed(&mut ana).await, []);
    let leave = format!("/conversations/{id}/leave");
    assert_eq!(ana.ask(Method::POST, &leave, None).await.0, 204);
    let with_luis = vec!["Noor".to_owned(), "Luis Herrera".to_owned()];
    assert_eq!(listed(&mut ana).await, [(id, with_luis)], "and may come back");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_transferred_from_a_pull_queue_is_offered_and_on_its_list_no_more() {
    let server = Server::start().await;
    make_support_pull(&server).await;
    let ana = Writer::ready(&server, "agent1").await;
    let mut luis = Writer::ready(&server, "agent2").await;
    let mut kim = Writer::ready(&server, "agent5").await;
    let guest = Writer::guest(&server, "Noor").await;
    let id = guest.open("support").await.id;
    assert_eq!(listed(&mut luis).await.len(), 1);
    assert_eq!(ana.accept(&id).await.0, 200);
    assert_eq!(listed(&mut luis).await.len(), 1, "he may join");
    let body = json!({"to": {"queue": "sales"}, "note": "Wants two more"});
    let path = format!("/conversations/{id}/transfer");
    assert_eq!(ana.ask(Method::POST, &path, Some(body)).await.0, 201);
    let offer = kim.until(|event| match event {
        TextEvent::Offered(offer) => Some(offer),
        _ => None,
    });
    assert_eq!(offer.await.handover.unwrap().note.as_deref(), Some("Wants two more"));
    while !listed(&mut luis).await.is_empty() {}
    assert_eq!(kim.accept(&id).await.0, 200);

    // A restart keeps it so, and what others may join as well.
    let other = Writer::guest(&server, "Tom").await.open("support").await.id;
    assert_eq!(ana.accept(&other).await.0, 200);
    drop((ana, luis, kim, guest));
    let server = server.restart().await;
    let mut luis = Writer::staff(&server, "agent2").await;
    let waiting = luis.until(|event| match event {
        TextEvent::Snapshot(snapshot) => Some(snapshot.waiting),
        _ => None,
    });
    let waiting = waiting.await;
    assert_eq!(waiting.iter().map(|it| it.id.clone()).collect::<Vec<_>>(), [other]);
    assert!(waiting[0].members.iter().any(|it| it.name == "Ana Duarte"));
}

/// From now on agents pick what comes to Support.
async fn make_support_pull(server: &Server) {
    let admin = Writer::staff(server, "admin").await;
    let (_, list) = admin.ask(Method::GET, "/admin/queues", None).await;
    let queues = list["queues"].as_array().unwrap();
    let mut support = queues.iter().find(|it| it["key"] == "support").unwrap().clone();
    support["settings"]["delivery"] = json!("pull");
    support.as_object_mut().unwrap().remove("key");
    let (status, told) = admin.ask(Method::PUT, "/admin/queues/support", Some(support)).await;
    assert_eq!(status, 200, "{told}");
}

/// The next list of a pull queue that an agent is told: each conversation, and who is in it.
async fn listed(agent: &mut Writer) -> Vec<(String, Vec<String>)> {
    let list = agent.until(|event| match event {
        TextEvent::ListChanged { waiting, .. } => Some(waiting),
        _ => None,
    });
    let names = |it: &ConversationView| it.members.iter().map(|it| it.name.clone()).collect();
    list.await.iter().map(|it| (it.id.clone(), names(it))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_call_staff_write_and_the_caller_notices_nothing() {
    let server = Server::start().await;
    let Talk { mut caller, agent, call } = server.talk().await;
    let path = format!("/calls/{call}/conversation");
    let beside = async |api: &client::api::Api| {
        for _ in 0..100 {
            let answer = api.request(Method::PUT, &path).send().await.unwrap();
            if answer.status() == 200 {
                let view: ConversationView = answer.json().await.unwrap();
                if view.members.len() >= 2 {
                    return view;
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("no conversation beside the call");
    };
    let view = beside(agent.api()).await;
    assert_eq!((view.channel.as_str(), view.call.as_ref()), ("voice", Some(&call)));
    let sam = Writer::staff(&server, "supervisor1").await;
    sam.supervise(&view.id, json!({"mode": "listen"})).await;
    assert_eq!(sam.supervise(&view.id, json!({"mode": "whisper"})).await.0, 200);
    assert_eq!(sam.post(&view.id, "private", "Two months free.").await.0, 201);
    let page = agent.api().request(Method::GET, &format!("/conversations/{}/messages", view.id));
    let page: wire::MessagePage = page.send().await.unwrap().json().await.unwrap();
    assert_eq!(page.messages[0].text, "Two months free.");
    let own = beside(caller.api()).await;
    assert_eq!((own.messages, own.members.len()), (0, 2), "the caller and the agent");

    agent.session.hang_up(&call).await.unwrap();
    caller.until("call.ended").await;
    let gone = async {
        while sam.view(&view.id).await.0 != 404 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(crate::PATIENCE, gone).await.expect("it ends with its call");
    let kept = server.running.store.interaction(&view.id).await.unwrap().unwrap();
    assert_eq!(kept.channel, "voice");
}
