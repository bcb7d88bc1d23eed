//! The place in the queue, told to callers and customers of queues that have it switched on, and to them alone.
//!
//! It counts what waits for the same queue on the same medium before them, and says nothing of who works there, or of
//! how long it may take: that is not promised. What waits in a list from which agents pick has no place.

use std::collections::BTreeMap;

use interaction::offers::{Interaction, Medium};
use interaction::{CallId, ConversationId, UnixMs, Viewer};

use super::{Effect, LiveState};

impl LiveState {
    /// What waits has changed: tells each caller and customer whose place is another one now.
    pub(super) fn places_changed(&mut self, at: UnixMs) -> Vec<Effect> {
        let mut told = self.call_places_changed(at);
        told.extend(self.text_places_changed(at));
        told
    }

    fn call_places_changed(&mut self, at: UnixMs) -> Vec<Effect> {
        if self.telling_place.is_empty() {
            return Vec::new();
        }
        let places = self.places(Medium::Voice);
        let calls = &mut self.calls;
        // Whoever talks waits no more, and is told so by that.
        self.telling_place
            .retain(|call| calls.get(call).is_some_and(|it| it.state.answered_at().is_none()));
        let moved = self.telling_place.iter().copied().filter(|call| {
            let place = places.get(&Interaction::Call(*call)).copied();
            let live = calls.get_mut(call);
            live.is_some_and(|it| std::mem::replace(&mut it.place, place) != place)
        });
        let moved: Vec<CallId> = moved.collect();
        let told = moved
            .into_iter()
            .map(|call| self.publish_card(at, call, |viewer| *viewer == Viewer::Caller));
        told.flatten().collect()
    }

    fn text_places_changed(&mut self, at: UnixMs) -> Vec<Effect> {
        if self.text.telling_place.is_empty() {
            return Vec::new();
        }
        let places = self.places(Medium::Text);
        let live = &mut self.text.live;
        let telling = &mut self.text.telling_place;
        telling.retain(|id| live.get(id).is_some_and(|it| !it.is_answered()));
        let moved = telling.iter().copied().filter(|id| {
            let place = places.get(&Interaction::Conversation(*id)).copied();
            let live = live.get_mut(id);
            live.is_some_and(|it| std::mem::replace(&mut it.place, place) != place)
        });
        let moved: Vec<ConversationId> = moved.collect();
        moved.into_iter().flat_map(|id| self.publish_place(at, id)).collect()
    }

    /// The places of what waits for the first agent.
    fn places(&self, medium: Medium) -> BTreeMap<Interaction, u32> {
        let waiting = self.offers.places(medium).filter(|(it, _)| it.handover.is_none());
        waiting.map(|(it, place)| (it.interaction, place)).collect()
    }
}
