//! Sessions that change and sessions that grow old.

use std::time::Duration;

use sip::{CallKey, Event, OfferKey, Refusal, SipEnd};

use crate::world::{SDP, World, header, invite, request, tag_of, with_body};

const HELD: &str = "v=0\r\na=sendonly\r\n";

fn reoffered(world: &mut World) -> OfferKey {
    let events = world.events();
    let [Event::Reoffered { key, .. }] = events.as_slice() else { panic!("{events:?}") };
    *key
}

fn change(sequence: u32, to: &str) -> String {
    let kind = "Content-Type: application/sdp\r\n";
    with_body("INVITE", sequence, to, &format!("re{sequence}"), kind, HELD)
}

#[test]
fn a_change_is_asked_about_and_answered() {
    let mut world = World::new();
    let (call, tag) = world.confirmed(&invite());
    let to = format!(";tag={tag}");
    world.take(&change(2, &to));
    assert_eq!(world.starts(), ["SIP/2.0 100 Trying"]);
    let key = reoffered(&mut world);
    world.act(|agent, now| agent.answer_offer(now, call, key, Ok("v=0\r\nheld".to_owned())));
    let ok = world.one();
    assert!(ok.starts_with("SIP/2.0 200 OK") && ok.ends_with("v=0\r\nheld"));
    world.pass(Duration::from_millis(600));
    assert_eq!(world.one(), ok, "repeated until its ACK comes");
    world.take(&request("ACK", 2, &to, "re-ack", ""));
    world.pass(Duration::from_secs(60));
    assert!(world.sent().is_empty());
}

#[test]
fn a_thousand_changes_leave_no_more_than_one() {
    let mut world = World::new();
    let wish = "Supported: timer\r\nSession-Expires: 3600;refresher=uac\r\n";
    let (call, tag) = world.confirmed(&request("INVITE", 1, "", "invite", wish));
    let to = format!(";tag={tag}");
    for sequence in 2..1_002 {
        world.take(&change(sequence, &to));
        let key = reoffered(&mut world);
        world.act(|agent, now| agent.answer_offer(now, call, key, Ok(SDP.to_owned())));
        world.take(&request("ACK", sequence, &to, &format!("ack{sequence}"), ""));
        world.pass(Duration::from_millis(100));
    }
    world.pass(Duration::from_secs(60));
    assert!(world.agent.remembered() <= 4, "{}", world.agent.remembered());
}

#[test]
fn a_change_that_is_not_possible_leaves_the_call_as_it_is() {
    let mut world = World::new();
    let (call, tag) = world.confirmed(&invite());
    let to = format!(";tag={tag}");
    world.take(&change(2, &to));
    world.sent();
    let key = reoffered(&mut world);
    world.act(|agent, now| agent.answer_offer(now, call, key, Err(Refusal::new(488))));
    assert_eq!(world.starts(), ["SIP/2.0 488 Not Acceptable Here"]);
    world.take(&request("ACK", 2, &to, "re2", ""));
    world.take(&request("BYE", 3, &to, "bye", ""));
    assert_eq!(world.events(), [Event::Ended { call, end: SipEnd::Bye }]);
}

#[test]
fn a_second_change_before_the_first_is_answered_waits() {
    let mut world = World::new();
    let (_, tag) = world.confirmed(&invite());
    let to = format!(";tag={tag}");
    world.take(&change(2, &to));
    world.sent();
    world.take(&change(3, &to));
    let refused = world.one();
    assert!(refused.starts_with("SIP/2.0 500 "), "{refused}");
    let wait: u64 = header(&refused, "Retry-After").unwrap().parse().unwrap();
    assert!(wait <= 10);
}

#[test]
fn a_change_before_the_call_is_answered_waits() {
    let mut world = World::new();
    let call = world.invited(&invite()).call;
    world.act(|agent, now| agent.ring(now, call, SDP.to_owned()));
    let to = format!(";tag={}", tag_of(&world.one()));
    world.take(&change(2, &to));
    assert!(world.one().starts_with("SIP/2.0 500 "));
}

/// A call whose session is ours to renew, at the moment when that was sent.
fn renewing(world: &mut World, more: &str) -> (CallKey, String, String) {
    let wish = format!("Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n{more}");
    let (call, tag) = world.confirmed(&request("INVITE", 1, "", "invite", &wish));
    world.pass(Duration::from_millis(45_100));
    let renewal = world.one();
    (call, format!(";tag={tag}"), renewal)
}

#[test]
fn changes_from_both_sides_at_once() {
    let mut world = World::new();
    let (_, to, renewal) = renewing(&mut world, "");
    assert!(renewal.starts_with("INVITE sip:+420601@192.0.2.1:5060 SIP/2.0"), "{renewal}");
    assert!(renewal.ends_with(SDP), "the same session again");
    world.take(&change(2, &to));
    assert_eq!(world.starts(), ["SIP/2.0 491 Request Pending"]);
    // The other end answers, and is answered.
    let start = renewal.lines().next().unwrap();
    world.take(&renewal.replacen(start, "SIP/2.0 491 Request Pending", 1));
    assert!(world.one().starts_with("ACK "));
    world.take(&change(3, &to));
    assert_eq!(world.starts(), ["SIP/2.0 100 Trying"]);
}

#[test]
fn a_session_is_renewed_as_the_other_end_can() {
    let mut world = World::new();
    let (_, _, renewal) = renewing(&mut world, "Allow: INVITE, ACK, UPDATE\r\n");
    assert!(renewal.starts_with("UPDATE "), "{renewal}");
    assert_eq!(header(&renewal, "Session-Expires").as_deref(), Some("90;refresher=uac"));
    let start = renewal.lines().next().unwrap();
    world.take(&renewal.replacen(start, "SIP/2.0 200 OK", 1));
    world.pass(Duration::from_millis(45_100));
    assert!(world.one().starts_with("UPDATE "), "and again at half of the time");
}

#[test]
fn a_call_that_the_other_end_has_forgotten_ends() {
    let mut world = World::new();
    let (call, _, renewal) = renewing(&mut world, "");
    let start = renewal.lines().next().unwrap();
    world.take(&renewal.replacen(start, "SIP/2.0 481 Call/Transaction Does Not Exist", 1));
    assert_eq!(world.events(), [Event::Ended { call, end: SipEnd::Gone }]);
}

#[test]
fn a_call_whose_session_nobody_renews_ends_in_time() {
    let mut world = World::new();
    let wish = "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n";
    let call = world.invited(&request("INVITE", 1, "", "invite", wish)).call;
    world.act(|agent, now| agent.accept(now, call, SDP.to_owned()));
    let ok = world.one();
    assert_eq!(header(&ok, "Session-Expires").as_deref(), Some("90;refresher=uac"));
    assert_eq!(header(&ok, "Require").as_deref(), Some("timer"));
    let to = format!(";tag={}", tag_of(&ok));
    world.take(&request("ACK", 1, &to, "ack", ""));
    world.pass(Duration::from_secs(50));
    world.take(&request("UPDATE", 2, &to, "update", "Supported: timer\r\nSession-Expires: 90\r\n"));
    assert!(world.one().contains("Session-Expires: 90;refresher=uac"));
    world.pass(Duration::from_secs(59));
    assert!(world.events().is_empty(), "it was renewed");
    world.pass(Duration::from_secs(2));
    assert_eq!(world.events(), [Event::Ended { call, end: SipEnd::Expired }]);
    assert!(world.starts().last().unwrap().starts_with("BYE "));
}

#[test]
fn without_timers_at_the_other_end_there_are_none() {
    let mut world = World::new();
    let call = world.invited(&invite()).call;
    world.act(|agent, now| agent.accept(now, call, SDP.to_owned()));
    assert_eq!(header(&world.one(), "Session-Expires"), None);
}
