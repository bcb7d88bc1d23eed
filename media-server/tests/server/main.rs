//! The whole server in this process, on ports of its own, asked over real sockets.

mod accounts;
mod acme;
mod admin;
mod budgets;
mod command_line;
mod demo;
mod doctor;
mod limits;
mod operate;
mod own_account;
mod pages;
mod policies;
mod private_files;
mod problems;
mod provision;
mod site;
mod tls;

use std::net::SocketAddr;

use media_server::{Config, Running, start};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect};
use serde_json::{Value, json};
use testkit::config;

/// A server with the demo's accounts and no calls, in a directory of its own.
struct TestServer {
    running: Running,
    http: Client,
    _data: tempfile::TempDir,
}

impl TestServer {
    async fn start() -> Self {
        Self::with(|_| ()).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let server = testkit::Server::with(|config| {
            config.workers = Some(1);
            change(config);
        });
        let testkit::Server { running, data, .. } = server.await;
        let http = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        Self { running, http, _data: data }
    }

    fn address(&self) -> SocketAddr {
        self.running.http
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.running.url()))
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.request(Method::POST, path).json(body)
    }

    async fn login(&self, username: &str, password: &str) -> Response {
        let body = json!({"username": username, "password": password});
        self.post("/api/v1/login", &body).send().await.unwrap()
    }

    /// A bearer token of a demo account.
    async fn token(&self, username: &str) -> String {
        let response = self.login(username, "sotto-demo").await;
        assert_eq!(response.status(), StatusCode::OK);
        let body: Value = response.json().await.unwrap();
        body["token"].as_str().unwrap().to_owned()
    }
}

/// The problem that a refusal carries: its status and kind must be these.
async fn problem(response: Response, status: StatusCode, kind: &str) -> Value {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["type"], format!("/problems/{kind}"), "{problem}");
    assert_eq!(problem["status"], status.as_u16());
    assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "{problem}");
    problem
}
