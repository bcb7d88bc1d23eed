//! A pilot that the supervisor sends all the time, and a matched filter at every ear.

use interaction::{Command, ModeKind, Policy};
use sim::listen::{Match, between_ms, find, heard};
use sim::{Room, RoomConfig, Signal};

use super::TRACKS;

/// Below this there is no pilot, above it there is one.
const SIGMA: f64 = 6.0;
const PILOT: Signal = Signal::Pilot { seed: 77, dbfs: -14.0 };
/// The agent's line noise, so that there is something to hide a leak in.
const LINE_NOISE: Signal = Signal::Pilot { seed: 5, dbfs: -75.0 };
/// How far the pilot can be delayed: network, playout buffer, codec and tick.
const LAG_MAX_SAMPLES: usize = 9_600;

/// Looks for the supervisor's pilot in what a leg heard in the second after `from_ms`. The pilot
/// began when the supervisor joined.
fn pilot_in(signal: &[f32], joined_ms: u64, from_ms: u64) -> Match {
    let window = between_ms(signal, from_ms, from_ms + 1_000 + 200);
    let begin = ((from_ms - joined_ms) * 48) as usize;
    let pilot = PILOT.samples(begin + 48_000);
    find(window, &pilot[begin..], LAG_MAX_SAMPLES)
}

struct Scene {
    room: Room,
    caller: interaction::LegId,
    agent: interaction::LegId,
    supervisor: interaction::LegId,
    joined_ms: u64,
}

/// A call on which the caller is quiet, the agent has a noisy line, and a supervisor listens.
fn scene(agent: Signal) -> Scene {
    scene_with(Policy::default(), agent)
}

fn scene_with(policy: Policy, agent: Signal) -> Scene {
    let mut room =
        Room::new(RoomConfig { seed: 3, tracks: TRACKS, policy, ..RoomConfig::default() });
    let caller = room.join_caller(Signal::Silence);
    let agent = room.join_agent(1, agent);
    room.run_ms(1_000);
    let joined_ms = room.now_ms();
    let supervisor = room.supervise(1, PILOT);
    room.run_ms(2_000);
    Scene { room, caller, agent, supervisor, joined_ms }
}

#[test]
fn in_listen_nobody_hears_the_supervisor() {
    let scene = scene(LINE_NOISE);
    for leg in [scene.caller, scene.agent] {
        let found = pilot_in(&heard(scene.room.received(leg)), scene.joined_ms, 1_500);
        assert!(found.sigma < SIGMA, "{found:?}");
    }
    assert!(scene.room.call().counters().gated > 90, "dropped on arrival");
}

#[test]
fn in_whisper_the_agent_alone_hears_the_supervisor_within_100_ms() {
    let mut scene = scene(LINE_NOISE);
    let asked_ms = scene.room.now_ms();
    scene.room.set_mode(scene.supervisor, ModeKind::Whisper).unwrap();
    scene.room.run_ms(3_000);
    let agent = heard(scene.room.received(scene.agent));
    let caller = heard(scene.room.received(scene.caller));
    let found = pilot_in(&agent, scene.joined_ms, asked_ms + 500);
    assert!(found.sigma > 2.0 * SIGMA, "{found:?}");
    for from_ms in [asked_ms - 200, asked_ms, asked_ms + 1_500] {
        let found = pilot_in(&caller, scene.joined_ms, from_ms);
        assert!(found.sigma < SIGMA, "{found:?} at {from_ms}");
    }
    // The tone of the beep is not the pilot: look for the pilot itself in the first 200 ms.
    let begin = ((asked_ms - scene.joined_ms) * 48) as usize;
    let pilot = PILOT.samples(begin + 9_600);
    let early = between_ms(&agent, asked_ms, asked_ms + 100 + 200);
    let found = find(early, &pilot[begin..begin + 4_800], LAG_MAX_SAMPLES);
    assert!(found.sigma > SIGMA, "{found:?}");
    assert!(found.lag_samples < 4_800, "heard {} ms late", found.lag_samples / 48);
}

#[test]
fn in_barge_everybody_hears_the_supervisor_and_after_it_nobody() {
    let mut scene = scene(LINE_NOISE);
    scene.room.set_mode(scene.supervisor, ModeKind::Barge).unwrap();
    scene.room.run_ms(3_000);
    let back_ms = scene.room.now_ms();
    scene.room.set_mode(scene.supervisor, ModeKind::Listen).unwrap();
    scene.room.run_ms(2_000);
    for leg in [scene.caller, scene.agent] {
        let signal = heard(scene.room.received(leg));
        let during = pilot_in(&signal, scene.joined_ms, back_ms - 1_500);
        assert!(during.sigma > 2.0 * SIGMA, "{during:?}");
        // One frame may still fade out, in a packet that is later than its mix by most of a frame, and a frame is in
        // the codec.
        let after = pilot_in(&signal, scene.joined_ms, back_ms + 74);
        assert!(after.sigma < SIGMA, "{after:?}");
    }
}

/// A pilot of the agent's own, loud enough to be found wherever the agent is heard.
const AGENTS: Signal = Signal::Pilot { seed: 91, dbfs: -14.0 };

/// Looks for the agent's pilot, which began with the call, in what a leg heard in the second after `from_ms`.
fn agents_in(signal: &[f32], from_ms: u64) -> Match {
    let window = between_ms(signal, from_ms, from_ms + 1_000 + 200);
    let begin = (from_ms * 48) as usize;
    let pilot = AGENTS.samples(begin + 48_000);
    find(window, &pilot[begin..], LAG_MAX_SAMPLES)
}

#[test]
fn in_a_take_over_the_caller_hears_the_supervisor_alone_and_after_it_the_agent_alone() {
    for agents_hear in [true, false] {
        let policy = Policy { agents_hear_take_over: agents_hear, ..Policy::default() };
        let mut scene = scene_with(policy, AGENTS);
        let before = agents_in(&heard(scene.room.received(scene.caller)), 1_500);
        assert!(before.sigma > 2.0 * SIGMA, "the filter finds the agent: {before:?}");
        let taken_ms = scene.room.now_ms();
        scene.room.set_mode(scene.supervisor, ModeKind::TakeOver).unwrap();
        scene.room.run_ms(3_000);
        let back_ms = scene.room.now_ms();
        scene.room.set_mode(scene.supervisor, ModeKind::Listen).unwrap();
        scene.room.run_ms(2_000);
        let caller = heard(scene.room.received(scene.caller));
        let during = pilot_in(&caller, scene.joined_ms, back_ms - 1_500);
        assert!(during.sigma > 2.0 * SIGMA, "{during:?}");
        // As after a Barge, one frame fades out, and one is in the codec; the supervisor's is a mix, later by what
        // its playout buffer holds.
        for (leg, gone_ms) in [(scene.caller, 74), (scene.supervisor, 94)] {
            let agents = agents_in(&heard(scene.room.received(leg)), taken_ms + gone_ms);
            assert!(agents.sigma < SIGMA, "nobody hears the agent: {agents:?}");
        }
        let agent = heard(scene.room.received(scene.agent));
        let found = pilot_in(&agent, scene.joined_ms, back_ms - 1_500);
        assert_eq!(found.sigma > SIGMA, agents_hear, "{found:?}");
        let after = pilot_in(&caller, scene.joined_ms, back_ms + 74);
        assert!(after.sigma < SIGMA, "{after:?}");
        let agents = agents_in(&caller, back_ms + 500);
        assert!(agents.sigma > 2.0 * SIGMA, "the agent is back: {agents:?}");
        assert_eq!(scene.room.call().counters().guarded, 0);
    }
}

/// The filter can tell: what the caller hears with the pilot in it at −60 dB is caught.
#[test]
fn a_leak_at_minus_60_db_is_caught() {
    let Signal::Pilot { seed, dbfs } = PILOT else { unreachable!("the pilot is a pilot") };
    let mut room = Room::new(RoomConfig { seed: 3, tracks: TRACKS, ..RoomConfig::default() });
    let caller = room.join_caller(Signal::Silence);
    // The leak as it would reach the caller: through the agent's encoder, 60 dB down.
    let leaking = Signal::Pilot { seed, dbfs: dbfs - 60.0 };
    room.join_agent(1, leaking);
    room.run_ms(3_000);
    let found = pilot_in(&heard(room.received(caller)), 0, 1_000);
    assert!(found.sigma > SIGMA, "{found:?}");
}

#[test]
fn on_hold_the_whisper_works_and_the_caller_hears_nothing() {
    let mut scene = scene(Signal::Pilot { seed: 6, dbfs: -20.0 });
    scene.room.command(Command::SetHeld { held: true }).unwrap();
    scene.room.set_mode(scene.supervisor, ModeKind::Whisper).unwrap();
    let asked_ms = scene.room.now_ms();
    scene.room.run_ms(2_500);
    let agent = heard(scene.room.received(scene.agent));
    assert!(pilot_in(&agent, scene.joined_ms, asked_ms + 500).sigma > 2.0 * SIGMA);
    let last = scene.room.received(scene.caller).last().unwrap().at_us / 1_000;
    assert!(last <= asked_ms, "a packet went to the held caller at {last}");
}
