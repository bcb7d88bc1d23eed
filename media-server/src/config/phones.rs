//! Agents' telephones: which extension is whose, where they are, and what they know.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use telephony::digest::{Algorithm, Secret};
use telephony::{KeyCode, MediaTerms, PhoneConfig, PhonesConfig};

use super::ConfigError;
use super::check::{networks, value, within};
use super::secret_file::read_secret;
use super::sip_media::{CodecName, SrtpChoice, check_codecs, codecs};

/// Extensions at most.
const EXTENSIONS_MAX: usize = 10_000;
/// Characters that an extension may have.
const EXTENSION_CHARS_MAX: usize = 32;
/// Bytes that a telephone's secret must have: who reads along may try MD5 by the billion a second.
const SECRET_BYTES_MIN: usize = 12;
/// Bytes that it may have.
const SECRET_BYTES_MAX: usize = 256;

/// Agents' telephones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PhonesSettings {
    /// Addresses and networks that telephones are in.
    pub networks: Vec<String>,
    /// What their secrets are for, as they are told.
    pub realm: String,
    /// How secrets are proved, the better one first.
    pub digest: Vec<DigestName>,
    /// Codecs, the most wanted first.
    pub codecs: Vec<CodecName>,
    /// Encryption of the media by keys within SIP (RFC 4568).
    pub srtp: SrtpChoice,
    /// What an agent presses on a telephone to ask for help; empty: nothing does.
    pub help_code: String,
    /// Whether an agent may have a call transferred by the telephone's own key (REFER).
    pub refer: bool,
    /// For how long an agent who has no page is not ready after they have missed a call, s.
    pub missed_pause_s: u64,
    /// The extensions.
    pub extensions: Vec<ExtensionSettings>,
}

/// One extension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionSettings {
    /// Its number; telephones register by it.
    pub extension: String,
    /// The user name of its agent.
    pub user: String,
    /// The file that holds the telephone's secret, and nothing else.
    pub secret_file: PathBuf,
    /// An agent who comes by this telephone, and has no page open, is ready at once.
    #[serde(default = "ready")]
    pub ready: bool,
}

/// A way to prove a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestName {
    /// SHA-256 (RFC 8760).
    Sha256,
    /// MD5.
    Md5,
}

pub(super) fn digest() -> Vec<DigestName> {
    vec![DigestName::Sha256, DigestName::Md5]
}

/// The ways to prove a secret: at least one, and each once.
pub(super) fn algorithms(key: &str, names: &[DigestName]) -> Result<Vec<Algorithm>, ConfigError> {
    let distinct: BTreeSet<&DigestName> = names.iter().collect();
    if names.is_empty() || distinct.len() != names.len() {
        return Err(value(key, "not possible", "sha256 and md5, or one of them"));
    }
    let algorithm = |name: &DigestName| match name {
        DigestName::Sha256 => Algorithm::Sha256,
        DigestName::Md5 => Algorithm::Md5,
    };
    Ok(names.iter().map(algorithm).collect())
}

fn ready() -> bool {
    true
}

impl Default for PhonesSettings {
    fn default() -> Self {
        Self {
            networks: Vec::new(),
            realm: "sotto".to_owned(),
            digest: digest(),
            codecs: codecs(),
            srtp: SrtpChoice::default(),
            help_code: "*4".to_owned(),
            refer: false,
            missed_pause_s: 60,
            extensions: Vec::new(),
        }
    }
}

impl PhonesSettings {
    /// The telephones, if there are any.
    ///
    /// # Errors
    /// A network or a secret can't be read.
    pub(super) fn phones(&self) -> Result<Option<PhonesConfig>, ConfigError> {
        if self.extensions.is_empty() {
            return Ok(None);
        }
        let phones = self.extensions.iter().map(ExtensionSettings::phone);
        Ok(Some(PhonesConfig {
            networks: networks("telephony.phones.networks", &self.networks)?,
            realm: self.realm.clone(),
            algorithms: algorithms("telephony.phones.digest", &self.digest)?,
            media: MediaTerms {
                codecs: self.codecs.iter().map(|codec| codec.codec()).collect(),
                srtp: self.srtp.srtp(),
                ..MediaTerms::default()
            },
            help_code: KeyCode::parse(&self.help_code),
            refer: self.refer,
            missed_pause: Duration::from_secs(self.missed_pause_s),
            phones: phones.collect::<Result<_, _>>()?,
        }))
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let key = |field: &str| format!("telephony.phones.{field}");
        within(&key("extensions"), self.extensions.len(), 0..=EXTENSIONS_MAX)?;
        check_codecs(&key("codecs"), &self.codecs)?;
        within(&key("missed_pause_s"), self.missed_pause_s, 5..=3_600)?;
        if !self.help_code.is_empty() && KeyCode::parse(&self.help_code).is_none() {
            let allowed = "2 to 8 keys of 0 to 9, *, #, A to D; or empty";
            return Err(value(&key("help_code"), &self.help_code, allowed));
        }
        let is_plain = |letter: char| letter.is_ascii_graphic() && !"\"\\".contains(letter);
        if self.realm.is_empty() || self.realm.len() > 80 || !self.realm.chars().all(is_plain) {
            let allowed = "1 to 80 letters, digits and signs, without spaces and quotes";
            return Err(value(&key("realm"), &self.realm, allowed));
        }
        if !self.extensions.is_empty() && self.networks.is_empty() {
            let allowed = "the networks that telephones are in, such as [\"192.0.2.0/24\"]";
            return Err(value(&key("networks"), "empty", allowed));
        }
        let (mut extensions, mut users) = (BTreeSet::new(), BTreeSet::new());
        for it in &self.extensions {
            if !is_extension(&it.extension) || !extensions.insert(&it.extension) {
                let allowed = "1 to 32 of a to z, A to Z, 0 to 9, +, -, . and _; each once";
                return Err(value(&key("extensions.extension"), &it.extension, allowed));
            }
            if it.user.trim().is_empty() || !users.insert(&it.user) {
                let allowed = "the user name of an agent, each once: several telephones may register by \
                               one extension";
                return Err(value(
                    &key(&format!("extensions.{}.user", it.extension)),
                    &it.user,
                    allowed,
                ));
            }
        }
        self.phones().map(drop)
    }
}

fn is_extension(text: &str) -> bool {
    let is_its = |letter: char| letter.is_ascii_alphanumeric() || "+-._".contains(letter);
    (1..=EXTENSION_CHARS_MAX).contains(&text.len()) && text.chars().all(is_its)
}

impl ExtensionSettings {
    fn phone(&self) -> Result<PhoneConfig, ConfigError> {
        let key = format!("telephony.phones.extensions.{}.secret_file", self.extension);
        let secret = read_secret(&key, &self.secret_file, SECRET_BYTES_MIN..=SECRET_BYTES_MAX)?;
        Ok(PhoneConfig {
            extension: self.extension.clone(),
            username: self.user.clone(),
            secret: Secret::new(secret),
            ready: self.ready,
        })
    }
}
