//! The only talker's packets in the place of a mix: what it saves on turn-taking speech.

use call_engine::CallConfig;
use recordings::Recording;
use sim::{Carried, Conversation};

/// Wanted on speech in which people take turns.
const SAVED_MIN: f64 = 0.80;

fn listened_to(recording: &Recording, mixes_always: bool) -> Carried {
    let call = CallConfig { mixes_always, ..CallConfig::default() };
    let said = [&recording.caller[..], &recording.agent[..]];
    Conversation { said, call, is_supervised: true }.carry()
}

#[test]
fn most_frames_of_the_demo_s_calls_are_not_encoded() {
    let (mut always, mut encoded) = (0, 0);
    for recording in Recording::demo_calls().unwrap() {
        let [mixed, passed] = [true, false].map(|it| listened_to(&recording, it));
        let [before, now] = [&mixed, &passed].map(|it| it.counters);
        let us = |it: &Carried| it.took.iter().sum::<std::time::Duration>().as_micros() as usize;
        println!(
            "{}: {} frames, {} encoded where all are mixed, {} now, {} passed on; {} and {} µs a frame",
            recording.name,
            mixed.took.len(),
            before.encoded,
            now.encoded,
            now.stood_in,
            us(&mixed) / mixed.took.len(),
            us(&passed) / passed.took.len()
        );
        assert_eq!((before.stood_in, before.guarded, now.guarded), (0, 0, 0));
        // Nothing is missing of what the supervisor would have got.
        let sent = now.encoded + now.stood_in;
        assert!(sent.abs_diff(before.encoded) <= 5, "{sent} packets, not {}", before.encoded);
        always += before.encoded;
        encoded += now.encoded;
    }
    let saved = 1.0 - encoded as f64 / always as f64;
    println!("saved {:.1} % of {always} encodes", saved * 100.0);
    assert!(saved >= SAVED_MIN, "only {saved:.3} of the encodes are saved");
}
