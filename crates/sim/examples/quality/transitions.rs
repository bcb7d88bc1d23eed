//! What a change of delivery costs whoever listens: the 4 s around it, beside the same 4 s of a call in which the state
//! before it lasts, and of one in which the state after it has lasted long.

use std::io;

use codec::SAMPLE_RATE_HZ;
use interaction::{Command, LeaveReason, LegId, ModeKind, Policy};
use sim::seams::{lag_ms, played};
use sim::{Room, RoomConfig, Signal};

use crate::{Pairs, speech};

/// Half of what is compared, ms.
const AROUND_MS: u64 = 2_000;
/// Changes are at least so far apart, ms.
const APART_MS: u64 = 5_000;
/// Somebody speaks in the half second around a change: RMS, full scale.
const SPOKEN_MIN: f32 = 0.02;
const LAG_MAX_MS: u64 = 200;
/// From what is said until it is heard, about, ms: where a gain changes in what was said.
const DELAY_MS: u64 = 50;

/// Something that comes and goes.
#[derive(Clone, Copy)]
enum Kind {
    Whisper,
    Barge,
    /// A second agent joins: who had tracks enough has not any more.
    Conference,
}

/// Who listens, and to whom.
#[derive(Clone, Copy, PartialEq)]
enum Ear {
    /// To the agent.
    Caller,
    /// To the caller.
    Agent,
    /// To both.
    Supervisor,
}

const CASES: [(&str, Kind, Ear, usize); 7] = [
    ("a whisper, at the agent", Kind::Whisper, Ear::Agent, 1),
    ("a barge, at the caller", Kind::Barge, Ear::Caller, 1),
    ("a barge, at the agent", Kind::Barge, Ear::Agent, 1),
    ("another's barge, at a supervisor", Kind::Barge, Ear::Supervisor, 1),
    ("a second agent, at the caller", Kind::Conference, Ear::Caller, 1),
    ("a second agent, at a supervisor on two tracks", Kind::Conference, Ear::Supervisor, 2),
    ("a whisper, at the agent on three tracks", Kind::Whisper, Ear::Agent, 3),
];

/// Writes the pairs of all cases.
pub fn transitions(pairs: &mut Pairs, conversation: &speech::Conversation) -> io::Result<()> {
    let said = conversation.said.each_ref().map(|it| &*Vec::leak(it.clone()));
    for (name, kind, ear, tracks) in CASES {
        let voice = match ear {
            Ear::Caller => conversation.said[1].clone(),
            Ear::Agent => conversation.said[0].clone(),
            Ear::Supervisor => conversation.together(),
        };
        let moments = moments(&voice);
        let gain = if matches!(kind, Kind::Whisper) && tracks == 1 { 0.5 } else { 1.0 };
        let heard = [&moments[..], &[], &[500]]
            .map(|changes| carry(said, kind, ear, tracks, changes, voice.len()));
        for (n, at_ms) in moments.iter().enumerate() {
            let is_on_after = n % 2 == 0;
            let way = if is_on_after { "begins" } else { "ends" };
            let gains = if is_on_after { [1.0, gain] } else { [gain, 1.0] };
            let wanted = wanted(&voice, *at_ms, gains);
            for (heard, which) in heard.iter().zip(["changed", "without", "with"]) {
                let row = format!("{name}: {way}, {which}");
                let wanted = if which == "changed" { &wanted } else { &voice };
                pairs.add_cut("transitions", &row, &cut(wanted, *at_ms, 0.0), &{
                    let from = at_ms - AROUND_MS + 100;
                    let (lag, _) = lag_ms(wanted, heard, from, at_ms - 200, LAG_MAX_MS);
                    cut(heard, *at_ms, lag)
                })?;
            }
        }
    }
    Ok(())
}

/// When something changes, ms: somebody speaks just then.
fn moments(voice: &[f32]) -> Vec<u64> {
    let samples = |ms: u64| ms as usize * SAMPLE_RATE_HZ as usize / 1_000;
    let end_ms = (voice.len() / 48) as u64 - AROUND_MS - LAG_MAX_MS;
    let mut moments = Vec::new();
    let mut at_ms = 3_000;
    while at_ms < end_ms {
        let part = &voice[samples(at_ms - 250)..samples(at_ms + 250)];
        let power = part.iter().map(|it| it * it).sum::<f32>() / part.len() as f32;
        if power.sqrt() > SPOKEN_MIN {
            moments.push(at_ms);
            // Not at the same place in a frame each time.
            at_ms += APART_MS + 7;
        } else {
            at_ms += 50;
        }
    }
    moments
}

fn wanted(voice: &[f32], at_ms: u64, gains: [f32; 2]) -> Vec<f32> {
    let at = (at_ms - DELAY_MS) as usize * 48;
    voice.iter().enumerate().map(|(n, it)| it * gains[usize::from(n >= at)]).collect()
}

fn cut(sound: &[f32], at_ms: u64, lag_ms: f32) -> Vec<f32> {
    let from = (at_ms - AROUND_MS) as usize * 48 + (lag_ms * 48.0) as usize;
    sound[from.min(sound.len())..(from + 2 * AROUND_MS as usize * 48).min(sound.len())].to_vec()
}

/// What the ear plays of a call in which it comes and goes at these times, ms.
fn carry(
    said: [&'static [f32]; 2],
    kind: Kind,
    ear: Ear,
    tracks: usize,
    changes: &[u64],
    samples: usize,
) -> Vec<f32> {
    let mut policy = Policy { whisper_beep: false, ..Policy::default() };
    (policy.barge_tone.caller, policy.barge_tone.agents) = (false, false);
    let mut room = Room::new(RoomConfig { policy, tracks, ..RoomConfig::default() });
    let caller = room.join_caller(Signal::Speech(said[0]));
    let agent = room.join_agent(1, Signal::Speech(said[1]));
    let supervisor = room.supervise(1, Signal::Silence);
    let listener = (ear == Ear::Supervisor).then(|| room.supervise(2, Signal::Silence));
    let mut second = None;
    for (n, at_ms) in changes.iter().enumerate() {
        room.run_ms(at_ms - room.now_ms());
        change(&mut room, kind, n % 2 == 0, supervisor, &mut second);
    }
    let end_ms = (samples / 48) as u64;
    room.run_ms(end_ms - room.now_ms());
    let ear = match ear {
        Ear::Caller => caller,
        Ear::Agent => agent,
        Ear::Supervisor => listener.unwrap_or(supervisor),
    };
    played(room.received(ear), end_ms)
}

fn change(
    room: &mut Room,
    kind: Kind,
    begins: bool,
    supervisor: LegId,
    second: &mut Option<LegId>,
) {
    let mode = match (kind, begins) {
        (Kind::Whisper, true) => ModeKind::Whisper,
        (Kind::Barge, true) => ModeKind::Barge,
        (Kind::Whisper | Kind::Barge, false) => ModeKind::Listen,
        (Kind::Conference, true) => {
            *second = Some(room.join_agent(2, Signal::Silence));
            return;
        }
        (Kind::Conference, false) => {
            if let Some(leg) = second.take() {
                let leave = Command::Leave { leg, reason: LeaveReason::HungUp };
                room.command(leave).expect("an agent may leave");
            }
            return;
        }
    };
    room.set_mode(supervisor, mode).expect("a supervisor may");
}
