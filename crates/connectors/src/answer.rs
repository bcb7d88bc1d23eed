//! What a connector's answer to a post means.

use std::time::{Duration, SystemTime};

use interaction::text::display_name;
use reqwest::{Response, StatusCode, header};

/// Bytes of a refusal that are read, to say why.
const REASON_BYTES_MAX: usize = 4 * 1024;
/// Characters of it that are kept.
const REASON_CHARS_MAX: usize = 200;

/// How often a post may break its connector until it is given up: those behind it wait that long, a
/// minute.
pub const BREAKS_MAX: u32 = 8;

/// The connector says that it will never take it. "Too Early" (RFC 8470) is not that; to have moved
/// is, for redirects are not followed and no waiting changes that.
pub fn is_final(status: StatusCode) -> bool {
    let later = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    status.is_redirection() || (status.is_client_error() && !later.contains(&status))
}

/// Whether the post itself may be what the connector fails at. One that is away or full says so by
/// another status, or by that of the proxy before it.
pub fn is_break(status: StatusCode) -> bool {
    let away = [
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
        StatusCode::INSUFFICIENT_STORAGE,
    ];
    status.is_server_error() && !away.contains(&status)
}

/// How long the connector wants us to wait: in seconds, or until a date (RFC 9110, section 10.2.3).
pub fn retry_after(answer: &Response, now: SystemTime) -> Option<Duration> {
    let value = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    wait(value.trim(), now)
}

fn wait(value: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}

/// The status, and what the connector says to it: the `detail`, `error` or `message` of JSON, or the
/// text.
pub async fn reason(mut answer: Response) -> String {
    let status = answer.status();
    let mut body = Vec::new();
    while body.len() < REASON_BYTES_MAX {
        match answer.chunk().await {
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Ok(None) | Err(_) => break,
        }
    }
    body.truncate(REASON_BYTES_MAX);
    match words(&body) {
        Some(words) => format!("{status}: {words}"),
        None => status.to_string(),
    }
}

fn words(body: &[u8]) -> Option<String> {
    let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let text = match &json {
        Some(json) => {
            ["detail", "error", "message"].iter().find_map(|key| json.get(*key)?.as_str())?
        }
        None => std::str::from_utf8(body).ok()?,
    };
    // A page for people is no reason.
    let is_markup = text.trim_start().starts_with('<');
    display_name(text, REASON_CHARS_MAX).filter(|_| !is_markup)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_no_is_final() {
        let of = |status: u16| is_final(StatusCode::from_u16(status).unwrap());
        for status in [301, 308, 400, 401, 404, 410, 422] {
            assert!(of(status), "{status}");
        }
        for status in [408, 425, 429, 500, 503] {
            assert!(!of(status), "{status}");
        }
        let breaks = |status: u16| is_break(StatusCode::from_u16(status).unwrap());
        assert!(breaks(500) && breaks(501) && breaks(520));
        assert!(!breaks(502) && !breaks(503) && !breaks(504) && !breaks(404) && !breaks(200));
    }

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_445_412_420);
        assert_eq!(wait("120", now), Some(Duration::from_secs(120)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(Duration::from_secs(60)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:26:00 GMT", now), Some(Duration::ZERO), "has passed");
        assert_eq!(wait("soon", now), None);
    }

    #[test]
    fn a_reason_is_one_short_line() {
        let said = |body: &str| words(body.as_bytes());
        assert_eq!(said("window\n closed").as_deref(), Some("window closed"));
        assert_eq!(said(r#"{"error":"24 h are over"}"#).as_deref(), Some("24 h are over"));
        assert_eq!(said("<html>no</html>"), None);
        assert_eq!(said(""), None);
        assert_eq!(said(r#"{"code":131}"#), None);
        assert_eq!(said(&"x".repeat(3_000)).unwrap().len(), REASON_CHARS_MAX);
    }
}
