//! What a PBX and a telephone do to connect the ends of calls: an INVITE that takes a call's place, and REFER.

use std::time::Duration;

use sip::message::Uri;
use sip::{CallKey, Event, OfferKey, Peer, Refusal, SipEnd};

use crate::outgoing::{answer, call_that};
use crate::phones::PHONE;
use crate::world::{OTHER_TRUNK, SDP, World, header, invite, request, tag_of};

/// A message of whoever takes the call's place, instead of the caller's.
fn other(message: &str) -> String {
    let message = message.replace("Call-ID: one@pbx", "Call-ID: two@pbx");
    let message = message.replace(";tag=peer\r\n", ";tag=other\r\n");
    message.replace("<sip:+420601@192.0.2.1:5060>", "<sip:other@192.0.2.1:5070>")
}

fn replacing(replaces: &str) -> String {
    let more = format!("Replaces: {replaces}\r\nRequire: replaces\r\n");
    other(&request("INVITE", 1, "", "second", &more))
}

/// The call that our tag names is asked for; which change its carrier is asked about.
fn asked(world: &mut World, tag: &str) -> OfferKey {
    world.take(&replacing(&format!("one@pbx;to-tag={tag};from-tag=peer")));
    assert_eq!(world.starts(), ["SIP/2.0 100 Trying"]);
    let events = world.events();
    let [Event::Reoffered { key, offer, .. }] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(offer.as_deref(), Some(SDP));
    *key
}

fn answers(world: &mut World, call: CallKey, key: OfferKey, answer: Result<String, Refusal>) {
    world.act(|agent, now| agent.answer_offer(now, call, key, answer));
}

#[test]
fn an_invite_takes_the_place_of_a_call_which_goes_on() {
    let mut world = World::new();
    let (call, tag) = world.confirmed(&invite());
    let key = asked(&mut world, &tag);
    answers(&mut world, call, key, Ok(SDP.to_owned()));
    let sent = world.sent();
    let [ok, bye] = sent.as_slice() else { panic!("{sent:#?}") };
    assert!(
        ok.starts_with("SIP/2.0 200 OK") && ok.contains("Call-ID: two@pbx") && ok.ends_with(SDP)
    );
    assert!(bye.starts_with("BYE sip:+420601@192.0.2.1:5060 SIP/2.0"), "{bye}");
    assert_eq!(header(bye, "Call-ID").as_deref(), Some("one@pbx"));
    assert!(header(bye, "To").unwrap().ends_with(";tag=peer"));
    world.take(&bye.replacen("BYE sip:+420601@192.0.2.1:5060 SIP/2.0", "SIP/2.0 200 OK", 1));
    let new_tag = tag_of(ok);
    assert_ne!(new_tag, tag);

    // It is hung up once the new one is confirmed, and there.
    world.act(|agent, now| agent.hang_up(now, call));
    assert!(world.sent().is_empty());
    world.take(&other(&request("ACK", 1, &format!(";tag={new_tag}"), "second-ack", "")));
    let bye = world.one();
    assert!(bye.starts_with("BYE sip:other@192.0.2.1:5070 SIP/2.0"), "{bye}");
    assert_eq!(header(&bye, "Call-ID").as_deref(), Some("two@pbx"));
    assert!(world.events().is_empty(), "nothing has ended but by us");
    world.take(&bye.replacen("BYE sip:other@192.0.2.1:5070 SIP/2.0", "SIP/2.0 200 OK", 1));
    world.pass(Duration::from_secs(120));
    assert_eq!(world.agent.remembered(), 0);
}

#[test]
fn the_old_dialog_is_none_any_more_and_the_new_one_is_the_calls() {
    let mut world = World::new();
    let (call, tag) = world.confirmed(&invite());
    let key = asked(&mut world, &tag);
    answers(&mut world, call, key, Ok(SDP.to_owned()));
    let new_tag = tag_of(&world.sent()[0]);
    world.take(&other(&request("ACK", 1, &format!(";tag={new_tag}"), "second-ack", "")));
    world.take(&request("BYE", 2, &format!(";tag={tag}"), "bye", ""));
    assert_eq!(world.starts(), ["SIP/2.0 481 Call/Transaction Does Not Exist"]);
    assert!(world.events().is_empty(), "the two BYEs have crossed");
    // The same again is nothing's place, and a third one may take that of the second.
    world.take(
        &replacing(&format!("one@pbx;to-tag={tag};from-tag=peer")).replace("second", "third"),
    );
    assert_eq!(world.starts(), ["SIP/2.0 482 Loop Detected"]);
    world.take(&other(&request("BYE", 2, &format!(";tag={new_tag}"), "second-bye", "")));
    assert_eq!(world.starts(), ["SIP/2.0 200 OK"]);
    assert_eq!(world.events(), [Event::Ended { call, end: SipEnd::Bye }]);
}

#[test]
fn a_session_that_is_not_possible_leaves_the_call_as_it_was() {
    let mut world = World::new();
    let (call, tag) = world.confirmed(&invite());
    let key = asked(&mut world, &tag);
    answers(&mut world, call, key, Err(Refusal::new(488)));
    let refused = world.one();
    assert!(refused.starts_with("SIP/2.0 488 ") && refused.contains(";tag="), "{refused}");
    world.take(&other(&request("ACK", 1, &format!(";tag={}", tag_of(&refused)), "second", "")));
    world.take(&request("BYE", 2, &format!(";tag={tag}"), "bye", ""));
    assert_eq!(world.starts(), ["SIP/2.0 200 OK"]);
    assert_eq!(world.events(), [Event::Ended { call, end: SipEnd::Bye }]);
}

#[test]
fn a_call_that_ends_while_its_place_is_asked_for() {
    let mut world = World::new();
    let (call, tag) = world.confirmed(&invite());
    let key = asked(&mut world, &tag);
    world.take(&request("BYE", 2, &format!(";tag={tag}"), "bye", ""));
    assert_eq!(world.starts(), ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    assert_eq!(world.events(), [Event::Ended { call, end: SipEnd::Bye }]);
    answers(&mut world, call, key, Ok(SDP.to_owned()));
    assert!(world.sent().is_empty());
}

#[test]
fn whose_place_is_not_taken() {
    let mut world = World::new();
    let (_, tag) = world.confirmed(&invite());
    let named = format!("one@pbx;to-tag={tag};from-tag=peer");
    for (replaces, status) in [
        (format!("one@pbx;to-tag={tag};from-tag=else"), "481 Call/Transaction Does Not Exist"),
        ("one@pbx;to-tag=else;from-tag=peer".to_owned(), "481 Call/Transaction Does Not Exist"),
        (format!("else@pbx;to-tag={tag};from-tag=peer"), "481 Call/Transaction Does Not Exist"),
        (format!("{named};early-only"), "486 Busy Here"),
        (format!("one@pbx;to-tag={tag}"), "400 Bad Request"),
        (format!("{named}\r\nReplaces: {named}"), "400 Bad Request"),
    ] {
        world.take(&replacing(&replaces));
        assert_eq!(world.starts(), [format!("SIP/2.0 {status}")], "{replaces}");
        assert!(world.events().is_empty(), "{replaces}");
    }
    // Another trunk's peer, who has got to know the names.
    world.peer = Peer::udp(format!("{OTHER_TRUNK}:5060").parse().unwrap());
    world.take(&replacing(&named));
    assert_eq!(world.starts(), ["SIP/2.0 481 Call/Transaction Does Not Exist"]);
    assert!(world.events().is_empty());
}

#[test]
fn the_place_of_a_call_that_rings_or_is_being_changed_is_not_taken() {
    let mut world = World::new();
    let call = world.invited(&invite()).call;
    world.act(|agent, now| agent.ring(now, call, SDP.to_owned()));
    let tag = tag_of(&world.one());
    world.take(&replacing(&format!("one@pbx;to-tag={tag};from-tag=peer")));
    assert_eq!(world.starts(), ["SIP/2.0 481 Call/Transaction Does Not Exist"], "RFC 3891 §3");
    world.act(|agent, now| agent.accept(now, call, SDP.to_owned()));
    world.sent();
    world.take(&replacing(&format!("one@pbx;to-tag={tag};from-tag=peer")));
    let early = world.one();
    assert!(
        early.starts_with("SIP/2.0 500 ") && header(&early, "Retry-After").is_some(),
        "{early}"
    );
    assert!(world.events().is_empty());
}

/// A call of a phone's, answered; its key and the INVITE.
fn phone(world: &mut World, refers: bool) -> (CallKey, String) {
    let (key, invite) = call_that(world, refers);
    world.take(&answer(&invite, "200 OK", "ph", SDP));
    world.sent();
    world.events();
    (key, invite)
}

/// REFER of a phone's in the call of this INVITE.
fn refer(invite: &str, sequence: u32, more: &str) -> String {
    format!(
        "REFER sip:198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP {PHONE};branch=z9hG4bKrefer{sequence}\r\n\
         From: {};tag=ph\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {sequence} REFER\r\n\
         Contact: <sip:500@{PHONE}>\r\n{more}Content-Length: 0\r\n\r\n",
        header(invite, "To").unwrap(),
        header(invite, "From").unwrap(),
        header(invite, "Call-ID").unwrap(),
    )
}

/// Takes a NOTIFY of ours: its event, state and body.
fn notified(world: &mut World, notify: &str) -> [String; 3] {
    assert!(notify.starts_with("NOTIFY sip:500@198.18.0.7:5062 SIP/2.0"), "{notify}");
    let kind = header(notify, "Content-Type").unwrap();
    assert_eq!(kind, "message/sipfrag;version=2.0");
    world.take(&answer(notify, "200 OK", "ph", "").replace(";tag=ph;tag=ph", ";tag=ph"));
    let body = notify.split("\r\n\r\n").nth(1).unwrap().to_owned();
    [header(notify, "Event").unwrap(), header(notify, "Subscription-State").unwrap(), body]
}

#[test]
fn a_refer_is_off_unless_it_is_switched_on() {
    let mut world = World::new();
    let (_, invite) = phone(&mut world, false);
    assert!(!header(&invite, "Allow").unwrap().contains("REFER"));
    world.take(&refer(&invite, 1, "Refer-To: <sip:sales@198.51.100.1>\r\n"));
    let refused = world.one();
    assert!(refused.starts_with("SIP/2.0 405 "), "{refused}");
    assert!(!header(&refused, "Allow").unwrap().contains("REFER"));
    assert!(world.events().is_empty());
}

#[test]
fn a_refer_is_told_of_and_its_sender_of_how_far_it_is() {
    let mut world = World::new();
    let (call, invite) = phone(&mut world, true);
    assert!(header(&invite, "Allow").unwrap().contains("REFER"));
    let to = Uri::parse("sip:sales@198.51.100.1").unwrap();
    for (sequence, event) in [(1, "refer"), (3, "refer;id=3")] {
        world.take(&refer(&invite, sequence, "Refer-To: <sip:sales@198.51.100.1>\r\n"));
        let sent = world.sent();
        let [accepted, notify] = sent.as_slice() else { panic!("{sent:#?}") };
        assert!(accepted.starts_with("SIP/2.0 202 Accepted"), "{accepted}");
        let told = notified(&mut world, notify);
        assert_eq!(told, [event, "active;expires=300", "SIP/2.0 100 Trying\r\n"]);
        assert_eq!(world.events(), [Event::Referred { call, to: to.clone() }]);
        world.take(&refer(&invite, sequence + 1, "Refer-To: <sip:500@198.51.100.1>\r\n"));
        assert!(world.one().starts_with("SIP/2.0 491 "), "one at a time");
        world.act(|agent, now| agent.refer_is(now, call, 180));
        let notify = world.one();
        assert_eq!(notified(&mut world, &notify)[2], "SIP/2.0 180 Ringing\r\n");
        world.act(|agent, now| agent.refer_is(now, call, 486));
        let notify = world.one();
        let told = notified(&mut world, &notify);
        let last = "terminated;reason=noresource";
        assert_eq!(told, [event, last, "SIP/2.0 486 Busy Here\r\n"]);
        world.act(|agent, now| agent.refer_is(now, call, 200));
        assert!(world.sent().is_empty(), "it is done");
    }
}

#[test]
fn whoever_wants_no_news_of_a_refer_gets_none() {
    let mut world = World::new();
    let (call, invite) = phone(&mut world, true);
    let more = "Refer-To: <tel:+4930123456>\r\nRefer-Sub: false\r\n";
    world.take(&refer(&invite, 1, more));
    let accepted = world.one();
    assert!(accepted.starts_with("SIP/2.0 202 "), "{accepted}");
    assert_eq!(header(&accepted, "Refer-Sub").as_deref(), Some("false"), "RFC 4488 §4");
    assert!(matches!(world.events().as_slice(), [Event::Referred { .. }]));
    world.act(|agent, now| agent.refer_is(now, call, 200));
    assert!(world.sent().is_empty());
}

#[test]
fn what_a_refer_can_not_ask() {
    let mut world = World::new();
    let (_, invite) = phone(&mut world, true);
    let one = "Refer-To: <sip:sales@198.51.100.1>\r\n";
    for (sequence, (more, status)) in (1..).zip([
        ("", "400"),
        (&*format!("{one}{one}"), "400"),
        ("Refer-To: <sales>\r\n", "400"),
        ("Refer-To: <http://a.example>\r\n", "416"),
        ("Refer-To: <sip:sales@198.51.100.1;method=SUBSCRIBE>\r\n", "603"),
        ("Refer-To: <sip:a@198.51.100.1?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n", "603"),
    ]) {
        world.take(&refer(&invite, sequence, more));
        let refused = world.one();
        assert!(refused.starts_with(&format!("SIP/2.0 {status} ")), "{more}: {refused}");
        assert!(world.events().is_empty());
    }
}
