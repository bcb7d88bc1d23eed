//! Any sequence of events, on calls against the invariants.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use interaction::offers::{Choice, Decision, LineConfig, Medium, Presence, Ticket};
use interaction::{QueueId, Target, UserId};
use proptest::prelude::*;

use super::{Floor, SALES, SUPPORT, call};

#[derive(Clone, Debug)]
enum Input {
    Online(u64, bool),
    Offline(u64),
    Choose(u64, bool),
    Place(Option<u64>, bool),
    Claim(usize),
    Resolve(usize, bool),
    Decline(usize),
    End(usize),
    Leave(usize),
    Pass(u64),
    ToDeadline,
}

fn input() -> impl Strategy<Value = Input> {
    let agent = 1..6u64;
    prop_oneof![
        3 => (agent.clone(), any::<bool>()).prop_map(|(agent, both)| Input::Online(agent, both)),
        1 => agent.clone().prop_map(Input::Offline),
        5 => (agent.clone(), proptest::bool::weighted(0.8)).prop_map(|(a, ready)| Input::Choose(a, ready)),
        5 => (proptest::option::weighted(0.2, agent), any::<bool>()).prop_map(|(to, q)| Input::Place(to, q)),
        3 => any::<usize>().prop_map(Input::Claim),
        3 => (any::<usize>(), proptest::bool::weighted(0.8)).prop_map(|(i, ok)| Input::Resolve(i, ok)),
        2 => any::<usize>().prop_map(Input::Decline),
        1 => any::<usize>().prop_map(Input::End),
        2 => any::<usize>().prop_map(Input::Leave),
        3 => (0..40u64).prop_map(Input::Pass),
        3 => Just(Input::ToDeadline),
    ]
}

/// What an onlooker knows, from inputs and decisions alone.
struct Model {
    floor: Floor,
    queues: BTreeMap<UserId, Vec<QueueId>>,
    ready_since: BTreeMap<UserId, Instant>,
    /// Calls without an answer, oldest first.
    open: Vec<(Ticket, Target)>,
    placed_at: BTreeMap<Ticket, Instant>,
    claimed: BTreeMap<Ticket, UserId>,
    talking: Vec<(Ticket, UserId)>,
    declined: BTreeMap<(Ticket, UserId), Instant>,
    ringing: BTreeMap<UserId, Ticket>,
    next_call: u64,
}

impl Model {
    fn new() -> Self {
        Self {
            floor: Floor::new(),
            queues: BTreeMap::new(),
            ready_since: BTreeMap::new(),
            open: Vec::new(),
            placed_at: BTreeMap::new(),
            claimed: BTreeMap::new(),
            talking: Vec::new(),
            declined: BTreeMap::new(),
            ringing: BTreeMap::new(),
            next_call: 1,
        }
    }

    fn step(&mut self, input: Input) {
        let now = self.floor.now;
        let offers = &mut self.floor.offers;
        let decisions = match input {
            Input::Online(agent, both) => {
                let queues = if both { vec![SUPPORT, SALES] } else { vec![SUPPORT] };
                self.queues.insert(UserId(agent), queues.clone());
                offers.handle_online(now, UserId(agent), &queues)
            }
            Input::Offline(agent) => offers.handle_offline(now, UserId(agent)),
            Input::Choose(agent, ready) => {
                let choice = if ready { Choice::Ready } else { Choice::NotReady { reason: None } };
                offers.handle_choice(now, UserId(agent), choice)
            }
            Input::Place(to, sales) => {
                let call = call(self.next_call);
                self.next_call += 1;
                let queue = Target::Queue(if sales { SALES } else { SUPPORT });
                let target = to.map_or(queue, |agent| Target::Agent(UserId(agent)));
                self.open.push((call, target));
                self.placed_at.insert(call, now);
                self.floor.place_at(call, target, None)
            }
            Input::Claim(index) => self.claim(index),
            Input::Resolve(index, answered) => self.resolve(index, answered),
            Input::Decline(index) => self.decline(index),
            Input::End(index) => self.end(index),
            Input::Leave(index) => self.leave(index),
            Input::Pass(seconds) => self.floor.pass(seconds),
            Input::ToDeadline => match offers.next_deadline() {
                Some(deadline) => {
                    self.floor.now = deadline.max(now);
                    offers.handle_timeout(self.floor.now)
                }
                None => Vec::new(),
            },
        };
        self.observe(&decisions);
        self.check();
    }

    fn pick<T: Copy>(items: Vec<T>, index: usize) -> Option<T> {
        (!items.is_empty()).then(|| items[index % items.len()])
    }

    fn ringing_pairs(&self) -> Vec<(UserId, Ticket)> {
        self.ringing.iter().map(|(agent, call)| (*agent, *call)).collect()
    }

    fn claim(&mut self, index: usize) -> Vec<Decision> {
        if let Some((agent, call)) = Self::pick(self.ringing_pairs(), index) {
            let result = self.floor.offers.claim(call, agent);
            assert_eq!(result.is_ok(), !self.claimed.contains_key(&call));
            self.claimed.insert(call, agent);
        }
        Vec::new()
    }

    fn resolve(&mut self, index: usize, answered: bool) -> Vec<Decision> {
        let claimed = self.claimed.iter().map(|(call, agent)| (*call, *agent)).collect();
        let Some((call, agent)) = Self::pick(claimed, index) else { return Vec::new() };
        self.claimed.remove(&call);
        let offers = &mut self.floor.offers;
        if !answered {
            return offers.handle_claim_failed(self.floor.now, call, agent);
        }
        self.open.retain(|(open, _)| *open != call);
        self.ringing.remove(&agent);
        self.talking.push((call, agent));
        offers.handle_joined(self.floor.now, call, agent)
    }

    fn decline(&mut self, index: usize) -> Vec<Decision> {
        let Some((agent, call)) = Self::pick(self.ringing_pairs(), index) else {
            return Vec::new();
        };
        let now = self.floor.now;
        match self.floor.offers.handle_declined(now, call, agent) {
            Ok(decisions) => {
                let pause = LineConfig::of(Medium::Voice).decline_pause;
                self.declined.insert((call, agent), now + pause);
                decisions
            }
            Err(_) => {
                assert!(self.claimed.contains_key(&call));
                Vec::new()
            }
        }
    }

    fn end(&mut self, index: usize) -> Vec<Decision> {
        let calls = self.open.iter().map(|(call, _)| *call);
        let calls = calls.chain(self.talking.iter().map(|(call, _)| *call)).collect();
        let Some(call) = Self::pick(calls, index) else { return Vec::new() };
        self.open.retain(|(open, _)| *open != call);
        self.talking.retain(|(talked, _)| *talked != call);
        self.claimed.remove(&call);
        self.floor.offers.handle_ended(self.floor.now, call.interaction)
    }

    fn leave(&mut self, index: usize) -> Vec<Decision> {
        let Some((call, agent)) = Self::pick(self.talking.clone(), index) else {
            return Vec::new();
        };
        self.talking.retain(|pair| *pair != (call, agent));
        self.floor.offers.handle_left(self.floor.now, call.interaction, agent)
    }

    fn observe(&mut self, decisions: &[Decision]) {
        for decision in decisions {
            match *decision {
                Decision::Offer { ticket: call, agent, expires_at } => {
                    assert!(expires_at > self.floor.now);
                    let earlier = self.ringing.insert(agent, call);
                    assert_eq!(earlier, None, "two calls ring at one agent");
                    self.check_longest_idle(call, agent);
                }
                Decision::Withdraw { ticket: call, agent } => {
                    assert_eq!(self.ringing.remove(&agent), Some(call));
                }
                Decision::GiveUp { ticket: call } => {
                    let target = self.open.iter().find(|(open, _)| *open == call).unwrap().1;
                    let waited = self.floor.now - self.placed_at[&call];
                    let in_vain = waited >= LineConfig::of(Medium::Voice).max_wait;
                    assert!(in_vain || matches!(target, Target::Agent(_)), "given up too early");
                    self.open.retain(|(open, _)| *open != call);
                }
                Decision::PresenceChanged { .. } => {}
                Decision::ListChanged { .. } => panic!("calls are in no list"),
            }
        }
        let offers = &self.floor.offers;
        for agent in (1..6).map(UserId) {
            if offers.presence(agent) == Presence::Ready {
                self.ready_since.entry(agent).or_insert(self.floor.now);
            } else {
                self.ready_since.remove(&agent);
            }
        }
    }

    /// Of those who were ready before this step and still are, nobody suitable waited longer.
    fn check_longest_idle(&self, call: Ticket, chosen: UserId) {
        let now = self.floor.now;
        let since = |agent: UserId| self.ready_since.get(&agent).copied().unwrap_or(now);
        for other in self.ready_since.keys().filter(|other| **other != chosen) {
            let still_ready = self.floor.offers.presence(*other) == Presence::Ready;
            if still_ready && self.suits(call, *other) {
                assert!(since(*other) >= since(chosen), "{other:?} was idle longer");
            }
        }
    }

    fn suits(&self, call: Ticket, agent: UserId) -> bool {
        let target = self.open.iter().find(|(open, _)| *open == call).map(|(_, target)| *target);
        let spared = self.declined.get(&(call, agent)).is_some_and(|until| *until > self.floor.now);
        !spared
            && match target {
                Some(Target::Queue(queue)) => {
                    self.queues.get(&agent).is_some_and(|it| it.contains(&queue))
                }
                Some(Target::Agent(only)) => only == agent,
                None => false,
            }
    }

    fn check(&self) {
        let offers = &self.floor.offers;
        let waiting: Vec<Ticket> = offers.waiting(Medium::Voice).collect();
        let open: Vec<Ticket> = self.open.iter().map(|(call, _)| *call).collect();
        assert_eq!(waiting, open, "a call was lost or kept too long, or the order changed");
        let mut rung = BTreeSet::new();
        for call in open {
            match offers.offer(call) {
                Some((agent, expires_at)) => {
                    assert!(rung.insert(agent));
                    assert_eq!(self.ringing.get(&agent), Some(&call));
                    assert_eq!(offers.offered_to(agent, Medium::Voice), Some(call));
                    let claimed = self.claimed.contains_key(&call);
                    assert!(claimed || expires_at > self.floor.now, "rings for too long");
                    assert!(claimed || offers.presence(agent) == Presence::Ringing);
                }
                None => {
                    let idle = (1..6).map(UserId).find(|agent| {
                        offers.presence(*agent) == Presence::Ready && self.suits(call, *agent)
                    });
                    assert_eq!(idle, None, "a call waits although somebody is ready");
                }
            }
        }
        assert_eq!(rung.len(), self.ringing.len());
        for (_, agent) in &self.talking {
            assert_eq!(offers.presence(*agent), Presence::Active);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nobody_is_rung_twice_and_no_call_is_lost(inputs in prop::collection::vec(input(), 1..200)) {
        let mut model = Model::new();
        for input in inputs {
            model.step(input);
        }
    }
}
