//! How one channel is configured, and its secret.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One channel and its connector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelConfig {
    /// Its name, in the address and on the pages: `whatsapp`.
    pub name: String,
    /// What its messages are signed with, both ways.
    pub secret: Secret,
    /// Where the connector takes what customers are told.
    pub url: String,
    /// The key of the queue that its conversations are opened to.
    pub queue: String,
    /// The connector is told who joins and leaves, too, and of the end.
    #[serde(default)]
    pub notices: bool,
}

/// A shared secret, which can't be logged by accident.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// A secret of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For the signature, and nothing else.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
