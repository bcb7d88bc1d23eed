//! Deliberate faults of the delivery: they become silence, and are counted.

use interaction::Rights;

use super::*;

/// A packet of silence: Opus, wide band, 20 ms, one frame of no bytes.
const PACKET: RtpPacket<'static> =
    RtpPacket { sequence: 1, timestamp: 960, marker: false, payload: &[0x48], level_dbov: None };

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
        let command = Command::SetMode { leg: self.supervisor, mode, coach: None, expected: None };
        self.call.handle_command(self.moment, Actor::System, command, None).unwrap();
    }

    /// The mixer delivers as if the supervisor had barged; everything else keeps to the plan.
    fn break_delivery(&mut self) {
        let mut barged = self.call.state.clone();
        let mode = ModeKind::Barge;
        let command = Command::SetMode { leg: self.supervisor, mode, coach: None, expected: None };
        barged.apply(UnixMs(0), Actor::System, command).unwrap();
        self.call.mixer.set_plan(&RoutePlan::derive(&barged));
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
