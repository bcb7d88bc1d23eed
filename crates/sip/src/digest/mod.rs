//! Digest authentication (RFC 7616, in SIP by RFC 8760): who knows the secret of a name proves it without
//! sending it.
//!
//! [`Verifier`] is the side that asks, [`Challenge::answer`] the side that is asked. Only `qop="auth"` is asked
//! for, since nothing but its count (`nc`) tells a repetition. SHA-256 is offered before MD5, as RFC 8760 §2.4
//! wants it; MD5 is there because most desk phones know nothing else.

mod challenge;
mod credentials;
mod parameters;
mod verifier;

pub use challenge::Challenge;
pub use credentials::Credentials;
pub use verifier::{Denied, NONCE_LIFE, NONCES_MAX, Verifier};

use std::fmt;

use md5::Md5;
use sha2::{Digest as _, Sha256};

/// How hashes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// MD5 (RFC 1321), which is broken as a hash and holds here as well as the secret is long.
    Md5,
}

impl Algorithm {
    /// As a header names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Md5 => "MD5",
        }
    }

    /// By its name; MD5 if a header names none (RFC 7616 §3.3). `None`: one that is not known here, as those
    /// with `-sess`.
    pub fn named(name: Option<&str>) -> Option<Self> {
        let Some(name) = name else { return Some(Self::Md5) };
        [Self::Sha256, Self::Md5].into_iter().find(|it| it.name().eq_ignore_ascii_case(name))
    }

    /// The hash of parts with colons between them, in lower-case hexadecimal.
    fn hash(self, parts: &[&str]) -> String {
        let text = parts.join(":");
        match self {
            Self::Sha256 => hex::encode(Sha256::digest(text)),
            Self::Md5 => hex::encode(Md5::digest(text)),
        }
    }
}

/// What both sides know, and nobody else; it is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a response is made of besides the secret (RFC 7616 §3.4.1).
struct Question<'a> {
    algorithm: Algorithm,
    username: &'a str,
    realm: &'a str,
    nonce: &'a str,
    /// `nc` and `cnonce`, with `qop="auth"`; `None`: the form of RFC 2069.
    counted: Option<(&'a str, &'a str)>,
    method: &'a str,
    uri: &'a str,
}

impl Question<'_> {
    fn response(&self, secret: &Secret) -> String {
        let hash = |parts: &[&str]| self.algorithm.hash(parts);
        let who = hash(&[self.username, self.realm, &secret.0]);
        let what = hash(&[self.method, self.uri]);
        match self.counted {
            Some((count, cnonce)) => hash(&[&who, self.nonce, count, cnonce, "auth", &what]),
            None => hash(&[&who, self.nonce, &what]),
        }
    }
}

/// Who we are, where we are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The name, which need not be that of the line.
    pub username: String,
    /// What proves it.
    pub secret: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7616 §3.9.1.
    fn mufasa(algorithm: Algorithm) -> String {
        let question = Question {
            algorithm,
            username: "Mufasa",
            realm: "http-auth@example.org",
            nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            counted: Some(("00000001", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")),
            method: "GET",
            uri: "/dir/index.html",
        };
        question.response(&Secret::new("Circle of Life"))
    }

    #[test]
    fn the_examples_of_rfc_7616() {
        assert_eq!(mufasa(Algorithm::Md5), "8ca523f5e9506fed4657c9700eebdbec");
        let sha = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
        assert_eq!(mufasa(Algorithm::Sha256), sha);
    }

    #[test]
    fn the_example_of_rfc_2617() {
        let question = Question {
            algorithm: Algorithm::Md5,
            username: "Mufasa",
            realm: "testrealm@host.com",
            nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
            counted: Some(("00000001", "0a4f113b")),
            method: "GET",
            uri: "/dir/index.html",
        };
        let response = question.response(&Secret::new("Circle Of Life"));
        assert_eq!(response, "6629fae49393a05397450978507c4ef1");
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret::new("Circle of Life")), "Secret(…)");
    }
}
