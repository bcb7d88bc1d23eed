//! When commands are answered and told, in virtual time: at the tick after them, whoever listens.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use interaction::Target;
use interaction::{LegId, ModeKind, Rights, UnixMs, UserId};
use mio::{Poll, Token, Waker};
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};

use super::*;
use crate::CommandReply;
use crate::mailbox::Mailbox;

const CALL: CallId = CallId(7);
const TICK_MS: u64 = call_engine::TICK_MS;

type Answer = oneshot::Receiver<Result<CommandReply, CommandError>>;

/// The calls of one worker, a clock of whole milliseconds, and everything that is told.
struct Stage {
    calls: Calls,
    outbox: Outbox,
    /// What the other worker is asked to do; it has the stations with odd ids.
    neighbour: Receiver<Message>,
    told: mpsc::Receiver<MediaEvent>,
    epoch: Instant,
    now_ms: u64,
    next_station: u64,
    _poll: Poll,
}

/// Who supervises meanwhile.
#[derive(Clone, Copy, Debug)]
enum Supervision {
    Nobody,
    One(ModeKind),
    /// One in each mode.
    All,
}

/// When somebody asked, was answered, and others were told, ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Times {
    asked: u64,
    answered: u64,
    told: Option<u64>,
}

impl Stage {
    /// A call of a caller and an agent that has gone on for a while.
    fn new(supervision: Supervision) -> Self {
        let poll = Poll::new().unwrap();
        let bell = crate::bell::bell(Waker::new(poll.registry(), Token(0)).unwrap());
        let (mailbox, _) = Mailbox::new(bell.clone());
        let (neighbours, neighbour) = Mailbox::new(bell);
        let (events, told) = mpsc::channel(10_000);
        let mut stage = Self {
            calls: Calls::new(1, CallConfig::default()),
            outbox: Outbox::new(0, vec![mailbox, neighbours], events),
            neighbour,
            told,
            epoch: Instant::now(),
            now_ms: 0,
            next_station: 1,
            _poll: poll,
        };
        stage.calls.open(CALL, Policy::default(), None).unwrap();
        stage.done(Command::JoinCaller { user: UserId(1) });
        stage.done(Command::JoinAgent { user: UserId(2) });
        let modes: &[ModeKind] = match &supervision {
            Supervision::Nobody => &[],
            Supervision::One(mode) => std::slice::from_ref(mode),
            Supervision::All => &[ModeKind::Listen, ModeKind::Whisper, ModeKind::Barge],
        };
        for (user, mode) in (100..).map(UserId).zip(modes) {
            let rights = Rights { whisper: true, barge: true };
            let leg = stage.done(Command::Supervise { user, rights });
            let mode = *mode;
            let (leg, coach, announce, expected) = (leg.unwrap(), None, true, None);
            stage.done(Command::SetMode { leg, mode, coach, announce, expected });
        }
        stage.run_to(stage.now_ms.next_multiple_of(1_000));
        while stage.told.try_recv().is_ok() {}
        stage
    }

    fn leg_of(&self, user: u64) -> LegId {
        self.calls.slots[&CALL].call.state().leg_of(UserId(user)).unwrap().id
    }

    fn send(&mut self, call: CallId, command: Command) -> Answer {
        let position = call_engine::RtpPosition::start(1, 1, self.moment().now);
        let station = matches!(
            command,
            Command::JoinCaller { .. }
                | Command::JoinAgent { .. }
                | Command::Supervise { .. }
                | Command::MoveLeg { .. }
        );
        self.next_station += 1;
        let station = station.then_some((StationId(self.next_station), position.into()));
        let (reply, answer) = oneshot::channel();
        let apply = Apply { call, by: Actor::System, command, station, reply };
        self.calls.apply(self.moment(), apply, &mut self.outbox);
        answer
    }

    /// Sends a command and waits for its answer.
    fn done(&mut self, command: Command) -> Option<LegId> {
        let mut answer = self.send(CALL, command);
        self.run_to(self.now_ms + TICK_MS);
        answer.try_recv().unwrap().unwrap().applied.joined
    }

    fn run_to(&mut self, end_ms: u64) {
        while self.now_ms < end_ms {
            self.step();
        }
    }

    /// A millisecond; at every twentieth the calls tick, and what is in force then is told.
    fn step(&mut self) {
        self.now_ms += 1;
        if self.now_ms.is_multiple_of(TICK_MS) {
            self.calls.tick(self.moment(), |_, _, _| {}, &mut self.outbox);
            self.calls.tell(&mut self.outbox);
        }
    }

    fn moment(&self) -> Moment {
        let now = self.epoch + Duration::from_millis(self.now_ms);
        Moment { now, unix: UnixMs(self.now_ms) }
    }

    /// Sends `command` at `phase_ms` after a tick.
    fn times(&mut self, phase_ms: u64, command: Command) -> Times {
        self.run_to(self.now_ms.next_multiple_of(TICK_MS) + TICK_MS + phase_ms);
        let asked = self.now_ms;
        let mut answer = self.send(CALL, command);
        let (mut answered, mut told) = (None, None);
        for _ in 0..3 * TICK_MS {
            while let Ok(event) = self.told.try_recv() {
                // What is measured of a leg that has left comes with its leaving, for the record alone.
                let is_change = !matches!(event, MediaEvent::LegMeasured { .. });
                told = told.or(is_change.then_some(self.now_ms));
            }
            match answer.try_recv() {
                Ok(_) => answered = answered.or(Some(self.now_ms)),
                Err(oneshot::error::TryRecvError::Closed) => {}
                Err(oneshot::error::TryRecvError::Empty) => assert_eq!(answered, None),
            }
            self.step();
        }
        Times { asked, answered: answered.expect("every command is answered"), told }
    }
}

/// Every kind of command that a caller or an agent sends, those that are refused or change nothing
/// included; `true`: others are told of it.
fn commands(stage: &Stage) -> Vec<(Command, bool)> {
    let (caller, agent) = (stage.leg_of(1), stage.leg_of(2));
    let to = Target::Agent(UserId(9));
    let note = None;
    vec![
        (Command::SetMuted { leg: caller, muted: true }, true),
        (Command::SetMuted { leg: caller, muted: true }, false),
        (Command::SetMuted { leg: caller, muted: false }, true),
        (Command::SetMuted { leg: agent, muted: true }, true),
        (Command::SetMuted { leg: agent, muted: false }, true),
        (Command::SetMuted { leg: LegId(999), muted: true }, false),
        (Command::SetHeld { held: true }, true),
        (Command::SetHeld { held: false }, true),
        (Command::SetEcho { leg: agent, echo: true }, true),
        (Command::SetEcho { leg: caller, echo: true }, false),
        (Command::MoveLeg { leg: caller }, false),
        (Command::SetMediaLost { leg: agent, lost: true }, true),
        (Command::MoveLeg { leg: agent }, true),
        (Command::RequestHelp { leg: agent, reason: None }, true),
        (Command::CloseHelp, true),
        (Command::Consult { leg: agent, to, note: note.clone() }, true),
        (Command::CancelConsultation { leg: agent }, true),
        (Command::SetHeld { held: false }, true),
        (Command::Invite { leg: agent, to, note: note.clone() }, true),
        (Command::JoinAgent { user: UserId(9) }, true),
        (Command::Transfer { leg: agent, to, note }, false),
        (Command::Leave { leg: agent, reason: LeaveReason::HungUp }, true),
        (Command::Leave { leg: caller, reason: LeaveReason::HungUp }, true),
    ]
}

/// Without a take-over: of a call that is taken over agents direct nothing.
const SUPERVISIONS: [Supervision; 5] = [
    Supervision::Nobody,
    Supervision::One(ModeKind::Listen),
    Supervision::One(ModeKind::Whisper),
    Supervision::One(ModeKind::Barge),
    Supervision::All,
];

#[test]
fn every_command_is_answered_and_told_at_the_tick_after_it_whoever_listens() {
    for supervision in SUPERVISIONS {
        for phase_ms in [0, 1, 7, 10, 19] {
            let mut stage = Stage::new(supervision);
            for (command, is_told) in commands(&stage) {
                let what = format!("{command:?} at {phase_ms} ms, {supervision:?}");
                let Times { asked, answered, told } = stage.times(phase_ms, command);
                let tick = (asked + 1).next_multiple_of(TICK_MS);
                assert_eq!(answered, tick, "{what}");
                assert_eq!(told, is_told.then_some(tick), "{what}");
            }
        }
    }
}

#[test]
fn several_commands_between_two_ticks_are_all_answered_before_anything_is_told() {
    let mut stage = Stage::new(Supervision::All);
    let (caller, agent) = (stage.leg_of(1), stage.leg_of(2));
    let mute = |leg, muted| Command::SetMuted { leg, muted };
    let mut answers: Vec<Answer> = [mute(caller, true), mute(agent, true), mute(caller, false)]
        .map(|command| stage.send(CALL, command))
        .into();
    let slot = stage.calls.slots.get_mut(&CALL).unwrap();
    slot.call.handle_tick(Moment { now: stage.epoch, unix: UnixMs(0) }, |_| {});
    let mut told = 0;
    slot.settle().say(|_| {
        for answer in &mut answers {
            // Read once; from then on the channel is closed.
            assert!(!matches!(answer.try_recv(), Err(oneshot::error::TryRecvError::Empty)));
        }
        told += 1;
    });
    assert_eq!(told, 3);
}

#[test]
fn nothing_is_said_before_its_instant_however_long_the_tick_took() {
    for last in [Command::SetMuted { leg: LegId(1), muted: true }, Command::Hangup] {
        let mut stage = Stage::new(Supervision::All);
        let mut answer = stage.send(CALL, last);
        stage.calls.tick(stage.moment(), |_, _, _| {}, &mut stage.outbox);
        assert!(matches!(answer.try_recv(), Err(oneshot::error::TryRecvError::Empty)));
        assert!(stage.told.try_recv().is_err());
        assert!(!stage.calls.is_empty(), "the worker has something to do");
        stage.calls.tell(&mut stage.outbox);
        assert!(answer.try_recv().unwrap().is_ok());
        assert!(stage.told.try_recv().is_ok());
        assert!(!stage.calls.has_unsaid());
    }
}

#[test]
fn a_command_for_a_call_that_has_no_ticks_is_answered_at_once() {
    let mut stage = Stage::new(Supervision::Nobody);
    let mut answer = stage.send(CallId(8), Command::Hangup);
    assert!(matches!(answer.try_recv(), Ok(Err(CommandError::NoSuchCall))));
    // One that ends: what comes before its last tick is answered at that, what comes later at once.
    let mut end = stage.send(CALL, Command::Hangup);
    let mut late = stage.send(CALL, Command::Hangup);
    assert!(end.try_recv().is_err() && late.try_recv().is_err());
    stage.run_to(stage.now_ms + TICK_MS);
    assert!(end.try_recv().unwrap().is_ok());
    let refusal = late.try_recv().unwrap().unwrap_err();
    assert!(matches!(refusal, CommandError::Refused { .. }), "{refusal}");
    let mut after = stage.send(CALL, Command::Hangup);
    assert!(matches!(after.try_recv(), Ok(Err(CommandError::NoSuchCall))));
    // How the sound of both had come is told before the call's end, after which nothing is.
    for leg in [1, 2] {
        let measured = stage.told.try_recv();
        assert!(
            matches!(measured, Ok(MediaEvent::LegMeasured { leg: LegId(it), .. }) if it == leg)
        );
    }
    assert!(matches!(stage.told.try_recv(), Ok(MediaEvent::CallChanged { .. })));
    assert!(matches!(stage.told.try_recv(), Err(TryRecvError::Empty)));
}

/// Whoever is answered may use the station for the next call at once, also if it is another worker's.
#[test]
fn a_station_is_given_back_before_anybody_is_answered() {
    let mut stage = Stage::new(Supervision::Nobody);
    let mut released = Vec::new();
    let mut end = stage.send(CALL, Command::Hangup);
    stage.run_to(stage.now_ms.next_multiple_of(TICK_MS));
    stage.run_to(stage.now_ms + TICK_MS);
    assert!(end.try_recv().unwrap().is_ok());
    // The outbox was not flushed since: that is what a worker does after all its calls.
    while let Ok(Message::Release { station, call }) = stage.neighbour.try_recv() {
        released.push((station, call));
    }
    assert_eq!(released, [(StationId(3), CALL)]);
}

/// An agent's page that is loaded again ends its connection, and comes back with another station.
#[test]
fn an_agent_whose_page_ended_its_connection_is_waited_for() {
    let gone = |stage: &mut Stage, station: u64, liveness| {
        let moment = stage.moment();
        stage.calls.liveness(moment, CALL, StationId(station), liveness, &mut stage.outbox);
    };
    let leg = |stage: &Stage, user| {
        let slot = stage.calls.slots.get(&CALL);
        slot.and_then(|slot| {
            slot.call.state().leg_of(UserId(user)).map(|it| (it.id, it.media_lost))
        })
    };
    let wait_ms = u64::try_from(RETURN_MAX.as_millis()).unwrap();
    let mut stage = Stage::new(Supervision::One(ModeKind::Whisper));
    let agent = stage.leg_of(2);
    gone(&mut stage, 3, Liveness::Away);
    stage.run_to(stage.now_ms + wait_ms - TICK_MS);
    assert_eq!(leg(&stage, 2), Some((agent, true)));
    stage.done(Command::MoveLeg { leg: agent });
    stage.run_to(stage.now_ms + 2 * wait_ms);
    assert_eq!(leg(&stage, 2), Some((agent, false)), "it came back in time");

    let mut stage = Stage::new(Supervision::One(ModeKind::Whisper));
    gone(&mut stage, 4, Liveness::Away);
    stage.run_to(stage.now_ms + TICK_MS);
    assert_eq!(leg(&stage, 100), None, "supervision is off");
    gone(&mut stage, 3, Liveness::Away);
    stage.run_to(stage.now_ms + wait_ms + 2 * TICK_MS);
    assert_eq!(leg(&stage, 2), None, "for so long it was waited");

    let mut stage = Stage::new(Supervision::Nobody);
    gone(&mut stage, 2, Liveness::Away);
    stage.run_to(stage.now_ms + TICK_MS);
    assert_eq!(leg(&stage, 1), None, "a caller who closes the page has hung up");
}
