//! Transfer, consultation, conference: at whom it rings, who is told what, and how it ends.

use interaction::Target;
use interaction::access::{Access, Span};
use interaction::conversation::Reader;
use interaction::{QueueId, UserId};
use wire::{CallView, ConsultationState, HandoverKind, HandoverOutcome, HelpState};

use super::*;
use crate::timeline::call::of_call;
use interaction::User;

const TO_SUPPORT: Target = Target::Queue(QueueId(SUPPORT.0));
const TO_SALES: Target = Target::Queue(QueueId(SALES.0));

/// Daniel's call with Ana; Ben is there and ready, Sam supervises Support, Lee supervises Sales.
struct Scene {
    stage: Stage,
    ben: std::sync::Arc<User>,
    of_daniel: Inbox,
    of_ana: Inbox,
    of_ben: Inbox,
    of_sam: Inbox,
    of_lee: Inbox,
}

impl Scene {
    fn new() -> Self {
        let (mut stage, of_daniel, of_ana) = answered();
        let ben = agent(2, "Ben");
        let (_, of_ben) = stage.connect(&ben);
        let (_, of_sam) = stage.connect(&supervisor(7, "Sam", SUPPORT));
        let (_, of_lee) = stage.connect(&supervisor(9, "Lee", SALES));
        stage.ready(&ben);
        let mut scene = Self { stage, ben, of_daniel, of_ana, of_ben, of_sam, of_lee };
        scene.read_up();
        scene
    }

    fn read_up(&mut self) {
        for outbox in [
            &mut self.of_daniel,
            &mut self.of_ana,
            &mut self.of_ben,
            &mut self.of_sam,
            &mut self.of_lee,
        ] {
            read(outbox);
        }
    }

    fn transfer(&mut self, to: Target) {
        let (leg, note) = (self.stage.agent_leg(), Some("wants a refund".to_owned()));
        self.stage.hand_over(to, |to| Command::Transfer { leg, to, note });
    }

    fn consult(&mut self, to: Target) {
        let leg = self.stage.agent_leg();
        self.stage.hand_over(to, |to| Command::Consult { leg, to, note: None });
    }

    fn invite(&mut self, to: Target) {
        let leg = self.stage.agent_leg();
        self.stage.hand_over(to, |to| Command::Invite { leg, to, note: None });
    }
}

fn offered(events: &[Event]) -> (CallView, wire::HandoverView) {
    let offer = events.iter().find_map(|event| match event {
        Event::CallOffered { call, handover: Some(handover), .. } => {
            Some((call.clone(), handover.clone()))
        }
        _ => None,
    });
    offer.unwrap_or_else(|| panic!("no request was offered: {events:?}"))
}

fn outcome(events: &[Event]) -> Option<(HandoverOutcome, Option<String>)> {
    events.iter().find_map(|event| match event {
        Event::HandoverEnded { outcome, by, .. } => {
            Some((*outcome, by.as_ref().map(|by| by.name.clone())))
        }
        _ => None,
    })
}

#[test]
fn a_blind_transfer_rings_at_the_next_agent_and_each_is_told_their_part() {
    let mut scene = Scene::new();
    scene.transfer(TO_SUPPORT);
    let (call, handover) = offered(&events(&mut scene.of_ben));
    assert_eq!((handover.kind, handover.from.name.as_str()), (HandoverKind::Transfer, "Ana"));
    assert_eq!(
        (handover.to_name.as_str(), handover.note.as_deref()),
        ("support", Some("wants a refund"))
    );
    assert_eq!(call.caller.name, "Daniel");

    let daniel = read(&mut scene.of_daniel).concat();
    assert!(daniel.contains(r#""transferring_to":"support""#), "{daniel}");
    for private in ["refund", "handover", "Ben"] {
        assert!(!daniel.contains(private), "{private} in {daniel}");
    }
    let ana = events(&mut scene.of_ana);
    let told: Vec<String> = ana.iter().map(kind).collect();
    assert_eq!(told, ["call.handover_requested", "leg.left", "presence.changed"]);

    scene.stage.answer(&scene.ben.clone());
    assert_eq!(kinds(&mut scene.of_daniel), ["leg.joined"]);
    let accepted = (HandoverOutcome::Accepted, Some("Ben".to_owned()));
    assert_eq!(
        outcome(&events(&mut scene.of_ana)),
        Some(accepted.clone()),
        "the sender, though gone"
    );
    assert_eq!(outcome(&events(&mut scene.of_sam)), Some(accepted));
    assert_eq!(kinds(&mut scene.of_ben)[0], "call.offer_ended");
}

#[test]
fn a_transfer_goes_from_agent_to_agent_and_then_the_call_ends() {
    let mut scene = Scene::new();
    let eva = agent(3, "Eva");
    let (_, mut of_eva) = scene.stage.connect(&eva);
    scene.transfer(TO_SUPPORT);
    scene.stage.ready(&eva);
    let effects = scene.stage.live.handle_declined(scene.stage.now, CALL, scene.ben.id).unwrap();
    scene.stage.run(effects);
    offered(&events(&mut of_eva));
    scene.read_up();
    scene.stage.pass(Duration::from_secs(20));
    scene.stage.pass(Duration::from_secs(100));
    let told = events(&mut scene.of_daniel);
    let [Event::CallEnded { call }] = &told[..] else { panic!("the end alone, not {told:?}") };
    assert_eq!(call.end_reason, Some(EndReason::NoAgent));
    let ended = outcome(&events(&mut scene.of_ana));
    assert_eq!(ended, Some((HandoverOutcome::NoAgents, None)), "nobody was available");
    assert_eq!(outcome(&events(&mut scene.of_sam)), Some((HandoverOutcome::NoAgents, None)));
}

#[test]
fn a_caller_gets_the_same_bytes_whether_or_not_somebody_is_invited_in_vain() {
    let mut scene = Scene::new();
    scene.invite(TO_SUPPORT);
    let (_, handover) = offered(&events(&mut scene.of_ben));
    assert_eq!(handover.kind, HandoverKind::Conference);
    let effects = scene.stage.live.handle_declined(scene.stage.now, CALL, scene.ben.id).unwrap();
    scene.stage.run(effects);
    scene.stage.pass(Duration::from_secs(120));
    let ana = events(&mut scene.of_ana);
    assert_eq!(outcome(&ana), Some((HandoverOutcome::NoAgents, None)));
    assert_eq!(read(&mut scene.of_daniel), Vec::<String>::new());
    assert!(!scene.stage.states[&CALL].ended(), "the call goes on");
}

#[test]
fn a_consultation_shows_to_staff_alone_until_the_three_talk() {
    let mut scene = Scene::new();
    scene.consult(Target::Agent(UserId(2)));
    let ana = events(&mut scene.of_ana);
    let ringing = ana.iter().find_map(|event| match event {
        Event::CallUpdated { call } => call.consultation.clone(),
        _ => None,
    });
    let ringing = ringing.expect("ana is told that it rings");
    assert_eq!((ringing.state, ringing.with.as_str()), (ConsultationState::Ringing, "Ben"));

    scene.stage.answer(&scene.ben.clone());
    let ana = events(&mut scene.of_ana);
    let Some(Event::LegJoined { call, leg }) = ana.iter().find(|it| kind(it) == "leg.joined")
    else {
        panic!("ana is told who joined: {ana:?}")
    };
    let talking = call.consultation.as_ref().unwrap();
    assert_eq!((talking.state, talking.leg.as_ref()), (ConsultationState::Talking, Some(&leg.id)));
    assert_eq!(leg.consulted_by.as_ref(), Some(&talking.by));
    // The caller is on hold, and that is all.
    let daniel = read(&mut scene.of_daniel);
    assert_eq!(daniel.len(), 1, "{daniel:?}");
    assert!(daniel[0].contains("leg.changed") && !daniel[0].contains("Ben"), "{daniel:?}");

    let leg = scene.stage.agent_leg();
    scene.stage.apply(Command::MergeConsultation { leg }).unwrap();
    assert_eq!(kinds(&mut scene.of_daniel), ["leg.joined", "leg.changed"]);
}

/// What caller and second agent are told of a call in which Ana consults Ben, lets him in and
/// leaves; `supervise` acts in the gaps, at the same times in every run.
fn whole_handing(names: &LegNames, mut supervise: impl FnMut(&mut Stage, usize)) -> Heard {
    let mut stage = Stage::new(names, Instant::now());
    let (ana, ben, daniel) = (agent(1, "Ana"), agent(2, "Ben"), guest());
    let (_, _of_ana) = stage.connect(&ana);
    let (_, mut of_ben) = stage.connect(&ben);
    let (_, mut of_daniel) = stage.connect(&daniel);
    stage.ready(&ana);
    let (mut caller, mut agent, mut name) = (Vec::new(), Vec::new(), String::new());
    for step in 0..14 {
        stage.pass(TICK);
        supervise(&mut stage, step);
        match step {
            0 => stage.place(&daniel),
            1 => drop(stage.answer(&ana)),
            2 => stage.ready(&ben),
            4 => {
                let leg = stage.agent_leg();
                stage.hand_over(TO_SUPPORT, |to| Command::Consult { leg, to, note: None });
            }
            6 => {
                let leg = stage.answer(&ben);
                let leg = stage.states[&CALL].leg(leg).unwrap();
                name = names.name(CALL, interaction::Viewer::Caller, leg);
            }
            8 => {
                let leg = stage.agent_leg();
                stage.apply(Command::MergeConsultation { leg }).unwrap();
            }
            10 => {
                let (leg, reason) = (stage.agent_leg(), LeaveReason::HungUp);
                stage.apply(Command::Leave { leg, reason }).unwrap();
            }
            12 => {
                let leg = stage.agent_leg();
                stage.hand_over(TO_SUPPORT, |to| Command::Transfer { leg, to, note: None });
            }
            _ => {}
        }
        caller.extend(read(&mut of_daniel));
        agent.extend(read(&mut of_ben));
    }
    // The leg's number is another one when Sam was there before; its name is a keyed hash of it.
    for text in caller.iter_mut().chain(&mut agent) {
        *text = text.replace(&name, "ben's leg");
    }
    Heard { caller, agent }
}

#[test]
fn a_call_that_is_handed_over_tells_caller_and_second_agent_nothing_of_a_whisper_to_the_first() {
    let names = LegNames::default();
    let without = whole_handing(&names, |_, _| {});
    let sam = supervisor(7, "Sam", SUPPORT);
    let mut leg = LegId(0);
    let with = whole_handing(&names, |stage, step| match step {
        0 => drop(stage.connect(&sam)),
        3 => leg = stage.supervise(&sam),
        5 => stage.set_mode(leg, ModeKind::Whisper),
        7 => stage.set_mode(leg, ModeKind::Listen),
        9 => stage.set_mode(leg, ModeKind::Whisper),
        // Ana has gone, and the whisper with her: he listens.
        11 => assert_eq!(
            stage.states[&CALL].leg(leg).unwrap().mode().unwrap().kind(),
            ModeKind::Listen
        ),
        _ => {}
    });
    assert!(without.caller.len() > 6, "the story must tell something: {:?}", without.caller);
    assert_eq!(without.caller, with.caller);
    assert_eq!(without.agent, with.agent);
}

#[test]
fn the_caller_can_t_tell_how_long_the_second_agent_has_been_there() {
    let mut scene = Scene::new();
    scene.consult(TO_SUPPORT);
    scene.stage.answer(&scene.ben.clone());
    scene.stage.pass(Duration::from_secs(60));
    let leg = scene.stage.agent_leg();
    scene.stage.apply(Command::MergeConsultation { leg }).unwrap();
    let told = events(&mut scene.of_daniel);
    let ben = joined(&told).unwrap();
    assert_eq!((ben.name.as_str(), ben.joined_at), ("Ben", scene.stage.now.unix.0));
    assert_eq!(ben.consulted_by, None);
}

#[test]
fn who_is_asked_by_name_and_declines_is_named_so() {
    let mut scene = Scene::new();
    scene.consult(Target::Agent(UserId(2)));
    let effects = scene.stage.live.handle_declined(scene.stage.now, CALL, scene.ben.id).unwrap();
    scene.stage.run(effects);
    let ana = events(&mut scene.of_ana);
    assert_eq!(outcome(&ana), Some((HandoverOutcome::Declined, None)));
    assert!(scene.stage.states[&CALL].held(), "back to the caller is one click");
}

#[test]
fn a_request_that_is_taken_back_rings_no_more() {
    let mut scene = Scene::new();
    scene.invite(TO_SUPPORT);
    let claimed = scene.stage.live.handle_claim(CALL, &scene.ben).unwrap().unwrap();
    let leg = scene.stage.agent_leg();
    let by = interaction::HandoverOutcome::Cancelled;
    scene.stage.apply(Command::EndHandover { handover: claimed, outcome: by }).unwrap();
    assert_eq!(kinds(&mut scene.of_ben).last().unwrap(), "presence.changed");
    // Ben's answer was on its way.
    let late = Command::AcceptHandover { user: scene.ben.id, handover: claimed };
    assert_eq!(scene.stage.apply(late), Err(interaction::Refusal::NoHandover));
    assert_eq!(scene.stage.states[&CALL].agents().count(), 1);
    assert_eq!(scene.stage.agent_leg(), leg);
}

#[test]
fn the_other_team_s_supervisors_see_a_call_from_its_transfer_on() {
    let mut scene = Scene::new();
    let lee = supervisor(9, "Lee", SALES);
    assert!(scene.stage.live.seen(&lee, CALL).is_none());
    scene.transfer(TO_SALES);
    assert_eq!(kinds(&mut scene.of_lee)[0], "call.handover_requested");
    assert!(scene.stage.live.seen(&lee, CALL).is_some());
    assert!(scene.stage.live.seen(&supervisor(7, "Sam", SUPPORT), CALL).is_some());
}

#[test]
fn a_transfer_cancels_the_help_request_and_staff_are_told_how_it_ended() {
    let mut scene = Scene::new();
    let leg = scene.stage.agent_leg();
    scene.stage.apply(Command::RequestHelp { leg, reason: Some("stuck".into()) }).unwrap();
    let requests = |events: &[Event]| -> Vec<(HelpState, bool)> {
        let request = |event: &Event| match event {
            Event::HelpChanged { request, .. } => Some((request.state, request.ended_at.is_some())),
            _ => None,
        };
        events.iter().filter_map(request).collect()
    };
    scene.stage.apply(Command::TakeHelp { user: UserId(7) }).unwrap();
    scene.transfer(TO_SUPPORT);
    let told = requests(&events(&mut scene.of_sam));
    let steps =
        [(HelpState::Open, false), (HelpState::InProgress, false), (HelpState::Cancelled, true)];
    assert_eq!(told, steps);
    assert_eq!(requests(&events(&mut scene.of_daniel)), []);
}

#[test]
fn destinations_count_who_is_ready_or_busy_and_leave_oneself_out() {
    let scene = Scene::new();
    let list = scene.stage.live.destinations(UserId(2), vec![queue(SUPPORT), queue(SALES)]);
    let counts: Vec<(&str, u32)> =
        list.queues.iter().map(|it| (it.queue.key.as_str(), it.available)).collect();
    assert_eq!(counts, [("sales", 0), ("support", 1)], "Ana is on a call; Ben asks");
    let agents: Vec<(&str, PresenceState)> = list
        .agents
        .iter()
        .map(|it| (it.name.as_str(), super::super::presence(it.presence)))
        .collect();
    assert_eq!(agents, [("Ana", PresenceState::Active)]);
}

#[test]
fn what_happened_goes_into_the_books_and_what_the_caller_may_not_know_is_private() {
    let mut scene = Scene::new();
    let sam = supervisor(7, "Sam", SUPPORT);
    let listening = scene.stage.supervise(&sam);
    scene.stage.set_mode(listening, ModeKind::Whisper);
    scene.stage.set_mode(listening, ModeKind::Barge);
    scene.stage.set_mode(listening, ModeKind::Listen);
    let leg = scene.stage.agent_leg();
    scene.stage.apply(Command::RequestHelp { leg, reason: Some("stuck".into()) }).unwrap();
    scene.consult(TO_SUPPORT);
    scene.stage.answer(&scene.ben.clone());
    scene.stage.apply(Command::CompleteTransfer { leg }).unwrap();
    scene.stage.apply(Command::Leave { leg: LegId(1), reason: LeaveReason::HungUp }).unwrap();

    let kept = orchestrator::stored_rows::rows(summary(&scene.stage), 0);
    let sam = Access { reader: Reader::Supervisor, span: Span::All };
    let timeline = of_call(&kept, sam, &interaction::Policy::default(), UserId(0));
    let told: Vec<(&str, bool)> =
        timeline.iter().map(|it| (it.kind.as_str(), it.private)).collect();
    let (public, private) = (false, true);
    let expected = [
        ("placed", public),
        ("joined", public),
        ("listening", private),
        ("whispering", private),
        ("barged", public),
        ("listening", private),
        ("help_raised", private),
        ("consultation_requested", private),
        ("held", public),
        ("handover_accepted", private),
        ("consulted", private),
        ("joined", public),
        ("resumed", public),
        ("help_cancelled", private),
        ("left", public),
        ("left", public),
        ("supervision_ended", private),
        ("left", public),
        ("ended", public),
    ];
    assert_eq!(told, expected);
    assert!(kept.iter().zip(1..).all(|(event, place)| event.position == place));
    assert_eq!(timeline[3].text, "Sam whispers to Ana.");
    assert_eq!(timeline[18].detail.as_deref(), Some("caller"));

    let help = scene.stage.kept.iter().filter_map(|effect| match effect {
        Effect::Persist(DomainEvent::HelpChanged { help, .. }) => Some(help.stage),
        _ => None,
    });
    let stages: Vec<interaction::HelpStage> = help.collect();
    let [interaction::HelpStage::Open, interaction::HelpStage::Cancelled { why, .. }] = stages[..]
    else {
        panic!("raised and cancelled: {stages:?}")
    };
    assert_eq!(why, interaction::HelpCancel::Transferred);
}
