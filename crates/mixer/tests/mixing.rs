//! What listeners hear when a call changes.

mod common;

use common::{Frames, Scene, amplitude_at, constant};
use interaction::call::Cue;
use interaction::source::AUDIENCES_MAX;
use interaction::{
    Audience, Command, Gain, LEGS_MAX, LeaveReason, ModeKind, Policy, Slot, Source, SourceSet, Tone,
};
use mixer::{Delivery, FRAME_SAMPLES, Frame, Inputs, MixerConfig, SlotSet};

const SILENCE: Frames<'static> = [None; LEGS_MAX];

fn quiet_policy() -> Policy {
    let mut policy = Policy { whisper_beep: false, ..Policy::default() };
    policy.barge_tone.caller = false;
    policy.barge_tone.agents = false;
    policy
}

fn quiet_call() -> (Scene, Slot, Slot) {
    let mut scene = Scene::new(quiet_policy(), &MixerConfig::default());
    let agent = scene.agent();
    let agent = scene.slot(agent);
    (scene, Slot::new(0).unwrap(), agent)
}

#[test]
fn a_plain_call_is_forwarded_from_the_first_packet() {
    let (mut scene, caller, agent) = Scene::answered();
    assert_eq!(scene.mixer.delivery(caller), Delivery::Forward(agent));
    assert_eq!(scene.mixer.delivery(agent), Delivery::Forward(caller));
    assert!(Audience::all().all(|audience| scene.mixer.needed(audience).is_empty()));
    assert!(scene.tick(&SILENCE).is_empty());
    assert_eq!(scene.mixer.delivery(Slot::new(9).unwrap()), Delivery::Silent);
}

#[test]
fn hold_and_resume_of_a_forwarded_row_take_effect_at_once() {
    let (mut scene, caller, agent) = quiet_call();
    scene.tick(&SILENCE);
    scene.apply(Command::SetHeld { held: true });
    assert_eq!(scene.mixer.delivery(caller), Delivery::Silent);
    assert!(scene.mixer.settled(), "packets are not passed on any more: nothing to wait for");
    scene.apply(Command::SetHeld { held: false });
    assert_eq!(scene.mixer.delivery(caller), Delivery::Forward(agent));
}

#[test]
fn a_supervisor_who_listens_leaves_the_others_forwarded() {
    let (mut scene, caller, agent) = Scene::answered();
    let supervisor = scene.supervisor();
    let supervisor = scene.slot(supervisor);
    assert_eq!(scene.mixer.delivery(caller), Delivery::Forward(agent));
    assert_eq!(scene.mixer.delivery(agent), Delivery::Forward(caller));
    assert_eq!(scene.mixer.delivery(supervisor), Delivery::Mix);
    let both = SourceSet::EMPTY.with(Source::Leg(caller)).with(Source::Leg(agent));
    assert_eq!(scene.mixer.needed(Audience::SUPERVISORS), both);
    assert!(scene.mixer.needed(Audience::of(caller)).is_empty());
    scene.heard(supervisor);
    let mix = scene.heard(supervisor).unwrap();
    assert_eq!(mix.contains, both);
    let sum = constant(caller.index()) + constant(agent.index());
    assert!(mix.samples.iter().all(|sample| (sample - sum).abs() < 1e-7));
}

#[test]
fn a_forwarded_voice_goes_on_without_a_dip_when_its_row_becomes_a_mix() {
    let (mut scene, caller, agent) = quiet_call();
    let supervisor = scene.supervisor();
    scene.tick(&SILENCE);
    scene.mode(supervisor, ModeKind::Barge);
    assert_eq!(scene.mixer.delivery(caller), Delivery::Mix);
    let mix = scene.heard(caller).unwrap();
    let voice = constant(agent.index());
    assert!(mix.samples.iter().all(|sample| *sample >= voice), "no dip");
    assert!(mix.samples[0] < voice + 1e-3, "the supervisor fades in");
    let sum = voice + constant(scene.slot(supervisor).index());
    assert!(mix.samples[239..].iter().all(|sample| (sample - sum).abs() < 1e-7), "within 5 ms");
}

#[test]
fn whisper_ducks_the_caller_for_the_coached_agent_alone() {
    let (mut scene, caller, agent) = quiet_call();
    let supervisor = scene.supervisor();
    scene.tick(&SILENCE);
    scene.mode(supervisor, ModeKind::Whisper);
    scene.heard(agent);
    let mix = scene.heard(agent).unwrap();
    let ducked = constant(caller.index()) * Gain::from_db(-6).amplitude();
    let sum = ducked + constant(scene.slot(supervisor).index());
    assert!(mix.samples.iter().all(|sample| (sample - sum).abs() < 1e-7));
    assert_eq!(scene.mixer.delivery(caller), Delivery::Forward(agent), "untouched");
}

#[test]
fn a_removed_source_is_out_after_one_ramp_and_the_row_forwards_after_one_frame() {
    for ramp_ms in [1, 5, 6] {
        let config = MixerConfig { ramp_ms, ..MixerConfig::default() };
        let mut scene = Scene::new(quiet_policy(), &config);
        let agent = scene.agent();
        let (caller, agent) = (Slot::new(0).unwrap(), scene.slot(agent));
        let supervisor = scene.supervisor();
        let spy = Source::Leg(scene.slot(supervisor));
        scene.mode(supervisor, ModeKind::Barge);
        scene.heard(caller);
        scene.heard(caller);
        scene.mode(supervisor, ModeKind::Listen);
        assert!(!scene.mixer.settled());
        let mix = scene.heard(caller).unwrap();
        assert!(mix.contains.contains(spy), "the tail is declared");
        let ramp = 48 * ramp_ms as usize;
        assert!(mix.samples[ramp - 2] > constant(agent.index()));
        assert!(mix.samples[ramp - 1..].iter().all(|it| *it == constant(agent.index())));
        assert_eq!(scene.mixer.delivery(caller), Delivery::Forward(agent));
        assert!(scene.heard(caller).is_none());
    }
}

#[test]
fn removed_and_added_again_between_two_ticks_is_no_change() {
    let (mut scene, caller, _) = quiet_call();
    let supervisor = scene.supervisor();
    scene.mode(supervisor, ModeKind::Barge);
    scene.heard(caller);
    let before = scene.heard(caller).unwrap();
    scene.mode(supervisor, ModeKind::Listen);
    scene.mode(supervisor, ModeKind::Barge);
    assert_eq!(scene.heard(caller).unwrap().samples, before.samples);
}

#[test]
fn added_and_removed_between_two_ticks_never_sounds() {
    let (mut scene, caller, agent) = Scene::answered();
    let supervisor = scene.supervisor();
    scene.heard(caller);
    scene.mode(supervisor, ModeKind::Barge);
    scene.mode(supervisor, ModeKind::Listen);
    assert!(scene.mixer.settled());
    assert_eq!(scene.mixer.delivery(caller), Delivery::Forward(agent));
    scene.mode(supervisor, ModeKind::Barge);
    scene.heard(caller);
    // The same while the row is a mix.
    let second = scene.supervisor();
    scene.mode(second, ModeKind::Barge);
    scene.mode(second, ModeKind::Listen);
    let mix = scene.heard(caller).unwrap();
    assert!(!mix.contains.contains(Source::Leg(scene.slot(second))));
}

#[test]
fn a_tone_that_is_taken_back_before_it_began_never_sounds() {
    let (mut scene, _, agent) = Scene::answered();
    let (coach, other) = (scene.supervisor(), scene.supervisor());
    scene.mode(coach, ModeKind::Whisper);
    while !scene.mixer.playing(agent).is_empty() {
        scene.heard(agent);
    }
    assert_eq!(scene.mixer.delivery(agent), Delivery::Mix);
    scene.mode(other, ModeKind::Barge);
    scene.mode(other, ModeKind::Listen);
    assert!(scene.mixer.settled());
    let mix = scene.heard(agent).unwrap();
    assert!(!mix.contains.contains(Source::Tone(Tone::Barge)));
}

#[test]
fn a_slot_s_new_leg_starts_from_silence_in_both_directions() {
    let (mut scene, caller, agent) = quiet_call();
    let barger = scene.supervisor();
    let slot = scene.slot(barger);
    scene.mode(barger, ModeKind::Barge);
    scene.heard(caller);
    scene.heard(caller);
    scene.apply(Command::Leave { leg: barger, reason: LeaveReason::HungUp });
    scene.supervisor_in(slot);
    assert!(scene.mixer.settled(), "the predecessor has no tail");
    assert_eq!(scene.mixer.delivery(caller), Delivery::Forward(agent), "it only listens");
    let mix = scene.heard(slot).unwrap();
    assert!(mix.samples[0] < 0.01, "it does not go on with what its predecessor heard");
    assert!(mix.samples[239] > 0.2, "but fades in");
    // A successor whose voice is heard fades in as well.
    let (third, fourth) = (scene.supervisor(), scene.supervisor());
    scene.mode(third, ModeKind::Barge);
    scene.mode(fourth, ModeKind::Barge);
    for _ in 0..30 {
        scene.heard(caller);
    }
    let slot = scene.slot(fourth);
    scene.apply(Command::Leave { leg: fourth, reason: LeaveReason::HungUp });
    let fifth = scene.supervisor_in(slot);
    scene.mode(fifth, ModeKind::Barge);
    let mix = scene.heard(caller).unwrap();
    let others = constant(agent.index()) + constant(scene.slot(third).index());
    let own = constant(scene.slot(fifth).index());
    assert!((mix.samples[0] - others).abs() < own / 200.0);
    assert!((mix.samples[959] - others - own).abs() < 1e-7);
}

#[test]
fn listeners_with_equal_rows_share_a_mix_and_part_again() {
    let (mut scene, caller, agent) = quiet_call();
    let (first, second) = (scene.supervisor(), scene.supervisor());
    let slots = [scene.slot(first), scene.slot(second)];
    let mixes = scene.tick(&SILENCE);
    assert_eq!(mixes.len(), 1);
    assert!(mixes[0].listeners.iter().eq(slots));
    assert!(mixes[0].contains.is_empty(), "nobody has sent anything");
    scene.mode(second, ModeKind::Whisper);
    scene.heard(caller);
    let frame: Frame = [0.1; FRAME_SAMPLES];
    let mut inputs = SILENCE;
    inputs[slots[1].index()] = Some(&frame);
    let mixes = scene.tick(&inputs);
    let listeners: Vec<Vec<Slot>> = mixes.iter().map(|it| it.listeners.iter().collect()).collect();
    assert_eq!(listeners, [vec![agent], vec![slots[0]], vec![slots[1]]]);
    let is_heard = |index: usize| !mixes[index].contains.is_empty();
    assert!(is_heard(0) && is_heard(1) && !is_heard(2), "not by themselves");
    scene.mode(second, ModeKind::Listen);
    scene.tick(&SILENCE);
    assert_eq!(scene.tick(&SILENCE).len(), 1);
}

/// Both parties have the row of the two other agents; so has a supervisor, for a muted leg is in no row.
#[test]
fn a_party_shares_a_mix_with_nobody() {
    let (mut scene, caller, agent) = quiet_call();
    let legs: Vec<_> = scene.call.legs().iter().map(|leg| leg.id).collect();
    scene.agent();
    scene.agent();
    for leg in legs {
        scene.apply(Command::SetMuted { leg, muted: true });
    }
    let (first, second) = (scene.supervisor(), scene.supervisor());
    let supervisors = vec![scene.slot(first), scene.slot(second)];
    scene.tick(&SILENCE);
    let mixes = scene.tick(&SILENCE);
    let listeners: Vec<Vec<Slot>> = mixes.iter().map(|it| it.listeners.iter().collect()).collect();
    assert_eq!(listeners, [vec![caller], vec![agent], supervisors]);
}

/// What a leg sends is decoded for each audience; a mix takes what was decoded for its own.
#[test]
fn a_mix_takes_the_frames_of_its_own_audience() {
    let (mut scene, caller, agent) = quiet_call();
    let second = scene.agent();
    let supervisor = scene.supervisor();
    let (second, supervisor) = (scene.slot(second), scene.slot(supervisor));
    scene.tick(&SILENCE);
    let frames: [Frame; AUDIENCES_MAX] =
        std::array::from_fn(|index| [0.01 * (index + 1) as f32; FRAME_SAMPLES]);
    let mut inputs: Inputs<'_> = [SILENCE; AUDIENCES_MAX];
    for audience in Audience::all() {
        inputs[audience.index()][agent.index()] = Some(&frames[audience.index()]);
    }
    let heard = scene.mixer.tick(&inputs).map(|mix| (mix.listeners, mix.samples[0]));
    for (listeners, sample) in heard.collect::<Vec<_>>() {
        for listener in listeners.iter().filter(|listener| *listener != agent) {
            assert!([caller, second, supervisor].contains(&listener));
            assert_eq!(sample, frames[Audience::of(listener).index()][0]);
        }
    }
}

#[test]
fn the_whisper_beep_is_heard_by_the_coached_agent_alone() {
    let (mut scene, caller, agent) = Scene::answered();
    let supervisor = scene.supervisor();
    let watcher = scene.supervisor();
    scene.tick(&SILENCE);
    scene.mode(supervisor, ModeKind::Whisper);
    let beep = SourceSet::EMPTY.with(Source::Tone(Tone::WhisperBeep));
    assert_eq!(scene.mixer.playing(agent), beep);
    let mut sound = Vec::new();
    while scene.mixer.playing(agent) == beep {
        assert_eq!(scene.mixer.delivery(caller), Delivery::Forward(agent));
        for mix in scene.tick(&SILENCE) {
            if mix.listeners.contains(agent) {
                sound.extend(mix.samples);
            } else {
                assert_eq!(mix.samples, [0.0; FRAME_SAMPLES]);
                assert!(mix.contains.is_empty());
            }
        }
    }
    assert_eq!(sound.len(), 13 * FRAME_SAMPLES, "260 ms");
    let amplitude = amplitude_at(880.0, &sound[480..4_320]);
    assert!((amplitude - 0.1).abs() < 0.001, "−20 dBFS, not {amplitude}");
    assert!(amplitude_at(880.0, &sound[4_800..7_680]) < 1e-6, "the gap");
    assert_ne!(scene.slot(watcher), agent);
}

#[test]
fn a_cue_for_everybody_sounds_only_where_the_plan_lets_it() {
    let (mut scene, caller, agent) = Scene::answered();
    let supervisor = scene.supervisor();
    scene.mode(supervisor, ModeKind::Whisper);
    let listeners = Slot::all().fold(SourceSet::EMPTY, |set, slot| set.with(Source::Leg(slot)));
    for tone in Tone::ALL {
        scene.mixer.cue(&Cue { tone, listeners });
    }
    let beep = SourceSet::EMPTY.with(Source::Tone(Tone::WhisperBeep));
    for slot in Slot::all() {
        let expected = if slot == agent { beep } else { SourceSet::EMPTY };
        assert_eq!(scene.mixer.playing(slot), expected);
    }
    assert_eq!(scene.mixer.delivery(caller), Delivery::Forward(agent));
}

#[test]
fn every_entry_into_whisper_beeps() {
    let (mut scene, _, agent) = Scene::answered();
    let supervisor = scene.supervisor();
    for _ in 0..3 {
        scene.mode(supervisor, ModeKind::Whisper);
        let mut frames = 0;
        while !scene.mixer.playing(agent).is_empty() {
            scene.tick(&SILENCE);
            frames += 1;
        }
        assert_eq!(frames, 13);
        scene.mode(supervisor, ModeKind::Listen);
        scene.tick(&SILENCE);
    }
}

#[test]
fn the_beep_ends_with_the_whisper() {
    let (mut scene, _, agent) = Scene::answered();
    let supervisor = scene.supervisor();
    scene.mode(supervisor, ModeKind::Whisper);
    scene.heard(agent);
    scene.mode(supervisor, ModeKind::Listen);
    let mix = scene.tick(&SILENCE).into_iter().find(|mix| mix.listeners.contains(agent)).unwrap();
    assert!(mix.samples[..238].iter().any(|sample| *sample != 0.0), "it fades");
    assert!(mix.samples[239..].iter().all(|sample| *sample == 0.0));
    assert!(scene.mixer.playing(agent).is_empty());
}

#[test]
fn the_barge_tone_goes_to_whom_the_policy_names() {
    let (mut scene, caller, agent) = Scene::answered();
    let supervisor = scene.supervisor();
    scene.mode(supervisor, ModeKind::Barge);
    let slot = scene.slot(supervisor);
    let mut levels = [0.0; LEGS_MAX];
    let mixes = scene.tick(&SILENCE);
    let next = scene.tick(&SILENCE);
    for mix in mixes.iter().chain(&next) {
        for listener in mix.listeners.iter() {
            levels[listener.index()] = amplitude_at(620.0, &mix.samples);
        }
    }
    assert!((levels[caller.index()] - 0.1).abs() < 0.01);
    assert!((levels[agent.index()] - 0.1).abs() < 0.01);
    assert_eq!(levels[slot.index()], 0.0);
}

#[test]
fn the_hold_tone_follows_the_plan() {
    let policy = Policy { hold_tone: true, ..Policy::default() };
    let mut scene = Scene::new(policy, &MixerConfig::default());
    let agent = scene.agent();
    let (caller, agent) = (Slot::new(0).unwrap(), scene.slot(agent));
    scene.tick(&SILENCE);
    scene.apply(Command::SetHeld { held: true });
    let hold = SourceSet::EMPTY.with(Source::Tone(Tone::Hold));
    assert_eq!(scene.mixer.delivery(caller), Delivery::Mix);
    assert_eq!(scene.mixer.delivery(agent), Delivery::Silent);
    let mixes: Vec<_> = (0..500).flat_map(|_| scene.tick(&SILENCE)).collect();
    assert_eq!(mixes.len(), 500);
    let sounding = mixes.iter().filter(|mix| mix.contains == hold).count();
    assert_eq!(sounding, 2 * 16, "2 × 150 ms in 5 s; the pauses are silent mixes");
    assert_eq!(scene.mixer.playing(caller), hold);
    scene.apply(Command::SetHeld { held: false });
    scene.tick(&SILENCE);
    assert_eq!(scene.mixer.delivery(caller), Delivery::Forward(agent));
    assert!(scene.mixer.playing(caller).is_empty());
}

#[test]
fn a_decoder_s_fault_becomes_silence_for_its_source_alone() {
    let (mut scene, caller, agent) = quiet_call();
    let supervisor = scene.supervisor();
    let supervisor = scene.slot(supervisor);
    scene.heard(supervisor);
    for fault in [f32::NAN, f32::INFINITY, -1e30] {
        let (mut bad, good) = ([0.2; FRAME_SAMPLES], [0.1; FRAME_SAMPLES]);
        bad[500] = fault;
        let mut inputs = SILENCE;
        inputs[caller.index()] = Some(&bad);
        inputs[agent.index()] = Some(&good);
        let mixes = scene.tick(&inputs);
        assert_eq!(mixes[0].samples, good);
        assert!(!mixes[0].contains.contains(Source::Leg(caller)));
    }
    assert_eq!(scene.mixer.rejected_frames(), 3 * AUDIENCES_MAX as u64, "for every audience");
}

#[test]
fn loud_parties_stay_below_the_ceiling() {
    let (mut scene, caller, agent) = quiet_call();
    let supervisor = scene.supervisor();
    let supervisor = scene.slot(supervisor);
    let loud: Frame = std::array::from_fn(|index| (index as f32 / 7.0).sin());
    let mut inputs = SILENCE;
    inputs[caller.index()] = Some(&loud);
    inputs[agent.index()] = Some(&loud);
    for _ in 0..20 {
        let mixes = scene.tick(&inputs);
        let mix = mixes.iter().find(|mix| mix.listeners.contains(supervisor)).unwrap();
        assert!(mix.samples.iter().all(|sample| sample.abs() <= 0.891_251));
    }
}

#[test]
fn meters_follow_decoded_and_reported_levels() {
    let (mut scene, caller, agent) = Scene::answered();
    let frame = [0.1; FRAME_SAMPLES];
    let mut inputs = SILENCE;
    inputs[caller.index()] = Some(&frame);
    for _ in 0..3 {
        scene.mixer.report_level(agent, -30);
        scene.tick(&inputs);
    }
    assert_eq!((scene.mixer.level(caller).dbfs, scene.mixer.level(agent).dbfs), (-20, -30));
    assert!(scene.mixer.level(caller).speaking && scene.mixer.level(agent).speaking);
    for _ in 0..100 {
        scene.tick(&SILENCE);
    }
    assert_eq!(scene.mixer.level(agent).dbfs, mixer::LEVEL_DBFS_MIN);
    assert!(!scene.mixer.level(agent).speaking);
}

#[test]
fn listeners_share_a_mix_only_once_their_limiters_agree() {
    let (mut scene, caller, agent) = quiet_call();
    scene.supervisor();
    let loud = [0.9; FRAME_SAMPLES];
    let quiet = [0.01; FRAME_SAMPLES];
    let inputs = |frame| {
        let mut inputs = SILENCE;
        inputs[caller.index()] = Some(frame);
        inputs[agent.index()] = Some(frame);
        inputs
    };
    scene.tick(&inputs(&loud));
    scene.supervisor();
    scene.tick(&SILENCE); // the second one's ramp
    let counts: Vec<usize> = (0..12).map(|_| scene.tick(&inputs(&quiet)).len()).collect();
    assert_eq!((counts[0], counts[11]), (2, 1), "{counts:?}");
    assert!(counts.is_sorted_by(|one, next| one >= next));
}

#[test]
fn a_row_on_tracks_is_no_mix_whatever_changes_in_it() {
    let (mut scene, caller, agent) = Scene::answered();
    scene.by_tracks = SlotSet::EMPTY.with(agent);
    let supervisor = scene.supervisor();
    for mode in [ModeKind::Whisper, ModeKind::Barge, ModeKind::Listen, ModeKind::Whisper] {
        scene.mode(supervisor, mode);
        assert_eq!(scene.mixer.delivery(agent), Delivery::Tracks, "{mode:?}");
        assert!(!scene.mixer.may_mix(agent));
        assert!(scene.heard(agent).is_none());
        assert_eq!(scene.mixer.delivery(agent), Delivery::Tracks, "{mode:?}");
    }
    assert_eq!(scene.mixer.tone_frame(agent, Tone::WhisperBeep), Some(1), "the beep goes on");
    assert_eq!(scene.mixer.delivery(caller), Delivery::Forward(agent));
}

#[test]
fn a_mix_that_ends_on_tracks_fades_for_one_frame() {
    let (mut scene, _, agent) = Scene::answered();
    let supervisor = scene.supervisor();
    scene.mode(supervisor, ModeKind::Barge);
    for _ in 0..3 {
        let _ = scene.heard(agent);
    }
    scene.by_tracks = SlotSet::EMPTY.with(agent);
    scene.mode(supervisor, ModeKind::Listen);
    assert_eq!(scene.mixer.delivery(agent), Delivery::Mix);
    assert!(scene.heard(agent).is_some());
    assert_eq!(scene.mixer.delivery(agent), Delivery::Tracks);
    assert!(scene.heard(agent).is_none());
}
