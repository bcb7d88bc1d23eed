//! Hold, mute, several supervisors, two agents, tones, faults.

use interaction::{Actor, Command, LegId, ModeKind};
use sim::listen::{between_ms, heard, rms_dbfs};
use sim::{NetworkConfig, Room, RoomConfig, Signal};

use super::TRACKS;

const CALLER_HZ: f32 = 440.0;
const AGENT_HZ: f32 = 700.0;
const SECOND_AGENT_HZ: f32 = 950.0;
const SUPERVISOR_HZ: f32 = 1_300.0;
const SECOND_SUPERVISOR_HZ: f32 = 1_700.0;

fn tone(hz: f32) -> Signal {
    Signal::Tone { hz, dbfs: -18.0 }
}

/// The level of a sine in a signal, dBFS, by a single-bin Fourier transform with a Hann window.
fn level_of(signal: &[f32], hz: f32) -> f64 {
    let n = signal.len() as f64;
    let (mut re, mut im) = (0.0, 0.0);
    for (i, sample) in signal.iter().enumerate() {
        let window = 0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / n).cos();
        let phase = std::f64::consts::TAU * f64::from(hz) * i as f64 / 48_000.0;
        re += f64::from(*sample) * window * phase.cos();
        im += f64::from(*sample) * window * phase.sin();
    }
    10.0 * ((re * re + im * im) * 16.0 / (n * n)).max(1e-15).log10()
}

struct Stage {
    room: Room,
    caller: LegId,
    agent: LegId,
}

fn stage() -> Stage {
    let network = NetworkConfig { delay_us: 5_000, jitter_us: 4_000, ..NetworkConfig::default() };
    let mut room =
        Room::new(RoomConfig { seed: 11, network, tracks: TRACKS, ..RoomConfig::default() });
    let caller = room.join_caller(tone(CALLER_HZ));
    let agent = room.join_agent(1, tone(AGENT_HZ));
    room.run_ms(500);
    Stage { room, caller, agent }
}

impl Stage {
    /// Which of the five tones the leg hears in the last 600 ms, after a second has passed.
    fn tones(&mut self, leg: LegId) -> Vec<f32> {
        self.room.run_ms(1_000);
        let now = self.room.now_ms();
        let signal = heard(self.room.received(leg));
        let window = between_ms(&signal, now - 700, now - 100);
        [CALLER_HZ, AGENT_HZ, SECOND_AGENT_HZ, SUPERVISOR_HZ, SECOND_SUPERVISOR_HZ]
            .into_iter()
            .filter(|hz| level_of(window, *hz) > -45.0)
            .collect()
    }
}

#[test]
fn a_plain_call_is_forwarded_and_never_decoded() {
    let mut stage = stage();
    assert_eq!(stage.tones(stage.caller), [AGENT_HZ]);
    assert_eq!(stage.tones(stage.agent), [CALLER_HZ]);
    let counters = stage.room.call().counters();
    assert_eq!(counters.encoded, 0);
    assert!(counters.forwarded > 200);
}

#[test]
fn each_of_several_supervisors_has_a_mode_of_their_own() {
    let mut stage = stage();
    let first = stage.room.supervise(1, tone(SUPERVISOR_HZ));
    let second = stage.room.supervise(2, tone(SECOND_SUPERVISOR_HZ));
    assert_eq!(stage.tones(first), [CALLER_HZ, AGENT_HZ]);
    stage.room.set_mode(first, ModeKind::Whisper).unwrap();
    assert_eq!(stage.tones(stage.agent), [CALLER_HZ, SUPERVISOR_HZ]);
    assert_eq!(stage.tones(stage.caller), [AGENT_HZ]);
    assert_eq!(stage.tones(second), [CALLER_HZ, AGENT_HZ, SUPERVISOR_HZ]);
    stage.room.set_mode(second, ModeKind::Barge).unwrap();
    assert_eq!(stage.tones(stage.caller), [AGENT_HZ, SECOND_SUPERVISOR_HZ]);
    assert_eq!(stage.tones(stage.agent), [CALLER_HZ, SUPERVISOR_HZ, SECOND_SUPERVISOR_HZ]);
    assert_eq!(stage.tones(first), [CALLER_HZ, AGENT_HZ, SECOND_SUPERVISOR_HZ]);
    stage.room.set_mode(first, ModeKind::Listen).unwrap();
    stage.room.set_mode(second, ModeKind::Listen).unwrap();
    assert_eq!(stage.tones(stage.caller), [AGENT_HZ]);
    assert_eq!(stage.tones(stage.agent), [CALLER_HZ]);
}

#[test]
fn of_two_agents_only_the_coached_one_hears_the_whisper() {
    let mut stage = stage();
    let other = stage.room.join_agent(2, tone(SECOND_AGENT_HZ));
    let supervisor = stage.room.supervise(1, tone(SUPERVISOR_HZ));
    let coach = |leg| Command::SetMode {
        leg: supervisor,
        mode: ModeKind::Whisper,
        coach: Some(leg),
        announce: false,
        expected: None,
    };
    stage.room.command(coach(other)).unwrap();
    assert_eq!(stage.tones(other), [CALLER_HZ, AGENT_HZ, SUPERVISOR_HZ]);
    assert_eq!(stage.tones(stage.agent), [CALLER_HZ, SECOND_AGENT_HZ]);
    assert_eq!(stage.tones(stage.caller), [AGENT_HZ, SECOND_AGENT_HZ]);
    stage.room.command(coach(stage.agent)).unwrap();
    assert_eq!(stage.tones(stage.agent), [CALLER_HZ, SECOND_AGENT_HZ, SUPERVISOR_HZ]);
    assert_eq!(stage.tones(other), [CALLER_HZ, AGENT_HZ]);
}

#[test]
fn on_hold_the_supervisor_still_hears_both_and_the_caller_nobody() {
    let mut stage = stage();
    let supervisor = stage.room.supervise(1, tone(SUPERVISOR_HZ));
    stage.room.command(Command::SetHeld { held: true }).unwrap();
    assert_eq!(stage.tones(supervisor), [CALLER_HZ, AGENT_HZ]);
    assert_eq!(stage.tones(stage.caller), []);
    assert_eq!(stage.tones(stage.agent), []);
    stage.room.set_mode(supervisor, ModeKind::Whisper).unwrap();
    assert_eq!(stage.tones(stage.agent), [SUPERVISOR_HZ]);
    assert_eq!(stage.tones(stage.caller), []);
    stage.room.command(Command::SetHeld { held: false }).unwrap();
    assert_eq!(stage.tones(stage.caller), [AGENT_HZ]);
}

#[test]
fn a_consulted_agent_hears_the_consulting_one_and_no_whisper() {
    let mut stage = stage();
    let supervisor = stage.room.supervise(1, tone(SUPERVISOR_HZ));
    stage.room.set_mode(supervisor, ModeKind::Whisper).unwrap();
    let to = interaction::Target::Queue(interaction::QueueId(1));
    let consult = Command::Consult { leg: stage.agent, to, note: None };
    stage.room.command(consult).unwrap();
    let consulted = stage.room.join_agent(2, tone(SECOND_AGENT_HZ));
    assert_eq!(stage.tones(consulted), [AGENT_HZ]);
    assert_eq!(stage.tones(stage.agent), [SECOND_AGENT_HZ, SUPERVISOR_HZ]);
    let caller = stage.tones(stage.caller);
    for hz in [AGENT_HZ, SECOND_AGENT_HZ, SUPERVISOR_HZ] {
        assert!(!caller.contains(&hz), "the caller on hold hears {hz} Hz");
    }
    let coach = Some(consulted);
    let mode = ModeKind::Whisper;
    let whisper =
        Command::SetMode { leg: supervisor, mode, coach, announce: false, expected: None };
    stage.room.command(whisper).unwrap();
    assert_eq!(stage.tones(consulted), [AGENT_HZ, SUPERVISOR_HZ]);
    assert_eq!(stage.tones(stage.agent), [SECOND_AGENT_HZ]);
    stage.room.command(Command::CompleteTransfer { leg: stage.agent }).unwrap();
    assert_eq!(stage.tones(stage.caller), [SECOND_AGENT_HZ]);
    assert_eq!(stage.tones(consulted), [CALLER_HZ, SUPERVISOR_HZ], "still the coached one");
}

#[test]
fn a_caller_between_two_agents_hears_the_hold_tone_and_then_the_next_agent() {
    let mut stage = stage();
    let to = interaction::Target::Queue(interaction::QueueId(1));
    stage.room.command(Command::Transfer { leg: stage.agent, to, note: None }).unwrap();
    let parked = stage.room.now_ms();
    stage.room.run_ms(4_000);
    let caller = heard(stage.room.received(stage.caller));
    let level = rms_dbfs(between_ms(&caller, parked + 200, parked + 3_800));
    assert!(level > -50.0, "no hold tone: {level} dBFS");
    let next = stage.room.join_agent(2, tone(SECOND_AGENT_HZ));
    assert_eq!(stage.tones(stage.caller), [SECOND_AGENT_HZ]);
    assert_eq!(stage.tones(next), [CALLER_HZ]);
}

#[test]
fn a_muted_agent_is_heard_by_nobody() {
    let mut stage = stage();
    let supervisor = stage.room.supervise(1, tone(SUPERVISOR_HZ));
    stage.room.command(Command::SetMuted { leg: stage.agent, muted: true }).unwrap();
    assert_eq!(stage.tones(stage.caller), []);
    assert_eq!(stage.tones(supervisor), [CALLER_HZ]);
    stage.room.command(Command::SetMuted { leg: stage.agent, muted: false }).unwrap();
    assert_eq!(stage.tones(stage.caller), [AGENT_HZ]);
}

#[test]
fn the_caller_is_ducked_by_6_db_while_the_agent_is_coached() {
    let mut stage = stage();
    let supervisor = stage.room.supervise(1, Signal::Silence);
    let level = |stage: &mut Stage| {
        stage.room.run_ms(1_000);
        let now = stage.room.now_ms();
        let signal = heard(stage.room.received(stage.agent));
        level_of(between_ms(&signal, now - 600, now - 100), CALLER_HZ)
    };
    let before = level(&mut stage);
    stage.room.set_mode(supervisor, ModeKind::Whisper).unwrap();
    let during = level(&mut stage);
    stage.room.set_mode(supervisor, ModeKind::Listen).unwrap();
    let after = level(&mut stage);
    // By tracks it is the ear that ducks: the caller's packets come as they are.
    let wanted = if TRACKS == 1 { 6.0 } else { 0.0 };
    assert!((before - during - wanted).abs() < 1.0, "{before} {during}");
    assert!((before - after).abs() < 0.5, "{before} {after}");
}

#[test]
fn the_beep_reaches_the_coached_agent_alone_at_every_entry() {
    let mut stage = stage();
    let supervisor = stage.room.supervise(1, Signal::Silence);
    let silent = [stage.caller, stage.agent];
    for leg in silent {
        stage.room.say(leg, Signal::Silence);
    }
    stage.room.run_ms(1_000);
    for entry in 0..2 {
        let asked = stage.room.now_ms();
        stage.room.set_mode(supervisor, ModeKind::Whisper).unwrap();
        stage.room.run_ms(800);
        let agent = heard(stage.room.received(stage.agent));
        let loud: Vec<bool> = between_ms(&agent, asked, asked + 600)
            .chunks(240)
            .map(|part| rms_dbfs(part) > -32.0)
            .collect();
        let first = loud.iter().position(|loud| *loud).expect("a beep");
        let last = loud.iter().rposition(|loud| *loud).expect("a beep");
        assert!((last - first + 1) * 5 <= 310, "longer than 300 ms, entry {entry}");
        assert!(loud[first..last].contains(&false), "two tones, with a pause between");
        for leg in [stage.caller, supervisor] {
            let other = heard(stage.room.received(leg));
            let level = rms_dbfs(between_ms(&other, asked, asked + 600));
            assert!(level < -60.0, "{leg:?} hears {level} dBFS at entry {entry}");
        }
        stage.room.set_mode(supervisor, ModeKind::Listen).unwrap();
        stage.room.run_ms(500);
    }
}

#[test]
fn the_barge_tone_reaches_caller_and_agent() {
    let mut stage = stage();
    let supervisor = stage.room.supervise(1, Signal::Silence);
    for leg in [stage.caller, stage.agent] {
        stage.room.say(leg, Signal::Silence);
    }
    stage.room.run_ms(1_000);
    let asked = stage.room.now_ms();
    stage.room.set_mode(supervisor, ModeKind::Barge).unwrap();
    stage.room.run_ms(1_000);
    for leg in [stage.caller, stage.agent] {
        let signal = heard(stage.room.received(leg));
        assert!(rms_dbfs(between_ms(&signal, asked, asked + 500)) > -40.0);
    }
}

#[test]
fn a_supervisor_whose_packets_stop_is_muted_within_two_seconds() {
    let mut stage = stage();
    let supervisor = stage.room.supervise(1, tone(SUPERVISOR_HZ));
    stage.room.set_mode(supervisor, ModeKind::Barge).unwrap();
    stage.room.run_ms(1_000);
    stage.room.say(supervisor, Signal::Mute);
    stage.room.run_ms(2_000);
    let mode = stage.room.call().state().leg(supervisor).unwrap().mode();
    assert_eq!(mode, Some(interaction::Mode::Listen));
    assert_eq!(stage.room.events().len(), 1);
    stage.room.say(supervisor, tone(SUPERVISOR_HZ));
    assert_eq!(stage.tones(stage.caller), [AGENT_HZ]);
}

/// Nor does anybody wait for a supervisor who has taken over and says nothing any more.
#[test]
fn a_take_over_whose_packets_stop_gives_the_call_back_within_two_seconds() {
    let mut stage = stage();
    let supervisor = stage.room.supervise(1, tone(SUPERVISOR_HZ));
    stage.room.set_mode(supervisor, ModeKind::TakeOver).unwrap();
    stage.room.run_ms(1_000);
    assert_eq!(stage.tones(stage.caller), [SUPERVISOR_HZ]);
    stage.room.say(supervisor, Signal::Mute);
    stage.room.run_ms(2_000);
    let mode = stage.room.call().state().leg(supervisor).unwrap().mode();
    assert_eq!(mode, Some(interaction::Mode::Listen));
    assert_eq!(stage.tones(stage.caller), [AGENT_HZ]);
}

#[test]
fn a_removed_route_is_silent_before_it_is_acknowledged() {
    let mut stage = stage();
    let supervisor = stage.room.supervise(1, tone(SUPERVISOR_HZ));
    stage.room.set_mode(supervisor, ModeKind::Barge).unwrap();
    stage.room.run_ms(1_010);
    stage.room.set_mode(supervisor, ModeKind::Listen).unwrap();
    assert!(!stage.room.call().settled(), "the ramp is still to be played");
    let asked = stage.room.now_ms();
    stage.room.run_ms(20);
    assert!(stage.room.call().settled());
    stage.room.run_ms(1_000);
    let caller = heard(stage.room.received(stage.caller));
    let window = between_ms(&caller, asked + 40, asked + 600);
    assert!(level_of(window, SUPERVISOR_HZ) < -60.0);
    assert_eq!(stage.room.call().counters().guarded, 0);
}

#[test]
fn a_user_cannot_move_anothers_leg_on_a_live_call() {
    let mut stage = stage();
    let supervisor = stage.room.supervise(1, tone(SUPERVISOR_HZ));
    let mut call = stage.room.call().state().clone();
    let barge = Command::SetMode {
        leg: supervisor,
        mode: ModeKind::Barge,
        coach: None,
        announce: false,
        expected: None,
    };
    let stranger = Actor::User(interaction::UserId(999));
    assert!(call.apply(interaction::UnixMs(0), stranger, barge).is_err());
}
