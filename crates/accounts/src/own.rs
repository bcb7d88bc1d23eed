//! What people do with their own account: see where they are signed in, end that, and choose another
//! password.

use std::time::{Duration, Instant};

use budget::Client;
use interaction::{SignInId, UnixMs, User, UserId};
use store::SignInRecord;

use super::{ACCOUNT_TOKEN_LIFE, Auth, Claims, Error, Holder, Session, unix_now};

/// Characters of a program's own name that are kept of a sign-in.
pub const USER_AGENT_CHARS_MAX: usize = 256;
/// How long a sign-in waits to be written down. It counts without, but nobody sees it in the list then.
const LISTED_PATIENCE: Duration = Duration::from_millis(500);

/// A sign-in that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSignIn {
    /// Which one.
    pub id: SignInId,
    /// Since when.
    pub since: UnixMs,
    /// When it ends by itself.
    pub expires_at: UnixMs,
    /// From where: an address, or a network.
    pub client: String,
    /// What signed in, as it names itself; may be empty.
    pub user_agent: String,
}

impl Auth {
    /// Writes a sign-in down for [`Self::sign_ins`]. A database that can't be written now keeps nobody out.
    pub async fn list_sign_in(&self, session: &Session, client: Client, user_agent: &str) {
        let Some(sign_in) = session.user.authority.sign_in() else { return };
        let readable = user_agent.chars().filter(|letter| !letter.is_control());
        let record = SignInRecord {
            id: sign_in.id.to_string(),
            user: store::UserId(session.user.id.0),
            since: unix_now().0,
            expires_at: sign_in.expires_at.0,
            generation: sign_in.generation,
            client: client.to_string(),
            user_agent: readable.take(USER_AGENT_CHARS_MAX).collect(),
        };
        let store = self.inner.store.clone();
        let kept = tokio::spawn(async move {
            if let Err(error) = store.keep_sign_in(&record).await {
                tracing::warn!(%error, "a sign-in is missing in its owner's list");
            }
        });
        // One that takes longer is written all the same.
        let _ = tokio::time::timeout(LISTED_PATIENCE, kept).await;
    }

    /// Where the user is signed in, the latest first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn sign_ins(&self, user: UserId) -> Result<Vec<OpenSignIn>, Error> {
        let records = self.inner.store.sign_ins_of(store::UserId(user.0), unix_now().0).await?;
        let open = records.into_iter().filter_map(|record| {
            // An id that is none was written by nobody.
            let id: SignInId = record.id.parse().ok()?;
            (!self.inner.tokens.is_revoked(id)).then_some(OpenSignIn {
                id,
                since: UnixMs(record.since),
                expires_at: UnixMs(record.expires_at),
                client: record.client,
                user_agent: record.user_agent,
            })
        });
        Ok(open.collect())
    }

    /// Ends one of an account's sign-ins for good, as [`Self::logout`] does the sender's own.
    ///
    /// # Errors
    /// [`Error::SignOutNotKept`]: it counts, and is tried again until it is on the disk.
    pub async fn end_sign_in(&self, sign_in: &OpenSignIn) -> Result<(), Error> {
        let (id, expires_at) = (sign_in.id, sign_in.expires_at.0);
        self.inner.tokens.revoke(id, expires_at);
        self.inner.sign_outs.keep(id.to_string(), expires_at, false).await
    }

    /// Replaces the user's own password, which ends all of the account's sign-ins; the new one that comes
    /// back is this user's. How often the present password may be guessed is limited as at a sign-in.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`]: `current` is not the password; [`Error::TooManyAttempts`],
    /// [`Error::SignInsBusy`], [`Error::Store`].
    pub async fn change_password(
        &self,
        user: &User,
        (current, wanted): (&str, &str),
        client: Client,
    ) -> Result<Session, Error> {
        let attempt = self.throttle().begin(Instant::now(), &user.username, client)?;
        let verified = self.inner.store.verify_password(&user.username, current).await;
        let record = match verified {
            Ok(record) => record.filter(|record| record.id.0 == user.id.0 && !record.disabled),
            Err(error) => {
                self.throttle().not_tried(Instant::now(), &attempt);
                return Err(error.into());
            }
        };
        if record.is_none() {
            tracing::warn!(%client, "a password was not changed: the present one was wrong");
            return Err(Error::WrongCredentials);
        }
        self.throttle().succeeded(Instant::now(), attempt);
        self.inner.store.set_password(store::UserId(user.id.0), wanted).await?;
        self.rights_changed(user.id).await;
        let rights = self.inner.changes.version(user.id);
        let loaded = self.load_with_generation(user.id).await?;
        let (user, generation) = loaded.ok_or(Error::SignInEnded)?;
        let claims =
            Claims::new(&user, Holder::Account, generation, unix_now(), ACCOUNT_TOKEN_LIFE);
        Ok(self.session(user, &claims, rights, ACCOUNT_TOKEN_LIFE))
    }
}
