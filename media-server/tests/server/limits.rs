//! What is slow, idle or too many is bounded, and the end comes in time.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

/// Reads until the server closes; how long that took.
async fn closed_after(mut stream: TcpStream) -> Duration {
    let start = Instant::now();
    let mut rest = Vec::new();
    // A reset is an end too.
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await;
    assert!(read.is_ok(), "still open");
    start.elapsed()
}

#[tokio::test]
async fn slow_headers_are_not_waited_for() {
    let server = TestServer::with(|config| config.limits.header_timeout_s = 1).await;
    let mut drip = TcpStream::connect(server.address()).await.unwrap();
    drip.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await.unwrap();
    let mut silent = TcpStream::connect(server.address()).await.unwrap();
    silent.write_all(b"").await.unwrap();
    // One more byte now and then does not help.
    let (reader, mut writer) = drip.into_split();
    let dripping = tokio::spawn(async move {
        while writer.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let start = Instant::now();
    let mut reader = reader;
    let mut rest = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(5), reader.read_to_end(&mut rest)).await;
    assert!(read.is_ok(), "the slow one is still open");
    assert!(start.elapsed() < Duration::from_secs(3));
    assert!(closed_after(silent).await < Duration::from_secs(3));
    dripping.abort();
    assert_eq!(server.get("/healthz").send().await.unwrap().status(), StatusCode::OK);
    server.running.stop().await;
}

#[tokio::test]
async fn a_slow_body_is_not_waited_for() {
    let server = TestServer::with(|config| config.limits.request_timeout_s = 1).await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let head = "POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer[..read.unwrap().unwrap()]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    server.running.stop().await;
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let server = TestServer::start().await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n").await.unwrap();
    let line = format!("X-Long: {}\r\n", "x".repeat(1000));
    for _ in 0..200 {
        if stream.write_all(line.as_bytes()).await.is_err() {
            break;
        }
    }
    assert!(closed_after(stream).await < Duration::from_secs(5));
    server.running.stop().await;
}

#[tokio::test]
async fn connections_are_counted() {
    let server = TestServer::with(|config| {
        config.limits.connections_max = 16;
        config.limits.header_timeout_s = 2;
    })
    .await;
    let mut idle = Vec::new();
    for _ in 0..16 {
        idle.push(TcpStream::connect(server.address()).await.unwrap());
    }
    // The seventeenth waits until the idle ones are closed.
    let start = Instant::now();
    let response = server.get("/healthz").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(start.elapsed() > Duration::from_secs(1), "{:?}", start.elapsed());
    server.running.stop().await;
}

#[tokio::test]
async fn the_end_comes_in_time_whoever_hangs_on() {
    let server = TestServer::start().await;
    let token = server.token("agent1").await;
    let events = server
        .get("/api/v1/events")
        .bearer_auth(&token)
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .send()
        .await
        .unwrap();
    assert_eq!(events.status(), StatusCode::SWITCHING_PROTOCOLS);
    let idle = TcpStream::connect(server.address()).await.unwrap();
    let mut halfway = TcpStream::connect(server.address()).await.unwrap();
    halfway
        .write_all(b"POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
        .await
        .unwrap();
    let address = server.address();
    let start = Instant::now();
    server.running.stop().await;
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    drop((events, idle, halfway));
}
