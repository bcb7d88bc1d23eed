//! Another process holds the write lock of a running server's database.

use std::time::{Duration, Instant};

use client::api::Method;
use serde_json::json;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use testkit::Program;

use super::person::{Person, post, talk, texts};
use super::program;

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_told_and_what_ended_meanwhile_has_its_record() {
    sqlx::any::install_default_drivers();
    let folder = tempfile::tempdir().unwrap();
    let program = Program::new(program(), folder.path());
    let server = program.start().unwrap();
    let url = program.url();
    let (caller, _agent, call) = talk(&url).await;
    let nora = Person::guest(&url, "Nora").await;
    let conversation = nora.open("sales").await;
    let sam = Person::staff(&url, "supervisor1").await.with_station().await;
    let daniel = Person::staff(&url, "supervisor3").await;
    let file = folder.path().join("demo").join(store::FILE_NAME);
    let file = if file.exists() { file } else { folder.path().join(store::FILE_NAME) };
    let mut other = AnyConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();

    caller.session.hang_up(&call).await.unwrap();
    let (status, problem) = post(nora.api(), &conversation, "one", 1).await.unwrap();
    assert_eq!((status, &problem["type"]), (503, &json!("/problems/not-saved")), "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("the database is locked"), "{problem}");
    // Reading waits for nobody who writes.
    let asked = Instant::now();
    assert_eq!(texts(nora.api(), &conversation).await, [""; 0]);
    assert!(asked.elapsed() < Duration::from_secs(2));
    let path = format!("/conversations/{conversation}/supervision");
    let listen = Some(json!({"mode": "listen"}));
    let (status, problem) = daniel.ask(Method::PUT, &path, listen.clone()).await;
    assert_eq!(
        (status, &problem["type"]),
        (503, &json!("/problems/audit-unavailable")),
        "{problem}"
    );
    assert!(problem["detail"].as_str().unwrap().contains("the database is locked"), "{problem}");

    other.execute("ROLLBACK").await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (status, answer) = post(nora.api(), &conversation, "two", 2).await.unwrap();
    assert_eq!(status, 201, "{answer}");
    assert_eq!(texts(nora.api(), &conversation).await, ["two"]);
    let (status, answer) = daniel.ask(Method::PUT, &path, listen).await;
    assert!(status < 300, "{answer}");
    let begun = Instant::now();
    loop {
        let (_, record) = sam.ask(Method::GET, &format!("/interactions/{call}"), None).await;
        if record.to_string().contains("\"end_reason\":\"caller\"") {
            break;
        }
        assert!(begun.elapsed() < super::PATIENCE, "{record}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.kill();
}
