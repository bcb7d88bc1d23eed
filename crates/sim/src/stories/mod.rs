//! Seeded stories of calls, each lived twice: as it is, and with every supervisor taken out of it for as
//! long as one party, the viewer, may not know of them. Whatever the viewer can observe must be the same.
//!
//! [`difference`] compares what the viewer gets as RTP (bytes and instants), is told of the call, is
//! answered, and when. [`shrink`] takes out of a story what a difference does not need. RTCP is not
//! compared: it belongs to the station, which knows of no call.
//!
//! A world is a [`call_engine::Call`] in virtual time. Everybody sends from the first moment on, whether
//! on the call or not, so that who supervises changes nothing in what others send.

mod cast;
mod telling;
mod world;

use std::fmt;
use std::ops::Range;

use interaction::{Policy, TonePolicy};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

pub use world::Observed;

/// Agents that a story has at most.
pub const AGENTS: usize = 3;
/// Supervisors that a story has at most.
pub const SUPERVISORS: usize = 3;

/// One life of a call, and through whose eyes it is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// Everything random comes of it.
    pub seed: u64,
    /// The centre's choices.
    pub policy: Policy,
    /// Who must not notice.
    pub viewer: Person,
    /// Tracks of every station; `None`: each person has a number of their own.
    pub tracks: Option<usize>,
    /// How rough the network is, µs of jitter.
    pub jitter_us: u64,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// Somebody of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    /// The caller.
    Caller,
    /// One of the agents.
    Agent(usize),
    /// One of the supervisors.
    Supervisor(usize),
}

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, ms.
    pub at_ms: u64,
    /// What.
    pub act: Act,
}

/// What somebody does. An agent who is picked is one of those who can do it, modulo their number; an act
/// that nobody can do does not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A party mutes themself, or no longer does.
    Mute(Person, bool),
    /// A talking agent parts caller and agents, or brings them together.
    Hold(usize, bool),
    /// A talking agent asks for another one beside them.
    Invite(usize),
    /// A talking agent asks another one alone.
    Consult(usize),
    /// A talking agent hands the call over.
    Transfer(usize),
    /// Whoever is asked comes.
    Accept,
    /// Nobody comes.
    GiveUp,
    /// The consulting agent leaves the call to the consulted one.
    Complete,
    /// The consulting agent brings all three together.
    Merge,
    /// The consulting agent goes on alone.
    Cancel,
    /// A party leaves.
    Leave(Person),
    /// A party goes on at another station.
    Move(Person),
    /// A party's media go missing, or come back.
    Lost(Person, bool),
    /// A talking agent raises their hand.
    Help(usize),
    /// A supervisor takes up what the hand was raised for.
    TakeHelp(usize),
    /// A supervisor wants to be there so.
    Supervise(usize, Presence),
}

/// How a supervisor is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Not at all.
    Absent,
    /// In Listen.
    Listens,
    /// In Whisper, to this agent.
    Whispers(usize),
    /// In Barge.
    Barges,
    /// In take-over.
    TakesOver,
}

/// What was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Stories.
    pub stories: u64,
    /// Those in which a supervisor did something that the viewer may not know of.
    pub hiding: u64,
    /// Packets that viewers got.
    pub packets: u64,
    /// Of these on other tracks than the first.
    pub on_spare_tracks: u64,
    /// Those of them that stood for a mix: passed on at a tick, while their source talked alone.
    pub stood_in: u64,
    /// Things that viewers were told.
    pub told: u64,
    /// Answers that viewers got.
    pub answers: u64,
    /// Times that a supervisor took over.
    pub taken_over: u64,
}

/// A story that the viewer can tell apart.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The story, without what the difference does not need.
    pub story: Story,
    /// The first difference.
    pub difference: String,
}

impl Story {
    /// The story that `seed` stands for.
    pub fn new(seed: u64) -> Self {
        let mut story = Self::of_three_modes(seed);
        // A stream of its own, so that the three modes' stories stay those that they were.
        let mut random = StdRng::seed_from_u64(!seed);
        story.policy.agents_hear_take_over = random.random_bool(0.5);
        for step in &mut story.steps {
            let Act::Supervise(_, presence) = &mut step.act else { continue };
            let share = match presence {
                Presence::Absent => 0.0,
                Presence::Listens | Presence::Whispers(_) => 0.1,
                Presence::Barges | Presence::TakesOver => 0.6,
            };
            if random.random_bool(share) {
                *presence = Presence::TakesOver;
            }
        }
        story
    }

    /// The story that `seed` stood for before there was a take-over.
    pub fn of_three_modes(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let policy = Policy {
            notify_agent_on_listen: random.random_bool(0.1),
            supervisors_hear_whispers: random.random_bool(0.7),
            hold_tone: random.random_bool(0.5),
            barge_tone: TonePolicy {
                caller: random.random_bool(0.5),
                agents: random.random_bool(0.5),
            },
            whisper_beep: random.random_bool(0.7),
            ..Policy::default()
        };
        let viewer = match random.random_range(0..2 * AGENTS) {
            agent if agent < AGENTS => Person::Agent(agent),
            _ => Person::Caller,
        };
        let jitter_us = [0, 8_000, 45_000][random.random_range(0..3)];
        let mut at_ms = 30;
        let mut steps = Vec::new();
        for _ in 0..random.random_range(8..24) {
            at_ms += match random.random_range(0..10) {
                0..3 => random.random_range(0..4),
                3..8 => random.random_range(4..60),
                _ => random.random_range(60..150),
            };
            steps.push(Step { at_ms, act: act(&mut random) });
        }
        Self { seed, policy, viewer, tracks: None, jitter_us, steps }
    }
}

fn act(random: &mut StdRng) -> Act {
    let mut agent = || random.random_range(0..AGENTS);
    let (one, other) = (agent(), agent());
    let party = if random.random_bool(0.4) { Person::Caller } else { Person::Agent(one) };
    let is_on = random.random_bool(0.5);
    match random.random_range(0..100) {
        0..16 => Act::Mute(party, is_on),
        16..22 => Act::Hold(one, is_on),
        22..29 => Act::Invite(one),
        29..34 => Act::Consult(one),
        34..36 => Act::Transfer(one),
        36..50 => Act::Accept,
        50..51 => Act::GiveUp,
        51..52 => Act::Complete,
        52..55 => Act::Merge,
        55..57 => Act::Cancel,
        57..58 => Act::Leave(Person::Agent(one)),
        58..60 => Act::Move(party),
        60..61 => Act::Lost(party, is_on),
        61..62 => Act::Help(one),
        62..63 => Act::TakeHelp(one),
        _ => {
            let presence = match random.random_range(0..12) {
                0..2 => Presence::Absent,
                2..6 => Presence::Listens,
                6..10 => Presence::Whispers(other),
                _ => Presence::Barges,
            };
            Act::Supervise(random.random_range(0..SUPERVISORS), presence)
        }
    }
}

/// Lives `story` with and without what its viewer may not know of. `Err`: the viewer can tell, and this
/// is how.
///
/// # Errors
/// The first difference.
pub fn difference(story: &Story) -> Result<Tally, String> {
    let (with, script) = world::live(story);
    let is_hiding = script.is_hiding();
    let without = if is_hiding { world::live_again(story, &script) } else { with.clone() };
    with.compare(&without)?;
    Ok(Tally {
        stories: 1,
        hiding: u64::from(is_hiding),
        packets: with.packets.len() as u64,
        on_spare_tracks: with.packets.iter().filter(|it| it.track > 0).count() as u64,
        stood_in: with.stood_in,
        told: with.told.len() as u64,
        answers: with.answers.len() as u64,
        taken_over: with.taken_over,
    })
}

/// What the viewer observes of the story as it is.
pub fn observe(story: &Story) -> Observed {
    world::live(story).0
}

/// Takes steps out of a story for as long as the viewer can still tell.
pub fn shrink(mut story: Story) -> Story {
    loop {
        let shorter = (0..story.steps.len()).rev().find_map(|index| {
            let mut shorter = story.clone();
            shorter.steps.remove(index);
            difference(&shorter).is_err().then_some(shorter)
        });
        match shorter {
            Some(shorter) => story = shorter,
            None => return story,
        }
    }
}

/// Compares the stories of these seeds, one after the other.
///
/// # Errors
/// The first story in which the viewer can tell, shrunk.
pub fn compare(seeds: Range<u64>) -> Result<Tally, Box<Failure>> {
    let mut tally = Tally::default();
    for seed in seeds {
        let story = Story::new(seed);
        match difference(&story) {
            Ok(one) => tally = tally.plus(one),
            Err(_) => {
                let story = shrink(story);
                let difference = difference(&story).expect_err("a shrunk story still tells");
                return Err(Box::new(Failure { story, difference }));
            }
        }
    }
    Ok(tally)
}

/// Compares the stories of these seeds on as many threads as there are cores.
///
/// # Errors
/// A story in which the viewer can tell, shrunk.
pub fn compare_on_all_cores(seeds: Range<u64>) -> Result<Tally, Box<Failure>> {
    let threads = std::thread::available_parallelism().map_or(1, |it| it.get() as u64);
    let share = (seeds.end - seeds.start).div_ceil(threads);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                let from = (seeds.start + thread * share).min(seeds.end);
                scope.spawn(move || compare(from..(from + share).min(seeds.end)))
            })
            .collect();
        workers.into_iter().try_fold(Tally::default(), |tally, worker| {
            let part = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            Ok(tally.plus(part))
        })
    })
}

impl Tally {
    fn plus(self, other: Self) -> Self {
        Self {
            stories: self.stories + other.stories,
            hiding: self.hiding + other.hiding,
            packets: self.packets + other.packets,
            on_spare_tracks: self.on_spare_tracks + other.on_spare_tracks,
            stood_in: self.stood_in + other.stood_in,
            told: self.told + other.told,
            answers: self.answers + other.answers,
            taken_over: self.taken_over + other.taken_over,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Story { seed, policy, viewer, jitter_us, steps, .. } = &self.story;
        writeln!(f, "{viewer:?} can tell whether somebody listens: {}", self.difference)?;
        writeln!(f, "tracks of the viewer's stations: {}", viewer.tracks(&self.story))?;
        writeln!(f, "seed {seed}, jitter {jitter_us} µs, {policy:?}")?;
        for step in steps {
            writeln!(f, "{:>6} ms  {:?}", step.at_ms, step.act)?;
        }
        Ok(())
    }
}
