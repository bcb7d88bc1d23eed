//! RTP of hostile clients into a whispered call: numbering, payloads and timing at random. The call
//! must not panic, must keep what it sends in order, and must not let its egress guard be needed.
#![no_main]

use std::time::{Duration, Instant};

use call_engine::{Call, CallConfig, Moment, RtpPacket, RtpPosition};
use interaction::{Actor, CallId, Command, LegId, ModeKind, Policy, Rights, UnixMs, UserId};
use libfuzzer_sys::fuzz_target;

/// Bytes of the input that describe one packet, before its payload.
const HEADER_BYTES: usize = 9;

fuzz_target!(|bytes: &[u8]| {
    let start = Instant::now();
    let at = |ms: u64| Moment { now: start + Duration::from_millis(ms), unix: UnixMs(ms) };
    let (mut call, legs) = whispered_call(at(0));
    let (mut ms, mut rest) = (0u64, bytes);
    while let Some((header, after)) = rest.split_at_checked(HEADER_BYTES) {
        let (payload, after) = after.split_at(after.len().min(usize::from(header[8])));
        rest = after;
        let packet = RtpPacket {
            sequence: u16::from_be_bytes([header[0], header[1]]),
            timestamp: u32::from_be_bytes([header[2], header[3], header[4], header[5]]),
            marker: header[6] & 1 != 0,
            payload,
            level_dbov: (header[6] & 2 != 0).then_some(header[7]),
            is_restored: false,
        };
        let leg = legs[usize::from(header[6] >> 2) % legs.len()];
        call.handle_rtp(at(ms).now, leg, packet, |out| assert!(!out.payload.is_empty()));
        if header[7] & 1 != 0 {
            ms += 20;
            call.handle_tick(at(ms), |out| assert!(!out.payload.is_empty()));
        }
    }
    assert_eq!(call.counters().guarded, 0);
});

fn whispered_call(moment: Moment) -> (Call, Vec<LegId>) {
    let mut call = Call::new(CallId(1), Policy::default(), CallConfig::default())
        .expect("the defaults are within the limits");
    let from = RtpPosition::start(1, 1, moment.now).into();
    let rights = Rights { whisper: true, barge: true };
    let joins = [
        Command::JoinCaller { user: UserId(1) },
        Command::JoinAgent { user: UserId(2) },
        Command::Supervise { user: UserId(3), rights },
    ];
    let legs: Vec<LegId> = joins
        .into_iter()
        .filter_map(|join| call.handle_command(moment, Actor::System, join, Some(from)).ok())
        .filter_map(|applied| applied.joined)
        .collect();
    let whisper =
        Command::SetMode { leg: legs[2], mode: ModeKind::Whisper, coach: None, announce: false, expected: None };
    call.handle_command(moment, Actor::System, whisper, None).expect("whisper is allowed");
    (call, legs)
}
