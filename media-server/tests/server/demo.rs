//! The demo as whoever starts it sees it: calls, people who write and are answered, and a day behind it.

use std::time::{Duration, Instant};

use client::api::Method as ApiMethod;
use client::session::Session;
use media_server::seed::DEMO_PASSWORD;
use serde_json::Value;

/// Customers begin to write after a few seconds, and type as people do.
const PATIENCE: Duration = Duration::from_secs(90);

async fn get(session: &Session, path: &str) -> Value {
    let answer = session.api().request(ApiMethod::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_has_chats_that_are_answered_and_a_day_to_report_of() {
    let server = testkit::Server::with(|config| config.demo = Some(1)).await;
    let url = server.running.url();
    let sam = Session::sign_in(&url, "supervisor1", DEMO_PASSWORD).await.unwrap();
    let deadline = Instant::now() + PATIENCE;
    // A supervisor who does not listen is told how much was written, and not what.
    let is_answered = |chat: &Value| {
        let parts = chat["members"].as_array().unwrap().iter();
        chat["state"] == "active" && parts.filter(|it| it["part"] == "agent").count() == 1
    };
    loop {
        let chats = get(&sam, "/conversations").await;
        let calls = get(&sam, "/calls").await;
        let report = get(&sam, "/reports/calls?by=queue").await;
        let is_talking =
            calls["calls"].as_array().unwrap().iter().any(|it| it["state"] == "active");
        let is_made = report["total"]["answered"].as_u64() > Some(10);
        let chats = chats["conversations"].as_array().unwrap();
        if is_talking && is_made && chats.iter().any(is_answered) {
            break;
        }
        assert!(Instant::now() < deadline, "{chats:?} {calls} {report}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let report = get(&sam, "/reports/calls?by=queue").await;
    let total = &report["total"];
    assert!(total["hold"].is_object() && total["wrap"].is_object(), "{total}");
    assert!(!get(&sam, "/reports/help").await["rows"].as_array().unwrap().is_empty());
    server.stop().await;
}
