//! The public address, asked as a browser would: does it lead here, by TLS, with WebSockets?

use std::time::Duration;

use reqwest::{Client, StatusCode, header};
use serde_json::{Value, json};

use super::Finding;
use crate::config::{Config, OperateSocket, TlsSource};

const WHAT: &str = "public address";
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn public_address(config: &Config, is_running: bool) -> Vec<Finding> {
    let Some(url) = config.public_url.as_ref().map(ToString::to_string) else { return Vec::new() };
    if !is_running {
        return vec![Finding::ok(
            WHAT,
            format!("{url} is not tried: start the server, then ask again"),
        )];
    }
    let trusts_anyone = config.tls_source() == Some(TlsSource::SelfSigned);
    let client = Client::builder().timeout(PATIENCE).tls_danger_accept_invalid_certs(trusts_anyone);
    let client = match client.no_proxy().build() {
        Ok(client) => client,
        Err(error) => return vec![Finding::warn(WHAT, error.to_string())],
    };
    let asked = client.get(format!("{url}/healthz")).send().await;
    let answer = match asked {
        Ok(answer) => answer,
        Err(error) => {
            return vec![Finding::fail(
                WHAT,
                format!(
                    "{url} can't be reached from here: {}. Does the name lead to this machine or its \
                 proxy, and is the certificate trusted?",
                    causes(&error)
                ),
            )];
        }
    };
    let status = answer.status();
    if status == StatusCode::MISDIRECTED_REQUEST {
        return vec![Finding::fail(
            WHAT,
            format!(
                "{url} leads here, but its proxy names another host: let it pass Host on unchanged \
             (nginx: proxy_set_header Host $host), or add that name to `allowed_hosts`"
            ),
        )];
    }
    if !answer.text().await.is_ok_and(|text| text == "ok\n") {
        return vec![Finding::fail(
            WHAT,
            format!(
                "{url}/healthz answers {status}, and not as this server does: the proxy must pass \
             everything on to {}",
                config.http
            ),
        )];
    }
    let mut findings = vec![Finding::ok(WHAT, format!("{url} leads here"))];
    findings.push(web_sockets(&client, &url).await);
    findings.extend(forwarding(config, &client, &url).await);
    findings
}

/// Whether the server learns who the proxy's clients are: else all of them share one budget, and the
/// first who is noisy stands for all.
async fn forwarding(config: &Config, client: &Client, url: &str) -> Option<Finding> {
    const WHAT: &str = "proxy headers";
    let own_port = config.public_url.as_ref()?.port() == config.http.port();
    let is_behind_proxy = config.behind_proxy || (config.tls_source().is_none() && !own_port);
    // What the PROXY protocol says is in no header.
    if !is_behind_proxy || config.proxy_protocol {
        return None;
    }
    let Some(before) = forwarded_requests(config, client).await else {
        return Some(Finding::warn(WHAT, "not looked at: no operator's listener answers"));
    };
    let asked = client.get(format!("{url}/healthz")).send().await;
    let after = forwarded_requests(config, client).await?;
    if let Err(error) = asked {
        return Some(Finding::warn(WHAT, causes(&error)));
    }
    Some(if after.trusted > before.trusted {
        Finding::ok(WHAT, "say who the proxy's clients are, and are believed")
    } else if after.untrusted > before.untrusted {
        Finding::fail(
            WHAT,
            "say who the proxy's clients are, and are not believed, so that all of them share one budget: name the \
             address from which the proxy connects in `trusted_proxies`; the log says which one that is",
        )
    } else {
        Finding::fail(
            WHAT,
            "do not say who the proxy's clients are, so that all of them share one budget: let the proxy send \
             X-Forwarded-For (nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for)",
        )
    })
}

/// Requests that named their client, since the server's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct ForwardedRequests {
    trusted: u64,
    untrusted: u64,
}

/// As the operator's listener tells; `None`: there is none, or it does not answer.
async fn forwarded_requests(config: &Config, client: &Client) -> Option<ForwardedRequests> {
    let address = match config.operate_socket() {
        OperateSocket::None => return None,
        OperateSocket::IfFree(address) | OperateSocket::Required(address) => address,
    };
    let answer = client.get(format!("http://{address}/metrics")).send().await.ok()?;
    Some(counted(&answer.error_for_status().ok()?.text().await.ok()?))
}

/// Reads them out of the Prometheus text format.
fn counted(metrics: &str) -> ForwardedRequests {
    let of = |proxy: &str| {
        let head = format!("{}{{proxy=\"{proxy}\"}} ", api::clients::FORWARDED_REQUESTS);
        let found = metrics.lines().find_map(|line| line.strip_prefix(&head));
        found.and_then(|count| count.parse().ok()).unwrap_or_default()
    };
    ForwardedRequests { trusted: of("trusted"), untrusted: of("untrusted") }
}

/// Opens an event stream through the public address, as a guest who leaves at once.
async fn web_sockets(client: &Client, url: &str) -> Finding {
    const WHAT: &str = "WebSockets";
    let failed = |why: String| {
        Finding::fail(
            WHAT,
            format!(
                "{why}. The proxy must let WebSockets through at {url}/api/v1/events (nginx: \
         proxy_http_version 1.1, and the headers Upgrade and Connection)"
            ),
        )
    };
    let api = format!("{url}/api/v1");
    let guest = client.post(format!("{api}/guests")).json(&json!({"name": "media-server doctor"}));
    let guest: Value = match guest.send().await {
        Ok(answer) => answer.json().await.unwrap_or_default(),
        Err(error) => return failed(causes(&error)),
    };
    let Some(token) = guest["token"].as_str() else {
        return Finding::warn(WHAT, "not tried: the server lets no guest in at the moment");
    };
    let opened = client
        .get(format!("{api}/events"))
        .bearer_auth(token)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, "c290dG8gc290dG8gc290dA==")
        .send()
        .await;
    // Whether the guest's sign-out arrives is no matter: it ends by itself.
    let _ = client.post(format!("{api}/logout")).bearer_auth(token).send().await;
    match opened {
        Ok(answer) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => {
            Finding::ok(WHAT, "come through")
        }
        Ok(answer) => failed(format!("an event stream is answered with {}", answer.status())),
        Err(error) => failed(causes(&error)),
    }
}

/// An error with all that is behind it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
