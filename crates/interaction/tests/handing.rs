//! Transfer, consultation and conference on a call: who hears whom at each step.

use interaction::{
    Actor, CallId, CallState, Command, Disclosed, Event, HandoverId, HandoverKind, HandoverOutcome,
    HelpCancel, HelpStage, LeaveReason, LegId, Mode, ModeKind, Policy, QueueId, Refusal, Rights,
    RoutePlan, Source, Target, Tone, UnixMs, UserId, Viewer, disclose,
};

const QUEUE: Target = Target::Queue(QueueId(7));

/// A call with caller 1 (leg 1), agent 2 (leg 2) and supervisor 3 (leg 3).
struct Stage {
    call: CallState,
    caller: LegId,
    agent: LegId,
    supervisor: LegId,
}

fn stage() -> Stage {
    let mut call = CallState::new(CallId(1), Policy::default());
    let mut apply = |command| call.apply(UnixMs(1), Actor::System, command).unwrap().joined;
    let caller = apply(Command::JoinCaller { user: UserId(1) }).unwrap();
    let agent = apply(Command::JoinAgent { user: UserId(2) }).unwrap();
    let rights = Rights { whisper: true, barge: true };
    let supervisor = apply(Command::Supervise { user: UserId(3), rights }).unwrap();
    Stage { call, caller, agent, supervisor }
}

impl Stage {
    fn apply(&mut self, command: Command) -> Vec<Event> {
        self.call.apply(UnixMs(9), Actor::System, command).unwrap().events
    }

    fn join(&mut self, user: u64) -> LegId {
        let join = Command::JoinAgent { user: UserId(user) };
        self.call.apply(UnixMs(9), Actor::System, join).unwrap().joined.unwrap()
    }

    fn hears(&self, listener: LegId, source: LegId) -> bool {
        let slot = |leg| self.call.leg(leg).unwrap().slot;
        RoutePlan::derive(&self.call).row(slot(listener)).gain(Source::Leg(slot(source))).is_some()
    }

    fn both(&self, one: LegId, other: LegId) -> bool {
        let there = self.hears(one, other);
        assert_eq!(there, self.hears(other, one));
        there
    }

    fn tone(&self, listener: LegId, tone: Tone) -> bool {
        let slot = self.call.leg(listener).unwrap().slot;
        RoutePlan::derive(&self.call).row(slot).gain(Source::Tone(tone)).is_some()
    }

    fn mode(&mut self, mode: ModeKind, coach: Option<LegId>) {
        let leg = self.supervisor;
        self.apply(Command::SetMode { leg, mode, coach, announce: true, expected: None });
    }

    fn consult(&mut self) -> LegId {
        self.apply(Command::Consult { leg: self.agent, to: QUEUE, note: None });
        self.join(4)
    }
}

fn told(events: &[Event], viewer: Viewer) -> Vec<Disclosed> {
    events.iter().filter_map(|it| disclose(&Policy::default(), viewer, it)).collect()
}

#[test]
fn a_blind_transfer_parks_the_caller_until_the_next_agent_takes_it() {
    let mut stage = stage();
    stage.mode(ModeKind::Whisper, None);
    stage.apply(Command::RequestHelp { leg: stage.agent, reason: Some("angry".into()) });
    let note = Some("wants a refund".to_owned());
    let events = stage.apply(Command::Transfer { leg: stage.agent, to: QUEUE, note });
    assert!(stage.call.parked() && !stage.call.ended());
    assert!(stage.tone(stage.caller, Tone::Hold), "a hold tone meanwhile");
    assert!(events.iter().any(|it| matches!(it, Event::HelpChanged(help)
        if matches!(help.stage, HelpStage::Cancelled { why: HelpCancel::Transferred, .. }))));
    let supervisor = stage.call.leg(stage.supervisor).unwrap();
    assert_eq!(supervisor.mode(), Some(Mode::Listen), "the whisper does not pass on");
    let caller = told(&events, Viewer::Caller);
    assert!(
        matches!(
            caller[..],
            [Disclosed::Transferring(QUEUE), Disclosed::LegLeft(_, LeaveReason::Transferred)]
        ),
        "{caller:?}"
    );

    let next = stage.join(4);
    assert!(stage.both(stage.caller, next) && !stage.tone(stage.caller, Tone::Hold));
    assert!(stage.call.handover().is_none() && !stage.call.parked());
}

#[test]
fn a_transfer_that_nobody_takes_ends_the_call() {
    let mut stage = stage();
    stage.apply(Command::Transfer { leg: stage.agent, to: QUEUE, note: None });
    let outcome = HandoverOutcome::NoAgents;
    let events = stage.apply(Command::EndHandover { handover: HandoverId(1), outcome });
    assert_eq!(told(&events, Viewer::Caller)[0], Disclosed::NotTransferred);
    assert!(stage.call.ended());
}

#[test]
fn a_caller_on_hold_who_is_transferred_talks_with_the_next_agent_at_once() {
    let mut stage = stage();
    stage.apply(Command::SetHeld { held: true });
    stage.apply(Command::Transfer { leg: stage.agent, to: QUEUE, note: None });
    let next = stage.join(4);
    assert!(stage.both(stage.caller, next));
}

#[test]
fn a_consulted_agent_hears_the_consulting_one_alone() {
    let mut stage = stage();
    let consulted = stage.consult();
    assert!(stage.both(stage.agent, consulted));
    assert!(!stage.both(stage.caller, consulted) && !stage.both(stage.caller, stage.agent));
    assert!(stage.tone(stage.caller, Tone::Hold));
    assert!(stage.hears(stage.supervisor, consulted));
    // Back to the caller for a moment: still nobody meets whom they should not.
    stage.apply(Command::SetHeld { held: false });
    assert!(stage.both(stage.caller, stage.agent) && !stage.both(stage.caller, consulted));
}

#[test]
fn a_whisper_reaches_a_consulted_agent_only_if_coached() {
    let mut stage = stage();
    stage.mode(ModeKind::Whisper, Some(stage.agent));
    let consulted = stage.consult();
    assert!(stage.hears(stage.agent, stage.supervisor));
    assert!(!stage.hears(consulted, stage.supervisor));
    stage.mode(ModeKind::Whisper, Some(consulted));
    assert!(!stage.hears(stage.agent, stage.supervisor));
    assert!(stage.hears(consulted, stage.supervisor));
    assert!(!stage.hears(stage.caller, stage.supervisor));
    stage.mode(ModeKind::Barge, None);
    for leg in [stage.caller, stage.agent, consulted] {
        assert!(stage.hears(leg, stage.supervisor), "Barge is heard by everybody");
    }
}

#[test]
fn the_caller_learns_of_a_consulted_agent_once_they_talk() {
    let mut stage = stage();
    let request = Command::Consult { leg: stage.agent, to: QUEUE, note: Some("hm".into()) };
    let events = stage.apply(request);
    assert_eq!(told(&events, Viewer::Caller), [Disclosed::HeldChanged(true)]);
    let join = Command::JoinAgent { user: UserId(4) };
    let events = stage.apply(join);
    assert_eq!(told(&events, Viewer::Caller), []);
    let consulted = stage.call.leg_of(UserId(4)).unwrap().id;
    let mute = stage.apply(Command::SetMuted { leg: consulted, muted: true });
    assert_eq!(told(&mute, Viewer::Caller), []);
    stage.apply(Command::SetMuted { leg: consulted, muted: false });
    let events = stage.apply(Command::MergeConsultation { leg: stage.agent });
    let caller = told(&events, Viewer::Caller);
    assert!(
        matches!(&caller[..], [Disclosed::LegJoined(leg), Disclosed::HeldChanged(false)]
        if leg.user == UserId(4)),
        "{caller:?}"
    );
    assert!(stage.both(stage.agent, stage.caller) && stage.both(stage.agent, consulted));
}

#[test]
fn after_a_consultation_the_agent_leaves_the_caller_to_the_other() {
    let mut stage = stage();
    stage.mode(ModeKind::Whisper, Some(stage.agent));
    let consulted = stage.consult();
    stage.apply(Command::CompleteTransfer { leg: stage.agent });
    assert!(stage.call.leg(stage.agent).is_none());
    assert!(stage.both(stage.caller, consulted) && !stage.call.held());
    assert!(!stage.hears(consulted, stage.supervisor), "the whisper went with the agent");
}

#[test]
fn who_consults_and_goes_takes_the_consulted_one_along() {
    let mut stage = stage();
    stage.consult();
    stage.apply(Command::Leave { leg: stage.agent, reason: LeaveReason::HungUp });
    assert!(stage.call.ended());
}

#[test]
fn a_consulted_agent_who_goes_leaves_the_caller_on_hold_with_the_agent() {
    let mut stage = stage();
    let consulted = stage.consult();
    stage.apply(Command::Leave { leg: consulted, reason: LeaveReason::HungUp });
    assert!(stage.call.held() && !stage.call.ended());
    stage.apply(Command::SetHeld { held: false });
    assert!(stage.both(stage.caller, stage.agent));
    let again = Command::MergeConsultation { leg: stage.agent };
    assert_eq!(stage.call.apply(UnixMs(9), Actor::System, again), Err(Refusal::NoHandover));
}

#[test]
fn two_agents_in_conference_go_on_without_the_first() {
    let mut stage = stage();
    stage.apply(Command::Invite { leg: stage.agent, to: Target::Agent(UserId(4)), note: None });
    let second = stage.join(4);
    assert!(stage.both(stage.caller, second) && stage.both(stage.agent, second));
    stage.apply(Command::Leave { leg: stage.agent, reason: LeaveReason::HungUp });
    assert!(!stage.call.ended() && stage.both(stage.caller, second));
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut stage = stage();
    let to = QUEUE;
    let refuse = |stage: &mut Stage, by, command| {
        let before = stage.call.clone();
        let refusal = stage.call.apply(UnixMs(9), by, command).unwrap_err();
        assert_eq!(stage.call, before);
        refusal
    };
    let (agent, caller) = (stage.agent, stage.caller);
    let transfer = |leg| Command::Transfer { leg, to, note: None };
    assert_eq!(refuse(&mut stage, Actor::System, transfer(caller)), Refusal::WrongRole);
    let other = Actor::User(UserId(9));
    assert_eq!(refuse(&mut stage, other, transfer(agent)), Refusal::NotYours);
    let long = Some("x".repeat(501));
    let command = Command::Transfer { leg: agent, to, note: long };
    assert_eq!(refuse(&mut stage, Actor::System, command), Refusal::NoteTooLong);
    let present = Command::Invite { leg: agent, to: Target::Agent(UserId(2)), note: None };
    assert_eq!(refuse(&mut stage, Actor::System, present), Refusal::TargetPresent);
    let consulted = stage.consult();
    assert_eq!(refuse(&mut stage, Actor::System, transfer(agent)), Refusal::HandoverPending);
    assert_eq!(refuse(&mut stage, Actor::System, transfer(consulted)), Refusal::WrongRole);
    let hold = Command::SetHeld { held: false };
    assert_eq!(refuse(&mut stage, Actor::User(UserId(4)), hold), Refusal::WrongRole);
    let outcome = HandoverOutcome::Cancelled;
    let end = Command::EndHandover { handover: HandoverId(1), outcome };
    assert_eq!(refuse(&mut stage, Actor::System, end), Refusal::NoHandover);
}

#[test]
fn the_sender_takes_a_request_back() {
    let mut stage = stage();
    stage.apply(Command::Consult { leg: stage.agent, to: QUEUE, note: None });
    assert_eq!(stage.call.handover().unwrap().kind, HandoverKind::Consultation);
    let end = Command::EndHandover { handover: HandoverId(1), outcome: HandoverOutcome::Cancelled };
    let other = Actor::User(UserId(3));
    assert_eq!(stage.call.apply(UnixMs(9), other, end.clone()), Err(Refusal::NotYours));
    stage.call.apply(UnixMs(9), Actor::User(UserId(2)), end).unwrap();
    assert!(stage.call.handover().is_none() && stage.call.held());
}

#[test]
fn help_goes_from_open_to_its_end_with_times() {
    let mut stage = stage();
    stage.apply(Command::RequestHelp { leg: stage.agent, reason: None });
    stage.apply(Command::RequestHelp { leg: stage.agent, reason: Some("stuck".into()) });
    let help = stage.call.help().unwrap();
    assert_eq!((help.number, help.raised_at), (1, UnixMs(9)), "the same request");
    stage.call.apply(UnixMs(20), Actor::System, Command::TakeHelp { user: UserId(3) }).unwrap();
    assert_eq!(stage.call.help().unwrap().taken_by(), Some(UserId(3)));
    let close = Command::CloseHelp;
    let applied = stage.call.apply(UnixMs(30), Actor::User(UserId(3)), close).unwrap();
    let [Event::HelpChanged(help)] = &applied.events[..] else { panic!("one event") };
    assert_eq!(help.stage, HelpStage::Closed { by: Some(UserId(3)), at: UnixMs(30) });
    assert_eq!(help.taken_at, Some(UnixMs(20)));
    stage.apply(Command::RequestHelp { leg: stage.agent, reason: None });
    let events = stage.apply(Command::Hangup);
    assert!(matches!(&events[0], Event::HelpChanged(help) if help.number == 2 && !help.is_live()));
    assert!(
        told(&events, Viewer::Caller).iter().all(|it| !matches!(it, Disclosed::HelpChanged(_)))
    );
}

#[test]
fn help_waits_again_once_its_supervisor_is_gone_from_the_centre_and_not_when_they_leave_the_call() {
    let leave = Command::Leave { leg: LegId(3), reason: LeaveReason::HungUp };
    for (mode, command, gives_back) in [
        (ModeKind::Listen, Command::ReleaseHelp { user: UserId(3) }, true),
        (ModeKind::Barge, Command::ReleaseHelp { user: UserId(3) }, true),
        (ModeKind::Barge, Command::ReleaseHelp { user: UserId(4) }, false),
        // Who listens is not to be missed, nor is who seems to leave and listens on.
        (ModeKind::Listen, leave.clone(), false),
        (ModeKind::Barge, leave, false),
    ] {
        let mut stage = stage();
        stage.mode(mode, None);
        stage.apply(Command::RequestHelp { leg: stage.agent, reason: Some("stuck".into()) });
        stage.apply(Command::TakeHelp { user: UserId(3) });
        let events = stage.apply(command.clone());
        let help = stage.call.help().expect("nobody settled it");
        assert_eq!(help.stage == HelpStage::Open, gives_back, "{mode:?}, {command:?}");
        assert_eq!((help.number, help.taken_at), (1, Some(UnixMs(9))), "the same request");
        let tells =
            |viewer| told(&events, viewer).iter().any(|it| matches!(it, Disclosed::HelpChanged(_)));
        let agent = Viewer::Agent(Some(stage.agent));
        let heard = [Viewer::Supervisor, agent, Viewer::Caller].map(tells);
        assert_eq!(heard, [gives_back, gives_back, false], "{mode:?}, {command:?}");
    }
}

#[test]
fn who_answers_too_late_does_not_walk_in() {
    let mut stage = stage();
    stage.apply(Command::Invite { leg: stage.agent, to: QUEUE, note: None });
    let first = stage.call.handover().unwrap().id;
    stage.apply(Command::EndHandover {
        handover: HandoverId(1),
        outcome: HandoverOutcome::Cancelled,
    });
    let accept = |handover| Command::AcceptHandover { user: UserId(4), handover };
    let late = stage.call.apply(UnixMs(9), Actor::System, accept(first));
    assert_eq!(late, Err(Refusal::NoHandover));
    stage.apply(Command::Consult { leg: stage.agent, to: QUEUE, note: None });
    let second = stage.call.handover().unwrap().id;
    let late = stage.call.apply(UnixMs(9), Actor::System, accept(first));
    assert_eq!(late, Err(Refusal::NoHandover), "it was another request");
    stage.apply(accept(second));
    assert_eq!(stage.call.consulted().unwrap().user, UserId(4));
}

#[test]
fn a_consultation_is_cancelled_by_who_consults_alone() {
    let mut stage = stage();
    let cancel = Command::CancelConsultation { leg: stage.agent };
    let other = Actor::User(UserId(4));
    assert_eq!(
        stage.call.apply(UnixMs(9), Actor::System, cancel.clone()),
        Err(Refusal::NoHandover)
    );
    // While it rings.
    stage.apply(Command::Consult { leg: stage.agent, to: QUEUE, note: None });
    assert_eq!(stage.call.apply(UnixMs(9), other, cancel.clone()), Err(Refusal::NotYours));
    stage.apply(cancel.clone());
    assert!(stage.call.handover().is_none() && stage.call.held());
    // While the two talk, and the supervisor coaches the one who is let go.
    let consulted = stage.consult();
    stage.mode(ModeKind::Whisper, Some(consulted));
    let events = stage.apply(cancel.clone());
    assert!(stage.call.leg(consulted).is_none() && stage.call.held());
    assert_eq!(stage.call.leg(stage.supervisor).unwrap().mode(), Some(Mode::Listen));
    assert_eq!(told(&events, Viewer::Caller), [], "the caller knew of nobody");
    // An invitation is no consultation.
    stage.apply(Command::Invite { leg: stage.agent, to: QUEUE, note: None });
    assert_eq!(stage.call.apply(UnixMs(9), Actor::System, cancel), Err(Refusal::NoHandover));
}

#[test]
fn somebody_outside_is_a_caller_beside_the_caller_and_the_two_talk_on_without_the_agent() {
    let mut stage = stage();
    let bring = |transfer| Command::JoinOutside { user: UserId(9), by: LegId(2), transfer };
    let joined = stage.call.apply(UnixMs(9), Actor::System, bring(false)).unwrap().joined;
    let outside = joined.unwrap();
    assert!(stage.both(stage.caller, outside) && stage.both(stage.agent, outside));
    stage.mode(ModeKind::Whisper, None);
    assert!(!stage.hears(outside, stage.supervisor) && stage.hears(stage.supervisor, outside));
    stage.mode(ModeKind::Barge, None);
    assert!(stage.hears(outside, stage.supervisor));
    stage.mode(ModeKind::Listen, None);
    assert!(!stage.hears(outside, stage.supervisor));
    let again = stage.call.apply(UnixMs(9), Actor::System, bring(false)).unwrap_err();
    assert_eq!(again, Refusal::Full, "one at a time");
    stage.apply(Command::SetHeld { held: true });
    assert!(!stage.both(stage.caller, outside), "on hold nobody hears anybody");
    let leave = |leg| Command::Leave { leg, reason: LeaveReason::HungUp };
    stage.apply(leave(stage.agent));
    assert!(!stage.call.ended() && stage.both(stage.caller, outside), "whoever held them is gone");
    let late = Command::JoinOutside { user: UserId(8), by: LegId(2), transfer: true };
    let late = stage.call.apply(UnixMs(9), Actor::System, late).unwrap_err();
    assert_eq!(late, Refusal::NoSuchLeg, "the agent who called is gone");
    stage.apply(leave(outside));
    assert!(stage.call.ended(), "the caller is alone");
}

#[test]
fn it_is_the_customers_call_and_ends_with_them() {
    let mut stage = stage();
    let bring = Command::JoinOutside { user: UserId(9), by: LegId(2), transfer: true };
    let events = stage.apply(bring);
    let left = |event: &Event| matches!(event, Event::LegLeft(leg, LeaveReason::Transferred) if leg.user == UserId(2));
    assert!(events.iter().any(left), "the agent leaves as they join");
    assert!(!stage.call.ended());
    stage.apply(Command::Leave { leg: stage.caller, reason: LeaveReason::HungUp });
    assert!(stage.call.ended(), "somebody outside does not go on with it");
}
