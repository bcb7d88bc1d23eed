//! Calls, from INVITE to BYE.

use std::time::Duration;

use sip::{CallKey, Event, Refusal, SipEnd, Transport};

use crate::world::{SDP, World, header, invite, request, tag_of, with_body};

const T1: Duration = Duration::from_millis(500);

fn ended(call: CallKey, end: SipEnd) -> Vec<Event> {
    vec![Event::Ended { call, end }]
}

#[test]
fn a_call_rings_is_answered_and_hung_up_by_the_caller() {
    let mut world = World::new();
    let invitation = world.invited(&invite());
    let call = invitation.call;
    assert_eq!(invitation.called, "support");
    assert_eq!(invitation.caller.name.as_deref(), Some("Marek"));
    assert_eq!(invitation.caller.number.as_deref(), Some("+420601"));
    assert_eq!(invitation.offer.as_deref(), Some(SDP));

    world.act(|agent, now| agent.ring(now, call, SDP.to_owned()));
    let ringing = world.one();
    assert!(ringing.starts_with("SIP/2.0 180 Ringing"));
    assert!(!ringing.contains("v=0"), "its session is sent when it is answered");
    world.act(|agent, now| agent.accept(now, call, SDP.to_owned()));
    let ok = world.one();
    assert_eq!(tag_of(&ringing), tag_of(&ok), "one dialog");
    assert!(ok.ends_with(SDP));
    assert_eq!(header(&ok, "Contact").as_deref(), Some("<sip:198.51.100.1:5060>"));
    let via = header(&ok, "Via").unwrap();
    assert!(via.ends_with(";rport=5060;received=192.0.2.1"), "{via}");

    let to = format!(";tag={}", tag_of(&ok));
    world.take(&request("ACK", 1, &to, "ack", ""));
    world.pass(Duration::from_secs(40));
    assert!(world.sent().is_empty(), "confirmed: nothing is repeated");
    world.take(&request("BYE", 2, &to, "bye", ""));
    assert_eq!(world.starts(), ["SIP/2.0 200 OK"]);
    assert_eq!(world.events(), ended(call, SipEnd::Bye));
    world.take(&request("BYE", 2, &to, "bye", ""));
    assert_eq!(world.starts(), ["SIP/2.0 200 OK"], "a repeated one gets the same answer");
    world.pass(Duration::from_secs(60));
    assert_eq!(world.agent.remembered(), 0, "nothing is left of it");
}

#[test]
fn a_repeated_invite_is_one_call() {
    let mut world = World::new();
    let call = world.invited(&invite()).call;
    world.take(&invite());
    assert_eq!(world.starts(), ["SIP/2.0 100 Trying"]);
    world.act(|agent, now| agent.ring(now, call, SDP.to_owned()));
    world.sent();
    world.take(&invite());
    assert_eq!(world.starts(), ["SIP/2.0 180 Ringing"]);
    assert!(world.events().is_empty());
}

#[test]
fn it_is_said_each_minute_that_it_rings_so_that_no_proxy_gives_up() {
    let mut world = World::new();
    let call = world.invited(&invite()).call;
    world.act(|agent, now| agent.ring(now, call, SDP.to_owned()));
    world.sent();
    world.pass(Duration::from_secs(181));
    assert_eq!(world.starts(), ["SIP/2.0 180 Ringing"; 3]);
}

#[test]
fn a_refusal_is_repeated_until_it_is_confirmed() {
    let mut world = World::new();
    let call = world.invited(&invite()).call;
    let refusal = Refusal::for_now(480, Duration::from_secs(60));
    world.act(|agent, now| agent.refuse(now, call, refusal));
    let refused = world.one();
    assert!(refused.starts_with("SIP/2.0 480 Temporarily Unavailable"));
    assert_eq!(header(&refused, "Retry-After").as_deref(), Some("60"));
    // Timer G: 500 ms, 1 s, 2 s, 4 s, 4 s …
    world.pass(T1 * 3);
    assert_eq!(world.starts().len(), 2);
    world.take(&request("ACK", 1, &format!(";tag={}", tag_of(&refused)), "invite", ""));
    world.pass(Duration::from_secs(20));
    assert!(world.sent().is_empty());
    assert_eq!(world.agent.remembered(), 0);
}

#[test]
fn a_refusal_that_nobody_confirms_ends_after_64_t1() {
    let mut world = World::new();
    let call = world.invited(&invite()).call;
    world.act(|agent, now| agent.refuse(now, call, Refusal::new(486)));
    world.pass(Duration::from_secs(31));
    assert_eq!(world.starts().len(), 10, "at 0, 0.5, 1.5, 3.5, 7.5 and then each 4 s");
    world.pass(Duration::from_secs(3));
    world.sent();
    assert_eq!(world.agent.remembered(), 0);
}

#[test]
fn over_a_stream_a_refusal_is_sent_once() {
    let mut world = World::over_tcp();
    let call = world.invited(&invite()).call;
    world.act(|agent, now| agent.refuse(now, call, Refusal::new(486)));
    world.pass(Duration::from_secs(40));
    assert_eq!(world.starts(), ["SIP/2.0 486 Busy Here"]);
    assert_eq!(world.agent.remembered(), 0);
}

#[test]
fn an_answer_is_repeated_over_any_transport_until_it_is_confirmed() {
    for mut world in [World::new(), World::over_tcp()] {
        let call = world.invited(&invite()).call;
        world.act(|agent, now| agent.accept(now, call, SDP.to_owned()));
        let ok = world.one();
        world.pass(T1 * 3);
        assert_eq!(world.sent(), [ok.clone(), ok.clone()]);
        world.take(&request("ACK", 1, &format!(";tag={}", tag_of(&ok)), "ack", ""));
        world.pass(Duration::from_secs(60));
        assert!(world.sent().is_empty());
    }
}

#[test]
fn a_call_that_nobody_confirms_is_hung_up() {
    let mut world = World::new();
    let call = world.invited(&invite()).call;
    world.act(|agent, now| agent.accept(now, call, SDP.to_owned()));
    world.pass(Duration::from_secs(32));
    assert_eq!(world.events(), ended(call, SipEnd::NotConfirmed));
    let starts = world.starts();
    assert_eq!(starts.last().unwrap(), "BYE sip:+420601@192.0.2.1:5060 SIP/2.0");
}

#[test]
fn we_hang_up_and_repeat_it_until_somebody_answers() {
    let mut world = World::new();
    let (call, tag) = world.confirmed(&invite());
    world.act(|agent, now| agent.hang_up(now, call));
    let bye = world.one();
    assert!(bye.starts_with("BYE sip:+420601@192.0.2.1:5060 SIP/2.0"));
    assert_eq!(header(&bye, "From").unwrap(), format!("<sip:support@198.51.100.1>;tag={tag}"));
    assert_eq!(header(&bye, "To").unwrap(), "\"Marek\" <sip:+420601@pbx.example>;tag=peer");
    world.pass(T1);
    assert_eq!(world.one(), bye);
    let answer = bye.replacen("BYE sip:+420601@192.0.2.1:5060 SIP/2.0", "SIP/2.0 200 OK", 1);
    world.take(&answer);
    world.pass(Duration::from_secs(60));
    assert!(world.sent().is_empty());
    assert_eq!(world.agent.remembered(), 0);
    assert!(world.events().is_empty(), "whoever hangs up is not told of it");
}

#[test]
fn we_hang_up_not_before_the_answer_is_confirmed() {
    let mut world = World::new();
    let call = world.invited(&invite()).call;
    world.act(|agent, now| agent.accept(now, call, SDP.to_owned()));
    let tag = tag_of(&world.one());
    world.act(|agent, now| agent.hang_up(now, call));
    assert!(world.sent().is_empty(), "RFC 3261 §15");
    world.take(&request("ACK", 1, &format!(";tag={tag}"), "ack", ""));
    assert!(world.one().starts_with("BYE "));
}

#[test]
fn a_call_that_is_taken_back_while_it_rings() {
    let mut world = World::new();
    let call = world.invited(&invite()).call;
    world.act(|agent, now| agent.ring(now, call, SDP.to_owned()));
    world.sent();
    world.take(&request("CANCEL", 1, "", "invite", ""));
    let sent = world.sent();
    assert!(sent[0].starts_with("SIP/2.0 200 OK") && sent[0].contains("CSeq: 1 CANCEL"));
    assert!(sent[1].starts_with("SIP/2.0 487 ") && sent[1].contains("CSeq: 1 INVITE"));
    assert_eq!(world.events(), ended(call, SipEnd::Cancelled));
    world.act(|agent, now| agent.accept(now, call, SDP.to_owned()));
    assert!(world.sent().is_empty(), "too late to be answered");
}

#[test]
fn a_call_that_is_taken_back_too_late_goes_on() {
    let mut world = World::new();
    let call = world.invited(&invite()).call;
    world.act(|agent, now| agent.accept(now, call, SDP.to_owned()));
    let tag = tag_of(&world.one());
    world.take(&request("CANCEL", 1, "", "invite", ""));
    assert_eq!(world.starts(), ["SIP/2.0 200 OK"], "of the CANCEL, and nothing else");
    assert!(world.events().is_empty());
    world.take(&request("ACK", 1, &format!(";tag={tag}"), "ack", ""));
    world.take(&request("BYE", 2, &format!(";tag={tag}"), "bye", ""));
    assert_eq!(world.events(), ended(call, SipEnd::Bye));
}

#[test]
fn a_cancel_of_nothing() {
    let mut world = World::new();
    world.take(&request("CANCEL", 1, "", "nothing", ""));
    assert_eq!(world.starts(), ["SIP/2.0 481 Call/Transaction Does Not Exist"]);
}

#[test]
fn a_bye_before_the_answer_ends_the_invite_too() {
    let mut world = World::new();
    let call = world.invited(&invite()).call;
    world.act(|agent, now| agent.ring(now, call, SDP.to_owned()));
    let tag = tag_of(&world.one());
    world.take(&request("BYE", 2, &format!(";tag={tag}"), "bye", ""));
    let starts = world.starts();
    assert_eq!(starts, ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]);
    assert_eq!(world.events(), ended(call, SipEnd::Bye));
}

#[test]
fn an_invite_without_a_session_gets_our_offer_and_its_ack_the_answer() {
    let mut world = World::new();
    let invitation = world.invited(&with_body("INVITE", 1, "", "invite", "", ""));
    assert_eq!(invitation.offer, None);
    let call = invitation.call;
    world.act(|agent, now| agent.ring(now, call, SDP.to_owned()));
    assert!(!world.one().contains("v=0"));
    world.act(|agent, now| agent.accept(now, call, SDP.to_owned()));
    let ok = world.one();
    assert!(ok.ends_with(SDP));
    let to = format!(";tag={}", tag_of(&ok));
    let kind = "Content-Type: application/sdp\r\n";
    world.take(&with_body("ACK", 1, &to, "ack", kind, "v=0\r\nanswer"));
    assert_eq!(world.events(), [Event::Answered { call, sdp: Some("v=0\r\nanswer".to_owned()) }]);
}

#[test]
fn ringing_that_has_to_be_confirmed() {
    let mut world = World::new();
    let call = world.invited(&request("INVITE", 1, "", "invite", "Require: 100rel\r\n")).call;
    world.act(|agent, now| agent.ring(now, call, SDP.to_owned()));
    let ringing = world.one();
    assert_eq!(header(&ringing, "Require").as_deref(), Some("100rel"));
    assert_eq!(header(&ringing, "RSeq").as_deref(), Some("1"));
    world.pass(T1);
    assert_eq!(world.one(), ringing, "repeated until its PRACK comes");
    let to = format!(";tag={}", tag_of(&ringing));
    world.take(&request("PRACK", 2, &to, "prack0", "RAck: 7 1 INVITE\r\n"));
    assert_eq!(world.starts(), ["SIP/2.0 481 Call/Transaction Does Not Exist"]);
    world.take(&request("PRACK", 3, &to, "prack", "RAck: 1 1 INVITE\r\n"));
    assert_eq!(world.starts(), ["SIP/2.0 200 OK"]);
    world.pass(Duration::from_secs(30));
    assert!(world.sent().is_empty());
    world.act(|agent, now| agent.accept(now, call, SDP.to_owned()));
    assert!(world.one().ends_with(SDP));
}

#[test]
fn ringing_that_has_to_be_confirmed_carries_our_offer_if_there_is_none() {
    let mut world = World::new();
    let invite = with_body("INVITE", 1, "", "invite", "Require: 100rel\r\n", "");
    let call = world.invited(&invite).call;
    world.act(|agent, now| agent.ring(now, call, SDP.to_owned()));
    let ringing = world.one();
    assert!(ringing.ends_with(SDP), "RFC 3262 §5");
    world.act(|agent, now| agent.accept(now, call, SDP.to_owned()));
    assert!(world.sent().is_empty(), "not while the offer is open");
    let to = format!(";tag={}", tag_of(&ringing));
    let more = "RAck: 1 1 INVITE\r\nContent-Type: application/sdp\r\n";
    world.take(&with_body("PRACK", 2, &to, "prack", more, "v=0\r\nanswer"));
    let sent = world.sent();
    assert!(sent[0].contains("CSeq: 2 PRACK"));
    assert!(sent[1].contains("CSeq: 1 INVITE") && !sent[1].contains("v=0"));
    assert_eq!(world.events(), [Event::Answered { call, sdp: Some("v=0\r\nanswer".to_owned()) }]);
}

#[test]
fn a_record_route_is_kept_and_our_requests_take_it() {
    let mut world = World::new();
    let route = "Record-Route: <sip:192.0.2.1:5080;lr>\r\n";
    let (call, _) = world.confirmed(&request("INVITE", 1, "", "invite", route));
    world.act(|agent, now| agent.hang_up(now, call));
    let (to, bye) = world.sent.pop().unwrap();
    assert_eq!(header(&bye, "Route").as_deref(), Some("<sip:192.0.2.1:5080;lr>"));
    assert_eq!(to.address, "192.0.2.1:5080".parse().unwrap());
}

#[test]
fn what_a_peer_only_names_is_sent_nothing() {
    let mut world = World::new();
    // Behind a NAT, or a liar: the Contact is at an address that it does not send from.
    let elsewhere = invite().replace("<sip:+420601@192.0.2.1:5060>", "<sip:x@203.0.113.9:99>");
    let (call, _) = world.confirmed(&elsewhere);
    world.act(|agent, now| agent.hang_up(now, call));
    let (to, bye) = world.sent.pop().unwrap();
    assert!(bye.starts_with("BYE sip:x@203.0.113.9:99 SIP/2.0"));
    assert_eq!(to.address, world.peer.address);
    assert_eq!(to.transport, Transport::Udp);
}

#[test]
fn a_digit_may_come_as_a_message() {
    let mut world = World::new();
    let (call, tag) = world.confirmed(&invite());
    let kind = "Content-Type: application/dtmf-relay\r\n";
    let body = "Signal=5\r\nDuration=160\r\n";
    world.take(&with_body("INFO", 2, &format!(";tag={tag}"), "info", kind, body));
    assert_eq!(world.starts(), ["SIP/2.0 200 OK"]);
    assert_eq!(world.events(), [Event::Digit { call, digit: '5' }]);
}
