//! Whom to believe that it is a trunk, when we open a stream to it through TLS.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use telephony::{TlsTrust, TlsTrustError};

use super::ConfigError;
use super::check::value;

/// A trunk's certificate, as it is checked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrunkTlsSettings {
    /// The name that is in it; that of the trunk's server, or its address, unless it is named.
    pub name: Option<String>,
    /// The file of the authorities that may vouch for it, PEM; those that this machine trusts unless it is named.
    pub ca_file: Option<PathBuf>,
}

impl TrunkTlsSettings {
    /// For the trunk of this name, whose server may have a name.
    ///
    /// # Errors
    /// The value that is of no use, with what would do.
    pub(super) fn trust(&self, trunk: &str, host: Option<&str>) -> Result<TlsTrust, ConfigError> {
        let key = |field: &str| format!("telephony.trunks.{trunk}.tls.{field}");
        let file = self.ca_file.as_ref();
        let shown = file.map_or_else(String::new, |it| it.display().to_string());
        let unusable = |why: &str| {
            let allowed = format!("a file of certificates in PEM ({why})");
            value(&key("ca_file"), &shown, &allowed)
        };
        let authorities = file.map(std::fs::read).transpose();
        let authorities = authorities.map_err(|error| unusable(&error.to_string()))?;
        TlsTrust::new(self.name.as_deref().or(host), authorities.as_deref()).map_err(|error| {
            match error {
                TlsTrustError::Name(name) => {
                    value(&key("name"), name, "the name in the trunk's certificate, or its address")
                }
                TlsTrustError::Authorities(why) => unusable(&why),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let settings: TrunkTlsSettings = toml::from_str(text).unwrap();
        settings.trust("pbx", None).unwrap_err().to_string()
    }

    #[test]
    fn what_vouches_for_nobody_is_named() {
        assert!(refused("name = \"two words\"").contains("telephony.trunks.pbx.tls.name"));
        let missing = refused("ca_file = \"/nowhere/ca.pem\"");
        assert!(missing.contains("telephony.trunks.pbx.tls.ca_file"), "{missing}");
        let empty = tempfile::NamedTempFile::new().unwrap();
        let empty = refused(&format!("ca_file = \"{}\"", empty.path().display()));
        assert!(empty.contains("no certificate"), "{empty}");
    }
}
