//! To whom conversations are offered: stories, and a model on random sequences.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use interaction::Target;
use interaction::text_dispatch::{
    AgentState, Decision, Delivery, TextDispatchConfig, TextDispatchError, TextDispatcher, Ticket,
};
use interaction::{ConversationId, HandoverId, QueueId, UserId};
use proptest::prelude::*;

const ANA: UserId = UserId(1);
const BEN: UserId = UserId(2);
const SUPPORT: QueueId = QueueId(1);

struct Floor {
    dispatcher: TextDispatcher,
    now: Instant,
}

#[allow(clippy::disallowed_methods, reason = "an origin for made-up times")]
fn origin() -> Instant {
    Instant::now()
}

fn ticket(conversation: u64) -> Ticket {
    Ticket { conversation: ConversationId(conversation), handover: None }
}

fn request(conversation: u64) -> Ticket {
    Ticket { handover: Some(HandoverId(1)), ..ticket(conversation) }
}

impl Floor {
    fn with(agents: &[UserId]) -> Self {
        let dispatcher = TextDispatcher::new(TextDispatchConfig::default());
        let mut floor = Self { dispatcher, now: origin() };
        for agent in agents {
            floor.available(*agent, true);
            floor.now += Duration::from_secs(1);
        }
        floor
    }

    fn available(&mut self, agent: UserId, available: bool) -> Vec<Decision> {
        let state = AgentState { queues: vec![SUPPORT], available };
        self.dispatcher.handle_agent(self.now, agent, state)
    }

    fn place(&mut self, ticket: Ticket, delivery: Delivery) -> Vec<Decision> {
        let target = Target::Queue(SUPPORT);
        self.dispatcher.handle_placed(self.now, ticket, target, delivery, None).unwrap()
    }

    fn claim(&mut self, ticket: Ticket, agent: UserId) -> Result<Vec<Decision>, TextDispatchError> {
        self.dispatcher.claim(self.now, ticket, agent)
    }

    fn pass(&mut self, seconds: u64) -> Vec<Decision> {
        self.now += Duration::from_secs(seconds);
        self.dispatcher.handle_timeout(self.now)
    }
}

fn offers(decisions: &[Decision]) -> Vec<(u64, UserId)> {
    let offer = |it: &Decision| match it {
        Decision::Offer { ticket, agent, .. } => Some((ticket.conversation.0, *agent)),
        _ => None,
    };
    decisions.iter().filter_map(offer).collect()
}

#[test]
fn it_goes_to_the_one_with_the_fewest_and_no_further_than_the_limit() {
    let mut floor = Floor::with(&[ANA, BEN]);
    for (n, agent) in [(1, ANA), (2, BEN), (3, ANA), (4, BEN)] {
        assert_eq!(offers(&floor.place(ticket(n), Delivery::Push)), [(n, agent)]);
        floor.claim(ticket(n), agent).unwrap();
        floor.now += Duration::from_secs(1);
    }
    floor.available(BEN, false);
    for n in [5, 6] {
        assert_eq!(offers(&floor.place(ticket(n), Delivery::Push)), [(n, ANA)]);
        floor.claim(ticket(n), ANA).unwrap();
    }
    assert_eq!(offers(&floor.place(ticket(7), Delivery::Push)), [], "four are enough");
    let decisions = floor.dispatcher.handle_left(floor.now, ConversationId(1), ANA);
    assert_eq!(offers(&decisions), [(7, ANA)]);
}

#[test]
fn of_two_who_accept_one_wins_and_the_other_is_told() {
    let mut floor = Floor::with(&[ANA, BEN]);
    floor.place(ticket(1), Delivery::Push);
    let decisions = floor.pass(30);
    assert!(decisions.contains(&Decision::Withdraw { ticket: ticket(1), agent: ANA }));
    assert!(decisions.contains(&Decision::Missed { agent: ANA }));
    assert_eq!(offers(&decisions), [(1, BEN)]);
    assert_eq!(floor.claim(ticket(1), ANA), Err(TextDispatchError::NotOffered));
    floor.claim(ticket(1), BEN).unwrap();
    assert_eq!(floor.claim(ticket(1), ANA), Err(TextDispatchError::Taken { by: BEN }));
}

#[test]
fn a_declined_one_goes_on_and_comes_back_to_a_lone_agent() {
    let mut floor = Floor::with(&[ANA]);
    floor.place(ticket(1), Delivery::Push);
    let declined = floor.dispatcher.handle_declined(floor.now, ticket(1), ANA).unwrap();
    assert_eq!(declined, [Decision::Withdraw { ticket: ticket(1), agent: ANA }]);
    assert_eq!(offers(&floor.pass(59)), []);
    assert_eq!(offers(&floor.pass(1)), [(1, ANA)]);
}

#[test]
fn nobody_is_found_in_the_end() {
    let mut floor = Floor::with(&[]);
    floor.place(ticket(1), Delivery::Push);
    assert_eq!(floor.pass(599), []);
    assert_eq!(floor.pass(1), [Decision::GiveUp { ticket: ticket(1) }]);
    assert_eq!(floor.dispatcher.next_deadline(), None);
}

#[test]
fn a_request_goes_first_and_never_back_to_its_sender() {
    let mut floor = Floor::with(&[]);
    floor.place(ticket(1), Delivery::Push);
    let target = Target::Queue(SUPPORT);
    let placed =
        floor.dispatcher.handle_placed(floor.now, request(2), target, Delivery::Push, Some(ANA));
    placed.unwrap();
    assert_eq!(offers(&floor.available(ANA, true)), [(1, ANA)]);
    assert_eq!(offers(&floor.available(BEN, true)), [(2, BEN)]);
    floor.available(BEN, false);
    assert_eq!(
        floor.pass(120),
        [
            Decision::GiveUp { ticket: request(2) },
            Decision::Withdraw { ticket: ticket(1), agent: ANA },
            Decision::Missed { agent: ANA },
        ]
    );
}

#[test]
fn a_request_to_one_agent_ends_with_their_no() {
    let mut floor = Floor::with(&[ANA, BEN]);
    let target = Target::Agent(BEN);
    let now = floor.now;
    let placed = floor.dispatcher.handle_placed(now, request(1), target, Delivery::Push, Some(ANA));
    assert_eq!(offers(&placed.unwrap()), [(1, BEN)]);
    let declined = floor.dispatcher.handle_declined(now, request(1), BEN).unwrap();
    assert_eq!(declined[1], Decision::GiveUp { ticket: request(1) });
}

#[test]
fn from_a_pull_queue_several_pick_the_same() {
    let mut floor = Floor::with(&[ANA, BEN]);
    let placed = floor.place(ticket(1), Delivery::Pull);
    let relisted = [Decision::ListChanged { queue: SUPPORT }];
    assert_eq!(placed, relisted);
    assert_eq!(floor.dispatcher.pullable(ANA), [ticket(1)]);
    floor.claim(ticket(1), ANA).unwrap();
    assert_eq!(floor.dispatcher.pullable(ANA), []);
    let now = floor.now;
    assert_eq!(floor.dispatcher.handle_joined(now, ConversationId(1), ANA), relisted);
    floor.claim(ticket(1), BEN).unwrap();
    assert_eq!(floor.pass(3_600), [], "somebody is in it");
    let left = floor.dispatcher.handle_left(floor.now, ConversationId(1), ANA);
    assert_eq!(left, relisted, "Ben alone is in it now");
    assert_eq!(floor.dispatcher.pullable(ANA), [ticket(1)], "and Ana may come back");
    let stranger = UserId(9);
    assert_eq!(floor.claim(ticket(1), stranger), Err(TextDispatchError::NotOffered));
    floor.dispatcher.handle_ended(floor.now, ConversationId(1));
    assert_eq!(floor.dispatcher.holds(ANA), []);
}

#[test]
fn after_a_restart_more_may_join_whoever_is_in_it() {
    let mut floor = Floor::with(&[BEN]);
    floor.place(ticket(1), Delivery::Pull);
    floor.dispatcher.handle_joined(floor.now, ConversationId(1), ANA);
    assert_eq!(floor.pass(3_600), [], "it waits for nobody");
    floor.claim(ticket(1), BEN).unwrap();
}

#[test]
fn picking_has_the_same_limit() {
    let mut floor = Floor::with(&[ANA]);
    for n in 1..=5 {
        floor.place(ticket(n), Delivery::Pull);
    }
    for n in 1..=4 {
        floor.claim(ticket(n), ANA).unwrap();
    }
    assert_eq!(floor.claim(ticket(5), ANA), Err(TextDispatchError::LimitReached));
}

#[derive(Clone, Debug)]
enum Step {
    Available(u64, bool),
    Place(u64, bool, Option<u64>, bool),
    Claim(u64, bool, u64),
    Decline(u64, bool, u64),
    Left(u64, u64),
    Withdraw(u64),
    Ended(u64),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let (agent, conversation) = (|| 1..5u64, || 1..9u64);
    prop_oneof![
        4 => (agent(), any::<bool>()).prop_map(|(a, on)| Step::Available(a, on)),
        5 => (conversation(), any::<bool>(), prop::option::of(agent()), any::<bool>())
            .prop_map(|(c, handover, to, pull)| Step::Place(c, handover, to, pull)),
        6 => (conversation(), any::<bool>(), agent()).prop_map(|(c, h, a)| Step::Claim(c, h, a)),
        2 => (conversation(), any::<bool>(), agent()).prop_map(|(c, h, a)| Step::Decline(c, h, a)),
        2 => (conversation(), agent()).prop_map(|(c, a)| Step::Left(c, a)),
        1 => conversation().prop_map(Step::Withdraw),
        1 => conversation().prop_map(Step::Ended),
        4 => (0..200u64).prop_map(Step::Pass),
    ]
}

fn named(conversation: u64, handover: bool) -> Ticket {
    if handover { request(conversation) } else { ticket(conversation) }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000, failure_persistence: None, ..ProptestConfig::default()
    })]

    /// What the decisions say adds up: every offer is withdrawn, claimed or given up, nobody has
    /// two offers or more conversations than allowed, and nothing that waits is forgotten.
    #[test]
    fn nothing_is_lost_and_nobody_overloaded(steps in prop::collection::vec(step(), 60)) {
        let mut floor = Floor::with(&[]);
        let mut offered: BTreeMap<Ticket, UserId> = BTreeMap::new();
        // What waits, and whether it is picked.
        let mut waiting: BTreeMap<Ticket, bool> = BTreeMap::new();
        for step in steps {
            let mut claimed = None;
            let now = floor.now;
            let it = &mut floor.dispatcher;
            let decisions = match step {
                Step::Available(agent, on) => floor.available(UserId(agent), on),
                Step::Place(c, h, ..) if waiting.contains_key(&named(c, h)) => Vec::new(),
                Step::Place(c, h, to, pull) => {
                    let delivery = if pull { Delivery::Pull } else { Delivery::Push };
                    let target = to.map_or(Target::Queue(SUPPORT), |to| Target::Agent(UserId(to)));
                    waiting.insert(named(c, h), pull);
                    it.handle_placed(now, named(c, h), target, delivery, None).unwrap()
                }
                Step::Claim(c, h, agent) => match floor.claim(named(c, h), UserId(agent)) {
                    Ok(decisions) => {
                        claimed = Some((named(c, h), UserId(agent)));
                        decisions
                    }
                    Err(_) => Vec::new(),
                },
                Step::Decline(c, h, agent) => {
                    it.handle_declined(now, named(c, h), UserId(agent)).unwrap_or_default()
                }
                Step::Left(c, agent) => it.handle_left(now, ConversationId(c), UserId(agent)),
                Step::Withdraw(c) => {
                    waiting.remove(&request(c));
                    it.handle_withdrawn(now, request(c))
                }
                Step::Ended(c) => {
                    waiting.remove(&request(c));
                    waiting.remove(&ticket(c));
                    it.handle_ended(now, ConversationId(c))
                }
                Step::Pass(seconds) => floor.pass(seconds),
            };
            if let Some((ticket, agent)) = claimed {
                if let Some(to) = offered.remove(&ticket) {
                    prop_assert_eq!(to, agent, "somebody else's offer was taken");
                }
                // A picked conversation stays for others to join.
                if ticket.handover.is_some() || !waiting[&ticket] {
                    waiting.remove(&ticket);
                }
            }
            for decision in decisions {
                match decision {
                    Decision::Offer { ticket, agent, .. } => {
                        prop_assert!(waiting.contains_key(&ticket), "{ticket:?} does not wait");
                        prop_assert!(offered.insert(ticket, agent).is_none(), "offered twice");
                    }
                    Decision::Withdraw { ticket, agent } => {
                        prop_assert_eq!(offered.remove(&ticket), Some(agent));
                    }
                    Decision::GiveUp { ticket } => {
                        prop_assert!(waiting.remove(&ticket).is_some(), "given up twice");
                        prop_assert!(!offered.contains_key(&ticket));
                    }
                    Decision::Missed { .. } | Decision::ListChanged { .. } => {}
                }
            }
            let busy: BTreeSet<UserId> = offered.values().copied().collect();
            prop_assert_eq!(busy.len(), offered.len(), "two offers at a time");
            for (ticket, agent) in &offered {
                let now_offered = floor.dispatcher.offer(*ticket).map(|(to, _)| to);
                prop_assert_eq!(now_offered, Some(*agent));
            }
            for agent in 1..5 {
                let holds = floor.dispatcher.holds(UserId(agent)).len();
                prop_assert!(holds <= 4, "{holds} at a time");
            }
        }
    }
}
