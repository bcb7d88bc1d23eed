//! A peer that sends whatever it likes, from its own address, at any pace: no panic, and nothing without bound.
//! (The same as the fuzz target `plain_datagrams`, for every run of the tests.)

mod common;

use std::time::Duration;

use common::{OFFER, Packet, Stage, config};
use proptest::prelude::*;
use rtp_station::{Channel, Output, Srtp};

const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

/// One thing that happens: how long after the last, and what.
#[derive(Debug, Clone)]
enum Step {
    Rtp {
        payload_type: u8,
        marker: bool,
        sequence: u16,
        timestamp: u32,
        ssrc: u32,
        payload: Vec<u8>,
    },
    Raw {
        channel: bool,
        bytes: Vec<u8>,
    },
    Said {
        sequence: u16,
        timestamp: u32,
        payload: Vec<u8>,
    },
    Offered(u8),
}

fn steps() -> impl Strategy<Value = Vec<(u16, Step)>> {
    let number = prop_oneof![0_u16..40, any::<u16>()];
    let time = prop_oneof![(0_u32..40).prop_map(|it| it * 160), any::<u32>()];
    let bytes = prop::collection::vec(any::<u8>(), 0..400);
    let types = prop::sample::select(vec![0_u8, 8, 9, 13, 96, 101, 111]);
    let rtp = (types, any::<bool>(), number.clone(), time.clone(), 1_u32..3, bytes.clone());
    let rtp = rtp.prop_map(|(payload_type, marker, sequence, timestamp, ssrc, payload)| {
        Step::Rtp { payload_type, marker, sequence, timestamp, ssrc, payload }
    });
    let raw =
        (any::<bool>(), bytes.clone()).prop_map(|(channel, bytes)| Step::Raw { channel, bytes });
    let said = (number, time, bytes).prop_map(|(sequence, timestamp, payload)| Step::Said {
        sequence,
        timestamp,
        payload,
    });
    let offered = any::<u8>().prop_map(Step::Offered);
    let step = prop_oneof![8 => rtp, 2 => raw, 4 => said, 1 => offered];
    prop::collection::vec((0_u16..300, step), 0..60)
}

fn offer(which: u8) -> String {
    let media = match which % 6 {
        0 => "RTP/AVP 0 13 101\r\na=ptime:30".to_owned(),
        1 => "RTP/AVP 9 101\r\na=rtcp-mux".to_owned(),
        2 => "RTP/AVP 96 101\r\na=rtpmap:96 opus/48000/2".to_owned(),
        3 => format!("RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:{KEY}"),
        4 => "RTP/AVP 0\r\na=inactive".to_owned(),
        _ => "RTP/AVP 8 101\r\na=sendonly".to_owned(),
    };
    format!(
        "v=0\r\nc=IN IP4 192.0.2.2\r\nm=audio 4000 {media}\r\na=rtpmap:101 telephone-event/8000\r\n"
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_comes_the_numbers_stay_in_order(first in any::<u8>(), steps in steps()) {
        let mut config = config();
        config.plain.srtp = Srtp::Optional;
        let mut stage = Stage::with(config, OFFER);
        stage.station.handle_offer(stage.now, &offer(first)).unwrap();
        for (ms, step) in steps {
            stage.pass(ms.into());
            match step {
                Step::Rtp { payload_type, marker, sequence, timestamp, ssrc, payload } => {
                    let payload = &payload[..];
                    let packet =
                        Packet { payload_type, marker, sequence, timestamp, ssrc, payload };
                    let _ = stage.hear(common::PEER, &packet);
                }
                Step::Raw { channel, bytes } => {
                    let channel = if channel { Channel::Rtp } else { Channel::Rtcp };
                    let from = if channel == Channel::Rtp { "192.0.2.2:4000" } else { "192.0.2.2:4001" };
                    let _ = stage.receive(channel, from, &bytes);
                }
                Step::Said { sequence, timestamp, payload } => {
                    stage.say(sequence, timestamp, &payload);
                }
                Step::Offered(which) => {
                    stage.station.handle_offer(stage.now, &offer(which)).unwrap();
                    stage.drain();
                }
            }
        }
        // Whatever the peer did: time goes on for the call, too, and nothing was more than could be taken.
        for pair in stage.sound.windows(2) {
            prop_assert!(pair[1].arrived_at >= pair[0].arrived_at);
        }
        prop_assert_eq!(stage.station.stats().outputs_dropped, 0);
        stage.now += Duration::from_secs(1);
        stage.station.close(stage.now);
        stage.drain();
        prop_assert!(matches!(stage.told.last(), Some(Output::Closed(_))));
    }
}
