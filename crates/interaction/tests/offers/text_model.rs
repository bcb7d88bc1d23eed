//! Any sequence of events on conversations, against the invariants.

use std::collections::{BTreeMap, BTreeSet};

use interaction::offers::{Decision, Delivery, Medium, Ticket};
use interaction::{Target, UserId};
use proptest::prelude::*;

use super::SUPPORT;
use super::text::{Floor, request, ticket};

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
            let it = &mut floor.offers;
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
                Step::Left(c, agent) => it.handle_left(now, ticket(c).interaction, UserId(agent)),
                Step::Withdraw(c) => {
                    waiting.remove(&request(c));
                    it.handle_withdrawn(now, request(c))
                }
                Step::Ended(c) => {
                    waiting.remove(&request(c));
                    waiting.remove(&ticket(c));
                    it.handle_ended(now, ticket(c).interaction)
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
                    Decision::PresenceChanged { .. } | Decision::ListChanged { .. } => {}
                }
            }
            let busy: BTreeSet<UserId> = offered.values().copied().collect();
            prop_assert_eq!(busy.len(), offered.len(), "two offers at a time");
            for (ticket, agent) in &offered {
                let now_offered = floor.offers.offer(*ticket).map(|(to, _)| to);
                prop_assert_eq!(now_offered, Some(*agent));
            }
            for agent in 1..5 {
                let holds = floor.offers.holds(UserId(agent), Medium::Text).count();
                prop_assert!(holds <= 4, "{holds} at a time");
            }
        }
    }
}
