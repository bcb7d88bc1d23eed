//! Accounts: sign-in, sign-ins, guests, and whether whoever acts still may.
//!
//! A token (HS256) only proves who somebody is. What they may do is read from the store at every
//! request, so that a revoked right counts at once. Guests live in memory: they end with the
//! server, as their calls do. What a right allows on a call is not decided here.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use budget::Client;
use interaction::text::{display_name, is_bidi_control, is_line_break, length_composed};
use interaction::{Authority, RightsVersion, SignIn, UnixMs, UserId, UserKind};

mod changes;
mod error;
mod guests;
mod own;
mod rights;
mod sign_outs;
mod throttle;
mod token;
mod user;

pub use changes::Changed;
pub use error::{Error, NotCurrent};
pub use guests::GuestBudget;
pub use interaction::{Membership, QueueRef, User};
pub use own::{OpenSignIn, USER_AGENT_CHARS_MAX};
pub use rights::SWEPT_PATIENCE;
pub use store::unix_now;
pub use user::{account, permission_name, permissions_of, queue_ref};

use changes::Changes;
use guests::Guests;
use sign_outs::SignOuts;
use throttle::Throttle;
use token::{Claims, Holder, Tokens};

/// How long an account stays signed in: one shift.
pub const ACCOUNT_TOKEN_LIFE: Duration = Duration::from_secs(12 * 3600);
/// How long a guest's token lives.
pub const GUEST_TOKEN_LIFE: Duration = Duration::from_secs(2 * 3600);
/// How long whoever calls by the telephone network may stay: longer than any call.
pub const NETWORK_CALLER_LIFE: Duration = Duration::from_secs(24 * 3600);
/// How long an account stays signed in by a telephone that has proved who it is: longer than any call.
pub const PHONE_TOKEN_LIFE: Duration = Duration::from_secs(24 * 3600);
/// Characters that a name may have.
pub const NAME_CHARS_MAX: usize = 80;
/// Bytes that a password may have: hashing a long one would be work for free.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Bytes that a password from a file must have.
pub const PASSWORD_BYTES_MIN: usize = 8;
/// Characters that a queue's key may have.
pub const KEY_CHARS_MAX: usize = 40;
/// Before a guest's id, in the store's table of sign-outs: guests have one sign-in each.
const GUEST_KEY: &str = "guest:";

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
    changes: Changes,
    sign_outs: SignOuts,
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
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(
        data: &Path,
        store: store::Store,
        budget: GuestBudget,
    ) -> Result<Self, OpenError> {
        let tokens = Tokens::open(data)?;
        store.prune_revoked_tokens(unix_now().0).await?;
        let mut guests = Guests::new(budget);
        for (key, expires_at) in store.revoked_tokens().await? {
            match (key.parse(), guest_of(&key)) {
                (Ok(sign_in), _) => tokens.revoke(sign_in, expires_at),
                (Err(_), Some(guest)) => guests.was_signed_out(guest),
                (Err(_), None) => tracing::warn!("a signed-out token with an unknown id"),
            }
        }
        let inner = Inner {
            store,
            tokens,
            guests: Mutex::new(guests),
            throttle: Mutex::default(),
            changes: Changes::default(),
            sign_outs: SignOuts::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Waits until the sign-outs so far are on the disk.
    pub async fn sign_outs_written(&self) {
        self.inner.sign_outs.written().await;
    }

    /// Keeps sign-outs, for as long as the server runs.
    pub async fn keep_sign_outs(self) {
        self.inner.sign_outs.write(&self.inner.store).await;
    }

    /// Signs an account in. How often that is tried is limited for each client and account.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`], [`Error::TooManyAttempts`], [`Error::SignInsBusy`], [`Error::Store`].
    pub async fn login(
        &self,
        username: &str,
        password: &str,
        client: Client,
    ) -> Result<Session, Error> {
        // As the store does: a name with blanks around it is not another one to the limits either.
        let username = username.trim();
        if username.chars().count() > NAME_CHARS_MAX || password.len() > PASSWORD_BYTES_MAX {
            return Err(Error::WrongCredentials);
        }
        let attempt = self.throttle().begin(Instant::now(), username, client)?;
        let verified = self.inner.store.verify_password(username, password).await;
        let record = match verified {
            Ok(record) => record.filter(|record| !record.disabled),
            Err(error) => {
                self.throttle().not_tried(Instant::now(), &attempt);
                return Err(error.into());
            }
        };
        let Some(record) = record else {
            tracing::warn!(%client, "failed sign-in");
            return Err(Error::WrongCredentials);
        };
        self.throttle().succeeded(Instant::now(), attempt);
        let (id, generation) = (UserId(record.id.0), record.generation);
        let rights = self.inner.changes.version(id);
        let user = self.load(id).await?.ok_or(Error::WrongCredentials)?;
        let claims =
            Claims::new(&user, Holder::Account, generation, unix_now(), ACCOUNT_TOKEN_LIFE);
        Ok(self.session(user, &claims, rights, ACCOUNT_TOKEN_LIFE))
    }

    /// Lets somebody without an account in, for one call to a queue that is open to guests.
    ///
    /// # Errors
    /// [`Error::BadName`], [`Error::TooManyGuests`], [`Error::ClientHasGuests`], [`Error::Store`].
    pub async fn guest(&self, name: &str, client: Client) -> Result<Session, Error> {
        let name = checked_name(name)?;
        let queues = self.open_queues().await?;
        let guest = self.guests().admit(client, (Instant::now(), unix_now()))?;
        let user = User::guest(guest, name, queues);
        let claims = Claims::new(&user, Holder::Guest, 0, unix_now(), GUEST_TOKEN_LIFE);
        Ok(self.session(user, &claims, RightsVersion::default(), GUEST_TOKEN_LIFE))
    }

    /// From where a guest comes; `None`: it is nobody's, or not known, as after a restart of the server.
    pub fn client_of_guest(&self, guest: UserId) -> Option<Client> {
        self.guests().client(guest)
    }

    /// Lets in whoever calls by the telephone network, as a guest for this one call. How many of them there
    /// are is the trunk's affair, so they count for no client.
    ///
    /// # Errors
    /// [`Error::TooManyGuests`], [`Error::Store`].
    pub async fn network_caller(&self, name: &str) -> Result<Arc<User>, Error> {
        let queues = self.open_queues().await?;
        let guest = self.guests().admit_uncounted(unix_now(), NETWORK_CALLER_LIFE)?;
        let user = User::guest(guest, name.to_owned(), queues);
        let claims = Claims::new(&user, Holder::Guest, 0, unix_now(), NETWORK_CALLER_LIFE);
        Ok(self.session(user, &claims, RightsVersion::default(), NETWORK_CALLER_LIFE).user)
    }

    /// Signs an account in by its telephone, whose secret has been proved to whoever asks; `None`: there is no such
    /// account, or it is switched off.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn phone(&self, username: &str) -> Result<Option<Session>, Error> {
        let record = self.inner.store.user_by_name(username).await?;
        let Some(record) = record.filter(|record| !record.disabled) else { return Ok(None) };
        let (id, generation) = (UserId(record.id.0), record.generation);
        let rights = self.inner.changes.version(id);
        let Some(user) = self.load(id).await? else { return Ok(None) };
        let claims = Claims::new(&user, Holder::Account, generation, unix_now(), PHONE_TOKEN_LIFE);
        Ok(Some(self.session(user, &claims, rights, PHONE_TOKEN_LIFE)))
    }

    /// The account of this user name; `None`: there is none, or it is switched off.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn user_named(&self, username: &str) -> Result<Option<UserId>, Error> {
        let record = self.inner.store.user_by_name(username).await?;
        Ok(record.filter(|record| !record.disabled).map(|record| UserId(record.id.0)))
    }

    /// How many of these guests share the client of this one; `None`: they are not counted,
    /// or it is not known whose they are, as after a restart of the server.
    pub fn of_the_same_client(
        &self,
        guest: UserId,
        others: impl IntoIterator<Item = UserId>,
    ) -> Option<usize> {
        let guests = self.guests();
        let client = guests.client(guest)?;
        Some(others.into_iter().filter(|other| guests.client(*other) == Some(client)).count())
    }

    /// Whether the token is one of ours that has neither expired nor been signed out. Who it is for,
    /// and whether they may still come in, only [`Self::authenticate`] says.
    pub fn is_plausible(&self, token: &str) -> bool {
        self.inner.tokens.verify(token).is_some()
    }

    /// Whether it is such a token, and of somebody with an account.
    pub fn is_plausible_account(&self, token: &str) -> bool {
        self.inner.tokens.verify(token).is_some_and(|claims| claims.kind == Holder::Account)
    }

    /// The guest whom such a token is for.
    pub fn plausible_guest(&self, token: &str) -> Option<UserId> {
        let claims = self.inner.tokens.verify(token)?;
        (claims.kind == Holder::Guest).then(|| claims.user())
    }

    /// Who sends this token, with rights as of this moment.
    ///
    /// # Errors
    /// [`Error::SignInEnded`], [`Error::Store`].
    pub async fn authenticate(&self, token: &str) -> Result<Arc<User>, Error> {
        let claims = self.inner.tokens.verify(token).ok_or(Error::SignInEnded)?;
        let id = claims.user();
        // Before the rights are read: what changes while they are read makes them old.
        let rights = self.inner.changes.version(id);
        let mut user = match claims.kind {
            Holder::Account => {
                let record = self.record(id).await?.ok_or(Error::SignInEnded)?;
                if record.generation != claims.generation {
                    return Err(Error::SignInEnded);
                }
                self.account(record).await?
            }
            Holder::Guest => {
                if !self.guests().is_live(id, unix_now()) {
                    return Err(Error::SignInEnded);
                }
                User::guest(id, claims.name.clone(), self.open_queues().await?)
            }
        };
        user.authority = Authority::SignIn(claims.sign_in(rights));
        Ok(Arc::new(user))
    }

    /// Refuses who may not act any more, or was read with rights that have changed since. It belongs
    /// where an act becomes true: under the lock, or in the turn, that makes it so.
    ///
    /// # Errors
    /// See [`NotCurrent`].
    pub fn check(&self, user: &User) -> Result<(), NotCurrent> {
        match &user.authority {
            Authority::Connector => Ok(()),
            Authority::LookedUp => Err(NotCurrent::RightsChanged),
            Authority::SignIn(sign_in) => {
                if self.has_ended(user.id, sign_in) {
                    Err(NotCurrent::SignInEnded)
                } else if self.inner.changes.version(user.id) == sign_in.rights {
                    Ok(())
                } else {
                    Err(NotCurrent::RightsChanged)
                }
            }
        }
    }

    /// Whether the sign-in was signed out, has expired, or its guest has gone. A new password is known
    /// by the account's generation alone.
    pub fn has_ended(&self, user: UserId, sign_in: &SignIn) -> bool {
        let now = unix_now();
        sign_in.expires_at <= now
            || self.inner.tokens.is_revoked(sign_in.id)
            || (user.kind() == UserKind::Guest && !self.guests().is_live(user, now))
    }

    /// Ends the sign-in for good. It counts at once, before this waits for anything: whoever holds
    /// what was opened by it ends that.
    ///
    /// # Errors
    /// [`Error::SignOutNotKept`]: it counts, and is tried again until it is on the disk, without
    /// which a restart of the server would forget it.
    pub async fn logout(&self, user: &User) -> Result<(), Error> {
        let sign_in = user.authority.sign_in().ok_or(Error::SignInEnded)?;
        let (id, expires_at) = (sign_in.id, sign_in.expires_at.0);
        if !user.is_guest() {
            self.inner.tokens.revoke(id, expires_at);
            return self.inner.sign_outs.keep(id.to_string(), expires_at, false).await;
        }
        let has_called = self.guests().end(user.id);
        // After a restart a guest is let in again only if their conversation goes on.
        match has_called {
            true => self.inner.sign_outs.keep(guest_key(user.id), expires_at, true).await,
            false => Ok(()),
        }
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
    /// good as long as it says, unless they had signed out.
    pub fn readmit_guest(&self, user: UserId) {
        self.guests().readmit(user, unix_now());
    }

    /// A guest's call is over: the token lives on for a few minutes only.
    pub fn call_ended(&self, user: UserId) {
        self.guests().call_ended(user, unix_now());
    }

    /// The user as of now, to be looked at and not to act; `None` when there is no such account or
    /// it is disabled.
    pub async fn load(&self, id: UserId) -> Result<Option<User>, Error> {
        Ok(self.load_with_generation(id).await?.map(|(user, _)| user))
    }

    /// The same, with the generation that valid sign-ins of the account have.
    pub async fn load_with_generation(&self, id: UserId) -> Result<Option<(User, u64)>, Error> {
        match self.record(id).await? {
            Some(record) => {
                let generation = record.generation;
                Ok(Some((self.account(record).await?, generation)))
            }
            None => Ok(None),
        }
    }

    /// The queues that guests may call, by name.
    pub async fn open_queues(&self) -> Result<Vec<QueueRef>, Error> {
        let queues = self.inner.store.queues().await?;
        Ok(queues.into_iter().filter(|queue| queue.open_to_guests).map(queue_ref).collect())
    }

    /// The account, unless it is switched off.
    async fn record(&self, id: UserId) -> Result<Option<store::User>, Error> {
        let record = self.inner.store.user(store::UserId(id.0)).await?;
        Ok(record.filter(|record| !record.disabled))
    }

    async fn account(&self, record: store::User) -> Result<User, Error> {
        let teams = self.inner.store.teams_of(record.id).await?;
        let queues = self.inner.store.queues_of(record.id).await?;
        Ok(account(record, teams, queues))
    }

    fn session(
        &self,
        mut user: User,
        claims: &Claims,
        rights: RightsVersion,
        life: Duration,
    ) -> Session {
        user.authority = Authority::SignIn(claims.sign_in(rights));
        Session {
            token: self.inner.tokens.sign(claims),
            expires_at: claims.expires_at(),
            life,
            user: Arc::new(user),
        }
    }

    fn guests(&self) -> std::sync::MutexGuard<'_, Guests> {
        self.inner.guests.lock().expect("no code panics while it holds the guests")
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.inner.throttle.lock().expect("no code panics while it holds the throttle")
    }
}

/// The key under which a guest's sign-out is kept.
fn guest_key(guest: UserId) -> String {
    format!("{GUEST_KEY}{guest}")
}

/// The guest whose sign-out is kept under this key, if it is a guest's.
fn guest_of(key: &str) -> Option<UserId> {
    key.strip_prefix(GUEST_KEY)?.parse().ok()
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

/// A name that others will see: 1 … [`NAME_CHARS_MAX`] printable characters.
///
/// # Errors
/// [`Error::BadName`].
pub fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    // Bytes first: composing the letters of a huge name would take its time.
    if name.len() > NAME_CHARS_MAX * 16 {
        return Err(Error::BadName);
    }
    // As a reader counts them: the same name is not too long because it came in pieces (NFD).
    let length = length_composed(name);
    let deceives =
        |letter: char| letter.is_control() || is_bidi_control(letter) || is_line_break(letter);
    if length > NAME_CHARS_MAX || name.chars().any(deceives) {
        return Err(Error::BadName);
    }
    display_name(name, NAME_CHARS_MAX).ok_or(Error::BadName)
}
