//! Places for connections: how many there are, how many of them one client may have, and how many are
//! kept for those who work here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use budget::Client;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places of one listener. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Slots {
    /// All places; one is taken before a connection is accepted.
    all: Arc<Semaphore>,
    /// Those that anybody may have.
    open: Arc<Semaphore>,
    per_client_max: usize,
    by_client: Arc<Mutex<HashMap<Client, usize>>>,
}

/// A connection's place, for as long as its socket is open, as an event stream too.
#[derive(Debug)]
pub struct Slot {
    slots: Slots,
    /// `None`: it came when only the places for those who work here were left.
    open: Mutex<Option<OwnedSemaphorePermit>>,
    client: Option<Client>,
    _place: OwnedSemaphorePermit,
}

impl Slots {
    /// `all` places, the last `reserved` of them for those who work here.
    pub fn new(all: usize, reserved: usize, per_client_max: usize) -> Self {
        let open = Semaphore::new(all.saturating_sub(reserved));
        Self {
            all: Arc::new(Semaphore::new(all)),
            open: Arc::new(open),
            per_client_max,
            by_client: Arc::default(),
        }
    }

    /// Waits until there is a place.
    pub async fn place(&self) -> OwnedSemaphorePermit {
        self.all.clone().acquire_owned().await.expect("the semaphore is never closed")
    }

    /// Waits until nobody has a place.
    pub async fn all_free(&self, all: usize) {
        let all = u32::try_from(all).unwrap_or(u32::MAX);
        drop(self.all.acquire_many(all).await);
    }

    /// Gives the place to a client's connection; `None`: the client has as many as it may. A trusted
    /// proxy's connections are nobody's own, and not counted.
    pub fn give(&self, place: OwnedSemaphorePermit, client: Option<Client>) -> Option<Slot> {
        if let Some(client) = client {
            let mut by_client = self.by_client();
            let count = by_client.entry(client).or_default();
            if *count >= self.per_client_max {
                return None;
            }
            *count += 1;
        }
        let open = Mutex::new(self.open.clone().try_acquire_owned().ok());
        Some(Slot { slots: self.clone(), open, client, _place: place })
    }

    fn by_client(&self) -> MutexGuard<'_, HashMap<Client, usize>> {
        self.by_client.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Whether the place is one of those kept for who works here, and none that anybody may have has
    /// become free.
    pub fn is_reserved(&self) -> bool {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.is_none() {
            *open = self.slots.open.clone().try_acquire_owned().ok();
        }
        open.is_none()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some(client) = self.client else { return };
        let mut by_client = self.slots.by_client();
        if let Some(count) = by_client.get_mut(&client) {
            *count -= 1;
            if *count == 0 {
                by_client.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(last: u8) -> Option<Client> {
        Some(Client::of(std::net::IpAddr::from([192, 0, 2, last])))
    }

    #[tokio::test]
    async fn one_client_has_its_share_and_the_last_places_are_kept() {
        let slots = Slots::new(4, 1, 2);
        let first = slots.give(slots.place().await, client(1)).unwrap();
        let second = slots.give(slots.place().await, client(1)).unwrap();
        assert!(slots.give(slots.place().await, client(1)).is_none(), "two are its share");
        let third = slots.give(slots.place().await, client(2)).unwrap();
        assert!(!first.is_reserved() && !second.is_reserved() && !third.is_reserved());
        let last = slots.give(slots.place().await, None).unwrap();
        assert!(last.is_reserved());
        drop(first);
        assert!(!last.is_reserved(), "an open place has become free");
        slots.give(slots.place().await, client(1)).expect("it has one less");
        drop((second, third, last));
        slots.all_free(4).await;
        assert!(slots.by_client().is_empty(), "nothing is left behind");
    }
}
