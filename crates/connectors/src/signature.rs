//! Signatures, both ways: HMAC-SHA256 over the time, a dot and what is signed; what is sent to this
//! server may be signed for its channel, too.
//!
//! A signature is good for [`WINDOW`]; within it, a message that comes again is known by its id.
//! One for a channel (`v2=`) is good there and nowhere else. One by the secret alone (`v1=`) is good
//! wherever that secret is; see [`Channel::verify`](crate::Channel::verify).

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::config::Secret;

/// How far the two clocks may be apart, and how long a signature is good for.
pub const WINDOW: Duration = Duration::from_secs(5 * 60);
/// The header that has the time of signing, Unix seconds.
pub const TIMESTAMP: &str = "sotto-timestamp";
/// The header that has the signature.
pub const SIGNATURE: &str = "sotto-signature";
/// Comes before the 64 hex digits of a signature by the secret alone.
const BY_SECRET: &str = "v1=";
/// Comes before those of a signature for one channel.
const FOR_CHANNEL: &str = "v2=";

/// What a good signature is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// Wherever the secret is known.
    Secret,
    /// One channel.
    Channel,
}

/// Why something was not signed by whoever it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// A header is missing or can't be read, or the signature is wrong.
    #[error("the signature is missing or wrong")]
    Wrong,
    /// Rightly signed, but not now.
    #[error("the timestamp is more than five minutes off")]
    NotNow,
}

/// The value of the signature's header, by the secret alone.
pub fn sign(secret: &Secret, timestamp_s: u64, signed: &[u8]) -> String {
    let bytes = mac(secret, &timestamp_s.to_string(), None, signed).finalize().into_bytes();
    format!("{BY_SECRET}{}", hex::encode(bytes))
}

/// The value of the signature's header, for a channel of this server's.
pub fn sign_for(secret: &Secret, channel: &str, timestamp_s: u64, signed: &[u8]) -> String {
    let mac = mac(secret, &timestamp_s.to_string(), Some(channel), signed);
    format!("{FOR_CHANNEL}{}", hex::encode(mac.finalize().into_bytes()))
}

/// Whether `signed` was signed with the secret, by itself or for `channel`, about now; compared in
/// constant time.
///
/// # Errors
/// See [`NotSigned`].
pub fn verify(
    secret: &Secret,
    channel: &str,
    timestamp: &str,
    signature: &str,
    signed: &[u8],
    now_s: u64,
) -> Result<Binding, NotSigned> {
    let (binding, digits) = match signature.strip_prefix(FOR_CHANNEL) {
        Some(digits) => (Binding::Channel, digits),
        None => (Binding::Secret, signature.strip_prefix(BY_SECRET).ok_or(NotSigned::Wrong)?),
    };
    let bytes = hex::decode(digits).map_err(|_| NotSigned::Wrong)?;
    let channel = (binding == Binding::Channel).then_some(channel);
    let mac = mac(secret, timestamp, channel, signed);
    mac.verify_slice(&bytes).map_err(|_| NotSigned::Wrong)?;
    let at: u64 = timestamp.parse().map_err(|_| NotSigned::Wrong)?;
    if at.abs_diff(now_s) > WINDOW.as_secs() { Err(NotSigned::NotNow) } else { Ok(binding) }
}

/// A channel's name has no dot, and a time neither: nothing can be read in two ways.
fn mac(secret: &Secret, timestamp: &str, channel: Option<&str>, signed: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.bytes()).expect("a key of any length");
    for part in [Some(timestamp), channel].into_iter().flatten() {
        mac.update(part.as_bytes());
        mac.update(b".");
    }
    mac.update(signed);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn secret() -> Secret {
        Secret::new("0123456789abcdef0123456789abcdef")
    }

    fn check(timestamp: u64, signature: &str, body: &[u8], now: u64) -> Result<(), NotSigned> {
        let binding = verify(&secret(), "chat", &timestamp.to_string(), signature, body, now)?;
        assert_eq!(binding, Binding::Secret);
        Ok(())
    }

    #[test]
    fn what_is_signed_for_a_channel_is_good_there_alone() {
        // printf '1800000000.chat.{}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
        let good = sign_for(&secret(), "chat", NOW, b"{}");
        let by_hand = sign(&secret(), NOW, b"chat.{}").replace(BY_SECRET, FOR_CHANNEL);
        assert_eq!(good, by_hand);
        let at = |channel, body| verify(&secret(), channel, &NOW.to_string(), &good, body, NOW);
        assert_eq!(at("chat", b"{}"), Ok(Binding::Channel));
        assert_eq!(at("sms", b"{}"), Err(NotSigned::Wrong));
        assert_eq!(at("chat", b"{ }"), Err(NotSigned::Wrong));
    }

    #[test]
    fn it_is_the_hmac_that_everybody_computes() {
        // printf '1800000000.{}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
        let signature = sign(&secret(), NOW, b"{}");
        assert_eq!(
            signature,
            "v1=a8471f58daa469f8073cbebd823830f85e8942f4bbc0acd2ef47c28edc8c488e"
        );
    }

    #[test]
    fn what_was_signed_is_known_again_and_nothing_else() {
        let good = sign(&secret(), NOW, b"{}");
        assert_eq!(check(NOW, &good, b"{}", NOW), Ok(()));
        assert_eq!(check(NOW, &good, b"{ }", NOW), Err(NotSigned::Wrong), "another body");
        assert_eq!(check(NOW + 1, &good, b"{}", NOW), Err(NotSigned::Wrong), "another time");
        let other = Secret::new("another secret of at least 32 bytes");
        let by_other = sign(&other, NOW, b"{}");
        assert_eq!(check(NOW, &by_other, b"{}", NOW), Err(NotSigned::Wrong));
        let cut = good.len() - 2;
        let upper = good[3..].to_uppercase();
        for bad in ["", "v1=", "v1=zz", "v1=0", "v2=00", "v3=00", &good[3..], &good[..cut], "v1=é"]
        {
            assert_eq!(check(NOW, bad, b"{}", NOW), Err(NotSigned::Wrong), "{bad}");
        }
        assert_eq!(check(NOW, &format!("v1={upper}"), b"{}", NOW), Ok(()));
        let soon = verify(&secret(), "chat", "soon", &good, b"{}", NOW);
        assert_eq!(soon, Err(NotSigned::Wrong));
    }

    #[test]
    fn it_is_good_for_five_minutes_either_way() {
        let good = sign(&secret(), NOW, b"{}");
        let window = WINDOW.as_secs();
        for now in [NOW - window, NOW, NOW + window] {
            assert_eq!(check(NOW, &good, b"{}", now), Ok(()));
        }
        for now in [NOW - window - 1, NOW + window + 1] {
            assert_eq!(check(NOW, &good, b"{}", now), Err(NotSigned::NotNow));
        }
    }
}
