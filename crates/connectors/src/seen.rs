//! Which channel a signature was good at, where two channels have one secret.
//!
//! A signature by the secret alone says nothing of the channel: what was sent to one could be sent to
//! the other once more. So the first one that it was good at keeps it for as long as it is good.

use std::collections::HashMap;

use super::signature::WINDOW;

/// Signatures that are remembered, of all channels that share a secret; further ones are refused
/// until some have expired.
pub const SEEN_MAX: usize = 65_536;

/// The signatures, and where they were good.
#[derive(Debug, Default)]
pub struct Seen {
    by_signature: HashMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    channel: String,
    until_s: u64,
}

impl Seen {
    /// Whether the signature is good at this channel: it was good at no other one. `now_s` is Unix
    /// time.
    pub fn admit(&mut self, channel: &str, signature: &str, now_s: u64) -> bool {
        if let Some(seen) = self.by_signature.get(signature) {
            return seen.channel == channel;
        }
        if self.by_signature.len() >= SEEN_MAX {
            self.by_signature.retain(|_, entry| entry.until_s >= now_s);
        }
        if self.by_signature.len() >= SEEN_MAX {
            return false;
        }
        // It may be from a clock that is ahead by a window.
        let until_s = now_s + 2 * WINDOW.as_secs();
        let entry = Entry { channel: channel.to_owned(), until_s };
        self.by_signature.insert(signature.to_owned(), entry);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_good_where_it_was_good_first() {
        let mut seen = Seen::default();
        assert!(seen.admit("whatsapp", "v1=aa", 1_000));
        assert!(!seen.admit("facebook", "v1=aa", 1_000));
        assert!(seen.admit("whatsapp", "v1=aa", 1_001), "a retry");
        assert!(seen.admit("facebook", "v1=bb", 1_001));
    }

    #[test]
    fn they_are_bounded_and_expire() {
        let mut seen = Seen::default();
        for n in 0..SEEN_MAX {
            assert!(seen.admit("whatsapp", &n.to_string(), 1_000));
        }
        assert!(!seen.admit("whatsapp", "one more", 1_000));
        assert!(seen.admit("whatsapp", "one more", 1_001 + 2 * WINDOW.as_secs()));
        assert_eq!(seen.by_signature.len(), 1);
    }
}
