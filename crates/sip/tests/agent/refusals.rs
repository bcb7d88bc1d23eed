//! What is refused, for its own reason, and what is not answered at all.

use std::time::Duration;

use sip::admission::TrunkLogin;
use sip::digest::{Algorithm, Challenge, Secret};
use sip::message::Method;
use sip::{Login, Peer, Verdict};

use crate::world::{CALLS_MAX, SDP, World, header, invite, request, with_body};

fn refusal(message: &str) -> String {
    let mut world = World::new();
    world.take(message);
    assert!(world.events().is_empty());
    assert_eq!(world.agent.remembered(), 0, "nothing is remembered of what is refused");
    world.one()
}

#[test]
fn each_for_its_own_reason() {
    let cases = [
        ("420 Bad Extension", request("INVITE", 1, "", "x", "Require: 100rel, magic\r\n")),
        ("483 Too Many Hops", invite().replace("Max-Forwards: 70", "Max-Forwards: 0")),
        (
            "416 Unsupported URI Scheme",
            invite().replacen("sip:support@198.51.100.1", "mailto:a@b", 1),
        ),
        ("415 Unsupported Media Type", invite().replace("application/sdp", "text/plain")),
        (
            "422 Session Interval Too Small",
            request("INVITE", 1, "", "x", "Supported: timer\r\nSession-Expires: 60\r\n"),
        ),
        ("406 Not Acceptable", request("INVITE", 1, "", "x", "Accept: text/plain, text/html\r\n")),
        ("400 Missing Contact", invite().replace("Contact: <sip:+420601@192.0.2.1:5060>\r\n", "")),
        ("400 CSeq Names Another Method", invite().replace("CSeq: 1 INVITE", "CSeq: 1 BYE")),
        ("481 Call/Transaction Does Not Exist", request("BYE", 2, ";tag=unknown", "x", "")),
        ("481 Call/Transaction Does Not Exist", request("INVITE", 2, ";tag=unknown", "x", "")),
        ("481 Call/Transaction Does Not Exist", request("UPDATE", 2, "", "x", "")),
        ("405 Method Not Allowed", request("REGISTER", 1, "", "x", "")),
        ("405 Method Not Allowed", request("SUBSCRIBE", 1, "", "x", "")),
        ("405 Method Not Allowed", request("REFER", 1, "", "x", "")),
        ("501 Not Implemented", request("DANCE", 1, "", "x", "")),
        ("505 Version Not Supported", invite().replacen(" SIP/2.0\r\n", " SIP/3.0\r\n", 1)),
    ];
    for (status, message) in cases {
        let answer = refusal(&message);
        assert!(answer.starts_with(&format!("SIP/2.0 {status}\r\n")), "{status}: {answer}");
        assert!(header(&answer, "To").unwrap().contains(";tag="), "{answer}");
    }
}

#[test]
fn a_refusal_says_what_would_do() {
    let answer = refusal(&request("INVITE", 1, "", "x", "Require: magic, timer\r\n"));
    assert_eq!(header(&answer, "Unsupported").as_deref(), Some("magic"));
    let answer = refusal(&request("REGISTER", 1, "", "x", ""));
    assert!(header(&answer, "Allow").unwrap().contains("INVITE"));
    let short = request("INVITE", 1, "", "x", "Supported: timer\r\nSession-Expires: 60\r\n");
    assert_eq!(header(&refusal(&short), "Min-SE").as_deref(), Some("90"));
    let answer = refusal(&invite().replace("application/sdp", "text/plain"));
    assert_eq!(header(&answer, "Accept").as_deref(), Some("application/sdp"));
}

#[test]
fn who_takes_any_answer_or_says_nothing_of_it_is_let_in() {
    for accept in ["application/sdp;level=1", "text/plain, */*", "APPLICATION/*"] {
        let mut world = World::new();
        world.invited(&request("INVITE", 1, "", "x", &format!("Accept: {accept}\r\n")));
    }
}

#[test]
fn a_message_that_does_not_say_how_long_it_is_is_answered() {
    let mut world = World::over_tcp();
    let unframed = invite().replace("Content-Length", "X");
    let peer = world.peer;
    world.act(|agent, _| agent.handle_unframed(peer, unframed.as_bytes()));
    assert_eq!(world.starts(), ["SIP/2.0 400 Content-Length Missing"]);
    assert!(world.events().is_empty());
}

#[test]
fn options_are_told_and_nothing_is_remembered() {
    let answer = refusal(&request("OPTIONS", 1, "", "x", ""));
    assert!(answer.starts_with("SIP/2.0 200 OK"));
    assert!(header(&answer, "Allow").unwrap().contains("INVITE, ACK, BYE, CANCEL"));
    assert_eq!(header(&answer, "Accept").as_deref(), Some("application/sdp"));
}

#[test]
fn a_repeated_request_gets_the_same_answer_though_nothing_is_remembered() {
    let mut world = World::new();
    let message = request("INVITE", 1, "", "x", "Require: magic\r\n");
    world.take(&message);
    let first = world.one();
    world.take(&message);
    assert_eq!(world.one(), first);
}

#[test]
fn one_request_by_two_ways_is_one_call() {
    let mut world = World::new();
    world.invited(&invite());
    world.take(&request("INVITE", 1, "", "other-way", ""));
    assert_eq!(world.starts(), ["SIP/2.0 482 Loop Detected"]);
}

#[test]
fn a_stranger_is_not_answered() {
    let mut world = World::new();
    world.peer = Peer::udp("203.0.113.5:5060".parse().unwrap());
    for message in [invite(), request("OPTIONS", 1, "", "x", ""), "noise".to_owned()] {
        assert_eq!(world.take(&message), Verdict::Stranger);
    }
    assert!(world.sent().is_empty() && world.events().is_empty());
}

#[test]
fn more_calls_than_are_let_in() {
    let mut world = World::new();
    let number = |number: usize| {
        let invite = request("INVITE", 1, "", &format!("b{number}"), "");
        invite.replace("one@pbx", &format!("{number}@pbx"))
    };
    let calls: Vec<_> = (0..CALLS_MAX).map(|it| world.invited(&number(it)).call).collect();
    let before = world.agent.remembered();
    for flood in 0..1_000 {
        assert_eq!(world.take(&number(100 + flood)), Verdict::TooMany);
    }
    assert_eq!(world.agent.remembered(), before, "a flood leaves nothing");
    let answer = world.sent().pop().unwrap();
    assert!(answer.starts_with("SIP/2.0 503 Service Unavailable"));
    assert_eq!(header(&answer, "Retry-After").as_deref(), Some("10"));
    world.act(|agent, now| agent.refuse(now, calls[0], sip::Refusal::new(486)));
    world.sent();
    world.pass(Duration::from_secs(1));
    world.sent();
    world.invited(&number(9_999));
}

#[test]
fn calls_that_come_too_fast() {
    let mut world = World::new();
    let mut refused = 0;
    for number in 0..1_000 {
        let invite = request("INVITE", 1, "", &format!("b{number}"), "");
        let verdict = world.take(&invite.replace("one@pbx", &format!("{number}@pbx")));
        refused += usize::from(verdict == Verdict::TooMany);
        for event in world.events() {
            let sip::Event::Invited(it) = event else { panic!() };
            world.act(|agent, now| agent.refuse(now, it.call, sip::Refusal::new(486)));
        }
    }
    // 100 a second, 200 in one moment.
    assert_eq!(refused, 800);
}

#[test]
fn requests_within_a_call_that_come_out_of_order() {
    let mut world = World::new();
    let (_, tag) = world.confirmed(&request("INVITE", 5, "", "invite", ""));
    let to = format!(";tag={tag}");
    world.take(&request("INFO", 4, &to, "old", ""));
    assert_eq!(world.starts(), ["SIP/2.0 500 Server Internal Error"]);
    world.take(&request("REFER", 6, &to, "refer", ""));
    assert_eq!(world.starts(), ["SIP/2.0 405 Method Not Allowed"]);
    world.take(&request("OPTIONS", 7, &to, "options", "Require: magic\r\n"));
    assert_eq!(world.starts(), ["SIP/2.0 420 Bad Extension"]);
}

#[test]
fn a_body_of_several_parts_is_understood_if_one_is_a_session() {
    let mut world = World::new();
    let body = format!(
        "--b1\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b1\r\nContent-Type: application/sdp\r\n\r\n{SDP}--b1--\r\n"
    );
    let kind = "Content-Type: multipart/mixed;boundary=\"b1\"\r\n";
    let invitation = world.invited(&with_body("INVITE", 1, "", "x", kind, &body));
    assert_eq!(invitation.offer.as_deref(), Some(SDP));
}

#[test]
fn a_trunk_that_has_a_secret_is_asked_for_it_before_anything_is_remembered() {
    let login = Login { username: "carrier".to_owned(), secret: Secret::new("s") };
    let algorithms = vec![Algorithm::Sha256, Algorithm::Md5];
    let mut world = World::with_trunk_login(Some(TrunkLogin { login, algorithms }));
    world.take(&invite());
    let asked = world.one();
    assert!(asked.starts_with("SIP/2.0 401"), "{asked}");
    assert_eq!(world.agent.remembered(), 0);
    let challenge = Challenge::parse(&header(&asked, "WWW-Authenticate").unwrap()).unwrap();
    let proved = |who: &str, secret: &str, count, branch| {
        let uri = "sip:support@198.51.100.1";
        let who = (who, &Secret::new(secret));
        let value = challenge.answer(who, (&Method::Invite, uri), (count, "c"));
        request("INVITE", 2, "", branch, &format!("Authorization: {value}\r\n"))
    };
    for (who, secret) in [("carrier", "wrong"), ("other", "s")] {
        world.take(&proved(who, secret, 1, "wrong"));
        assert!(world.one().starts_with("SIP/2.0 401"));
    }
    let right = proved("carrier", "s", 2, "right");
    world.take(&right);
    assert!(world.one().starts_with("SIP/2.0 100"));
    // The same proof in another call: somebody has read along.
    let replayed = right.replace("z9hG4bKright", "z9hG4bKother").replace("one@pbx", "two@pbx");
    world.take(&replayed);
    let answer = world.one();
    assert!(answer.starts_with("SIP/2.0 401") && answer.contains("stale=true"), "{answer}");
}

/// A guess is one of ten; then there is no answer, not even to the right one, for half a minute each.
#[test]
fn who_guesses_a_trunks_secret_is_not_answered_any_more() {
    let login = Login { username: "carrier".to_owned(), secret: Secret::new("s") };
    let mut world =
        World::with_trunk_login(Some(TrunkLogin { login, algorithms: vec![Algorithm::Md5] }));
    let mut tries = |secret: &str, number: u32| {
        world.take(&invite());
        let asked = world.one();
        let challenge = Challenge::parse(&header(&asked, "WWW-Authenticate").unwrap()).unwrap();
        let who = ("carrier", &Secret::new(secret));
        let value = challenge.answer(who, (&Method::Invite, "sip:support@198.51.100.1"), (1, "c"));
        let headers = format!("Authorization: {value}\r\n");
        let branch = format!("try{number}");
        let verdict = world.take(&request("INVITE", 2, "", &branch, &headers));
        let answer = world.starts();
        world.now += Duration::from_millis(10);
        (verdict, answer)
    };
    for number in 0..10 {
        assert_eq!(tries("wrong", number).1, ["SIP/2.0 401 Unauthorized"], "{number}");
    }
    for (number, secret) in [(10, "wrong"), (11, "s")] {
        assert_eq!(tries(secret, number), (Verdict::TooMany, Vec::new()), "{secret}");
    }
    world.pass(Duration::from_secs(30));
    world.take(&invite());
    let asked = world.one();
    let challenge = Challenge::parse(&header(&asked, "WWW-Authenticate").unwrap()).unwrap();
    let who = ("carrier", &Secret::new("s"));
    let value = challenge.answer(who, (&Method::Invite, "sip:support@198.51.100.1"), (1, "c"));
    world.take(&request("INVITE", 2, "", "again", &format!("Authorization: {value}\r\n")));
    assert_eq!(world.starts(), ["SIP/2.0 100 Trying"], "it was a mistake, after all");
}
