//! What a frame without a mix leaves out changes nothing.

mod common;

use common::{Frames, Scene, constant};
use interaction::{Command, LEGS_MAX, LeaveReason, ModeKind, Slot};
use mixer::{FRAME_SAMPLES, Frame};

const SILENCE: Frames<'static> = [None; LEGS_MAX];

/// Most calls mix nothing most of the time: then a frame costs no more than the legs that there are.
#[test]
fn a_frame_in_which_nothing_is_mixed_may_pass_without_inputs() {
    let mut scenes = [Scene::answered().0, Scene::answered().0];
    let agent = scenes[0].call.legs()[1].id;
    let mut passed = 0;
    let mut run = |scenes: &mut [Scene; 2], ticks: usize| {
        for tick in 0..ticks {
            let legs: Vec<Slot> = scenes[0].call.legs().iter().map(|leg| leg.slot).collect();
            let [ticked, may_pass] = scenes.each_mut().map(|scene| {
                for slot in &legs {
                    scene.mixer.report_level(*slot, -20 - (tick % 3) as i8 * 30);
                }
                scene.mixer.is_mixing()
            });
            assert_eq!(ticked, may_pass);
            let frames: [Frame; LEGS_MAX] = std::array::from_fn(|n| [constant(n); FRAME_SAMPLES]);
            let decoded: Frames<'_> =
                std::array::from_fn(|n| legs.contains(&Slot::new(n)?).then_some(&frames[n]));
            let inputs = if ticked { decoded } else { SILENCE };
            let mixes = scenes[0].tick(&inputs);
            if may_pass {
                let same = scenes[1].tick(&inputs);
                let samples = |mix: &common::OwnedMix| (mix.listeners, mix.contains, mix.samples);
                assert!(mixes.iter().map(samples).eq(same.iter().map(samples)), "{mixes:?}");
            } else {
                assert!(mixes.is_empty());
                scenes[1].mixer.pass();
                scenes[1].guard.advance();
                passed += 1;
            }
            for slot in Slot::all() {
                let seen = scenes.each_ref().map(|it| {
                    (it.mixer.delivery(slot), it.mixer.playing(slot), it.mixer.settled())
                });
                assert_eq!(seen[0], seen[1], "{slot:?}");
            }
            for slot in legs {
                let [ticked, passed] = scenes.each_ref().map(|it| it.mixer.level(slot));
                assert_eq!(ticked, passed, "{slot:?}");
            }
        }
    };
    run(&mut scenes, 10);
    let [leg, _] = scenes.each_mut().map(Scene::supervisor);
    for mode in ModeKind::ALL.into_iter().chain([ModeKind::Listen]) {
        scenes.iter_mut().for_each(|scene| scene.mode(leg, mode));
        run(&mut scenes, 30);
    }
    let leave = |leg| Command::Leave { leg, reason: LeaveReason::HungUp };
    let hold = |held| Command::SetHeld { held };
    for command in [leave(leg), hold(true), hold(false), leave(agent)] {
        scenes.iter_mut().for_each(|scene| _ = scene.apply(command.clone()));
        run(&mut scenes, 60);
    }
    assert!(passed > 50, "{passed} frames passed without inputs");
}
