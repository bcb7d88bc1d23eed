//! Who the client of each request is. Every limit and every line in the log goes by it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use axum::middleware::Next;
use axum::response::Response;
use budget::{Client, Forwarding, Networks, client_of};

use super::Problem;

/// Requests that say whom they are forwarded for, by whether that is believed. The doctor reads it.
pub const FORWARDED_REQUESTS: &str = "sotto_forwarded_requests_total";

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Who sends the request, as far as our proxies vouch for it.
#[derive(Clone, Copy, Debug)]
pub struct Sender(pub Client);

/// The proxies whose word is taken, and whether another one has been seen.
#[derive(Debug)]
pub struct Proxies {
    trusted: Networks,
    has_warned: AtomicBool,
}

impl Proxies {
    /// Takes the word of these.
    pub fn new(trusted: Networks) -> Self {
        Self { trusted, has_warned: AtomicBool::new(false) }
    }

    fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> Client {
        let forwarding = Forwarding {
            forwarded: values(headers, &header::FORWARDED),
            x_forwarded_for: values(headers, &X_FORWARDED_FOR),
        };
        let is_forwarded =
            !forwarding.forwarded.is_empty() || !forwarding.x_forwarded_for.is_empty();
        let is_trusted = self.trusted.contains(peer.ip());
        if is_forwarded {
            let proxy = if is_trusted { "trusted" } else { "untrusted" };
            metrics::counter!(FORWARDED_REQUESTS, "proxy" => proxy).increment(1);
        }
        if is_forwarded && !is_trusted && !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                address = %peer.ip(),
                "a request says whom it is forwarded for, but its address is not in `trusted_proxies`: if that \
                 is your proxy, name it there, or all its clients share one budget"
            );
        }
        client_of(peer.ip(), &forwarding, &self.trusted)
    }
}

/// Lines that are no text are a hop that can't be read.
fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?")).collect()
}

/// The program that asks, as it names itself (RFC 9110 §10.1.5); empty: it does not.
pub fn user_agent(headers: &HeaderMap) -> String {
    let named = headers.get(header::USER_AGENT).map(|value| value.as_bytes());
    String::from_utf8_lossy(named.unwrap_or_default()).into_owned()
}

/// Finds out who the client is, for all that comes after.
pub async fn identify(
    State(proxies): State<Arc<Proxies>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let client = proxies.client(peer, request.headers());
    request.extensions_mut().insert(Sender(client));
    next.run(request).await
}

impl<S: Send + Sync> FromRequestParts<S> for Sender {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().copied().ok_or_else(|| Problem::internal("nobody was identified"))
    }
}
