//! The disk of a running server is full, and has room again.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use client::api::Method;
use serde_json::{Value, json};
use testkit::{Process, Program};

use super::person::{Person, ask, post, talk, texts};
use super::{PATIENCE, program};

const DISK_MIB: u32 = 24;
/// Refused messages: more than there are connections to the database.
const REFUSED: u32 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_costs_nothing_and_is_over_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::new(program(), folder.path()).on_a_small_disk(DISK_MIB);
    let server = program.start().unwrap();
    let url = program.url();
    let disk = server.path(folder.path());
    let (caller, _agent, call) = talk(&url).await;
    let nora = Person::guest(&url, "Nora").await;
    let conversation = nora.open("sales").await;
    let sam = Person::staff(&url, "supervisor1").await.with_station().await;
    let lee = Person::staff(&url, "supervisor2").await;
    let admin = Person::staff(&url, "admin").await;

    let (mut acknowledged, mut next) = (Vec::new(), 0_u64);
    fill(&disk);
    let mut refused = 0;
    while refused < REFUSED {
        let text = format!("{next} {}", "words that take room ".repeat(150));
        let (status, problem) = post(nora.api(), &conversation, &text, next).await.unwrap();
        match status {
            201 => acknowledged.push(text),
            429 => {
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
            _ => {
                is_refused((status, &problem), "not-saved");
                refused += 1;
            }
        }
        next += 1;
    }

    // Nothing begins that can't be written down, and each refusal says why.
    let body = json!({"name": "Full"});
    let (status, problem) = admin.ask(Method::POST, "/admin/teams", Some(body)).await;
    is_refused((status, &problem), "not-saved");
    let station = sam.session.station_id().unwrap();
    let body = json!({"station": station});
    let (status, problem) = sam.ask(Method::POST, &format!("/calls/{call}/legs"), Some(body)).await;
    is_refused((status, &problem), "audit-unavailable");
    let (status, problem) = lee.ask(Method::POST, "/logout", Some(json!({}))).await;
    is_refused((status, &problem), "sign-out-not-kept");
    assert_eq!(lee.ask(Method::GET, "/me", None).await.0, 401, "it counts at once");
    let (status, problem) = operator(&server, "/readyz").await;
    is_refused((status, &problem), "store-unavailable");
    assert_eq!(operator(&server, "/healthz").await.0, 200);
    // What goes on goes on, and ends.
    assert_eq!(caller.session.api().call(&call).await.unwrap().id, call);
    caller.session.hang_up(&call).await.unwrap();

    std::fs::remove_file(disk.join("filler")).unwrap();
    let (status, answer) = post(nora.api(), &conversation, "there is room", next).await.unwrap();
    assert_eq!(status, 201, "{answer}");
    acknowledged.push("there is room".to_owned());
    until("it is ready", async || operator(&server, "/readyz").await.0 == 200).await;
    let record = format!("/interactions/{call}");
    until("the call's record", async || {
        let (status, record) = sam.ask(Method::GET, &record, None).await;
        status == 200 && record.to_string().contains("\"end_reason\":\"caller\"")
    })
    .await;
    assert_eq!(texts(nora.api(), &conversation).await, acknowledged);

    // As a machine that dies now leaves it.
    let kept = tempfile::tempdir().unwrap();
    copy(&disk, kept.path());
    server.kill();
    let again = Program::new(super::program(), kept.path());
    let server = again.start().unwrap();
    let moved = |api: &client::api::Api| {
        client::api::Api::new(again.url()).unwrap().with_token(api.token().unwrap().clone())
    };
    assert_eq!(texts(&moved(nora.api()), &conversation).await, acknowledged, "after a restart");
    let (status, _) = ask(&moved(lee.api()), Method::GET, "/me", None).await.unwrap();
    assert_eq!(status, 401, "a sign-out is not undone by a restart");
    server.kill();
}

/// That a refusal is a 503 that names its true cause.
fn is_refused((status, problem): (u16, &Value), kind: &str) {
    assert_eq!(status, 503, "{problem}");
    assert_eq!(problem["type"], format!("/problems/{kind}"), "{problem}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("the disk is full"), "{detail}");
}

async fn operator(server: &Process, path: &str) -> (u16, Value) {
    let response = reqwest::get(format!("{}{path}", server.operate_url())).await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < PATIENCE, "it does not come: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn fill(disk: &Path) {
    let mut filler = std::fs::File::create(disk.join("filler")).unwrap();
    for size in [1 << 16, 1 << 12, 1 << 9] {
        while filler.write_all(&vec![0; size]).is_ok() {}
    }
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}
