//! What somebody says who was asked: the value of Authorization.

use std::fmt;

use super::parameters::{get, parameters};
use super::{Algorithm, Question, Secret};
use crate::message::{Headers, Uri};

/// One answer to a challenge; what it proves is not known yet.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Who it claims to be.
    pub username: String,
    pub(super) realm: String,
    pub(super) nonce: String,
    pub(super) algorithm: Algorithm,
    /// The number of this use of the nonce, from 1 on.
    pub(super) count: u32,
    count_text: String,
    cnonce: String,
    uri: String,
    pub(super) response: String,
}

impl Credentials {
    /// Those for this realm among a request's `Authorization` headers; `None`: there are none, or none that can
    /// be held against anything (another algorithm, no `qop`).
    pub fn of(headers: &Headers, realm: &str) -> Option<Self> {
        headers.all("Authorization").filter_map(Self::parse).find(|it| it.realm == realm)
    }

    /// Reads a header's value.
    pub fn parse(value: &str) -> Option<Self> {
        let found = parameters(value)?;
        let text = |name| get(&found, name).map(str::to_owned);
        // RFC 7616 §3.4: eight digits, hexadecimal.
        let count_text = text("nc").filter(|it| it.len() == 8)?;
        let count = u32::from_str_radix(&count_text, 16).ok()?;
        let is_auth = get(&found, "qop").is_some_and(|it| it.eq_ignore_ascii_case("auth"));
        Some(Self {
            username: text("username")?,
            realm: text("realm")?,
            nonce: text("nonce")?,
            algorithm: Algorithm::named(get(&found, "algorithm"))?,
            count,
            count_text,
            cnonce: text("cnonce")?,
            uri: text("uri")?,
            response: text("response")?.to_ascii_lowercase(),
        })
        .filter(|_| is_auth)
    }

    /// Whether it is about this request (RFC 7616 §3.4.6): what is proved for one number is no proof for another. Port
    /// and parameters may be written or left out.
    pub(super) fn is_for(&self, uri: &Uri) -> bool {
        self.uri == uri.as_str() || Uri::parse(&self.uri).is_some_and(|it| it.is_same_target(uri))
    }

    /// What the response is if the other side knows the secret.
    pub(super) fn expected(&self, method: &str, secret: &Secret) -> String {
        let question = Question {
            algorithm: self.algorithm,
            username: &self.username,
            realm: &self.realm,
            nonce: &self.nonce,
            counted: Some((&self.count_text, &self.cnonce)),
            method,
            uri: &self.uri,
        };
        question.response(secret)
    }
}

/// Nothing that could be tried out against a list of passwords is shown.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}
