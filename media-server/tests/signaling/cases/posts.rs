//! What connectors post: kept, whatever its form, under a name that can be seen; or refused for good,
//! and then it was the connector's own mistake.

use connectors::signature;
use serde::Deserialize;
use serde_json::Value;
use wire::ChannelReceipt;

use super::{Findings, Text, table};
use crate::Server;
use crate::channels::{channel_at, now_s, secret};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Post {
    case: String,
    /// The body, or its very bytes in `raw`.
    body: Option<Value>,
    raw: Option<String>,
    /// The refusal's status; without one it is kept.
    status: Option<u16>,
    /// What is kept.
    name: Option<String>,
    #[serde(default)]
    texts: Vec<Text>,
}

/// The body as it is sent: what a table repeats is written out.
fn bytes(post: &Post) -> Vec<u8> {
    let Some(mut body) = post.body.clone() else {
        return post.raw.clone().expect("`body` or `raw`").into_bytes();
    };
    for field in ["text", "message_id"] {
        let long = body.get(field).filter(|it| it.get("repeat").is_some()).cloned();
        if let Some(long) = long {
            body[field] = serde_json::from_value::<Text>(long).unwrap().whole().into();
        }
    }
    body.to_string().into_bytes()
}

async fn send(server: &Server, body: Vec<u8>) -> (u16, Value) {
    let now = now_s();
    let request = reqwest::Client::new()
        .post(format!("{}/api/v1/channels/whatsapp/messages", server.url()))
        .header(signature::TIMESTAMP, now)
        .header(signature::SIGNATURE, signature::sign_for(&secret(), "whatsapp", now, &body));
    let answer = request.body(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_are_kept_whatever_their_form() {
    let nowhere = channel_at("127.0.0.1:9".parse().unwrap(), false);
    let server = Server::with_channels(vec![nowhere]).await;
    let mut findings = Findings::default();
    for post in table::<Post>("webhook/posts.jsonl") {
        let (status, answer) = send(&server, bytes(&post)).await;
        findings.check(&post.case, "the status", status, post.status.unwrap_or(201));
        let Ok(receipt) = serde_json::from_value::<ChannelReceipt>(answer) else { continue };
        let store = &server.running.store;
        let id = &receipt.conversation;
        let record = store.interaction(id).await.unwrap().unwrap();
        findings.check(&post.case, "the name", Some(record.requester_name), post.name.clone());
        let kept = store.messages(id, None, 100).await.unwrap();
        let kept: Vec<String> = kept.into_iter().map(|it| it.text).collect();
        let right: Vec<String> = post.texts.iter().map(Text::whole).collect();
        findings.check(&post.case, "what is kept", kept, right);
    }
    findings.end();
}
