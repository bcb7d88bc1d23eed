//! Keys in the SDP: `a=crypto` (SDES, RFC 4568).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A master key of 16 and a salt of 14 bytes (RFC 4568 §6.1).
pub(crate) const MASTER_BYTES: usize = 30;

/// The cipher suites that are spoken; of both the key is AES-128's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suite {
    /// With tags of 10 bytes.
    Sha1_80,
    /// With tags of 4 bytes on RTP; on RTCP of 10 all the same (RFC 4568 §6.2.2).
    Sha1_32,
}

/// A master key and salt; never shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Master(pub [u8; MASTER_BYTES]);

/// One usable `a=crypto` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CryptoLine {
    pub tag: u32,
    pub suite: Suite,
    pub master: Master,
}

impl Suite {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::Sha1_32 => "AES_CM_128_HMAC_SHA1_32",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Sha1_80, Self::Sha1_32].into_iter().find(|it| name.eq_ignore_ascii_case(it.as_str()))
    }
}

impl CryptoLine {
    /// Reads a line; `None` if it asks for something that is not spoken: another suite, a key identifier
    /// (MKI), several keys, or a session parameter that must not be ignored (RFC 4568 §6.3).
    pub fn parse(value: &str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        let tag = words.next()?.parse().ok()?;
        let suite = Suite::parse(words.next()?)?;
        let key = words.next()?.strip_prefix("inline:")?;
        // The size of the window for replays is a hint.
        if words.any(|parameter| !parameter.starts_with("WSH=")) || key.contains(';') {
            return None;
        }
        let mut parts = key.split('|');
        let key = parts.next()?;
        // What may follow is a lifetime, in packets: ours are far from it when a call ends.
        if parts.any(|part| part.contains(':')) {
            return None;
        }
        let master = STANDARD.decode(key).ok()?.try_into().ok()?;
        Some(Self { tag, suite, master: Master(master) })
    }
}

impl std::fmt::Display for CryptoLine {
    /// The value of the attribute, with the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { tag, suite, master } = self;
        write!(f, "{tag} {} inline:{}", suite.as_str(), STANDARD.encode(master.0))
    }
}

impl std::fmt::Debug for Master {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Master(_)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    #[test]
    fn the_examples_of_rfc_4568_are_read() {
        let line = CryptoLine::parse(&format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20"));
        let line = line.unwrap();
        assert_eq!((line.tag, line.suite), (1, Suite::Sha1_80));
        assert_eq!(line.to_string(), format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"));
        assert!(!format!("{line:?}").contains("89"), "no key in a log: {line:?}");
    }

    #[test]
    fn what_is_not_spoken_is_passed_over() {
        let bad = [
            format!("1 AES_256_CM_HMAC_SHA1_80 inline:{KEY}"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:32"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY};inline:{KEY}"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNENCRYPTED_SRTP"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} KDR=1"),
            "1 AES_CM_128_HMAC_SHA1_80 inline:dG9vIHNob3J0".to_owned(),
            "x AES_CM_128_HMAC_SHA1_80".to_owned(),
            String::new(),
        ];
        for line in bad {
            assert_eq!(CryptoLine::parse(&line), None, "{line}");
        }
        let hint = format!("7 aes_cm_128_hmac_sha1_32 inline:{KEY} WSH=128");
        assert_eq!(CryptoLine::parse(&hint).unwrap().suite, Suite::Sha1_32);
    }
}
