//! Where a request carries its token, and the cookie that keeps a browser signed in.
//!
//! Read and written by hand: two lines of `Set-Cookie` and one of `Cookie` need no cookie jar.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::site::Site;

/// The cookie's name where browsers come without TLS: on this machine.
const NAME: &str = "sotto_session";
/// Its name where they come by HTTPS. Browsers take a cookie of this prefix only from the very host,
/// locked, and for all of it: a neighbour under the same domain can't plant one (RFC 6265bis §4.1.3.2).
pub(super) const HOST_NAME: &str = "__Host-sotto_session";

/// The WebSocket protocol that our event stream speaks.
pub const EVENTS_PROTOCOL: &str = "sotto";
/// Before the token in the list of protocols that a page offers when it opens a WebSocket: it can
/// set no other header there, and what stands in a URL gets logged.
const BEARER_PROTOCOL: &str = "sotto.bearer.";

/// The token in these headers, and whether it came by cookie. A bearer token wins.
pub(super) fn credentials(site: &Site, headers: &HeaderMap) -> Option<(String, bool)> {
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
        .find(|(it, value)| *it == name(site) && !value.is_empty())
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
pub fn set(site: &Site, token: &str, life: Duration) -> HeaderValue {
    HeaderValue::try_from(cookie(site, token, life.as_secs()))
        .expect("a token is base64url and dots")
}

/// `Set-Cookie` that takes the cookie away.
pub fn clear(site: &Site) -> HeaderValue {
    HeaderValue::try_from(cookie(site, "", 0)).expect("the text is fixed")
}

fn cookie(site: &Site, token: &str, life_s: u64) -> String {
    let (name, secure) = (name(site), if site.is_https() { "; Secure" } else { "" });
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={life_s}{secure}")
}

fn name(site: &Site) -> &'static str {
    if site.is_https() { HOST_NAME } else { NAME }
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

    fn clear_site() -> Site {
        Site::new(None, false, Vec::new())
    }

    fn public_site() -> Site {
        Site::new(Some("https://voice.example".parse().unwrap()), false, Vec::new())
    }

    #[test]
    fn the_bearer_token_wins_over_the_cookie() {
        let both = headers(&[("authorization", "bearer abc"), ("cookie", "sotto_session=def")]);
        assert_eq!(credentials(&clear_site(), &both), Some(("abc".to_owned(), false)));
        let cookie = headers(&[("cookie", "a=b; sotto_session=def; c=d")]);
        assert_eq!(credentials(&clear_site(), &cookie), Some(("def".to_owned(), true)));
        // Another scheme claims somebody, but proves nobody.
        let basic = headers(&[("authorization", "Basic abc"), ("cookie", "sotto_session=def")]);
        assert_eq!(credentials(&clear_site(), &basic), Some((String::new(), false)));
        assert_eq!(credentials(&clear_site(), &headers(&[("cookie", "xsotto_session=def")])), None);
        assert_eq!(credentials(&clear_site(), &headers(&[])), None);
    }

    #[test]
    fn a_page_offers_its_token_among_the_protocols_of_a_websocket() {
        let offered = "sotto, sotto.bearer.a.b-c.d_e";
        let both = [("sec-websocket-protocol", offered), ("cookie", "sotto_session=def")];
        assert_eq!(
            credentials(&clear_site(), &headers(&both)),
            Some(("a.b-c.d_e".to_owned(), false))
        );
        let neither = [("sec-websocket-protocol", "sotto")];
        assert_eq!(credentials(&clear_site(), &headers(&neither)), None);
    }

    #[test]
    fn the_cookie_is_locked_up() {
        let cookie = set(&public_site(), "a.b.c", Duration::from_secs(60));
        let expected =
            "__Host-sotto_session=a.b.c; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure";
        assert_eq!(cookie, expected);
        assert!(clear(&public_site()).to_str().unwrap().contains("Max-Age=0; Secure"));
        let expected = "sotto_session=a.b.c; Path=/; HttpOnly; SameSite=Strict; Max-Age=60";
        assert_eq!(set(&clear_site(), "a.b.c", Duration::from_secs(60)), expected);
    }

    #[test]
    fn by_https_a_cookie_without_the_hosts_lock_proves_nobody() {
        let planted = headers(&[("cookie", "sotto_session=def")]);
        assert_eq!(credentials(&public_site(), &planted), None);
        let locked = headers(&[("cookie", "sotto_session=def; __Host-sotto_session=abc")]);
        assert_eq!(credentials(&public_site(), &locked), Some(("abc".to_owned(), true)));
    }
}
