//! The pages, out of the program itself.
//!
//! A debug build reads them from `supervisor-ui/dist` at each request, so that they can be built
//! anew while the server runs. What the pages do is theirs; here is no word about calls.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::{AppState, problem};

/// Paths at which the one page shows its views; what is below them belongs to the view.
const VIEWS: [&str; 6] = ["login", "supervisor", "agent", "admin", "call", "chat"];
/// Their names hold a hash of what is in them, so they never change.
const HASHED: &str = "assets/";

#[derive(RustEmbed)]
#[folder = "../../supervisor-ui/dist"]
struct Dist;

/// Whatever no route serves: a file of the pages, a view, or 404.
pub async fn page(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return problem::no_such_route(request.uri().clone()).await.into_response();
    }
    if let Some(kind) = path.strip_prefix("/problems/")
        && super::Kind::ALL.iter().any(|known| known.name() == path)
    {
        return Redirect::to(&format!("/api/docs#problem-{kind}")).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return problem::no_such_method(request.uri().clone()).await.into_response();
    }
    let path = path.trim_start_matches('/');
    if path.is_empty() {
        return home(&state, request.headers()).await;
    }
    let view = path.split('/').next().unwrap_or_default();
    let name = if VIEWS.contains(&view) { "index.html" } else { path };
    match Dist::get(name) {
        Some(file) => serve(name, file, request.headers()),
        None => (StatusCode::NOT_FOUND, "There is no such page. Start at /.\n").into_response(),
    }
}

/// The view for whoever comes.
async fn home(state: &AppState, headers: &HeaderMap) -> Response {
    let user = match super::cookie::credentials(&state.config.site, headers) {
        Some((token, _)) => state.auth.authenticate(&token).await.ok(),
        None => None,
    };
    let view = match user {
        Some(user) => match user.role {
            store::Role::Caller => "/call",
            store::Role::Agent => "/agent",
            store::Role::Supervisor | store::Role::Admin => "/supervisor",
        },
        None => "/login",
    };
    let mut response = Redirect::to(view).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn serve(name: &str, file: EmbeddedFile, request: &HeaderMap) -> Response {
    let etag = etag(&file);
    let cache =
        if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let is_known = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim().trim_start_matches("W/") == etag);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::ETAG, HeaderValue::try_from(etag).expect("hexadecimal in quotes"));
    if !is_known && let Ok(kind) = HeaderValue::try_from(content_type(file.metadata.mimetype())) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    response
}

fn etag(file: &EmbeddedFile) -> String {
    format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]))
}

/// Our text is UTF-8.
fn content_type(mime: &str) -> String {
    match mime.starts_with("text/") {
        true => format!("{mime}; charset=utf-8"),
        false => mime.to_owned(),
    }
}
