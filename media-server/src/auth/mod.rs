//! Who asks: sign-in, tokens, guests.
//!
//! A token (HS256) only proves who somebody is. What they may do is read from the store at every
//! request, so that a revoked right counts at once. Guests live in memory: they end with the
//! server, as their calls do. What a right allows on a call is not decided here.

use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::HeaderMap;
use interaction::{UnixMs, UserId};
use tokio::sync::{Semaphore, broadcast};

use crate::http::{Kind, Problem};

pub mod cookie;
mod guests;
mod signed;
mod throttle;
mod token;
mod user;

pub use interaction::{Membership, QueueRef, User};
pub(crate) use signed::Outcome;
pub use signed::Signed;
pub use user::{account, permission_name, permissions_of, queue_ref};

use guests::Guests;
use throttle::Throttle;
use token::{Claims, Holder, Tokens};

/// How long an account stays signed in: one shift.
pub const ACCOUNT_TOKEN_LIFE: Duration = Duration::from_secs(12 * 3600);
/// How long a guest's token lives.
pub const GUEST_TOKEN_LIFE: Duration = Duration::from_secs(2 * 3600);
/// Characters that a name may have.
pub const NAME_CHARS_MAX: usize = 80;
/// Bytes that a password may have: hashing a long one would be work for free.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Passwords looked at at the same time; so many attempts may exceed the limit on failures.
const SIGN_INS_AT_ONCE_MAX: usize = 4;
/// Changes of accounts that a slow listener may fall behind.
const CHANGES_MAX: usize = 256;

/// Sign-in, tokens and guests. Cheap to clone.
#[derive(Clone)]
pub struct Auth {
    inner: Arc<Inner>,
}

struct Inner {
    store: store::Store,
    tokens: Tokens,
    guests: Mutex<Guests>,
    throttle: Mutex<Throttle>,
    sign_ins: Semaphore,
    changes: broadcast::Sender<UserId>,
}

/// A fresh sign-in.
pub struct Session {
    /// The token, for `Authorization: Bearer` or the cookie.
    pub token: String,
    /// When it ends.
    pub expires_at: UnixMs,
    /// How long it lives.
    pub life: Duration,
    /// Who signed in.
    pub user: Arc<User>,
}

impl Auth {
    /// Reads the signing key from `data`, or makes one there, and reads which tokens have been
    /// signed out.
    pub async fn open(data: &Path, store: store::Store) -> Result<Self, OpenError> {
        let tokens = Tokens::open(data)?;
        store.prune_revoked_tokens(unix_now().0).await?;
        tokens.revoke_all(store.revoked_tokens().await?);
        let inner = Inner {
            store,
            tokens,
            guests: Mutex::default(),
            throttle: Mutex::default(),
            sign_ins: Semaphore::new(SIGN_INS_AT_ONCE_MAX),
            changes: broadcast::channel(CHANGES_MAX).0,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Signs an account in. `address` and username together are throttled by their failures.
    pub async fn login(
        &self,
        username: &str,
        password: &str,
        address: IpAddr,
    ) -> Result<Session, Problem> {
        let wrong = || {
            Problem::new(
                Kind::WrongCredentials,
                "The username or the password is wrong. Check both and try again.",
            )
        };
        if username.chars().count() > NAME_CHARS_MAX || password.len() > PASSWORD_BYTES_MAX {
            return Err(wrong());
        }
        self.throttle().check(username, address)?;
        let _turn = self.inner.sign_ins.acquire().await.expect("the semaphore is never closed");
        // Once more, now that it is our turn: a burst must not outrun its failures.
        self.throttle().check(username, address)?;
        let record = self.inner.store.verify_password(username, password).await?;
        let Some(record) = record.filter(|record| !record.disabled) else {
            self.throttle().failed(username, address);
            tracing::warn!(%address, "failed sign-in");
            return Err(wrong());
        };
        self.throttle().succeeded(username, address);
        let user = self.load(UserId(record.id.0)).await?.ok_or_else(wrong)?;
        let holder = Holder::Account;
        Ok(self.session(Arc::new(user), holder, record.generation, ACCOUNT_TOKEN_LIFE))
    }

    /// Lets somebody without an account in, for one call to a queue that is open to guests.
    pub async fn guest(&self, name: &str, address: IpAddr) -> Result<Session, Problem> {
        let name = checked_name(name)?;
        let queues = self.open_queues().await?;
        let guest = self.guests().admit(address, unix_now())?;
        let user = User::guest(guest, name, queues);
        Ok(self.session(Arc::new(user), Holder::Guest, 0, GUEST_TOKEN_LIFE))
    }

    /// Who sends a request with these headers, by bearer token or cookie.
    /// `None`: nobody claims to be signed in.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Option<Result<Signed, Problem>> {
        let (token, by_cookie) = cookie::credentials(headers)?;
        Some(self.verify(&token, by_cookie).await)
    }

    /// Ends the token for good.
    pub async fn logout(&self, signed: &Signed) -> Result<(), Problem> {
        if signed.user().is_guest() {
            self.guests().end(signed.user().id);
        } else {
            let expires_at = signed.expires_at().0;
            self.inner.tokens.revoke(signed.token_id(), expires_at);
            self.inner.store.revoke_token(signed.token_id(), expires_at).await?;
        }
        self.announce(signed.user().id);
        Ok(())
    }

    /// Takes the one call that a guest has; `false`: it has been made. Accounts have no limit.
    pub fn take_call(&self, user: &User) -> bool {
        !user.is_guest() || self.guests().take_call(user.id)
    }

    /// Gives the call back: it could not be placed.
    pub fn return_call(&self, user: &User) {
        self.guests().return_call(user.id);
    }

    /// Lets a guest in again whose conversation went on while the server was away: their token is
    /// good as long as it says.
    pub fn readmit_guest(&self, user: UserId) {
        self.guests().readmit(user, unix_now());
    }

    /// A guest's call is over: the token lives on for a few minutes only.
    pub fn call_ended(&self, user: UserId) {
        self.guests().call_ended(user, unix_now());
    }

    /// The user as of now; `None` when there is no such account or it is disabled.
    pub async fn load(&self, id: UserId) -> Result<Option<User>, Problem> {
        match self.record(id).await? {
            Some(record) => self.account(record).await.map(Some),
            None => Ok(None),
        }
    }

    /// Replaces a user's permissions, and tells everybody who listens to [`Auth::changes`].
    pub async fn set_permissions(
        &self,
        id: UserId,
        permissions: interaction::Permissions,
    ) -> Result<(), Problem> {
        let names: Vec<&str> = permissions.iter().map(permission_name).collect();
        self.inner.store.set_permissions(store::UserId(id.0), &names).await?;
        self.announce(id);
        Ok(())
    }

    /// Switches an account off or on again, and tells everybody who listens.
    pub async fn set_disabled(&self, id: UserId, disabled: bool) -> Result<(), Problem> {
        self.inner.store.set_disabled(store::UserId(id.0), disabled).await?;
        self.announce(id);
        Ok(())
    }

    /// Tells everybody who listens that something about the account has changed.
    pub fn announce(&self, id: UserId) {
        // Without listeners there is nobody to tell.
        let _ = self.inner.changes.send(id);
    }

    /// Users whose rights changed or who signed out, as it happens. Whoever holds something in
    /// their name looks again with [`Auth::load`].
    pub fn changes(&self) -> broadcast::Receiver<UserId> {
        self.inner.changes.subscribe()
    }

    /// The queues that guests may call, by name.
    pub async fn open_queues(&self) -> Result<Vec<QueueRef>, Problem> {
        let queues = self.inner.store.queues().await?;
        Ok(queues.into_iter().filter(|queue| queue.open_to_guests).map(queue_ref).collect())
    }

    /// The account, unless it is switched off.
    async fn record(&self, id: UserId) -> Result<Option<store::User>, Problem> {
        let record = self.inner.store.user(store::UserId(id.0)).await?;
        Ok(record.filter(|record| !record.disabled))
    }

    async fn account(&self, record: store::User) -> Result<User, Problem> {
        let teams = self.inner.store.teams_of(record.id).await?;
        let queues = self.inner.store.queues_of(record.id).await?;
        Ok(account(record, teams, queues))
    }

    async fn verify(&self, token: &str, by_cookie: bool) -> Result<Signed, Problem> {
        let ended = || {
            Problem::new(
                Kind::NotSignedIn,
                "The sign-in is not valid, or has ended. Sign in again.",
            )
        };
        let claims = self.inner.tokens.verify(token).ok_or_else(ended)?;
        let id = claims.user();
        let user = match claims.kind {
            Holder::Account => {
                let record = self.record(id).await?.ok_or_else(ended)?;
                if record.generation != claims.generation {
                    return Err(ended());
                }
                self.account(record).await?
            }
            Holder::Guest => {
                if !self.guests().is_live(id, unix_now()) {
                    return Err(ended());
                }
                User::guest(id, claims.name.clone(), self.open_queues().await?)
            }
        };
        Ok(Signed::new(Arc::new(user), &claims, by_cookie))
    }

    fn session(&self, user: Arc<User>, kind: Holder, generation: u64, life: Duration) -> Session {
        let claims = Claims::new(&user, kind, generation, unix_now(), life);
        Session {
            token: self.inner.tokens.sign(&claims),
            expires_at: claims.expires_at(),
            life,
            user,
        }
    }

    fn guests(&self) -> std::sync::MutexGuard<'_, Guests> {
        self.inner.guests.lock().expect("no code panics while it holds the guests")
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.inner.throttle.lock().expect("no code panics while it holds the throttle")
    }
}

/// Why the signing key or the revoked tokens could not be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The key's file.
    #[error("the signing key: {0}")]
    Key(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

/// The wall clock.
pub fn unix_now() -> UnixMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMs(since.as_millis() as u64)
}

/// A name that others will see: 1 … [`NAME_CHARS_MAX`] printable characters.
pub fn checked_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(Problem::new(
            Kind::BadInput,
            format!("`name` must have 1 to {NAME_CHARS_MAX} printable characters."),
        ));
    }
    Ok(name.to_owned())
}
