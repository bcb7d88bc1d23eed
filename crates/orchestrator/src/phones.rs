//! Agents' telephones: what rings there, told to whoever speaks SIP with them.
//!
//! A telephone that is registered is an event stream of its user's, opened by a sign-in of its own, so that it
//! ends when that does. What is told on it is what the agent is offered anyway: nothing of it depends on who
//! supervises.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use accounts::{NotCurrent, User};
use control_plane::{CallerInfo, Ending, News, Publication, StreamId, StreamRefusal};
use interaction::offers::{Choice, Presence};
use interaction::{CallId, Permission};
use tokio::sync::mpsc;

use crate::error::Lacks;
use crate::presence::PresenceError;
use crate::{Orchestrator, require};

/// What may wait for one telephone to be noticed; one more, and its stream ends.
pub const PHONE_NEWS_MAX: usize = 64;

/// What concerns a telephone.
#[derive(Clone, Debug, PartialEq)]
pub enum PhoneNews {
    /// A call is offered to its user.
    Offered {
        /// The call.
        call: CallId,
        /// Who calls.
        caller: CallerInfo,
    },
    /// It is offered no more: taken, by whatever station, or gone.
    OfferEnded(CallId),
    /// Its stream has ended, for this reason.
    Ended(Ending),
}

/// A telephone that is there.
#[derive(Debug)]
pub struct PhoneLine {
    /// Its event stream; [`Orchestrator::disconnect`] ends it.
    pub stream: StreamId,
    /// What concerns it; at its end the stream has ended.
    pub news: mpsc::Receiver<PhoneNews>,
    /// The user was not there before: neither by a page nor by another telephone.
    pub has_come: bool,
}

/// The telephones that are there, by their streams.
#[derive(Debug, Default)]
pub(crate) struct Phones {
    lines: Mutex<HashMap<StreamId, mpsc::Sender<PhoneNews>>>,
}

/// Why a telephone is not taken to be there.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub enum ConnectPhoneError {
    /// Its user takes no calls.
    #[error(transparent)]
    Lacks(#[from] Lacks),
    /// Its sign-in has ended, or the rights have changed since they were read: nothing was done.
    #[error(transparent)]
    NotCurrent(#[from] NotCurrent),
    /// There is no room for another event stream.
    #[error(transparent)]
    Streams(#[from] StreamRefusal),
}

impl Orchestrator {
    /// A telephone of an agent's is there. [`Self::disconnect`] says that it is not any more.
    ///
    /// # Errors
    /// [`ConnectPhoneError`].
    pub fn connect_phone(&self, user: &Arc<User>) -> Result<PhoneLine, ConnectPhoneError> {
        require(user, Permission::TakeCalls)?;
        self.change(|live, now| {
            if let Err(error) = self.check(user) {
                return (Err(error.into()), Vec::new());
            }
            let has_come = live.presence(user.id) == Presence::Offline;
            match live.handle_phone_connected(now, user) {
                Ok((stream, effects)) => {
                    // It is there before the first news for it is handed on.
                    let news = self.inner.phones.open(stream);
                    (Ok(PhoneLine { stream, news, has_come }), effects)
                }
                Err(error) => (Err(error.into()), Vec::new()),
            }
        })
    }
}

impl Orchestrator {
    /// An agent who has missed a call, and has nothing but a telephone, is ready again: nobody asks them as a page
    /// does. Of anybody else it changes nothing.
    ///
    /// # Errors
    /// [`PresenceError`].
    pub fn ready_after_miss(&self, user: &Arc<User>) -> Result<(), PresenceError> {
        if !self.live().has_missed_without_page(user.id) {
            return Ok(());
        }
        self.set_presence(user, Choice::Ready).map(drop)
    }
}

impl Phones {
    fn open(&self, id: StreamId) -> mpsc::Receiver<PhoneNews> {
        let (sender, receiver) = mpsc::channel(PHONE_NEWS_MAX);
        self.lock().insert(id, sender);
        receiver
    }

    /// Tells what concerns telephones, and nothing else.
    pub(crate) fn tell(&self, publication: &Publication) {
        let news = match &publication.news {
            News::CallOffered(sight, _) => {
                PhoneNews::Offered { call: sight.card.id, caller: sight.card.caller.clone() }
            }
            News::CallOfferEnded(call) => PhoneNews::OfferEnded(*call),
            _other => return,
        };
        let mut lines = self.lock();
        for id in &publication.to {
            if lines.get(id).is_some_and(|line| line.try_send(news.clone()).is_err()) {
                lines.remove(id);
            }
        }
    }

    /// Ends a telephone's stream.
    pub(crate) fn end(&self, id: StreamId, ending: Ending) {
        if let Some(line) = self.lock().remove(&id) {
            // Without room the end of the channel says it, too.
            let _ = line.try_send(PhoneNews::Ended(ending));
        }
    }

    /// Ends all of them.
    pub(crate) fn end_all(&self, ending: Ending) {
        for (_, line) in self.lock().drain() {
            let _ = line.try_send(PhoneNews::Ended(ending));
        }
    }

    /// A telephone is not there any more.
    pub(crate) fn close(&self, id: StreamId) {
        self.lock().remove(&id);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<StreamId, mpsc::Sender<PhoneNews>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
