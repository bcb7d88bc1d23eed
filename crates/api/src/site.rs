//! Where the server is, as browsers know it. Said once; the cookie's lock, the origin of a page of
//! ours, the names that are answered to, HSTS and redirects follow from it, and nothing of it from
//! what a request says of itself.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use axum::Router;
use axum::extract::State;
use axum::http::uri::{Authority, PathAndQuery};
use axum::http::{HeaderMap, HeaderValue, Request, Uri, header};
use axum::response::Redirect;
use serde::{Deserialize, Serialize};

/// For how long browsers remember to come by HTTPS only (RFC 6797): a year.
const HSTS: &str = "max-age=31536000";

/// The address that browsers open: `https://voice.example`, or `http://` on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicUrl {
    https: bool,
    authority: Authority,
}

/// How browsers come to this server.
#[derive(Clone, Debug)]
pub struct Site {
    public: Option<PublicUrl>,
    https: bool,
    hsts: bool,
    names: Vec<String>,
}

impl PublicUrl {
    /// Whether it is by HTTPS.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The name or address, without port; that of an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        bare(self.authority.host())
    }

    /// The port, said or the scheme's.
    pub fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(if self.https { 443 } else { 80 })
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is no address such as https://voice.example, without a path");
        let origin = text.strip_suffix('/').unwrap_or(text);
        let (https, rest) = match (origin.strip_prefix("https://"), origin.strip_prefix("http://"))
        {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(wrong()),
        };
        let authority: Authority = rest.parse().map_err(|_| wrong())?;
        let said = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
        let is_port = said.is_empty() || authority.port_u16().is_some();
        if authority.host().is_empty() || rest.contains('@') || !is_port {
            return Err(wrong());
        }
        let url = Self { https, authority };
        if !https && !is_loopback(url.host()) {
            return Err(format!(
                "`{text}` is not by HTTPS: passwords and messages would travel in clear, and \
                 browsers would give no microphone"
            ));
        }
        Ok(url)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority.as_str().to_ascii_lowercase())
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<PublicUrl> for String {
    fn from(url: PublicUrl) -> Self {
        url.to_string()
    }
}

impl Site {
    /// A server at `public`; without one, at whatever address of its machine it is opened.
    /// `tls`: its own listener speaks TLS. `names`: other names that requests may come by.
    pub fn new(public: Option<PublicUrl>, tls: bool, names: Vec<String>) -> Self {
        let https = public.as_ref().map_or(tls, PublicUrl::is_https);
        Self { public, https, hsts: https, names }
    }

    /// The same without HSTS: a certificate that nobody trusts is for trying out, and a browser that
    /// remembered to insist on HTTPS would offer no way past the warning.
    #[must_use]
    pub fn without_hsts(mut self) -> Self {
        self.hsts = false;
        self
    }

    /// Whether browsers come by HTTPS, so that cookies are for HTTPS only.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// `Strict-Transport-Security`, if it is to be sent.
    pub fn hsts(&self) -> Option<HeaderValue> {
        self.hsts.then(|| HeaderValue::from_static(HSTS))
    }

    /// Whether the request is for a name of this server. A page from elsewhere whose name was made
    /// to point here (DNS rebinding) comes by its own name; an address as such can't be rebound.
    pub fn answers_to<B>(&self, request: &Request<B>) -> bool {
        named_host(request.uri(), request.headers()).is_some_and(|host| self.knows(host))
    }

    /// Whether the browser says that a page of this very server sent the request. What says nothing
    /// is no browser, and has no business with cookies.
    pub fn is_own_origin(&self, headers: &HeaderMap) -> bool {
        if let Some(site) = headers.get("sec-fetch-site") {
            return site == "same-origin";
        }
        let Some(origin) = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok())
        else {
            return false;
        };
        if self.public.as_ref().is_some_and(|url| origin.eq_ignore_ascii_case(&url.to_string())) {
            return true;
        }
        let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        let (Some(authority), Some(host)) = (authority, host_header(headers)) else {
            return false;
        };
        // By the public name, only what it was said to be; past it, on this machine, as it is asked.
        let elsewhere = self.public.is_none() || is_loopback(name_of(host));
        elsewhere && authority.eq_ignore_ascii_case(host)
    }

    fn knows(&self, host: &str) -> bool {
        let name = name_of(host);
        let name = name.strip_suffix('.').unwrap_or(name);
        let is_public = |url: &PublicUrl| url.host().eq_ignore_ascii_case(name);
        is_loopback(name)
            || name.parse::<IpAddr>().is_ok()
            || self.public.as_ref().is_some_and(is_public)
            || self.names.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// Answers everything with a redirect to the same path at `url`: for a listener without TLS.
pub fn redirecting_to(url: PublicUrl) -> Router {
    // 308: what was to be posted is posted there.
    let go = async |State(url): State<PublicUrl>, asked: Uri| {
        let path = asked.path_and_query().map_or("/", PathAndQuery::as_str);
        let path = if path.starts_with('/') { path } else { "/" };
        Redirect::permanent(&format!("{url}{path}"))
    };
    Router::new().fallback(go).with_state(url)
}

/// The name that a request is for: the target's own, or the only `Host` (RFC 9112 §3.2).
fn named_host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    match uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => host_header(headers),
    }
}

fn host_header(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?.to_str().ok()?;
    hosts.next().is_none().then_some(host)
}

/// Without port and brackets.
fn name_of(host: &str) -> &str {
    let name = match host.rsplit_once(':') {
        // The colons of a bare IPv6 address are within brackets.
        Some((name, port)) if !port.contains(']') => name,
        _ => host,
    };
    bare(name)
}

fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

fn is_loopback(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(public: &str) -> Site {
        Site::new(Some(public.parse().unwrap()), false, vec!["sotto.internal".to_owned()])
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn an_address_is_an_origin_by_https() {
        for (said, is) in [
            ("https://voice.example", "https://voice.example"),
            ("https://Voice.Example:8443/", "https://voice.example:8443"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(said.parse::<PublicUrl>().unwrap().to_string(), is);
        }
        for bad in [
            "voice.example",
            "https://",
            "https://voice.example/sotto",
            "https://voice.example?x",
            "https://me@voice.example",
            "https://voice.example:port",
            "ftp://voice.example",
            "http://voice.example",
            "http://192.0.2.1:8080",
            "",
        ] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
        let url: PublicUrl = "https://[2001:db8::1]:8443".parse().unwrap();
        assert_eq!((url.host(), url.port()), ("2001:db8::1", 8443));
        assert_eq!("https://voice.example".parse::<PublicUrl>().unwrap().port(), 443);
    }

    #[test]
    fn only_names_of_this_server_are_answered_to() {
        let site = site("https://voice.example:8443");
        let asked = |target: &str, hosts: &[&str]| {
            let mut request = Request::builder().uri(target);
            for host in hosts {
                request = request.header("host", *host);
            }
            site.answers_to(&request.body(()).unwrap())
        };
        for host in [
            "voice.example",
            "voice.example:8443",
            "VOICE.example.",
            "sotto.internal:8080",
            "localhost:8080",
            "127.0.0.1",
            "[::1]:8080",
            "192.0.2.1:8080",
        ] {
            assert!(asked("/", &[host]), "{host}");
        }
        for host in [
            "evil.example",
            "voice.example.evil.example",
            "xvoice.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "",
        ] {
            assert!(!asked("/", &[host]), "{host}");
        }
        assert!(!asked("/", &[]));
        assert!(!asked("/", &["voice.example", "evil.example"]), "which one is it?");
        // The target's own name counts, whatever Host says (RFC 9112 §3.2.2).
        assert!(!asked("http://evil.example/", &["voice.example"]));
    }

    #[test]
    fn the_origin_must_be_this_server() {
        let site = site("https://voice.example");
        let host = ("host", "127.0.0.1:8080");
        let same = |pairs: &[_]| site.is_own_origin(&headers(&[&[host], pairs].concat()));
        assert!(same(&[("sec-fetch-site", "same-origin")]));
        // As it is behind a proxy that passes its own idea of a host on.
        assert!(same(&[("origin", "https://voice.example")]));
        assert!(same(&[("origin", "http://127.0.0.1:8080")]), "past the proxy, on this machine");
        for site in ["cross-site", "same-site", "none"] {
            // What the browser says about the site counts, whatever the origin looks like.
            assert!(!same(&[("sec-fetch-site", site), ("origin", "https://voice.example")]));
        }
        for origin in [
            "https://evil.example",
            "http://voice.example",
            "https://voice.example:84431",
            "http://127.0.0.1:8081",
            "null",
        ] {
            assert!(!same(&[("origin", origin)]), "{origin}");
        }
        assert!(!same(&[]));
        let public = [("host", "voice.example"), ("origin", "http://voice.example")];
        assert!(!site.is_own_origin(&headers(&public)), "a page that came in clear is not ours");
    }

    #[test]
    fn without_a_public_address_the_request_says_where_it_is() {
        let site = Site::new(None, true, Vec::new());
        let same = |host: &str, origin: &str| {
            site.is_own_origin(&headers(&[("host", host), ("origin", origin)]))
        };
        assert!(same("192.0.2.1:8443", "https://192.0.2.1:8443"));
        assert!(!same("192.0.2.1:8443", "https://192.0.2.1"));
    }
}
