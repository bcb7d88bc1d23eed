//! What a client may do to others: floods, forged addresses. And what is told of its media.

mod common;

use std::time::Duration;

use common::{Pair, address, config};
use rtc_station::demux::stun_username_local_ufrag;
use rtc_station::{Accepted, Dropped, Fault, Output, SPEECH_BYTES_PER_S_MAX};

const SECOND: Duration = Duration::from_secs(1);
const FRAME: Duration = Duration::from_millis(20);

/// An offer whose announced SSRC is another one than the client sends with.
fn announces_another_source(offer: String) -> String {
    let line = |line: &str| match line.strip_prefix("a=ssrc:").and_then(|it| it.split_once(' ')) {
        Some((_, rest)) => format!("a=ssrc:1234 {rest}\r\n"),
        None => format!("{line}\r\n"),
    };
    offer.lines().map(line).collect()
}

#[test]
fn a_client_that_sends_with_another_source_than_it_announced_is_heard() {
    let mut pair = Pair::connected_with(Pair::with(config(), announces_another_source));
    pair.client_speaks(b"mine");
    assert_eq!(pair.take_rtp().len(), 1);
}

#[test]
fn any_of_several_fingerprints_may_be_the_certificates() {
    let foreign = |offer: &str| {
        let at = offer.find("a=fingerprint:sha-256 ").unwrap();
        let line = offer[at..].lines().next().unwrap();
        let (head, tail) = line.split_at(22);
        (at, format!("{head}{}", if tail.starts_with("00") { "11" } else { "00" }) + &tail[2..])
    };
    // An old certificate's first, another hash's second.
    let pair = Pair::with(config(), |offer| {
        let (at, line) = foreign(&offer);
        let other = "a=fingerprint:sha-512 00:11:22";
        format!("{}{line}\r\n{other}\r\n{}", &offer[..at], &offer[at..])
    });
    Pair::connected_with(pair);
}

/// A check for the station as its client would send it, from wherever.
fn check(pair: &mut Pair, nominates: bool) -> Vec<u8> {
    let wanted = |bytes: &&Vec<u8>| {
        let nominating = bytes.windows(4).any(|it| it == [0, 0x25, 0, 0]);
        stun_username_local_ufrag(bytes).is_some() && nominating == nominates
    };
    pair.sent_by_client.iter().rfind(wanted).expect("the client sent one").clone()
}

#[test]
fn a_forged_check_points_little_at_a_victim_and_takes_nothing_from_the_client() {
    let mut pair = Pair::connected();
    let (client, victim) = (pair.client_address, address("192.0.2.66:4000"));
    let forged = check(&mut pair, true);
    pair.take_sent();
    assert_eq!(pair.deliver(victim, &forged), Ok(Accepted::Check));
    let end = pair.now + 6 * SECOND;
    let mut sequence = 0;
    while pair.now < end {
        sequence += 1;
        pair.run_for(FRAME);
        pair.client_speaks(b"up");
        pair.server_speaks(sequence, u32::from(sequence) * 960, &[7; 120]);
    }
    let sent = pair.take_sent();
    let bytes = |to| sent.iter().filter(|(it, _)| *it == to).map(|(_, it)| it.len()).sum::<usize>();
    assert!(bytes(victim) > 0, "the check was answered");
    assert!(bytes(victim) <= 3 * forged.len(), "{} of {}", bytes(victim), forged.len());
    let heard = pair.client_rtp.len();
    assert_eq!(heard, usize::from(sequence), "the client hears on at {client}");
}

#[test]
fn without_an_answer_media_follow_a_silent_client_but_three_times_what_comes_at_most() {
    let mut pair = Pair::connected();
    let victim = address("192.0.2.66:4000");
    let forged = check(&mut pair, true);
    pair.uplink = false;
    pair.run_for(6 * SECOND);
    pair.take_sent();
    let mut came = 0;
    for sequence in 0..500_u16 {
        if sequence % 100 == 0 {
            pair.deliver(victim, &forged).unwrap();
            came += forged.len();
        }
        pair.run_for(FRAME);
        pair.server_speaks(sequence, u32::from(sequence) * 960, &[7; 120]);
    }
    let sent: usize =
        pair.take_sent().iter().filter(|(to, _)| *to == victim).map(|(_, it)| it.len()).sum();
    assert!(sent > came, "what is allowed goes there");
    assert!(sent <= 3 * came, "{sent} of {came}");
    assert!(pair.station.stats().held_back > 400);
}

#[test]
fn a_new_path_carries_everything_once_its_client_answers() {
    let mut pair = Pair::connected();
    let new = address("203.0.113.5:62000");
    let old = std::mem::replace(&mut pair.client_address, new);
    let forged = check(&mut pair, true);
    // The client nominates from its new address; what is sent there reaches it, so that it answers.
    pair.deliver(new, &forged).unwrap();
    pair.run_for(SECOND);
    assert!(pair.accepted.contains(&Accepted::Answer), "{:?}", pair.accepted.last());
    assert!(pair.outputs.contains(&Output::AddressChanged { from: old, to: new }));
}

/// A client whose ClientHello is too small for the answer to it shows that it is there, and need not wait
/// until it sends the ClientHello again.
#[test]
fn the_handshake_waits_for_an_answer_and_no_longer() {
    let mut pair = Pair::new();
    let began = pair.now;
    while !pair.station.is_connected() && pair.now < began + SECOND {
        pair.run_for(Duration::from_millis(1));
    }
    assert!(pair.accepted.contains(&Accepted::Answer), "it was asked");
    assert!(pair.now - began < Duration::from_millis(500), "{:?}", pair.now - began);
}

#[test]
fn a_flood_from_inside_is_cut_before_it_is_decrypted() {
    let mut pair = Pair::connected();
    pair.run_for(2 * SECOND);
    pair.take_rtp();
    for _ in 0..4_000 {
        pair.now += Duration::from_micros(250);
        pair.client_speaks(&[7; 1_000]);
    }
    let taken = pair.take_rtp().len();
    let limited = pair.dropped.iter().filter(|it| **it == Dropped::TooMany).count();
    // A second, and a burst of one.
    let bound = SPEECH_BYTES_PER_S_MAX as usize * 2 / 1_000;
    assert!((90..=bound).contains(&taken), "{taken} of {bound}");
    assert_eq!(taken + limited, 4_000);
    pair.run_for(3 * SECOND);
    pair.client_speaks(b"speech again");
    assert_eq!(pair.take_rtp().len(), 1);
    assert!(pair.station.is_connected());
}

#[test]
fn silence_and_wrong_packets_are_told() {
    let mut pair = Pair::connected();
    assert_eq!(pair.station.fault(pair.now), None);
    pair.station.set_awaited(pair.now, true);
    pair.run_for(6 * SECOND);
    assert_eq!(pair.station.fault(pair.now), Some(Fault::NothingReceived));
    pair.client_speaks(b"here I am");
    assert_eq!(pair.station.fault(pair.now), None);
    let mut other_type = pair.sent_by_client.last().unwrap().clone();
    other_type[1] ^= 1;
    let from = pair.client_address;
    for _ in 0..150 {
        pair.run_for(FRAME);
        pair.deliver(from, &other_type).unwrap_err();
    }
    assert_eq!(pair.station.fault(pair.now), Some(Fault::WrongPayloadType));
}
