//! The egress guard stops what a faulty mixer would let out.

mod common;

use common::{Frames, Scene, for_all};
use interaction::{
    Command, LEGS_MAX, LeaveReason, LegId, ModeKind, RoutePlan, SUPERVISORS_MAX, Slot, Source,
    Tone, UserId,
};
use mixer::{FRAME_SAMPLES, Frame};

const VOICE: Frame = [0.1; FRAME_SAMPLES];
const ALL_SPEAK: Frames<'static> = [Some(&VOICE); LEGS_MAX];

/// A caller, an agent and a supervisor who has barged, some frames ago.
fn barged() -> (Scene, Slot, LegId) {
    let (mut scene, caller, _) = Scene::answered();
    let supervisor = scene.supervisor();
    scene.mode(supervisor, ModeKind::Barge);
    for _ in 0..50 {
        scene.tick(&ALL_SPEAK);
    }
    (scene, caller, supervisor)
}

/// Plays a frame with a mixer that has missed the last plan; whether the caller's mix may go out.
fn passes(scene: &mut Scene, caller: Slot) -> bool {
    let mixes = scene.mixer.tick(&for_all(&ALL_SPEAK));
    let verdicts: Vec<bool> = mixes
        .filter(|mix| mix.listeners.contains(caller))
        .map(|mix| scene.guard.allows(&mix))
        .collect();
    scene.guard.advance();
    assert_eq!(verdicts.len(), 1);
    verdicts[0]
}

/// A change of which only the guard hears.
fn change_behind_the_mixer(scene: &mut Scene, leg: LegId, mode: ModeKind) {
    let command = Command::SetMode { leg, mode, coach: None, announce: false, expected: None };
    scene
        .call
        .apply(interaction::UnixMs(0), interaction::Actor::System, command)
        .expect("a permitted change");
    scene.guard.set_plan(&RoutePlan::derive(&scene.call));
}

#[test]
fn a_source_may_fade_for_one_frame_and_no_longer() {
    for mode in [ModeKind::Listen, ModeKind::Whisper] {
        let (mut scene, caller, supervisor) = barged();
        assert!(passes(&mut scene, caller));
        change_behind_the_mixer(&mut scene, supervisor, mode);
        assert!(passes(&mut scene, caller), "the frame of the ramp");
        for _ in 0..10 {
            assert!(!passes(&mut scene, caller), "{mode:?}");
        }
    }
}

/// A mixer that has missed a take-over plays the agent, whom nobody may hear.
#[test]
fn an_agent_whose_call_is_taken_over_may_fade_for_one_frame_and_no_longer() {
    let (mut scene, caller, supervisor) = barged();
    change_behind_the_mixer(&mut scene, supervisor, ModeKind::TakeOver);
    assert!(passes(&mut scene, caller), "the frame of the ramp");
    for _ in 0..10 {
        assert!(!passes(&mut scene, caller));
    }
}

#[test]
fn what_was_never_played_has_no_right_to_fade() {
    let (mut scene, caller, first) = barged();
    let second = scene.supervisor();
    scene.mode(second, ModeKind::Barge);
    change_behind_the_mixer(&mut scene, second, ModeKind::Listen);
    assert!(!passes(&mut scene, caller));
    assert_ne!(first, second);
}

#[test]
fn a_slot_s_new_leg_does_not_inherit_the_right_to_fade() {
    let (mut scene, caller, supervisor) = barged();
    let slot = scene.slot(supervisor);
    let mut apply = |command| {
        let by = interaction::Actor::System;
        let applied = scene.call.apply(interaction::UnixMs(0), by, command);
        scene.guard.set_plan(&RoutePlan::derive(&scene.call));
        applied.expect("a permitted change").joined
    };
    let reason = LeaveReason::HungUp;
    apply(Command::Leave { leg: supervisor, reason });
    // Slots are used in turn: others come and go until it is this one's.
    let successors = (1_000..).map(UserId).map(|user| {
        let rights = interaction::Rights { whisper: true, barge: true };
        let leg = apply(Command::Supervise { user, rights }).expect("a new leg");
        apply(Command::Leave { leg, reason });
        leg
    });
    assert_eq!(successors.take(SUPERVISORS_MAX - 1).count(), SUPERVISORS_MAX - 1);
    let user = UserId(999);
    apply(Command::Supervise { user, rights: interaction::Rights::default() });
    assert_eq!(scene.call.leg_of(user).expect("it is there").slot, slot);
    assert!(!passes(&mut scene, caller));
}

#[test]
fn a_guard_without_a_plan_allows_nothing() {
    let (mut scene, caller, _) = barged();
    scene.guard = mixer::EgressGuard::default();
    assert!(!passes(&mut scene, caller));
}

#[test]
fn only_an_allowed_voice_at_its_own_loudness_is_forwarded() {
    let (mut scene, caller, agent) = Scene::answered();
    let supervisor = scene.supervisor();
    let slot = scene.slot(supervisor);
    let passes = |scene: &Scene| {
        let pairs = [(agent, caller), (caller, agent), (slot, caller), (slot, agent)];
        pairs.map(|(source, listener)| scene.guard.allows_forward(source, listener))
    };
    assert_eq!(passes(&scene), [true, true, false, false], "listen");
    scene.mode(supervisor, ModeKind::Whisper);
    assert_eq!(passes(&scene), [true, false, false, true], "the caller is ducked, so not as it is");
    scene.mode(supervisor, ModeKind::Barge);
    assert_eq!(passes(&scene), [true; 4]);
    scene.mode(supervisor, ModeKind::TakeOver);
    assert_eq!(passes(&scene), [false, true, true, true], "nobody hears the agent");
    scene.mode(supervisor, ModeKind::Listen);
    assert_eq!(passes(&scene), [true, true, false, false], "at once, without a frame to fade");
    scene.apply(Command::SetHeld { held: true });
    assert_eq!(passes(&scene), [false; 4], "hold");
    assert!(!scene.guard.allows_forward(agent, agent), "nobody hears themselves");
}

#[test]
fn on_a_track_passes_what_the_plan_has_at_any_loudness_and_nothing_else() {
    let (mut scene, caller, agent) = Scene::answered();
    let supervisor = scene.supervisor();
    let slot = scene.slot(supervisor);
    let beep = Source::Tone(Tone::WhisperBeep);
    let passes = |scene: &Scene| {
        let pairs = [
            (Source::Leg(agent), caller),
            (Source::Leg(caller), agent),
            (Source::Leg(slot), caller),
            (Source::Leg(slot), agent),
            (beep, agent),
            (beep, caller),
        ];
        pairs.map(|(source, listener)| scene.guard.allows_on_track(source, listener))
    };
    assert_eq!(passes(&scene), [true, true, false, false, false, false], "listen");
    scene.mode(supervisor, ModeKind::Whisper);
    assert_eq!(passes(&scene), [true, true, false, true, true, false], "the ear ducks");
    scene.mode(supervisor, ModeKind::Barge);
    assert_eq!(passes(&scene), [true, true, true, true, false, false]);
    scene.mode(supervisor, ModeKind::Listen);
    assert_eq!(passes(&scene), [true, true, false, false, false, false], "at once");
    scene.apply(Command::SetHeld { held: true });
    assert_eq!(passes(&scene), [false; 6], "hold");
    assert!(!scene.guard.allows_on_track(Source::Leg(agent), agent), "nobody hears themselves");
}
