//! Deliberate faults of the delivery: they become silence, and are counted.

use interaction::Rights;
use mixer::SlotSet;

use super::*;

mod changes;
mod talker;

/// A packet of silence: Opus, wide band, 20 ms, one frame of no bytes.
const PACKET: RtpPacket<'static> = RtpPacket {
    sequence: 1,
    timestamp: 960,
    marker: false,
    payload: &[0x48],
    level_dbov: None,
    is_restored: false,
};

/// A call whose agent is muted, so that its caller hears at most a supervisor, who whispers.
struct Stage {
    call: Call,
    moment: Moment,
    caller: LegId,
    supervisor: LegId,
}

impl Stage {
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn new() -> Self {
        let moment = Moment { now: Instant::now(), unix: UnixMs(0) };
        let mut call = Call::new(CallId(1), Policy::default(), CallConfig::default()).unwrap();
        let mut apply =
            |command| call.handle_command(moment, Actor::System, command, None).unwrap().joined;
        let caller = apply(Command::JoinCaller { user: UserId(1) }).unwrap();
        let agent = apply(Command::JoinAgent { user: UserId(2) }).unwrap();
        let rights = Rights { whisper: true, barge: true };
        let supervisor = apply(Command::Supervise { user: UserId(3), rights }).unwrap();
        apply(Command::SetMuted { leg: agent, muted: true });
        let mut stage = Self { call, moment, caller, supervisor };
        stage.change(ModeKind::Whisper);
        stage
    }

    fn change(&mut self, mode: ModeKind) {
        let command = Command::SetMode {
            leg: self.supervisor,
            mode,
            coach: None,
            announce: false,
            expected: None,
        };
        self.call.handle_command(self.moment, Actor::System, command, None).unwrap();
    }

    /// The mixer delivers as if the supervisor had barged; everything else keeps to the plan.
    fn break_delivery(&mut self) {
        let mut barged = self.call.state.clone();
        let mode = ModeKind::Barge;
        let command = Command::SetMode {
            leg: self.supervisor,
            mode,
            coach: None,
            announce: false,
            expected: None,
        };
        barged.apply(UnixMs(0), Actor::System, command).unwrap();
        self.call.mixer.set_plan(&RoutePlan::derive(&barged), SlotSet::EMPTY);
    }

    /// Packets that the caller gets while the supervisor sends 50 of them and the call ticks.
    fn caller_gets(&mut self) -> usize {
        let (caller, mut got) = (self.caller, 0);
        for frame in 0..50 {
            let (sequence, timestamp) = (frame, u32::from(frame) * 960);
            let packet = RtpPacket { sequence, timestamp, ..PACKET };
            let mut count = |out: Outgoing<'_>| got += usize::from(out.leg == caller);
            self.call.handle_rtp(self.moment.now, self.supervisor, packet, &mut count);
            self.call.handle_tick(self.moment, &mut count);
            self.moment.now += Duration::from_millis(crate::TICK_MS);
        }
        got
    }
}

#[test]
fn a_broken_delivery_table_forwards_nothing_that_the_plan_does_not_allow() {
    let mut stage = Stage::new();
    assert_eq!((stage.caller_gets(), stage.call.counters().guarded), (0, 0), "a whisper");
    stage.break_delivery();
    let slot = stage.call.slot_of(stage.supervisor).unwrap();
    let caller = stage.call.slot_of(stage.caller).unwrap();
    // The barge tone is no longer to be heard, so that the row is the voice alone.
    while stage.call.mixer.delivery(caller) != Delivery::Forward(slot) {
        stage.call.handle_tick(stage.moment, |_| {});
    }
    let before = stage.call.counters();
    assert_eq!(stage.caller_gets(), 0, "a leak");
    let counters = stage.call.counters();
    assert_eq!(counters.guarded - before.guarded, 50, "each packet is counted");
    assert!(counters.forwarded == before.forwarded);
}

#[test]
fn the_same_packets_are_forwarded_once_the_plan_allows_them() {
    let mut stage = Stage::new();
    stage.change(ModeKind::Barge);
    assert!(stage.caller_gets() > 40);
    assert!(stage.call.counters().forwarded > 20);
    assert_eq!(stage.call.counters().guarded, 0);
}

/// A caller, an agent and a supervisor, and a second of a tone as each of them would send it.
struct Room {
    call: Call,
    moment: Moment,
    caller: LegId,
    agent: LegId,
    supervisor: LegId,
    /// Packets of 20 ms.
    tone: Vec<Vec<u8>>,
    /// What the agent got: sequence number, timestamp, samples, when (ms).
    agent_got: Vec<(u16, u32, u32, u64)>,
    now_ms: u64,
}

impl Room {
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn new() -> Self {
        let moment = Moment { now: Instant::now(), unix: UnixMs(0) };
        let mut call = Call::new(CallId(1), Policy::default(), CallConfig::default()).unwrap();
        let mut apply =
            |command| call.handle_command(moment, Actor::System, command, None).unwrap().joined;
        let caller = apply(Command::JoinCaller { user: UserId(1) }).unwrap();
        let agent = apply(Command::JoinAgent { user: UserId(2) }).unwrap();
        let rights = Rights { whisper: true, barge: true };
        let supervisor = apply(Command::Supervise { user: UserId(3), rights }).unwrap();
        let mut encoder = codec::OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
        let mut out = [0; OPUS_PACKET_BYTES_MAX];
        let tone = (0..50)
            .map(|frame| {
                let sample = |n: usize| (0.06 * (frame * codec::FRAME_SAMPLES + n) as f32).sin();
                let frame: [f32; codec::FRAME_SAMPLES] = std::array::from_fn(|n| 0.3 * sample(n));
                let length = encoder.encode_into(&frame, &mut out).unwrap();
                out[..length].to_vec()
            })
            .collect();
        let (agent_got, now_ms) = (Vec::new(), 0);
        Self { call, moment, caller, agent, supervisor, tone, agent_got, now_ms }
    }

    fn command(&mut self, command: Command) {
        self.call.handle_command(self.moment, Actor::System, command, None).unwrap();
    }

    fn send(&mut self, leg: LegId, sequence: u16, timestamp: u32, payload: &[u8]) {
        let packet = RtpPacket { sequence, timestamp, payload, ..PACKET };
        let Self { call, moment, agent, agent_got, now_ms, .. } = self;
        call.handle_rtp(moment.now, leg, packet, |out| note(agent_got, *agent, *now_ms, out));
    }

    fn tick(&mut self) {
        let Self { call, moment, agent, agent_got, now_ms, .. } = self;
        call.handle_tick(*moment, |out| note(agent_got, *agent, *now_ms, out));
        self.moment.now += Duration::from_millis(crate::TICK_MS);
        self.now_ms += crate::TICK_MS;
    }

    /// Three packets of 20 ms as one of 60 ms (RFC 6716 §3.2.5, code 3).
    fn of_60_ms(&self, n: usize) -> Vec<u8> {
        let frames = [0, 1, 2].map(|k| &self.tone[(3 * n + k) % self.tone.len()][1..]);
        let lengths = frames[..2].iter().map(|frame| u8::try_from(frame.len()).unwrap());
        let mut packet = vec![self.tone[0][0] | 3, 0x83];
        packet.extend(lengths);
        packet.extend(frames.concat());
        assert_eq!(codec::packet::duration_samples(&packet), Some(2_880));
        packet
    }
}

fn note(got: &mut Vec<(u16, u32, u32, u64)>, agent: LegId, now_ms: u64, out: Outgoing<'_>) {
    if out.leg == agent {
        let samples = codec::packet::duration_samples(out.payload).unwrap() as u32;
        got.push((out.sequence, out.timestamp, samples, now_ms));
    }
}

#[test]
fn packets_of_60_ms_do_not_overlap_at_any_change_of_delivery() {
    let mut room = Room::new();
    for tick in 0..1_500_u32 {
        if tick % 50 == 0 {
            let mode = if tick % 100 == 0 { ModeKind::Whisper } else { ModeKind::Listen };
            let leg = room.supervisor;
            room.command(Command::SetMode {
                leg,
                mode,
                coach: None,
                announce: false,
                expected: None,
            });
        }
        if tick % 3 == 0 {
            let (n, packet) = (tick / 3, room.of_60_ms(tick as usize / 3));
            room.send(room.caller, n as u16, n * 2_880, &packet);
        }
        let packet = room.tone[tick as usize % 50].clone();
        room.send(room.supervisor, tick as u16, tick * 960, &packet);
        room.tick();
    }
    let counters = room.call.counters();
    assert!(counters.forwarded > 200 && counters.encoded > 500, "{counters:?}");
    for pair in room.agent_got.windows(2) {
        let [(before, at, samples, ms), (sequence, next, ..)] = pair else { unreachable!() };
        assert_eq!(*sequence, before.wrapping_add(1));
        let step = next.wrapping_sub(*at);
        assert!(step >= *samples, "{step} after a packet of {samples}, at {ms} ms");
    }
}

#[test]
fn packets_without_sound_leave_no_hole() {
    let mut room = Room::new();
    for n in 0..500_u16 {
        // Padding alone, an invalid packet, and sound.
        let payload = match n % 10 {
            3 => Vec::new(),
            7 => vec![0x4B, 0],
            _ => room.tone[usize::from(n) % 50].clone(),
        };
        let sequence = n.wrapping_add(65_300);
        room.send(room.caller, sequence, u32::from(n) * 960, &payload);
        room.tick();
    }
    let counters = room.call.counters();
    assert_eq!((counters.malformed, counters.forwarded), (100, 400));
    assert_eq!(room.agent_got.len(), 400);
    for pair in room.agent_got.windows(2) {
        assert_eq!(pair[1].0, pair[0].0.wrapping_add(1), "a hole");
    }
}

/// Ten times a second for ten seconds, in forwarding and in a mix: the run goes on in its time.
#[test]
fn rapid_muting_leaves_the_time_as_it_is() {
    for mode in [ModeKind::Listen, ModeKind::Whisper] {
        let mut room = Room::new();
        let leg = room.supervisor;
        if mode == ModeKind::Whisper {
            room.command(Command::SetMode {
                leg,
                mode,
                coach: None,
                announce: false,
                expected: None,
            });
        }
        for tick in 0..600_u32 {
            if tick < 500 && tick % 5 == 0 {
                let (leg, muted) = (room.caller, tick % 10 == 0);
                room.command(Command::SetMuted { leg, muted });
            }
            let packet = room.tone[tick as usize % 50].clone();
            room.send(room.caller, tick as u16, tick * 960, &packet);
            room.send(room.supervisor, tick as u16, tick * 960, &packet);
            room.tick();
        }
        let (first, last) = (room.agent_got[0], room.agent_got[room.agent_got.len() - 1]);
        let played_ms = u64::from(last.1.wrapping_sub(first.1)) / 48;
        let passed_ms = last.3 - first.3;
        assert!(played_ms.abs_diff(passed_ms) <= 40, "{mode:?}: {played_ms} ms of {passed_ms}");
        assert!(last.3 > 11_900, "{mode:?}: the sound goes on after it");
        for pair in room.agent_got.windows(2) {
            assert_eq!(pair[1].0, pair[0].0.wrapping_add(1), "{mode:?}");
            assert!(pair[1].1.wrapping_sub(pair[0].1) >= pair[0].2, "{mode:?}: an overlap");
        }
    }
}
