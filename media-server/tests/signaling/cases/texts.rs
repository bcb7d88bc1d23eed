//! Messages: taken or refused, found by search however it is typed, and no line of a transcript that
//! looks like ours but is not.

use client::api::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Findings, Text, escaped, input, table};
use crate::text::{Scene, Writer, problem};
use crate::{PATIENCE, Server};

/// Messages that one customer sends: fewer than are too fast.
const MESSAGES_EACH: usize = 15;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    case: String,
    text: Text,
    /// The problem's type; without one the message is taken, as it was written.
    refused: Option<String>,
    #[serde(default)]
    found_by: Vec<String>,
}

async fn search(staff: &Writer, words: &str) -> Vec<String> {
    let path = format!("/interactions?search={}", escaped(words));
    let request = staff.api().request(Method::GET, &path);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{words:?}");
    let page: Value = answer.json().await.unwrap();
    let ids = page["interactions"].as_array().unwrap().iter();
    ids.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

async fn indexed(server: &Server) {
    let done = async {
        while server.running.store.unindexed().await.unwrap() > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, done).await.expect("messages are indexed");
}

async fn transcript(staff: &Writer, id: &str, accept: &str) -> String {
    let path = format!("/conversations/{id}/transcript?kind=internal");
    let request = staff.api().request(Method::GET, &path).header("Accept", accept);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

/// The lines that some program takes for lines and that begin like ours, with a time.
fn lines_like_ours(text: &str) -> usize {
    let ends = |letter: char| {
        matches!(letter, '\n' | '\r' | '\x0b'..='\x0c' | '\x1c'..='\x1e' | '\u{85}'
            | '\u{2028}'..='\u{2029}')
    };
    let like_ours = |line: &&str| {
        let shape: String = line.chars().take(11).collect();
        let digits = shape.chars().filter(char::is_ascii_digit).count();
        digits == 8 && shape.matches('-').count() == 2
    };
    text.split(ends).filter(like_ours).count()
}

async fn check(server: &Server, findings: &mut Findings, agent: &mut Writer, messages: &[Message]) {
    let requester = Writer::guest(server, "Daniel Ortiz").await;
    let id = requester.open("support").await.id;
    agent.take(&id).await;
    let path = format!("/conversations/{id}/messages");
    for message in messages {
        let (case, text) = (message.case.as_str(), message.text.whole());
        let body = json!({"text": text, "visibility": "public", "client_id": case});
        let answer = requester.ask(Method::POST, &path, Some(body)).await;
        if answer.0 == 201 {
            let kept = agent.messages(&id).await.messages.pop().unwrap().text;
            findings.check(case, "what is kept", kept, text);
            findings.check(case, "the answer", None, message.refused.as_deref());
        } else {
            let refused = problem(answer).1;
            findings.check(case, "the answer", Some(refused.as_str()), message.refused.as_deref());
        }
    }
    agent.ask(Method::POST, &format!("/conversations/{id}/end"), None).await;
    indexed(server).await;
    for message in messages {
        for words in &message.found_by {
            let found = search(agent, words).await.contains(&id);
            findings.check(&message.case, &format!("found by {words}"), found, true);
        }
    }
    let made: Value =
        serde_json::from_str(&transcript(agent, &id, "application/json").await).unwrap();
    let text = transcript(agent, &id, "text/plain").await;
    let (lines, right) = (lines_like_ours(&text), made["lines"].as_array().unwrap().len());
    findings.check(&messages[0].case, "lines of the transcript from here on", lines, right);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_taken_found_and_written_down() {
    let server = Server::start().await;
    let mut agent = Writer::ready(&server, "agent1").await;
    let mut findings = Findings::default();
    for messages in table::<Message>("text/messages.jsonl").chunks(MESSAGES_EACH) {
        check(&server, &mut findings, &mut agent, messages).await;
    }
    for words in ["駅前", "คืนรถ", "갑자기", "refundable", "ぽりしー", "0815"] {
        findings.check(words, "found", search(&agent, words).await, Vec::new());
    }
    findings.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_read_as_it_is_meant_or_refused_in_words() {
    let server = Server::start().await;
    let Scene { requester, agent, id } = Scene::new(&server).await;
    let messages = format!("/conversations/{id}/messages");
    let help = format!("/conversations/{id}/help");
    let mut findings = Findings::default();
    // What is kept, or the problem's type.
    let cases = [
        ("raw-t02-nul-in-client-id.json", &messages, Err("bad-input")),
        ("raw-t08-bom.json", &messages, Ok("with a mark before")),
        ("raw-t08-lone-surrogate.json", &messages, Ok("cut in two: \u{fffd}")),
        ("raw-t08-surrogate-pair.json", &messages, Ok("whole: 😀")),
        ("raw-t08-not-utf-8.json", &messages, Err("bad-input")),
        ("raw-t08-overlong.json", &messages, Err("bad-input")),
        ("raw-t02-nul-in-help.json", &help, Err("bad-input")),
    ];
    for (case, path, right) in cases {
        let request = requester.api().request(Method::POST, path);
        let request = request.header("Content-Type", "application/json");
        let answer = request.body(input(&format!("text/{case}"))).send().await.unwrap();
        let (status, body) = (answer.status().as_u16(), answer.json().await.unwrap());
        match status {
            201 => {
                let kept = agent.messages(&id).await.messages.pop().unwrap().text;
                findings.check(case, "what is kept", Ok(kept.as_str()), right);
            }
            _ => {
                let words = problem((status, body)).1;
                findings.check(case, "the answer", Err(words.as_str()), right);
            }
        }
    }
    findings.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcript_is_on_the_readers_clock_and_says_who_the_customer_is() {
    let server = Server::start().await;
    let mut agent = Writer::ready(&server, "agent1").await;
    // The agent's own name.
    let guest = Writer::guest(&server, "Ana Duarte").await;
    let id = guest.open("support").await.id;
    agent.take(&id).await;
    guest.post(&id, "public", "You get your money back").await;
    agent.post(&id, "public", "Good morning").await;
    agent.ask(Method::POST, &format!("/conversations/{id}/end"), None).await;
    let path = |zone: &str| format!("/conversations/{id}/transcript?kind=external&zone={zone}");
    let request = guest.api().request(Method::GET, &path("Asia/Tokyo"));
    let answer = request.header("Accept", "text/plain").send().await.unwrap();
    let named = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(named.ends_with("+0900.txt\""), "{named}");
    let text = answer.text().await.unwrap();
    assert!(text.starts_with("Times: Asia/Tokyo (UTC+09:00)\n"), "{text}");
    let said = |words: &str| text.lines().find(|line| line.ends_with(words)).unwrap();
    assert!(said("money back").ends_with(" [CUSTOMER] Ana Duarte: You get your money back"));
    assert!(!said("Good morning").contains("[CUSTOMER]"), "{text}");
    let utc = transcript(&agent, &id, "text/plain").await;
    assert!(utc.starts_with("Times: UTC\n"), "{utc}");
    assert_ne!(utc.lines().nth(1).unwrap()[11..13], text.lines().nth(1).unwrap()[11..13]);
    let unknown = guest.ask(Method::GET, &path("Mars/Olympus"), None).await;
    assert_eq!(problem(unknown), (400, "bad-input".to_owned()));
}
