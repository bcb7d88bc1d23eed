//! A call on its worker: which stations carry its legs, and what waits to be acknowledged.

use std::sync::Arc;
use std::time::Instant;

use call_engine::{Call, Counters};
use interaction::{Applied, Event, LegId, Refusal, Role, StationId};
use tokio::sync::oneshot;

use crate::{CommandError, CommandReply, MediaEvent};

pub(crate) struct CallSlot {
    pub call: Call,
    pub legs: Legs,
    /// Legs whose client may come back with another station.
    pub waited_for: WaitedFor,
    /// What was counted when the worker last asked.
    pub counted: Counters,
    /// What waits for the tick.
    unsaid: Unsaid,
}

/// What is to be said of a call once its changes are in force.
#[derive(Default)]
pub(crate) struct Unsaid {
    answers: Vec<Answer>,
    /// They are told after the answers.
    news: Vec<MediaEvent>,
}

/// Which station carries which leg, and whether its packets are waited for, as it was told.
#[derive(Default)]
pub(crate) struct Legs(Vec<Carried>);

struct Carried {
    leg: LegId,
    station: StationId,
    awaited: bool,
}

/// Legs that leave unless another station carries them by then. No more than there are legs.
#[derive(Default)]
pub(crate) struct WaitedFor(Vec<(LegId, Instant)>);

/// What became of a command, and who waits to hear of it.
struct Answer {
    to: oneshot::Sender<Result<CommandReply, CommandError>>,
    result: Result<CommandReply, CommandError>,
}

impl CallSlot {
    pub fn new(call: Call) -> Self {
        let counted = Counters::default();
        Self {
            call,
            legs: Legs::default(),
            waited_for: WaitedFor::default(),
            counted,
            unsaid: Unsaid::default(),
        }
    }

    /// From now on `station` carries `leg`; the one that did before.
    pub fn bind(&mut self, leg: LegId, station: StationId) -> Option<StationId> {
        self.waited_for.forget(leg);
        let former = self.legs.station_of(leg);
        self.legs.0.retain(|it| it.leg != leg);
        self.legs.0.push(Carried { leg, station, awaited: false });
        former
    }

    pub fn leg_of(&self, station: StationId) -> Option<LegId> {
        self.legs.leg_of(station)
    }

    /// The leg's station is no more; another one may carry it until then.
    pub fn wait_for(&mut self, leg: LegId, until: Instant) {
        self.waited_for.forget(leg);
        self.waited_for.0.push((leg, until));
    }

    /// Takes out the stations whose legs are no longer on the call.
    pub fn unbind_departed(&mut self) -> Vec<StationId> {
        let state = self.call.state();
        let (kept, departed): (Vec<_>, Vec<_>) =
            self.legs.0.drain(..).partition(|it| state.leg(it.leg).is_some());
        self.legs.0 = kept;
        departed.into_iter().map(|it| it.station).collect()
    }

    /// The stations from which packets are waited for now, or no longer: a supervisor may be silent,
    /// and whoever is muted need not send.
    pub fn awaited_changes(&mut self) -> impl Iterator<Item = (StationId, bool)> + '_ {
        let state = self.call.state();
        self.legs.0.iter_mut().filter_map(|it| {
            let leg = state.leg(it.leg)?;
            let awaited = leg.role() != Role::Supervisor && !leg.muted();
            let is_other = std::mem::replace(&mut it.awaited, awaited) != awaited;
            is_other.then_some((it.station, awaited))
        })
    }

    /// Notes what became of a command; it is answered by what [`CallSlot::settle`] gives.
    pub fn answer(
        &mut self,
        to: oneshot::Sender<Result<CommandReply, CommandError>>,
        result: Result<Applied, Refusal>,
    ) {
        let state = Arc::new(self.call.state().clone());
        let result = match result {
            Ok(applied) => {
                self.changed(applied.events.clone());
                Ok(CommandReply { applied, state })
            }
            Err(refusal) => Err(CommandError::Refused { refusal, state }),
        };
        self.unsaid.answers.push(Answer { to, result });
    }

    /// Notes a change that nobody waits for; it is told by what [`CallSlot::settle`] gives.
    pub fn changed(&mut self, events: Vec<Event>) {
        // Before the change in which they left, which may be the last that is told of the call.
        for (leg, sound) in self.call.take_departed() {
            let call = self.call.state().id();
            self.unsaid.news.push(MediaEvent::LegMeasured { call, leg, sound });
        }
        if !events.is_empty() {
            let state = Arc::new(self.call.state().clone());
            self.unsaid.news.push(MediaEvent::CallChanged { state, events });
        }
    }

    /// Whether somebody waits for an answer, or a change is yet to be told.
    pub fn is_unsettled(&self) -> bool {
        !self.unsaid.answers.is_empty() || !self.unsaid.news.is_empty()
    }

    /// What is to be said after a tick.
    pub fn settle(&mut self) -> Unsaid {
        debug_assert!(self.call.settled(), "only a tick settles a call");
        std::mem::take(&mut self.unsaid)
    }
}

impl Unsaid {
    /// Answers and tells: whoever asked first, so that how many others there are to be told does not show in how
    /// long an answer takes.
    pub fn say(self, tell: impl FnMut(MediaEvent)) {
        for Answer { to, result } in self.answers {
            // Whoever asked may be gone by now; the change holds all the same.
            let _ = to.send(result);
        }
        self.news.into_iter().for_each(tell);
    }
}

impl WaitedFor {
    /// Takes out those for whom the time is over.
    pub fn overdue(&mut self, now: Instant) -> impl Iterator<Item = LegId> + use<> {
        let (overdue, waiting): (Vec<_>, Vec<_>) =
            self.0.drain(..).partition(|(_, until)| *until <= now);
        self.0 = waiting;
        overdue.into_iter().map(|(leg, _)| leg)
    }

    fn forget(&mut self, leg: LegId) {
        self.0.retain(|(waited_for, _)| *waited_for != leg);
    }
}

impl Legs {
    pub fn leg_of(&self, station: StationId) -> Option<LegId> {
        self.0.iter().find(|it| it.station == station).map(|it| it.leg)
    }

    pub fn station_of(&self, leg: LegId) -> Option<StationId> {
        self.0.iter().find(|it| it.leg == leg).map(|it| it.station)
    }

    pub fn stations(&self) -> impl Iterator<Item = StationId> + '_ {
        self.0.iter().map(|it| it.station)
    }
}
