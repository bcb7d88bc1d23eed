//! The server's certificate: from files, self-made for trying out, or by ACME.

mod acme;
mod files;
mod self_made;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::tls::{Certificate, Tls, provider};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, server::ResolvesServerCert};
use tokio::task::JoinHandle;
use tokio_rustls::rustls;

use crate::config::{Config, TlsSource};

pub use self_made::FILE as SELF_MADE_FILE;

/// What a listener speaks TLS with, and what keeps its certificate fresh.
pub struct Certificates {
    /// For the listener.
    pub tls: Tls,
    /// Reads files again, or renews; ends with the server.
    pub upkeep: Option<JoinHandle<()>>,
}

/// Why there is no certificate to show.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file can't be read, or written.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The file holds no certificate in PEM.
    #[error("{} holds no certificate: it must be PEM, the server's own first, then its issuers'", .0.display())]
    NoCertificate(PathBuf),
    /// The file holds no private key in PEM.
    #[error("{} holds no private key in PEM, or an encrypted one", .0.display())]
    NoKey(PathBuf),
    /// The key is another certificate's.
    #[error("the key in {} is not the one of the certificate in {}", key.display(), certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// Neither can be used; what is wrong with them.
    #[error("the certificate in {}: {error}", path.display())]
    Unusable {
        /// The certificate's file.
        path: PathBuf,
        /// What is wrong.
        error: rustls::Error,
    },
    /// No certificate could be made.
    #[error("a certificate could not be made: {0}")]
    NotMade(#[from] rcgen::Error),
    /// ACME can't be used like this.
    #[error("ACME: {0}")]
    Acme(String),
}

/// Gets the certificate that `config` names, and keeps it fresh; `None`: HTTP is served in clear.
///
/// # Errors
/// See [`CertificateError`].
pub fn open(config: &Config, data: &Path) -> Result<Option<Certificates>, CertificateError> {
    let Some(source) = config.tls_source() else { return Ok(None) };
    match source {
        TlsSource::Files { certificate, key } => {
            let shown = Certificate::new(read(&certificate, &key)?);
            let upkeep = files::keep_fresh(shown.clone(), certificate, key);
            speaking(shown, &[], Some(tokio::spawn(upkeep)))
        }
        TlsSource::SelfSigned => {
            let shown = Certificate::new(self_made::open(data, &self_made::names(config))?);
            speaking(shown, &[], None)
        }
        TlsSource::Acme => acme::open(config, data),
    }
    .map(Some)
}

/// A certificate and its issuers', with its key, out of PEM files; they belong together.
///
/// # Errors
/// See [`CertificateError`].
pub fn read(certificate: &Path, key: &Path) -> Result<CertifiedKey, CertificateError> {
    of_pem(&file(certificate)?, &file(key)?, certificate, key)
}

/// The chain of certificates in a PEM file.
///
/// # Errors
/// [`CertificateError::File`], [`CertificateError::NoCertificate`].
pub fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    chain_of(&file(path)?, path)
}

fn speaking(
    shown: Arc<dyn ResolvesServerCert>,
    challenges: &[&[u8]],
    upkeep: Option<JoinHandle<()>>,
) -> Result<Certificates, CertificateError> {
    let tls = Tls::new(shown, challenges).expect("the provider has what TLS 1.2 and 1.3 need");
    Ok(Certificates { tls, upkeep })
}

fn file(path: &Path) -> Result<Vec<u8>, CertificateError> {
    std::fs::read(path).map_err(|error| CertificateError::File { path: path.to_owned(), error })
}

fn chain_of(pem: &[u8], path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) | Err(_) => Err(CertificateError::NoCertificate(path.to_owned())),
    }
}

fn of_pem(
    certificate: &[u8],
    key: &[u8],
    certificate_path: &Path,
    key_path: &Path,
) -> Result<CertifiedKey, CertificateError> {
    let chain = chain_of(certificate, certificate_path)?;
    let no_key = |_| CertificateError::NoKey(key_path.to_owned());
    let key = PrivateKeyDer::from_pem_slice(key).map_err(no_key)?;
    let provider: &CryptoProvider = &provider();
    CertifiedKey::from_der(chain, key, provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            CertificateError::Mismatch {
                certificate: certificate_path.to_owned(),
                key: key_path.to_owned(),
            }
        }
        error => CertificateError::Unusable { path: certificate_path.to_owned(), error },
    })
}
