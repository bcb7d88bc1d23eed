//! `PATCH` bodies: candidates that come late or alone, and ICE restarts in their order.

mod common;

use common::{Pair, config};
use rtc_station::{IfMatch, PatchError, Station};

/// The credentials in a fragment.
fn credentials_of(fragment: &str) -> str0m::IceCreds {
    let field = |name: &str| {
        let line = fragment.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].to_owned()
    };
    str0m::IceCreds { ufrag: field("a=ice-ufrag:"), pass: field("a=ice-pwd:") }
}

fn restart(generation: u8) -> String {
    format!("a=ice-ufrag:gen{generation}0\r\na=ice-pwd:password-of-generation-{generation}\r\n")
}

#[test]
fn fragments_that_come_late_undo_no_restart() {
    let mut pair = Pair::connected();
    let now = pair.now;
    let first = pair.client.direct_api().local_ice_credentials();
    let late = format!("a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n", first.ufrag, first.pass);
    let before = pair.station.entity_tag().to_owned();
    pair.station.handle_patch(&restart(1), None, now).unwrap().unwrap();
    pair.station.handle_patch(&restart(2), None, now).unwrap().unwrap();
    let tag = pair.station.entity_tag().to_owned();
    assert_ne!(tag, before);
    for former in [&late, &restart(1), &restart(2)] {
        assert_eq!(pair.station.handle_patch(former, None, now), Ok(None));
    }
    assert_eq!(pair.station.entity_tag(), tag);
}

#[test]
fn a_fragment_for_another_ice_session_is_refused() {
    let mut pair = Pair::connected();
    let now = pair.now;
    let first = IfMatch::read(&format!("\"{}\"", pair.station.entity_tag()));
    let candidate =
        "m=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:0\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\n";
    let patch = |pair: &mut Pair, text: &str, if_match: &IfMatch| {
        pair.station.handle_patch(text, Some(if_match), now)
    };
    assert_eq!(patch(&mut pair, candidate, &first), Ok(None));
    assert!(patch(&mut pair, &restart(1), &IfMatch::read("*")).unwrap().is_some());
    assert_eq!(patch(&mut pair, candidate, &first), Err(PatchError::Outdated));
    assert_eq!(patch(&mut pair, &restart(2), &first), Err(PatchError::Outdated));
    let weak = IfMatch::read(&format!("\"x\", W/\"{}\"", pair.station.entity_tag()));
    assert_eq!(patch(&mut pair, candidate, &weak), Ok(None));
}

#[test]
fn candidates_need_no_credentials_with_them() {
    let mut pair = Pair::connected();
    for fragment in [
        include_str!("fixtures/offers/candidate_only.frag"),
        include_str!("fixtures/offers/end_of_candidates_only.frag"),
    ] {
        assert_eq!(pair.station.handle_patch(fragment, None, pair.now), Ok(None), "{fragment}");
    }
    let blank = include_str!("fixtures/offers/fragment_blank_line.frag");
    assert!(pair.station.handle_patch(blank, None, pair.now).unwrap().is_some());
}

#[test]
fn a_restart_is_answered_for_the_section_that_names_the_transport() {
    let offer = include_str!("fixtures/offers/video_first_audio_bundle_only.sdp");
    let (mut station, _) = Station::accept_offer(config(), offer, common::start()).unwrap();
    let answer = station.handle_patch(&restart(1), None, common::start()).unwrap().unwrap();
    let expected =
        "a=ice-lite\r\na=group:BUNDLE 0 1\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n";
    assert!(answer.starts_with(expected), "{answer}");
    assert_eq!(credentials_of(&answer).ufrag, station.ice_ufrag());
}
