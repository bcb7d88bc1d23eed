//! What a coached agent hears: both voices, whatever their microphones are like. Measured in dB.

mod common;

use common::{Frames, Scene, amplitude_at};
use interaction::{Command, LEGS_MAX, ModeKind, Policy, Slot};
use mixer::{FRAME_SAMPLES, Frame, MixerConfig};

const CALLER_HZ: f64 = 500.0;
const COACH_HZ: f64 = 1_250.0;
/// Frames that are measured: 2 s, in which everybody says as much.
const MEASURED: usize = 100;
/// Until gains stand.
const SETTLING: usize = 300;

/// A sine at the pace of speech: syllables of 160 ms, pauses of 40 ms, a breath every 2 s. So loud while it sounds, dBov.
fn speech(hz: f64, dbov: f64, frame: usize) -> Frame {
    let is_on = frame % 100 < 80 && frame % 10 < 8;
    let peak = if is_on { 10f64.powf(dbov / 20.0) * std::f64::consts::SQRT_2 } else { 0.0 };
    std::array::from_fn(|n| {
        let turns = (hz * (frame * FRAME_SAMPLES + n) as f64 / 48_000.0).fract();
        (peak * (turns * std::f64::consts::TAU).sin()) as f32
    })
}

/// An agent who is whispered to, what they hear of both, and by how much each is louder than it was said, dB.
struct Coached {
    scene: Scene,
    caller: Slot,
    agent: Slot,
    coach: Slot,
    frame: usize,
}

impl Coached {
    fn new(config: &MixerConfig) -> Self {
        let policy = Policy { whisper_beep: false, ..Policy::default() };
        let mut scene = Scene::new(policy, config);
        let agent = scene.agent();
        let supervisor = scene.supervisor();
        scene.mode(supervisor, ModeKind::Whisper);
        let [agent, coach] = [agent, supervisor].map(|leg| scene.slot(leg));
        Self { scene, caller: Slot::new(0).unwrap(), agent, coach, frame: 0 }
    }

    /// So many frames with these voices, dBov; what the agent gets.
    fn hear(&mut self, caller_dbov: f64, coach_dbov: f64, frames: usize) -> Vec<f32> {
        let mut heard = Vec::new();
        for _ in 0..frames {
            let caller = speech(CALLER_HZ, caller_dbov, self.frame);
            let coach = speech(COACH_HZ, coach_dbov, self.frame + 33);
            let mut inputs: Frames<'_> = [None; LEGS_MAX];
            inputs[self.caller.index()] = Some(&caller);
            inputs[self.coach.index()] = Some(&coach);
            let mixes = self.scene.tick(&inputs);
            let mix = mixes.iter().find(|mix| mix.listeners.contains(self.agent)).unwrap();
            heard.extend_from_slice(&mix.samples);
            self.frame += 1;
        }
        heard
    }

    /// Gains of caller and coach once they stand, dB.
    fn gains_db(&mut self, caller_dbov: f64, coach_dbov: f64) -> [f64; 2] {
        self.hear(caller_dbov, coach_dbov, SETTLING);
        let begin = self.frame;
        let heard = self.hear(caller_dbov, coach_dbov, MEASURED);
        let said = |hz, dbov, shift: usize| {
            let frames = begin + shift..begin + shift + MEASURED;
            let said: Vec<f32> = frames.flat_map(|frame| speech(hz, dbov, frame)).collect();
            amplitude_at(hz, &said)
        };
        let db = |hz, said: f64| 20.0 * (amplitude_at(hz, &heard) / said).log10();
        [
            db(CALLER_HZ, said(CALLER_HZ, caller_dbov, 0)),
            db(COACH_HZ, said(COACH_HZ, coach_dbov, 33)),
        ]
    }
}

#[test]
fn the_coach_stands_above_the_ducked_caller_by_the_ducking_however_loud_both_are() {
    for (caller_dbov, coach_dbov) in
        [(-26.0, -26.0), (-26.0, -37.0), (-37.0, -26.0), (-18.0, -26.0), (-30.0, -20.0)]
    {
        let mut coached = Coached::new(&MixerConfig::default());
        let [caller, coach] = coached.gains_db(caller_dbov, coach_dbov);
        assert!((caller + 6.0).abs() < 0.1, "the caller is ducked, and no more: {caller} dB");
        let above = (coach_dbov + coach) - (caller_dbov + caller);
        assert!((above - 6.0).abs() < 1.0, "{caller_dbov} and {coach_dbov}: {above} dB above");
    }
}

#[test]
fn no_coach_is_raised_or_lowered_by_more_than_is_allowed() {
    for (match_db_max, allowed) in [(12.0, 12.0), (3.0, 3.0), (0.0, 0.0)] {
        let config = MixerConfig { match_db_max, ..MixerConfig::default() };
        let [_, raised] = Coached::new(&config).gains_db(-15.0, -45.0);
        assert!((raised - allowed).abs() < 0.1, "{match_db_max}: {raised} dB");
        let [_, lowered] = Coached::new(&config).gains_db(-45.0, -15.0);
        assert!((lowered + allowed).abs() < 0.1, "{match_db_max}: {lowered} dB");
    }
}

/// 12 dB within some seconds, in steps that nobody hears, and never above the ceiling.
#[test]
fn a_coach_who_shouts_is_lowered_soon_and_does_not_clip() {
    let mut coached = Coached::new(&MixerConfig::default());
    let heard = coached.hear(-20.0, -2.0, 150);
    assert!(heard.iter().all(|sample| sample.abs() <= 0.891_251), "above −1 dBFS");
    let levels: Vec<f64> = heard
        .chunks_exact(FRAME_SAMPLES)
        .map(|frame| 20.0 * amplitude_at(COACH_HZ, frame).max(1e-9).log10())
        .collect();
    let is_loud = |it: &&f64| **it > -30.0;
    let spoken: Vec<f64> = levels.iter().filter(is_loud).copied().collect();
    let (first, last) = (spoken[0], spoken[spoken.len() - 1]);
    assert!(first - last > 7.0, "{first} to {last} dBFS within 3 s");
}

#[test]
fn a_second_whisper_begins_as_the_first_did_and_a_barge_is_nobodys_matching() {
    let mut coached = Coached::new(&MixerConfig::default());
    let first = coached.hear(-26.0, -38.0, 300);
    let leg = coached.scene.plan.listener(coached.coach).unwrap();
    coached.scene.mode(leg, ModeKind::Barge);
    // In a barge everybody hears everybody as they are.
    let [caller, coach] = coached.gains_db(-26.0, -38.0);
    assert!(caller.abs() < 0.1 && coach.abs() < 0.1, "{caller} and {coach} dB");
    coached.scene.mode(leg, ModeKind::Listen);
    coached.frame = 0;
    coached.scene.tick(&[None; LEGS_MAX]);
    coached.scene.mode(leg, ModeKind::Whisper);
    let again = coached.hear(-26.0, -38.0, 300);
    // But for the first frame, in which the caller fades.
    assert!(first[FRAME_SAMPLES..] == again[FRAME_SAMPLES..], "what was is forgotten");
}

/// A caller who is muted for a while is known when they come back, and another in the coach's place begins anew.
#[test]
fn what_is_known_of_a_voice_goes_with_its_leg() {
    let mut coached = Coached::new(&MixerConfig::default());
    let [_, raised] = coached.gains_db(-26.0, -38.0);
    assert!(raised > 11.0, "{raised} dB");
    let leg = coached.scene.plan.listener(coached.coach).unwrap();
    let reason = interaction::LeaveReason::HungUp;
    let other = coached.scene.supervisor();
    coached.scene.mode(other, ModeKind::Whisper);
    coached.scene.apply(Command::Leave { leg, reason });
    let successor = coached.scene.supervisor_in(coached.coach);
    coached.scene.mode(successor, ModeKind::Whisper);
    let heard = coached.hear(-26.0, -38.0, 10);
    let said: Vec<f32> = (coached.frame - 10..coached.frame)
        .flat_map(|frame| speech(COACH_HZ, -38.0, frame + 33))
        .collect();
    let [heard, said] =
        [&heard[FRAME_SAMPLES..], &said[FRAME_SAMPLES..]].map(|it| amplitude_at(COACH_HZ, it));
    let gain = 20.0 * (heard / said).log10();
    assert!(gain.abs() < 0.2, "the successor begins at {gain} dB");
}
