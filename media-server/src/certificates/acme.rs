//! Certificates by ACME (RFC 8555), by default from Let's Encrypt. The challenge is answered on the
//! same port, within TLS (RFC 8737), so that nothing else has to be reachable.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::tls::provider;
use futures_util::StreamExt;
use rustls::{ClientConfig, RootCertStore};
use rustls_acme::caches::DirCache;
use rustls_acme::{AcmeConfig, AcmeState, EventOk};
use tokio_rustls::rustls;

use super::{CertificateError, Certificates, chain, speaking};
use crate::config::Config;
use crate::private;

/// The protocol in which the challenge is answered (RFC 8737 §6.2).
const CHALLENGE: &[u8] = b"acme-tls/1";
/// Account and certificate, within the data directory: asked for too often, nobody gives one.
const CACHE: &str = "acme";

type State = AcmeState<std::io::Error, std::io::Error>;

/// The certificate for the public name, as soon as there is one, renewed in time.
///
/// # Errors
/// See [`CertificateError`]. What the directory refuses is logged, and tried again.
pub(super) fn open(config: &Config, data: &Path) -> Result<Certificates, CertificateError> {
    let url = config.public_url.as_ref();
    let url = url.ok_or_else(|| CertificateError::Acme("`public_url` is not said".to_owned()))?;
    let cache = data.join(CACHE);
    private::make_directory(&cache)
        .map_err(|error| CertificateError::File { path: cache.clone(), error })?;
    let names = [url.host()];
    let acme = match &config.acme.ca {
        Some(ca) => AcmeConfig::new_with_client_config(names, Arc::new(trusting(ca)?)),
        None => AcmeConfig::new_with_provider(names, provider()),
    };
    let contact = config.acme.contact.iter().map(|address| format!("mailto:{address}"));
    let acme = acme.contact(contact).directory(&config.acme.directory);
    let state = acme.cache(DirCache::<PathBuf>::new(cache)).state();
    let resolver = state.resolver();
    speaking(resolver, &[CHALLENGE], Some(tokio::spawn(keep_fresh(state))))
}

/// Orders and renews; the state does so while it is asked what happened.
async fn keep_fresh(mut state: State) {
    while let Some(event) = state.next().await {
        match event {
            Ok(EventOk::DeployedNewCert) => tracing::info!("ACME: a new certificate is shown"),
            Ok(EventOk::DeployedCachedCert) => {
                tracing::info!("ACME: the kept certificate is shown")
            }
            Ok(EventOk::CertCacheStore | EventOk::AccountCacheStore) => {}
            Err(error) => tracing::error!(%error, "ACME: it is tried again"),
        }
    }
}

/// A client that trusts the authorities of this file, for a directory of one's own.
fn trusting(ca: &Path) -> Result<ClientConfig, CertificateError> {
    let unusable = |error| CertificateError::Unusable { path: ca.to_owned(), error };
    let mut roots = RootCertStore::empty();
    for certificate in chain(ca)? {
        roots.add(certificate).map_err(unusable)?;
    }
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
