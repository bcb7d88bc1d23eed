//! Event streams: who has how many open, and who is to be told.
//!
//! A stream is one WebSocket connection of a user's. What is sent on it, and how much may wait, is
//! the shell's; here is whose it is, so that each piece of news finds those it concerns without a
//! look at everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use interaction::{QueueId, SignInId, TeamId, User, UserId};

/// Event streams that one user may have open at the same time (pages in several tabs).
pub const STREAMS_PER_USER_MAX: usize = 8;
/// Event streams over all users.
pub const STREAMS_MAX: usize = 10_000;

/// One event stream; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

/// Why the server ends an event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its reader takes nothing any more.
    TooSlow,
    /// Rights changed: connect again to see what holds now.
    RightsChanged,
    /// The sign-in has ended: signed out, expired, or the password is another one.
    SignInEnded,
    /// Nothing was received from the client for too long.
    Silent,
    /// What the client sent is no message of ours.
    BadMessage,
    /// Too large, not UTF-8, no WebSocket frame, or the transport broke.
    Broken,
    /// The server stops.
    Stopping,
}

/// Why no stream was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamRefusal {
    /// See [`STREAMS_PER_USER_MAX`].
    #[error("you have {STREAMS_PER_USER_MAX} event streams open; close one first")]
    UserFull,
    /// See [`STREAMS_MAX`].
    #[error("the server has no room for another event stream; try again later")]
    Full,
}

/// All event streams.
#[derive(Debug, Default)]
pub struct Streams {
    open: BTreeMap<StreamId, Arc<User>>,
    by_user: BTreeMap<UserId, BTreeSet<StreamId>>,
    /// Those of users who may supervise, by team.
    by_team: BTreeMap<TeamId, BTreeSet<StreamId>>,
    /// Those of users who serve a queue.
    by_queue: BTreeMap<QueueId, BTreeSet<StreamId>>,
    next: u64,
}

impl Streams {
    /// Whether another stream of this user may be opened.
    ///
    /// # Errors
    /// See [`StreamRefusal`].
    pub fn check(&self, user: UserId) -> Result<(), StreamRefusal> {
        if self.count(user) >= STREAMS_PER_USER_MAX {
            Err(StreamRefusal::UserFull)
        } else if self.open.len() >= STREAMS_MAX {
            Err(StreamRefusal::Full)
        } else {
            Ok(())
        }
    }

    /// Opens a stream.
    ///
    /// # Errors
    /// See [`StreamRefusal`].
    pub fn open(&mut self, user: Arc<User>) -> Result<StreamId, StreamRefusal> {
        self.check(user.id)?;
        let id = StreamId(self.next);
        self.next += 1;
        self.by_user.entry(user.id).or_default().insert(id);
        for team in supervised(&user) {
            self.by_team.entry(team).or_default().insert(id);
        }
        for queue in &user.queues {
            self.by_queue.entry(queue.id).or_default().insert(id);
        }
        self.open.insert(id, user);
        Ok(id)
    }

    /// Forgets a stream; whose it was.
    pub fn close(&mut self, id: StreamId) -> Option<Arc<User>> {
        let user = self.open.remove(&id)?;
        remove(&mut self.by_user, user.id, id);
        for team in supervised(&user) {
            remove(&mut self.by_team, team, id);
        }
        for queue in &user.queues {
            remove(&mut self.by_queue, queue.id, id);
        }
        Some(user)
    }

    /// Whose stream it is.
    pub fn user(&self, id: StreamId) -> Option<&Arc<User>> {
        self.open.get(&id)
    }

    /// How many streams the user has.
    pub fn count(&self, user: UserId) -> usize {
        self.by_user.get(&user).map_or(0, BTreeSet::len)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether nobody is connected.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Every stream and whose it is.
    pub fn iter(&self) -> impl Iterator<Item = (StreamId, &Arc<User>)> {
        self.open.iter().map(|(id, user)| (*id, user))
    }

    /// The streams of one user.
    pub fn of_user(&self, user: UserId) -> impl Iterator<Item = StreamId> {
        self.by_user.get(&user).into_iter().flatten().copied()
    }

    /// The streams of one sign-in of a user.
    pub fn of_sign_in(&self, user: UserId, sign_in: SignInId) -> impl Iterator<Item = StreamId> {
        self.of_user(user).filter(move |id| {
            let opener = self.open.get(id).and_then(|user| user.authority.sign_in());
            opener.is_some_and(|it| it.id == sign_in)
        })
    }

    /// The streams of those who serve a queue.
    pub fn of_queue(&self, queue: QueueId) -> impl Iterator<Item = (StreamId, &Arc<User>)> {
        let ids = self.by_queue.get(&queue).into_iter().flatten();
        ids.filter_map(|id| Some((*id, self.open.get(id)?)))
    }

    /// The streams of these users and of those who may supervise one of these teams, each once.
    pub fn concerned(
        &self,
        users: impl IntoIterator<Item = UserId>,
        teams: &[TeamId],
    ) -> Vec<(StreamId, &Arc<User>)> {
        let of_users = users.into_iter().filter_map(|user| self.by_user.get(&user));
        let of_teams = teams.iter().filter_map(|team| self.by_team.get(team));
        let ids: BTreeSet<StreamId> = of_users.chain(of_teams).flatten().copied().collect();
        ids.into_iter().filter_map(|id| Some((id, self.open.get(&id)?))).collect()
    }
}

fn supervised(user: &User) -> impl Iterator<Item = TeamId> + '_ {
    user.teams.iter().map(|team| team.id).filter(|team| user.supervises(*team))
}

fn remove<K: Ord>(index: &mut BTreeMap<K, BTreeSet<StreamId>>, key: K, id: StreamId) {
    if let Some(ids) = index.get_mut(&key) {
        ids.remove(&id);
        if ids.is_empty() {
            index.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{SALES, SUPPORT, agent, supervisor, user};

    #[test]
    fn streams_of_a_user_are_bounded() {
        let mut streams = Streams::default();
        for _ in 0..STREAMS_PER_USER_MAX {
            streams.open(user(1)).unwrap();
        }
        assert_eq!(streams.open(user(1)), Err(StreamRefusal::UserFull));
        assert!(streams.open(user(2)).is_ok());
    }

    #[test]
    fn those_concerned_are_found_once_and_not_after_they_left() {
        let mut streams = Streams::default();
        let sam = streams.open(supervisor(7, "Sam", SUPPORT)).unwrap();
        let ana = streams.open(agent(1, "Ana")).unwrap();
        streams.open(supervisor(8, "Dan", SALES)).unwrap();
        let found = |streams: &Streams| -> Vec<StreamId> {
            let users = [UserId(1), UserId(7), UserId(9)];
            streams.concerned(users, &[SUPPORT]).into_iter().map(|(id, _)| id).collect()
        };
        assert_eq!(found(&streams), [sam, ana]);
        assert_eq!(streams.close(sam).unwrap().name, "Sam");
        assert_eq!(found(&streams), [ana]);
        assert!(streams.by_team.keys().eq([&SALES]), "nothing is left behind");
    }
}
