//! How mixes are encoded: as the call's queue wants it, and for what the listener's network loses.

use codec::{FRAME_SAMPLES, OpusEncoder};
use interaction::{ModeKind, Rights, UnixMs, UserId};
use mio::{Poll, Token, Waker};
use tokio::sync::{mpsc, oneshot};

use super::*;
use crate::mailbox::Mailbox;

const CALL: CallId = CallId(8);
const STATIONS: [StationId; 3] = [StationId(10), StationId(20), StationId(30)];
const FRAMES: u64 = 100;

/// What caller and agent get of a barged call in two seconds, in which everybody talks.
fn barged(codec: Option<MixCodec>, report: Option<(StationId, f32)>) -> [Vec<Vec<u8>>; 2] {
    let poll = Poll::new().unwrap();
    let bell = crate::bell::bell(Waker::new(poll.registry(), Token(0)).unwrap());
    let (events, _told) = mpsc::channel(10_000);
    let mut outbox = Outbox::new(0, vec![Mailbox::new(bell).0], events);
    let mut calls = Calls::new(1, CallConfig { mixes_always: true, ..CallConfig::default() });
    calls.open(CALL, Policy::default(), codec).unwrap();
    let epoch = Instant::now();
    let at = |ms: u64| Moment { now: epoch + Duration::from_millis(ms), unix: UnixMs(ms) };
    let rights = Rights { whisper: true, barge: true };
    let joins = [
        Command::JoinCaller { user: UserId(1) },
        Command::JoinAgent { user: UserId(2) },
        Command::Supervise { user: UserId(3), rights },
    ];
    let position = call_engine::RtpPosition::start(1, 1, epoch);
    for (command, station) in joins.into_iter().zip(STATIONS) {
        let station = Some((station, position.into()));
        let (reply, _) = oneshot::channel();
        let apply = Apply { call: CALL, by: Actor::System, command, station, reply };
        calls.apply(at(0), apply, &mut outbox);
    }
    let leg = calls.slots[&CALL].call.state().leg_of(UserId(3)).unwrap().id;
    let command = Command::SetMode {
        leg,
        mode: ModeKind::Barge,
        coach: None,
        expected: None,
        announce: false,
    };
    let (reply, _) = oneshot::channel();
    let apply = Apply { call: CALL, by: Actor::System, command, station: None, reply };
    calls.apply(at(0), apply, &mut outbox);
    let mut encoders = [(); 3].map(|()| OpusEncoder::new(OpusEncoderConfig::default()).unwrap());
    let mut got = [const { Vec::new() }; 2];
    for n in 0..FRAMES {
        for (place, (station, encoder)) in STATIONS.iter().zip(&mut encoders).enumerate() {
            let mut out = [0; call_engine::OPUS_PACKET_BYTES_MAX];
            let sound: [f32; FRAME_SAMPLES] = std::array::from_fn(|k| {
                let t = (n as usize * FRAME_SAMPLES + k) as f32 / 48_000.0;
                let hz = 110.0 + 40.0 * place as f32;
                0.04 * (1..14).map(|it| (t * hz * it as f32).fract() - 0.5).sum::<f32>()
            });
            let length = encoder.encode_into(&sound, &mut out).unwrap();
            let packet = RtpPacket {
                sequence: n as u16,
                timestamp: n as u32 * FRAME_SAMPLES as u32,
                marker: false,
                payload: &out[..length],
                level_dbov: None,
                is_restored: false,
            };
            calls.handle_rtp(at(n * 20 + 3).now, CALL, *station, packet, |_, _, _| {});
        }
        let keep = |station: StationId, _: Track, out: RtpOut<'_>| {
            if let Some(place) = STATIONS[..2].iter().position(|it| *it == station) {
                got[place].push(out.payload.to_vec());
            }
        };
        calls.tick(at(n * 20 + 20), keep, &mut outbox);
        if n % 5 == 0 {
            calls.report(&mut Counters::default(), &mut outbox);
        }
        if let Some((station, lost)) = report.filter(|_| n == 20) {
            calls.reception(CALL, station, lost);
        }
    }
    got
}

fn bytes(packets: &[Vec<u8>]) -> usize {
    packets.iter().map(Vec::len).sum()
}

#[test]
fn a_call_is_mixed_as_its_queue_wants_it() {
    let [usual, _] = barged(None, None);
    let codec = |bitrate_bps| Some(MixCodec { bitrate_bps, complexity: 3 });
    let [little, _] = barged(codec(12_000), None);
    let [much, _] = barged(codec(64_000), None);
    assert!(usual.len() > 90, "{} packets", usual.len());
    let sizes = [&little, &usual, &much].map(|it| bytes(it));
    assert!(sizes[0] * 3 < sizes[1] * 2 && sizes[1] * 3 < sizes[2] * 2, "{sizes:?}");
}

#[test]
fn what_a_station_reports_reaches_its_own_mix_alone() {
    let quiet = barged(None, None);
    let lossy = barged(None, Some((STATIONS[0], 0.4)));
    assert_ne!(quiet[0], lossy[0], "the caller's");
    assert_eq!(quiet[1], lossy[1], "the agent's");
    let hidden = barged(None, Some((STATIONS[2], 0.4)));
    assert_eq!(quiet, hidden, "a supervisor's network is nobody else's");
}
