//! G.711 between telephones: the bytes of one are what the other is sent.

mod common;

use codec::{OPUS_PACKET_SAMPLES_MAX, OpusDecoder, g711};
use common::{PEER, Packet, Stage, config, share_of};
use rtc_station::RtpIn;
use rtp_station::{Accepted, claims_original, opus_alone};

/// The encoder's look-ahead, samples of 8 kHz: so late the sound is as Opus, and so late are the bytes.
const LATE: usize = 52;
const ROOM: usize = codec::OPUS_PACKET_BYTES_MAX;

fn stage(media: &str) -> Stage {
    Stage::with(config(), &format!("v=0\r\nc=IN IP4 192.0.2.2\r\n{media}\r\n"))
}

/// Bytes of every value, none like the one before it.
fn bytes_of(n: u16) -> [u8; 160] {
    std::array::from_fn(|at| (usize::from(n) * 160 + at).wrapping_mul(37) as u8)
}

/// A telephone says its packet number `n`, which has these bytes.
fn speak(stage: &mut Stage, payload_type: u8, n: u16, payload: &[u8]) {
    stage.pass(20);
    let timestamp = u32::from(n) * payload.len() as u32;
    let packet = Packet { payload_type, marker: n == 0, sequence: n, timestamp, ssrc: 5, payload };
    assert_eq!(stage.hear(PEER, &packet), Ok(Accepted::Sound));
}

/// What a telephone says, said to another one; packets that `is_lost` names come to nobody.
fn brought(from: &mut Stage, to: &mut Stage, is_lost: impl Fn(usize) -> bool) {
    for (n, packet) in from.sound.drain(..).enumerate() {
        to.pass(20);
        if !is_lost(n) {
            assert!(to.say(packet.sequence, packet.timestamp, &packet.payload));
        }
    }
}

fn payloads(stage: &Stage) -> Vec<u8> {
    stage.rtp_sent().iter().flat_map(|packet| packet.payload.to_vec()).collect()
}

#[test]
fn the_bytes_of_one_telephone_are_what_another_one_is_sent() {
    for (media, payload_type) in [("m=audio 4000 RTP/AVP 0", 0), ("m=audio 4000 RTP/AVP 8", 8)] {
        let (mut from, mut to) = (stage(media), stage(media));
        let mut said = Vec::new();
        for n in 0..100 {
            let bytes = bytes_of(n);
            speak(&mut from, payload_type, n, &bytes);
            said.extend(bytes);
        }
        brought(&mut from, &mut to, |_| false);
        let sent = payloads(&to);
        assert_eq!(sent.len(), said.len());
        assert!(sent[LATE..] == said[..said.len() - LATE], "{media}");
        let sent = to.rtp_sent();
        assert!(sent[0].marker && sent[1..].iter().all(|it| !it.marker));
        for pair in sent.windows(2) {
            assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
            assert_eq!(pair[1].timestamp, pair[0].timestamp.wrapping_add(160));
        }
    }
}

#[test]
fn packets_of_other_lengths_hold_the_same_bytes() {
    for ms in [10, 30, 60] {
        let (mut from, mut to) = (
            stage("m=audio 4000 RTP/AVP 8"),
            stage(&format!("m=audio 4000 RTP/AVP 8\r\na=ptime:{ms}")),
        );
        let mut said = Vec::new();
        for n in 0..60 {
            let bytes = bytes_of(n);
            speak(&mut from, 8, n, &bytes);
            said.extend(bytes);
        }
        brought(&mut from, &mut to, |_| false);
        let sent = payloads(&to);
        assert!(sent.len() > said.len() - 8 * 60, "{ms} ms: {}", sent.len());
        assert!(to.rtp_sent().iter().all(|it| it.payload.len() == 8 * ms), "{ms} ms");
        assert!(sent[LATE..] == said[..sent.len() - LATE], "{ms} ms");
    }
}

#[test]
fn between_the_two_laws_a_table_is_enough() {
    let (mut from, mut to) = (stage("m=audio 4000 RTP/AVP 0"), stage("m=audio 4000 RTP/AVP 8"));
    let mut said = Vec::new();
    for n in 0..50 {
        let bytes = bytes_of(n);
        speak(&mut from, 0, n, &bytes);
        let mut samples = [0; 160];
        g711::decode_ulaw_into(&bytes, &mut samples);
        let mut alaw = [0; 160];
        g711::encode_alaw_into(&samples, &mut alaw);
        said.extend(alaw);
    }
    brought(&mut from, &mut to, |_| false);
    assert!(payloads(&to)[LATE..] == said[..said.len() - LATE]);
}

#[test]
fn what_is_lost_on_the_way_is_lost_for_the_telephone_which_knows_best() {
    let (mut from, mut to) = (stage("m=audio 4000 RTP/AVP 8"), stage("m=audio 4000 RTP/AVP 8"));
    for n in 0..20 {
        speak(&mut from, 8, n, &bytes_of(n));
    }
    brought(&mut from, &mut to, |n| n == 7 || n == 8);
    let sent = to.rtp_sent();
    assert_eq!(sent.len(), 18);
    for (n, pair) in sent.windows(2).enumerate() {
        let steps = if n == 6 { 3 } else { 1 };
        assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(steps), "packet {n}");
        assert_eq!(pair[1].timestamp, pair[0].timestamp.wrapping_add(u32::from(steps) * 160));
        assert!(!pair[1].marker);
    }
}

/// A tone as A-law, frame by frame.
fn alaw_tone(n: u16) -> [u8; 160] {
    let step = std::f64::consts::TAU * 500.0 / 8_000.0;
    let at = |sample: usize| step * (usize::from(n) * 160 + sample) as f64;
    let samples: [i16; 160] = std::array::from_fn(|sample| (8_000.0 * at(sample).sin()) as i16);
    let mut bytes = [0; 160];
    g711::encode_alaw_into(&samples, &mut bytes);
    bytes
}

#[test]
fn between_the_bytes_and_opus_of_the_same_voice_there_is_no_break() {
    let (mut from, mut to) = (stage("m=audio 4000 RTP/AVP 8"), stage("m=audio 4000 RTP/AVP 8"));
    for n in 0..200 {
        speak(&mut from, 8, n, &alaw_tone(n));
    }
    // As it is when a call begins to be mixed, and ceases to.
    let sound: Vec<RtpIn> = from.sound.drain(..).collect();
    for (n, packet) in sound.iter().enumerate() {
        to.pass(20);
        let mut room = [0; ROOM];
        let payload = match n / 50 % 2 {
            0 => &packet.payload[..],
            _ => opus_alone(&packet.payload, &mut room),
        };
        assert!(to.say(packet.sequence, packet.timestamp, payload));
    }
    let mut heard = Vec::new();
    for packet in to.rtp_sent() {
        let mut samples = [0; 160];
        g711::decode_alaw_into(packet.payload, &mut samples);
        heard.extend(samples.map(f64::from));
    }
    assert_eq!(heard.len(), 200 * 160);
    // Around each change: a break of a few samples would leave little of the tone alone.
    for change in [50, 100, 150] {
        let around = &heard[change * 160 - 400..change * 160 + 400];
        let share = share_of(500.0, 8_000.0, around);
        assert!(share > 0.97, "{change}: {share}");
    }
}

#[test]
fn whoever_knows_no_g711_hears_opus() {
    let mut from = stage("m=audio 4000 RTP/AVP 8");
    for n in 0..100 {
        speak(&mut from, 8, n, &alaw_tone(n));
    }
    let mut to = stage("m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2");
    brought(&mut from, &mut to, |_| false);
    let sent = to.rtp_sent();
    assert_eq!(sent.len(), 100);
    let (mut decoder, mut heard) = (OpusDecoder::new().unwrap(), Vec::new());
    for packet in &sent {
        assert!(!claims_original(packet.payload) && packet.payload.len() < 160);
        let mut out = [0.0; OPUS_PACKET_SAMPLES_MAX];
        let samples = decoder.decode_into(packet.payload, &mut out).unwrap();
        heard.extend(out[..samples].iter().map(|it| f64::from(*it)));
    }
    let share = share_of(500.0, 48_000.0, &heard[9_600..]);
    assert!(share > 0.97, "{share}");
}

#[test]
fn nobody_outside_puts_anything_beside_opus() {
    let mut honest = stage("m=audio 4000 RTP/AVP 8");
    for n in 0..3 {
        speak(&mut honest, 8, n, &alaw_tone(n));
    }
    let forged = honest.sound[2].payload.clone();
    assert!(claims_original(&forged));
    let mut liar = stage("m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2");
    let mut room = [0; ROOM];
    speak(&mut liar, 96, 0, opus_alone(&forged, &mut room));
    assert_eq!(liar.sound.len(), 1);
    speak(&mut liar, 96, 1, &forged);
    assert_eq!(liar.sound.len(), 1, "it was not let in");
}
