//! Offers: stories of calls here and of conversations in `text`, then any sequence of events
//! against the invariants.

mod both;
mod text;
mod text_model;
mod voice_model;

use std::time::{Duration, Instant};

use interaction::offers::{
    AFTER_CALL, Choice, Decision, Delivery, Interaction, LineConfig, MISSED_CALL, Medium,
    OfferError, Offers, Presence, Ticket,
};
use interaction::{CallId, ConversationId, HandoverId, QueueId, Target, UserId};

const SUPPORT: QueueId = QueueId(1);
const SALES: QueueId = QueueId(2);
const ANA: UserId = UserId(1);
const BEN: UserId = UserId(2);
const CALL: Ticket = call(100);
const OTHER: Ticket = call(101);

const fn call(id: u64) -> Ticket {
    Ticket { interaction: Interaction::Call(CallId(id)), handover: None }
}

/// A request on [`CALL`].
const fn request(id: u64) -> Ticket {
    Ticket { handover: Some(HandoverId(id)), ..CALL }
}

/// Offers with a clock of their own.
struct Floor {
    offers: Offers,
    now: Instant,
}

impl Floor {
    fn new() -> Self {
        Self { offers: Offers::default(), now: start() }
    }

    /// Ready agents of Support, each idle a second longer than the next.
    fn with_ready(agents: &[UserId]) -> Self {
        let mut floor = Self::new();
        for agent in agents {
            floor.offers.handle_online(floor.now, *agent, &[SUPPORT]);
            floor.offers.handle_choice(floor.now, *agent, Choice::Ready);
            floor.pass(1);
        }
        floor
    }

    fn pass(&mut self, seconds: u64) -> Vec<Decision> {
        self.now += Duration::from_secs(seconds);
        self.offers.handle_timeout(self.now)
    }

    fn place(&mut self, call: Ticket) -> Vec<Decision> {
        self.place_at(call, Target::Queue(SUPPORT), None)
    }

    fn place_at(&mut self, it: Ticket, to: Target, from: Option<UserId>) -> Vec<Decision> {
        self.offers.handle_placed(self.now, it, to, Delivery::Push, from).unwrap()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "any instant will do; there is no other way to get one"
)]
fn start() -> Instant {
    Instant::now()
}

fn offers(decisions: &[Decision]) -> Vec<(Ticket, UserId)> {
    let offer = |decision: &Decision| match decision {
        Decision::Offer { ticket, agent, .. } => Some((*ticket, *agent)),
        _ => None,
    };
    decisions.iter().filter_map(offer).collect()
}

#[test]
fn a_call_rings_at_the_one_who_is_idle_longest() {
    let mut floor = Floor::with_ready(&[BEN, ANA]);
    assert_eq!(offers(&floor.place(CALL)), [(CALL, BEN)]);
    assert_eq!(offers(&floor.place(OTHER)), [(OTHER, ANA)]);
    assert_eq!(floor.offers.presence(ANA), Presence::Ringing);
}

#[test]
fn after_a_call_nothing_rings_until_its_time_is_over_or_the_agent_chooses() {
    let mut floor = Floor::with_ready(&[ANA]);
    let after_call = Duration::from_secs(30);
    let config = LineConfig { after_call, ..LineConfig::of(Medium::Voice) };
    floor.offers.configure(Medium::Voice, config);
    let work = |floor: &mut Floor| {
        floor.place(CALL);
        floor.offers.claim(CALL, ANA).unwrap();
        floor.offers.handle_joined(floor.now, CALL, ANA);
        floor.offers.handle_ended(floor.now, CALL.interaction)
    };
    let decisions = work(&mut floor);
    assert!(decisions.contains(&Decision::PresenceChanged { agent: ANA }));
    assert_eq!(floor.offers.presence(ANA), Presence::NotReady);
    assert_eq!(floor.offers.reason(ANA), Some(AFTER_CALL));
    assert_eq!(floor.offers.after_call(ANA), Some(floor.now + after_call));
    assert_eq!(offers(&floor.place(OTHER)), [], "nothing rings meanwhile");
    assert_eq!(offers(&floor.pass(29)), []);
    assert_eq!(floor.offers.next_deadline(), Some(floor.now + Duration::from_secs(1)));
    assert_eq!(offers(&floor.pass(1)), [(OTHER, ANA)], "its time is over");

    floor.offers.handle_ended(floor.now, OTHER.interaction);
    work(&mut floor);
    assert_eq!(floor.offers.reason(ANA), Some(AFTER_CALL));
    floor.offers.handle_choice(floor.now, ANA, Choice::Ready);
    assert_eq!(floor.offers.presence(ANA), Presence::Ready, "done before its time");

    work(&mut floor);
    let lunch = Choice::NotReady { reason: Some("lunch".to_owned()) };
    floor.offers.handle_choice(floor.now, ANA, lunch);
    assert_eq!(floor.offers.reason(ANA), Some("lunch"));
    floor.offers.handle_choice(floor.now, ANA, Choice::Ready);
    work(&mut floor);
    floor.offers.handle_offline(floor.now, ANA);
    assert_eq!(floor.offers.after_call(ANA), None);
}

#[test]
fn closed_nothing_new_is_offered_and_a_call_that_rings_may_still_be_taken() {
    let mut floor = Floor::with_ready(&[ANA]);
    floor.place(CALL);
    floor.place(OTHER);
    let decisions = floor.offers.close(floor.now);
    assert_eq!(decisions, [Decision::GiveUp { ticket: OTHER }], "no agent is asked to take it");
    floor.offers.claim(CALL, ANA).unwrap();
    floor.offers.handle_joined(floor.now, CALL, ANA);
    assert_eq!(floor.offers.presence(ANA), Presence::Active);

    floor.offers.handle_online(floor.now, BEN, &[SUPPORT]);
    floor.offers.handle_choice(floor.now, BEN, Choice::Ready);
    assert_eq!(floor.place(OTHER), [Decision::GiveUp { ticket: OTHER }]);
    assert_eq!(floor.place(request(1)), [Decision::GiveUp { ticket: request(1) }]);
    assert_eq!(floor.offers.presence(BEN), Presence::Ready);
}

#[test]
fn closed_a_call_whose_offer_ends_in_vain_is_given_up_instead_of_going_on_to_the_next() {
    for missed in [false, true] {
        let mut floor = Floor::with_ready(&[ANA, BEN]);
        floor.place(CALL);
        assert_eq!(floor.offers.close(floor.now), []);
        let decisions = match missed {
            true => floor.pass(20),
            false => floor.offers.handle_declined(floor.now, CALL, ANA).unwrap(),
        };
        assert_eq!(offers(&decisions), []);
        assert!(decisions.contains(&Decision::GiveUp { ticket: CALL }), "{decisions:?}");
    }
}

#[test]
fn closed_text_keeps_its_place() {
    let mut floor = Floor::with_ready(&[ANA]);
    floor.offers.close(floor.now);
    let chat = Ticket { interaction: Interaction::Conversation(ConversationId(7)), handover: None };
    assert_eq!(floor.place(chat), []);
    assert_eq!(floor.offers.waiting(Medium::Text).collect::<Vec<_>>(), [chat]);
}

#[test]
fn who_misses_a_call_is_not_ready_and_the_next_one_rings() {
    let mut floor = Floor::with_ready(&[ANA, BEN]);
    floor.place(CALL);
    assert_eq!(floor.pass(19), []);
    let decisions = floor.pass(1);
    assert_eq!(decisions[0], Decision::Withdraw { ticket: CALL, agent: ANA });
    assert_eq!(offers(&decisions), [(CALL, BEN)]);
    assert_eq!(floor.offers.presence(ANA), Presence::NotReady);
    assert_eq!(floor.offers.reason(ANA), Some(MISSED_CALL));
}

#[test]
fn who_declines_stays_ready_and_gets_the_next_call() {
    let mut floor = Floor::with_ready(&[ANA, BEN]);
    floor.place(CALL);
    let decisions = floor.offers.handle_declined(floor.now, CALL, ANA).unwrap();
    assert_eq!(offers(&decisions), [(CALL, BEN)]);
    assert_eq!(offers(&floor.place(OTHER)), [(OTHER, ANA)]);
}

#[test]
fn a_declined_call_comes_back_to_a_lone_agent_after_a_pause() {
    let mut floor = Floor::with_ready(&[ANA]);
    floor.place(CALL);
    let decisions = floor.offers.handle_declined(floor.now, CALL, ANA).unwrap();
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
    floor.offers.handle_online(floor.now, ANA, &[SUPPORT]);
    let decisions = floor.offers.handle_choice(floor.now, ANA, Choice::Ready);
    assert_eq!(offers(&decisions), [(CALL, ANA)]);
    floor.offers.claim(CALL, ANA).unwrap();
    floor.offers.handle_joined(floor.now, CALL, ANA);
    assert_eq!(floor.pass(299), []);
    assert_eq!(floor.pass(1), [Decision::GiveUp { ticket: OTHER }]);
    assert_eq!(floor.offers.presence(ANA), Presence::Active);
}

#[test]
fn an_answer_in_progress_neither_times_out_nor_rings_elsewhere() {
    let mut floor = Floor::with_ready(&[ANA, BEN]);
    floor.place(CALL);
    floor.offers.claim(CALL, ANA).unwrap();
    assert_eq!(floor.offers.claim(CALL, ANA), Err(OfferError::NotOffered));
    assert_eq!(floor.offers.claim(CALL, BEN), Err(OfferError::Taken { by: ANA }));
    assert_eq!(floor.pass(21), []);
    let decisions = floor.offers.handle_claim_failed(floor.now, CALL, ANA);
    assert_eq!(offers(&decisions), [(CALL, BEN)]);
}

#[test]
fn a_call_that_is_handed_over_goes_first_and_not_back() {
    let mut floor = Floor::with_ready(&[ANA]);
    floor.place(CALL);
    floor.offers.claim(CALL, ANA).unwrap();
    floor.offers.handle_joined(floor.now, CALL, ANA);
    floor.place(OTHER);
    let target = Target::Queue(SUPPORT);
    let decisions = floor.place_at(request(1), target, Some(ANA));
    assert_eq!(offers(&decisions), []);
    // Who handed it over is free for the next call, and is not rung with the same again.
    let decisions = floor.offers.handle_left(floor.now, CALL.interaction, ANA);
    assert_eq!(offers(&decisions), [(OTHER, ANA)]);
    floor.offers.handle_online(floor.now, BEN, &[SUPPORT]);
    let decisions = floor.offers.handle_choice(floor.now, BEN, Choice::Ready);
    assert_eq!(offers(&decisions), [(request(1), BEN)], "before what was placed later");
}

#[test]
fn a_consultation_rings_while_the_asking_agent_stays_on_the_call() {
    let mut floor = Floor::with_ready(&[ANA, BEN]);
    floor.place(CALL);
    floor.offers.claim(CALL, ANA).unwrap();
    floor.offers.handle_joined(floor.now, CALL, ANA);
    let target = Target::Agent(BEN);
    let decisions = floor.place_at(request(1), target, Some(ANA));
    assert_eq!(offers(&decisions), [(request(1), BEN)]);
    let decisions = floor.offers.handle_withdrawn(floor.now, request(1));
    assert_eq!(decisions[0], Decision::Withdraw { ticket: request(1), agent: BEN });
    assert_eq!(floor.offers.presence(ANA), Presence::Active);
    assert_eq!(floor.offers.presence(BEN), Presence::Ready);

    floor.place_at(request(2), target, Some(ANA));
    floor.offers.claim(request(2), BEN).unwrap();
    floor.offers.handle_joined(floor.now, request(2), BEN);
    floor.offers.handle_joined(floor.now, CALL, BEN);
    assert_eq!(floor.offers.presence(ANA), Presence::Active);
    assert_eq!(floor.offers.presence(BEN), Presence::Active);
    floor.offers.handle_ended(floor.now, CALL.interaction);
    assert_eq!(floor.offers.presence(ANA), Presence::Ready);
    assert_eq!(floor.offers.presence(BEN), Presence::Ready);
}

#[test]
fn going_offline_passes_the_call_on_and_asks_for_a_new_choice() {
    let mut floor = Floor::with_ready(&[ANA, BEN]);
    floor.place(CALL);
    let decisions = floor.offers.handle_offline(floor.now, ANA);
    assert_eq!(offers(&decisions), [(CALL, BEN)]);
    assert_eq!(floor.offers.presence(ANA), Presence::Offline);
    floor.offers.handle_online(floor.now, ANA, &[SUPPORT]);
    assert_eq!(floor.offers.presence(ANA), Presence::NotReady);
}

#[test]
fn after_a_call_the_agent_is_ready_again_at_the_end_of_the_line() {
    let mut floor = Floor::with_ready(&[ANA, BEN]);
    floor.place(CALL);
    floor.offers.claim(CALL, ANA).unwrap();
    floor.offers.handle_joined(floor.now, CALL, ANA);
    floor.pass(60);
    let decisions = floor.offers.handle_left(floor.now, CALL.interaction, ANA);
    assert_eq!(decisions, [Decision::PresenceChanged { agent: ANA }]);
    floor.pass(1);
    assert_eq!(offers(&floor.place(OTHER)), [(OTHER, BEN)]);
}

#[test]
fn a_call_to_one_agent_rings_there_or_nowhere() {
    let mut floor = Floor::with_ready(&[BEN, ANA]);
    let target = Target::Agent(ANA);
    let decisions = floor.place_at(CALL, target, None);
    assert_eq!(offers(&decisions), [(CALL, ANA)]);
    let decisions = floor.offers.handle_declined(floor.now, CALL, ANA).unwrap();
    assert_eq!(decisions.last(), Some(&Decision::GiveUp { ticket: CALL }));
    assert_eq!(floor.offers.waiting(Medium::Voice).count(), 0);
}

#[test]
fn a_caller_who_hangs_up_stops_the_ringing() {
    let mut floor = Floor::with_ready(&[ANA]);
    floor.place(CALL);
    let decisions = floor.offers.handle_ended(floor.now, CALL.interaction);
    assert_eq!(decisions[0], Decision::Withdraw { ticket: CALL, agent: ANA });
    assert_eq!(floor.offers.presence(ANA), Presence::Ready);
}

#[test]
fn the_lines_are_bounded() {
    let mut floor = Floor::new();
    for id in 0..Medium::Voice.waiting_max() as u64 {
        floor.place(call(id));
    }
    let target = Target::Queue(SUPPORT);
    let one_more = call(u64::MAX);
    let one_more = floor.offers.handle_placed(floor.now, one_more, target, Delivery::Push, None);
    assert_eq!(one_more, Err(OfferError::Full));
}
