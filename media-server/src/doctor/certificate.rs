//! The certificate that would be shown: readable, its key's, for the public name, and for how long.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::Finding;
use crate::certificate_facts::Facts;
use crate::certificates::{self, SELF_MADE_FILE};
use crate::config::{Config, TlsSource};

const WHAT: &str = "certificate";
const DAY: Duration = Duration::from_secs(24 * 3600);
/// So many days before its end somebody has to look.
const LEFT_MIN_DAYS: u64 = 14;
/// Where an ACME authority asks back (RFC 8737 §3).
const ACME_PORT: u16 = 443;

pub(super) fn certificate(config: &Config) -> Vec<Finding> {
    match config.tls_source() {
        None if config.public_url.as_ref().is_some_and(|url| url.is_https()) => Vec::new(),
        None => vec![Finding::warn(
            WHAT,
            "none, and no `public_url`: browsers give the microphone on this machine only. See \
             --tls-cert, --tls, --behind-proxy",
        )],
        Some(TlsSource::Files { certificate, key }) => {
            match certificates::read(&certificate, &key) {
                Ok(read) => facts(config, &certificate, &read.cert[0]),
                Err(error) => vec![Finding::fail(WHAT, error.to_string())],
            }
        }
        Some(TlsSource::SelfSigned) => vec![Finding::warn(
            WHAT,
            format!(
                "made by the server: browsers warn of it. For trying out only; who wants to trust \
                 it finds it in {}",
                config.data_directory().join(SELF_MADE_FILE).display()
            ),
        )],
        Some(TlsSource::Acme) => vec![acme(config)],
    }
}

fn facts(config: &Config, path: &Path, der: &[u8]) -> Vec<Finding> {
    let shown = path.display();
    let facts = match Facts::of(der) {
        Ok(facts) => facts,
        Err(error) => return vec![Finding::fail(WHAT, format!("{shown}: {error}"))],
    };
    let mut findings = vec![lasting(&shown.to_string(), &facts)];
    if let Some(url) = &config.public_url
        && !facts.is_for(url.host())
    {
        let names: Vec<String> = facts
            .names
            .iter()
            .cloned()
            .chain(facts.addresses.iter().map(ToString::to_string))
            .collect();
        findings.push(Finding::fail(
            WHAT,
            format!(
                "{shown} is for {}, not for {}: get one for the name in `public_url`",
                names.join(", "),
                url.host()
            ),
        ));
    }
    if facts.is_self_signed {
        findings
            .push(Finding::warn(WHAT, format!("{shown} is signed by itself: browsers warn of it")));
    }
    findings
}

fn lasting(shown: &str, facts: &Facts) -> Finding {
    let now = SystemTime::now();
    if facts.begins_at > now {
        return Finding::fail(WHAT, format!("{shown} is not valid yet: is the clock right?"));
    }
    let Ok(left) = facts.ends_at.duration_since(now) else {
        return Finding::fail(
            WHAT,
            format!("{shown} has expired: renew it; the server reads it again by itself"),
        );
    };
    let days = left.as_secs() / DAY.as_secs();
    match days < LEFT_MIN_DAYS {
        true => Finding::warn(WHAT, format!("{shown} ends in {days} days: does its renewal work?")),
        false => Finding::ok(WHAT, format!("{shown} is good for {days} days, and fits its key")),
    }
}

fn acme(config: &Config) -> Finding {
    let public = config.public_url.as_ref().map_or(ACME_PORT, |url| url.port());
    if config.http.port() == ACME_PORT && public == ACME_PORT {
        return Finding::ok(
            WHAT,
            "by ACME: the authority asks back at port 443 of the public name, which must lead here",
        );
    }
    Finding::warn(
        WHAT,
        format!(
            "by ACME, whose authority asks back at port 443 of the public name: forward it to {}",
            config.http
        ),
    )
}
