//! Stories of supervised calls: what a leg hears, is told and may do.

use interaction::{
    Actor, CallId, CallState, Command, Disclosed, Event, Gain, LeaveReason, LegId, Mode, ModeKind,
    Policy, Refusal, Revision, Rights, RoutePlan, Source, Tone, UnixMs, UserId, Viewer, disclose,
};

fn call_with_supervisor() -> (CallState, LegId) {
    let mut call = CallState::new(CallId(1), Policy::default());
    let mut apply = |command| call.apply(UnixMs(1), Actor::System, command).unwrap().joined;
    apply(Command::JoinCaller { user: UserId(1) });
    apply(Command::JoinAgent { user: UserId(2) });
    let rights = Rights { whisper: true, barge: true };
    let leg = apply(Command::Supervise { user: UserId(3), rights }).unwrap();
    (call, leg)
}

fn set(call: &mut CallState, leg: LegId, mode: ModeKind) -> Result<(), Refusal> {
    let command = Command::SetMode { leg, mode, coach: None, announce: false, expected: None };
    call.apply(UnixMs(2), Actor::System, command).map(|_| ())
}

#[test]
fn a_coached_agent_hears_the_caller_ducked_and_the_other_way_round_stays() {
    let (mut call, leg) = call_with_supervisor();
    set(&mut call, leg, ModeKind::Whisper).unwrap();
    let plan = RoutePlan::derive(&call);
    let (caller, agent) = (call.legs()[0].slot, call.legs()[1].slot);
    assert_eq!(plan.row(agent).gain(Source::Leg(caller)), Some(Gain::from_db(-6)));
    assert_eq!(plan.row(caller).gain(Source::Leg(agent)), Some(Gain::UNITY));
    assert_eq!(plan.row(caller).sources().len(), 1);
}

#[test]
fn a_coached_agent_who_leaves_a_conference_takes_the_whisper_along() {
    let (mut call, leg) = call_with_supervisor();
    let agent = call.agents().next().unwrap().id;
    let join = Command::JoinAgent { user: UserId(9) };
    call.apply(UnixMs(2), Actor::System, join).unwrap();
    set(&mut call, leg, ModeKind::Whisper).unwrap();
    let leave = Command::Leave { leg: agent, reason: LeaveReason::HungUp };
    call.apply(UnixMs(3), Actor::System, leave).unwrap();
    assert_eq!(call.leg(leg).unwrap().mode(), Some(Mode::Listen));
}

#[test]
fn the_way_back_to_listen_is_never_stale() {
    let (mut call, leg) = call_with_supervisor();
    set(&mut call, leg, ModeKind::Barge).unwrap();
    let old = Some(Revision(0));
    let whisper = Command::SetMode {
        leg,
        mode: ModeKind::Whisper,
        coach: None,
        announce: false,
        expected: old,
    };
    assert_eq!(call.apply(UnixMs(3), Actor::System, whisper), Err(Refusal::Stale));
    let listen = Command::SetMode {
        leg,
        mode: ModeKind::Listen,
        coach: None,
        announce: false,
        expected: old,
    };
    assert!(call.apply(UnixMs(3), Actor::System, listen).is_ok());
}

#[test]
fn a_partys_leg_moves_to_another_station_and_a_supervisors_does_not() {
    let (mut call, supervisor) = call_with_supervisor();
    set(&mut call, supervisor, ModeKind::Whisper).unwrap();
    let agent = call.agents().next().unwrap().clone();
    let lost = Command::SetMediaLost { leg: agent.id, lost: true };
    call.apply(UnixMs(0), Actor::System, lost).unwrap();
    let own = Actor::User(agent.user);
    let moved = call.apply(UnixMs(0), own, Command::MoveLeg { leg: agent.id }).unwrap();
    assert_eq!((moved.moved, moved.events.len()), (Some(agent.id), 1));
    assert!(!call.leg(agent.id).unwrap().media_lost);
    let own = Actor::User(call.leg(supervisor).unwrap().user);
    let refused = call.apply(UnixMs(0), own, Command::MoveLeg { leg: supervisor });
    assert_eq!(refused, Err(Refusal::WrongRole));
}

#[test]
fn an_agents_echo_is_told_to_staff_alone() {
    let (mut call, supervisor) = call_with_supervisor();
    let agent = call.agents().next().unwrap().id;
    let echo = |leg| Command::SetEcho { leg, echo: true };
    let applied = call.apply(UnixMs(0), Actor::System, echo(agent)).unwrap();
    let told = |viewer| disclose(call.policy(), viewer, &applied.events[0]);
    assert_eq!(told(Viewer::Caller), None);
    let shown = Disclosed::EchoChanged(call.leg(agent).unwrap().clone());
    assert_eq!(told(Viewer::Supervisor), Some(shown.clone()));
    assert_eq!(told(Viewer::Agent(Some(agent))), Some(shown));
    let again = call.apply(UnixMs(0), Actor::System, echo(agent)).unwrap();
    assert!(again.events.is_empty());
    for leg in [call.caller().unwrap().id, supervisor] {
        let refused = call.apply(UnixMs(0), Actor::System, echo(leg));
        assert_eq!(refused, Err(Refusal::WrongRole));
    }
}

#[test]
fn nobody_moves_somebody_elses_leg() {
    let (mut call, leg) = call_with_supervisor();
    let barge = Command::SetMode {
        leg,
        mode: ModeKind::Barge,
        coach: None,
        announce: false,
        expected: None,
    };
    let other = Actor::User(UserId(4));
    assert_eq!(call.apply(UnixMs(3), other, barge), Err(Refusal::NotYours));
}

#[test]
fn each_entry_into_whisper_beeps_for_the_coached_agent_alone() {
    let (mut call, leg) = call_with_supervisor();
    let agent = call.agents().next().unwrap().slot;
    for _ in 0..2 {
        let command = Command::SetMode {
            leg,
            mode: ModeKind::Whisper,
            coach: None,
            announce: false,
            expected: None,
        };
        let applied = call.apply(UnixMs(2), Actor::System, command).unwrap();
        let [cue] = applied.cues[..] else { panic!("one beep an entry") };
        assert_eq!(cue.tone, Tone::WhisperBeep);
        assert_eq!(cue.listeners.iter().collect::<Vec<_>>(), [Source::Leg(agent)]);
        set(&mut call, leg, ModeKind::Listen).unwrap();
    }
}

/// A change of rights is an event, too: else a call that is read again had the old ones.
#[test]
fn changed_rights_come_back_from_the_events() {
    let (mut call, supervisor) = call_with_supervisor();
    let before = call.clone();
    let user = call.leg(supervisor).unwrap().user;
    let rights = Some(Rights { whisper: true, barge: false });
    let fewer = Command::SetRights { user, rights };
    let events = call.decide(UnixMs(4), Actor::System, fewer.clone()).unwrap();
    assert!(matches!(events[..], [Event::RightsChanged(_)]), "{events:?}");
    for viewer in [Viewer::Caller, Viewer::Agent(Some(LegId(2))), Viewer::Supervisor] {
        assert_eq!(disclose(call.policy(), viewer, &events[0]), None);
    }
    call.apply(UnixMs(4), Actor::System, fewer.clone()).unwrap();
    let mut again = before;
    events.iter().for_each(|event| again.evolve(event));
    assert_eq!(again, call);
    assert_eq!(call.decide(UnixMs(5), Actor::System, fewer), Ok(Vec::new()), "as it is already");
}
