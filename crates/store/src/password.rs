//! Passwords: Argon2id, on threads of their own that go after everything else, as slow for an unknown
//! user as for a known one.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use argon2::password_hash;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::{mpsc, oneshot};

use crate::StoreError;

/// Threads that hash, at most; half as many as there are cores. Each hash takes 19 MiB and a core for
/// some milliseconds.
const LANES_MAX: usize = 4;
/// Hashes that wait for one of them; a sign-in beyond them is refused, everything else waits.
const WAITING_MAX: usize = 256;
/// What is added to the threads' niceness (setpriority(2)): voices go first.
const NICENESS: i32 = 10;
/// The memory that is asked for, of which a hash touches its 19 MiB. An allocation of more than
/// 32 MiB is mapped by glibc by itself and given back when it is freed; a smaller one only until the
/// first of its size is freed, and stays with the process from then on (mallopt(3),
/// `M_MMAP_THRESHOLD`).
const MAPPED_BYTES: usize = 33 << 20;

/// Hashes and verifies passwords; the parameters are those that `argon2` recommends (OWASP).
#[derive(Clone, Debug, Default)]
pub(crate) struct Passwords {
    /// Begun with the first hash; they end with the last copy of this.
    lanes: Arc<OnceLock<mpsc::Sender<Job>>>,
    /// Verified against when there is no such user, so that the time taken does not tell.
    decoy: Arc<OnceLock<String>>,
}

/// One hash, and how to say what came of it.
type Job = Box<dyn FnOnce() + Send>;

impl Passwords {
    /// The hash of the password in its composed form, as a PHC string with a random salt: macOS and
    /// Windows type an accent each in its own way (RFC 8265, 4.2.1: NFC).
    pub(crate) async fn hash(&self, password: &str) -> Result<String, StoreError> {
        let password = interaction::text::composed(password);
        let (job, result) = job(move || hash(&password));
        self.lanes()?.send(job).await.map_err(|_| ended())?;
        result.await.map_err(|_| ended())?
    }

    /// Whether `password` is the one behind `hash`; never for `None`, but as slowly. What is not
    /// composed is tried as it was typed, too, for hashes that were made before passwords were: twice
    /// the time tells of the typist's keyboard, and nothing of the account.
    ///
    /// # Errors
    /// [`StoreError::HashingBusy`]: too many wait already.
    pub(crate) async fn verify(
        &self,
        password: &str,
        hash: Option<String>,
    ) -> Result<bool, StoreError> {
        let composed = interaction::text::composed(password);
        let typed = (composed != password).then(|| password.to_owned());
        let decoy = self.decoy.clone();
        let (job, result) = job(move || {
            let is_known = hash.is_some();
            let hash = match hash {
                Some(hash) => hash,
                None => decoy_hash(&decoy)?,
            };
            let as_typed = typed.is_some_and(|typed| matches(&typed, &hash).unwrap_or(false));
            Ok((matches(&composed, &hash)? || as_typed) && is_known)
        });
        self.lanes()?.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::HashingBusy,
            mpsc::error::TrySendError::Closed(_) => ended(),
        })?;
        result.await.map_err(|_| ended())?
    }

    /// The line in front of the threads that hash.
    fn lanes(&self) -> Result<&mpsc::Sender<Job>, StoreError> {
        if let Some(lanes) = self.lanes.get() {
            return Ok(lanes);
        }
        let (sender, jobs) = mpsc::channel(WAITING_MAX);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..lanes_count() {
            let jobs = jobs.clone();
            let lane = thread::Builder::new().name("password".to_owned());
            lane.spawn(move || work(&jobs)).map_err(|error| StoreError::Hash(error.to_string()))?;
        }
        // Of two that begin at once one is kept, and the threads of the other end.
        Ok(self.lanes.get_or_init(|| sender))
    }
}

/// Threads that hash on this machine.
fn lanes_count() -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    (cores / 2).clamp(1, LANES_MAX)
}

/// Works off what waits, one thread of several.
fn work(jobs: &Mutex<mpsc::Receiver<Job>>) {
    // A thread's niceness is its own on Linux. Where it can't be had, hashing works all the same.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        match next {
            Some(job) => job(),
            None => return,
        }
    }
}

/// Work for a lane, and where its result comes out. If nobody waits for it any more when its turn
/// comes, nothing is hashed.
fn job<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> (Job, oneshot::Receiver<Result<T, StoreError>>) {
    let (sender, receiver) = oneshot::channel();
    let job = move || {
        if !sender.is_closed() {
            // Whoever asked may have gone meanwhile.
            let _ = sender.send(work());
        }
    };
    (Box::new(job), receiver)
}

/// A lane went away in the middle of a hash: it panicked.
fn ended() -> StoreError {
    StoreError::Hash("the thread that hashes has ended".to_owned())
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

    #[tokio::test]
    async fn the_line_is_bounded_for_who_signs_in() {
        let passwords = Passwords::default();
        let known = passwords.hash("sotto").await.unwrap();
        let (release, held) = std::sync::mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let (begins, mut begun) = mpsc::channel(LANES_MAX);
        // Every lane is held up, and then the line fills.
        let lanes = passwords.lanes().unwrap();
        for _ in 0..lanes_count() {
            let (held, begins) = (held.clone(), begins.clone());
            let job = move || {
                begins.blocking_send(()).unwrap();
                drop(held.lock().map(|held| held.recv()));
            };
            lanes.send(Box::new(job)).await.unwrap();
        }
        for _ in 0..lanes_count() {
            begun.recv().await.unwrap();
        }
        while lanes.try_send(Box::new(|| ())).is_ok() {}
        let refused = passwords.verify("sotto", Some(known.clone())).await;
        assert!(matches!(refused, Err(StoreError::HashingBusy)));
        drop(release);
        assert!(passwords.hash("another").await.is_ok(), "an administrator's waits");
        assert!(passwords.verify("sotto", Some(known)).await.unwrap());
        assert!(!passwords.verify("sotto", None).await.unwrap());
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
