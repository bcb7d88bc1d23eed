//! Files on their way in and out: who and whether before the first byte, no more of them at a time
//! than there is room for, and nothing left of what was given up.

use std::path::Path;
use std::time::{Duration, Instant};

use client::api::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::rights_end::save;
use crate::text::{Scene, Writer, problem};
use crate::{PATIENCE, Server};

const MIB: usize = 1024 * 1024;
/// Longer than an answer takes, and shorter than anything here waits for.
const AT_ONCE: Duration = Duration::from_secs(3);

async fn with_limits(change: impl FnOnce(&mut media_server::config::AttachmentsConfig)) -> Server {
    testkit::Server::with(|config| change(&mut config.attachments)).await.into()
}

/// A request whose body is to follow.
async fn begun(writer: &Writer, server: &Server, id: &str, length: usize, more: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.running.http).await.unwrap();
    let authorization = writer.api().token().unwrap().header();
    let head = format!(
        "POST /api/v1/conversations/{id}/attachments?name=a.txt HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: {authorization}\r\nContent-Length: {length}\r\n{more}\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// The first line of what comes within `limit`.
async fn first_line(stream: &mut TcpStream, limit: Duration) -> Option<String> {
    let mut answer = vec![0; 4_096];
    let length = tokio::time::timeout(limit, stream.read(&mut answer)).await.ok()?.unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]);
    Some(answer.lines().next().unwrap_or_default().to_owned())
}

async fn upload(writer: &Writer, id: &str, bytes: Vec<u8>) -> (u16, Value) {
    let path = format!("/conversations/{id}/attachments?name=a.txt");
    let response = writer.api().request(Method::POST, &path).body(bytes).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// Uploads and sends; the attachment's id.
async fn attached(writer: &Writer, id: &str, bytes: Vec<u8>) -> String {
    let (status, upload) = upload(writer, id, bytes).await;
    assert_eq!(status, 201, "{upload}");
    let attachment = upload["id"].as_str().unwrap().to_owned();
    let body = json!({"text": "", "visibility": "public", "client_id": attachment, "attachments": [attachment]});
    let path = format!("/conversations/{id}/messages");
    assert_eq!(writer.ask(Method::POST, &path, Some(body)).await.0, 201);
    attachment
}

/// The files of attachments, once there are `count` of them.
async fn files(data: &Path, count: usize) -> Vec<String> {
    let list = || {
        let entries = std::fs::read_dir(testkit_data(data)).unwrap();
        entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    let until = Instant::now() + AT_ONCE;
    while list().len() != count && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    list()
}

/// Where a demo keeps them.
fn testkit_data(data: &Path) -> std::path::PathBuf {
    data.join("demo").join("attachments")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_and_whether_comes_before_the_first_byte() {
    let server = Server::start().await;
    let Scene { requester, id, .. } = Scene::new(&server).await;
    let sam = Writer::staff(&server, "supervisor1").await;
    let cases = [
        (&requester, "0000000000000001", MIB, "HTTP/1.1 404 Not Found"),
        (&sam, &id, MIB, "HTTP/1.1 403 Forbidden"),
        (&requester, &id, 10 * MIB + 1, "HTTP/1.1 413 Payload Too Large"),
    ];
    for (writer, id, length, refusal) in cases {
        for expect in ["Expect: 100-continue\r\n", ""] {
            let mut stream = begun(writer, &server, id, length, expect).await;
            let told = first_line(&mut stream, AT_ONCE).await;
            assert_eq!(told.as_deref(), Some(refusal), "of {length} bytes, none of them sent");
        }
    }
    let mut stream = begun(&requester, &server, &id, 4, "Expect: 100-continue\r\n").await;
    let told = first_line(&mut stream, AT_ONCE).await;
    assert_eq!(told.as_deref(), Some("HTTP/1.1 100 Continue"));
    stream.write_all(b"text").await.unwrap();
    let told = first_line(&mut stream, AT_ONCE).await;
    assert_eq!(told.as_deref(), Some("HTTP/1.1 201 Created"));
    let end = format!("/conversations/{id}/end");
    assert_eq!(requester.ask(Method::POST, &end, None).await.0, 204);
    let mut stream = begun(&requester, &server, &id, MIB, "").await;
    let told = first_line(&mut stream, AT_ONCE).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 4"), "it is over: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_at_the_same_time_are_bounded_and_customers_take_none_of_staffs() {
    let server = with_limits(|files| files.uploads_max = 5).await;
    let Scene { requester, agent, id } = Scene::new(&server).await;
    let guest = Writer::guest(&server, "Noor").await;
    let other = guest.open("support").await.id;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(begun(&requester, &server, &id, MIB, "Expect: 100-continue\r\n").await);
    }
    for stream in &mut held {
        let told = first_line(stream, AT_ONCE).await;
        assert_eq!(told.as_deref(), Some("HTTP/1.1 100 Continue"));
    }
    let mut fifth = begun(&requester, &server, &id, 1, "Expect: 100-continue\r\n").await;
    assert_eq!(upload(&guest, &other, b"a".to_vec()).await.0, 201, "one person takes four");
    let told = first_line(&mut fifth, PATIENCE).await;
    assert_eq!(told.as_deref(), Some("HTTP/1.1 503 Service Unavailable"));
    held.push(begun(&guest, &server, &other, MIB, "Expect: 100-continue\r\n").await);
    let told = first_line(held.last_mut().unwrap(), AT_ONCE).await;
    assert_eq!(told.as_deref(), Some("HTTP/1.1 100 Continue"));
    assert_eq!(upload(&agent, &id, b"a".to_vec()).await.0, 201, "staff have lanes of their own");
    drop(held);
    assert_eq!(upload(&guest, &other, b"a".to_vec()).await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_customer_attaches_little() {
    let server = with_limits(|files| files.waiting_mib = 1).await;
    let guest = Writer::guest(&server, "Noor").await;
    let id = guest.open("support").await.id;
    let (half, refusal) = (vec![b'a'; MIB / 2], (409, "too-much-attached".to_owned()));
    for _ in 0..2 {
        attached(&guest, &id, half.clone()).await;
    }
    assert_eq!(problem(upload(&guest, &id, b"a".to_vec()).await), refusal);
    let mut agent = Writer::ready(&server, "agent1").await;
    agent.take(&id).await;
    assert_eq!(upload(&guest, &id, half).await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_leaves_nothing() {
    let server = with_limits(|files| files.stall_timeout_s = 1).await;
    let Scene { requester, agent, id } = Scene::new(&server).await;
    let mut stalled = begun(&requester, &server, &id, MIB, "").await;
    stalled.write_all(b"some text").await.unwrap();
    let mut cut = begun(&agent, &server, &id, MIB, "").await;
    cut.write_all(b"some text").await.unwrap();
    assert_eq!(files(server.data.path(), 2).await.len(), 2, "both arrive");
    drop(cut);
    let told = first_line(&mut stalled, AT_ONCE).await;
    assert_eq!(told.as_deref(), Some("HTTP/1.1 408 Request Timeout"));
    assert_eq!(files(server.data.path(), 0).await, [""; 0]);
    let kept = attached(&agent, &id, b"kept".to_vec()).await;
    let folder = testkit_data(server.data.path());
    std::fs::write(folder.join("00000000000000aa.part"), "a former server's").unwrap();
    let whole = files(server.data.path(), 2).await.into_iter().find(|it| !it.ends_with("part"));
    let whole = whole.unwrap();
    // As if the server had died before it could give the file its name.
    std::fs::rename(folder.join(&whole), folder.join(format!("{whole}.part"))).unwrap();
    drop((requester, agent));
    let server = server.restart().await;
    assert_eq!(files(server.data.path(), 1).await, [whole]);
    let agent = Writer::staff(&server, "agent1").await;
    let path = format!("/conversations/{id}/attachments/{kept}");
    assert_eq!(agent.ask(Method::GET, &path, None).await, (200, Value::String("kept".to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_that_end_meanwhile_refuse_it() {
    let server = Server::start().await;
    let Scene { agent, id, .. } = Scene::new(&server).await;
    let mut upload = begun(&agent, &server, &id, 8, "").await;
    upload.write_all(b"some").await.unwrap();
    assert_eq!(files(server.data.path(), 1).await.len(), 1);
    let admin = Writer::staff(&server, "admin").await;
    save(&admin, "agent1", json!({"disabled": true})).await;
    upload.write_all(b"text").await.unwrap();
    let told = first_line(&mut upload, AT_ONCE).await.unwrap();
    assert_eq!(told, "HTTP/1.1 503 Service Unavailable", "they have changed: nothing was done");
    assert_eq!(files(server.data.path(), 0).await, [""; 0]);
    let mut again = begun(&agent, &server, &id, 8, "").await;
    let told = first_line(&mut again, AT_ONCE).await;
    assert_eq!(told.as_deref(), Some("HTTP/1.1 401 Unauthorized"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_takes_nothing_is_let_go() {
    let limits = |files: &mut media_server::config::AttachmentsConfig| {
        files.stall_timeout_s = 1;
        files.downloads_max = 1;
    };
    let server = with_limits(limits).await;
    let Scene { requester, agent, id } = Scene::new(&server).await;
    let attachment = attached(&agent, &id, vec![b'a'; 10 * MIB]).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut idle = socket.connect(server.running.http).await.unwrap();
    let head = format!(
        "GET /api/v1/conversations/{id}/attachments/{attachment} HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: {}\r\n\r\n",
        requester.api().token().unwrap().header()
    );
    idle.write_all(head.as_bytes()).await.unwrap();
    let told = first_line(&mut idle, AT_ONCE).await;
    assert_eq!(told.as_deref(), Some("HTTP/1.1 200 OK"));
    let path = format!("/conversations/{id}/attachments/{attachment}");
    let read = requester.api().request(Method::GET, &path).send().await.unwrap();
    assert_eq!(read.status().as_u16(), 200, "the only lane is free again");
    assert_eq!(read.bytes().await.unwrap().len(), 10 * MIB);
    let mut rest = Vec::new();
    let end = tokio::time::timeout(PATIENCE, idle.read_to_end(&mut rest)).await.unwrap();
    assert!(end.is_err() || rest.len() < 10 * MIB, "and the answer broke off");
}
