//! What guests may have at the same time: each client its own share, all of them together not the last
//! places.

use control_plane::{Capacity, LiveState, Pool};
use interaction::offers::Presence;
use interaction::{User, UserId};

use crate::Orchestrator;

/// How much goes on at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What fits into the media workers.
    pub capacity: Capacity,
    /// Calls, and conversations, that guests of one client may have.
    pub interactions_per_client: usize,
}

/// As much of a pool is taken as guests may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoomForGuest {
    /// By all of them.
    #[error("no room for one more guest: {0:?}")]
    Full(Pool),
    /// By those of the guest's client.
    #[error("no room for one more guest of this client: {0:?}")]
    ClientFull(Pool),
}

/// Stations and event streams that a client's guests may have for each of their interactions: a page
/// that is loaded again has two for a while.
const PER_INTERACTION: usize = 2;

impl Default for Limits {
    fn default() -> Self {
        Self { capacity: Capacity::default(), interactions_per_client: 50 }
    }
}

impl Orchestrator {
    /// Refuses a guest who wants one more of a pool, if that is too many for all guests, or for those
    /// of the guest's client.
    ///
    /// # Errors
    /// [`NoRoomForGuest`].
    pub(crate) fn check_guest(
        &self,
        live: &LiveState,
        user: &User,
        pool: Pool,
    ) -> Result<(), NoRoomForGuest> {
        if !user.is_guest() {
            return Ok(());
        }
        if !live.has_room_for_guests(pool) {
            metrics::counter!("sotto_guests_refused_total", "why" => "full").increment(1);
            return Err(NoRoomForGuest::Full(pool));
        }
        let own = self.auth().of_the_same_client(user.id, live.guests_in(pool));
        if own.is_some_and(|own| own >= self.per_client(pool)) {
            metrics::counter!("sotto_guests_refused_total", "why" => "client").increment(1);
            return Err(NoRoomForGuest::ClientFull(pool));
        }
        Ok(())
    }

    /// Whether the guest is in a call or conversation that goes on.
    pub fn takes_part(&self, guest: UserId) -> bool {
        let live = self.live();
        [Pool::Calls, Pool::Conversations].iter().any(|pool| live.guests_in(*pool).contains(&guest))
    }

    /// How many guests wait in a queue for an agent, by its key.
    pub fn guests_waiting(&self, queue: &str) -> usize {
        self.live().guests_waiting(queue)
    }

    /// How many agents of a queue are signed in, by its key.
    pub fn agents_present(&self, queue: &str) -> usize {
        self.live().agents_present(queue)
    }

    /// Whether the user is signed in as an agent.
    pub fn is_present(&self, user: UserId) -> bool {
        self.live().presence(user) != Presence::Offline
    }

    fn per_client(&self, pool: Pool) -> usize {
        let interactions = self.inner.limits.interactions_per_client;
        match pool {
            Pool::Calls | Pool::WaitingCalls | Pool::Conversations => interactions,
            Pool::Stations | Pool::EventStreams => interactions * PER_INTERACTION,
        }
    }
}
