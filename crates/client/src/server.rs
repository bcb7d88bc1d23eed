//! Where a server is, and whom to believe that it is this one.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls_platform_verifier::BuilderVerifierExt;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    self, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};

use crate::ClientError;

/// A server's address, and whom to trust for its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    url: String,
    trust: Trust,
}

/// Who vouches for a server's certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// The authorities that this machine trusts.
    #[default]
    System,
    /// The authorities in this PEM text, or the server's own certificate.
    Pem(Vec<u8>),
    /// Nobody has to: the connection is encrypted, with whoever it may be. For trying out.
    Anyone,
}

impl Server {
    /// The server at `url`, such as `https://voice.example`.
    pub fn new(url: impl Into<String>, trust: Trust) -> Self {
        Self { url: url.into(), trust }
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> &str {
        self.url.trim_end_matches('/')
    }

    /// How TLS is spoken with it; `None`: it is not.
    ///
    /// # Errors
    /// [`ClientError::Trust`]: nobody is left who could vouch for it.
    pub(crate) fn tls(&self) -> Result<Option<Arc<ClientConfig>>, ClientError> {
        let is_https =
            self.url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
        if !is_https {
            return Ok(None);
        }
        self.trust.config().map(|config| Some(Arc::new(config)))
    }
}

impl Trust {
    /// By what a program was told: a file of authorities, or that anyone will do.
    ///
    /// # Errors
    /// [`ClientError::Trust`]: the file can't be read.
    pub fn of(authorities: Option<&Path>, anyone: bool) -> Result<Self, ClientError> {
        match (anyone, authorities) {
            (true, _) => Ok(Self::Anyone),
            (false, Some(path)) => std::fs::read(path)
                .map(Self::Pem)
                .map_err(|error| ClientError::Trust(format!("{}: {error}", path.display()))),
            (false, None) => Ok(Self::System),
        }
    }

    fn config(&self) -> Result<ClientConfig, ClientError> {
        let untrusted = |error: rustls::Error| ClientError::Trust(error.to_string());
        // Named: the tree of dependencies has another one, too.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(untrusted)?;
        Ok(match self {
            Self::System => {
                builder.with_platform_verifier().map_err(untrusted)?.with_no_client_auth()
            }
            Self::Pem(text) => builder.with_root_certificates(roots(text)?).with_no_client_auth(),
            Self::Anyone => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Anyone(provider)))
                .with_no_client_auth(),
        })
    }
}

fn roots(pem: &[u8]) -> Result<RootCertStore, ClientError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| ClientError::Trust(error.to_string()))?;
        roots.add(certificate).map_err(|error| ClientError::Trust(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(ClientError::Trust("the file holds no certificate in PEM".to_owned()));
    }
    Ok(roots)
}

/// Takes any certificate; that its holder has its key is still checked.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url())
    }
}

impl From<&str> for Server {
    fn from(url: &str) -> Self {
        Self::new(url, Trust::default())
    }
}

impl From<&String> for Server {
    fn from(url: &String) -> Self {
        Self::new(url, Trust::default())
    }
}

impl From<String> for Server {
    fn from(url: String) -> Self {
        Self::new(url, Trust::default())
    }
}

impl From<&Server> for Server {
    fn from(server: &Server) -> Self {
        server.clone()
    }
}
