//! Budgets: each client's own, also behind a proxy, and a reserve for those who work here.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

const ATTACKER: &str = "198.51.100.1";
const VICTIM: &str = "203.0.113.7";

/// A sign-in that a proxy on this machine passes on.
async fn sign_in(server: &TestServer, from: &str, username: &str, password: &str) -> StatusCode {
    let body = json!({"username": username, "password": password});
    let request = server.post("/api/v1/login", &body).header("x-forwarded-for", from);
    request.send().await.unwrap().status()
}

async fn come_in(server: &TestServer, from: &str) -> Response {
    let request = server.post("/api/v1/guests", &json!({"name": "Dana"}));
    request.header("forwarded", format!("for={from}")).send().await.unwrap()
}

#[tokio::test]
async fn behind_a_proxy_each_client_has_a_budget_of_its_own() {
    let server = TestServer::start().await;
    let refused = StatusCode::TOO_MANY_REQUESTS;
    // Ten pass at once, and one more each ten seconds.
    let mut tries = 0;
    while sign_in(&server, ATTACKER, "supervisor2", "wrong").await != refused {
        tries += 1;
        assert!(tries < 60, "guessing goes on without end");
    }
    assert_eq!(sign_in(&server, VICTIM, "supervisor2", "sotto-demo").await, StatusCode::OK);
    assert_eq!(sign_in(&server, VICTIM, "supervisor1", "sotto-demo").await, StatusCode::OK);
    // An IPv6 client is a /64.
    for n in 0..60 {
        come_in(&server, &format!("\"[2001:db8:1:2::{n:x}]\"")).await;
    }
    let response = come_in(&server, "\"[2001:db8:1:2:ffff::1]\"").await;
    assert!(response.headers().contains_key("retry-after"));
    problem(response, refused, "too-many-attempts").await;
    assert_eq!(come_in(&server, "\"[2001:db8:1:3::1]\"").await.status(), StatusCode::CREATED);
    server.running.stop().await;
}

#[tokio::test]
async fn a_stranger_says_nothing_about_who_it_is() {
    let server = TestServer::with(|config| {
        config.trusted_proxies = vec!["10.0.0.0/8".to_owned()];
        config.limits.guests_per_client_minute = 3;
        config.limits.unlimited_clients.clear();
    })
    .await;
    let mut statuses = Vec::new();
    for n in 1..=4 {
        statuses.push(come_in(&server, &format!("198.51.100.{n}")).await.status().as_u16());
    }
    assert_eq!(statuses, [201, 201, 201, 429]);
    server.running.stop().await;
}

#[tokio::test]
async fn the_proxy_protocol_says_who_connects() {
    let server = TestServer::with(|config| {
        config.proxy_protocol = true;
        config.limits.guests_per_client_minute = 2;
        config.limits.header_timeout_s = 1;
    })
    .await;
    let ask = async |header: &[u8]| {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(header).await.unwrap();
        let body = r#"{"name":"Dana"}"#;
        let request = format!(
            "POST /api/v1/guests HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        // A reset is an answer, too.
        let _ = stream.read_to_string(&mut answer).await;
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    let v1 = |host: u8| format!("PROXY TCP4 198.51.100.{host} 192.0.2.1 40000 80\r\n").into_bytes();
    let mut v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    v2.extend([198, 51, 100, 1, 192, 0, 2, 1, 1, 1, 0, 80]);
    assert_eq!(ask(&v1(1)).await, "201");
    assert_eq!(ask(&v2).await, "201", "the same client by version 2");
    assert_eq!(ask(&v1(1)).await, "429");
    assert_eq!(ask(&v1(2)).await, "201", "another one");
    assert_eq!(ask(b"").await, "", "without the header nothing is answered");
    let mut silent = TcpStream::connect(server.address()).await.unwrap();
    silent.write_all(b"PROXY TCP4 ").await.unwrap();
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(5), silent.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "half a header is not waited for");
    server.running.stop().await;
}

#[tokio::test]
async fn commands_have_a_rate_and_each_person_their_own() {
    let server = TestServer::with(|config| config.limits.unlimited_clients.clear()).await;
    let (ana, ben) = (server.token("agent1").await, server.token("agent2").await);
    let presence = async |token: &str| {
        let body = json!({"state": "not_ready"});
        let request = server.request(Method::PUT, "/api/v1/me/presence").json(&body);
        request.bearer_auth(token).send().await.unwrap()
    };
    let mut refused = None;
    for _ in 0..200 {
        let response = presence(&ana).await;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(response);
            break;
        }
        assert!(response.status().is_success());
    }
    let refused = refused.expect("a flood has an end");
    assert_eq!(refused.headers()["retry-after"], "1");
    problem(refused, StatusCode::TOO_MANY_REQUESTS, "too-fast").await;
    assert!(presence(&ben).await.status().is_success());
    let reads = server.get("/api/v1/me").bearer_auth(&ana).send().await.unwrap();
    assert_eq!(reads.status(), StatusCode::OK, "looking is no command");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(presence(&ana).await.status().is_success(), "it refills");
    server.running.stop().await;
}

/// An event stream that is held open.
async fn stream(server: &TestServer, token: &str) -> Response {
    let request = server.get("/api/v1/events").bearer_auth(token);
    let request = request.header("connection", "upgrade").header("upgrade", "websocket");
    let request = request.header("sec-websocket-version", "13");
    request.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==").send().await.unwrap()
}

#[tokio::test]
async fn guests_do_not_take_the_last_connections() {
    let server = TestServer::with(|config| {
        config.limits.connections_max = 20;
        config.limits.header_timeout_s = 1;
    })
    .await;
    // Each client of `reqwest` is a connection of its own.
    let fresh = || reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
    let mut held = Vec::new();
    let mut guests = Vec::new();
    for _ in 0..4 {
        let body: Value = come_in(&server, ATTACKER).await.json().await.unwrap();
        guests.push(body["token"].as_str().unwrap().to_owned());
    }
    let served = guests.pop().unwrap();
    let write = async |path: &str, body: Value| {
        let url = format!("{}/api/v1/conversations{path}", server.running.url());
        fresh().post(url).bearer_auth(&served).json(&body).send().await.unwrap()
    };
    let opened: Value = write("", json!({"queue": "support"})).await.json().await.unwrap();
    let messages = format!("/{}/messages", opened["id"].as_str().unwrap());
    for n in 0..24 {
        let answer =
            tokio::time::timeout(Duration::from_secs(2), stream(&server, &guests[n / 8])).await;
        held.extend(answer.ok().filter(|it| it.status() == StatusCode::SWITCHING_PROTOCOLS));
    }
    assert!((10..=16).contains(&held.len()), "{} event streams of guests", held.len());
    let refused =
        fresh().get(format!("{}/api/v1/queues", server.running.url())).send().await.unwrap();
    assert_eq!(refused.headers()["connection"], "close");
    problem(refused, StatusCode::SERVICE_UNAVAILABLE, "overloaded").await;
    let message = json!({"text": "Hello?", "visibility": "public", "client_id": "a"});
    assert_eq!(write(&messages, message).await.status(), StatusCode::CREATED, "a running one");
    let too_many = stream(&server, &served).await;
    problem(too_many, StatusCode::SERVICE_UNAVAILABLE, "overloaded").await;
    let token = server.token("agent1").await;
    let own = stream(&server, &token).await;
    assert_eq!(own.status(), StatusCode::SWITCHING_PROTOCOLS, "who works here has a place");
    let alive = fresh().get(format!("{}/healthz", server.running.url())).send().await.unwrap();
    assert_eq!(alive.status(), StatusCode::OK);
    drop(held);
    drop(own);
    server.running.stop().await;
}

#[tokio::test]
async fn who_reads_nothing_is_let_go() {
    let server = TestServer::with(|config| {
        config.limits.connections_max = 16;
        config.limits.header_timeout_s = 1;
    })
    .await;
    let asked = "GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(40);
    let mut held = Vec::new();
    for _ in 0..16 {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(2048).unwrap();
        let mut stream = socket.connect(server.address()).await.unwrap();
        stream.write_all(asked.as_bytes()).await.unwrap();
        held.push(stream);
    }
    let patience = api::paced::TAKEN_WITHIN + Duration::from_secs(10);
    let start = std::time::Instant::now();
    let queues = async {
        loop {
            let request = server.get("/api/v1/queues").timeout(Duration::from_secs(1));
            match request.send().await {
                Ok(response) if response.status() == StatusCode::OK => return,
                Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    };
    tokio::time::timeout(patience, queues).await.expect("the public is served again");
    assert!(start.elapsed() > Duration::from_secs(2), "they did hold all the places");
    drop(held);
    server.running.stop().await;
}
