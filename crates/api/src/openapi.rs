//! The API's documentation: OpenAPI for programs, a page for people.
//!
//! Made from the routes themselves and from the docs of `wire`. The page is rendered here and
//! needs nothing from elsewhere, so it works where there is no internet.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::{AppState, docs, idempotency};

/// The frame into which the routes' documentation goes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sotto",
        description = "Calls and conversations of a contact centre, and their supervision: listen, \
            whisper, barge.\n\n\
            Refusals are problem details (RFC 9457) with a stable `type`. Commands take an \
            `Idempotency-Key`: a command that was carried out is not carried out again under the \
            same key, but answered as the first time; one that was refused may be tried again. Ids \
            are opaque. Times are Unix milliseconds (UTC), levels are dBFS.\n\n\
            What you may not see is 404, as if it did not exist; what you may see but not do is \
            403. A conflict with the present state is 409. 503 says what is missing: \
            `overloaded` (no room; see `Retry-After`), `store-unavailable` (the database could \
            not be read), `not-saved` (it could not be written, so nothing has changed)."
    ),
    components(schemas(
        wire::Problem,
        wire::Envelope,
        wire::Event,
        wire::TextEnvelope,
        wire::TextEvent,
        wire::ChannelPost
    )),
    tags(
        (name = "account", description = "Signing in, the own account, guests"),
        (name = "stations", description = "Media connections: WebRTC over HTTP, in the shape of RFC 9725"),
        (name = "calls", description = "Calls, as callers and agents see them"),
        (name = "supervision", description = "Legs of supervisors: listen, whisper, barge"),
        (name = "conversations", description = "Text conversations with customers"),
        (name = "channels", description = "Connectors for other channels, signed in both directions"),
        (name = "chats", description = "Chats between colleagues"),
        (name = "administration", description = "Accounts, teams, queues, skills, policies; every change audited"),
        (name = "records", description = "Past interactions, notes, reports"),
        (name = "events", description = "The event stream")
    )
)]
struct Frame;

/// The document without routes.
pub fn frame() -> utoipa::openapi::OpenApi {
    Frame::openapi()
}

/// The document with what all operations share: how to sign in, idempotency keys, problems.
pub fn complete(document: utoipa::openapi::OpenApi) -> Value {
    let mut document = serde_json::to_value(document).expect("the document is plain JSON");
    document["components"]["securitySchemes"] = json!({
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": super::cookie::HOST_NAME,
                   "description": "`sotto_session` where browsers come without TLS."},
    });
    document["security"] = json!([{"bearer": []}, {"cookie": []}]);
    document["components"]["parameters"] = json!({"IdempotencyKey": {
        "name": idempotency::HEADER, "in": "header", "required": false,
        "description": "A fresh random text for each command; the same one when the command is sent again.",
        "schema": {"type": "string", "maxLength": 128},
    }});
    document["components"]["responses"] = json!({"Problem": {
        "description": "Refused: `type` says why, `detail` what to do.",
        "content": {wire::PROBLEM_CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }});
    let names: Vec<_> = super::problem::kinds().map(|(name, _, _)| name).collect();
    document["components"]["schemas"]["Problem"]["properties"]["type"]["examples"] = json!(names);
    for path in document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut()) {
        for (method, operation) in path.as_object_mut().into_iter().flatten() {
            share(method, operation);
        }
    }
    document
}

/// Routes of the documentation itself.
pub fn routes(document: Value) -> Router<AppState> {
    let page: Arc<str> = docs::render(&document).into();
    let text: Arc<str> = document.to_string().into();
    let json_type = [(header::CONTENT_TYPE, "application/json")];
    let css_type = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    Router::new()
        .route(
            "/api/v1/openapi.json",
            get(move || async move { (json_type, text.to_string()).into_response() }),
        )
        .route("/api/docs", get(move || async move { Html(page.to_string()) }))
        .route("/api/docs.css", get(move || async move { (css_type, docs::STYLE) }))
}

/// Adds to an operation what it shares with the others.
fn share(method: &str, operation: &mut Value) {
    let is_account = operation["tags"][0] == "account";
    if matches!(method, "post" | "put" | "patch" | "delete") && !is_account {
        let key = json!({"$ref": "#/components/parameters/IdempotencyKey"});
        match operation["parameters"].as_array_mut() {
            Some(parameters) => parameters.push(key),
            None => operation["parameters"] = json!([key]),
        }
    }
    operation["responses"]["default"] = json!({"$ref": "#/components/responses/Problem"});
}
