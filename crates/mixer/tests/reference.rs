//! The mixer against a naive one, over random lives of calls.

mod common;

use common::{Frames, Scene};
use interaction::{
    Audience, Command, LEGS_MAX, LeaveReason, LegId, ModeKind, Policy, Rights, RoutePlan, Slot,
    Source,
};
use mixer::{Delivery, FRAME_SAMPLES, Frame, MixerConfig};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    JoinAgent,
    Supervise,
    Mode { pick: usize, mode: ModeKind, coach: usize },
    Mute { pick: usize, muted: bool },
    Hold(bool),
    Leave { pick: usize },
    Tick { seed: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    let mode = prop::sample::select(ModeKind::ALL.as_slice());
    prop_oneof![
        1 => Just(Step::JoinAgent),
        2 => Just(Step::Supervise),
        5 => (any::<usize>(), mode, any::<usize>())
            .prop_map(|(pick, mode, coach)| Step::Mode { pick, mode, coach }),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(pick, muted)| Step::Mute { pick, muted }),
        1 => any::<bool>().prop_map(Step::Hold),
        2 => any::<usize>().prop_map(|pick| Step::Leave { pick }),
        8 => any::<u32>().prop_map(|seed| Step::Tick { seed }),
    ]
}

/// Everything by the book, sample by sample, without tones, matching of loudness and limiter.
struct Reference {
    legs: [Option<LegId>; LEGS_MAX],
    /// Gains at the end of the last frame, listener × source.
    heard: [[f64; LEGS_MAX]; LEGS_MAX],
    wanted: [[f64; LEGS_MAX]; LEGS_MAX],
    was_mixed: [bool; LEGS_MAX],
}

impl Reference {
    fn new() -> Self {
        Self {
            legs: [None; LEGS_MAX],
            heard: [[0.0; LEGS_MAX]; LEGS_MAX],
            wanted: [[0.0; LEGS_MAX]; LEGS_MAX],
            was_mixed: [false; LEGS_MAX],
        }
    }

    fn set_plan(&mut self, plan: &RoutePlan) {
        for slot in Slot::all() {
            let (index, leg) = (slot.index(), plan.listener(slot));
            if self.legs[index] != leg {
                self.legs[index] = leg;
                self.heard[index] = [0.0; LEGS_MAX];
                self.was_mixed[index] = false;
                if leg.is_some() {
                    self.heard.iter_mut().for_each(|row| row[index] = 0.0);
                }
            }
        }
        for listener in Slot::all() {
            for source in Slot::all() {
                let gain = plan.row(listener).gain(Source::Leg(source));
                self.wanted[listener.index()][source.index()] =
                    gain.map_or(0.0, |gain| 10f64.powf(f64::from(gain.db()) / 20.0));
            }
            let index = listener.index();
            if self.was_mixed[index] {
                continue;
            }
            // Packets are passed on, or stay away, from this moment on: nothing to ramp.
            let is_mixed = self.delivery(index) == Delivery::Mix;
            for (heard, wanted) in self.heard[index].iter_mut().zip(self.wanted[index]) {
                if wanted == 0.0 || !is_mixed {
                    *heard = wanted;
                }
            }
        }
    }

    fn delivery(&self, listener: usize) -> Delivery {
        let wanted = &self.wanted[listener];
        if self.was_mixed[listener] && self.heard[listener] != *wanted {
            return Delivery::Mix;
        }
        let open: Vec<usize> = (0..LEGS_MAX).filter(|source| wanted[*source] != 0.0).collect();
        match open[..] {
            [] => Delivery::Silent,
            [source] if wanted[source] == 1.0 => Delivery::Forward(Slot::new(source).unwrap()),
            _ => Delivery::Mix,
        }
    }

    /// What each listener of a mix must hear.
    fn tick(&mut self, inputs: &Frames<'_>, ramp: usize) -> Vec<Expected> {
        let mut mixes = Vec::new();
        for listener in 0..LEGS_MAX {
            let is_mixed = self.delivery(listener) == Delivery::Mix;
            let to = self.wanted[listener];
            let from = self.heard[listener];
            if is_mixed {
                mixes.push(Expected { listener, from, to, sum: sum(inputs, &from, &to, ramp) });
            }
            self.heard[listener] = to;
            self.was_mixed[listener] = is_mixed;
        }
        mixes
    }
}

struct Expected {
    listener: usize,
    from: [f64; LEGS_MAX],
    to: [f64; LEGS_MAX],
    sum: Vec<f64>,
}

fn sum(inputs: &Frames<'_>, from: &[f64], to: &[f64], ramp: usize) -> Vec<f64> {
    let mut sum = vec![0.0; FRAME_SAMPLES];
    for (source, input) in inputs.iter().enumerate() {
        let Some(input) = input else { continue };
        for (index, sample) in input.iter().enumerate() {
            let way = ((index + 1) as f64 / ramp as f64).min(1.0);
            sum[index] += f64::from(*sample) * (from[source] + (to[source] - from[source]) * way);
        }
    }
    sum
}

/// Noise of its own for every leg, so quiet that 16 together stay below the limiter.
fn noise(seed: u32, index: usize) -> Frame {
    let mut state = u64::from(seed) << 8 | index as u64;
    std::array::from_fn(|_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1u64 << 24) as f32 - 0.5) * (0.9 / LEGS_MAX as f32)
    })
}

fn command(scene: &mut Scene, step: &Step) {
    let legs: Vec<LegId> = scene.call.legs().iter().map(|leg| leg.id).collect();
    let picked = |pick: &usize| legs[pick % legs.len()];
    let rights = Rights { whisper: true, barge: true };
    match step {
        Step::JoinAgent => {
            scene.join(|user| Command::JoinAgent { user });
        }
        Step::Supervise => {
            scene.join(|user| Command::Supervise { user, rights });
        }
        Step::Mode { pick, mode, coach } => {
            let (leg, coach) = (picked(pick), Some(picked(coach)));
            scene.apply(Command::SetMode {
                leg,
                mode: *mode,
                coach,
                announce: true,
                expected: None,
            });
        }
        Step::Mute { pick, muted } => {
            scene.apply(Command::SetMuted { leg: picked(pick), muted: *muted });
        }
        Step::Hold(held) => {
            scene.apply(Command::SetHeld { held: *held });
        }
        // The caller's leaving would end the call; so would the first agent's.
        Step::Leave { pick } if pick % legs.len() >= 2 => {
            scene.apply(Command::Leave { leg: picked(pick), reason: LeaveReason::HungUp });
        }
        Step::Leave { .. } | Step::Tick { .. } => {}
    }
}

fn compare_tick(scene: &mut Scene, reference: &mut Reference, seed: u32, ramp: usize) {
    let frames: [Frame; LEGS_MAX] = std::array::from_fn(|index| noise(seed, index));
    // Now and then a leg sends nothing.
    let inputs: Frames<'_> = std::array::from_fn(|index| {
        let is_there = scene.plan.listener(Slot::new(index)?).is_some();
        (is_there && (seed >> index) & 3 != 0).then_some(&frames[index])
    });
    for slot in Slot::all() {
        assert_eq!(scene.mixer.delivery(slot), reference.delivery(slot.index()), "{slot:?}");
    }
    let expected = reference.tick(&inputs, ramp);
    let mixes = scene.tick(&inputs);
    let listeners: usize = mixes.iter().map(|mix| mix.listeners.len()).sum();
    assert_eq!(listeners, expected.len());
    let mix_of = |expected: &Expected| {
        let slot = Slot::new(expected.listener).unwrap();
        mixes.iter().position(|mix| mix.listeners.contains(slot)).expect("a mix for each")
    };
    for one in &expected {
        let mix = &mixes[mix_of(one)];
        let own = Source::Leg(Slot::new(one.listener).unwrap());
        assert!(!mix.contains.contains(own), "nobody hears themselves");
        for (source, input) in Slot::all().zip(&inputs) {
            let index = source.index();
            let is_in = input.is_some() && (one.from[index] != 0.0 || one.to[index] != 0.0);
            assert_eq!(mix.contains.contains(Source::Leg(source)), is_in);
        }
        for (sample, expected) in mix.samples.iter().zip(&one.sum) {
            assert!((f64::from(*sample) - expected).abs() < 1e-6, "{sample} is not {expected}");
        }
        for other in &expected {
            let both = [one.listener, other.listener].map(|index| Slot::new(index).unwrap());
            let is_one_audience = Audience::of(both[0]) == Audience::of(both[1]);
            let shares = is_one_audience && (one.from, one.to) == (other.from, other.to);
            assert_eq!(mix_of(one) == mix_of(other), shares, "equal rows of an audience share");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn the_mixer_is_the_naive_one(
        ramp_ms in 1u32..=6,
        duck in -20i16..=0,
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut policy = Policy { whisper_beep: false, ..Policy::default() };
        policy.duck = interaction::Gain::from_db(duck);
        policy.barge_tone.caller = false;
        policy.barge_tone.agents = false;
        let config = MixerConfig { ramp_ms, match_db_max: 0.0, ..MixerConfig::default() };
        let mut scene = Scene::new(policy, &config);
        scene.agent();
        let mut reference = Reference::new();
        reference.set_plan(&scene.plan);
        for step in &steps {
            if let Step::Tick { seed } = step {
                compare_tick(&mut scene, &mut reference, *seed, 48 * ramp_ms as usize);
            } else {
                command(&mut scene, step);
                reference.set_plan(&scene.plan);
            }
        }
    }
}
