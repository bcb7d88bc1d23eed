//! What customers and connectors really send, and what connectors refuse: nothing is lost for its
//! form, and what does not arrive is told.

use axum::http::StatusCode;
use client::api::Method;
use connectors::signature;
use serde_json::{Value, json};
use wire::{ChannelReceipt, DeliveryFailureCause, TextEvent};

use crate::Server;
use crate::channels::{Connector, channel_at, now_s, said, secret, write, written};
use crate::text::{Writer, problem};

/// A customer's message as its bytes; what came of it.
async fn write_bytes(server: &Server, channel: &str, body: &[u8], v2: bool) -> (u16, Value) {
    let now = now_s();
    let signed = match v2 {
        true => signature::sign_for(&secret(), channel, now, body),
        false => signature::sign(&secret(), now, body),
    };
    send(server, channel, now, &signed, body).await
}

async fn send(server: &Server, channel: &str, at: u64, signed: &str, body: &[u8]) -> (u16, Value) {
    let url = format!("{}/api/v1/channels/{channel}/messages", server.url());
    let request = reqwest::Client::new()
        .post(url)
        .header(signature::TIMESTAMP, at)
        .header(signature::SIGNATURE, signed)
        .body(body.to_vec());
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// The name and the texts that the agent who takes it sees.
async fn seen(agent: &mut Writer, answer: (u16, Value)) -> (String, Vec<String>) {
    let receipt: ChannelReceipt = serde_json::from_value(answer.1).unwrap();
    agent.take(&receipt.conversation).await;
    let (_, view) = agent.view(&receipt.conversation).await;
    let page = agent.messages(&receipt.conversation).await;
    let end = format!("/conversations/{}/end", receipt.conversation);
    assert_eq!(agent.ask(Method::POST, &end, None).await.0, 204);
    let name = view["requester"]["name"].as_str().unwrap().to_owned();
    (name, page.messages.into_iter().map(|it| it.text).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_is_lost_for_its_form() {
    let nowhere = channel_at("127.0.0.1:9".parse().unwrap(), false);
    let server = Server::with_channels(vec![nowhere]).await;
    let mut agent = Writer::ready(&server, "agent1").await;
    let long = "N".repeat(81);
    let long_id = "\u{1F4DE}\u{1}".repeat(100);
    let cases = [
        (json!({"text": "x"}), "+49-1", "x"),
        (json!({"name": "", "text": "x"}), "+49-1", "x"),
        (json!({"name": " \u{200b}", "text": "x"}), "+49-1", "x"),
        (json!({"name": ".", "text": "x"}), ".", "x"),
        (json!({"name": long, "text": "x"}), &long[..80], "x"),
        (json!({"name": "Nora\nBeispiel\u{202e}", "text": "x"}), "Nora Beispiel", "x"),
        (json!({"name": "🌸🌸", "text": "a\u{0}b"}), "🌸🌸", "ab"),
        (json!({"name": "Nora", "text": ""}), "Nora", "[a message without text]"),
        (
            json!({"name": "Nora", "attachments": [{"type": "voice", "x": 1}]}),
            "Nora",
            "[voice note]",
        ),
        (json!({"name": "Nora", "text": "x", "profile_url": "y"}), "Nora", "x"),
        (json!({"name": "Nora", "text": "x", "message_id": "m".repeat(512)}), "Nora", "x"),
        (json!({"name": "Nora", "text": "x", "external_id": &long_id}), "Nora", "x"),
    ];
    for (number, (fields, name, text)) in cases.into_iter().enumerate() {
        let mut body = json!({"external_id": "+49-1", "message_id": format!("m{number}")});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let answer = write(&server.url(), body.clone()).await;
        assert_eq!(answer.0, 201, "{body}: {}", answer.1);
        let kept = seen(&mut agent, answer.clone()).await;
        assert_eq!(kept, (name.to_owned(), vec![text.to_owned()]), "{body}");
        assert_eq!(write(&server.url(), body).await, (200, answer.1), "a retry is harmless");
    }
    let half =
        br#"{"external_id":"+49-2","name":"Nora \ud83d","message_id":"h","text":"cut \ud83d"}"#;
    let answer = write_bytes(&server, "whatsapp", half, false).await;
    let half = ("Nora \u{fffd}".to_owned(), vec!["cut \u{fffd}".to_owned()]);
    assert_eq!(seen(&mut agent, answer).await, half);

    let refused: [&[u8]; 6] = [
        br#"{"external_id":"a","message_id":"m","text":"x","queue":"a\u0000"}"#,
        br#"{"external_id":"","message_id":"m","text":"x"}"#,
        br#"{"external_id":"a\u0000","message_id":"m","text":"x"}"#,
        br#"{"external_id":"a","message_id":4711,"text":"x"}"#,
        br#"{"external_id":"a","message_id":"m","text":"x"#,
        b"{\"external_id\":\"a\xff\",\"message_id\":\"m\",\"text\":\"x\"}",
    ];
    for body in refused {
        let answer = write_bytes(&server, "whatsapp", body, false).await;
        assert_eq!(problem(answer), (400, "bad-input".to_owned()), "{body:?}");
    }
    let large = json!({"external_id": "a".repeat(513), "message_id": "m", "text": "x"});
    assert_eq!(problem(write(&server.url(), large).await), (400, "bad-input".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_message_is_kept_whole() {
    let nowhere = channel_at("127.0.0.1:9".parse().unwrap(), false);
    let server = Server::with_channels(vec![nowhere]).await;
    let mut agent = Writer::ready(&server, "agent1").await;
    for (id, length) in [("a", 4_001), ("b", 4_096), ("c", 15_000)] {
        let text: String = "Grüße ".chars().cycle().take(length).collect();
        let body = json!({"external_id": "+49-1", "name": "Nora", "message_id": id, "text": text});
        let answer = write(&server.url(), body.clone()).await;
        assert_eq!(answer.0, 201, "{}", answer.1);
        let (_, texts) = seen(&mut agent, answer.clone()).await;
        assert_eq!(texts.concat(), text);
        assert_eq!(write(&server.url(), body.clone()).await, (200, answer.1));
        let mut edited = body;
        edited["text"] = json!(format!("{text}!"));
        assert_eq!(write(&server.url(), edited).await.0, 400, "the same id, another text");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_signed_is_good_at_one_channel() {
    let address = "127.0.0.1:9".parse().unwrap();
    let mut facebook = channel_at(address, false);
    facebook.name = "facebook".to_owned();
    let server = Server::with_channels(vec![channel_at(address, false), facebook]).await;
    let body = br#"{"external_id":"+81","name":"Nora","message_id":"m1","text":"hello"}"#;
    let now = now_s();
    let wrong = (401, "wrong-signature".to_owned());
    let by_secret = signature::sign(&secret(), now, body);
    assert_eq!(send(&server, "whatsapp", now, &by_secret, body).await.0, 201);
    assert_eq!(problem(send(&server, "facebook", now, &by_secret, body).await), wrong);
    let upper = format!("v1={}", by_secret[3..].to_uppercase());
    assert_eq!(problem(send(&server, "facebook", now, &upper, body).await), wrong);
    assert_eq!(send(&server, "whatsapp", now, &by_secret, body).await.0, 200, "a retry");
    let for_facebook = signature::sign_for(&secret(), "facebook", now, body);
    assert_eq!(problem(send(&server, "whatsapp", now, &for_facebook, body).await), wrong);
    assert_eq!(send(&server, "facebook", now, &for_facebook, body).await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_channel_refuses_stands_aside_and_staff_are_told() {
    let mut connector = Connector::start().await;
    let server = Server::with_channels(vec![connector.channel(false)]).await;
    let mut agent = Writer::ready(&server, "agent1").await;
    let mut sam = Writer::staff(&server, "supervisor1").await;
    let id = written(&server.url(), "m1", "Hello").await.conversation;
    agent.take(&id).await;
    assert_eq!(sam.supervise(&id, json!({"mode": "listen"})).await.0, 200);
    connector.answers.send(StatusCode::FORBIDDEN).unwrap();
    assert_eq!(agent.post(&id, "public", "too late").await.0, 201);
    assert_eq!(connector.next().await.0, StatusCode::FORBIDDEN);
    let told = |event| match event {
        TextEvent::NotDelivered { conversation, public, failure } => {
            Some((conversation, public, failure))
        }
        _ => None,
    };
    for staff in [&mut agent, &mut sam] {
        let (conversation, public, failure) = staff.until(told).await;
        assert_eq!((conversation.as_str(), public), (id.as_str(), 2));
        assert_eq!(failure.cause, DeliveryFailureCause::Refused);
        assert_eq!(failure.detail.as_deref(), Some("403 Forbidden"));
    }
    connector.answers.send(StatusCode::OK).unwrap();
    assert_eq!(agent.post(&id, "public", "and on").await.0, 201);
    let (post, refused) = connector.taken().await;
    assert_eq!((said(&post), refused), ("and on", 0), "it holds up nothing");
    drop((agent, sam));
    // It is the message's for good.
    let server = server.restart().await;
    let agent = Writer::staff(&server, "agent1").await;
    let page = agent.messages(&id).await;
    let failed: Vec<bool> = page.messages.iter().map(|it| it.delivery_failure.is_some()).collect();
    assert_eq!(failed, [false, true, false]);
}
