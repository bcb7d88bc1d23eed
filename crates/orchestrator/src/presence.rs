//! Who is there: event streams that come and go, and what agents choose to be.

use std::sync::Arc;

use accounts::{NotCurrent, Session, User};
use budget::Client;
use control_plane::{LiveState, Missing, Pool, StreamId, StreamRefusal};
use interaction::offers::{Choice, Presence};
use interaction::{Permission, SignInId, UserId};

use crate::budgets::NoRoomForGuest;
use crate::error::{Lacks, NotFound, Unsaved};
use crate::event_streams::Outbox;
use crate::{Orchestrator, require};

impl Orchestrator {
    /// Opens an event stream; its first message is the snapshot.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn connect(&self, user: &Arc<User>) -> Result<(StreamId, Outbox), ConnectError> {
        self.change(|live, now| {
            if let Err(error) = self.check(user) {
                return (Err(error.into()), Vec::new());
            }
            if let Err(error) = self.check_guest(live, user, Pool::EventStreams) {
                return (Err(error.into()), Vec::new());
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
    /// [`ConnectError`].
    pub fn may_connect(&self, user: &User) -> Result<(), ConnectError> {
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
    /// [`PresenceError`].
    pub fn set_presence(
        &self,
        user: &User,
        choice: Choice,
    ) -> Result<(Presence, Vec<Missing>), PresenceError> {
        require(user, Permission::TakeCalls)?;
        self.change(|live, now| match self.check(user) {
            Ok(()) => {
                let effects = live.handle_choice(now, user, choice);
                (Ok((live.presence(user.id), live.missing(user.id))), effects)
            }
            Err(error) => (Err(error.into()), Vec::new()),
        })
    }

    /// What a supervisor wants an agent of their teams to be; what the agent then is. The agent may
    /// choose otherwise.
    ///
    /// # Errors
    /// [`DirectError`].
    pub fn set_presence_of(
        &self,
        user: &User,
        agent: UserId,
        choice: Choice,
    ) -> Result<Presence, DirectError> {
        self.change(|live, now| {
            if let Err(error) = self.directs(live, user, agent) {
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
    /// [`SignOutError`].
    pub async fn sign_out_agent(&self, user: &User, agent: UserId) -> Result<(), SignOutError> {
        {
            let live = self.live();
            self.directs(&live, user, agent)?;
            if live.is_at_work(agent) {
                return Err(SignOutError::AtWork);
            }
        }
        Ok(self.auth().end_sign_ins(agent).await.map_err(Unsaved::of)?)
    }

    /// Refuses who may not direct the agent, as if there were none.
    fn directs(&self, live: &LiveState, user: &User, agent: UserId) -> Result<(), DirectError> {
        self.check(user)?;
        if live.directs(user, agent) { Ok(()) } else { Err(NotFound("agent").into()) }
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

/// Why no event stream was opened.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum ConnectError {
    /// The sign-in has ended, or the rights have changed since they were read: nothing was done.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
    /// As many guests are there as may.
    #[error(transparent)]
    NoRoomForGuest(#[from] NoRoomForGuest),
    /// There is no room for another one.
    #[error(transparent)]
    Streams(#[from] StreamRefusal),
}

/// Why somebody is not what they want to be.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum PresenceError {
    /// The user takes no calls.
    #[error(transparent)]
    Lacks(#[from] Lacks),
    /// The sign-in has ended, or the rights have changed since they were read: nothing was done.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
}

/// Why an agent is not what a supervisor wants.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum DirectError {
    /// The sign-in has ended, or the rights have changed since they were read: nothing was done.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
    /// No such agent, or one of other teams.
    #[error(transparent)]
    NotFound(#[from] NotFound),
}

/// Why an agent was not signed out.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum SignOutError {
    /// It is not this supervisor's to do.
    #[error(transparent)]
    NotDirected(#[from] DirectError),
    /// It would end the call or the conversation that the agent is in.
    #[error("the agent is in a call or a conversation")]
    AtWork,
    /// It could not be saved.
    #[error(transparent)]
    Unsaved(#[from] Unsaved),
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
