//! How the server is reached: its public address, where its certificate comes from, and that
//! nothing leaves this machine in clear by accident.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use api::Site;
use serde::{Deserialize, Serialize};

use super::check::value;
use super::{Config, ConfigError};

/// Let's Encrypt.
pub const ACME_DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Where a certificate comes from that is in no file of the operator's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsKind {
    /// Made by the server: nobody trusts it.
    SelfSigned,
    /// From an authority, by ACME.
    Acme,
}

/// From whom a certificate is got by ACME.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AcmeSettings {
    /// The authority's directory.
    pub directory: String,
    /// Whom it writes to before a certificate ends.
    pub contact: Option<String>,
    /// The authorities that vouch for the directory itself, PEM; `None`: the public ones.
    pub ca: Option<PathBuf>,
}

/// Where the listener's certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsSource {
    /// These files.
    Files {
        /// The certificate and its issuers'.
        certificate: PathBuf,
        /// Its key.
        key: PathBuf,
    },
    /// See [`TlsKind::SelfSigned`].
    SelfSigned,
    /// See [`TlsKind::Acme`].
    Acme,
}

impl Config {
    /// Where the certificate comes from; `None`: HTTP is served in clear.
    pub fn tls_source(&self) -> Option<TlsSource> {
        match (&self.tls_cert, &self.tls_key, self.tls) {
            (Some(certificate), Some(key), _) => {
                Some(TlsSource::Files { certificate: certificate.clone(), key: key.clone() })
            }
            (_, _, Some(TlsKind::SelfSigned)) => Some(TlsSource::SelfSigned),
            (_, _, Some(TlsKind::Acme)) => Some(TlsSource::Acme),
            (_, _, None) => None,
        }
    }

    /// How browsers come to the server.
    pub fn site(&self) -> Site {
        let tls = self.tls_source();
        let site = Site::new(self.public_url.clone(), tls.is_some(), self.allowed_hosts.clone());
        if tls == Some(TlsSource::SelfSigned) { site.without_hsts() } else { site }
    }

    pub(super) fn check_tls(&self) -> Result<(), ConfigError> {
        let conflict = |text: String| Err(ConfigError::Conflict(text));
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            return conflict("`tls_cert` and `tls_key` go together: give both files".to_owned());
        }
        if self.tls_cert.is_some() && self.tls.is_some() {
            return conflict(
                "`tls` and `tls_cert` are two certificates: leave one of them out".to_owned(),
            );
        }
        let https = self.public_url.as_ref().filter(|url| url.is_https());
        let is_name = |host: &str| host.contains('.') && host.parse::<std::net::IpAddr>().is_err();
        if self.tls == Some(TlsKind::Acme) && !https.is_some_and(|url| is_name(url.host())) {
            return conflict(
                "`tls = \"acme\"` needs `public_url` with the name that the certificate is for, \
                 such as https://voice.example"
                    .to_owned(),
            );
        }
        if self.http_redirect.is_some() && https.is_none() {
            return conflict(
                "`http_redirect` sends browsers to `public_url`: say it, by https://".to_owned(),
            );
        }
        if let Some(url) = &self.public_url
            && !url.is_https()
            && (self.tls_source().is_some() || self.behind_proxy)
        {
            return Err(value("public_url", url, "https://…, for the server or its proxy has TLS"));
        }
        let bad = |name: &&String| {
            !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
        };
        match self.allowed_hosts.iter().find(bad) {
            Some(name) => {
                Err(value("allowed_hosts", name, "names without a port, such as sotto.internal"))
            }
            None => self.check_clear(),
        }
    }

    /// Passwords, tokens and messages leave this machine in clear only when somebody says so.
    fn check_clear(&self) -> Result<(), ConfigError> {
        if self.behind_proxy && self.public_url.is_none() {
            return Err(ConfigError::Conflict(
                "`behind_proxy` needs `public_url`, the address at which the proxy is opened: \
                 cookies and origins follow from it"
                    .to_owned(),
            ));
        }
        if self.http.ip().is_loopback() || self.tls_source().is_some() || self.behind_proxy {
            return Ok(());
        }
        Err(ConfigError::Conflict(format!(
            "`http` is {}, where passwords and messages would travel in clear, and browsers would \
             give no microphone. Give the server a certificate (--tls-cert and --tls-key, --tls acme, \
             or --tls self-signed to try it out), or say --behind-proxy if a proxy in front of it \
             speaks TLS",
            self.http
        )))
    }
}

impl Default for AcmeSettings {
    fn default() -> Self {
        Self { directory: ACME_DIRECTORY.to_owned(), contact: None, ca: None }
    }
}

impl FromStr for TlsKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "self-signed" => Ok(Self::SelfSigned),
            "acme" => Ok(Self::Acme),
            _ => Err(format!("`{text}` is neither self-signed nor acme")),
        }
    }
}

impl fmt::Display for TlsKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SelfSigned => "self-signed",
            Self::Acme => "acme",
        })
    }
}
