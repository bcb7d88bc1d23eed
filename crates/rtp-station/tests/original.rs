//! G.711 and G.722 between telephones: the bytes of one are what the other is sent.

mod common;

use codec::g722::{G722Decoder, G722Encoder};
use codec::{OPUS_PACKET_SAMPLES_MAX, OpusDecoder, g711};
use common::{PEER, Packet, Stage, config, share_of};
use rtc_station::RtpIn;
use rtp_station::{Accepted, StationConfig, claims_original, opus_alone};

/// The encoder's look-ahead, samples of 8 kHz: so late the sound is as Opus, and so late are the bytes.
const LATE: usize = 52;
/// The same of G.722, with its filter banks, through which the bytes do not go: bytes.
const LATE_G722: usize = 52 + 11;
/// Packets of a stream of G.722 that come by Opus: the first, of which no whole frame is there, and five.
const BY_OPUS: usize = 6;
const ROOM: usize = codec::OPUS_PACKET_BYTES_MAX;

const G722: &str = "m=audio 4000 RTP/AVP 9";

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
    for (media, payload_type) in [("m=audio 4000 RTP/AVP 8", 8), (G722, 9)] {
        let (mut from, mut to) = (stage(media), stage(media));
        for n in 0..20 {
            speak(&mut from, payload_type, n, &bytes_of(n));
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

/// A tone as G.722, frame by frame, as one encoder makes it.
struct WideTone {
    encoder: G722Encoder,
    hz: f64,
}

impl WideTone {
    fn new(hz: f64) -> Self {
        Self { encoder: G722Encoder::default(), hz }
    }

    fn frame(&mut self, n: u16, amplitude: f64) -> [u8; 160] {
        let step = std::f64::consts::TAU * self.hz / 16_000.0;
        let at = |sample: usize| step * (usize::from(n) * 320 + sample) as f64;
        let samples: [i16; 320] = std::array::from_fn(|it| (amplitude * at(it).sin()) as i16);
        let mut bytes = [0; 160];
        assert_eq!(self.encoder.encode_into(&samples, &mut bytes), Ok(160));
        bytes
    }
}

/// What a telephone with G.722 hears of what it was sent.
fn heard_wide(stage: &Stage) -> Vec<f64> {
    let (mut decoder, mut heard) = (G722Decoder::default(), Vec::new());
    for packet in stage.rtp_sent() {
        let mut samples = [0; 960];
        let count = decoder.decode_into(packet.payload, &mut samples).unwrap();
        heard.extend(samples[..count].iter().map(|it| f64::from(*it)));
    }
    heard
}

#[test]
fn the_bytes_of_g722_are_passed_on_once_the_other_ones_ear_is_where_they_are() {
    let (mut from, mut to) = (stage(G722), stage(G722));
    let mut said = Vec::new();
    for n in 0..100 {
        let bytes = bytes_of(n);
        speak(&mut from, 9, n, &bytes);
        said.extend(bytes);
    }
    brought(&mut from, &mut to, |_| false);
    let (sent, begun) = (payloads(&to), BY_OPUS * 160);
    assert_eq!(sent.len(), said.len());
    assert!(sent[begun..] == said[begun - LATE_G722..said.len() - LATE_G722]);
    assert!(sent[begun - 160..begun] != said[begun - 160 - LATE_G722..begun - LATE_G722]);
    for pair in to.rtp_sent().windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
        assert_eq!(pair[1].timestamp, pair[0].timestamp.wrapping_add(160));
    }
}

#[test]
fn between_the_bytes_of_g722_and_opus_of_the_same_voice_there_is_no_break() {
    let (mut from, mut to) = (stage(G722), stage(G722));
    let mut tone = WideTone::new(500.0);
    for n in 0..250 {
        // It becomes louder while the bytes are passed on, and softer while they are not.
        let amplitude = if (120..180).contains(&n) { 9_000.0 } else { 900.0 };
        speak(&mut from, 9, n, &tone.frame(n, amplitude));
    }
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
    let heard = heard_wide(&to);
    assert_eq!(heard.len(), 250 * 320);
    // From the bytes to Opus at once, from Opus to the bytes after five packets.
    for change in [50, 105, 150, 205] {
        assert!(claims_original(&sound[change].payload));
        for around in [400, 800, 1_600] {
            let heard = &heard[change * 320 - around..change * 320 + around];
            let share = share_of(500.0, 16_000.0, heard);
            assert!(share > 0.97, "{change}, {around} samples: {share}");
        }
    }
}

#[test]
fn another_telephones_g722_is_passed_on_only_after_a_while() {
    let other = StationConfig { seed: [9; 32], ..config() };
    let offer = format!("v=0\r\nc=IN IP4 192.0.2.2\r\n{G722}\r\n");
    let (mut first, mut second, mut to) = (stage(G722), Stage::with(other, &offer), stage(G722));
    let mut said = Vec::new();
    for n in 0..50 {
        speak(&mut first, 9, n, &bytes_of(n));
        speak(&mut second, 9, n, &bytes_of(n + 50));
        said.extend(bytes_of(n + 50));
    }
    // The call has numbers of its own: they go on when somebody else speaks.
    for n in 0..50 {
        to.pass(20);
        let from = if n < 20 { &first } else { &second };
        assert!(to.say(n as u16, n as u32 * 960, &from.sound[n].payload));
    }
    let sent = payloads(&to);
    let is_passed = |n: usize| sent[n * 160..][..160] == said[n * 160 - LATE_G722..][..160];
    assert!((20..25).all(|n| !is_passed(n)) && (25..50).all(is_passed));
}

#[test]
fn what_has_a_hole_is_no_frame_of_g722() {
    let mut from = stage("m=audio 4000 RTP/AVP 9 101\r\na=rtpmap:101 telephone-event/8000");
    let mut tone = WideTone::new(500.0);
    let mut say = |from: &mut Stage, n: u16| {
        let payload = &tone.frame(n, 8_000.0)[..];
        let timestamp = u32::from(n) * 160;
        from.pass(20);
        let packet =
            Packet { payload_type: 9, marker: false, sequence: n, timestamp, ssrc: 5, payload };
        assert_eq!(from.hear(PEER, &packet), Ok(Accepted::Sound));
        from.sound.last().is_some_and(|it| claims_original(&it.payload))
    };
    let claims: Vec<bool> = (0..4).map(|n| say(&mut from, n)).collect();
    assert_eq!(claims, [false, true, true, true], "the first one is late, and begins with nothing");
    // Two packets are lost.
    let claims: Vec<bool> = (6..9).map(|n| say(&mut from, n)).collect();
    assert_eq!(claims, [false, true, true]);
    // A key is pressed, whose tone nobody is to hear, not by any codec.
    let key = |sequence, payload: &'static [u8]| Packet {
        payload_type: 101,
        marker: false,
        sequence,
        timestamp: 9 * 160,
        ssrc: 5,
        payload,
    };
    from.hear(PEER, &key(9, &[1, 10, 0, 160])).unwrap();
    let pressed: Vec<bool> = (10..13).map(|n| say(&mut from, n)).collect();
    assert_eq!(pressed, [false; 3]);
    assert!(from.sound.iter().rev().take(3).all(|it| it.audio_level_dbov == Some(-127)));
    from.hear(PEER, &key(13, &[1, 0x8A, 3, 32])).unwrap();
    let claims: Vec<bool> = (14..17).map(|n| say(&mut from, n)).collect();
    assert_eq!(claims, [false, true, true]);
}

#[test]
fn g722_of_another_length_and_other_codecs_go_by_opus() {
    for (media, rate_hz, bytes) in [
        ("m=audio 4000 RTP/AVP 9\r\na=ptime:10", 16_000.0, 80),
        ("m=audio 4000 RTP/AVP 9\r\na=ptime:30", 16_000.0, 240),
        ("m=audio 4000 RTP/AVP 8", 8_000.0, 160),
    ] {
        let (mut from, mut to) = (stage(G722), stage(media));
        let mut tone = WideTone::new(500.0);
        for n in 0..60 {
            speak(&mut from, 9, n, &tone.frame(n, 8_000.0));
        }
        brought(&mut from, &mut to, |_| false);
        assert!(to.rtp_sent().iter().all(|it| it.payload.len() == bytes), "{media}");
        let heard = if rate_hz > 8_000.0 {
            heard_wide(&to)
        } else {
            let bytes = payloads(&to);
            let mut samples = vec![0; bytes.len()];
            g711::decode_alaw_into(&bytes, &mut samples);
            samples.into_iter().map(f64::from).collect()
        };
        assert!(heard.len() as f64 > 1.1 * rate_hz, "{media}: {}", heard.len());
        let share = share_of(500.0, rate_hz, &heard[heard.len() / 4..]);
        assert!(share > 0.97, "{media}: {share}");
    }
}
