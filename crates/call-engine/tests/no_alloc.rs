//! Nothing is allocated or freed at a packet or at the tick, whatever the delivery.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use allocation_counter::{AllocationInfo, measure};
use call_engine::{
    Call, CallConfig, Moment, Outgoing, RtpPacket, RtpPosition, ToneClips, TrackPositions,
};
use codec::{FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusEncoder, OpusEncoderConfig};
use interaction::Target;
use interaction::{
    Actor, CallId, Command, LeaveReason, LegId, ModeKind, Policy, Rights, UnixMs, UserId,
};

struct Stage {
    call: Call,
    legs: Vec<LegId>,
    start: Instant,
    ticks: u64,
    payload: Vec<u8>,
    /// Of every station.
    tracks: usize,
    silence: Vec<u8>,
    /// Whether the legs talk in turn, with overlaps, or all the time.
    in_turn: bool,
    bytes_out: usize,
}

impl Stage {
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn new(tracks: usize) -> Self {
        let mut config = CallConfig::default();
        config.clips = Some(Arc::new(ToneClips::encode(&config.mixer, config.encoder).unwrap()));
        let call = Call::new(CallId(1), Policy::default(), config).unwrap();
        let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
        let frame: [f32; FRAME_SAMPLES] = std::array::from_fn(|n| (n as f32 * 0.05).sin() * 0.2);
        let mut packet = |frame| {
            let mut payload = vec![0; OPUS_PACKET_BYTES_MAX];
            let length = encoder.encode_into(frame, &mut payload).unwrap();
            payload.truncate(length);
            payload
        };
        let payload = packet(&frame);
        // The first of them are still thought to be speech.
        let silence = (0..20).map(|_| packet(&[0.0; FRAME_SAMPLES])).last().unwrap();
        let (start, legs) = (Instant::now(), Vec::new());
        let (ticks, in_turn, bytes_out) = (0, false, 0);
        Self { call, legs, start, ticks, payload, silence, in_turn, tracks, bytes_out }
    }

    fn moment(&self) -> Moment {
        let now = self.start + Duration::from_millis(self.ticks * 20);
        Moment { now, unix: UnixMs(self.ticks * 20) }
    }

    fn apply(&mut self, command: Command) {
        let moment = self.moment();
        let from = TrackPositions::new(&vec![RtpPosition::start(1, 1, moment.now); self.tracks]);
        let applied = self.call.handle_command(moment, Actor::System, command, from).unwrap();
        self.legs.extend(applied.joined);
    }

    /// Runs a second, in which nothing must be allocated or freed.
    fn assert_no_allocations(&mut self, what: &str) {
        let mut allocated = AllocationInfo::default();
        for _ in 0..50 {
            self.ticks += 1;
            let moment = self.moment();
            let mut events = None;
            allocated += measure(|| {
                let mut send = |out: Outgoing<'_>| self.bytes_out += out.payload.len();
                for (n, leg) in (0..).zip(&self.legs) {
                    // Each leg's turn is 24 ticks of 40, so that two overlap by 4.
                    let talks = !self.in_turn || (self.ticks + 20 * n) % 40 < 24;
                    let payload = if talks { &self.payload } else { &self.silence };
                    let packet = RtpPacket {
                        sequence: self.ticks as u16,
                        timestamp: self.ticks as u32 * FRAME_SAMPLES as u32,
                        marker: false,
                        payload,
                        level_dbov: Some(20),
                        is_restored: false,
                    };
                    self.call.handle_rtp(moment.now, *leg, packet, &mut send);
                }
                events = Some(self.call.handle_tick(moment, send));
            });
            assert!(events.is_some_and(|events| events.is_empty()));
        }
        assert_eq!(allocated, AllocationInfo::default(), "{what}");
    }
}

#[test]
fn packets_and_ticks_allocate_nothing_in_any_mode() {
    for tracks in [1, 2, 4] {
        in_any_mode(tracks);
    }
}

fn in_any_mode(tracks: usize) {
    let mut stage = Stage::new(tracks);
    stage.apply(Command::JoinCaller { user: UserId(1) });
    stage.apply(Command::JoinAgent { user: UserId(2) });
    stage.assert_no_allocations("plain");
    let rights = Rights { whisper: true, barge: true };
    for user in 3..=5 {
        stage.apply(Command::Supervise { user: UserId(user), rights });
    }
    stage.assert_no_allocations("listen");
    let leg = stage.legs[2];
    for mode in [ModeKind::Whisper, ModeKind::Barge, ModeKind::TakeOver, ModeKind::Listen] {
        stage.apply(Command::SetMode { leg, mode, coach: None, announce: true, expected: None });
        stage.assert_no_allocations("{mode:?}");
    }
    assert!(stage.bytes_out > 10_000, "something was sent");
}

#[test]
fn nor_do_they_where_a_talker_stands_in_and_the_mix_comes_back() {
    let mut stage = Stage::new(1);
    stage.in_turn = true;
    stage.apply(Command::JoinCaller { user: UserId(1) });
    stage.apply(Command::JoinAgent { user: UserId(2) });
    let rights = Rights { whisper: true, barge: true };
    stage.apply(Command::Supervise { user: UserId(3), rights });
    let before = stage.call.counters();
    for _ in 0..4 {
        stage.assert_no_allocations("in turn");
    }
    let now = stage.call.counters();
    assert!(now.stood_in > before.stood_in + 20, "{now:?}");
    assert!(now.encoded > before.encoded + 20, "{now:?}");
}

#[test]
fn nor_do_they_while_a_call_is_handed_over() {
    let mut stage = Stage::new(1);
    stage.apply(Command::JoinCaller { user: UserId(1) });
    stage.apply(Command::JoinAgent { user: UserId(2) });
    let rights = Rights { whisper: true, barge: true };
    stage.apply(Command::Supervise { user: UserId(3), rights });
    let (agent, leg) = (stage.legs[1], stage.legs[2]);
    let mode = ModeKind::Whisper;
    stage.apply(Command::SetMode { leg, mode, coach: None, announce: false, expected: None });
    let to = Target::Agent(UserId(4));
    stage.apply(Command::Consult { leg: agent, to, note: None });
    stage.assert_no_allocations("a hold tone");
    stage.apply(Command::JoinAgent { user: UserId(4) });
    stage.assert_no_allocations("consulted");
    stage.apply(Command::MergeConsultation { leg: agent });
    stage.assert_no_allocations("conference");
    let reason = LeaveReason::HungUp;
    stage.apply(Command::Leave { leg: agent, reason });
    stage.assert_no_allocations("without the first agent");
    let second = stage.legs[3];
    stage.apply(Command::Transfer { leg: second, to: Target::Agent(UserId(2)), note: None });
    stage.assert_no_allocations("parked");
}

#[test]
fn the_counter_counts() {
    assert_eq!(measure(|| drop(black_box(Box::new(1)))).count_total, 1);
}
