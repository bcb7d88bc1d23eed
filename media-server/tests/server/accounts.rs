//! Signing in and out, tokens, cookies, rights, guests, throttling.

use interaction::{Permission, Permissions, UserId};

use super::*;

async fn me(server: &TestServer, token: &str) -> Response {
    server.get("/api/v1/me").bearer_auth(token).send().await.unwrap()
}

fn cookie_of(response: &Response) -> String {
    response.headers()["set-cookie"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn who_signs_in_is_known() {
    let server = TestServer::start().await;
    let response = server.login("supervisor1", "sotto-demo").await;
    let cookie = cookie_of(&response);
    for word in ["sotto_session=", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    assert!(
        !cookie.contains("Secure"),
        "over plain HTTP on loopback a browser would drop it: {cookie}"
    );
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["user"]["name"], "Sam Okafor");
    assert_eq!(body["user"]["role"], "supervisor");
    assert_eq!(body["user"]["queues"][0]["id"], "support");
    assert_eq!(body["user"]["teams"][0]["name"], "Support");

    let by_bearer: Value = me(&server, body["token"].as_str().unwrap()).await.json().await.unwrap();
    assert_eq!(by_bearer, body["user"]);
    let cookie = cookie.split(';').next().unwrap();
    let by_cookie = server.get("/api/v1/me").header("cookie", cookie).send().await.unwrap();
    assert_eq!(by_cookie.json::<Value>().await.unwrap(), body["user"]);
    server.running.stop().await;
}

#[tokio::test]
async fn wrong_names_and_passwords_look_the_same() {
    let server = TestServer::start().await;
    let mut details = Vec::new();
    let long = "x".repeat(1000);
    for (username, password) in
        [("agent1", "wrong"), ("nobody", "sotto-demo"), ("", ""), ("agent1", &long)]
    {
        let response = server.login(username, password).await;
        let problem = problem(response, StatusCode::UNAUTHORIZED, "wrong-credentials").await;
        details.push(problem["detail"].to_string());
    }
    details.dedup();
    assert_eq!(details.len(), 1);
    server.running.stop().await;
}

#[tokio::test]
async fn a_token_that_is_not_ours() {
    let server = TestServer::start().await;
    let token = server.token("agent1").await;
    let mut parts: Vec<&str> = token.split('.').collect();
    // {"typ":"JWT","alg":"none"}
    parts[0] = "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0";
    let unsigned = format!("{}.{}.", parts[0], parts[1]);
    let wrongly_signed = parts.join(".");
    for forged in [unsigned.as_str(), &wrongly_signed, "", "x", "a.b.c", &token[1..]] {
        let response = me(&server, forged).await;
        problem(response, StatusCode::UNAUTHORIZED, "not-signed-in").await;
    }
    assert_eq!(me(&server, &token).await.status(), StatusCode::OK);
    server.running.stop().await;
}

#[tokio::test]
async fn who_signs_out_is_out_even_after_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let first = start(config(&data)).await.unwrap();
    let http = Client::new();
    let login = async |running: &Running| -> String {
        let body = json!({"username": "agent1", "password": "sotto-demo"});
        let request = http.post(format!("{}/api/v1/login", running.url())).json(&body);
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        body["token"].as_str().unwrap().to_owned()
    };
    let me = async |running: &Running, token: &str| {
        let request = http.get(format!("{}/api/v1/me", running.url())).bearer_auth(token);
        request.send().await.unwrap().status()
    };
    let (out, stays) = (login(&first).await, login(&first).await);
    let request = http.post(format!("{}/api/v1/logout", first.url())).bearer_auth(&out);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert!(cookie_of(&response).contains("Max-Age=0"));
    assert_eq!(me(&first, &out).await, StatusCode::UNAUTHORIZED);
    assert_eq!(me(&first, &stays).await, StatusCode::OK);
    first.stop().await;

    let second = start(config(&data)).await.unwrap();
    assert_eq!(me(&second, &out).await, StatusCode::UNAUTHORIZED);
    assert_eq!(me(&second, &stays).await, StatusCode::OK);
    second.stop().await;
}

#[tokio::test]
async fn a_browsers_command_must_come_from_our_own_page() {
    let server = TestServer::start().await;
    let response = server.login("agent1", "sotto-demo").await;
    let cookie = cookie_of(&response);
    let cookie = cookie.split(';').next().unwrap();
    let own = server.running.url();
    let ready = async |headers: &[(&str, &str)]| {
        let mut request = server
            .request(Method::PUT, "/api/v1/me/presence")
            .json(&json!({"state": "ready"}))
            .header("cookie", cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    };
    for headers in [
        &[][..],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site"), ("origin", &own)],
        &[("sec-fetch-site", "same-site")],
    ] {
        problem(ready(headers).await, StatusCode::FORBIDDEN, "cross-site").await;
    }
    assert!(ready(&[("origin", &own)]).await.status().is_success());
    assert!(ready(&[("sec-fetch-site", "same-origin")]).await.status().is_success());

    // The event stream reads everything, so it is as dear as a command.
    let events = |origin: &str| {
        server
            .get("/api/v1/events")
            .header("cookie", cookie)
            .header("origin", origin)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
    };
    let response = events("https://evil.example").send().await.unwrap();
    problem(response, StatusCode::FORBIDDEN, "cross-site").await;
    let response = events(&own).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    server.running.stop().await;
}

#[tokio::test]
async fn rights_count_from_the_moment_they_change() {
    let server = TestServer::start().await;
    let token = server.token("supervisor1").await;
    let user: Value = me(&server, &token).await.json().await.unwrap();
    let id = UserId(u64::from_str_radix(user["id"].as_str().unwrap(), 16).unwrap());
    assert_eq!(user["permissions"].as_array().unwrap().len(), 4);

    let before = server.running.auth.version(id);
    let only = Permissions::NONE.with(Permission::MonitorLiveCalls);
    server.running.auth.set_permissions(id, only).await.unwrap();
    assert!(server.running.auth.version(id) > before);
    let user: Value = me(&server, &token).await.json().await.unwrap();
    assert_eq!(user["permissions"], json!(["monitor_live_calls"]));

    server.running.auth.set_disabled(id, true).await.unwrap();
    problem(me(&server, &token).await, StatusCode::UNAUTHORIZED, "not-signed-in").await;
    let response = server.login("supervisor1", "sotto-demo").await;
    problem(response, StatusCode::UNAUTHORIZED, "wrong-credentials").await;
    server.running.stop().await;
}

#[tokio::test]
async fn a_guest_comes_in_to_call() {
    let server = TestServer::start().await;
    let queues: Value = server.get("/api/v1/queues").send().await.unwrap().json().await.unwrap();
    let keys: Vec<_> =
        queues["queues"].as_array().unwrap().iter().map(|queue| &queue["id"]).collect();
    assert_eq!(keys, ["sales", "support"]);

    let guest =
        server.post("/api/v1/guests", &json!({"name": " Hana Satō "})).send().await.unwrap();
    assert_eq!(guest.status(), StatusCode::CREATED);
    let guest: Value = guest.json().await.unwrap();
    assert_eq!(guest["user"]["name"], "Hana Satō");
    assert_eq!(guest["user"]["role"], "caller");
    assert_eq!(guest["user"]["permissions"], json!(["place_calls"]));
    let token = guest["token"].as_str().unwrap();
    let user: Value = me(&server, token).await.json().await.unwrap();
    assert_eq!(user, guest["user"]);

    let long = "x".repeat(81);
    for name in ["", "  ", "a\u{7}b", &long] {
        let response = server.post("/api/v1/guests", &json!({"name": name})).send().await.unwrap();
        problem(response, StatusCode::BAD_REQUEST, "bad-input").await;
    }
    let out =
        server.request(Method::POST, "/api/v1/logout").bearer_auth(token).send().await.unwrap();
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    problem(me(&server, token).await, StatusCode::UNAUTHORIZED, "not-signed-in").await;
    server.running.stop().await;
}

#[tokio::test]
async fn guessing_is_slowed_down_and_a_shift_is_not() {
    let server = TestServer::start().await;
    // A shift behind one address, at once, and one of them on some screens.
    let people = ["agent2", "agent4", "agent5", "agent6", "supervisor1", "supervisor3", "admin"];
    let many = std::iter::repeat_n("supervisor2", 8);
    let everybody = people.into_iter().chain(many).map(|name| server.login(name, "sotto-demo"));
    for response in futures_util::future::join_all(everybody).await {
        assert_eq!(response.status(), StatusCode::OK);
    }
    for _ in 0..10 {
        let response = server.login("agent1", "guess").await;
        problem(response, StatusCode::UNAUTHORIZED, "wrong-credentials").await;
    }
    // Where a guess takes seconds, there is one more meanwhile.
    while server.login("agent1", "guess").await.status() == StatusCode::UNAUTHORIZED {}
    let response = server.login("agent1", "sotto-demo").await;
    let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait));
    problem(response, StatusCode::TOO_MANY_REQUESTS, "too-many-attempts").await;
    // A burst does not get more guesses in than one after the other would.
    let burst = (0..40).map(|_| server.login("agent3", "guess"));
    let refused = futures_util::future::join_all(burst).await;
    let guesses = refused.iter().filter(|response| response.status() == StatusCode::UNAUTHORIZED);
    assert!((10..=13).contains(&guesses.count()));
    assert_eq!(server.login("agent2", "sotto-demo").await.status(), StatusCode::OK);
    server.running.stop().await;
}

#[tokio::test]
async fn an_empty_server_has_an_administrator_and_no_demo() {
    let server = TestServer::with(|config| config.demo = None).await;
    let [admin] = &server.running.new_accounts[..] else { panic!("not one new account") };
    assert_eq!(server.login("admin", &admin.password).await.status(), StatusCode::OK);
    let response = server.login("agent1", "sotto-demo").await;
    problem(response, StatusCode::UNAUTHORIZED, "wrong-credentials").await;
    server.running.stop().await;
}
