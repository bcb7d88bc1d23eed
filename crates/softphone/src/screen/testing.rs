//! Phones in some state, for the screen's tests.

use std::time::Instant;

use wire::{
    CallPhase, CallView, CallerInfo, CallerSource, Envelope, Event, LegView, Mode, Role, Snapshot,
    User,
};

use crate::phone::command::Command;
use crate::phone::{Input, Phone};

fn leg(id: &str, role: Role, name: &str) -> LegView {
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

fn call(id: &str, own_leg: Option<&str>, mode: Option<Mode>) -> CallView {
    let mut legs = vec![leg("1", Role::Caller, "Marek Novák"), leg("2", Role::Agent, "Ana Duarte")];
    if let Some(mode) = mode {
        let coach = Some("2".to_owned());
        legs.push(LegView { mode: Some(mode), coach, ..leg("3", Role::Supervisor, "Sam Okafor") });
    }
    CallView {
        id: id.to_owned(),
        state: CallPhase::Active,
        queue: Some("support".to_owned()),
        caller: CallerInfo {
            name: "Marek Novák".to_owned(),
            number: Some("+420 601 555 014".to_owned()),
        },
        caller_source: CallerSource::Stated,
        outbound: None,
        adding: None,
        legs,
        place: None,
        ringing: None,
        held: false,
        placed_at: 700_000,
        answered_at: Some(711_000),
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

fn event(phone: &mut Phone, event: Event) {
    let envelope = Envelope { seq: None, at: 1_000_000, event };
    phone.handle(Instant::now(), Input::Server(Box::new(envelope)));
}

fn signed_in(role: Role, name: &str, calls: Vec<CallView>) -> Phone {
    let mut phone = Phone::default();
    let me = User {
        id: "me".to_owned(),
        username: "me".to_owned(),
        name: name.to_owned(),
        role,
        permissions: vec![],
        teams: vec![],
        queues: vec![],
    };
    let snapshot = Snapshot { me, calls, agents: vec![], offer: None, policy: None };
    event(&mut phone, Event::Snapshot(Box::new(snapshot)));
    phone
}

/// An agent at whom a call rings.
pub fn ringing() -> Phone {
    let mut phone = signed_in(Role::Agent, "Ana Duarte", vec![]);
    let offered = CallView { state: CallPhase::Ringing, ..call("c1", None, None) };
    event(&mut phone, Event::CallOffered { call: offered, handover: None, expires_at: 1_013_000 });
    phone
}

/// An agent who is coached.
pub fn coached() -> Phone {
    let mut phone = ringing();
    phone.handle(Instant::now(), Input::Command(Command::Answer {}));
    event(&mut phone, Event::CallStarted { call: call("c1", Some("2"), None) });
    event(&mut phone, Event::LegChanged { call: call("c1", Some("2"), Some(Mode::Whisper)) });
    phone
}

/// A supervisor who sees two calls.
pub fn live_calls() -> Phone {
    signed_in(Role::Supervisor, "Sam Okafor", vec![call("c1", None, None), call("c2", None, None)])
}

/// A supervisor on a call.
pub fn supervising(mode: Mode) -> Phone {
    let mut phone = live_calls();
    let listen = Command::Listen { call: Some("c1".to_owned()) };
    phone.handle(Instant::now(), Input::Command(listen));
    event(&mut phone, Event::LegChanged { call: call("c1", Some("3"), Some(mode)) });
    phone
}
