//! What is counted of the parties and made for them does not depend on supervisors, nor on how much there is to do.

use std::time::{Duration, Instant};

use call_engine::{Call, CallConfig, Moment, Outgoing, RtpPacket};
use codec::{FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusEncoder, OpusEncoderConfig};
use interaction::{
    Actor, CallId, Command, LeaveReason, LegId, LegSound, ModeKind, Policy, Rights, UnixMs, UserId,
};

/// A second and a half of a voice of this pitch, as a browser sends it.
fn voice(hz: f32) -> Vec<Vec<u8>> {
    let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
    let mut out = [0; OPUS_PACKET_BYTES_MAX];
    let mut packet = |frame: usize| {
        let sound: [f32; FRAME_SAMPLES] = std::array::from_fn(|n| {
            let at = (frame * FRAME_SAMPLES + n) as f32 / 48_000.0;
            0.05 * (1..12).map(|k| (at * hz * k as f32).fract() - 0.5).sum::<f32>()
        });
        let length = encoder.encode_into(&sound, &mut out).unwrap();
        out[..length].to_vec()
    };
    (0..75).map(&mut packet).collect()
}

struct Told {
    /// What each leg got.
    sent: Vec<(LegId, u16, Vec<u8>)>,
    /// How the parties' sound came.
    departed: Vec<(LegId, LegSound)>,
}

/// Caller and agent talk at once, with losses; a supervisor is there in this mode.
fn talk(mode: Option<ModeKind>, is_eased: bool) -> Told {
    talk_reporting(mode, is_eased, None, 10)
}

/// The same; the station of this one of the three reports so much loss of what it gets.
#[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
fn talk_reporting(
    mode: Option<ModeKind>,
    is_eased: bool,
    report: Option<(usize, f32)>,
    expected_loss_percent: u8,
) -> Told {
    let encoder =
        OpusEncoderConfig { expected_loss_percent, bitrate_bps: 32_000, ..Default::default() };
    let config = CallConfig { mixes_always: true, encoder, ..CallConfig::default() };
    let mut call = Call::new(CallId(1), Policy::default(), config).unwrap();
    let start = Instant::now();
    let at = |ms: u64| Moment { now: start + Duration::from_millis(ms), unix: UnixMs(ms) };
    let mut legs = Vec::new();
    let rights = Rights { whisper: true, barge: true };
    let joins = [
        Some(Command::JoinCaller { user: UserId(1) }),
        Some(Command::JoinAgent { user: UserId(2) }),
        mode.map(|_| Command::Supervise { user: UserId(3), rights }),
    ];
    for join in joins.into_iter().flatten() {
        legs.extend(call.handle_command(at(0), Actor::System, join, None).unwrap().joined);
    }
    if let (Some(mode), Some(leg)) = (mode.filter(|it| *it != ModeKind::Listen), legs.get(2)) {
        let command =
            Command::SetMode { leg: *leg, mode, coach: None, announce: false, expected: None };
        call.handle_command(at(0), Actor::System, command, None).unwrap();
    }
    call.ease(is_eased);
    let voices = [120.0, 190.0, 150.0].map(voice);
    let mut sent = Vec::new();
    for n in 0..75_usize {
        let mut send = |out: Outgoing<'_>| sent.push((out.leg, out.sequence, out.payload.to_vec()));
        for (party, (leg, voice)) in legs.iter().zip(&voices).enumerate() {
            if n % 9 == 2 * party + 1 {
                continue;
            }
            let packet = RtpPacket {
                sequence: n as u16,
                timestamp: (n * FRAME_SAMPLES) as u32,
                marker: false,
                payload: &voice[n],
                level_dbov: None,
                is_restored: party == 1 && n % 9 == 4,
            };
            call.handle_rtp(at(n as u64 * 20 + 3).now, *leg, packet, &mut send);
        }
        call.handle_tick(at(n as u64 * 20 + 20), send);
        if n == 20
            && let Some((party, lost)) = report
        {
            call.handle_reception(legs[party], lost);
        }
        if n % 5 == 0 {
            call.levels();
        }
    }
    call.levels();
    for leg in &legs[..2] {
        let leave = Command::Leave { leg: *leg, reason: LeaveReason::HungUp };
        // The call ends with the first of them.
        let _ = call.handle_command(at(2_000), Actor::System, leave, None);
    }
    let departed = call.take_departed();
    assert!(call.take_departed().is_empty(), "told once");
    Told { sent, departed }
}

#[test]
fn how_the_parties_sound_came_is_the_same_whoever_listens() {
    let alone = talk(None, false).departed;
    let lost: Vec<u64> = alone.iter().map(|(_, sound)| sound.lost_packets).collect();
    let restored: Vec<u64> = alone.iter().map(|(_, sound)| sound.restored_packets).collect();
    assert_eq!((lost, restored), (vec![9, 8], vec![0, 8]), "{alone:?}");
    for mode in [ModeKind::Listen, ModeKind::Whisper, ModeKind::Barge] {
        assert_eq!(talk(Some(mode), false).departed, alone, "{mode:?}");
    }
}

#[test]
fn under_load_supervisors_mixes_cost_less_and_what_parties_hear_stays_as_it_is() {
    let [normal, eased] = [false, true].map(|it| talk(Some(ModeKind::Barge), it).sent);
    let of = |sent: &[(LegId, u16, Vec<u8>)], leg: u64, is: bool| {
        let of = sent.iter().filter(|(it, ..)| (*it == LegId(leg)) == is);
        of.cloned().collect::<Vec<_>>()
    };
    let supervisor = normal.iter().map(|(leg, ..)| leg.0).max().unwrap();
    assert!(of(&normal, supervisor, false).len() > 100);
    assert_eq!(of(&normal, supervisor, false), of(&eased, supervisor, false));
    assert_ne!(of(&normal, supervisor, true), of(&eased, supervisor, true));
}

/// What the legs got by themselves, in their order: caller, agent, supervisor.
fn by_leg(told: &Told) -> [Vec<&[u8]>; 3] {
    let mut legs: Vec<LegId> = told.sent.iter().map(|(leg, ..)| *leg).collect();
    legs.sort_unstable();
    legs.dedup();
    let of = |leg| told.sent.iter().filter(move |(it, ..)| *it == leg);
    std::array::from_fn(|n| of(legs[n]).map(|(_, _, payload)| &payload[..]).collect())
}

#[test]
fn a_mix_prepares_for_what_its_own_listener_reports_and_for_nobody_else_s_network() {
    let quiet = talk_reporting(Some(ModeKind::Barge), false, None, 0);
    for reporter in 0..3 {
        let lossy = talk_reporting(Some(ModeKind::Barge), false, Some((reporter, 0.3)), 0);
        for (leg, (before, now)) in by_leg(&quiet).into_iter().zip(by_leg(&lossy)).enumerate() {
            assert_eq!(before != now, leg == reporter, "leg {leg}, where {reporter} reports loss");
            let copies = |payloads: &[&[u8]]| {
                let has_copy = |it: &&&[u8]| codec::packet::redundancy_flag(it) == Some(true);
                payloads.iter().filter(has_copy).count()
            };
            assert_eq!(copies(&before), 0, "no loss, no in-band FEC");
            assert_eq!(copies(&now) > 5, leg == reporter, "leg {leg}: {}", copies(&now));
        }
    }
    // Of a supervisor who only listens nothing shows at all.
    let alone = talk_reporting(Some(ModeKind::Listen), false, None, 0);
    let lossy = talk_reporting(Some(ModeKind::Listen), false, Some((2, 0.3)), 0);
    assert_eq!(by_leg(&alone)[..2], by_leg(&lossy)[..2]);
    assert_ne!(by_leg(&alone)[2], by_leg(&lossy)[2], "their own mix is another");
}
