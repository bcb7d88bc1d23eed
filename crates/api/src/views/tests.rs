//! What the control plane does and whom it tells, in whole stories, as it goes over the wire.

use std::time::{Duration, Instant};

use interaction::offers::{LineConfig, Medium};
use interaction::{
    Command, LeaveReason, LegId, MediaFault, ModeKind, Policy, StationState, UserId,
};
use wire::{CallPhase, CallView, EndReason, Event, LegView, PresenceState, Role};

use control_plane::testing::*;
use control_plane::{
    AWAY_GRACE, DomainEvent, Effect, LegNames, MediaFact, Subject, SupervisionAction,
};

use super::Rendered;

mod handover;
mod levels;
mod take_over;

const TICK: Duration = Duration::from_millis(100);

/// Everything that waits for a reader, as it would go over the wire.
fn read(inbox: &mut Inbox) -> Vec<String> {
    let news = inbox.take();
    news.iter().filter_map(|it| super::render(inbox.names(), &it.news)).collect()
}

fn events(inbox: &mut Inbox) -> Vec<Event> {
    let calls = |news| match super::event(inbox.names(), news)? {
        Rendered::Call(event) => Some(event),
        Rendered::Text(_) => None,
    };
    inbox.take().iter().filter_map(|it| calls(&it.news)).collect()
}

fn kind(event: &Event) -> String {
    serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned()
}

fn kinds(outbox: &mut Inbox) -> Vec<String> {
    events(outbox).iter().map(kind).collect()
}

/// What caller and agent were told in one whole call.
struct Heard {
    caller: Vec<String>,
    agent: Vec<String>,
}

/// One call from ring to hang-up; `supervise` acts in the gaps, at the same times in every run.
fn whole_call(names: &LegNames, mut supervise: impl FnMut(&mut Stage, usize)) -> Heard {
    let mut stage = Stage::new(names, Instant::now());
    let (ana, daniel) = (agent(1, "Ana"), guest());
    let (_, mut of_agent) = stage.connect(&ana);
    let (_, mut of_caller) = stage.connect(&daniel);
    stage.ready(&ana);
    let (mut caller, mut agent) = (Vec::new(), Vec::new());
    for step in 0..12 {
        stage.pass(TICK);
        supervise(&mut stage, step);
        match step {
            0 => stage.place(&daniel),
            1 => drop(stage.answer(&ana)),
            4 => drop(stage.apply(Command::SetMuted { leg: LegId(1), muted: true })),
            6 => drop(stage.apply(Command::SetHeld { held: true })),
            8 => drop(stage.apply(Command::SetHeld { held: false })),
            11 => {
                let leave = Command::Leave { leg: LegId(1), reason: LeaveReason::HungUp };
                stage.apply(leave).unwrap();
            }
            _ => {}
        }
        caller.extend(read(&mut of_caller));
        agent.extend(read(&mut of_agent));
        if step > 0 && step < 11 {
            stage.meters();
        }
        caller.extend(read(&mut of_caller));
        agent.extend(read(&mut of_agent));
    }
    Heard { caller, agent }
}

#[test]
fn a_caller_gets_the_same_bytes_with_and_without_listen_and_whisper() {
    let names = LegNames::default();
    let without = whole_call(&names, |_, _| {});
    let sam = supervisor(7, "Sam", SUPPORT);
    let kim = supervisor(8, "Kim", SUPPORT);
    let mut leg = LegId(0);
    let with = whole_call(&names, |stage, step| match step {
        0 => drop(stage.connect(&sam)),
        2 => leg = stage.supervise(&sam),
        3 => stage.set_mode(leg, ModeKind::Whisper),
        4 => drop(stage.supervise(&kim)),
        5 => stage.set_mode(leg, ModeKind::Listen),
        7 => stage.set_mode(leg, ModeKind::Whisper),
        9 => drop(stage.apply(Command::SetMediaLost { leg, lost: true })),
        10 => leg = stage.supervise(&sam),
        _ => {}
    });
    assert!(without.caller.len() > 6, "the story must tell something: {:?}", without.caller);
    assert_eq!(without.caller, with.caller);
    assert_ne!(without.agent, with.agent, "the coached agent is told");
}

#[test]
fn an_agent_gets_the_same_bytes_with_and_without_listen() {
    let names = LegNames::default();
    let without = whole_call(&names, |_, _| {});
    let sam = supervisor(7, "Sam", SUPPORT);
    let with = whole_call(&names, |stage, step| match step {
        2 | 5 => drop(stage.supervise(&sam)),
        _ => {}
    });
    assert_eq!(without.agent, with.agent);
    assert_eq!(without.caller, with.caller);
}

#[test]
fn the_comparison_notices_a_barge() {
    let names = LegNames::default();
    let without = whole_call(&names, |_, _| {});
    let sam = supervisor(7, "Sam", SUPPORT);
    let with = whole_call(&names, |stage, step| {
        if step == 2 {
            let leg = stage.supervise(&sam);
            stage.set_mode(leg, ModeKind::Barge);
        }
    });
    assert_ne!(without.caller, with.caller);
}

/// A call that Ana has answered, with everybody's streams read up.
fn answered() -> (Stage, Inbox, Inbox) {
    let mut stage = Stage::new(&LegNames::default(), Instant::now());
    let (ana, daniel) = (agent(1, "Ana"), guest());
    let (_, mut of_agent) = stage.connect(&ana);
    let (_, mut of_caller) = stage.connect(&daniel);
    stage.ready(&ana);
    stage.place(&daniel);
    stage.answer(&ana);
    read(&mut of_caller);
    read(&mut of_agent);
    stage.pass(TICK);
    (stage, of_caller, of_agent)
}

fn joined(events: &[Event]) -> Option<LegView> {
    events.iter().find_map(|event| match event {
        Event::LegJoined { leg, .. } => Some(leg.clone()),
        _ => None,
    })
}

#[test]
fn at_barge_the_caller_learns_who_is_there_and_nothing_of_before() {
    let (mut stage, mut of_caller, _) = answered();
    let sam = supervisor(7, "Sam", SUPPORT);
    let leg = stage.supervise(&sam);
    stage.pass(Duration::from_secs(60));
    stage.set_mode(leg, ModeKind::Barge);
    let told = events(&mut of_caller);
    assert_eq!(told.len(), 1);
    let first = joined(&told).unwrap();
    assert_eq!((first.name.as_str(), first.role), ("Sam", Role::Supervisor));
    assert_eq!(first.joined_at, stage.now.unix.0, "since when Sam had listened is not said");
    let Event::LegJoined { call, .. } = &told[0] else { unreachable!() };
    assert_eq!(call.revision, None);
    stage.pass(TICK);
    stage.set_mode(leg, ModeKind::Whisper);
    assert_eq!(kinds(&mut of_caller), ["leg.left"]);
    stage.set_mode(leg, ModeKind::Barge);
    assert_eq!(joined(&events(&mut of_caller)).unwrap().id, first.id);
    // Gone and back looks like stayed and back.
    stage.apply(Command::Leave { leg, reason: LeaveReason::HungUp }).unwrap();
    let leg = stage.supervise(&sam);
    stage.set_mode(leg, ModeKind::Barge);
    assert_eq!(joined(&events(&mut of_caller)).unwrap().id, first.id);
}

#[test]
fn an_agent_learns_of_a_whisper_but_not_whether_sam_listens_on() {
    let told_after = |end: fn(&mut Stage, LegId)| {
        let (mut stage, _of_caller, mut of_agent) = answered();
        let leg = stage.supervise(&supervisor(7, "Sam", SUPPORT));
        assert_eq!(kinds(&mut of_agent), Vec::<String>::new());
        stage.set_mode(leg, ModeKind::Whisper);
        assert_eq!(kinds(&mut of_agent), ["supervision.started"]);
        end(&mut stage, leg);
        let told = events(&mut of_agent);
        let [Event::SupervisionEnded { call, leg }] = told.as_slice() else {
            panic!("one event, not {told:?}")
        };
        assert_eq!(call.legs.len(), 2);
        assert_eq!(leg.name, "Sam");
        (leg.mode, leg.mode_since, leg.joined_at, leg.coach.clone())
    };
    let listens_on = told_after(|stage, leg| stage.set_mode(leg, ModeKind::Listen));
    let left = told_after(|stage, leg| {
        stage.apply(Command::Leave { leg, reason: LeaveReason::HungUp }).unwrap();
    });
    assert_eq!(listens_on, left);
}

#[test]
fn legs_outside_have_ids_without_order() {
    let (mut stage, mut of_caller, _) = answered();
    stage.apply(Command::SetHeld { held: true }).unwrap();
    let [Event::LegChanged { call }] = &events(&mut of_caller)[..] else { panic!("one event") };
    for leg in &call.legs {
        assert_eq!(leg.id.len(), 16, "not a count: {}", leg.id);
    }
    assert_eq!(call.own_leg.as_ref(), Some(&call.legs[0].id));
}

#[test]
fn a_supervisor_whose_last_stream_ends_is_off_the_call_at_once() {
    let (mut stage, mut of_caller, mut of_agent) = answered();
    let sam = supervisor(7, "Sam", SUPPORT);
    let (first, _of_first) = stage.connect(&sam);
    let (second, _of_second) = stage.connect(&sam);
    let leg = stage.supervise(&sam);
    stage.set_mode(leg, ModeKind::Barge);
    stage.disconnect(first);
    assert!(stage.states[&CALL].anybody_is_open(), "another page is still there");
    stage.disconnect(second);
    assert_eq!(stage.states[&CALL].leg(leg), None);
    assert_eq!(kinds(&mut of_caller), ["leg.joined", "leg.left"]);
    assert_eq!(kinds(&mut of_agent), ["supervision.started", "supervision.ended"]);
    let (_, mut of_third) = stage.connect(&sam);
    let told = events(&mut of_third);
    let Event::Snapshot(snapshot) = &told[0] else { panic!("a snapshot comes first") };
    assert_eq!(snapshot.calls[0].own_leg, None, "it never comes back by itself");
}

#[test]
fn supervision_that_begins_after_its_stream_has_ended_ends_too() {
    let (mut stage, _of_caller, _of_agent) = answered();
    let sam = supervisor(7, "Sam", SUPPORT);
    let (stream, _of_sam) = stage.connect(&sam);
    stage.disconnect(stream);
    let leg = stage.supervise(&sam);
    assert_eq!(stage.states[&CALL].leg(leg), None);
}

#[test]
fn lost_rights_end_what_they_allowed() {
    let (mut stage, _of_caller, _of_agent) = answered();
    let sam = supervisor(7, "Sam", SUPPORT);
    let (_, of_sam) = stage.connect(&sam);
    let leg = stage.supervise(&sam);
    stage.set_mode(leg, ModeKind::Barge);
    let mut less = (*sam).clone();
    less.permissions = less
        .permissions
        .iter()
        .filter(|it| *it != interaction::Permission::BargeLiveCalls)
        .collect();
    let effects = stage.live.handle_rights(sam.id, Some(&less));
    stage.run(effects);
    assert!(!stage.states[&CALL].anybody_is_open());
    assert!(of_sam.ending().is_some(), "the page starts anew with the new rights");
    let effects = stage.live.handle_rights(sam.id, Some(&supervisor(7, "Sam", SALES)));
    stage.run(effects);
    assert_eq!(stage.states[&CALL].leg(leg), None);
}

#[test]
fn only_the_teams_supervisors_see_a_call() {
    let (stage, ..) = answered();
    let sees = |user: &interaction::User| stage.live.seen(user, CALL).is_some();
    assert!(sees(&supervisor(7, "Sam", SUPPORT)));
    assert!(!sees(&supervisor(9, "Lee", SALES)));
    assert!(!sees(&agent(2, "Ben")));
    assert!(!sees(&user(3)));
}

#[test]
fn a_missed_call_goes_on_and_in_the_end_the_caller_is_told() {
    let mut stage = Stage::new(&LegNames::default(), Instant::now());
    let (ana, daniel) = (agent(1, "Ana"), guest());
    let (_, mut of_agent) = stage.connect(&ana);
    let (_, mut of_caller) = stage.connect(&daniel);
    let (_, mut of_sam) = stage.connect(&supervisor(7, "Sam", SUPPORT));
    stage.ready(&ana);
    stage.place(&daniel);
    assert_eq!(kinds(&mut of_agent).last().unwrap(), "presence.changed");
    stage.pass(Duration::from_secs(20));
    let told = events(&mut of_agent);
    assert_eq!(kind(&told[0]), "call.offer_ended");
    let Event::PresenceChanged { agent } = &told[1] else { panic!("presence: {told:?}") };
    assert_eq!((agent.state, agent.reason.as_deref()), (PresenceState::NotReady, Some("missed")));
    stage.pass(Duration::from_secs(280));
    let told = events(&mut of_caller);
    let Some(Event::CallEnded { call }) = told.last() else { panic!("not told: {told:?}") };
    assert_eq!((call.state, call.end_reason), (CallPhase::Ended, Some(EndReason::NoAgent)));
    assert_eq!(kinds(&mut of_sam).last().unwrap(), "call.ended");
    let done = stage.kept.iter().any(|effect| *effect == Effect::GuestDone(daniel.id));
    assert!(done && stage.live.calls_of(&daniel).is_empty());
}

#[test]
fn a_caller_is_not_told_at_whom_it_rings() {
    let mut stage = Stage::new(&LegNames::default(), Instant::now());
    let (ana, daniel) = (agent(1, "Ana"), guest());
    let (_, _of_agent) = stage.connect(&ana);
    let (_, mut of_caller) = stage.connect(&daniel);
    stage.ready(&ana);
    stage.place(&daniel);
    let told = read(&mut of_caller);
    assert!(told.last().unwrap().contains(r#""state":"ringing""#));
    assert!(!told.concat().contains("Ana"));
}

#[test]
fn a_reload_of_the_agents_page_keeps_the_offer_and_the_choice() {
    let mut stage = Stage::new(&LegNames::default(), Instant::now());
    let (ana, daniel) = (agent(1, "Ana"), guest());
    let (page, _) = stage.connect(&ana);
    stage.ready(&ana);
    stage.place(&daniel);
    stage.disconnect(page);
    stage.pass(AWAY_GRACE / 2);
    let (page, mut of_agent) = stage.connect(&ana);
    let told = events(&mut of_agent);
    let Event::Snapshot(snapshot) = &told[0] else { panic!("a snapshot comes first") };
    assert!(snapshot.offer.is_some());
    stage.disconnect(page);
    stage.pass(AWAY_GRACE);
    assert_eq!(
        super::agent(&stage.live.agent_sight(ana.id).unwrap()).state,
        PresenceState::Offline
    );
}

#[test]
fn an_ended_call_goes_into_the_books() {
    let (mut stage, _of_caller, _of_agent) = answered();
    let leg = stage.supervise(&supervisor(7, "Sam", SUPPORT));
    stage.set_mode(leg, ModeKind::Whisper);
    stage.apply(Command::Leave { leg: LegId(2), reason: LeaveReason::HungUp }).unwrap();
    let acts: Vec<SupervisionAction> = stage
        .kept
        .iter()
        .filter_map(|effect| match effect {
            Effect::Persist(DomainEvent::Supervised(act)) => {
                assert_eq!((act.subject, act.username.as_str()), (Subject::Call(CALL), "user7"));
                Some(act.action)
            }
            _ => None,
        })
        .collect();
    let expected = [
        SupervisionAction::Mode(ModeKind::Listen),
        SupervisionAction::Mode(ModeKind::Whisper),
        SupervisionAction::Stop(LeaveReason::CallEnded),
    ];
    assert_eq!(acts, expected);
    let summary = summary(&stage);
    assert_eq!(summary.end.name(), "agent");
    let names = &summary.card.participants;
    let parties: Vec<String> =
        summary.parties.iter().map(|party| names.name_of(party.leg.user)).collect();
    assert_eq!(parties, ["Daniel", "Ana", "Sam"]);
}

/// The ended call, as it is kept.
fn summary(stage: &Stage) -> &control_plane::CallSummary {
    let ended = stage.kept.iter().find_map(|effect| match effect {
        Effect::Persist(DomainEvent::CallEnded(summary)) => Some(summary),
        _ => None,
    });
    ended.expect("an ended call is kept")
}

#[test]
fn a_call_that_failed_is_over_for_everybody() {
    let (mut stage, mut of_caller, mut of_agent) = answered();
    let effects = stage.live.handle_media(stage.now, MediaFact::CallFailed(CALL));
    stage.run(effects);
    assert_eq!(kinds(&mut of_caller), ["call.ended"]);
    assert_eq!(kinds(&mut of_agent), ["call.ended", "presence.changed"]);
    assert!(stage.live.calls_of(&guest()).is_empty());
}

#[test]
fn how_a_call_sounds_is_told_to_its_supervisors_alone() {
    let (mut stage, mut of_caller, mut of_agent) = answered();
    let (_, mut of_sam) = stage.connect(&supervisor(7, "Sam", SUPPORT));
    let (_, mut of_lee) = stage.connect(&supervisor(9, "Lee", SALES));
    for _ in 0..120 {
        stage.pass(TICK);
        stage.meters();
        for outbox in [&mut of_caller, &mut of_agent, &mut of_sam, &mut of_lee] {
            read(outbox);
        }
    }
    let effects = stage.live.handle_moods_due(stage.now.unix);
    stage.run(effects);
    let told = events(&mut of_sam);
    let [Event::Moods { calls }] = &told[..] else { panic!("moods alone: {told:?}") };
    assert!(calls[0].talk.talk_over > 0.9, "both talk all the time: {calls:?}");
    for outbox in [&mut of_caller, &mut of_agent, &mut of_lee] {
        assert_eq!(read(outbox), Vec::<String>::new());
    }
    stage.apply(Command::SetHeld { held: true }).unwrap();
    let [Event::LegChanged { call }] = &events(&mut of_sam)[..] else { panic!("one event") };
    assert!(call.mood.is_some() && call.talk.is_some());
    for outbox in [&mut of_caller, &mut of_agent] {
        let told = read(outbox).concat();
        assert!(!told.contains("mood") && !told.contains("talk"), "{told}");
    }
}

/// The caller's station has this fault from now on; the call as Sam is told of it then.
fn with_fault(stage: &mut Stage, of_sam: &mut Inbox, fault: Option<MediaFault>) -> CallView {
    let (station, state) = (station_of(guest().id), StationState::Connected(fault));
    let effects = stage.live.handle_media(stage.now, MediaFact::StationChanged { station, state });
    stage.run(effects);
    match &events(of_sam)[..] {
        [Event::CallUpdated { call }] => call.clone(),
        told => panic!("one event: {told:?}"),
    }
}

#[test]
fn what_is_wrong_with_a_party_s_sound_is_told_to_its_owner_and_to_supervisors_alone() {
    let told_to_caller = [false, true].map(|is_supervised| {
        let (mut stage, mut of_caller, mut of_agent) = answered();
        let sam = supervisor(7, "Sam", SUPPORT);
        let (_, mut of_sam) = stage.connect(&sam);
        let (_, mut of_lee) = stage.connect(&supervisor(9, "Lee", SALES));
        if is_supervised {
            stage.supervise(&sam);
        }
        for outbox in [&mut of_caller, &mut of_agent, &mut of_sam, &mut of_lee] {
            read(outbox);
        }
        let call = with_fault(&mut stage, &mut of_sam, Some(MediaFault::DigitalSilence));
        let faults: Vec<_> = call.legs.iter().map(|leg| leg.fault).take(2).collect();
        assert_eq!(faults, [Some(wire::MediaFault::DigitalSilence), None]);
        let told = read(&mut of_caller);
        assert!(told.concat().contains(r#""fault":"digital_silence""#), "{told:?}");
        assert_eq!(read(&mut of_agent), Vec::<String>::new());
        stage.apply(Command::SetHeld { held: true }).unwrap();
        for outbox in [&mut of_caller, &mut of_agent] {
            let told = read(outbox).concat();
            assert!(told.contains("leg.changed") && !told.contains("fault"), "{told}");
        }
        assert_eq!(read(&mut of_lee), Vec::<String>::new());
        read(&mut of_sam);
        let call = with_fault(&mut stage, &mut of_sam, None);
        assert!(call.legs.iter().all(|leg| leg.fault.is_none()), "right again");
        told
    });
    assert_eq!(told_to_caller[0], told_to_caller[1], "whether or not somebody listens");
}

#[test]
fn a_call_keeps_the_policy_that_it_began_with() {
    let (mut stage, _, _) = answered();
    let policy = Policy { notify_agent_on_listen: true, ..Policy::default() };
    stage.live.handle_settings(policy, LineConfig::of(Medium::Voice));
    let sam = supervisor(7, "Sam", SUPPORT);
    assert_eq!(stage.live.snapshot(&sam).notify_agent_on_listen, Some(true));
    let call = super::call::call(stage.live.leg_names(), &stage.live.calls_of(&sam)[0]);
    assert!(!call.listen_told, "Ana is not told on this one");
}

#[test]
fn an_agent_s_account_changes_and_ends() {
    let (mut stage, _, _) = answered();
    let sam = supervisor(7, "Sam", SUPPORT);
    let names = |stage: &Stage| -> Vec<String> {
        stage.live.snapshot(&sam).agents.into_iter().map(|agent| agent.name).collect()
    };
    let now = stage.now;
    stage.live.handle_account(now, UserId(30), Some(&*agent(30, "Noor")));
    assert!(names(&stage).contains(&"Noor".to_owned()), "before Noor first signs in");
    stage.live.handle_account(now, UserId(30), Some(&*agent(30, "Noor Haddad")));
    assert!(names(&stage).contains(&"Noor Haddad".to_owned()));
    stage.live.handle_account(now, UserId(30), None);
    assert!(!names(&stage).iter().any(|name| name.starts_with("Noor")));
}
