//! Offers as real peers write them, and what is made of each.

use super::*;
use crate::crypto::{MASTER_BYTES, Master};
use crate::types::{PlainCodec, PlainConfig, Srtp};

const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

/// One peer's offer and what is agreed on: codec, number, ptime, digits, where media go.
struct Peer {
    name: &'static str,
    offer: &'static str,
    codec: PlainCodec,
    payload_type: u8,
    ptime_ms: u8,
    events: Option<u8>,
    remote: &'static str,
    answered: &'static [&'static str],
}

const PEERS: [Peer; 10] = [
    Peer {
        name: "Asterisk 20, chan_pjsip",
        offer: "v=0\r\no=- 1547 1547 IN IP4 192.0.2.10\r\ns=Asterisk\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n\
            m=audio 12346 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
            a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=maxptime:150\r\n\
            a=sendrecv\r\n",
        codec: PlainCodec::Pcma,
        payload_type: 8,
        ptime_ms: 20,
        events: Some(101),
        remote: "192.0.2.10:12346",
        answered: &["m=audio 10000 RTP/AVP 8 101\r\n", "a=sendrecv\r\n", "a=fmtp:101 0-15\r\n"],
    },
    Peer {
        name: "FreeSWITCH 1.10",
        offer: "v=0\r\no=FreeSWITCH 1700000000 1700000001 IN IP4 192.0.2.11\r\ns=FreeSWITCH\r\n\
            c=IN IP4 192.0.2.11\r\nt=0 0\r\nm=audio 26000 RTP/AVP 102 9 0 8 103 101 13\r\n\
            a=rtpmap:102 opus/48000/2\r\na=fmtp:102 useinbandfec=1; maxaveragebitrate=30000\r\n\
            a=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
            a=rtpmap:103 telephone-event/48000\r\na=fmtp:103 0-15\r\n\
            a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=rtpmap:13 CN/8000\r\n\
            a=rtcp-mux\r\na=rtcp:26000 IN IP4 192.0.2.11\r\na=ptime:20\r\n",
        codec: PlainCodec::Opus,
        payload_type: 102,
        ptime_ms: 20,
        events: Some(103),
        remote: "192.0.2.11:26000",
        answered: &["RTP/AVP 102 103\r\n", "a=rtpmap:102 opus/48000/2\r\n", "a=rtcp-mux\r\n"],
    },
    Peer {
        name: "Cisco CUCM 14: c= at the media level, bandwidth, no rtpmap for static types",
        offer: "v=0\r\no=CiscoSystemsCCM-SIP 215 1 IN IP4 192.0.2.12\r\ns=SIP Call\r\n\
            b=TIAS:64000\r\nb=AS:64\r\nt=0 0\r\nm=audio 17056 RTP/AVP 0 8 101\r\n\
            c=IN IP4 192.0.2.13\r\na=ptime:20\r\na=rtpmap:101 telephone-event/8000\r\n\
            a=fmtp:101 0-15\r\n",
        codec: PlainCodec::Pcma,
        payload_type: 8,
        ptime_ms: 20,
        events: Some(101),
        remote: "192.0.2.13:17056",
        answered: &["m=audio 10000 RTP/AVP 8 101\r\n"],
    },
    Peer {
        name: "Twilio: µ-law alone, maxptime",
        offer: "v=0\r\no=root 1969 1969 IN IP4 192.0.2.14\r\ns=Twilio Media Gateway\r\n\
            c=IN IP4 192.0.2.14\r\nt=0 0\r\nm=audio 17834 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n\
            a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=silenceSupp:off - - - -\r\n\
            a=ptime:20\r\na=maxptime:20\r\na=sendrecv\r\n",
        codec: PlainCodec::Pcmu,
        payload_type: 0,
        ptime_ms: 20,
        events: Some(101),
        remote: "192.0.2.14:17834",
        answered: &["m=audio 10000 RTP/AVP 0 101\r\n"],
    },
    Peer {
        name: "baresip 1.0: many m-lines, all attributes that there are",
        offer: "v=0\r\no=- 3870 1 IN IP4 192.0.2.15\r\ns=-\r\nc=IN IP4 192.0.2.15\r\nt=0 0\r\n\
            a=tool:baresip 1.0.0\r\nm=audio 16000 RTP/AVP 96 9 8 0 101\r\nb=AS:125\r\n\
            a=rtpmap:96 opus/48000/2\r\na=fmtp:96 stereo=1;sprop-stereo=1\r\na=rtpmap:9 G722/8000\r\n\
            a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
            a=fmtp:101 0-15\r\na=rtcp:16001\r\na=sendrecv\r\na=label:1\r\na=rtcp-rsize\r\n\
            a=ssrc:12 cname:sip:a@b\r\na=ptime:20\r\nm=video 16002 RTP/AVP 97\r\n\
            a=rtpmap:97 H264/90000\r\na=sendrecv\r\n",
        codec: PlainCodec::Opus,
        payload_type: 96,
        ptime_ms: 20,
        events: Some(101),
        remote: "192.0.2.15:16000",
        answered: &["RTP/AVP 96 101\r\n", "m=video 0 RTP/AVP 97\r\n"],
    },
    Peer {
        name: "linphone 5.1: AVPF, feedback",
        offer: "v=0\r\no=alice 3212 1205 IN IP4 192.0.2.16\r\ns=Talk\r\nc=IN IP4 192.0.2.16\r\nt=0 0\r\n\
            a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics\r\n\
            m=audio 7078 RTP/AVPF 96 97 98 0 8 101 99\r\na=rtpmap:96 opus/48000/2\r\n\
            a=fmtp:96 useinbandfec=1\r\na=rtpmap:97 speex/16000\r\na=rtpmap:98 speex/8000\r\n\
            a=rtpmap:101 telephone-event/48000\r\na=rtpmap:99 telephone-event/8000\r\n\
            a=rtcp-fb:* trr-int 5000\r\na=rtcp-fb:* ccm tmmbr\r\n",
        codec: PlainCodec::Opus,
        payload_type: 96,
        ptime_ms: 20,
        events: Some(101),
        remote: "192.0.2.16:7078",
        answered: &["m=audio 10000 RTP/AVPF 96 101\r\n"],
    },
    Peer {
        name: "pjsua 2.15: rtcp elsewhere",
        offer: "v=0\r\no=- 3910 3910 IN IP4 192.0.2.17\r\ns=pjmedia\r\nb=AS:84\r\nt=0 0\r\na=X-nat:0\r\n\
            m=audio 4000 RTP/AVP 98 97 99 104 3 0 8 9 120\r\nc=IN IP4 192.0.2.17\r\nb=TIAS:64000\r\n\
            a=rtcp:4001 IN IP4 192.0.2.17\r\na=sendrecv\r\na=rtpmap:98 speex/16000\r\n\
            a=rtpmap:97 speex/8000\r\na=rtpmap:99 speex/32000\r\na=rtpmap:104 iLBC/8000\r\n\
            a=fmtp:104 mode=30\r\na=rtpmap:3 GSM/8000\r\na=rtpmap:0 PCMU/8000\r\n\
            a=rtpmap:8 PCMA/8000\r\na=rtpmap:9 G722/8000\r\na=rtpmap:120 telephone-event/8000\r\n\
            a=fmtp:120 0-16\r\na=ssrc:1 cname:x\r\n",
        codec: PlainCodec::G722,
        payload_type: 9,
        ptime_ms: 20,
        events: Some(120),
        remote: "192.0.2.17:4000",
        answered: &["m=audio 10000 RTP/AVP 9 120\r\n", "a=rtpmap:9 G722/8000\r\n"],
    },
    Peer {
        name: "SIPp's own scenario: LF, no t=, one codec without digits",
        offer: "v=0\no=user1 53655765 2353687637 IN IP4 192.0.2.18\nc=IN IP4 192.0.2.18\n\n\
            m=audio 6000 RTP/AVP 0\na=rtpmap:0 PCMU/8000\n",
        codec: PlainCodec::Pcmu,
        payload_type: 0,
        ptime_ms: 20,
        events: None,
        remote: "192.0.2.18:6000",
        answered: &["m=audio 10000 RTP/AVP 0\r\n"],
    },
    Peer {
        name: "a fax machine's gateway: an m-line that is off, one for pictures, ptime 30",
        offer: "v=0\r\no=- 1 1 IN IP4 192.0.2.19\r\ns=-\r\nc=IN IP4 192.0.2.19/127\r\nt=0 0\r\n\
            m=audio 0 RTP/AVP 18\r\nm=audio 5004/2 RTP/AVP 18 8\r\na=fmtp:18 annexb=no\r\na=ptime:30\r\n\
            m=image 5006 udptl t38\r\n",
        codec: PlainCodec::Pcma,
        payload_type: 8,
        ptime_ms: 30,
        events: None,
        remote: "192.0.2.19:5004",
        answered: &[
            "m=audio 0 RTP/AVP 18\r\nm=audio 10000 RTP/AVP 8\r\n",
            "a=ptime:30\r\n",
            "m=image 0 udptl t38\r\n",
        ],
    },
    Peer {
        name: "a carrier with G.722 at its sampling rate, ptime above maxptime, direction of the session",
        offer: "v=0\r\no=- 1 1 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\nt=0 0\r\na=sendonly\r\n\
            m=audio 5004 RTP/AVP 109 13\r\na=rtpmap:109 g722/16000\r\na=ptime:65\r\na=maxptime:45\r\n",
        codec: PlainCodec::G722,
        payload_type: 109,
        ptime_ms: 40,
        events: None,
        remote: "192.0.2.20:5004",
        answered: &["m=audio 10000 RTP/AVP 109 13\r\n", "a=recvonly\r\n", "a=ptime:40\r\n"],
    },
];

fn config() -> PlainConfig {
    PlainConfig { signalled_from: "192.0.2.1".parse().unwrap(), ..PlainConfig::default() }
}

/// What is agreed on, and the whole answer.
fn negotiate(offer: &str, config: &PlainConfig) -> Result<(Session, String), SdpError> {
    let local = "198.51.100.1:10000".parse().unwrap();
    let masters = [Master([1; MASTER_BYTES]), Master([2; MASTER_BYTES])];
    let terms = Terms { config, local, masters, current: None };
    let offer = Description::parse(offer)?;
    let (line, session) = Session::from_offer(&offer, &terms)?;
    let body = answer(&offer, line, &session, &terms);
    Ok((session, Writer::new(7).write(local, body)))
}

/// An offer with this media line and these attributes.
fn offer_of(media: &str, attributes: &[&str]) -> String {
    let lines: String = attributes.iter().map(|it| format!("a={it}\r\n")).collect();
    format!(
        "v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n{media}\r\n{lines}"
    )
}

#[test]
fn real_peers_are_understood() {
    for peer in &PEERS {
        let agreed = negotiate(peer.offer, &config());
        let (session, answer) = agreed.unwrap_or_else(|error| panic!("{}: {error}", peer.name));
        assert_eq!(session.codec, peer.codec, "{}", peer.name);
        assert_eq!(session.payload_type, peer.payload_type, "{}", peer.name);
        assert_eq!(session.ptime_ms, peer.ptime_ms, "{}", peer.name);
        assert_eq!(session.events_in.map(|it| it.payload_type), peer.events, "{}", peer.name);
        assert_eq!(session.remote.unwrap().rtp, peer.remote.parse().unwrap(), "{}", peer.name);
        for line in peer.answered {
            assert!(answer.contains(line), "{}: no {line:?} in\n{answer}", peer.name);
        }
        let media = |text: &str| text.lines().filter(|line| line.starts_with("m=")).count();
        assert_eq!(media(&answer), media(peer.offer), "{}: an answer to each line", peer.name);
        assert!(answer.starts_with("v=0\r\no=- 7 1 IN IP4 198.51.100.1\r\ns=-\r\n"), "{answer}");
    }
}

#[test]
fn each_refusal_names_its_cause() {
    let audio = "m=audio 4000 RTP/AVP 0";
    let long = format!("v=0\r\n{}", "a=x\r\n".repeat(SDP_BYTES_MAX / 5));
    let many = offer_of(&"m=audio 4000 RTP/AVP 0\r\n".repeat(MEDIA_LINES_MAX + 1), &[]);
    let cases = [
        (String::new(), SdpError::NotSdp),
        ("m=audio 1 RTP/AVP 0\r\n".to_owned(), SdpError::NotSdp),
        ("v=0\r\nm=audio x RTP/AVP 0\r\n".to_owned(), SdpError::NotSdp),
        (long, SdpError::TooLong),
        (many, SdpError::TooManyMediaLines),
        ("v=0\r\nc=IN IP4 192.0.2.2\r\n".to_owned(), SdpError::NoAudio),
        (offer_of("m=video 4000 RTP/AVP 97", &[]), SdpError::NoAudio),
        (offer_of("m=audio 4000 UDP/TLS/RTP/SAVPF 111", &[]), SdpError::Protocol),
        (offer_of("m=audio 4000 RTP/AVP 18 3", &[]), SdpError::NoCodec),
        (offer_of("m=audio 4000 RTP/SAVP 0", &[]), SdpError::NoKeys),
        (format!("v=0\r\n{audio}\r\n"), SdpError::NoAddress),
        (format!("v=0\r\nc=IN IP6 2001:db8::1\r\n{audio}\r\n"), SdpError::AddressFamily),
        (format!("v=0\r\nc=IN IP4 224.0.0.1/8\r\n{audio}\r\n"), SdpError::AddressNotAllowed),
        (format!("v=0\r\nc=IN IP4 127.0.0.1\r\n{audio}\r\n"), SdpError::AddressNotAllowed),
        (format!("v=0\r\nc=IN IP4 255.255.255.255\r\n{audio}\r\n"), SdpError::AddressNotAllowed),
    ];
    for (offer, wanted) in cases {
        let refused = negotiate(&offer, &config()).map(|_| ());
        assert_eq!(refused, Err(wanted), "{:.120}", offer);
    }
    let loopback = PlainConfig { signalled_from: "127.0.0.1".parse().unwrap(), ..config() };
    assert!(negotiate(&format!("v=0\r\nc=IN IP4 127.0.0.1\r\n{audio}\r\n"), &loopback).is_ok());
}

#[test]
fn hold_in_all_its_forms() {
    let directions = [
        ("sendrecv", "a=sendrecv", true),
        ("sendonly", "a=recvonly", false),
        ("recvonly", "a=sendonly", true),
        ("inactive", "a=inactive", false),
    ];
    for (theirs, ours, we_send) in directions {
        let (session, answer) =
            negotiate(&offer_of("m=audio 4000 RTP/AVP 8", &[theirs]), &config()).unwrap();
        assert_eq!(session.we_send(), we_send, "{theirs}");
        assert!(answer.contains(ours), "{theirs}: {answer}");
    }
    let zeros = "v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 4000 RTP/AVP 8\r\n";
    let (session, answer) = negotiate(zeros, &config()).unwrap();
    assert!(!session.we_send() && session.peer_sends() && session.remote.is_none());
    assert!(answer.contains("a=recvonly"), "{answer}");
}

#[test]
fn encryption_is_as_configured() {
    let with = |srtp| PlainConfig { srtp, ..config() };
    let plain = offer_of("m=audio 4000 RTP/AVP 8", &[]);
    let line = format!("crypto:2 AES_CM_128_HMAC_SHA1_32 inline:{KEY}|2^31");
    let unknown = format!("crypto:1 AES_256_CM_HMAC_SHA1_80 inline:{KEY}");
    let secure = offer_of("m=audio 4000 RTP/SAVP 8", &[&unknown, &line]);
    let refusal = |offer: &str, srtp| negotiate(offer, &with(srtp)).map(|_| ()).unwrap_err();
    assert_eq!(refusal(&plain, Srtp::Required), SdpError::SrtpRequired);
    assert_eq!(refusal(&secure, Srtp::Off), SdpError::SrtpNotAllowed);
    assert_eq!(negotiate(&plain, &with(Srtp::Optional)).unwrap().0.keys, None);
    let (session, answer) = negotiate(&secure, &with(Srtp::Optional)).unwrap();
    assert_eq!(session.keys.unwrap().tag, 2);
    // Our own key, the one for this suite: thirty bytes of 2.
    assert!(answer.contains("m=audio 10000 RTP/SAVP 8\r\n"), "{answer}");
    let ours =
        "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC\r\n";
    assert!(answer.contains(ours) && !answer.contains(KEY), "{answer}");
    // A peer that offers both as two lines gets the secure one.
    let both = format!("{plain}m=audio 4002 RTP/SAVP 8\r\na={line}\r\n");
    let (session, answer) = negotiate(&both, &with(Srtp::Optional)).unwrap();
    assert!(session.keys.is_some() && answer.contains("m=audio 0 RTP/AVP 8\r\n"), "{answer}");
}

#[test]
fn the_configured_codecs_alone_are_taken_in_the_configured_order() {
    let offer = offer_of("m=audio 4000 RTP/AVP 0 8 9", &[]);
    let chosen = |codecs: &[PlainCodec]| {
        let config = PlainConfig { codecs: codecs.to_vec(), ..config() };
        negotiate(&offer, &config).map(|(session, _)| session.codec)
    };
    use PlainCodec::{G722, Opus, Pcma, Pcmu};
    assert_eq!(chosen(&[Pcmu, Pcma]), Ok(Pcmu));
    assert_eq!(chosen(&[Opus, G722]), Ok(G722));
    assert_eq!(chosen(&[Opus]), Err(SdpError::NoCodec));
}

#[test]
fn a_host_name_is_not_looked_up() {
    let offer = "v=0\r\nc=IN IP4 media.example.com\r\nm=audio 4000 RTP/AVP 8\r\n";
    let (session, _) = negotiate(offer, &config()).unwrap();
    assert_eq!(session.remote.unwrap().rtp, "192.0.2.1:4000".parse().unwrap());
}

#[test]
fn the_version_rises_with_each_change_and_no_other() {
    let local = "198.51.100.1:10000".parse().unwrap();
    let mut writer = Writer::new(5);
    let versions: Vec<String> = ["a", "a", "b", "b", "a"]
        .into_iter()
        .map(|body| {
            let whole = writer.write(local, body.to_owned());
            whole.lines().nth(1).unwrap().split(' ').nth(2).unwrap().to_owned()
        })
        .collect();
    assert_eq!(versions, ["1", "1", "2", "2", "3"]);
}

mod any {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_is_read_without_a_panic(text in "(v=0\r\n)?([mca]=[ -~]{0,40}\r?\n){0,12}") {
            let _ = super::check_description(&text);
        }
    }
}
