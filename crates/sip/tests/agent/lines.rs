//! Lines: extensions of a PBX's that are registered there, kept, and tried elsewhere.

use std::time::Duration;

use sip::digest::{Algorithm, Credentials, Secret, Verifier};
use sip::message::{Headers, Uri};
use sip::{Event, LineId, LineState};

use crate::outgoing::answer;
use crate::phones::SECRET;
use crate::world::{World, at, header};

const LINE: LineId = LineId(0);

fn states(world: &mut World) -> Vec<LineState> {
    let state = |event| match event {
        Event::Line { line: LINE, state } => state,
        other => panic!("{other:?}"),
    };
    world.events().into_iter().map(state).collect()
}

fn begun() -> (World, String) {
    let mut world = World::new();
    world.act(|agent, now| agent.register_lines(now));
    let register = world.one();
    (world, register)
}

/// The server asks who it is; what we say then.
fn asked(world: &mut World, register: &str, verifier: &mut Verifier) -> Vec<String> {
    let value = verifier.challenges(world.now, 1, false).remove(0);
    let asks = format!("WWW-Authenticate: {value}\r\nContact:");
    world.take(&answer(register, "401 Unauthorized", "p", "").replace("Contact:", &asks));
    world.sent()
}

fn ok(register: &str, expires_s: u32) -> String {
    let contact = format!("Contact: <sip:200@198.51.100.1:5060>;expires={expires_s}\r\nX:");
    answer(register, "200 OK", "p", "").replace("Contact:", &contact)
}

#[test]
fn a_line_says_who_it_is_and_is_renewed_before_its_time_is_over() {
    let (mut world, register) = begun();
    assert!(register.starts_with("REGISTER sip:pbx.example SIP/2.0"), "{register}");
    assert_eq!(header(&register, "To").unwrap(), "<sip:200@pbx.example>");
    let contact = header(&register, "Contact").unwrap();
    assert_eq!(contact, "<sip:200@198.51.100.1:5060>;expires=300");
    let mut verifier = Verifier::new("pbx", vec![Algorithm::Md5], [1; 32]);
    let again = asked(&mut world, &register, &mut verifier).remove(0);
    let mut headers = Headers::default();
    headers.push("Authorization", header(&again, "Authorization").unwrap());
    let credentials = Credentials::of(&headers, "pbx").unwrap();
    assert_eq!(credentials.username, "sotto200", "not the extension: its own name");
    let uri = Uri::parse("sip:pbx.example").unwrap();
    verifier
        .verify(world.now, ("REGISTER", &uri), &credentials, Some(&Secret::new(SECRET)))
        .unwrap();
    world.take(&ok(&again, 120));
    let until = world.now + Duration::from_secs(120);
    assert_eq!(states(&mut world), [LineState::Registered { until }]);
    world.pass(Duration::from_secs(95));
    assert!(world.sent().is_empty());
    world.pass(Duration::from_secs(1));
    let renewal = world.one();
    assert!(renewal.starts_with("REGISTER "), "a fifth before the end: {renewal}");
    assert_eq!(header(&renewal, "Call-ID"), header(&register, "Call-ID"));
    world.take(&ok(&renewal, 3_600));
    world.act(|agent, now| agent.unregister_lines(now));
    assert!(header(&world.one(), "Contact").unwrap().ends_with(";expires=0"));
}

#[test]
fn a_wrong_secret_is_said_once_at_each_server_and_not_again_for_a_while() {
    let (mut world, register) = begun();
    let mut verifier = Verifier::new("pbx", vec![Algorithm::Md5], [1; 32]);
    let again = asked(&mut world, &register, &mut verifier).remove(0);
    assert!(asked(&mut world, &again, &mut verifier).is_empty());
    assert_eq!(states(&mut world), [LineState::Failed { status: 401 }]);
    world.pass(Duration::ZERO);
    let (to, register) = world.sent.pop().unwrap();
    assert_eq!(to.address.to_string(), "192.0.2.2:5060", "the other server");
    world.peer = to;
    let again = asked(&mut world, &register, &mut verifier).remove(0);
    asked(&mut world, &again, &mut verifier);
    world.pass(Duration::from_secs(299));
    assert!(world.sent().is_empty());
    world.pass(Duration::from_secs(1));
    assert_eq!(world.sent.pop().unwrap().0.address.to_string(), "192.0.2.1:5060");
}

#[test]
fn a_server_that_is_silent_is_followed_by_the_other_one_and_both_are_tried_again() {
    let (mut world, _) = begun();
    world.pass(Duration::from_secs(32));
    let (to, register) = world.sent.pop().unwrap();
    assert_eq!(to.address.to_string(), "192.0.2.2:5060");
    assert_eq!(states(&mut world), [LineState::Failed { status: 408 }]);
    world.peer = to;
    world.take(&answer(&register, "503 Service Unavailable", "p", ""));
    world.sent();
    world.pass(Duration::from_secs(5));
    let (to, register) = world.sent.pop().unwrap();
    assert_eq!(to.address.to_string(), "192.0.2.1:5060", "it may have come back");
    world.peer = to;
    world.take(&ok(&register, 300));
    assert!(matches!(world.agent.line(LINE), Some(LineState::Registered { .. })));
}

#[test]
fn a_server_that_wants_longer_gets_longer() {
    let (mut world, register) = begun();
    let brief = answer(&register, "423 Interval Too Brief", "p", "");
    world.take(&brief.replace("Contact:", "Min-Expires: 600\r\nContact:"));
    assert!(header(&world.one(), "Contact").unwrap().ends_with(";expires=600"));
}

#[test]
fn a_line_whose_servers_are_others_now_is_registered_there_and_once() {
    let mut world = World::new();
    world.act(|agent, now| agent.set_line_servers(now, LINE, Vec::new()));
    world.act(|agent, now| agent.register_lines(now));
    assert!(world.sent.is_empty(), "nobody knows where");
    for server in ["192.0.2.7:5060", "192.0.2.8:5062"] {
        world.act(|agent, now| agent.set_line_servers(now, LINE, vec![at(server)]));
        let [(to, register)] = &world.sent[..] else { panic!("{:?}", world.sent) };
        assert_eq!(*to, at(server));
        world.peer = *to;
        let registered = ok(register, 300);
        world.sent.clear();
        world.take(&registered);
        assert!(matches!(states(&mut world)[..], [LineState::Registered { .. }]));
        world.pass(Duration::from_secs(60));
    }
    // It has it as long as it is among them.
    let servers = vec![at("192.0.2.9:5060"), at("192.0.2.8:5062")];
    world.act(|agent, now| agent.set_line_servers(now, LINE, servers));
    world.pass(Duration::from_secs(209));
    assert!(world.sent.is_empty(), "{:?}", world.sent);
    world.pass(Duration::from_secs(1));
    let [(to, _)] = &world.sent[..] else { panic!("{:?}", world.sent) };
    assert_eq!(*to, at("192.0.2.8:5062"));
}
