//! Text conversations through the front door: offered, taken, written, supervised, handed over,
//! and still there after a restart.

use client::api::Method;
use client::session::Session;
use serde_json::json;
use wire::{
    ConversationEnd, ConversationPhase, HandoverKind, HandoverOutcome, MemberPart, Mode, TextEvent,
};

use crate::Server;
use crate::text::{Scene, Writer, problem};

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_offered_taken_written_and_ended() {
    let server = Server::start().await;
    let Scene { mut requester, mut agent, id } = Scene::new(&server).await;
    let joined = requester
        .until(|event| match event {
            TextEvent::Joined { conversation, member } => Some((conversation, member)),
            _ => None,
        })
        .await;
    assert_eq!(joined.1.name, "Ana Duarte");
    assert_eq!(joined.0.state, ConversationPhase::Active);
    assert!(joined.0.revision.is_none() && joined.0.handovers.is_empty());

    let (status, receipt) = requester.post(&id, "public", "Where is my refund?").await;
    assert_eq!((status, receipt["number"].as_u64()), (201, Some(1)));
    let (status, again) = requester.post(&id, "public", "Where is my refund?").await;
    assert_eq!((status, &again), (200, &receipt), "a retry is the same message");
    let message = agent
        .until(|event| match event {
            TextEvent::MessagePosted { message, .. } => Some(message),
            _ => None,
        })
        .await;
    assert_eq!(
        (message.part, message.text.as_str()),
        (MemberPart::Requester, "Where is my refund?")
    );
    assert_eq!(message.client_id, None, "the author's own");

    let typing = json!({"visibility": "public", "typing": true});
    let path = format!("/conversations/{id}/typing");
    assert_eq!(agent.ask(Method::POST, &path, Some(typing)).await.0, 204);
    let typist = requester
        .until(|event| match event {
            TextEvent::Typing { user, typing: true, .. } => Some(user.name),
            _ => None,
        })
        .await;
    assert_eq!(typist, "Ana Duarte");
    let read = json!({"kind": "read", "up_to": 1});
    let marks = format!("/conversations/{id}/marks");
    assert_eq!(agent.ask(Method::PUT, &marks, Some(read)).await.0, 204);
    let mark = requester
        .until(|event| match event {
            TextEvent::Marked { mark, .. } => Some(mark),
            _ => None,
        })
        .await;
    assert_eq!((mark.user, mark.up_to), (agent.id(), 1));

    assert_eq!(problem(agent.ask(Method::GET, &transcript(&id, "external"), None).await).0, 409);
    let ended = format!("/conversations/{id}/end");
    assert_eq!(agent.ask(Method::POST, &ended, None).await.0, 204);
    let view = requester
        .until(|event| match event {
            TextEvent::Ended { conversation } => Some(conversation),
            _ => None,
        })
        .await;
    assert_eq!(view.end_reason, Some(ConversationEnd::Agent));
    assert!(view.may.transcript && !view.may.write_public);
    assert_eq!(requester.messages(&id).await.messages.len(), 1, "it can still be read");
    assert_eq!(problem(requester.post(&id, "public", "x").await), (404, "not-found".to_owned()));
}

fn transcript(id: &str, kind: &str) -> String {
    format!("/conversations/{id}/transcript?kind={kind}")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_agents_accept_the_same_offer_and_one_is_told_who_has_it() {
    let server = Server::start().await;
    let Scene { id, .. } = Scene::new(&server).await;
    let late = Writer::ready(&server, "agent2").await;
    let (status, body) = late.accept(&id).await;
    assert_eq!((status, body["type"].as_str()), (409, Some("/problems/offer-gone")));
    assert_eq!(body["detail"], "Ana Duarte has taken it.");
    let stranger = Writer::ready(&server, "agent5").await;
    assert_eq!(stranger.accept(&id).await.0, 404, "another queue's agent knows of nothing");
    assert_eq!(stranger.view(&id).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_offer_goes_on_to_the_next_agent() {
    let server = Server::start().await;
    let mut first = Writer::ready(&server, "agent1").await;
    let requester = Writer::guest(&server, "Daniel").await;
    let id = requester.open("support").await.id;
    let offered = |event| match event {
        TextEvent::Offered(offer) => Some(offer.conversation.id),
        _ => None,
    };
    assert_eq!(first.until(offered).await, id);
    let page = format!("/conversations/{id}/messages");
    assert_eq!(first.ask(Method::GET, &page, None).await.0, 403, "nothing is read before");
    let mut second = Writer::ready(&server, "agent2").await;
    let decline = format!("/conversations/{id}/decline");
    assert_eq!(first.ask(Method::POST, &decline, Some(json!({}))).await.0, 204);
    assert_eq!(second.until(offered).await, id);
    assert_eq!(problem(first.ask(Method::POST, &decline, None).await).0, 409);
    second.accept(&id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn supervision_follows_the_modes_and_is_announced_once() {
    let server = Server::start().await;
    let Scene { mut requester, mut agent, id } = Scene::new(&server).await;
    let sam = Writer::staff(&server, "supervisor1").await;
    let page = format!("/conversations/{id}/messages");
    assert_eq!(sam.ask(Method::GET, &page, None).await.0, 403, "first one listens");
    let whisper = json!({"mode": "whisper"});
    assert_eq!(problem(sam.supervise(&id, whisper.clone()).await).1, "conversation-refused");
    assert_eq!(sam.supervise(&id, json!({"mode": "listen"})).await.0, 200);
    assert_eq!(sam.ask(Method::GET, &page, None).await.0, 200);
    assert_eq!(problem(sam.post(&id, "private", "hm").await).1, "conversation-refused");
    let (status, state) = sam.supervise(&id, whisper).await;
    assert_eq!((status, state["mode"].as_str()), (200, Some("whisper")));
    assert_eq!(sam.post(&id, "private", "Pay it by hand.").await.0, 201);
    assert_eq!(problem(sam.post(&id, "public", "Hello").await).1, "conversation-refused");
    assert_eq!(problem(sam.supervise(&id, json!({"mode": "barge"})).await).1, "announce-first");
    let sure = json!({"mode": "barge", "announce": true});
    assert_eq!(sam.supervise(&id, sure).await.0, 200);
    assert_eq!(sam.post(&id, "public", "I am Sam.").await.0, 201);

    let joined = |event| match event {
        TextEvent::Joined { member, .. } => Some(member),
        _ => None,
    };
    let others = |event| joined(event).filter(|member| member.part != MemberPart::Agent);
    let seen = agent.until(others).await;
    assert_eq!((seen.name.as_str(), seen.mode), ("Sam Okafor", Some(Mode::Whisper)));
    assert_eq!(requester.until(joined).await.name, "Ana Duarte");
    let sam_seen = requester.until(joined).await;
    assert_eq!((sam_seen.name.as_str(), sam_seen.mode), ("Sam Okafor", None));
    let message = requester
        .until(|event| match event {
            TextEvent::MessagePosted { message, .. } => Some(message),
            _ => None,
        })
        .await;
    assert_eq!((message.number, message.text.as_str()), (1, "I am Sam."));
    let page = requester.messages(&id).await;
    assert_eq!(page.messages.len(), 1);
    assert_eq!(agent.messages(&id).await.messages.len(), 2);

    let other = Writer::staff(&server, "supervisor3").await;
    assert_eq!(other.supervise(&id, json!({"mode": "listen"})).await.0, 404, "another team's");
    assert_eq!(problem(agent.supervise(&id, json!({"mode": "listen"})).await).0, 403);
    assert_eq!(problem(requester.supervise(&id, json!({"mode": "listen"})).await).0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_parks_it_and_the_receiver_sees_the_note() {
    let server = Server::start().await;
    let Scene { mut requester, mut agent, id } = Scene::new(&server).await;
    agent.post(&id, "private", "Difficult.").await;
    let mut luis = Writer::ready(&server, "agent2").await;
    let body = json!({"to": {"queue": "support"}, "note": "Wants a refund"});
    let path = format!("/conversations/{id}/transfer");
    let (status, made) = agent.ask(Method::POST, &path, Some(body)).await;
    assert_eq!((status, made["to_name"].as_str()), (201, Some("Support")));
    let to = requester
        .until(|event| match event {
            TextEvent::Transferring { to, conversation } => Some((to, conversation.state)),
            _ => None,
        })
        .await;
    assert_eq!(to, ("Support".to_owned(), ConversationPhase::Parked));
    let offer = luis
        .until(|event| match event {
            TextEvent::Offered(offer) => Some(offer),
            _ => None,
        })
        .await;
    let handover = offer.handover.unwrap();
    assert_eq!(handover.kind, HandoverKind::Transfer);
    assert_eq!(handover.from.name, "Ana Duarte");
    assert_eq!(handover.note.as_deref(), Some("Wants a refund"));
    assert_eq!(luis.accept(&id).await.0, 200);
    let outcome = agent
        .until(|event| match event {
            TextEvent::HandoverEnded { outcome, .. } => Some(outcome),
            _ => None,
        })
        .await;
    assert_eq!(outcome, HandoverOutcome::Accepted, "told even after leaving");
    assert_eq!(agent.view(&id).await.0, 404);
    let page = luis.messages(&id).await;
    assert_eq!(page.messages[0].text, "Difficult.");
    let joined = requester
        .until(|event| match event {
            TextEvent::Joined { member, .. } if member.name == "Luis Herrera" => Some(member),
            _ => None,
        })
        .await;
    assert_eq!(joined.part, MemberPart::Agent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conference_goes_on_when_the_first_agent_leaves() {
    let server = Server::start().await;
    let Scene { mut requester, agent, id } = Scene::new(&server).await;
    let mut luis = Writer::ready(&server, "agent2").await;
    let body = json!({"to": {"agent": luis.id()}, "note": "Help me"});
    let path = format!("/conversations/{id}/conference");
    assert_eq!(agent.ask(Method::POST, &path, Some(body)).await.0, 201);
    luis.take(&id).await;
    let leave = format!("/conversations/{id}/leave");
    assert_eq!(agent.ask(Method::POST, &leave, None).await.0, 204);
    let left = requester
        .until(|event| match event {
            TextEvent::Left { conversation, member } => Some((conversation.state, member.name)),
            _ => None,
        })
        .await;
    assert_eq!(left, (ConversationPhase::Active, "Ana Duarte".to_owned()));
    assert_eq!(luis.post(&id, "public", "I go on.").await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tagged_colleague_is_told_and_whispers() {
    let server = Server::start().await;
    let Scene { agent, id, .. } = Scene::new(&server).await;
    let mut yuki = Writer::staff(&server, "agent3").await;
    let (_, list) = agent.ask(Method::GET, "/colleagues", None).await;
    let names: Vec<&str> = list["colleagues"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["name"].as_str())
        .collect();
    assert!(names.contains(&"Yuki Tanaka") && !names.contains(&"Lena Fischer"), "{names:?}");
    let path = format!("/conversations/{id}/colleagues");
    let tag = json!({"user": yuki.id()});
    assert_eq!(agent.ask(Method::POST, &path, Some(tag)).await.0, 204);
    let by = yuki
        .until(|event| match event {
            TextEvent::Tagged { by, .. } => Some(by.name),
            _ => None,
        })
        .await;
    assert_eq!(by, "Ana Duarte");
    assert_eq!(yuki.post(&id, "private", "Ask for the number.").await.0, 201);
    assert_eq!(yuki.post(&id, "public", "Hello").await.0, 403);
    let lena = server.sign_in("agent5").await;
    let tag = json!({"user": lena.user().id});
    assert_eq!(agent.ask(Method::POST, &path, Some(tag)).await.0, 404, "another team's");
}

#[tokio::test(flavor = "multi_thread")]
async fn help_is_raised_taken_and_cancelled_by_a_transfer() {
    let server = Server::start().await;
    let Scene { agent, id, .. } = Scene::new(&server).await;
    let mut sam = Writer::staff(&server, "supervisor1").await;
    let path = format!("/conversations/{id}/help");
    let raise = json!({"action": "raise", "reason": "Refund is stuck"});
    assert_eq!(agent.ask(Method::POST, &path, Some(raise)).await.0, 204);
    let help = |event| match event {
        TextEvent::HelpChanged { conversation } => Some(conversation.help),
        _ => None,
    };
    let raised = sam.until(help).await.unwrap();
    assert_eq!(raised.reason.as_deref(), Some("Refund is stuck"), "seen before joining");
    let take = json!({"action": "take"});
    assert_eq!(sam.ask(Method::POST, &path, Some(take)).await.0, 204);
    assert_eq!(sam.until(help).await.unwrap().taken_by.unwrap().name, "Sam Okafor");
    let to = json!({"to": {"queue": "sales"}});
    let transfer = format!("/conversations/{id}/transfer");
    assert_eq!(agent.ask(Method::POST, &transfer, Some(to)).await.0, 201);
    assert_eq!(sam.until(help).await, None);
    let kept = server.running.store.help_of(&id).await.unwrap();
    assert_eq!(
        (kept[0].stage.as_str(), kept[0].cancelled_why.as_deref()),
        ("cancelled", Some("transferred"))
    );
    assert!(kept[0].taken_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_loses_no_acknowledged_message_and_ends_supervision() {
    let server = Server::start().await;
    let Scene { requester, agent, id } = Scene::new(&server).await;
    let sam = Writer::staff(&server, "supervisor1").await;
    sam.supervise(&id, json!({"mode": "listen"})).await;
    sam.supervise(&id, json!({"mode": "whisper"})).await;
    for n in 0..5 {
        assert_eq!(requester.post(&id, "public", &format!("question {n}")).await.0, 201);
        assert_eq!(sam.post(&id, "private", &format!("hint {n}")).await.0, 201);
    }
    let token = requester.api().token().unwrap().clone();
    drop((requester, agent, sam));
    let server = server.restart().await;

    let api = client::api::Api::new(server.url()).unwrap().with_token(token);
    let requester = Writer::new(Session::of_token(api).await.unwrap()).await;
    let page = requester.messages(&id).await;
    let texts: Vec<&str> = page.messages.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(texts, ["question 0", "question 1", "question 2", "question 3", "question 4"]);
    let agent = Writer::ready(&server, "agent1").await;
    assert_eq!(agent.messages(&id).await.messages.len(), 10);
    let (_, view) = agent.view(&id).await;
    let members = view["members"].as_array().unwrap();
    assert_eq!(members.len(), 2, "nobody supervises any more: {members:?}");
    let (status, again) = requester.post(&id, "public", "question 4").await;
    assert_eq!((status, again["number"].as_u64()), (200, Some(5)), "a retry is still a retry");
    assert_eq!(requester.post(&id, "public", "are you there?").await.0, 201);
    assert_eq!(agent.post(&id, "public", "yes").await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_with_a_sentence() {
    let server = Server::start().await;
    let Scene { requester, agent, id } = Scene::new(&server).await;
    let long = "x".repeat(100_000);
    assert_eq!(problem(requester.post(&id, "public", &long).await), (413, "too-large".to_owned()));
    let long = "x".repeat(4_001);
    assert_eq!(problem(requester.post(&id, "public", &long).await), (400, "bad-input".to_owned()));
    assert_eq!(problem(requester.post(&id, "public", " \n ").await).0, 400);
    assert_eq!(problem(requester.post(&id, "private", "psst").await).0, 403);
    assert_eq!(problem(requester.post(&id, "staff", "psst").await).0, 400);
    let path = format!("/conversations/{id}/messages");
    let body = json!({"text": "x", "visibility": "public", "client_id": ""});
    assert_eq!(requester.ask(Method::POST, &path, Some(body)).await.0, 400);
    let body =
        json!({"text": "x", "visibility": "public", "client_id": "1", "attachments": ["12"]});
    assert_eq!(requester.ask(Method::POST, &path, Some(body)).await.0, 404);
    for (method, path) in [
        (Method::GET, "/colleagues".to_owned()),
        (Method::POST, format!("/conversations/{id}/accept")),
        (Method::POST, format!("/conversations/{id}/help")),
    ] {
        let (status, _) = requester.ask(method, &path, Some(json!({}))).await;
        assert_eq!(status, 403, "{path}");
    }
    let mut refused = 0;
    for n in 0..60 {
        let (status, body) = agent.post(&id, "public", &format!("spam {n}")).await;
        if status == 429 {
            assert_eq!(body["type"], "/problems/too-fast");
            refused += 1;
        }
    }
    assert!(refused > 0, "more than a person writes");
    let second =
        requester.ask(Method::POST, "/conversations", Some(json!({"queue": "support"}))).await;
    assert_eq!(problem(second), (403, "guest-call-used".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_transcripts_are_made_at_the_end() {
    let server = Server::start().await;
    let Scene { requester, agent, id } = Scene::new(&server).await;
    requester.post(&id, "public", "Where is it?").await;
    agent.post(&id, "private", "The customer is upset").await;
    agent.post(&id, "public", "On its way.").await;
    agent.ask(Method::POST, &format!("/conversations/{id}/end"), None).await;
    let (status, external) = requester.ask(Method::GET, &transcript(&id, "external"), None).await;
    assert_eq!(status, 200);
    let text = external.to_string();
    assert!(text.contains("Where is it?") && text.contains("On its way."));
    assert!(!text.contains("upset") && !text.contains("private"), "{text}");
    let internal = requester.ask(Method::GET, &transcript(&id, "internal"), None).await;
    assert_eq!(internal.0, 404);
    let request = agent.api().request(Method::GET, &transcript(&id, "internal"));
    let response = request.header("accept", "text/plain").send().await.unwrap();
    let text = response.text().await.unwrap();
    assert!(text.contains("[PRIVATE] Ana Duarte: The customer is upset"), "{text}");
}
