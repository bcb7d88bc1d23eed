//! Refusals have one shape, whoever refuses.

use super::*;

const LOGIN: &str = "/api/v1/login";

#[tokio::test]
async fn unknown_paths_and_methods() {
    let server = TestServer::start().await;
    for path in
        ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/calls", "/api/v1/calls/a/b/c"]
    {
        let response = server.get(path).send().await.unwrap();
        problem(response, StatusCode::NOT_FOUND, "not-found").await;
    }
    let response = server.request(Method::DELETE, LOGIN).send().await.unwrap();
    problem(response, StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed").await;
    server.running.stop().await;
}

#[tokio::test]
async fn bad_json_is_told_where() {
    let server = TestServer::start().await;
    let post = async |body: &'static str| {
        let request =
            server.request(Method::POST, LOGIN).header("content-type", "application/json");
        let response = request.body(body).send().await.unwrap();
        problem(response, StatusCode::BAD_REQUEST, "bad-input").await["detail"].to_string()
    };
    assert!(
        post(r#"{"username": "a", "password": "b", "remember": true}"#)
            .await
            .contains("`remember`")
    );
    assert!(post(r#"{"username": "a"}"#).await.contains("`password`"));
    assert!(post(r#"{"username": 3, "password": "b"}"#).await.contains("username"));
    assert!(post("{").await.contains("line 1"));
    let response = server.request(Method::POST, LOGIN).body("{}").send().await.unwrap();
    problem(response, StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong-media-type").await;
    server.running.stop().await;
}

#[tokio::test]
async fn a_body_that_is_too_long() {
    let server = TestServer::start().await;
    let body = json!({"username": "a".repeat(70_000), "password": ""});
    let response = server.post(LOGIN, &body).send().await.unwrap();
    problem(response, StatusCode::PAYLOAD_TOO_LARGE, "too-large").await;

    let token = server.token("agent1").await;
    for key in [None, Some("k")] {
        let mut request = server.request(Method::POST, "/api/v1/stations").bearer_auth(&token);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let offer =
            request.header("content-type", "application/sdp").body("v=0\r\n".repeat(20_000));
        let response = offer.send().await.unwrap();
        problem(response, StatusCode::PAYLOAD_TOO_LARGE, "too-large").await;
    }
    server.running.stop().await;
}

#[tokio::test]
async fn nobody_and_the_wrong_one() {
    let server = TestServer::start().await;
    for path in ["/api/v1/me", "/api/v1/calls", "/api/v1/calls/1"] {
        let response = server.get(path).send().await.unwrap();
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        problem(response, StatusCode::UNAUTHORIZED, "not-signed-in").await;
    }
    let sam = server.token("supervisor1").await;
    let ready = server.request(Method::PUT, "/api/v1/me/presence").json(&json!({"state": "ready"}));
    let response = ready.bearer_auth(&sam).send().await.unwrap();
    let problem = problem(response, StatusCode::FORBIDDEN, "not-allowed").await;
    assert!(problem["detail"].as_str().unwrap().contains("take_calls"), "{problem}");
    server.running.stop().await;
}

/// A guest's token.
async fn guest(server: &TestServer) -> String {
    let response = server.post("/api/v1/guests", &json!({"name": "Nora"})).send().await.unwrap();
    response.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_repeated_command_gets_its_first_answer() {
    let server = TestServer::start().await;
    let token = guest(&server).await;
    let open = async |key: &str, body: Value| {
        let request = server.post("/api/v1/conversations", &body).bearer_auth(&token);
        request.header("idempotency-key", key).send().await.unwrap()
    };
    let body = json!({"queue": "support"});
    let first = open("one", body.clone()).await;
    assert!(!first.headers().contains_key("idempotency-replayed"));
    assert_eq!(first.status(), StatusCode::CREATED);
    let location = first.headers()["location"].clone();
    let first: Value = first.json().await.unwrap();

    let again = open("one", body.clone()).await;
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(again.headers()["location"], location);
    assert_eq!(again.status(), StatusCode::CREATED);
    assert_eq!(again.json::<Value>().await.unwrap(), first);

    let other = open("one", json!({"queue": "sales"})).await;
    problem(other, StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused").await;
    let bad = open(&"x".repeat(200), body).await;
    problem(bad, StatusCode::BAD_REQUEST, "bad-input").await;
    server.running.stop().await;
}

#[tokio::test]
async fn a_refused_command_may_be_tried_again_with_its_key() {
    let server = TestServer::start().await;
    let token = guest(&server).await;
    let open = async |body: Value| {
        let request = server.post("/api/v1/conversations", &body).bearer_auth(&token);
        request.header("idempotency-key", "one").send().await.unwrap()
    };
    let nowhere = json!({"queue": "nowhere"});
    for _ in 0..2 {
        let refused = open(nowhere.clone()).await;
        assert!(!refused.headers().contains_key("idempotency-replayed"));
        problem(refused, StatusCode::NOT_FOUND, "not-found").await;
    }
    let opened = open(json!({"queue": "support"})).await;
    assert_eq!(opened.status(), StatusCode::CREATED, "nothing was done under this key before");
    server.running.stop().await;
}

#[tokio::test]
async fn a_refusal_is_short_however_long_the_request_was() {
    let server = TestServer::start().await;
    let token = guest(&server).await;
    let long = "k".repeat(60_000);
    for key in [None, Some("one")] {
        let body = json!({"queue": "support", long.clone(): 1});
        let mut request = server.post("/api/v1/conversations", &body).bearer_auth(&token);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let refused = request.send().await.unwrap();
        let problem = problem(refused, StatusCode::BAD_REQUEST, "bad-input").await;
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.len() < 400 && detail.contains("expected"), "{detail}");
    }
    let path = format!("/api/v1/{}", "k".repeat(5_000));
    let refused = server.get(&path).send().await.unwrap();
    let problem = problem(refused, StatusCode::NOT_FOUND, "not-found").await;
    assert!(problem["detail"].as_str().unwrap().len() < 400, "{problem}");
    server.running.stop().await;
}

#[tokio::test]
async fn every_operation_is_documented() {
    let server = TestServer::start().await;
    let document: Value =
        server.get("/api/v1/openapi.json").send().await.unwrap().json().await.unwrap();
    assert_eq!(document, api::document());
    let paths = document["paths"].as_object().unwrap();
    for path in [
        "/api/v1/login",
        "/api/v1/logout",
        "/api/v1/me",
        "/api/v1/me/presence",
        "/api/v1/guests",
        "/api/v1/queues",
        "/api/v1/stations",
        "/api/v1/stations/{id}",
        "/api/v1/calls",
        "/api/v1/calls/{id}",
        "/api/v1/calls/{id}/answer",
        "/api/v1/calls/{id}/legs",
        "/api/v1/calls/{id}/legs/{leg}",
        "/api/v1/calls/{id}/hangup",
        "/api/v1/calls/{id}/hold",
        "/api/v1/calls/{id}/resume",
        "/api/v1/calls/{id}/help",
        "/api/v1/events",
    ] {
        assert!(paths.contains_key(path), "{path} is not among {:?}", paths.keys());
    }
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["summary"].is_string(), "{method} {path} says not what it does");
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
        }
    }
    let kinds = &document["components"]["schemas"]["Problem"]["properties"]["type"]["examples"];
    for kind in ["not-found", "stale-revision", "store-unavailable", "not-saved", "overloaded"] {
        let name = json!(format!("/problems/{kind}"));
        assert!(kinds.as_array().unwrap().contains(&name), "{kind} is not among {kinds}");
    }
    // Every reference leads somewhere.
    for reference in document.to_string().split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
    }
    server.running.stop().await;
}

#[tokio::test]
async fn the_documentation_can_be_read_by_people() {
    let server = TestServer::start().await;
    let page = server.get("/api/docs").send().await.unwrap();
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let page = page.text().await.unwrap();
    for word in [
        "/api/v1/calls/{id}/legs/{leg}",
        "LegUpdate",
        "/problems/stale-revision",
        "Idempotency-Key",
    ] {
        assert!(page.contains(word), "{word}");
    }
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "the page needs nothing from elsewhere"
    );
    let style = server.get("/api/docs.css").send().await.unwrap();
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
    let kind = server.get("/problems/stale-revision").send().await.unwrap();
    assert_eq!(kind.headers()["location"], "/api/docs#problem-stale-revision");
    server.running.stop().await;
}
