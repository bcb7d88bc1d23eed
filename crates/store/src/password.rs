//! Passwords: Argon2id, off the async threads, as slow for an unknown user as for a known one.

use std::sync::{Arc, OnceLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::StoreError;

/// Hashes at the same time: each takes 19 MiB and a core for some milliseconds.
const HASHES_AT_ONCE_MAX: usize = 4;

/// Hashes and verifies passwords; the parameters are those that `argon2` recommends (OWASP).
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    at_once: Arc<Semaphore>,
    /// Verified against when there is no such user, so that the time taken does not tell.
    decoy: Arc<OnceLock<String>>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { at_once: Arc::new(Semaphore::new(HASHES_AT_ONCE_MAX)), decoy: Arc::default() }
    }
}

impl Passwords {
    /// The password's hash as a PHC string, with a random salt.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, StoreError> {
        let password = password.to_owned();
        self.off_thread(move || hash(&password)).await
    }

    /// Whether `password` is the one behind `hash`; never for `None`, but as slowly.
    pub(crate) async fn verify(
        &self,
        password: &str,
        hash: Option<String>,
    ) -> Result<bool, StoreError> {
        let password = password.to_owned();
        let decoy = self.decoy.clone();
        self.off_thread(move || {
            let is_known = hash.is_some();
            let hash = match hash {
                Some(hash) => hash,
                None => decoy_hash(&decoy)?,
            };
            Ok(matches(&password, &hash)? && is_known)
        })
        .await
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _permit = self.at_once.acquire().await.expect("the semaphore is never closed");
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| StoreError::Hash(error.to_string()))?
    }
}

fn decoy_hash(decoy: &OnceLock<String>) -> Result<String, StoreError> {
    match decoy.get() {
        Some(hash) => Ok(hash.clone()),
        None => {
            let fresh = hash("nobody's password")?;
            Ok(decoy.get_or_init(|| fresh).clone())
        }
    }
}

fn hash(password: &str) -> Result<String, StoreError> {
    let hash: PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| StoreError::Hash(error.to_string()))?;
    Ok(hash.to_string())
}

fn matches(password: &str, hash: &str) -> Result<bool, StoreError> {
    let hash = PasswordHash::new(hash).map_err(|error| StoreError::Hash(error.to_string()))?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}
