//! The egress guard: the last look at a mix before it is encoded, and at a packet before it is passed
//! on.
//!
//! It reads the plans alone and shares no state with the mixer, so that a bug there becomes
//! silence, never a leak.

use interaction::{Gain, LEGS_MAX, LegId, RoutePlan, Slot, Source, SourceSet};

use crate::Mix;

/// Knows what may be in each listener's mix: what the plan allows, and, for the one frame in which
/// it fades out, what the plan of the last frame allowed.
#[derive(Clone, Debug)]
pub struct EgressGuard {
    legs: [Option<LegId>; LEGS_MAX],
    allowed: [SourceSet; LEGS_MAX],
    /// What was allowed when the last frame was played.
    fading: [SourceSet; LEGS_MAX],
    /// What may be passed on as it is: allowed, and at its own loudness.
    unchanged: [SourceSet; LEGS_MAX],
}

impl EgressGuard {
    /// Allows nothing.
    pub fn new() -> Self {
        Self {
            legs: [None; LEGS_MAX],
            allowed: [SourceSet::EMPTY; LEGS_MAX],
            fading: [SourceSet::EMPTY; LEGS_MAX],
            unchanged: [SourceSet::EMPTY; LEGS_MAX],
        }
    }

    /// Takes a plan, at the same moments as the mixer does.
    pub fn set_plan(&mut self, plan: &RoutePlan) {
        for slot in Slot::all() {
            let leg = plan.listener(slot);
            let row = plan.row(slot);
            self.allowed[slot.index()] = row.sources();
            self.unchanged[slot.index()] = row
                .iter()
                .filter(|(_, gain)| *gain == Gain::UNITY)
                .fold(SourceSet::EMPTY, |set, (source, _)| set.with(source));
            if leg == self.legs[slot.index()] {
                continue;
            }
            // Another leg: what its predecessor heard or said gives it no right to fade.
            self.legs[slot.index()] = leg;
            self.fading[slot.index()] = SourceSet::EMPTY;
            if leg.is_some() {
                self.fading.iter_mut().for_each(|set| *set = set.without(Source::Leg(slot)));
            }
        }
    }

    /// Whether everything in the mix may be heard by every one of its listeners, none of whom is
    /// in it. If not, it must not be sent.
    pub fn allows(&self, mix: &Mix<'_>) -> bool {
        mix.listeners.iter().all(|slot| {
            let index = slot.index();
            mix.contains.iter().all(|source| {
                source != Source::Leg(slot)
                    && (self.allowed[index].contains(source) || self.fading[index].contains(source))
            })
        })
    }

    /// Whether packets of the leg in `source` may be passed on to the leg in `listener`. If not, they
    /// must not be sent. Nothing fades here: a removed route passes no further packet.
    pub fn allows_forward(&self, source: Slot, listener: Slot) -> bool {
        source != listener && self.unchanged[listener.index()].contains(Source::Leg(source))
    }

    /// Whether packets of `source` may go to the leg in `listener` on a track of their own. How loud they
    /// are is the ear's matter there, so any gain of the plan is as good; nothing fades here, either.
    pub fn allows_on_track(&self, source: Source, listener: Slot) -> bool {
        source != Source::Leg(listener) && self.allowed[listener.index()].contains(source)
    }

    /// The frame has been played: what the plan does not allow has faded out.
    pub fn advance(&mut self) {
        self.fading = self.allowed;
    }
}

impl Default for EgressGuard {
    fn default() -> Self {
        Self::new()
    }
}
