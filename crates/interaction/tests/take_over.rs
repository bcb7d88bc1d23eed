//! Take-over on a call: who hears whom, who may direct the call meanwhile, and what ends it.

use interaction::{
    Actor, CallId, CallState, Command, Disclosed, Event, HandoverKind, LeaveReason, LegId, Mode,
    ModeKind, Policy, QueueId, Refusal, Rights, RoutePlan, Source, Target, Tone, UnixMs, UserId,
    Viewer, disclose,
};

const CALLER: UserId = UserId(1);
const ANA: UserId = UserId(2);
const SAM: UserId = UserId(3);
const KIM: UserId = UserId(4);
const BEN: UserId = UserId(5);
const FULL: Rights = Rights { whisper: true, barge: true };
const QUEUE: Target = Target::Queue(QueueId(7));

/// A call of a caller's with Ana, on which Sam supervises.
struct Stage {
    call: CallState,
}

impl Stage {
    fn new(policy: Policy) -> Self {
        let mut stage = Self { call: CallState::new(CallId(1), policy) };
        stage.apply(Command::JoinCaller { user: CALLER });
        stage.apply(Command::JoinAgent { user: ANA });
        stage.apply(Command::Supervise { user: SAM, rights: FULL });
        stage
    }

    /// Sam has taken it over.
    fn taken_over(policy: Policy) -> Self {
        let mut stage = Self::new(policy);
        stage.take_over();
        stage
    }

    fn apply(&mut self, command: Command) -> Vec<Event> {
        self.call.apply(UnixMs(9), Actor::System, command).unwrap().events
    }

    fn by(&mut self, user: UserId, command: Command) -> Result<Vec<Event>, Refusal> {
        let applied = self.call.apply(UnixMs(9), Actor::User(user), command);
        applied.map(|applied| applied.events)
    }

    fn leg(&self, user: UserId) -> LegId {
        self.call.leg_of(user).unwrap().id
    }

    fn wish(&self, user: UserId, mode: ModeKind, announce: bool) -> Command {
        let (leg, coach, expected) = (self.leg(user), None, None);
        Command::SetMode { leg, mode, coach, announce, expected }
    }

    fn mode(&mut self, user: UserId, mode: ModeKind) -> Vec<Event> {
        let wish = self.wish(user, mode, false);
        self.apply(wish)
    }

    fn take_over(&mut self) -> Vec<Event> {
        let wish = self.wish(SAM, ModeKind::TakeOver, true);
        self.apply(wish)
    }

    fn hears(&self, listener: UserId, source: UserId) -> bool {
        let slot = |user| self.call.leg_of(user).unwrap().slot;
        RoutePlan::derive(&self.call).row(slot(listener)).gain(Source::Leg(slot(source))).is_some()
    }

    fn both(&self, one: UserId, other: UserId) -> bool {
        let there = self.hears(one, other);
        assert_eq!(there, self.hears(other, one), "{one} {other}");
        there
    }
}

fn deaf() -> Policy {
    Policy { agents_hear_take_over: false, ..Policy::default() }
}

#[test]
fn the_supervisor_speaks_with_the_caller_and_nobody_hears_the_agent() {
    for policy in [Policy::default(), deaf()] {
        let listens = policy.agents_hear_take_over;
        let mut stage = Stage::taken_over(policy);
        stage.apply(Command::Supervise { user: KIM, rights: FULL });
        assert!(stage.both(CALLER, SAM));
        for listener in [CALLER, SAM, KIM] {
            assert!(!stage.hears(listener, ANA), "{listener}");
        }
        for source in [CALLER, SAM] {
            assert_eq!(stage.hears(ANA, source), listens, "{source}");
            assert!(stage.hears(KIM, source), "{source}");
        }
        let slot = stage.call.leg_of(ANA).unwrap().slot;
        let plan = RoutePlan::derive(&stage.call);
        assert!(!plan.is_heard(Source::Leg(slot)), "dropped on arrival");
        stage.mode(KIM, ModeKind::Barge);
        assert_eq!(stage.hears(ANA, KIM), listens, "what is said to the caller");
        stage.mode(KIM, ModeKind::Whisper);
        assert!(stage.hears(ANA, KIM) && !stage.hears(CALLER, KIM), "a whisper is for her");
        stage.mode(SAM, ModeKind::Barge);
        assert!(stage.both(CALLER, ANA) && stage.both(SAM, ANA), "handed back");
    }
}

#[test]
fn it_follows_on_barge_or_is_confirmed() {
    for mode in [ModeKind::Listen, ModeKind::Whisper] {
        let mut stage = Stage::new(Policy::default());
        stage.mode(SAM, mode);
        let unasked = stage.wish(SAM, ModeKind::TakeOver, false);
        assert_eq!(stage.by(SAM, unasked), Err(Refusal::AnnounceFirst), "{mode:?}");
        let sure = stage.wish(SAM, ModeKind::TakeOver, true);
        assert!(stage.by(SAM, sure).is_ok(), "{mode:?}");
        let again = stage.wish(SAM, ModeKind::TakeOver, false);
        assert_eq!(stage.by(SAM, again), Ok(Vec::new()), "as it is already");
    }
    let mut stage = Stage::new(Policy::default());
    stage.mode(SAM, ModeKind::Barge);
    let wish = stage.wish(SAM, ModeKind::TakeOver, false);
    assert!(stage.by(SAM, wish).is_ok());
}

#[test]
fn it_needs_the_right_to_barge_an_agent_and_that_nobody_else_has_it() {
    let mut stage = Stage::new(Policy::default());
    let fewer = Rights { whisper: true, barge: false };
    stage.apply(Command::Supervise { user: KIM, rights: fewer });
    let wish = stage.wish(KIM, ModeKind::TakeOver, true);
    assert_eq!(stage.by(KIM, wish.clone()), Err(Refusal::NotPermitted));
    stage.apply(Command::SetRights { user: KIM, rights: Some(FULL) });
    stage.take_over();
    assert_eq!(stage.by(KIM, wish.clone()), Err(Refusal::TakenOver));
    stage.mode(SAM, ModeKind::Barge);
    stage.by(KIM, wish.clone()).expect("it is free again");
    stage.mode(KIM, ModeKind::Listen);
    let transfer = Command::Transfer { leg: stage.leg(ANA), to: QUEUE, note: None };
    stage.by(ANA, transfer).unwrap();
    assert_eq!(stage.by(KIM, wish), Err(Refusal::NoAgent), "the caller waits for the next one");
}

#[test]
fn everybody_is_told_as_of_a_barge() {
    let mut stage = Stage::new(Policy::default());
    let viewers = [Viewer::Caller, Viewer::Agent(Some(stage.leg(ANA))), Viewer::Supervisor];
    let told = |stage: &Stage, events: &[Event], viewer| -> Vec<Disclosed> {
        events.iter().filter_map(|it| disclose(stage.call.policy(), viewer, it)).collect()
    };
    let events = stage.take_over();
    for viewer in &viewers[..2] {
        let told = told(&stage, &events, *viewer);
        assert!(matches!(&told[..], [Disclosed::SupervisionStarted(_)]), "{told:?}");
    }
    let events = stage.mode(SAM, ModeKind::Barge);
    for viewer in viewers {
        let told = told(&stage, &events, viewer);
        assert!(matches!(&told[..], [Disclosed::ModeChanged(_, Mode::TakeOver)]), "{told:?}");
    }
    stage.take_over();
    let events = stage.mode(SAM, ModeKind::Listen);
    for viewer in &viewers[..2] {
        let told = told(&stage, &events, *viewer);
        assert!(matches!(&told[..], [Disclosed::SupervisionEnded(_)]), "{told:?}");
    }
}

#[test]
fn whatever_ends_it_the_agent_is_back_with_the_caller_at_once() {
    let stop = |leg| Command::Leave { leg, reason: LeaveReason::HungUp };
    let ends: [fn(LegId) -> Command; 5] = [
        |leg| Command::Leave { leg, reason: LeaveReason::HungUp },
        |leg| Command::Leave { leg, reason: LeaveReason::Lost },
        |leg| Command::SetMediaLost { leg, lost: true },
        |_| Command::SetRights { user: SAM, rights: None },
        |_| Command::SetRights { user: SAM, rights: Some(Rights::default()) },
    ];
    for end in ends {
        let mut stage = Stage::taken_over(deaf());
        let command = end(stage.leg(SAM));
        stage.apply(command.clone());
        assert!(stage.both(CALLER, ANA), "{command:?}");
        assert!(stage.call.taken_over_by().is_none() && !stage.call.held(), "{command:?}");
    }
    // Another leg of the same supervisor's replaces it: in Listen, as ever.
    let mut stage = Stage::taken_over(deaf());
    stage.apply(Command::Supervise { user: SAM, rights: FULL });
    assert!(stage.both(CALLER, ANA));
    let leg = stage.leg(SAM);
    stage.apply(stop(leg));
    assert!(!stage.call.ended());
}

/// The agent left it to the supervisor: who hung up there must not cut the caller off.
#[test]
fn without_an_agent_the_call_lasts_as_long_as_the_take_over() {
    let ends: [fn(LegId) -> Command; 4] = [
        |leg| Command::Leave { leg, reason: LeaveReason::HungUp },
        |leg| Command::SetMediaLost { leg, lost: true },
        |_| Command::SetRights { user: SAM, rights: Some(Rights::default()) },
        |leg| {
            let (mode, coach, announce, expected) = (ModeKind::Listen, None, false, None);
            Command::SetMode { leg, mode, coach, announce, expected }
        },
    ];
    for end in ends {
        let mut stage = Stage::taken_over(Policy::default());
        let leave = Command::Leave { leg: stage.leg(ANA), reason: LeaveReason::HungUp };
        stage.by(ANA, leave).unwrap();
        assert!(!stage.call.ended() && stage.both(CALLER, SAM));
        for mode in [ModeKind::Barge, ModeKind::Whisper] {
            let wish = stage.wish(SAM, mode, false);
            assert_eq!(stage.by(SAM, wish), Err(Refusal::NoAgent), "nobody to hand it back to");
        }
        let command = end(stage.leg(SAM));
        stage.apply(command.clone());
        assert!(stage.call.ended(), "{command:?}");
    }
}

#[test]
fn it_takes_the_caller_off_hold_and_nobody_directs_the_call_meanwhile() {
    let mut stage = Stage::new(Policy::default());
    stage.by(ANA, Command::SetHeld { held: true }).unwrap();
    let events = stage.take_over();
    assert!(matches!(events[..], [Event::ModeChanged { .. }, Event::HeldChanged(false)]));
    let leg = stage.leg(ANA);
    let to = Target::Agent(BEN);
    for command in [
        Command::SetHeld { held: true },
        Command::Transfer { leg, to, note: None },
        Command::Consult { leg, to, note: None },
        Command::Invite { leg, to, note: None },
    ] {
        assert_eq!(stage.by(ANA, command.clone()), Err(Refusal::TakenOver), "{command:?}");
    }
    let join = Command::JoinOutside { user: BEN, by: leg, transfer: true };
    let refused = stage.call.apply(UnixMs(9), Actor::System, join);
    assert_eq!(refused, Err(Refusal::TakenOver));
    stage.by(ANA, Command::SetMuted { leg, muted: true }).expect("her own mute is hers");
    stage.mode(SAM, ModeKind::Barge);
    assert!(!stage.hears(CALLER, ANA), "muted by herself");
    stage.by(ANA, Command::SetHeld { held: true }).unwrap();
}

/// The two of a consultation go on talking; the caller is the supervisor's.
#[test]
fn a_consultation_goes_on_and_is_not_completed_meanwhile() {
    let mut stage = Stage::new(deaf());
    let leg = stage.leg(ANA);
    stage.by(ANA, Command::Consult { leg, to: QUEUE, note: None }).unwrap();
    stage.apply(Command::JoinAgent { user: BEN });
    stage.take_over();
    assert!(stage.both(CALLER, SAM) && stage.both(ANA, BEN));
    for (listener, source) in [(SAM, ANA), (SAM, BEN), (CALLER, ANA), (ANA, CALLER), (BEN, SAM)] {
        assert!(!stage.hears(listener, source), "{listener} hears {source}");
    }
    for command in [Command::CompleteTransfer { leg }, Command::MergeConsultation { leg }] {
        assert_eq!(stage.by(ANA, command), Err(Refusal::TakenOver));
    }
    stage.by(ANA, Command::CancelConsultation { leg }).unwrap();
    stage.mode(SAM, ModeKind::Barge);
    assert!(stage.both(CALLER, ANA), "not on hold any more");
}

#[test]
fn an_invitation_that_waits_is_still_accepted_and_whoever_comes_is_mute_too() {
    let mut stage = Stage::new(Policy::default());
    let leg = stage.leg(ANA);
    stage.by(ANA, Command::Invite { leg, to: QUEUE, note: None }).unwrap();
    assert_eq!(stage.call.handover().map(|it| it.kind), Some(HandoverKind::Conference));
    stage.take_over();
    stage.apply(Command::JoinAgent { user: BEN });
    assert!(!stage.hears(CALLER, BEN) && !stage.hears(ANA, BEN) && stage.hears(BEN, CALLER));
}

/// Between Barge and take-over the tone is the agents': they fall silent, or are heard again. To the
/// caller the supervisor has been announced.
#[test]
fn the_tone_announces_a_supervisor_once_to_the_caller_and_each_change_to_the_agents() {
    let mut stage = Stage::new(Policy::default());
    let (caller, agent) =
        (stage.call.leg_of(CALLER).unwrap().slot, stage.call.leg_of(ANA).unwrap().slot);
    let mut heard = |mode, announce| -> Option<(bool, bool)> {
        let wish = stage.wish(SAM, mode, announce);
        let cues = stage.call.apply(UnixMs(9), Actor::System, wish).unwrap().cues;
        let [interaction::call::Cue { tone: Tone::Barge, listeners }] = cues[..] else {
            return None;
        };
        let hears = |slot| listeners.contains(Source::Leg(slot));
        Some((hears(caller), hears(agent)))
    };
    assert_eq!(heard(ModeKind::TakeOver, true), Some((true, true)));
    assert_eq!(heard(ModeKind::Barge, false), Some((false, true)));
    assert_eq!(heard(ModeKind::TakeOver, false), Some((false, true)));
    assert_eq!(heard(ModeKind::Listen, false), None);
    assert_eq!(heard(ModeKind::Barge, false), Some((true, true)));
}
