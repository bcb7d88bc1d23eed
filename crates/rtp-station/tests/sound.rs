//! Sound both ways: what is heard, how it is numbered, and from whom.

mod common;

use std::time::Duration;

use codec::{OPUS_PACKET_SAMPLES_MAX, OpusDecoder, g711};
use common::{OFFER, PEER, Packet, Stage, address, config, opus_tone, share_of, ulaw_tone};
use rtc_station::Dropped;
use rtp_station::{Accepted, Channel, CloseReason, OUTPUTS_MAX, Output};

fn packet(n: u16, payload: &[u8]) -> Packet<'_> {
    let timestamp = 160 * u32::from(n);
    Packet { payload_type: 0, marker: n == 0, sequence: n, timestamp, ssrc: 5, payload }
}

/// The peer speaks for `packets` times 20 ms.
fn speak(stage: &mut Stage, from: u16, packets: u16) {
    for n in from..from + packets {
        stage.pass(20);
        let tone = ulaw_tone(1_000.0, n.into());
        assert_eq!(stage.hear(PEER, &packet(n, &tone)), Ok(Accepted::Sound));
    }
}

#[test]
fn what_the_peer_says_is_heard_as_opus() {
    let mut stage = Stage::new();
    assert!(stage.told.contains(&Output::Connected));
    speak(&mut stage, 0, 100);
    let mut decoder = OpusDecoder::new().unwrap();
    let mut heard = Vec::new();
    for pair in stage.sound.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
        assert_eq!(pair[1].timestamp, pair[0].timestamp.wrapping_add(960));
        assert!(!pair[1].marker);
    }
    for packet in &stage.sound {
        let mut out = [0.0; OPUS_PACKET_SAMPLES_MAX];
        let samples = decoder.decode_into(&packet.payload, &mut out).unwrap();
        heard.extend(out[..samples].iter().map(|it| f64::from(*it)));
        let level = packet.audio_level_dbov.unwrap();
        assert!((-17..=-13).contains(&level), "8000 of 32768 at a sine's 3 dB less: {level}");
    }
    assert_eq!(heard.len(), 100 * 960);
    let share = share_of(1_000.0, 48_000.0, &heard[9_600..]);
    assert!(share > 0.97, "{share}");
}

#[test]
fn what_the_call_says_leaves_in_the_peers_codec() {
    let mut stage = Stage::new();
    for (n, opus) in opus_tone(700.0, 100).iter().enumerate() {
        stage.pass(20);
        assert!(stage.say(60_000_u16.wrapping_add(n as u16 * 100 / 100), n as u32 * 960, opus));
    }
    let sent = stage.rtp_sent();
    assert_eq!(sent.len(), 100);
    let mut heard = Vec::new();
    for (n, pair) in sent.windows(2).enumerate() {
        assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1), "packet {n}");
        assert_eq!(pair[1].timestamp, pair[0].timestamp.wrapping_add(160), "packet {n}");
        assert_eq!((pair[1].marker, pair[1].payload_type, pair[1].payload.len()), (false, 0, 160));
    }
    for packet in &sent {
        let mut out = [0; 160];
        g711::decode_ulaw_into(packet.payload, &mut out);
        heard.extend(out.map(f64::from));
    }
    assert!(sent[0].marker && stage.sent.iter().all(|(_, _, to, _)| *to == address(PEER)));
    let share = share_of(700.0, 8_000.0, &heard[1_600..]);
    assert!(share > 0.95, "{share}");
}

#[test]
fn other_lengths_of_packets_keep_the_time() {
    for (ptime, bytes) in [(10, 80), (30, 240), (40, 320), (60, 480)] {
        let offer = format!("{OFFER}a=ptime:{ptime}\r\n");
        let mut stage = Stage::with(config(), &offer);
        for (n, opus) in opus_tone(700.0, 60).iter().enumerate() {
            stage.pass(20);
            stage.say(n as u16, n as u32 * 960, opus);
        }
        let sent = stage.rtp_sent();
        assert_eq!(sent.len(), 1_200 / ptime, "{ptime} ms");
        for pair in sent.windows(2) {
            assert_eq!(pair[1].timestamp.wrapping_sub(pair[0].timestamp), bytes as u32);
            assert_eq!(pair[1].payload.len(), bytes);
        }
    }
}

#[test]
fn a_lost_packet_of_the_call_is_made_up_for() {
    let mut stage = Stage::new();
    let tone = opus_tone(700.0, 60);
    for (n, opus) in tone.iter().enumerate().filter(|(n, _)| !(30..33).contains(n)) {
        stage.pass(20);
        stage.say(n as u16, n as u32 * 960, opus);
    }
    assert!(!stage.say(31, 31 * 960, &tone[31]), "too late");
    let sent = stage.rtp_sent();
    assert_eq!(sent.len(), 60, "the peer sees no gap");
    assert!(sent.windows(2).all(|it| it[1].sequence == it[0].sequence.wrapping_add(1)));
}

#[test]
fn silence_of_the_call_is_silence_and_not_nothing() {
    let mut stage = Stage::new();
    assert!(stage.sent.is_empty());
    speak(&mut stage, 0, 1);
    stage.pass(1_000);
    let opus = opus_tone(700.0, 20);
    for (n, packet) in opus.iter().enumerate() {
        stage.say(n as u16, n as u32 * 960, packet);
        stage.pass(20);
    }
    stage.pass(480);
    let sent = stage.rtp_sent();
    // 200 ms nothing, 41 packets of silence, 20 of sound, 200 ms nothing, silence again.
    assert_eq!(sent[..41].iter().filter(|it| it.payload == [0xFF; 160]).count(), 41);
    assert!(sent.len() > 41 + 20 + 10, "{}", sent.len());
    for pair in sent.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
        let step = pair[1].timestamp.wrapping_sub(pair[0].timestamp);
        assert!(step == 160 || (step == 1_600 && pair[1].marker), "{step}");
    }
}

#[test]
fn a_stranger_is_neither_heard_nor_sent_anything() {
    let mut stage = Stage::new();
    let tone = ulaw_tone(440.0, 0);
    for stranger in ["203.0.113.66:4000", "203.0.113.66:5004", "198.51.100.1:4000"] {
        let heard = stage.hear(stranger, &packet(0, &tone));
        assert_eq!(heard, Err(Dropped::UncheckedSource));
    }
    speak(&mut stage, 0, 5);
    assert_eq!(stage.hear("203.0.113.66:4000", &packet(5, &tone)), Err(Dropped::UncheckedSource));
    // Not by another port of the peer's own hosts either, while it is heard.
    assert_eq!(stage.hear("192.0.2.2:4002", &packet(5, &tone)), Err(Dropped::UncheckedSource));
    stage.say(1, 0, &opus_tone(500.0, 1)[0]);
    assert!(stage.sent.iter().all(|(_, _, to, _)| *to == address(PEER)));
    assert_eq!(stage.sound.len(), 5);
}

#[test]
fn a_peer_behind_a_nat_is_answered_where_it_is() {
    let mut stage = Stage::new();
    // The SDP's address is the one behind the NAT; SIP comes from 192.0.2.1.
    let tone = ulaw_tone(440.0, 0);
    assert_eq!(stage.hear("192.0.2.1:61000", &packet(0, &tone)), Ok(Accepted::Sound));
    stage.say(1, 0, &opus_tone(500.0, 1)[0]);
    assert_eq!(stage.sent.last().unwrap().2, address("192.0.2.1:61000"));
    assert_eq!(stage.hear("192.0.2.1:61002", &packet(1, &tone)), Err(Dropped::UncheckedSource));
}

#[test]
fn another_source_goes_on_where_the_last_one_ended() {
    let mut stage = Stage::new();
    speak(&mut stage, 0, 5);
    let tone = ulaw_tone(440.0, 0);
    let other = Packet { ssrc: 6, ..packet(3, &tone) };
    assert_eq!(stage.hear(PEER, &other), Err(Dropped::UnknownSource), "one at a time");
    stage.pass(240);
    assert_eq!(stage.hear(PEER, &other), Ok(Accepted::Sound));
    let [.., before, after] = &stage.sound[..] else { panic!("six packets") };
    assert_eq!(after.sequence, before.sequence.wrapping_add(1));
    assert_eq!(after.timestamp.wrapping_sub(before.timestamp), 960 * 12, "by our own clock");
    assert!(after.marker);
}

#[test]
fn what_is_not_agreed_on_is_dropped() {
    let mut stage = Stage::new();
    let tone = ulaw_tone(440.0, 0);
    let wrong = Packet { payload_type: 8, ..packet(0, &tone) };
    assert_eq!(stage.hear(PEER, &wrong), Err(Dropped::UnknownPayloadType));
    assert_eq!(stage.receive(Channel::Rtp, PEER, &[0; 4]), Err(Dropped::Malformed));
    assert_eq!(stage.receive(Channel::Rtp, PEER, &[]), Err(Dropped::Malformed));
    let noise = Packet { payload_type: 13, ..packet(0, &[40]) };
    assert_eq!(stage.hear(PEER, &noise), Ok(Accepted::ComfortNoise));
    assert!(stage.sound.is_empty());
}

#[test]
fn a_flood_costs_no_more_than_a_talkative_peer() {
    let mut stage = Stage::new();
    let tone = ulaw_tone(440.0, 0);
    for n in 0..20_000 {
        stage.now += Duration::from_micros(50);
        let _ = stage.hear(PEER, &packet(n, &tone));
    }
    // A second's burst and a second at twice the speed of sound.
    assert!((100..=210).contains(&stage.sound.len()), "{}", stage.sound.len());
}

#[test]
fn whoever_does_not_drain_loses_packets_and_not_memory() {
    let mut stage = Stage::new();
    let tone = opus_tone(500.0, 1);
    for n in 0..1_000_u32 {
        let packet = rtc_station::RtpOut {
            sequence: n as u16,
            timestamp: n * 960,
            marker: false,
            payload: &tone[0],
        };
        let _ = stage.station.send_rtp(stage.now, packet);
    }
    stage.drain();
    assert_eq!(stage.sent.len(), OUTPUTS_MAX);
    assert_eq!(stage.station.stats().outputs_dropped, 1_000 - OUTPUTS_MAX as u64);
}

#[test]
fn a_peer_that_falls_silent_is_gone_after_the_media_timeout() {
    let mut stage = Stage::new();
    stage.pass(120_000);
    assert!(stage.station.is_connected(), "it rings: nothing was to come yet");
    speak(&mut stage, 0, 10);
    stage.pass(29_000);
    assert!(stage.station.is_connected() && stage.station.is_quiet(stage.now));
    stage.pass(2_000);
    assert!(!stage.station.is_connected());
    assert_eq!(stage.told.last(), Some(&Output::Closed(CloseReason::MediaTimeout)));
}

#[test]
fn opus_passes_through_untouched() {
    let offer = "v=0\r\nc=IN IP4 192.0.2.2\r\nm=audio 4000 RTP/AVP 96\r\n\
        a=rtpmap:96 opus/48000/2\r\n";
    let mut stage = Stage::with(config(), offer);
    let tone = opus_tone(700.0, 20);
    for (n, opus) in tone.iter().enumerate().filter(|(n, _)| *n != 7) {
        stage.pass(20);
        let said = Packet {
            payload_type: 96,
            timestamp: n as u32 * 960,
            sequence: n as u16,
            ..packet(0, opus)
        };
        assert_eq!(stage.hear(PEER, &said), Ok(Accepted::Sound));
        assert!(stage.say(n as u16, n as u32 * 960, opus));
    }
    let first = &stage.sound[0];
    for (heard, n) in stage.sound.iter().zip((0..20).filter(|n| *n != 7)) {
        assert_eq!(heard.sequence.wrapping_sub(first.sequence), n as u16, "the gap is kept");
        assert_eq!(&heard.payload[..], &tone[n][..]);
    }
    let sent = stage.rtp_sent();
    for (sent, n) in sent.iter().zip((0..20).filter(|n| *n != 7)) {
        assert_eq!(sent.payload, &tone[n][..]);
        assert_eq!(sent.payload_type, 96);
    }
    assert_eq!(sent[7].sequence.wrapping_sub(sent[6].sequence), 2, "the peer conceals it");
    assert_eq!(sent[7].timestamp.wrapping_sub(sent[6].timestamp), 1_920);
}
