//! Nothing is allocated at a packet or at the tick, whatever the delivery.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::{Duration, Instant};

use call_engine::{Call, CallConfig, Moment, RtpPacket, RtpPosition};
use codec::{FRAME_SAMPLES, OPUS_PACKET_BYTES_MAX, OpusEncoder, OpusEncoderConfig};
use interaction::Target;
use interaction::{
    Actor, CallId, Command, LeaveReason, LegId, ModeKind, Policy, Rights, UnixMs, UserId,
};

/// Counts allocations of this thread while it is told to.
struct Counting;

thread_local! {
    static COUNTING: Cell<bool> = const { Cell::new(false) };
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    if COUNTING.get() {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
    }
}

#[expect(unsafe_code, reason = "an allocator that counts is unsafe by its nature; it only counts")]
// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(pointer, layout, size) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Stage {
    call: Call,
    legs: Vec<LegId>,
    start: Instant,
    ticks: u64,
    payload: Vec<u8>,
    bytes_out: usize,
}

impl Stage {
    #[expect(clippy::disallowed_methods, reason = "virtual time needs one real instant to begin")]
    fn new() -> Self {
        let call = Call::new(CallId(1), Policy::default(), CallConfig::default()).unwrap();
        let mut encoder = OpusEncoder::new(OpusEncoderConfig::default()).unwrap();
        let frame: [f32; FRAME_SAMPLES] = std::array::from_fn(|n| (n as f32 * 0.05).sin() * 0.2);
        let mut payload = vec![0; OPUS_PACKET_BYTES_MAX];
        let length = encoder.encode_into(&frame, &mut payload).unwrap();
        payload.truncate(length);
        let start = Instant::now();
        Self { call, legs: Vec::new(), start, ticks: 0, payload, bytes_out: 0 }
    }

    fn moment(&self) -> Moment {
        let now = self.start + Duration::from_millis(self.ticks * 20);
        Moment { now, unix: UnixMs(self.ticks * 20) }
    }

    fn apply(&mut self, command: Command) {
        let moment = self.moment();
        let from = RtpPosition { sequence: 1, timestamp: 1, at: moment.now };
        let applied = self.call.handle_command(moment, Actor::System, command, Some(from)).unwrap();
        self.legs.extend(applied.joined);
    }

    /// Runs a second and says how often anything was allocated or freed.
    fn allocations_in_a_second(&mut self) -> u64 {
        ALLOCATIONS.set(0);
        for _ in 0..50 {
            self.ticks += 1;
            let moment = self.moment();
            COUNTING.set(true);
            for leg in &self.legs {
                let packet = RtpPacket {
                    sequence: self.ticks as u16,
                    timestamp: self.ticks as u32 * FRAME_SAMPLES as u32,
                    marker: false,
                    payload: &self.payload,
                    level_dbov: Some(20),
                };
                let bytes_out = &mut self.bytes_out;
                self.call
                    .handle_rtp(moment.now, *leg, packet, |out| *bytes_out += out.payload.len());
            }
            let bytes_out = &mut self.bytes_out;
            let events = self.call.handle_tick(moment, |out| *bytes_out += out.payload.len());
            COUNTING.set(false);
            assert!(events.is_empty());
        }
        ALLOCATIONS.get()
    }
}

#[test]
fn packets_and_ticks_allocate_nothing_in_any_mode() {
    let mut stage = Stage::new();
    stage.apply(Command::JoinCaller { user: UserId(1) });
    stage.apply(Command::JoinAgent { user: UserId(2) });
    assert_eq!(stage.allocations_in_a_second(), 0, "plain");
    let rights = Rights { whisper: true, barge: true };
    for user in 3..=5 {
        stage.apply(Command::Supervise { user: UserId(user), rights });
    }
    assert_eq!(stage.allocations_in_a_second(), 0, "listen");
    let leg = stage.legs[2];
    for mode in [ModeKind::Whisper, ModeKind::Barge, ModeKind::Listen] {
        stage.apply(Command::SetMode { leg, mode, coach: None, expected: None });
        assert_eq!(stage.allocations_in_a_second(), 0, "{mode:?}");
    }
    assert!(stage.bytes_out > 10_000, "something was sent");
}

#[test]
fn nor_do_they_while_a_call_is_handed_over() {
    let mut stage = Stage::new();
    stage.apply(Command::JoinCaller { user: UserId(1) });
    stage.apply(Command::JoinAgent { user: UserId(2) });
    let rights = Rights { whisper: true, barge: true };
    stage.apply(Command::Supervise { user: UserId(3), rights });
    let (agent, leg) = (stage.legs[1], stage.legs[2]);
    let mode = ModeKind::Whisper;
    stage.apply(Command::SetMode { leg, mode, coach: None, expected: None });
    let to = Target::Agent(UserId(4));
    stage.apply(Command::Consult { leg: agent, to, note: None });
    assert_eq!(stage.allocations_in_a_second(), 0, "a hold tone");
    stage.apply(Command::JoinAgent { user: UserId(4) });
    assert_eq!(stage.allocations_in_a_second(), 0, "consulted");
    stage.apply(Command::MergeConsultation { leg: agent });
    assert_eq!(stage.allocations_in_a_second(), 0, "conference");
    let reason = LeaveReason::HungUp;
    stage.apply(Command::Leave { leg: agent, reason });
    assert_eq!(stage.allocations_in_a_second(), 0, "without the first agent");
    let second = stage.legs[3];
    stage.apply(Command::Transfer { leg: second, to: Target::Agent(UserId(2)), note: None });
    assert_eq!(stage.allocations_in_a_second(), 0, "parked");
}

#[test]
fn the_counter_counts() {
    ALLOCATIONS.set(0);
    COUNTING.set(true);
    let boxed = std::hint::black_box(Box::new(1));
    COUNTING.set(false);
    drop(boxed);
    assert_eq!(ALLOCATIONS.get(), 1);
}
