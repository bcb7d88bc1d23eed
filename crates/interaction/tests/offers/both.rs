//! Calls and conversations at the same agents, and claims of both.

use std::collections::BTreeMap;

use interaction::offers::{
    Choice, Decision, Delivery, Interaction, Medium, OfferError, Presence, Ticket,
};
use interaction::{ConversationId, HandoverId, Target, UserId};
use proptest::prelude::*;

use super::text::{Floor, ticket};
use super::{ANA, BEN, CALL, OTHER, SALES, SUPPORT, call};

fn text_offers(decisions: &[Decision]) -> Vec<(u64, UserId)> {
    super::text::offers(decisions)
}

#[test]
fn a_call_takes_the_place_of_a_conversation_that_is_only_offered() {
    let mut floor = Floor::with(&[ANA]);
    floor.place(ticket(1), Delivery::Push);
    let rings = floor.place(CALL, Delivery::Push);
    assert!(rings.contains(&Decision::Withdraw { ticket: ticket(1), agent: ANA }), "{rings:?}");
    assert_eq!(floor.offers.offered_to(ANA, Medium::Voice), Some(CALL));
    floor.claim(CALL, ANA).unwrap();
    assert_eq!(text_offers(&floor.pass(30)), [], "on a call nobody is offered text");
    let left = floor.offers.handle_left(floor.now, CALL.interaction, ANA);
    assert_eq!(text_offers(&left), [(1, ANA)]);
    assert_eq!(floor.offers.presence(ANA), Presence::Ready);
}

#[test]
fn who_misses_a_conversation_is_not_ready_for_calls_either() {
    let mut floor = Floor::with(&[ANA]);
    floor.place(ticket(1), Delivery::Push);
    floor.pass(30);
    assert_eq!(floor.place(CALL, Delivery::Push), []);
    let rings = floor.available(ANA, true);
    assert!(rings.iter().any(|it| matches!(it, Decision::Offer { ticket: CALL, .. })));
}

#[test]
fn a_claim_that_fails_is_offered_again_and_not_lost() {
    let mut floor = Floor::with(&[ANA]);
    for it in [CALL, ticket(1)] {
        floor.place(it, Delivery::Push);
        floor.offers.claim(it, ANA).unwrap();
        assert_eq!(floor.pass(3_600), [], "{it:?} waits for the outcome");
        let decisions = floor.offers.handle_claim_failed(floor.now, it, ANA);
        assert!(decisions.contains(&Decision::GiveUp { ticket: it }), "its time is over");
        floor.place(it, Delivery::Push);
        floor.offers.claim(it, ANA).unwrap();
        floor.offers.handle_claim_failed(floor.now, it, ANA);
        assert_eq!(floor.offers.offer(it).map(|(to, _)| to), Some(ANA));
        floor.claim(it, ANA).unwrap();
        floor.offers.handle_ended(floor.now, it.interaction);
    }
}

#[test]
fn claims_under_way_count_against_the_limit() {
    let mut floor = Floor::with(&[ANA]);
    for n in 1..=5 {
        floor.place(ticket(n), Delivery::Pull);
    }
    for n in 1..=4 {
        floor.offers.claim(ticket(n), ANA).unwrap();
    }
    assert_eq!(floor.offers.claim(ticket(5), ANA), Err(OfferError::LimitReached));
    floor.offers.handle_claim_failed(floor.now, ticket(4), ANA);
    floor.offers.claim(ticket(5), ANA).unwrap();
}

#[test]
fn who_picks_the_last_that_they_may_hold_is_offered_no_more() {
    let mut floor = Floor::with(&[ANA]);
    for n in 1..=4 {
        floor.place(ticket(n), Delivery::Pull);
    }
    for n in 1..=3 {
        floor.claim(ticket(n), ANA).unwrap();
    }
    assert_eq!(text_offers(&floor.place(ticket(5), Delivery::Push)), [(5, ANA)]);
    let decisions = floor.claim(ticket(4), ANA).unwrap();
    assert!(decisions.contains(&Decision::Withdraw { ticket: ticket(5), agent: ANA }));
    assert_eq!(floor.pass(30), [], "and misses nothing");
    assert_eq!(floor.offers.presence(ANA), Presence::Ready);
}

#[test]
fn other_queues_count_for_calls_and_text() {
    let mut floor = Floor::with(&[ANA]);
    let to = Target::Queue(SALES);
    for it in [ticket(1), CALL] {
        let placed = floor.offers.handle_placed(floor.now, it, to, Delivery::Push, None);
        assert_eq!(placed, Ok(Vec::new()));
    }
    let decisions = floor.offers.handle_queues(floor.now, ANA, &[SUPPORT, SALES]);
    assert!(matches!(decisions[0], Decision::Offer { ticket: CALL, agent: ANA, .. }));
}

#[test]
fn two_joined_calls_are_two_until_both_are_left() {
    let mut floor = Floor::with(&[ANA]);
    for it in [CALL, OTHER] {
        floor.offers.handle_joined(floor.now, it, ANA);
    }
    floor.offers.handle_left(floor.now, OTHER.interaction, ANA);
    assert_eq!(floor.offers.presence(ANA), Presence::Active);
    floor.offers.handle_ended(floor.now, CALL.interaction);
    assert_eq!(floor.offers.presence(ANA), Presence::Ready);
}

#[derive(Clone, Debug)]
enum Input {
    Online(u64),
    Offline(u64),
    Choose(u64, bool),
    Place(Ticket, Option<u64>, bool, Option<u64>),
    Claim(Ticket, u64),
    Resolve(usize, bool),
    Decline(Ticket, u64),
    Left(Ticket, u64),
    Withdraw(Ticket),
    Ended(Ticket),
    Pass(u64),
}

fn any_ticket() -> impl Strategy<Value = Ticket> {
    (any::<bool>(), 1..6u64, any::<bool>()).prop_map(|(voice, n, request)| {
        let text = Interaction::Conversation(ConversationId(n));
        let it = if voice { call(n).interaction } else { text };
        if request { it.request(HandoverId(1)) } else { it.ticket() }
    })
}

fn input() -> impl Strategy<Value = Input> {
    let agent = || 1..5u64;
    let named = || prop::option::weighted(0.3, agent());
    prop_oneof![
        2 => agent().prop_map(Input::Online),
        1 => agent().prop_map(Input::Offline),
        4 => (agent(), prop::bool::weighted(0.8)).prop_map(|(a, on)| Input::Choose(a, on)),
        6 => (any_ticket(), named(), any::<bool>(), named())
            .prop_map(|(it, to, pull, from)| Input::Place(it, to, pull, from)),
        8 => (any_ticket(), agent()).prop_map(|(it, a)| Input::Claim(it, a)),
        6 => (any::<usize>(), any::<bool>()).prop_map(|(i, ok)| Input::Resolve(i, ok)),
        3 => (any_ticket(), agent()).prop_map(|(it, a)| Input::Decline(it, a)),
        2 => (any_ticket(), agent()).prop_map(|(it, a)| Input::Left(it, a)),
        1 => any_ticket().prop_map(Input::Withdraw),
        1 => any_ticket().prop_map(Input::Ended),
        4 => (0..200u64).prop_map(Input::Pass),
    ]
}

/// What an onlooker knows, from inputs and decisions alone.
struct Onlooker {
    floor: Floor,
    waiting: Vec<Ticket>,
    joinable: Vec<Ticket>,
    offered: BTreeMap<(UserId, Medium), Ticket>,
    claims: Vec<(Ticket, UserId)>,
    shown: BTreeMap<UserId, (Presence, Option<String>)>,
}

impl Onlooker {
    fn new() -> Self {
        Self {
            floor: Floor::with(&[]),
            waiting: Vec::new(),
            joinable: Vec::new(),
            offered: BTreeMap::new(),
            claims: Vec::new(),
            shown: BTreeMap::new(),
        }
    }

    fn step(&mut self, input: Input) {
        let (now, offers) = (self.floor.now, &mut self.floor.offers);
        let decisions = match input {
            Input::Online(agent) => offers.handle_online(now, UserId(agent), &[SUPPORT]),
            Input::Offline(agent) => offers.handle_offline(now, UserId(agent)),
            Input::Choose(agent, true) => offers.handle_choice(now, UserId(agent), Choice::Ready),
            Input::Choose(agent, false) => {
                offers.handle_choice(now, UserId(agent), Choice::NotReady { reason: None })
            }
            Input::Place(it, to, pull, from) => self.place(it, to, pull, from),
            Input::Claim(it, agent) => {
                if offers.claim(it, UserId(agent)).is_ok() {
                    self.claims.push((it, UserId(agent)));
                }
                Vec::new()
            }
            Input::Resolve(index, joined) => self.resolve(index, joined),
            Input::Decline(it, agent) => {
                offers.handle_declined(now, it, UserId(agent)).unwrap_or_default()
            }
            Input::Left(it, agent) => offers.handle_left(now, it.interaction, UserId(agent)),
            Input::Withdraw(it) => {
                self.waiting.retain(|ticket| *ticket != it);
                self.claims.retain(|(ticket, _)| *ticket != it);
                offers.handle_withdrawn(now, it)
            }
            Input::Ended(it) => {
                self.waiting.retain(|ticket| ticket.interaction != it.interaction);
                self.claims.retain(|(ticket, _)| ticket.interaction != it.interaction);
                offers.handle_ended(now, it.interaction)
            }
            Input::Pass(seconds) => self.floor.pass(seconds),
        };
        self.observe(&decisions);
        self.check();
    }

    fn place(
        &mut self,
        it: Ticket,
        to: Option<u64>,
        pull: bool,
        from: Option<u64>,
    ) -> Vec<Decision> {
        if self.waiting.contains(&it) {
            return Vec::new();
        }
        let pull = pull && it.medium() == Medium::Text;
        let delivery = if pull { Delivery::Pull } else { Delivery::Push };
        let target = to.map_or(Target::Queue(SUPPORT), |to| Target::Agent(UserId(to)));
        self.waiting.push(it);
        self.joinable.retain(|ticket| *ticket != it);
        if pull && it.handover.is_none() {
            self.joinable.push(it);
        }
        let (now, from) = (self.floor.now, from.map(UserId));
        self.floor.offers.handle_placed(now, it, target, delivery, from).unwrap()
    }

    fn resolve(&mut self, index: usize, joined: bool) -> Vec<Decision> {
        if self.claims.is_empty() {
            return Vec::new();
        }
        let (it, agent) = self.claims.remove(index % self.claims.len());
        let (now, offers) = (self.floor.now, &mut self.floor.offers);
        if !joined {
            return offers.handle_claim_failed(now, it, agent);
        }
        if !self.joinable.contains(&it) {
            self.waiting.retain(|ticket| *ticket != it);
            self.claims.retain(|(ticket, _)| *ticket != it);
            if self.offered.get(&(agent, it.medium())) == Some(&it) {
                self.offered.remove(&(agent, it.medium()));
            }
        }
        offers.handle_joined(now, it, agent)
    }

    fn observe(&mut self, decisions: &[Decision]) {
        for decision in decisions {
            match *decision {
                Decision::Offer { ticket, agent, .. } => {
                    assert!(self.waiting.contains(&ticket), "{ticket:?} does not wait");
                    let earlier = self.offered.insert((agent, ticket.medium()), ticket);
                    assert_eq!(earlier, None, "two offers at a time");
                }
                Decision::Withdraw { ticket, agent } => {
                    assert_eq!(self.offered.remove(&(agent, ticket.medium())), Some(ticket));
                }
                Decision::GiveUp { ticket } => {
                    assert!(self.waiting.contains(&ticket), "given up twice");
                    self.waiting.retain(|it| *it != ticket);
                    assert!(self.claims.iter().all(|(it, _)| *it != ticket), "it was claimed");
                }
                Decision::ListChanged { .. } => {}
                Decision::PresenceChanged { agent } => {
                    // Told once a step at least where something changed, and compared below.
                    self.shown.insert(agent, self.shows(agent));
                }
            }
        }
    }

    fn shows(&self, agent: UserId) -> (Presence, Option<String>) {
        let offers = &self.floor.offers;
        (offers.presence(agent), offers.reason(agent).map(str::to_owned))
    }

    fn check(&self) {
        let offers = &self.floor.offers;
        for medium in [Medium::Voice, Medium::Text] {
            let mut waiting: Vec<Ticket> = offers.waiting(medium).collect();
            let mut known = self.waiting.clone();
            known.retain(|it| it.medium() == medium);
            waiting.sort_unstable();
            known.sort_unstable();
            assert_eq!(waiting, known, "forgotten, or kept for too long");
            let most = if medium == Medium::Voice { 1 } else { 4 };
            for agent in (1..5).map(UserId) {
                assert_eq!(
                    offers.offered_to(agent, medium).as_ref(),
                    self.offered.get(&(agent, medium))
                );
                assert!(offers.holds(agent, medium).count() <= most);
            }
        }
        for agent in (1..5).map(UserId) {
            let told = self.shown.get(&agent).cloned().unwrap_or((Presence::Offline, None));
            assert_eq!(told, self.shows(agent), "a change that nobody was told of");
            let rung = self.offered.get(&(agent, Medium::Text));
            if let Some(it) = rung.filter(|it| self.claims.iter().all(|(other, _)| other != *it)) {
                assert_eq!(offers.presence(agent), Presence::Ready, "{it:?} is offered in vain");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn calls_and_conversations_add_up(inputs in prop::collection::vec(input(), 80)) {
        let mut onlooker = Onlooker::new();
        for input in inputs {
            onlooker.step(input);
        }
    }
}

#[test]
fn of_two_who_were_offered_it_the_faster_is_named() {
    let mut floor = Floor::with(&[ANA, BEN]);
    for it in [CALL, ticket(1)] {
        floor.place(it, Delivery::Push);
        floor.offers.claim(it, ANA).unwrap();
        assert_eq!(floor.offers.claim(it, BEN), Err(OfferError::Taken { by: ANA }));
        floor.offers.handle_joined(floor.now, it, ANA);
        assert_eq!(floor.offers.claim(it, BEN), Err(OfferError::Taken { by: ANA }));
        floor.offers.handle_ended(floor.now, it.interaction);
        floor.pass(1);
        floor.available(BEN, false);
    }
}
