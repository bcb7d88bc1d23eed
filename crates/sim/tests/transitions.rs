//! Changes that nobody hears: seeded stories of calls in which deliveries change at random moments of speech, and what
//! each listener's client plays of them. For every seam: no click, no lost or repeated sound of more than 40 ms, no hole
//! of more than 40 ms (the measures: `sim::seams`). `make quality` says what PESQ finds of the same changes.

use std::sync::LazyLock;

use interaction::{Command, LeaveReason, LegId, ModeKind, Policy, QueueId, Target};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use recordings::Recording;
use sim::seams::{hole_ms, lag_ms, played, worst_jump};
use sim::{Room, RoomConfig, Signal};

const STORIES: u64 = 8;
/// The first seed of the stories of a transfer.
const TRANSFERS_FROM: u64 = 1_000;
/// Changes in a story, and the time from one to the next, ms.
const CHANGES: usize = 8;
const APART_MS: std::ops::Range<u64> = 1_600..2_600;

/// A jump of the waveform is a click if it is so many times as large as its surroundings. Undisturbed speech that was
/// decoded stays below.
const CLICK_MIN: f32 = 5.0;
/// What may be lost or repeated at a seam, and missing in it, ms.
const SHIFT_MAX_MS: f32 = 40.0;
const HOLE_MAX_MS: u64 = 40;
/// What is compared before and after a seam, ms, and how far from it that begins.
const COMPARED_MS: u64 = 300;
const MARGIN_MS: u64 = 120;
/// Nothing is later than this, ms.
const LAG_MAX_MS: u64 = 220;
/// Lags are told where the two are as much alike as this.
const ALIKE_MIN: f32 = 0.6;

/// Voices of people who talk all the time they are given: what two parties of recorded calls say, without their pauses.
static VOICES: LazyLock<Vec<Vec<f32>>> = LazyLock::new(|| {
    let calls = Recording::demo_calls().expect("they are in the program");
    let voices = calls.iter().flat_map(|call| [&call.caller, &call.agent]);
    voices.map(|packets| without_pauses(&recordings::decode(packets).expect("Opus"))).collect()
});

/// The sound without its pauses of more than 200 ms, faded where it was cut.
fn without_pauses(sound: &[f32]) -> Vec<f32> {
    const PIECE: usize = 480;
    let is_loud = |piece: &[f32]| piece.iter().any(|sample| sample.abs() > 0.01);
    let mut quiet = 0;
    let mut kept = Vec::new();
    for piece in sound.chunks_exact(PIECE) {
        quiet = if is_loud(piece) { 0 } else { quiet + 1 };
        if quiet < 20 {
            kept.extend_from_slice(piece);
        } else if quiet == 20 {
            kept.extend(
                piece.iter().enumerate().map(|(n, it)| it * (1.0 - n as f32 / PIECE as f32)),
            );
        }
    }
    kept
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    Mode(usize, ModeKind),
    Hold(bool),
    SecondAgentJoins,
    SecondAgentLeaves,
    SupervisorComes,
    SupervisorGoes,
    /// Another station carries this leg.
    Moves(LegId),
    /// The agent leaves the caller to a queue.
    Transfers,
    /// Somebody takes the caller from there.
    Takes,
}

/// What was changed when, ms.
type Log = Vec<(u64, Change)>;

struct Story {
    room: Room,
    caller: LegId,
    agent: LegId,
    second: Option<LegId>,
    supervisors: Vec<LegId>,
    random: StdRng,
    users: u64,
    is_held: bool,
    log: Log,
}

impl Story {
    fn new(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let tracks = [1, 1, 3, 4][random.random_range(0..4)];
        let mut policy = Policy { whisper_beep: false, ..Policy::default() };
        (policy.barge_tone.caller, policy.barge_tone.agents) = (false, false);
        let mut room = Room::new(RoomConfig { seed, policy, tracks, ..RoomConfig::default() });
        let caller = room.join_caller(Signal::Speech(&VOICES[0]));
        let agent = room.join_agent(1, Signal::Speech(&VOICES[1]));
        let supervisor = room.supervise(1, Signal::Speech(&VOICES[2]));
        room.run_ms(1_500);
        Self {
            room,
            caller,
            agent,
            second: None,
            supervisors: vec![supervisor],
            random,
            users: 1,
            is_held: false,
            log: Vec::new(),
        }
    }

    fn run(mut self) -> Self {
        for _ in 0..CHANGES {
            let change = self.choose();
            self.carry_out(change);
            self.log.push((self.room.now_ms(), change));
            let apart = self.random.random_range(APART_MS);
            self.room.run_ms(apart);
        }
        self.room.run_ms(800);
        self
    }

    fn choose(&mut self) -> Change {
        let mut choices = Vec::new();
        for (index, leg) in self.supervisors.iter().enumerate() {
            let mode = self.room.call().state().leg(*leg).and_then(|leg| leg.mode());
            let kinds = [ModeKind::Listen, ModeKind::Whisper, ModeKind::Barge];
            let others = kinds.into_iter().filter(|kind| mode.is_some_and(|it| it.kind() != *kind));
            choices.extend(others.map(|kind| Change::Mode(index, kind)));
        }
        choices.push(Change::Hold(!self.is_held));
        choices.push(if self.second.is_some() {
            Change::SecondAgentLeaves
        } else {
            Change::SecondAgentJoins
        });
        choices.extend([Change::Moves(self.caller), Change::Moves(self.agent)]);
        choices.push(match self.supervisors.len() {
            0 | 1 => Change::SupervisorComes,
            _ => Change::SupervisorGoes,
        });
        *choices.choose(&mut self.random).expect("there are some")
    }

    fn carry_out(&mut self, change: Change) {
        let reason = LeaveReason::HungUp;
        match change {
            Change::Mode(index, kind) => {
                self.room.set_mode(self.supervisors[index], kind).expect("they may");
            }
            Change::Hold(held) => {
                self.is_held = held;
                self.room.command(Command::SetHeld { held }).expect("they may");
            }
            Change::SecondAgentJoins => {
                self.users += 1;
                let voice = Signal::Speech(&VOICES[3]);
                self.second = Some(self.room.join_agent(self.users, voice));
            }
            Change::SecondAgentLeaves => {
                let leg = self.second.take().expect("it was there");
                self.room.command(Command::Leave { leg, reason }).expect("they may");
            }
            Change::SupervisorComes => {
                self.users += 1;
                let voice = Signal::Speech(&VOICES[4]);
                self.supervisors.push(self.room.supervise(self.users, voice));
            }
            Change::SupervisorGoes => {
                let leg = self.supervisors.pop().expect("it was there");
                self.room.command(Command::Leave { leg, reason }).expect("they may");
            }
            Change::Moves(leg) => {
                self.room.move_leg(leg).expect("they may");
            }
            Change::Transfers => {
                let (leg, to) = (self.agent, Target::Queue(QueueId(1)));
                self.room.command(Command::Transfer { leg, to, note: None }).expect("they may");
            }
            Change::Takes => {
                self.users += 1;
                self.agent = self.room.join_agent(self.users, Signal::Speech(&VOICES[3]));
            }
        }
    }

    /// The caller is left to a queue, and taken by another agent, whose station moves soon.
    fn transfer(mut self) -> Self {
        let mode =
            [ModeKind::Listen, ModeKind::Whisper, ModeKind::Barge][self.random.random_range(0..3)];
        let begin =
            if mode == ModeKind::Listen { Change::SupervisorComes } else { Change::Mode(0, mode) };
        for step in 0..4 {
            let change = match step {
                0 => begin,
                1 => Change::Transfers,
                2 => Change::Takes,
                _ => Change::Moves(self.agent),
            };
            self.carry_out(change);
            self.log.push((self.room.now_ms(), change));
            let apart = self.random.random_range(APART_MS);
            self.room.run_ms(apart);
        }
        self.room.run_ms(800);
        self
    }
}

#[derive(Debug, Default)]
struct Found {
    seams: usize,
    compared: usize,
    faults: Vec<String>,
    worst_jump: f32,
    worst_shift_ms: f32,
}

impl Found {
    fn assert_unheard(&self) {
        println!(
            "{} seams, {} voices across one; the worst jump {}, the worst shift {} ms",
            self.seams, self.compared, self.worst_jump, self.worst_shift_ms
        );
        assert!(self.faults.is_empty(), "{}\n{}", self.faults.len(), self.faults.join("\n"));
        assert!(self.compared > self.seams / 5, "too few voices go across: {self:?}");
    }
}

/// Looks at all seams in what `ear` played: of `voice` as far as it is there.
fn look(seed: u64, story: &Story, ear: LegId, voices: &[(LegId, usize)], found: &mut Found) {
    let end_ms = story.room.now_ms();
    let heard = played(story.room.received(ear), end_ms);
    for (at_ms, change) in &story.log {
        // What was heard until now was on another device, or nothing.
        if *change == Change::Moves(ear) || *at_ms < story.room.begins_ms(ear) {
            continue;
        }
        found.seams += 1;
        let name = format!("seed {seed}, {change:?} at {at_ms} ms, {ear:?}");
        let (ratio, where_ms) = worst_jump(&heard, at_ms - 60, at_ms + 300);
        found.worst_jump = found.worst_jump.max(ratio);
        if ratio > CLICK_MIN {
            found.faults.push(format!("{name}: a click of {ratio} at {where_ms} ms"));
        }
        for (voice, index) in voices {
            let mut said = vec![0.0; story.room.begins_ms(*voice) as usize * 48];
            let rest = end_ms as usize * 48 - said.len();
            said.extend(VOICES[*index].iter().cycle().take(rest));
            let before = (at_ms - MARGIN_MS - COMPARED_MS, at_ms - MARGIN_MS);
            let after = (at_ms + MARGIN_MS, at_ms + MARGIN_MS + COMPARED_MS);
            let lag = |(from, to)| lag_ms(&said, &heard, from, to, LAG_MAX_MS);
            let [before, after] = [before, after].map(lag);
            if before.1.min(after.1) < ALIKE_MIN {
                // Not heard, or others talk too loud beside it.
                continue;
            }
            found.compared += 1;
            let shift = after.0 - before.0;
            found.worst_shift_ms = found.worst_shift_ms.max(shift.abs());
            if shift.abs() > SHIFT_MAX_MS {
                found.faults.push(format!("{name}: {voice:?} is shifted by {shift} ms"));
            }
            let lags = [before.0, after.0];
            let hole = hole_ms(&said, &heard, at_ms - MARGIN_MS, at_ms + MARGIN_MS, lags);
            if hole > HOLE_MAX_MS {
                found.faults.push(format!("{name}: a hole of {hole} ms in {voice:?}"));
            }
        }
    }
}

#[test]
fn nobody_hears_a_change_but_for_who_is_heard() {
    let mut found = Found::default();
    for seed in 0..STORIES {
        let story = Story::new(seed).run();
        let (caller, agent) = ((story.caller, 0), (story.agent, 1));
        look(seed, &story, story.caller, &[agent], &mut found);
        look(seed, &story, story.agent, &[caller], &mut found);
        if let Some(supervisor) = story.supervisors.first() {
            look(seed, &story, *supervisor, &[caller, agent], &mut found);
        }
    }
    found.assert_unheard();
}

/// The caller waits in a queue, to a tone, between two agents; whoever supervises hears them all the time.
#[test]
fn nobody_hears_a_transfer_through_a_queue_but_for_who_is_heard() {
    let mut found = Found::default();
    for seed in TRANSFERS_FROM..TRANSFERS_FROM + STORIES {
        let story = Story::new(seed).transfer();
        let (caller, agent) = ((story.caller, 0), (story.agent, 3));
        look(seed, &story, story.caller, &[agent], &mut found);
        look(seed, &story, story.agent, &[caller], &mut found);
        look(seed, &story, story.supervisors[0], &[caller, agent], &mut found);
    }
    found.assert_unheard();
}
