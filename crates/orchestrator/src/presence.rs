//! Who is there: event streams that come and go, and what agents choose to be.

use std::sync::Arc;

use accounts::{Session, User};
use budget::Client;
use control_plane::{LiveState, Missing, Pool, StreamId};
use interaction::offers::{Choice, Presence};
use interaction::{Permission, SignInId, UserId};

use crate::event_streams::Outbox;
use crate::{Error, Orchestrator, require};

impl Orchestrator {
    /// Opens an event stream; its first message is the snapshot.
    ///
    /// # Errors
    /// [`Error::NotCurrent`], [`Error::Streams`].
    pub fn connect(&self, user: &Arc<User>) -> Result<(StreamId, Outbox), Error> {
        self.change(|live, now| {
            let checked = self.check(user);
            let checked = checked.and_then(|()| self.check_guest(live, user, Pool::EventStreams));
            if let Err(error) = checked {
                return (Err(error), Vec::new());
            }
            match live.handle_connected(now, user) {
                // The outbox is there before the first news for it is handed on.
                Ok((id, effects)) => (Ok((id, self.inner.streams.open(id))), effects),
                Err(error) => (Err(error.into()), Vec::new()),
            }
        })
    }

    /// Whether there is room for another event stream of this user.
    ///
    /// # Errors
    /// [`Error::Streams`].
    pub fn may_connect(&self, user: &User) -> Result<(), Error> {
        let live = self.live();
        self.check_guest(&live, user, Pool::EventStreams)?;
        Ok(live.streams().check(user.id)?)
    }

    /// Tells a fresh snapshot on an event stream: something was left out.
    pub fn resynchronise(&self, id: StreamId) {
        self.change(|live, now| ((), live.handle_resynchronisation(now, id)));
    }

    /// An event stream has ended.
    pub fn disconnect(&self, id: StreamId) {
        self.inner.streams.close(id);
        self.inner.phones.close(id);
        self.change(|live, now| ((), live.handle_disconnected(now, id)));
    }

    /// What an agent wants to be; what they then are, and what still keeps calls from them. Without an
    /// event stream it takes effect once there is one.
    ///
    /// # Errors
    /// [`Error::Lacks`], [`Error::NotCurrent`].
    pub fn set_presence(
        &self,
        user: &User,
        choice: Choice,
    ) -> Result<(Presence, Vec<Missing>), Error> {
        require(user, Permission::TakeCalls)?;
        self.change(|live, now| match self.check(user) {
            Ok(()) => {
                let effects = live.handle_choice(now, user, choice);
                (Ok((live.presence(user.id), live.missing(user.id))), effects)
            }
            Err(error) => (Err(error), Vec::new()),
        })
    }

    /// What a supervisor wants an agent of their teams to be; what the agent then is. The agent may
    /// choose otherwise.
    ///
    /// # Errors
    /// [`Error::NotFound`], also of an agent of other teams; [`Error::NotCurrent`].
    pub fn set_presence_of(
        &self,
        user: &User,
        agent: UserId,
        choice: Choice,
    ) -> Result<Presence, Error> {
        self.change(|live, now| {
            let checked = self.check(user).and_then(|()| directed(live, user, agent));
            if let Err(error) = checked {
                return (Err(error), Vec::new());
            }
            let effects = live.handle_choice_for(now, agent, choice);
            (Ok(live.presence(agent)), effects)
        })
    }

    /// Ends every sign-in of an agent of the supervisor's teams: a page that was left open, a phone
    /// that was left on.
    ///
    /// # Errors
    /// As [`Self::set_presence_of`]; [`Error::AgentAtWork`], for it would end what they are in;
    /// [`Error::StoreWrite`].
    pub async fn sign_out_agent(&self, user: &User, agent: UserId) -> Result<(), Error> {
        {
            let live = self.live();
            self.check(user)?;
            directed(&live, user, agent)?;
            if live.is_at_work(agent) {
                return Err(Error::AgentAtWork);
            }
        }
        self.auth().end_sign_ins(agent).await.map_err(Error::unsaved)
    }

    /// Whether a page or program of this sign-in is connected.
    pub fn is_connected(&self, user: UserId, sign_in: SignInId) -> bool {
        self.live().has_stream(user, sign_in)
    }

    /// Replaces the user's password: `passwords` are the present one and the new one. Every sign-in of the
    /// account ends; the new one is theirs.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn change_password(
        &self,
        user: &User,
        passwords: (&str, &str),
        client: Client,
    ) -> Result<Session, PasswordError> {
        self.auth().check(user).map_err(accounts::Error::from)?;
        if self.live().is_busy(user.id) {
            return Err(PasswordError::AtWork);
        }
        Ok(self.auth().change_password(user, passwords, client).await?)
    }
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// It would end a call, a conversation or supervision that the user is in.
    #[error("the user is in a call or a conversation")]
    AtWork,
    /// The account's own reasons.
    #[error(transparent)]
    Account(#[from] accounts::Error),
}

/// Refuses who may not direct the agent, as if there were none.
fn directed(live: &LiveState, user: &User, agent: UserId) -> Result<(), Error> {
    if live.directs(user, agent) { Ok(()) } else { Err(Error::NotFound("agent")) }
}
