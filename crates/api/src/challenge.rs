//! A challenge for guests while a queue is flooded: the operator's own page asks whatever it likes
//! (a puzzle, a third party's captcha), and mints a proof with a key that it shares with the server.
//!
//! A proof is `<Unix s>.<nonce>.v1=<hex>`: when it was made, up to 64 letters, digits, `-` and `_` that
//! are never used again, and the HMAC-SHA256 of `<Unix s>.<nonce>` with the shared key. It is good for
//! five minutes and for one call or conversation, and comes in the header `Sotto-Challenge`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use accounts::unix_now;
use axum::http::{HeaderMap, HeaderName};
use connectors::{Secret, signature};
use interaction::User;
use orchestrator::Orchestrator;

use super::{Kind, Problem};

/// The header with the proof.
const HEADER: HeaderName = HeaderName::from_static("sotto-challenge");
/// What a proof may be signed for alone, in the place of a channel's name: see `connectors::signature`.
const PURPOSE: &str = "challenge";
/// Characters of a nonce.
const NONCE_CHARS_MAX: usize = 64;
/// Proofs that are remembered as used; of more, none is taken until the oldest have expired.
const USED_MAX: usize = 100_000;

/// What the operator chose.
#[derive(Clone, Debug)]
pub struct ChallengeConfig {
    /// The page on which people get a proof.
    pub url: String,
    /// The key that it shares with the server.
    pub key: Secret,
    /// Guests who wait in a queue from which on it takes a proof.
    pub waiting: usize,
}

/// The challenge, and the proofs that were used.
#[derive(Debug)]
pub struct Challenge {
    config: ChallengeConfig,
    /// Until when each would be good, Unix s, by nonce.
    used: Mutex<HashMap<String, u64>>,
}

impl Challenge {
    /// No proof was used yet.
    pub fn new(config: ChallengeConfig) -> Self {
        Self { config, used: Mutex::default() }
    }

    /// Refuses a guest without a proof if so many wait in the queue already that one is asked for.
    ///
    /// # Errors
    /// [`Kind::ChallengeRequired`].
    pub fn check(
        &self,
        orchestrator: &Orchestrator,
        user: &User,
        queue: &str,
        headers: &HeaderMap,
    ) -> Result<(), Problem> {
        if !user.is_guest() || orchestrator.guests_waiting(queue) < self.config.waiting {
            return Ok(());
        }
        let proof = headers.get(HEADER).and_then(|value| value.to_str().ok());
        if proof.is_some_and(|proof| self.is_good(proof, unix_now().0 / 1000)) {
            return Ok(());
        }
        let detail = format!(
            "Many people are waiting. Get a proof at {} and send it as Sotto-Challenge.",
            self.config.url
        );
        Err(Problem::new(Kind::ChallengeRequired, detail).retry_after_s(1))
    }

    /// Whether the proof is one, and has not been used; it is from now on.
    fn is_good(&self, proof: &str, now_s: u64) -> bool {
        let mut parts = proof.splitn(3, '.');
        let (Some(timestamp), Some(nonce), Some(signed)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let is_nonce = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if nonce.is_empty() || nonce.len() > NONCE_CHARS_MAX || !nonce.chars().all(is_nonce) {
            return false;
        }
        let key = &self.config.key;
        let nonce_bytes = nonce.as_bytes();
        if signature::verify(key, PURPOSE, timestamp, signed, nonce_bytes, now_s).is_err() {
            return false;
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= USED_MAX {
            used.retain(|_, until| *until >= now_s);
        }
        if used.contains_key(nonce) || used.len() >= USED_MAX {
            return false;
        }
        // One that is made a window ahead of our clock is good for two.
        used.insert(nonce.to_owned(), now_s + 2 * signature::WINDOW.as_secs());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn a_proof_is_good_once_and_for_a_while() {
        let key = Secret::new("0123456789abcdef0123456789abcdef");
        let other = Secret::new("ffffffffffffffffffffffffffffffff");
        let url = "https://voice.example/person".to_owned();
        let challenge = Challenge::new(ChallengeConfig { url, key: key.clone(), waiting: 1 });
        let proof = |key: &Secret, at: u64, nonce: &str| {
            format!("{at}.{nonce}.{}", signature::sign(key, at, nonce.as_bytes()))
        };
        assert!(challenge.is_good(&proof(&key, NOW, "a-1"), NOW + 10));
        assert!(!challenge.is_good(&proof(&key, NOW, "a-1"), NOW + 10), "once");
        assert!(challenge.is_good(&proof(&key, NOW, "a-2"), NOW + 10));
        assert!(!challenge.is_good(&proof(&key, NOW, "b"), NOW + 301), "too late");
        assert!(!challenge.is_good(&proof(&other, NOW, "c"), NOW), "another key");
        assert!(!challenge.is_good(&proof(&key, NOW, "d e"), NOW));
        assert!(!challenge.is_good(&proof(&key, NOW, &"x".repeat(65)), NOW));
        for garbage in ["", ".", "1.2", "1800000000.e.v1=00", "x.y.z"] {
            assert!(!challenge.is_good(garbage, NOW), "{garbage}");
        }
    }
}
