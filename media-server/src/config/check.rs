//! Limits of every value, and choices that don't go together.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;

use axum::http::uri::Authority;
use budget::Networks;

use super::{Config, ConfigError, Operate};

/// Demo calls at most: so many agents the demo has.
pub const DEMO_CALLS_MAX: u32 = 50;
/// Sites that may embed the chat: all of them are in a header of each of its pages.
const ORIGINS_MAX: usize = 50;
/// Queues at most whose calls are mixed otherwise.
const QUEUE_CODECS_MAX: usize = 1_000;

impl Config {
    /// Checks every value against its limits.
    ///
    /// # Errors
    /// The first value that is out of them, with its name and with what is allowed.
    pub fn check(&self) -> Result<(), ConfigError> {
        let limits = &self.limits;
        within("demo", self.demo.unwrap_or(0), 0..=DEMO_CALLS_MAX)?;
        within("workers", self.workers.unwrap_or(1), 1..=64)?;
        within("ring_timeout_s", self.ring_timeout_s, 1..=300)?;
        within("drain_s", self.drain_s.unwrap_or(0), 0..=3600)?;
        within("policy.duck_db", self.policy.duck_db, -30..=0)?;
        self.check_codec()?;
        within("limits.connections_max", limits.connections_max, 16..=100_000)?;
        within("limits.connections_per_client", limits.connections_per_client, 4..=100_000)?;
        within("limits.guests_per_client", limits.guests_per_client, 1..=10_000)?;
        within("limits.guests_per_client_minute", limits.guests_per_client_minute, 1..=10_000)?;
        within("limits.interactions_per_client", limits.interactions_per_client, 1..=10_000)?;
        within("limits.commands_per_second", limits.commands_per_second, 1..=1_000)?;
        self.trusted_proxies()?;
        self.unlimited_clients()?;
        within("limits.stations_max", limits.stations_max, 1..=100_000)?;
        within("limits.calls_max", limits.calls_max, 1..=50_000)?;
        within("limits.header_timeout_s", limits.header_timeout_s, 1..=60)?;
        within("limits.request_timeout_s", limits.request_timeout_s, 1..=300)?;
        within("limits.disk_reserve_percent", limits.disk_reserve_percent, 0..=50)?;
        within("limits.disk_reserve_mib", limits.disk_reserve_mib, 0..=1_048_576)?;
        within("limits.consent_timeout_s", limits.consent_timeout_s, 5..=120)?;
        self.mixer().check().map_err(|error| ConfigError::Value {
            key: "tones".to_owned(),
            value: "not possible".to_owned(),
            allowed: error.to_string(),
        })?;
        self.check_attachments()?;
        self.check_challenge()?;
        self.check_origins()?;
        self.check_channels()?;
        self.check_telephony()?;
        self.check_addresses()?;
        self.check_demo()?;
        self.check_tls()
    }

    /// The proxies whose word is taken.
    ///
    /// # Errors
    /// One of them is no address and no network.
    pub fn trusted_proxies(&self) -> Result<Networks, ConfigError> {
        networks("trusted_proxies", &self.trusted_proxies)
    }

    /// The clients that have no budget of their own; the demo's calls come from such.
    ///
    /// # Errors
    /// One of them is no address and no network.
    pub fn unlimited_clients(&self) -> Result<Networks, ConfigError> {
        let mut list = self.limits.unlimited_clients.clone();
        if self.demo.is_some_and(|calls| calls > 0) {
            // The demo's own callers are at one address, and new ones come all the time.
            list.extend(["127.0.0.1".to_owned(), "::1".to_owned()]);
        }
        networks("limits.unlimited_clients", &list)
    }

    fn check_codec(&self) -> Result<(), ConfigError> {
        const BITRATE_BPS: RangeInclusive<u32> = 6_000..=128_000;
        const COMPLEXITY: RangeInclusive<u8> = 0..=10;
        let codec = &self.codec;
        within("codec.bitrate_bps", codec.bitrate_bps, BITRATE_BPS)?;
        within("codec.complexity", codec.complexity, COMPLEXITY)?;
        within("codec.queues", codec.queues.len(), 0..=QUEUE_CODECS_MAX)?;
        let mut named = BTreeSet::new();
        for it in &codec.queues {
            if it.queue.is_empty() || !named.insert(&it.queue) {
                return Err(value(
                    "codec.queues.queue",
                    &it.queue,
                    "the key of a queue; each once",
                ));
            }
            let key = |field: &str| format!("codec.queues.{}.{field}", it.queue);
            within(&key("bitrate_bps"), it.bitrate_bps.unwrap_or(codec.bitrate_bps), BITRATE_BPS)?;
            within(&key("complexity"), it.complexity.unwrap_or(codec.complexity), COMPLEXITY)?;
        }
        Ok(())
    }

    fn check_attachments(&self) -> Result<(), ConfigError> {
        let files = &self.attachments;
        within("attachments.total_mib", files.total_mib, 0..=100_000_000)?;
        within("attachments.conversation_mib", files.conversation_mib, 0..=100_000)?;
        within("attachments.person_mib", files.person_mib, 0..=100_000)?;
        within("attachments.client_mib", files.client_mib, 0..=100_000)?;
        within("attachments.waiting_mib", files.waiting_mib, 0..=10_000)?;
        within("attachments.uploads_max", files.uploads_max, 1..=1_000)?;
        within("attachments.downloads_max", files.downloads_max, 1..=1_000)?;
        within("attachments.upload_timeout_s", files.upload_timeout_s, 5..=3_600)?;
        within("attachments.stall_timeout_s", files.stall_timeout_s, 1..=60)
    }

    fn check_addresses(&self) -> Result<(), ConfigError> {
        if self.operate == Some(Operate::At(self.http)) && self.http.port() != 0 {
            return Err(value("operate", self.http, "another address than `http`, or off"));
        }
        if let Some(address) = self.public_address.filter(|address| address.is_unspecified()) {
            return Err(value("public_address", address, "an address that clients reach"));
        }
        // Clients are told an address to send their voices to; "any" is none.
        if self.media.ip().is_unspecified() && self.public_address.is_none() {
            return Err(ConfigError::Conflict(format!(
                "`media` is {}, which no client can send to: name one of this machine's addresses, \
                 or tell the clients one with `public_address`",
                self.media
            )));
        }
        let workers = self.workers() as u32;
        if self.media.port() != 0 && u32::from(self.media.port()) + workers > 65_536 {
            let allowed =
                format!("port 0, or a port with {workers} ports up to 65535 (one for each worker)");
            return Err(value("media", self.media, &allowed));
        }
        Ok(())
    }

    /// A page without a key, or a key without a page, would let nobody in.
    fn check_challenge(&self) -> Result<(), ConfigError> {
        let challenge = &self.challenge;
        within("challenge.waiting", challenge.waiting, 1..=10_000)?;
        match (&challenge.url, &challenge.key) {
            (None, None) => Ok(()),
            (Some(_), Some(key)) => within("challenge.key (bytes)", key.bytes().len(), 32..=256),
            (Some(_), None) | (None, Some(_)) => Err(ConfigError::Conflict(
                "`challenge.url` and `challenge.key` go together".to_owned(),
            )),
        }
    }

    /// They go into a header as they are, so nothing but a plain origin gets through.
    fn check_origins(&self) -> Result<(), ConfigError> {
        let key = "widget.allowed_origins";
        let origins = &self.widget.allowed_origins;
        within(key, origins.len(), 0..=ORIGINS_MAX)?;
        match origins.iter().find(|origin| !is_origin(origin)) {
            Some(bad) => Err(value(key, bad, "origins, such as https://shop.example")),
            None => Ok(()),
        }
    }

    /// The demo's passwords are public, so nobody else may get near them.
    fn check_demo(&self) -> Result<(), ConfigError> {
        if self.demo.is_none() {
            return Ok(());
        }
        let only =
            "in demo mode, whose passwords are public, only a loopback address such as 127.0.0.1";
        if self.behind_proxy {
            return Err(ConfigError::Conflict(
                "`behind_proxy` can't be used in demo mode, whose passwords are public: nobody but \
                 this machine may reach it"
                    .to_owned(),
            ));
        }
        let operate = match self.operate {
            Some(Operate::At(address)) => Some(("operate", address)),
            Some(Operate::Off) | None => None,
        };
        let redirect = self.http_redirect.map(|address| ("http_redirect", address));
        let sip = self.sip.map(|address| ("sip", address));
        let sip_tls = self.sip_tls.map(|address| ("sip_tls", address));
        for (key, address) in [("http", self.http), ("media", self.media)]
            .into_iter()
            .chain(operate)
            .chain(redirect)
            .chain(sip)
            .chain(sip_tls)
        {
            if !address.ip().is_loopback() {
                return Err(value(key, address, only));
            }
        }
        if let Some(address) = self.public_address.filter(|address| !address.is_loopback()) {
            return Err(value("public_address", address, only));
        }
        if self.database.is_some() {
            return Err(ConfigError::Conflict(
                "`database` can't be used in demo mode: the demo's accounts, whose passwords are \
                 public, must not get into a real database"
                    .to_owned(),
            ));
        }
        if self.provision.is_some() {
            return Err(ConfigError::Conflict(
                "`provision` can't be used in demo mode, which has accounts of its own".to_owned(),
            ));
        }
        Ok(())
    }
}

pub(super) fn networks(key: &str, list: &[String]) -> Result<Networks, ConfigError> {
    let allowed = "addresses and networks, such as 10.0.0.1 and fd00::/8";
    Networks::parse(list.iter().map(String::as_str)).map_err(|bad| value(key, bad, allowed))
}

/// Scheme, host, and a port if it is another than the scheme's; as browsers write it.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_plain =
        |host: &str| host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b));
    let authority = host.filter(|host| is_plain(host)).and_then(|host| host.parse().ok());
    authority.is_some_and(|it: Authority| it.host() == it.as_str() || it.port_u16().is_some())
}

pub(super) fn within<T: PartialOrd + Display>(
    key: &str,
    is: T,
    allowed: RangeInclusive<T>,
) -> Result<(), ConfigError> {
    if allowed.contains(&is) {
        return Ok(());
    }
    let allowed = format!("{} to {}", allowed.start(), allowed.end());
    Err(ConfigError::Value { key: key.to_owned(), value: is.to_string(), allowed })
}

pub(super) fn value(key: &str, is: impl Display, allowed: &str) -> ConfigError {
    ConfigError::Value { key: key.to_owned(), value: is.to_string(), allowed: allowed.to_owned() }
}
