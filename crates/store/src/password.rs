//! Passwords: Argon2id, off the async threads, as slow for an unknown user as for a known one.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use argon2::password_hash;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;

use crate::StoreError;

/// Hashes at the same time: each takes 19 MiB and a core for some milliseconds.
const HASHES_AT_ONCE_MAX: usize = 4;

/// Hashes and verifies passwords; the parameters are those that `argon2` recommends (OWASP).
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    at_once: Arc<Semaphore>,
    /// The memory that no hash uses now. It is kept: given back to the allocator 19 MiB at a time
    /// it came back in pieces, and the process grew with each sign-in.
    memory: Arc<Mutex<Vec<Vec<Block>>>>,
    /// Verified against when there is no such user, so that the time taken does not tell.
    decoy: Arc<OnceLock<String>>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(HASHES_AT_ONCE_MAX)),
            memory: Arc::default(),
            decoy: Arc::default(),
        }
    }
}

impl Passwords {
    /// The password's hash as a PHC string, with a random salt.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, StoreError> {
        let password = password.to_owned();
        self.off_thread(move |memory| hash(&password, memory)).await
    }

    /// Whether `password` is the one behind `hash`; never for `None`, but as slowly.
    pub(crate) async fn verify(
        &self,
        password: &str,
        hash: Option<String>,
    ) -> Result<bool, StoreError> {
        let password = password.to_owned();
        let decoy = self.decoy.clone();
        self.off_thread(move |memory| {
            let is_known = hash.is_some();
            let hash = match hash {
                Some(hash) => hash,
                None => decoy_hash(&decoy, memory)?,
            };
            Ok(matches(&password, &hash, memory)? && is_known)
        })
        .await
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = self.at_once.clone().acquire_owned().await;
        let permit = permit.expect("the semaphore is never closed");
        let kept = self.memory.clone();
        let work = move || {
            // Held here, and not by who waits: somebody who stops waiting ends no hash.
            let _permit = permit;
            let free = || kept.lock().unwrap_or_else(PoisonError::into_inner);
            let mut memory = free().pop().unwrap_or_default();
            let result = work(&mut memory);
            free().push(memory);
            result
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| StoreError::Hash(error.to_string()))?
    }
}

fn decoy_hash(decoy: &OnceLock<String>, memory: &mut Vec<Block>) -> Result<String, StoreError> {
    match decoy.get() {
        Some(hash) => Ok(hash.clone()),
        None => {
            let fresh = hash("nobody's password", memory)?;
            Ok(decoy.get_or_init(|| fresh).clone())
        }
    }
}

fn hash(password: &str, memory: &mut Vec<Block>) -> Result<String, StoreError> {
    let salt = Salt::generate();
    let argon2 = Argon2::default();
    let failed = |error: password_hash::Error| StoreError::Hash(error.to_string());
    let output = digest(&argon2, password, &salt, Params::DEFAULT_OUTPUT_LEN, memory);
    let hash = PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(argon2.params()).map_err(failed)?,
        salt: Some(salt),
        hash: Some(output.map_err(failed)?),
    };
    Ok(hash.to_string())
}

fn matches(password: &str, hash: &str, memory: &mut Vec<Block>) -> Result<bool, StoreError> {
    let hash = PasswordHash::new(hash).map_err(|error| StoreError::Hash(error.to_string()))?;
    Ok(is_behind(password, &hash, memory).unwrap_or(false))
}

/// Whether the password is behind a hash, by the parameters that the hash itself names.
fn is_behind(
    password: &str,
    hash: &PasswordHash,
    memory: &mut Vec<Block>,
) -> password_hash::Result<bool> {
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return Ok(false) };
    let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
    let version = hash.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let argon2 = Argon2::new(algorithm, version, Params::try_from(hash)?);
    // `Output` compares in constant time.
    Ok(digest(&argon2, password, salt, expected.len(), memory)? == *expected)
}

fn digest(
    argon2: &Argon2<'_>,
    password: &str,
    salt: &Salt,
    bytes: usize,
    memory: &mut Vec<Block>,
) -> password_hash::Result<Output> {
    memory.resize(argon2.params().block_count(), Block::new());
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..bytes).ok_or(password_hash::Error::OutputSize)?;
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, output, memory)?;
    Ok(Output::new(output)?)
}

#[cfg(test)]
mod tests {
    use argon2::PasswordHasher;

    use super::*;

    #[test]
    fn memory_that_was_used_before_changes_no_hash() {
        let mut memory = Vec::new();
        let first = hash("sotto", &mut memory).unwrap();
        let second = hash("another", &mut memory).unwrap();
        assert!(matches("sotto", &first, &mut memory).unwrap());
        assert!(matches("another", &second, &mut Vec::new()).unwrap());
        assert!(!matches("another", &first, &mut memory).unwrap());
        assert!(matches("sotto", "no hash", &mut memory).is_err());
    }

    #[test]
    fn the_hash_is_the_librarys_own() {
        let theirs = Argon2::default().hash_password(b"sotto").unwrap().to_string();
        assert!(matches("sotto", &theirs, &mut Vec::new()).unwrap());
        let ours = hash("sotto", &mut Vec::new()).unwrap();
        let parameters = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(parameters(&ours), parameters(&theirs));
    }

    #[tokio::test]
    async fn no_more_memory_is_kept_than_is_used_at_once() {
        let passwords = Passwords::default();
        let hashes: Vec<_> = (0..3 * HASHES_AT_ONCE_MAX)
            .map(|_| {
                let passwords = passwords.clone();
                tokio::spawn(async move { passwords.hash("sotto").await.unwrap() })
            })
            .collect();
        for hash in hashes {
            hash.await.unwrap();
        }
        let kept = passwords.memory.lock().unwrap();
        assert!((1..=HASHES_AT_ONCE_MAX).contains(&kept.len()), "{}", kept.len());
    }
}
