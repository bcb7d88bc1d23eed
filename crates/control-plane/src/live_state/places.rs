//! The place in the queue, told to callers of queues that have it switched on, and to them alone.
//!
//! It counts what waits for the same queue before them, and says nothing of who works there, or of how long it may
//! take: that is not promised.

use std::collections::BTreeMap;

use interaction::offers::Medium;
use interaction::{CallId, UnixMs, Viewer};

use super::{Effect, LiveState};

impl LiveState {
    /// What waits has changed: tells each caller whose place is another one now.
    pub(super) fn places_changed(&mut self, at: UnixMs) -> Vec<Effect> {
        if self.telling_place.is_empty() {
            return Vec::new();
        }
        let waiting = self.offers.places(Medium::Voice).filter(|(it, _)| it.handover.is_none());
        let places: BTreeMap<CallId, u32> =
            waiting.filter_map(|(it, place)| Some((it.interaction.call()?, place))).collect();
        let calls = &mut self.calls;
        // Whoever talks waits no more, and is told so by that.
        self.telling_place
            .retain(|call| calls.get(call).is_some_and(|it| it.state.answered_at().is_none()));
        let moved = self.telling_place.iter().copied().filter(|call| {
            let place = places.get(call).copied();
            let live = calls.get_mut(call);
            live.is_some_and(|it| std::mem::replace(&mut it.place, place) != place)
        });
        let moved: Vec<CallId> = moved.collect();
        let told = moved
            .into_iter()
            .map(|call| self.publish_card(at, call, |viewer| *viewer == Viewer::Caller));
        told.flatten().collect()
    }
}
