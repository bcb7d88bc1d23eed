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
    for view in ["/login", "/supervisor", "/supervisor/calls/1", "/agent", "/call"] {
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
