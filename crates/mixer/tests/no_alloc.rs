//! The tick allocates nothing. A binary of its own: its allocator counts.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use common::{Scene, for_all};
use interaction::{Audience, Command, LEGS_MAX, ModeKind, Policy, Slot};
use mixer::{FRAME_SAMPLES, Inputs, MixerConfig};

thread_local! {
    /// Of this thread alone: the test runner has threads of its own.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

#[allow(unsafe_code, reason = "an allocator can only be replaced by unsafe code")]
// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations made while `work` runs.
fn allocations_in(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

#[test]
fn nothing_is_allocated_while_frames_are_played() {
    assert_eq!(allocations_in(|| drop(black_box(Box::new(1)))), 1, "the counter counts");
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
        mode(second, ModeKind::Listen),
        mode(first, ModeKind::Listen),
    ];
    for change in changes {
        scene.apply(change);
        let count = allocations_in(|| {
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
        assert_eq!(count, 0);
    }
}

fn mode(leg: interaction::LegId, mode: ModeKind) -> Command {
    Command::SetMode { leg, mode, coach: None, expected: None }
}
