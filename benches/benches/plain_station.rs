//! What a packet of the telephone network costs at the edge: read, transcoded, written.

use std::hint::black_box;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use codec::{FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusEncoder, OpusEncoderConfig};
use criterion::{Criterion, criterion_group, criterion_main};
use rtc_station::RtpOut;
use rtp_station::{Channel, Output, PlainConfig, Srtp, Station, StationConfig};
use sotto_benches::Scene;

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).measurement_time(Duration::from_secs(2));
    targets = from_the_telephone, to_the_telephone
}
criterion_main!(benches);

/// Name, media line and attributes of an offer, and bytes in 20 ms.
const CODECS: [(&str, &str, u8); 4] = [
    ("pcmu", "m=audio 4000 RTP/AVP 0\r\n", 0),
    ("g722", "m=audio 4000 RTP/AVP 9\r\n", 9),
    ("opus", "m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n", 96),
    (
        "pcmu_srtp",
        "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 \
         inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n",
        0,
    ),
];

fn peer() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 2], 4_000))
}

fn station(media: &str, now: Instant) -> Station {
    let offer = format!("v=0\r\nc=IN IP4 192.0.2.2\r\n{media}");
    let config = StationConfig {
        plain: PlainConfig { srtp: Srtp::Optional, ..PlainConfig::default() },
        local: SocketAddr::from(([192, 0, 2, 1], 10_000)),
        encoder: OpusEncoderConfig::default(),
        seed: [1; 32],
    };
    Station::accept_offer(config, &offer, now).expect("the offer is good").0
}

/// Takes everything out; how many outputs there were.
fn drain(station: &mut Station) -> usize {
    let mut outputs = 0;
    loop {
        match station.poll_output() {
            Output::Wait(_) | Output::Done => return outputs,
            output => {
                black_box(&output);
                outputs += 1;
            }
        }
    }
}

/// The recordings' speech as Opus packets.
fn opus_speech() -> Vec<Vec<u8>> {
    let speech = Scene::speech().expect("the repository's recordings");
    let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).expect("the default is valid");
    let frames = speech[0].frames.iter().take(500);
    frames
        .map(|frame: &[f32; FRAME_SAMPLES]| {
            let mut packet = vec![0; OPUS_PACKET_BYTES_MAX];
            let length = encoder.encode_into(frame, &mut packet).expect("a whole frame");
            packet.truncate(length);
            packet
        })
        .collect()
}

/// Says the packets of a call through a station; what the telephone gets.
fn said(station: &mut Station, start: Instant, packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut sent = Vec::new();
    for (n, payload) in packets.iter().enumerate() {
        let (sequence, timestamp) = (n as u16, n as u32 * 960);
        let packet = RtpOut { sequence, timestamp, marker: false, payload };
        let now = start + Duration::from_millis(20) * n as u32;
        station.send_rtp(now, packet).expect("the station is connected");
        while let Output::Transmit { bytes, .. } = next_packet(station) {
            sent.push(bytes);
        }
    }
    sent
}

fn next_packet(station: &mut Station) -> Output {
    loop {
        match station.poll_output() {
            Output::Connected => {}
            output => return output,
        }
    }
}

fn from_the_telephone(criterion: &mut Criterion) {
    let speech = opus_speech();
    let start = Instant::now();
    let mut group = criterion.benchmark_group("from_the_telephone");
    for (name, media, payload_type) in CODECS.into_iter().filter(|it| !it.0.contains("srtp")) {
        // Speech as the telephone sends it: what a station of its codec makes of the recordings.
        let mut packets = said(&mut station(media, start), start, &speech);
        let mut hears = station(media, start);
        drain(&mut hears);
        let mut n = 0_u32;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let index = n as usize % packets.len();
                let clock = if payload_type == 96 { 960 } else { 160 };
                let bytes = &mut packets[index];
                bytes[2..4].copy_from_slice(&(n as u16).to_be_bytes());
                bytes[4..8].copy_from_slice(&(n.wrapping_mul(clock)).to_be_bytes());
                n = n.wrapping_add(1);
                let now = start + Duration::from_millis(20) * n;
                let taken = hears.handle_datagram(now, Channel::Rtp, peer(), bytes);
                assert!(taken.is_ok(), "{taken:?}");
                drain(&mut hears)
            });
        });
    }
}

fn to_the_telephone(criterion: &mut Criterion) {
    let speech = opus_speech();
    let start = Instant::now();
    let mut group = criterion.benchmark_group("to_the_telephone");
    for (name, media, _) in CODECS {
        let mut speaks = station(media, start);
        drain(&mut speaks);
        let mut n = 0_u32;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let (sequence, timestamp) = (n as u16, n.wrapping_mul(960));
                let payload = &speech[n as usize % speech.len()];
                n = n.wrapping_add(1);
                let packet = RtpOut { sequence, timestamp, marker: false, payload };
                let now = start + Duration::from_millis(20) * n;
                let sent = speaks.send_rtp(now, packet);
                assert!(sent.is_ok(), "{sent:?}");
                drain(&mut speaks)
            });
        });
    }
}
