//! Extractors whose refusals are [`Problem`]s: JSON bodies, path parameters, query strings, text
//! bodies.

use std::borrow::Cow;
use std::str::FromStr;

use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::json_text::meant;
use super::problem::quoted;
use super::{BODY_BYTES_MAX, Kind, Problem};
use orchestrator::Destination;

/// A JSON body, in and out. Unknown fields are named in the refusal.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

/// Path parameters; one that can't be parsed (an id that is none) is a 404.
#[derive(Clone, Debug)]
pub struct Path<T>(pub T);

/// A query string. What can't be read is named in the refusal.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

/// U+0000 in a path or a query.
const NUL_IN_URI: &str = "%00";

/// Messages of one page, unless asked otherwise.
pub const PAGE_MESSAGES: u32 = 50;

/// Which page of messages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MessagesQuery {
    /// The newest ones before this number; of all, if left out.
    pub before: Option<u64>,
    /// Messages at most; 50 if left out. A page may hold fewer.
    limit: Option<u32>,
}

/// A text body (SDP): UTF-8, at most [`BODY_BYTES_MAX`] bytes.
#[derive(Clone, Debug)]
pub struct Text {
    /// The content type without its parameters, lower case; empty if there is none.
    pub content_type: String,
    /// The body.
    pub body: String,
}

impl MessagesQuery {
    /// Messages at most.
    pub fn limit(&self) -> u32 {
        self.limit.unwrap_or(PAGE_MESSAGES)
    }
}

impl Text {
    /// The body, if its content type is `expected`.
    pub fn of_type(self, expected: &str) -> Result<String, Problem> {
        if self.content_type == expected {
            Ok(self.body)
        } else {
            Err(Problem::new(
                Kind::WrongMediaType,
                format!("Send the body with Content-Type: {expected}."),
            ))
        }
    }
}

/// Parses an id out of a body; `what` names the thing in the 404.
pub fn id<T: FromStr>(text: &str, what: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found(what))
}

/// A destination out of a body.
pub fn destination(to: wire::Destination) -> Result<Destination, Problem> {
    Ok(match to {
        wire::Destination::Queue(key) => Destination::Queue(key),
        wire::Destination::Agent(agent) => Destination::Agent(id(&agent, "agent")?),
    })
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), state)
            .await
            .map_err(|rejection| bad_bytes(&rejection))?;
        refuse_nul(&bytes)?;
        let bytes = match meant(&bytes) {
            Cow::Borrowed(meant) => bytes.slice_ref(meant),
            Cow::Owned(meant) => Bytes::from(meant),
        };
        axum::Json::from_request(Request::from_parts(parts, Body::from(bytes)), state)
            .await
            .map(|axum::Json(value)| Self(value))
            .map_err(|rejection| bad_json(&rejection))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.uri.path().contains(NUL_IN_URI) {
            return Err(Problem::not_found("thing at this path"));
        }
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| Problem::not_found("thing at this path"))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(|query| query.contains(NUL_IN_URI)) {
            return Err(nul());
        }
        axum::extract::Query::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| bad_query(&rejection))
    }
}

impl<S: Send + Sync> FromRequest<S> for Text {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let content_type = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .map(|value| value.trim().to_ascii_lowercase())
            .unwrap_or_default();
        let bytes =
            Bytes::from_request(request, state).await.map_err(|rejection| bad_bytes(&rejection))?;
        let body = String::from_utf8(bytes.into())
            .map_err(|_| Problem::new(Kind::BadInput, "Send the body as UTF-8 text."))?;
        Ok(Self { content_type, body })
    }
}

/// A JSON body that is read apart from [`Json`]: a connector's. A U+0000 in it is its handler's affair, for no
/// customer's message is refused for its form.
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(&meant(body)).map_err(|error| bad_value(&error))
}

/// A JSON body that is not of the shape that is expected; serde names what is wrong.
pub fn bad_value(error: &serde_json::Error) -> Problem {
    let error = error.to_string();
    let detail = format!("{}. Correct it; its shape is at /api/docs.", quoted(&error));
    Problem::new(Kind::BadInput, detail)
}

/// U+0000 is no text: PostgreSQL can't store it and SQLite cuts it off in its functions, so it is
/// refused at every door, before anything is decided.
fn refuse_nul(json: &[u8]) -> Result<(), Problem> {
    let mut rest = json;
    // A raw one is no JSON (RFC 8259, section 7); within it a backslash only stands before what it
    // escapes.
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        rest = &rest[at + 1..];
        if rest.starts_with(b"u0000") {
            return Err(nul());
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    Ok(())
}

fn nul() -> Problem {
    Problem::new(
        Kind::BadInput,
        "The text has the character U+0000 (NUL) in it, which is no text. Send it without.",
    )
}

/// 413, with the limit.
pub fn too_large() -> Problem {
    Problem::new(
        Kind::TooLarge,
        format!("The body may have {BODY_BYTES_MAX} bytes at most. Send a shorter one."),
    )
}

/// 413, or 400 for a body that broke off.
pub fn bad_bytes(rejection: &BytesRejection) -> Problem {
    match rejection.status() {
        axum::http::StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => Problem::new(Kind::BadInput, "The body was cut off. Send it again."),
    }
}

fn bad_json(rejection: &JsonRejection) -> Problem {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => Problem::new(
            Kind::WrongMediaType,
            "Send the body as JSON, with Content-Type: application/json.",
        ),
        JsonRejection::BytesRejection(bytes) => bad_bytes(bytes),
        // serde names the field, and the fields or values that are allowed.
        other => Problem::new(
            Kind::BadInput,
            format!(
                "{}. Correct the request; its shape is at /api/docs.",
                quoted(&other.body_text())
            ),
        ),
    }
}

/// serde names the parameter.
fn bad_query(rejection: &QueryRejection) -> Problem {
    Problem::new(
        Kind::BadInput,
        format!(
            "{}. Correct the query; its parameters are at /api/docs.",
            quoted(&rejection.body_text())
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_is_found_however_it_is_escaped() {
        let is_refused = |json: &str| refuse_nul(json.as_bytes()).is_err();
        assert!(is_refused(r#"{"text":"a\u0000b"}"#));
        assert!(is_refused(r#""\\\u0000""#), "after an escaped backslash");
        assert!(!is_refused(r#""\\u0000""#), "a backslash and five characters");
        assert!(is_refused(r#""\u00001""#), "NUL, then a digit");
        assert!(!is_refused(r#""\u0001 \n \\""#));
    }
}
