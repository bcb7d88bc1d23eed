//! The promise, on random sequences of commands: a supervisor is heard by the caller if and only
//! if that supervisor's mode is Barge or take-over; and everything that follows from it.
//!
//! The oracle below is written from the table of the design, on its own, so that a slip in
//! `RoutePlan::derive` is not repeated here. One run applies [`OPERATIONS`] commands.

use std::collections::HashMap;

use interaction::{
    Actor, Audience, CallId, CallState, Command, Event, HandoverId, HandoverKind, HandoverOutcome,
    LeaveReason, Leg, LegId, Mode, ModeKind, Party, Policy, QueueId, Revision, Rights, Role,
    RoutePlan, Slot, Source, Target, Tone, UnixMs, UserId, Viewer, disclose, disclosure::sees,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const SEQUENCES: u32 = 1_000;
const COMMANDS_PER_SEQUENCE: usize = 120;
const OPERATIONS: usize = SEQUENCES as usize * COMMANDS_PER_SEQUENCE;
const USERS: u64 = 8;
const LEG_IDS: u64 = 24;

fn rights() -> impl Strategy<Value = Rights> {
    any::<(bool, bool)>().prop_map(|(whisper, barge)| Rights { whisper, barge })
}

fn mode() -> impl Strategy<Value = ModeKind> {
    prop::sample::select(ModeKind::ALL.as_slice())
}

fn command() -> impl Strategy<Value = Command> {
    let user = (1..=USERS).prop_map(UserId);
    let leg = || (1..=LEG_IDS).prop_map(LegId);
    prop_oneof![
        4 => user.clone().prop_map(|user| Command::JoinCaller { user }),
        6 => user.clone().prop_map(|user| Command::JoinAgent { user }),
        2 => (user.clone(), leg(), any::<bool>())
            .prop_map(|(user, by, transfer)| Command::JoinOutside { user, by, transfer }),
        12 => (user.clone(), rights()).prop_map(|(user, rights)| Command::Supervise { user, rights }),
        40 => (leg(), mode(), any::<bool>(), prop::option::of(leg()), prop::option::of(0..60u64)).prop_map(
            |(leg, mode, announce, coach, expected)| {
                Command::SetMode { leg, mode, coach, announce, expected: expected.map(Revision) }
            }
        ),
        6 => (leg(), any::<bool>()).prop_map(|(leg, muted)| Command::SetMuted { leg, muted }),
        4 => any::<bool>().prop_map(|held| Command::SetHeld { held }),
        4 => leg().prop_map(|leg| Command::Leave { leg, reason: LeaveReason::HungUp }),
        6 => (leg(), any::<bool>()).prop_map(|(leg, lost)| Command::SetMediaLost { leg, lost }),
        2 => (leg(), any::<bool>()).prop_map(|(leg, echo)| Command::SetEcho { leg, echo }),
        2 => leg().prop_map(|leg| Command::MoveLeg { leg }),
        4 => (user.clone(), prop::option::of(rights()))
            .prop_map(|(user, rights)| Command::SetRights { user, rights }),
        2 => (leg(), prop::option::of("[a-z]{0,12}"))
            .prop_map(|(leg, reason)| Command::RequestHelp { leg, reason }),
        1 => user.clone().prop_map(|user| Command::TakeHelp { user }),
        1 => user.prop_map(|user| Command::ReleaseHelp { user }),
        1 => Just(Command::CloseHelp),
        6 => handover(),
        1 => Just(Command::Hangup),
    ]
}

fn handover() -> impl Strategy<Value = Command> {
    let leg = || (1..=LEG_IDS).prop_map(LegId);
    let to = || {
        prop_oneof![
            Just(Target::Queue(QueueId(1))),
            (1..=USERS).prop_map(|user| Target::Agent(UserId(user))),
        ]
    };
    let outcome = prop_oneof![
        Just(HandoverOutcome::NoAgents),
        Just(HandoverOutcome::Declined),
        Just(HandoverOutcome::Cancelled),
    ];
    let note = None;
    prop_oneof![
        2 => (leg(), to()).prop_map(move |(leg, to)| Command::Transfer { leg, to, note: note.clone() }),
        4 => (leg(), to()).prop_map(|(leg, to)| Command::Consult { leg, to, note: None }),
        2 => (leg(), to()).prop_map(|(leg, to)| Command::Invite { leg, to, note: None }),
        1 => (1..4u64, outcome).prop_map(|(number, outcome)| Command::EndHandover {
            handover: HandoverId(number),
            outcome,
        }),
        1 => leg().prop_map(|leg| Command::CompleteTransfer { leg }),
        1 => leg().prop_map(|leg| Command::MergeConsultation { leg }),
        1 => leg().prop_map(|leg| Command::CancelConsultation { leg }),
        2 => (1..=USERS, 1..4u64).prop_map(|(user, number)| {
            Command::AcceptHandover { user: UserId(user), handover: HandoverId(number) }
        }),
    ]
}

/// Whether both talk with the caller, or one consults the other.
fn together(one: &Leg, other: &Leg) -> bool {
    match (one.consulted_by(), other.consulted_by()) {
        (None, None) => true,
        (Some(by), None) => by == other.id,
        (None, Some(by)) => by == one.id,
        (Some(_), Some(_)) => false,
    }
}

fn actor() -> impl Strategy<Value = Actor> {
    prop_oneof![
        3 => Just(Actor::System),
        1 => (1..=USERS).prop_map(|user| Actor::User(UserId(user))),
    ]
}

fn policy() -> impl Strategy<Value = Policy> {
    any::<(bool, bool, bool, bool)>().prop_map(|(notify, hear, hold_tone, agents_hear)| Policy {
        notify_agent_on_listen: notify,
        supervisors_hear_whispers: hear,
        hold_tone,
        agents_hear_take_over: agents_hear,
        ..Policy::default()
    })
}

/// Who may hear whom, written from the table alone.
fn may_hear(call: &CallState, listener: &Leg, source: &Leg) -> bool {
    if listener.id == source.id || source.muted() {
        return false;
    }
    let open = |mode| matches!(mode, Some(Mode::Barge | Mode::TakeOver));
    let taken_over = call.legs().iter().any(|leg| leg.mode() == Some(Mode::TakeOver));
    let deaf = taken_over && !call.policy().agents_hear_take_over;
    let one_consults =
        listener.consulted_by() == Some(source.id) || source.consulted_by() == Some(listener.id);
    match (listener.role(), source.role(), source.mode()) {
        (_, Role::Agent, _) if taken_over => listener.role() == Role::Agent && one_consults,
        (Role::Caller, Role::Supervisor, mode) => open(mode),
        (Role::Agent, Role::Supervisor, Some(Mode::Whisper { coached })) => coached == listener.id,
        (Role::Agent, Role::Supervisor, mode) => open(mode) && !deaf,
        (Role::Agent, Role::Caller, _) if deaf => false,
        (Role::Supervisor, Role::Supervisor, Some(Mode::Whisper { .. })) => {
            call.policy().supervisors_hear_whispers
        }
        (Role::Supervisor, Role::Supervisor, mode) => open(mode),
        (Role::Caller, Role::Agent, _) | (Role::Agent, Role::Caller, _) => {
            !call.held() && together(listener, source)
        }
        (Role::Agent, Role::Agent, _) => together(listener, source),
        (Role::Supervisor, _, _) => true,
        (Role::Caller, Role::Caller, _) => !call.held(),
    }
}

/// Who may know of whom, written from the rule alone.
fn may_know(policy: &Policy, viewer: Viewer, leg: &Leg) -> bool {
    match (viewer, leg.mode()) {
        (Viewer::Caller, None) => leg.consulted_by().is_none(),
        (Viewer::Supervisor, _) | (_, None | Some(Mode::Barge | Mode::TakeOver)) => true,
        (Viewer::Caller, Some(_)) => false,
        (Viewer::Agent(_), Some(_)) if policy.notify_agent_on_listen => true,
        (Viewer::Agent(own), Some(mode)) => {
            own.is_some_and(|coached| mode == Mode::Whisper { coached })
        }
    }
}

fn check_plan(call: &CallState) -> Result<(), TestCaseError> {
    let plan = RoutePlan::derive(call);
    for listener in call.legs() {
        let row = plan.row(listener.slot);
        for source in call.legs() {
            let heard = row.gain(Source::Leg(source.slot)).is_some();
            prop_assert_eq!(heard, may_hear(call, listener, source), "{:?} {:?}", listener, source);
            if listener.role() == Role::Caller && source.role() == Role::Supervisor {
                let open = matches!(source.mode(), Some(Mode::Barge | Mode::TakeOver));
                prop_assert_eq!(heard, open);
            }
        }
        for source in Slot::all() {
            let taken = call.legs().iter().any(|leg| leg.slot == source);
            prop_assert!(
                taken || row.gain(Source::Leg(source)).is_none(),
                "an empty slot is heard"
            );
        }
        for tone in Tone::ALL {
            if row.gain(Source::Tone(tone)).is_some() {
                let fits = match tone {
                    Tone::WhisperBeep => call.coaches_of(listener.id).next().is_some(),
                    Tone::Barge => call.anybody_is_open() && listener.role() != Role::Supervisor,
                    Tone::Hold => (call.held() || call.parked()) && listener.role() == Role::Caller,
                };
                prop_assert!(fits, "{:?} for {:?}", tone, listener);
            }
        }
    }
    for slot in Slot::all() {
        let taken = call.legs().iter().any(|leg| leg.slot == slot);
        prop_assert!(taken || plan.row(slot).sources().is_empty(), "an empty slot hears");
    }
    Ok(())
}

/// One supervisor at most takes over, and whoever has nobody left to hand back to keeps the call.
fn check_take_over(call: &CallState) -> Result<(), TestCaseError> {
    let takers = call.legs().iter().filter(|leg| leg.mode() == Some(Mode::TakeOver)).count();
    prop_assert!(takers <= 1, "two who have taken over");
    prop_assert!(takers == 0 || !call.held(), "on hold while a supervisor speaks with the caller");
    prop_assert_eq!(call.taken_over_by().is_some(), takers == 1);
    Ok(())
}

/// Nobody takes over unasked: out of Barge, or with an explicit word.
fn check_taken(
    before: &CallState,
    by: Actor,
    command: &Command,
    after: &CallState,
) -> Result<(), TestCaseError> {
    let Some(taker) =
        after.taken_over_by().filter(|it| before.leg(it.id).map(Leg::mode) != Some(it.mode()))
    else {
        return Ok(());
    };
    let Command::SetMode { leg, mode, announce, .. } = command else {
        return Err(TestCaseError::fail("a take-over that nobody asked for"));
    };
    prop_assert!(*leg == taker.id && *mode == ModeKind::TakeOver);
    prop_assert!(by == Actor::System || by == Actor::User(taker.user));
    let from = before.leg(*leg).and_then(Leg::mode);
    prop_assert!(
        *announce || from == Some(Mode::Barge),
        "taken over out of {:?}, unconfirmed",
        from
    );
    prop_assert!(before.taken_over_by().is_none() && before.talking_agents().next().is_some());
    Ok(())
}

fn check_state(call: &CallState) -> Result<(), TestCaseError> {
    check_take_over(call)?;
    for leg in call.legs() {
        if let Party::Supervisor { mode, rights, .. } = leg.party {
            prop_assert!(rights.allow(mode.kind()), "a mode without its right");
            prop_assert!(!leg.media_lost || mode == Mode::Listen, "lost media above Listen");
            if let Mode::Whisper { coached } = mode {
                let coached = call.leg(coached).map(Leg::role);
                prop_assert_eq!(coached, Some(Role::Agent), "a coached leg that is no agent's");
            }
        }
    }
    for leg in call.legs() {
        if let Some(by) = leg.consulted_by() {
            let by = call.leg(by).expect("nobody is consulted by somebody who has left");
            prop_assert!(by.role() == Role::Agent && by.consulted_by().is_none());
        }
    }
    if !call.ended() && call.answered_at().is_some() {
        let alone = call.talking_agents().next().is_none();
        let has_company =
            call.parked() || call.outside().is_some() || call.taken_over_by().is_some();
        prop_assert!(!alone || has_company, "a caller who waits for nobody");
        prop_assert!(alone || !call.parked());
        prop_assert!(call.caller().is_some(), "a call without its caller");
    }
    if let Some(handover) = call.handover() {
        let sender = call.leg_of(handover.from);
        let stays = handover.kind != HandoverKind::Transfer;
        prop_assert!(!stays || sender.is_some(), "a request without its sender");
    }
    for leg in call.legs() {
        let is_supervisors = Audience::of(leg.slot) == Audience::SUPERVISORS;
        prop_assert_eq!(is_supervisors, leg.role() == Role::Supervisor, "a slot of the other pool");
    }
    let mut slots: Vec<Slot> = call.legs().iter().map(|leg| leg.slot).collect();
    slots.sort_unstable();
    slots.dedup();
    prop_assert_eq!(slots.len(), call.legs().len(), "two legs in one slot");
    prop_assert!(!call.ended() || call.legs().is_empty());
    Ok(())
}

/// What a viewer who only hears events believes must be what the viewer may see of the state.
fn follow(
    known: &mut HashMap<LegId, ()>,
    policy: &Policy,
    viewer: Viewer,
    event: &Event,
) -> Result<(), TestCaseError> {
    use interaction::Disclosed as D;
    match disclose(policy, viewer, event) {
        Some(D::Admitted(leg) | D::MuteChanged(leg)) => {
            prop_assert!(known.contains_key(&leg.id), "told of an unknown leg");
        }
        Some(D::HelpChanged(_) | D::HandoverRequested(_) | D::HandoverEnded(..)) => {
            prop_assert!(viewer != Viewer::Caller, "staff business reached the caller");
        }
        Some(D::LegJoined(leg) | D::SupervisionStarted(leg)) => {
            prop_assert!(known.insert(leg.id, ()).is_none(), "told twice of a leg");
        }
        Some(D::LegLeft(leg, _) | D::SupervisionEnded(leg)) => {
            prop_assert!(known.remove(&leg.id).is_some(), "told that an unknown leg is gone");
        }
        Some(D::ModeChanged(leg, _)) => prop_assert!(known.contains_key(&leg.id)),
        _ => {}
    }
    Ok(())
}

/// User 4 whispers to the first agent, who consults user 5.
fn open_with_a_consultation(call: &mut CallState) {
    let mut apply = |command| {
        call.apply(UnixMs(0), Actor::System, command).expect("a fresh call allows it").joined
    };
    let rights = Rights { whisper: true, barge: true };
    let leg = apply(Command::Supervise { user: UserId(4), rights }).expect("a new leg");
    let mode = ModeKind::Whisper;
    apply(Command::SetMode { leg, mode, coach: Some(LegId(2)), announce: false, expected: None });
    let to = Target::Queue(QueueId(1));
    apply(Command::Consult { leg: LegId(2), to, note: None });
    apply(Command::JoinAgent { user: UserId(5) });
}

fn run_sequence(
    policy: Policy,
    consulting: bool,
    commands: Vec<(Actor, Command)>,
    applied_count: &mut usize,
) -> Result<(), TestCaseError> {
    let mut call = CallState::new(CallId(1), policy.clone());
    for user in 1..=3 {
        let join = match user {
            1 => Command::JoinCaller { user: UserId(user) },
            _ => Command::JoinAgent { user: UserId(user) },
        };
        call.apply(UnixMs(0), Actor::System, join).expect("a fresh call takes its parties");
    }
    if consulting {
        open_with_a_consultation(&mut call);
    }
    let viewers = [Viewer::Caller, Viewer::Agent(Some(LegId(2))), Viewer::Supervisor];
    let mut known: Vec<HashMap<LegId, ()>> = viewers
        .iter()
        .map(|viewer| {
            let told = call.legs().iter().filter(|leg| may_know(&policy, *viewer, leg));
            told.map(|leg| (leg.id, ())).collect()
        })
        .collect();
    let mut replayed = call.clone();
    for (at, (by, command)) in commands.into_iter().enumerate() {
        let before = call.clone();
        let result = call.apply(UnixMs(at as u64), by, command.clone());
        match &result {
            Err(_) => prop_assert_eq!(&call, &before, "a refusal changed the call"),
            Ok(applied) => {
                *applied_count += 1;
                let grown = call.revision().0 - before.revision().0;
                prop_assert_eq!(grown, applied.events.len() as u64);
                prop_assert_eq!(
                    &before.decide(UnixMs(at as u64), by, command.clone()),
                    &Ok(applied.events.clone())
                );
                applied.events.iter().for_each(|event| replayed.evolve(event));
                prop_assert_eq!(&replayed, &call, "what happened makes another call");
                check_new_leg(&call, applied.joined, &command)?;
                check_taken(&before, by, &command, &call)?;
                for (viewer, known) in viewers.iter().zip(&mut known) {
                    for event in &applied.events {
                        follow(known, &policy, *viewer, event)?;
                    }
                }
            }
        }
        check_state(&call)?;
        check_plan(&call)?;
        for (viewer, known) in viewers.iter().zip(&known) {
            for leg in call.legs() {
                let told = known.contains_key(&leg.id);
                prop_assert_eq!(told, may_know(&policy, *viewer, leg), "{:?} {:?}", viewer, leg);
                prop_assert_eq!(told, sees(&policy, *viewer, leg), "{:?} {:?}", viewer, leg);
            }
        }
    }
    Ok(())
}

/// A new supervisor's leg listens, and is mute for everybody.
fn check_new_leg(
    call: &CallState,
    joined: Option<LegId>,
    command: &Command,
) -> Result<(), TestCaseError> {
    let Some(leg) = joined.and_then(|id| call.leg(id)) else { return Ok(()) };
    if matches!(command, Command::Supervise { .. }) {
        prop_assert_eq!(leg.mode(), Some(Mode::Listen));
        prop_assert!(!RoutePlan::derive(call).is_heard(Source::Leg(leg.slot)));
    }
    Ok(())
}

#[test]
fn the_caller_hears_a_supervisor_if_and_only_if_in_barge_or_take_over() {
    let mut runner = TestRunner::new(Config { cases: SEQUENCES, ..Config::default() });
    let commands = prop::collection::vec((actor(), command()), COMMANDS_PER_SEQUENCE);
    let (mut sequences, mut applied) = (0usize, 0usize);
    let counts = std::cell::RefCell::new((&mut sequences, &mut applied));
    runner
        .run(&(policy(), any::<bool>(), commands), |(policy, consulting, commands)| {
            let mut counts = counts.borrow_mut();
            *counts.0 += 1;
            run_sequence(policy, consulting, commands, counts.1)
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert!(sequences * COMMANDS_PER_SEQUENCE >= OPERATIONS && OPERATIONS >= 100_000);
    // Sequences of nothing but refusals would prove nothing.
    assert!(applied > OPERATIONS / 20, "only {applied} of {OPERATIONS} commands did anything");
}
