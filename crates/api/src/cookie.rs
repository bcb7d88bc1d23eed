//! Where a request carries its token, the cookie that keeps a browser signed in, and whether a
//! browser's request is its own page's.
//!
//! Read and written by hand: two lines of `Set-Cookie` and one of `Cookie` need no cookie jar.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

/// The cookie's name.
pub const NAME: &str = "sotto_session";

/// The WebSocket protocol that our event stream speaks.
pub const EVENTS_PROTOCOL: &str = "sotto";
/// Before the token in the list of protocols that a page offers when it opens a WebSocket: it can
/// set no other header there, and what stands in a URL gets logged.
const BEARER_PROTOCOL: &str = "sotto.bearer.";

/// The token in these headers, and whether it came by cookie. A bearer token wins.
pub(super) fn credentials(headers: &HeaderMap) -> Option<(String, bool)> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let value = value.to_str().unwrap_or_default();
        let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
        let token = if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" };
        return Some((token.to_owned(), false));
    }
    if let Some(token) = offered_token(headers) {
        return Some((token, false));
    }
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == NAME && !value.is_empty())
        .map(|(_, value)| (value.to_owned(), true))
}

fn offered_token(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|offered| offered.trim().strip_prefix(BEARER_PROTOCOL))
        .map(str::to_owned)
}

/// `Set-Cookie` with this token. Not readable by scripts, and not sent from other sites.
pub fn set(headers: &HeaderMap, token: &str, life: Duration) -> HeaderValue {
    let cookie = format!(
        "{NAME}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}",
        life.as_secs(),
        secure(headers)
    );
    HeaderValue::try_from(cookie).expect("a token is base64url and dots")
}

/// `Set-Cookie` that takes the cookie away.
pub fn clear(headers: &HeaderMap) -> HeaderValue {
    let cookie =
        format!("{NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{}", secure(headers));
    HeaderValue::try_from(cookie).expect("the text is fixed")
}

/// Whether the browser says that a page of this very server sent the request. What says nothing
/// is no browser, and has no business with cookies.
pub fn is_same_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let authority = origin.and_then(|origin| {
        origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"))
    });
    match (authority, host(headers)) {
        (Some(authority), Some(host)) => authority.eq_ignore_ascii_case(host),
        _ => false,
    }
}

/// Cookies may travel without TLS only where nobody can listen: on this machine.
fn secure(headers: &HeaderMap) -> &'static str {
    if host(headers).is_some_and(is_loopback) { "" } else { "; Secure" }
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        // The colons of a bare IPv6 address are within brackets.
        Some((name, port)) if !port.contains(']') => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn the_bearer_token_wins_over_the_cookie() {
        let both = headers(&[("authorization", "bearer abc"), ("cookie", "sotto_session=def")]);
        assert_eq!(credentials(&both), Some(("abc".to_owned(), false)));
        let cookie = headers(&[("cookie", "a=b; sotto_session=def; c=d")]);
        assert_eq!(credentials(&cookie), Some(("def".to_owned(), true)));
        // Another scheme claims somebody, but proves nobody.
        let basic = headers(&[("authorization", "Basic abc"), ("cookie", "sotto_session=def")]);
        assert_eq!(credentials(&basic), Some((String::new(), false)));
        assert_eq!(credentials(&headers(&[("cookie", "xsotto_session=def")])), None);
        assert_eq!(credentials(&headers(&[])), None);
    }

    #[test]
    fn a_page_offers_its_token_among_the_protocols_of_a_websocket() {
        let offered = "sotto, sotto.bearer.a.b-c.d_e";
        let both = [("sec-websocket-protocol", offered), ("cookie", "sotto_session=def")];
        assert_eq!(credentials(&headers(&both)), Some(("a.b-c.d_e".to_owned(), false)));
        let neither = [("sec-websocket-protocol", "sotto")];
        assert_eq!(credentials(&headers(&neither)), None);
    }

    #[test]
    fn the_cookie_is_locked_up() {
        let public = headers(&[("host", "voice.example")]);
        let cookie = set(&public, "a.b.c", Duration::from_secs(60));
        let expected = "sotto_session=a.b.c; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure";
        assert_eq!(cookie, expected);
        assert!(clear(&public).to_str().unwrap().contains("Max-Age=0"));
    }

    #[test]
    fn only_this_machine_goes_without_tls() {
        for host in
            ["localhost", "localhost:8080", "127.0.0.1:8080", "127.8.9.1", "[::1]:8080", "[::1]"]
        {
            assert_eq!(secure(&headers(&[("host", host)])), "", "{host}");
        }
        for host in [
            "voice.example",
            "10.0.0.1:8080",
            "localhost.example",
            "127.0.0.1.example",
            "[fe80::1]:1",
            "",
        ] {
            assert_eq!(secure(&headers(&[("host", host)])), "; Secure", "{host}");
        }
        assert_eq!(secure(&headers(&[])), "; Secure");
    }

    #[test]
    fn the_origin_must_be_this_server() {
        let host = ("host", "voice.example:8443");
        let same = |pairs: &[_]| is_same_origin(&headers(&[&[host], pairs].concat()));
        assert!(same(&[("sec-fetch-site", "same-origin")]));
        assert!(same(&[("origin", "https://voice.example:8443")]));
        for site in ["cross-site", "same-site", "none"] {
            // What the browser says about the site counts, whatever the origin looks like.
            assert!(!same(&[("sec-fetch-site", site), ("origin", "https://voice.example:8443")]));
        }
        for origin in
            ["https://evil.example", "https://voice.example", "null", "https://voice.example:84431"]
        {
            assert!(!same(&[("origin", origin)]), "{origin}");
        }
        assert!(!same(&[]));
    }
}
