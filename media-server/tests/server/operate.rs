//! The operator's listener: what it tells, and that the public one tells nothing of it.

use std::time::{Duration, Instant};

use media_server::config::Operate;
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// A server whose operators are answered at a free port.
async fn server(change: impl FnOnce(&mut Config)) -> TestServer {
    TestServer::with(|config| {
        config.operate = Some(Operate::At(SocketAddr::from(([127, 0, 0, 1], 0))));
        change(config);
    })
    .await
}

async fn operate(server: &TestServer, path: &str) -> Response {
    let url = server.running.operate_url().expect("an operator's listener was asked for");
    server.http.get(format!("{url}{path}")).send().await.unwrap()
}

#[tokio::test]
async fn operators_are_told() {
    let server = server(|_| ()).await;
    server.get("/healthz").send().await.unwrap();
    assert_eq!(operate(&server, "/healthz").await.text().await.unwrap(), "ok\n");
    assert_eq!(operate(&server, "/readyz").await.text().await.unwrap(), "ready\n");
    let metrics = operate(&server, "/metrics").await;
    assert_eq!(metrics.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let metrics = metrics.text().await.unwrap();
    assert!(
        metrics.contains("sotto_http_requests_total{method=\"GET\",status=\"200\"}"),
        "{metrics}"
    );
    let cpu = metrics.lines().find_map(|line| line.strip_prefix("process_cpu_seconds_total "));
    assert!(cpu.is_some_and(|cpu| cpu.parse::<f64>().unwrap() > 0.0), "{metrics}");
    assert!(metrics.contains("\nprocess_resident_memory_bytes "), "{metrics}");
    for elsewhere in ["/", "/login", "/api/v1/me", "/api/docs"] {
        assert_eq!(operate(&server, elsewhere).await.status(), StatusCode::NOT_FOUND);
    }
    server.running.stop().await;
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_not_ready() {
    let server = server(|_| ()).await;
    server.running.store.close().await;
    let response = operate(&server, "/readyz").await;
    problem(response, StatusCode::SERVICE_UNAVAILABLE, "store-unavailable").await;
    assert_eq!(operate(&server, "/healthz").await.status(), StatusCode::OK);
    server.running.stop().await;
}

#[tokio::test]
async fn customers_are_told_that_it_lives_and_nothing_else() {
    let server = server(|_| ()).await;
    assert_eq!(server.get("/healthz").send().await.unwrap().text().await.unwrap(), "ok\n");
    let unknown = server.get("/nothing").send().await.unwrap().text().await.unwrap();
    for path in ["/metrics", "/readyz", "/metrics/", "/readyz?x=1"] {
        let response = server.get(path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(response.text().await.unwrap(), unknown, "{path}");
    }
    server.running.stop().await;
}

#[tokio::test]
async fn operators_are_answered_when_customers_are_not() {
    let server = server(|config| {
        config.limits.connections_max = 16;
        config.limits.header_timeout_s = 10;
    })
    .await;
    let mut idle = Vec::new();
    for _ in 0..16 {
        idle.push(TcpStream::connect(server.address()).await.unwrap());
    }
    let start = Instant::now();
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(operate(&server, path).await.status(), StatusCode::OK, "{path}");
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let public = server.get("/healthz").timeout(Duration::from_secs(1)).send().await;
    assert!(public.is_err_and(|error| error.is_timeout()), "the public listener is full");
    drop(idle);
    server.running.stop().await;
}

#[tokio::test]
async fn the_default_address_gives_way_and_a_named_one_does_not() {
    let data = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    // Taken by us, unless somebody else has taken it.
    let _taken = TcpListener::bind("127.0.0.1:9090").await;
    let running = start(Config { http: free, operate: None, ..config(&data) }).await.unwrap();
    assert_eq!(running.operate, None);
    running.stop().await;

    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let named = Config { operate: Some(Operate::At(address)), ..config(&data) };
    let error = match start(named).await {
        Ok(_) => panic!("started without the listener that was asked for"),
        Err(error) => error.to_string(),
    };
    assert!(error.contains(&address.to_string()) && error.contains("--operate"), "{error}");
}
