//! Reports of calls and of supervision, and the list of records narrowed and exported.

use std::time::Duration;

use client::api::Method;
use interaction::{Permission, Permissions, UserId};
use serde_json::{Value, json};
use wire::Mode;

use crate::staff::{Staff, kind};
use crate::text::Writer;
use crate::{PATIENCE, Server, Talk};

/// What a path answers once `is_there` says so: what is written in the background comes a little
/// later.
async fn settled(staff: &Staff, path: &str, is_there: impl Fn(&Value) -> bool) -> Value {
    let wait = async {
        loop {
            let found = staff.get(path).await;
            if is_there(&found) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("it is written")
}

/// The answer as CSV.
async fn csv(staff: &Staff, path: &str) -> String {
    let request = staff.api.request(Method::GET, path).header("accept", "text/csv");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
    String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap()
}

async fn may(server: &Server, user: &str, permissions: &[Permission]) {
    let id: UserId = user.parse().unwrap();
    let permissions: Permissions = permissions.iter().copied().collect();
    server.running.auth.set_permissions(id, permissions).await.unwrap();
}

fn rows(report: &Value) -> &Vec<Value> {
    report["rows"].as_array().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_supervised_whom_is_told_to_those_with_the_right_alone() {
    let server = Server::start().await;
    let Talk { caller, agent, call } = server.talk().await;
    let sam = server.person("supervisor1").await;
    let leg = sam.session.listen(&call).await.unwrap().leg;
    sam.session.set_mode(&call, &leg, Mode::Whisper).await.unwrap();
    caller.session.hang_up(&call).await.unwrap();
    drop(agent);

    let admin = Staff::new(&server, "admin").await;
    let is_over = |report: &Value| {
        let last = rows(report).last();
        rows(report).len() == 2 && last.is_some_and(|row| row["until"].is_u64())
    };
    let path = "/reports/supervision";
    let report = settled(&admin, path, is_over).await;
    let told: Vec<Value> = rows(&report)
        .iter()
        .map(|row| json!([row["supervisor"]["name"], row["mode"], row["end"], row["detail"]]))
        .collect();
    let expected = [
        json!(["Sam Okafor", "listen", "mode_changed", null]),
        json!(["Sam Okafor", "whisper", "other", "call ended"]),
    ];
    assert_eq!(told, expected);
    let first = &rows(&report)[0];
    assert_eq!(first["agents"][0]["name"], "Ana Duarte");
    assert_eq!((&first["interaction"], &first["queue"]), (&json!(call), &json!("support")));

    let text = csv(&admin, "/reports/supervision?bom=true&zone=Asia/Tokyo").await;
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("\u{feff}from,until,seconds,supervisor,"), "{text}");
    let line = lines.next().unwrap();
    assert!(line.contains("+09:00,") && line.contains(",Sam Okafor,listen,Ana Duarte,support,"));

    // Nobody else: neither the supervisor, who lacks the right, nor the agent, nor another team's.
    let (sam, ana) =
        (Staff::new(&server, "supervisor1").await, Staff::new(&server, "agent1").await);
    for staff in [&sam, &ana] {
        let (status, problem) = staff.ask(Method::GET, path, None).await;
        assert_eq!((status, kind(&problem)), (403, "not-allowed"));
    }
    let dan = Staff::new(&server, "supervisor3").await;
    may(&server, &dan.id, &[Permission::ReadAudit]).await;
    let dan = Staff::new(&server, "supervisor3").await;
    assert!(rows(&dan.get(path).await).is_empty(), "of another team");
    // Not even with the right does an agent learn from it who listened to themself.
    may(&server, &ana.id, &[Permission::ReadAudit, Permission::TakeCalls]).await;
    let ana = Staff::new(&server, "agent1").await;
    assert!(rows(&ana.get(path).await).is_empty(), "what was done to the reader");
    let yuki = Staff::new(&server, "agent2").await;
    may(&server, &yuki.id, &[Permission::ReadAudit]).await;
    let yuki = Staff::new(&server, "agent2").await;
    assert_eq!(rows(&yuki.get(path).await).len(), 2, "of the same team");
    for bad in [
        "?from=9&until=1",
        "?color=red",
        "?offset_min=9999",
        "?zone=Mars/Olympus",
        "?zone=UTC&offset_min=0",
    ] {
        let (status, problem) = admin.ask(Method::GET, &format!("{path}{bad}"), None).await;
        assert_eq!((status, kind(&problem)), (400, "bad-input"), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_counted_by_queue_and_by_agent() {
    let server = Server::start().await;
    let Talk { caller, agent, call } = server.talk().await;
    agent.session.hold(&call).await.unwrap();
    agent.session.resume(&call).await.unwrap();
    caller.session.hang_up(&call).await.unwrap();
    // One that the agent lets ring, and whose caller then gives up.
    agent.session.ready().await.unwrap();
    let second = server.guest("Nora").await;
    let missed = second.session.place_call("support", None).await.unwrap().id;
    let sam = Staff::new(&server, "supervisor1").await;
    let path = "/reports/calls?by=agent";
    let has_missed = |report: &Value| rows(report).iter().any(|row| row["figures"]["missed"] == 1);
    let by_agent = settled(&sam, path, has_missed).await;
    second.session.hang_up(&missed).await.unwrap();

    let by_queue = settled(&sam, "/reports/calls", |it| it["total"]["abandoned"] == 1).await;
    let row = &rows(&by_queue)[0];
    assert_eq!(row["queue"], "support");
    assert_eq!(row["goal"], json!({"percent": 80, "seconds": 20}));
    let figures = &row["figures"];
    let counts =
        ["offered", "answered", "abandoned", "within_goal"].map(|name| figures[name].as_u64());
    assert_eq!(counts, [Some(2), Some(1), Some(1), Some(1)]);
    assert!(figures["wait"]["median"].is_u64() && figures["handle"]["p90"].is_u64(), "{figures}");

    let ana = rows(&by_agent).iter().find(|row| row["agent"]["name"] == "Ana Duarte").unwrap();
    let counts = ["offered", "answered", "missed"].map(|name| ana["figures"][name].as_u64());
    assert_eq!(counts, [Some(2), Some(1), Some(1)]);
    let from = accounts::unix_now().0 - 3_600_000;
    let own = Staff::new(&server, "agent1").await.get(&format!("/me/day?from={from}")).await;
    assert_eq!((&own["answered"], &own["help"]), (&json!(1), &json!(0)));
    assert_eq!(
        (&own["missed"][0]["queue"], &own["missed"][0]["kind"]),
        (&json!("support"), &json!("call"))
    );
    let text = csv(&sam, "/reports/calls?by=day").await;
    assert!(text.lines().nth(1).unwrap().contains("+00:00,,,2,1,1,1,0,0,"), "{text}");

    let dan = Staff::new(&server, "supervisor3").await;
    for by in ["queue", "agent", "hour", "day"] {
        let report = dan.get(&format!("/reports/calls?by={by}")).await;
        assert_eq!((rows(&report).len(), &report["total"]["offered"]), (0, &json!(0)), "{by}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_conversation_is_in_the_agents_day_and_on_the_board() {
    let server = Server::start().await;
    let admin = Staff::new(&server, "admin").await;
    let mut policies = admin.get("/admin/policies").await;
    policies["policies"]["offer_timeout_s"] = json!(5);
    let (status, saved) = admin.ask(Method::PUT, "/admin/policies", Some(policies)).await;
    assert_eq!(status, 200, "{saved}");
    let ana = Writer::ready(&server, "agent1").await;
    let nora = Writer::guest(&server, "Nora").await;
    nora.open("support").await;
    let sam = Staff::new(&server, "supervisor1").await;
    let path = "/reports/calls?by=agent";
    let has_missed =
        |report: &Value| rows(report).iter().any(|row| row["figures"]["missed_chats"] == 1);
    let report = settled(&sam, path, has_missed).await;
    let row = &rows(&report)[0];
    assert_eq!(row["agent"]["name"], "Ana Duarte");
    assert_eq!((&row["figures"]["missed"], &row["figures"]["offered"]), (&json!(0), &json!(0)));
    let from = accounts::unix_now().0 - 3_600_000;
    let (status, own) = ana.ask(Method::GET, &format!("/me/day?from={from}"), None).await;
    assert_eq!((status, own["missed"].as_array().unwrap().len()), (200, 1));
    let missed = &own["missed"][0];
    assert_eq!((&missed["kind"], &missed["queue"]), (&json!("conversation"), &json!("support")));
    assert!(
        missed["at"].as_u64() > Some(from) && missed.as_object().unwrap().len() == 3,
        "{missed}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_narrowed_and_exported_without_telling_who_listened() {
    let server = Server::start().await;
    let Talk { caller, agent, call } = server.talk().await;
    let sam = server.person("supervisor1").await;
    sam.session.listen(&call).await.unwrap();
    caller.session.hang_up(&call).await.unwrap();
    drop(agent);
    let (sam, ana) =
        (Staff::new(&server, "supervisor1").await, Staff::new(&server, "agent1").await);
    let count = |page: &Value| page["interactions"].as_array().unwrap().len();
    let is_kept = |page: &Value| {
        let list = page["interactions"].as_array().unwrap();
        list.iter().any(|it| it["ended_at"].is_u64())
    };
    settled(&sam, "/interactions", is_kept).await;
    for (query, found) in
        [("?queue=support", 1), ("?queue=sales", 0), ("?supervised=true", 1), ("?code=resolved", 0)]
    {
        assert_eq!(count(&sam.get(&format!("/interactions{query}")).await), found, "{query}");
    }
    assert_eq!(count(&sam.get(&format!("/interactions?agent={}", ana.id)).await), 1);
    assert_eq!(count(&sam.get(&format!("/interactions?agent={}", sam.id)).await), 0);
    // The agent finds the call, and not by whether somebody listened.
    assert_eq!(count(&ana.get("/interactions").await), 1);
    assert_eq!(count(&ana.get("/interactions?supervised=true").await), 0);

    let wrap_up = json!({"text": "", "wrap_up": "resolved"});
    let path = format!("/interactions/{call}/notes");
    assert_eq!(ana.ask(Method::POST, &path, Some(wrap_up)).await.0, 201);
    let by_code = sam.get("/interactions?code=resolved").await;
    assert_eq!(count(&by_code), 1);
    assert_eq!(by_code["interactions"][0]["codes"], json!(["resolved"]));
    let text = csv(&ana, "/interactions?bom=true").await;
    assert!(text.starts_with("\u{feff}opened,answered,"), "{text}");
    assert!(text.contains(",call,voice,support,Daniel,,Ana Duarte,caller,"), "{text}");
    assert!(!text.contains("Sam"), "{text}");
    assert!(text.lines().next().unwrap().ends_with(",interaction,codes"), "{text}");
    assert!(text.lines().nth(1).unwrap().ends_with(",resolved"), "{text}");
}
