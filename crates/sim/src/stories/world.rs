//! One life of a story.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use call_engine::{Call, CallConfig, Moment, RtpPacket, TICK_MS, ToneClips};
use codec::OpusEncoderConfig;
use interaction::Target;
use interaction::disclosure::sees;
use interaction::{
    Actor, CallId, CallState, Command, Event, HandoverOutcome, LeaveReason, LegId, Mode, ModeKind,
    QueueId, Rights, UnixMs, Viewer,
};

use super::cast::{Arrival, arrivals, is_recorded};
use super::telling::{seen, told};
use super::{AGENTS, Act, Person, Presence, SUPERVISORS, Story};
use crate::Received;
use crate::room::starts;

/// How long a story goes on after its last step, ms.
const EPILOGUE_MS: u64 = 160;
/// Ticks between two looks at the levels, as the worker has it.
const TICKS_PER_ROUND: u64 = 5;

/// Everything that the viewer can observe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// What came as RTP.
    pub packets: Vec<Received>,
    /// How many of these were somebody's own in the place of a mix.
    pub stood_in: u64,
    /// How often a supervisor took over, of which everybody knows.
    pub taken_over: u64,
    /// When they were told what, µs.
    pub told: Vec<(u64, String)>,
    /// When they asked for something, when that was answered, µs, and how.
    pub answers: Vec<(u64, u64, String)>,
}

/// How the supervisors were there after each step, as far as the viewer may know.
#[derive(Debug, Default)]
pub struct Script {
    after_steps: Vec<[Presence; SUPERVISORS]>,
    is_hiding: bool,
}

struct World<'a> {
    story: &'a Story,
    call: Call,
    epoch: Instant,
    now_us: u64,
    waiting: Vec<Waiting>,
    observed: Observed,
}

/// A command that is not answered yet, and what the viewer is to be told of it.
struct Waiting {
    by: Person,
    asked_us: u64,
    answer: Option<String>,
    told: Vec<String>,
}

/// Lives the story as it is.
pub fn live(story: &Story) -> (Observed, Script) {
    let mut script = Script::default();
    let observed = World::new(story).run(|world, act| {
        let before = world.all_visible();
        world.act(act);
        let visible = world.all_visible();
        script.is_hiding |= matches!(act, Act::Supervise(..)) && before == visible;
        script.after_steps.push(visible);
    });
    (observed, script)
}

/// Lives the story with the supervisors there as the script has it.
pub fn live_again(story: &Story, script: &Script) -> Observed {
    let mut steps = script.after_steps.iter();
    World::new(story).run(|world, act| {
        if !matches!(act, Act::Supervise(..)) {
            world.act(act);
        }
        let wanted = steps.next().expect("a script has as many steps as its story");
        for (supervisor, presence) in wanted.iter().enumerate() {
            world.supervise(supervisor, *presence);
        }
    })
}

static CONFIG: LazyLock<CallConfig> = LazyLock::new(|| {
    // What matters is whose encoder is used, not how well it sounds.
    let encoder = OpusEncoderConfig { complexity: 0, ..OpusEncoderConfig::default() };
    let config = CallConfig { encoder, ..CallConfig::default() };
    let clips = ToneClips::encode(&config.mixer, encoder).expect("a valid configuration");
    CallConfig { clips: Some(Arc::new(clips)), ..config }
});

impl Script {
    /// Whether some supervisor did something that the viewer may not know of.
    pub fn is_hiding(&self) -> bool {
        self.is_hiding
    }
}

impl Observed {
    /// # Errors
    /// The first difference.
    pub fn compare(&self, other: &Self) -> Result<(), String> {
        first_difference("packet", &self.packets, &other.packets)?;
        first_difference("news", &self.told, &other.told)?;
        first_difference("answer", &self.answers, &other.answers)
    }
}

fn first_difference<T: PartialEq + std::fmt::Debug>(
    what: &str,
    with: &[T],
    without: &[T],
) -> Result<(), String> {
    let count = with.len().max(without.len());
    match (0..count).find(|index| with.get(*index) != without.get(*index)) {
        Some(index) => {
            let (with, without) = (with.get(index), without.get(index));
            Err(format!("{what} {index}\n   with: {with:?}\nwithout: {without:?}"))
        }
        None => Ok(()),
    }
}

impl<'a> World<'a> {
    /// A call of the caller and the first agent.
    fn new(story: &'a Story) -> Self {
        let config = CONFIG.clone();
        let call =
            Call::new(CallId(1), story.policy.clone(), config).expect("a valid configuration");
        let mut world = Self {
            story,
            call,
            epoch: Instant::now(),
            now_us: 0,
            waiting: Vec::new(),
            observed: Observed::default(),
        };
        let [caller, agent] = [Person::Caller, Person::Agent(0)];
        world.send(caller, Command::JoinCaller { user: caller.user() });
        world.send(agent, Command::JoinAgent { user: agent.user() });
        world
    }

    /// Lets time pass until the story is over; `step` does what happens.
    fn run(mut self, mut step: impl FnMut(&mut Self, Act)) -> Observed {
        let last_ms = self.story.steps.last().map_or(0, |step| step.at_ms);
        let end_us = (last_ms + EPILOGUE_MS) * 1_000;
        let mut arrivals = arrivals(self.story, end_us).into_iter().peekable();
        let mut steps = self.story.steps.iter().peekable();
        for tick in 1..=end_us / (TICK_MS * 1_000) {
            let tick_us = tick * TICK_MS * 1_000;
            loop {
                let packet_us = arrivals.peek().map(|it| it.at_us).filter(|at| *at <= tick_us);
                let step_us = steps.peek().map(|it| it.at_ms * 1_000).filter(|at| *at <= tick_us);
                match (packet_us, step_us) {
                    (Some(packet_us), step_us) if step_us.is_none_or(|at| packet_us <= at) => {
                        self.now_us = packet_us;
                        arrivals.next().iter().for_each(|arrival| self.deliver(arrival));
                    }
                    (_, Some(step_us)) => {
                        self.now_us = step_us;
                        steps.next().into_iter().for_each(|it| step(&mut self, it.act));
                    }
                    (_, None) => break,
                }
            }
            self.now_us = tick_us;
            self.tick(tick);
        }
        self.observed
    }

    fn deliver(&mut self, arrival: &Arrival) {
        let Some(leg) = self.leg(arrival.from) else { return };
        let Arrival { sequence, timestamp, marker, payload, .. } = *arrival;
        let is_restored = false;
        let packet =
            RtpPacket { sequence, timestamp, marker, payload, level_dbov: None, is_restored };
        let (now, now_us, viewer) = (self.moment().now, self.now_us, self.leg(self.story.viewer));
        let packets = &mut self.observed.packets;
        self.call.handle_rtp(now, leg, packet, |out| {
            if Some(out.leg) == viewer {
                packets.push(Received::new(now_us, out));
            }
        });
    }

    fn tick(&mut self, tick: u64) {
        let (moment, now_us, viewer) = (self.moment(), self.now_us, self.leg(self.story.viewer));
        let Observed { packets, stood_in, .. } = &mut self.observed;
        let events = self.call.handle_tick(moment, |out| {
            if Some(out.leg) == viewer {
                *stood_in += u64::from(is_recorded(out.payload));
                packets.push(Received::new(now_us, out));
            }
        });
        assert!(events.is_empty(), "everybody goes on sending");
        if tick.is_multiple_of(TICKS_PER_ROUND) {
            self.call.levels();
        }
        self.settle();
    }

    /// Sends a command, of which the viewer is told, and gets the answer if it is theirs.
    fn send(&mut self, by: Person, command: Command) {
        self.send_as(by, Actor::User(by.user()), command);
    }

    fn send_as(&mut self, by: Person, actor: Actor, command: Command) {
        let seed = by.seed(self.story);
        let at = self.moment().now;
        let starts = starts((seed >> 16) as u32, by.tracks(self.story), at);
        let before = self.viewer();
        let result = self.call.handle_command(self.moment(), actor, command, Some(starts));
        let state = self.call.state();
        let takes_over = |event: &&Event| matches!(event, Event::ModeChanged { leg, .. } if leg.mode() == Some(Mode::TakeOver));
        let taken = result.iter().flat_map(|it| &it.events).filter(takes_over).count();
        self.observed.taken_over += taken as u64;
        // Who left is told of it, too.
        let viewer = self.viewer().or(before);
        let is_known = |event: &Event| viewer.and_then(|viewer| told(state, viewer, event));
        let told = result.iter().flat_map(|it| &it.events).filter_map(is_known).collect();
        let answer = (by == self.story.viewer).then(|| match &result {
            Ok(_) => viewer.map_or_else(String::new, |viewer| seen(state, viewer)),
            Err(refusal) => refusal.to_string(),
        });
        self.waiting.push(Waiting { by, asked_us: self.now_us, answer, told });
        self.settle();
    }

    /// Answers and tells, if the call says that it is time.
    fn settle(&mut self) {
        if !self.call.settled() {
            return;
        }
        for Waiting { asked_us, answer, told, .. } in self.waiting.drain(..) {
            let now_us = self.now_us;
            self.observed.answers.extend(answer.map(|answer| (asked_us, now_us, answer)));
            self.observed.told.extend(told.into_iter().map(|it| (now_us, it)));
        }
    }

    /// Does what the story says, if somebody can.
    fn act(&mut self, act: Act) {
        let talking = self.talking();
        let talking = |pick: usize| {
            let count = talking.len();
            (count > 0).then(|| talking[pick % count])
        };
        let to = Target::Queue(QueueId(1));
        let note = None;
        let sent = match act {
            Act::Mute(party, muted) => {
                self.leg(party).map(|leg| (party, Command::SetMuted { leg, muted }))
            }
            Act::Hold(pick, held) => talking(pick).map(|(it, _)| (it, Command::SetHeld { held })),
            Act::Invite(pick) => {
                talking(pick).map(|(it, leg)| (it, Command::Invite { leg, to, note }))
            }
            Act::Consult(pick) => {
                talking(pick).map(|(it, leg)| (it, Command::Consult { leg, to, note }))
            }
            Act::Transfer(pick) => {
                talking(pick).map(|(it, leg)| (it, Command::Transfer { leg, to, note }))
            }
            Act::Accept => self.accept(),
            Act::GiveUp => self.give_up(),
            Act::Complete => {
                self.consulting().map(|(it, leg)| (it, Command::CompleteTransfer { leg }))
            }
            Act::Merge => {
                self.consulting().map(|(it, leg)| (it, Command::MergeConsultation { leg }))
            }
            Act::Cancel => {
                self.consulting().map(|(it, leg)| (it, Command::CancelConsultation { leg }))
            }
            Act::Leave(party) => {
                let reason = LeaveReason::HungUp;
                self.leg(party).map(|leg| (party, Command::Leave { leg, reason }))
            }
            Act::Move(party) => self.leg(party).map(|leg| (party, Command::MoveLeg { leg })),
            Act::Lost(party, lost) => {
                self.leg(party).map(|leg| (party, Command::SetMediaLost { leg, lost }))
            }
            Act::Help(pick) => {
                talking(pick).map(|(it, leg)| (it, Command::RequestHelp { leg, reason: None }))
            }
            Act::TakeHelp(supervisor) => {
                let supervisor = Person::Supervisor(supervisor);
                Some((supervisor, Command::TakeHelp { user: supervisor.user() }))
            }
            Act::Supervise(supervisor, presence) => {
                // Where no agent talks there is nobody to listen to: not even one more mode. And their
                // client waits for an answer before it asks for something else.
                let by = Person::Supervisor(supervisor);
                if talking(0).is_some() && self.waiting.iter().all(|it| it.by != by) {
                    self.supervise(supervisor, presence);
                }
                None
            }
        };
        if let Some((by, command)) = sent {
            self.send(by, command);
        }
    }

    /// Brings a supervisor from how they are there to how they want to be, if that can be.
    fn supervise(&mut self, supervisor: usize, wanted: Presence) {
        let person = Person::Supervisor(supervisor);
        if self.presence(supervisor) == wanted {
            return;
        }
        let (mode, coach) = match wanted {
            Presence::Absent => {
                let reason = LeaveReason::HungUp;
                if let Some(leg) = self.leg(person) {
                    self.send(person, Command::Leave { leg, reason });
                }
                return;
            }
            Presence::Listens => (ModeKind::Listen, None),
            Presence::Barges => (ModeKind::Barge, None),
            Presence::TakesOver => (ModeKind::TakeOver, None),
            Presence::Whispers(agent) => match self.leg(Person::Agent(agent)) {
                Some(leg) => (ModeKind::Whisper, Some(leg)),
                None => return,
            },
        };
        if self.leg(person).is_none() {
            let rights = Rights { whisper: true, barge: true };
            self.send(person, Command::Supervise { user: person.user(), rights });
        }
        if let Some(leg) = self.leg(person) {
            self.send(
                person,
                Command::SetMode { leg, mode, coach, announce: true, expected: None },
            );
        }
    }

    fn accept(&self) -> Option<(Person, Command)> {
        let handover = self.call.state().handover()?.id;
        let free = (0..AGENTS).map(Person::Agent).find(|agent| self.leg(*agent).is_none())?;
        Some((free, Command::AcceptHandover { user: free.user(), handover }))
    }

    fn give_up(&self) -> Option<(Person, Command)> {
        let handover = self.call.state().handover()?;
        let outcome = HandoverOutcome::Cancelled;
        let from = (0..AGENTS).map(Person::Agent).find(|agent| agent.user() == handover.from)?;
        Some((from, Command::EndHandover { handover: handover.id, outcome }))
    }

    fn consulting(&self) -> Option<(Person, LegId)> {
        let by = self.call.state().consulted()?.consulted_by()?;
        (0..AGENTS).map(Person::Agent).find(|agent| self.leg(*agent) == Some(by)).map(|it| (it, by))
    }

    fn talking(&self) -> Vec<(Person, LegId)> {
        let state = self.call.state();
        let agents = (0..AGENTS).map(Person::Agent);
        let legs = agents.filter_map(|it| state.leg_of(it.user()).map(|leg| (it, leg)));
        legs.filter(|(_, leg)| leg.consulted_by().is_none()).map(|(it, leg)| (it, leg.id)).collect()
    }

    fn leg(&self, person: Person) -> Option<LegId> {
        self.call.state().leg_of(person.user()).map(|leg| leg.id)
    }

    /// Through whose eyes the viewer looks; `None`: not on the call.
    fn viewer(&self) -> Option<Viewer> {
        let leg = self.leg(self.story.viewer)?;
        Some(match self.story.viewer {
            Person::Caller => Viewer::Caller,
            Person::Agent(_) | Person::Supervisor(_) => Viewer::Agent(Some(leg)),
        })
    }

    fn presence(&self, supervisor: usize) -> Presence {
        let state = self.call.state();
        let leg = state.leg_of(Person::Supervisor(supervisor).user());
        match leg.and_then(|leg| leg.mode()) {
            None => Presence::Absent,
            Some(Mode::Listen) => Presence::Listens,
            Some(Mode::Barge) => Presence::Barges,
            Some(Mode::TakeOver) => Presence::TakesOver,
            Some(Mode::Whisper { coached }) => agent_of(state, coached),
        }
    }

    /// How the supervisors are there, as far as the viewer may know.
    fn all_visible(&self) -> [Presence; SUPERVISORS] {
        let state = self.call.state();
        let viewer = self.viewer().unwrap_or(match self.story.viewer {
            Person::Caller => Viewer::Caller,
            Person::Agent(_) | Person::Supervisor(_) => Viewer::Agent(None),
        });
        std::array::from_fn(|supervisor| {
            let leg = state.leg_of(Person::Supervisor(supervisor).user());
            let is_visible = leg.is_some_and(|leg| sees(state.policy(), viewer, leg));
            if is_visible { self.presence(supervisor) } else { Presence::Absent }
        })
    }

    fn moment(&self) -> Moment {
        let now = self.epoch + Duration::from_micros(self.now_us);
        Moment { now, unix: UnixMs(self.now_us / 1_000) }
    }
}

fn agent_of(state: &CallState, leg: LegId) -> Presence {
    let is_it =
        |agent: &usize| state.leg_of(Person::Agent(*agent).user()).is_some_and(|it| it.id == leg);
    Presence::Whispers((0..AGENTS).find(is_it).expect("a coached leg is an agent's"))
}
