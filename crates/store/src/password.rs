//! Passwords: Argon2id, off the async threads, as slow for an unknown user as for a known one.

use std::sync::{Arc, OnceLock};

use argon2::password_hash;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;

use crate::StoreError;

/// Hashes at the same time: each takes 19 MiB and a core for some milliseconds.
const HASHES_AT_ONCE_MAX: usize = 4;
/// The memory that is asked for, of which a hash touches its 19 MiB. An allocation of more than
/// 32 MiB is mapped by glibc by itself and given back when it is freed; a smaller one only until the
/// first of its size is freed, and stays with the process from then on (mallopt(3),
/// `M_MMAP_THRESHOLD`).
const MAPPED_BYTES: usize = 33 << 20;

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
        let permit = self.at_once.clone().acquire_owned().await;
        let permit = permit.expect("the semaphore is never closed");
        let work = move || {
            // Held here, and not by who waits: somebody who stops waiting ends no hash.
            let _permit = permit;
            work()
        };
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
    let salt = Salt::generate();
    let argon2 = Argon2::default();
    let failed = |error: password_hash::Error| StoreError::Hash(error.to_string());
    let output = digest(&argon2, password, &salt, Params::DEFAULT_OUTPUT_LEN);
    let hash = PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(argon2.params()).map_err(failed)?,
        salt: Some(salt),
        hash: Some(output.map_err(failed)?),
    };
    Ok(hash.to_string())
}

fn matches(password: &str, hash: &str) -> Result<bool, StoreError> {
    let hash = PasswordHash::new(hash).map_err(|error| StoreError::Hash(error.to_string()))?;
    Ok(is_behind(password, &hash).unwrap_or(false))
}

/// Whether the password is behind a hash, by the parameters that the hash itself names.
fn is_behind(password: &str, hash: &PasswordHash) -> password_hash::Result<bool> {
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return Ok(false) };
    let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
    let version = hash.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let argon2 = Argon2::new(algorithm, version, Params::try_from(hash)?);
    // `Output` compares in constant time.
    Ok(digest(&argon2, password, salt, expected.len())? == *expected)
}

fn digest(
    argon2: &Argon2<'_>,
    password: &str,
    salt: &Salt,
    bytes: usize,
) -> password_hash::Result<Output> {
    let blocks = argon2.params().block_count();
    let mut memory = Vec::with_capacity(blocks.max(MAPPED_BYTES / size_of::<Block>()));
    memory.resize(blocks, Block::new());
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..bytes).ok_or(password_hash::Error::OutputSize)?;
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, output, &mut memory)?;
    Ok(Output::new(output)?)
}

#[cfg(test)]
mod tests {
    use argon2::PasswordHasher;

    use super::*;

    #[test]
    fn a_password_is_behind_its_own_hash_alone() {
        let first = hash("sotto").unwrap();
        let second = hash("another").unwrap();
        assert!(matches("sotto", &first).unwrap());
        assert!(matches("another", &second).unwrap());
        assert!(!matches("another", &first).unwrap());
        assert!(matches("sotto", "no hash").is_err());
    }

    #[test]
    fn the_hash_is_the_librarys_own() {
        let theirs = Argon2::default().hash_password(b"sotto").unwrap().to_string();
        assert!(matches("sotto", &theirs).unwrap());
        let ours = hash("sotto").unwrap();
        let parameters = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(parameters(&ours), parameters(&theirs));
    }
}
