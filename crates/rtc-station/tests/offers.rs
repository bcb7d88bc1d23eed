//! Offers as browsers write them, and offers nobody should write.

mod common;

use common::{OFFER, config, start};
use proptest::prelude::*;
use rtc_station::{MEDIA_LINES_MAX, OFFER_BYTES_MAX, OfferError, Station, check_offer};

fn answer(offer: &str) -> String {
    Station::accept_offer(config(), offer, start()).expect("a good offer").1.sdp
}

fn without(prefix: &str) -> String {
    OFFER
        .lines()
        .filter(|line| !line.starts_with(prefix))
        .map(|line| format!("{line}\r\n"))
        .collect()
}

#[test]
fn answers_chromium() {
    let sdp = answer(OFFER);
    let lines: Vec<_> = sdp.split("\r\n").collect();
    for expected in [
        "v=0",
        "a=group:BUNDLE 0",
        "a=ice-lite",
        "m=audio 9 UDP/TLS/RTP/SAVPF 63 111",
        "a=mid:0",
        "a=candidate:1 1 udp 2130706431 198.51.100.1 40000 typ host",
        "a=end-of-candidates",
        "a=setup:passive",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    ] {
        assert!(lines.contains(&expected), "no {expected:?} in\n{sdp}");
    }
    for absent in ["transport-cc", "sdes:mid", "abs-send-time", "nack", "usedtx"] {
        assert!(!sdp.contains(absent), "{absent:?} in\n{sdp}");
    }
    assert_eq!(lines.iter().filter(|l| l.starts_with("a=ssrc:")).count(), 1);
    assert_eq!(lines.iter().filter(|l| l.starts_with("m=")).count(), 1);
}

#[test]
fn answers_chromium_with_video_and_data() {
    let captured = include_str!("fixtures/chromium_156_audio_video_data.sdp");
    let sdp = answer(captured);
    let sections: Vec<_> = sdp.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(
        sections,
        [
            "m=audio 9 UDP/TLS/RTP/SAVPF 63 111",
            "m=video 9 UDP/TLS/RTP/SAVPF 96",
            "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
        ]
    );
    for mid in ["a=mid:0", "a=mid:1", "a=mid:2", "a=group:BUNDLE 0 1"] {
        assert!(sdp.lines().any(|line| line == mid), "no {mid} in\n{sdp}");
    }
}

#[test]
fn grants_discontinuous_transmission_when_asked() {
    let offer = OFFER.replace("useinbandfec=1", "useinbandfec=1;usedtx=1");
    assert!(answer(&offer).contains("a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r\n"));
}

#[test]
fn answers_one_way_offers() {
    let listener = answer(&OFFER.replace("a=sendrecv", "a=recvonly"));
    assert!(listener.contains("a=sendonly\r\n") && listener.contains("a=ssrc:"));
    let speaker = answer(&OFFER.replace("a=sendrecv", "a=sendonly"));
    assert!(speaker.contains("a=recvonly\r\n") && !speaker.contains("a=ssrc:"));
}

#[test]
fn rejects_other_sections_in_place() {
    let video = "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:1\r\na=rtpmap:96 VP8/90000\r\n";
    let data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n";
    let sdp = answer(&format!("{OFFER}{video}{data}"));
    let sections: Vec<_> = sdp.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(
        sections,
        [
            "m=audio 9 UDP/TLS/RTP/SAVPF 63 111",
            "m=video 0 UDP/TLS/RTP/SAVPF 96",
            "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
        ]
    );
    assert!(sdp.contains("a=group:BUNDLE 0\r\n"));
}

#[test]
fn reads_credentials_and_fingerprint_of_the_session() {
    let (mut session, mut section) = (String::new(), String::new());
    for line in OFFER.lines() {
        let moved = ["a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=setup"];
        let target = if moved.iter().any(|name| line.starts_with(name)) {
            &mut session
        } else {
            &mut section
        };
        target.push_str(&format!("{line}\n"));
    }
    let offer = section.replacen("m=audio", &format!("{session}m=audio"), 1);
    assert_eq!(check_offer(&offer), Ok(()));
}

#[test]
fn refuses_hostile_offers_with_a_reason() {
    let not_sdp = |line| OfferError::NotSdp { line };
    let odd_fingerprint = OfferError::OddFingerprint { line: 18 };
    let thousand: String = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(1_000);
    let table: Vec<(&str, String, OfferError)> = vec![
        ("empty", String::new(), not_sdp(1)),
        ("blank", "\r\n\r\n".into(), not_sdp(1)),
        ("binary", "\u{0}\u{1}\u{7f}\u{fffd}".into(), not_sdp(1)),
        ("json", "{\"type\":\"offer\"}".into(), not_sdp(1)),
        ("no version", OFFER[5..].into(), not_sdp(1)),
        ("control character", OFFER.replace("kBGQ", "kB\u{7}GQ"), not_sdp(15)),
        (
            "1 MB",
            format!("v=0\r\n{}", "a=x\r\n".repeat(200_000)),
            OfferError::TooLarge { bytes: 1_000_005 },
        ),
        ("1,000 m-lines", format!("v=0\r\n{thousand}"), OfferError::TooManyMediaLines),
        ("no audio", OFFER.replace("m=audio", "m=video"), OfferError::NoAudio),
        (
            "inactive",
            OFFER.replace("a=sendrecv", "a=inactive"),
            OfferError::AudioInactive { line: 8 },
        ),
        (
            "no RTP",
            OFFER.replace("UDP/TLS/RTP/SAVPF", "UDP/DTLS/SCTP"),
            OfferError::AudioProfile { line: 8 },
        ),
        (
            "rejected audio",
            OFFER.replace("m=audio 53231", "m=audio 0"),
            OfferError::AudioRejected { line: 8 },
        ),
        ("no Opus", without("a=rtpmap:111"), OfferError::NoOpus { line: 8 }),
        ("Opus not listed", OFFER.replace("SAVPF 111 ", "SAVPF "), OfferError::NoOpus { line: 8 }),
        (
            "payload type 200",
            OFFER.replace("111", "200"),
            OfferError::InvalidPayloadType { value: 200 },
        ),
        (
            "payload type 72",
            OFFER.replace("111", "72"),
            OfferError::InvalidPayloadType { value: 72 },
        ),
        (
            "huge payload type",
            OFFER.replace("a=rtpmap:111", "a=rtpmap:4294967295"),
            OfferError::NoOpus { line: 8 },
        ),
        ("no fingerprint", without("a=fingerprint"), OfferError::NoFingerprint),
        ("sha-1 only", OFFER.replace("sha-256", "sha-1"), odd_fingerprint),
        ("short fingerprint", OFFER.replace(":D4:6F", ":D4"), odd_fingerprint),
        ("no ufrag", without("a=ice-ufrag"), OfferError::NoIceCredentials),
        ("no pwd", without("a=ice-pwd"), OfferError::NoIceCredentials),
        (
            "short pwd",
            OFFER.replace("xaRjSqGT9vYlZ6wSzv1hPfSo", "xaRj"),
            OfferError::NoIceCredentials,
        ),
        ("passive", OFFER.replace("actpass", "passive"), OfferError::DtlsRole),
        ("no setup", without("a=setup"), OfferError::DtlsRole),
        ("both lite", OFFER.replacen("a=group", "a=ice-lite\r\na=group", 1), OfferError::IceLite),
        ("no rtcp-mux", without("a=rtcp-mux"), OfferError::NoRtcpMux),
    ];
    for (name, offer, expected) in table {
        assert_eq!(check_offer(&offer), Err(expected), "{name}");
        assert!(expected.to_string().len() > 20, "{name}: a sentence");
        assert!(Station::accept_offer(config(), &offer, start()).is_err());
    }
}

#[test]
fn a_full_house_of_sections_is_still_answered() {
    let extra = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n".repeat(MEDIA_LINES_MAX - 1);
    assert_eq!(check_offer(&format!("{OFFER}{extra}")), Ok(()));
    let one_more = format!("{OFFER}{extra}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n");
    assert_eq!(check_offer(&one_more), Err(OfferError::TooManyMediaLines));
    let padded = format!("{OFFER}{}", "a=x:0123456789\r\n".repeat(4_000));
    assert!(padded.len() < OFFER_BYTES_MAX + 4_096);
    let _ = check_offer(&padded);
}

#[test]
fn needs_a_local_address() {
    let none = rtc_station::StationConfig { local_candidates: vec![], ..config() };
    let any = rtc_station::StationConfig {
        local_candidates: vec![common::address("0.0.0.0:1")],
        ..config()
    };
    for config in [none, any] {
        let error = Station::accept_offer(config, OFFER, start()).unwrap_err();
        assert_eq!(error, OfferError::NoLocalAddress);
    }
}

#[test]
fn truncated_offers_never_panic() {
    let cuts = OFFER.char_indices().map(|(at, _)| at);
    let accepted = cuts.filter(|at| check_offer(&OFFER[..*at]).is_ok()).count();
    assert!(accepted > 0, "the tail of the offer is optional");
    let mut text = String::new();
    for line in OFFER.lines() {
        let _ = Station::accept_offer(config(), &text, start());
        text.push_str(line);
        text.push('\n');
    }
}

/// A real offer with a few bytes changed, lines dropped, doubled or swapped.
fn mutated() -> impl Strategy<Value = String> {
    let edits =
        proptest::collection::vec((any::<u8>(), any::<u16>(), any::<u16>(), any::<u8>()), 1..12);
    edits.prop_map(|edits| {
        let mut lines: Vec<Vec<u8>> = OFFER.lines().map(|l| l.as_bytes().to_vec()).collect();
        for (kind, at, other, byte) in edits {
            if lines.is_empty() {
                break;
            }
            let count = lines.len();
            let at = usize::from(at) % count;
            let other = usize::from(other);
            match kind % 5 {
                0 => drop(lines.remove(at)),
                1 => lines.swap(at, other % count),
                2 => lines.insert(other % count, lines[at].clone()),
                3 => lines[at].truncate(other % 40),
                _ => {
                    let length = lines[at].len().max(1);
                    match lines[at].get_mut(other % length) {
                        Some(target) => *target = byte,
                        None => lines[at].push(byte),
                    }
                }
            }
        }
        String::from_utf8_lossy(&lines.join(&b"\r\n"[..])).into_owned()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..Default::default() })]

    #[test]
    fn mutated_offers_never_panic(offer in mutated()) {
        let checked = check_offer(&offer);
        let accepted = Station::accept_offer(config(), &offer, start());
        prop_assert_eq!(checked.is_ok(), accepted.is_ok());
        if let Ok((_, answer)) = accepted {
            // The answer keeps one section for each offered, and is SDP itself.
            let sections = |sdp: &str| sdp.lines().filter(|l| l.starts_with("m=")).count();
            prop_assert_eq!(sections(&answer.sdp), sections(&offer));
            // str0m reads no section without a mid; we answer such offers in kind.
            let named = answer.sdp.lines().filter(|l| l.starts_with("a=mid:")).count();
            let read = str0m::change::SdpAnswer::from_sdp_string(&answer.sdp);
            prop_assert!(read.is_ok() || named != sections(&offer), "{}", answer.sdp);
        }
    }

    #[test]
    fn any_text_never_panics(text in "(v=0\r?\n)?(\\PC{0,40}\r?\n){0,20}") {
        let _ = check_offer(&text);
    }
}
