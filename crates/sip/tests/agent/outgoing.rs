//! Calls that we make: taken, refused, taken back, crossed.

use std::time::Duration;

use sip::digest::{Algorithm, Credentials, Secret, Verifier};
use sip::message::{Headers, Uri};
use sip::{CallKey, Event, Login, NetworkCaller, Outgoing, Peer, SipEnd, Transport};

use crate::phones::{PHONE, SECRET};
use crate::world::{SDP, World, at, header};

fn call(world: &mut World) -> (CallKey, String) {
    call_that(world, false)
}

/// A call of a phone, which it may have transferred; the INVITE.
pub fn call_that(world: &mut World, refers: bool) -> (CallKey, String) {
    call_at(world, &[PHONE], refers)
}

/// A call to the first of these, and then to the others; the INVITE.
fn call_at(world: &mut World, servers: &[&str], refers: bool) -> (CallKey, String) {
    let outgoing = Outgoing {
        to: at(servers[0]),
        then: servers[1..].iter().map(|it| at(it)).collect(),
        uri: Uri::parse("sip:500@198.18.0.7:5062").unwrap(),
        caller: NetworkCaller {
            name: Some("Marek \"M\" Novák".to_owned()),
            number: Some("+420601".to_owned()),
        },
        sdp: SDP.to_owned(),
        login: Some(Login { username: "sotto".to_owned(), secret: Secret::new(SECRET) }),
        refers,
    };
    world.peer = at(servers[0]);
    let key = world.act(|agent, now| agent.call(now, outgoing));
    (key, world.one())
}

/// The INVITE goes to this server now, and nothing else but what the transaction before asks for.
fn next_invite(world: &mut World, server: &str) -> String {
    let (to, invite) = world.sent.pop().expect("an INVITE");
    assert!(invite.starts_with("INVITE "), "{invite}");
    assert_eq!(to, at(server));
    assert!(world.sent().iter().all(|it| it.starts_with("ACK ")));
    assert!(world.events().is_empty(), "it is not told of yet");
    world.peer = to;
    invite
}

const FIRST: &str = "192.0.2.1:5060";
const SECOND: &str = "192.0.2.2:5070";
const THIRD: &str = "192.0.2.3:5060";

#[test]
fn a_server_that_is_not_well_or_silent_is_followed_by_the_next_one() {
    let mut world = World::new();
    let (key, first) = call_at(&mut world, &[FIRST, SECOND, THIRD], false);
    world.take(&answer(&first, "503 Service Unavailable", "a", ""));
    let second = next_invite(&mut world, SECOND);
    let branch = |invite: &str| header(invite, "Via").unwrap();
    assert_ne!(branch(&first), branch(&second), "a transaction of its own");
    assert_eq!(header(&second, "CSeq").as_deref(), Some("2 INVITE"));
    assert_eq!(header(&second, "Call-ID"), header(&first, "Call-ID"));
    // The second one says nothing at all.
    world.pass(Duration::from_millis(31_900));
    world.sent();
    world.pass(Duration::from_millis(100));
    let third = next_invite(&mut world, THIRD);
    world.take(&answer(&third, "180 Ringing", "c", ""));
    world.take(&answer(&third, "200 OK", "c", SDP));
    let sdp = Some(SDP.to_owned());
    assert_eq!(world.events(), [Event::Ringing { call: key }, Event::Taken { call: key, sdp }]);
    world.sent();
    world.act(|agent, now| agent.hang_up(now, key));
    let (to, bye) = world.sent.pop().unwrap();
    assert!(bye.starts_with("BYE ") && to.address.ip() == at(THIRD).address.ip(), "{bye}");
}

#[test]
fn what_the_last_one_says_is_told_and_whoever_has_decided_is_not_passed_over() {
    for (status, told) in [("503 Service Unavailable", 503), ("486 Busy Here", 486)] {
        let mut world = World::new();
        let (key, first) = call_at(&mut world, &[FIRST, SECOND], false);
        world.take(&answer(&first, "503 Service Unavailable", "a", ""));
        let second = next_invite(&mut world, SECOND);
        world.take(&answer(&second, status, "b", ""));
        assert_eq!(world.events(), [Event::Refused { call: key, status: told }]);
    }
    let mut world = World::new();
    let (key, first) = call_at(&mut world, &[FIRST, SECOND], false);
    world.take(&answer(&first, "486 Busy Here", "a", ""));
    assert_eq!(world.events(), [Event::Refused { call: key, status: 486 }]);
    assert!(world.starts().iter().all(|it| it.starts_with("ACK ")));
}

#[test]
fn one_that_can_not_be_connected_to_is_followed_by_the_next_one_and_learns_no_proof_of_another() {
    let mut world = World::new();
    let (key, first) = call_at(&mut world, &[FIRST, SECOND], false);
    let mut verifier = Verifier::new("pbx", vec![Algorithm::Sha256], [1; 32]);
    let proved = asked(&mut world, &first, &mut verifier, "401 Unauthorized");
    assert!(header(&proved, "Authorization").is_some());
    let peer = world.peer;
    world.act(|agent, now| agent.handle_unreachable(now, peer));
    let second = next_invite(&mut world, SECOND);
    assert_eq!(header(&second, "Authorization"), None);
    // Taken back, it is called nowhere else.
    world.act(|agent, now| agent.hang_up(now, key));
    let peer = world.peer;
    world.act(|agent, now| agent.handle_unreachable(now, peer));
    assert!(world.sent().is_empty() && world.events().is_empty());
}

/// An answer of the phone's to a request of ours.
pub fn answer(request: &str, status: &str, tag: &str, body: &str) -> String {
    let copied = |name: &str| format!("{name}: {}\r\n", header(request, name).unwrap());
    let (via, from, to) = (copied("Via"), copied("From"), header(request, "To").unwrap());
    let (call_id, sequence) = (copied("Call-ID"), copied("CSeq"));
    format!(
        "SIP/2.0 {status}\r\n{via}{from}To: {to};tag={tag}\r\n{call_id}{sequence}\
         Contact: <sip:500@198.18.0.7:5062>\r\nContent-Type: application/sdp\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn bye(invite: &str, tag: &str) -> String {
    let from = header(invite, "From").unwrap();
    format!(
        "BYE sip:198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP {PHONE};branch=z9hG4bKbye\r\n\
         From: {};tag={tag}\r\nTo: {from}\r\nCall-ID: {}\r\nCSeq: 1 BYE\r\n\r\n",
        header(invite, "To").unwrap(),
        header(invite, "Call-ID").unwrap(),
    )
}

#[test]
fn a_phone_rings_takes_the_call_and_hangs_up() {
    let mut world = World::new();
    let (key, invite) = call(&mut world);
    assert!(invite.starts_with("INVITE sip:500@198.18.0.7:5062 SIP/2.0\r\n"), "{invite}");
    let from = header(&invite, "From").unwrap();
    assert!(from.starts_with(r#""Marek \"M\" Novák" <sip:+420601@198.51.100.1>;tag="#), "{from}");
    world.take(&answer(&invite, "100 Trying", "", "").replace(";tag=", ""));
    assert!(world.events().is_empty());
    world.take(&answer(&invite, "180 Ringing", "ph", ""));
    assert_eq!(world.events(), [Event::Ringing { call: key }]);
    world.pass(Duration::from_secs(120));
    assert!(world.sent().is_empty(), "it may ring for as long as it likes");
    world.take(&answer(&invite, "200 OK", "ph", SDP));
    assert_eq!(world.events(), [Event::Taken { call: key, sdp: Some(SDP.to_owned()) }]);
    let ack = world.one();
    assert!(ack.starts_with("ACK sip:500@198.18.0.7:5062 SIP/2.0"), "{ack}");
    assert!(header(&ack, "To").unwrap().ends_with(";tag=ph"));
    world.take(&answer(&invite, "200 OK", "ph", SDP));
    assert!(world.one().starts_with("ACK "), "the first one was lost");
    assert!(world.events().is_empty());
    world.take(&bye(&invite, "ph"));
    assert!(world.one().starts_with("SIP/2.0 200 OK"));
    assert_eq!(world.events(), [Event::Ended { call: key, end: SipEnd::Bye }]);
    world.pass(Duration::from_secs(120));
    assert_eq!(world.agent.remembered(), 0);
}

#[test]
fn a_phone_that_declines() {
    let mut world = World::new();
    let (key, invite) = call(&mut world);
    world.take(&answer(&invite, "180 Ringing", "ph", ""));
    world.take(&answer(&invite, "486 Busy Here", "ph", ""));
    assert_eq!(
        world.events(),
        [Event::Ringing { call: key }, Event::Refused { call: key, status: 486 }]
    );
    let ack = world.one();
    assert!(ack.starts_with("ACK "), "{ack}");
    assert_eq!(header(&ack, "Via"), header(&invite, "Via"), "in the INVITE's transaction");
    world.take(&answer(&invite, "486 Busy Here", "ph", ""));
    assert_eq!(world.one(), ack);
    assert!(world.events().is_empty());
    world.pass(Duration::from_secs(120));
    assert_eq!(world.agent.remembered(), 0);
}

#[test]
fn a_phone_that_is_not_there_any_more() {
    let mut world = World::new();
    let (key, _) = call(&mut world);
    world.pass(Duration::from_secs(31));
    assert!(world.events().is_empty());
    assert_eq!(world.starts().len(), 5, "again after 0.5, 1.5, 3.5, 7.5 and 15.5 s");
    world.pass(Duration::from_secs(1));
    assert_eq!(world.events(), [Event::Refused { call: key, status: 408 }]);
    assert_eq!(world.agent.remembered(), 0);
}

#[test]
fn what_is_taken_back_is_cancelled_once_the_phone_was_heard_of() {
    let mut world = World::new();
    let (key, invite) = call(&mut world);
    world.act(|agent, now| agent.hang_up(now, key));
    assert!(world.sent().is_empty(), "RFC 3261 §9.1: not before a provisional answer");
    world.take(&answer(&invite, "180 Ringing", "ph", ""));
    let cancel = world.one();
    assert!(cancel.starts_with("CANCEL sip:500@198.18.0.7:5062 SIP/2.0"), "{cancel}");
    assert_eq!(header(&cancel, "Via"), header(&invite, "Via"));
    world.take(&answer(&cancel, "200 OK", "ph", ""));
    world.take(&answer(&invite, "487 Request Terminated", "ph", ""));
    assert!(world.one().starts_with("ACK "));
    assert!(world.events().is_empty(), "whoever takes it back knows");
    world.pass(Duration::from_secs(120));
    assert_eq!(world.agent.remembered(), 0);
}

#[test]
fn a_phone_that_takes_what_was_taken_back_is_hung_up_on() {
    let mut world = World::new();
    let (key, invite) = call(&mut world);
    world.take(&answer(&invite, "180 Ringing", "ph", ""));
    world.act(|agent, now| agent.hang_up(now, key));
    world.sent();
    world.take(&answer(&invite, "200 OK", "ph", SDP));
    let starts = world.starts();
    assert!(starts[0].starts_with("ACK ") && starts[1].starts_with("BYE "), "{starts:?}");
    assert_eq!(world.events(), [Event::Ringing { call: key }]);
    world.pass(Duration::from_secs(120));
    assert_eq!(world.agent.remembered(), 0);
}

#[test]
fn a_phone_that_never_answers_what_was_taken_back_is_forgotten() {
    let mut world = World::new();
    let (key, invite) = call(&mut world);
    world.take(&answer(&invite, "180 Ringing", "ph", ""));
    world.act(|agent, now| agent.hang_up(now, key));
    world.pass(Duration::from_secs(120));
    assert_eq!(world.agent.calls_count(), 0);
    assert_eq!(world.agent.remembered(), 0);
}

#[test]
fn a_second_phone_behind_a_proxy_that_takes_it_too_is_hung_up_on() {
    let mut world = World::new();
    let (key, invite) = call(&mut world);
    world.take(&answer(&invite, "200 OK", "one", SDP));
    world.sent();
    world.events();
    world.take(&answer(&invite, "200 OK", "two", SDP));
    let sent = world.sent();
    assert!(sent[0].starts_with("ACK ") && sent[1].starts_with("BYE "), "{sent:?}");
    assert!(sent.iter().all(|it| header(it, "To").unwrap().ends_with("tag=two")), "{sent:?}");
    assert!(world.events().is_empty());
    world.act(|agent, now| agent.hang_up(now, key));
    let bye = world.one();
    assert!(bye.starts_with("BYE ") && header(&bye, "To").unwrap().ends_with("tag=one"), "{bye}");
}

/// A peer that asks who we are by this status.
fn asked(world: &mut World, invite: &str, verifier: &mut Verifier, status: &str) -> String {
    let header = if status.starts_with("407") { "Proxy-Authenticate" } else { "WWW-Authenticate" };
    let value = verifier.challenges(world.now, 1, false).remove(0);
    let answer = answer(invite, status, "p", "")
        .replace("Contact:", &format!("{header}: {value}\r\nContact:"));
    world.take(&answer);
    let sent = world.sent();
    assert!(sent[0].starts_with("ACK "), "{sent:?}");
    sent.get(1).cloned().unwrap_or_default()
}

#[test]
fn who_asks_who_we_are_is_told_once() {
    for (status, name) in
        [("401 Unauthorized", "Authorization"), ("407 Proxy", "Proxy-Authorization")]
    {
        let mut world = World::new();
        let mut verifier = Verifier::new("pbx", vec![Algorithm::Sha256], [1; 32]);
        let (key, invite) = call(&mut world);
        let again = asked(&mut world, &invite, &mut verifier, status);
        assert!(
            again.starts_with("INVITE ") && header(&again, "CSeq").unwrap() == "2 INVITE",
            "{again}"
        );
        assert_ne!(header(&again, "Via"), header(&invite, "Via"));
        let mut headers = Headers::default();
        headers.push("Authorization", header(&again, name).unwrap());
        let credentials = Credentials::of(&headers, "pbx").unwrap();
        assert_eq!(credentials.username, "sotto");
        let uri = Uri::parse("sip:500@198.18.0.7:5062").unwrap();
        verifier
            .verify(world.now, ("INVITE", &uri), &credentials, Some(&Secret::new(SECRET)))
            .unwrap();
        // Asked again: the secret is wrong there.
        assert_eq!(asked(&mut world, &again, &mut verifier, status), "");
        let code = status[..3].parse().unwrap();
        assert_eq!(world.events(), [Event::Refused { call: key, status: code }]);
        world.pass(Duration::from_secs(120));
        assert_eq!(world.agent.remembered(), 0);
    }
}

#[test]
fn who_can_not_be_connected_to_has_not_taken_the_call() {
    let mut world = World::new();
    let (key, _) = call(&mut world);
    let other = Peer { transport: Transport::Tcp, ..world.peer };
    world.act(|agent, now| agent.handle_unreachable(now, other));
    assert!(world.events().is_empty(), "by another transport");
    let peer = world.peer;
    world.act(|agent, now| agent.handle_unreachable(now, peer));
    assert_eq!(world.events(), [Event::Refused { call: key, status: 503 }]);
    assert_eq!(world.agent.calls_count(), 0);
    let (_, invite) = call(&mut world);
    world.take(&answer(&invite, "180 Ringing", "ph", ""));
    world.events();
    world.act(|agent, now| agent.handle_unreachable(now, peer));
    assert!(world.events().is_empty(), "what has been answered is there");
}
