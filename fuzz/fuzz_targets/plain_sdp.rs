//! SDP of the telephone network, as an offer and as an answer to ours: read or refused, never a panic, and
//! what is answered can be read.
#![no_main]

use std::net::SocketAddr;
use std::time::Instant;

use codec::OpusEncoderConfig;
use libfuzzer_sys::fuzz_target;
use rtp_station::{PlainConfig, SDP_BYTES_MAX, Srtp, Station, StationConfig, check_description};

fuzz_target!(|text: &str| {
    if check_description(text).is_ok() {
        assert!(text.len() <= SDP_BYTES_MAX);
        assert!(text.trim_start().starts_with("v=0"));
    }
    for srtp in [Srtp::Off, Srtp::Required] {
        let config = StationConfig {
            plain: PlainConfig { srtp, ..PlainConfig::default() },
            local: SocketAddr::from(([192, 0, 2, 1], 10_000)),
            encoder: OpusEncoderConfig::default(),
            seed: [1; 32],
        };
        let (mut station, offer) = Station::make_offer(config, Instant::now());
        assert!(offer.contains("m=audio 10000 "));
        let _ = station.handle_answer(Instant::now(), text);
    }
});
