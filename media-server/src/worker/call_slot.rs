//! A call on its worker: which stations carry its legs, and what waits to be acknowledged.

use std::sync::Arc;

use call_engine::{Call, Counters};
use interaction::{Event, LegId, StationId};
use tokio::sync::oneshot;

use super::{CommandError, CommandReply, MediaEvent};

pub(super) struct CallSlot {
    pub call: Call,
    pub legs: Legs,
    /// What was counted when the worker last asked.
    pub counted: Counters,
    /// Changes that are in force but may still sound for the rest of a frame.
    unsettled: Vec<Unsettled>,
}

/// Which station carries which leg.
#[derive(Default)]
pub(super) struct Legs(Vec<(LegId, StationId)>);

/// A change, and who waits to hear of it.
struct Unsettled {
    event: MediaEvent,
    reply: Option<Reply>,
}

type Reply = (oneshot::Sender<Result<CommandReply, CommandError>>, CommandReply);

impl CallSlot {
    pub fn new(call: Call) -> Self {
        let counted = Counters::default();
        Self { call, legs: Legs::default(), counted, unsettled: Vec::new() }
    }

    /// From now on `station` carries `leg`; the one that did before.
    pub fn bind(&mut self, leg: LegId, station: StationId) -> Option<StationId> {
        let former = self.legs.station_of(leg);
        self.legs.0.retain(|(it, _)| *it != leg);
        self.legs.0.push((leg, station));
        former
    }

    pub fn leg_of(&self, station: StationId) -> Option<LegId> {
        self.legs.leg_of(station)
    }

    /// Takes out the stations whose legs are no longer on the call.
    pub fn unbind_departed(&mut self) -> Vec<StationId> {
        let state = self.call.state();
        let (kept, departed): (Vec<_>, Vec<_>) =
            self.legs.0.drain(..).partition(|(leg, _)| state.leg(*leg).is_some());
        self.legs.0 = kept;
        departed.into_iter().map(|(_, station)| station).collect()
    }

    /// Notes a change; it is told by [`CallSlot::settle`].
    pub fn changed(&mut self, events: Vec<Event>, reply: Option<Reply>) {
        let state = Arc::new(self.call.state().clone());
        self.unsettled.push(Unsettled { event: MediaEvent::CallChanged { state, events }, reply });
    }

    /// Whether a change waits to be told.
    pub fn is_unsettled(&self) -> bool {
        !self.unsettled.is_empty()
    }

    /// Tells of all changes, once every removed route is silent. The event goes before the reply.
    pub fn settle(&mut self, mut tell: impl FnMut(MediaEvent)) {
        if !self.call.settled() {
            return;
        }
        for Unsettled { event, reply } in self.unsettled.drain(..) {
            if matches!(&event, MediaEvent::CallChanged { events, .. } if !events.is_empty()) {
                tell(event);
            }
            if let Some((sender, reply)) = reply {
                // Whoever asked may be gone by now; the change holds all the same.
                let _ = sender.send(Ok(reply));
            }
        }
    }
}

impl Legs {
    pub fn leg_of(&self, station: StationId) -> Option<LegId> {
        self.0.iter().find(|(_, it)| *it == station).map(|(leg, _)| *leg)
    }

    pub fn station_of(&self, leg: LegId) -> Option<StationId> {
        self.0.iter().find(|(it, _)| *it == leg).map(|(_, station)| *station)
    }

    pub fn stations(&self) -> impl Iterator<Item = StationId> + '_ {
        self.0.iter().map(|(_, station)| *station)
    }
}
