//! Channels of other makers: WhatsApp, Facebook and the like, by a connector.

use std::collections::BTreeSet;

use super::check::{value, within};
use super::{Config, ConfigError};

/// Channels at most.
const CHANNELS_MAX: usize = 50;
/// Bytes that a secret must have: with fewer it could be guessed from one signature.
const SECRET_BYTES_MIN: usize = 32;
/// Bytes that a secret may have.
const SECRET_BYTES_MAX: usize = 256;
/// Characters that a channel's name may have.
const NAME_CHARS_MAX: usize = 40;
/// Channels of our own.
const OWN: [&str; 2] = ["web_chat", "voice"];

impl Config {
    /// Checks the channels. What is wrong with a secret is said without it.
    pub(super) fn check_channels(&self) -> Result<(), ConfigError> {
        within("channels", self.channels.len(), 0..=CHANNELS_MAX)?;
        let mut names = BTreeSet::new();
        for channel in &self.channels {
            let name = &channel.name;
            let key = |field: &str| format!("channels.{name}.{field}");
            if !is_name(name) || !names.insert(name) {
                let allowed = format!(
                    "1 to {NAME_CHARS_MAX} of a to z, 0 to 9, - and _, a letter first; each once; \
                     not `web_chat` or `voice`"
                );
                return Err(value("channels.name", name, &allowed));
            }
            let bytes = channel.secret.bytes().len();
            within(&key("secret (bytes)"), bytes, SECRET_BYTES_MIN..=SECRET_BYTES_MAX)?;
            if !is_address(&channel.url) {
                let allowed = "an https:// address, or http:// at a loopback address; no password";
                return Err(value(&key("url"), &channel.url, allowed));
            }
            if channel.queue.is_empty() {
                return Err(value(&key("queue"), "empty", "the key of a queue"));
            }
        }
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    (1..=NAME_CHARS_MAX).contains(&name.len())
        && name.bytes().all(plain)
        && name.as_bytes()[0].is_ascii_lowercase()
        && !OWN.contains(&name)
}

/// Messages of customers don't go through a network in clear.
fn is_address(text: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(text) else { return false };
    let is_here = connectors::is_loopback(&url);
    let is_plain = url.username().is_empty() && url.password().is_none();
    is_plain && (url.scheme() == "https" || url.scheme() == "http" && is_here)
}
