//! Whom to believe that it is a trunk, when a stream to it is opened through TLS.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Why nobody can vouch for a trunk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsTrustError {
    /// What it is to be called is no name that a certificate could have.
    #[error("{0} is neither a host's name nor an address")]
    Name(String),
    /// The file of authorities is of no use.
    #[error("{0}")]
    Authorities(String),
}

/// The name that a trunk's certificate has to have (RFC 5922 §7), and who may vouch for it.
#[derive(Clone)]
pub struct TlsTrust {
    /// `None`: the address that is connected to.
    name: Option<ServerName<'static>>,
    connector: TlsConnector,
}

impl fmt::Debug for TlsTrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTrust").field("name", &self.name).finish_non_exhaustive()
    }
}

impl TlsTrust {
    /// With this name, or the address's own, vouched for by the authorities in this PEM text, or by those that this
    /// machine trusts.
    ///
    /// # Errors
    /// See [`TlsTrustError`].
    pub fn new(name: Option<&str>, authorities: Option<&[u8]>) -> Result<Self, TlsTrustError> {
        let name = name.map(|it| {
            let unusable = |_| TlsTrustError::Name(it.to_owned());
            ServerName::try_from(it.to_owned()).map_err(unusable)
        });
        let unusable =
            |error: tokio_rustls::rustls::Error| TlsTrustError::Authorities(error.to_string());
        // Named: the tree of dependencies has another one, too.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider);
        let builder = builder.with_safe_default_protocol_versions().map_err(unusable)?;
        let config = match authorities {
            Some(pem) => builder.with_root_certificates(roots(pem)?).with_no_client_auth(),
            None => builder.with_platform_verifier().map_err(unusable)?.with_no_client_auth(),
        };
        Ok(Self { name: name.transpose()?, connector: TlsConnector::from(Arc::new(config)) })
    }

    /// What a handshake with this address needs.
    pub(crate) fn with(&self, address: IpAddr) -> (TlsConnector, ServerName<'static>) {
        let name = self.name.clone().unwrap_or_else(|| ServerName::from(address));
        (self.connector.clone(), name)
    }
}

fn roots(pem: &[u8]) -> Result<RootCertStore, TlsTrustError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|it| TlsTrustError::Authorities(it.to_string()))?;
        roots.add(certificate).map_err(|it| TlsTrustError::Authorities(it.to_string()))?;
    }
    if roots.is_empty() {
        let why = "the file holds no certificate in PEM".to_owned();
        return Err(TlsTrustError::Authorities(why));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_vouches_for_nobody_is_told() {
        let refused = |name, authorities| TlsTrust::new(name, authorities).unwrap_err();
        assert!(matches!(refused(Some("two words"), None), TlsTrustError::Name(_)));
        assert!(matches!(refused(None, Some(b"no pem")), TlsTrustError::Authorities(_)));
        let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(matches!(refused(None, Some(broken)), TlsTrustError::Authorities(_)));
    }
}
