//! What follows from the public address: the cookie, HSTS, the names that are answered to.

use super::*;

async fn public() -> TestServer {
    TestServer::with(|config| {
        config.public_url = Some("https://voice.example".parse().unwrap());
        config.allowed_hosts = vec!["sotto.internal".to_owned()];
    })
    .await
}

#[tokio::test]
async fn the_cookie_is_locked_whatever_the_proxy_says_of_the_host() {
    let server = public().await;
    let body = json!({"username": "admin", "password": "sotto-demo"});
    for host in ["voice.example", "127.0.0.1:8080", "localhost"] {
        let request = server.post("/api/v1/login", &body).header("host", host);
        let response = request.send().await.unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.starts_with("__Host-sotto_session=") && cookie.ends_with("; Secure"));
        let hsts = response.headers()["strict-transport-security"].to_str().unwrap();
        assert!(hsts.starts_with("max-age="), "{hsts}");
    }
    server.running.stop().await;
}

#[tokio::test]
async fn names_of_others_are_not_answered_to_on_either_listener() {
    let server = public().await;
    let operate = server.running.operate_url().unwrap();
    for url in [
        server.running.url() + "/login",
        server.running.url() + "/api/v1/queues",
        operate + "/metrics",
    ] {
        let ask =
            async |host: &str| server.http.get(&url).header("host", host).send().await.unwrap();
        for host in ["evil.example", "127.0.0.1.evil.example", "voice.example.evil.example"] {
            let refused = problem(ask(host).await, StatusCode::MISDIRECTED_REQUEST, "wrong-host");
            assert!(!refused.await.to_string().contains("evil"), "a refusal is no mirror");
        }
        for host in ["voice.example", "sotto.internal:8080", "localhost:1", "[::1]", "192.0.2.1"] {
            assert_eq!(ask(host).await.status(), StatusCode::OK, "{host} {url}");
        }
    }
    server.running.stop().await;
}

#[tokio::test]
async fn without_a_public_address_a_rebound_name_gets_nothing() {
    let server = TestServer::start().await;
    let request = server.get("/login").header("host", "voice.example");
    let response = request.send().await.unwrap();
    problem(response, StatusCode::MISDIRECTED_REQUEST, "wrong-host").await;
    let response = server.get("/login").send().await.unwrap();
    assert!(!response.headers().contains_key("strict-transport-security"));
    server.running.stop().await;
}

#[tokio::test]
async fn a_cookie_of_the_public_page_counts_and_a_neighbours_does_not() {
    let server = public().await;
    let token = server.token("agent1").await;
    let ready = async |cookie: String, origin: &str| {
        let request = server.request(Method::PUT, "/api/v1/me/presence").header("cookie", cookie);
        let request = request.json(&json!({"state": "ready"})).header("origin", origin);
        request.send().await.unwrap()
    };
    let locked = format!("__Host-sotto_session={token}");
    // The proxy passes its own idea of the host on.
    assert!(ready(locked.clone(), "https://voice.example").await.status().is_success());
    for origin in ["http://voice.example", "https://x.voice.example"] {
        let refused = ready(locked.clone(), origin).await;
        problem(refused, StatusCode::FORBIDDEN, "cross-site").await;
    }
    let planted = ready(format!("sotto_session={token}"), "https://voice.example").await;
    assert_eq!(planted.status(), StatusCode::UNAUTHORIZED);
    server.running.stop().await;
}
