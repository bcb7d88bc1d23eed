//! Offers and answers in a dialog, digits, reports, encryption.

mod common;

use std::time::Duration;

use common::{OFFER, PEER, Packet, Stage, address, config, opus_tone, ulaw_tone};
use rtc_station::{Dropped, Fault};
use rtp_station::{
    Accepted, Channel, CloseReason, Digit, DigitError, Output, PlainCodec, PlainConfig, SdpError,
    Srtp, StationConfig,
};

fn said(n: u16, payload: &[u8]) -> Packet<'_> {
    let timestamp = 160 * u32::from(n);
    Packet { payload_type: 0, marker: n == 0, sequence: n, timestamp, ssrc: 5, payload }
}

fn event(sequence: u16, timestamp: u32, marker: bool, payload: &[u8]) -> Packet<'_> {
    Packet { payload_type: 101, marker, sequence, timestamp, ssrc: 5, payload }
}

fn speak(stage: &mut Stage, from: u16, packets: u16) {
    for n in from..from + packets {
        stage.pass(20);
        stage.hear(PEER, &said(n, &ulaw_tone(1_000.0, n.into()))).unwrap();
    }
}

#[test]
fn hold_and_back_again() {
    let mut stage = Stage::new();
    speak(&mut stage, 0, 5);
    let hold = OFFER.to_owned() + "a=sendonly\r\n";
    let answer = stage.station.handle_offer(stage.now, &hold).unwrap();
    assert!(answer.contains("a=recvonly") && answer.contains("o=- "), "{answer}");
    stage.drain();
    assert_eq!(stage.told.last(), Some(&Output::Held(true)));
    let before = stage.rtp_sent().len();
    assert!(!stage.say(1, 0, &opus_tone(500.0, 1)[0]));
    stage.pass(2_000);
    assert_eq!(stage.rtp_sent().len(), before, "nothing goes to a peer that holds us");
    speak(&mut stage, 5, 5); // its music on hold
    assert_eq!(stage.sound.len(), 10);
    let zeros = OFFER.replace("c=IN IP4 192.0.2.2", "c=IN IP4 0.0.0.0");
    stage.station.handle_offer(stage.now, &zeros).unwrap();
    stage.drain();
    assert_eq!(stage.told.iter().filter(|it| **it == Output::Held(true)).count(), 1, "told once");
    let sent = stage.sent.len();
    stage.pass(20_000);
    assert_eq!(stage.sent.len(), sent, "not even a report");
    stage.station.handle_offer(stage.now, OFFER).unwrap();
    stage.drain();
    assert_eq!(stage.told.last(), Some(&Output::Held(false)));
    assert!(stage.say(2, 960, &opus_tone(500.0, 1)[0]));
}

#[test]
fn inactive_is_no_loss() {
    let mut stage = Stage::new();
    speak(&mut stage, 0, 5);
    let inactive = OFFER.to_owned() + "a=inactive\r\n";
    stage.station.handle_offer(stage.now, &inactive).unwrap();
    stage.station.set_awaited(stage.now, true);
    stage.pass(600_000);
    assert!(stage.station.is_connected(), "silence was agreed on");
    assert_eq!(stage.station.fault(stage.now), None);
    stage.station.handle_offer(stage.now, OFFER).unwrap();
    stage.pass(10_000);
    assert_eq!(stage.station.fault(stage.now), Some(Fault::NothingReceived));
    stage.pass(30_000);
    assert_eq!(stage.told.last(), Some(&Output::Closed(CloseReason::MediaTimeout)));
}

#[test]
fn media_that_are_moved_are_followed_and_the_old_address_is_a_strangers() {
    let mut stage = Stage::new();
    speak(&mut stage, 0, 5);
    let version = |answer: &str| answer.lines().nth(1).unwrap().to_owned();
    let first = version(&stage.answer);
    let moved = OFFER.replace("192.0.2.2", "192.0.2.77").replace("4000", "6000");
    let answer = stage.station.handle_offer(stage.now, &moved).unwrap();
    assert_eq!(version(&answer), first, "our side is as it was");
    let tone = ulaw_tone(440.0, 0);
    assert_eq!(stage.hear(PEER, &said(5, &tone)), Err(Dropped::UncheckedSource));
    assert!(stage.say(1, 0, &opus_tone(500.0, 1)[0]));
    assert_eq!(stage.sent.last().unwrap().2, address("192.0.2.77:6000"));
    assert_eq!(stage.hear("192.0.2.77:6000", &said(5, &tone)), Ok(Accepted::Sound));
    // Another codec: the numbers of the sound go on.
    let alaw = moved.replace("RTP/AVP 0 13 101", "RTP/AVP 8 101");
    let answer = stage.station.handle_offer(stage.now, &alaw).unwrap();
    assert_ne!(version(&answer), first);
    stage.pass(20);
    let packet = Packet { payload_type: 8, ..said(6, &tone) };
    assert_eq!(stage.hear("192.0.2.77:6000", &packet), Ok(Accepted::Sound));
    let [.., before, after] = &stage.sound[..] else { panic!("seven packets") };
    assert_eq!(after.sequence, before.sequence.wrapping_add(1));
}

#[test]
fn a_refused_offer_changes_nothing() {
    let mut stage = Stage::new();
    let bad = OFFER.replace("RTP/AVP 0 13 101", "RTP/AVP 18");
    assert_eq!(stage.station.handle_offer(stage.now, &bad), Err(SdpError::NoCodec));
    assert_eq!(stage.station.handle_answer(stage.now, OFFER), Err(SdpError::OutOfTurn));
    speak(&mut stage, 0, 2);
    assert_eq!(stage.sound.len(), 2);
}

#[test]
fn our_offer_is_answered_and_before_that_nobody_is_heard() {
    let mut stage = Stage::offering(config());
    for line in [
        "m=audio 10000 RTP/AVP 111 9 8 0 13 101 110\r\n",
        "a=rtpmap:111 opus/48000/2\r\n",
        "a=rtpmap:110 telephone-event/48000\r\n",
        "a=rtcp-mux\r\n",
    ] {
        assert!(stage.answer.contains(line), "{line:?}: {}", stage.answer);
    }
    let tone = ulaw_tone(440.0, 0);
    assert_eq!(stage.hear(PEER, &said(0, &tone)), Err(Dropped::UncheckedSource));
    assert_eq!(stage.station.handle_offer(stage.now, OFFER), Err(SdpError::OutOfTurn), "glare");
    // It answers with a number of its own for what it receives digits by.
    let answer = OFFER.replace("101", "96").replace("0 13 96", "0 8 96");
    stage.station.handle_answer(stage.now, &answer).unwrap();
    stage.drain();
    assert_eq!(stage.told, [Output::Connected]);
    assert_eq!(stage.hear(PEER, &said(0, &tone)), Ok(Accepted::Sound));
    let alaw = Packet { payload_type: 8, ..said(1, &tone) };
    assert_eq!(stage.hear(PEER, &alaw), Ok(Accepted::Sound), "any of the answer's codecs");
    assert!(stage.hear(PEER, &event(2, 0, true, &[1, 10, 0, 160])).is_ok(), "by our own number");
    assert_eq!(stage.digits, "1");
    stage.station.send_digit(stage.now, Digit::from_char('5').unwrap()).unwrap();
    stage.drain();
    stage.pass(20);
    assert_eq!(stage.rtp_sent().last().unwrap().payload_type, 96, "by its number");
    let offer = stage.station.handle_offer_request().unwrap();
    assert!(offer.contains("m=audio 10000 RTP/AVP 111"), "{offer}");
}

#[test]
fn the_very_first_packet_may_be_a_digit_and_no_tone_is_heard() {
    let mut stage = Stage::new();
    assert_eq!(stage.hear(PEER, &event(0, 0, true, &[7, 10, 0, 160])), Ok(Accepted::Event));
    assert_eq!(stage.digits, "7");
    // Some go on to send the tone as sound.
    for n in 1..5_u16 {
        stage.pass(20);
        stage.hear(PEER, &said(n, &ulaw_tone(852.0, n.into()))).unwrap();
        let duration = (160 * (n + 1)).to_be_bytes();
        let packet = [7, 10, duration[0], duration[1]];
        stage.hear(PEER, &event(n, 0, false, &packet)).unwrap();
    }
    assert!(stage.sound.iter().all(|it| it.audio_level_dbov == Some(-127)), "{:?}", stage.sound);
    for _ in 0..3 {
        stage.hear(PEER, &event(5, 0, false, &[7, 0x8A, 3, 32])).unwrap();
    }
    assert_eq!(stage.digits, "7");
    speak(&mut stage, 6, 3);
    assert!(stage.sound.last().unwrap().audio_level_dbov > Some(-20), "speech is heard again");
}

#[test]
fn a_digit_whose_end_is_lost_does_not_mute_the_peer_for_ever() {
    let mut stage = Stage::new();
    stage.hear(PEER, &event(0, 0, true, &[7, 10, 0, 160])).unwrap();
    speak(&mut stage, 1, 20);
    assert!(stage.sound.last().unwrap().audio_level_dbov > Some(-20));
}

#[test]
fn digits_go_out_between_the_sounds() {
    let mut stage = Stage::new();
    let tone = opus_tone(500.0, 60);
    for (n, opus) in tone.iter().enumerate() {
        if n == 10 {
            for key in "4#".chars() {
                stage.station.send_digit(stage.now, Digit::from_char(key).unwrap()).unwrap();
            }
        }
        stage.pass(20);
        stage.say(n as u16, n as u32 * 960, opus);
    }
    let sent = stage.rtp_sent();
    let events: Vec<&Packet<'_>> = sent.iter().filter(|it| it.payload_type == 101).collect();
    let keys: Vec<u8> = events.iter().map(|it| it.payload[0]).collect();
    assert_eq!(keys, [[4; 7], [11; 7]].concat());
    assert!(sent.windows(2).all(|it| it[1].sequence == it[0].sequence.wrapping_add(1)));
    let first = events.iter().filter(|it| it.marker).count();
    assert_eq!(first, 2, "one marker a press");
    assert!(events[..7].iter().all(|it| it.timestamp == events[0].timestamp));
    assert!(sent.last().unwrap().payload_type == 0, "and the sound goes on");
    let mut deaf = Stage::with(config(), &OFFER.replace("0 13 101", "0"));
    let refused = deaf.station.send_digit(deaf.now, Digit::from_char('1').unwrap());
    assert_eq!(refused, Err(DigitError::NotNegotiated));
}

#[test]
fn reports_go_by_the_port_after_or_by_the_same_and_a_goodbye_ends_it() {
    for is_muxed in [false, true] {
        let offer = if is_muxed { format!("{OFFER}a=rtcp-mux\r\n") } else { OFFER.to_owned() };
        let mut stage = Stage::with(config(), &offer);
        for n in (0..500_u16).filter(|n| n % 4 != 1) {
            stage.pass(20);
            stage.hear(PEER, &said(n, &ulaw_tone(1_000.0, 0))).unwrap();
        }
        let reports: Vec<_> = stage.sent.iter().filter(|it| it.3[1] == 200).collect();
        assert!(!reports.is_empty());
        let (channel, to) =
            if is_muxed { (Channel::Rtp, PEER) } else { (Channel::Rtcp, "192.0.2.2:4001") };
        for (_, by, at, bytes) in &reports {
            assert_eq!((*by, *at), (channel, address(to)));
            assert_eq!(bytes[4..8], stage.station.ssrc().to_be_bytes());
            // The block: of the peer's source, a quarter lost.
            assert_eq!(bytes[28..32], 5_u32.to_be_bytes());
            assert!((58..=70).contains(&bytes[32]), "{}", bytes[32]);
        }
        stage.station.close(stage.now);
        stage.drain();
        let last = &stage.sent.last().unwrap().3;
        assert_eq!(last[last.len() - 8..last.len() - 4], [0x81, 203, 0, 1]);
        assert_eq!(stage.told.last(), Some(&Output::Closed(CloseReason::Requested)));
        assert_eq!(stage.hear(PEER, &said(0, &[0; 160])), Err(Dropped::Closed));
    }
}

#[test]
fn what_the_peer_reports_is_taken() {
    let mut stage = Stage::new();
    speak(&mut stage, 0, 50);
    stage.pass(8_000);
    let report = stage.sent.iter().rev().find(|it| it.3[1] == 200).unwrap();
    let (at, middle) = (report.0, u32::from_be_bytes(report.3[10..14].try_into().unwrap()));
    let mut answer = vec![0x81, 201, 0, 7, 0, 0, 0, 5];
    answer.extend(stage.station.ssrc().to_be_bytes());
    answer.extend([64, 0, 0, 9, 0, 0, 0, 50, 0, 0, 0, 80]);
    answer.extend(middle.to_be_bytes());
    answer.extend(65_536_u32.to_be_bytes()); // held for a second
    stage.now = stage.now.max(at + Duration::from_millis(1_080));
    let since = stage.now - at;
    let taken = stage.receive(Channel::Rtcp, "192.0.2.2:4001", &answer);
    assert_eq!(taken, Ok(Accepted::Rtcp));
    let stats = stage.station.stats();
    assert_eq!((stats.loss_out, stats.jitter_out_ms), (Some(0.25), Some(10.0)));
    let wanted = since.as_secs_f32() * 1_000.0 - 1_000.0;
    assert!((stats.rtt_ms.unwrap() - wanted).abs() < 1.0, "{stats:?}, {wanted}");
    let stranger = stage.receive(Channel::Rtcp, "203.0.113.6:4001", &answer);
    assert_eq!(stranger, Err(Dropped::UncheckedSource));
}

/// A receiver report without a block, as whoever has sent and heard nothing lately sends it.
const EMPTY_REPORT: [u8; 8] = [0x80, 201, 0, 1, 0, 0, 0, 5];

#[test]
fn a_telephone_that_is_silent_and_reports_is_there() {
    let mut stage = Stage::new();
    stage.station.set_awaited(stage.now, true);
    speak(&mut stage, 0, 5);
    for _ in 0..40 {
        stage.pass(5_000);
        let taken = stage.receive(Channel::Rtcp, "192.0.2.2:4001", &EMPTY_REPORT);
        assert_eq!(taken, Ok(Accepted::Rtcp));
        assert!(!stage.station.is_quiet(stage.now));
        assert_eq!(stage.station.fault(stage.now), None);
    }
    assert!(stage.station.is_connected(), "200 s without a sound");
    // A stranger's reports are nobody's.
    for _ in 0..4 {
        stage.pass(5_000);
        let stranger = stage.receive(Channel::Rtcp, "203.0.113.6:4001", &EMPTY_REPORT);
        assert_eq!(stranger, Err(Dropped::UncheckedSource));
    }
    assert_eq!(stage.station.fault(stage.now), Some(Fault::NothingReceived));
    stage.pass(11_000);
    assert_eq!(stage.told.last(), Some(&Output::Closed(CloseReason::MediaTimeout)));
}

#[test]
fn one_that_has_sent_nothing_but_reports_is_not_missed_either() {
    let mut stage = Stage::with(config(), &format!("{OFFER}a=rtcp-mux\r\n"));
    stage.station.set_awaited(stage.now, true);
    for _ in 0..20 {
        stage.pass(5_000);
        assert_eq!(stage.receive(Channel::Rtp, PEER, &EMPTY_REPORT), Ok(Accepted::Rtcp));
        assert_eq!(stage.station.fault(stage.now), None);
    }
    stage.pass(12_000);
    assert_eq!(stage.station.fault(stage.now), Some(Fault::NothingReceived));
}

#[test]
fn comfort_noise_is_a_sign_of_life() {
    let mut stage = Stage::new();
    stage.station.set_awaited(stage.now, true);
    speak(&mut stage, 0, 5);
    for n in 5..15 {
        stage.pass(10_000);
        let noise = Packet { payload_type: 13, ..said(n, &[60]) };
        assert_eq!(stage.hear(PEER, &noise), Ok(Accepted::ComfortNoise));
        stage.pass(6_000);
        assert_eq!(stage.station.fault(stage.now), None);
    }
    assert!(stage.station.is_connected());
    stage.pass(31_000);
    assert_eq!(stage.told.last(), Some(&Output::Closed(CloseReason::MediaTimeout)));
}

/// Two stations that speak SRTP with each other: one offers, the other answers.
fn secure_pair() -> (Stage, Stage) {
    let plain = PlainConfig { srtp: Srtp::Required, ..config().plain };
    let offering = StationConfig {
        plain: PlainConfig { codecs: vec![PlainCodec::Pcmu], ..plain.clone() },
        local: address("192.0.2.2:4000"),
        seed: [8; 32],
        ..config()
    };
    let mut offering = Stage::offering(offering);
    let answering = Stage::with(StationConfig { plain, ..config() }, &offering.answer);
    offering.station.handle_answer(offering.now, &answering.answer).unwrap();
    offering.drain();
    (offering, answering)
}

#[test]
fn with_keys_in_the_sdp_sound_and_reports_are_encrypted() {
    let (mut a, mut b) = secure_pair();
    assert!(a.answer.contains("RTP/SAVP") && a.answer.contains("a=crypto:2 "), "{}", a.answer);
    assert!(b.answer.contains("a=crypto:1 AES_CM_128_HMAC_SHA1_80"), "{}", b.answer);
    for (n, opus) in opus_tone(500.0, 600).iter().enumerate() {
        a.pass(20);
        b.now = a.now;
        a.say(n as u16, n as u32 * 960, opus);
        for (_, channel, _, bytes) in std::mem::take(&mut a.sent) {
            let taken = b.receive(channel, PEER, &bytes);
            assert!(taken.is_ok(), "{taken:?}");
            assert_eq!(b.receive(channel, PEER, &bytes), Err(Dropped::NotAuthentic), "a replay");
            let mut forged = bytes.clone();
            let last = forged.len() - 1;
            forged[last] ^= 1;
            assert_eq!(b.receive(channel, PEER, &forged), Err(Dropped::NotAuthentic));
        }
    }
    assert_eq!(b.sound.len(), 600);
    let quiet = b.sound[20..].iter().filter(|it| it.audio_level_dbov < Some(-25)).count();
    assert_eq!(quiet, 0, "decrypted, it is the tone");
    // Plain packets are not taken in its place.
    let plain = said(601, &[0xFF; 160]);
    assert!(b.hear(PEER, &plain).is_err());
}

#[test]
fn a_hold_keeps_the_keys_and_new_keys_are_followed() {
    let (mut a, mut b) = secure_pair();
    let send = |a: &mut Stage, b: &mut Stage, n: u16| {
        a.pass(20);
        b.now = a.now;
        a.say(n, u32::from(n) * 960, &opus_tone(500.0, 1)[0]);
        let (_, channel, _, bytes) = a.sent.pop().unwrap();
        b.receive(channel, PEER, &bytes)
    };
    assert_eq!(send(&mut a, &mut b, 1), Ok(Accepted::Sound));
    let again = a.answer.clone();
    let answer = b.station.handle_offer(b.now, &again).unwrap();
    assert_eq!(answer, b.answer, "nothing changed, so nothing is said otherwise");
    assert_eq!(send(&mut a, &mut b, 2), Ok(Accepted::Sound));
    // A peer that came back with another key.
    let key = again.split("inline:").nth(1).unwrap().lines().next().unwrap().to_owned();
    let other = again.replace(&key, "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz");
    b.station.handle_offer(b.now, &other).unwrap();
    assert_eq!(send(&mut a, &mut b, 3), Err(Dropped::NotAuthentic));
}
