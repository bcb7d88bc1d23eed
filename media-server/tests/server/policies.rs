//! What administrators choose for the centre: policies, and who may whisper.

use super::admin::{Admin, changed};
use super::*;

#[tokio::test]
async fn policies_and_the_whisper_rule() {
    let admin = Admin::start().await;
    let before = admin.get("/admin/policies").await;
    assert_eq!(before["revision"], 0);
    let mut wanted = before.clone();
    wanted["policies"]["whisper_beep"] = json!(false);
    wanted["policies"]["conversations_per_agent"] = json!(2);
    let saved = admin.put("/admin/policies", &wanted).await;
    assert_eq!((&saved["revision"], &saved["policies"]), (&json!(1), &wanted["policies"]));
    assert_eq!(admin.get("/admin/policies").await, saved);
    let response = admin.send(Method::PUT, "/admin/policies", Some(&before)).await;
    problem(response, StatusCode::CONFLICT, "stale-revision").await;
    for (field, value) in [("duck_db", 3), ("conversations_per_agent", 0), ("ring_timeout_s", 301)]
    {
        let mut odd = saved.clone();
        odd["policies"][field] = json!(value);
        let response = admin.send(Method::PUT, "/admin/policies", Some(&odd)).await;
        let refused = problem(response, StatusCode::BAD_REQUEST, "bad-input").await;
        assert!(refused["detail"].as_str().unwrap().contains(field));
    }
    let entry = admin.record().await.remove(0);
    assert_eq!(entry["before"]["whisper_beep"], true);
    assert_eq!(entry["after"]["whisper_beep"], false);

    let skill = admin.post("/admin/skills", &json!({"name": "Coaching"})).await;
    let rule = admin.get("/admin/whisper-rule").await;
    let mut wanted = rule.clone();
    wanted["colleagues"] = json!(false);
    wanted["skills"] = json!([skill["id"]]);
    let saved = admin.put("/admin/whisper-rule", &wanted).await;
    assert_eq!(saved["skills"], wanted["skills"]);
    let entry = admin.record().await.remove(0);
    assert_eq!(entry["after"]["skills"], json!(["Coaching"]));
    let response = admin.send(Method::PUT, "/admin/whisper-rule", Some(&rule)).await;
    problem(response, StatusCode::CONFLICT, "stale-revision").await;
    // Without its skill the rule would let in more people than before.
    let path = format!("/admin/skills/{}", skill["id"].as_str().unwrap());
    let response = admin.send(Method::DELETE, &format!("{path}?revision=1"), None).await;
    problem(response, StatusCode::CONFLICT, "in-use").await;
    let renamed = admin.put(&path, &json!({"name": "Coach", "revision": 1})).await;
    admin.put("/admin/whisper-rule", &changed(&saved, &json!({"skills": []}))).await;
    admin.delete(&format!("{path}?revision={}", renamed["revision"])).await;
    assert_eq!(admin.record().await[0]["action"], "deleted");
    admin.server.running.stop().await;
}

#[tokio::test]
async fn policies_survive_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let first = start(config(&data)).await.unwrap();
    let http = Client::new();
    let token = async |running: &Running| -> String {
        let body = json!({"username": "admin", "password": "sotto-demo"});
        let request = http.post(format!("{}/api/v1/login", running.url())).json(&body);
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        body["token"].as_str().unwrap().to_owned()
    };
    let read = async |running: &Running, token: &str| -> Value {
        let request = http.get(format!("{}/api/v1/admin/policies", running.url()));
        request.bearer_auth(token).send().await.unwrap().json().await.unwrap()
    };
    let admin = token(&first).await;
    let mut wanted = read(&first, &admin).await;
    wanted["policies"]["ring_timeout_s"] = json!(33);
    let put = http.put(format!("{}/api/v1/admin/policies", first.url())).json(&wanted);
    assert_eq!(put.bearer_auth(&admin).send().await.unwrap().status(), StatusCode::OK);
    first.stop().await;
    let second = start(config(&data)).await.unwrap();
    let read = read(&second, &token(&second).await).await;
    assert_eq!((&read["policies"]["ring_timeout_s"], &read["revision"]), (&json!(33), &json!(1)));
    second.stop().await;
}
