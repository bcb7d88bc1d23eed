//! How much fits, and what of it is not for guests: nobody who is anonymous takes the last places.

use interaction::conversation::Phase;
use interaction::offers::{Medium, Presence};
use interaction::{QueueRef, UserId, UserKind};

use super::LiveState;
use crate::conversations::CONVERSATIONS_MAX;
use crate::live_call::LiveCall;
use crate::streams::STREAMS_MAX;

/// Guests never take the last part of a pool: one in so many.
const KEPT_PART: usize = 5;

/// How much fits into the media workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Stations, all workers together.
    pub stations: usize,
    /// Calls, all workers together.
    pub calls: usize,
}

/// What there is a bounded number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// Stations.
    Stations,
    /// Calls that go on.
    Calls,
    /// Calls that wait for an agent.
    WaitingCalls,
    /// Conversations.
    Conversations,
    /// Event streams.
    EventStreams,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { stations: 2_000, calls: 1_000 }
    }
}

impl LiveState {
    /// So much fits into the media workers.
    pub fn handle_capacity(&mut self, capacity: Capacity) {
        self.capacity = capacity;
    }

    /// Whether guests may take one more of a pool; the last fifth of it is not theirs.
    pub fn has_room_for_guests(&self, pool: Pool) -> bool {
        let all = match pool {
            Pool::Stations => self.capacity.stations,
            Pool::Calls => self.capacity.calls,
            Pool::WaitingCalls => Medium::Voice.waiting_max(),
            Pool::Conversations => CONVERSATIONS_MAX,
            Pool::EventStreams => STREAMS_MAX,
        };
        self.guests_in(pool).len() < all - all.div_ceil(KEPT_PART)
    }

    /// How many guests wait in a queue for an agent, by its key: calls and conversations.
    pub fn guests_waiting(&self, queue: &str) -> usize {
        let is_it = |it: &Option<QueueRef>| it.as_ref().is_some_and(|it| it.key == queue);
        let calls = self.calls.values().filter(|live| {
            live.caller.is_guest() && is_it(&live.queue) && live.state.agents().next().is_none()
        });
        let conversations = self.text.iter().filter(|live| {
            let waits = live.state.phase() == Phase::Waiting && live.call().is_none();
            live.requester.is_guest && is_it(&live.queue) && waits
        });
        calls.count() + conversations.count()
    }

    /// How many agents of a queue are signed in, by its key: whether anybody could ever take what waits.
    pub fn agents_present(&self, queue: &str) -> usize {
        let is_there = |agent: &UserId| self.offers.presence(*agent) != Presence::Offline;
        let serve = self.agents.iter().filter(|(_, it)| it.queues.iter().any(|key| key == queue));
        serve.filter(|(agent, _)| is_there(agent)).count()
    }

    /// The guests in a pool, each as often as they have something there.
    pub fn guests_in(&self, pool: Pool) -> Vec<UserId> {
        let is_guest = |user: &UserId| user.kind() == UserKind::Guest;
        let calls = |which: fn(&LiveCall) -> bool| {
            let calls = self.calls.values().filter(move |live| which(live));
            calls.map(|live| live.caller.id).filter(is_guest).collect()
        };
        match pool {
            Pool::Stations => {
                self.stations.values().map(|station| station.user).filter(is_guest).collect()
            }
            Pool::Calls => calls(|_| true),
            Pool::WaitingCalls => calls(|live| live.state.agents().next().is_none()),
            Pool::Conversations => {
                let apart = self.text.iter().filter(|live| live.call().is_none());
                apart.map(|live| live.requester.id).filter(is_guest).collect()
            }
            Pool::EventStreams => {
                self.streams.iter().map(|(_, user)| user.id).filter(is_guest).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leg_names::LegNames;
    use crate::testing::{Stage, agent, guest};
    use interaction::StationId;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn guests_never_take_the_last_fifth() {
        let mut stage = Stage::new(&LegNames::default(), std::time::Instant::now());
        let live = &mut stage.live;
        live.handle_capacity(Capacity { stations: 4, calls: 1 });
        for id in 0..3 {
            assert!(live.has_room_for_guests(Pool::Stations));
            assert!(live.handle_station_opening(StationId(id), &guest()));
        }
        assert!(!live.has_room_for_guests(Pool::Stations));
        assert!(!live.has_room_for_guests(Pool::Calls), "the only one is not theirs");
        assert_eq!(live.guests_in(Pool::Stations).len(), 3);
        assert!(live.handle_station_opening(StationId(9), &agent(1, "Ana")));
        assert_eq!(live.guests_in(Pool::Stations).len(), 3);
    }
}
