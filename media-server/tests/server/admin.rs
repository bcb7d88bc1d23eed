//! Administration: accounts, teams, queues, skills, policies, replies, and the record of changes.

use super::*;

const PATHS: [&str; 9] = [
    "/admin/users",
    "/admin/teams",
    "/admin/queues",
    "/admin/skills",
    "/admin/whisper-rule",
    "/admin/policies",
    "/admin/brand",
    "/admin/replies",
    "/admin/audit",
];

/// An administrator's requests.
pub(super) struct Admin {
    pub(super) server: TestServer,
    token: String,
}

impl Admin {
    pub(super) async fn start() -> Self {
        let server = TestServer::start().await;
        let token = server.token("admin").await;
        Self { server, token }
    }

    pub(super) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let mut request = self.server.request(method, &format!("/api/v1{path}"));
        if let Some(body) = body {
            request = request.json(body);
        }
        request.bearer_auth(&self.token).send().await.unwrap()
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        let response = self.send(Method::GET, path, None).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Value {
        let response = self.send(Method::POST, path, Some(body)).await;
        let status = response.status();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(status, StatusCode::CREATED, "{path}: {answer}");
        answer
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Value {
        let response = self.send(Method::PUT, path, Some(body)).await;
        let status = response.status();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    pub(super) async fn delete(&self, path: &str) {
        let response = self.send(Method::DELETE, path, None).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT, "{path}");
    }

    /// What the list at `path` has under `key`, by name.
    async fn named(&self, path: &str, key: &str, name: &str) -> Value {
        let list = self.get(path).await;
        let all = list[key].as_array().unwrap();
        all.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{name}: {list}")).clone()
    }

    /// The newest entries of the record.
    pub(super) async fn record(&self) -> Vec<Value> {
        self.get("/admin/audit").await["entries"].as_array().unwrap().clone()
    }
}

fn account(username: &str) -> Value {
    json!({"username": username, "name": "Noor Haddad", "role": "agent",
        "permissions": ["take_calls"], "teams": [], "queues": [], "skills": [],
        "disabled": false, "password": "a good password"})
}

/// A thing as it was read, as it is to be sent.
pub(super) fn changed(read: &Value, changes: &Value) -> Value {
    let mut body = read.clone();
    let fields = body.as_object_mut().unwrap();
    fields.remove("id");
    for (field, value) in changes.as_object().unwrap() {
        fields.insert(field.clone(), value.clone());
    }
    body
}

#[tokio::test]
async fn only_who_may_administer_gets_in() {
    let server = TestServer::start().await;
    let body = json!({"name": "Nora"});
    let guest: Value =
        server.post("/api/v1/guests", &body).send().await.unwrap().json().await.unwrap();
    let guest = guest["token"].as_str().unwrap().to_owned();
    for token in [server.token("supervisor1").await, server.token("agent1").await, guest] {
        for path in PATHS {
            let request = server.get(&format!("/api/v1{path}")).bearer_auth(&token);
            problem(request.send().await.unwrap(), StatusCode::FORBIDDEN, "not-allowed").await;
        }
        let post = server.post("/api/v1/admin/users", &account("noor")).bearer_auth(&token);
        problem(post.send().await.unwrap(), StatusCode::FORBIDDEN, "not-allowed").await;
        let body = json!({"policies": {}, "revision": 0});
        let put = server.request(Method::PUT, "/api/v1/admin/policies").json(&body);
        let refused = put.bearer_auth(&token).send().await.unwrap();
        assert!(refused.status().is_client_error());
    }
    for path in PATHS {
        let refused = server.get(&format!("/api/v1{path}")).send().await.unwrap();
        problem(refused, StatusCode::UNAUTHORIZED, "not-signed-in").await;
    }
    server.running.stop().await;
}

#[tokio::test]
async fn an_agent_is_made_and_signs_in() {
    let admin = Admin::start().await;
    let team = admin.post("/admin/teams", &json!({"name": "Returns"})).await;
    let queue = json!({"key": "returns", "name": "Returns", "team": team["id"],
        "open_to_guests": true, "settings": {"delivery": "pull", "private_chat": true,
        "help": true, "mood": false, "transcript_download": false}});
    let queue = admin.post("/admin/queues", &queue).await;
    assert_eq!(queue["settings"]["delivery"], "pull");
    let skill = admin.post("/admin/skills", &json!({"name": "Japanese"})).await;
    let mut noor = account("noor");
    noor["teams"] = json!([team["id"]]);
    noor["queues"] = json!(["returns"]);
    noor["skills"] = json!([skill["id"]]);
    let made = admin.post("/admin/users", &noor).await;
    assert_eq!(made["queues"], json!(["returns"]));
    assert!(!made.to_string().contains("password"), "{made}");
    assert!(!admin.get("/admin/users").await.to_string().contains("argon2"));

    let signed = admin.server.login("noor", "a good password").await;
    let signed: Value = signed.json().await.unwrap();
    assert_eq!(signed["user"]["queues"][0]["id"], "returns");
    assert_eq!(signed["user"]["teams"][0]["name"], "Returns");
    // Supervisors of the team see the new agent without a restart.
    let entries = admin.record().await;
    let names: Vec<&Value> = entries.iter().map(|it| &it["subject"]).collect();
    assert_eq!(names, ["Noor Haddad", "Japanese", "Returns", "Returns"]);
    assert_eq!(entries[0]["actor"]["name"], "Administrator");
    assert_eq!(entries[0]["action"], "created");
    assert_eq!(entries[0]["after"]["teams"], json!(["Returns"]));
    assert_eq!(entries[0]["after"]["skills"], json!(["Japanese"]));
    assert_eq!(entries[0]["after"]["password"], "new");
    assert!(entries[0].get("before").is_none());
    assert!(!json!(entries).to_string().contains("a good password"));
    admin.server.running.stop().await;
}

#[tokio::test]
async fn what_is_changed_is_in_the_record_as_it_was_and_is() {
    let admin = Admin::start().await;
    let ana = admin.named("/admin/users", "users", "Ana Duarte").await;
    let path = format!("/admin/users/{}", ana["id"].as_str().unwrap());
    let to = changed(&ana, &json!({"name": "Ana Lima", "disabled": true}));
    let saved = admin.put(&path, &to).await;
    assert_eq!(saved["name"], "Ana Lima");
    assert_eq!(saved["revision"].as_u64(), ana["revision"].as_u64().map(|it| it + 1));
    let entry = admin.record().await.remove(0);
    assert_eq!(entry["before"]["name"], "Ana Duarte");
    assert_eq!(entry["after"]["name"], "Ana Lima");
    assert_eq!(
        (&entry["before"]["disabled"], &entry["after"]["disabled"]),
        (&json!(false), &json!(true))
    );
    assert_eq!((&entry["kind"], &entry["action"]), (&json!("user"), &json!("changed")));

    // Of two who change the same account the second is told, and nothing is written.
    let response = admin.send(Method::PUT, &path, Some(&to)).await;
    problem(response, StatusCode::CONFLICT, "stale-revision").await;
    // Nothing changed: nothing to write.
    admin.put(&path, &changed(&saved, &json!({}))).await;
    assert_eq!(admin.record().await.len(), 1);

    let support = admin.named("/admin/queues", "queues", "Support").await;
    let mut settings = support["settings"].clone();
    settings["transcript_download"] = json!(false);
    admin.put("/admin/queues/support", &changed(&support, &json!({"settings": settings}))).await;
    let entry = admin.record().await.remove(0);
    assert_eq!(entry["before"]["transcript_download"], true);
    assert_eq!(entry["after"]["transcript_download"], false);
    assert_eq!(entry["subject"], "Support");

    let support = admin.named("/admin/queues", "queues", "Support").await;
    let mut settings = support["settings"].clone();
    settings["signs"]["hold_s"] = json!(45);
    let change = json!({"settings": settings, "wrap_up_codes": ["Refund", " 折り返し "]});
    let saved = admin.put("/admin/queues/support", &changed(&support, &change)).await;
    assert_eq!(saved["wrap_up_codes"], json!(["Refund", "折り返し"]));
    let entry = admin.record().await.remove(0);
    let signs = "dead air 20 s, talk-over 25 %, hold 45 s, help 60 s";
    assert_eq!(
        (&entry["after"]["signs"], entry["before"]["wrap_up_codes"].as_array()),
        (&json!(signs), Some(&vec![]))
    );
    for (field, value, named) in [
        ("wrap_up_codes", json!(["a", "a"]), "`wrap_up_codes`"),
        ("wrap_up_codes", json!(["two\nlines"]), "`wrap_up_codes`"),
        ("wrap_up_codes", json!([""]), "`wrap_up_codes`"),
        ("wrap_up_codes", json!(["x".repeat(65)]), "`wrap_up_codes`"),
        (
            "wrap_up_codes",
            json!((0..41).map(|n| n.to_string()).collect::<Vec<_>>()),
            "`wrap_up_codes`",
        ),
        ("dead_air_s", json!(4), "`signs.dead_air_s`"),
        ("talk_over_percent", json!(101), "`signs.talk_over_percent`"),
        ("hold_s", json!(3601), "`signs.hold_s`"),
        ("help_s", json!(0), "`signs.help_s`"),
    ] {
        let mut odd = changed(&saved, &json!({}));
        let place = if field == "wrap_up_codes" { &mut odd } else { &mut odd["settings"]["signs"] };
        place[field] = value;
        let response = admin.send(Method::PUT, "/admin/queues/support", Some(&odd)).await;
        let refused = problem(response, StatusCode::BAD_REQUEST, "bad-input").await;
        assert!(refused["detail"].as_str().unwrap().contains(named), "{refused}");
    }

    // Found by kind and by name, page by page.
    let found = admin.get("/admin/audit?kind=queue&search=SUPP").await;
    assert_eq!(found["entries"].as_array().unwrap().len(), 2);
    let page = admin.get("/admin/audit?limit=1").await;
    assert_eq!(page["entries"][0], entry);
    let older = admin.get(&format!("/admin/audit?limit=1&before={}", page["next"])).await;
    assert_eq!(older["entries"][0]["kind"], "queue");
    let older = admin.get(&format!("/admin/audit?limit=1&before={}", older["next"])).await;
    assert_eq!(older["entries"][0]["kind"], "user");
    assert!(older.get("next").is_none(), "{older}");
    let odd = admin.send(Method::GET, "/admin/audit?kind=salary", None).await;
    problem(odd, StatusCode::BAD_REQUEST, "bad-input").await;
    admin.server.running.stop().await;
}

#[tokio::test]
async fn what_a_change_leaves_out_stays_as_it_is() {
    let admin = Admin::start().await;
    let support = admin.named("/admin/queues", "queues", "Support").await;
    let span = json!({"day": "mon", "from": "09:00", "until": "17:30"});
    let hours = json!({"zone": "Europe/Berlin", "weekly": [span], "closed_on": ["2026-12-25"]});
    let mut settings = support["settings"].clone();
    settings["goal"] = json!({"percent": 90, "seconds": 10});
    settings["signs"]["hold_s"] = json!(45);
    settings["tell_place"] = json!(true);
    let all = json!({"settings": settings, "wrap_up_codes": ["Refund"], "opening_hours": hours});
    let saved = admin.put("/admin/queues/support", &changed(&support, &all)).await;
    assert_eq!((&saved["opening_hours"], &saved["settings"]), (&hours, &settings));
    let entry = admin.record().await.remove(0);
    let told = "Mon 09:00–17:30; closed on 2026-12-25 (Europe/Berlin)";
    assert_eq!(entry["after"]["opening_hours"], told);
    assert_eq!(entry["before"]["opening_hours"], "always");

    let mut less = saved.clone();
    for field in ["key", "wrap_up_codes", "opening_hours"] {
        less.as_object_mut().unwrap().remove(field);
    }
    for field in ["goal", "signs", "tell_place"] {
        less["settings"].as_object_mut().unwrap().remove(field);
    }
    less["name"] = json!("Help desk");
    let renamed = admin.put("/admin/queues/support", &less).await;
    for field in ["settings", "wrap_up_codes", "opening_hours"] {
        assert_eq!(renamed[field], saved[field], "{field}");
    }
    assert_eq!(renamed["name"], "Help desk");
    for (odd, named) in [
        (json!({"zone": "Mars/Olympus", "weekly": [], "closed_on": []}), "zone"),
        (
            json!({"zone": "UTC", "weekly": [{"day": "mon", "from": "9", "until": "17:00"}], "closed_on": []}),
            "weekly",
        ),
        (json!({"zone": "UTC", "weekly": [], "closed_on": ["2026-02-30"]}), "closed_on"),
    ] {
        let odd = changed(&renamed, &json!({"opening_hours": odd}));
        let response = admin.send(Method::PUT, "/admin/queues/support", Some(&odd)).await;
        let refused = problem(response, StatusCode::BAD_REQUEST, "bad-input").await;
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("`opening_hours.{named}`")), "{refused}");
    }

    let mut policies = admin.get("/admin/policies").await;
    policies["policies"]["after_call_s"] = json!(30);
    let mut saved = admin.put("/admin/policies", &policies).await;
    saved["policies"].as_object_mut().unwrap().remove("after_call_s");
    saved["policies"]["hold_tone"] = json!(true);
    let saved = admin.put("/admin/policies", &saved).await;
    assert_eq!(saved["policies"]["after_call_s"], 30);
    admin.server.running.stop().await;
}

#[tokio::test]
async fn guests_are_shown_the_brand_that_was_chosen() {
    let admin = Admin::start().await;
    let guests = async || -> Value {
        let request = admin.server.request(Method::GET, "/api/v1/queues");
        request.send().await.unwrap().json().await.unwrap()
    };
    let none = json!({"name": "", "accent": "", "privacy_url": "", "closed_message": ""});
    assert_eq!(guests().await["brand"], none);
    let before = admin.get("/admin/brand").await;
    assert_eq!(before, json!({"brand": none, "revision": 0}));
    let brand = json!({
        "name": "Acme", "accent": "#0a5c8f", "privacy_url": "https://example.com/privacy",
        "closed_message": "Our shop in Kyoto is open on Saturdays, too.",
    });
    let saved = admin.put("/admin/brand", &json!({"brand": brand, "revision": 0})).await;
    assert_eq!(saved, json!({"brand": brand, "revision": 1}));
    assert_eq!(guests().await["brand"], brand);
    let response = admin.send(Method::PUT, "/admin/brand", Some(&before)).await;
    problem(response, StatusCode::CONFLICT, "stale-revision").await;
    let mut pale = saved.clone();
    pale["brand"]["accent"] = json!("#ffd60a");
    let response = admin.send(Method::PUT, "/admin/brand", Some(&pale)).await;
    problem(response, StatusCode::BAD_REQUEST, "bad-input").await;
    let entry = admin.record().await.remove(0);
    assert_eq!((&entry["kind"], &entry["after"]["name"]), (&json!("brand"), &json!("Acme")));
    admin.server.running.stop().await;
}

#[tokio::test]
async fn somebody_is_left_who_may_administer() {
    let admin = Admin::start().await;
    let me = admin.named("/admin/users", "users", "Administrator").await;
    let path = format!("/admin/users/{}", me["id"].as_str().unwrap());
    for change in [json!({"disabled": true}), json!({"permissions": []})] {
        let response = admin.send(Method::PUT, &path, Some(&changed(&me, &change))).await;
        problem(response, StatusCode::CONFLICT, "last-administrator").await;
    }
    assert!(admin.record().await.is_empty(), "what was refused is not in the record");
    let mut second = account("root");
    second["role"] = json!("admin");
    second["permissions"] = json!(["administer"]);
    admin.post("/admin/users", &second).await;
    admin.put(&path, &changed(&me, &json!({"permissions": []}))).await;
    let response = admin.send(Method::GET, "/admin/users", None).await;
    problem(response, StatusCode::FORBIDDEN, "not-allowed").await;
    admin.server.running.stop().await;
}

#[tokio::test]
async fn a_new_password_ends_the_sign_ins() {
    let admin = Admin::start().await;
    let old = admin.server.token("agent1").await;
    let ana = admin.named("/admin/users", "users", "Ana Duarte").await;
    let path = format!("/admin/users/{}", ana["id"].as_str().unwrap());
    admin.put(&path, &changed(&ana, &json!({"password": "another password"}))).await;
    let me = async |token: &str| {
        admin.server.get("/api/v1/me").bearer_auth(token).send().await.unwrap().status()
    };
    assert_eq!(me(&old).await, StatusCode::UNAUTHORIZED);
    assert_eq!(admin.server.login("agent1", "sotto-demo").await.status(), StatusCode::UNAUTHORIZED);
    let signed = admin.server.login("agent1", "another password").await;
    let signed: Value = signed.json().await.unwrap();
    assert_eq!(me(signed["token"].as_str().unwrap()).await, StatusCode::OK);
    let entry = admin.record().await.remove(0);
    assert_eq!(entry["after"]["password"], "new");
    assert!(!entry.to_string().contains("another password"));
    admin.server.running.stop().await;
}

#[tokio::test]
async fn a_refusal_names_the_field() {
    let admin = Admin::start().await;
    for (field, value) in [
        ("username", json!("")),
        ("name", json!("x".repeat(81))),
        ("password", json!("short")),
        ("password", Value::Null),
        ("teams", json!(["ffff"])),
        ("queues", json!(["nowhere"])),
        ("skills", json!(["1"])),
        ("role", json!("boss")),
        ("permissions", json!(["shout"])),
    ] {
        let mut body = account("noor");
        body[field] = value;
        let response = admin.send(Method::POST, "/admin/users", Some(&body)).await;
        let refused = problem(response, StatusCode::BAD_REQUEST, "bad-input").await;
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains(field), "{field}: {detail}");
    }
    let mut sam = account("sam");
    (sam["role"], sam["queues"]) = (json!("supervisor"), json!(["support"]));
    let response = admin.send(Method::POST, "/admin/users", Some(&sam)).await;
    problem(response, StatusCode::BAD_REQUEST, "bad-input").await;
    let response = admin.send(Method::POST, "/admin/users", Some(&account("agent1"))).await;
    let taken = problem(response, StatusCode::CONFLICT, "taken").await;
    assert!(taken["detail"].as_str().unwrap().contains("`username`"));
    let response = admin.send(Method::PUT, "/admin/users/1", Some(&account("x"))).await;
    problem(response, StatusCode::NOT_FOUND, "not-found").await;
    let body = json!({"key": "Big Queue", "name": "Q", "team": "1", "open_to_guests": true,
        "settings": {"delivery": "push", "private_chat": true, "help": true, "mood": true,
        "transcript_download": true}});
    let response = admin.send(Method::POST, "/admin/queues", Some(&body)).await;
    let refused = problem(response, StatusCode::BAD_REQUEST, "bad-input").await;
    assert!(refused["detail"].as_str().unwrap().contains("`key`"));
    assert!(admin.record().await.is_empty());
    admin.server.running.stop().await;
}

#[tokio::test]
async fn teams_are_renamed_and_deleted() {
    let admin = Admin::start().await;
    let team = admin.post("/admin/teams", &json!({"name": "Night"})).await;
    let path = format!("/admin/teams/{}", team["id"].as_str().unwrap());
    let renamed = admin.put(&path, &json!({"name": "Evening", "revision": 1})).await;
    assert_eq!(renamed["name"], "Evening");
    let twice = admin.send(Method::POST, "/admin/teams", Some(&json!({"name": "Sales"}))).await;
    problem(twice, StatusCode::CONFLICT, "taken").await;
    let stale = admin.send(Method::DELETE, &format!("{path}?revision=1"), None).await;
    problem(stale, StatusCode::CONFLICT, "stale-revision").await;
    admin.delete(&format!("{path}?revision=2")).await;
    let gone = admin.send(Method::DELETE, &format!("{path}?revision=2"), None).await;
    problem(gone, StatusCode::NOT_FOUND, "not-found").await;
    let support = admin.named("/admin/teams", "teams", "Support").await;
    let path = format!("/admin/teams/{}?revision=1", support["id"].as_str().unwrap());
    problem(admin.send(Method::DELETE, &path, None).await, StatusCode::CONFLICT, "in-use").await;
    assert_eq!(admin.record().await.len(), 3);
    admin.server.running.stop().await;
}

#[tokio::test]
async fn replies_go_to_those_who_serve_the_queue() {
    let admin = Admin::start().await;
    let hello = json!({"title": "Hello", "text": "Hello!\nHow can I help?"});
    let hello = admin.post("/admin/replies", &hello).await;
    let offer = json!({"title": "Offer", "text": "20 % off.", "queue": "sales"});
    let offer = admin.post("/admin/replies", &offer).await;
    let titles = async |username: &str| -> Vec<String> {
        let token = admin.server.token(username).await;
        let response = admin.server.get("/api/v1/replies").bearer_auth(token).send().await;
        let list: Value = response.unwrap().json().await.unwrap();
        let replies = list["replies"].as_array().unwrap();
        replies.iter().map(|it| it["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles("agent1").await, ["Hello"]);
    assert_eq!(titles("agent5").await, ["Hello", "Offer"]);
    assert_eq!(titles("supervisor3").await, ["Hello", "Offer"]);
    let path = |reply: &Value| format!("/admin/replies/{}", reply["id"].as_str().unwrap());
    let to = changed(&offer, &json!({"queue": "support"}));
    let offer = admin.put(&path(&offer), &to).await;
    assert_eq!(titles("agent1").await, ["Hello", "Offer"]);
    admin.delete(&format!("{}?revision={}", path(&hello), hello["revision"])).await;
    assert_eq!(titles("agent1").await, ["Offer"]);
    let entry = admin.record().await.remove(0);
    assert_eq!(entry["before"]["text"], "Hello!\nHow can I help?");
    assert!(entry.get("after").is_none());
    for (field, value) in [("title", json!("")), ("text", json!(" ")), ("queue", json!("nowhere"))]
    {
        let odd = changed(&offer, &json!({ field: value }));
        let response = admin.send(Method::PUT, &path(&offer), Some(&odd)).await;
        let refused = problem(response, StatusCode::BAD_REQUEST, "bad-input").await;
        assert!(refused["detail"].as_str().unwrap().contains(field));
    }
    let guest = admin.server.post("/api/v1/guests", &json!({"name": "Nora"})).send().await;
    let guest: Value = guest.unwrap().json().await.unwrap();
    let token = guest["token"].as_str().unwrap();
    let refused = admin.server.get("/api/v1/replies").bearer_auth(token).send().await.unwrap();
    problem(refused, StatusCode::FORBIDDEN, "not-allowed").await;
    admin.server.running.stop().await;
}
