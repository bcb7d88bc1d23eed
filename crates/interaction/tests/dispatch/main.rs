//! The dispatcher: single stories, then any sequence of events against its invariants.

mod model;

use std::time::{Duration, Instant};

use interaction::Target;
use interaction::dispatch::{
    Choice, Decision, DispatchConfig, DispatchError, Dispatcher, MISSED, Presence, WAITING_MAX,
};
use interaction::{CallId, QueueId, UserId};

const SUPPORT: QueueId = QueueId(1);
const SALES: QueueId = QueueId(2);
const ANA: UserId = UserId(1);
const BEN: UserId = UserId(2);
const CALL: CallId = CallId(100);
const OTHER: CallId = CallId(101);

/// A dispatcher with a clock of its own.
struct Floor {
    dispatcher: Dispatcher,
    now: Instant,
}

impl Floor {
    fn new() -> Self {
        Self { dispatcher: Dispatcher::new(DispatchConfig::default()), now: start() }
    }

    /// Ready agents of Support, each idle a second longer than the next.
    fn with_ready(agents: &[UserId]) -> Self {
        let mut floor = Self::new();
        for agent in agents {
            floor.dispatcher.handle_online(floor.now, *agent, &[SUPPORT]);
            floor.dispatcher.handle_choice(floor.now, *agent, Choice::Ready);
            floor.pass(1);
        }
        floor
    }

    fn pass(&mut self, seconds: u64) -> Vec<Decision> {
        self.now += Duration::from_secs(seconds);
        self.dispatcher.handle_timeout(self.now)
    }

    fn place(&mut self, call: CallId) -> Vec<Decision> {
        self.dispatcher.handle_placed(self.now, call, Target::Queue(SUPPORT)).unwrap()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "any instant will do; there is no other way to get one"
)]
fn start() -> Instant {
    Instant::now()
}

fn offers(decisions: &[Decision]) -> Vec<(CallId, UserId)> {
    let offer = |decision: &Decision| match decision {
        Decision::Offer { call, agent, .. } => Some((*call, *agent)),
        _ => None,
    };
    decisions.iter().filter_map(offer).collect()
}

#[test]
fn a_call_rings_at_the_one_who_is_idle_longest() {
    let mut floor = Floor::with_ready(&[BEN, ANA]);
    assert_eq!(offers(&floor.place(CALL)), [(CALL, BEN)]);
    assert_eq!(offers(&floor.place(OTHER)), [(OTHER, ANA)]);
    assert_eq!(floor.dispatcher.presence(ANA), Presence::Ringing);
}

#[test]
fn who_misses_a_call_is_not_ready_and_the_next_one_rings() {
    let mut floor = Floor::with_ready(&[ANA, BEN]);
    floor.place(CALL);
    assert_eq!(floor.pass(19), []);
    let decisions = floor.pass(1);
    assert_eq!(decisions[0], Decision::Withdraw { call: CALL, agent: ANA });
    assert_eq!(offers(&decisions), [(CALL, BEN)]);
    assert_eq!(floor.dispatcher.presence(ANA), Presence::NotReady);
    assert_eq!(floor.dispatcher.reason(ANA), Some(MISSED));
}

#[test]
fn who_declines_stays_ready_and_gets_the_next_call() {
    let mut floor = Floor::with_ready(&[ANA, BEN]);
    floor.place(CALL);
    let decisions = floor.dispatcher.handle_declined(floor.now, CALL, ANA).unwrap();
    assert_eq!(offers(&decisions), [(CALL, BEN)]);
    assert_eq!(offers(&floor.place(OTHER)), [(OTHER, ANA)]);
}

#[test]
fn a_declined_call_comes_back_to_a_lone_agent_after_a_pause() {
    let mut floor = Floor::with_ready(&[ANA]);
    floor.place(CALL);
    let decisions = floor.dispatcher.handle_declined(floor.now, CALL, ANA).unwrap();
    assert_eq!(offers(&decisions), []);
    assert_eq!(floor.pass(29), []);
    assert_eq!(offers(&floor.pass(1)), [(CALL, ANA)]);
}

#[test]
fn calls_wait_in_order_and_are_given_up_in_the_end() {
    let mut floor = Floor::new();
    floor.place(CALL);
    floor.pass(1);
    floor.place(OTHER);
    floor.dispatcher.handle_online(floor.now, ANA, &[SUPPORT]);
    let decisions = floor.dispatcher.handle_choice(floor.now, ANA, Choice::Ready);
    assert_eq!(offers(&decisions), [(CALL, ANA)]);
    floor.dispatcher.claim(CALL, ANA).unwrap();
    floor.dispatcher.handle_answered(floor.now, CALL, ANA);
    assert_eq!(floor.pass(299), []);
    assert_eq!(floor.pass(1), [Decision::GiveUp { call: OTHER }]);
    assert_eq!(floor.dispatcher.presence(ANA), Presence::Active);
}

#[test]
fn an_answer_in_progress_neither_times_out_nor_rings_elsewhere() {
    let mut floor = Floor::with_ready(&[ANA, BEN]);
    floor.place(CALL);
    floor.dispatcher.claim(CALL, ANA).unwrap();
    assert_eq!(floor.dispatcher.claim(CALL, ANA), Err(DispatchError::NotOffered));
    assert_eq!(floor.dispatcher.claim(CALL, BEN), Err(DispatchError::NotOffered));
    assert_eq!(floor.pass(21), []);
    let decisions = floor.dispatcher.handle_claim_failed(floor.now, CALL, ANA);
    assert_eq!(offers(&decisions), [(CALL, BEN)]);
}

#[test]
fn a_call_that_is_handed_over_goes_first_and_not_back() {
    let mut floor = Floor::with_ready(&[ANA]);
    floor.place(CALL);
    floor.dispatcher.claim(CALL, ANA).unwrap();
    floor.dispatcher.handle_answered(floor.now, CALL, ANA);
    floor.place(OTHER);
    let target = Target::Queue(SUPPORT);
    let decisions = floor.dispatcher.handle_handover(floor.now, CALL, target, ANA).unwrap();
    assert_eq!(offers(&decisions), []);
    // Who handed it over is free for the next call, and is not rung with the same again.
    let decisions = floor.dispatcher.handle_left(floor.now, CALL, ANA);
    assert_eq!(offers(&decisions), [(OTHER, ANA)]);
    floor.dispatcher.handle_online(floor.now, BEN, &[SUPPORT]);
    let decisions = floor.dispatcher.handle_choice(floor.now, BEN, Choice::Ready);
    assert_eq!(offers(&decisions), [(CALL, BEN)], "before what was placed later");
}

#[test]
fn a_consultation_rings_while_the_asking_agent_stays_on_the_call() {
    let mut floor = Floor::with_ready(&[ANA, BEN]);
    floor.place(CALL);
    floor.dispatcher.claim(CALL, ANA).unwrap();
    floor.dispatcher.handle_answered(floor.now, CALL, ANA);
    let target = Target::Agent(BEN);
    let decisions = floor.dispatcher.handle_handover(floor.now, CALL, target, ANA).unwrap();
    assert_eq!(offers(&decisions), [(CALL, BEN)]);
    let decisions = floor.dispatcher.handle_handover_cancelled(floor.now, CALL);
    assert_eq!(decisions[0], Decision::Withdraw { call: CALL, agent: BEN });
    assert_eq!(floor.dispatcher.presence(ANA), Presence::Active);
    assert_eq!(floor.dispatcher.presence(BEN), Presence::Ready);

    floor.dispatcher.handle_handover(floor.now, CALL, target, ANA).unwrap();
    floor.dispatcher.claim(CALL, BEN).unwrap();
    floor.dispatcher.handle_answered(floor.now, CALL, BEN);
    assert_eq!(floor.dispatcher.presence(ANA), Presence::Active);
    assert_eq!(floor.dispatcher.presence(BEN), Presence::Active);
    floor.dispatcher.handle_ended(floor.now, CALL);
    assert_eq!(floor.dispatcher.presence(ANA), Presence::Ready);
    assert_eq!(floor.dispatcher.presence(BEN), Presence::Ready);
}

#[test]
fn going_offline_passes_the_call_on_and_asks_for_a_new_choice() {
    let mut floor = Floor::with_ready(&[ANA, BEN]);
    floor.place(CALL);
    let decisions = floor.dispatcher.handle_offline(floor.now, ANA);
    assert_eq!(offers(&decisions), [(CALL, BEN)]);
    assert_eq!(floor.dispatcher.presence(ANA), Presence::Offline);
    floor.dispatcher.handle_online(floor.now, ANA, &[SUPPORT]);
    assert_eq!(floor.dispatcher.presence(ANA), Presence::NotReady);
}

#[test]
fn after_a_call_the_agent_is_ready_again_at_the_end_of_the_line() {
    let mut floor = Floor::with_ready(&[ANA, BEN]);
    floor.place(CALL);
    floor.dispatcher.claim(CALL, ANA).unwrap();
    floor.dispatcher.handle_answered(floor.now, CALL, ANA);
    floor.pass(60);
    let decisions = floor.dispatcher.handle_left(floor.now, CALL, ANA);
    assert_eq!(decisions, [Decision::PresenceChanged { agent: ANA }]);
    floor.pass(1);
    assert_eq!(offers(&floor.place(OTHER)), [(OTHER, BEN)]);
}

#[test]
fn a_call_to_one_agent_rings_there_or_nowhere() {
    let mut floor = Floor::with_ready(&[BEN, ANA]);
    let target = Target::Agent(ANA);
    let decisions = floor.dispatcher.handle_placed(floor.now, CALL, target).unwrap();
    assert_eq!(offers(&decisions), [(CALL, ANA)]);
    let decisions = floor.dispatcher.handle_declined(floor.now, CALL, ANA).unwrap();
    assert_eq!(decisions.last(), Some(&Decision::GiveUp { call: CALL }));
    assert_eq!(floor.dispatcher.waiting().count(), 0);
}

#[test]
fn a_caller_who_hangs_up_stops_the_ringing() {
    let mut floor = Floor::with_ready(&[ANA]);
    floor.place(CALL);
    let decisions = floor.dispatcher.handle_ended(floor.now, CALL);
    assert_eq!(decisions[0], Decision::Withdraw { call: CALL, agent: ANA });
    assert_eq!(floor.dispatcher.presence(ANA), Presence::Ready);
}

#[test]
fn the_lines_are_bounded() {
    let mut floor = Floor::new();
    for id in 0..WAITING_MAX as u64 {
        floor.place(CallId(id));
    }
    let target = Target::Queue(SUPPORT);
    let one_more = floor.dispatcher.handle_placed(floor.now, CallId(u64::MAX), target);
    assert_eq!(one_more, Err(DispatchError::Full));
}
