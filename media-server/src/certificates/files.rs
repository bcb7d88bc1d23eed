//! Files that are read again when they change: certificates are renewed every few weeks, calls and
//! event streams go on meanwhile.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use api::tls::Certificate;

use super::{CertificateError, file, of_pem};

/// How often it is looked: two small files, and a renewal has days.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// Both files' bytes.
type Bytes = (Vec<u8>, Vec<u8>);

/// Shows what is in the files whenever it changes. What can't be used is told once, and what was
/// shown stays.
pub(super) async fn keep_fresh(shown: Arc<Certificate>, certificate: PathBuf, key: PathBuf) {
    let read = || -> Result<Bytes, CertificateError> { Ok((file(&certificate)?, file(&key)?)) };
    // What was written since the start was read counts as a change: that is no harm.
    let mut seen = read().ok();
    let mut looks = tokio::time::interval(LOOK_INTERVAL);
    loop {
        looks.tick().await;
        let now = read();
        if now.as_ref().ok() == seen.as_ref() {
            continue;
        }
        let next = now.as_ref().map_err(ToString::to_string).and_then(|(chain, secret)| {
            of_pem(chain, secret, &certificate, &key).map_err(|error| error.to_string())
        });
        match next {
            Ok(next) => {
                shown.replace(next);
                tracing::info!(certificate = %certificate.display(), "a new certificate is shown");
            }
            Err(error) => {
                tracing::error!(%error, "the new certificate can't be used: the old one stays");
            }
        }
        seen = now.ok();
    }
}
