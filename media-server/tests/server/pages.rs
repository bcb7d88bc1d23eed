//! The pages and the headers that guard them.

use super::*;

async fn cookie(server: &TestServer, username: &str) -> String {
    let response = server.login(username, "sotto-demo").await;
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn everybody_finds_their_view() {
    let server = TestServer::start().await;
    let home = async |cookie: Option<String>| {
        let mut request = server.get("/");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(response.headers()["cache-control"], "no-store");
        response.headers()["location"].to_str().unwrap().to_owned()
    };
    assert_eq!(home(None).await, "/login");
    assert_eq!(home(Some("sotto_session=old".to_owned())).await, "/login");
    assert_eq!(home(Some(cookie(&server, "supervisor1").await)).await, "/supervisor");
    assert_eq!(home(Some(cookie(&server, "agent1").await)).await, "/agent");
    let guest = server.post("/api/v1/guests", &json!({"name": "Nora"})).send().await.unwrap();
    let guest =
        guest.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(home(Some(guest)).await, "/call");
    server.running.stop().await;
}

#[tokio::test]
async fn each_view_is_the_page_and_is_asked_for_again() {
    let server = TestServer::start().await;
    for view in ["/login", "/supervisor", "/supervisor/calls/1", "/agent", "/call", "/chat"] {
        let response = server.get(view).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{view}");
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        let etag = response.headers()["etag"].clone();
        assert!(response.text().await.unwrap().contains("<html"));
        let again = server.get(view).header("if-none-match", etag).send().await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.text().await.unwrap(), "");
    }
    for nothing in
        ["/nothing", "/assets/nothing.js", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "/supervisors"]
    {
        let response = server.get(nothing).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{nothing}");
    }
    let response = server.request(Method::POST, "/login").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    server.running.stop().await;
}

#[tokio::test]
async fn what_is_no_page_of_ours_may_load_and_run_nothing() {
    let server = TestServer::start().await;
    let guest: Value = server
        .post("/api/v1/guests", &json!({"name": "Nora"}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let token = guest["token"].as_str().unwrap();
    let opened = server.post("/api/v1/conversations", &json!({"queue": "support"}));
    let opened: Value = opened.bearer_auth(token).send().await.unwrap().json().await.unwrap();
    let path = format!("/api/v1/conversations/{}/attachments", opened["id"].as_str().unwrap());
    let upload = server.request(Method::POST, &format!("{path}?name=a.html")).bearer_auth(token);
    let upload = upload.body("<script>alert(1)</script>").send().await.unwrap();
    assert_eq!(upload.status(), StatusCode::CREATED);
    let upload: Value = upload.json().await.unwrap();
    let attachment = format!("{path}/{}", upload["id"].as_str().unwrap());
    let attachment = server.get(&attachment).bearer_auth(token).send().await.unwrap();
    let operate = server.running.operate_url().unwrap();
    let metrics = server.http.get(format!("{operate}/metrics")).send().await.unwrap();
    for (what, answer) in [("attachment", attachment), ("metrics", metrics)] {
        assert_eq!(answer.status(), StatusCode::OK, "{what}");
        let headers = answer.headers();
        assert_eq!(headers.get_all("content-security-policy").iter().count(), 1, "{what}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        for word in ["default-src 'none'", "frame-ancestors 'none'", "sandbox"] {
            assert!(policy.contains(word), "{what}: {policy}");
        }
        assert_eq!(headers["x-content-type-options"], "nosniff", "{what}");
    }
    server.running.stop().await;
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let server = TestServer::start().await;
    for path in ["/", "/login", "/healthz", "/nothing", "/api/v1/me", "/api/v1/queues", "/api/docs"]
    {
        let response = server.get(path).send().await.unwrap();
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(headers["permissions-policy"].to_str().unwrap().contains("microphone=(self)"));
        if path.starts_with("/api/v1") {
            assert_eq!(headers["cache-control"], "no-store", "{path}");
        }
    }
    server.running.stop().await;
}

/// Who may frame this path: the policy's word, and the old header's.
async fn framing(server: &TestServer, path: &str) -> (String, Option<String>) {
    let response = server.get(path).send().await.unwrap();
    let headers = response.headers();
    let policy = headers["content-security-policy"].to_str().unwrap();
    let (_, ancestors) = policy.rsplit_once("frame-ancestors ").unwrap();
    let old = headers.get("x-frame-options").map(|value| value.to_str().unwrap().to_owned());
    (ancestors.to_owned(), old)
}

/// Everything else, as near to the chat as can be.
const NEVER_FRAMED: [&str; 13] = [
    "/chat",
    "/chat?embed=0",
    "/chat?embed=10",
    "/chat?xembed=1",
    "/chat/x?embed=1",
    "/chats?embed=1",
    "//chat?embed=1",
    "/login?embed=1",
    "/supervisor?embed=1",
    "/agent?embed=1",
    "/call?embed=1",
    "/?embed=1",
    "/api/v1/me?embed=1",
];

#[tokio::test]
async fn nothing_but_the_chat_is_shown_in_a_frame_and_only_by_our_own_pages() {
    let server = TestServer::start().await;
    for path in NEVER_FRAMED {
        let nobody = ("'none'".to_owned(), Some("DENY".to_owned()));
        assert_eq!(framing(&server, path).await, nobody, "{path}");
    }
    for path in ["/chat?embed=1", "/chat?queue=support&embed=1&lang=ja"] {
        assert_eq!(framing(&server, path).await, ("'self'".to_owned(), None), "{path}");
    }
    server.running.stop().await;
}

#[tokio::test]
async fn a_site_that_is_named_may_embed_the_chat_and_nothing_else() {
    let server = TestServer::with(|config| {
        config.widget.allowed_origins =
            vec!["https://shop.example".to_owned(), "http://127.0.0.1:9000".to_owned()];
    })
    .await;
    let sites = "'self' https://shop.example http://127.0.0.1:9000";
    assert_eq!(framing(&server, "/chat?embed=1").await, (sites.to_owned(), None));
    for path in NEVER_FRAMED {
        assert_eq!(framing(&server, path).await.0, "'none'", "{path}");
    }
    server.running.stop().await;
}

#[tokio::test]
async fn the_widget_is_one_small_script_that_is_asked_for_again() {
    let server = TestServer::start().await;
    let response = server.get("/widget.js").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers()["content-type"].to_str().unwrap().contains("javascript"));
    assert_eq!(response.headers()["cache-control"], "no-cache");
    assert!(response.bytes().await.unwrap().len() < 5_000);
    server.running.stop().await;
}

#[tokio::test]
async fn pages_come_compressed_to_who_takes_it_and_are_the_same() {
    let server = TestServer::start().await;
    let plain = server.get("/login").send().await.unwrap();
    assert!(plain.headers().get("content-encoding").is_none());
    let plain = plain.text().await.unwrap();
    for (accept, coding) in [("gzip, br", "br"), ("gzip", "gzip")] {
        let answer = server.get("/login").header("accept-encoding", accept).send().await.unwrap();
        assert_eq!(answer.headers()["content-encoding"], coding);
        assert_eq!(answer.headers()["vary"], "accept-encoding");
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
        let etag = answer.headers()["etag"].clone();
        let bytes = answer.bytes().await.unwrap();
        assert!(bytes.len() < plain.len(), "{coding}: {} of {}", bytes.len(), plain.len());
        let again = server.get("/login").header("accept-encoding", accept);
        let again = again.header("if-none-match", etag).send().await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }
    let bare = server.get("/index.html.br").send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::NOT_FOUND, "compressed files have no address");
    server.running.stop().await;
}
