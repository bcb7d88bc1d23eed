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
/// How the build has compressed what it made, the shorter first: the coding, and how the name of
/// the compressed file ends.
const CODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];
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
    let is_compressed = CODINGS.iter().any(|(_, ending)| name.ends_with(ending));
    match Dist::get(name).filter(|_| !is_compressed) {
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
    let mime = file.metadata.mimetype().to_owned();
    let compressed = CODINGS
        .into_iter()
        .filter(|(coding, _)| accepts(request, coding))
        .find_map(|(coding, ending)| Some((coding, Dist::get(&format!("{name}{ending}"))?)));
    let (coding, file) = match compressed {
        Some((coding, file)) => (Some(coding), file),
        None => (None, file),
    };
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
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_known {
        return response;
    }
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    if let Ok(kind) = HeaderValue::try_from(content_type(&mime)) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    response
}

/// Whether the client names the coding, and does not rule it out (RFC 9110, 12.5.3).
fn accepts(request: &HeaderMap, coding: &str) -> bool {
    request
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| {
            let mut parts = one.split(';').map(str::trim);
            let is_it = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
            let is_zero = |part: &str| {
                let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
                weight.is_some_and(|q| q.trim().parse() == Ok(0.0))
            };
            is_it && !parts.any(is_zero)
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_is_taken_only_if_it_is_named_and_not_ruled_out() {
        let asked = |accept: &'static str, coding| {
            let value = HeaderValue::from_static(accept);
            accepts(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]), coding)
        };
        assert!(asked("gzip, deflate, br;q=0.9", "br") && asked("GZIP", "gzip"));
        for (accept, coding) in
            [("gzip", "br"), ("br;q=0", "br"), ("br; q=0.0", "br"), ("identity", "gzip")]
        {
            assert!(!asked(accept, coding), "{accept}");
        }
        assert!(!accepts(&HeaderMap::new(), "br"));
    }
}
