//! A caller, and an agent who may not know, cannot tell whether somebody supervises.

use sim::stories::{Act, Presence, Step, Story, compare_on_all_cores, difference};

/// Stories in every run; `examples/stories` compares more.
const STORIES: u64 = 2_500;

#[test]
fn nothing_tells_of_a_supervisor_whom_the_viewer_may_not_know_of() {
    let tally = compare_on_all_cores(0..STORIES).unwrap_or_else(|failure| panic!("{failure}"));
    println!("{tally:?}");
    assert_eq!(tally.stories, STORIES);
    // Stories in which nothing is hidden, or nobody gets anything, would prove nothing.
    assert!(tally.hiding > STORIES * 8 / 10, "{tally:?}");
    assert!(tally.packets > STORIES * 15, "{tally:?}");
    assert!(tally.on_spare_tracks > STORIES, "{tally:?}");
    assert!(tally.stood_in > STORIES / 5, "{tally:?}");
    assert!(tally.taken_over > STORIES / 2, "{tally:?}");
    assert!(tally.told > STORIES * 2 && tally.answers > STORIES, "{tally:?}");
}

/// What is to be seen is seen: the comparison can fail.
#[test]
fn a_barge_or_take_over_that_is_taken_for_hidden_is_found() {
    for presence in [Presence::Barges, Presence::TakesOver] {
        let mut story = Story::new(1);
        story.viewer = sim::stories::Person::Caller;
        story.steps = vec![Step { at_ms: 100, act: Act::Supervise(0, presence) }];
        assert!(difference(&story).is_ok(), "it is in both worlds");
        let (with, without) = (sim::stories::observe(&story), {
            story.steps[0].act = Act::Supervise(0, Presence::Listens);
            sim::stories::observe(&story)
        });
        assert!(with.compare(&without).unwrap_err().starts_with("packet"), "{presence:?}");
    }
}

/// Stories that told once, of seeds beyond those of every run.
#[test]
fn stories_that_told_once_tell_no_more() {
    // Supervisors who go at once went in the order in which they had begun to listen: two who had
    // barged in the same millisecond, with the call; two coaches of one agent, with that agent. And the
    // first frame of a barge, of whose speaker alone an agent hears, was lost but for one who had barged
    // just before and listened since.
    for seed in [112_132, 122_175, 217_727] {
        for tracks in [Some(1), Some(4), None] {
            let story = Story { tracks, ..Story::of_three_modes(seed) };
            assert!(difference(&story).is_ok(), "seed {seed}, {tracks:?}");
        }
    }
}
