//! A call, its mixer and its guard, driven by the commands that a real call gets.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use interaction::{
    Actor, CallId, CallState, Command, LEGS_MAX, LeaveReason, LegId, ModeKind, PARTIES_MAX, Policy,
    Rights, RoutePlan, Slot, SourceSet, UnixMs, UserId, source::AUDIENCES_MAX,
};
use mixer::{EgressGuard, FRAME_SAMPLES, Frame, Inputs, Mixer, MixerConfig, SlotSet};

/// The frame that each leg sends.
pub type Frames<'a> = [Option<&'a Frame>; LEGS_MAX];

/// The same frames, decoded for every audience.
pub fn for_all<'a>(frames: &Frames<'a>) -> Inputs<'a> {
    [*frames; AUDIENCES_MAX]
}

/// A call with its media half.
pub struct Scene {
    pub call: CallState,
    pub mixer: Mixer,
    pub guard: EgressGuard,
    pub plan: RoutePlan,
    /// Whose stations take a track for each source.
    pub by_tracks: SlotSet,
    next_user: u64,
}

/// A mix that outlives its tick.
#[derive(Clone, Debug)]
pub struct OwnedMix {
    pub listeners: SlotSet,
    pub contains: SourceSet,
    pub samples: Frame,
}

impl Scene {
    /// A call with a caller.
    pub fn new(policy: Policy, config: &MixerConfig) -> Self {
        let mut scene = Self {
            call: CallState::new(CallId(1), policy),
            mixer: Mixer::new(config).expect("a valid configuration"),
            guard: EgressGuard::new(),
            plan: RoutePlan::silent(),
            by_tracks: SlotSet::EMPTY,
            next_user: 1,
        };
        scene.join(|user| Command::JoinCaller { user });
        scene
    }

    /// A call with a caller and an agent, defaults for the rest.
    pub fn answered() -> (Self, Slot, Slot) {
        let mut scene = Self::new(Policy::default(), &MixerConfig::default());
        let agent = scene.agent();
        let agent = scene.slot(agent);
        (scene, Slot::new(0).expect("the first slot"), agent)
    }

    pub fn agent(&mut self) -> LegId {
        self.join(|user| Command::JoinAgent { user }).expect("room for an agent")
    }

    pub fn supervisor(&mut self) -> LegId {
        let rights = Rights { whisper: true, barge: true };
        self.join(|user| Command::Supervise { user, rights }).expect("room for a supervisor")
    }

    /// A supervisor in this slot, which is free: supervisors come and go until it is used again.
    pub fn supervisor_in(&mut self, slot: Slot) -> LegId {
        loop {
            let leg = self.supervisor();
            if self.slot(leg) == slot {
                return leg;
            }
            self.apply(Command::Leave { leg, reason: LeaveReason::HungUp });
        }
    }

    pub fn join(&mut self, command: impl Fn(UserId) -> Command) -> Option<LegId> {
        let user = UserId(self.next_user);
        self.next_user += 1;
        self.apply(command(user))
    }

    pub fn mode(&mut self, leg: LegId, mode: ModeKind) {
        self.apply(Command::SetMode { leg, mode, coach: None, announce: true, expected: None });
    }

    /// Applies a command, and hands plan and cues on as the engine does. Refusals change nothing.
    pub fn apply(&mut self, command: Command) -> Option<LegId> {
        let applied = self.call.apply(UnixMs(0), Actor::System, command).ok()?;
        self.plan = RoutePlan::derive(&self.call);
        self.mixer.set_plan(&self.plan, self.by_tracks);
        self.guard.set_plan(&self.plan);
        applied.cues.iter().for_each(|cue| self.mixer.cue(cue));
        applied.joined
    }

    pub fn slot(&self, leg: LegId) -> Slot {
        self.call.leg(leg).expect("a leg of the call").slot
    }

    /// One frame. Every mix passes the guard, and nobody is in their own.
    pub fn tick(&mut self, frames: &Frames<'_>) -> Vec<OwnedMix> {
        let mut mixes = Vec::new();
        for mix in self.mixer.tick(&for_all(frames)) {
            assert!(self.guard.allows(&mix), "the guard refuses {:?}", mix.contains);
            let (listeners, contains) = (mix.listeners, mix.contains);
            mixes.push(OwnedMix { listeners, contains, samples: *mix.samples });
        }
        self.guard.advance();
        assert!(self.mixer.settled());
        mixes
    }

    /// One frame in which every leg sends a constant of its own; what `slot` hears of it.
    pub fn heard(&mut self, slot: Slot) -> Option<OwnedMix> {
        let frames: [Frame; LEGS_MAX] =
            std::array::from_fn(|index| [constant(index); FRAME_SAMPLES]);
        let inputs: Frames<'_> = std::array::from_fn(|index| {
            self.plan.listener(Slot::new(index)?).map(|_| &frames[index])
        });
        self.tick(&inputs).into_iter().find(|mix| mix.listeners.contains(slot))
    }
}

/// What the leg in this slot sends: sums tell who is in them. For up to two parties, and supervisors.
pub fn constant(index: usize) -> f32 {
    let place = if index < PARTIES_MAX { index } else { index - PARTIES_MAX + 2 };
    0.4 / (1 << (place + 1)) as f32
}

/// The amplitude of a sine in `sound`, by Goertzel's algorithm.
pub fn amplitude_at(frequency_hz: f64, sound: &[f32]) -> f64 {
    let radians = std::f64::consts::TAU * frequency_hz / 48_000.0;
    let coefficient = 2.0 * radians.cos();
    let (mut last, mut before) = (0.0, 0.0);
    for sample in sound {
        (last, before) = (f64::from(*sample) + coefficient * last - before, last);
    }
    let power = last * last + before * before - coefficient * last * before;
    2.0 * power.max(0.0).sqrt() / sound.len() as f64
}
