//! What telephones may be spoken with: codecs, encryption.

use std::collections::BTreeSet;

use media_workers::{PlainCodec, Srtp};
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::check::value;

/// A codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodecName {
    /// Opus.
    Opus,
    /// G.722.
    G722,
    /// G.711 A-law.
    Pcma,
    /// G.711 µ-law.
    Pcmu,
}

/// Whether media are encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SrtpChoice {
    /// Never.
    Off,
    /// If the peer offers it.
    #[default]
    Optional,
    /// Always.
    Required,
}

pub(super) fn codecs() -> Vec<CodecName> {
    vec![CodecName::Opus, CodecName::G722, CodecName::Pcma, CodecName::Pcmu]
}

impl CodecName {
    pub(super) fn codec(self) -> PlainCodec {
        match self {
            Self::Opus => PlainCodec::Opus,
            Self::G722 => PlainCodec::G722,
            Self::Pcma => PlainCodec::Pcma,
            Self::Pcmu => PlainCodec::Pcmu,
        }
    }
}

impl SrtpChoice {
    pub(super) fn srtp(self) -> Srtp {
        match self {
            Self::Off => Srtp::Off,
            Self::Optional => Srtp::Optional,
            Self::Required => Srtp::Required,
        }
    }
}

/// At least one codec, and each once.
pub(super) fn check_codecs(key: &str, codecs: &[CodecName]) -> Result<(), ConfigError> {
    let distinct: BTreeSet<&CodecName> = codecs.iter().collect();
    if codecs.is_empty() || distinct.len() != codecs.len() {
        let allowed = "one or more of opus, g722, pcma and pcmu, each once";
        return Err(value(key, "not possible", allowed));
    }
    Ok(())
}
