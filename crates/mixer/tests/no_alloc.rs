//! The tick allocates nothing and frees nothing.

mod common;

use std::hint::black_box;

use allocation_counter::{AllocationInfo, measure};
use common::{Scene, for_all};
use interaction::{Audience, Command, LEGS_MAX, ModeKind, Policy, Slot};
use mixer::{FRAME_SAMPLES, Inputs, MixerConfig};

#[test]
fn nothing_is_allocated_while_frames_are_played() {
    assert_eq!(measure(|| drop(black_box(Box::new(1)))).count_total, 1, "the counter counts");
    let policy = Policy { hold_tone: true, ..Policy::default() };
    let mut scene = Scene::new(policy, &MixerConfig::default());
    scene.agent();
    scene.agent();
    let (first, second) = (scene.supervisor(), scene.supervisor());
    let frame = [0.9; FRAME_SAMPLES];
    let inputs: Inputs<'_> = for_all(&[Some(&frame); LEGS_MAX]);
    let changes = [
        Command::SetHeld { held: true },
        Command::SetHeld { held: false },
        mode(first, ModeKind::Whisper),
        mode(second, ModeKind::Barge),
        mode(first, ModeKind::Barge),
        mode(second, ModeKind::TakeOver),
        mode(second, ModeKind::Listen),
        mode(first, ModeKind::Listen),
    ];
    for change in changes {
        scene.apply(change);
        let allocated = measure(|| {
            for _ in 0..40 {
                for slot in Slot::all() {
                    let seen = (scene.mixer.delivery(slot), scene.mixer.playing(slot));
                    black_box((seen, scene.mixer.level(slot)));
                }
                for audience in Audience::all() {
                    black_box((scene.mixer.needed(audience), scene.mixer.settled()));
                }
                for mix in scene.mixer.tick(&inputs) {
                    assert!(scene.guard.allows(&mix));
                }
                scene.guard.advance();
            }
        });
        assert_eq!(allocated, AllocationInfo::default());
    }
}

fn mode(leg: interaction::LegId, mode: ModeKind) -> Command {
    Command::SetMode { leg, mode, coach: None, announce: true, expected: None }
}
