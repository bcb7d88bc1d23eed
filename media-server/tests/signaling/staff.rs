//! Somebody of the staff who asks the API in plain JSON.

use client::api::{Api, Method};
use serde_json::Value;

use crate::Server;

/// The API as somebody of the staff, and the user's id.
pub struct Staff {
    pub api: Api,
    pub id: String,
}

impl Staff {
    pub async fn new(server: &Server, username: &str) -> Self {
        let session = server.sign_in(username).await;
        Self { api: session.api().clone(), id: session.user().id.clone() }
    }

    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.api.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// What a path answers with; it must be there.
    pub async fn get(&self, path: &str) -> Value {
        let (status, value) = self.ask(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {value}");
        value
    }
}

/// The stable name of a refusal.
pub fn kind(problem: &Value) -> &str {
    problem["type"].as_str().unwrap().trim_start_matches("/problems/")
}
