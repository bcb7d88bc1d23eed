//! Phones: digest, what is registered, who is not answered.

use std::time::Duration;

use sip::digest::{Challenge, Secret};
use sip::message::Method;
use sip::{CONTACTS_MAX, Change, EXPIRES_MIN_S, Event, Peer, PhoneId, Verdict};

use crate::world::{World, header};

pub const PHONE: &str = "198.18.0.7:5062";
pub const SECRET: &str = "correct horse battery";

/// What a phone does: it registers, with a count for each use of its nonce.
pub struct Phone {
    pub extension: &'static str,
    pub secret: &'static str,
    call_id: &'static str,
    sequence: u32,
    count: u32,
    challenge: Option<Challenge>,
}

impl Phone {
    pub fn new(extension: &'static str, secret: &'static str) -> Self {
        Self { extension, secret, call_id: "reg1", sequence: 0, count: 0, challenge: None }
    }

    fn register(&mut self, contact: &str) -> String {
        self.sequence += 1;
        let (extension, sequence) = (self.extension, self.sequence);
        let uri = "sip:198.51.100.1";
        let credentials = self.challenge.as_ref().map(|challenge| {
            self.count += 1;
            let secret = Secret::new(self.secret);
            let who = (extension, &secret);
            challenge.answer(who, (&Method::Register, uri), (self.count, "cn"))
        });
        let credentials = credentials.map(|it| format!("Authorization: {it}\r\n"));
        format!(
            "REGISTER {uri} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {PHONE};branch=z9hG4bKr{}{sequence};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:{extension}@198.51.100.1>;tag=p\r\nTo: <sip:{extension}@198.51.100.1>\r\n\
             Call-ID: {}\r\nCSeq: {sequence} REGISTER\r\n{contact}{}Content-Length: 0\r\n\r\n",
            self.call_id,
            self.call_id,
            credentials.unwrap_or_default(),
        )
    }

    /// Registers, and answers when it is asked; the last answer.
    pub fn registers(&mut self, world: &mut World, contact: &str) -> String {
        let message = self.register(contact);
        world.take(&message);
        let answer = world.one();
        if !answer.starts_with("SIP/2.0 401") {
            return answer;
        }
        self.challenge = header(&answer, "WWW-Authenticate").and_then(|it| Challenge::parse(&it));
        self.count = 0;
        let message = self.register(contact);
        world.take(&message);
        world.one()
    }
}

fn world() -> World {
    let mut world = World::new();
    world.peer = Peer::udp(PHONE.parse().unwrap());
    world
}

fn contact(port: u16, expires_s: u32) -> String {
    format!("Contact: <sip:500@198.18.0.7:{port}>;expires={expires_s}\r\n")
}

fn changes(world: &mut World) -> Vec<(Change, bool)> {
    let events = world.events().into_iter();
    let change = |event| match event {
        Event::Phone { phone: PhoneId(0), change, is_there } => (change, is_there),
        other => panic!("{other:?}"),
    };
    events.map(change).collect()
}

#[test]
fn a_phone_proves_who_it_is_and_is_there_until_it_says_otherwise() {
    let mut world = world();
    let mut phone = Phone::new("500", SECRET);
    world.take(&phone.register(&contact(5062, 60)));
    let asked = world.one();
    assert!(asked.starts_with("SIP/2.0 401 Unauthorized"), "{asked}");
    let offered: Vec<&str> =
        asked.lines().filter(|line| line.starts_with("WWW-Authenticate: Digest")).collect();
    assert!(offered[0].contains("SHA-256") && offered[1].contains("MD5"), "{offered:?}");
    assert!(world.events().is_empty());

    let answer = phone.registers(&mut world, &contact(5062, 60));
    assert!(answer.starts_with("SIP/2.0 200 OK"), "{answer}");
    assert_eq!(header(&answer, "Contact").unwrap(), "<sip:500@198.18.0.7:5062>;expires=60");
    assert_eq!(changes(&mut world), [(Change::Arrived, true)]);
    world.pass(Duration::from_secs(50));
    let answer = phone.registers(&mut world, &contact(5062, 60));
    assert!(answer.starts_with("SIP/2.0 200 OK"), "without being asked again: {answer}");
    assert_eq!(changes(&mut world), [(Change::Renewed, true)]);
    world.pass(Duration::from_secs(59));
    assert!(changes(&mut world).is_empty());
    world.pass(Duration::from_secs(1));
    assert_eq!(changes(&mut world), [(Change::Left, false)]);

    phone.registers(&mut world, &contact(5062, 3_600));
    phone.registers(&mut world, &contact(5063, 3_600));
    assert_eq!(world.agent.bindings(PhoneId(0)).len(), 2);
    world.events();
    phone.registers(&mut world, &contact(5062, 0));
    assert_eq!(changes(&mut world), [(Change::Left, true)]);
    let answer = phone.registers(&mut world, "Contact: *\r\nExpires: 0\r\n");
    assert!(answer.starts_with("SIP/2.0 200") && header(&answer, "Contact").is_none(), "{answer}");
    assert_eq!(changes(&mut world), [(Change::Left, false)]);
}

#[test]
fn the_same_datagram_again_gets_the_same_answer_and_counts_once() {
    let mut world = world();
    let mut phone = Phone::new("500", SECRET);
    phone.registers(&mut world, &contact(5062, 60));
    world.events();
    let message = phone.register(&contact(5062, 60));
    world.take(&message);
    let first = world.one();
    world.take(&message);
    assert_eq!(world.one(), first);
    assert_eq!(changes(&mut world).len(), 1);
    // The same credentials in another message: somebody has read along.
    let replayed = message.replace("z9hG4bKr", "z9hG4bKx");
    world.take(&replayed);
    let answer = world.one();
    assert!(answer.starts_with("SIP/2.0 401") && answer.contains("stale=true"), "{answer}");
    assert!(changes(&mut world).is_empty());
}

#[test]
fn an_unknown_extension_is_answered_as_a_wrong_secret() {
    let answers: Vec<String> = [("500", "wrong"), ("999", "wrong"), ("999", SECRET)]
        .into_iter()
        .map(|(extension, secret)| {
            let mut world = world();
            let answer = Phone::new(extension, secret).registers(&mut world, &contact(5062, 60));
            assert!(world.events().is_empty());
            let is_random = |line: &&str| !line.contains("tag=") && !line.starts_with("WWW-");
            let lines: Vec<&str> = answer.lines().filter(is_random).collect();
            lines.join("\n")
        })
        .collect();
    assert!(answers[0].starts_with("SIP/2.0 401"), "{answers:?}");
    assert!(answers.iter().all(|it| *it == answers[0]), "{answers:?}");
}

#[test]
fn a_phone_finds_its_own_contact_in_the_answer_and_how_long_it_has() {
    let (mut world, mut phone) = (world(), Phone::new("500", SECRET));
    let instance = "+sip.instance=\"<urn:uuid:6cc48bc9-103e-0018-a224-16f6ab3c7db0>\";reg-id=1";
    let wants = format!("Contact: <sip:500@{PHONE}>;{instance};expires=7200\r\n");
    let answer = phone.registers(&mut world, &wants);
    let named = header(&answer, "Contact").unwrap();
    assert_eq!(named, format!("<sip:500@{PHONE}>;{instance};expires=3600"));
    let long = format!("Contact: <sip:500@{PHONE}>;x={};expires=60\r\n", "y".repeat(600));
    let answer = phone.registers(&mut world, &long);
    assert_eq!(header(&answer, "Contact").unwrap(), format!("<sip:500@{PHONE}>;expires=60"));
}

#[test]
fn who_proves_one_extension_registers_no_other() {
    let mut world = world();
    let mut phone = Phone::new("500", SECRET);
    phone.registers(&mut world, &contact(5062, 60));
    world.events();
    let message = phone.register(&contact(5062, 60));
    let message = message.replace("To: <sip:500@", "To: <sip:501@");
    world.take(&message);
    assert!(world.one().starts_with("SIP/2.0 401"));
    assert!(world.events().is_empty());
}

#[test]
fn times_that_are_too_short_or_too_long_and_what_is_no_contact() {
    let mut world = world();
    let mut phone = Phone::new("500", SECRET);
    let answer = phone.registers(&mut world, &contact(5062, EXPIRES_MIN_S - 1));
    assert!(answer.starts_with("SIP/2.0 423 Interval Too Brief"), "{answer}");
    assert_eq!(header(&answer, "Min-Expires").unwrap(), "60");
    let answer = phone.registers(&mut world, &contact(5062, 100_000));
    assert!(header(&answer, "Contact").unwrap().ends_with(";expires=3600"), "{answer}");
    for bad in ["Contact: *\r\n", "Contact: *\r\nExpires: 9\r\n", "Contact: <tel:1>\r\n"] {
        let answer = phone.registers(&mut world, bad);
        assert!(answer.starts_with("SIP/2.0 400 Bad Contact"), "{bad}: {answer}");
    }
    assert_eq!(world.agent.bindings(PhoneId(0)).len(), 1, "all that is as it was");
}

#[test]
fn an_older_request_changes_nothing() {
    let mut world = world();
    let mut phone = Phone::new("500", SECRET);
    phone.registers(&mut world, &contact(5062, 60));
    phone.sequence -= 2;
    let answer = phone.registers(&mut world, &contact(5062, 0));
    assert!(answer.starts_with("SIP/2.0 500"), "{answer}");
    assert_eq!(world.agent.bindings(PhoneId(0)).len(), 1);
}

#[test]
fn of_too_many_contacts_the_most_silent_one_goes() {
    let mut world = world();
    let mut phone = Phone::new("500", SECRET);
    for port in 5_062..5_062 + CONTACTS_MAX as u16 + 1 {
        phone.registers(&mut world, &contact(port, 3_600));
        world.pass(Duration::from_secs(1));
    }
    let ports = world.agent.bindings(PhoneId(0)).iter().map(|it| it.contact.port.unwrap());
    let last: Vec<u16> = (5_063..5_063 + CONTACTS_MAX as u16).collect();
    assert_eq!(ports.collect::<Vec<_>>(), last);
}

#[test]
fn who_guesses_is_not_answered_any_more_and_others_are() {
    let mut world = world();
    let mut guesser = Phone::new("500", "guess");
    for _ in 0..10 {
        let answer = guesser.registers(&mut world, &contact(5062, 60));
        assert!(answer.starts_with("SIP/2.0 401"));
        guesser.challenge = None;
    }
    let mut right = Phone::new("500", SECRET);
    right.call_id = "other";
    world.take(&right.register(&contact(5062, 60)));
    let asked = world.one();
    right.challenge = header(&asked, "WWW-Authenticate").and_then(|it| Challenge::parse(&it));
    let message = right.register(&contact(5062, 60));
    assert_eq!(world.take(&message), Verdict::TooMany);
    assert!(world.sent().is_empty(), "not even the right one, for a while");
    let mut colleague = Phone::new("501", SECRET);
    colleague.call_id = "third";
    let answer = colleague.registers(&mut world, &contact(5064, 60));
    assert!(answer.starts_with("SIP/2.0 200"), "behind the same NAT: {answer}");
    world.pass(Duration::from_secs(30));
    let answer = right.registers(&mut world, &contact(5062, 60));
    assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
}

#[test]
fn who_scans_hears_nothing() {
    let mut world = world();
    let options = "OPTIONS sip:198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.18.0.7;branch=z9hG4bKs\r\n\
                   From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: s\r\nCSeq: 1 OPTIONS\r\n\r\n";
    let invite = options.replace("OPTIONS", "INVITE");
    let bye = options.replace("OPTIONS", "BYE").replace("<sip:c@d>", "<sip:c@d>;tag=x");
    for message in [options, &invite, &bye, "noise\r\n\r\n", "INVITE sip:x SIP/2.0\r\n\r\n"] {
        let verdict = world.take(message);
        assert!(
            matches!(verdict, Verdict::Stranger | Verdict::Malformed),
            "{message}: {verdict:?}"
        );
    }
    assert!(world.sent().is_empty());
    // Outside of the phones' networks not even a REGISTER is heard.
    world.peer = Peer::udp("8.8.8.8:5060".parse().unwrap());
    let message = Phone::new("500", SECRET).register(&contact(5062, 60));
    assert_eq!(world.take(&message), Verdict::Stranger);
    assert!(world.sent().is_empty());
    // A phone that is there is answered.
    world.peer = Peer::udp(PHONE.parse().unwrap());
    Phone::new("500", SECRET).registers(&mut world, &contact(5062, 60));
    world.take(options);
    assert!(world.one().starts_with("SIP/2.0 200 OK"));
}
