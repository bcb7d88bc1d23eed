use wire::{
    CallerInfo, CallerSource, EndReason, HelpView, LegView, Permission, PresenceState, Snapshot,
};

use super::ask::REASON_CHARS_MAX;
use super::*;

const CALL: &str = "c1";

struct Rig {
    phone: Phone,
    now: Instant,
    at: u64,
}

impl Rig {
    fn new(role: Role, calls: Vec<CallView>) -> (Self, Vec<Action>) {
        let mut rig = Self { phone: Phone::default(), now: Instant::now(), at: 1_000_000 };
        let said = rig.snapshot(role, calls);
        (rig, said)
    }

    fn snapshot(&mut self, role: Role, calls: Vec<CallView>) -> Vec<Action> {
        let me = User {
            id: "me".to_owned(),
            username: "me".to_owned(),
            name: "Ana Duarte".to_owned(),
            role,
            permissions: Vec::<Permission>::new(),
            teams: vec![],
            queues: vec![],
        };
        let snapshot = Snapshot { me, calls, agents: vec![], offer: None, policy: None };
        self.server(Event::Snapshot(Box::new(snapshot)))
    }

    fn server(&mut self, event: Event) -> Vec<Action> {
        let envelope = Envelope { seq: None, at: self.at, event };
        self.phone.handle(self.now, Input::Server(Box::new(envelope)))
    }

    fn command(&mut self, command: Command) -> Vec<Action> {
        self.phone.handle(self.now, Input::Command(command))
    }

    fn updated(&mut self, call: CallView) -> Vec<Action> {
        self.server(Event::LegChanged { call })
    }

    /// An agent on a call that was answered here.
    fn agent_on_call() -> Self {
        let (mut rig, _) = Self::new(Role::Agent, vec![]);
        let offered = view(None, vec![leg("1", Role::Caller)]);
        rig.server(Event::CallOffered {
            call: offered,
            handover: None,
            expires_at: rig.at + 20_000,
        });
        rig.command(Command::Answer {});
        let said = rig.server(Event::CallStarted { call: on_call() });
        assert_eq!(said.last(), Some(&Action::Microphone(true)));
        rig
    }

    /// A supervisor who listens from here.
    fn supervisor_listening() -> Self {
        let (mut rig, _) = Self::new(Role::Supervisor, vec![view(None, parties())]);
        let asked = rig.command(Command::Listen { call: Some(CALL.to_owned()) });
        assert_eq!(asked, [ask(Act::Listen)]);
        let said = rig.updated(supervised(Mode::Listen));
        assert!(said.iter().all(|action| *action != Action::Microphone(true)), "{said:?}");
        assert_eq!(heard(&said), ["Listening – nobody hears you"]);
        rig
    }
}

fn leg(id: &str, role: Role) -> LegView {
    let name = match role {
        Role::Caller => "Marek Novák",
        Role::Agent => "Ana Duarte",
        _ => "Sam Okafor",
    };
    LegView {
        id: id.to_owned(),
        user: id.to_owned(),
        name: name.to_owned(),
        role,
        mode: None,
        coach: None,
        mode_since: None,
        consulted_by: None,
        muted: false,
        lost: false,
        echo: false,
        fault: None,
        joined_at: 0,
    }
}

fn supervisor_leg(mode: Mode) -> LegView {
    LegView { mode: Some(mode), coach: Some("2".to_owned()), ..leg("3", Role::Supervisor) }
}

fn parties() -> Vec<LegView> {
    vec![leg("1", Role::Caller), leg("2", Role::Agent)]
}

fn view(own_leg: Option<&str>, legs: Vec<LegView>) -> CallView {
    CallView {
        id: CALL.to_owned(),
        state: if legs.len() > 1 { CallPhase::Active } else { CallPhase::Ringing },
        queue: Some("support".to_owned()),
        caller: CallerInfo { name: "Marek Novák".to_owned(), number: None },
        caller_source: CallerSource::Stated,
        outbound: None,
        adding: None,
        legs,
        place: None,
        ringing: None,
        held: false,
        placed_at: 990_000,
        answered_at: Some(995_000),
        help: None,
        handovers: Vec::new(),
        consultation: None,
        transferring_to: None,
        mood: None,
        talk: None,
        listen_told: false,
        agents_apart: false,
        own_leg: own_leg.map(str::to_owned),
        revision: None,
        end_reason: None,
    }
}

fn on_call() -> CallView {
    view(Some("2"), parties())
}

fn supervised(mode: Mode) -> CallView {
    let mut legs = parties();
    legs.push(supervisor_leg(mode));
    view(Some("3"), legs)
}

fn coached(mode: Mode) -> CallView {
    CallView { own_leg: Some("2".to_owned()), ..supervised(mode) }
}

fn ask(act: Act) -> Action {
    Action::Ask(Request::Call { call: CALL.to_owned(), act })
}

fn heard(actions: &[Action]) -> Vec<&str> {
    let texts = actions.iter().filter_map(|action| match action {
        Action::Say(Note::Heard { text, .. } | Note::Supervising { text, .. }) => {
            Some(text.as_str())
        }
        _ => None,
    });
    texts.collect()
}

fn mode(mode: Mode) -> Action {
    ask(Act::Mode { leg: "3".to_owned(), mode })
}

#[test]
fn a_call_rings_is_answered_and_ends() {
    let (mut rig, said) = Rig::new(Role::Agent, vec![]);
    assert!(matches!(&said[..], [Action::Say(Note::Connection { up: true, .. })]));
    assert_eq!(
        rig.command(Command::Ready {}),
        [Action::Ask(Request::Presence { ready: true, reason: None })]
    );
    let offered = view(None, vec![leg("1", Role::Caller)]);
    let said = rig.server(Event::CallOffered {
        call: offered,
        handover: None,
        expires_at: rig.at + 19_500,
    });
    assert_eq!(said[0], Action::Ring(true));
    let Action::Say(Note::Ringing { caller, seconds_left, .. }) = &said[1] else {
        panic!("{said:?}")
    };
    assert_eq!((caller.as_str(), *seconds_left), ("Marek Novák", 20));
    let later = rig.now + Duration::from_secs(10);
    assert_eq!(rig.phone.ringing_seconds_left(later), Some(10));

    assert_eq!(rig.command(Command::Answer {}), [ask(Act::Answer)]);
    assert_eq!(rig.phone.pending().as_deref(), Some("Connecting…"));
    let said = rig.server(Event::CallStarted { call: on_call() });
    assert_eq!(said[0], Action::Ring(false));
    assert!(said.contains(&Action::NewCall));
    assert_eq!(said.last(), Some(&Action::Microphone(true)), "it opens last");
    assert_eq!(heard(&said), ["Marek hears you"]);
    assert_eq!((rig.phone.pending(), rig.phone.talk_seconds(rig.now)), (None, Some(5)));

    assert_eq!(rig.command(Command::HangUp {}), [Action::Microphone(false), ask(Act::HangUp)]);
    let state = CallPhase::Ended;
    let call = CallView { end_reason: Some(EndReason::Agent), state, own_leg: None, ..on_call() };
    let said = rig.server(Event::LegLeft { call: call.clone(), leg: leg("2", Role::Agent) });
    let text = "You hung up on Marek Novák.".to_owned();
    assert_eq!(said, [Action::Say(Note::CallEnded { call: CALL.to_owned(), text })]);
    assert_eq!(rig.server(Event::CallEnded { call }), [], "it is said once");
    assert_eq!((rig.phone.pending(), rig.phone.standing().is_open), (None, false));
}

#[test]
fn an_offer_that_is_over_stops_ringing() {
    let (mut rig, _) = Rig::new(Role::Agent, vec![]);
    let offered = view(None, vec![leg("1", Role::Caller)]);
    rig.server(Event::CallOffered { call: offered, handover: None, expires_at: rig.at + 20_000 });
    let said = rig.server(Event::CallOfferEnded { call: CALL.to_owned() });
    assert_eq!(said[0], Action::Ring(false));
    assert!(matches!(said[1], Action::Say(Note::RingingEnded { .. })));
    let said = rig.command(Command::Answer {});
    assert!(matches!(&said[..], [Action::Say(Note::Refused { .. })]), "nothing is asked: {said:?}");
}

#[test]
fn mute_closes_the_microphone_at_once_and_opens_it_only_when_confirmed() {
    let mut rig = Rig::agent_on_call();
    let muted = ask(Act::Mute { leg: "2".to_owned(), on: true });
    assert_eq!(rig.command(Command::Mute { on: true }), [Action::Microphone(false), muted]);
    let mut call = on_call();
    call.legs[1].muted = true;
    assert_eq!(heard(&rig.updated(call)), ["You are muted – nobody hears you"]);
    let unmuted = ask(Act::Mute { leg: "2".to_owned(), on: false });
    assert_eq!(rig.command(Command::Mute { on: false }), [unmuted], "not yet open");
    assert_eq!(rig.updated(on_call()).last(), Some(&Action::Microphone(true)));

    // A refused mute leaves the call as it is, and says so.
    rig.command(Command::Mute { on: true });
    let act = Act::Mute { leg: "2".to_owned(), on: true };
    let request = Request::Call { call: CALL.to_owned(), act };
    let said = rig.phone.handle(rig.now, Input::Refused(request, "409".to_owned()));
    assert!(said.contains(&Action::Microphone(true)));
    assert!(said.contains(&Action::Say(Note::Refused { text: "409".to_owned() })));
}

#[test]
fn hold_and_help_are_asked_for_and_told() {
    let mut rig = Rig::agent_on_call();
    assert_eq!(rig.command(Command::Hold { on: true }), [ask(Act::Hold)]);
    let said = rig.updated(CallView { held: true, ..on_call() });
    assert_eq!(heard(&said), ["Marek is on hold – Marek does not hear you"]);
    assert_eq!(rig.command(Command::Hold { on: false }), [ask(Act::Resume)]);
    rig.updated(on_call());
    let reason = Some("Wants to cancel".to_owned());
    let asked = rig.command(Command::Help { reason: reason.clone() });
    assert_eq!(asked, [ask(Act::Help { reason: reason.clone() })]);
    let help = HelpView {
        leg: "2".to_owned(),
        agent: "me".to_owned(),
        reason,
        state: wire::HelpState::Open,
        requested_at: 0,
        taken_by: None,
        taken_at: None,
        ended_at: None,
    };
    let call = CallView { help: Some(help.clone()), ..on_call() };
    let said = rig.server(Event::HelpChanged { call, request: help.clone() });
    assert!(matches!(&said[..], [Action::Say(Note::Help { state: "asked", .. })]), "{said:?}");
    let request = HelpView { state: wire::HelpState::Closed, ..help };
    let said = rig.server(Event::HelpChanged { call: on_call(), request });
    assert!(matches!(&said[..], [Action::Say(Note::Help { state: "closed", .. })]), "{said:?}");
    let long = "x".repeat(2_000);
    let asked = rig.command(Command::Help { reason: Some(long) });
    let Action::Ask(Request::Call { act: Act::Help { reason: Some(cut) }, .. }) = &asked[0] else {
        panic!()
    };
    assert_eq!(cut.len(), REASON_CHARS_MAX);
}

#[test]
fn coaching_is_told_unmistakably_and_so_is_its_end() {
    let mut rig = Rig::agent_on_call();
    let said = rig.updated(coached(Mode::Whisper));
    let text = said.iter().find_map(|action| match action {
        Action::Say(Note::Coaching { text, by, .. }) if by == "Sam Okafor" => Some(text.clone()),
        _ => None,
    });
    assert!(text.unwrap().starts_with("Sam is coaching you – only you can hear this."));
    assert!(said.contains(&Action::Coached(true)), "the ear makes room: {said:?}");
    let said = rig.updated(coached(Mode::Barge));
    assert!(said.iter().any(|action| matches!(action, Action::Say(Note::Joined { .. }))));
    assert!(said.contains(&Action::Coached(false)), "all are heard as they are: {said:?}");
    let said = rig.updated(coached(Mode::TakeOver));
    assert!(said.iter().any(|action| matches!(action, Action::Say(Note::TakenOver { .. }))));
    let said = rig.updated(on_call());
    assert!(said.iter().any(|action| matches!(action, Action::Say(Note::SupervisorLeft { .. }))));
    assert!(rig.phone.standing().is_open, "all the while the caller heard the agent");
}

#[test]
fn a_supervisor_is_heard_only_after_the_servers_event() {
    let mut rig = Rig::supervisor_listening();
    assert_eq!(rig.command(Command::Whisper {}), [mode(Mode::Whisper)]);
    assert_eq!(rig.phone.pending().as_deref(), Some("Whisper asked for, not confirmed yet"));
    assert!(!rig.phone.standing().is_open);
    let said = rig.updated(supervised(Mode::Whisper));
    assert_eq!(said.last(), Some(&Action::Microphone(true)));
    assert_eq!(heard(&said), ["Whispering – only Ana hears you"]);
    assert_eq!(rig.phone.pending(), None);

    let said = rig.command(Command::Listen { call: None });
    assert_eq!(said, [Action::Microphone(false), mode(Mode::Listen)], "it closes first");
    rig.updated(supervised(Mode::Listen));
    assert_eq!(rig.command(Command::Barge {}), [mode(Mode::Barge)]);
    assert_eq!(heard(&rig.updated(supervised(Mode::Barge))), ["On the call – everyone hears you"]);
    assert_eq!(rig.command(Command::TakeOver {}), [mode(Mode::TakeOver)]);
    let text = "You have taken the call over – nobody hears Ana";
    assert_eq!(heard(&rig.updated(supervised(Mode::TakeOver))), [text]);
    let leave = ask(Act::Leave { leg: "3".to_owned() });
    assert_eq!(rig.command(Command::Stop {}), [Action::Microphone(false), leave]);
    assert!(rig.phone.pending().unwrap().starts_with("Leaving… everyone may still hear you"));
    let said = rig.updated(view(None, parties()));
    let text = "Not on a call – nobody hears you".to_owned();
    assert_eq!(said, [Action::Say(Note::SupervisionEnded { call: CALL.to_owned(), text })]);
    assert_eq!(rig.phone.pending(), None);
}

#[test]
fn a_key_let_go_before_the_whisper_was_confirmed_never_opens_the_microphone() {
    let mut rig = Rig::supervisor_listening();
    assert_eq!(rig.command(Command::Talk { on: true }), [mode(Mode::Whisper)]);
    assert_eq!(rig.command(Command::Talk { on: true }), [], "held is held");
    assert_eq!(rig.command(Command::Talk { on: false }), [mode(Mode::Listen)]);
    let said = rig.updated(supervised(Mode::Whisper));
    assert!(!said.contains(&Action::Microphone(true)), "{said:?}");
    let said = rig.updated(supervised(Mode::Listen));
    assert!(!said.contains(&Action::Microphone(true)), "{said:?}");
    assert_eq!(rig.phone.pending(), None);
    // In Barge the key does nothing.
    rig.command(Command::Barge {});
    rig.updated(supervised(Mode::Barge));
    assert_eq!(rig.command(Command::Talk { on: false }), []);
    assert_eq!(rig.command(Command::Talk { on: true }), []);
    assert!(rig.phone.standing().is_open);
}

#[test]
fn after_a_lost_connection_supervision_is_off_and_an_agents_call_goes_on() {
    let mut rig = Rig::supervisor_listening();
    rig.command(Command::Barge {});
    rig.updated(supervised(Mode::Barge));
    let said = rig.phone.handle(rig.now, Input::Lost);
    assert_eq!(said[0], Action::Microphone(false), "{said:?}");
    let text = "Reconnecting – you are muted, nobody hears you".to_owned();
    assert!(said.contains(&Action::Say(Note::Connection { up: false, text })));
    // Even if the server still has the leg: its sound is no longer here.
    let said = rig.snapshot(Role::Supervisor, vec![supervised(Mode::Barge)]);
    assert!(!said.contains(&Action::Microphone(true)), "{said:?}");

    let mut rig = Rig::supervisor_listening();
    rig.command(Command::Whisper {});
    rig.updated(supervised(Mode::Whisper));
    let said = rig.phone.handle(rig.now, Input::NoSound);
    assert_eq!(said, [Action::Microphone(false)], "and it stays closed on the next station");

    let mut rig = Rig::agent_on_call();
    let said = rig.phone.handle(rig.now, Input::Lost);
    assert!(!said.contains(&Action::Microphone(false)), "{said:?}");
    assert!(
        matches!(&said[0], Action::Say(Note::Connection { up: false, text }) if text.contains("goes on"))
    );
    let said = rig.snapshot(Role::Agent, vec![on_call()]);
    assert!(matches!(&said[..], [Action::Say(Note::Connection { up: true, .. })]), "{said:?}");
    assert!(rig.phone.standing().is_open);
}

#[test]
fn a_call_taken_on_another_page_of_the_same_user_is_shown_but_silent_here() {
    let (mut rig, _) = Rig::new(Role::Agent, vec![]);
    let said = rig.server(Event::CallStarted { call: on_call() });
    assert!(!said.contains(&Action::Microphone(true)), "{said:?}");
    assert!(rig.phone.standing().talk.as_ref().is_some_and(|talk| !talk.is_here));
}

#[test]
fn live_calls_show_who_needs_help_first() {
    let other =
        CallView { id: "c2".to_owned(), answered_at: Some(999_000), ..view(None, parties()) };
    let help = HelpView {
        leg: "2".to_owned(),
        agent: "me".to_owned(),
        reason: None,
        state: wire::HelpState::Open,
        requested_at: 0,
        taken_by: None,
        taken_at: None,
        ended_at: None,
    };
    let asks = CallView { help: Some(help), ..other };
    let ringing = CallView { id: "c3".to_owned(), ..view(None, vec![leg("1", Role::Caller)]) };
    let (mut rig, _) = Rig::new(Role::Supervisor, vec![view(None, parties()), asks, ringing]);
    rig.server(Event::Meters {
        calls: vec![CallMeters { call: CALL.to_owned(), legs: vec![-60, -20 + 128] }],
    });
    let meter = |leg| rig.phone.meter(CALL, leg).map(|it| (it.level, it.speaking));
    assert_eq!((meter("1"), meter("2")), (Some((-60, false)), Some((-20, true))));
    let said = rig.command(Command::Calls {});
    let [Action::Say(Note::Calls { calls })] = &said[..] else { panic!("{said:?}") };
    let rows: Vec<_> = calls.iter().map(|c| (c.call.as_str(), c.seconds, c.agent_speaks)).collect();
    assert_eq!(rows, [("c2", 1, false), ("c1", 5, true)]);
    let refused = rig.command(Command::Listen { call: Some("c9".to_owned()) });
    assert!(matches!(&refused[..], [Action::Say(Note::Refused { .. })]));
    assert!(matches!(&rig.command(Command::Whisper {})[..], [Action::Say(Note::Refused { .. })]));
}

#[test]
fn presence_is_told_as_the_server_says_it() {
    let (mut rig, _) = Rig::new(Role::Agent, vec![]);
    let agent = |state, reason: Option<&str>| wire::AgentView {
        user: "me".to_owned(),
        name: "Ana Duarte".to_owned(),
        queues: vec![],
        state,
        reason: reason.map(str::to_owned),
        since: 0,
        until: None,
        supervisor: false,
    };
    let said =
        rig.server(Event::PresenceChanged { agent: agent(PresenceState::NotReady, Some("Break")) });
    let reason = Some("Break".to_owned());
    assert_eq!(said, [Action::Say(Note::Presence { state: PresenceState::NotReady, reason })]);
    let mut colleague = agent(PresenceState::Ready, None);
    colleague.user = "other".to_owned();
    assert_eq!(rig.server(Event::PresenceChanged { agent: colleague }), []);
}

fn with_agent(change: impl FnOnce(&mut LegView)) -> CallView {
    let mut call = on_call();
    let own = call.legs.iter_mut().find(|leg| leg.role == Role::Agent);
    change(own.expect("an agent is on the call"));
    call
}

fn come_back() -> Action {
    ask(Act::ComeBack { leg: "2".to_owned() })
}

#[test]
fn an_agents_call_comes_back_over_another_station_and_supervision_does_not() {
    let mut rig = Rig::agent_on_call();
    rig.phone.handle(rig.now, Input::NoSound);
    rig.updated(with_agent(|leg| leg.lost = true));
    assert_eq!(rig.phone.handle(rig.now, Input::Station), [come_back()]);
    assert!(rig.phone.standing().is_open, "the microphone stays as it was");
    let refused =
        Request::Call { call: CALL.to_owned(), act: Act::ComeBack { leg: "2".to_owned() } };
    let said = rig.phone.handle(rig.now, Input::Refused(refused, "Gone.".to_owned()));
    assert_eq!(said[0], Action::Microphone(false), "its sound is not here");

    // While the event stream is away, too, it is asked for once it is back.
    let mut rig = Rig::agent_on_call();
    rig.phone.handle(rig.now, Input::Lost);
    assert_eq!(rig.phone.handle(rig.now, Input::Station), []);
    let said = rig.snapshot(Role::Agent, vec![with_agent(|leg| leg.lost = true)]);
    assert!(said.contains(&come_back()), "{said:?}");

    let mut rig = Rig::supervisor_listening();
    rig.phone.handle(rig.now, Input::NoSound);
    assert_eq!(rig.phone.handle(rig.now, Input::Station), []);
}

#[test]
fn a_restarted_softphone_comes_back_onto_a_lost_call_and_leaves_another_pages_alone() {
    let mut rig = Rig { phone: Phone::default(), now: Instant::now(), at: 1_000_000 };
    assert_eq!(rig.phone.handle(rig.now, Input::Station), []);
    let said = rig.snapshot(Role::Agent, vec![with_agent(|leg| leg.lost = true)]);
    assert!(said.contains(&come_back()), "{said:?}");
    assert!(rig.phone.standing().is_open);

    let mut rig = Rig { phone: Phone::default(), now: Instant::now(), at: 1_000_000 };
    rig.phone.handle(rig.now, Input::Station);
    let said = rig.snapshot(Role::Agent, vec![on_call()]);
    assert!(!said.contains(&come_back()) && !rig.phone.standing().is_open, "{said:?}");
    // Unless the agent wants it here.
    let said = rig.command(Command::Answer {});
    assert!(said.contains(&come_back()), "{said:?}");
    assert!(rig.phone.standing().is_open);
}

#[test]
fn the_supervisors_are_told_of_an_echo_once() {
    let mut rig = Rig::agent_on_call();
    let echo = |on| ask(Act::Echo { leg: "2".to_owned(), on });
    assert_eq!(rig.phone.handle(rig.now, Input::Echo(true)), [echo(true)]);
    assert_eq!(rig.updated(on_call()), [], "it is on its way");
    rig.updated(with_agent(|leg| leg.echo = true));
    assert_eq!(rig.phone.handle(rig.now, Input::Echo(false)), [echo(false)]);
    let refused =
        Request::Call { call: CALL.to_owned(), act: Act::Echo { leg: "2".to_owned(), on: false } };
    let said = rig.phone.handle(rig.now, Input::Refused(refused, "No.".to_owned()));
    assert_eq!(said, [], "the agent has not asked for it");

    let mut rig = Rig::supervisor_listening();
    assert_eq!(
        rig.phone.handle(rig.now, Input::Echo(true)),
        [],
        "a supervisor's is nobody's matter"
    );
}
