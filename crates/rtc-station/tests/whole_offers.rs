//! Offers as people's software writes them: an answer for the whole of each, or a sentence that is true.

mod common;

use common::{OFFER, config, start};
use rtc_station::{OfferError, Station};

macro_rules! offer {
    ($name:literal) => {
        include_str!(concat!("fixtures/offers/", $name, ".sdp"))
    };
}

/// An answer, by its parts.
struct Answer {
    group: Option<String>,
    sections: Vec<Section>,
}

struct Section {
    media: String,
    attributes: Vec<String>,
}

impl Section {
    fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|it| it == attribute)
    }

    fn names(&self, name: &str) -> bool {
        self.attributes.iter().any(|it| it.starts_with(name))
    }
}

impl Answer {
    fn media(&self) -> Vec<&str> {
        self.sections.iter().map(|section| section.media.as_str()).collect()
    }
}

fn answered(offer: &str) -> Answer {
    let accepted = Station::accept_offer(config(), offer, start());
    let sdp = accepted.unwrap_or_else(|error| panic!("{error}:\n{offer}")).1.sdp;
    let mut answer = Answer { group: None, sections: Vec::new() };
    for line in sdp.split_terminator("\r\n") {
        match (line.split_once('='), answer.sections.last_mut()) {
            (Some(("m", media)), _) => {
                let section = Section { media: media.to_owned(), attributes: Vec::new() };
                answer.sections.push(section);
            }
            (Some(("a", attribute)), Some(section)) => {
                section.attributes.push(attribute.to_owned())
            }
            (Some(("a", attribute)), None) => {
                if let Some(names) = attribute.strip_prefix("group:BUNDLE ") {
                    answer.group = Some(names.to_owned());
                }
            }
            _ => {}
        }
    }
    answer
}

/// What an offer of Opus is answered with: redundancy first, where it is offered, too (RFC 2198).
fn formats(offer: &str) -> &'static str {
    if offer.contains("red/48000/2") { "63 111" } else { "111" }
}

fn refused(offer: &str) -> OfferError {
    Station::accept_offer(config(), offer, start()).expect_err(offer)
}

#[test]
fn what_changes_no_meaning_changes_no_answer() {
    for offer in [
        offer!("control"),
        offer!("blank_line_at_end"),
        offer!("two_blank_lines_lf"),
        offer!("blank_line_before_m"),
        offer!("no_line_end_at_all"),
        offer!("line_feeds_only"),
        offer!("byte_order_mark"),
        offer!("utf_8_session_name"),
        offer!("upper_case_attribute"),
        offer!("ipv6_origin"),
        offer!("rtpmap_and_blank"),
        offer!("fingerprint_and_blank"),
        offer!("setup_and_blank"),
        offer!("lower_case_hex"),
        offer!("hash_name_upper_case"),
        offer!("three_hashes_sha_256_last"),
        offer!("ufrag_of_slashes_and_plus"),
        offer!("ufrag_of_256"),
        offer!("audio_has_payload_type_77_last"),
        offer!("static_payload_types_72_to_76_listed"),
        &OFFER.replace("\r\n", "\r"),
        &OFFER.replace("\r\n", " \r\n"),
        &OFFER.replace("rtpmap:111 ", "rtpmap: 111\t"),
        &OFFER.replace("m=audio 53231", "m=audio\t53231/1"),
        &OFFER.replace("opus/48000/2", "OPUS/48000/2"),
    ] {
        let answer = answered(offer);
        let media = format!("audio 9 UDP/TLS/RTP/SAVPF {}", formats(offer));
        assert_eq!(answer.media(), [media], "{offer}");
        assert_eq!(answer.group.as_deref(), Some("0"), "{offer}");
        let audio = &answer.sections[0];
        for attribute in ["mid:0", "sendrecv", "rtcp-mux", "setup:passive"] {
            assert!(audio.has(attribute), "{attribute} of {offer}");
        }
    }
}

#[test]
fn a_direction_keeps_its_meaning_with_a_blank_and_from_the_session() {
    let padded = answered(offer!("recvonly_and_blank"));
    assert!(padded.sections[0].has("sendonly"));
    let without: String =
        OFFER.split_inclusive('\n').filter(|it| *it != "a=sendrecv\r\n").collect();
    let of_session = without.replacen("m=audio", "a=recvonly\r\nm=audio", 1);
    assert!(answered(&of_session).sections[0].has("sendonly"));
    let own_first = OFFER.replacen("m=audio", "a=recvonly\r\nm=audio", 1);
    assert!(answered(&own_first).sections[0].has("sendrecv"));
}

#[test]
fn every_profile_that_means_dtls_is_taken_and_repeated() {
    for (offer, profile) in [
        (offer!("rtp_savpf").to_owned(), "RTP/SAVPF"),
        (offer!("udp_tls_rtp_savp").to_owned(), "UDP/TLS/RTP/SAVP"),
        (offer!("tcp_dtls_rtp_savpf").to_owned(), "TCP/DTLS/RTP/SAVPF"),
        (offer!("rtp_savp").to_owned(), "RTP/SAVP"),
        (offer!("rtp_avpf").to_owned(), "RTP/AVPF"),
        (OFFER.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), "RTP/AVP"),
        (OFFER.replace("UDP/TLS/RTP/SAVPF", "TCP/DTLS/RTP/SAVP"), "TCP/DTLS/RTP/SAVP"),
    ] {
        let media = format!("audio 9 {profile} {}", formats(&offer));
        assert_eq!(answered(&offer).media(), [media]);
    }
    let plain: String =
        OFFER.split_inclusive('\n').filter(|it| !it.starts_with("a=fingerprint")).collect();
    let plain = plain.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP");
    assert_eq!(refused(&plain), OfferError::NoFingerprint);
}

#[test]
fn only_the_number_of_opus_counts() {
    let video = answered(offer!("video_has_payload_type_72"));
    assert_eq!(video.media(), ["audio 9 UDP/TLS/RTP/SAVPF 111", "video 9 UDP/TLS/RTP/SAVPF 96"]);
    let second = OFFER
        .replace("SAVPF 111 ", "SAVPF 72 111 ")
        .replace("a=rtpmap:111", "a=rtpmap:72 opus/48000/2\r\na=rtpmap:111");
    assert_eq!(answered(&second).media(), ["audio 9 UDP/TLS/RTP/SAVPF 63 111"]);
}

#[test]
fn what_names_the_transport_stays_in_the_bundle() {
    let answer = answered(offer!("video_first_audio_bundle_only"));
    assert_eq!(answer.media(), ["video 9 UDP/TLS/RTP/SAVPF 96", "audio 9 UDP/TLS/RTP/SAVPF 111"]);
    assert_eq!(answer.group.as_deref(), Some("0 1"));
    let [video, audio] = &answer.sections[..] else { panic!("two sections") };
    assert!(video.has("inactive") && video.has("rtpmap:96 VP8/90000"));
    assert!(audio.has("sendrecv") && audio.names("ssrc:"));
    for section in [video, audio] {
        for attribute in ["ice-ufrag:", "ice-pwd:", "candidate:", "fingerprint:", "rtcp-mux"] {
            assert!(section.names(attribute), "{attribute} of {}", section.media);
        }
    }
    // A data channel that names it stays, too; nothing is ever said on it.
    let answer = answered(offer!("datachannel_first_audio_bundle_only"));
    assert_eq!(
        answer.media(),
        ["application 9 UDP/DTLS/SCTP webrtc-datachannel", "audio 9 UDP/TLS/RTP/SAVPF 111"]
    );
    assert_eq!(answer.group.as_deref(), Some("data voice"));
    assert!(answer.sections[0].has("sctp-port:5000"));
}

#[test]
fn what_is_rejected_leaves_the_bundle() {
    let answer = answered(offer!("audio_first_rest_bundle_only"));
    assert_eq!(
        answer.media(),
        [
            "audio 9 UDP/TLS/RTP/SAVPF 111",
            "video 9 UDP/TLS/RTP/SAVPF 96",
            "application 0 UDP/DTLS/SCTP webrtc-datachannel"
        ]
    );
    assert_eq!(answer.group.as_deref(), Some("0 1"));
    // Given up by the client (RFC 8829 §5.2.2): it stays so.
    let offer = offer!("encoder_like").replace("m=video 50011", "m=video 0");
    let answer = answered(&offer);
    assert_eq!(answer.media()[1], "video 0 UDP/TLS/RTP/SAVPF 96");
    assert_eq!(answer.group.as_deref(), Some("0"));
    // Each names its transport: some stacks look for it in rejected sections as well.
    assert!(
        answer.sections[1].names("ice-ufrag:") && answer.sections[1].has("rtpmap:96 H264/90000")
    );
}

#[test]
fn no_group_is_answered_that_was_not_offered() {
    for offer in [offer!("encoder_like"), offer!("control")] {
        let apart: String =
            offer.split_inclusive('\n').filter(|it| !it.starts_with("a=group:BUNDLE")).collect();
        let answer = answered(&apart);
        assert_eq!(answer.group, None);
        assert!(answer.sections[0].media.starts_with("audio 9 "));
        let rest = &answer.sections[1..];
        assert!(rest.iter().all(|section| section.media.starts_with("video 0 ")));
    }
}

#[test]
fn the_tagged_section_says_where_the_transport_is() {
    // The audio's own are of a transport that is never used.
    let offer = offer!("video_first_audio_bundle_only").replace(
        "a=bundle-only\r\n",
        "a=bundle-only\r\na=ice-ufrag:unused\r\na=ice-pwd:unused-password-unused\r\n",
    );
    let (mut station, _) = Station::accept_offer(config(), &offer, start()).unwrap();
    let trickle = "a=ice-ufrag:505580\na=ice-pwd:1bb3134d3d98bef8a5e088c5\n";
    assert_eq!(station.handle_patch(trickle, None, start()), Ok(None), "they are the present ones");
}

#[test]
fn one_section_each_way_is_answered_as_one_track_each_way() {
    let offer = offer!("encoder_like");
    let at = offer.find("m=video").unwrap();
    let (session, listening) = (
        &offer[..at],
        "m=audio 9 UDP/TLS/RTP/SAVPF 97\r\na=mid:1\r\na=recvonly\r\na=rtcp-mux\r\n\
         a=rtpmap:97 opus/48000/2\r\n",
    );
    let answer = answered(&format!("{session}{listening}"));
    assert_eq!(answer.media(), ["audio 9 UDP/TLS/RTP/SAVPF 111", "audio 9 UDP/TLS/RTP/SAVPF 97"]);
    let [speaking, listening_now] = &answer.sections[..] else { panic!("two sections") };
    assert!(speaking.has("recvonly") && !speaking.names("ssrc:"));
    assert!(listening_now.has("sendonly") && listening_now.names("ssrc:"));
    let apart = format!("{session}{listening}").replace("a=group:BUNDLE 0 1\r\n", "");
    assert!(matches!(refused(&apart), OfferError::AudioSplit { .. }), "{}", refused(&apart));
}

#[test]
fn browsers_are_answered() {
    for (offer, media) in [
        (offer!("chromium_like"), "audio 9 UDP/TLS/RTP/SAVPF 63 111"),
        (offer!("firefox_like"), "audio 9 UDP/TLS/RTP/SAVPF 109"),
        (offer!("safari_like"), "audio 9 UDP/TLS/RTP/SAVPF 111"),
        (offer!("encoder_like"), "audio 9 UDP/TLS/RTP/SAVPF 111"),
    ] {
        assert_eq!(answered(offer).media()[0], media);
    }
    let encoder = answered(offer!("encoder_like"));
    assert!(encoder.sections[0].has("recvonly") && encoder.sections[1].has("inactive"));
    assert!(encoder.sections[1].has("fmtp:96 profile-level-id=42e01f;packetization-mode=1"));
}

#[test]
fn a_refusal_names_what_is_there() {
    for (offer, error) in [
        (offer!("sha_384_only"), OfferError::OddFingerprint { line: 11 }),
        (offer!("sha_512_only"), OfferError::OddFingerprint { line: 11 }),
        (offer!("opus_without_channels"), OfferError::NoOpus { line: 6 }),
        (offer!("setup_holdconn"), OfferError::DtlsRole),
        (offer!("setup_passive"), OfferError::DtlsRole),
        (offer!("inactive"), OfferError::AudioInactive { line: 6 }),
        (offer!("ufrag_with_equals_sign"), OfferError::NoIceCredentials),
        (offer!("audio_behind_eight_videos"), OfferError::TooManyMediaLines),
    ] {
        assert_eq!(refused(offer), error);
    }
}
