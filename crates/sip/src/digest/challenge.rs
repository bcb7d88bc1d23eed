//! A question, as it is asked and as it is answered.

use super::parameters::{get, parameters, quote};
use super::{Algorithm, Question, Secret};
use crate::message::{Headers, Method};

/// What is asked of somebody: the value of WWW-Authenticate or Proxy-Authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Names the secret that is asked for.
    pub realm: String,
    /// To be answered.
    pub nonce: String,
    /// How.
    pub algorithm: Algorithm,
    /// The secret was right, and only the nonce too old.
    pub stale: bool,
    opaque: Option<String>,
    /// Uses of the nonce are counted (`qop="auth"`); `false`: the form of RFC 2069.
    counts: bool,
}

impl Challenge {
    /// A question of ours.
    pub(super) fn new(realm: &str, nonce: &str, algorithm: Algorithm, stale: bool) -> Self {
        let (realm, nonce) = (realm.to_owned(), nonce.to_owned());
        Self { realm, nonce, algorithm, stale, opaque: None, counts: true }
    }

    /// As a header's value.
    pub fn to_header(&self) -> String {
        let (realm, nonce) = (quote(&self.realm), quote(&self.nonce));
        let stale = if self.stale { ", stale=true" } else { "" };
        let algorithm = self.algorithm.name();
        format!("Digest realm={realm}, nonce={nonce}, algorithm={algorithm}, qop=\"auth\"{stale}")
    }

    /// The first question among headers of this name that can be answered here (RFC 8760 §2.4).
    pub fn first(headers: &Headers, name: &str) -> Option<Self> {
        headers.all(name).find_map(Self::parse)
    }

    /// Reads a header's value; `None`: another scheme, algorithm or protection than those known here.
    pub fn parse(value: &str) -> Option<Self> {
        let found = parameters(value)?;
        let text = |name| get(&found, name).map(str::to_owned);
        let counts = match get(&found, "qop") {
            Some(qops) => {
                qops.split(',').any(|it| it.trim().eq_ignore_ascii_case("auth")).then_some(true)?
            }
            None => false,
        };
        Some(Self {
            realm: text("realm")?,
            nonce: text("nonce")?,
            algorithm: Algorithm::named(get(&found, "algorithm"))?,
            stale: get(&found, "stale").is_some_and(|it| it.eq_ignore_ascii_case("true")),
            opaque: text("opaque"),
            counts,
        })
    }

    /// Answers it: the value of Authorization or Proxy-Authorization. `count` is the number of this use of the
    /// nonce, from 1 on; `cnonce` a random text of ours.
    pub fn answer(
        &self,
        (username, secret): (&str, &Secret),
        (method, uri): (&Method, &str),
        (count, cnonce): (u32, &str),
    ) -> String {
        let count = format!("{count:08x}");
        let question = Question {
            algorithm: self.algorithm,
            username,
            realm: &self.realm,
            nonce: &self.nonce,
            counted: self.counts.then_some((count.as_str(), cnonce)),
            method: method.name(),
            uri,
        };
        let response = question.response(secret);
        let mut value = format!(
            "Digest username={}, realm={}, nonce={}, uri={}, response=\"{response}\", algorithm={}",
            quote(username),
            quote(&self.realm),
            quote(&self.nonce),
            quote(uri),
            self.algorithm.name(),
        );
        if self.counts {
            value.push_str(&format!(", qop=auth, nc={count}, cnonce={}", quote(cnonce)));
        }
        if let Some(opaque) = &self.opaque {
            value.push_str(&format!(", opaque={}", quote(opaque)));
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_algorithm_is_answered() {
        let mut headers = Headers::default();
        for algorithm in ["SHA-512-256", "SHA-256", "MD5"] {
            let value = format!(
                "Digest realm=\"r\", nonce=\"n\", algorithm={algorithm}, qop=\"auth,auth-int\""
            );
            headers.push("WWW-Authenticate", value);
        }
        let challenge = Challenge::first(&headers, "WWW-Authenticate").unwrap();
        assert_eq!(challenge.algorithm, Algorithm::Sha256);
        assert_eq!(Challenge::parse("Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\""), None);
    }

    #[test]
    fn a_pbx_that_counts_nothing_is_answered_as_rfc_2069_has_it() {
        let challenge =
            Challenge::parse("Digest realm=\"pbx\", nonce=\"abc\", opaque=\"o\"").unwrap();
        let answer =
            challenge.answer(("500", &Secret::new("s")), (&Method::Register, "sip:pbx"), (1, "c"));
        assert!(answer.contains("opaque=\"o\"") && !answer.contains("nc="), "{answer}");
        // H(H(500:pbx:s):abc:H(REGISTER:sip:pbx)), by hand.
        let hash = |parts: &[&str]| Algorithm::Md5.hash(parts);
        let response = hash(&[&hash(&["500", "pbx", "s"]), "abc", &hash(&["REGISTER", "sip:pbx"])]);
        assert!(answer.contains(&response), "{answer}");
    }
}
