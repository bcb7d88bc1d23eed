//! RTP and RTCP that a hostile peer of a plain station sends from its own address, at any pace, between what
//! its call says: no panic, and no more comes out than may.
#![no_main]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use codec::OpusEncoderConfig;
use libfuzzer_sys::fuzz_target;
use rtc_station::RtpOut;
use rtp_station::{Channel, OUTPUTS_MAX, Output, PlainConfig, Station, StationConfig};

/// Bytes of the input before each datagram: its length, what else happens, how long after the last.
const HEADER_BYTES: usize = 3;

fuzz_target!(|bytes: &[u8]| {
    let Some((&setup, mut rest)) = bytes.split_first() else { return };
    let mut now = Instant::now();
    let (mut station, peer) = station(setup, now);
    while let Some((header, after)) = rest.split_at_checked(HEADER_BYTES) {
        let (datagram, after) = after.split_at(after.len().min(usize::from(header[0])));
        rest = after;
        now += Duration::from_millis(u64::from(header[2]));
        let channel = if header[1] & 1 == 0 { Channel::Rtp } else { Channel::Rtcp };
        let from = SocketAddr::new(peer.ip(), peer.port() + u16::from(header[1] & 1));
        let _ = station.handle_datagram(now, channel, from, datagram);
        if header[1] & 2 != 0 {
            station.handle_timeout(now);
        }
        if header[1] & 4 != 0 {
            let (sequence, timestamp) = (u16::from(header[2]), u32::from(header[2]) << 8);
            let packet = RtpOut { sequence, timestamp, marker: false, payload: datagram };
            let _ = station.send_rtp(now, packet);
        }
        if header[1] & 8 != 0 {
            let mut outputs = 0;
            while !matches!(station.poll_output(), Output::Wait(_) | Output::Done) {
                outputs += 1;
            }
            // Packets are bounded; what else is told is bounded by what came.
            assert!(outputs <= OUTPUTS_MAX + bytes.len());
        }
    }
});

fn station(setup: u8, now: Instant) -> (Station, SocketAddr) {
    let media = match setup % 4 {
        0 => "m=audio 4000 RTP/AVP 0 13 101\r\na=rtpmap:101 telephone-event/8000\r\n",
        1 => "m=audio 4000 RTP/AVP 9 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:30\r\n",
        2 => "m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\na=rtcp-mux\r\n",
        _ => {
            "m=audio 4000 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_32 \
             inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"
        }
    };
    let config = StationConfig {
        plain: PlainConfig::default(),
        local: SocketAddr::from(([192, 0, 2, 1], 10_000)),
        encoder: OpusEncoderConfig::default(),
        seed: [1; 32],
    };
    let offer = format!("v=0\r\nc=IN IP4 192.0.2.2\r\n{media}");
    let (station, _) = Station::accept_offer(config, &offer, now).expect("the offer is good");
    (station, SocketAddr::from(([192, 0, 2, 2], 4_000)))
}
