//! Uploads and downloads at the same time: a bounded number in all and of each person.
//!
//! Customers have lanes of their own, so that they can't take staff's, and so that nobody of them
//! finds out what staff are doing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use interaction::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Transfers of one person at the same time, each way; their others wait.
pub const LANES_PER_PERSON: usize = 4;
/// How long a request waits for a lane. What waits holds a connection and nothing else, so
/// `limits.connections_max` bounds how many do.
pub const LANE_WAIT_MAX: Duration = Duration::from_secs(5);
/// Persons remembered before those who transfer nothing are forgotten.
const PERSONS_KEPT: usize = 256;

/// The lanes of one kind of people, one way.
#[derive(Debug)]
pub struct Lanes {
    all: Arc<Semaphore>,
    wait: Duration,
    persons: Mutex<HashMap<UserId, Weak<Semaphore>>>,
}

/// A lane that is held until this is dropped.
#[derive(Debug)]
pub struct Lane {
    _person: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Lanes {
    /// So many at the same time; a request waits no longer than `wait`.
    pub fn new(at_once: usize, wait: Duration) -> Self {
        Self { all: Arc::new(Semaphore::new(at_once)), wait, persons: Mutex::default() }
    }

    /// A lane; `None` if none became free in time.
    pub async fn enter(&self, person: UserId) -> Option<Lane> {
        let own = self.of(person);
        let enter = async {
            let person = own.acquire_owned().await.ok()?;
            let all = self.all.clone().acquire_owned().await.ok()?;
            Some(Lane { _person: person, _all: all })
        };
        tokio::time::timeout(self.wait, enter).await.ok().flatten()
    }

    fn of(&self, person: UserId) -> Arc<Semaphore> {
        let mut persons = self.persons.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = persons.get(&person).and_then(Weak::upgrade) {
            return own;
        }
        if persons.len() >= PERSONS_KEPT {
            persons.retain(|_, own| own.strong_count() > 0);
        }
        let own = Arc::new(Semaphore::new(LANES_PER_PERSON));
        persons.insert(person, Arc::downgrade(&own));
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn one_person_takes_a_few_and_all_together_no_more_than_there_are() {
        let lanes = Lanes::new(LANES_PER_PERSON + 1, WAIT);
        let mut held = Vec::new();
        for _ in 0..LANES_PER_PERSON {
            held.push(lanes.enter(UserId(1)).await.unwrap());
        }
        assert!(lanes.enter(UserId(1)).await.is_none(), "one person's are taken");
        held.push(lanes.enter(UserId(2)).await.unwrap());
        assert!(lanes.enter(UserId(3)).await.is_none(), "all are taken");
        held.clear();
        assert!(lanes.enter(UserId(3)).await.is_some());
    }

    #[tokio::test]
    async fn who_transfers_nothing_is_forgotten() {
        let lanes = Lanes::new(1, WAIT);
        for person in 0..2 * PERSONS_KEPT as u64 {
            drop(lanes.enter(UserId(person)).await);
        }
        assert!(lanes.persons.lock().unwrap().len() <= PERSONS_KEPT);
    }
}
